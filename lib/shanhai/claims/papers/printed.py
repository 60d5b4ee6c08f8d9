"""Claims on which the tables hold nothing: figures that the documents print stand against each other.

They can fail, since documents contradict themselves, but no official figure can refute them: at best they are coherent.
"""

import re

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check, printed_number
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import QUZHOU, percent, prefecture_value

_WRITTEN = 2023
"""Year of the paper on the collaboration, whose text speaks of more than twenty years of it."""

_ENCLAVES, _COUNTIES = 42, 26

_OF_ALL = {"M79a": (99, 117), "M79b": (100, 138)}
"""Institutions and projects from the Yangtze River Delta, and all of them, in Jinhua's open calls."""

_BEDS, _VISITS, _OPERATORS, _REVENUE = 19_502, 7_423_000, 1_026, 1_061_000
"""Homestays of Shengsi: beds and operators of June 2021, visits and tourism revenue (10,000 yuan) of 2020."""

_NIGHTS = 366
"""Nights of 2020."""

_MU_PER_KM2 = 1_500

_DATA = ("claims",)


@check("B06a", "B06b", "M42b", "M42c", "Q12", "Q18", "Q19a", "Q19b", rule=rules.ordering(), data=_DATA)
def _side_by_side(claim: Claim, _: Evidence) -> Measured:
    """The printed figure beside the printed ones that it is compared with."""
    return _printed(claim)


@check("Q17a", "Q17b", rule=rules.ordering(), data=("claims", "prefecture_economy"))
def _research_intensity(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """The printed intensities of 2022, and the one that the printed expenditure of 2021 gives over published GDP."""
    spent = printed_number(evidence.table("claims"), "Q16a")
    own = percent(spent, prefecture_value(evidence, QUZHOU, 2021, "gdp_100m_yuan"))
    return (
        _printed(claim),
        Measured(
            "spending_over_gdp_2021",
            {claim.place: own, claim.reference: claim.numbers[-1]},
            "R&D of 2021 as printed (claim Q16a) over published GDP of 2021, against the printed figure of 2022",
            documents_only=True,
        ),
    )


@check("S03", rule=rules.within(20, 22), data=_DATA)
def _years_of_collaboration(claim: Claim, _: Evidence) -> Measured:
    """Years from the stated start to the paper, which speaks of more than twenty: up to a tenth more."""
    if re.fullmatch(r"\d{4}-\d\d", claim.value) is None:
        raise claim.error("value", "its test needs a month such as 2002-04")
    start = int(claim.value[:4])
    return Measured(
        "documents",
        {"years": _WRITTEN - start},
        f"the paper's own figures: from {claim.value} to {_WRITTEN}, against 'more than twenty years'",
        documents_only=True,
        note="The date itself needs the province's document of 2002.",
    )


@check("M11b", rule=rules.at_least_claim(), data=_DATA)
def _enclaves(_: Claim, __: Evidence) -> Measured:
    """Enclaves, enough for one a county."""
    return Measured(
        "documents",
        _ENCLAVES,
        f"the paper's own figures: {_ENCLAVES} enclaves can cover {_COUNTIES} counties; which has which is not printed",
        documents_only=True,
    )


@check("M35b", rule=rules.printed_digits(), data=_DATA)
def _enclave_return(claim: Claim, _: Evidence) -> Measured:
    """Promised return on what the villages of Changshan put into the enclave, 10,000 yuan."""
    if len(claim.numbers) != 3:
        raise claim.error("reference_value", "its test needs the stake and the percent guaranteed")
    _promised, stake, rate = claim.numbers
    return Measured(
        "documents",
        stake * rate / 100,
        f"the paper's own figures: {show(stake, 0)} at the guaranteed {show(rate, 0)} %",
        documents_only=True,
    )


@check("M79a", "M79b", rule=rules.printed_digits(), data=_DATA)
def _share_of_the_delta(claim: Claim, _: Evidence) -> Measured:
    """A printed part over its printed whole, percent."""
    part, whole = _OF_ALL[claim.id]
    return Measured(
        "documents",
        percent(part, whole),
        f"the magazine's own figures: {part} of {whole}",
        documents_only=True,
    )


@check("M81a", rule=rules.at_least_claim(), data=_DATA)
def _guests_of_homestays(_: Claim, __: Evidence) -> Measured:
    """The most that homestays can take in, one night each, percent of the visits."""
    return Measured(
        "documents",
        percent(_BEDS * _NIGHTS, _VISITS),
        f"the magazine's own figures: {show(_BEDS, 0)} beds in {_NIGHTS} nights against {show(_VISITS, 0)} visits",
        documents_only=True,
    )


@check("M81b", rule=rules.at_least_claim(), data=_DATA)
def _income_of_homestays(_: Claim, __: Evidence) -> Measured:
    """The tourism revenue for each operator, 10,000 yuan: the most that each can have earned."""
    return Measured(
        "documents",
        _REVENUE / _OPERATORS,
        f"the magazine's own figures: tourism revenue of {show(_REVENUE / 10_000, 1)} (100m yuan) over "
        f"{show(_OPERATORS, 0)} operators",
        documents_only=True,
    )


@check("M84", rule=rules.at_least_claim(), data=_DATA)
def _salt_pans(_: Claim, evidence: Evidence) -> Measured:
    """Area of the industrial city in mu: the most that it can have taken of the salt pans."""
    city = printed_number(evidence.table("claims"), "M36a")
    return Measured(
        "documents",
        city * _MU_PER_KM2,
        f"the magazine's own figures: {show(city, 1)} km2 of industrial city (claim M36a) in mu",
        documents_only=True,
    )


@check("M86", rule=rules.within(0, 100), data=_DATA)
def _two_trades_of_qingtian(claim: Claim, evidence: Evidence) -> Measured:
    """Shoes and clothing with stainless steel, percent of the output above scale."""
    share = percent(*(printed_number(evidence.table("claims"), "M42c", name) for name in ("value", "reference_value")))
    return Measured(
        "documents",
        {"both trades, percent": claim.number + share, "stainless steel, percent": share},
        "the magazine's own figures: with stainless steel (claim M42c); possible if not above 100 %",
        documents_only=True,
    )


def _printed(claim: Claim) -> Measured:
    own, *others = claim.numbers
    names = [name.strip() for name in claim.reference.split(";")]
    if len(names) != len(others):
        raise claim.error("reference_value", f"its test needs one figure for each of {names}")
    references = dict(zip(names, others, strict=True))
    gap = ", ".join(f"{name} {show(own - number)}" for name, number in references.items())
    return Measured(
        "documents",
        {claim.place: own, **references},
        "the paper's own figures: the comparison is arithmetic, the figures themselves are not checked",
        note=f"Difference to {gap} ({claim.unit}).",
        documents_only=True,
    )
