"""Jumps along a border against rd2d (generator and raw output in tests/reference/discontinuity), and their coverage."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shanhai.methods.discontinuity import JumpSpec, jumps_along

HERE = Path(__file__).parent / "discontinuity"
STORED = json.loads((HERE / "along.json").read_text(encoding="utf-8"))

SPECS = {
    "HC0": JumpSpec(bandwidth=STORED["bandwidth"], noise="HC0"),
    "HC3": JumpSpec(bandwidth=STORED["bandwidth"], noise="HC3"),
    "uniform": JumpSpec(bandwidth=STORED["bandwidth"], noise="HC0", kernel="uniform"),
    "quadratic": JumpSpec(bandwidth=STORED["bandwidth"], noise="HC0", order=2, bias_order=3),
}


@pytest.mark.parametrize("case", SPECS)
def test_points_agree_with_rd2d(case: str) -> None:
    places = pd.read_csv(HERE / "along.csv")
    away = np.hypot(places["x"].to_numpy()[:, None] - np.array(STORED["points"]), places["y"].to_numpy()[:, None])
    found = jumps_along(
        places["outcome"], away, places["y"] >= 0, SPECS[case], draws=99, generator=np.random.default_rng(0)
    )
    stored = STORED["cases"][case]
    table = found.to_frame()
    assert table["estimate"].to_numpy() == pytest.approx(stored["estimate"], rel=1e-9)
    assert table["se"].to_numpy() == pytest.approx(stored["se"], rel=1e-9)
    assert found.covariance == pytest.approx(np.array(stored["covariance"]), rel=1e-8, abs=1e-14)


def effect(x: np.ndarray) -> np.ndarray:
    return 0.5 + 0.2 * x


@pytest.mark.slow
def test_intervals_and_band_hold_a_jump_that_changes_along_the_line() -> None:
    points, inside, whole = np.linspace(-2, 2, 9), [], []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x, y = rng.uniform(-3, 3, 3000), rng.uniform(-1.5, 1.5, 3000)
        smooth = 0.5 * x + 0.3 * np.sin(x) + 0.4 * y + 0.2 * y**2
        outcome = smooth + (y >= 0) * (effect(x) + 0.3 * y) + rng.normal(0, 0.5, 3000)
        away = np.hypot(x[:, None] - points, y[:, None])
        spec = JumpSpec(bandwidth=1.0, noise="HC3")
        table = jumps_along(outcome, away, y >= 0, spec, draws=500, generator=rng).to_frame()
        truth = effect(points)
        inside.append(((table["low"] <= truth) & (truth <= table["high"])).mean())
        whole.append(((table["band_low"] <= truth) & (truth <= table["band_high"])).all())
    # 95 % each; three standard errors of 100 samples (points of a sample hang together), and intervals of each point
    # alone would hold all nine in far fewer
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)
    assert np.mean(whole) == pytest.approx(0.95, abs=0.07)
