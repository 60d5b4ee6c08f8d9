"""Claims of the magazine (2021) on who lives and works in single counties."""

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import census_unit, employed, percent, registered_population, urban_share

_HERB_WORKERS = 68_000
"""Workers that the magazine prints beside their share (claim M27a)."""

_SANMEN = "331022"

_YUNHE, _PANAN, _QUJIANG = "331125", "330727", "330803"


@check("M27a", rule=rules.within(0, 100), data=("census_2020",))
def _herb_workers(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """The herb workers in percent of Pan'an's employed residents, and of those in farming."""
    row = census_unit(evidence, _PANAN)
    raised = "the 2020 census, long form raised by all family households; possible if not above 100 %"
    return (
        Measured(
            "employed_2020", {"percent of the employed": percent(claim.number, employed(row))}, f"employed in {raised}"
        ),
        Measured(
            "farming_2020",
            {"percent of those in farming": percent(claim.number, employed(row, "long_form_agriculture"))},
            f"employed in farming in {raised}",
        ),
    )


@check("M27b", rule=rules.spoken_fraction(1 / 3), data=("county_hukou", "census_2020"))
def _herb_growers(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """The printed herb workers in percent of Pan'an's resident and registered population."""
    registered = registered_population(evidence, [_PANAN], 2020)
    resident = float(census_unit(evidence, _PANAN)["population"])
    note = "Nearest of the fractions 1/5, 1/4, 1/3, 2/5, 1/2, ...; the number of workers itself is not checked."
    return (
        Measured("residents_2020", percent(_HERB_WORKERS, resident), "of the residents of the 2020 census", note=note),
        Measured(
            "registered_2020",
            percent(_HERB_WORKERS, registered),
            "of the registered population at the end of 2020 (yearbook)",
        ),
    )


@check("M32", rule=rules.printed_digits(), data=("census_2020",))
def _yunhe_urbanisation(_: Claim, evidence: Evidence) -> Measured:
    """Urban share of Yunhe."""
    return Measured(
        "residents_2020",
        urban_share(census_unit(evidence, _YUNHE)),
        "urban over all residents of the 2020 census",
        same_basis=True,
    )


@check("M33a", rule=rules.at_least_claim(), data=("census_2020", "county_hukou"))
def _yunhe_seat(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Urban residents of Yunhe, the most that its seat can hold, in percent of residents and of registered people."""
    row = census_unit(evidence, _YUNHE)
    urban = float(row["urban_population"])
    registered = registered_population(evidence, [_YUNHE], 2020)
    note = "People in the seat are part of the urban residents, so that this is the highest share the seat can have."
    return (
        Measured(
            "residents_2020",
            percent(urban, row["population"]),
            "urban residents over residents, 2020 census",
            note=f"The paper prints {claim.value} % in the seat beside an urbanisation rate of 73.1 %. {note}",
        ),
        Measured(
            "registered_2020",
            percent(urban, registered),
            "urban residents of the 2020 census over the registered population of 2020",
            note=note,
        ),
    )


@check("M33e", rule=rules.within(0, 100), data=("census_2020",))
def _toy_jobs(claim: Claim, evidence: Evidence) -> Measured:
    """Jobs in toys in percent of Yunhe's residents employed in manufacturing."""
    return Measured(
        "manufacturing_2020",
        {
            "percent of those in manufacturing": percent(
                claim.number, employed(census_unit(evidence, _YUNHE), "long_form_manufacturing")
            )
        },
        "employed in manufacturing in the 2020 census, long form raised by all family households; possible if not "
        "above 100 %",
    )


@check("M36b", rule=rules.within(0, 100), data=("census_2020",))
def _industrial_city(claim: Claim, evidence: Evidence) -> Measured:
    """People of the industrial city in percent of Sanmen's residents."""
    return Measured(
        "residents_2020",
        {"percent of residents": percent(claim.number, float(census_unit(evidence, _SANMEN)["population"]))},
        "of the residents of the county, 2020 census; possible if not above 100 %",
    )


@check("M37c", rule=rules.within(0, 100), data=("census_2020",))
def _qujiang_reached(claim: Claim, evidence: Evidence) -> Measured:
    """The beneficiaries in percent of Qujiang's rural residents."""
    rural = float(census_unit(evidence, _QUJIANG)["rural_population"])
    return Measured(
        "residents_2020",
        {"percent of rural residents": percent(claim.number, rural)},
        "of the rural residents of the 2020 census; the claim is possible if not above 100 %",
        note=f"The 6 million yuan are {show(600 * 10_000 / claim.number, 1)} yuan for each of them.",
    )
