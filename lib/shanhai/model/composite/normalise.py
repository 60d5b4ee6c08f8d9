"""Indicators of different units on one scale from 0 to 1, where 1 is the best.

Three ways, each with limits that a reference set of places (or of places and years together) fixes, so that a value
means the same whoever is scored: the range (极差法), the distance from the mean in standard deviations, and the rank.
"""

from typing import Literal, get_args

import numpy as np
import pandas as pd

from shanhai.errors import SpecificationError

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
    _check(values, directions, way, limits)
    sign = directions.reindex(values.columns).astype(float)
    turned, base = values.astype(float) * sign, limits.astype(float) * sign
    if way == "range":
        scaled = (turned - base.min()) / (base.max() - base.min())
    elif way == "deviation":
        counts = base.notna().sum()
        scaled = 0.5 + (turned - base.mean()) / base.std(ddof=0) / (2 * np.sqrt(counts - 1))
    else:
        scaled = pd.DataFrame({name: _share_below(turned[name], base[name]) for name in values.columns})
    return _inside(scaled, way)


def _share_below(values: pd.Series, reference: pd.Series) -> pd.Series:
    known = np.sort(reference.dropna().to_numpy())
    below, upto = (np.searchsorted(known, values.to_numpy(), side=side) for side in ("left", "right"))
    return pd.Series((below + upto) / 2 / len(known), index=values.index).where(values.notna())


def _check(values: pd.DataFrame, directions: pd.Series, way: str, limits: pd.DataFrame) -> None:
    if way not in NORMALISATIONS:
        raise SpecificationError(f"normalisation is {way!r}; choose one of {', '.join(NORMALISATIONS)}.")
    without = [name for name in values.columns if directions.get(name) not in (1, -1)]
    if without:
        raise SpecificationError(f"indicators {without} have no direction 1 or -1; say whether more or less is better.")
    spread = limits.max() - limits.min()
    flat = sorted(str(name) for name in values.columns if not spread[name] > 0)
    if flat:
        raise SpecificationError(
            f"indicators {flat} do not vary among the {len(limits)} rows of the reference; they tell nobody apart. "
            "Leave them out, or take more places."
        )


def _inside(scaled: pd.DataFrame, way: str) -> pd.DataFrame:
    outside = (scaled < -1e-9) | (scaled > 1 + 1e-9)
    if outside.to_numpy().any():
        places = [str(place) for place in scaled.index[outside.any(axis=1)]][:5]
        raise SpecificationError(
            f"rows {places} lie beyond the limits of the reference by {way!r}; the reference must hold every row "
            "that is scored. Add them to it."
        )
    return scaled.clip(0.0, 1.0)
