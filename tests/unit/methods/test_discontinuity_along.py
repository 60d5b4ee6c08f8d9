"""Jumps at points of a border: what a point alone says, the band, distances, and what is refused."""

import numpy as np
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.discontinuity import JumpsAlong, JumpSpec, distances_to, jumps_along, local_jump

SPEC = JumpSpec(bandwidth=1.0, noise="HC1")


def plane(seed: int = 0, n: int = 800) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-2, 2, n), rng.uniform(-1, 1, n)
    return x, y, (y >= 0) + 0.3 * x + rng.normal(0, 0.2, n)


def found(points: np.ndarray, spec: JumpSpec = SPEC, **options: object) -> JumpsAlong:
    x, y, outcome = plane()
    away = np.hypot(x[:, None] - points, y[:, None])
    options = {"generator": np.random.default_rng(1), **options}
    return jumps_along(outcome, away, y >= 0, spec, **options)  # type: ignore[arg-type]


def test_a_point_has_the_jump_in_its_signed_distance() -> None:
    x, y, outcome = plane()
    away = np.hypot(x - 0.5, y)
    alone = local_jump(outcome, np.where(y >= 0, away, -away), SPEC)
    row = found(np.array([0.5, -0.5])).to_frame().iloc[0]
    assert (row["estimate"], row["se"]) == (alone.corrected, pytest.approx(alone.se_robust, rel=1e-12))


def test_band_of_one_point_is_its_interval_and_that_of_far_points_is_wider() -> None:
    one, two = found(np.array([0.0]), draws=99_999), found(np.array([-1.2, 1.2]), draws=99_999)
    assert one.critical == pytest.approx(1.96, abs=0.02)
    assert two.covariance[0, 1] == 0.0  # no place is within 1 of both
    assert two.critical == pytest.approx(2.236, abs=0.02)  # sqrt(0.95) of each: quantile of the larger of two normals


def test_the_same_point_twice_needs_no_wider_band() -> None:
    assert found(np.array([0.0, 0.0]), draws=99_999).critical == pytest.approx(1.96, abs=0.02)


def test_mean_has_the_error_of_its_covariance() -> None:
    jumps = found(np.array([-1.2, 1.2]))
    se = jumps.to_frame()["se"].to_numpy()
    assert jumps.mean()["se"] == pytest.approx(np.sqrt((se**2).sum()) / 2)


def test_clusters_tie_points_together() -> None:
    x, y, _ = plane()
    halves = np.where(y >= 0, "north", "south") + np.floor(4 * x).astype(int).astype(str).astype(object)
    clustered = found(np.array([-0.8, 0.8]), JumpSpec(bandwidth=1.0), clusters=halves)
    assert clustered.to_frame()["se"].to_numpy() == pytest.approx(np.sqrt(np.diagonal(clustered.covariance)))


def test_a_point_without_places_stays_with_the_reason() -> None:
    table = found(np.array([0.0, 9.0])).to_frame()
    assert np.isnan(table["estimate"].iloc[1])
    assert "bandwidth" in table["note"].iloc[1]


def test_no_point_at_all_is_refused() -> None:
    with pytest.raises(SpecificationError, match="no point has an estimate"):
        found(np.array([9.0]))


def test_negative_distances_are_refused() -> None:
    with pytest.raises(SpecificationError, match="none negative"):
        jumps_along(np.ones(2), np.array([[1.0], [-1.0]]), [True, False], generator=np.random.default_rng(0))


def test_a_quarter_of_the_equator() -> None:
    assert distances_to([0.1], [0.0], [(90.1, 0.0)])[0, 0] == pytest.approx(6371.01 * np.pi / 2)
