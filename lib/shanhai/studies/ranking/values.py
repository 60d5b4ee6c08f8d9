"""Indicator values of the 26 and the sums behind them: today, and for 2010/11 and today alike.

Every indicator is a ratio of sums, so that a county and the part that left it can be put together: Longgang left
Cangnan in 2019, and what the two had before exists for both together only.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from shanhai.core import fields, sources
from shanhai.core.places import ZHEJIANG
from shanhai.data.frames import panel
from shanhai.data.frames.aggregates import build_province_frame
from shanhai.data.frames.panel import ELDERLY, build_county_frame, county_rows
from shanhai.data.frames.unions import INSIDE
from shanhai.data.load import load_table
from shanhai.data.store import FileStates, file_states, input_files, stored
from shanhai.data.vintage import PRE_SPECIFIED, Vintage
from shanhai.studies.ranking.design import INDICATORS

_Wave = Literal["early", "late"]

_TABLES = (*panel.TABLES, "county_hukou")
"""Tables that the sums are made of."""

EARLY = Vintage(2011, 2010, 2014)
"""Years of the first of the two dates."""

_LIGHT_YEARS = {"early": (2013, 2014, 2015), "late": (2020, 2021, 2022)}
"""Three years of the same sensor; the early ones are the first of it, so lights change from 2014 to 2021 on average."""

_CHILDREN = ("age_0", "age_1_4", "age_5_9", "age_10_14")

_Level = Callable[[pd.DataFrame], pd.Series]


def _farm_productivity(sums: pd.DataFrame) -> pd.Series:
    farm = sums["primary_gdp"] / sums["farm_workers"]
    other = (sums["gdp"] - sums["primary_gdp"]) / (sums["workers"] - sums["farm_workers"])
    return farm / other * 100


def _relative_gdp(sums: pd.DataFrame) -> pd.Series:
    per_head = sums["gdp"] / sums["population"]
    return per_head / per_head[ZHEJIANG] * 100


_LEVELS: Mapping[str, _Level] = {
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

_OWN = ("gdp_per_head_relative", "lights_per_km2")
"""Not set against the province: what is a share of it already, and the light on a county's own land. The light was set
against the province in a first run of 22 November 2026; then every ecological county seemed to gain on it, only because
the province grew brighter. That is no gap to close, so it was taken out."""


def position_values(vintage: Vintage = PRE_SPECIFIED) -> pd.DataFrame:
    """Every indicator of the 26 today, one row a county by code, columns in the order of the declaration.

    Levels are those of the county as it is; growth of Cangnan is that of Cangnan and Longgang together.

    Parameters
    ----------
    vintage : Vintage
        Years of today's figures.
    """
    late, early, whole = sums("late", vintage), sums("early"), sums("late", vintage, reunited=True)
    levels = pd.DataFrame({key: level(late) for key, level in _LEVELS.items()})
    lit = float(np.mean(_LIGHT_YEARS["late"]) - np.mean(_LIGHT_YEARS["early"]))
    gdp, lights = (
        _yearly_growth(early[what], whole[what], years)
        for what, years in (("gdp", vintage.gdp - EARLY.gdp), ("lights", lit))
    )
    people = _yearly_growth(early["population"], whole["population"], vintage.census - EARLY.census)
    levels["gdp_growth_relative"], levels["lights_growth_relative"] = gdp - gdp[ZHEJIANG], lights - lights[ZHEJIANG]
    levels["population_change"] = people
    # the light of Cangnan per area of Cangnan and Longgang would mean nothing
    levels.loc[list(INSIDE.values()), "lights_per_km2"] = np.nan
    return levels.reindex(county_types().index)[[indicator.key for indicator in INDICATORS]]


def repeated_values(vintage: Vintage = PRE_SPECIFIED, *, against_province: bool = False) -> dict[str, pd.DataFrame]:
    """Indicators that exist for both dates, measured alike, by ``early`` (2010/11) and ``late`` (today).

    Parameters
    ----------
    vintage : Vintage
        Years of today's figures.
    against_province : bool
        Take off the value of the province in the same year, so that what changed everywhere is no change; not of the
        indicators in ``_OWN``.

    Returns
    -------
    mapping of date to DataFrame by code of the counties with every repeated indicator; Cangnan with Longgang.
    """
    repeated = [indicator.key for indicator in INDICATORS if indicator.repeated]
    both = {"early": sums("early"), "late": sums("late", vintage, reunited=True)}
    tables = {wave: pd.DataFrame({key: _LEVELS[key](frame) for key in repeated}) for wave, frame in both.items()}
    if against_province:
        for wave, table in tables.items():
            tables[wave] = table - table.loc[ZHEJIANG].mask(table.columns.isin(_OWN), 0.0)
    return {wave: table.reindex(county_types().index) for wave, table in tables.items()}


def county_types() -> pd.Series:
    """``leapfrog`` or ``ecological`` by code of the 26, sorted."""
    return load_table("mountain_counties").set_index("code")["type"].sort_index()


def _yearly_growth(early: pd.Series, late: pd.Series, years: float) -> pd.Series:
    return ((late / early) ** (1 / years) - 1) * 100


def sums(wave: _Wave, vintage: Vintage = PRE_SPECIFIED, *, reunited: bool = False) -> pd.DataFrame:
    """Sums by code: every county of Zhejiang and the province.

    Parameters
    ----------
    wave : str
        ``early`` (2010/11) or ``late``.
    vintage : Vintage
        Years of the late figures.
    reunited : bool
        Put Longgang back into Cangnan in the late ones too; in 2010/11 they are one.

    Returns
    -------
    DataFrame
        Indexed by code: population, urban, aged, adults (15 and over), illiterates, schooling (years of all adults),
        farm_workers and workers (of the long form; in 2010 percent), households and with_car (long form; missing in
        2010), registered (persons), gdp and primary_gdp (yuan), lights (mean sum of three years), area_km2. Missing
        stays missing.
    """
    every = _both_waves(vintage, file_states(_inputs()))
    frame = every[every["wave"].eq(wave)].drop(columns="wave").set_index("code")
    if reunited:
        # areas of 2017 have both in one
        areas = frame["area_km2"].groupby(frame.index.map(_whole)).first()
        frame = frame.groupby(frame.index.map(_whole)).sum(min_count=1, skipna=False).assign(area_km2=areas)
    return frame.rename_axis("code").sort_index()


def _inputs() -> list[Path]:
    return [*input_files(_TABLES, ["counties"]), fields.DICTIONARY, sources.REGISTRY]


@lru_cache(maxsize=2)
def _both_waves(vintage: Vintage, states: FileStates) -> pd.DataFrame:
    waves: dict[_Wave, Vintage] = {"early": EARLY, "late": vintage}
    name = f"ranking_sums_{vintage.gdp}"
    return stored(name, _inputs(), lambda: pd.concat([_built(wave, years) for wave, years in waves.items()]))


def _built(wave: _Wave, years: Vintage) -> pd.DataFrame:
    census = load_table(f"census_{years.census}")
    rows = county_rows(census)
    rows = pd.concat([rows[rows["province_code"].eq(ZHEJIANG)], census[census["code"].eq(ZHEJIANG)].set_index("code")])
    frame = _people(rows).join([_work(rows, wave), _registered(rows, years), _money(years.gdp), _lights(wave)])
    return frame.rename_axis("code").reset_index().assign(wave=wave)


def _whole(code: str) -> str:
    return INSIDE.get(code, code)


def _people(rows: pd.DataFrame) -> pd.DataFrame:
    people = rows["population"].astype(float)
    adults = people - rows[list(_CHILDREN)].sum(axis=1, skipna=False)
    return pd.DataFrame(
        {
            "population": people,
            "urban": rows["urban_population"].astype(float),
            "aged": rows[list(ELDERLY)].sum(axis=1, skipna=False),
            "adults": adults,
            "illiterates": rows["illiterate_share_15plus_pct"] / 100 * adults,
            "schooling": rows["mean_years_schooling"] * adults,
        }
    )


def _work(rows: pd.DataFrame, wave: _Wave) -> pd.DataFrame:
    if wave == "early":
        share = rows["employed_share_primary_pct"]
        missing = share * float("nan")
        return pd.DataFrame({"farm_workers": share, "workers": 100.0, "households": missing, "with_car": missing})
    names = {
        "farm_workers": "long_form_agriculture",
        "workers": "long_form_employed",
        "households": "long_form_households",
        "with_car": "long_form_households_with_car",
    }
    return pd.DataFrame({name: rows[column].astype(float) for name, column in names.items()})


def _registered(rows: pd.DataFrame, years: Vintage) -> pd.DataFrame:
    """Registered population at the end of the year; of the province the sum, in 2010 the census's: one county lacks."""
    hukou = load_table("county_hukou")
    year = hukou[hukou["year"].eq(years.census)].set_index("code")["hukou_population_10k"] * 10_000
    own = year.reindex(rows.index)
    counted = rows["hukou_population"][ZHEJIANG] if years == EARLY else own.drop(ZHEJIANG).sum(skipna=False)
    own.loc[ZHEJIANG] = counted
    return own.to_frame("registered")


