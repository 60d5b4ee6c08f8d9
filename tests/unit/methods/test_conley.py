"""The spatial covariance by arithmetic, against the matrix of all pairs, and in its special cases."""

import tracemalloc
import warnings

import numpy as np
import pandas as pd
import pytest
import spreg
from libpysal.weights import Kernel
from pyproj import Geod

from shanhai.core.errors import SpecificationError
from shanhai.methods import CovarianceSpec, fit
from shanhai.methods.regression.conley import conley_covariance
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM, kernel_matrix

SPHERE = Geod(a=EARTH_RADIUS_KM * 1000, b=EARTH_RADIUS_KM * 1000)
KERNELS = ("uniform", "bartlett")


def simulated(n: int, seed: int, centre=(118.0, 29.0), spread=3.0) -> tuple[np.ndarray, ...]:
    """Scores, bread, longitude, latitude of n rows scattered around a centre."""
    generator = np.random.default_rng(seed)
    longitude = centre[0] + spread * generator.normal(size=n)
    latitude = np.clip(centre[1] + spread * generator.normal(size=n), -90, 90)
    regressors = np.column_stack([np.ones(n), generator.normal(size=(n, 3))])
    bread = np.linalg.inv(regressors.T @ regressors)
    return regressors * generator.normal(size=(n, 1)), bread, longitude, latitude


def all_pairs(scores, bread, longitude, latitude, kernel, cutoff_km):
    """The definition, with the full matrix of geodesics on the sphere."""
    n = len(scores)
    left, right = np.meshgrid(np.arange(n), np.arange(n))
    metres = SPHERE.inv(longitude[left], latitude[left], longitude[right], latitude[right])[2]
    distance = np.where(left == right, 0.0, metres / 1000)
    weights = (distance <= cutoff_km) * (1.0 if kernel == "uniform" else 1 - distance / cutoff_km)
    return bread @ scores.T @ weights @ scores @ bread, (np.count_nonzero(weights) - n) // 2


def test_three_places_by_arithmetic():
    """Places on the equator, 1 and 3 degrees apart; only the first two are within 2 degrees of each other."""
    degree = np.pi * EARTH_RADIUS_KM / 180
    scores, bread = np.array([[2.0], [3.0], [5.0]]), np.array([[0.5]])
    place = {"longitude": [10.0, 11.0, 14.0], "latitude": [0.0, 0.0, 0.0]}
    uniform = conley_covariance(scores, bread, **place, kernel="uniform", cutoff_km=2 * degree)
    assert uniform.matrix.item() == pytest.approx(0.25 * (4 + 9 + 25 + 2 * 2 * 3))
    bartlett = conley_covariance(scores, bread, **place, kernel="bartlett", cutoff_km=2 * degree)
    assert bartlett.matrix.item() == pytest.approx(0.25 * (4 + 9 + 25 + 2 * (1 / 2) * 2 * 3))
    assert uniform.pairs == bartlett.pairs == 1


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(
    ("centre", "spread", "cutoff"),
    [
        ((118.0, 29.0), 3.0, 50.0),
        ((118.0, 29.0), 3.0, 400.0),
        ((179.5, -17.0), 3.0, 300.0),
        ((0.0, 86.0), 3.0, 300.0),
        ((100.0, 30.0), 25.0, 1500.0),
        ((100.0, 0.0), 25.0, 12_000.0),
    ],
)
def test_equals_the_matrix_of_all_pairs(kernel, centre, spread, cutoff):
    """Near, far, across the date line, around the pole, beyond the series of the arcsine, beyond a hemisphere."""
    data = simulated(250, seed=3, centre=centre, spread=spread)
    expected, pairs = all_pairs(*data, kernel, cutoff)
    result = conley_covariance(*data, kernel=kernel, cutoff_km=cutoff)
    assert result.pairs == pairs
    assert np.abs(result.matrix - expected).max() < 1e-10 * np.abs(expected).max()
    scores, bread, longitude, latitude = data
    weights = kernel_matrix(longitude, latitude, kernel=kernel, cutoff_km=cutoff)
    sparse = bread @ (scores.T @ (weights @ scores)) @ bread
    assert np.abs(sparse - expected).max() < 1e-10 * np.abs(expected).max()


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_tiny_cutoff_leaves_heteroskedasticity_only(kernel):
    scores, bread, longitude, latitude = simulated(300, seed=4)
    result = conley_covariance(scores, bread, longitude, latitude, kernel=kernel, cutoff_km=1e-6)
    assert result.matrix == pytest.approx(bread @ scores.T @ scores @ bread)
    assert result.pairs == 0


