"""Which row of a block holds which unit's figure: the likelihood of rows that are shifted, rotated or exchanged.

Works on a matrix of costs of one block (a province or a prefecture in one year, its units in the order of their codes,
which is the order of the yearbooks): entry (i, j) is minus the log density of the figure in row j as that of unit i.
:mod:`shanhai.data.corrections._displacement` makes the matrices and reads the results.

Three hypotheses about a block are compared:

- every figure is its row's own;
- a run of consecutive rows holds the next or the previous unit's figures (`_shifted_runs`), as happens when a line
  of the source is skipped or read twice;
- some rows hold each other's figures in any order (:func:`_permuted_rows`): exchanges, rotations, scrambled blocks.

**The law of errors.** The log of a figure over what is expected of its unit is a mixture of two Laplace laws: close to
zero where the two measure the same thing (`SCALE`), wide where they do not for honest reasons (`_WIDE`: another
population base, a zone, a redrawn unit). Several expectations of one unit (a census, a register, its own other years)
enter as equal shares of the mixture, so that a unit with many references is not easier to hit by chance.

**The margin.** A reassignment is accepted if its posterior odds against the identity are at least `_ODDS`. The prior
says that one block in a hundred is disturbed at all (`_PRIOR`), and shares that hundredth among all reassignments of
the same form: n times n runs for each direction; n(n-1)...(n-k+1)/k cycles of k among n rows for one half, and for the
other the exchanges and rotations of rows that stand together, of which there are few. Two units of a large block that
happen to fit each other's figures within five percent are thus not enough; two that fit within one or two are.
"""

import itertools
from dataclasses import dataclass

import numpy as np

SCALE = 0.02
"""Scale (in logs) of the close law: a mean of two year ends against a census, and the rounding of GDP per head."""

_WIDE = 0.7
"""Scale (in logs) of the wide law: a factor of two."""

_HONEST_MISFIT = 0.1
"""Share of undisturbed figures that follow the wide law: about as many as the flags of county GDP count."""

_PRIOR = 0.01
"""Share of blocks in which rows are displaced."""

_ODDS = 20.0
"""Least posterior odds of a reassignment against the identity, and of one reading against another."""

_NOBODY = 8.0
"""Cost of a figure that is no unit's of the block, in nats: more than any honest misfit below a factor of forty, so
that a figure is lost only on a path that explains other rows."""

_SAME = 0.06
"""Two figures closer than this (in logs) are interchangeable: a wrong choice stays within twice the close scale."""

_ANYWHERE = 0.25
"""Density (by log) of a figure of which nothing is known: units of one block differ by a factor of fifty at most."""


@dataclass(frozen=True)
class Reading:
    """Which row of a block holds which unit's figure."""

    source: np.ndarray
    """Row of each unit's figure, a permutation."""
    doubtful: np.ndarray
    """Units whose figure is not told for sure."""
    odds: float
    """Posterior log odds against the identity, summed over the reassignments; 0 for the identity."""


def _misfit_cost(distance: np.ndarray, scale: float | np.ndarray = SCALE) -> np.ndarray:
    """Minus the log density of a distance in logs under the law of errors (see the module)."""
    away = np.abs(distance)
    close = (1 - _HONEST_MISFIT) / (2 * scale) * np.exp(-away / scale)
    return -np.log(close + _HONEST_MISFIT / (2 * _WIDE) * np.exp(-away / _WIDE))


FITS_NOT = float(-np.log(_HONEST_MISFIT / _WIDE))
"""Cost of a figure that is as likely under the wide law as under the close one: about 18 percent off."""


UNKNOWN = float(_misfit_cost(np.array(SCALE)))
"""Cost where there is nothing to compare: that of an ordinary agreement, so that ignorance moves no row."""


def disturbed(cost: np.ndarray) -> np.ndarray:
    """Whether a figure fits its own unit so badly that another reading could gain three nats; False if unknown.

    No reassignment passes the margin without at least two such figures.
    """
    return np.nan_to_num(cost, nan=-np.inf) > UNKNOWN + 3


def reference_cost(signal: np.ndarray, expected: np.ndarray, scale: float | np.ndarray = SCALE) -> np.ndarray:
    """Cost of figures against the references of units, in nats.

    Parameters
    ----------
    signal, expected : logs, NaN unknown, whose shapes broadcast; the last axis of `expected` holds the references, that
        of `signal` (and of `scale`, if it is no number) has length one.

    Returns
    -------
    array without the last axis. NaN where the figure or every reference is unknown.
    """
    distance = signal - expected
    known = ~np.isnan(distance)
    density = np.where(known, np.exp(-_misfit_cost(np.where(known, distance, 0.0), scale)), 0.0)
    count = known.sum(axis=-1)
    with np.errstate(divide="ignore"):
        return np.where(count > 0, -np.log(density.sum(axis=-1) / np.maximum(count, 1)), np.nan)


