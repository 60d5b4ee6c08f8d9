"""Theil and Gini of values per head, weighted by people and decomposed exactly between and within groups.

With shares of people ``p`` and of the total ``s`` (value per head times people), Theil's T is ``sum s ln(s / p)``. It
splits without rest into inequality between group means and the sum of inequality within, weighted by ``s``; a finer
grouping splits what is left within a coarser one (Theil 1967).

The Gini does not split into two parts where groups overlap. Its three parts (Pyatt 1976; Dagum 1997; Lambert & Aronson
1993): within, ``sum p_j s_j G_j``; between, the Gini of the group means, which is Dagum's *net* between part; and
overlap, Dagum's intensity of transvariation: what is added because some of a poorer group have more than some of a
richer one. Overlap is a part of its own here, zero where groups do not overlap.

Unweighted measures, each unit once, are those of the package ``inequality`` (PySAL).

References
----------
Theil, H. (1967), Economics and information theory, North-Holland.
Pyatt, G. (1976), On the interpretation and disaggregation of Gini coefficients, Economic Journal 86, 243-255.
Lambert, P. & Aronson, J. (1993), Inequality decomposition analysis and the Gini revisited, Economic Journal 103.
Dagum, C. (1997), A new approach to the decomposition of the Gini income inequality ratio, Empirical Economics 22.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.checks import as_codes, as_numbers, as_weights, beside


@dataclass(frozen=True)
class _TheilParts:
    """Theil's T and its parts; ``between`` and ``within`` add up to ``total``."""

    total: float
    """Theil's T."""
    between: tuple[float, ...]
    """Inequality between groups, one a level: between the coarsest, then between finer ones inside coarser ones."""
    within: float
    """Inequality inside the finest groups."""


@dataclass(frozen=True)
class _GiniParts:
    """Gini and its parts; ``between``, ``within`` and ``overlap`` add up to ``total``."""

    total: float
    """Gini coefficient."""
    between: float
    """Gini of group means, each person with the mean of the group (Dagum's net between part)."""
    within: float
    """Groups' own Ginis, weighted by their shares of people times their shares of the total."""
    overlap: float
    """Transvariation: because the ranges of groups overlap."""


def theil(values: ArrayLike, people: ArrayLike | None = None) -> float:
    """Theil's T of values per head.

    Parameters
    ----------
    values : n values per head, none negative; a zero counts (its term is zero).
    people : n positive weights, such as residents; all the same by default.

    Raises
    ------
    SpecificationError
        If shapes differ, a value is missing or negative, all are zero, or a weight is not positive.

    Examples
    --------
    >>> from shanhai.methods.convergence.inequality import theil
    >>> theil([2.0, 2.0]), round(theil([0.0, 2.0]), 3)  # all to one of two: ln 2
    (0.0, 0.693)
    """
    numbers, weights = _checked(values, people)
    return _theil(numbers * weights, weights)


def _theil(total: Array, people: Array) -> float:
    s, p = total / total.sum(), people / people.sum()
    known = s > 0
    return float((s[known] * np.log(s[known] / p[known])).sum())


def theil_parts(values: ArrayLike, people: ArrayLike | None, groups: pd.DataFrame | Sequence[object]) -> _TheilParts:
    """Theil's T between and within groups, or through several levels of nested groups.

    Parameters
    ----------
    values, people
        As in :func:`theil`.
    groups : sequence of n labels, or DataFrame of n rows with one column a level, coarsest first

    Returns
    -------
    parts
        total, between (a tuple, one number a level), within; the parts add up to the total.

    Raises
    ------
    SpecificationError
        If values or weights are refused (see :func:`theil`), a label is missing, or levels are not nested.

    Examples
    --------
    >>> from shanhai.methods.convergence.inequality import theil_parts
    >>> parts = theil_parts([1.0, 1.0, 3.0, 3.0], None, ["a", "a", "b", "b"])
    >>> round(parts.total, 3), round(parts.between[0], 3), parts.within
    (0.131, 0.131, 0.0)
    """
    numbers, weights = _checked(values, people)
    codes = _group_codes(groups, values)
    total = numbers * weights
    measures = [0.0, *(_theil(_sum_by(total, level), _sum_by(weights, level)) for level in codes)]
    whole = _theil(total, weights)
    between = tuple(float(part) for part in np.diff(measures))
    return _TheilParts(whole, between, whole - measures[-1])


def gini(values: ArrayLike, people: ArrayLike | None = None) -> float:
    """Gini coefficient of values per head: half the mean difference of two people over the mean; see :func:`theil`.

    Parameters
    ----------
    values, people
        As in :func:`theil`.

    Raises
    ------
    SpecificationError
        As in :func:`theil`.

    Examples
    --------
    >>> from shanhai.methods.convergence.inequality import gini
    >>> gini([1.0, 3.0])  # half of 1 over the mean of 2
    0.25
    """
    numbers, weights = _checked(values, people)
    return _gini(numbers, weights)


