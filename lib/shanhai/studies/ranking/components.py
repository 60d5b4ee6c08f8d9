"""The sums behind the indicators of Zhejiang's counties, for 2010/11 and for 2020/21.

Every indicator is a ratio of sums, so that a county and the part that left it can be put together: Longgang left
Cangnan in 2019, and what the two had before exists for both together only.
"""

from functools import lru_cache
from typing import Literal, get_args

import pandas as pd

from shanhai.core import fields, sources
from shanhai.data.frames import panel
from shanhai.data.frames.aggregates import build_province_frame
from shanhai.data.frames.panel import ELDERLY, build_county_frame, county_rows
from shanhai.data.load import load_table
from shanhai.data.store import input_files, stored

Wave = Literal["early", "late"]

TABLES = (*panel.TABLES, "county_hukou")
"""Tables that the sums are made of."""

PROVINCE = "330000"
REUNITED = {"330383": "330327"}
"""Longgang goes back to Cangnan where both years are compared."""

GDP_YEAR = {"early": 2011, "late": 2021}
CENSUS_YEAR = {"early": 2010, "late": 2020}
LIGHT_YEARS = {"early": (2013, 2014, 2015), "late": (2020, 2021, 2022)}
"""Three years of the same sensor; the early ones are the first of it, so lights change from 2014 to 2021 on average."""

CHILDREN = ("age_0", "age_1_4", "age_5_9", "age_10_14")


def components(wave: Wave, *, reunited: bool = False) -> pd.DataFrame:
    """Sums by code: every county of Zhejiang and the province.

    Parameters
    ----------
    wave : str
    reunited : bool
        Put Longgang back into Cangnan in 2020/21 too; in 2010/11 they are one.

    Returns ------- DataFrame indexed by code: population, urban, aged, adults (15 and over), illiterates, schooling
    (years of all adults), farm_workers and workers (of the long form; in 2010 percent), households and with_car (long
    form; missing in 2010), registered (persons), gdp and primary_gdp (yuan), lights (mean sum of three years),
    area_km2. Missing stays missing.
    """
    every = _stored()
    frame = every[every["wave"].eq(wave)].drop(columns="wave").set_index("code")
    if reunited:
        # areas of 2017 have both in one
        areas = frame["area_km2"].groupby(frame.index.map(_whole)).first()
        frame = frame.groupby(frame.index.map(_whole)).sum(min_count=1, skipna=False).assign(area_km2=areas)
    return frame.rename_axis("code").sort_index()


@lru_cache(maxsize=1)
def _stored() -> pd.DataFrame:
    inputs = [*input_files(TABLES, ["counties"]), fields.DICTIONARY, sources.REGISTRY]
    return stored("evaluation_components", inputs, lambda: pd.concat([_built(wave) for wave in get_args(Wave)]))


def _built(wave: Wave) -> pd.DataFrame:
    census = load_table(f"census_{CENSUS_YEAR[wave]}")
    rows = county_rows(census)
    rows = pd.concat([rows[rows["province_code"].eq(PROVINCE)], census[census["code"].eq(PROVINCE)].set_index("code")])
    frame = _people(rows).join([_work(rows, wave), _registered(rows, wave), _money(wave), _lights(wave)])
    return frame.rename_axis("code").reset_index().assign(wave=wave)


def _whole(code: str) -> str:
    return REUNITED.get(code, code)


def _people(rows: pd.DataFrame) -> pd.DataFrame:
    people = rows["population"].astype(float)
    adults = people - rows[list(CHILDREN)].sum(axis=1, skipna=False)
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


def _work(rows: pd.DataFrame, wave: Wave) -> pd.DataFrame:
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


def _registered(rows: pd.DataFrame, wave: Wave) -> pd.DataFrame:
    """Registered population at the end of the year; of the province the sum, in 2010 the census's: one county lacks."""
    hukou = load_table("county_hukou")
    year = hukou[hukou["year"].eq(CENSUS_YEAR[wave])].set_index("code")["hukou_population_10k"] * 10_000
    own = year.reindex(rows.index)
    counted = rows["hukou_population"] if wave == "early" else own.drop(PROVINCE)
    own.loc[PROVINCE] = counted[PROVINCE] if wave == "early" else counted.sum(skipna=False)
    return own.to_frame("registered")


def _money(wave: Wave) -> pd.DataFrame:
    year = GDP_YEAR[wave]
    frame = build_county_frame().set_index("code")
    primary = load_table("county_gdp").query("year == @year").set_index("code")["primary_gdp_10k_yuan"] * 10_000
    money = pd.DataFrame({"gdp": frame[f"gdp_{year}"], "primary_gdp": primary.reindex(frame.index)})
    money["area_km2"] = frame["area_km2"]
    economy = load_table("prefecture_economy").query("year == @year")
    inside = economy[economy["code"].str[:2].eq(PROVINCE[:2]) & economy["code"].ne(PROVINCE)]
    whole = {
        "gdp": build_province_frame().set_index("code")[f"gdp_{year}"][PROVINCE],
        "primary_gdp": inside["primary_gdp_10k_yuan"].sum(skipna=False) * 10_000,
        "area_km2": frame.loc[frame["province_code"].eq(PROVINCE), "area_km2"].sum(),
    }
    return pd.concat([money, pd.DataFrame(whole, index=[PROVINCE])])


def _lights(wave: Wave) -> pd.DataFrame:
    lights = load_table("county_lights")
    own = lights[lights["year"].isin(LIGHT_YEARS[wave]) & lights["code"].str[:2].eq(PROVINCE[:2])]
    means = own.pivot(index="code", columns="year", values="light_sum").mean(axis=1, skipna=False)
    if wave == "early":
        means = means.groupby(means.index.map(_whole)).sum(min_count=1)
    means.loc[PROVINCE] = means.sum()
    return means.to_frame("lights")
