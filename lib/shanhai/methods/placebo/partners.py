"""Pairs that were made against pairs that could have been made: permutation tests of a mean over pairs.

The units that are helped stay; partners are drawn anew. Two nulls: partners drawn without replacement from candidates,
or the same partners dealt anew among the pairs. Everything works on a matrix of plain numbers.

Source: Fisher (1935); for pairs of places Hubert (1987).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import permutations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.checks import as_count, as_generator, as_share
from shanhai.methods.estimate import ENDS, LEVEL
from shanhai.methods.panels import as_table

_EXACT_UP_TO = 5040
"""Ways to deal partners anew up to which all of them are taken (seven pairs); above, they are drawn."""

_BLOCK = 4096
"""Draws at a time."""

_NEAR = 1e-9
"""Relative difference below which two means are the same: sums in another order differ in the last digits."""


@dataclass(frozen=True, repr=False)
class PairTest(Shown):
    """Mean over the pairs beside its distribution over pairs that could have been."""

    observed: float
    """Mean over the pairs that were made, in the unit of the outcome."""
    expected: float
    """Mean over all pairs that could have been, exact."""
    low: float
    """Lower bound of the middle 95 percent of the draws."""
    high: float
    """Upper bound of the middle 95 percent of the draws."""
    """Middle 95 percent of the draws."""
    p: float
    """Share of draws at least as far from the expected value, two-sided; the pairs themselves count as one draw."""
    p_low: float
    """Share of draws at or below the observed mean, the pairs counted."""
    pairs: int
    candidates: int
    """Partners that could have been chosen."""
    draws: int
    """Draws, or all ways where ``exact``."""
    exact: bool
    """Whether every possible dealing was taken."""
    distribution: np.ndarray = field(repr=False, compare=False)
    """Mean of each draw."""

    def detectable(self, size: float = 1 - LEVEL, power: float = 0.8) -> float:
        """Difference from the expected value that the test finds with this power, on its harder side.

        A difference moves the mean of a draw by as much and leaves its spread. No observed mean enters, so the number
        can be said before the result.

        Parameters
        ----------
        size : of the two-sided test; p below it counts as found.
        power : chance of finding the difference.

        Returns
        -------
        float
            In the unit of the outcome; infinite if no draw lies far enough out for a p below `size`.

        Raises
        ------
        SpecificationError
            If size or power is no share.
        """
        size, power = as_share(size, "the size"), as_share(power, "the power")
        centred = self.distribution - self.expected
        far = np.sort(np.abs(centred))
        extra = 0 if self.exact else 1
        # p of a mean as far out as each draw
        p = (len(far) - np.searchsorted(far, far * (1 - _NEAR), side="left") + extra) / (len(far) + extra)
        if not (p < size).any():
            return float("inf")
        critical = far[p < size].min()
        low, high = np.quantile(centred, [1 - power, power])
        return float(critical + max(-low, high))


def draw_partners(
    values: pd.DataFrame, pairs: Sequence[tuple[str, str]], draws: int, rng: np.random.Generator
) -> PairTest:
    """Each helped unit keeps its number of partners; these are drawn from all columns, none of them twice.

    Parameters
    ----------
    values : DataFrame
        Outcome of every possible pair: helped units in rows, candidate partners in columns, nothing missing.
    pairs : sequence of (helped unit, partner)
        The pairs that were made; they need not be among the candidates only if their value is in `values`.
    draws : int
    rng : Generator

    Raises
    ------
    MissingDataError
        If a pair is not in `values`, or a value is missing.
    SpecificationError
        If there are no pairs, fewer candidates than pairs, less than 99 draws, or values are no numbers.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.placebo.partners import draw_partners
    >>> km = pd.DataFrame([[1.0, 5.0, 9.0], [5.0, 1.0, 9.0]], index=["a", "b"], columns=["x", "y", "z"])
    >>> test = draw_partners(km, [("a", "x"), ("b", "y")], 199, np.random.default_rng(1))
    >>> test.observed, test.expected
    (1.0, 5.0)
    """
    rng, draws = as_generator(rng), as_count(draws, "draws", least=1)
    values = _checked(values, pairs)
    if draws < 99:
        raise SpecificationError(
            f"{draws} draws; allowed: 99 or more, since p cannot be below 1/(draws + 1). Take 999."
        )
    if len(values.columns) < len(pairs):
        raise SpecificationError(
            f"{len(pairs)} pairs and {len(values.columns)} candidates; needed: as many candidates, since none may come "
            "twice. Add some."
        )
    matrix = values.loc[[unit for unit, _ in pairs]].to_numpy(dtype=float)
    rows = np.arange(len(pairs))
    means = []
    for start in range(0, draws, _BLOCK):
        keys = rng.random((min(_BLOCK, draws - start), matrix.shape[1]))
        chosen = np.argsort(keys, axis=1, kind="stable")[:, : len(pairs)]
        means.append(matrix[rows, chosen].mean(axis=1))
    return _result(values, pairs, np.concatenate(means), len(values.columns), float(matrix.mean()))


def deal_partners(
    values: pd.DataFrame, pairs: Sequence[tuple[str, str]], draws: int, rng: np.random.Generator
) -> PairTest:
    """The partners are dealt anew among the pairs: all ways if they are few, else as many as `draws`.

    With all ways taken the pairs are one of them, so p is exact.

    Parameters
    ----------
    values, pairs, draws, rng
        As for :func:`draw_partners`.

    Raises
    ------
    MissingDataError, SpecificationError
        As :func:`draw_partners`, but one draw is enough.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.placebo.partners import deal_partners
    >>> km = pd.DataFrame([[1.0, 5.0, 9.0], [5.0, 1.0, 9.0]], index=["a", "b"], columns=["x", "y", "z"])
    >>> test = deal_partners(km, [("a", "x"), ("b", "y")], 199, np.random.default_rng(1))
    >>> test.observed, test.expected, test.exact
    (1.0, 3.0, True)
    """
    rng, draws = as_generator(rng), as_count(draws, "draws", least=1)
    values = _checked(values, pairs)
    matrix = values.loc[[unit for unit, _ in pairs], [partner for _, partner in pairs]].to_numpy(dtype=float)
    size = len(pairs)
    exact = size <= 12 and factorial(size) <= _EXACT_UP_TO
    orders = (
        np.array(list(permutations(range(size))))
        if exact
        else rng.permuted(np.tile(np.arange(size), (draws, 1)), axis=1)
    )
    means = matrix[np.arange(size), orders].mean(axis=1)
    return _result(values, pairs, means, size, float(matrix.mean()), exact=exact)


def _result(
    values: pd.DataFrame,
    pairs: Sequence[tuple[str, str]],
    means: np.ndarray,
    candidates: int,
    expected: float,
    *,
    exact: bool = False,
) -> PairTest:
    observed = float(np.mean([values.loc[unit, partner] for unit, partner in pairs]))
    # a draw equal to the pairs must count as equal
    near = _NEAR * max(1.0, float(np.abs(means).max()))
    far = int((np.abs(means - expected) >= abs(observed - expected) - near).sum())
    below = int((means <= observed + near).sum())
    extra = 0 if exact else 1
    total = len(means) + extra
    low, high = np.quantile(means, ENDS)
    return PairTest(
        observed, expected, float(low), float(high), (far + extra) / total, (below + extra) / total,
        len(pairs), candidates, len(means), exact, means,
    )  # fmt: skip


def _checked(values: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Values as floats, refused if they lack a pair or a figure."""
    if not pairs:
        raise SpecificationError("No pairs to test; allowed: one or more. Check which pairs have the outcome.")
    values = as_table(values, "values", missing=True)
    absent: list[Any] = [pair for pair in pairs if pair[0] not in values.index or pair[1] not in values.columns]
    if absent:
        raise MissingDataError(
            f"The pairs {absent} are not in the table of values; needed: a row and a column for each. Add them."
        )
    if values.isna().to_numpy().any():
        missing = values.columns[values.isna().any()].tolist()[:5]
        raise MissingDataError(
            f"Values of {missing} are missing; needed: a figure for every possible pair. Leave those candidates out "
            "and say how many."
        )
    return values
