"""Fixed effects taken out by the within transformation, with the degrees of freedom and leverage they use up.

By the theorem of Frisch, Waugh and Lovell the coefficients on demeaned data are those of a regression with one
dummy for each level. Covariances need two more things of that larger regression, and both are given here. No matrix of
levels times levels is made: the effect with most levels is taken out by means, which leaves a smaller system.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.regression.projection import independent_columns, less_projection, rounding

_TOLERANCE = 1e-13
"""Several fixed effects are taken out when no mean of a level is larger than this share of the column's spread."""

_MOST_DUMMIES = 100
"""Levels of all fixed effects but the largest up to which their system is solved at once, not in steps."""

_UNEQUAL = 1e4
"""Largest over smallest weight above which few levels are taken out as columns: a system hides what light rows say."""

_MOST_LEVERAGE = 50_000_000
"""Rows times those levels up to which they are made columns for leverage, of 400 MB."""

_MOST_ROUNDS = 20
"""Solutions of the system of several fixed effects, each of what the last one left."""

_NO_DIRECTION = 1e-12
"""Share of its squared length up to which a direction of dummies is rounding within the largest fixed effect."""

_CHUNK = 64
"""Dummies freed of two other fixed effects at once, where those of a third are counted."""

_INDEPENDENT = 1e-9
"""Share of the variance of its directions above which a set of dummies adds one to those before it."""


@dataclass(frozen=True, repr=False)
class FixedEffects(Shown):
    """Levels of each row for every fixed effect, and the weights of the rows."""

    codes: tuple[Codes, ...]
    """One array of n integers 0..L-1 for each fixed effect; empty for a single intercept."""
    weights: Array
    """n positive weights; ones without weighting."""

    @property
    def groupings(self) -> tuple[Codes, ...]:
        """The codes, or one common level where there are no fixed effects (the intercept)."""
        return self.codes or (np.zeros(len(self.weights), dtype=np.int64),)

    @cached_property
    def degrees(self) -> int:
        """Coefficients that the dummies use up: the rank of all of them together, the intercept included.

        Two fixed effects share one coefficient for each group of levels that rows link (Gaure 2013).
        Of further ones counts what the two with most levels leave of their dummies.
        """
        order = sorted(self.groupings, key=lambda codes: -int(codes.max()))
        if len(order) == 1:
            return int(order[0].max()) + 1
        rank = _count((order[0], order[1])) - linked_groups(order[0], order[1])
        if len(order) == 2:
            return rank
        dummies, two = _sparse_dummies(tuple(order[2:])), FixedEffects((order[0], order[1]), np.ones(len(order[0])))
        root = np.sqrt(dummies.sum(axis=0))
        parts = [
            dummies.T @ within(dummies[:, first : first + _CHUNK].toarray(), two) / root[first : first + _CHUNK]
            for first in range(0, len(root), _CHUNK)
        ]
        left = np.column_stack(parts) / root[:, None]
        return rank + int((np.linalg.eigvalsh((left + left.T) / 2) > _INDEPENDENT).sum())

    @cached_property
    def leverage(self) -> Array:
        """n leverages of the dummies alone, to add to those of the demeaned regressors.

        HC2 and HC3 divide by one minus the leverage of the whole regression. For one fixed effect the part of the
        dummies is the row's share in the weight of its level; the others add that of their basis.

        Raises
        ------
        SpecificationError
            As :func:`other_basis`.
        """
        largest, others = _apart(self.groupings)
        shares = self.weights / np.bincount(largest, weights=self.weights)[largest]
        return np.asarray(shares + (other_basis(self) ** 2).sum(axis=1) if others else shares)


def group_means(values: Array, codes: Codes, weights: Array) -> Array:
    """Weighted mean of each column within each level, repeated for every row (n x k in, n x k out)."""
    totals = np.bincount(codes, weights=weights)
    if len(totals) == 1:  # the intercept
        return np.broadcast_to(weights @ values / totals, values.shape)
    sums = np.column_stack([np.bincount(codes, weights=weights * column) for column in values.T])
    return (sums / totals[:, None])[codes]


