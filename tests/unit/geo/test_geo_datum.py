"""GCJ-02 to WGS 84: published pairs, the way there and back, and the size of the offset."""

import numpy as np
import pytest
import shapely

from shanhai.geo.crs import ELLIPSOID
from shanhai.geo.datum import geometry_from_gcj02

eviltransform = pytest.importorskip("eviltransform", reason="install lib/requirements.lock anew")

# Shanghai, Shenzhen, Beijing: the pairs that the project eviltransform publishes for all its languages
# (longitude, latitude). They pin the offset itself; the way back is ours to test.
PUBLISHED = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]


def from_gcj02(points: np.ndarray) -> np.ndarray:
    return shapely.get_coordinates(geometry_from_gcj02(shapely.points(points)))


def metres(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.abs(ELLIPSOID.inv(first[:, 0], first[:, 1], second[:, 0], second[:, 1])[2])


@pytest.fixture(scope="module")
def places() -> np.ndarray:
    longitude, latitude = np.meshgrid(np.linspace(80, 130, 21), np.linspace(20, 50, 16))
    return np.column_stack([longitude.ravel(), latitude.ravel()])


@pytest.mark.parametrize(("wgs84", "gcj02"), PUBLISHED)
def test_published_pairs(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert metres(from_gcj02(np.array([gcj02])), np.array([wgs84]))[0] < 0.5


def test_there_and_back_is_within_half_a_metre(places: np.ndarray) -> None:
    back = from_gcj02(places)
    again = np.array([eviltransform.wgs2gcj(latitude, longitude)[::-1] for longitude, latitude in back])
    assert metres(again, places).max() < 0.5


def test_the_offset_is_about_five_hundred_metres(places: np.ndarray) -> None:
    offset = metres(from_gcj02(places), places)
    assert 400 < offset.mean() < 600
    assert offset.max() < 1000


def test_neighbours_keep_the_same_vertices() -> None:
    left, right = shapely.box(118, 29, 119, 30), shapely.box(119, 29, 120, 30)
    moved = geometry_from_gcj02(np.array([left, right], dtype=object))
    assert shapely.coverage_is_valid(moved)
    assert shapely.intersection(*moved).length == pytest.approx(1, abs=1e-3)
