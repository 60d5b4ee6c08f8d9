"""Oster's formulas on populations whose truth is known, estimators against statsmodels, and coverage of intervals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from statsmodels.api import OLS, Logit, add_constant
from statsmodels.treatment.treatment_effects import TreatmentEffect

from shanhai.core.errors import SpecificationError
from shanhai.methods import fit
from shanhai.methods.adjustment import (
    Stability,
    build_comparison,
    doubly_robust_difference,
    entropy_difference,
    oster_beta,
    oster_delta,
    oster_roots,
    oster_table,
    propensity,
    stability,
    weighted_difference,
)
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

SPEC = RegressionSpec(
    outcome=Variable("outcome"),
    terms=(Variable("treated"),),
    controls=(Variable("height"), Variable("slope")),
    fixed_effects=("group",),
    sample=SampleSpec("simulated", "模拟"),
    covariance=CovarianceSpec("cluster", ("cluster",), "CR1S"),
)

POPULATIONS = [  # effect, covariance of treatment with the observed and unobserved index, their variances
    (-0.2, 0.30, 0.15, 1.0, 0.5),
    (0.0, 0.40, 0.40, 1.0, 1.0),
    (0.5, -0.25, -0.10, 0.8, 0.6),
    (1.0, 0.50, 0.05, 2.0, 0.3),
]


def population(effect: float, c1: float, c2: float, v1: float, v2: float) -> tuple[Stability, float, float]:
    """Moments of y = effect x + w1 + w2 + e, with w1 seen, w2 not; also delta and R_max, all by definition."""
    moments = np.array([[1.0, c1, c2], [c1, v1, 0.0], [c2, 0.0, v2]])  # x, w1, w2
    weights = np.array([effect, 1.0, 1.0])
    noise = 0.7
    variance = float(weights @ moments @ weights) + noise
    with_y = moments @ weights
    seen = np.linalg.solve(moments[:2, :2], with_y[:2])
    given = Stability(
        short=float(with_y[0]),
        long=float(seen[0]),
        r2_short=float(with_y[0] ** 2 / variance),
        r2_long=float(with_y[:2] @ seen / variance),
        outcome_variance=variance,
        treatment_variance=1.0,
        treatment_left=1.0 - c1**2 / v1,
    )
    return given, (c2 / v2) / (c1 / v1), 1.0 - noise / variance


@pytest.mark.parametrize("numbers", POPULATIONS)
def test_oster_finds_selection_and_effect_of_a_known_population(numbers: tuple[float, ...]) -> None:
    given, delta, r_max = population(*numbers)
    assert oster_delta(given, r_max, beta=numbers[0]) == pytest.approx(delta, rel=1e-10)
    roots = oster_roots(given, r_max, delta)
    assert np.abs(roots - numbers[0]).min() < 1e-9
    assert oster_beta(given, r_max, delta) == pytest.approx(numbers[0], abs=1e-9)


@pytest.mark.parametrize("numbers", POPULATIONS)
def test_roots_of_the_cubic_are_where_delta_takes_its_value(numbers: tuple[float, ...]) -> None:
    """Two routes: the roots of a polynomial, and a root-finder on the formula of delta that was not solved for beta."""
    given, _, r_max = population(*numbers)
    for delta in (0.6, 1.0, 1.4):
        beta = oster_beta(given, r_max, delta)
        found = brentq(lambda at, d=delta: oster_delta(given, r_max, at) - d, beta - 1e-3, beta + 1e-3, xtol=1e-14)
        assert found == pytest.approx(beta, abs=1e-9)


def test_stability_from_rows_is_that_of_two_regressions() -> None:
    frame = simulate(np.random.default_rng(3))
    spec = replace(SPEC, terms=(Variable("height"),), controls=(Variable("treated"), Variable("slope")))
    found = stability(fit(spec, frame), frame, "height")
    inside = frame.groupby("group")[["outcome", "height", "treated", "slope"]].transform(lambda x: x - x.mean())
    short = OLS(inside["outcome"], inside[["height"]]).fit()
    long = OLS(inside["outcome"], inside[["height", "treated", "slope"]]).fit()
    left = OLS(inside["height"], inside[["treated", "slope"]]).fit().resid
    assert found.short == pytest.approx(short.params["height"])
    assert found.long == pytest.approx(long.params["height"])
    assert (found.r2_short, found.r2_long) == pytest.approx((short.rsquared, long.rsquared))
    assert found.treatment_left == pytest.approx(left @ left / len(left))
    table = oster_table(found, (1.3,))
    assert table["r_max"].tolist() == pytest.approx([1.3 * found.r2_long, 1.0])
    assert oster_delta(found, table["r_max"][0], table["beta"][0]) == pytest.approx(1.0)


def test_ceilings_that_no_regression_has_are_refused() -> None:
    given, _, _ = population(*POPULATIONS[0])
    for r_max in (given.r2_long, 1.01):
        with pytest.raises(SpecificationError, match="allowed: above"):
            oster_delta(given, r_max)
    with pytest.raises(SpecificationError, match="another value"):
        oster_delta(given, 1.0, given.long)


def simulate(rng: np.random.Generator, n: int = 1200, groups: int = 4, effect: float = -0.2) -> pd.DataFrame:
    """Units with one effect, treatment and outcome linear in terrain, errors shared in clusters of treated places."""
    group = rng.integers(groups, size=n)
    place = rng.integers(15, size=n)
    height, slope = rng.normal(size=n), rng.normal(size=n)
    cluster = group * 15 + place
    lean = rng.normal(scale=0.7, size=groups * 15)[cluster]
    treated = rng.uniform(size=n) < 1 / (1 + np.exp(0.4 - 0.6 * height - 0.3 * slope - lean))
    shared = rng.normal(scale=0.2, size=groups * 15)[cluster]
    outcome = 0.4 * group - 0.5 * height + 0.2 * slope + effect * treated + shared + rng.normal(scale=0.4, size=n)
    named = {"group": group.astype(str), "cluster": cluster.astype(str)}
    return pd.DataFrame({"outcome": outcome, "treated": treated, "height": height, "slope": slope, **named})


def test_weighting_of_one_group_is_that_of_statsmodels() -> None:
    """Weighting against statsmodels' IPW; AIPW, whose weights statsmodels does not normalise, against its parts."""
    frame = simulate(np.random.default_rng(11)).assign(group="all")
    comparison = build_comparison(SPEC, frame)
    design = add_constant(frame[["height", "slope"]])
    selection = Logit(frame["treated"].astype(float), design).fit(disp=False)
    theirs = TreatmentEffect(OLS(frame["outcome"], design), frame["treated"].astype(int), results_select=selection)
    assert propensity(comparison, 1).score == pytest.approx(selection.predict().tolist(), abs=1e-8)
    weighted = weighted_difference(comparison, "ATE", moments=1)
    assert weighted.estimate == pytest.approx(theirs.ipw(return_results=False)[0], abs=1e-8)
    ours = doubly_robust_difference(comparison, "ATE", moments=1).estimate
    e, d, y = selection.predict(), frame["treated"].to_numpy(dtype=float), frame["outcome"].to_numpy()
    m1 = OLS(y[d == 1], design[d == 1]).fit().predict(design).to_numpy()
    m0 = OLS(y[d == 0], design[d == 0]).fit().predict(design).to_numpy()
    w1, w0 = d / e, (1 - d) / (1 - e)
    by_hand = (m1 - m0).mean() + w1 @ (y - m1) / w1.sum() - w0 @ (y - m0) / w0.sum()
    assert ours == pytest.approx(by_hand, abs=1e-8)


@pytest.mark.slow
def test_intervals_cover_the_truth() -> None:
    """100 samples of 60 clusters: coverage of 95 % intervals is 88 % or more (three binomial errors: 6.5 points)."""
    rng = np.random.default_rng(20260101)
    hits: dict[str, int] = {}
    repeats = 100
    for _ in range(repeats):
        comparison = build_comparison(SPEC, simulate(rng, n=500))
        found = [weighted_difference(comparison, target, moments=1) for target in ("ATO", "ATE", "ATT")]
        found += [entropy_difference(comparison, moments=1)]
        found += [doubly_robust_difference(comparison, target, moments=1) for target in ("ATE", "ATT")]
        for estimate in found:
            low, high = estimate.interval()
            name = f"{estimate.method} {estimate.estimand}"
            hits[name] = hits.get(name, 0) + (low < -0.2 < high)
    shares = {name: count / repeats for name, count in hits.items()}
    assert len(shares) == 6
    assert min(shares.values()) >= 0.88, shares