@pytest.mark.parametrize("kernel", KERNELS)
def test_rows_at_one_place_are_a_cluster(kernel):
    """Ten counties seen in 30 years: below the distance between counties the covariance is that by county (CR0)."""
    scores, bread, longitude, latitude = simulated(300, seed=5)
    place = np.repeat(np.arange(10), 30)
    result = conley_covariance(scores, bread, longitude[place], latitude[place], kernel=kernel, cutoff_km=1e-3)
    sums = np.add.reduceat(scores, np.arange(0, 300, 30))
    assert result.matrix == pytest.approx(bread @ sums.T @ sums @ bread, rel=1e-6)
    assert result.pairs == 10 * 30 * 29 // 2


def test_everything_within_a_uniform_cutoff_has_no_variance_left():
    """Scores of least squares sum to zero, so with all pairs counted nothing remains: a cutoff can be too long."""
    generator = np.random.default_rng(6)
    regressors = np.column_stack([np.ones(200), generator.normal(size=200)])
    outcome = generator.normal(size=200)
    bread = np.linalg.inv(regressors.T @ regressors)
    residuals = outcome - regressors @ (bread @ (regressors.T @ outcome))
    place = 100 + generator.uniform(size=200), 30 + generator.uniform(size=200)
    scores = regressors * residuals[:, None]
    with pytest.raises(SpecificationError, match="no variance left: residuals cancel"):
        conley_covariance(scores, bread, *place, kernel="uniform", cutoff_km=500)
    shorter = conley_covariance(scores, bread, *place, kernel="uniform", cutoff_km=100)
    assert 0 < shorter.pairs < 200 * 199 // 2
    assert (np.abs(np.diag(shorter.matrix)) > 1e-5).all()


@pytest.mark.parametrize("kernel", KERNELS)
def test_order_of_rows_changes_nothing(kernel):
    scores, bread, longitude, latitude = simulated(500, seed=7)
    order = np.random.default_rng(8).permutation(500)
    first = conley_covariance(scores, bread, longitude, latitude, kernel=kernel, cutoff_km=150)
    second = conley_covariance(scores[order], bread, longitude[order], latitude[order], kernel=kernel, cutoff_km=150)
    assert first.matrix == pytest.approx(second.matrix, rel=1e-11)
    assert first.pairs == second.pairs


@pytest.mark.parametrize("kernel", KERNELS)
def test_one_row_and_rows_at_a_single_place(kernel):
    bread = np.array([[2.0]])
    alone = conley_covariance(np.array([[3.0]]), bread, [118.0], [29.0], kernel=kernel, cutoff_km=10)
    assert alone.matrix.item() == pytest.approx(2 * 9 * 2)
    together = conley_covariance(np.ones((500, 1)), bread, [118.0] * 500, [29.0] * 500, kernel=kernel, cutoff_km=10)
    assert together.matrix.item() == pytest.approx(2 * 500**2 * 2)


