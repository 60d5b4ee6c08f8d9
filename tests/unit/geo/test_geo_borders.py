"""Borders of provinces on drawn squares: the answers are arithmetic.

Squares of a tenth of a degree lie along the equator, where a degree of longitude is 111.3195 km on the ellipsoid.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from shanhai.core.errors import BoundaryError
from shanhai.geo.beyond import KnownBorders
from shanhai.geo.borders import border_lines, measure_borders, slight_contacts
from shanhai.geo.crs import ELLIPSOID, to_equal_area
from shanhai.geo.edges import shared_edges
from shanhai.geo.segments import border_segments, locate_places

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


def measure_whole(counties: gpd.GeoDataFrame, province: str = "prov_code") -> pd.DataFrame:
    """Measures of a layer that nothing is absent from."""
    return measure_borders(counties, province, known=KnownBorders.of(counties, province))


def test_a_row_of_five_squares() -> None:
    measured = measure_whole(ROW)
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
    measured = measure_whole(corner)
    assert not measured["on_border"].any()
    assert measured["gap_to_border_km"].isna().all()
    assert border_lines(corner).empty
    assert shared_edges(corner).empty


def test_an_island_province_has_no_distance() -> None:
    measured = measure_whole(pd.concat([ROW, layer(("C", 9, 0)).assign(code="C9")], ignore_index=True))
    assert measured.loc[5, ["gap_to_border_km", "distance_to_border_km"]].isna().all()
    assert measured["on_border"].tolist() == [False, False, True, True, False, False]


def test_only_the_border_of_its_own_province_counts() -> None:
    # A2 of the western province is far from its own border (with B) but lies across a strait from that of C and D.
    far = layer(("B", 0, 0), ("A", 1, 0), ("A", 2, 0), ("A", 3, 0), ("C", 5, 0), ("D", 6, 0))
    assert measure_whole(far).loc[3, "gap_to_border_km"] == pytest.approx(2 * STEP_KM, rel=1e-4)


def test_three_provinces_meet() -> None:
    three = layer(("A", 0, 0), ("B", 1, 0), ("C", 0, 1), ("C", 1, 1))
    assert measure_whole(three)["neighbour_provinces"].tolist() == ["B;C", "A;C", "A", "B"]
    assert border_lines(three)[["prov_a", "prov_b"]].to_numpy().tolist() == [["A", "B"], ["A", "C"], ["B", "C"]]


def test_a_crescent_is_measured_from_a_point_inside_it() -> None:
    crescent = shapely.difference(square(1).buffer(0.3), shapely.box(105.05, -0.2, 106, 0.2))
    alone = gpd.GeoDataFrame({"code": ["A0"], "prov_code": ["A"]}, geometry=[crescent], crs=4326)
    assert measure_whole(alone)["centre"].tolist() == ["inside point"]


def on_border(counties: gpd.GeoDataFrame, known: KnownBorders | None = None, **options: float) -> list[object]:
    return measure_borders(counties, known=known, **options)["on_border"].astype(object).tolist()


def test_where_nothing_is_known_beyond_the_layer_only_what_it_shows_is_said() -> None:
    measured = measure_borders(ROW)
    assert on_border(ROW) == [pd.NA, pd.NA, True, True, pd.NA]  # every square has edges of its own
    assert measured["gap_to_border_km"].dropna().tolist() == [0.0, 0.0]
    assert measured["distance_to_border_km"].isna().all()  # the upper edge is as near as the border
    assert measured["border_flags"].eq("border_unknown").all()
    block = layer(*(("A" if column < 4 else "B", column, row) for column in range(6) for row in range(5)))
    inner = measure_borders(block).set_index("code").loc["A12"]  # the middle one of A's third column
    assert not inner["on_border"]
    assert inner["gap_to_border_km"] == pytest.approx(STEP_KM, rel=1e-4)
    assert inner["border_flags"] == ""


def test_the_edge_of_a_part_is_a_border_a_coast_or_not_to_be_told() -> None:
    known = KnownBorders.of(ROW)
    west = ROW.iloc[:3]
    assert on_border(west, known) == [False, False, pd.NA]
    measured = measure_borders(west, known=known)
    assert measured[["gap_to_border_km", "distance_to_border_km"]].isna().all(axis=None)
    assert measured["border_flags"].tolist() == ["border_unknown"] * 3
    # Of A the square beside the border is absent: A1 faces it, and not another province, but near the border.
    hole = ROW.drop(index=2).reset_index(drop=True)
    assert on_border(hole, known) == [False, False, pd.NA, False]
    assert measure_borders(hole, known=known)["gap_to_border_km"].isna().all()
    # Another province of the country is absent, and what is left is known to the end.
    assert measure_borders(ROW.iloc[3:], known=known)["on_border"].astype(object).tolist() == [pd.NA, False]


def test_a_province_that_is_not_known_has_no_known_coast() -> None:
    strange = ROW.assign(prov_code=["X", "X", "X", "B", "B"])
    assert on_border(strange, KnownBorders.of(ROW)) == [pd.NA, pd.NA, True, True, False]


def test_a_border_beyond_an_absent_county_makes_far_distances_missing_and_near_ones_not() -> None:
    """A long province between two others; its eastern end is absent, so the eastern border is not shown."""
    row = layer(("B", 0, 0), *(("A", column, 0) for column in range(1, 10)), ("C", 10, 0))
    part = row[~row["code"].isin(["A8", "A9", "C10"])].reset_index(drop=True)
    measured = measure_borders(part, known=KnownBorders.of(row)).set_index("code")["gap_to_border_km"]
    # The unseen border lies at column 10: A1 .. A5 are nearer to the one at column 1, A6 and A7 are not.
    assert measured.loc[["A1", "A2", "A3", "A4", "A5"]].to_numpy() == pytest.approx(np.arange(5) * STEP_KM, rel=1e-4)
    assert measured.loc[["A6", "A7"]].isna().all()


def test_a_layer_drawn_by_another_hand_is_held_against_what_is_known() -> None:
    """Half a kilometre to the north east of what is known; nothing of it is absent, then its neighbour is."""
    moved = ROW.set_geometry(ROW.translate(0.004, 0.003))
    known = KnownBorders.of(ROW)
    pd.testing.assert_frame_equal(measure_borders(moved, known=known), measure_whole(moved))
    assert on_border(moved.iloc[:3], known) == [False, False, pd.NA]


def trapezoids(least: float) -> gpd.GeoDataFrame:
    """Three units; the first and the last, of two provinces, share an edge of ``least`` degrees."""
    west, south, east = [(105, 0), (105, 0.1), (105.1, 0.1), (105.1, 0.1 - least)], (105.1, 0.1 - least), 105.2
    first = shapely.Polygon([*west, (105.0, 0)])
    last = shapely.Polygon([(105.1, 0.1), (east, 0.1), (east, 0), south])
    middle = shapely.Polygon([(105.0, 0), south, (east, 0)])
    table = {"code": ["A1", "B2", "A3"], "prov_code": ["A", "B", "A"]}
    return gpd.GeoDataFrame(table, geometry=[first, last, middle], crs=4326)


def test_an_edge_below_the_least_length_is_a_contact_and_no_border() -> None:
    short, long = trapezoids(0.008), trapezoids(0.01)  # 0.88 and 1.11 km
    # Both ends of the edge of A1 and B2 would be shores if A3 were absent; here one lies inland, on A3.
    assert measure_whole(long)["on_border"].tolist() == [True, True, True]
    measured = measure_whole(short)
    assert measured["on_border"].tolist() == [False, True, True]  # B2 has a long edge with A3
    assert measured["border_flags"].tolist() == ["border_contact", "", ""]
    assert measured["gap_to_border_km"].tolist() == [0.0, 0.0, 0.0]  # the border itself is there
    assert on_border(short, KnownBorders.of(short), least_km=0.5) == [True, True, True]
    assert on_border(long, KnownBorders.of(long), least_km=2) == [False, True, True]
    # The edges with A3: a diagonal of 0.1 and 0.092 degrees, to the west and to the east.
    assert [len(shared_edges(short, least_km=least)) for least in (0, 0.88, 0.89, 1, 15.0, 200)] == [3, 3, 2, 2, 2, 0]
    with pytest.raises(BoundaryError, match="least edge of -1 km; allowed: 0 or more"):
        shared_edges(short, least_km=-1)


def test_slight_contacts_say_what_the_rule_of_length_decides() -> None:
    table = slight_contacts(trapezoids(0.008))
    assert table[["code_a", "code_b", "counts", "decides"]].to_numpy().tolist() == [["A1", "B2", False, "A1"]]
    assert table["land_km"].tolist() == pytest.approx([0.008 * 110.5743], rel=1e-4)
    assert slight_contacts(trapezoids(0.01), least_km=0.5)["counts"].tolist() == [True]
    assert slight_contacts(ROW).empty
    bridge = slight_contacts(strait(0.03))
    assert bridge[["land_km", "counts", "decides"]].to_numpy().tolist() == [[0.0, False, "A;B"]]
    assert bridge["water_km"].tolist() == pytest.approx([0.03 * 110.5743], rel=1e-4)


def strait(width: float) -> gpd.GeoDataFrame:
    """Two islands of two provinces that a strip of ``width`` degrees joins, half of it drawn with each."""
    west = shapely.union(shapely.box(105, 0, 105.2, 0.2), shapely.box(105.2, 0, 105.25, width))
    east = shapely.union(shapely.box(105.3, 0, 105.5, 0.2), shapely.box(105.25, 0, 105.3, width))
    return gpd.GeoDataFrame({"code": ["A", "B"], "prov_code": ["A", "B"]}, geometry=[west, east], crs=4326)


def test_a_bridge_drawn_as_land_is_no_border() -> None:
    bridge, isthmus = strait(0.03), strait(0.06)  # 3.3 and 6.6 km from shore to shore
    assert measure_whole(bridge)["on_border"].tolist() == [False, False]
    assert measure_whole(bridge)["border_flags"].tolist() == ["border_contact"] * 2
    assert measure_whole(bridge)["gap_to_border_km"].isna().all()  # no border on land at all
    assert border_lines(bridge).empty
    assert shared_edges(bridge, least_km=0).empty
    assert measure_whole(isthmus)["on_border"].tolist() == [True, True]
    assert len(border_lines(isthmus)) == 1


def test_an_exclave_has_a_border_and_is_flagged() -> None:
    ring = [("B", column, row) for column in range(3) for row in range(3) if (column, row) != (1, 1)]
    enclosed = layer(*ring, ("A", 1, 1), ("A", 8, 1))
    measured = measure_whole(enclosed)
    corner, side = "border_contact", ""  # the squares at the corners meet it in a point
    around = [corner, side, corner, side, side, corner, side, corner]
    assert measured["border_flags"].tolist() == [*around, "border_exclave", ""]
    assert measured["on_border"].tolist()[8:] == [True, False]
    enclave = measure_whole(layer(*ring, ("A", 1, 1)))  # all of A: a province enclosed by another is no exclave
    assert enclave["border_flags"].tolist() == [*around, ""]


def test_shared_edges_are_pairs_with_their_length() -> None:
    pairs = shared_edges(layer(("A", 0, 0), ("A", 1, 0), ("A", 0, 1)))
    assert pairs[["code_a", "code_b"]].to_numpy().tolist() == [["A0", "A1"], ["A0", "A2"]]
    north_south = 110.5743 * STEP  # a tenth of a degree of latitude at the equator
    assert pairs["length_km"].to_numpy() == pytest.approx([north_south, STEP_KM], rel=1e-4)


def test_another_name_of_the_province_column() -> None:
    renamed = ROW.rename(columns={"prov_code": "sheng"})
    pd.testing.assert_frame_equal(measure_whole(renamed, province="sheng"), measure_whole(ROW))


def test_degrees_of_another_datum_are_converted() -> None:
    beijing = ROW.set_crs(4490, allow_override=True)  # CGCS2000, the datum of official Chinese maps
    assert measure_whole(beijing)["on_border"].tolist() == measure_whole(ROW)["on_border"].tolist()
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


@pytest.mark.parametrize(
    ("longitude", "latitude"), [(-75, 0), (-75, 42), (-68, -50), (10, 65), (147, -37), (177, -18), (105, 35)]
)
def test_distances_in_any_country(longitude: float, latitude: float) -> None:
    """By the nearest of many points of the border, measured on the ellipsoid one by one."""
    boxes = [shapely.box(longitude + step, latitude, longitude + step + 1, latitude + 1) for step in range(3)]
    codes = ["A1", "B1", "B2"]
    country = gpd.GeoDataFrame({"code": codes, "prov_code": [code[0] for code in codes]}, geometry=boxes, crs=4326)
    measured = measure_whole(country)
    points = np.column_stack([np.full(4001, longitude + 1.0), np.linspace(latitude, latitude + 1, 4001)])

    def nearest_km(east: np.ndarray, north: np.ndarray) -> np.ndarray:
        return np.array(
            [
                ELLIPSOID.inv(*points.T, np.full(4001, x), np.full(4001, y))[2].min() / 1000
                for x, y in zip(east, north, strict=True)
            ]
        )

    centres = to_equal_area(country).geometry.centroid.to_crs(4326)
    assert measured["distance_to_border_km"].to_numpy() == pytest.approx(
        nearest_km(centres.x.to_numpy(), centres.y.to_numpy()), rel=2e-4
    )
    far_edge = nearest_km(np.full(101, longitude + 2.0), np.linspace(latitude, latitude + 1, 101)).min()
    assert measured["gap_to_border_km"].to_numpy() == pytest.approx([0, 0, far_edge], rel=2e-4)
    segments = border_segments(border_lines(country), 40.0)
    places = pd.DataFrame(
        {"code": codes, "province_code": country["prov_code"], "longitude": centres.x, "latitude": centres.y}
    )
    located = locate_places(places, segments)
    assert located["distance_km"].to_numpy() == pytest.approx(measured["distance_to_border_km"].to_numpy(), rel=2e-4)
    areas = to_equal_area(country).area.to_numpy() / 1e6
    assert areas == pytest.approx([abs(ELLIPSOID.geometry_area_perimeter(box)[0]) / 1e6 for box in boxes], rel=2e-3)
