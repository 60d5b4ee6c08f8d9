"""Measures that the maps of notebook 02 show: kinds of county, level and growth of lights, the 26 and the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shanhai.core.errors import BORDERS_UNKNOWN, ReportError
from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.data.load import load_table
from shanhai.render.maps.topics import Topic


def add_mountain_kind(frame: pd.DataFrame, mountain: pd.DataFrame) -> pd.DataFrame:
    """Add ``mountain_kind``: type of the 26 with key assistance marked, ``other`` for the rest.

    Parameters
    ----------
    frame : DataFrame
        One row a county with ``code``.
    mountain : DataFrame
        The 26, with ``code``, ``type``, ``key_assistance`` (table ``mountain_counties``).

    Raises
    ------
    ReportError
        If one of the 26 is not in the frame, which would drop it from the map.
    """
    absent = sorted(set(mountain["code"]) - set(frame["code"]))
    if absent:
        raise ReportError(f"Mountain counties {absent} are not in the frame; check the crosswalk of their codes.")
    key = mountain["key_assistance"].astype(bool)
    kinds = mountain["type"].where(~key, mountain["type"] + "-key")
    by_code = dict(zip(mountain["code"], kinds, strict=True))
    return frame.assign(mountain_kind=[by_code.get(code, "other") for code in frame["code"]])


def add_border_kind(frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``border_kind``: both, mountain, border or neither; missing where the border is unknown.

    Parameters
    ----------
    frame : DataFrame
        With ``on_border`` (nullable) and ``is_mountain_26``.
    """
    border, mountain = frame["on_border"].astype("boolean"), frame["is_mountain_26"].astype(bool)
    on_border = border.fillna(False).astype(bool)
    kinds = np.select(
        [on_border & mountain, mountain & ~on_border, on_border], ["both", "mountain", "border"], default="neither"
    )
    return frame.assign(border_kind=pd.Series(kinds, index=frame.index, dtype=object).where(border.notna(), None))


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
    lights: dict[str, Any] = {
        f"lights_per_km2_{year}": late / frame["area_km2"].astype(float),
        f"light_growth_{base_year}_{year}": 100 * np.log(ratio) / (year - base_year),
    }
    return frame.assign(**lights)


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


@dataclass(frozen=True)
class Contrast:
    """A column among the 26 and among the other counties."""

    ours: float
    """Median of the 26."""
    others: float
    """Median of the other counties."""
    low: pd.Series
    """Row of the county of the 26 with the lowest value."""
    high: pd.Series
    """Row of the county of the 26 with the highest value."""
    counted: tuple[int, int]
    """Counties with data, of the 26 and of the others."""


def contrasts(frame: pd.DataFrame, topics: Sequence[Topic]) -> list[tuple[Topic, Contrast]]:
    """Each topic with its medians in the 26 and in the province's other counties, and the lowest and highest of the 26.

    Parameters
    ----------
    frame : DataFrame
        All counties of the province.
    topics : sequence of Topic

    Raises
    ------
    ReportError
        If the 26 or the others have no value for a topic.
    """
    return [(topic, _contrast(frame, topic.column)) for topic in topics]


def _contrast(frame: pd.DataFrame, column: str) -> Contrast:
    """Medians of the 26 and of the province's other counties, with the lowest and highest of the 26.

    Raises
    ------
    ReportError
        If the 26 or the others have no value.
    """
    known = frame[frame[column].notna()].astype({column: float}).sort_values([column, "code"])
    ours, others = (known[known["is_mountain_26"].astype(bool) == side] for side in (True, False))
    if ours.empty or others.empty:
        remedy = f" {BORDERS_UNKNOWN}" if "border" in column else ""
        raise ReportError(f"{column!r} has no value among the 26 or among the other counties; leave it out.{remedy}")
    medians = [float(group[column].median()) for group in (ours, others)]
    return Contrast(medians[0], medians[1], ours.iloc[0], ours.iloc[-1], (len(ours), len(others)))
