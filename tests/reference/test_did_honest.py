"""Bounds on trends against what HonestDiD prints for the estimates of Benzarti & Carloni; see ``policy/README.md``."""

import numpy as np
import pytest
from scipy import stats

from shanhai.core.errors import SpecificationError
from shanhai.methods.did import Differences, breakdown, relative_magnitudes, smoothness
from shanhai.methods.did._honest import folded_normal_quantile

BETA = np.array(
    [0.006696352, 0.029345034, -0.006472972, 0.073014989, 0.195961118, 0.312063903, 0.239541546, 0.126042500]
)
UPPER = """
8.428358e-04 4.768687e-04 2.618051e-04 2.354220e-04 1.676371e-04 1.128708e-04 1.992816e-05 -1.368265e-04
6.425420e-04 3.987425e-04 2.435515e-04 2.201960e-04 1.804591e-04 3.843765e-05 -2.960422e-05
5.229950e-04 2.117686e-04 1.840722e-04 1.458528e-04 7.005197e-05 5.952995e-05
3.089595e-04 1.197866e-04 1.334081e-04 1.016335e-04 1.079052e-04
3.599704e-04 2.478819e-04 1.749579e-04 1.654257e-04
4.263950e-04 2.171438e-04 2.892748e-04
4.886698e-04 3.805322e-04
7.617394e-04
"""
"""Upper triangle of the covariance, row by row."""

FIRST, MEAN = np.array([1.0, 0, 0, 0]), np.full(4, 0.25)

SMOOTHNESS = {
    "first": (FIRST, {0.0: (0.131, 0.216), 0.1: (0.119, 0.419), 0.2: (0.0194, 0.519), 0.3: (-0.0806, 0.619)}),
    "mean": (MEAN, {0.0: (0.133, 0.230), 0.1: (-0.186, 0.988), 0.2: (-0.686, 1.49), 0.3: (-1.19, 1.99)}),
}
"""Printed fixed-length intervals by bound."""

HYBRID = {
    "first": (FIRST, {0.0: (0.172, 0.232), 0.5: (0.131, 0.253), 1.0: (0.0707, 0.313), 2.0: (-0.0303, 0.414)}),
    "mean": (MEAN, {0.0: (0.192, 0.253), 0.5: (0.0707, 0.354), 1.0: (-0.0505, 0.495), 2.0: (-0.333, 0.778)}),
}
"""Printed hybrid intervals of relative magnitudes by bound, on a grid of 0.02."""


def differences(weights: np.ndarray) -> Differences:
    covariance = np.zeros((8, 8))
    covariance[np.triu_indices(8)] = [float(text) for text in UPPER.split()]
    covariance = covariance + np.triu(covariance, 1).T
    return Differences(BETA[:4], BETA[4:], covariance, weights)


@pytest.mark.parametrize("target", SMOOTHNESS)
def test_smoothness_gives_the_printed_intervals(target: str) -> None:
    weights, printed = SMOOTHNESS[target]
    found = smoothness(differences(weights), tuple(printed)).set_index("bound")
    for bound, (low, high) in printed.items():
        digits = 0.0006 if abs(high) < 1 else 0.006  # three significant digits are printed
        assert found.loc[bound, "ci_low"] == pytest.approx(low, abs=digits)
        assert found.loc[bound, "ci_high"] == pytest.approx(high, abs=digits)


@pytest.mark.parametrize("target", HYBRID)
def test_union_contains_the_hybrid_interval_and_is_not_much_wider(target: str) -> None:
    weights, printed = HYBRID[target]
    found = relative_magnitudes(differences(weights), tuple(printed)).set_index("bound")
    grid = 0.021
    for bound, (low, high) in printed.items():
        assert found.loc[bound, "ci_low"] <= low
        # with parallel trends the grid of the reference is coarser than the interval is wide
        assert found.loc[bound, "ci_high"] >= high - grid * (bound == 0)
        assert found.loc[bound, "ci_high"] - found.loc[bound, "ci_low"] < 1.25 * (high - low) + grid


def test_without_a_bound_the_interval_is_the_usual_one() -> None:
    study = differences(FIRST)
    reach = stats.norm.ppf(0.975) * np.sqrt(study.covariance[4, 4])
    row = relative_magnitudes(study, (0.0,)).iloc[0]
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((BETA[4] - reach, BETA[4] + reach))
    assert row["low"] == row["high"] == pytest.approx(BETA[4])


def test_breakdown_is_where_the_interval_reaches_zero() -> None:
    limit = breakdown(differences(FIRST))
    assert relative_magnitudes(differences(FIRST), (limit,))["ci_low"].iloc[0] == pytest.approx(0, abs=1e-6)
    assert 1.5 < limit < 2.0


def test_folded_normal_quantile_is_the_quantile_of_a_folded_normal() -> None:
    for bias in (0.0, 0.3, 1.0, 4.0):
        assert folded_normal_quantile(bias) == pytest.approx(stats.foldnorm.ppf(0.95, bias), rel=1e-8)


def test_shortest_interval_is_shorter_than_that_of_other_weights() -> None:
    study = differences(MEAN)
    found = smoothness(study, (0.01,)).iloc[0]
    last_step = Differences(study.pre[3:], study.post, study.covariance[3:, 3:], MEAN)
    naive = smoothness(last_step, (0.01,)).iloc[0]
    assert found["ci_high"] - found["ci_low"] < naive["ci_high"] - naive["ci_low"]


def test_coverage_under_the_steepest_change_of_slope_allowed() -> None:
    """Trends that bend as much as the bound allows, against the bias of the interval: it covers all the same."""
    rng = np.random.default_rng(3)
    times = np.array([-3.0, -2, -1, 1, 2])
    trend = 0.02 * times + 0.01 * np.maximum(times, 0) * (np.maximum(times, 0) + 1) / 2
    covariance = 0.02**2 * (np.eye(5) + 1)
    root = np.linalg.cholesky(covariance)
    covered = 0
    for _ in range(200):
        drawn = trend + root @ rng.normal(size=5)
        row = smoothness(Differences(drawn[:3], drawn[3:], covariance, np.array([0.5, 0.5])), (0.01,)).iloc[0]
        covered += row["ci_low"] <= 0 <= row["ci_high"]
    assert covered >= 180


def test_refusals() -> None:
    with pytest.raises(SpecificationError, match="allowed: a finite number of 0 or more"):
        smoothness(differences(FIRST), (-0.1,))
    with pytest.raises(SpecificationError, match="pre of the differences has the shape"):
        Differences(BETA[:0], BETA[4:], np.eye(4), FIRST)
