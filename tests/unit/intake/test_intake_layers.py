"""Layers and grids pass the door of a named file, and are then kept like tables."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from shanhai.core import sources
from shanhai.core.own_terrain import require_own_terrain
from shanhai.data import load_layer
from shanhai.data.terrain_table import bundled_terrain, counties_apart
from shanhai.run.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ningxia() -> gpd.GeoDataFrame:
    """The counties of the smallest province, as the project has them."""
    counties = load_layer("counties")
    return counties.loc[counties["code"].str.startswith("64"), ["code", "name_zh", "geometry"]].reset_index(drop=True)


def as_geopackage(layer: gpd.GeoDataFrame, folder: Path) -> Path:
    layer.to_file(folder / "a.gpkg", layer="counties")
    return folder / "a.gpkg"


def as_geojson(layer: gpd.GeoDataFrame, folder: Path) -> Path:
    layer.to_file(folder / "a.geojson")
    return folder / "a.geojson"


def as_archive(layer: gpd.GeoDataFrame, folder: Path) -> Path:
    (folder / "parts").mkdir()
    layer.to_file(folder / "parts" / "区县.shp", encoding="UTF-8")
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted((folder / "parts").iterdir()):
            archive.write(part, f"宁夏/{part.name}")
        archive.writestr("宁夏/说明.txt", "x")
        archive.writestr("__MACOSX/._区县.shp", "x")
    return folder / "a.zip"


@pytest.mark.parametrize("write", [as_geopackage, as_geojson, as_archive])
def test_a_layer_in_each_format_stands_for_ours_and_can_be_taken_back(
    write: Callable[[gpd.GeoDataFrame, Path], Path], ningxia: gpd.GeoDataFrame, tmp_path: Path, settings: Path
) -> None:
    path = write(ningxia, tmp_path)
    assert main(["data", "import", str(path), "--as", "boundaries", "--preview"]) == 0
    assert not sources.is_replaced("counties", "layer")
    assert main(["data", "import", str(path), "--as", "boundaries"]) == 0
    assert sources.is_replaced("counties", "layer") and not sources.is_replaced("counties", "table")
    found = load_layer("counties").set_index("code").geometry
    ours = ningxia.set_index("code").geometry
    assert set(found.index) == set(ours.index)
    assert found.loc[ours.index].geom_equals_exact(ours, 1e-6).all()
    assert main(["data", "undo"]) == 0
    assert len(load_layer("counties")) > 2000


def test_a_layer_that_does_not_pass_the_door_leaves_nothing(
    ningxia: gpd.GeoDataFrame, tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shrunk = ningxia.assign(geometry=ningxia.to_crs(32648).buffer(-50).to_crs(4326))
    assert main(["data", "import", str(as_geopackage(shrunk, tmp_path)), "--as", "boundaries"]) == 1
    assert "build boundaries" in capsys.readouterr().err
    assert [entry.name for entry in settings.iterdir()] == ["settings.toml"]


def test_a_grid_without_the_package_that_reads_it_names_the_command(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "rasterio", None)
    (tmp_path / "a.tif").write_bytes(b"II*\x00" + bytes(100))
    for kind in ("dem", "lights_grid"):
        assert main(["data", "import", str(tmp_path / "a.tif"), "--as", kind]) == 1
        assert "pip install" in capsys.readouterr().err
        assert [entry.name for entry in settings.iterdir()] == ["settings.toml"]


HEIGHTS = np.add.outer(np.linspace(1200, 1700, 300), np.linspace(0, 200, 300)).astype("float32")
"""Heights as those of Ningxia, low in the north."""


def write_heights(rasterio: Any, path: Path, heights: np.ndarray, **more: Any) -> None:
    """A model of Ningxia and its neighbours; the reader of grids is not installed everywhere."""
    grid = {"driver": "GTiff", "width": 300, "height": 300, "count": 1, "dtype": "float32", "crs": "EPSG:4326", **more}
    transform = rasterio.Affine(0.015, 0, 104, 0, -0.015, 39.6)
    with rasterio.open(path, "w", transform=transform, **grid) as raster:
        raster.write(heights.astype("float32"), 1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (HEIGHTS * 3.28084, "of the bundled table"),
        (HEIGHTS / 1000, "of the bundled table"),
        (np.where(np.arange(300) < 160, 0, HEIGHTS), "the same in all cells, in metres: 64"),
        (HEIGHTS * 0, "the same in all cells, in metres: "),
    ],
    ids=["feet", "kilometres", "zero for missing", "nothing"],
)
def test_heights_that_no_county_has_leave_nothing(
    wrong: np.ndarray, message: str, tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rasterio = pytest.importorskip("rasterio")
    pytest.importorskip("exactextract")
    write_heights(rasterio, tmp_path / "a.tif", wrong)
    assert main(["data", "import", str(tmp_path / "a.tif"), "--as", "dem"]) == 1
    assert message in capsys.readouterr().err
    assert [entry.name for entry in settings.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize("kind", ["dem", "lights_grid"])
@pytest.mark.parametrize(
    ("more", "beside", "what"),
    [
        ({"crs": None}, "<SRS>EPSG:4326</SRS>", "坐标参照系"),
        ({}, '<PAMRasterBand band="1"><NoDataValue>1234</NoDataValue></PAMRasterBand>', "缺失值"),
        ({}, '<PAMRasterBand band="1"><Scale>0.5</Scale></PAMRasterBand>', "缩放系数"),
    ],
)
def test_a_grid_that_needs_the_files_beside_it_is_not_copied_without_them(
    more: dict[str, Any],
    beside: str,
    what: str,
    kind: str,
    tmp_path: Path,
    settings: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rasterio = pytest.importorskip("rasterio")
    write_heights(rasterio, tmp_path / "a.tif", HEIGHTS, **more)
    (tmp_path / "a.tif.aux.xml").write_text(f"<PAMDataset>{beside}</PAMDataset>")
    assert main(["data", "import", str(tmp_path / "a.tif"), "--as", kind, "--language", "zh"]) == 1
    said = capsys.readouterr().err
    assert what in said and "不会一并导入" in said
    assert [entry.name for entry in settings.iterdir()] == ["settings.toml"]


def test_counties_whose_heights_differ_by_a_factor_of_two_are_found() -> None:
    bundled = bundled_terrain()
    assert counties_apart(bundled, bundled).empty
    hills = bundled[bundled["elevation_mean_m"].gt(300) & bundled["terrain_flags"].isna()]
    one = hills["code"].iloc[7]
    for factor, found in ((0.3, [one]), (0.6, []), (1.9, []), (2.5, [one])):
        means = bundled["elevation_mean_m"].where(bundled["code"].ne(one), bundled["elevation_mean_m"] * factor)
        assert list(counties_apart(bundled.assign(elevation_mean_m=means), bundled)["code"]) == found


def test_faults_of_a_layer_are_told_by_the_name_of_the_users_file(
    ningxia: gpd.GeoDataFrame, tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ningxia.to_file(tmp_path / "mine.gpkg", layer="a")
    ningxia.to_file(tmp_path / "mine.gpkg", layer="b")
    assert main(["data", "import", str(tmp_path / "mine.gpkg"), "--as", "boundaries"]) == 1
    said = capsys.readouterr().err
    assert "mine.gpkg has 2 layers" in said and "read_file('mine.gpkg'" in said and "counties.gpkg" not in said


def test_a_model_of_heights_comes_with_the_terrain_that_runs_read(tmp_path: Path, settings: Path) -> None:
    rasterio = pytest.importorskip("rasterio")
    pytest.importorskip("exactextract")
    write_heights(rasterio, tmp_path / "a.tif", HEIGHTS)
    assert main(["data", "import", str(tmp_path / "a.tif"), "--as", "dem"]) == 0
    assert sources.is_replaced("elevation", "grid") and sources.is_replaced("county_terrain")
    require_own_terrain()
    assert main(["data", "undo"]) == 0
    assert not sources.is_replaced("county_terrain")


@pytest.mark.parametrize("write", [as_geopackage, as_geojson, as_archive])
def test_fields_of_other_names_are_mapped_and_two_imports_give_the_same_bytes(
    write: Callable[[gpd.GeoDataFrame, Path], Path],
    ningxia: gpd.GeoDataFrame,
    tmp_path: Path,
    settings: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    layer = ningxia.rename(columns={"code": "县码", "name_zh": "NAME"}).assign(code="x")
    command = ["data", "import", str(write(layer, tmp_path)), "--as", "boundaries", "--map", "县码=code"]
    assert main([*command, "--map", "NAME=name_zh"]) == 0
    assert "'县码' -> code (as you say)" in capsys.readouterr().out
    assert set(load_layer("counties")["code"]) == set(ningxia["code"])
    first = {path.name: path.read_bytes() for path in (settings / "own" / "0001-boundaries").iterdir()}
    assert main(["data", "undo"]) == 0 and main([*command, "--map", "NAME=name_zh"]) == 0
    assert {path.name: path.read_bytes() for path in (settings / "own" / "0001-boundaries").iterdir()} == first


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ("cod=code", "has no field 'cod'; near: ['code']"),
        ("code=gdp", "allowed: -, code"),
        ("code=code:元", "code:元"),
    ],
)
def test_a_wish_for_a_field_that_is_not_there_leaves_nothing(
    wish: str,
    message: str,
    ningxia: gpd.GeoDataFrame,
    tmp_path: Path,
    settings: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["data", "import", str(as_geojson(ningxia, tmp_path)), "--as", "boundaries", "--map", wish]) == 1
    assert message in capsys.readouterr().err
    assert [entry.name for entry in settings.iterdir()] == ["settings.toml"]
