"""Flags on the economy tables: what no rule corrects and a user should know.

GDP of counties has its own in :mod:`shanhai.data.flags._gdp`, prefectures in :mod:`shanhai.data.flags._prefecture`.
The year stands in the flag's ``column`` after an ``@``: ``gdp_100m_yuan@1993``.
"""

import numpy as np
import pandas as pd

from shanhai.data.flags._county import another_count_flags, repeated_flags
from shanhai.data.flags._gdp import break_flags, published_flags, territory_flags, yearly_flags, zone_flags
from shanhai.data.flags._prefecture import prefecture_flags
from shanhai.data.frames.harmonise import territory_groups
from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.data.frames.residents import county_population
from shanhai.data.rules import FLAG_COLUMNS, Tables, as_flags

NEEDS = (
    "county_gdp",
    "county_lights",
    "county_hukou",
    "county_investment",
    "county_roads",
    "county_terrain",
    "prefecture_economy",
    "census_2020",
    "census_2010",
    "crosswalk",
    "zones",
)
"""Tables that the flags look at."""

_OWN_MEDIAN = (0.4, 2.5)
"""A stock such as population or road length over the median of all years of its code."""

CENSUS_2010, CENSUS_DRIFT = (0.77, 1.3), 1.02
"""Registered population of 2010 in a yearbook over that in the census of 2010, of the same code; wider by two percent
for each year before or after."""

_LARGEST_HUKOU_10K = 350
"""No county-level unit registers more; Pudong, the largest, had 3.2 million in 2021."""

_INVESTMENT_SPIKE = 3.0
"""Investment over the geometric mean of the years around it, which agree within a factor of three as well."""

_ROAD_SPIKE = 3.0
"""Road length likewise; a stock moves less than a flow. Village roads entered the statistics about 2006, and the step
that this made is a change of definition that stays, not a spike."""

_LIGHT_SPIKE = 1.5
"""Log of light over the mean log of the years around it, which agree within a factor of three, less the median of all
counties in that year (the sensor): a factor of 4.5. Likewise between the last year of one sensor and the first of the
next."""

_LIGHT_PER_HEAD = 10.0
"""Light per resident over the median of all counties."""

_CELLS_OF_RELIEF = 2
"""Cells of land from which the difference between the highest and the lowest says something."""


def _off_own_years(frame: pd.DataFrame, table: str, column: str) -> pd.DataFrame:
    ratio = frame[column] / frame.groupby("code")[column].transform("median")
    rows = frame.loc[ratio.notna() & ~ratio.between(*_OWN_MEDIAN)]
    return yearly_flags(
        rows, table, column, "off_own_years", "not 0.4 to 2.5 times the median of all years of this code"
    )


def _spikes(frame: pd.DataFrame, table: str, column: str, factor: float) -> pd.DataFrame:
    single = frame.loc[~frame.duplicated(["code", "year"])].sort_values(["code", "year"])
    values = single.groupby("code")[column]
    before, after = values.shift(), values.shift(-1)
    steady = (after / before.where(before > 0)).between(1 / 3, 3)
    ratio = single[column] / (before * after) ** 0.5
    reason = f"more than {factor:g} times above or below the years around it"
    return yearly_flags(single.loc[steady & ~ratio.between(1 / factor, factor)], table, column, "spike", reason)


def hukou_flags(hukou: pd.DataFrame, census_2010: pd.DataFrame) -> pd.DataFrame:
    """Registered population that is off its own years or the census of 2010, or larger than any county has."""
    column = "hukou_population_10k"
    large = hukou.loc[hukou[column] > _LARGEST_HUKOU_10K]
    reason = "above 3.5 million, more than any county registers: a slipped decimal point or another unit"
    counted = census_2010.loc[census_2010["is_county"]].dropna(subset="code").set_index("code")["hukou_population"]
    ratio = hukou[column] * 10_000 / hukou["code"].map(counted)
    drift = CENSUS_DRIFT ** (hukou["year"] - 2010).abs()
    wrong = hukou.loc[ratio.notna() & ~ratio.between(CENSUS_2010[0] / drift, CENSUS_2010[1] * drift)]
    why = "not 0.77 to 1.3 times the registered population of the census of 2010, two percent a year allowed for"
    return pd.concat(
        [
            _off_own_years(hukou, "county_hukou", column),
            yearly_flags(wrong, "county_hukou", column, "disagrees_with_census", why),
            yearly_flags(large, "county_hukou", column, "too_large", reason),
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
            yearly_flags(zero, table, column, "zero", "published as zero"),
            yearly_flags(twice, table, column, "two_entries", "two entries under the same code and year"),
            _spikes(investment, table, column, _INVESTMENT_SPIKE),
        ]
    )


