"""Cleaning: what each advice of the door promises is followed to its end, and told in full."""

import filecmp
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from shanhai.core import paths, sources
from shanhai.core.errors import BoundaryError
from shanhai.data.load import layer_notes, load_layer, load_registry
from shanhai.geo.borders import measure_borders
from shanhai.geo.datum import OFFSETS
from shanhai.geo.door import build_own_layer, check_layer, clean_layer, read_layer
from shanhai.geo.edges import open_coverage, shared_edges
from shanhai.run import cli

registry_of = cache(load_registry)

SPIKED = shapely.Polygon([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0.5), (-0.2, 0.5), (0, 0.5)])
BOX = shapely.box(1, 0, 2, 1)
SPECK = shapely.box(1.5, 0.5, 1.6, 0.50005)


def layer(*shapes: shapely.Geometry | None, codes: str = "") -> gpd.GeoDataFrame:
    letters = list(codes or "abcdefgh"[: len(shapes)])
    return gpd.GeoDataFrame({"code": letters}, geometry=np.array(shapes, dtype=object), crs=4326)


FAULTS: dict[str, tuple[gpd.GeoDataFrame, str, str, tuple[float, ...]]] = {
    # layer, what the door says of it, what the cleaning says it did, areas in square degrees afterwards
    "a spike": (layer(SPIKED, BOX), "invalid: a", "polygons repaired", (1, 1)),
    "a bow tie": (
        layer(shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), BOX), "invalid: a", "polygons repaired", (0.5, 1),
    ),
    "an overlap": (layer(shapely.box(0, 0, 1.01, 1), BOX), "overlap.*: a, b", "overlaps resolved", (1.005, 0.995)),
    "an extra vertex": (
        layer(shapely.segmentize(shapely.box(0, 0, 1, 1), 0.5), BOX), "do not meet it.*: a, b", "", (1, 1),
    ),
    "a gap": (
        layer(shapely.box(0, 0, 0.999, 1), BOX), "divided from others by narrow gaps: a, b", "strips of up to", (1, 1),
    ),
    "a code twice": (layer(shapely.box(0, 0, 1, 1), BOX, BOX, codes="abb"), "code twice: b, b", "dissolved", (1, 1)),
    "no code": (layer(shapely.box(0, 0, 1, 1), BOX).assign(code=["a", None]), "1 of 2 .* no code", "no code", (1,)),
    "a collection": (
        layer(shapely.geometrycollections([shapely.box(0, 0, 1, 1), shapely.Point(5, 5)]), BOX),
        "are no polygons.*: a", "lines and points left out", (1, 1),
    ),
    "a line": (layer(shapely.LineString([(0, 0), (1, 1)]), BOX), "are no polygons.*: a", "no polygon", (1,)),
    "nothing drawn": (layer(None, BOX), "are no polygons.*: a", "no polygon", (1,)),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_the_advice_of_the_door_leads_to_a_layer_that_opens(fault: str) -> None:
    frame, message, change, areas = FAULTS[fault]
    with pytest.raises(BoundaryError, match=message):
        open_coverage(frame)
    cleaned = clean_layer(frame)
    open_coverage(cleaned.frame)
    assert shapely.area(cleaned.frame.geometry.values).tolist() == pytest.approx(areas, abs=0.006)
    assert any(change in text for text in cleaned.changes["change"]) == bool(change)


def test_rows_without_a_polygon_are_left_out_as_advised() -> None:
    frame = FAULTS["a line"][0]
    kept = frame[frame.geom_type.isin(["Polygon", "MultiPolygon"]) & ~frame.is_empty]
    assert open_coverage(kept).frame["code"].tolist() == ["b"]


def test_the_case_of_the_square_and_the_box_has_its_right_end() -> None:
    cleaned = clean_layer(layer(SPIKED, BOX)).frame
    assert cleaned.geom_type.tolist() == ["Polygon", "Polygon"]
    assert shapely.equals(cleaned.geometry[0], shapely.box(0, 0, 1, 1))
    pairs = shared_edges(cleaned)
    assert pairs["length_km"].tolist() == pytest.approx([110.57], rel=1e-3)  # a degree along a meridian


def test_a_sliver_goes_to_the_unit_around_it() -> None:
    holed = shapely.difference(BOX, SPECK)
    cleaned = clean_layer(layer(shapely.union(shapely.box(0, 0, 1, 1), SPECK), holed))
    assert shapely.area(cleaned.frame.geometry.values).tolist() == pytest.approx([1, 1], abs=1e-12)
    assert cleaned.changes["change"].iloc[0] == "slivers given to the unit around them"


