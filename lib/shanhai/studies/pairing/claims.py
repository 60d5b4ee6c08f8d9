"""Claims on who is paired with whom and on who left Bazhong, measured as notebook 10 measures them."""

import numpy as np
import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import BAZHONG, JINHUA, ZHEJIANG, codes_of, percent
from shanhai.core.errors import MissingDataError
from shanhai.studies.pairing.analysis import compare_pairs, county_attributes, named_pairs, pair_table
from shanhai.studies.pairing.design import PairingSpec
from shanhai.studies.pairing.emigration import (
    arrivals,
    carried_registered,
    claimed,
    expected_in,
    registered_less_resident,
)

_DRAWS, _SEED = 9999, 1
"""Draws of random pairs, as in notebook 10."""

_COUNTIES = {"S04a": "开化县", "S05": "柯城区"}
"""Mountain county of the claims that name one pair."""


@check(
    "S04a", "S05", "M48a", rule=rules.every_condition(), data=("pairings", "county_gdp", "census_2020", "shapefiles")
)
def _pairs_named(claim: Claim, evidence: Evidence) -> Measured:
    """Whether every pair that the paper names joins one of the 26 with a county outside, how rich and how far apart."""
    table = evidence.table("pairings")
    own = table[table["source"].eq(claim.seed)]
    if claim.id in _COUNTIES:
        own = own[own["mountain_name_zh"].eq(_COUNTIES[claim.id])]
    counties = evidence.analysis[evidence.analysis["province_code"].eq(ZHEJIANG)]
    pairs = named_pairs(own, counties["code"].tolist())
    if pairs.empty:
        raise MissingDataError(f"pairings holds no pair of county codes that {claim.seed} names for {claim.id}.")
    measured = pair_table(evidence.kept("attributes of pairs", lambda: county_attributes(counties)), pairs)
    measured = measured.assign(pair=_names(measured, counties))
    known = measured.dropna(subset="gap_2021")
    inside = set(counties.loc[counties["is_mountain_26"].astype(bool), "code"])
    listing = "; ".join(
        f"{name} {show(float(np.exp(gap)))}, {show(float(km), 0)} km"
        for name, gap, km in known[["pair", "gap_2021", "distance_km"]].to_numpy()
    )
    unknown = ", ".join(measured.loc[measured["gap_2021"].isna(), "pair"])
    shared = sorted(set(_also_named(table, claim.seed, pairs)))
    return Measured(
        "names",
        {
            str(pair): mountain in inside and sea not in inside
            for pair, mountain, sea in measured[["pair", "mountain_code", "sea_code"]].to_numpy()
        },
        "names of the paper found among the counties of the 2020 census, one of the 26 and one outside",
        documents_only=True,
        note=f"Ratio of GDP per head, partner over county, and distance of the centres: {listing}. "
        + (f"Not comparable, since the partner was redrawn in 2021: {unknown}. " if unknown else "")
        + (f"Named by another paper too: {', '.join(shared)}. " if shared else "")
        + (_against_drawn(pairs, counties, evidence) if claim.id == "M48a" else "")
        + "That the agreements exist no table can show; they are carried over from the papers.",
    )


def _names(pairs: pd.DataFrame, counties: pd.DataFrame) -> list[str]:
    names = counties.set_index("code")["name_zh"]
    return [f"{names[mountain]}-{names[sea]}" for mountain, sea in pairs[["mountain_code", "sea_code"]].to_numpy()]


def _also_named(table: pd.DataFrame, seed: str, pairs: pd.DataFrame) -> list[str]:
    elsewhere = table[table["source"].ne(seed)][["mountain_code", "sea_code", "mountain_name_zh"]]
    both = pairs.merge(elsewhere.drop_duplicates(["mountain_code", "sea_code"]), on=["mountain_code", "sea_code"])
    return both["mountain_name_zh"].tolist()


