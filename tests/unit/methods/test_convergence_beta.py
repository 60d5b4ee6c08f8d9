"""Beta and sigma recover what simulated counties were made with, and noise does what theory says."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.convergence.beta import beta_estimates, beta_table, by_province, gap_left, half_life
from shanhai.methods.convergence.noise import instrumented, noise_bounds
from shanhai.methods.convergence.sigma import pitman_morgan, spread, spread_change
from shanhai.methods.spec import Variable
from shanhai.studies.convergence.panel import add_periods, levels
from shanhai.studies.convergence.registered import GDP_LATE, LIGHTS_LATE, Period, convergence_spec

YEARS = 9

LIGHTS_ID, GDP_ID = "fe8a92db011f", "e129959d3891"
"""Of the two main regressions, as registered on 22 November 2026."""


def counties(noise: float, beta: float = -3.0, n: int = 3000, seed: int = 5) -> pd.DataFrame:
    """Counties whose true log light per resident closes its gap by ``beta`` percent a year; readings carry noise."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=n)
    later = truth * (1 + beta * YEARS / 100) + 0.2 * rng.normal(size=n) + 0.5
    first, last, other = (values + noise * rng.normal(size=n) for values in (truth, later, truth))
    codes = rng.integers(0, 40, n)
    return pd.DataFrame(
        {
            "code": [f"{place:06d}" for place in range(n)],
            "province_code": ["330000" if code < 20 else "340000" for code in codes],
            "prefecture_code": [f"33{code:02d}00" for code in codes],
            "population_2010": 1000.0,
            "population_2020": 1000.0,
            "area_km2": 10.0,
            "lights_2013": np.exp(first),
            "lights_2022": np.exp(last),
            "other": other,
        }
    )


def spec_of(frame: pd.DataFrame) -> tuple[object, pd.DataFrame]:
    return convergence_spec(LIGHTS_LATE, "china"), add_periods(frame, (LIGHTS_LATE,))


def test_beta_is_recovered_where_levels_are_read_without_noise() -> None:
    frame = add_periods(counties(0.0), (LIGHTS_LATE,))
    row = beta_table(frame, (LIGHTS_LATE,), ("china",), ("none", "province")).iloc[0]
    assert row["low"] < -3.0 < row["high"]
    assert row["gap_left"] == pytest.approx(1 + row["estimate"] * YEARS / 100)


def test_noise_looks_like_convergence_where_there_is_none_and_an_instrument_undoes_it() -> None:
    frame = counties(0.8, beta=0.0)
    spec, columns = spec_of(frame)
    found = instrumented(spec, Variable("other"), columns)
    # reliability 1 / (1 + 0.64): the slope of the last level on the first falls to it
    galton = 100 * (1 / 1.64 - 1) / YEARS
    assert found.least_squares == pytest.approx(galton, abs=0.3)
    assert found.low < 0.0 < found.high
    assert found.first_stage_f > 100


@pytest.mark.parametrize(("noise", "beta"), [(0.0, -3.0), (0.6, -3.0), (0.6, 0.0), (0.6, 2.0)])
def test_bounds_hold_the_truth(noise: float, beta: float) -> None:
    spec, columns = spec_of(counties(noise, beta))
    bounds = noise_bounds(spec, LIGHTS_LATE, columns)
    assert bounds.lower - 0.15 < beta < bounds.upper + 0.15
    assert gap_left(bounds.lower, YEARS) * gap_left(bounds.upper, YEARS) == pytest.approx(bounds.ratio_of_spread**2)


def test_bounds_take_controls_and_fixed_effects_out_first() -> None:
    frame = counties(0.3)
    shift = np.where(frame["province_code"].eq("330000"), 5.0, 0.0)
    moved = frame.assign(lights_2013=frame["lights_2013"] * np.exp(shift), lights_2022=frame["lights_2022"])
    plain = noise_bounds(
        convergence_spec(LIGHTS_LATE, "china", "province"), LIGHTS_LATE, add_periods(frame, (LIGHTS_LATE,))
    )
    again = noise_bounds(
        convergence_spec(LIGHTS_LATE, "china", "province"), LIGHTS_LATE, add_periods(moved, (LIGHTS_LATE,))
    )
    assert again.lower == pytest.approx(plain.lower, rel=1e-9)


def test_half_life_is_the_years_in_which_half_a_gap_closes() -> None:
    beta = 100 * (0.5**0.5 - 1) / 10  # after ten years the root of one half is left
    assert half_life(beta, 10) == pytest.approx(20.0)
    assert half_life(0.5, 10) == float("inf")
    assert np.isnan(half_life(-11.0, 10))


def test_provinces_are_those_with_enough_counties() -> None:
    frame = add_periods(counties(0.0), (LIGHTS_LATE,))
    assert by_province(frame, LIGHTS_LATE)["province_code"].tolist() == ["330000", "340000"]
    with pytest.raises(SpecificationError, match="no province has 5000"):
        by_province(frame, LIGHTS_LATE, least=5000)


def test_rows_for_the_estimates_name_sample_outcome_and_term() -> None:
    frame = add_periods(counties(0.0), (LIGHTS_LATE,))
    table = beta_table(frame, (LIGHTS_LATE,), ("china",), ("none",))
    [row] = beta_estimates(table)
    assert (row.outcome, row.term) == (LIGHTS_LATE.growth, LIGHTS_LATE.initial)
    assert row.model == "beta convergence, unconditional"
    assert (row.low, row.df, row.clusters) == (table["low"][0], table["clusters"][0] - 1, table["clusters"][0])
    assert beta_estimates(by_province(frame, LIGHTS_LATE))[0].sample == "province 330000"


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (Period("lights_per_head", 2012, 2022), "two sensors"),
        (Period("lights_per_head", 2013, 2030), "2030"),
        (Period("gdp_per_head", 2005, 2011), "2005"),
        (Period("gdp_per_head", 2021, 2011), "no length"),
        (Period("incomes", 2013, 2022), "lights_per_head"),
    ],
)
def test_periods_without_figures_are_refused_with_what_there_is(period: Period, said: str) -> None:
    frame = counties(0.0, n=50).assign(lights_2012=1.0, gdp_2001=1.0, gdp_2011=1.0, gdp_2021=1.0)
    with pytest.raises(MissingDataError, match=said):
        add_periods(frame, (period,))


def test_gdp_is_divided_by_the_residents_of_the_nearest_census() -> None:
    row = {"code": ["a"], "population_2010": [10.0], "population_2020": [20.0]}
    frame = pd.DataFrame(row | {"gdp_2001": [50.0], "gdp_2011": [100.0], "gdp_2021": [400.0]})
    assert levels(frame, "gdp_per_head", (2001, 2011, 2021)).iloc[0].tolist() == [5.0, 10.0, 20.0]


def test_the_registered_regressions_keep_their_ids() -> None:
    assert convergence_spec(LIGHTS_LATE).spec_id == LIGHTS_ID
    assert convergence_spec(GDP_LATE).spec_id == GDP_ID
    with pytest.raises(SpecificationError, match="allowed: china"):
        convergence_spec(LIGHTS_LATE, "moon")


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
        [np.log(logs[clusters != one][2022].std() / logs[clusters != one][2013].std()) for one in "0123456"]
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
