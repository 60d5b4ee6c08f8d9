"""Indicators of different units on one scale from 0 to 1, where 1 is the best.

Three ways, each with limits that a reference set of places (or of places and years together) fixes, so that a value
means the same whoever is scored: the range, the distance from the mean in standard deviations, and the rank.
"""

from typing import Literal, get_args

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_numbers, of_units
from shanhai.methods.panels import as_table

_Normalisation = Literal["range", "deviation", "rank"]
"""Ways to bring indicators on one scale."""

NORMALISATIONS: tuple[str, ...] = get_args(_Normalisation)


def normalise(
    values: pd.DataFrame, directions: pd.Series, way: str = "range", reference: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Indicators between 0 and 1, turned so that more is always better.

    Parameters
    ----------
    values : DataFrame
        One row a place, one column an indicator, in its own unit. Missing values stay missing.
    directions : Series of 1 or -1 by indicator
        -1 where less is better.
    way : str
        ``range``: distance from the worst of the reference as a share of its range. ``deviation``: z-scores, all moved
        and shrunk by the same factor so that they lie between 0 and 1 whatever the data (a z-score of n values never
        exceeds the root of n - 1, Samuelson 1968); order and relative distances are those of z-scores. ``rank``: share
        of the reference that lies below, plus half of what is equal.
    reference : DataFrame, optional
        Rows that fix the limits; by default ``values`` itself.

    Returns
    -------
    DataFrame
        Of the shape of ``values``, between 0 and 1.

    Raises
    ------
    SpecificationError
        For an unknown way, a direction other than 1 and -1, an indicator without direction, one that does not vary in
        the reference, or a value beyond the range of the reference.

    Examples
    --------
    Zero is the worst and one the best of each column:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import normalise
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> normalise(values, directions).round(2)
       jobs  wage  smoke
    a  0.00  0.33   0.00
    b  0.33  0.00   0.62
    c  1.00  1.00   1.00
    """
    values = as_table(values, "values", missing=True)
    limits = values if reference is None else _limits(reference, values)
    sign = signs_of(values, directions)
    turned, base = (frame.to_numpy() * sign for frame in (values, limits))
    _check(values, base, way)
    if way == "range":
        lowest = np.nanmin(base, axis=0)
        scaled = (turned - lowest) / (np.nanmax(base, axis=0) - lowest)
    elif way == "deviation":
        reach = 2 * np.sqrt(np.isfinite(base).sum(axis=0) - 1)
        scaled = 0.5 + (turned - np.nanmean(base, axis=0)) / np.nanstd(base, axis=0) / reach
    else:
        scaled = np.column_stack([_share_below(*pair) for pair in zip(turned.T, base.T, strict=True)])
    return pd.DataFrame(_inside(scaled, values, way), index=values.index, columns=values.columns)


def _share_below(values: Array, reference: Array) -> Array:
    known = np.sort(reference[np.isfinite(reference)])
    below, upto = (np.searchsorted(known, values, side=side) for side in ("left", "right"))
    return np.where(np.isnan(values), np.nan, (below + upto) / 2 / len(known))


def _limits(reference: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    absent = [str(name) for name in values.columns if name not in reference.columns]
    if absent:
        raise SpecificationError(
            f"the reference lacks {', '.join(absent)}; needed: every indicator of the values. Take both from one table."
        )
    return as_table(reference[list(values.columns)], "the reference", missing=True)


def signs_of(values: pd.DataFrame, directions: pd.Series) -> Array:
    """Directions of the columns, 1 or -1.

    Raises
    ------
    SpecificationError
        If a column has none, or another one.
    """
    signs = as_numbers(of_units(directions, values.columns, "directions"), "the direction")
    wrong = [str(name) for name, sign in zip(values.columns, signs, strict=True) if sign not in (1.0, -1.0)]
    if wrong:
        raise SpecificationError(
            f"indicators {wrong} have a direction other than 1 and -1; allowed: 1 where more is better, -1 where less "
            "is. Change these."
        )
    return signs


def _check(values: pd.DataFrame, base: Array, way: str) -> None:
    if way not in NORMALISATIONS:
        raise SpecificationError(f"normalisation is {way!r}; allowed: {', '.join(NORMALISATIONS)}. Name one of these.")
    known = np.isfinite(base)
    spread = np.where(known, base, -np.inf).max(axis=0) - np.where(known, base, np.inf).min(axis=0)
    told_apart = known.any(axis=0) & (spread > 0)
    flat = sorted(str(name) for name, good in zip(values.columns, told_apart, strict=True) if not good)
    if flat:
        raise SpecificationError(
            f"indicators {flat} do not vary among the {len(base)} rows of the reference; allowed: indicators that tell "
            "places apart. Leave them out, or take more places."
        )


def _inside(scaled: Array, values: pd.DataFrame, way: str) -> Array:
    outside = (scaled < -1e-9) | (scaled > 1 + 1e-9)
    if outside.any():
        beyond = np.flatnonzero(outside.any(axis=1))[:5]
        places = [str(values.index[row]) for row in beyond]
        raise SpecificationError(
            f"rows {places} lie beyond the limits of the reference by {way!r}; allowed: rows within them. Add every "
            "row that is scored to the reference."
        )
    return np.clip(scaled, 0.0, 1.0)