def _shifted_runs(cost: np.ndarray) -> list[tuple[int, int, int, float]]:
    """Runs of consecutive rows whose figures are best read as those of the next or of the previous unit.

    Parameters
    ----------
    cost : (n, n) cost of the figure of row j for unit i, NaN unknown; units in order.

    Returns
    -------
    list of (first, last, offset, log odds) : rows of a run, both included; 1 if the figures are the next unit's, -1 if
    the previous one's; posterior log odds of the run against the identity, those below the margin left out.

    Notes
    -----
    The most likely path of three states (own, next, previous) along the rows, each run paid for with its prior
    (Viterbi 1967). A row without figure, or whose unit at the offset is not in the block, speaks for no state.
    """
    n = len(cost)
    price = np.log(2 * n**2 / _PRIOR)
    gain = np.zeros((n, 3))
    gain[:-1, 1] = np.diagonal(cost)[:-1] - np.diagonal(cost, -1)
    gain[1:, 2] = np.diagonal(cost)[1:] - np.diagonal(cost, 1)
    gain = np.nan_to_num(gain)
    if np.maximum(gain, 0.0).sum(axis=0).max() < price + np.log(_ODDS):
        return []
    enter = np.where(np.eye(3, dtype=bool), 0.0, np.array([0.0, price, price])[np.newaxis, :])
    best, origin = np.zeros(3) - enter[0], np.zeros((n, 3), dtype=int)
    best += gain[0]
    for row in range(1, n):
        paths = best[:, np.newaxis] - enter
        origin[row] = paths.argmax(axis=0)
        best = paths.max(axis=0) + gain[row]
    state = np.empty(n, dtype=int)
    state[-1] = best.argmax()
    for row in range(n - 1, 0, -1):
        state[row - 1] = origin[row, state[row]]
    edges = np.flatnonzero(np.diff(state, prepend=0, append=0))
    runs = []
    for first, behind in itertools.pairwise(edges):
        if state[first]:
            odds = float(gain[first:behind, state[first]].sum() - price)
            runs.append((int(first), int(behind) - 1, 1 if state[first] == 1 else -1, odds))
    return [run for run in runs if run[3] >= np.log(_ODDS)]


def _own(cost: np.ndarray) -> np.ndarray:
    return np.diagonal(cost)


