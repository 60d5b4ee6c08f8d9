"""The people behind a figure of a county: residents of the nearest census, or else its registered population."""

import pandas as pd

from shanhai.data.frames.harmonise import to_counties_2020
from shanhai.data.rules import Tables
from shanhai.data.years import CENSUSES, nearest_census

NEEDS = ("census_2010", "census_2020", "crosswalk", "county_hukou")
"""Tables that :func:`residents_behind` looks at."""

_HUKOU_SPAN = 5
"""Years between a figure and the registered population that may stand for residents that no census gives."""


def county_population(census: pd.DataFrame) -> pd.Series:
    """Resident population (persons) by code of the units of analysis of a census table."""
    return census.loc[census["is_county"] & census["code"].notna()].set_index("code")["population"]


def per_head_ratio(gdp: pd.DataFrame, population: pd.Series) -> pd.Series:
    """GDP over population as a multiple of the published GDP per head, by row of `gdp`; 1 is agreement.

    Parameters
    ----------
    gdp : columns code, gdp_10k_yuan, gdp_per_capita_10k_yuan (10,000 yuan).
    population : persons by code; a code without population, or a row without GDP per head, gives NaN.
    """
    return gdp["gdp_10k_yuan"] / gdp["code"].map(population) / gdp["gdp_per_capita_10k_yuan"]


def residents_behind(rows: pd.DataFrame, tables: Tables) -> pd.Series:
    """Persons behind each row: residents of the nearest census, of the other one, or registered within five years.

    Parameters
    ----------
    rows : columns code (of 2021) and year.
    tables : the frames in `NEEDS`.

    Returns
    -------
    pandas.Series by row of `rows`, missing where none of the three knows the code.
    """
    later = county_population(tables["census_2020"]).astype(float)
    units = county_population(tables["census_2010"]).astype(float)
    by_census = {2010: to_counties_2020(units, tables["crosswalk"], 2010)["value"], 2020: later}
    counted = {census: rows["code"].map(people) for census, people in by_census.items()}
    nearest = rows["year"].map(nearest_census)
    people = counted[CENSUSES[0]].where(nearest.eq(CENSUSES[0]), counted[CENSUSES[1]])
    people = people.fillna(counted[CENSUSES[1]]).fillna(counted[CENSUSES[0]])
    return people.fillna(_registered(rows.loc[people.isna()], tables["county_hukou"]))


def _registered(rows: pd.DataFrame, hukou: pd.DataFrame) -> pd.Series:
    """Registered persons of the nearest year of the same code, by row; of two equally near the earlier."""
    known = hukou.dropna(subset="hukou_population_10k")[["code", "year", "hukou_population_10k"]]
    pairs = rows[["code", "year"]].reset_index(names="row").merge(known, on="code", suffixes=("", "_known"))
    pairs["span"] = (pairs["year"] - pairs["year_known"]).abs()
    near = pairs.loc[pairs["span"] <= _HUKOU_SPAN].sort_values(["row", "span", "year_known"]).drop_duplicates("row")
    return near.set_index("row")["hukou_population_10k"] * 10_000
