"""The valley as a spline: its basis, recovery of a known valley, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.discontinuity.sample import border_sample
from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
from shanhai.methods.discontinuity.valley import ValleySpec, natural_spline, same_valley_on_both_sides, spline_valley

OUTCOME = "income"
PLACES = {"distance": "border_km", "within": "region", "by": "district"}
SPEC = ValleySpec(OUTCOME, **PLACES, knots_km=(2.0, 15.0, 35.0, 60.0, 90.0), reach_km=100.0, inside_km=90.0)


def board(seed: int, truth: BorderTruth, n: int = 1500) -> tuple[pd.DataFrame, pd.DataFrame]:
    frame, positions, _ = simulated_borders(np.random.default_rng(seed), truth, n=n, side=4)
    black = frame.groupby("region")["is_black"].first().astype(float)
    return frame, border_sample(frame, positions, black)


def true_curve(distance: np.ndarray, truth: BorderTruth, inside: float) -> np.ndarray:
    shape = [-truth.valley * np.exp(-np.asarray(d) / truth.valley_km * np.log(5.0)) for d in (distance, inside)]
    return np.asarray(shape[0] - shape[1])


def test_basis_is_linear_outside_the_knots_and_smooth_inside() -> None:
    knots = (5.0, 20.0, 40.0, 110.0)
    grid = np.linspace(-20, 200, 2201)
    basis = natural_spline(grid, knots)
    assert basis.shape == (2201, 3)
    second = np.diff(basis, 2, axis=0) / (grid[1] - grid[0]) ** 2
    outside = (grid[1:-1] < 5.0 - 0.2) | (grid[1:-1] > 110.2)
    assert np.abs(second[outside]).max() < 1e-8
    assert np.abs(np.diff(second, axis=0)).max() < 1e-3  # no corner in the second derivative's course
    assert np.linalg.matrix_rank(np.column_stack([np.ones(len(grid)), basis])) == 4


def test_spline_through_points_is_scipys_natural_spline() -> None:
    from scipy.interpolate import CubicSpline

    knots, heights = (0.0, 1.0, 3.0, 4.0), np.array([1.0, 0.0, 2.0, -1.0])
    design = np.column_stack([np.ones(4), natural_spline(knots, knots)])
    grid = np.linspace(0, 4, 41)
    ours = np.column_stack([np.ones(41), natural_spline(grid, knots)]) @ np.linalg.solve(design, heights)
    assert ours == pytest.approx(CubicSpline(knots, heights, bc_type="natural")(grid), abs=1e-12)


def test_known_valley_is_drawn_and_a_jump_is_not_taken_for_one() -> None:
    truth = BorderTruth(valley=0.6, jump=0.8, noise=0.2)
    valley = spline_valley(board(1, truth)[0], SPEC)
    curve = valley.curve([2, 10, 20, 40, 60])
    wanted = true_curve(curve["distance_km"].to_numpy(), truth, 90.0)
    assert (np.abs(curve["estimate"] - wanted) < 4 * curve["se"] + 0.02).all()
    assert valley.test.p < 1e-6
    bottom = valley.bottom()
    assert bottom["bottom_km"] <= 10
    assert 10 <= bottom["half_km"] <= 30
    share = valley.share_by(20.0)
    wanted_share = 1 - (true_curve(np.array([20.0]), truth, 90.0) / true_curve(np.array([0.0]), truth, 90.0))[0]
    assert share["low"] < wanted_share < share["high"]


@pytest.mark.slow
def test_no_valley_is_rejected_as_often_as_it_should_be_and_intervals_cover() -> None:
    """60 draws without valley: 5 % tests and 95 % intervals, binomial standard error 0.03."""
    rejected, covered = [], []
    for seed in range(60):
        valley = spline_valley(board(seed, BorderTruth(jump=0.5), n=600)[0], SPEC)
        rejected.append(valley.test.p < 0.05)
        at = valley.curve([10.0]).iloc[0]
        covered.append(at["low"] <= 0 <= at["high"])
    assert np.mean(rejected) <= 0.14
    assert np.mean(covered) >= 0.86


def test_flat_outcome_has_no_share() -> None:
    share = spline_valley(board(3, BorderTruth())[0], SPEC).share_by(20.0)
    assert (share["low"], share["high"]) == (-np.inf, np.inf)


def test_sides_of_one_shape_and_of_two() -> None:
    sides = ValleySpec(
        OUTCOME, distance="distance_km", within="segment", by="pair", knots_km=(2, 15, 35, 60, 90), reach_km=100.0
    )
    assert same_valley_on_both_sides(board(4, BorderTruth(valley=0.6, jump=0.5))[1], sides).p > 0.01
    assert same_valley_on_both_sides(board(4, BorderTruth(valley=0.6, slope=1.5))[1], sides).p < 1e-4


def test_rows_may_change_places_and_gaps_stay_aligned() -> None:
    frame = board(5, BorderTruth(valley=0.5))[0]
    frame.loc[::9, OUTCOME] = np.nan
    plain = spline_valley(frame, SPEC).curve([10.0])
    other = spline_valley(frame.dropna().sample(frac=1.0, random_state=2), SPEC).curve([10.0])
    assert other.to_numpy() == pytest.approx(plain.to_numpy(), rel=1e-8)


def test_count_within_counts_fitted_rows() -> None:
    frame = board(6, BorderTruth())[0]
    frame.loc[frame["border_km"] < 5, OUTCOME] = np.nan
    valley = spline_valley(frame, SPEC)
    assert valley.nearest_km >= 5
    assert valley.count_within(frame, 20.0) == int(frame["border_km"].between(5, 20, inclusive="left").sum())


def test_bad_valleys_are_refused() -> None:
    frame = board(7, BorderTruth(), n=200)[0]
    with pytest.raises(SpecificationError, match="knots at"):
        ValleySpec(OUTCOME, knots_km=(5.0, 5.0, 10.0))
    with pytest.raises(SpecificationError, match="inside the reach"):
        ValleySpec(OUTCOME, inside_km=300.0)
    with pytest.raises(SpecificationError, match="no column 'nothing'"):
        spline_valley(frame, ValleySpec(OUTCOME, **PLACES, controls=("nothing",)))
    with pytest.raises(SpecificationError, match="no column 'nothing'"):
        spline_valley(frame, ValleySpec("nothing", **PLACES))
