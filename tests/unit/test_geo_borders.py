"""Borders of provinces on drawn squares: the answers are arithmetic.

Squares of a tenth of a degree lie along the equator, where a degree of longitude is 111.3195 km on the ellipsoid.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from shanhai.errors import BoundaryError
from shanhai.geo.borders import border_lines, measure_borders
from shanhai.geo.edges import shared_edges

STEP = 0.1
STEP_KM = 111.3195 * STEP


def square(column: int, row: int = 0) -> shapely.Polygon:
    left, bottom = 105 + column * STEP, (row - 0.5) * STEP
    # Corners are rounded so that neighbours have the same ones to the last bit.
    return shapely.box(*(round(x, 6) for x in (left, bottom, left + STEP, bottom + STEP)))


def layer(*units: tuple[str, int, int]) -> gpd.GeoDataFrame:
    """Counties of a province each, given by the letter of the province, column and row."""
    table = pd.DataFrame(units, columns=["prov_code", "column", "row"])
    codes = [f"{province}{number}" for number, province in enumerate(table["prov_code"])]
    shapes = [square(c, r) for c, r in zip(table["column"], table["row"], strict=True)]
    return gpd.GeoDataFrame(table.assign(code=codes)[["code", "prov_code"]], geometry=shapes, crs=4326)


ROW = layer(("A", 0, 0), ("A", 1, 0), ("A", 2, 0), ("B", 3, 0), ("B", 4, 0))


def test_a_row_of_five_squares() -> None:
    measured = measure_borders(ROW)
    assert measured["code"].tolist() == ["A0", "A1", "A2", "B3", "B4"]
    assert measured["on_border"].tolist() == [False, False, True, True, False]
    assert measured["neighbour_provinces"].tolist() == ["", "", "B", "A", ""]
    assert measured["centre"].unique().tolist() == ["centroid"]
    steps = np.array([2, 1, 0, 0, 1])
    assert measured["gap_to_border_km"].to_numpy() == pytest.approx(steps * STEP_KM, rel=1e-4)
    assert measured["distance_to_border_km"].to_numpy() == pytest.approx((steps + 0.5) * STEP_KM, rel=1e-4)


def test_the_line_between_two_provinces() -> None:
    lines = border_lines(ROW)
    assert lines[["prov_a", "prov_b"]].to_numpy().tolist() == [["A", "B"]]
    assert lines.crs.to_epsg() == 4326
    assert lines.geometry[0].equals(shapely.LineString([(105.3, -0.05), (105.3, 0.05)]))


def test_a_common_corner_is_no_border() -> None:
    corner = layer(("A", 0, 0), ("B", 1, 1))
    measured = measure_borders(corner)
    assert not measured["on_border"].any()
    assert measured["gap_to_border_km"].isna().all()
    assert border_lines(corner).empty
    assert shared_edges(corner).empty


def test_an_island_province_has_no_distance() -> None:
    measured = measure_borders(pd.concat([ROW, layer(("C", 9, 0)).assign(code="C9")], ignore_index=True))
    assert measured.loc[5, ["gap_to_border_km", "distance_to_border_km"]].isna().all()
    assert measured["on_border"].tolist() == [False, False, True, True, False, False]


def test_only_the_border_of_its_own_province_counts() -> None:
    # A2 of the western province is far from its own border (with B) but lies across a strait from that of C and D.
    far = layer(("B", 0, 0), ("A", 1, 0), ("A", 2, 0), ("A", 3, 0), ("C", 5, 0), ("D", 6, 0))
    assert measure_borders(far).loc[3, "gap_to_border_km"] == pytest.approx(2 * STEP_KM, rel=1e-4)


def test_three_provinces_meet() -> None:
    three = layer(("A", 0, 0), ("B", 1, 0), ("C", 0, 1), ("C", 1, 1))
    assert measure_borders(three)["neighbour_provinces"].tolist() == ["B;C", "A;C", "A", "B"]
    assert border_lines(three)[["prov_a", "prov_b"]].to_numpy().tolist() == [["A", "B"], ["A", "C"], ["B", "C"]]


def test_a_crescent_is_measured_from_a_point_inside_it() -> None:
    crescent = shapely.difference(square(1).buffer(0.3), shapely.box(105.05, -0.2, 106, 0.2))
    alone = gpd.GeoDataFrame({"code": ["A0"], "prov_code": ["A"]}, geometry=[crescent], crs=4326)
    assert measure_borders(alone)["centre"].tolist() == ["inside point"]


def test_shared_edges_are_pairs_with_their_length() -> None:
    pairs = shared_edges(layer(("A", 0, 0), ("A", 1, 0), ("A", 0, 1)))
    assert pairs[["code_a", "code_b"]].to_numpy().tolist() == [["A0", "A1"], ["A0", "A2"]]
    north_south = 110.5743 * STEP  # a tenth of a degree of latitude at the equator
    assert pairs["length_km"].to_numpy() == pytest.approx([north_south, STEP_KM], rel=1e-4)


def test_another_name_of_the_province_column() -> None:
    renamed = ROW.rename(columns={"prov_code": "sheng"})
    pd.testing.assert_frame_equal(measure_borders(renamed, province="sheng"), measure_borders(ROW))


def test_degrees_of_another_datum_are_converted() -> None:
    beijing = ROW.set_crs(4490, allow_override=True)  # CGCS2000, the datum of official Chinese maps
    assert measure_borders(beijing)["on_border"].tolist() == measure_borders(ROW)["on_border"].tolist()
    assert border_lines(beijing).crs.to_epsg() == 4326


BOW_TIE = shapely.Polygon([(105, 0), (105.1, 0.1), (105.1, 0), (105, 0.1)])

BROKEN = {
    "no reference system": (ROW.set_crs(None, allow_override=True), "found: none.*EPSG:4326.*set_crs"),
    "metres": (ROW.to_crs(3857), "projected.*Pseudo-Mercator.*to_crs"),
    "no province": (ROW.drop(columns="prov_code"), "no column 'prov_code'.*'code'"),
    "province missing": (ROW.assign(prov_code=["A", None, "A", "B", "B"]), "without province code: A1"),
    "no code": (ROW.drop(columns="code"), "no column 'code'"),
    "code missing": (ROW.assign(code=["A0", None, "A2", "B3", "B4"]), "1 of 5 polygons have no code"),
    "code twice": (ROW.assign(code=["A0", "A0", "A2", "B3", "B4"]), "2 of 5 polygons carry a code twice: A0, A0"),
    "empty": (ROW.assign(geometry=[shapely.Polygon(), *ROW.geometry[1:]]), "1 of 5 polygons are no polygons.*: A0"),
    "a point": (ROW.assign(geometry=[shapely.Point(0, 0), *ROW.geometry[1:]]), "are no polygons.*: A0"),
    "crosses itself": (ROW.assign(geometry=[BOW_TIE, *ROW.geometry[1:]]), "1 of 5 polygons are invalid: A0"),
    "overlap": (ROW.assign(geometry=[ROW.geometry[0].buffer(0.02), *ROW.geometry[1:]]), "overlap.*: A0, A1"),
    "an extra vertex": (
        ROW.assign(geometry=[shapely.segmentize(ROW.geometry[0], STEP / 2), *ROW.geometry[1:]]),
        "do not meet it vertex by vertex: A0, A1.*coverage_clean",
    ),
}  # fmt: skip


@pytest.mark.parametrize("measure", [measure_borders, border_lines])
@pytest.mark.parametrize("case", BROKEN)
def test_a_layer_that_cannot_be_trusted_is_refused(case: str, measure: object) -> None:
    frame, message = BROKEN[case]
    with pytest.raises(BoundaryError, match=message):
        measure(frame)
