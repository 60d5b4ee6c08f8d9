"""Claims of the paper on Jinhua and Bazhong (2024)."""

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import BAZHONG, SICHUAN, area, codes_of, counties_of, gdp_per_head, percent
from shanhai.core.places import NATION


@check("B01", rule=rules.every_condition(), data=("counties", "pairings"))
def _counties_paired(_: Claim, evidence: Evidence) -> Measured:
    """Whether four counties of Bazhong can be among the six, and whether the paper names as many elsewhere."""
    inside = set(codes_of(evidence, BAZHONG))
    pairs = evidence.table("pairings")
    named = set(pairs.loc[pairs["source"] == "bazhong-2024", "mountain_code"]) & inside
    return Measured(
        "names",
        {"at least four counties in Bazhong": len(inside) >= 4, "four counties with a park of Jinhua": len(named) == 4},
        "counties of the 2020 census; the paper's own list of parks",
        note=f"Bazhong has {len(inside)} counties; parks are named in {', '.join(sorted(named))}. The two counties "
        "outside Bazhong are not named.",
    )


@check("B02", rule=rules.every_condition(), data=("county_terrain", "county_gdp", "census_2020"))
def _overlapping_disadvantages(_: Claim, evidence: Evidence) -> Measured:
    """Mountains and late development of Bazhong; the third, the old revolutionary base, is history."""
    frame, rows = evidence.frame, counties_of(evidence, BAZHONG)
    typical = float(frame["ruggedness"].median())
    rugged = int((rows["ruggedness"] > typical).sum())
    own, province, nation = (gdp_per_head(evidence, code) for code in (BAZHONG, SICHUAN, NATION))
    return Measured(
        "ruggedness_and_gdp",
        {
            "most counties rougher than the median county": rugged * 2 > len(rows),
            "poorer than Sichuan and China": own < min(province, nation),
        },
        "ruggedness as in Nunn & Puga (2012) on a grid of 5 arc minutes; GDP of 2021 over residents of 2020",
        note=f"{rugged} of {len(rows)} counties are more rugged than China's median county ({show(typical, 0)} m); "
        f"GDP per head is {show(percent(own, province), 1)} % of Sichuan's and {show(percent(own, nation), 1)} % of "
        "China's. That it is an old revolutionary base needs the list of the State Council.",
    )


@check("B03", rule=rules.within(0, 100), data=("county_gdp", "census_2020"))
def _parks_output(__: Claim, evidence: Evidence) -> Measured:
    """Expected output of the parks in percent of Bazhong's GDP, and per job."""
    gdp = float(area(evidence, BAZHONG)["gdp_2021"])
    return Measured(
        "gdp_2021",
        {"percent of GDP": percent(30e8, gdp)},
        "expected output of over 3,000 million yuan (gross) over GDP of 2021; possible if not above 100 %",
        note=f"With over 5,000 jobs this is {show(30e8 / 5_000, 0)} yuan of output a job; five parks: four counties "
        "and the development zone are named.",
    )


@check("B06", rule=rules.every_condition(), data=("claims",))
def _exchange_is_lopsided(claim: Claim, _: Evidence) -> Measured:
    """Whether Jinhua sends more cadres and more professionals than it receives."""
    sent = [float(text) for text in claim.printed]
    received = [float(text) for text in claim.printed_references]
    return Measured(
        "documents",
        {"more cadres": sent[0] > received[0], "more professionals": sent[1] > received[1]},
        "the paper's own figures; the lists of people are not public",
        note=f"Jinhua sends {show(sent[0] / received[0], 1)} cadres and {show(sent[1] / received[1], 1)} professionals "
        "for each one from Bazhong.",
    )
