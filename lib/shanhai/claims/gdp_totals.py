"""GDP of areas set against the people of the same ground, and economy figures of prefectures."""

import pandas as pd

from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import percent
from shanhai.core.errors import MissingDataError
from shanhai.core.places import NATION

GDP_BASIS = (
    "GDP of 2021 (published by prefecture, else the sum of its counties) over residents of the 2020 census, "
    "development zones included"
)
"""What GDP per head of a prefecture, province or the country means in the findings."""


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


def gdp_per_head_together(rows: pd.DataFrame) -> float:
    """GDP of 2021 over residents of 2020, yuan, of rows of the county frame together, over those that have both.

    Raises
    ------
    MissingDataError
        If no row has both.
    """
    known = rows.dropna(subset=["gdp_2021", "population_2020"])
    if known.empty:
        raise MissingDataError("None of the counties has both GDP of 2021 and residents of 2020.")
    return float(known["gdp_2021"].sum() / known["population_2020"].sum())


def tertiary_share(evidence: Evidence, year: int, prefix: str = "") -> tuple[float, int]:
    """Services in percent of GDP over the prefectures whose code begins with ``prefix``, and their number.

    Computed from value added by sector, so that larger prefectures count for more.

    Raises
    ------
    MissingDataError
        If none has value added by sector in that year.
    """
    table = evidence.table("prefecture_economy")
    sectors = ["primary_gdp_10k_yuan", "secondary_gdp_10k_yuan", "tertiary_gdp_10k_yuan"]
    rows = table[(table["year"] == year) & table["code"].str.startswith(prefix)].dropna(subset=sectors)
    if rows.empty:
        raise MissingDataError(f"prefecture_economy holds no value added by sector for {prefix or 'China'} in {year}.")
    return percent(rows[sectors[2]].sum(), rows[sectors].to_numpy().sum()), len(rows)


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
