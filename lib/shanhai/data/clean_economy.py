"""Written corrections of the county tables of GDP and registered population.

Each rule states its condition in bounds declared here; what no rule explains stays as published and becomes a flag
(:mod:`shanhai.data.flags_economy`).
"""

import numpy as np
import pandas as pd

from shanhai.data import clean_prefecture
from shanhai.data.rules import Rule, Tables

YUAN_100M_IN_10K = 10_000
"""One hundred million yuan in units of 10,000 yuan: the factor between the two units in use."""

HONEST_RATIO = (0.3, 4.0)
"""GDP over census population against the published GDP per head: the range that zones, redrawn districts and other
population bases explain. The ratios of 2021 lie in 0.36 to 3.72, or 10,000 times lower, with nothing between."""

OTHER_UNIT_2001 = ("340181", "500110", "500111")
"""Codes of 2021 under which the rows of 2001 hold another unit: Chaohu the former prefecture of that name, and the two
districts of Chongqing (Qijiang, Dazu) the former districts Wansheng and Shuangqiao, whose codes they took over."""

DECIMAL_TOLERANCE = 0.04
"""Largest relative departure from a power of ten at which a slipped decimal point is the explanation."""

OWN_MEDIAN_RATIO = (0.4, 2.5)
"""Registered population over the median of all years of the same code: outside, the figure is doubtful."""


def per_head_ratio(gdp: pd.DataFrame, population: pd.Series) -> pd.Series:
    """GDP over population as a multiple of the published GDP per head, by row of `gdp`; 1 is agreement.

    Parameters
    ----------
    gdp : columns code, gdp_10k_yuan, gdp_per_capita_10k_yuan (10,000 yuan).
    population : persons by code; a code without population, or a row without GDP per head, gives NaN.
    """
    return gdp["gdp_10k_yuan"] / gdp["code"].map(population) / gdp["gdp_per_capita_10k_yuan"]


def county_population(census: pd.DataFrame) -> pd.Series:
    """Resident population (persons) by code of the units of analysis of a census table."""
    return census.loc[census["is_county"] & census["code"].notna()].set_index("code")["population"]


def suspected_unit_errors(gdp: pd.DataFrame, population: pd.Series) -> pd.Series:
    """Whether a row of 2021 is in 100 million yuan: its ratio times 10,000 lies in the honest range, by row."""
    scaled = per_head_ratio(gdp, population) * YUAN_100M_IN_10K
    return gdp["year"].eq(2021) & scaled.between(*HONEST_RATIO)


def _rescale_gdp(gdp: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    wrong = suspected_unit_errors(gdp, county_population(tables["census_2020"]))
    columns = ["gdp_10k_yuan", "primary_gdp_10k_yuan"]
    gdp.loc[wrong, columns] = gdp.loc[wrong, columns] * YUAN_100M_IN_10K
    return gdp


def _drop_other_unit(gdp: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    wrong = gdp["year"].eq(2001) & gdp["code"].isin(OTHER_UNIT_2001)
    gdp.loc[wrong, ["gdp_10k_yuan", "primary_gdp_10k_yuan", "gdp_per_capita_10k_yuan"]] = np.nan
    return gdp


def nearest_years(values: pd.Series, years: pd.Series, count: int = 4) -> pd.Series:
    """Median of the `count` published values of other years that are nearest in time, by row of one place.

    Fewer values are used if no more are published; NaN if there is none. Earlier years go first among equally near.
    """
    known = values.notna().to_numpy()
    numbers, when = values.to_numpy(dtype=float), years.to_numpy()
    medians = np.full(len(values), np.nan)
    for row in range(len(values)):
        others = np.flatnonzero(known & (np.arange(len(values)) != row))
        if others.size:
            order = np.argsort(np.abs(when[others] - when[row]), kind="stable")[:count]
            medians[row] = np.median(numbers[others[order]])
    return pd.Series(medians, index=values.index)


def decimal_slip(values: pd.Series, reference: pd.Series, tolerance: float = DECIMAL_TOLERANCE) -> pd.Series:
    """Power of ten by which a value exceeds its reference, 0 where no power but 1 explains it.

    A slip is seen where value over reference is within `tolerance` of 10, 100, ... or 0.1, 0.01, ...
    """
    quotient = values.where(values > 0) / reference.where(reference > 0)
    exponent = quotient.map(np.log10, na_action="ignore")
    power = exponent.round()
    near = (exponent - power).abs() <= np.log10(1 + tolerance)
    return power.where(near, 0).fillna(0).astype(int)


def _mend_hukou_decimals(hukou: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    column = "hukou_population_10k"
    median = hukou.groupby("code")[column].transform("median")
    doubtful = ~(hukou[column] / median).between(*OWN_MEDIAN_RATIO) & hukou[column].notna()
    places = hukou[hukou["code"].isin(hukou.loc[doubtful, "code"])].groupby("code")
    reference = pd.concat([nearest_years(place[column], place["year"]) for _, place in places])
    slip = decimal_slip(hukou.loc[doubtful, column], reference.reindex(hukou.index[doubtful]))
    slip = slip[slip.ne(0)]
    hukou.loc[slip.index, column] = hukou.loc[slip.index, column] / 10.0**slip
    return hukou


def _mend_negative_rural(hukou: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    wrong = hukou["resident_rural_10k"] < 0
    total = hukou["resident_urban_10k"] + hukou["resident_rural_10k"]
    urban = hukou["resident_urban_10k"] / 100
    hukou.loc[wrong, "resident_urban_10k"] = urban[wrong]
    hukou.loc[wrong, "resident_rural_10k"] = (total - urban)[wrong].round(2)
    return hukou


COUNTY_RULES: tuple[Rule, ...] = (
    Rule(
        id="gdp-2021-in-100m",
        table="county_gdp",
        reason=(
            "GDP over census population is about a ten-thousandth of the published GDP per head, so the row is in"
            " 100 million yuan; GDP and primary value added are multiplied by 10,000."
        ),
        correct=_rescale_gdp,
        needs=("census_2020",),
    ),
    Rule(
        id="gdp-2001-other-unit",
        table="county_gdp",
        reason=(
            "The figures of 2001 are those of another unit of the same name or code (GDP over GDP per head implies"
            " its population); none is published for the unit of 2021, so they are set to missing."
        ),
        correct=_drop_other_unit,
    ),
    Rule(
        id="hukou-decimal-point",
        table="county_hukou",
        reason=(
            "The figure is a power of ten times the median of the four nearest years (within 4 percent), so the"
            " decimal point slipped; it is divided by that power."
        ),
        correct=_mend_hukou_decimals,
    ),
    Rule(
        id="hukou-negative-rural",
        table="county_hukou",
        reason=(
            "The rural population is negative because the urban one lost its decimal point (2855 for 28.55); the urban"
            " figure is divided by 100 and the rural one is the published total less the urban."
        ),
        correct=_mend_negative_rural,
    ),
)

RULES: tuple[Rule, ...] = (*COUNTY_RULES, *clean_prefecture.RULES)
