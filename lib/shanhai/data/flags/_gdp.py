"""Flags on county GDP: figures that no rule corrects and that a user should know about before using them."""

import itertools

import numpy as np
import pandas as pd

from shanhai.data.corrections import logs
from shanhai.data.flags._census import literacy_flags
from shanhai.data.frames.harmonise import published_gdp, same_ground, territory_groups, to_counties_2020
from shanhai.data.frames.residents import county_population, per_head_ratio
from shanhai.data.rules import FLAG_COLUMNS, Tables, as_flags
from shanhai.data.years import (
    GDP_YEARS,
    NEWEST,
    further_years,
    near_census,
    nearest_census,
    years_in_full,
    years_of_gdp,
)
from shanhai.geo.borders import BORDER_FLAGS

_AGREEMENT, _FAR_AGREEMENT = (0.8, 1.25), (0.5, 2.0)
"""GDP over population as a multiple of published GDP per head: outside, the two disagree. Wider for years, as 2001, to
which no census is near."""

YUAN_100M_IN_10K = 10_000

_GROWTH_OF_DECADE, _GROWTH_OF_YEAR = (0.5, 6.0), (0.6, 1.7)
"""Nominal GDP of one unit over that of a decade, or a year, before; China's total grew 2.3-fold from 2011 to 2021. For
other spans the bounds lie between, evenly in logs."""

_PRIMARY_BREAK = 5.0
"""Primary value added over that of the year before in the table, against the median of the province, or its inverse."""

_LAGGING = 2 / 3
"""Growth of GDP since the year before in the table, and GDP per resident, against the medians of the prefecture."""

_ZONE_SHARE = 0.05
"""A development zone matters to its host if its population is at least this share of the host's."""

_TERRITORY_FLAGS = {2017: "boundary_2017_crossed", 2010: "population_2010_redrawn"}
"""Flag of a county of 2020 whose unit of this vintage stood on other ground; that of 2021 is on the GDP of a year."""

MONEY = ("gdp_10k_yuan", "primary_gdp_10k_yuan")

_REASONS = {
    "unit_corrected": "published in 100 million yuan or in yuan, corrected to 10,000 yuan",
    "unchecked": "no GDP per head is published, or no census population of the same unit, to check the level",
    "rounded": "rounded to 100 million yuan",
    "from_prefecture": "prefecture without counties: taken from the table of prefectures, the other has none",
    "redrawn": "district redrawn after the census: its figures of {year} cannot be told from its neighbours'",
    "includes_zone": "GDP over GDP per head implies the population of the county and its development zone",
    "may_include_zone": "hosts a development zone, and no GDP per head is published to tell whose GDP it is",
    "boundary_2017_crossed": "its polygon of 2017 covers land that is not its own in 2020, or lacks some that is",
    "no_polygon": "no polygon in the layer (in ours: formed after 2017), so no area, terrain or distance to the border",
    **BORDER_FLAGS,
    "population_2010_redrawn": "redrawn between the censuses: population of 2010 cannot be told from its neighbours'",
    "primary_zero": "value added of the primary sector is exactly zero",
}
"""What each flag says; `by_year` names those of every year's GDP."""


def by_year(flag: str, year: int) -> tuple[str, str]:
    """Name and reason of a flag on the GDP of a year.

    Examples
    --------
    >>> by_year("rounded", 2021)
    ('gdp_2021_rounded', 'rounded to 100 million yuan')
    """
    if flag == "disagrees_with_per_head":
        low, high = agreement(year)
        reason = f"GDP over residents of {nearest_census(year)} is not {low:g} to {high:g} times published GDP per head"
    else:
        reason = _REASONS[flag].format(year=year)
    return f"gdp_{year}_{flag}", reason


def agreement(year: int) -> tuple[float, float]:
    """Range of GDP over residents against GDP per head in which the two agree."""
    return _AGREEMENT if near_census(year) else _FAR_AGREEMENT


def yearly_flags(rows: pd.DataFrame, table: str, column: str, flag: str, reason: str) -> pd.DataFrame:
    """One row a row of a long table, with the columns `FLAG_COLUMNS`; the year stands behind the column."""
    flags = as_flags(rows["code"], table, column, flag, reason)
    flags["column"] = [f"{column}@{year}" for year in rows["year"]]
    return flags


def _gdp(codes: pd.Series, flag: str, column: str = "gdp_10k_yuan") -> pd.DataFrame:
    return as_flags(codes, "county_gdp", column, flag, _REASONS[flag])


def _gdp_of(year: int, codes: pd.Series, flag: str) -> pd.DataFrame:
    return as_flags(codes, "county_gdp", "gdp_10k_yuan", *by_year(flag, year))