def within(values: Array, effects: FixedEffects) -> Array:
    """Deviations of the columns from the means of their levels.

    One fixed effect takes one subtraction. With several, the one with most levels is taken out by means, and a system
    of the levels of the others is left: a small one is solved at once, a large one by conjugate gradients on sparse
    counts (for other ways to the same residuals Guimaraes & Portugal 2010, Gaure 2013).

    Parameters
    ----------
    values : array, n x k
    effects : FixedEffects

    Returns
    -------
    array, n x k
        Residuals of each column from a regression on all the dummies.

    Raises
    ------
    SpecificationError
        If several fixed effects are not separated to the digits that numbers have.
    """
    groupings, weights = effects.groupings, effects.weights
    values = values - np.average(values, axis=0, weights=weights)  # a far zero would cost the means their digits
    if len(groupings) == 1:
        return _less_means(values, groupings[0], weights)
    largest, others = _apart(groupings)
    levels = _count(others)
    if weights.max() > _UNEQUAL * weights.min() and levels <= _MOST_DUMMIES and levels * len(weights) <= _MOST_LEVERAGE:
        root = np.sqrt(weights)[:, None]
        return less_projection(_less_means(values, largest, weights) * root, other_basis(effects)) / root
    return _less_levels(values, largest, others, weights)


def _apart(groupings: tuple[Codes, ...]) -> tuple[Codes, tuple[Codes, ...]]:
    """The fixed effect with most levels, and the others."""
    place = max(range(len(groupings)), key=lambda each: int(groupings[each].max()))
    return groupings[place], groupings[:place] + groupings[place + 1 :]


def _count(groupings: tuple[Codes, ...]) -> int:
    """Levels of fixed effects together."""
    return sum(int(codes.max()) + 1 for codes in groupings)


def _less_means(values: Array, codes: Codes, weights: Array) -> Array:
    """Deviations from the means of one grouping; twice, as the first means carry rounding of their own."""
    once = values - group_means(values, codes, weights)
    return once - group_means(once, codes, weights)


def _less_levels(values: Array, largest: Codes, others: tuple[Codes, ...], weights: Array) -> Array:
    """Residuals from all dummies by the coefficients of those of the others.

    Their system is D'WD - D'WA (A'WA)^-1 A'WD, A the dummies of the largest fixed effect and D those of the others. Its
    solution carries rounding, so that what it leaves is solved for again, until means of all levels are zero.
    """
    dummies, levels = _sparse_dummies(others), _sparse_dummies((largest,))
    weighted = dummies.T.tocsr() * weights  # q x n
    own, cross, totals = weighted @ dummies, weighted @ levels, np.bincount(largest, weights=weights)
    counts, back = own.diagonal(), cross.T.tocsr()
    unit = np.maximum(np.abs(values).max(axis=0), np.finfo(float).tiny)

    def system(vectors: Array) -> Array:
        return np.asarray(own @ vectors - cross @ ((back @ vectors) / totals[:, None]))

    def in_steps(sums: Array) -> Array:
        return _conjugate_gradients(system, sums, counts, 0.1 * _TOLERANCE * unit)

    solved: Callable[[Array], Array] = in_steps
    if len(counts) <= _MOST_DUMMIES:
        solved = _pseudo_inverse((own - (cross / totals) @ back).toarray(), np.sqrt(counts)).__matmul__
    demeaned = _less_means(values, largest, weights)
    for done in range(_MOST_ROUNDS):
        sums = np.asarray(weighted @ demeaned)
        # a mean of many rows may hide what one row that links two levels leaves: never less than two solutions
        if done > 1 and (np.abs(sums) <= _TOLERANCE * unit * counts[:, None]).all():
            return demeaned
        demeaned = demeaned - dummies @ solved(sums)
        demeaned -= group_means(demeaned, largest, weights)
    raise SpecificationError(
        f"{1 + len(others)} fixed effects of {int(largest.max()) + 1 + _count(others)} levels do not separate: means "
        f"of levels stay above {_TOLERANCE:g} of a column after {_MOST_ROUNDS} solutions; allowed: fixed effects whose "
        "levels overlap. Use fewer fixed effects, or one column that joins them."
    )


def _pseudo_inverse(system: Array, lengths: Array) -> Array:
    """Inverse of a positive semidefinite matrix with rows and columns over their lengths; directions of none stay."""
    values, vectors = np.linalg.eigh(system / np.outer(lengths, lengths))
    kept = values > _NO_DIRECTION
    directions = vectors[:, kept] / lengths[:, None]
    return np.asarray((directions / values[kept]) @ directions.T)


