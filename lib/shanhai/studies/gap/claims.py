"""Claims on what goes with the gap of Bazhong, decided as notebook 08 takes gaps apart."""

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import BAZHONG, GDP_BASIS, JINHUA, SICHUAN, gdp_per_head, prefecture_value
from shanhai.methods.decomposition.gap import parts_that_differ
from shanhai.studies.gap.analysis import GapAnswer, explain_places, gap_data
from shanhai.studies.gap.design import NATURE, NATURE_FIRST
from shanhai.studies.gap.words import amount, amounts

_YEAR = "2021"
"""Year of GDP that the claims are held against."""


@check("B07", rule=rules.below_second(), data=("prefecture_economy", "county_gdp", "census_2020"))
def _gap_to_jinhua(_: Claim, evidence: Evidence) -> Measured:
    """GDP per head of Bazhong and Jinhua, and the path of their ratio."""
    path = []
    for year in (2001, 2006, 2011, 2016, 2021):
        ratio = prefecture_value(evidence, JINHUA, year, "gdp_per_capita_yuan") / prefecture_value(
            evidence, BAZHONG, year, "gdp_per_capita_yuan"
        )
        path.append(f"{year} {show(ratio)}")
    values = {name: gdp_per_head(evidence, code) for name, code in (("Bazhong", BAZHONG), ("Jinhua", JINHUA))}
    return Measured(
        "residents_2020",
        values,
        GDP_BASIS,
        note=f"Jinhua over Bazhong as published by prefecture: {', '.join(path)}. 'Huge' is a word, not a figure. What "
        f"goes with it: {_parts(explain_places(BAZHONG, JINHUA, gap_data(_YEAR, evidence)))}.",
    )


@check("B08", rule=rules.signed(-1), data=("county_gdp", "census_2020", "county_terrain", "shapefiles"))
def _remote_position(_: Claim, evidence: Evidence) -> Measured:
    """What distance, border and terrain together go with in Bazhong's gap to Sichuan, when they enter first.

    First, because what schooling, ageing and farming have in common with a remote place may come from it. The design
    was fixed before its results; that this part decides was written down when they were known. The share over
    all orders stands in the note.
    """
    data = gap_data(_YEAR, evidence)
    answer = explain_places(BAZHONG, SICHUAN, data)
    near = explain_places(BAZHONG, SICHUAN, data, design="potential", draws=199)
    near_first = near.shares.part(NATURE, NATURE_FIRST)
    part, first = answer.shares.part(NATURE, NATURE_FIRST), answer.shares.rules[NATURE_FIRST]
    every = answer.shares.part(NATURE)
    by_name = {part.name: part for part in first}
    listing = ", ".join(
        f"{name} {show(100 * by_name[group].contribution / answer.shares.gap, 0)} %"
        for name, group in (("remote", "distance"), ("on a border", "border"), ("in the mountains", "terrain"))
    )
    return Measured(
        "nature_first",
        {
            "contribution": part.contribution,
            "low": part.low,
            "high": part.high,
            "percent of the gap, nature first": 100 * part.contribution / answer.shares.gap,
            "percent of the gap, all orders": 100 * every.contribution / answer.shares.gap,
        },
        "pre-specified decomposition (notebook 08), order 'nature first': regression on all counties with province "
        "effects, log GDP per head of 2021, weighted by residents; distance to Chengdu, border and terrain entering "
        "before district status and outcomes; the share over all orders (Shapley), with which notebook 08 leads, "
        f"stands beside; {answer.shares.draws} draws of prefectures; Bazhong's counties minus those of Sichuan",
        note=f"Of a gap of {show(answer.shares.gap, 3)} log points: {listing}. Over all orders of entry the three go "
        f"with {amount(answer, every)[0]}; all parts: {_parts(answer)}. With market potential in "
        f"place of distance the three, entering first, go with {amount(near, near_first)[0]}. "
        "An account of what goes together, not of causes. Against another province, as Jinhua (B07), what is inland "
        "shows in the differences between provinces.",
    )


def _parts(answer: GapAnswer) -> str:
    """All parts of a gap in percent of it, with intervals."""
    return amounts(answer, parts_that_differ(answer.shares.parts))[0]