def test_a_uniform_kernel_that_is_not_psd_is_reported_and_repaired_only_when_asked():
    """Three places in a row: the outer ones do not see each other, and scores of +1, -1, +1 give 3 - 4 = -1."""
    scores = np.array([[1.0, 1.0], [-1.0, 0.0], [1.0, -1.0]])
    place = {"longitude": [0.0, 1.0, 2.0], "latitude": [0.0, 0.0, 0.0]}
    options = {**place, "kernel": "uniform", "cutoff_km": 150.0}
    plain = conley_covariance(scores, np.eye(2), **options)
    assert plain.matrix == pytest.approx(np.array([[-1.0, 0.0], [0.0, 2.0]]))
    assert (plain.is_psd, plain.repaired) == (False, False)
    assert plain.smallest_eigenvalue == pytest.approx(-1)
    assert np.isnan(plain.se[0])
    assert plain.se[1] == pytest.approx(np.sqrt(2))
    assert "not positive semidefinite (smallest eigenvalue -1); it was left" in plain.note
    mended = conley_covariance(scores, np.eye(2), **options, repair=True)
    assert mended.matrix == pytest.approx(np.array([[0.0, 0.0], [0.0, 2.0]]))
    assert (mended.is_psd, mended.repaired) == (False, True)
    assert "set to zero" in mended.note


def test_bartlett_is_not_psd_on_the_plane_either():
    """On a lattice of 8 by 8 degrees the cone has a negative eigenvalue, which the triangle on a line never has."""
    east, north = (axis.ravel() for axis in np.meshgrid(np.arange(8.0), np.arange(8.0)))
    weights = kernel_matrix(east, north, kernel="bartlett", cutoff_km=250).toarray()
    values, vectors = np.linalg.eigh(weights)
    assert values[0] < -0.05
    result = conley_covariance(vectors[:, :1], np.eye(1), east, north, kernel="bartlett", cutoff_km=250)
    assert result.matrix.item() == pytest.approx(values[0])
    assert not result.is_psd


def test_a_covariance_that_is_psd_is_never_repaired():
    data = simulated(300, seed=9)
    plain, asked = (
        conley_covariance(*data, kernel="bartlett", cutoff_km=100, repair=repair) for repair in (False, True)
    )
    assert plain.is_psd
    assert plain.note == ""
    assert not asked.repaired
    assert np.array_equal(plain.matrix, asked.matrix)


def test_memory_stays_far_below_a_matrix_of_all_pairs():
    scores, bread, longitude, latitude = simulated(20_000, seed=10, spread=10.0)
    tracemalloc.start()
    conley_covariance(scores, bread, longitude, latitude, kernel="bartlett", cutoff_km=100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000**2 * 8 / 50


@pytest.mark.parametrize("distance", ["great_circle", "triangular"])
@pytest.mark.parametrize("kernel", ["uniform", "bartlett"])
def test_many_rows_at_one_place_are_added_up_first(kernel, distance):
    """15,000 rows at one place and 30 elsewhere: once a matrix of all by all, now the numbers of 31 places."""
    rng = np.random.default_rng(5)
    n, elsewhere = 15_000, 30
    longitude, latitude = np.full(n + elsewhere, 120.0), np.full(n + elsewhere, 30.0)
    longitude[n:], latitude[n:] = rng.uniform(119, 121, elsewhere), rng.uniform(29, 31, elsewhere)
    scores, order = rng.normal(size=(n + elsewhere, 2)), rng.permutation(n + elsewhere)
    how = {"kernel": kernel, "cutoff_km": 100.0, "distance": distance}
    tracemalloc.start()
    found = conley_covariance(scores[order], np.eye(2), longitude[order], latitude[order], **how)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6
    summed = np.vstack([scores[:n].sum(axis=0), scores[n:]])
    few = conley_covariance(summed, np.eye(2), longitude[n - 1 :], latitude[n - 1 :], **how)
    assert found.matrix == pytest.approx(few.matrix)
    near_one = round(float(few.pairs))
    assert found.pairs > n * (n - 1) // 2 + near_one


def on_a_map(n: int = 700) -> pd.DataFrame:
    """Rows on a map of 300 by 300 km in metres, a hundred of them at one place."""
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"x": rng.uniform(4e5, 7e5, n), "y": rng.uniform(3.2e6, 3.5e6, n), "z": rng.normal(size=n)})
    frame.loc[:99, ["x", "y"]] = [5e5, 3.3e6]
    return frame.assign(u=frame["z"] + rng.normal(size=n) + np.sin(frame["x"] / 5e4))


