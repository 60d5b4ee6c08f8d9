"""Measures of night lights that maps show: level per area, and growth within one sensor."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shanhai.core.errors import ReportError
from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.data.load import load_table


def add_lights(frame: pd.DataFrame, year: int, base_year: int) -> pd.DataFrame:
    """Add ``lights_per_km2_<year>`` (sum of radiance per km²) and ``light_growth_<base_year>_<year>``.

    Growth is the mean yearly change of the logarithm, in percent.

    Parameters
    ----------
    frame : DataFrame
        With ``lights_<year>``, ``lights_<base_year>`` and ``area_km2``.
    year, base_year : int
        Year of the level, and first year of the growth.

    Raises
    ------
    ReportError
        If a year is not in the frame, the years are in the wrong order, or lie on both sides of the break of
        the sensor, across which growth would be an artefact.
    """
    _require_years(year, base_year, [int(name[7:]) for name in frame.columns if str(name).startswith("lights_")])
    late, early = frame[f"lights_{year}"].astype(float), frame[f"lights_{base_year}"].astype(float)
    # A county without any light has no rate of growth.
    ratio = late.where(late > 0) / early.where(early > 0)
    return frame.assign(
        **{
            f"lights_per_km2_{year}": late / frame["area_km2"].astype(float),
            f"light_growth_{base_year}_{year}": 100 * np.log(ratio) / (year - base_year),
        }
    )


def check_light_years(year: int, base_year: int) -> None:
    """Refuse years that :func:`add_lights` refuses, before any work is done.

    Raises
    ------
    ReportError
        As :func:`add_lights`.
    """
    _require_years(year, base_year, load_table("county_lights")["year"].unique().tolist())


def _require_years(year: int, base_year: int, years: Sequence[int]) -> None:
    for wanted in (year, base_year):
        if wanted not in years:
            raise ReportError(f"There are no lights of {wanted}; years are {min(years)} to {max(years)}.")
    if base_year >= year:
        raise ReportError(f"Growth from {base_year} to {year} is none; take an earlier first year.")
    if base_year < SENSOR_BREAK <= year:
        raise ReportError(
            f"Lights of {base_year} and {year} come from two sensors; take years on one side of {SENSOR_BREAK}."
        )
