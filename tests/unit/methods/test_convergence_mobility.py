"""Transitions recover the chances they were drawn from; neighbours through time agree with the library's own Moran."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.convergence.mobility import (
    classes_of,
    count_moves,
    homogeneity_test,
    rank_mobility,
    relative_logs,
    transitions,
)
from shanhai.methods.convergence.sigma import moran_path
from shanhai.methods.spatial.tests import moran_test
from shanhai.methods.spatial.weights import contiguity_weights

CHANCES = np.array([[0.8, 0.2, 0.0], [0.1, 0.7, 0.2], [0.0, 0.3, 0.7]])


def walk(chances: np.ndarray, units: int = 4000, years: int = 11, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    states = np.zeros((units, years), dtype=int)
    states[:, 0] = rng.integers(0, len(chances), units)
    for year in range(1, years):
        draw = rng.random(units)[:, None]
        states[:, year] = (draw > chances[states[:, year - 1]].cumsum(axis=1)).sum(axis=1)
    return pd.DataFrame(states)


@pytest.mark.slow
def test_chances_and_the_long_run_are_recovered() -> None:
    found = transitions(walk(CHANCES))
    assert found.shares == pytest.approx(CHANCES, abs=0.02)
    values, vectors = np.linalg.eig(CHANCES.T)
    lasting = np.real(vectors[:, np.argmax(np.real(values))])
    assert found.ergodic == pytest.approx(lasting / lasting.sum(), abs=0.02)
    assert found.mobility == pytest.approx((3 - np.trace(found.shares)) / 2)
    assert found.counts.sum() == 40_000


@pytest.mark.slow
def test_one_matrix_is_not_told_from_itself_but_from_another() -> None:
    same = {name: count_moves(walk(CHANCES, seed=seed), 3) for seed, name in enumerate("ab")}
    other = {"a": same["a"], "b": count_moves(walk(CHANCES[::-1, ::-1], seed=7), 3)}
    assert homogeneity_test(same).p > 0.01
    assert homogeneity_test(other).p < 1e-6
    with pytest.raises(SpecificationError, match="two or more"):
        homogeneity_test({"a": same["a"]})


@pytest.mark.slow
def test_years_too_few_and_classes_never_left_are_refused() -> None:
    with pytest.raises(SpecificationError, match="two or more years"):
        transitions(walk(CHANCES).iloc[:, :1])
    apart = pd.DataFrame([[0, 0, 0], [1, 1, 1]])
    with pytest.raises(SpecificationError, match="fall apart"):
        transitions(apart)


def test_classes_have_fixed_bounds_and_start_at_zero() -> None:
    relative = pd.DataFrame({2013: [0.0, 1.0, 2.0, 3.0], 2014: [4.0, 5.0, 6.0, 7.0]})
    assert classes_of(relative, 2).to_numpy().tolist() == [[0, 1], [0, 1], [0, 1], [0, 1]]
    for classes, said in ((1, "two or more"), (9, "do not fill")):
        with pytest.raises(SpecificationError, match=said):
            classes_of(relative, classes)


def test_relative_logs_are_against_the_weighted_mean() -> None:
    values = pd.DataFrame({2013: [1.0, 4.0, np.nan]}, index=list("abc"))
    found = relative_logs(values, pd.Series([2.0, 1.0, 5.0], index=list("abc")))
    assert found[2013].tolist() == pytest.approx([np.log(0.5), np.log(2)])


@pytest.mark.slow
def test_rank_mobility_of_an_order_that_stays_and_of_one_that_turns() -> None:
    values = pd.DataFrame({2013: np.arange(20.0), 2014: np.arange(20.0) ** 2, 2015: -np.arange(20.0)})
    clusters = pd.Series([f"{unit % 5}" for unit in range(20)])
    assert rank_mobility(values, 2013, 2014, clusters).tau == pytest.approx(1.0)
    turned = rank_mobility(values, 2013, 2015, clusters)
    assert (turned.tau, turned.swapped) == (pytest.approx(-1.0), pytest.approx(100.0))
    with pytest.raises(SpecificationError, match="ten units"):
        rank_mobility(values.iloc[:5], 2013, 2014, clusters)


@pytest.fixture(scope="module")
def ring() -> pd.DataFrame:
    codes = [f"{unit:02d}" for unit in range(30)]
    return pd.DataFrame({"code_a": codes, "code_b": [*codes[1:], codes[0]]})


@pytest.mark.slow
def test_moran_of_each_year_by_two_programs(ring: pd.DataFrame) -> None:
    rng = np.random.default_rng(3)
    waves = np.sin(np.arange(30) / 3)
    values = pd.DataFrame({2013: waves + 0.1 * rng.normal(size=30), 2014: rng.normal(size=30)})
    values.index = pd.Index([f"{unit:02d}" for unit in range(30)])
    path = moran_path(values, ring, seed=1, draws=199).set_index("year")
    weights = contiguity_weights(ring, list(values.index))
    for year in (2013, 2014):
        own = moran_test(values[year], weights, np.random.default_rng(1), 199)
        assert path.loc[year, "moran"] == pytest.approx(own.statistic, rel=1e-10)
        assert path.loc[year, "p"] == own.p_permutation
    assert path.loc[2013, "moran"] > 0.7 > path.loc[2014, "moran"]
    pd.testing.assert_frame_equal(path, moran_path(values, ring, seed=1, draws=199).set_index("year"))
    named = ring.rename(columns={"code_a": "fips1", "code_b": "fips2"})
    other = moran_path(values, named, seed=1, draws=199, pair=("fips1", "fips2")).set_index("year")
    pd.testing.assert_frame_equal(path, other)


@pytest.mark.slow
def test_moran_on_rings_of_which_the_answer_is_known() -> None:
    six = pd.DataFrame({"code_a": list("abcdef"), "code_b": list("bcdefa")})
    values = pd.DataFrame({2013: [1.0, -1.0] * 3, 2014: [1.0, 1.0, 1.0, -1.0, -1.0, -1.0]}, index=list("abcdef"))
    # alternating values are perfectly unlike; of two halves the lags are 0 at four ends and ±1 in two middles: 2 / 6
    assert moran_path(values, six, seed=1, draws=99)["moran"].tolist() == pytest.approx([-1.0, 2 / 6])
    more = pd.concat([values, pd.DataFrame({2013: [9.0, np.nan], 2014: [9.0, 1.0]}, index=["z", "y"])])
    again = moran_path(more.iloc[::-1], six.iloc[::-1], seed=1, draws=99)
    pd.testing.assert_frame_equal(again, moran_path(values, six, seed=1, draws=99))  # no neighbour, a missing year


@pytest.mark.slow
def test_moran_without_neighbours_is_refused(ring: pd.DataFrame) -> None:
    with pytest.raises(SpecificationError, match="four or more"):
        moran_path(pd.DataFrame({2013: [1.0, 2.0]}, index=["00", "15"]), ring, seed=1)


def test_classes_of_frames_are_matched_by_name() -> None:
    first = pd.DataFrame([[5, 1], [2, 6]], index=["low", "high"], columns=["low", "high"])
    second = pd.DataFrame([[4, 2], [1, 7]], index=["low", "high"], columns=["low", "high"])
    turned = second.loc[["high", "low"], ["high", "low"]]
    assert homogeneity_test({"a": first, "b": turned}) == homogeneity_test({"a": first, "b": second})
    with pytest.raises(SpecificationError, match="needed: the same classes"):
        homogeneity_test({"a": first, "b": second.rename(columns={"low": "middle"})})