def test_a_layer_without_faults_is_not_changed() -> None:
    cleaned = clean_layer(layer(shapely.box(0, 0, 1, 1), BOX))
    assert cleaned.changes.empty
    assert shapely.area(cleaned.frame.geometry.values).tolist() == [1, 1]


def test_a_large_overlap_is_for_the_user_to_decide() -> None:
    both = layer(shapely.box(0, 0, 1.5, 1), BOX)
    with pytest.raises(BoundaryError, match=r"1 pairs .* overlap by more than 10%.*a and b \(50%\).*leave one out"):
        clean_layer(both)
    assert len(clean_layer(both.iloc[[1]]).frame) == 1


def test_exchanged_coordinates_are_an_error_and_no_end_of_the_process() -> None:
    frame = load_layer("counties").iloc[:20]
    swapped = frame.set_geometry(shapely.transform(frame.geometry.values, lambda p: p[:, ::-1]), crs=4326)
    with pytest.raises(BoundaryError, match=r"no longitude and latitude.*exchanged"):
        measure_borders(swapped)
    with pytest.raises(BoundaryError, match="between the poles"):
        measure_borders(layer(shapely.box(0, -90, 1, -89)).assign(prov_code="A"))
    back = shapely.transform(swapped.geometry.values, lambda points: points[:, ::-1])  # the advice
    assert len(open_coverage(swapped.set_geometry(back, crs=4326)).frame) == 20


@pytest.fixture(scope="module")
def counties() -> gpd.GeoDataFrame:
    frame = load_layer("counties")
    return frame[frame["pref_code"].isin(["341000", "360200"])].reset_index(drop=True)


