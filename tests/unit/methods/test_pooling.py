"""Pooling: its door, what a known spread comes back as, and intervals that hold the truth as often as they say."""

from typing import Any

import numpy as np
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.pooling import pool


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (([0.1, 0.2, 0.3], [0.1] * 3), "3 estimates and 3 standard errors; allowed: 4 or more"),
        (([0.1] * 4, [0.1] * 5), "4 estimates and 5 standard errors"),
        (([0.1, np.nan, 0.1, 0.1], [0.1] * 4), "estimate 1 is nan"),
        (([0.1] * 4, [0.1, 0.1, 0.0, 0.1]), "estimate 2 is 0.1 with the standard error 0; allowed: .* above zero"),
        (([0.1] * 4, [0.1] * 4, np.eye(3)), "correlation of shape .3, 3. for 4 estimates; allowed: 4 x 4"),
    ],
)
def test_what_cannot_be_pooled_is_refused(given: tuple[Any, ...], message: str) -> None:
    with pytest.raises(SpecificationError, match=message):
        pool(*given)


def test_estimates_that_differ_less_than_their_errors_have_no_spread() -> None:
    pooled = pool([0.1, 0.11, 0.09, 0.1, 0.1], [0.2] * 5)
    assert pooled.variance == 0.0 and pooled.variance_interval == (0.0, 0.0)
    assert pooled.mean.se == pytest.approx(0.2 / np.sqrt(5))  # never below what the errors alone give
    units = pooled.units()
    assert units["kept"].tolist() == pytest.approx([0.5] * 5)  # 1 - (5 - 3) / (5 - 1)


def test_shared_rows_widen_the_interval_of_the_mean_only() -> None:
    # four estimates with one error, all pairs correlated by one half: variance of the mean s2 / 4 * (1 + 3 / 2)
    alone = pool([0.1, 0.1, 0.1, 0.1], [0.2] * 4)
    shared = pool([0.1, 0.1, 0.1, 0.1], [0.2] * 4, np.full((4, 4), 0.5) + 0.5 * np.eye(4))
    assert shared.mean.se**2 == pytest.approx(0.04 / 4 * 2.5)
    assert shared.variance == alone.variance and shared.units().equals(alone.units())


def test_order_and_unit_do_not_matter() -> None:
    rng = np.random.default_rng(5)
    y, s = rng.normal(0, 0.3, 12), rng.uniform(0.05, 0.3, 12)
    plain, turned, scaled = pool(y, s), pool(y[::-1], s[::-1]), pool(100 * y, 100 * s)
    assert turned.variance == pytest.approx(plain.variance) and scaled.variance == pytest.approx(1e4 * plain.variance)
    np.testing.assert_allclose(turned.units()["shrunk"][::-1], plain.units()["shrunk"], rtol=1e-9)
    np.testing.assert_allclose(scaled.units()["high"], 100 * plain.units()["high"], rtol=1e-9)


@pytest.mark.parametrize(("spread", "most"), [(0.05, 0.99), (0.15, 0.965)])
def test_intervals_hold_the_truth_as_often_as_they_say(spread: float, most: float) -> None:
    """500 worlds of 25 units, errors between 0.04 and 0.3: simulation error of a coverage of 95 % is one point for the
    mean and tau; for units, of which there are 25 a world, less. Where the truths hardly differ the intervals of units
    are on the safe side, since a spread of zero can be estimated and is not believed."""
    rng = np.random.default_rng(11)
    worlds, k = 500, 25
    held = {"mean": 0, "tau": 0, "unit": 0}
    naive = 0
    for _ in range(worlds):
        errors = rng.uniform(0.04, 0.3, k)
        truth = rng.normal(-0.1, spread, k)
        pooled = pool(truth + rng.normal(0, errors), errors)
        units = pooled.units()
        low, high = pooled.mean.interval()
        held["mean"] += low <= -0.1 <= high
        held["tau"] += pooled.spread[1] <= spread <= pooled.spread[2]
        held["unit"] += int(((units["low"] <= truth) & (truth <= units["high"])).sum())
        v = errors**2
        kept = pooled.variance / (v + pooled.variance)
        reach = 1.96 * np.sqrt(v * kept)  # as if mean and tau were known
        naive += int((np.abs(pooled.mean.value + kept * (pooled.values - pooled.mean.value) - truth) <= reach).sum())
    assert held["mean"] / worlds == pytest.approx(0.95, abs=0.03)
    assert held["tau"] / worlds == pytest.approx(0.95, abs=0.03)
    assert 0.935 <= held["unit"] / worlds / k <= most
    assert naive < held["unit"]


@pytest.mark.parametrize(
    ("cell", "value", "message"),
    [
        ((0, 1), 0.5, "is not symmetric"),
        ((2, 2), 2.0, "other numbers than 1 on its diagonal"),
        ((0, 1), np.nan, "missing or infinite"),
        (None, -0.5, "has the negative eigenvalue -0.5"),
    ],
)
def test_a_matrix_that_is_no_correlation_is_refused(cell: tuple[int, int] | None, value: float, message: str) -> None:
    matrix = np.eye(4)
    if cell is None:  # all pairs at -1/2: the least eigenvalue is 1 - 3 / 2
        matrix = np.full((4, 4), value) + (1 - value) * np.eye(4)
    else:
        matrix[cell] = value
    with pytest.raises(SpecificationError, match=message):
        pool([0.1, 0.2, 0.3, 0.9], [0.1] * 4, matrix)


@pytest.mark.parametrize("unit", [1e-8, 1e8])
def test_the_spread_does_not_depend_on_the_unit(unit: float) -> None:
    values, errors = np.array([0.1, 0.3, 0.2, 0.9, 0.4]), np.array([0.1, 0.2, 0.1, 0.1, 0.3])
    plain, other = pool(values, errors), pool(values * unit, errors * unit)
    assert np.array(other.spread) / unit == pytest.approx(np.array(plain.spread), rel=1e-9)
