"""Barro regressions on pairs: arithmetic, dyadic errors, permutations, recovery and refusals."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.regression.growth import assignments, fit_pairs, income_pairs


def test_gap_and_its_change_by_hand() -> None:
    start, end = pd.Series({"a": 100.0, "b": 200.0}), pd.Series({"a": 200.0, "b": 300.0})
    pair = income_pairs(start, end, 10).iloc[0]
    assert (pair["richer"], pair["poorer"]) == ("b", "a")
    assert pair["gap_start"] == pytest.approx(np.log(2))
    assert pair["change"] == pytest.approx(100 * (np.log(1.5) - np.log(2)) / 10)


def test_every_pair_once_unless_pairs_are_named() -> None:
    income = pd.Series({"c": 3.0, "a": 1.0, "b": 2.0})
    assert len(income_pairs(income, income, 1)) == 3
    named = income_pairs(income, income, 1, pd.DataFrame({"code_a": ["a"], "code_b": ["c"]}))
    theirs = pd.DataFrame({"from": ["a"], "to": ["c"]})
    pd.testing.assert_frame_equal(income_pairs(income, income, 1, theirs, pair=("from", "to")), named)
    assert named[["richer", "poorer"]].to_numpy().tolist() == [["c", "a"]]
    assert named["change"].tolist() == [0.0]


@pytest.mark.parametrize("seed", range(4))
def test_dyadic_sum_is_that_of_all_rows_that_share_a_cluster(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = pd.DataFrame(rng.normal(size=(40, 3)), columns=["change", "near", "rich"])
    first, second = (np.array(list("abcdefg"))[rng.integers(0, 7, 40)] for _ in range(2))
    terms = np.column_stack([np.ones(40), pairs[["near", "rich"]]])
    bread = np.linalg.inv(terms.T @ terms)
    scores = terms * (pairs["change"] - terms @ (bread @ terms.T @ pairs["change"])).to_numpy()[:, None]
    expected = np.zeros((3, 3))
    for row in range(40):
        for column in range(40):
            if {first[row], second[row]} & {first[column], second[column]}:
                expected += np.outer(scores[row], scores[column])
    found = fit_pairs(pairs, ("near", "rich"), pd.Series(first), pd.Series(second))
    assert found.places == 7
    assert found.covariance == pytest.approx(bread @ expected @ bread * 7 / 6)


def test_assignments_are_all_and_each_once() -> None:
    ways = assignments((1, 2, 2))
    assert {tuple(way) for way in ways.tolist()} == set(permutations([0, 1, 1, 2, 2]))
    assert len(ways) == 30
    assert len(assignments((3, 1, 1, 4))) == 2520
    with pytest.raises(SpecificationError, match="up to a million"):
        assignments((10, 10, 10))


def simulated(effect: float, seed: int, places: int = 60) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Places in six provinces whose incomes converge; gaps across borders change by ``effect`` points a year more."""
    rng = np.random.default_rng(seed)
    codes = [f"{place:03d}" for place in range(places)]
    province = pd.Series(rng.integers(0, 6, places), index=codes)
    start = pd.Series(np.exp(rng.normal(0, 0.5, places)), index=codes)
    pairs = income_pairs(start, start, 10)
    cross = (pairs["richer"].map(province).to_numpy() != pairs["poorer"].map(province).to_numpy()).astype(float)
    own = pd.Series(rng.normal(0, 0.3, places), index=codes)
    noise = pairs["richer"].map(own).to_numpy() - pairs["poorer"].map(own).to_numpy() + rng.normal(0, 0.5, len(pairs))
    pairs = pairs.assign(cross=cross, change=1.0 - 2.0 * pairs["gap_start"] + effect * cross + noise)
    return pairs, pairs["richer"], pairs["poorer"]


def test_known_border_effect_is_recovered_with_errors_that_cover() -> None:
    found = []
    for seed in range(60):
        pairs, first, second = simulated(0.4, seed)
        found.append(fit_pairs(pairs, ("gap_start", "cross"), first, second).estimate("cross"))
    estimates, errors = np.array([(estimate.value, estimate.se) for estimate in found]).T
    assert estimates.mean() == pytest.approx(0.4, abs=3 * estimates.std(ddof=1) / np.sqrt(60))
    covered = np.mean(np.abs(estimates - 0.4) <= 1.96 * errors)
    assert 0.85 <= covered <= 1.0


def test_slope_of_convergence_is_recovered() -> None:
    pairs, first, second = simulated(0.0, 1, places=100)
    slope = fit_pairs(pairs, ("gap_start", "cross"), first, second).estimate("gap_start")
    assert abs(slope.value + 2.0) < 3 * slope.se
    assert slope.df == 99


def test_refusals() -> None:
    income = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0})
    with pytest.raises(MissingDataError, match="1 of 3 places lack income at the start or the end: c"):
        income_pairs(income, income.drop("c"), 5)
    with pytest.raises(SpecificationError, match="years between start and end is 0"):
        income_pairs(income, income, 0)
    with pytest.raises(SpecificationError, match="above 0"):
        income_pairs(income, income - 1.0, 5)
    pairs, first, second = simulated(0.0, 2, places=10)
    with pytest.raises(SpecificationError, match="cannot tell gap_start, same apart"):
        fit_pairs(pairs.assign(same=1.0), ("gap_start", "same"), first, second)
