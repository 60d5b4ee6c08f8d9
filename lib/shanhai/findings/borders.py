"""Claims on provincial borders and mountains, decided by regressions registered before any result was known.

Each claim is decided by one estimate, named here in advance; other outcomes and samples are shown in the note and
never decide. Estimates are conditional differences between counties, not effects of drawing a border.
"""

from collections.abc import Mapping
from typing import Any

from shanhai.errors import ClaimError
from shanhai.findings import rules
from shanhai.findings.claims import Claim, Measured, check
from shanhai.findings.digits import show
from shanhai.findings.evidence import Evidence
from shanhai.findings.gaps import parts_that_differ
from shanhai.findings.quantities import BAZHONG, SICHUAN, codes_of
from shanhai.model.gap import GapAccount, explain_gap
from shanhai.model.registered import GAP_GROUPS, MODELS, OUTCOMES, main_spec
from shanhai.model.samples import SAMPLES

DATA = ("county_gdp", "census_2020", "county_lights", "county_terrain", "shapefiles")
BORDER, DUAL, DISTANCE = "on_border", "on_border:z_ruggedness", "log_distance_to_border_km"


@check("Q22", rule=rules.signed(-1), data=DATA)
def border_effect(_: Claim, evidence: Evidence) -> Measured:
    """Border counties against interior counties of the same province, log GDP per head."""
    return _decided_by(evidence, "main", "gdp", BORDER, "difference in log GDP per head of 2021 at mean ruggedness")


@check("Q23", rule=rules.signed(-1), data=DATA)
def terrain_behind_border(_: Claim, evidence: Evidence) -> Measured:
    """How the border difference changes where terrain is one standard deviation more rugged, log GDP per head."""
    return _decided_by(
        evidence, "main", "gdp", DUAL, "change of the border difference per standard deviation of ruggedness"
    )


@check("L01", rule=rules.signed(+1), data=DATA)
def valley(_: Claim, evidence: Evidence) -> Measured:
    """Gradient of lights per km2 with the distance to the border: a valley rises away from it."""
    measured = _decided_by(
        evidence, "distance", "lights_per_km2", DISTANCE, "log light per km2 per log km, at mean ruggedness"
    )
    bands = _rows(evidence, "centre_bands", "lights_per_km2", "china")
    listing = ", ".join(
        f"{row['term'].partition('[')[2].rstrip(')').replace(',', '-')} km {show(row['estimate'])}"
        for row in bands
        if "[" in row["term"]
    )
    return Measured(
        measured.value,
        measured.basis,
        note=f"{measured.note} Against counties 100 km and farther, by distance of the centre: {listing}. "
        "The paper's grid cells (1992-2013) are finer than counties.",
    )


@check("B08", rule=rules.signed(-1), data=DATA)
def remote_position(_: Claim, evidence: Evidence) -> Measured:
    """What border and mountain together go with in Bazhong's gap to Sichuan, log points of GDP per head."""
    together = "border and mountain"
    groups = {
        together: tuple(name for group in ("border", "terrain", "border x terrain") for name in GAP_GROUPS[group]),
        "district status": GAP_GROUPS["district status"],
    }
    account = _account(evidence, groups)
    part = next(part for part in account.parts if part.name == together)
    parts = ", ".join(
        f"{one.name} {show(one.contribution, 3)} ({show(100 * one.contribution / account.gap, 0)} %)"
        for one in parts_that_differ(_account(evidence, GAP_GROUPS))
    )
    return Measured(
        {
            "contribution": part.contribution,
            "low": part.low,
            "high": part.high,
            "percent of the gap": 100 * part.contribution / account.gap,
        },
        "registered main specification on China (log GDP per head of 2021, clusters by prefecture); "
        "population-weighted means of Bazhong's counties minus those of Sichuan",
        note=f"The sign is as claimed; the size is {show(100 * part.contribution / account.gap, 0)} % of a gap of "
        f"{show(account.gap, 3)} log points: {parts}. An account of what goes together, not of "
        "causes; distance to the coast is not in it.",
    )


def _account(evidence: Evidence, groups: Mapping[str, tuple[str, ...]]) -> GapAccount:
    return explain_gap(main_spec(), evidence.analysis, codes_of(evidence, BAZHONG), codes_of(evidence, SICHUAN), groups)


def _decided_by(evidence: Evidence, model: str, outcome: str, term: str, quantity: str) -> Measured:
    """Registered estimate on China, with the other samples and outcomes of the same model in the note."""
    row = _row(evidence, model, outcome, "china", term)
    others = []
    for other_outcome in ("gdp", "lights_per_head", "lights_per_km2"):
        for sample in SAMPLES:
            if (other_outcome, sample) != (outcome, "china"):
                other = _row(evidence, model, other_outcome, sample, term)
                others.append(f"{SAMPLES[sample].name}, {other_outcome} {_interval(other)}")
    return Measured(
        {"estimate": row["estimate"], "low": row["low"], "high": row["high"]},
        f"{quantity}; registered model '{MODELS[model].label}' on China, province fixed effects, district dummy, "
        f"{row['n']} counties, errors {row['vcov']}; 95 % interval",
        note=f"Not deciding: {'; '.join(others)}.",
    )


def _row(evidence: Evidence, model: str, outcome: str, sample: str, term: str) -> Mapping[str, Any]:
    found = [row for row in _rows(evidence, model, outcome, sample) if row["term"] == term]
    if len(found) != 1:
        raise ClaimError(f"The registered estimates have {len(found)} rows of {term} in {model}, {outcome}, {sample}.")
    return found[0]


def _rows(evidence: Evidence, model: str, outcome: str, sample: str) -> list[Mapping[str, Any]]:
    wanted = (MODELS[model].label, OUTCOMES[outcome].name, SAMPLES[sample].name)
    return [row for row in evidence.estimates if (row["model"], row["outcome"], row["sample"]) == wanted]


def _interval(row: Mapping[str, Any]) -> str:
    return f"{show(row['estimate'], 3)} [{show(row['low'], 3)}, {show(row['high'], 3)}]"
