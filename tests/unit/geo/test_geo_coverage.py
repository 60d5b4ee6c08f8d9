"""Drawings that overlap, leave gaps or cross themselves become one coverage."""

import numpy as np
import pytest
import shapely

from shanhai.geo.boundaries._coverage import (
    FINE,
    absorb_crumbs,
    build_coverage,
    enclosed_gaps,
    repair,
    simplify_coverage,
    to_grid,
)
from shanhai.geo.boundaries._source import GRID


def fine_box(left: float, bottom: float, right: float, top: float) -> shapely.Polygon:
    """A box with a vertex at every cell."""
    return shapely.segmentize(shapely.box(left, bottom, right, top), 1)


def array(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array(shapes, dtype=object)


def test_rings_land_on_the_grid_without_repeated_vertices() -> None:
    ring = np.array([[0, 0], [0, 0], [3, 0], [3, 3], [0, 3], [0, 0]]) / GRID
    drawn = to_grid(((ring,),))
    assert shapely.get_coordinates(drawn).tolist() == [[0, 0], [3, 0], [3, 3], [0, 3], [0, 0]]


def test_a_bow_tie_becomes_two_triangles_of_the_same_area() -> None:
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    (mended,) = repair(array(bow_tie))
    assert mended.is_valid
    assert mended.area == 2 * (0.5 * 2 * 1)


def test_a_spike_goes() -> None:
    (mended,) = repair(array(shapely.Polygon([(0, 0), (2, 0), (2, 2), (2, 5), (2, 2), (0, 2)])))
    assert mended.equals(shapely.box(0, 0, 2, 2))


def test_the_finer_drawing_keeps_the_overlap_in_any_order() -> None:
    fine, coarse = fine_box(0, 0, 10, 10), shapely.box(8, 0, 20, 10)
    first, second = build_coverage(array(fine, coarse))
    other_second, other_first = build_coverage(array(coarse, fine))
    assert first.equals(fine) and other_first.equals(fine)
    assert second.equals(shapely.box(10, 0, 20, 10)) and other_second.equals(second)


def test_an_enclosed_gap_falls_to_the_coarser_neighbours_each_its_part() -> None:
    # Two coarse boxes lie on a fine ring with a gap of 2 cells below them; the line between them runs on down.
    fine = shapely.difference(fine_box(0, 0, 40, 30), shapely.box(5, 10, 35, 30))
    left, right = shapely.box(5, 12, 20, 30), shapely.box(20, 12, 35, 30)
    whole = build_coverage(array(fine, left, right))
    assert len(enclosed_gaps(whole)) == 0
    assert whole[0].equals(fine)
    assert whole[1].equals(shapely.box(5, 10, 20, 30))
    assert whole[2].equals(shapely.box(20, 10, 35, 30))


def test_an_enclosed_gap_is_found_and_a_coast_is_not() -> None:
    ring = shapely.difference(shapely.box(0, 0, 9, 9), shapely.box(3, 3, 6, 6))
    assert [gap.bounds for gap in enclosed_gaps(array(ring, shapely.box(20, 0, 29, 9)))] == [(3, 3, 6, 6)]


def test_a_strait_that_is_open_to_the_sea_stays() -> None:
    north, south = fine_box(0, 6, 10, 10), fine_box(0, 0, 10, 4)
    assert [s.area for s in build_coverage(array(north, south))] == [40, 40]


def test_neighbours_get_the_same_vertices_on_their_shared_edge() -> None:
    left, right = fine_box(0, 0, 5, 10), shapely.box(5, 0, 9, 10)
    assert not shapely.coverage_is_valid(array(left, right))
    assert shapely.coverage_is_valid(build_coverage(array(left, right)))


@pytest.mark.parametrize("fine", [[True, True], [True, False], [False, False]])
def test_simplified_neighbours_still_fit_together(fine: list[bool]) -> None:
    steps = [(x, x % 2) for x in range(41)]
    south = shapely.Polygon([(0, -20), *steps, (40, -20)])
    north = shapely.Polygon([(0, 40), *steps, (40, 40)])
    simple = simplify_coverage(array(south, north), np.array(fine))
    assert shapely.coverage_is_valid(simple)
    assert simple[0].area + simple[1].area == pytest.approx(40 * 60, rel=0.01)
    assert shapely.get_num_coordinates(simple).sum() < 20


def test_the_fine_place_keeps_its_edge_that_the_coarse_pass_would_take() -> None:
    # A tooth of area 4: above the square of the fine tolerance, below that of the coarse one.
    tooth = [(0, 0), (20, 0), (22, 4 / 2), (24, 0), (40, 0)]
    south, north = shapely.Polygon([*tooth, (40, -30), (0, -30)]), shapely.Polygon([*tooth, (40, 30), (0, 30)])
    assert FINE**2 < 4
    kept = simplify_coverage(array(south, north), np.array([True, False]))
    gone = simplify_coverage(array(south, north), np.array([False, False]))
    assert kept[1].equals(north)
    assert gone[1].equals(shapely.box(0, 0, 40, 30))


def test_an_enclosed_speck_joins_the_unit_around_it_and_exclaves_and_islands_stay() -> None:
    speck, exclave = shapely.box(12, 4, 14, 6), shapely.box(16, 4, 19, 8)
    islet = shapely.box(40, 0, 41, 1)
    left = shapely.MultiPolygon([shapely.box(0, 0, 10, 10), speck, exclave, islet])
    right = shapely.difference(shapely.box(10, 0, 30, 10), shapely.union_all([speck, exclave]))
    parts, owners = absorb_crumbs(array(left, right), np.array(["L", "R"]))
    found = {(part.area, owner) for part, owner in zip(parts, owners, strict=True)}
    assert found == {(100, "L"), (4, "R"), (12, "L"), (1, "L"), (200 - 4 - 12, "R")}


def test_the_only_part_of_a_unit_is_never_absorbed() -> None:
    small = shapely.box(4, 4, 6, 6)
    around = shapely.difference(shapely.box(0, 0, 10, 10), small)
    assert absorb_crumbs(array(around, small), np.array(["big", "small"]))[1].tolist() == ["big", "small"]
