"""Night lights as a long panel that says which sensor saw each year.

The series is stitched: DMSP-OLS composites made to look like VIIRS up to 2012, VIIRS itself from 2013 (Chen et al.
2021). At the seam level and spread jump for a reason that is not on the ground, so growth, gaps and spreads may be
compared within a sensor and never across it. The early part is noisier too: its satellites were replaced several
times.
"""

from collections.abc import Iterable, Sequence

import pandas as pd

from shanhai.core.errors import MissingDataError

SENSOR_BREAK = 2013
"""First year of VIIRS in the series."""

EARLY, LATE = "DMSP", "VIIRS"
"""Sensors before and from `SENSOR_BREAK`."""

PREFIX = "lights_"
"""Columns of the county frame that hold the light sum of a year."""

_PANEL_COLUMNS = ("code", "year", "light_sum", "sensor")


def light_years(frame: pd.DataFrame) -> tuple[int, ...]:
    """Years for which a county frame has a column of lights, ascending."""
    endings = (str(name).removeprefix(PREFIX) for name in frame.columns if str(name).startswith(PREFIX))
    return tuple(sorted(int(ending) for ending in endings if ending.isdigit()))


def sensor_of(year: int) -> str:
    """The sensor behind the lights of a year."""
    return EARLY if year < SENSOR_BREAK else LATE


def lights_panel(frame: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    """Light sums of counties, one row a county and year.

    Parameters
    ----------
    frame : DataFrame
        ``code`` and a column ``lights_<year>`` for each year asked for, as in the county frame.
    years : iterable of int
        Any order; each year once in the result.

    Returns
    -------
    DataFrame
        code, year, light_sum (nW/cm2/sr summed over the cells of the county; missing where the frame has none),
        sensor (``DMSP`` or ``VIIRS``); sorted by code and year.

    Raises
    ------
    MissingDataError
        If no year is asked for, or one has no lights; the message lists those that there are.
    """
    wanted = tuple(sorted(set(years)))
    require_years(frame, wanted)
    wide = frame.set_index("code")[[f"{PREFIX}{year}" for year in wanted]].set_axis(list(wanted), axis="columns")
    panel = wide.reset_index().melt("code", var_name="year", value_name="light_sum").astype({"year": "int64"})
    panel["sensor"] = panel["year"].map(sensor_of).astype(object)
    return panel[list(_PANEL_COLUMNS)].sort_values(["code", "year"], ignore_index=True)


def require_years(frame: pd.DataFrame, years: Sequence[int]) -> None:
    """Refuse years without lights.

    Raises
    ------
    MissingDataError
    """
    known = light_years(frame)
    absent = sorted(set(years) - set(known))
    there = f"{known[0]} to {known[-1]}" if known else "none"
    if absent or not years:
        said = ", ".join(map(str, absent)) or "no year"
        raise MissingDataError(
            f"Lights asked for: {said}; years with data: {there}. Choose among these, or add columns {PREFIX}<year>."
        )


def _same_sensor(first: int, last: int) -> bool:
    """Whether two years were seen by the same sensor, so that a change between them is one on the ground."""
    return sensor_of(first) == sensor_of(last)


def require_one_sensor(first: int, last: int) -> None:
    """Refuse a period that runs across the seam, or backwards.

    Raises
    ------
    MissingDataError
    """
    if first >= last:
        raise MissingDataError(
            f"A period from {first} to {last} has no length; the first year must come before the last."
        )
    if not _same_sensor(first, last):
        raise MissingDataError(
            f"Lights of {first} and {last} come from two sensors, and a change between them is not one on the ground; "
            f"allowed: both before {SENSOR_BREAK}, or both from {SENSOR_BREAK} on. Split the period there."
        )
