"""Indicators of different units on one scale from 0 to 1, where 1 is the best.

Three ways, each with limits that a reference set of places (or of places and years together) fixes, so that a value
means the same whoever is scored: the range (极差法), the distance from the mean in standard deviations, and the rank.
"""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.errors import SpecificationError

Array = NDArray[np.float64]
Normalisation = Literal["range", "deviation", "rank"]
"""Ways to bring indicators on one scale."""

NORMALISATIONS: tuple[str, ...] = get_args(Normalisation)


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

    Raises
    ------
    SpecificationError
        For an unknown way, a direction other than 1 and -1, an indicator without direction, one that does not vary in
        the reference, or a value beyond the range of the reference.
    """
    limits = values if reference is None else reference[list(values.columns)]
    sign = _signs(values, directions)
    turned, base = (frame.to_numpy(dtype=float) * sign for frame in (values, limits))
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


def _signs(values: pd.DataFrame, directions: pd.Series) -> Array:
    given = {str(name): directions.get(name) for name in values.columns}
    without = [name for name, sign in given.items() if sign not in (1, -1)]
    if without:
        raise SpecificationError(f"indicators {without} have no direction 1 or -1; say whether more or less is better.")
    return np.array(list(given.values()), dtype=float)


def _check(values: pd.DataFrame, base: Array, way: str) -> None:
    if way not in NORMALISATIONS:
        raise SpecificationError(f"normalisation is {way!r}; choose one of {', '.join(NORMALISATIONS)}.")
    known = np.isfinite(base)
    spread = np.where(known, base, -np.inf).max(axis=0) - np.where(known, base, np.inf).min(axis=0)
    told_apart = known.any(axis=0) & (spread > 0)
    flat = sorted(str(name) for name, good in zip(values.columns, told_apart, strict=True) if not good)
    if flat:
        raise SpecificationError(
            f"indicators {flat} do not vary among the {len(base)} rows of the reference; they tell nobody apart. "
            "Leave them out, or take more places."
        )


def _inside(scaled: Array, values: pd.DataFrame, way: str) -> Array:
    outside = (scaled < -1e-9) | (scaled > 1 + 1e-9)
    if outside.any():
        beyond = np.flatnonzero(outside.any(axis=1))[:5]
        places = [str(values.index[row]) for row in beyond]
        raise SpecificationError(
            f"rows {places} lie beyond the limits of the reference by {way!r}; the reference must hold every row "
            "that is scored. Add them to it."
        )
    return np.clip(scaled, 0.0, 1.0)
