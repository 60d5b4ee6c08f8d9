"""Figures of later years that a user adds: one row a place, year and indicator, in the unit that the row names.

The bundled table ``later_figures`` is an empty form. A user fills in a copy and names it in ``.shanhai.toml``::

    [replace]
    later_figures = "my_later_years.csv"

    # my_later_years.csv
    code,year,indicator,value,unit,source
    330000,2025,gdp_per_head,140000,yuan,statistical communiqué of Zhejiang
    330824,2025,gdp,215.3,100m yuan,statistical communiqué of Kaihua
    330824,2025,residents,25.6,10k persons,statistical communiqué of Kaihua
"""

from collections.abc import Mapping

import pandas as pd

from shanhai.core.errors import MissingDataError
from shanhai.core.places import NATION
from shanhai.data import later_checks
from shanhai.data.frames.aggregates import build_province_frame
from shanhai.data.frames.panel import county_rows, population_shares
from shanhai.data.load import load_table

MONEY: Mapping[str, float] = {"yuan": 1.0, "10k yuan": 1e4, "100m yuan": 1e8}
PEOPLE: Mapping[str, float] = {"persons": 1.0, "10k persons": 1e4}
SHARE: Mapping[str, float] = {"%": 1.0}

UNITS: Mapping[str, Mapping[str, float]] = {
    "gdp": MONEY,
    "gdp_per_head": {"yuan": 1.0, "10k yuan": 1e4},
    "residents": PEOPLE,
    "urban_share": SHARE,
    "urban_income": {"yuan": 1.0},
    "rural_income": {"yuan": 1.0},
    "budget_revenue": MONEY,
    "tourism_output": MONEY,
    "tourism_share": SHARE,
    "visitors": PEOPLE,
    "industrial_output": MONEY,
}
"""Units that each indicator allows, and what one of them is in yuan, persons or percent."""

BUNDLED_UNTIL: Mapping[str, int] = {"gdp": 2021, "gdp_per_head": 2021, "residents": 2020, "urban_share": 2020}
"""Last year that the bundled tables hold; a later figure cannot stand for one of them."""

PROVINCE = "330000"

Tables = Mapping[str, pd.DataFrame]

BASE_TABLES = ("counties", "county_gdp", "census_2020")
"""Tables that hold the figures which later ones are held against."""


def load_later() -> pd.DataFrame:
    """Later figures of the project's form or of the user's file, checked; see :func:`check_later`."""
    tables = {name: load_table(name) for name in BASE_TABLES}
    return check_later(load_table("later_figures"), bundled_figures(tables, build_province_frame()))


def bundled_figures(tables: Tables, provinces: pd.DataFrame) -> pd.DataFrame:
    """What the tables hold of the places and indicators that later figures carry on.

    Parameters
    ----------
    tables : corrected frames by the names in `BASE_TABLES`.
    provinces : of :func:`shanhai.data.frames.aggregates.build_province_frame`; from it come Zhejiang and the country.

    Returns
    -------
    pandas.DataFrame indexed by code: gdp (yuan, 2021), gdp_per_head (yuan), residents (persons, 2020), urban_share
    (percent, 2020); every county of 2020, Zhejiang and the country. Missing where the tables hold nothing.
    """
    census = county_rows(tables["census_2020"])
    gdp = tables["county_gdp"]
    newest = gdp.loc[gdp["year"].eq(BUNDLED_UNTIL["gdp"])].set_index("code")["gdp_10k_yuan"] * 10_000
    index = pd.Index(sorted(tables["counties"]["code"]), name="code")
    counties = pd.DataFrame(
        {
            "gdp": newest.reindex(index),
            "residents": census["population"].reindex(index).astype(float),
            "urban_share": population_shares(census)["urban_share_2020"].reindex(index),
        }
    )
    counties["gdp_per_head"] = counties["gdp"] / counties["residents"]
    above = provinces.set_index("code").loc[[PROVINCE, NATION]]
    heads = above["gdp_per_capita_2021"]
    # GDP of the country is of the prefectures that have one; its residents are all.
    whole = pd.DataFrame(
        {
            "gdp": heads * above["population_2020"],
            "residents": above["population_2020"],
            "urban_share": above["urban_share_2020"],
            "gdp_per_head": heads,
        }
    )
    return pd.concat([counties, whole])


