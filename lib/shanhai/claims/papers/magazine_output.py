"""Claims of the magazine (2021) and the plan on output and growth of the 26 counties."""

import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import LONGGANG, gdp_per_head, mountain_codes, percent
from shanhai.core.errors import MissingDataError

_HUNDRED_MILLION = 1e8

_VALUE_ADDED_RATE = 0.2
"""Lowest share of value added in gross industrial output taken as ordinary (input-output tables: 0.20 to 0.25)."""

_JINGNING, _XIANJU = "331127", "331024"

_SANMEN, _PINGYANG, _TIANTAI, _JINYUN, _QINGTIAN = "331022", "330326", "331023", "331122", "331121"

_NEXT_YEAR = 0.05
"""How far the figure of the following year may lie from the printed one: nominal growth rarely exceeds it here."""


def _county(evidence: Evidence, code: str) -> pd.Series:
    """Row of the county frame by code."""
    frame = evidence.frame
    return frame[frame["code"] == code].iloc[0]


@check("M04", rule=rules.all_above_first(), data=("county_gdp", "census_2020"))
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
                {"national average": float(average), "lowest of the 26": float(listed.min())},
                f"GDP of 2021 over 2020 residents (the magazine names no measure); average: {name}",
                note=f"{len(listed) - len(below)} of {len(listed)} lie above; "
                f"below: {', '.join(sorted(below.index)) or 'none'}."
                + ("" if found else f" The 26 together have {show(together, 0)}."),
            )
        )
    return tuple(found)


@check("M05", rule=rules.near_claim(_NEXT_YEAR), data=("county_gdp", "mountain_counties"))
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


@check("M28", rule=rules.within(8.25, float("inf")), data=("county_gdp",))
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


@check("M31", rule=rules.near_claim(0.01), data=("county_gdp",))
def _xianju_target(_: Claim, evidence: Evidence) -> Measured:
    """GDP of 2021 carried on at 9 % to 2025, 100 million yuan."""
    now = float(_county(evidence, _XIANJU)["gdp_2021"]) / _HUNDRED_MILLION
    return Measured(
        "gdp_2021",
        now * 1.09**4,
        "GDP of 2021 at current prices, four years at 9 %; level and rate agree within 1 %",
        note=f"GDP of 2021: {show(now)}.",
    )


@check("M38", rule=rules.within(40, 55), data=("county_gdp",))
def _pingyang_half_year(claim: Claim, evidence: Evidence) -> Measured:
    """GDP of the first half of 2021 in percent of the whole year."""
    year = float(_county(evidence, _PINGYANG)["gdp_2021"]) / _HUNDRED_MILLION
    return Measured(
        "gdp_2021",
        {"percent of the year": percent(claim.number, year)},
        "of the GDP of 2021; a first half between 40 and 55 % counts as plausible",
        note=f"GDP of 2021: {show(year)}; the growth of 14.1 % needs quarterly accounts.",
    )


@check("M34", "M36", "M41", "M42", rule=rules.within(0, 100), data=("county_gdp",))
def _output_against_gdp(claim: Claim, evidence: Evidence) -> Measured:
    """Least value added that the printed gross output implies, in percent of GDP outside the primary sector."""
    row = _county(evidence, {"M34": _JINYUN, "M36": _SANMEN, "M41": _TIANTAI, "M42": _QINGTIAN}[claim.id])
    outside = float(row["gdp_2021"] - row["primary_gdp_2021"]) / _HUNDRED_MILLION
    # M36 prints the area first; the output of its industrial city stands in the reference column.
    output = 100.0 if claim.id == "M36" else claim.number
    notes = {
        "M36": f"Output of 100 is {show(output / claim.number, 1)} (100m yuan) a km2 and "
        f"{show(output * 1e8 / 20_000, 0)} yuan a resident of the industrial city; tax of 3 is 3 % of output.",
        "M34": f"From 10.2 in 2000 this is {show(100 * ((output / 10.2) ** (1 / 20) - 1), 1)} % a year at current "
        f"prices; GDP grew {show(100 * ((row['gdp_2021'] / row['gdp_2001']) ** (1 / 20) - 1), 1)} % a year over "
        "2001-2021.",
        "M41": f"Output is {show(100 * output / outside, 1)} % of the county's GDP outside the primary sector.",
        "M42": "Above-scale output of 254 and stainless steel of 126 are parts of 460, as they must be.",
    }
    return Measured(
        "gdp_2021",
        {"least value added, percent of GDP outside the primary sector": percent(output * _VALUE_ADDED_RATE, outside)},
        f"a value-added rate of at least {_VALUE_ADDED_RATE} over GDP of 2021 without the primary sector (output of "
        "2020); the claim is possible if not above 100 %",
        note=notes[claim.id] + " The output itself needs the county's industrial statistics.",
    )


@check("M15", rule=rules.every_condition(), data=("claims",))
def _province_growth_implied(claim: Claim, _: Evidence) -> Measured:
    """Growth of the province that the printed growth and lead of the 26 imply, in order of size."""
    urban, rural = (float(text) for text in claim.printed)
    return Measured(
        "documents",
        {"rural income grew faster than urban": rural > urban, "the province too": rural - 0.8 > urban - 0.4},
        "the paper's own figures: growth less the lead of 0.4 and 0.8 points",
        note=f"The province is implied to have grown {show(urban - 0.4, 1)} and {show(rural - 0.8, 1)} %; household "
        "incomes are in no table, so that neither growth is checked.",
    )


@check("M35", rule=rules.near_claim(0.01), data=("claims",))
def _enclave_return(_: Claim, __: Evidence) -> Measured:
    """Promised return on the stake, 10,000 yuan."""
    return Measured("documents", 9_300 * 0.10, "the paper's own figures: 9,300 at the guaranteed 10 %")


@check("M11", rule=rules.at_least(26), data=("claims",))
def _enclaves(claim: Claim, _: Evidence) -> Measured:
    """Enclaves, enough for one a county."""
    return Measured(
        "documents",
        claim.number,
        "the paper's own figures: 42 enclaves can cover 26 counties; which county has which is not printed",
        note=f"30 of them reach over 2,500 villages, {show(2_500 / 30, 0)} each; over 200 million yuan is "
        f"{show(2e8 / 2_500, 0)} yuan a village.",
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