def _settle_run(cost: np.ndarray, offset: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Source row of each unit when the rows of a run are read at their offset, a permutation; and the doubtful units.

    A row of the run that fits its own unit and not the other stays. The unit behind the run's end keeps a figure that
    fits it. Figures left over go to the units left empty, in order: the wrap of a rotation. It is doubtful unless the
    figure is `_ODDS` times as likely there as anywhere.
    """
    source = np.arange(len(cost))
    run = np.arange(first, last + 1)
    run = run[(run + offset >= 0) & (run + offset < len(cost))]
    own, other = cost[run, run], cost[run + offset, run]
    moved = run[~(other - own > np.log(_ODDS))]
    source[moved] = -1
    for row in moved:
        unit = row + offset
        if source[unit] == unit and cost[unit, row] - cost[unit, unit] > -np.log(_ODDS):
            continue
        source[unit] = row
    empty = np.flatnonzero(source < 0)
    source[empty] = np.setdiff1d(np.arange(len(cost)), source)
    doubtful = np.zeros(len(cost), dtype=bool)
    doubtful[empty] = ~(cost[empty, source[empty]] < -np.log(_ODDS * _ANYWHERE))
    return source, doubtful


def _shifts(cost: np.ndarray) -> Reading:
    """All runs of a block read at their offsets."""
    source, doubtful, total = np.arange(len(cost)), np.zeros(len(cost), dtype=bool), 0.0
    for first, last, offset, odds in _shifted_runs(cost):
        settled, unsure = _settle_run(cost, offset, first, last)
        changed = settled != np.arange(len(cost))
        source[changed] = settled[changed]
        doubtful |= unsure
        total += odds
    return Reading(source, doubtful, total)


def _permuted_rows(cost: np.ndarray) -> tuple[np.ndarray, float]:
    """Source row of each unit under the best reassignment of a block in which any rows may hold any figures.

    Parameters
    ----------
    cost : (n, n) cost of the figure of row j for unit i, NaN unknown.

    Returns
    -------
    (source, log odds) : the cycles and paths of the optimal assignment (Hungarian method, with a place for lost figures
    and for units left without one) that pass the margin if the block is disturbed at all; the identity elsewhere, and
    everywhere if together they do not show that it is.
    """
    from scipy.optimize import linear_sum_assignment  # takes long to import; who names a place needs none

    known = np.flatnonzero(~np.isnan(_own(cost)))
    k = len(known)
    block = np.nan_to_num(cost[np.ix_(known, known)], nan=_NOBODY)
    padded = np.full((2 * k, 2 * k), _NOBODY)
    # Each row more that moves multiplies the number of reassignments by about k: it has to earn that.
    padded[:k, :k], padded[:k, k:], padded[k:, k:] = block + np.log(max(k, 1)) * ~np.eye(k, dtype=bool), 0.0, 0.0
    assigned = linear_sum_assignment(padded)[1][:k]
    assigned = np.where(assigned < k, assigned, -1)
    moves = []
    for units in _components(assigned):
        moved = assigned[units]
        lost = np.setdiff1d(units, moved)
        after = block[units[moved >= 0], moved[moved >= 0]].sum() + _NOBODY * len(lost)
        gain = float(block[units, units].sum() - after - _choices(units, moved, k))
        moved[moved < 0] = lost
        moves.append((gain, known[units], known[moved]))
    kept = [move for move in moves if move[0] >= np.log(_ODDS)]
    odds = sum(gain for gain, _, _ in kept) + np.log(_PRIOR)
    source = np.arange(len(cost))
    if odds < np.log(_ODDS):
        return source, 0.0
    for _, units, rows in kept:
        source[units] = rows
    return source, float(odds)


def _choices(units: np.ndarray, moved: np.ndarray, rows: int) -> float:
    """Log of the number of reassignments of a form, twice counted for the half of the prior that each form has."""
    size = len(units)
    turned = size - 1 in ((moved - units == 1).sum(), (moved - units == -1).sum())
    if turned and units[-1] - units[0] == size - 1:
        directions = 1 if size == 2 else 2
        return float(np.log(2 * directions * (rows - size + 1)))
    cycle = (moved >= 0).all()
    return float(np.log(2) + np.log(np.arange(rows - size + 1, rows + 1)).sum() - (np.log(size) if cycle else 0.0))


def _components(assigned: np.ndarray) -> list[np.ndarray]:
    """Cycles and paths of an assignment of rows to units, those of one row that stays left out."""
    group = np.arange(len(assigned))
    for _ in range(len(assigned)):
        linked = np.minimum(group, np.where(assigned >= 0, group[assigned], group))
        np.minimum.at(linked, assigned[assigned >= 0], group[assigned >= 0])
        if (linked == group).all():
            break
        group = linked
    members = [np.flatnonzero(group == name) for name in np.unique(group)]
    return [units for units in members if len(units) > 1]


def _permutations(cost: np.ndarray, figures: np.ndarray) -> Reading:
    """:func:`_permuted_rows`, and the moved units that could as well have another's figure, although the two differ."""
    source, odds = _permuted_rows(cost)
    units = np.flatnonzero(source != np.arange(len(source)))
    rows = source[units]
    now, crossed = cost[units, rows], cost[np.ix_(units, rows)]
    swapped = crossed + crossed.T - now[:, np.newaxis] - now[np.newaxis, :]
    apart = ~(np.abs(figures[rows][:, np.newaxis] - figures[rows][np.newaxis, :]) <= _SAME)
    doubtful = np.zeros(len(source), dtype=bool)
    doubtful[units] = ((swapped < np.log(_ODDS)) & apart & ~np.eye(len(units), dtype=bool)).any(axis=1)
    return Reading(source, doubtful, odds)


def _could_gain(cost: np.ndarray) -> float:
    """What a block would gain if each unit could choose its row freely; 0 unless two rows are disturbed."""
    own = _own(cost)
    known = ~np.isnan(own)
    if disturbed(own).sum() < 2:
        return 0.0
    return float((own[known] - np.nanmin(cost[np.ix_(known, known)], axis=1)).sum())


def _by_groups(cost: np.ndarray, figures: np.ndarray, groups: np.ndarray) -> Reading:
    """Permutations within each group of a block."""
    reading = Reading(np.arange(len(cost)), np.zeros(len(cost), dtype=bool), 0.0)
    for name in np.unique(groups):
        units = np.flatnonzero(groups == name)
        inner = cost[np.ix_(units, units)]
        if _could_gain(inner) > np.log(_ODDS / _PRIOR):
            found = _permutations(inner, figures[units])
            reading.source[units], reading.doubtful[units] = units[found.source], found.doubtful
            reading = Reading(reading.source, reading.doubtful, reading.odds + found.odds)
    return reading


def read_block(cost: np.ndarray, figures: np.ndarray, groups: np.ndarray, runs: bool = True) -> Reading:
    """The best reading of a block: permutations within its groups, or runs first and permutations of what they leave.

    Parameters
    ----------
    cost : (n, n) cost of the figure of row j for unit i, NaN unknown; units in order.
    figures : (n,) logs of what the rows hold.
    groups : (n,) names of the groups (prefectures of a province) within which figures may be permuted.
    runs : whether runs of shifted rows are looked for.
    """
    plain = _by_groups(cost, figures, groups)
    shifted = _shifts(cost) if runs else plain
    if shifted.odds <= 0:
        return plain
    rest = _by_groups(cost[:, shifted.source], figures[shifted.source], groups)
    moved = rest.source != np.arange(len(cost))
    doubtful = np.where(moved, rest.doubtful, shifted.doubtful)
    both = Reading(shifted.source[rest.source], doubtful, shifted.odds + rest.odds)
    return both if both.odds >= plain.odds else plain