def _sparse_dummies(groupings: tuple[Codes, ...]) -> sparse.csr_array:
    """Dummies of fixed effects, n x L, of which zeros take no memory."""
    n, m = len(groupings[0]), len(groupings)
    offsets = np.cumsum([0, *(int(codes.max()) + 1 for codes in groupings)])
    columns = np.column_stack([codes + offset for codes, offset in zip(groupings, offsets, strict=False)]).ravel()
    return sparse.csr_array((np.ones(n * m), columns, np.arange(0, n * m + 1, m)), shape=(n, int(offsets[-1])))


def _conjugate_gradients(system: Callable[[Array], Array], right: Array, scale: Array, enough: Array) -> Array:
    """Solutions of one positive semidefinite system for each column of a right-hand side, all at once.

    Parameters
    ----------
    system : function that multiplies q x k vectors by the matrix.
    right : q x k, in the range of the matrix.
    scale : its q positive diagonal entries, about, by which rows are scaled (Jacobi).
    enough : k residuals, over the scale, below which a column is solved; steps below rounding would go astray, as the
        matrix is singular.
    """
    solution, residual = np.zeros_like(right), right.copy()
    direction = residual / scale[:, None]
    length = (residual * direction).sum(axis=0)
    live = np.ones(len(enough), dtype=bool)
    for _ in range(10 * len(right) + 100):  # rounding costs more steps than the q of exact numbers
        image = system(direction)
        curvature = (direction * image).sum(axis=0)
        live &= (np.abs(residual) > enough * scale[:, None]).any(axis=0) & (curvature > 0)
        if not live.any():
            break
        step = np.where(live, length / np.where(live, curvature, 1.0), 0.0)
        solution += step * direction
        residual -= step * image
        scaled = residual / scale[:, None]
        longer = (residual * scaled).sum(axis=0)
        direction = scaled + np.where(live, longer / np.where(live, length, 1.0), 0.0) * direction
        length = longer
    return solution


def linked_groups(left: Codes, right: Codes) -> int:
    """Groups of levels of two fixed effects that no row links: connected components of their graph."""
    from scipy.sparse.csgraph import connected_components

    size, first = _count((left, right)), int(left.max()) + 1
    links = sparse.coo_array((np.ones(len(left)), (left, first + right)), shape=(size, size))
    return int(connected_components(links, directed=False, return_labels=False))


def largest_effect(effects: FixedEffects) -> FixedEffects:
    """The fixed effect with most levels alone; :func:`other_basis` spans what it leaves of the others."""
    return FixedEffects((_apart(effects.groupings)[0],), effects.weights)


def other_basis(effects: FixedEffects) -> Array:
    """Orthonormal columns spanning what the fixed effect with most levels leaves of the dummies of the others.

    Returns
    -------
    array, n x r
        Times the root of the weights; no column with one fixed effect.

    Raises
    ------
    SpecificationError
        If rows times levels are more than memory should hold.
    """
    (largest, others), weights = _apart(effects.groupings), effects.weights
    if not others:
        return np.empty((len(weights), 0))
    levels = _count(others)
    if levels * len(weights) > _MOST_LEVERAGE:
        raise SpecificationError(
            f"{len(weights)} rows with {levels} levels of all fixed effects but the largest are too many for leverage, "
            f"which HC2, HC3, CR2, CR3, CV3, CV3J and the wild bootstrap need; allowed: a product of at most "
            f"{_MOST_LEVERAGE}. Take iid, HC1 or cluster with CR1."
        )
    dummies = _sparse_dummies(others).toarray()
    rest = (dummies - group_means(dummies, largest, weights)) * np.sqrt(weights)[:, None]
    if levels <= _MOST_DUMMIES:
        return independent_columns(rest, rounding(dummies, weights)).basis
    lengths = np.sqrt(weights @ dummies)
    values, vectors = np.linalg.eigh(rest.T @ rest / np.outer(lengths, lengths))
    kept = values > _NO_DIRECTION
    return np.asarray(rest @ (vectors[:, kept] / np.sqrt(values[kept]) / lengths[:, None]))
