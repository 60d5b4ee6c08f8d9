"""Places on both sides of each border: which side is which, how far they lie from the line, and how many are near."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.checks import as_codes, as_weights, require_columns, require_unique
from shanhai.methods.regression.design import numbers

_COVERAGE_EDGES = (0, 5, 10, 20, 40, 60, 80, 100, 150, 200)
"""Edges in km of the bands in which places are counted."""


def rank_units(frame: pd.DataFrame, unit: str, total: str, people: str) -> pd.Series:
    """Sum of ``total`` per sum of ``people`` of each unit, over rows that have both: income per head of a region.

    The rank decides which side of a border counts as the right one. It is taken over whole regions, so that a few
    places at the line cannot turn it.

    Parameters
    ----------
    frame : DataFrame
        One row a place.
    unit : str
        Column of units.
    total, people : str
        Columns of numbers.

    Returns
    -------
    Series, indexed by unit.

    Raises
    ------
    SpecificationError
        As :func:`unit_sums`.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.discontinuity.sample import rank_units
    >>> frame = pd.DataFrame({"state": ["a", "a", "b"], "gdp": [2.0, 4.0, None], "people": [1.0, 2.0, 3.0]})
    >>> rank_units(frame, "state", "gdp", "people").to_dict()
    {'a': 2.0}
    """
    sums = unit_sums(frame, unit, total, people)
    return (sums[total] / sums[people]).rename("rank")


def unit_sums(frame: pd.DataFrame, unit: str, total: str, people: str) -> pd.DataFrame:
    """Sums of two columns over the rows of each unit that have both, as floats; indexed by unit.

    Parameters
    ----------
    frame : DataFrame
        One row a place.
    unit : str
        Column of units.
    total, people : str
        Columns of numbers; the second of positive ones.

    Returns
    -------
    DataFrame, indexed by unit
        Both columns, in their units.

    Raises
    ------
    SpecificationError
        If a column is absent, ``total`` holds no numbers, ``people`` no positive ones, or units labels of two kinds.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.discontinuity.sample import unit_sums
    >>> frame = pd.DataFrame({"state": ["a", "a", "b"], "gdp": [2.0, 4.0, None], "people": [1.0, 2.0, 3.0]})
    >>> unit_sums(frame, "state", "gdp", "people")
           gdp  people
    state
    a      6.0     3.0
    """
    require_columns(frame, (unit, total, people))
    as_codes(frame[unit], unit, missing=True)
    values = {total: numbers(frame, total), people: as_weights(frame[people], f"column {people!r}", missing=True)}
    both = pd.DataFrame({unit: frame[unit].to_numpy(dtype=object), **values}).dropna()
    return both.groupby(unit)[[total, people]].sum()


def border_sample(
    frame: pd.DataFrame,
    positions: pd.DataFrame,
    rank: Mapping[str, float] | pd.Series,
    *,
    unit: str = "unit",
    region: str = "region",
) -> pd.DataFrame:
    """The frame with one row a place and border of its region, and the distance given a sign.

    Parameters
    ----------
    frame : DataFrame
        The codes of places and whatever regressions need; one row a place.
    positions : DataFrame
        Codes of places and of their regions, ``across`` (the region on the other side), ``pair`` (of regions),
        ``segment``, ``distance_km``, ``is_nearest``, ``x_km``, ``y_km``.
    rank : mapping of region to number
        The region with the higher number is the right side. Fix it before outcomes at the border are seen.
    unit : str
        Column of codes of places, in both tables.
    region : str
        Column of the region of each place, in the table of positions.

    Returns
    -------
    DataFrame
        Columns of both, ``right_side`` (1 in the region of higher rank, else 0) and ``signed_km`` (distance, negative
        on the left side). Places of ``positions`` that the frame lacks are left out.

    Raises
    ------
    SpecificationError
        If a column is absent, codes of the frame are no text or repeat, a region has no rank, or two neighbours have
        the same.

    Examples
    --------
    Made-up regions on a chessboard, the richer of which jump by 0.5 log points at their borders:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5))
    >>> from shanhai.methods.discontinuity.sample import border_sample, rank_units
    >>> sample = border_sample(frame, positions, rank_units(frame, "region", "output", "people"))
    >>> sample[["unit", "pair", "right_side", "signed_km"]].round(1).head(2)
         unit           pair  right_side  signed_km
    0  000001  150000-180000         1.0      170.3
    1  000001  170000-180000         1.0      107.1
    """
    needed = (unit, region, "across", "pair", "segment", "distance_km", "is_nearest", "x_km", "y_km")
    require_columns(positions, needed, "the table of positions")
    require_columns(frame, (unit,))
    require_unique(frame[unit])
    values = pd.Series(rank, dtype="float64")
    unranked = sorted({*positions[region], *positions["across"]} - set(values.dropna().index))
    if unranked:
        raise SpecificationError(
            f"no rank for {', '.join(map(str, unranked))}; allowed: a number for every unit at a border. Add them to "
            "the rank, or leave their borders out."
        )
    own, other = (values.loc[positions[side]].to_numpy() for side in (region, "across"))
    if (own == other).any():
        pair = positions.loc[own == other, "pair"].iloc[0]
        raise SpecificationError(f"both sides of {pair} have the same rank; allowed: different numbers. Break the tie.")
    right = own > other
    signed = np.where(right, 1.0, -1.0) * positions["distance_km"].to_numpy()
    placed = positions.assign(right_side=right.astype(float), signed_km=signed)
    shared = [name for name in placed.columns if name in frame.columns and name != unit]
    own_columns = frame.drop(columns=shared).reset_index(drop=True)
    return own_columns.astype({unit: "object"}).merge(
        placed.astype({unit: "object"}), on=unit, how="inner", validate="one_to_many"
    )


def outcome_values(frame: pd.DataFrame, column: str, transform: str) -> np.ndarray:
    """Outcome as numbers, in logarithms if asked (a log of zero or less is missing).

    Parameters
    ----------
    frame : DataFrame
        One row a place.
    column : str
    transform : str
        ``level`` or ``log``.

    Returns
    -------
    array, n
        In the unit of the column, or its natural logarithm; NaN where missing.

    Raises
    ------
    SpecificationError
        If the column is absent or text, or the transform is not ``level`` or ``log``.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.discontinuity.sample import outcome_values
    >>> frame = pd.DataFrame({"state": ["a", "a", "b"], "gdp": [2.0, 4.0, None], "people": [1.0, 2.0, 3.0]})
    >>> outcome_values(frame, "gdp", "log").round(2)
    array([0.69, 1.39,  nan])
    """
    if transform not in ("level", "log"):
        raise SpecificationError(f"transform of the outcome is {transform!r}; allowed: level, log. Name one of these.")
    values = numbers(frame, column)
    return np.log(np.where(values > 0, values, np.nan)) if transform == "log" else values


def border_coverage(sample: pd.DataFrame, edges: tuple[float, ...] = _COVERAGE_EDGES) -> pd.DataFrame:
    """How many places lie how near: what a limit at the border rests on.

    Parameters
    ----------
    sample : DataFrame
        Of :func:`border_sample`; each place counts once, at its nearest border.
    edges : tuple of float
        Rising bounds of the bands of distance, in km.

    Returns
    -------
    DataFrame
        from_km, to_km, n_left, n_right, share (percent of all places nearer than the last edge); before the first band
        no place lies nearer than ``sample.distance_km.min()``.

    Raises
    ------
    SpecificationError
        If a column of the sample is absent.

    Examples
    --------
    Made-up regions on a chessboard, the richer of which jump by 0.5 log points at their borders:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5))
    >>> from shanhai.methods.discontinuity import border_coverage
    >>> from shanhai.methods.discontinuity.sample import border_sample, rank_units
    >>> sample = border_sample(frame, positions, rank_units(frame, "region", "output", "people"))
    >>> border_coverage(sample, (0, 10, 50)).round(1)
       from_km  to_km  n_left  n_right  share
    0        0     10      49       62   22.4
    1       10     50     185      200   77.6
    """
    require_columns(sample, ("signed_km", "is_nearest"), "the sample")
    signed = sample.loc[sample["is_nearest"].to_numpy(dtype=bool), "signed_km"].to_numpy()
    left, right = (np.histogram(part, edges)[0] for part in (-signed[signed < 0], signed[signed >= 0]))
    both = left + right
    share = 100.0 * both / max(int(both.sum()), 1)
    return pd.DataFrame({"from_km": edges[:-1], "to_km": edges[1:], "n_left": left, "n_right": right, "share": share})
