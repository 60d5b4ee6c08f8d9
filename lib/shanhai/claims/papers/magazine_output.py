"""Claims of the magazine (2021) and the plan on output and growth of the 26 counties."""

import math

import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check, printed_number
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import LONGGANG, gdp_per_head, mountain_codes, percent
from shanhai.core.errors import MissingDataError

_HUNDRED_MILLION = 1e8

_VALUE_ADDED_RATE = 0.2
"""Lowest share of value added in gross industrial output taken as ordinary (input-output tables: 0.20 to 0.25)."""

_JINGNING, _XIANJU, _YUNHE, _YONGJIA, _WUYI = "331127", "331024", "331125", "330324", "330723"

_SANMEN, _PINGYANG, _TIANTAI, _JINYUN, _QINGTIAN = "331022", "330326", "331023", "331122", "331121"


def _county(evidence: Evidence, code: str) -> pd.Series:
    """Row of the county frame by code."""
    frame = evidence.frame
    return frame[frame["code"] == code].iloc[0]


@check("M04", rule=rules.ordering(), data=("county_gdp", "census_2020"))
def _above_national_county_average(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """GDP per head of the poorest of the 26 against the national averages that 'county average' can mean."""
    frame = evidence.frame.dropna(subset=["gdp_2021", "population_2020"])
    listed = frame[frame["is_mountain_26"]].set_index("name_en")["gdp_per_capita_2021"]
    without_districts = frame[~frame["is_district"]]
    averages = (
        (
            "counties_mean",
            "mean of counties without districts, each counted once",
            without_districts["gdp_per_capita_2021"].mean(),
        ),
        (
            "counties_together",
            "all counties without districts together (weighted by people)",
            _gdp_per_head_together(without_districts),
        ),
        ("counties_median", "median of counties without districts", without_districts["gdp_per_capita_2021"].median()),
        ("units_mean", "mean of all county-level units, each counted once", frame["gdp_per_capita_2021"].mean()),
        ("units_together", "all county-level units together (weighted by people)", gdp_per_head(evidence)),
    )
    together = _gdp_per_head_together(evidence.frame[evidence.frame["is_mountain_26"]])
    found: list[Measured] = []
    for key, name, average in averages:
        below = listed[listed <= average]
        found.append(
            Measured(
                key,
                {"lowest of the 26": float(listed.min()), "average of China's counties": float(average)},
                f"GDP of 2021 over 2020 residents (the magazine names no measure); average: {name}",
                note=f"{len(listed) - len(below)} of {len(listed)} lie above; "
                f"below: {', '.join(sorted(below.index)) or 'none'}."
                + ("" if found else f" The 26 together have {show(together, 0)}."),
            )
        )
    return tuple(found)


@check("M05a", rule=rules.near_claim(), data=("county_gdp", "mountain_counties"))
def _primary_value_added(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Primary value added of the 26 in 2021, 100 million yuan, with and without Longgang."""
    table = evidence.table("county_gdp")
    year = table[table["year"] == 2021]
    codes = set(mountain_codes(evidence))

    def total(units: set[str]) -> float:
        return float(year.loc[year["code"].isin(units), "primary_gdp_10k_yuan"].sum()) / 10_000

    return (
        Measured(
            "primary_gdp_2021",
            total(codes),
            "primary value added of 2021, one year after the claim, boundaries of 2021 (Cangnan without Longgang); "
            "taken as agreeing within 5 %",
            note=f"With Longgang, which belonged to Cangnan until 2019, {show(total(codes | {LONGGANG}))}.",
        ),
    )


@check("M28a", rule=rules.at_least_claim(), data=("county_gdp",))
def _jingning_growth(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Growth of Jingning's GDP over 2001-2021, a longer span than the claim's, as increase and as multiple."""
    row = _county(evidence, _JINGNING)
    multiple = float(row["gdp_2021"] / row["gdp_2001"])
    span = "GDP at current prices, 2021 over 2001: the span holds 2002-2020, so that the value is an upper bound"
    note = "The figures of 2002 and 2020 at stated prices would settle it."
    return (
        Measured("increase", multiple - 1, f"{span}; read as 'grew by 8.3 times' (increase over the start)", note=note),
        Measured("multiple", multiple, f"{span}; read as 'grew to 8.3 times' (multiple of the start)", note=note),
    )


@check("M31a", rule=rules.open_target(), data=("county_gdp",))
def _xianju_target(claim: Claim, evidence: Evidence) -> Measured:
    """GDP of 2021, and the growth that leads from it to the target."""
    if claim.number <= 0:
        raise claim.error("value", "a target for GDP is above 0")
    now = float(_county(evidence, _XIANJU)["gdp_2021"]) / _HUNDRED_MILLION
    return Measured(
        "gdp_2021",
        {"Xianju, 2021": now},
        "GDP of 2021 at current prices, 100 million yuan; a target for 2025",
        note=f"To reach {claim.value} by 2025 it must grow {show(_needed_rate(now, claim.number))} % a year.",
    )


@check("M31b", rule=rules.printed_digits(), data=("county_gdp", "claims"))
def _xianju_rate(_: Claim, evidence: Evidence) -> Measured:
    """The yearly growth that leads from GDP of 2021 to the printed target of 2025, beside the printed rate."""
    now = float(_county(evidence, _XIANJU)["gdp_2021"]) / _HUNDRED_MILLION
    return Measured(
        "gdp_2021",
        _needed_rate(now, printed_number(evidence.table("claims"), "M31a")),
        "percent a year over four years from GDP of 2021 at current prices to the target of claim M31a",
    )


def _needed_rate(now: float, target: float) -> float:
    """Growth in percent a year that leads from the GDP of 2021 to a target for 2025."""
    return 100 * ((target / now) ** 0.25 - 1)


@check("M38a", rule=rules.within(40, 55), data=("county_gdp",))
def _pingyang_half_year(claim: Claim, evidence: Evidence) -> Measured:
    """GDP of the first half of 2021 in percent of the whole year."""
    year = float(_county(evidence, _PINGYANG)["gdp_2021"]) / _HUNDRED_MILLION
    return Measured(
        "gdp_2021",
        {"percent of the year": percent(claim.number, year)},
        "of the GDP of 2021; a first half between 40 and 55 % counts as plausible",
        note=f"GDP of 2021: {show(year)}; the growth of 14.1 % needs quarterly accounts.",
    )


_OUTPUT_OF = {
    "M33d": _YUNHE,
    "M34a": _JINYUN,
    "M36d": _SANMEN,
    "M41b": _TIANTAI,
    "M42a": _QINGTIAN,
    "M43b": _YONGJIA,
    "M45a": _WUYI,
}
"""County whose industry has the printed gross output."""


@check(*_OUTPUT_OF, rule=rules.within(0, 100), data=("county_gdp",))
def _output_against_gdp(claim: Claim, evidence: Evidence) -> Measured:
    """Least value added that the printed gross output implies, in percent of GDP outside the primary sector."""
    outside = _outside_primary(evidence, {_OUTPUT_OF[claim.id]}, 2021)
    return _least_value_added(claim.number * _VALUE_ADDED_RATE, outside, 2021)


@check("M34b", rule=rules.within(0, 100), data=("county_gdp",))
def _output_of_2000(claim: Claim, evidence: Evidence) -> Measured:
    """The same of the output of 2000, against GDP of 2001."""
    return _least_value_added(claim.number * _VALUE_ADDED_RATE, _outside_primary(evidence, {_JINYUN}, 2001), 2001)


@check("M06a", "M07", rule=rules.within(0, 100), data=("county_gdp", "mountain_counties"))
def _value_added_against_gdp(claim: Claim, evidence: Evidence) -> Measured:
    """Printed value added of an industry of the 26 in percent of their GDP outside the primary sector."""
    return _least_value_added(claim.number, _outside_primary(evidence, set(mountain_codes(evidence)), 2021), 2021)


@check("M36a", rule=rules.within(0, 100), data=("shapefiles",))
def _industrial_area(claim: Claim, evidence: Evidence) -> Measured:
    """Area of the industrial city in percent of its county's."""
    return Measured(
        "polygons",
        {"percent of the county": percent(claim.number, float(_county(evidence, _SANMEN)["area_km2"]))},
        "of the area of the polygon of the county, boundaries of 2017; possible if not above 100 %",
    )


def _outside_primary(evidence: Evidence, codes: set[str], year: int) -> float:
    """GDP of counties outside the primary sector, 100 million yuan; missing if one of them has none."""
    table = evidence.table("county_gdp")
    rows = table[table["code"].isin(codes) & (table["year"] == year)]
    outside = (rows["gdp_10k_yuan"] - rows["primary_gdp_10k_yuan"]).sum(skipna=False)
    return float(outside) / 10_000 if len(rows) == len(codes) else math.nan


def _least_value_added(value_added: float, outside: float, year: int) -> Measured:
    return Measured(
        f"gdp_{year}",
        {"least value added, percent of GDP outside the primary sector": percent(value_added, outside)},
        f"over GDP of {year} without the primary sector; gross output counts with a value-added rate of at least "
        f"{_VALUE_ADDED_RATE}; the claim is possible if not above 100 %",
    )


def _gdp_per_head_together(rows: pd.DataFrame) -> float:
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
