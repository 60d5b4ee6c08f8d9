"""Where the terrain table is written: over the bundled one, or beside a user's own sources."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from shanhai.data import terrain_table
from shanhai.geo.elevation import grid_from_array
from shanhai.sources import SETTINGS_VARIABLE


@pytest.fixture
def own_sources(tmp_path, monkeypatch):
    """A settings file that names an elevation model of 100 m everywhere, and one county's polygon."""
    rasterio = pytest.importorskip("rasterio")
    with rasterio.open(
        tmp_path / "dem.tif",
        "w",
        driver="GTiff",
        count=1,
        height=100,
        width=100,
        dtype="float32",
        crs="EPSG:4326",
        transform=rasterio.Affine(0.01, 0, 118.5, 0, -0.01, 29.5),
    ) as raster:
        raster.write(np.full((1, 100, 100), 100, dtype="float32"))
    layer = gpd.GeoDataFrame({"code": ["330802"]}, geometry=[box(118.8, 28.8, 119.0, 29.0)], crs="EPSG:4326")
    layer.to_file(tmp_path / "mine.gpkg")
    settings = tmp_path / "settings.toml"
    settings.write_text('[replace]\nelevation = "dem.tif"\ncounties = "mine.gpkg"\n', encoding="utf-8")
    monkeypatch.setenv(SETTINGS_VARIABLE, str(settings))
    return tmp_path


def test_own_sources_give_an_own_table_beside_the_settings(own_sources):
    before = (terrain_table.DATA / "county_terrain.csv").read_bytes()
    lines = terrain_table.write_terrain_table()
    assert 'county_terrain = "county_terrain.csv" under [replace]' in lines[0]
    table = pd.read_csv(own_sources / "county_terrain.csv", dtype={"code": "str"})
    assert table["code"].tolist() == ["330802"]
    assert table.loc[0, ["elevation_mean_m", "relief_m", "slope_mean_deg", "ruggedness"]].tolist() == [100, 0, 0, 0]
    assert table.loc[0, "area_km2"] == pytest.approx(432, abs=2)
    assert (terrain_table.DATA / "county_terrain.csv").read_bytes() == before


def test_without_own_sources_the_bundled_table_and_registry_are_renewed(tmp_path, monkeypatch):
    empty = tmp_path / "settings.toml"
    empty.write_text("", encoding="utf-8")
    monkeypatch.setenv(SETTINGS_VARIABLE, str(empty))
    layer = gpd.GeoDataFrame({"code": ["330802"]}, geometry=[box(118.8, 28.8, 119.0, 29.0)], crs="EPSG:4326")
    flat = grid_from_array(np.full((10, 10), 50.0), 118, 30, 0.5)
    monkeypatch.setattr(terrain_table, "load_layer", lambda name: layer)
    monkeypatch.setattr(terrain_table, "read_altitude_h5", lambda: flat)
    monkeypatch.setattr(terrain_table, "build_registry", lambda: ["data/county_terrain.csv"])
    monkeypatch.setattr(terrain_table, "DATA", tmp_path)
    assert terrain_table.write_terrain_table() == [str(tmp_path / "county_terrain.csv"), "data/county_terrain.csv"]
    first = (tmp_path / "county_terrain.csv").read_bytes()
    terrain_table.write_terrain_table()
    assert (tmp_path / "county_terrain.csv").read_bytes() == first
    assert first.startswith(b"code,area_km2,elevation_mean_m,")
    assert b"\r" not in first