def check_later(figures: pd.DataFrame, bundled: pd.DataFrame) -> pd.DataFrame:
    """Check later figures and bring them to yuan, persons and percent.

    Parameters
    ----------
    figures : columns code, year, indicator, value, unit, source, as the data dictionary types them.
    bundled : of :func:`bundled_figures`; its index holds the codes that are allowed.

    Returns
    -------
    pandas.DataFrame with code, year, indicator, value (yuan, persons or percent), source; sorted.

    Raises
    ------
    UnknownPlaceError
        For a code that is no county of 2020, nor the province, nor the country.
    ValidationError
        For a unit that the indicator does not allow, a year that the bundled tables cover, or figures that nothing
        true could be: beside the limits (:mod:`shanhai.data.limits`), the bundled figure of the same place, or the
        other figures of its year. The message names each row with its value and the limit.
    """
    later_checks.require_form(figures, set(bundled.index), UNITS, BUNDLED_UNTIL)
    factors = [UNITS[row["indicator"]][row["unit"]] for row in figures.to_dict("records")]
    converted = figures.assign(given=figures["value"], value=figures["value"] * factors)
    later_checks.require_plausible(converted, bundled, BUNDLED_UNTIL)
    columns = ["code", "year", "indicator", "value", "source"]
    return converted[columns].sort_values(["indicator", "code", "year"], ignore_index=True)


def figure(later: pd.DataFrame, indicator: str, code: str, year: int) -> float:
    """One later figure.

    Raises
    ------
    MissingDataError
        If there is no such indicator, or the user gave no figure; the message says which row to add.
    """
    if indicator not in UNITS:
        raise MissingDataError(f"There is no indicator {indicator!r} of later figures; choose one of {sorted(UNITS)}.")
    rows = later.loc[later["indicator"].eq(indicator) & later["code"].eq(code) & later["year"].eq(year), "value"]
    if rows.empty:
        there = sorted(map(int, later.loc[later["indicator"].eq(indicator) & later["code"].eq(code), "year"].unique()))
        raise MissingDataError(
            f"There is no {indicator} of {code} in {year}; years there: {there or 'none'}. Add the row "
            f"{code},{year},{indicator},... to your later_figures."
        )
    return float(rows.iloc[0])


def per_head_of_later(later: pd.DataFrame) -> pd.DataFrame:
    """GDP per head of later years: as given, else GDP over residents of the same year; columns unit, year, value."""
    wide = later[later["indicator"].isin(["gdp", "gdp_per_head", "residents"])].pivot(
        index=["code", "year"], columns="indicator", values="value"
    )
    wide = wide.reindex(columns=["gdp", "gdp_per_head", "residents"]).astype(float)
    value = wide["gdp_per_head"].fillna(wide["gdp"] / wide["residents"]).dropna()
    return value.rename("value").rename_axis(["unit", "year"]).reset_index()


def half_given(later: pd.DataFrame) -> pd.DataFrame:
    """GDP without residents of its year or residents without GDP: code, year, missing (the indicator to add)."""
    wide = later[later["indicator"].isin(["gdp", "gdp_per_head", "residents"])].pivot(
        index=["code", "year"], columns="indicator", values="value"
    )
    wide = wide.reindex(columns=["gdp", "gdp_per_head", "residents"])
    open_rows = wide[wide["gdp_per_head"].isna() & (wide["gdp"].isna() != wide["residents"].isna())]
    missing = ["residents" if pd.notna(gdp) else "gdp" for gdp in open_rows["gdp"]]
    return open_rows.index.to_frame(index=False).assign(missing=missing)
