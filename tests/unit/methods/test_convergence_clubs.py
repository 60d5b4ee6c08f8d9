"""Clubs that simulated paths were made with are found again; series that cannot be tested are refused."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.filters.hp_filter import hpfilter

from shanhai.core.errors import SpecificationError
from shanhai.methods.convergence.clubs import (
    find_clubs,
    log_t_test,
    merge_clubs,
    relative_paths,
    trend,
)


def paths(
    means: list[float], size: int = 12, years: int = 40, speed: float = 0.6, spread: float = 0.25
) -> pd.DataFrame:
    """Log levels of groups, each approaching a path of its own: deviations shrink as 1 / (log t t^speed)."""
    rng = np.random.default_rng(2)
    t = np.arange(1, years + 1)
    shrink = 1 / (np.log(t + 1) * t**speed)
    rows = {}
    for group, mean in enumerate(means):
        for unit in range(size):
            start = spread * rng.normal()
            wobble = 0.02 * rng.normal(size=years) * shrink
            rows[f"{group}{unit:02d}"] = (mean + start * shrink + wobble) * (5 + 0.02 * t)
    return pd.DataFrame(rows, index=range(1, years + 1)).T


def test_paths_that_come_together_are_one_club() -> None:
    logs = paths([1.0])
    assert log_t_test(logs).converge
    found = find_clubs(logs)
    assert len(found.clubs) == 1
    assert found.divergent == ()


def test_the_slope_is_twice_the_speed() -> None:
    slope = log_t_test(paths([1.0], size=200, years=400, speed=0.5, spread=0.1)).slope
    # the trimmed regression sees log t and log(t + 1) apart by little
    assert slope == pytest.approx(1.0, abs=0.15)


def test_known_clubs_are_found_again() -> None:
    logs = paths([1.4, 1.0, 0.7])
    assert not log_t_test(logs).converge
    merged = merge_clubs(find_clubs(logs), logs)
    truth = pd.Series({code: int(code[0]) for code in logs.index})
    table = pd.crosstab(truth, merged.membership().reindex(logs.index))
    assert len(merged.clubs) == 3
    assert (table.max(axis=1) / table.sum(axis=1)).min() > 0.9
    # the first club is the one that is highest in the last year
    assert {code[0] for code in merged.clubs[0].members} == {"0"}


def test_a_unit_that_goes_its_own_way_belongs_to_none() -> None:
    logs = paths([1.0])
    logs.loc["own"] = np.linspace(6, 30, logs.shape[1])
    found = find_clubs(logs)
    assert found.divergent == ("own",)
    assert found.membership()["own"] == 0


def test_the_order_of_rows_changes_nothing() -> None:
    logs = paths([1.3, 0.8])
    first, second = find_clubs(logs), find_clubs(logs.iloc[::-1])
    assert first.membership().to_dict() == second.membership().to_dict()


def test_relative_paths_have_a_mean_of_one() -> None:
    assert relative_paths(paths([1.2, 0.9])).mean().to_numpy() == pytest.approx(np.ones(40))


def test_long_run_variance_of_uncorrelated_residuals_is_their_variance() -> None:
    """Two paths about one, apart so that log(H1/Ht) - 2 log log t is noise of variance one; none without noise.

    The variance of 2,667 years has a standard error of 0.03, and correlations by chance add as much again.
    """
    years = np.arange(2, 4001)
    log_t = np.log(years[years > 1333])
    square = ((log_t - log_t.mean()) ** 2).sum()
    for size in (1.0, 0.0):
        noise = size * np.random.default_rng(1).normal(size=len(years))
        apart = 0.01 * np.append(1.0, np.exp(-noise / 2) / np.log(years))
        test = log_t_test(pd.DataFrame([1 + apart, 1 - apart], index=["a", "b"]))
        assert test.points == len(log_t)
        assert test.se**2 * square == pytest.approx(size, abs=0.1 if size else 1e-12)


def test_trend_leaves_a_line_as_it_is_and_is_that_of_statsmodels() -> None:
    line = pd.DataFrame([np.linspace(1, 5, 30)], index=["a"])
    assert trend(line).to_numpy() == pytest.approx(line.to_numpy())
    wobble = line + 0.3 * (-1.0) ** np.arange(30)
    _, expected = hpfilter(wobble.iloc[0], 400)
    assert trend(wobble).iloc[0].to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-9)
    assert trend(wobble, 0.0).to_numpy() == pytest.approx(wobble.to_numpy())


@pytest.mark.parametrize(
    ("logs", "said"),
    [
        (paths([1.0]).iloc[:1], "two or more units"),
        (paths([1.0]).iloc[:, :7], "8 or more years"),
        (paths([1.0]).replace(paths([1.0]).iloc[0, 0], np.nan), "1 logarithms missing"),
        (paths([1.0]) - 10, "not positive"),
    ],
)
def test_series_that_cannot_be_tested_are_refused(logs: pd.DataFrame, said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        log_t_test(logs)
    with pytest.raises(SpecificationError, match=said):
        find_clubs(logs)


@pytest.mark.parametrize("trim", [0.0, 1.0])
def test_a_share_to_trim_that_is_none_is_refused(trim: float) -> None:
    with pytest.raises(SpecificationError, match="share between 0 and 1"):
        log_t_test(paths([1.0]), trim)


def test_paths_that_do_not_differ_are_refused() -> None:
    path = 3 + 0.1 * np.sin(np.arange(20.0))
    same = pd.DataFrame(np.tile(path, (3, 1)), index=list("abc"), columns=range(2000, 2020))
    for test in (log_t_test, find_clubs):
        with pytest.raises(SpecificationError, match="all 3 units have the same logarithm in 20 of 20 years"):
            test(same)
    two = same.mul(pd.Series({"a": 1.0, "b": 1.0, "c": 1.2}), axis=0)
    with pytest.raises(SpecificationError, match="a, b have the same path to the last digit"):
        find_clubs(two)
