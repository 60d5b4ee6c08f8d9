"""Beta and sigma recover what simulated counties were made with, and noise does what theory says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from shanhai.core.errors import SpecificationError
from shanhai.methods.convergence.beta import gap_left, half_life, instrumented, noise_bounds
from shanhai.methods.convergence.sigma import pitman_morgan, spread, spread_change
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

YEARS = 9
SPEC = RegressionSpec(
    Variable("growth"),
    (Variable("first"),),
    SampleSpec("all", "全部"),
    CovarianceSpec("cluster", ("prefecture",), "CR1"),
)


def counties(noise: float, beta: float = -3.0, n: int = 3000, shift: float = 0.0) -> pd.DataFrame:
    """Counties whose true log level closes its gap by ``beta`` percent a year; readings carry noise, and the first one
    of the first 20 prefectures (a province) a ``shift``."""
    rng = np.random.default_rng(5)
    truth = rng.normal(size=n)
    later = truth * (1 + beta * YEARS / 100) + 0.2 * rng.normal(size=n) + 0.5
    first, last, other = (values + noise * rng.normal(size=n) for values in (truth, later, truth))
    prefecture = rng.integers(0, 40, n)
    first = first + shift * (prefecture < 20)
    growth = 100 * (last - first) / YEARS
    columns = {"growth": growth, "first": first, "other": other, "prefecture": prefecture}
    return pd.DataFrame(columns | {"province": prefecture < 20})


def test_noise_looks_like_convergence_where_there_is_none_and_an_instrument_undoes_it() -> None:
    found = instrumented(SPEC, Variable("other"), counties(0.8, beta=0.0))
    # reliability 1 / (1 + 0.64): the slope of the last level on the first falls to it
    galton = 100 * (1 / 1.64 - 1) / YEARS
    assert found.least_squares == pytest.approx(galton, abs=0.3)
    low, high = found.estimate.interval()
    assert low < 0.0 < high
    assert found.first_stage_f > 100


@pytest.mark.parametrize(("noise", "beta"), [(0.0, -3.0), (0.6, -3.0), (0.6, 0.0), (0.6, 2.0)])
def test_bounds_hold_the_truth(noise: float, beta: float) -> None:
    bounds = noise_bounds(SPEC, YEARS, counties(noise, beta))
    assert bounds.lower - 0.15 < beta < bounds.upper + 0.15
    assert gap_left(bounds.lower, YEARS) * gap_left(bounds.upper, YEARS) == pytest.approx(bounds.ratio_of_spread**2)


def test_bounds_take_fixed_effects_out_first() -> None:
    spec = replace(SPEC, fixed_effects=("province",))
    plain, moved = (noise_bounds(spec, YEARS, counties(0.3, shift=shift)) for shift in (0.0, 5.0))
    assert moved.lower == pytest.approx(plain.lower, rel=1e-9)


def test_half_life_is_the_years_in_which_half_a_gap_closes() -> None:
    beta = 100 * (0.5**0.5 - 1) / 10  # after ten years the root of one half is left
    assert half_life(beta, 10) == pytest.approx(20.0)
    assert half_life(0.5, 10) == float("inf")
    assert np.isnan(half_life(-11.0, 10))


def panel(n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    start = rng.normal(size=n)
    return pd.DataFrame({2013: np.exp(start), 2022: np.exp(0.6 * start + 0.3 * rng.normal(size=n))})


def test_spread_is_arithmetic() -> None:
    values = pd.DataFrame({2013: [1.0, np.e, np.e**2], 2014: [1.0, 1.0, np.e]})
    found = spread(values)
    assert found["sd_log"].tolist() == pytest.approx([np.sqrt(2 / 3), np.sqrt(2) / 3])
    assert found["cv"].iloc[0] == pytest.approx(np.std([1, np.e, np.e**2]) / np.mean([1, np.e, np.e**2]))
    doubled = spread(pd.concat([values, values.iloc[[2]]], ignore_index=True))
    weighted = spread(values, pd.Series([1.0, 1.0, 2.0]))
    assert weighted["sd_log"].tolist() == pytest.approx(doubled["sd_log"].tolist())


def test_jackknife_of_the_spread_leaves_out_one_cluster_at_a_time() -> None:
    values, clusters = panel(), pd.Series([f"{place % 7}" for place in range(120)])
    found = spread_change(values, 2013, 2022, clusters)
    logs = np.log(values)
    without = np.array(
        [np.log(logs[clusters != cluster][2022].std() / logs[clusters != cluster][2013].std()) for cluster in "0123456"]
    )
    # degrees of freedom of both years are the same, so that their ratio knows nothing of them
    assert found.change == pytest.approx(np.log(logs[2022].std() / logs[2013].std()))
    assert found.se == pytest.approx(np.sqrt(6 / 7 * ((without - without.mean()) ** 2).sum()))
    assert found.high < 0


def test_pitman_and_morgan_test_the_correlation_of_sum_and_difference() -> None:
    logs = np.log(panel()).to_numpy()
    expected = stats.pearsonr(logs[:, 0] + logs[:, 1], logs[:, 1] - logs[:, 0]).pvalue
    assert pitman_morgan(logs[:, 0], logs[:, 1]) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("bad", [{"last": 2021}, {"clusters": pd.Series(["a"] * 120)}])
def test_spread_of_absent_years_or_one_cluster_is_refused(bad: dict[str, object]) -> None:
    given = {"first": 2013, "last": 2022, "clusters": pd.Series(["a", "b"] * 60)} | bad
    with pytest.raises(SpecificationError, match=r"no column|1 cluster"):
        spread_change(panel(), **given)


def test_spread_of_levels_that_are_not_positive_is_refused() -> None:
    with pytest.raises(SpecificationError, match="above zero"):
        spread(pd.DataFrame({2013: [1.0, 2.0, 0.0]}))
