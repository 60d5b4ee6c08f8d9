"""The committed shapefiles: one coverage, its codes and areas, and what is known of Quzhou and Bazhong."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from shanhai.core.paths import SHAPEFILES
from shanhai.data.load import load_table
from shanhai.geo.beyond import KnownBorders
from shanhai.geo.borders import measure_borders
from shanhai.geo.boundaries import check_boundaries, counties_without_polygon
from shanhai.geo.crs import to_equal_area
from shanhai.geo.edges import open_coverage, shared_edges, shared_segments

NAMES = ("counties", "prefectures", "provinces", "provincial_borders")


@pytest.fixture(scope="module")
def layers() -> dict[str, gpd.GeoDataFrame]:
    return {name: gpd.read_file(SHAPEFILES / f"{name}.shp") for name in NAMES}


@pytest.fixture(scope="module")
def counties(layers: dict[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    return layers["counties"].set_index("code", drop=False).rename_axis(None)


@pytest.fixture(scope="module")
def known(counties: gpd.GeoDataFrame) -> KnownBorders:
    return KnownBorders.of(counties)


@pytest.fixture(scope="module")
def measured(counties: gpd.GeoDataFrame, known: KnownBorders) -> pd.DataFrame:
    return measure_borders(counties, known=known).set_index("code")


@pytest.fixture(scope="module")
def edges(counties: gpd.GeoDataFrame) -> pd.DataFrame:
    return shared_edges(counties)


def test_the_files_are_small_and_of_fixed_form() -> None:
    files = sorted(SHAPEFILES.iterdir())
    assert [f.name for f in files] == [f"{n}.{e}" for n in sorted(NAMES) for e in ("cpg", "dbf", "prj", "shp", "shx")]
    assert sum(file.stat().st_size for file in files) < 25e6
    assert {(SHAPEFILES / f"{n}.cpg").read_text(encoding="ascii") for n in NAMES} == {"UTF-8"}
    assert {(SHAPEFILES / f"{n}.dbf").read_bytes()[1:4] for n in NAMES} == {bytes([100, 1, 1])}


def test_every_check_passes_on_what_is_read_back(layers: dict[str, gpd.GeoDataFrame]) -> None:
    registry = load_table("counties")
    excused = counties_without_polygon(set(layers["counties"]["code"]), registry, load_table("crosswalk"))
    checks = check_boundaries(layers, registry, excused)
    assert checks.loc[~checks["passed"]].to_dict("records") == []
    assert len(checks) == 35


def test_the_counties_without_a_polygon(counties: gpd.GeoDataFrame) -> None:
    excused = counties_without_polygon(set(counties["code"]), load_table("counties"), load_table("crosswalk"))
    held = dict(zip(excused["code"], excused["held_by"], strict=True))
    assert held == {
        "232762": "150723",
        "232763": "232721",
        "232764": "232721",
        "330383": "330327",
        "360113": "360102;360112",
        "440311": "440306",
        "632857": "632803",
        "659010": "654202",
    }


def test_names_and_upper_codes_agree_with_the_registry(counties: gpd.GeoDataFrame) -> None:
    registry = load_table("counties").set_index("code").loc[counties["code"]]
    for column, known in {"name_zh": "name_zh", "name_en": "name_en", "prov_code": "province_code"}.items():
        assert counties[column].tolist() == registry[known].tolist()
    assert counties["pref_code"].tolist() == registry["prefecture_code"].tolist()


def test_prefectures_and_provinces_have_the_edges_of_their_counties(layers: dict[str, gpd.GeoDataFrame]) -> None:
    county_points = {tuple(p) for p in shapely.get_coordinates(layers["counties"].geometry.values).tolist()}
    mainland = layers["provinces"][~layers["provinces"]["code"].isin(["710000", "810000", "820000"])]
    for level in (layers["prefectures"], mainland):
        drawn = level[level["code"] != "460300"]  # Sansha has no counties
        points = pd.DataFrame(shapely.get_coordinates(drawn.geometry.values)).drop_duplicates().to_numpy().tolist()
        strange = sum(tuple(point) not in county_points for point in points)
        # Provinces also show islands that the census does not count: Sansha, Kinmen, Dongsha.
        assert strange == 0 or (level is mainland and strange / len(points) < 0.05)


def test_the_parts_of_a_prefecture_add_up(layers: dict[str, gpd.GeoDataFrame], counties: gpd.GeoDataFrame) -> None:
    parts = to_equal_area(counties).area.groupby(counties["pref_code"]).sum()
    whole = to_equal_area(layers["prefectures"]).area.set_axis(layers["prefectures"]["code"])
    np.testing.assert_allclose(whole.loc[parts.index], parts, rtol=1e-9)


def test_neighbours_share_their_edge_to_the_last_bit(counties: gpd.GeoDataFrame) -> None:
    kaihua, changshan = counties.geometry.loc[["330824", "330822"]]
    found = shared_segments(np.array([kaihua, changshan], dtype=object))
    common = shapely.union_all(shapely.linestrings(found.ends))
    assert len(found.ends) > 50
    assert common.length == pytest.approx(shapely.intersection(kaihua, changshan).length, rel=1e-9)


def test_each_side_of_a_border_sees_the_other(edges: pd.DataFrame, measured: pd.DataFrame) -> None:
    province = measured.index.to_series().str[:2] + "0000"
    across = edges[edges["code_a"].map(province) != edges["code_b"].map(province)]
    seen = pd.concat([across.set_axis(["own", "other", "km"], axis=1), across.set_axis(["other", "own", "km"], axis=1)])
    expected = seen.assign(other=seen["other"].map(province)).groupby("own")["other"]
    expected = expected.agg(lambda codes: ";".join(sorted(set(codes))))
    listed = measured["neighbour_provinces"]
    pd.testing.assert_series_equal(listed[listed != ""].sort_index(), expected, check_names=False)


def test_quzhou_borders_anhui_fujian_and_jiangxi_and_nothing_else(
    counties: gpd.GeoDataFrame, measured: pd.DataFrame
) -> None:
    quzhou = measured[counties["pref_code"] == "330800"]["neighbour_provinces"]
    assert {p for codes in quzhou for p in codes.split(";") if p} == {"340000", "350000", "360000"}
    assert quzhou.to_dict() == {
        "330802": "",  # 柯城区
        "330803": "",  # 衢江区
        "330822": "360000",  # 常山县
        "330824": "340000;360000",  # 开化县
        "330825": "",  # 龙游县
        "330881": "350000;360000",  # 江山市
    }


def test_bazhong_borders_shaanxi_with_its_two_northern_counties(
    counties: gpd.GeoDataFrame, measured: pd.DataFrame
) -> None:
    bazhong = measured[counties["pref_code"] == "511900"]["neighbour_provinces"]
    assert bazhong[bazhong != ""].to_dict() == {"511921": "610000", "511922": "610000"}  # 通江县, 南江县


def test_pairs_of_provinces_that_everyone_knows(layers: dict[str, gpd.GeoDataFrame]) -> None:
    lines = layers["provincial_borders"]
    pairs = set(zip(lines["prov_a"], lines["prov_b"], strict=True))
    of_zhejiang = {(a, b) for a, b in pairs if "330000" in (a, b)}
    assert of_zhejiang == {("310000", "330000"), ("320000", "330000")} | {
        ("330000", p) for p in ("340000", "350000", "360000")
    }
    of_sichuan = {({*pair} - {"510000"}).pop() for pair in pairs if "510000" in pair}
    assert of_sichuan == {"500000", "520000", "530000", "540000", "610000", "620000", "630000"}
    assert not any("460000" in pair for pair in pairs)  # Hainan is an island
    assert len(pairs) == 68


def test_distances_are_missing_in_hainan_only(counties: gpd.GeoDataFrame, measured: pd.DataFrame) -> None:
    missing = measured["distance_to_border_km"].isna()
    assert set(counties.loc[missing.to_numpy(), "prov_code"]) == {"460000"}
    assert missing.sum() == (counties["prov_code"] == "460000").sum()
    assert (measured["gap_to_border_km"].isna() == missing).all()


def test_distances_agree_with_the_geodesic_to_every_vertex(
    counties: gpd.GeoDataFrame, measured: pd.DataFrame, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    """A second route: the least geodesic over the densified border, for counties from all ends of the country."""
    lines = layers["provincial_borders"]
    geod = pyproj.Geod(ellps="WGS84")
    sample = measured[~measured["on_border"] & measured["gap_to_border_km"].gt(5)].iloc[::90]
    centres = to_equal_area(counties).centroid.to_crs(4326)
    for code in sample.index[sample["centre"] == "centroid"]:
        own = counties.loc[code, "prov_code"]
        border = lines[(lines["prov_a"] == own) | (lines["prov_b"] == own)].geometry.segmentize(0.002)
        x, y = shapely.get_coordinates(border.values).T
        centre = centres.loc[code]
        least = geod.inv(np.full(len(x), centre.x), np.full(len(x), centre.y), x, y)[2].min() / 1000
        assert measured.loc[code, "distance_to_border_km"] == pytest.approx(least, rel=0.005)
    assert len(sample) > 15


def test_gaps_are_no_longer_than_distances(measured: pd.DataFrame) -> None:
    known = measured.dropna(subset="distance_to_border_km")
    assert (known["gap_to_border_km"] <= known["distance_to_border_km"]).all()
    assert known.loc[known["on_border"], "gap_to_border_km"].eq(0).all()
    # Three counties meet a border along less than 1 km, two in a point: they have no gap, and are not on it.
    touching = known.index[known["gap_to_border_km"].lt(0.001) & ~known["on_border"]]
    assert touching.tolist() == ["130126", "220323", "350429", "430602", "620981"]


def test_counties_on_a_border_and_those_that_are_flagged(measured: pd.DataFrame) -> None:
    assert int(measured["on_border"].sum()) == 883
    flags = measured["border_flags"]
    assert not flags.str.contains("border_unknown").any()
    # 灵寿, 伊通, 浦东, 嵊泗, 泰宁, 岳阳楼, 玉门
    contact = ["130126", "220323", "310115", "330922", "350429", "430602", "620981"]
    assert flags.index[flags.eq("border_contact")].tolist() == contact
    # 香河, 大厂, 三河 between Beijing and Tianjin; 加格达奇 within Inner Mongolia
    assert flags.index[flags.eq("border_exclave")].tolist() == ["131024", "131028", "131082", "232761"]


def test_bridges_to_islands_are_no_land(counties: gpd.GeoDataFrame, measured: pd.DataFrame) -> None:
    """The Donghai bridge to Yangshan, and the one to Pingtan, are drawn as strips of their counties."""
    coverage = open_coverage(counties)
    every, on_land = (
        set(zip(counties["code"].iloc[part.first], counties["code"].iloc[part.second], strict=True))
        for part in (coverage.segments, coverage.on_land)
    )
    assert every - on_land == {("310115", "330922"), ("350128", "350181")}
    # Shengsi lies in the sea, off a border on land that ends at Hangzhou Bay.
    assert measured.loc["330922", "gap_to_border_km"] == pytest.approx(30.5, abs=0.1)


PARTS = {
    "Zhejiang": lambda codes: codes.str.startswith("33"),
    "two provinces": lambda codes: codes.str.startswith(("33", "34")),
    "four provinces": lambda codes: codes.str.startswith(("33", "34", "35", "36")),
    "without Anhui": lambda codes: codes.str.startswith(("31", "32", "33", "35", "36")),
    "every ninth county absent": lambda codes: codes.str.startswith(("33", "34", "35", "36")) & (codes.index % 9 > 0),
    "one county": lambda codes: codes.eq("330824"),
}


@pytest.mark.parametrize("case", PARTS)
def test_a_part_of_the_layer_says_what_the_whole_says_or_nothing(
    case: str, counties: gpd.GeoDataFrame, known: KnownBorders, measured: pd.DataFrame
) -> None:
    kept = PARTS[case](counties["code"].reset_index(drop=True)).to_numpy()
    part = measure_borders(counties[kept], known=known).set_index("code")
    whole = measured.loc[part.index]
    told = part["on_border"].notna()
    assert (part.loc[told, "on_border"] == whole.loc[told, "on_border"]).all()
    assert whole.loc[~told, "on_border"].any()
    assert part.loc[~told, "border_flags"].str.contains("border_unknown").all()
    for column in ("gap_to_border_km", "distance_to_border_km"):
        here = part[column].notna()
        np.testing.assert_allclose(part.loc[here, column], whole.loc[here, column], rtol=1e-9)
    if case == "Zhejiang":
        assert part.loc[["330824", "331127"], "on_border"].isna().all()  # Kaihua, Jingning
        assert int((~told).sum()) == 19  # those that are on the border, and no other: coasts are known
    if case == "four provinces":
        assert int(part["on_border"].sum()) == 56
        assert part["distance_to_border_km"].notna().mean() > 0.4
