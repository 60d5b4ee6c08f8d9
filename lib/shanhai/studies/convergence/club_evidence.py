"""Clubs on the data of the project: Zhejiang's counties by light, its prefectures by GDP, and the variants of both."""

import numpy as np
import pandas as pd

from shanhai.data.frames.aggregates import build_prefecture_frame
from shanhai.data.load import load_table
from shanhai.methods.convergence.clubs import Clubs, find_clubs, merge_clubs, trend
from shanhai.studies.convergence.evidence import ZHEJIANG, of_zhejiang
from shanhai.studies.convergence.panel import levels, sensor_years
from shanhai.studies.convergence.prefectures import gdp_per_resident, prefecture_position

SMOOTHING = 400.0
"""Filter of the club regressions, as Phillips & Sul (2009) take it."""


def club_logs(
    frame: pd.DataFrame, years: tuple[int, ...], unit: float = 1.0, smoothing: float = SMOOTHING
) -> pd.DataFrame:
    """Trend of log light per 10,000 residents (times ``unit``), for counties whose logarithm is positive throughout."""
    logs = pd.DataFrame(np.log(levels(frame, "lights_per_head", years).dropna() * unit))
    return trend(logs[(logs > 0).all(axis=1)], smoothing)


def clubs_of(logs: pd.DataFrame) -> tuple[Clubs, Clubs]:
    """Clubs before and after merging."""
    found = find_clubs(logs)
    return found, merge_clubs(found, logs)


WHOLLY_OF_THE_26 = ("330800", "331100")
"""Quzhou and Lishui: all of their counties are among the 26."""


def prefecture_series() -> tuple[pd.DataFrame, pd.DataFrame]:
    """GDP per resident of Zhejiang's prefectures since 1994, and Quzhou with Lishui against the other nine."""
    table = build_prefecture_frame()
    home = table[table["province_code"].eq(ZHEJIANG)]
    series = gdp_per_resident(load_table("prefecture_economy"), home)
    return series, prefecture_position(series, home, WHOLLY_OF_THE_26)


def club_variants(frame: pd.DataFrame) -> dict[str, tuple[str, pd.DataFrame]]:
    """Series that the club regression is run on by key, each with the years in words; the first is treated as
    Phillips & Sul treat theirs.

    Counties of Zhejiang: trend of log light per 10,000 residents in the years of one sensor; the same unfiltered, and
    per million residents, which changes nothing but the unit. Prefectures of Zhejiang: trend of log GDP per resident.
    """
    early, late = sensor_years(frame)
    home = of_zhejiang(frame)
    gdp = pd.DataFrame(np.log(prefecture_series()[0]))
    said = {years: f"{years[0]}–{years[-1]}" for years in (early, late)}
    return {
        "late": (said[late], club_logs(home, late)),
        "late_raw": (said[late], club_logs(home, late, smoothing=0.0)),
        "late_million": (said[late], club_logs(home, late, unit=100.0)),
        "early": (said[early], club_logs(home, early)),
        "gdp": (f"{gdp.columns[0]}–{gdp.columns[-1]}", trend(gdp, SMOOTHING)),
    }
