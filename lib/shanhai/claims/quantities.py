"""Quantities that several claims share, computed from census and economy tables."""

from collections.abc import Iterable

import pandas as pd

from shanhai.claims.evidence import Evidence
from shanhai.core.errors import MissingDataError
from shanhai.core.places import NATION
from shanhai.data.frames.panel import ELDERLY

GDP_BASIS = (
    "GDP of 2021 (published by prefecture, else the sum of its counties) over residents of the 2020 census, "
    "development zones included"
)
"""What GDP per head of a prefecture, province or the country means in the findings."""

ZHEJIANG, SICHUAN = "330000", "510000"

QUZHOU, JINHUA, LISHUI, HUANGSHAN, BAZHONG = "330800", "330700", "331100", "341000", "511900"

LONGGANG = "330383"

PUBLISHED_KM2 = (
    (105_505.77, "the second national land survey of 2009"),
    (101_800.0, "what the province published before that survey"),
)
"""Published land areas of Zhejiang: the older one has gone on being quoted."""

LONGGANG_KM2 = 184
"""Land area of Longgang at its founding in 2019; the polygons of 2017 have it inside Cangnan."""


def held_by_the_26(province: pd.DataFrame, column: str, whole: float | None = None) -> float:
    """What the 26 hold of a column of the county frame, percent of the province's sum or of a published whole.

    Parameters
    ----------
    province : DataFrame
        All counties of Zhejiang, from the county frame.
    column : str
        Such as ``area_km2`` or ``population_2020``.
    whole : float, optional
        A published total in the unit of the column.
    """
    held = province.loc[province["is_mountain_26"].astype(bool), column].sum()
    return percent(held, province[column].sum() if whole is None else whole)


def surveyed_land_of_the_26(province: pd.DataFrame) -> float:
    """Polygons of the 26 without Longgang, percent of Zhejiang's land by the survey of 2009: the basis of claim M02.

    Parameters
    ----------
    province : DataFrame
        All counties of Zhejiang, from the county frame.
    """
    area = province.loc[province["is_mountain_26"].astype(bool), "area_km2"].sum()
    return percent(area - LONGGANG_KM2, PUBLISHED_KM2[0][0])


def census_unit(evidence: Evidence, code: str, year: int = 2020) -> pd.Series:
    """Published census row of a nation (code 000000), province, prefecture or county.

    Raises
    ------
    MissingDataError
        If the census of the year has no such row, or several.
    """
    table = evidence.table(f"census_{year}")
    rows = table[table["level"] == "nation"] if code == NATION else table[table["code"] == code]
    if len(rows) != 1:
        raise MissingDataError(f"The census of {year} has {len(rows)} rows of code {code}; one is needed.")
    return rows.iloc[0]


def percent(part: float, whole: float) -> float:
    """Part of a whole in percent."""
    return 100 * float(part) / float(whole)


def urban_share(rows: pd.DataFrame | pd.Series) -> float:
    """Residents in towns over all residents, percent; of several rows, of their sums."""
    return percent(_total(rows, "urban_population"), _total(rows, "population"))


def share_60_plus(rows: pd.DataFrame | pd.Series) -> float:
    """Residents aged 60 and over, percent of all residents."""
    return percent(sum(_total(rows, age) for age in ELDERLY), _total(rows, "population"))


def mountain_codes(evidence: Evidence) -> tuple[str, ...]:
    """Codes of the 26 counties by the lists of the plan, sorted."""
    return tuple(sorted(evidence.table("mountain_counties")["code"]))


def codes_by_name(table: pd.DataFrame, column: str) -> dict[str, str]:
    """Codes of a table of places by the names in one of its columns."""
    return dict(zip(table[column].astype(str), table["code"].astype(str), strict=True))


def counties_of(evidence: Evidence, code: str) -> pd.DataFrame:
    """Rows of the county frame that lie in a prefecture or province.

    Raises
    ------
    MissingDataError
        If there is none.
    """
    frame = evidence.frame
    rows = frame[(frame["prefecture_code"] == code) | (frame["province_code"] == code)]
    if rows.empty:
        raise MissingDataError(f"The county frame has no county of {code}; give the code of a prefecture or province.")
    return rows


