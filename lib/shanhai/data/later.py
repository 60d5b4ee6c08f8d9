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

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from shanhai.core.errors import UnknownPlaceError, ValidationError
from shanhai.core.places import NATION, ZHEJIANG
from shanhai.data import limits
from shanhai.data.frames.aggregates import build_province_frame
from shanhai.data.frames.panel import county_rows, population_shares
from shanhai.data.limits import Limit
from shanhai.data.load import load_table

_MONEY: Mapping[str, float] = {"yuan": 1.0, "10k yuan": 1e4, "100m yuan": 1e8}
_PEOPLE: Mapping[str, float] = {"persons": 1.0, "10k persons": 1e4}
_SHARE: Mapping[str, float] = {"%": 1.0}

UNITS: Mapping[str, Mapping[str, float]] = {
    "gdp": _MONEY,
    "gdp_per_head": {"yuan": 1.0, "10k yuan": 1e4},
    "residents": _PEOPLE,
    "urban_share": _SHARE,
    "urban_income": {"yuan": 1.0},
    "rural_income": {"yuan": 1.0},
    "budget_revenue": _MONEY,
    "tourism_output": _MONEY,
    "tourism_share": _SHARE,
    "visitors": _PEOPLE,
    "industrial_output": _MONEY,
}
"""Units that each indicator allows, and what one of them is in yuan, persons or percent."""

BUNDLED_UNTIL: Mapping[str, int] = {"gdp": 2021, "gdp_per_head": 2021, "residents": 2020, "urban_share": 2020}
"""Last year that the bundled tables hold; a later figure cannot stand for one of them."""

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
    above = provinces.set_index("code").loc[[ZHEJIANG, NATION]]
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
    _require_form(figures, set(bundled.index))
    factors = [UNITS[row["indicator"]][row["unit"]] for row in figures.to_dict("records")]
    converted = figures.assign(given=figures["value"], value=figures["value"] * factors)
    _require_plausible(converted, bundled)
    columns = ["code", "year", "indicator", "value", "source"]
    return converted[columns].sort_values(["indicator", "code", "year"], ignore_index=True)


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


_SHOWN = 20
"""Refused rows that an error lists."""

_AGREEMENT = Limit(
    "per_head_agrees", "GDP per head times residents over GDP", 0.9, 1.1,
    "average against year-end residents differ by less than a tenth",
)  # fmt: skip

_PEOPLE_BEHIND = Limit(
    "people_behind_gdp", "people implied by GDP over GDP per head, as a multiple of the residents of 2020", 0.5, 2.0,
    "a bundled figure is recent, so zones and other populations explain less than over twenty years",
)  # fmt: skip

_INCOMES = Limit(
    "urban_over_rural_income", "urban over rural income", 1.0, 4.0,
    "the widest gap of a province was 3.3 in 2020 (Gansu), and no county's rural residents earn more than its urban",
)  # fmt: skip

_Row = Mapping[Hashable, Any]


def _require_form(figures: pd.DataFrame, codes: set[str]) -> None:
    """Refuse unknown places, units that an indicator does not have, and years that the bundled tables cover."""
    unknown = sorted(set(figures["code"]) - codes)
    if unknown:
        raise UnknownPlaceError(
            f"later_figures names {unknown}, which are no counties of the 2020 census; allowed are their codes, 330000"
            " for Zhejiang and 000000 for China. Correct the code."
        )
    for row in figures.to_dict("records"):
        allowed = UNITS[row["indicator"]]
        if row["unit"] not in allowed:
            raise ValidationError(
                f"later_figures gives {_what(row)} in {row['unit']!r}; allowed units are {list(allowed)}. Convert the "
                "value or correct the unit."
            )
        until = BUNDLED_UNTIL.get(row["indicator"], 0)
        if row["year"] <= until:
            raise ValidationError(
                f"later_figures gives {_what(row)}, but the bundled tables reach {until}; allowed are"
                " later years. To change an earlier figure, replace its table."
            )