def light_flags(lights: pd.DataFrame, crosswalk: pd.DataFrame, residents: pd.Series) -> pd.DataFrame:
    """Lights that are no county's, dark years, years or a change of sensor out of line, more light than residents.

    Parameters
    ----------
    lights, crosswalk : tables.
    residents : of the last census, by code.
    """
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
    spikes = long.loc[long["bend"].abs() > _LIGHT_SPIKE, ["code", "year"]]
    seam = _seam(logs)
    bright = lights.loc[lights["year"].eq(lights["year"].max())].set_index("code")[column]
    bright = bright / residents.reindex(bright.index)
    crowded = bright.index[bright > _LIGHT_PER_HEAD * bright.median()].to_series()
    table = "county_lights"
    reason = "no county of the census: Taiwan, Kinmen, Hong Kong, Macau, Sansha, a zone, or land of no county (999077)"
    dark_reason = "no light at all: below what the sensor sees, not absence of life"
    seam_reason = (
        "changed 4.5 times more or less than other counties when the sensor changed: not a change on the ground"
    )
    head_reason = (
        "light per resident more than ten times the median: industry, ports and roads, or a polygon wider than the"
        " ground on which residents are counted (错那, 墨脱 and 察隅 in Tibet)"
    )
    return pd.concat(
        [
            as_flags(foreign["code"], table, column, "no_county", reason),
            yearly_flags(dark, table, column, "dark", dark_reason),
            yearly_flags(spikes, table, column, "spike", "4.5 times above or below the years around it"),
            as_flags(seam, table, f"{column}@{SENSOR_BREAK}", "sensor_break", seam_reason),
            as_flags(crowded, table, column, "light_per_head", head_reason),
        ]
    )


def _seam(logs: pd.DataFrame) -> pd.Series:
    """Codes whose light changed by more than `_LIGHT_SPIKE` against all counties when the sensor changed."""
    if not {SENSOR_BREAK - 1, SENSOR_BREAK} <= set(logs.columns):
        return pd.Series(dtype="str")
    change = logs[SENSOR_BREAK] - logs[SENSOR_BREAK - 1]
    return change.index[(change - change.median()).abs() > _LIGHT_SPIKE].to_series()


def terrain_step_flags(terrain: pd.DataFrame) -> pd.DataFrame:
    """Ruggedness, and relief of two cells of land or more, of exactly zero."""
    reason = "exactly zero: heights come in steps of 28 m, so that gentler ground does not show; flat, not level"
    relief = terrain["relief_m"].eq(0) & terrain["land_cells"].ge(_CELLS_OF_RELIEF)
    return pd.concat(
        [
            as_flags(terrain.loc[rows, "code"], "county_terrain", column, "below_step", reason)
            for column, rows in (("ruggedness", terrain["ruggedness"].eq(0)), ("relief_m", relief))
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
        light_flags(tables["county_lights"], tables["crosswalk"], county_population(tables["census_2020"])),
        terrain_step_flags(tables["county_terrain"]),
        hukou_flags(tables["county_hukou"], tables["census_2010"]),
        another_count_flags(tables),
        investment_flags(tables["county_investment"]),
        _spikes(tables["county_roads"], "county_roads", "road_length_km", _ROAD_SPIKE),
        prefecture_flags(tables["prefecture_economy"]),
    ]
    flags = pd.concat(parts, ignore_index=True)
    return flags.sort_values(["table", "code", "column", "flag"], ignore_index=True)[list(FLAG_COLUMNS)]