def published_flags(tables: Tables, corrections: pd.DataFrame) -> pd.DataFrame:
    """Flags on the figures as published, by code of 2021.

    Parameters
    ----------
    tables : needs county_gdp (corrected), census_2020, census_2010, crosswalk.
    corrections : log of the corrections of county_gdp.
    """
    gdp = tables["county_gdp"]
    residents = county_population(tables["census_2020"]).astype(float)
    earlier = to_counties_2020(county_population(tables["census_2010"]), tables["crosswalk"], 2010)["value"]
    people = {2010: same_ground(earlier, tables["crosswalk"]), 2020: same_ground(residents, tables["crosswalk"])}
    found = []
    for year in years_of_gdp(gdp):
        rows = gdp.loc[gdp["year"].eq(year) & gdp["gdp_10k_yuan"].notna()]
        ratio = per_head_ratio(rows, people[nearest_census(year)])
        disagrees = ratio.notna() & ~ratio.between(*agreement(year))
        found.append(_gdp_of(year, rows.loc[disagrees, "code"], "disagrees_with_per_head"))
        if year not in GDP_YEARS[:-1]:
            rounded = rows["gdp_10k_yuan"].mod(YUAN_100M_IN_10K).eq(0)
            found.append(_gdp_of(year, rows.loc[ratio.isna(), "code"], "unchecked"))
            found.append(_gdp_of(year, rows.loc[rounded, "code"], "rounded"))
    found.extend(_growth_outside(gdp, before, year) for before, year in _growth_spans(gdp))
    found.extend(_unit_corrected(corrections))
    zero = gdp["primary_gdp_10k_yuan"].eq(0)
    found.append(_gdp(gdp.loc[zero, "code"], "primary_zero", "primary_gdp_10k_yuan"))
    return pd.concat(found, ignore_index=True)


def _growth_spans(gdp: pd.DataFrame) -> list[tuple[int, int]]:
    """Pairs of years whose growth is checked: the last two that are compared, and each further one with that before."""
    years = sorted({*GDP_YEARS, *further_years(gdp, GDP_YEARS)})
    further = [(before, year) for before, year in itertools.pairwise(years) if year not in GDP_YEARS]
    return [(GDP_YEARS[-2], GDP_YEARS[-1]), *further]


def _growth_bounds(years: int) -> tuple[float, float]:
    """Lowest and highest plausible ratio of nominal GDP over that of so many years before.

    Examples
    --------
    >>> _growth_bounds(10), _growth_bounds(1)
    ((0.5, 6.0), (0.6, 1.7))
    """
    share = (years - 1) / 9
    low, high = (
        year * (decade / year) ** share for year, decade in zip(_GROWTH_OF_YEAR, _GROWTH_OF_DECADE, strict=True)
    )
    return round(low, 3), round(high, 3)


def _growth_outside(gdp: pd.DataFrame, before: int, year: int) -> pd.DataFrame:
    wide = gdp.pivot(index="code", columns="year", values="gdp_10k_yuan").reindex(columns=[before, year])
    growth = wide[year] / wide[before]
    low, high = _growth_bounds(year - before)
    outside = growth.index[growth.notna() & ~growth.between(low, high)].to_series()
    reason = f"GDP of {year} is not {low:g} to {high:g} times that of {before}"
    return as_flags(outside, "county_gdp", "gdp_10k_yuan", f"gdp_{year}_growth", reason)


def _unit_corrected(corrections: pd.DataFrame) -> list[pd.DataFrame]:
    rows = corrections.loc[corrections["rule"].eq("gdp-unit") & corrections["column"].eq("gdp_10k_yuan")]
    keys = rows["key"].str.extract(r"code=(?P<code>[0-9]{6});year=(?P<year>[0-9]{4})")
    return [
        _gdp_of(int(year), keys.loc[keys["year"].eq(year), "code"], "unit_corrected") for year in keys["year"].unique()
    ]


def break_flags(tables: Tables) -> pd.DataFrame:
    """Breaks between a year and the one before it in the table: primary value added, and GDP that falls behind."""
    gdp = tables["county_gdp"]
    residents = same_ground(county_population(tables["census_2020"]).astype(float), tables["crosswalk"])
    money = {column: logs(gdp.set_index(["code", "year"])[column]).unstack("year") for column in MONEY}
    codes = money["gdp_10k_yuan"].index
    years = sorted(map(int, gdp["year"].unique()))
    per_head = money["gdp_10k_yuan"].sub(logs(residents).reindex(codes), axis=0)
    parts = []
    for before, year in itertools.pairwise(years):
        growth = {column: wide[year] - wide[before] for column, wide in money.items()}
        primary = growth[MONEY[1]] - growth[MONEY[1]].groupby(codes.str[:2]).transform("median")
        broken = codes[primary.abs() > np.log(_PRIMARY_BREAK)].to_series()
        reason = (
            f"from {before} to {year} it rose or fell by {_PRIMARY_BREAK:g} times more than in the province: a digit"
            " lost, another ground or coverage, or farmland built over"
        )
        parts.append(as_flags(broken, "county_gdp", MONEY[1], f"primary_{year}_break", reason))
        if year < NEWEST:
            continue
        slow = growth[MONEY[0]] - growth[MONEY[0]].groupby(codes.str[:4]).transform("median") < np.log(_LAGGING)
        poor = per_head[year] - per_head[year].groupby(codes.str[:4]).transform("median") < np.log(_LAGGING)
        reason = (
            f"GDP per resident, and its growth since {before}, are below two thirds of the prefecture's medians: a zone"
            " or ceded land may be counted elsewhere"
        )
        parts.append(
            as_flags(codes[slow & poor].to_series(), "county_gdp", MONEY[0], f"gdp_{year}_lags_prefecture", reason)
        )
    return pd.concat([pd.DataFrame(columns=list(FLAG_COLUMNS)), *parts], ignore_index=True)


