"""Rules of sharing: what they say by definition, against every order written out, and what they refuse."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.methods.decomposition import first_values, last_values, ordered_values, owen_values, shapley_values

Array = NDArray[np.float64]
BLOCKS = ((0, 3), (1,), (2, 4))


def by_orders(worth: Array, orders: list[tuple[int, ...]]) -> Array:
    """Mean contribution of each player over orders of entry, one after another."""
    shares = np.zeros(len(worth).bit_length() - 1)
    for order in orders:
        inside = 0
        for player in order:
            shares[player] += worth[inside | 1 << player] - worth[inside]
            inside |= 1 << player
    return shares / len(orders)


def games(players: int) -> st.SearchStrategy[Array]:
    values = st.floats(-1e3, 1e3, allow_nan=False)
    return st.lists(values, min_size=1 << players, max_size=1 << players).map(np.array)


def contiguous(order: tuple[int, ...]) -> bool:
    """Whether the players of every block stand next to each other."""
    places = [[order.index(player) for player in block] for block in BLOCKS]
    return all(max(place) - min(place) == len(place) - 1 for place in places)


def in_sequence(order: tuple[int, ...]) -> bool:
    """Whether the blocks stand in their own order."""
    return contiguous(order) and [order.index(block[0]) for block in BLOCKS] == sorted(
        order.index(block[0]) for block in BLOCKS
    )


@given(games(5))
def test_rules_are_means_over_orders_of_entry(worth: Array) -> None:
    everything = list(permutations(range(5)))
    np.testing.assert_allclose(shapley_values(worth), by_orders(worth, everything), atol=1e-9)
    np.testing.assert_allclose(
        owen_values(worth, BLOCKS), by_orders(worth, list(filter(contiguous, everything))), atol=1e-9
    )
    np.testing.assert_allclose(
        ordered_values(worth, BLOCKS), by_orders(worth, list(filter(in_sequence, everything))), atol=1e-9
    )


@given(games(4))
def test_shares_add_up_to_what_all_reach(worth: Array) -> None:
    reached = worth[-1] - worth[0]
    for shares in (
        shapley_values(worth),
        owen_values(worth, ((0, 1), (2, 3))),
        ordered_values(worth, ((3, 1), (0,), (2,))),
    ):
        assert shares.sum() == pytest.approx(reached, abs=1e-9)


def test_glove_game_by_hand() -> None:
    # One left glove (player 0), two right ones: a pair is worth 1. Shapley 2/3, 1/6, 1/6 (Shapley 1953).
    worth = np.array([0, 0, 0, 1, 0, 1, 0, 1], dtype=float)
    np.testing.assert_allclose(shapley_values(worth), [2 / 3, 1 / 6, 1 / 6])
    # The two right ones as one block: a half each side.
    np.testing.assert_allclose(owen_values(worth, ((0,), (1, 2))), [1 / 2, 1 / 4, 1 / 4])
    # The left one first: it earns nothing, whoever joins it earns the pair.
    np.testing.assert_allclose(ordered_values(worth, ((0,), (1, 2))), [0, 1 / 2, 1 / 2])
    np.testing.assert_allclose(first_values(worth), [0, 0, 0])
    np.testing.assert_allclose(last_values(worth), [1, 0, 0])


def test_a_block_gets_what_it_would_as_one_player() -> None:
    worth = np.random.default_rng(3).normal(size=16)
    joined = worth[[0, 3, 12, 15]]  # players 0 and 1 as one, 2 and 3 as one
    shares = owen_values(worth, ((0, 1), (2, 3)))
    np.testing.assert_allclose([shares[:2].sum(), shares[2:].sum()], shapley_values(joined))


def test_draws_are_shared_out_each_for_itself() -> None:
    worth = np.random.default_rng(4).normal(size=(8, 6))
    np.testing.assert_allclose(shapley_values(worth)[:, 2], shapley_values(worth[:, 2]))


@pytest.mark.parametrize("sets", [1, 3, 12])
def test_games_that_miss_sets_are_refused(sets: int) -> None:
    with pytest.raises(SpecificationError, match=rf"{sets} sets of players; allowed: 2\*\*m"):
        shapley_values(np.zeros(sets))


@pytest.mark.parametrize("blocks", [((0, 1),), ((0, 1), (1, 2)), ((0, 1), (2, 3))])
def test_blocks_that_forget_or_repeat_a_player_are_refused(blocks: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(SpecificationError, match="each number from 0 to 2 once"):
        owen_values(np.zeros(8), blocks)
    with pytest.raises(SpecificationError, match="each number from 0 to 2 once"):
        ordered_values(np.zeros(8), blocks)
