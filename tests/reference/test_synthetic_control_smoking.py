"""Synthetic control against numbers of others: California's tobacco programme, and the package pysyncon."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pysyncon import Synth

from shanhai.methods.synthetic import SyntheticSpec, fit_synthetic, placebo_in_space

PACKS = pd.read_csv(Path(__file__).parent / "did" / "smoking.csv", index_col="state")
PACKS.columns = PACKS.columns.astype(int)


def test_effects_in_california_are_the_published_ones() -> None:
    # Arkhangelsky et al. (2021), table 1, all lagged outcomes and no covariates: synthetic control -19.6, and with an
    # intercept (difference in differences with SC weights) -11.1. Their solver steps towards the weights and stops
    # early; the exact minimum, which the duality gap proves, is 0.1 packs off the first
    levels = fit_synthetic(PACKS, "California", SyntheticSpec("packs", 1989, intercept=False))
    assert levels.effect == pytest.approx(-19.6, abs=0.12)
    paths = fit_synthetic(PACKS, "California", SyntheticSpec("packs", 1989, intercept=True))
    assert paths.effect == pytest.approx(-11.1, abs=0.05)


def test_weights_and_place_of_california_resemble_abadie_diamond_hainmueller() -> None:
    # with covariates they find Utah 0.334, Nevada 0.234, Montana 0.199, Colorado 0.164, Connecticut 0.069 and the
    # largest RMSPE ratio of 39 states; without covariates the same five carry nearly all weight and two states, fitted
    # closely before, come before California
    found = placebo_in_space(PACKS, "California", SyntheticSpec("packs", 1989, intercept=False))
    five = found.fit.weights.loc[["Utah", "Nevada", "Montana", "Colorado", "Connecticut"]]
    assert five.sum() > 0.9
    assert found.p_ratio() == pytest.approx(3 / 39)


@pytest.mark.parametrize("seed", range(5))
def test_weights_agree_with_pysyncon(seed: int) -> None:
    rng = np.random.default_rng(seed)
    factors, loads = rng.normal(size=(25, 3)).cumsum(axis=0), rng.dirichlet(np.ones(3), size=13)
    panel = pd.DataFrame(loads @ factors.T + rng.normal(0, 0.2, (13, 25)), columns=range(2000, 2025))
    panel.index = [f"u{unit:02d}" for unit in range(13)]
    ours = fit_synthetic(panel, "u00", SyntheticSpec("y", 2020, intercept=False))
    before = panel.loc[:, :2019]
    others, own = before.drop(index="u00").T, before.loc["u00"]
    scale = float(np.abs(before.to_numpy()).max())
    donors, target = others.to_numpy() / scale, own.to_numpy() / scale
    theirs, _ = Synth.w_optimize(np.eye(20), donors, target, qp_options={"maxiter": 10_000, "ftol": 1e-16})
    reached = ((target - donors @ theirs) ** 2).sum() - ((target - donors @ ours.weights.to_numpy()) ** 2).sum()
    # SLSQP takes gradients by differences, so that its weights are good to the root of the objective's precision
    assert -1e-12 < reached < 1e-9
    assert ours.weights.to_numpy() == pytest.approx(theirs, abs=1e-5)


def test_known_effect_is_recovered_with_the_right_coverage() -> None:
    estimates, p_values = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        factors, loads = rng.normal(size=(2, 24)).cumsum(axis=1), rng.dirichlet(np.ones(2), size=30)
        panel = pd.DataFrame(loads @ factors + rng.normal(0, 0.1, (30, 24)), columns=range(2000, 2024))
        panel.index = [f"u{unit:02d}" for unit in range(30)]
        p_values.append(placebo_in_space(panel, "u00", SyntheticSpec("y", 2016, ridge=1.0)).p_effect())
        panel.loc["u00", 2016:] += 0.5
        estimates.append(fit_synthetic(panel, "u00", SyntheticSpec("y", 2016, ridge=1.0)).effect)
    # mean of 40 estimates around the truth, within three of its standard errors; placebos reject true nulls rarely
    spread = np.std(estimates, ddof=1) / np.sqrt(40)
    assert np.mean(estimates) == pytest.approx(0.5, abs=3 * spread)
    assert spread < 0.05
    assert np.mean(np.array(p_values) <= 0.1) < 0.25
