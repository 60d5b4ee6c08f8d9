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

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from shanhai.data.load import load_table
from shanhai.errors import MissingDataError, UnknownPlaceError, ValidationError

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

HIGHEST: Mapping[str, float] = {"gdp_per_head": 2e6, "urban_share": 100.0, "tourism_share": 100.0}
"""What no figure exceeds, in yuan or percent: a value beyond has the wrong unit."""

PROVINCE, NATION = "330000", "000000"


def load_later() -> pd.DataFrame:
    """Later figures of the project's form or of the user's file, checked; see :func:`check_later`."""
    return check_later(load_table("later_figures"), set(load_table("counties")["code"]))


def check_later(figures: pd.DataFrame, county_codes: set[str]) -> pd.DataFrame:
    """Check later figures and bring them to yuan, persons and percent.

    Parameters
    ----------
    figures : columns code, year, indicator, value, unit, source, as the data dictionary types them.
    county_codes : codes of the counties of 2020; beside them the province (330000) and the country (000000) may stand.

    Returns
    -------
    pandas.DataFrame with code, year, indicator, value (yuan, persons or percent), source; sorted.

    Raises
    ------
    UnknownPlaceError
        For a code that is no county of 2020, nor the province, nor the country.
    ValidationError
        For a unit that the indicator does not allow, a value that no such unit can have, a year that the bundled
        tables cover, or GDP per head that disagrees with GDP over residents.
    """
    _require_places(figures, county_codes)
    _require_units(figures)
    factors = [UNITS[row["indicator"]][row["unit"]] for row in figures.to_dict("records")]
    found = figures.assign(value=figures["value"] * factors)[["code", "year", "indicator", "value", "source"]]
    _require_sizes(found)
    _require_years(found)
    _require_agreement(found)
    return found.sort_values(["indicator", "code", "year"], ignore_index=True)


def figure(later: pd.DataFrame, indicator: str, code: str, year: int) -> float:
    """One later figure.

    Raises
    ------
    MissingDataError
        If the user gave none; the message says which row to add.
    """
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


def _require_places(figures: pd.DataFrame, county_codes: set[str]) -> None:
    unknown = sorted(set(figures["code"]) - county_codes - {PROVINCE, NATION})
    if unknown:
        raise UnknownPlaceError(
            f"later_figures names {unknown}, which are no counties of the 2020 census; allowed are their codes, "
            f"{PROVINCE} for Zhejiang and {NATION} for China. Correct the code."
        )


def _require_units(figures: pd.DataFrame) -> None:
    for row in figures.to_dict("records"):
        allowed = UNITS[row["indicator"]]
        if row["unit"] not in allowed:
            raise ValidationError(
                f"later_figures gives {_what(row)} in {row['unit']!r}; allowed units are {list(allowed)}. Convert the "
                "value or correct the unit."
            )


def _require_sizes(figures: pd.DataFrame) -> None:
    limits = figures["indicator"].map(HIGHEST)
    for row in figures[figures["value"] > limits].to_dict("records"):
        raise ValidationError(
            f"later_figures gives {_what(row)} as {row['value']:g} (yuan or percent); the most allowed is "
            f"{HIGHEST[row['indicator']]:g}. Check value and unit."
        )


def _require_years(figures: pd.DataFrame) -> None:
    until = figures["indicator"].map(BUNDLED_UNTIL)
    for row in figures[figures["year"] <= until].to_dict("records"):
        raise ValidationError(
            f"later_figures gives {_what(row)}, but the bundled tables reach {BUNDLED_UNTIL[row['indicator']]}; "
            "allowed are later years. To change an earlier figure, replace its table."
        )


def _require_agreement(figures: pd.DataFrame) -> None:
    """GDP per head beside GDP and residents of one place and year must agree, or one of them has another unit."""
    wide = figures.pivot(index=["code", "year"], columns="indicator", values="value")
    if not {"gdp", "gdp_per_head", "residents"} <= set(wide.columns):
        return
    ratio = (wide["gdp_per_head"] * wide["residents"] / wide["gdp"]).rename("times").reset_index()
    for row in ratio[(ratio["times"] < 0.9) | (ratio["times"] > 1.1)].to_dict("records"):
        raise ValidationError(
            f"later_figures: GDP per head of {row['code']} in {row['year']} is {row['times']:.2f} times GDP over "
            "residents; allowed is a difference of a tenth (average against year-end residents). Check the units of "
            "the three."
        )


def _what(row: Mapping[Hashable, Any]) -> str:
    return f"{row['indicator']} of {row['code']} in {row['year']}"
