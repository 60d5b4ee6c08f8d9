"""Games in which groups of variables enter a model one after another, and rules that share out what they reach.

A game is an array: its entry ``s`` is the worth of the set of players whose bits are set in ``s``, so player ``j`` is
in ``s`` where ``s & (1 << j)``. Entry 0 is the empty set. Further axes (draws of a bootstrap) are carried along: many
games cost as many additions as one. All rules share out worth(all) - worth(none) without a remainder.
"""

from collections.abc import Sequence
from itertools import combinations
from math import factorial

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_array

MOST_PLAYERS = 16
"""Players up to which all sets are worth listing: 65,536 regressions."""


def shapley_values(worth: Array) -> Array:
    """Each player's contribution when it enters, averaged over all orders of entry (Shapley 1953).

    Parameters
    ----------
    worth : array, 2**m x ...
        Worth of every set of players.

    Returns
    -------
    array, m x ...
        Shares; their sum over players is the worth of all less that of none.

    Raises
    ------
    SpecificationError
        If the first axis is no power of two, there are more than ``MOST_PLAYERS`` players, or a worth is missing.

    Examples
    --------
    Two players: alone they are worth 1 and 2, together 5. Sets in the order none, first, second, both.

    >>> import numpy as np
    >>> from shanhai.methods.decomposition import shapley_values
    >>> shapley_values(np.array([[0.0], [1.0], [2.0], [5.0]])).ravel()
    array([2., 3.])
    """
    worth, players = _game(worth)
    return _within(worth, tuple(range(players)), 0)


def ordered_values(worth: Array, blocks: Sequence[Sequence[int]]) -> Array:
    """Shapley values over the orders in which all players of a block come before those of the next.

    The asymmetric Shapley value of Frye, Rowat & Feige (2020): where a later block may be a consequence of an earlier
    one, it cannot take away from it what the two have in common.

    Parameters
    ----------
    worth : array, 2**m x ...
    blocks : sequences of player numbers
        First block first; together every player once.

    Returns
    -------
    array, m x ...

    Raises
    ------
    SpecificationError
        As :func:`shapley_values`, or if the blocks do not hold every player once.

    Examples
    --------
    Two players: alone they are worth 1 and 2, together 5; the first comes first.

    >>> import numpy as np
    >>> from shanhai.methods.decomposition import ordered_values
    >>> ordered_values(np.array([[0.0], [1.0], [2.0], [5.0]]), [(0,), (1,)]).ravel()
    array([1., 4.])
    """
    worth, players = _game(worth)
    _require_blocks(blocks, players)
    shares = np.zeros((players, *worth.shape[1:]))
    before = 0
    for block in blocks:
        shares[list(block)] = _within(worth, tuple(block), before)
        before |= _bits(block)
    return shares


def owen_values(worth: Array, blocks: Sequence[Sequence[int]]) -> Array:
    """Shapley values over the orders in which the players of a block enter without others in between (Owen 1977).

    A block then receives what it would as a single player, however finely it is divided.

    Parameters
    ----------
    worth : array, 2**m x ...
    blocks : sequences of player numbers
        In any order; together every player once.

    Returns
    -------
    array, m x ...

    Raises
    ------
    SpecificationError
        As :func:`shapley_values`, or if the blocks do not hold every player once.

    Examples
    --------
    Two players in a block are each worth their Shapley value.

    >>> import numpy as np
    >>> from shanhai.methods.decomposition import owen_values
    >>> owen_values(np.array([[0.0], [1.0], [2.0], [5.0]]), [(0, 1)]).ravel()
    array([2., 3.])
    """
    worth, players = _game(worth)
    _require_blocks(blocks, players)
    shares = np.zeros((players, *worth.shape[1:]))
    for place, block in enumerate(blocks):
        others = [_bits(other) for number, other in enumerate(blocks) if number != place]
        for size in range(len(others) + 1):
            weight = _weight(size, len(blocks))
            for entered in combinations(others, size):
                shares[list(block)] += weight * _within(worth, tuple(block), sum(entered))
    return shares