def _money(year: int) -> pd.DataFrame:
    frame = build_county_frame().set_index("code")
    primary = load_table("county_gdp").query("year == @year").set_index("code")["primary_gdp_10k_yuan"] * 10_000
    money = pd.DataFrame({"gdp": frame[f"gdp_{year}"], "primary_gdp": primary.reindex(frame.index)})
    money["area_km2"] = frame["area_km2"]
    inside = money[frame["province_code"].eq(ZHEJIANG)]
    economy = load_table("prefecture_economy").query("year == @year")
    prefectures = economy[economy["code"].str[:2].eq(ZHEJIANG[:2]) & economy["code"].ne(ZHEJIANG)]
    gdp = build_province_frame().set_index("code")[f"gdp_{year}"][ZHEJIANG]
    if len(prefectures):
        whole = prefectures["primary_gdp_10k_yuan"].sum(skipna=False) * 10_000
    else:  # a year that a user added to the counties alone: their share of the primary sector is the province's
        known = inside.dropna(subset=["gdp", "primary_gdp"])
        whole = gdp * known["primary_gdp"].sum(min_count=1) / known["gdp"].sum()
    province = {"gdp": gdp, "primary_gdp": whole, "area_km2": inside["area_km2"].sum()}
    return pd.concat([money, pd.DataFrame(province, index=[ZHEJIANG])])


def _lights(wave: _Wave) -> pd.DataFrame:
    lights = load_table("county_lights")
    own = lights[lights["year"].isin(_LIGHT_YEARS[wave]) & lights["code"].str[:2].eq(ZHEJIANG[:2])]
    means = own.pivot(index="code", columns="year", values="light_sum").mean(axis=1, skipna=False)
    if wave == "early":
        means = means.groupby(means.index.map(_whole)).sum(min_count=1)
    means.loc[ZHEJIANG] = means.sum()
    return means.to_frame("lights")
