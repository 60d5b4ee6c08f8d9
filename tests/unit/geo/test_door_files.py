"""Only three formats are ever opened, whatever a file is called; and the one layer with shapes is chosen."""

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from shanhai.core.errors import BoundaryError
from shanhai.data.load import load_registry
from shanhai.geo.door import check_layer, read_layer

SQUARES = gpd.GeoDataFrame(
    {"code": ["330802", "330803"], "name_zh": ["柯城区", "衢江区"]},
    geometry=[shapely.box(118, 28, 119, 29), shapely.box(119, 28, 120, 29)],
    crs=4326,
)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that no other file may make us read."""
    path = tmp_path / "secret.gpkg"
    SQUARES.to_file(path, layer="secret")
    return path


@pytest.fixture
def address() -> Iterator[tuple[str, list[str]]]:
    """An address of this machine, and what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815 (the name the server looks for)

        def log_message(self, *parts: object) -> None:
            """Nothing on standard error."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


VIRTUAL = (
    '<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer>'
    "</OGRVRTDataSource>"
)

DISGUISES = {
    "a virtual dataset": VIRTUAL,
    "a pipeline": '{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {source}"}}',
    "GML": '<?xml version="1.0"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml"/>',
    "KML": '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>',
    "a table": "code,WKT\n330802,POINT (1 1)\n",
    "TopoJSON": '{{"type": "Topology", "objects": {{}}, "arcs": []}}',
    "an address": "{source}",
    "a database": "PG:dbname=secret host={source}",
    "one shape": '{{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}',
    "a list": "[1, 2]",
    "half a file": '{{"type": "FeatureCollection", "features": [',
    "nothing": "",
}


@pytest.mark.parametrize("ending", [".geojson", ".shp", ".gpkg"])
@pytest.mark.parametrize("disguise", DISGUISES)
def test_another_format_under_our_endings_is_never_opened(
    tmp_path: Path, secret: Path, disguise: str, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"own{ending}"
    path.write_text(DISGUISES[disguise].format(source=secret), encoding="utf-8")
    for opener in ("read_info", "list_layers", "read_dataframe"):
        monkeypatch.setattr(pyogrio, opener, lambda *parts, **options: pytest.fail("GDAL has seen the file"))
    monkeypatch.setattr(gpd, "read_file", lambda *parts, **options: pytest.fail("GDAL has seen the file"))
    with pytest.raises(BoundaryError, match=r"own.* cannot be read as layer 'counties'.*Save the layer anew"):
        read_layer(path)


@pytest.mark.parametrize("disguise", ["a virtual dataset", "an address"])
@pytest.mark.parametrize("ending", [".geojson", ".shp", ".gpkg"])
def test_no_address_is_asked(tmp_path: Path, address: tuple[str, list[str]], disguise: str, ending: str) -> None:
    url, asked = address
    (tmp_path / f"own{ending}").write_text(DISGUISES[disguise].format(source=f"{url}/x.geojson"), encoding="utf-8")
    with pytest.raises(BoundaryError):
        read_layer(tmp_path / f"own{ending}")
    assert asked == []


def geojson(path: Path, **members: object) -> Path:
    document = json.loads(SQUARES.to_json(drop_id=True, to_wgs84=True))
    document.pop("crs", None)
    path.write_text(json.dumps({**document, **members}), encoding="utf-8")
    return path


def test_a_reference_system_behind_a_link_is_not_fetched(tmp_path: Path, address: tuple[str, list[str]]) -> None:
    url, asked = address
    for kind in ("link", "url"):
        crs = {"type": kind, "properties": {"href": f"{url}/crs", "url": f"{url}/crs", "type": "proj4"}}
        with pytest.raises(BoundaryError, match=r"names its reference system as .*links are never followed"):
            read_layer(geojson(tmp_path / "own.geojson", crs=crs))
    assert asked == []


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:EPSG::4490", "EPSG:4490", "urn:ogc:def:crs:OGC:1.3:CRS84"])
def test_a_reference_system_with_a_name_is_taken(tmp_path: Path, name: str) -> None:
    frame = read_layer(geojson(tmp_path / "own.geojson", crs={"type": "name", "properties": {"name": name}}))
    assert frame.crs.to_epsg() == (4490 if "4490" in name else 4326)
    assert frame["code"].tolist() == ["330802", "330803"]


@pytest.mark.parametrize("coordinates", [[[[0, 0], [1, 1]]], [[["a", 0], [1, 1], [1, 0], ["a", 0]]], [[[]]], {}])
def test_a_shape_that_is_none_is_named(tmp_path: Path, coordinates: object) -> None:
    feature = {"type": "Feature", "properties": {"code": "330802"},
               "geometry": {"type": "Polygon", "coordinates": coordinates}}  # fmt: skip
    with pytest.raises(BoundaryError, match="the shape of feature 1 is no GeoJSON geometry"):
        read_layer(geojson(tmp_path / "own.geojson", features=[feature]))


def test_geojson_in_another_encoding_says_so(tmp_path: Path) -> None:
    path = geojson(tmp_path / "own.geojson")
    path.write_bytes(json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False).encode("gbk"))
    with pytest.raises(BoundaryError, match=r"is not in UTF-8.*Save it in UTF-8"):
        read_layer(path)
    path.write_bytes(path.read_bytes().decode("gbk").encode("utf-8-sig"))
    assert read_layer(path)["name_zh"].tolist() == ["柯城区", "衢江区"]


def test_a_geopackage_with_a_table_of_attributes_gives_its_one_layer(tmp_path: Path) -> None:
    path = tmp_path / "own.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"code": ["1"]}), path, layer="a table")
    SQUARES.to_file(path, layer="polygons")
    SQUARES.set_geometry(SQUARES.boundary).to_file(path, layer="outlines")
    assert read_layer(path)["code"].tolist() == ["330802", "330803"]
    assert set(read_layer(path, "provincial_borders").geom_type) == {"LineString"}


def test_several_layers_are_named_and_the_advice_leads_to_one(tmp_path: Path) -> None:
    path = tmp_path / "two.gpkg"
    SQUARES.to_file(path, layer="of 2010")
    SQUARES.to_file(path, layer="of 2020")
    with pytest.raises(
        BoundaryError, match=r"has 2 layers of Polygon shapes.*of 2010 \(Polygon\), of 2020 \(Polygon\)"
    ):
        read_layer(path)
    gpd.read_file(path, layer="of 2020").to_file(tmp_path / "own.gpkg")
    assert len(read_layer(tmp_path / "own.gpkg")) == 2


def test_a_geopackage_without_shapes_is_refused(tmp_path: Path) -> None:
    pyogrio.write_dataframe(pd.DataFrame({"code": ["1"]}), tmp_path / "own.gpkg", layer="a table")
    with pytest.raises(BoundaryError, match=r"has 0 layers of Polygon shapes.*a table \(no shapes\)"):
        read_layer(tmp_path / "own.gpkg")


def test_a_geopackage_with_a_virtual_table_is_refused(secret: Path) -> None:
    with closing(sqlite3.connect(secret)) as base, base:
        base.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
    with pytest.raises(BoundaryError, match=r"virtual tables, which read other files: \['words"):
        read_layer(secret)


@pytest.mark.parametrize("ending", [".shx", ".dbf", ".prj"])
def test_a_shapefile_without_one_of_its_parts_says_what_it_needs(tmp_path: Path, ending: str) -> None:
    SQUARES.to_file(tmp_path / "own.shp")
    (tmp_path / f"own{ending}").unlink()
    with pytest.raises(BoundaryError, match=r"\.dbf|\.prj|needs 'code'"):
        check_layer(read_layer(tmp_path / "own.shp"), load_registry("counties"), "own.shp")


def test_a_shapefile_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    SQUARES.to_file(tmp_path / "own.shp")
    whole = (tmp_path / "own.shp").read_bytes()
    (tmp_path / "own.shp").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BoundaryError, match=r"own\.shp"):
        check_layer(read_layer(tmp_path / "own.shp"), load_registry("counties"), "own.shp")


def test_attributes_in_another_encoding_than_stated(tmp_path: Path) -> None:
    SQUARES.to_file(tmp_path / "own.shp", encoding="GBK")
    (tmp_path / "own.cpg").write_text("UTF-8", encoding="ascii")
    with pytest.raises(BoundaryError, match=r"not in the encoding that the file states.*\.cpg"):
        read_layer(tmp_path / "own.shp")
    (tmp_path / "own.cpg").write_text("GBK", encoding="ascii")  # the advice
    assert read_layer(tmp_path / "own.shp")["name_zh"].tolist() == ["柯城区", "衢江区"]


def test_names_of_files_are_taken_literally(tmp_path: Path) -> None:
    SQUARES.to_file(tmp_path / "plain.gpkg")
    for name in ("my[2021].gpkg", "UP.GPKG", "a b 山海.gpkg", "vsicurl%2F.gpkg"):
        shutil.copy(tmp_path / "plain.gpkg", tmp_path / name)
        assert len(read_layer(tmp_path / name)) == 2
