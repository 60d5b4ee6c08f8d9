"""Claims of the paper on Jinhua and Bazhong (2024)."""

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.gdp_totals import GDP_BASIS, area, gdp_per_head, prefecture_value
from shanhai.claims.quantities import BAZHONG, JINHUA, SICHUAN, codes_of, counties_of, percent
from shanhai.core.places import NATION
from shanhai.studies.gap.account import GapAnswer, explain_places
from shanhai.studies.gap.names import GROUP_NAMES, ORDERED, amount
from shanhai.studies.gap.registered import NATURE
from shanhai.studies.gap.worth import NOTHING
from shanhai.studies.pairing.emigration import (
    arrivals,
    carried_registered,
    claimed,
    expected_in,
    registered_less_resident,
)


@check("B01", rule=rules.every_condition(), data=("counties", "pairings"))
def counties_paired(_: Claim, evidence: Evidence) -> Measured:
    """Whether four counties of Bazhong can be among the six, and whether the paper names as many elsewhere."""
    inside = set(codes_of(evidence, BAZHONG))
    pairs = evidence.table("pairings")
    named = set(pairs.loc[pairs["source"] == "bazhong-2024", "mountain_code"]) & inside
    return Measured(
        {"at least four counties in Bazhong": len(inside) >= 4, "four counties with a park of Jinhua": len(named) == 4},
        "counties of the 2020 census; the paper's own list of parks",
        note=f"Bazhong has {len(inside)} counties; parks are named in {', '.join(sorted(named))}. The two counties "
        "outside Bazhong are not named.",
    )


