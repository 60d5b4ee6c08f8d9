"""Convergence against numbers that others produced: R's clubs, linearmodels' two stages, PySAL's documentation."""

import json
from pathlib import Path

import libpysal
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from shanhai.methods.convergence.beta import instrumented
from shanhai.methods.convergence.clubs import find_clubs, log_t_test, merge_clubs, relative_paths
from shanhai.methods.convergence.inequality import theil, theil_parts, unweighted_inequality
from shanhai.methods.convergence.mobility import classes_of, rank_mobility, transitions
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

HERE = Path(__file__).parent / "convergence"


@pytest.fixture(scope="module")
def printed() -> pd.DataFrame:
    return pd.read_csv(HERE / "europe_paths.csv", index_col="unit").sort_index()


@pytest.fixture(scope="module")
def europe(printed: pd.DataFrame) -> pd.DataFrame:
    """Relative paths as R printed them; a yearly scale changes nothing in the method."""
    paths = printed.drop(columns="club")
    return paths.set_axis([int(year) for year in paths.columns], axis="columns")


def test_clubs_are_those_of_the_r_package(europe: pd.DataFrame, printed: pd.DataFrame) -> None:
    found = find_clubs(europe, raise_to=0.0).membership()
    assert found.to_dict() == printed["club"].to_dict()


def test_a_yearly_scale_and_the_order_of_rows_change_nothing(europe: pd.DataFrame) -> None:
    found = find_clubs(europe)
    scaled = europe * np.linspace(1, 3, europe.shape[1])
    again = find_clubs(scaled.sample(frac=1, random_state=3))
    assert again.membership().to_dict() == found.membership().to_dict()
    assert relative_paths(scaled).to_numpy() == pytest.approx(relative_paths(europe).to_numpy())


def test_a_raised_sieve_leaves_clubs_that_converge(europe: pd.DataFrame) -> None:
    assert not find_clubs(europe, raise_to=0.0).clubs[0].test.converge
    raised = find_clubs(europe)
    assert all(club.test.converge for club in raised.clubs)
    merged = merge_clubs(raised, europe)
    assert all(club.test.converge for club in merged.clubs)
    assert len(merged.clubs) <= len(raised.clubs)
    assert sum(len(club.members) for club in merged.clubs) + len(merged.divergent) == len(europe)


def test_slope_is_least_squares_by_another_route(europe: pd.DataFrame) -> None:
    h = europe / europe.mean()
    dispersion = ((h - 1) ** 2).mean().to_numpy()
    t = np.arange(8, 23)
    outcome = np.log(dispersion[0] / dispersion[t - 1]) - 2 * np.log(np.log(t))
    expected = stats.linregress(np.log(t), outcome).slope
    assert log_t_test(europe).slope == pytest.approx(expected, rel=1e-9)
    assert log_t_test(europe).points == 15


def test_two_stages_with_clusters_agree_with_linearmodels() -> None:
    # the same draws as in two_stage.py
    rng = np.random.default_rng(20221122)
    n, groups = 400, 25
    group = rng.integers(0, groups, n)
    shared = rng.normal(size=groups)[group]
    truth = rng.normal(size=n) + 0.5 * shared
    terrain = rng.normal(size=n)
    first = truth + 0.6 * rng.normal(size=n)
    reading = truth + 0.6 * rng.normal(size=n)
    growth = -2.0 * truth + 0.4 * terrain + shared + rng.normal(size=n)
    frame = pd.DataFrame(
        {"first": first, "reading": reading, "terrain": terrain, "growth": growth, "group": group.astype(str)}
    )
    spec = RegressionSpec(
        Variable("growth"),
        (Variable("first"),),
        SampleSpec("drawn", "模拟"),
        CovarianceSpec("cluster", ("group",), "CR1S"),
        (Variable("terrain"),),
    )
    found, peer = instrumented(spec, Variable("reading"), frame), json.loads((HERE / "two_stage.json").read_text())
    assert found.estimate.value == pytest.approx(peer["estimate"], rel=1e-8)
    assert found.estimate.se == pytest.approx(peer["se"], rel=1e-8)
    # noise in the first level pulls least squares towards zero here, and the instrument undoes it
    assert abs(found.estimate.value + 2.0) < abs(found.least_squares + 2.0)


@pytest.fixture(scope="module")
def mexico() -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_csv(libpysal.examples.get_path("mexico.csv"))
    return table[[f"pcgdp{decade}" for decade in range(1940, 2010, 10)]].to_numpy(dtype=float), table[
        "hanson98"
    ].to_numpy()


def test_theil_and_its_parts_are_those_of_the_documentation_of_inequality(
    mexico: tuple[np.ndarray, np.ndarray],
) -> None:
    values, regions = mexico
    printed = [0.20894344, 0.15222451, 0.10472941, 0.10194725, 0.09560113, 0.10511256, 0.10660832]
    between = [0.0345889, 0.02816853, 0.05260921, 0.05931219, 0.03205257, 0.02963731, 0.03635872]
    within = [0.17435454, 0.12405598, 0.0521202, 0.04263506, 0.06354856, 0.0754752, 0.0702496]
    for column in range(values.shape[1]):
        parts = theil_parts(values[:, column], None, regions.tolist())
        # eight printed digits
        assert theil(values[:, column]) == pytest.approx(printed[column], abs=6e-9)
        assert parts.between[0] == pytest.approx(between[column], abs=6e-9)
        assert parts.within == pytest.approx(within[column], abs=6e-8)
        package = unweighted_inequality(values[:, column], regions.tolist())
        assert (package.theil, package.between) == pytest.approx((parts.total, parts.between[0]), rel=1e-10)


@pytest.mark.slow
def test_transitions_and_tau_are_those_of_giddy_and_scipy(mexico: tuple[np.ndarray, np.ndarray]) -> None:
    values, _ = mexico
    frame = pd.DataFrame(values, columns=range(1940, 2010, 10))
    relative = np.log(frame / frame.mean())
    states = classes_of(relative, 3)
    found = transitions(states)
    counts = np.zeros((3, 3))
    for row in states.to_numpy():
        np.add.at(counts, (row[:-1], row[1:]), 1)
    assert np.array_equal(found.counts, counts)
    # the long run is what the chances leave as it is
    assert found.ergodic @ found.shares == pytest.approx(found.ergodic, abs=1e-12)
    clusters = pd.Series([f"{place % 8}" for place in range(len(frame))])
    mobility = rank_mobility(frame, 1940, 2000, clusters)
    assert mobility.tau == pytest.approx(stats.kendalltau(frame[1940], frame[2000])[0], abs=1e-12)
    assert mobility.low < mobility.tau < mobility.high
