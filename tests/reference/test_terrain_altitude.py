"""The altitude grid against places whose height is known: its coding, orientation and registration.

Heights of lakes are their published surface levels. Centres of islands are centroids of polygons of Natural Earth
1:10m land (public domain), islands of 800 to 30,000 km2 with no other land within 0.3 degrees, computed once.
"""

import numpy as np
import pytest
from scipy import ndimage

pytest.importorskip("pvlib")
pytest.importorskip("h5py")

from shanhai.geo.terrain._elevation import ALTITUDE_STEP_M, ElevationGrid, read_altitude_h5

LAKES = {
    "Qinghai": (36.9, 100.2, 3194),
    "Nam Co": (30.7, 90.6, 4722),
    "Hulun": (48.95, 117.4, 540),
    "Baikal": (53.5, 108.0, 456),
    "Issyk Kul": (42.4, 77.3, 1607),
    "Victoria": (-1.0, 33.0, 1134),
    "Titicaca": (-15.8, -69.4, 3812),
    "Great Salt Lake": (41.1, -112.5, 1280),
    "Ontario": (43.6, -77.9, 75),
}
"""Latitude, longitude, level in metres."""

ISLANDS = {
    "Martinique": (14.66, -61.02),
    "Réunion": (-21.12, 55.54),
    "Mauritius": (-20.28, 57.57),
    "Grande Comore": (-11.66, 43.34),
    "São Tomé": (0.24, 6.61),
    "Bioko": (3.49, 8.70),
    "Gran Canaria": (27.96, -15.58),
    "São Miguel": (37.80, -25.48),
    "Siberut": (-1.37, 98.92),
    "Jeju": (33.38, 126.56),
    "Sado": (38.04, 138.40),
    "King": (-39.86, 143.99),
    "Manus": (-2.08, 146.94),
    "Nias": (1.07, 97.58),
    "Lifou": (-20.94, 167.24),
    "Erromango": (-18.81, 169.14),
    "Socotra": (12.51, 53.87),
    "Jamaica": (18.16, -77.32),
    "Crete": (35.23, 24.85),
    "Cyprus": (35.05, 33.23),
    "Oahu": (21.46, -157.97),
    "Grande Terre": (-21.33, 165.49),
    "Anticosti": (49.49, -63.00),
    "Hawaii": (19.60, -155.52),
}


@pytest.fixture(scope="module")
def altitude() -> ElevationGrid:
    return read_altitude_h5()


def height(altitude: ElevationGrid, latitude: float, longitude: float) -> float:
    row, column = int((90 - latitude) * 12), int((longitude + 180) * 12)
    return float(altitude.read(slice(row, row + 1), slice(column, column + 1)).item())


@pytest.mark.parametrize("lake", LAKES)
def test_levels_of_lakes_are_met_to_one_step(altitude, lake):
    """One step of 28 m: half for rounding, half for the age of the surveys behind the grid."""
    latitude, longitude, level = LAKES[lake]
    assert height(altitude, latitude, longitude) == pytest.approx(level, abs=ALTITUDE_STEP_M)


def test_extremes_lie_where_they_should(altitude):
    row, column = int((90 - 27.99) * 12), int((86.93 + 180) * 12)
    everest = altitude.read(slice(row - 1, row + 2), slice(column - 1, column + 2))
    assert everest.max() > 6500  # cells of 76 km2 are lower than their peaks
    assert everest.min() > 5000
    assert height(altitude, 42.66, 89.27) < -100  # Turpan Depression, -154 m at its lowest
    assert np.isnan(height(altitude, 25.0, 130.0))  # Philippine Sea
    assert height(altitude, 28.97, 118.86) == pytest.approx(70, abs=ALTITUDE_STEP_M)  # city of Quzhou


def test_cells_are_registered_by_their_centres(altitude):
    """Islands have their true centroids to a tenth of a cell on average; off by half a cell, they would not."""
    world = altitude.read(slice(0, 2160), slice(0, 4320))
    lands, _ = ndimage.label(~np.isnan(world), structure=np.ones((3, 3)))
    boxes = ndimage.find_objects(lands)
    offsets = []
    for latitude, longitude in ISLANDS.values():
        island = lands[int((90 - latitude) * 12), int((longitude + 180) * 12)]
        where = boxes[island - 1]
        rows, columns = np.nonzero(lands[where] == island)
        north = 90 - (where[0].start + rows.mean() + 0.5) / 12
        east = (where[1].start + columns.mean() + 0.5) / 12 - 180
        offsets.append(((north - latitude) * 12, (east - longitude) * 12))
    mean = np.mean(offsets, axis=0)
    error = np.std(offsets, axis=0) / np.sqrt(len(offsets))
    assert np.abs(mean).max() < 0.15
    assert (np.abs(mean) + 3 * error).max() < 0.5 - 0.15
