"""Claims on provincial borders and mountains, decided by regressions registered before any result was known.

Each claim is decided by one estimate, named here in advance; other outcomes and samples are shown in the note and
never decide. Estimates are conditional differences between counties, not effects of drawing a border.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.core.errors import ClaimError
from shanhai.methods.discontinuity.geographic import Location, border_jump
from shanhai.studies.border.design import MODELS, OUTCOMES, SAMPLES
from shanhai.studies.robustness.agreement import agreement, border_curve, distance_curve, dual_curve
from shanhai.studies.robustness.discontinuity import MAIN as JUMP
from shanhai.studies.robustness.discontinuity import registered_sample

DATA = ("county_gdp", "census_2020", "county_lights", "county_terrain", "shapefiles")

JUMP_MARGIN = 0.25
"""Log points below which a jump counts as none: a fifth of the depth of the valley of lights. It was set with this
test, when the estimate was known; any margin below the bound that the finding reports gives the same verdict."""

JUMP_OTHERS: tuple[tuple[str, Location], ...] = (
    ("lights_per_km2_2013", "coordinates"),
    ("gdp_per_capita_2021", "distance"),
    ("gdp_per_capita_2021", "coordinates"),
)
"""Outcomes and designs shown beside the jump that decides."""

NOT_AN_EFFECT = (
    "Before it is read as an effect of borders, see the placebo borders of notebook 13: lines that the country could "
    "have had instead."
)
"""Where the sign of the estimate is not the whole story."""

BORDER, DUAL, DISTANCE = "on_border", "on_border:z_ruggedness", "log_distance_to_border_km"


@check("Q22", rule=rules.signed(-1), data=DATA)
def border_effect(_: Claim, evidence: Evidence) -> Measured:
    """Border counties against interior counties of the same province, log GDP per head."""
    found = _decided_by(evidence, "main", "gdp", BORDER, "difference in log GDP per head of 2021 at mean ruggedness")
    return _with_note(found, f"{agreement(evidence, border_curve('gdp'), -1)} {NOT_AN_EFFECT}")


@check("Q23", rule=rules.signed(-1), data=DATA)
def terrain_behind_border(_: Claim, evidence: Evidence) -> Measured:
    """How the border difference changes where terrain is one standard deviation more rugged, log GDP per head."""
    found = _decided_by(
        evidence, "main", "gdp", DUAL, "change of the border difference per standard deviation of ruggedness"
    )
    return _with_note(found, agreement(evidence, dual_curve("gdp"), -1))


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
    return _with_note(
        measured,
        f"{agreement(evidence, distance_curve('lights_per_km2'), +1)} Against counties 100 km and farther, by distance "
        f"of the centre: {listing}. The paper's grid cells (1992-2013) are finer than counties.",
    )


@check("L02", rule=rules.absent_within(JUMP_MARGIN), data=("county_lights", "county_gdp", "census_2020", "shapefiles"))
def no_jump(_: Claim, evidence: Evidence) -> Measured:
    """Jump of lights per km2 of 2013, the paper's last year, at the line between two provinces."""
    sample = evidence.kept("border sample", lambda: registered_sample(evidence.analysis))
    found = border_jump(sample, JUMP)
    row = found.to_frame().query("method == 'robust'").iloc[0]
    others = []
    for outcome, location in JUMP_OTHERS:
        other = border_jump(sample, replace(JUMP, outcome=outcome, location=location)).to_frame().iloc[1]
        others.append(f"{outcome} by {location} {_interval(other)}")
    return Measured(
        {
            "estimate": row["estimate"],
            "low": row["low"],
            "high": row["high"],
            "equivalence bound": found.equivalence_bound,
        },
        "log light per km2 of 2013, richer less poorer province at the line; local lines in the distance of county "
        f"centres within {show(row['bandwidth_km'], 0)} km, effects of 100 km segments, robust interval, "
        f"{row['vcov']}, {row['n_left'] + row['n_right']} counties",
        note=f"A jump of more than {show(found.equivalence_bound)} log points is excluded at 5 %; to say that there is "
        f"none the interval must cover zero and that bound lie within {show(JUMP_MARGIN)}. Not deciding (robust): "
        f"{'; '.join(others)}. The paper's grid cells are finer than counties.",
    )


def _with_note(measured: Measured, more: str) -> Measured:
    return replace(measured, note=f"{measured.note} {more}")


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


def _interval(row: Mapping[str, Any] | pd.Series) -> str:
    return f"{show(row['estimate'], 3)} [{show(row['low'], 3)}, {show(row['high'], 3)}]"
