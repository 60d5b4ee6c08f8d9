"""Flags on the economy tables: what no rule corrects and a user should know. GDP of counties: `flags_gdp`.

The year stands in the flag's ``column`` after an ``@``: ``gdp_100m_yuan@1993``.
"""

import numpy as np
import pandas as pd

from shanhai.data.flags_county import another_count_flags, repeated_flags
from shanhai.data.flags_gdp import as_flags, break_flags, published_flags, territory_flags, zone_flags
from shanhai.data.harmonise import territory_groups
from shanhai.data.rules import FLAG_COLUMNS, Tables

NEEDS = (
    "county_gdp",
    "county_lights",
    "county_hukou",
    "county_investment",
    "county_roads",
    "prefecture_economy",
    "census_2020",
    "census_2010",
    "crosswalk",
    "zones",
)
"""Tables that the flags look at."""

OWN_MEDIAN = (0.4, 2.5)
"""A stock such as population or road length over the median of all years of its code."""

CENSUS_2010, CENSUS_DRIFT = (0.77, 1.3), 1.02
"""Registered population of 2010 in a yearbook over that in the census of 2010, of the same code; wider by two percent
for each year before or after."""

LARGEST_HUKOU_10K = 350
"""No county-level unit registers more; Pudong, the largest, had 3.2 million in 2021."""

INVESTMENT_SPIKE = 10.0
"""Investment over the geometric mean of the years around it, which agree within a factor of three."""

ROAD_SPIKE = 3.0
"""Road length likewise; a stock moves less than a flow. Village roads entered the statistics about 2006, and the step
that this made is a change of definition that stays, not a spike."""

LIGHT_SPIKE = 1.5
"""Log of light over the mean log of the years around it, which agree within a factor of three, less the median of all
counties in that year (the sensor): a factor of 4.5."""

GDP_JUMP = (0.6, 1.7)
"""GDP over that of the year before."""

GROWTH = (-20.0, 45.0)
"""Percent a year."""

SHARE_GAP = 5.0
"""Percentage points between a published share and value added over GDP, or between the sum of shares and 100."""

POPULATION_JUMP = (0.9, 1.1)
"""GDP over GDP per head (the population behind it) over that of the year before."""


def _yearly(rows: pd.DataFrame, table: str, column: str, flag: str, reason: str) -> pd.DataFrame:
    flags = as_flags(rows["code"], table, column, flag, reason)
    flags["column"] = [f"{column}@{year}" for year in rows["year"]]
    return flags


def _off_own_years(frame: pd.DataFrame, table: str, column: str) -> pd.DataFrame:
    ratio = frame[column] / frame.groupby("code")[column].transform("median")
    rows = frame.loc[ratio.notna() & ~ratio.between(*OWN_MEDIAN)]
    return _yearly(rows, table, column, "off_own_years", "not 0.4 to 2.5 times the median of all years of this code")


def _spikes(frame: pd.DataFrame, table: str, column: str, factor: float) -> pd.DataFrame:
    single = frame.loc[~frame.duplicated(["code", "year"])].sort_values(["code", "year"])
    values = single.groupby("code")[column]
    before, after = values.shift(), values.shift(-1)
    steady = (after / before.where(before > 0)).between(1 / 3, 3)
    ratio = single[column] / (before * after) ** 0.5
    reason = f"more than {factor:g} times above or below the years around it"
    return _yearly(single.loc[steady & ~ratio.between(1 / factor, factor)], table, column, "spike", reason)


def hukou_flags(hukou: pd.DataFrame, census_2010: pd.DataFrame) -> pd.DataFrame:
    """Registered population that is off its own years or the census of 2010, or larger than any county has."""
    column = "hukou_population_10k"
    large = hukou.loc[hukou[column] > LARGEST_HUKOU_10K]
    reason = "above 3.5 million, more than any county registers: a slipped decimal point or another unit"
    counted = census_2010.loc[census_2010["is_county"]].dropna(subset="code").set_index("code")["hukou_population"]
    ratio = hukou[column] * 10_000 / hukou["code"].map(counted)
    drift = CENSUS_DRIFT ** (hukou["year"] - 2010).abs()
    wrong = hukou.loc[ratio.notna() & ~ratio.between(CENSUS_2010[0] / drift, CENSUS_2010[1] * drift)]
    why = "not 0.77 to 1.3 times the registered population of the census of 2010, two percent a year allowed for"
    return pd.concat(
        [
            _off_own_years(hukou, "county_hukou", column),
            _yearly(wrong, "county_hukou", column, "disagrees_with_census", why),
            _yearly(large, "county_hukou", column, "too_large", reason),
        ]
    )


def investment_flags(investment: pd.DataFrame) -> pd.DataFrame:
    """Investment of zero, with two entries, or out of line with the years around it."""
    column = "investment_100m_yuan"
    zero = investment.loc[investment[column].eq(0)]
    twice = investment.loc[investment.duplicated(["code", "year"], keep=False)]
    table = "county_investment"
    return pd.concat(
        [
            _yearly(zero, table, column, "zero", "published as zero"),
            _yearly(twice, table, column, "two_entries", "two entries under the same code and year"),
            _spikes(investment, table, column, INVESTMENT_SPIKE),
        ]
    )