def _require_plausible(figures: pd.DataFrame, bundled: pd.DataFrame) -> None:
    """Refuse every row outside a limit, all of them in one message, as the user wrote them (given, unit)."""
    values = {(row["code"], row["year"], row["indicator"]): row["value"] for row in figures.to_dict("records")}
    lines = []
    for row in figures.to_dict("records"):
        reasons = [reason for check in _CHECKS for reason in check(row, values, bundled)]
        if reasons:
            written = f"{row['code']},{row['year']},{row['indicator']},{row['given']:.15g},{row['unit']}"
            lines.append(f"  {written}: {'; '.join(reasons)}")
    if lines:
        more = f"\n  and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
        raise ValidationError(
            f"Of {len(figures)} later_figures, refused as implausible: {len(lines)}.\n"
            + "\n".join(lines[:_SHOWN]) + more
            + "\nCheck value and unit of each: is it of this place, a share in percent, a sum of the whole year?"
        )  # fmt: skip


_Values = Mapping[tuple[str, int, str], float]
_Check = Callable[[_Row, _Values, pd.DataFrame], Iterator[str]]


def _alone(row: _Row, values: _Values, bundled: pd.DataFrame) -> Iterator[str]:
    """The figure by itself."""
    if row["indicator"] in limits.LATER:
        yield from _outside(row["value"], limits.LATER[row["indicator"]])


def _carried(row: _Row, values: _Values, bundled: pd.DataFrame) -> Iterator[str]:
    """The figure beside the bundled one of the same place, which may not even be of another size."""
    indicator = row["indicator"]
    base = bundled[indicator].get(row["code"]) if indicator in bundled.columns else None
    if base is None or pd.isna(base):
        return
    until = BUNDLED_UNTIL[indicator]
    years = row["year"] - until
    if indicator == "urban_share":
        points = limits.URBAN_SHARE_ONCE + limits.URBAN_SHARE_YEARLY * years
        rule, (low, high) = "urban_share_carried", (base - points, base + points)
    else:
        rule, (low, high) = limits.CARRIED[indicator].id, limits.CARRIED[indicator].bounds(base, years)
    if not low <= row["value"] <= high:
        yield (
            f"{row['value']:,.6g} beside {base:,.6g} in {until}; least allowed is {low:,.6g}, most allowed"
            f" is {high:,.6g} (rule {rule}: beyond, it is of another unit or place)"
        )


def _over_gdp(row: _Row, values: _Values, bundled: pd.DataFrame) -> Iterator[str]:
    """The figure over GDP, or over residents, of the same year, else the bundled ones."""
    indicator = row["indicator"]
    if indicator not in limits.LATER_OVER:
        return
    of = "residents" if indicator == "visitors" else "gdp"
    base = values.get((row["code"], row["year"], of), bundled[of].get(row["code"]))
    if base is not None and base > 0:
        yield from _outside(row["value"] / base * (1 if of == "residents" else 100), limits.LATER_OVER[indicator])


def _beside(row: _Row, values: _Values, bundled: pd.DataFrame) -> Iterator[str]:
    """The figure beside others of the same place and year."""
    own = {name: values.get((row["code"], row["year"], name)) for name in ("gdp", "gdp_per_head", "residents")}
    gdp, per_head, people = own["gdp"], own["gdp_per_head"], own["residents"]
    if row["indicator"] in ("gdp", "residents") and gdp and people:
        yield from _outside(gdp / people, limits.GDP_PER_HEAD_LATER)
    if row["indicator"] in own and gdp and per_head and people:
        ratio = per_head * people / gdp
        implied = f"GDP per head of {row['code']} in {row['year']} is {ratio:.2f} times GDP over residents: "
        yield from (implied + reason for reason in _outside(ratio, _AGREEMENT))
    counted = bundled["residents"].get(row["code"])
    if row["indicator"] in ("gdp", "gdp_per_head") and gdp and per_head and counted:
        yield from _outside(gdp / per_head / counted, _PEOPLE_BEHIND)
    urban, rural = (values.get((row["code"], row["year"], f"{kind}_income")) for kind in ("urban", "rural"))
    if row["indicator"] in ("urban_income", "rural_income") and urban and rural:
        yield from _outside(urban / rural, _INCOMES)


_CHECKS: tuple[_Check, ...] = (_alone, _carried, _over_gdp, _beside)


def _outside(measured: float, limit: Limit) -> Iterator[str]:
    if not limit.low <= measured <= limit.high:
        yield f"gives {measured:,.6g} as {limit}"


def _what(row: _Row) -> str:
    return f"{row['indicator']} of {row['code']} in {row['year']}"
