"""Fixed effects taken out by the within transformation, with the degrees of freedom and leverage they use up.

By the theorem of Frisch, Waugh and Lovell the coefficients on demeaned data are those of a regression with one
dummy for each level. Covariances need two more things of that larger regression, and both are given here.
"""

from dataclasses import dataclass

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.regression.projection import independent_columns, less_projection, rounding

_TOLERANCE = 1e-13
"""Sweeps over several fixed effects end when no mean is larger than this share of the column's spread."""

_MOST_DUMMIES = 100
"""Levels of all fixed effects but the largest up to which they are taken out as columns."""

_MOST_SWEEPS = 10_000
"""Sweeps after which several fixed effects count as not separable."""


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


def group_means(values: Array, codes: Codes, weights: Array) -> Array:
    """Weighted mean of each column within each level, repeated for every row (n x k in, n x k out)."""
    totals = np.bincount(codes, weights=weights)
    if len(totals) == 1:  # the intercept
        return np.broadcast_to(weights @ values / totals, values.shape)
    sums = np.column_stack([np.bincount(codes, weights=weights * column) for column in values.T])
    return (sums / totals[:, None])[codes]


def within(values: Array, effects: FixedEffects) -> Array:
    """Deviations of the columns from the means of their levels.

    One fixed effect takes one subtraction. With several, the dummies of all but the largest are taken out as columns,
    themselves freed of the largest; where they are too many for that, the means of all are swept out in turn until none
    is left (the method of alternating projections, von Neumann; for regressions Guimaraes & Portugal 2010, Gaure 2013).

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
        If the sweeps over several fixed effects do not come to rest.
    """
    groupings, weights = effects.groupings, effects.weights
    values = values - np.average(values, axis=0, weights=weights)  # a far zero would cost the means their digits
    if len(groupings) == 1:
        return _less_means(values, groupings[0], weights)
    largest = max(range(len(groupings)), key=lambda place: int(groupings[place].max()))
    others = tuple(codes for place, codes in enumerate(groupings) if place != largest)
    if sum(int(codes.max()) + 1 for codes in others) <= _MOST_DUMMIES:
        return _less_dummies(values, groupings[largest], others, weights)
    return _swept(values, groupings, weights)


def _less_means(values: Array, codes: Codes, weights: Array) -> Array:
    """Deviations from the means of one grouping; twice, as the first means carry rounding of their own."""
    once = values - group_means(values, codes, weights)
    return once - group_means(once, codes, weights)


def _less_dummies(values: Array, largest: Codes, others: tuple[Codes, ...], weights: Array) -> Array:
    """Residuals from all dummies: levels of the largest fixed effect as means, the few of the others as columns."""
    root = np.sqrt(weights)[:, None]
    dummies = np.column_stack([codes[:, None] == np.arange(int(codes.max()) + 1) for codes in others]).astype(float)
    rest = (dummies - group_means(dummies, largest, weights)) * root
    basis = independent_columns(rest, rounding(dummies, weights)).basis
    return less_projection(_less_means(values, largest, weights) * root, basis) / root


def _swept(values: Array, groupings: tuple[Codes, ...], weights: Array) -> Array:
    """Residuals from all dummies by sweeps over the fixed effects in turn."""
    unit = np.maximum(np.abs(values).max(axis=0), np.finfo(float).tiny)
    demeaned = values
    for _ in range(_MOST_SWEEPS):
        largest = 0.0
        for codes in groupings:
            means = group_means(demeaned, codes, weights)
            demeaned = demeaned - means
            largest = max(largest, float((np.abs(means) / unit).max()))
        if largest < _TOLERANCE:
            return demeaned
    raise SpecificationError(
        f"{len(groupings)} fixed effects do not separate after {_MOST_SWEEPS} sweeps; allowed: fixed effects whose "
        "levels overlap. Use fewer fixed effects, or one column that joins them."
    )


def absorbed_degrees(effects: FixedEffects) -> int:
    """Coefficients that the dummies use up: the rank of all of them together, the intercept included."""
    groupings = effects.groupings
    if len(groupings) == 1:
        return int(groupings[0].max()) + 1
    return int(np.linalg.matrix_rank(_crossproduct(effects), hermitian=True))


def absorbed_leverage(effects: FixedEffects) -> Array:
    """Leverage of each row from the dummies alone, to add to that of the demeaned regressors.

    HC2 and HC3 divide by one minus the leverage of the whole regression. For one fixed effect the part of the
    dummies is the row's share in the weight of its level; for several it comes from the inverse of their crossproduct.
    """
    groupings, weights = effects.groupings, effects.weights
    if len(groupings) == 1:
        return weights / np.bincount(groupings[0], weights=weights)[groupings[0]]
    inverse = dummy_inverse(effects)
    columns = dummy_columns(groupings)
    return weights * sum(inverse[left, right] for left in columns for right in columns)


def dummy_inverse(effects: FixedEffects) -> Array:
    """Inverse of the weighted crossproduct of all dummies, L x L (Moore-Penrose, as several sets share a constant)."""
    groupings, weights = effects.groupings, effects.weights
    if len(groupings) == 1:
        return np.diag(1.0 / np.bincount(groupings[0], weights=weights))
    return np.asarray(np.linalg.pinv(_crossproduct(effects), hermitian=True), dtype=np.float64)


def dummy_columns(groupings: tuple[Codes, ...]) -> list[Codes]:
    """Column of each row's dummy in the matrix of all dummies, one array for each fixed effect."""
    offsets = np.cumsum([0, *(int(codes.max()) + 1 for codes in groupings)])
    return [codes + offset for codes, offset in zip(groupings, offsets, strict=False)]


def _crossproduct(effects: FixedEffects) -> Array:
    """D'WD of all dummies, L x L, made from pairs of levels so that no n x L matrix is needed."""
    columns = dummy_columns(effects.groupings)
    size = 1 + max(int(column.max()) for column in columns)
    product = np.zeros((size, size))
    for left in columns:
        for right in columns:
            np.add.at(product, (left, right), effects.weights)
    return product
