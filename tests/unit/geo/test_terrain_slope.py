"""Slope and ruggedness of tiny grids, against answers by hand."""

import math

import numpy as np
import pytest
from pyproj import Geod

from shanhai.geo.terrain._slope import (
    GroundSteps,
    fill_neighbours,
    ground_steps,
    ruggedness_riley,
    ruggedness_wilson,
    slope_degrees,
)

GEOD = Geod(ellps="WGS84")


def square_steps(metres: float, shape: tuple[int, int]) -> GroundSteps:
    """A grid whose cells are squares on the ground."""
    zeros = np.zeros(shape)
    return GroundSteps(np.full(shape, metres), zeros, zeros, np.full(shape, -metres))


def centres(west: float, north: float, size: float, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    return np.meshgrid(west + size * np.arange(columns), north - size * np.arange(rows))


def test_plane_rising_three_to_the_east_and_four_to_the_north_has_slope_of_five():
    row, column = np.mgrid[0:5, 0:6]
    plane = 3.0 * column - 4.0 * row
    slope = slope_degrees(plane, square_steps(100.0, (3, 4)))
    assert slope == pytest.approx(np.full((3, 4), math.degrees(math.atan(5 / 100))))


def test_ruggedness_of_a_plane_by_arithmetic():
    plane = np.tile(np.arange(3.0), (3, 1))  # six of the eight neighbours differ by one metre
    assert ruggedness_riley(plane) == pytest.approx(np.array([[math.sqrt(6)]]))
    assert ruggedness_wilson(plane) == pytest.approx(np.array([[6 / 8]]))


def test_ruggedness_of_a_peak_tells_riley_from_wilson():
    peak = np.array([[1.0, 2, 3], [4, 100, 5], [6, 7, 8]])
    differences = [99, 98, 97, 96, 95, 94, 93, 92]
    assert ruggedness_riley(peak).item() == pytest.approx(math.sqrt(sum(d * d for d in differences)))
    assert ruggedness_wilson(peak).item() == pytest.approx(sum(differences) / 8)


def test_flat_land_has_neither_slope_nor_ruggedness():
    flat = np.full((4, 5), 3650.0)
    steps = ground_steps(*centres(91, 30, 1 / 12, 4, 5))
    assert not slope_degrees(flat, steps).any()
    assert not ruggedness_riley(flat).any()
    assert not ruggedness_wilson(flat).any()


def test_slope_on_a_grid_in_degrees_is_taken_in_metres():
    """28 m of rise a cell are a gentle slope; over "1/12" of a degree taken as length they would be 89.8 degrees."""
    longitude, latitude = centres(118, 30, 1 / 12, 3, 3)
    rise = np.tile(28.0 * np.arange(3), (3, 1))
    step = GEOD.inv(118, 29.9166667, 118 + 1 / 12, 29.9166667)[2]
    slope = slope_degrees(rise, ground_steps(longitude, latitude)).item()
    assert slope == pytest.approx(math.degrees(math.atan(28 / step)), rel=1e-5)
    assert slope < 0.25
    assert math.degrees(math.atan(28 * 12)) > 89


def test_the_same_rise_is_steeper_where_meridians_are_closer():
    rise = np.tile(100.0 * np.arange(3), (3, 1))
    south, north = (slope_degrees(rise, ground_steps(*centres(100, top, 1 / 12, 3, 3))).item() for top in (20, 50))
    expected = math.cos(math.radians(20)) / math.cos(math.radians(50))
    assert math.tan(math.radians(north)) / math.tan(math.radians(south)) == pytest.approx(expected, rel=0.005)


@pytest.mark.parametrize("latitude_of_centre", [0.0, 28.9, 53.5])
def test_ground_steps_and_areas_are_geodesic(latitude_of_centre):
    size = 1 / 12
    steps = ground_steps(*centres(118, latitude_of_centre + size, size, 3, 3))
    west, east = 118 + size / 2, 118 + 3 * size / 2
    south, north = latitude_of_centre - size / 2, latitude_of_centre + size / 2
    assert steps.column_east.item() == pytest.approx(
        GEOD.inv(west, latitude_of_centre, east, latitude_of_centre)[2], rel=1e-5
    )
    assert steps.row_north.item() == pytest.approx(-GEOD.inv(west, south, west, north)[2], rel=1e-6)
    area = GEOD.polygon_area_perimeter([west, east, east, west], [south, south, north, north])[0]
    assert steps.cell_area.item() == pytest.approx(area, rel=1e-5)


def test_slope_does_not_change_when_the_grid_is_turned():
    """A grid turned by 30 degrees on the ground sees the same plane with the same slope."""
    turn = math.radians(30)
    shape = (1, 1)
    turned = GroundSteps(
        np.full(shape, 50 * math.cos(turn)),
        np.full(shape, 50 * math.sin(turn)),
        np.full(shape, 50 * math.sin(turn)),
        np.full(shape, -50 * math.cos(turn)),
    )
    row, column = np.mgrid[-1:2, -1:2]
    east = column * 50 * math.cos(turn) + row * 50 * math.sin(turn)
    north = column * 50 * math.sin(turn) - row * 50 * math.cos(turn)
    plane = 0.03 * east + 0.04 * north
    assert slope_degrees(plane, turned).item() == pytest.approx(math.degrees(math.atan(0.05)))
    assert turned.cell_area.item() == pytest.approx(2500)


def test_a_missing_neighbour_adds_nothing_unless_it_is_sea():
    coast = np.array([[80.0, 80, np.nan], [80, 80, np.nan], [80, 80, np.nan]])
    assert ruggedness_riley(coast).item() == 0
    assert ruggedness_riley(coast, missing_is_sea=True).item() == pytest.approx(math.sqrt(3 * 80**2))
    slope = slope_degrees(coast, square_steps(1000.0, (1, 1)), missing_is_sea=True).item()
    assert slope == pytest.approx(math.degrees(math.atan(80 / 2000)))


def test_a_missing_centre_stays_missing():
    pit = np.full((3, 3), 80.0)
    pit[1, 1] = np.nan
    for sea in (False, True):
        assert all(np.isnan(neighbour).all() for neighbour in fill_neighbours(pit, sea))
        assert np.isnan(ruggedness_riley(pit, sea)).all()
        assert np.isnan(slope_degrees(pit, square_steps(10.0, (1, 1)), sea)).all()
