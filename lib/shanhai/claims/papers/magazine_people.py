"""Claims of the magazine (2021) on who lives and works in single counties."""

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import census_unit, percent, registered_population, urban_share

_YUNHE, _PANAN, _QUJIANG = "331125", "330727", "330803"


@check("M27", rule=rules.spoken_fraction(1 / 3), data=("county_hukou", "census_2020"))
def _herb_growers(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """The 68,000 herb workers in percent of Pan'an's registered and resident population."""
    workers = 68_000
    registered = registered_population(evidence, [_PANAN], 2020)
    resident = float(census_unit(evidence, _PANAN)["population"])
    note = "Nearest of the fractions 1/5, 1/4, 1/3, 2/5, 1/2, ...; the number of workers itself is not checked."
    return (
        Measured(
            "registered_2020",
            percent(workers, registered),
            "of the registered population at the end of 2020 (yearbook)",
            note=note,
        ),
        Measured("residents_2020", percent(workers, resident), "of the residents of the 2020 census"),
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


@check("M33", rule=rules.at_least_claim(), data=("census_2020", "county_hukou"))
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


@check("M37", rule=rules.within(0, 100), data=("census_2020",))
def _qujiang_reached(_: Claim, evidence: Evidence) -> Measured:
    """The 135,000 beneficiaries in percent of Qujiang's rural residents."""
    rural = float(census_unit(evidence, _QUJIANG)["rural_population"])
    return Measured(
        "residents_2020",
        {"percent of rural residents": percent(135_000, rural)},
        "of the rural residents of the 2020 census; the claim is possible if not above 100 %",
        note=f"The 6 million yuan are {show(600 * 10_000 / 135_000, 1)} yuan for each of them.",
    )