@pytest.fixture(scope="module")
def from_the_web(counties: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Eleven counties with the faults of public files, in GCJ-02, codes as integers in a column of another name."""
    shapes = np.array(counties.geometry.values)
    ring = shapely.get_coordinates(shapes[0])
    shapes[0] = shapely.Polygon(np.vstack([ring[:6], ring[5] + 0.02, ring[5], ring[6:]]))  # a spike
    shapes[2] = shapely.buffer(shapes[2], -0.0005)  # gaps
    shapes[4] = shapely.buffer(shapes[4], 0.0005)  # overlaps
    codes = counties["code"].astype(int).tolist()
    more = gpd.GeoSeries([shapely.box(114, 22.2, 114.1, 22.3), shapely.box(121, 23, 122, 24), None])
    frame = gpd.GeoDataFrame(
        {"adcode": [*codes, 810001, 710000, 341021], "name": [*counties["name_zh"], "中西区", "台湾省", "歙县"]},
        geometry=[*shapely.transform(shapes, OFFSETS["GCJ-02"]), *more],
        crs=4326,
    )
    frame.loc[7, "adcode"] = 360299  # a county that nobody knows
    return frame


def test_a_file_from_the_web_is_mended_and_everything_is_told(
    from_the_web: gpd.GeoDataFrame, counties: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    own, registry = tmp_path / "web.shp", registry_of("counties")
    from_the_web.to_file(own)
    own.with_suffix(".prj").unlink()
    before = own.read_bytes()
    report = build_own_layer(own, tmp_path / "a", registry)
    assert (report.rows, report.units) == (14, 10)
    told = report.changes.set_index("change")["number"].to_dict()
    assert told["codes taken from the column 'adcode'"] == 14
    assert told["codes written as six digits of text"] == 14
    assert told["no reference system stated: degrees taken for WGS 84"] == 10
    assert told["converted from GCJ-02 to WGS 84"] == 10
    assert told["polygons repaired"] == 1
    assert told["overlaps resolved"] >= 1
    assert told["rows left out: no polygon"] == 1
    assert any(change.startswith(("strips of up to", "enclosed gaps")) for change in told)
    assert report.unknown["code"].tolist() == ["360299", "710000", "810001"]
    assert "台湾省 (Taiwan)" in "\n".join(report.lines())
    assert own.read_bytes() == before
    opened = check_layer(read_layer(tmp_path / "a" / "counties.shp"), registry, "counties.shp").frame
    right = counties.set_index("code").geometry.loc[opened["code"]]
    common = shapely.area(shapely.intersection(opened.geometry.values, right.values))
    assert (common > 0.95 * shapely.area(shapely.union(opened.geometry.values, right.values))).all()
    build_own_layer(own, tmp_path / "b", registry)
    for path in report.files:
        assert filecmp.cmp(path, tmp_path / "b" / path.name, shallow=False)
    with pytest.raises(BoundaryError, match=r"holds counties\.cpg.* already. Name another folder with --to"):
        build_own_layer(own, tmp_path / "a", registry)


def test_a_code_of_another_year_takes_that_of_2020(counties: gpd.GeoDataFrame, tmp_path: Path) -> None:
    registry = registry_of("counties")
    fuyang = registry.shapes[registry.shapes["code"] == "330111"].assign(code="330183")
    fuyang.to_file(tmp_path / "own.gpkg")
    report = build_own_layer(tmp_path / "own.gpkg", tmp_path / "new", registry)
    assert report.changes["codes"].tolist() == ["330183>330111"]
    assert gpd.read_file(tmp_path / "new" / "counties.shp")["code"].tolist() == ["330111"]


def test_the_command_mends_a_layer_that_the_settings_then_take(
    counties: gpd.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "settings.toml"
    monkeypatch.setenv(sources.SETTINGS_VARIABLE, str(settings))
    own = tmp_path / "我的.gpkg"
    counties.set_geometry(shapely.buffer(counties.geometry.values, -0.0005), crs=4326).to_file(own)
    settings.write_text(f'[replace]\ncounties = "{own.as_posix()}"\n', encoding="utf-8")
    with pytest.raises(BoundaryError, match=r"narrow gaps.*shanhai build boundaries --from FILE"):
        load_layer("counties")
    assert cli.main(["build", "boundaries", "--from", str(own), "--to", str(tmp_path / "新")]) == 0
    advice = capsys.readouterr().out.split("Next, in .shanhai.toml:\n")[1]
    settings.write_text(advice, encoding="utf-8")
    layer = load_layer("counties")
    assert layer["code"].tolist() == sorted(counties["code"])
    assert "counties are absent" in layer_notes("counties")[0]
    assert len(shared_edges(layer)) == len(shared_edges(counties))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["registry", "--from", "x.shp"], "is an option of `shanhai build boundaries` only"),
        (["boundaries", "--to", "x"], "beside --from FILE of `shanhai build boundaries`"),
        (["boundaries", "--from", "nowhere.shp"], "there is no such file"),
        (["boundaries", "--from", str(paths.SHAPEFILES / "counties.shp"), "--to", str(paths.SHAPEFILES)], "already"),
    ],
)
def test_the_command_refuses_what_it_cannot_do(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["build", *arguments]) == 1
    assert message in capsys.readouterr().err


def test_no_message_sends_users_to_a_package_of_our_name() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths.LIBRARY.rglob("*.py")}
    assert [name for name, text in texts.items() if "install shanhai" in text] == []


def test_changes_are_a_table_of_one_form() -> None:
    frame = FAULTS["an overlap"][0]
    changes = clean_layer(frame).changes
    assert list(changes) == ["change", "number", "area_km2", "codes"]
    row = changes.iloc[0]
    assert row["codes"] == "a b"
    assert row["area_km2"] == pytest.approx(0.01 * 111.3 * 110.6, rel=0.01)
    assert isinstance(changes, pd.DataFrame)


def test_a_narrow_gap_is_closed_and_a_wide_one_is_land_of_another() -> None:
    around = shapely.difference(shapely.box(0, 0, 1, 1), shapely.box(0.2, 0.2, 0.4, 0.205))  # 0.005 degrees wide
    cleaned = clean_layer(layer(shapely.difference(around, shapely.box(0.6, 0.6, 0.8, 0.8)), BOX))
    row = cleaned.changes.set_index("change").loc["enclosed gaps closed"]
    assert (row["number"], row["codes"]) == (1, "a")
    assert row["area_km2"] == pytest.approx(0.2 * 0.005 * 111.3 * 110.6, rel=0.01)
    assert shapely.area(cleaned.frame.geometry.values).tolist() == pytest.approx([1 - 0.04, 1])


def test_a_layer_that_cannot_be_fitted_names_its_overlaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cleaning leaves as it was, whatever the reason."""
    boxes = [shapely.box(118, 28, 119.02, 29), shapely.box(119, 28, 120, 29), shapely.box(120, 28, 121, 29)]
    frame = gpd.GeoDataFrame({"code": ["330802", "330803", "330822"]}, geometry=boxes, crs=4326)
    monkeypatch.setattr(shapely, "coverage_clean", lambda shapes, gap_width: shapes)
    with pytest.raises(BoundaryError, match=r"330802 and 330803 \(2\d\d km²\).*shapely\.coverage_simplify"):
        clean_layer(frame)
