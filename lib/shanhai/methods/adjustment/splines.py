"""A smooth curve through a column: natural cubic splines, straight beyond the outer knots."""

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array

KNOT_SHARES = {3: (0.10, 0.50, 0.90), 4: (0.05, 0.35, 0.65, 0.95), 5: (0.05, 0.275, 0.5, 0.725, 0.95)}
"""Quantiles at which knots stand, by their number (Harrell 2015, table 2.3)."""


def knots_at_quantiles(values: Array, count: int = 4) -> Array:
    """Knots of a column.

    Raises
    ------
    SpecificationError
        If the number is not 3, 4 or 5, or quantiles coincide.
    """
    if count not in KNOT_SHARES:
        raise SpecificationError(
            f"{count!r} knots; allowed: {', '.join(map(str, KNOT_SHARES))}. More would follow noise."
        )
    knots = np.quantile(values, KNOT_SHARES[count])
    if (np.diff(knots) <= 0).any():
        raise SpecificationError(
            f"knots {knots} are not rising: too many rows have the same value; allowed: a column that spreads. "
            "Take fewer knots, or bins."
        )
    return np.asarray(knots)


def spread_of(values: Array, name: str) -> float:
    """Standard deviation of a column, which must have one.

    Raises
    ------
    SpecificationError
        If all rows have the same value.
    """
    if len(values) < 2 or values.min() == values.max():
        raise SpecificationError(
            f"{name!r} is the same in all {len(values)} rows; allowed: a column that varies. Widen the sample."
        )
    return float(values.std(ddof=1))


def natural_spline(values: Array, knots: Array) -> Array:
    """Basis of the natural cubic spline without its constant (Harrell 2015, equation 2.25).

    Returns
    -------
    array, n x (knots - 1)
        The column itself, then one cubic for each inner knot, in the unit of the column.
    """
    last, before, first = knots[-1], knots[-2], knots[0]

    def cube(at: float) -> Array:
        return np.maximum(values - at, 0.0) ** 3

    bends = [
        (cube(knot) - cube(before) * (last - knot) / (last - before) + cube(last) * (before - knot) / (last - before))
        / (last - first) ** 2
        for knot in knots[:-2]
    ]
    return np.column_stack([values, *bends])
