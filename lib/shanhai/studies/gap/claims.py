"""Claims on what accounts for the gap of Bazhong, decided as notebook 08 takes gaps apart."""

from dataclasses import replace

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import BAZHONG, GDP_BASIS, JINHUA, SICHUAN, gdp_per_head, prefecture_value
from shanhai.methods.decomposition import Rule
from shanhai.methods.decomposition.gap import parts_that_differ
from shanhai.studies.gap.analysis import GapAnswer, explain_places, gap_data
from shanhai.studies.gap.beside import OwnSlopes, Residual, own_slopes, residual_of
from shanhai.studies.gap.design import NATURE_FIRST
from shanhai.studies.gap.words import amounts

_YEAR = "2021"
"""Year of GDP that the claims are held against."""


@check("B07", rule=rules.ordering(), data=("prefecture_economy", "county_gdp", "census_2020"))
def _gap_to_jinhua(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """GDP per head of Bazhong and Jinhua, and the path of their ratio."""
    places = (("Bazhong", BAZHONG), ("Jinhua", JINHUA))
    path = []
    for year in (2001, 2006, 2011, 2016, 2021):
        ratio = prefecture_value(evidence, JINHUA, year, "gdp_per_capita_yuan") / prefecture_value(
            evidence, BAZHONG, year, "gdp_per_capita_yuan"
        )
        path.append(f"{year} {show(ratio)}")
    return (
        Measured(
            "published_2021",
            {name: prefecture_value(evidence, code, 2021, "gdp_per_capita_yuan") for name, code in places},
            "GDP per head of 2021 as published by prefecture (over residents of 2021)",
            note=f"Jinhua over Bazhong as published by prefecture: {', '.join(path)}. 'Huge' is a word, not a figure. "
            f"What accounts for it: {_parts(explain_places(BAZHONG, JINHUA, gap_data(_YEAR, evidence)))}.",
        ),
        Measured("residents_2020", {name: gdp_per_head(evidence, code) for name, code in places}, GDP_BASIS),
    )


_TRAITS = {"B08": "distance"}
"""Group of the decomposition that each part of the claim is about."""

_BESIDE = (("nature_first", "main", NATURE_FIRST), ("market_potential", "potential", Rule.SHAPLEY))
"""Bases that do not decide: key, design, order of entry."""


@check("B08", rule=rules.signed(), data=("county_gdp", "census_2020", "county_terrain", "shapefiles"))
def _position(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """What one trait of its place accounts for in Bazhong's gap to Sichuan, as a share over all orders of entry.

    The Shapley share over all orders was declared main in the design before its results; the order in which nature
    enters first was declared beside it.
    """
    data = gap_data(_YEAR, evidence)
    answers = {
        "main": evidence.kept("gap of Bazhong", lambda: explain_places(BAZHONG, SICHUAN, data)),
        "potential": evidence.kept(
            "gap of Bazhong by potential",
            lambda: explain_places(BAZHONG, SICHUAN, data, design="potential", draws=199),
        ),
    }
    bases = (("all_orders", "main", Rule.SHAPLEY), *_BESIDE)
    own = evidence.kept("own slopes of Bazhong", lambda: own_slopes(answers["main"], data))
    left = evidence.kept("residual of Bazhong", lambda: residual_of(answers["main"], data))
    found = [_share_of(claim, answers[design], key, rule) for key, design, rule in bases]
    found[0] = replace(found[0], note=f"{found[0].note} {_usual('Bazhong', left)}")
    if isinstance(own, OwnSlopes):
        found.append(_share_of(claim, replace(answers["main"], shares=own.shares), "own_slopes", Rule.SHAPLEY))
    return tuple(found)


def _usual(name: str, left: Residual) -> str:
    """How many places of its level have a lower residual under national slopes."""
    return (
        f"What is left unexplained of {name}, {show(left.value, 3)} log points against its province, is lower in "
        f"{show(left.percentile, 0)} % of {left.places} {left.level} units."
    )


def _share_of(claim: Claim, answer: GapAnswer, key: str, rule: Rule) -> Measured:
    """The part of a trait in a gap under one design and order of entry."""
    part = answer.shares.part(_TRAITS[claim.id], rule)
    own = key == "own_slopes"
    distance = "market potential" if key == "market_potential" else "distance to Chengdu"
    return Measured(
        key,
        {
            "contribution": part.contribution,
            "low": part.low,
            "high": part.high,
            "percent of the gap": 100 * part.contribution / answer.shares.gap,
        },
        f"{'decomposition' if own else 'pre-specified decomposition'} (notebook 08): regression on "
        f"{'the counties of Sichuan alone' if own else 'all counties with province effects'}, log GDP per head "
        f"of 2021, weighted by residents; {distance}, border, terrain, district status, schooling, ageing and the "
        f"primary sector; {'share over all orders' if rule == Rule.SHAPLEY else 'nature and maps enter first'}; "
        f"{answer.shares.draws} draws of prefectures; Bazhong's counties minus those of Sichuan",
        same_quantity=False,
        note="Needed for the position itself: distances of all prefectures to coast and large cities. "
        f"Of a gap of {show(answer.shares.gap, 3)} log points; all parts: {_parts(answer)}. An account of "
        "associations, not of causes. Against another province, as Jinhua (B07), what is inland shows in the "
        "differences between provinces."
        if key == "all_orders"
        else "",
    )


def _parts(answer: GapAnswer) -> str:
    """All parts of a gap in percent of it, with intervals."""
    return amounts(answer, parts_that_differ(answer.shares.parts))[0]
