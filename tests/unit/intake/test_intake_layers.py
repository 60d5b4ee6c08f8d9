"""Layers and grids pass the door of a named file, and are then kept like tables."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from shanhai.core import sources
from shanhai.core.own_terrain import require_own_terrain
from shanhai.data import load_layer
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


def test_a_model_of_heights_comes_with_the_terrain_that_runs_read(tmp_path: Path, settings: Path) -> None:
    rasterio = pytest.importorskip("rasterio")
    pytest.importorskip("exactextract")
    heights = np.add.outer(np.linspace(3000, 1000, 300), np.linspace(0, 200, 300)).astype("float32")
    grid = {"driver": "GTiff", "width": 300, "height": 300, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    transform = rasterio.Affine(0.015, 0, 104, 0, -0.015, 39.6)
    with rasterio.open(tmp_path / "a.tif", "w", transform=transform, **grid) as raster:
        raster.write(heights, 1)
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