def territory_flags(tables: Tables) -> pd.DataFrame:
    """Flags on counties of 2020 whose GDP of the years in full, people of 2010 or polygon of 2017 are of other land."""
    links = territory_groups(tables["crosswalk"], 2021)
    redrawn = links.loc[~links["recoverable"], "code_2020"].drop_duplicates()
    years = years_in_full(tables["county_gdp"])
    found = [as_flags(redrawn, "counties", "code", *by_year("redrawn", year)) for year in years]
    for vintage, flag in _TERRITORY_FLAGS.items():
        links = territory_groups(tables["crosswalk"], vintage)
        codes = links.loc[~links["recoverable"], "code_2020"].drop_duplicates()
        found.append(as_flags(codes, "counties", "code", flag, _REASONS[flag]))
    return pd.concat(found, ignore_index=True)


def zone_flags(tables: Tables) -> pd.DataFrame:
    """Flags on counties of 2020 whose GDP includes, or may include, a development zone that they host.

    The census of 2020 counts the residents of zones: years that are nearer to another are not flagged.
    """
    census = tables["census_2020"].set_index("row")["population"]
    zones = tables["zones"].dropna(subset=["host_code", "row_2020"])
    in_zones = zones["row_2020"].map(census).groupby(zones["host_code"]).sum()
    county = county_population(tables["census_2020"]).reindex(in_zones.index)
    codes = in_zones.index.to_series()
    found = []
    for year in years_in_full(tables["county_gdp"]):
        if nearest_census(year) != 2020:
            continue
        gdp = tables["county_gdp"].loc[tables["county_gdp"]["year"].eq(year)].set_index("code").reindex(in_zones.index)
        implied = gdp["gdp_10k_yuan"] / gdp["gdp_per_capita_10k_yuan"]
        matters = (in_zones >= _ZONE_SHARE * county) & gdp["gdp_10k_yuan"].notna()
        includes = matters & (implied >= county + in_zones / 2)
        found.append(_gdp_of(year, codes[includes], "includes_zone"))
        found.append(_gdp_of(year, codes[matters & implied.isna()], "may_include_zone"))
    return pd.concat(found, ignore_index=True)


def gdp_from_prefecture(tables: Tables, year: int) -> pd.Index:
    """Codes of prefectures without counties whose GDP of a year only the table of prefectures has.

    Such a prefecture is its own county (Dongguan, Zhongshan, Danzhou, Jiayuguan), so its figure is the county's.
    """
    own = tables["counties"].loc[tables["counties"]["kind"].eq("prefecture_as_county"), "code"]
    gdp = tables["county_gdp"]
    known = gdp.loc[gdp["year"].eq(year) & gdp["gdp_10k_yuan"].notna(), "code"]
    published = published_gdp(tables["prefecture_economy"], year).dropna().index
    return pd.Index(sorted((set(own) & set(published)) - set(known)))


def _split(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Flags that a column joins by ``;``, one row a flag."""
    rows = frame[["code", column]].dropna(subset=column)
    flags = rows.assign(flag=rows[column].str.split(";")).explode("flag")
    return flags.loc[flags["flag"].ne(""), ["code", "flag"]]


def _literacy(tables: Tables) -> pd.DataFrame:
    """Flags of the illiteracy and the schooling of 2020, which the frame takes from the census."""
    flags = literacy_flags(tables)
    return flags.loc[flags["table"].eq("census_2020"), ["code", "flag"]]


def frame_flags(tables: Tables, corrections: pd.DataFrame, geography: pd.DataFrame) -> pd.Series:
    """Flags of the county frame: sorted names joined by ``;``, by code of 2020."""
    published = pd.concat([published_flags(tables, corrections), break_flags(tables)])
    links = territory_groups(tables["crosswalk"], 2021)[["code", "code_2020"]]
    moved = published.merge(links, on="code")[["code_2020", "flag"]].rename(columns={"code_2020": "code"})
    borrowed = [
        _gdp_of(year, gdp_from_prefecture(tables, year).to_series(), "from_prefecture")
        for year in years_in_full(tables["county_gdp"])
    ]
    counties = tables["counties"]["code"]
    blank = _gdp(counties[~counties.isin(geography["code"])], "no_polygon")
    own = pd.concat([territory_flags(tables), zone_flags(tables), *borrowed, blank, _literacy(tables)])[
        ["code", "flag"]
    ]
    ground = [_split(tables["county_terrain"], "terrain_flags"), _split(geography, "border_flags")]
    flags = pd.concat([moved, own, *ground]).drop_duplicates().sort_values(["code", "flag"])
    return flags.groupby("code")["flag"].agg(";".join)