def first_values(worth: Array) -> Array:
    """Each player's contribution when it enters first (its worth alone); these need not add up.

    Parameters
    ----------
    worth : array, 2**m x ...
        Worth of every set of players.

    Returns
    -------
    array, m x ...

    Raises
    ------
    SpecificationError
        As :func:`shapley_values`.

    References
    ----------
    Grömping 2006 (Journal of Statistical Software 17), the metric ``first``.

    Examples
    --------
    Two players: alone they are worth 1 and 2, together 5.

    >>> import numpy as np
    >>> from shanhai.methods.decomposition import first_values
    >>> first_values(np.array([[0.0], [1.0], [2.0], [5.0]])).ravel()
    array([1., 2.])
    """
    worth, players = _game(worth)
    return np.stack([worth[1 << player] - worth[0] for player in range(players)])


def last_values(worth: Array) -> Array:
    """Each player's contribution when it enters last, all others being in; these need not add up.

    Parameters
    ----------
    worth : array, 2**m x ...
        Worth of every set of players.

    Returns
    -------
    array, m x ...

    Raises
    ------
    SpecificationError
        As :func:`shapley_values`.

    References
    ----------
    Grömping 2006 (Journal of Statistical Software 17), the metric ``last``.

    Examples
    --------
    Two players: alone they are worth 1 and 2, together 5.

    >>> import numpy as np
    >>> from shanhai.methods.decomposition import last_values
    >>> last_values(np.array([[0.0], [1.0], [2.0], [5.0]])).ravel()
    array([3., 4.])
    """
    worth, players = _game(worth)
    everyone = len(worth) - 1
    return np.stack([worth[everyone] - worth[everyone ^ (1 << player)] for player in range(players)])


def _count_players(worth: Array) -> int:
    """Number of players of a game.

    Raises
    ------
    SpecificationError
        If the first axis is no power of two from 2 on, or too long.
    """
    sets = len(worth)
    players = max(sets.bit_length() - 1, 0)
    if sets != 1 << players or not 1 <= players <= MOST_PLAYERS:
        raise SpecificationError(
            f"{sets} sets of players; allowed: 2**m of them, for 1 to {MOST_PLAYERS} players. List every set once, the "
            "empty one first, or join groups of variables."
        )
    return players


def _game(worth: Array) -> tuple[Array, int]:
    """Worths as finite floats, and the number of players."""
    numbers = as_array(worth, "the worth of the sets")
    return numbers, _count_players(numbers)


def _within(worth: Array, players: Sequence[int], before: int) -> Array:
    """Shapley values of some players in the game that begins when the set ``before`` has entered."""
    shares = np.zeros((len(players), *worth.shape[1:]))
    for place, player in enumerate(players):
        others = [1 << other for other in players if other != player]
        for size in range(len(others) + 1):
            weight = _weight(size, len(players))
            for entered in combinations(others, size):
                start = before | sum(entered)
                shares[place] += weight * (worth[start | 1 << player] - worth[start])
    return shares


def _weight(entered: int, players: int) -> float:
    """Share of all orders in which exactly these ``entered`` players come before one of the others."""
    return factorial(entered) * factorial(players - entered - 1) / factorial(players)


def _bits(players: Sequence[int]) -> int:
    """The set of some players."""
    return sum(1 << player for player in players)


def _require_blocks(blocks: Sequence[Sequence[int]], players: int) -> None:
    """Refuse blocks that forget or repeat a player."""
    listed = isinstance(blocks, Sequence) and all(isinstance(block, Sequence) for block in blocks)
    named = {player for block in blocks for player in block} if listed else set()
    if named != set(range(players)) or sum(map(len, blocks)) != players:
        raise SpecificationError(
            f"blocks {blocks!r} of {players} players; allowed: each number from 0 to "
            f"{players - 1} once. Put every player into one block."
        )
