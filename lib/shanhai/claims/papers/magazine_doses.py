"""Claims of the magazine (2021) on how many people of single counties were vaccinated."""

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check, printed_number
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import ZHEJIANG, census_unit, percent


@check("M71a", "M71b", rule=rules.at_least_claim(), data=("census_2020",))
def _adults_vaccinated(claim: Claim, evidence: Evidence) -> Measured:
    """The most doses (two each) or courses that adults can have had, 10,000."""
    each = 2 if claim.id == "M71a" else 1
    return Measured(
        "residents_2020",
        each * _adults(evidence) / 10_000,
        f"{'twice the' if each == 2 else 'the'} residents of 18 and over, 2020 census, two fifths of the ages 15 to 19 "
        "taken as 18 and 19; possible if not below the claim",
    )


@check("M71c", rule=rules.near_claim(most=100), data=("census_2020", "claims"))
def _coverage_of_adults(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """First doses, and complete courses, over adults, percent."""
    doses, complete = (10_000 * printed_number(evidence.table("claims"), name) for name in ("M71a", "M71b"))
    adults = _adults(evidence)
    over = "residents of 18 and over, 2020 census"
    return (
        Measured(
            "first_doses",
            percent(doses - complete, adults),
            f"doses less complete courses, as printed (claims M71a, M71b), over {over}; agreeing within 5 %",
            same_quantity=False,
            note="Coverage cannot pass 100 %: what lies above are third doses, people counted elsewhere or adults "
            "since the census, so that this number cannot tell 99.4 % from 97 or 100 %. One dose a "
            "course lowers it and three raise it. Needed: people with a first dose.",
        ),
        Measured(
            "complete_courses",
            percent(complete, adults),
            f"complete courses as printed over {over}",
            same_quantity=False,
        ),
        Measured(
            "first_doses_a_third",
            percent(doses - complete, _adults(evidence, 1 / 3)),
            f"first doses over {over}, a third of the ages 15 to 19 taken as 18 and 19",
            same_quantity=False,
        ),
    )


@check("M71d", rule=rules.at_least_claim(), data=("census_2020",))
def _youths_vaccinated(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Residents of 12 to 17, 10,000: the most that a first round can reach."""
    return tuple(
        Measured(key, number / 10_000, f"{basis}; possible if not below the claim")
        for key, number, basis in _youths(evidence)
    )


@check("M71e", rule=rules.near_claim(), data=("census_2020", "claims"))
def _coverage_of_youths(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Doses of those of 12 to 17 over residents of that age, percent."""
    doses = 10_000 * printed_number(evidence.table("claims"), "M71d")
    return tuple(
        Measured(
            key,
            percent(doses, number),
            f"doses as printed (claim M71d) over {basis}; agreeing within 5 %",
            same_quantity=False,
            note="The rate is one of a task, whose size is not printed; residents of the age are no part of it.",
        )
        for key, number, basis in _youths(evidence)
    )


def _adults(evidence: Evidence, part: float = 2 / 5) -> float:
    """Residents of Zhejiang of 18 and over; ``part`` of those of 15 to 19 are 18 or 19."""
    row = census_unit(evidence, ZHEJIANG)
    children = sum(float(row[age]) for age in ("age_0", "age_1_4", "age_5_9", "age_10_14"))
    return float(row["population"]) - children - (1 - part) * float(row["age_15_19"])


def _youths(evidence: Evidence) -> tuple[tuple[str, float, str], ...]:
    """Residents of Zhejiang of 12 to 17 by the ages of 2020, and by the ages of a year later: key, number, basis."""
    row = census_unit(evidence, ZHEJIANG)
    younger, older = float(row["age_10_14"]), float(row["age_15_19"])
    return (
        ("residents_2020", 0.6 * younger + 0.6 * older, "residents of 12 to 17, 2020 census, bands split evenly"),
        ("a_year_later", 0.8 * younger + 0.4 * older, "residents of 11 to 16 in 2020, who were 12 to 17 a year later"),
    )
