"""Polygons of a page: whole steps, common edges in common, nothing that a browser cannot draw."""

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS

from shanhai.render.maps import MapArea
from shanhai.report.explore._shapes import Canvas, Coverage, svg_path


@pytest.fixture
def area() -> MapArea:
    """A window of 100 by 50 metres with two rectangles that share an edge, and an islet of a metre."""
    shapes = [shapely.box(0, 0, 40, 50), shapely.box(40, 0, 100, 50), shapely.box(70.2, 20.2, 71.2, 21.2)]
    counties = gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=shapes[:2], crs=3857)
    islet = gpd.GeoDataFrame({"code": ["3"]}, geometry=shapes[2:], crs=3857)
    return MapArea(("0",), CRS(3857), (0.0, 0.0, 100.0, 50.0), counties, counties, islet, islet)


def test_points_are_whole_steps_from_the_upper_left_corner(area: MapArea) -> None:
    canvas = Canvas(area, 20)
    assert (canvas.width, canvas.height, canvas.step) == (20, 10, 5.0)
    left, right = canvas.rings(area.counties)
    assert {tuple(point) for point in left[0]} == {(0, 0), (8, 0), (8, 10), (0, 10)}
    assert {tuple(point) for point in right[0]} == {(8, 0), (20, 0), (20, 10), (8, 10)}


def test_a_polygon_smaller_than_a_step_is_still_there(area: MapArea) -> None:
    (islet,) = Canvas(area, 20).rings(area.neighbours)
    assert svg_path(islet, closed=True) == "M14 6l1 0 0 1-1 0z"


def test_edges_in_common_are_found_once_and_the_outline_of_a_group_leaves_them_out(area: MapArea) -> None:
    coverage = Coverage(Canvas(area, 20).rings(area.counties))
    ((pair, lines),) = coverage.common_edges().items()
    assert pair == (0, 1)
    assert [set(line) for line in lines] == [{(8, 0), (8, 10)}]
    together = {point for line in coverage.outline([0, 1]) for point in line}
    assert together == {(0, 0), (8, 0), (20, 0), (20, 10), (8, 10), (0, 10)}
    assert sum(len(line) - 1 for line in coverage.outline([0, 1])) == 6
    assert sum(len(line) - 1 for line in coverage.outline([0])) == 4


def test_a_path_is_relative_and_closes_rings() -> None:
    ring = [(3, 4), (5, 4), (5, 9), (3, 4)]
    assert svg_path([ring], closed=True) == "M3 4l2 0 0 5z"
    assert svg_path([ring]) == "M3 4l2 0 0 5-2-5"
    assert svg_path([]) == ""