def codes_of(evidence: Evidence, code: str) -> tuple[str, ...]:
    """Codes of the counties of a prefecture or province."""
    return tuple(counties_of(evidence, code)["code"])


def registered_population(evidence: Evidence, codes: Iterable[str], year: int) -> float:
    """Registered (hukou) population of counties, persons, from the county yearbooks.

    Raises
    ------
    MissingDataError
        If a county has no figure in that year.
    """
    wanted = set(codes)
    table = evidence.table("county_hukou")
    rows = table[table["code"].isin(wanted) & (table["year"] == year)].dropna(subset=["hukou_population_10k"])
    absent = sorted(wanted - set(rows["code"]))
    if absent:
        raise MissingDataError(f"county_hukou has no registered population of {absent} in {year}.")
    return float(rows["hukou_population_10k"].sum() * 10_000)


def _total(rows: pd.DataFrame | pd.Series, column: str) -> float:
    values = rows[column]
    return float(values.sum()) if isinstance(values, pd.Series) else float(values)


def area(evidence: Evidence, code: str) -> pd.Series:
    """Row of a prefecture, a province or the country (000000) in the frames of larger areas.

    Raises
    ------
    MissingDataError
        If there is no such row.
    """
    frame = evidence.provinces if code.endswith("0000") else evidence.prefectures
    rows = frame[frame["code"] == code]
    if len(rows) != 1:
        raise MissingDataError(
            f"{len(rows)} prefectures, provinces or countries have the code {code!r}; one is needed."
        )
    return rows.iloc[0]


def gdp_per_head(evidence: Evidence, code: str = NATION) -> float:
    """GDP per head of a prefecture, a province or the country, yuan; see :data:`GDP_BASIS`.

    Raises
    ------
    MissingDataError
        If the area has none.
    """
    value = area(evidence, code)["gdp_per_capita_2021"]
    if pd.isna(value):
        raise MissingDataError(
            f"{code} has no GDP per head of 2021; the tables hold no GDP of it or of all its counties."
        )
    return float(value)


def prefecture_value(evidence: Evidence, code: str, year: int, column: str) -> float:
    """One economy figure of a prefecture and year.

    Raises
    ------
    MissingDataError
        If it is not published.
    """
    table = evidence.table("prefecture_economy")
    values = table.loc[(table["code"] == code) & (table["year"] == year), column].dropna()
    if len(values) != 1:
        raise MissingDataError(
            f"prefecture_economy has {len(values)} values of {column} for {code} in {year}; one is needed."
        )
    return float(values.iloc[0])


def employed(row: pd.Series, column: str = "long_form_employed") -> float:
    """Employed residents, from the census long form raised by all family households over long-form households."""
    return float(row[column]) * float(row["family_households"]) / float(row["long_form_households"])


def published_per_head(evidence: Evidence, prefix: str = "", year: int = 2021) -> tuple[float, int]:
    """GDP per head as published by prefecture, yuan, over those whose code begins with ``prefix``, and their number.

    Raises
    ------
    MissingDataError
        If none has figures in that year.
    """
    table = evidence.table("prefecture_economy")
    rows = table[(table["year"] == year) & table["code"].str.startswith(prefix)]
    rows = rows.dropna(subset=["gdp_100m_yuan", "gdp_per_capita_yuan"])
    if rows.empty:
        raise MissingDataError(f"prefecture_economy holds no GDP per head of {prefix or 'China'} in {year}.")
    people = (rows["gdp_100m_yuan"] * 1e8 / rows["gdp_per_capita_yuan"]).sum()
    return float(rows["gdp_100m_yuan"].sum() * 1e8 / people), len(rows)


def illiterates_of_all(rows: pd.DataFrame | pd.Series) -> float:
    """Illiterates aged 15 and over, percent of residents of every age."""
    return percent(_total(rows, "illiterate_15plus"), _total(rows, "population"))
