"""Layers: dissolved from counties, written to the same bytes, and checked."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from shanhai.geo.boundaries import check_boundaries
from shanhai.geo.boundaries._layers import Layers, build_layers, write_layers

COUNTIES = pd.DataFrame(
    {
        "code": ["330101", "330102", "330201", "360101", "360102"],
        "name_zh": ["甲县", "乙县", "丙县", "丁县", "无图县"],
        "name_en": ["Jia", "Yi", "Bing", "Ding", "Undrawn"],
        "kind": "county",
        "prefecture_code": ["330100", "330100", "330200", "360100", "360100"],
        "province_code": ["330000", "330000", "330000", "360000", "360000"],
    }
)
PREFECTURES = pd.DataFrame(
    {"code": ["330100", "330200", "360100", "460300"], "name_zh": ["杭", "甬", "洪", "三沙"], "name_en": list("HNCS")}
)
PROVINCES = pd.DataFrame(
    {"code": ["330000", "360000", "460000"], "name_zh": ["浙江省", "江西省", "海南省"], "name_en": ["Z", "J", "H"]}
)
POLYGONS = {
    "330101": shapely.box(118, 29, 119, 30),
    "330102": shapely.box(119, 29, 120, 30),
    "330201": shapely.box(120, 29, 121, 30),
    "360101": shapely.box(117, 29, 118, 30),
    "460300": shapely.box(112, 16, 113, 17),
    "330000": shapely.box(125, 29, 126, 30),  # an island that no county holds
    "820000": shapely.box(113, 22, 114, 23),
}


@pytest.fixture
def layers() -> Layers:
    return build_layers(POLYGONS, COUNTIES, PREFECTURES, PROVINCES)


def test_each_layer_holds_what_it_says(layers: Layers) -> None:
    assert layers.counties["code"].tolist() == ["330101", "330102", "330201", "360101"]
    assert list(layers.counties) == ["code", "name_zh", "name_en", "prov_code", "pref_code", "geometry"]
    assert layers.prefectures["name_zh"].tolist() == ["杭", "甬", "洪", "三沙"]
    assert layers.provinces["name_en"].tolist() == ["Z", "J", "H", "Macau"]
    assert layers.provincial_borders[["prov_a", "prov_b"]].to_numpy().tolist() == [["330000", "360000"]]


def test_upper_levels_are_the_union_of_counties_and_what_is_only_shown(layers: Layers) -> None:
    areas = layers.provinces.set_index("code").geometry
    assert shapely.area(areas.values).tolist() == [3 + 1, 1, 1, 1]
    hangzhou = layers.prefectures.geometry[0]
    # The corner between its two counties stays a vertex, so that both levels have the same edges.
    assert {(119, 29), (119, 30)} <= set(shapely.get_coordinates(hangzhou).astype(int).view("i8,i8").ravel().tolist())


def test_files_are_utf8_wgs84_and_the_same_every_time(layers: Layers, tmp_path: Path) -> None:
    first, second = write_layers(layers, tmp_path / "一 a"), write_layers(layers, tmp_path / "b")
    assert [p.name for p in first] == [
        f"{n}.{e}" for n in sorted(vars(layers)) for e in ("cpg", "dbf", "prj", "shp", "shx")
    ]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    back = gpd.read_file(tmp_path / "一 a" / "counties.shp")
    assert back.crs.to_epsg() == 4326
    assert back["name_zh"].tolist() == ["甲县", "乙县", "丙县", "丁县"]
    assert back["code"].tolist() == layers.counties["code"].tolist()
    # Bytes 1 to 3 of an attribute table are the date of its last change: years since 1900, month, day.
    assert (tmp_path / "b" / "counties.dbf").read_bytes()[1:4] == bytes([100, 1, 1])


EXCUSED = pd.DataFrame({"code": ["360102"], "reason": ["drawn inside 丁县"]})


def failed(layers: dict[str, gpd.GeoDataFrame], excused: pd.DataFrame = EXCUSED) -> set[str]:
    checks = check_boundaries(layers, COUNTIES, excused)
    return set(checks.loc[~checks["passed"], "check"])


@pytest.fixture
def unavoidable(layers: Layers) -> set[str]:
    """Checks of published areas, which drawn squares cannot pass."""
    return {check for check in failed(layers.as_dict()) if check.startswith("area of") or check == "mainland provinces"}


def test_squares_fail_only_the_checks_of_published_areas(layers: Layers, unavoidable: set[str]) -> None:
    assert failed(layers.as_dict()) == unavoidable
    assert len(unavoidable) == 7


@pytest.mark.parametrize(
    ("moved", "check"),
    [
        (shapely.box(118.9, 29, 120, 30), "counties: valid coverage (no overlaps, same vertices)"),
        (shapely.Polygon([(119, 29), (120, 30), (120, 29), (119, 30)]), "counties: invalid polygons"),
        (
            shapely.difference(shapely.box(119, 29, 120, 30), shapely.box(119.4, 29.4, 119.6, 29.6)),
            "counties: enclosed gaps",
        ),
    ],
)
def test_a_broken_county_is_found(layers: Layers, unavoidable: set[str], moved: shapely.Polygon, check: str) -> None:
    counties = layers.counties.copy()
    counties.loc[1, "geometry"] = moved
    assert check in failed({**layers.as_dict(), "counties": counties}) - unavoidable


def test_a_county_without_polygon_or_reason_is_found(layers: Layers, unavoidable: set[str]) -> None:
    nobody = EXCUSED.iloc[:0]
    assert failed(layers.as_dict(), nobody) - unavoidable == {"counties of 2020 without polygon and without reason"}
    silent = EXCUSED.assign(reason="")
    assert failed(layers.as_dict(), silent) - unavoidable == {"excused counties without a reason"}


def test_lines_that_are_not_the_edges_of_counties_are_found(layers: Layers, unavoidable: set[str]) -> None:
    # Only the lines move; the counties stay as they are.
    shifted = layers.provincial_borders.set_geometry(layers.provincial_borders.translate(0.001))
    found = failed({**layers.as_dict(), "provincial_borders": shifted}) - unavoidable
    assert found == {"provincial_borders: the edges that counties of two provinces share"}
