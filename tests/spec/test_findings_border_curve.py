"""What the notes of border claims say of the specification curve, and the test that there is no jump."""

import numpy as np
import pandas as pd
import pytest
from simulated_board import PLACES, simulated_counties_at_borders

from shanhai.claims.claims import claims_from
from shanhai.claims.engine import find
from shanhai.claims.evidence import Evidence
from shanhai.claims.findings import Finding
from shanhai.data.load import load_table
from shanhai.methods.discontinuity.sample import border_sample
from shanhai.methods.discontinuity.simulated import BorderTruth
from shanhai.methods.spec import Interaction
from shanhai.studies.robustness.claims import JUMP_MARGIN, _agreement_text, _distance_curve, _dual_curve

L02 = next(claim for claim in claims_from(load_table("claims")) if claim.id == "L02")


def jump_finding(truth: BorderTruth, seed: int = 1) -> Finding:
    """L02 on simulated counties of 64 provinces, richer ones black."""
    frame, positions, _ = simulated_counties_at_borders(np.random.default_rng(seed), truth, n=6000, side=8)
    values = frame["gdp_per_capita_2021"]
    frame = frame.assign(lights_per_km2_2013=values, lights_per_km2_2021=values)
    black = frame.groupby("province_code")["is_black"].first().astype(float)
    evidence = Evidence.of()
    evidence.kept(
        "border sample", lambda: border_sample(frame, positions, black + np.arange(len(black)) / 1000, **PLACES)
    )
    return find(L02, evidence)


def test_no_jump_in_a_valley_is_consistent_if_the_bound_is_narrow() -> None:
    finding = jump_finding(BorderTruth(jump=0.0, valley=0.5, noise=0.1))
    assert finding.computed["low"] < 0 < finding.computed["high"]
    assert finding.computed["equivalence bound"] < JUMP_MARGIN
    assert finding.verdict == "consistent"


def test_no_jump_in_much_noise_decides_nothing() -> None:
    finding = jump_finding(BorderTruth(jump=0.0, valley=0.5, noise=3.0))
    assert finding.computed["equivalence bound"] > JUMP_MARGIN
    assert finding.verdict == "inconclusive"
    assert "excluded at 5 %" in finding.note


def test_a_jump_contradicts() -> None:
    finding = jump_finding(BorderTruth(jump=0.6, valley=0.5, noise=0.1))
    assert finding.verdict == "contradicted"
    assert finding.computed["estimate"] == pytest.approx(0.6, abs=0.15)


def test_shares_of_the_curve_are_of_the_claimed_sign() -> None:
    table = pd.DataFrame({"estimate": [-0.2, -0.1, -0.3, 0.1], "p": [0.01, 0.2, 0.04, 0.001]})
    # three of four are negative, two of them with p < 0.05; the one on the other side has it too
    assert "75 % have the claimed sign, 50 % with p < 0.05; 25 % have the other sign" in _agreement_text(table, -1)
    assert "25 % have the claimed sign, 25 % with p < 0.05; 50 % have the other sign" in _agreement_text(table, +1)


def test_curves_of_the_product_and_of_the_distance_start_with_what_is_claimed() -> None:
    assert {type(spec.terms[0]) for spec in _dual_curve("gdp")} == {Interaction}
    by_distance = _distance_curve("lights_per_km2")
    assert {spec.terms[0].name for spec in by_distance} == {"log_distance_to_border_km"}
    assert not [name for spec in by_distance for name in spec.names if "on_border" in name]
    assert {spec.outcome.name for spec in by_distance} == {"log_lights_per_km2_2021"}
