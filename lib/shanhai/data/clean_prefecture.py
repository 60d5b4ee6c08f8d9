"""Written corrections of the prefecture economy, a compilation with displaced cells and slipped units.

The evidence is inside the table: shares against values, GDP per head against GDP, and the neighbouring years.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shanhai.data.rules import Rule, Tables

TABLE = "prefecture_economy"
SECTORS = ("primary", "secondary", "tertiary")
VALUES = tuple(f"{sector}_gdp_10k_yuan" for sector in SECTORS)
SHARES = tuple(f"{sector}_share_pct" for sector in SECTORS)

GUANGXI_2000 = ("450300", "450400", "450500", "450600", "450700", "450800", "450900")

HEILONGJIANG_2011 = {"230900": "230800", "231000": "230900", "231100": "231000", "231200": "231100", "230800": ""}
"""Where the output of 2011 of each prefecture stands: one row up; that of Jiamusi (230800) is lost."""

GUANGDONG_1999 = {"441900": "441700", "442000": "441600", "441600": "441900", "441700": "442000"}
"""Where the output of 1999 of Dongguan, Zhongshan, Heyuan and Yangjiang stands."""

GUANGDONG_1998 = {"441900": "", "442000": ""}
"""Dongguan and Zhongshan repeat Heyuan and Yangjiang of 1998 to the last digit; their own figures are lost."""

HEILONGJIANG_1990 = {"230300": "230600", "230600": "230300"}
"""Jixi and Daqing hold each other's GDP of 1990."""

INDEX_GROWTH = (100.0, 125.0)
"""Growth printed as an index, previous year = 100. No prefecture grew by 100 to 125 percent in a year."""

DECIMAL_TOLERANCE = 0.25
"""Relative departure from a power of ten, wider than for population because GDP grows between the neighbours."""

NEIGHBOUR_RATIO = 2.0
"""Two years apart, GDP may double; neighbours further apart than this cannot judge the year between them."""


def _move(frame: pd.DataFrame, year: int, source: Mapping[str, str], columns: tuple[str, ...]) -> pd.DataFrame:
    """Give each code of `source` the cells of the code that it names; missing where it names none."""
    of_year = frame["year"].eq(year)
    published = frame.loc[of_year].set_index("code")[list(columns)]
    for code, origin in source.items():
        cells = published.loc[origin].to_numpy() if origin else np.nan
        frame.loc[of_year & frame["code"].eq(code), list(columns)] = cells
    return frame


def _shift_guangxi(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    wrong = frame["year"].eq(2000) & frame["code"].isin(GUANGXI_2000)
    primary, secondary = frame.loc[wrong, VALUES[0]], frame.loc[wrong, VALUES[1]]
    frame.loc[wrong, "gdp_100m_yuan"] = primary / 10_000
    frame.loc[wrong, VALUES[0]] = secondary
    frame.loc[wrong, list(VALUES[1:])] = np.nan
    return frame


def _move_heilongjiang(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    frame = _move(frame, 2011, HEILONGJIANG_2011, ("gdp_100m_yuan", *SHARES, *VALUES))
    return _move(frame, 1990, HEILONGJIANG_1990, ("gdp_100m_yuan",))


def _move_guangdong(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    frame = _move(frame, 1999, GUANGDONG_1999, ("gdp_100m_yuan", *SHARES, "gdp_growth_pct"))
    return _move(frame, 1998, GUANGDONG_1998, ("gdp_100m_yuan",))


def _rescale_sectors(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    for value, share in zip(VALUES, SHARES, strict=True):
        as_printed = frame[value] / frame["gdp_100m_yuan"] * 100
        wrong = (as_printed - frame[share]).abs() <= 1
        frame.loc[wrong, value] = frame.loc[wrong, value] * 10_000
    return frame


def _between_neighbours(frame: pd.DataFrame, column: str) -> pd.Series:
    """Geometric mean of the years before and after, where both are published and agree with each other."""
    ordered = frame.sort_values(["code", "year"])
    years, values = ordered.groupby("code")["year"], ordered.groupby("code")[column]
    before, after = values.shift(), values.shift(-1)
    adjacent = years.diff().eq(1) & years.diff(-1).eq(-1)
    agree = (after / before).between(1 / NEIGHBOUR_RATIO, NEIGHBOUR_RATIO)
    return ((before * after) ** 0.5).where(adjacent & agree).reindex(frame.index)


def _mend_decimals(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    for column in ("gdp_100m_yuan", "gdp_per_capita_yuan"):
        exponent = (frame[column] / _between_neighbours(frame, column)).map(np.log10, na_action="ignore")
        power = exponent.round()
        wrong = power.ne(0) & ((exponent - power).abs() <= np.log10(1 + DECIMAL_TOLERANCE))
        frame.loc[wrong, column] = frame.loc[wrong, column] / 10.0 ** power[wrong]
    return frame


def _growth_from_index(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    wrong = frame["gdp_growth_pct"].between(*INDEX_GROWTH)
    frame.loc[wrong, "gdp_growth_pct"] = (frame.loc[wrong, "gdp_growth_pct"] - 100).round(4)
    return frame


RULES: tuple[Rule, ...] = (
    Rule(
        id="prefecture-guangxi-2000-columns",
        table=TABLE,
        reason=(
            "Seven prefectures of Guangxi hold GDP in the column of the primary sector and the primary sector in that"
            " of the secondary (their quotient is the published primary share); both move one column to the left, and"
            " the two other sectors are set to missing."
        ),
        correct=_shift_guangxi,
    ),
    Rule(
        id="prefecture-heilongjiang-rows",
        table=TABLE,
        reason=(
            "In 2011 the output of five prefectures stands one row too low and in 1990 Jixi and Daqing are swapped:"
            " GDP over GDP per head, and the sum of the counties, fit the neighbouring row."
        ),
        correct=_move_heilongjiang,
    ),
    Rule(
        id="prefecture-guangdong-rows",
        table=TABLE,
        reason=(
            "In 1999 four prefectures hold each other's output (level and shares fit 1997 and 2000 only when moved);"
            " in 1998 two repeat the figures of two others and are set to missing."
        ),
        correct=_move_guangdong,
    ),
    Rule(
        id="prefecture-sectors-in-100m",
        table=TABLE,
        reason=(
            "Value added of a sector over GDP gives the published share only if it is in 100 million yuan"
            " (Shanghai 2020, Chongqing 2021); it is multiplied by 10,000."
        ),
        correct=_rescale_sectors,
    ),
    Rule(
        id="prefecture-decimal-point",
        table=TABLE,
        reason=(
            "The figure is a power of ten times the geometric mean of the years before and after (within a quarter),"
            " so the decimal point slipped; it is divided by that power."
        ),
        correct=_mend_decimals,
    ),
    Rule(
        id="prefecture-growth-index",
        table=TABLE,
        reason="Growth between 100 and 125 is an index with the previous year at 100; 100 is taken off.",
        correct=_growth_from_index,
    ),
)