@check("B02", rule=rules.every_condition(), data=("county_terrain", "county_gdp", "census_2020"))
def overlapping_disadvantages(_: Claim, evidence: Evidence) -> Measured:
    """Mountains and late development of Bazhong; the third, the old revolutionary base, is history."""
    frame, rows = evidence.frame, counties_of(evidence, BAZHONG)
    typical = float(frame["ruggedness"].median())
    rugged = int((rows["ruggedness"] > typical).sum())
    own, province, nation = (gdp_per_head(evidence, code) for code in (BAZHONG, SICHUAN, NATION))
    return Measured(
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
def parks_output(__: Claim, evidence: Evidence) -> Measured:
    """Expected output of the parks in percent of Bazhong's GDP, and per job."""
    gdp = float(area(evidence, BAZHONG)["gdp_2021"])
    return Measured(
        {"percent of GDP": percent(30e8, gdp)},
        "expected output of over 3,000 million yuan (gross) over GDP of 2021; possible if not above 100 %",
        note=f"With over 5,000 jobs this is {show(30e8 / 5_000, 0)} yuan of output a job; five parks: four counties "
        "and the development zone are named.",
    )


@check("B04", rule=rules.near_claim(0.05), data=("county_hukou", "census_2010", "census_2020"))
def people_elsewhere(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Registered minus resident population of Bazhong."""
    tables = {name: evidence.table(name) for name in ("county_hukou", "census_2010", "census_2020")}
    codes = codes_of(evidence, BAZHONG)
    years = {str(row["source"]): row for row in registered_less_resident(tables, BAZHONG, codes).to_dict("records")}
    carried, reported, reporting = carried_registered(tables["county_hukou"], codes, 2020)
    last = years["mixed"]
    return (
        Measured(
            float(last["difference"]),
            f"registered population of {last['registered_year']} (the last year complete in the yearbooks) minus "
            "residents of the 2020 census: net of arrivals, all ages; agreeing within 5 %",
            note="The registered population of 2020 to 2023 would settle it; the claim counts workers, the "
            "difference all people.",
        ),
        Measured(
            carried - float(last["residents"]),
            f"registered population carried on to 2020 at the pace of the {reporting} counties that report until "
            f"{reported}, minus residents of the 2020 census",
        ),
        Measured(
            float(years["census"]["difference"]),
            "registered minus resident population, 2010 census",
        ),
    )


@check("B05", rule=rules.within(0, 100), data=("census_2020", "claims"))
def bazhong_people_in_jinhua(claim: Claim, evidence: Evidence) -> Measured:
    """The 12,000 in percent of Jinhua's residents from other provinces."""
    arrived, residents, arrived_nation = arrivals(evidence.table("census_2020"), JINHUA)
    elsewhere = claimed(evidence.table("claims"), "B04")
    expected = expected_in(arrived, arrived_nation, elsewhere)
    return Measured(
        {"percent of those from other provinces": percent(claim.number, arrived)},
        "of Jinhua's residents of the 2020 census registered in another province; possible if not above 100 %",
        note=f"Of the {show(elsewhere, 0)} working elsewhere it is {show(percent(claim.number, elsewhere))} %, of all "
        f"residents of Jinhua {show(percent(claim.number, residents))} %. If all of them had left Sichuan and spread "
        f"as China's migrants between provinces do, {show(expected, 0)} would be in Jinhua. Movements between two "
        "prefectures need the census microdata.",
    )


@check("B06", rule=rules.every_condition(), data=("claims",))
def exchange_is_lopsided(claim: Claim, _: Evidence) -> Measured:
    """Whether Jinhua sends more cadres and more professionals than it receives."""
    sent = [float(text) for text in claim.printed]
    received = [float(text) for text in claim.printed_references]
    return Measured(
        {"more cadres": sent[0] > received[0], "more professionals": sent[1] > received[1]},
        "the paper's own figures; the lists of people are not public",
        note=f"Jinhua sends {show(sent[0] / received[0], 1)} cadres and {show(sent[1] / received[1], 1)} professionals "
        "for each one from Bazhong.",
    )


@check("B07", rule=rules.below_second(), data=("prefecture_economy", "county_gdp", "census_2020"))
def gap_to_jinhua(_: Claim, evidence: Evidence) -> Measured:
    """GDP per head of Bazhong and Jinhua, and the path of their ratio."""
    path = []
    for year in (2001, 2006, 2011, 2016, 2021):
        ratio = prefecture_value(evidence, JINHUA, year, "gdp_per_capita_yuan") / prefecture_value(
            evidence, BAZHONG, year, "gdp_per_capita_yuan"
        )
        path.append(f"{year} {show(ratio)}")
    values = {name: gdp_per_head(evidence, code) for name, code in (("Bazhong", BAZHONG), ("Jinhua", JINHUA))}
    return Measured(
        values,
        GDP_BASIS,
        note=f"Jinhua over Bazhong as published by prefecture: {', '.join(path)}. 'Huge' is a word, not a figure. What "
        f"goes with it: {_parts(explain_places(BAZHONG, JINHUA, evidence))}.",
    )


@check("B08", rule=rules.signed(-1), data=("county_gdp", "census_2020", "county_terrain", "shapefiles"))
def remote_position(_: Claim, evidence: Evidence) -> Measured:
    """What distance, border and terrain together go with in Bazhong's gap to Sichuan, when they enter first.

    First, because what schooling, ageing and farming have in common with a remote place may come from it. The design
    was registered before its results; that this part decides was written down when they were known. The share over
    all orders stands in the note.
    """
    answer = explain_places(BAZHONG, SICHUAN, evidence)
    near = explain_places(BAZHONG, SICHUAN, evidence, design="potential", draws=199)
    part, first = answer.shares.part(NATURE, ORDERED), answer.shares.rules[ORDERED]
    every = answer.shares.part(NATURE)
    alike = {one.name: one for one in first}
    listing = ", ".join(
        f"{name} {show(100 * alike[group].contribution / answer.shares.gap, 0)} %"
        for name, group in (("remote", "distance"), ("on a border", "border"), ("in the mountains", "terrain"))
    )
    return Measured(
        {
            "contribution": part.contribution,
            "low": part.low,
            "high": part.high,
            "percent of the gap, nature first": 100 * part.contribution / answer.shares.gap,
            "percent of the gap, all orders": 100 * every.contribution / answer.shares.gap,
        },
        "registered decomposition (notebook 08), order 'nature first': regression on all counties with province "
        "effects, log GDP per head of 2021, weighted by residents; distance to Chengdu, border and terrain entering "
        "before district status and outcomes; the share over all orders (Shapley), with which notebook 08 leads, "
        f"stands beside; {answer.shares.draws} draws of prefectures; Bazhong's counties minus those of Sichuan",
        note=f"Of a gap of {show(answer.shares.gap, 3)} log points: {listing}. Over all orders of entry the three go "
        f"with {amount(answer, every, 0)}; all parts: {_parts(answer)}. With market potential in "
        f"place of distance the three, entering first, go with {amount(near, near.shares.part(NATURE, ORDERED), 0)}. "
        "An account of what goes together, not of causes. Against another province, as Jinhua (B07), what is inland "
        "shows in the differences between provinces.",
    )


def _parts(answer: GapAnswer) -> str:
    """All parts of a gap in percent of it, with intervals."""
    return "; ".join(
        f"{GROUP_NAMES[part.name][0]} {amount(answer, part, 0)}"
        for part in answer.shares.parts
        if abs(part.contribution) > NOTHING
    )