def _gini(values: Array, people: Array) -> float:
    order = np.argsort(values, kind="stable")
    y, w = values[order], people[order] / people.sum()
    # mean difference of two persons: each unit against the weight below and above it, itself left out
    rank = np.cumsum(w) - w / 2
    return float(2 * (w * y * (rank - 0.5)).sum() / (w @ y))


def gini_parts(values: ArrayLike, people: ArrayLike | None, groups: Sequence[object]) -> _GiniParts:
    """Gini between and within groups, and the overlap of groups.

    Parameters
    ----------
    values, people
        As in :func:`theil`.
    groups : sequence of n labels

    Returns
    -------
    parts
        total, between, within, overlap; the last three add up to the first.

    Raises
    ------
    SpecificationError
        As in :func:`theil_parts`.

    Examples
    --------
    >>> from shanhai.methods.convergence.inequality import gini_parts
    >>> parts = gini_parts([1.0, 1.0, 3.0, 3.0], None, ["a", "a", "b", "b"])
    >>> parts.total, parts.between, parts.within, parts.overlap
    (0.25, 0.25, 0.0, 0.0)
    """
    numbers, weights = _checked(values, people)
    (level,) = _group_codes(groups, values)
    totals, heads = _sum_by(numbers * weights, level), _sum_by(weights, level)
    between = _gini(totals / heads, heads)
    own = np.array([_gini(numbers[level == group], weights[level == group]) for group in range(len(heads))])
    within = float((heads / heads.sum() * totals / totals.sum()) @ own)
    whole = _gini(numbers, weights)
    return _GiniParts(whole, between, within, whole - between - within)


def _sum_by(values: Array, codes: Codes) -> Array:
    return np.asarray(np.bincount(codes, weights=values))


def _checked(values: ArrayLike, people: ArrayLike | None) -> tuple[Array, Array]:
    numbers = as_numbers(values, "values")
    weights = np.ones(len(numbers)) if people is None else as_weights(beside(people, values, "people"), "people")
    if numbers.shape != weights.shape or (numbers < 0).any() or not (numbers > 0).any():
        raise SpecificationError(
            f"{len(numbers)} values, of which {int((numbers < 0).sum())} negative and {int((numbers > 0).sum())} above "
            f"zero, and {len(weights)} weights; needed: one value per head, not negative and not all zero, and one "
            "positive weight a unit. Drop units without figures first."
        )
    return numbers, weights


def _group_codes(groups: pd.DataFrame | Sequence[object], values: ArrayLike) -> list[Codes]:
    """Codes of each level, checked to be nested, in the order of the values."""
    if isinstance(groups, pd.DataFrame):
        levels = [groups[name] for name in groups.columns]
    else:
        levels = [groups if isinstance(groups, pd.Series) else pd.Series(list(groups), dtype=object)]
    codes = [as_codes(beside(level, values, "groups"), "the group") for level in levels]
    if any(len(level) != np.size(values) for level in codes):
        raise SpecificationError(
            f"{[len(level) for level in codes]} labels for {np.size(values)} values; needed: one label a unit. Take "
            "both from one frame."
        )
    for coarse, fine in pairwise(codes):
        if len(np.unique(fine)) != len(np.unique(np.column_stack([coarse, fine]), axis=0)):
            raise SpecificationError(
                "the levels are not nested: a finer group lies in two coarser ones; needed: the "
                "coarsest first, each finer group inside one coarser. Put the levels in order."
            )
    return codes


@dataclass(frozen=True)
class _UnweightedInequality:
    """Inequality of units that count once each, by the package ``inequality``."""

    gini: float
    """Gini coefficient."""
    theil: float
    """Theil's T."""
    between: float
    """Part of Theil's T between groups."""
    within: float
    """Part within groups."""


def unweighted_inequality(values: ArrayLike, groups: Sequence[object]) -> _UnweightedInequality:
    """Gini and Theil of units that count once each, with Theil's parts between and within groups.

    Parameters
    ----------
    values : n values per head
        None negative.
    groups : sequence of n labels

    Returns
    -------
    inequality
        gini, theil, between, within; the last two add up to Theil's T.

    Raises
    ------
    SpecificationError
        As in :func:`theil_parts`.

    Examples
    --------
    >>> from shanhai.methods.convergence.inequality import unweighted_inequality
    >>> found = unweighted_inequality([1.0, 3.0], ["a", "b"])
    >>> round(found.gini, 2)
    0.25
    """
    from inequality.gini import Gini  # type: ignore[import-untyped]  # here, because the import takes seconds
    from inequality.theil import TheilD  # type: ignore[import-untyped]

    numbers, _ = _checked(values, None)
    (level,) = _group_codes(groups, values)
    parts = TheilD(numbers, level)
    # the package gives arrays of one number
    total, between, within = (float(np.ravel(part)[0]) for part in (parts.T, parts.bg, parts.wg))
    return _UnweightedInequality(float(Gini(numbers).g), total, between, within)
