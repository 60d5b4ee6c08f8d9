"""Sensitivity of the Darfur example (Cinelli & Hazlett 2020) against stored output of sensemakr's Python edition.

Tolerance 1e-9 relative: the same closed formulas in floating point; intervals use the same degrees of freedom.
"""

import json
from pathlib import Path

import pytest

from shanhai.methods.adjustment import Robustness, adjusted_for, bound_strength, partial_r2, robustness_value

STORED = json.loads((Path(__file__).parent / "data" / "darfur_sensitivity.json").read_text(encoding="utf-8"))
CLOSE = 1e-9


def test_statistics_of_the_treatment() -> None:
    t, df = STORED["estimate"] / STORED["se"], STORED["df"]
    theirs = STORED["statistics"]
    assert partial_r2(t, df) == pytest.approx(theirs["r2yd_x"], rel=CLOSE)
    assert robustness_value(t, df) == pytest.approx(theirs["rv_q"], rel=CLOSE)
    assert robustness_value(t, df, alpha=0.05) == pytest.approx(theirs["rv_qa"], rel=CLOSE)


@pytest.mark.parametrize("row", STORED["bounds"], ids=lambda row: row["bound_label"])
def test_bounds_by_multiples_of_one_covariate(row: dict[str, float]) -> None:
    multiple = float(str(row["bound_label"]).split("x")[0])
    strength = bound_strength(STORED["r2_benchmark_treatment"], STORED["r2_benchmark_outcome"], multiple)
    assert strength == pytest.approx((row["r2dz_x"], row["r2yz_dx"]), rel=CLOSE)
    given = Robustness("directlyharmed", STORED["estimate"], STORED["se"], STORED["se"], STORED["df"], 0, 0, 0, 0)
    estimate, se = adjusted_for(given, *strength)
    assert (estimate, se) == pytest.approx((row["adjusted_estimate"], row["adjusted_se"]), rel=CLOSE)
    assert estimate / se == pytest.approx(row["adjusted_t"], rel=CLOSE)