def _against_drawn(pairs: pd.DataFrame, counties: pd.DataFrame, evidence: Evidence) -> str:
    """Distance and gap of the pairs against partners drawn from all counties of the province outside the 26."""
    attributes = evidence.kept("attributes of pairs", lambda: county_attributes(counties))
    candidates = counties.loc[~counties["is_mountain_26"].astype(bool), "code"].tolist()
    tests = {
        outcome: compare_pairs(PairingSpec(outcome), attributes, pairs, candidates, _DRAWS, _SEED)
        for outcome in ("distance_km", "gap_2021")
    }
    distance, gap = tests["distance_km"], tests["gap_2021"]
    return (
        f"Against partners drawn at random the pairs are {show(distance.observed, 0)} km apart, not "
        f"{show(distance.expected, 0)} (p = {show(distance.p)}), and their ratio of GDP per head is "
        f"{show(float(np.exp(gap.observed)))}, not {show(float(np.exp(gap.expected)))} (p = {show(gap.p)}; "
        f"permutation, {gap.pairs} pairs with GDP). "
    )


@check("B04", rule=rules.near_claim(), data=("county_hukou", "census_2010", "census_2020"))
def _people_elsewhere(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Registered minus resident population of Bazhong."""
    tables = {name: evidence.table(name) for name in ("county_hukou", "census_2010", "census_2020")}
    codes = codes_of(evidence, BAZHONG)
    years = {str(row["source"]): row for row in registered_less_resident(tables, BAZHONG, codes).to_dict("records")}
    carried, reported, reporting = carried_registered(tables["county_hukou"], codes, 2020)
    last = years["mixed"]
    return (
        Measured(
            "mixed_2014_2020",
            float(last["difference"]),
            f"registered population of {last['registered_year']} (the last year complete in the yearbooks) minus "
            "residents of the 2020 census",
            same_quantity=False,
        ),
        Measured(
            "carried_2020",
            carried - float(last["residents"]),
            f"registered population carried on to 2020 at the pace of the {reporting} counties that report until "
            f"{reported}, minus residents of the 2020 census: net of arrivals, all ages; agreeing within 5 %",
            note="A survey of people from Bazhong who work elsewhere would settle it; the claim counts workers, the "
            "difference all people, net of arrivals. Notebook 10 has the same number.",
            same_quantity=False,
        ),
        Measured(
            "census_2010",
            float(years["census"]["difference"]),
            "registered minus resident population, 2010 census",
            same_quantity=False,
        ),
    )


@check("B11b", rule=rules.signed_number(), data=("county_hukou", "census_2010", "census_2020"))
def _labour_to_spare(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Registered minus resident population of Bazhong, and the same of Jinhua in the note."""
    tables = {name: evidence.table(name) for name in ("county_hukou", "census_2010", "census_2020")}
    found = {}
    for code in (BAZHONG, JINHUA):
        codes = codes_of(evidence, code)
        years = {str(row["source"]): row for row in registered_less_resident(tables, code, codes).to_dict("records")}
        carried, _reported, _reporting = carried_registered(tables["county_hukou"], codes, 2020)
        found[code] = (carried - float(years["mixed"]["residents"]), float(years["census"]["difference"]))
    return tuple(
        Measured(
            key,
            {"registered minus resident persons": found[BAZHONG][at]},
            f"{basis}; all ages, net of arrivals",
            same_quantity=False,
            note=f"In Jinhua {show(found[JINHUA][at], 0)}. The difference counts people of all ages who left, net of "
            "arrivals, not workers without work at home. Needed: a survey of the labour force.",
        )
        for at, (key, basis) in enumerate(
            (
                ("carried_2020", "registered population carried on to 2020 minus residents of the 2020 census"),
                ("census_2010", "registered minus resident population, 2010 census"),
            )
        )
    )


@check("B05", rule=rules.within(0, 100), data=("census_2020", "claims"))
def _bazhong_people_in_jinhua(claim: Claim, evidence: Evidence) -> Measured:
    """The 12,000 in percent of Jinhua's residents from other provinces."""
    arrived, residents, arrived_nation = arrivals(evidence.table("census_2020"), JINHUA)
    elsewhere = claimed(evidence.table("claims"), "B04")
    expected = expected_in(arrived, arrived_nation, elsewhere)
    return Measured(
        "arrivals_2020",
        {"percent of those from other provinces": percent(claim.number, arrived)},
        "of Jinhua's residents of the 2020 census registered in another province; possible if not above 100 %",
        note=f"Of the {show(elsewhere, 0)} working elsewhere it is {show(percent(claim.number, elsewhere))} %, of all "
        f"residents of Jinhua {show(percent(claim.number, residents))} %. If all of them had left Sichuan and spread "
        f"as China's migrants between provinces do, {show(expected, 0)} would be in Jinhua. Movements between two "
        "prefectures need the census microdata.",
    )
