"""Claims on the targets of 2025: followed as notebook 09 follows them, decided once figures of 2025 are given."""

import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check, printed_number
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.data.later import BASE_TABLES, BUNDLED_UNTIL, bundled_figures, check_later
from shanhai.studies.targets.analysis import Followed, gdp_target, nation_gap, urban_target
from shanhai.studies.targets.design import GDP_TARGET, GROUP, TABLES, URBAN_TARGET, from_table

_LAST_GDP, _LAST_CENSUS = BUNDLED_UNTIL["gdp"], BUNDLED_UNTIL["residents"]
"""Last years of the bundled tables."""

_TWINS = {"M16a": "P02", "P02": "M16a", "M17": "P04", "P04": "M17"}
"""Claim of the other document (magazine or plan) that states the same target."""


@check("M16a", "P02", rule=rules.open_target(), data=("county_gdp", "census_2010", "census_2020", "targets", "claims"))
def _gdp_per_head_target(claim: Claim, evidence: Evidence) -> Measured:
    """GDP per head of the 26 in percent of Zhejiang's, and the relative growth still needed."""
    followed = evidence.kept("followed gdp", lambda: _gdp(evidence))
    row, nation = followed.of(GROUP), nation_gap(evidence.provinces, followed)
    year = int(row["last_year"])
    needed = f"{show(float(row['needed']))} % a year faster than the province" if row["years_left"] else "no more years"
    return Measured(
        "gdp_over_residents",
        {
            f"26 counties in percent of Zhejiang, {year}": float(row["last"]),
            "target in the other document": _other_target(claim, evidence),
        },
        f"GDP of {year} over residents of {'2020' if year == _LAST_GDP else 'that year (added by the user)'}, the 26 "
        "together over Zhejiang together; a target for 2025",
        same_basis=year >= followed.spec.year,
        note=f"To reach {claim.value} % by {followed.spec.year} the 26 must grow {needed}; since "
        f"{followed.spec.pace_from} their relative growth was {show(float(row['pace']))} % a year, which leads to "
        f"{show(float(row['projected']), 1)} % ({_range(row)}). "
        f"In 2021 they stood at {show(nation['level'], 1)} % of the country. {_counts(followed)} "
        "GDP and residents of 2025 decide.",
    )


@check("M16b", rule=rules.open_target(), data=("county_gdp", "census_2010", "census_2020", "targets"))
def _gdp_of_nation_target(_: Claim, evidence: Evidence) -> Measured:
    """GDP per head of the 26 in percent of China's, and the relative growth still needed."""
    followed = evidence.kept("followed gdp", lambda: _gdp(evidence))
    nation = nation_gap(evidence.provinces, followed)
    return Measured(
        "gdp_over_residents",
        {"26 counties in percent of China, 2021": nation["level"]},
        "GDP of 2021 over residents of 2020, the 26 together over China together; a target for 2025",
        note=f"To reach it by {followed.spec.year} the 26 must grow {show(nation['needed'])} % a year faster than "
        "China. GDP and residents of 2025 decide.",
    )


@check("M17", "P04", rule=rules.open_target(), data=("census_2010", "census_2020", "targets", "claims"))
def _urban_share_target(claim: Claim, evidence: Evidence) -> Measured:
    """Urban share of the 26, and the points a year still needed."""
    followed = evidence.kept("followed urban", lambda: _urban(evidence))
    row = followed.of(GROUP)
    year = int(row["last_year"])
    return Measured(
        "residents",
        {
            f"26 counties, {year}": float(row["last"]),
            "target in the other document": _other_target(claim, evidence),
        },
        f"urban over all residents of {'the 2020 census' if year == _LAST_CENSUS else f'{year} (added by the user)'}, "
        "the 26 together; a target for 2025",
        same_basis=year >= followed.spec.year,
        note=f"The share rose {show(float(row['pace']))} points a year since {followed.spec.pace_from} (Longgang "
        f"counted in both censuses), which leads to {show(float(row['projected']))} % in {followed.spec.year} "
        f"({_range(row)}) against the target of {claim.value} %. {_counts(followed)} The sample census of 2025 "
        "decides.",
    )


def _range(row: pd.Series) -> str:
    low, high = (show(float(row[name]), 1) for name in ("projected_low", "projected_high"))
    return f"{low} to {high} at the paces of the slowest and the fastest tenth of Zhejiang's counties"


def _gdp(evidence: Evidence) -> Followed:
    spec = from_table(GDP_TARGET, evidence.table("targets"))
    return gdp_target(_tables(evidence), evidence.provinces, _later(evidence), spec)


def _urban(evidence: Evidence) -> Followed:
    return urban_target(_tables(evidence), _later(evidence), from_table(URBAN_TARGET, evidence.table("targets")))


def _tables(evidence: Evidence) -> dict[str, pd.DataFrame]:
    return {name: evidence.table(name) for name in TABLES}


def _later(evidence: Evidence) -> pd.DataFrame:
    tables = {name: evidence.table(name) for name in BASE_TABLES}
    return check_later(evidence.table("later_figures"), bundled_figures(tables, evidence.provinces))


def _counts(followed: Followed) -> str:
    states = followed.table.loc[followed.table["unit"].ne(GROUP), "state"]
    above, course = int(states.isin(["above", "met"]).sum()), int(states.eq("on course").sum())
    return f"Of the counties one by one {above} lie above the number and {course} are on course to it."


def _other_target(claim: Claim, evidence: Evidence) -> float:
    """Target that the other document (magazine or plan) states for the same quantity."""
    return printed_number(evidence.table("claims"), _TWINS[claim.id])