def light_flags(lights: pd.DataFrame, crosswalk: pd.DataFrame) -> pd.DataFrame:
    """Lights that are no county's, dark years, and years out of line with those around them."""
    column = "light_sum"
    outside = ~lights["code"].isin(territory_groups(crosswalk, 2021)["code"])
    foreign = lights.loc[outside].drop_duplicates("code")
    dark = lights.loc[~outside & lights[column].eq(0)]
    wide = lights.pivot(index="code", columns="year", values=column).replace(0, np.nan)
    logs = wide.apply(np.log)
    before, after = logs.shift(1, axis=1), logs.shift(-1, axis=1)
    bend = (logs - (before + after) / 2).where((after - before).abs() <= np.log(3))
    bend = bend - bend.median()
    long = bend.melt(ignore_index=False, value_name="bend").reset_index()
    spikes = long.loc[long["bend"].abs() > LIGHT_SPIKE, ["code", "year"]]
    table = "county_lights"
    reason = "no county of the census: Taiwan, Kinmen, Hong Kong, Macau, Sansha, a zone, or land of no county (999077)"
    return pd.concat(
        [
            as_flags(foreign["code"], table, column, "no_county", reason),
            _yearly(dark, table, column, "dark", "no light at all: below what the sensor sees, not absence of life"),
            _yearly(spikes, table, column, "spike", "4.5 times above or below the years around it"),
        ]
    )


def _previous(frame: pd.DataFrame, column: str) -> pd.Series:
    values = frame[column].groupby(frame["code"]).shift()
    return values.where(frame["year"].groupby(frame["code"]).diff().eq(1))


def prefecture_flags(economy: pd.DataFrame) -> pd.DataFrame:
    """Breaks and contradictions of the prefecture economy after its corrections."""
    frame = economy.sort_values(["code", "year"]).copy()
    frame["behind"] = frame["gdp_100m_yuan"] * 1e8 / frame["gdp_per_capita_yuan"]
    growth = frame["gdp_100m_yuan"] / _previous(frame, "gdp_100m_yuan")
    heads = frame["behind"] / _previous(frame, "behind")
    shares = frame[["primary_share_pct", "secondary_share_pct", "tertiary_share_pct"]].sum(axis=1, skipna=False)
    values = frame["tertiary_gdp_10k_yuan"] / 1e4 / frame["gdp_100m_yuan"] * 100
    published = frame["gdp_growth_pct"]
    repeated = frame["gdp_100m_yuan"].notna() & frame.duplicated(["year", "gdp_100m_yuan"], keep=False)
    checks = {
        (
            "gdp_100m_yuan",
            "jump",
            "not 0.6 to 1.7 times the year before: city proper against whole prefecture,"
            " new boundaries, revision or error",
        ): growth.notna() & ~growth.between(*GDP_JUMP),
        ("gdp_100m_yuan", "repeated", "another prefecture has the same GDP in this year"): repeated,
        (
            "gdp_per_capita_yuan",
            "population_base",
            "the population behind GDP per head changed by more than a tenth"
            " in a year: registered against resident, or new boundaries",
        ): heads.notna() & ~heads.between(*POPULATION_JUMP),
        ("gdp_growth_pct", "growth", "published growth outside -20 to 45 percent"): published.notna()
        & ~published.between(*GROWTH),
        ("primary_share_pct", "shares", "the three shares do not sum to 99 to 101"): shares.notna()
        & ~shares.between(99, 101),
        (
            "tertiary_gdp_10k_yuan",
            "share_gap",
            "value added over GDP is more than five points off the published share",
        ): (values - frame["tertiary_share_pct"]).abs() > SHARE_GAP,
    }
    return pd.concat(
        [
            _yearly(frame.loc[mask], "prefecture_economy", column, flag, why)
            for (column, flag, why), mask in checks.items()
        ]
    )


def economy_flags(tables: Tables, gdp_corrections: pd.DataFrame) -> pd.DataFrame:
    """All flags on the economy tables.

    Parameters
    ----------
    tables : corrected frames by the names in `NEEDS`.
    gdp_corrections : log of the corrections of county_gdp.

    Returns
    -------
    pandas.DataFrame with the columns code, table, column, flag, reason, sorted.
    """
    parts = [
        published_flags(tables, gdp_corrections),
        repeated_flags(tables),
        break_flags(tables),
        territory_flags(tables),
        zone_flags(tables),
        light_flags(tables["county_lights"], tables["crosswalk"]),
        hukou_flags(tables["county_hukou"], tables["census_2010"]),
        another_count_flags(tables),
        investment_flags(tables["county_investment"]),
        _spikes(tables["county_roads"], "county_roads", "road_length_km", ROAD_SPIKE),
        prefecture_flags(tables["prefecture_economy"]),
    ]
    flags = pd.concat(parts, ignore_index=True)
    return flags.sort_values(["table", "code", "column", "flag"], ignore_index=True)[list(FLAG_COLUMNS)]