def test_straight_distances_on_a_map_give_the_errors_of_spreg():
    """Kelejian & Prucha's HAC of PySAL with a triangular kernel is Bartlett's, over metres as they are."""
    frame = on_a_map()
    spec = CovarianceSpec.conley("bartlett", 60, ("x", "y"), distance="planar")
    result = fit("u ~ z", frame, vcov=spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libpysal, on points at one place
        weights = Kernel(
            frame[["x", "y"]].to_numpy(), bandwidth=60_000.0, fixed=True, function="triangular", diagonal=True
        )
        theirs = spreg.OLS(frame[["u"]].to_numpy(), frame[["z"]].to_numpy(), gwk=weights, robust="hac")
    assert result.se == pytest.approx(theirs.std_err, rel=1e-9)
    assert result.error == "conley(bartlett, 60 km, planar)"
    assert "straight distances on the map of x and y, in metres" in str(result.summary())
    globe = fit("u ~ z", frame, vcov="conley:60km", coords=("x", "y"), crs="EPSG:32650")
    assert result.se == pytest.approx(globe.se, rel=0.01)
    assert not (result.se == globe.se).any()


def test_pairs_of_a_grid_at_the_cutoff_count_under_the_uniform_kernel():
    """Cells of 10 km: each of 20 x 20 has the neighbours to its sides at exactly the cutoff."""
    east, north = (side.ravel() * 10_000.0 + 123_456.7 for side in np.meshgrid(np.arange(20), np.arange(20)))
    scores = np.random.default_rng(1).normal(size=(400, 1))
    found = conley_covariance(scores, np.eye(1), east, north, kernel="uniform", cutoff_km=10, distance="planar")
    assert found.pairs == 2 * 20 * 19
    apart = np.hypot(east[:, None] - east, north[:, None] - north)
    assert found.matrix.item() == pytest.approx((scores.T @ (apart <= 10_001) @ scores).item())


def test_degrees_are_no_metres_of_a_map():
    with pytest.raises(SpecificationError, match="all within the cutoff of 100 km if these are metres"):
        conley_covariance(
            np.ones((2, 1)), np.eye(1), [118, 119], [29, 30], kernel="uniform", cutoff_km=100, distance="planar"
        )
    with pytest.raises(SpecificationError, match="radius_km is 6376 with distance 'planar'"):
        CovarianceSpec.conley("uniform", 100, distance="planar", radius_km=6376)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kernel": "epanechnikov"}, "kernel 'epanechnikov'; allowed: uniform, bartlett"),
        ({"cutoff_km": 0}, "cutoff of 0 km; allowed: more than 0"),
        ({"cutoff_km": -5.0}, "cutoff of -5.0 km"),
        ({"cutoff_km": float("nan")}, "cutoff of nan km"),
        ({"cutoff_km": 30_000}, "less than half the circumference"),
        ({"radius_km": 0}, "radius of 0 km"),
        ({"latitude": [29.0, 91.0, 30.0]}, r"latitude is 91 in row 1 \(1 rows\); allowed: -90 to 90"),
        ({"longitude": [29.0, 100.0, np.nan]}, "longitude is nan in row 2"),
        ({"longitude": [361.0, 100.0, 90.0]}, "longitude is 361 in row 0"),
        ({"longitude": [100.0, 90.0]}, "one of each a row"),
        ({"longitude": [], "latitude": []}, "one of each a row"),
        ({"longitude": [100.0, 90.0], "latitude": [1.0, 2.0]}, "scores have the shape .*, coordinates 2 rows"),
        ({"bread": np.eye(3)}, r"bread has the shape \(3, 3\); allowed: \(2, 2\)"),
        ({"scores": np.array([[1, 2], [3, np.nan], [5, 6.0]])}, "missing or infinite"),
    ],
)
def test_input_that_has_no_answer_is_refused(change, message):
    given = {
        "scores": np.ones((3, 2)),
        "bread": np.eye(2),
        "longitude": [100.0, 101.0, 102.0],
        "latitude": [29.0, 30.0, 31.0],
        "kernel": "uniform",
        "cutoff_km": 100.0,
    }
    with pytest.raises(SpecificationError, match=message):
        conley_covariance(**{**given, **change})
