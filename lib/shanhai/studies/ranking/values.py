"""Indicator values of the 26 from the sums behind them: today, and at both dates alike."""

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from shanhai.data.load import load_table
from shanhai.studies.ranking.components import CENSUS_YEAR, GDP_YEAR, LIGHT_YEARS, PROVINCE, REUNITED, components
from shanhai.studies.ranking.indicators import INDICATORS

Level = Callable[[pd.DataFrame], pd.Series]


def _farm_productivity(sums: pd.DataFrame) -> pd.Series:
    farm = sums["primary_gdp"] / sums["farm_workers"]
    other = (sums["gdp"] - sums["primary_gdp"]) / (sums["workers"] - sums["farm_workers"])
    return farm / other * 100


def _relative_gdp(sums: pd.DataFrame) -> pd.Series:
    per_head = sums["gdp"] / sums["population"]
    return per_head / per_head[PROVINCE] * 100


LEVELS: Mapping[str, Level] = {
    "gdp_per_head_relative": _relative_gdp,
    "urban_share": lambda sums: sums["urban"] / sums["population"] * 100,
    "farm_productivity_relative": _farm_productivity,
    "cars_per_100_households": lambda sums: sums["with_car"] / sums["households"] * 100,
    "primary_share": lambda sums: sums["primary_gdp"] / sums["gdp"] * 100,
    "share_60_plus": lambda sums: sums["aged"] / sums["population"] * 100,
    "mean_schooling": lambda sums: sums["schooling"] / sums["adults"],
    "illiteracy": lambda sums: sums["illiterates"] / sums["adults"] * 100,
    "residents_to_registered": lambda sums: sums["population"] / sums["registered"] * 100,
    "gdp_per_light": lambda sums: sums["gdp"] / sums["lights"] / 1e6,
    "lights_per_km2": lambda sums: sums["lights"] / sums["area_km2"],
}
"""Indicators of one date, from sums that hold the province as well."""

GROWTH: Mapping[str, tuple[str, float, bool]] = {
    "gdp_growth_relative": ("gdp", GDP_YEAR["late"] - GDP_YEAR["early"], True),
    "lights_growth_relative": ("lights", float(np.mean(LIGHT_YEARS["late"]) - np.mean(LIGHT_YEARS["early"])), True),
    "population_change": ("population", CENSUS_YEAR["late"] - CENSUS_YEAR["early"], False),
}
"""Indicators of change: what grows, over how many years, whether the growth of the province is taken off."""


OWN = ("gdp_per_head_relative", "lights_per_km2")
"""Not set against the province: what is a share of it already, and the light on a county's own land. The light was set
against the province in a first run of 22 November 2026; then every ecological county seemed to gain on it, only because
the province grew brighter. That is no gap to close, so it was taken out."""


def position_values() -> pd.DataFrame:
    """Every indicator of the 26 in 2020/21, one row a county by code, columns in the order of the declaration.

    Levels are those of the county as it is; growth of Cangnan is that of Cangnan and Longgang together.
    """
    late, early, whole = components("late"), components("early"), components("late", reunited=True)
    levels = pd.DataFrame({key: level(late) for key, level in LEVELS.items()})
    growth = pd.DataFrame({key: _yearly_growth(early, whole, *how) for key, how in GROWTH.items()})
    # the light of Cangnan per area of Cangnan and Longgang would mean nothing
    levels.loc[list(REUNITED.values()), "lights_per_km2"] = np.nan
    return levels.join(growth).reindex(mountain_codes())[[one.key for one in INDICATORS]]


def repeated_values(*, against_province: bool = False) -> dict[str, pd.DataFrame]:
    """Indicators that exist for both dates, measured alike, by ``early`` (2010/11) and ``late`` (2020/21).

    Parameters
    ----------
    against_province : bool
        Take off the value of the province in the same year, so that what changed everywhere is no change; not of the
        indicators in ``OWN``.

    Returns
    -------
    mapping of date to DataFrame by code of the counties with every repeated indicator; Cangnan with Longgang.
    """
    repeated = [one.key for one in INDICATORS if one.repeated]
    sums = {"early": components("early"), "late": components("late", reunited=True)}
    tables = {wave: pd.DataFrame({key: LEVELS[key](frame) for key in repeated}) for wave, frame in sums.items()}
    if against_province:
        for wave, table in tables.items():
            tables[wave] = table - table.loc[PROVINCE].mask(table.columns.isin(OWN), 0.0)
    return {wave: table.reindex(mountain_codes()) for wave, table in tables.items()}


def mountain_codes() -> pd.Index:
    """Codes of the 26, sorted."""
    return county_types().index


def county_types() -> pd.Series:
    """``leapfrog`` or ``ecological`` by code of the 26, sorted."""
    return _types().copy()


@lru_cache(maxsize=1)
def _types() -> pd.Series:
    return load_table("mountain_counties").set_index("code")["type"].sort_index()


def _yearly_growth(early: pd.DataFrame, late: pd.DataFrame, what: str, years: float, relative: bool) -> pd.Series:
    growth = ((late[what] / early[what]) ** (1 / years) - 1) * 100
    return growth - growth[PROVINCE] if relative else growth
