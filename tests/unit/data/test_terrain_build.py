"""Where the terrain table is written: over the bundled one, or beside a user's own sources."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from shanhai.core.errors import SettingsError, ShanhaiError, TerrainError
from shanhai.core.own_terrain import require_own_terrain
from shanhai.core.sources import SETTINGS_VARIABLE
from shanhai.data import terrain_table
from shanhai.data.frames.panel import frame_inputs
from shanhai.data.load import load_layer, load_table
from shanhai.geo.terrain._elevation import grid_from_array
from shanhai.run.build import build
from shanhai.run.cli import main


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
    layer = load_layer("counties")
    layer[layer["code"].eq("330802")].to_file(tmp_path / "mine.gpkg")
    settings = tmp_path / "settings.toml"
    settings.write_text('[replace]\nelevation = "dem.tif"\ncounties = "mine.gpkg"\n', encoding="utf-8")
    monkeypatch.setenv(SETTINGS_VARIABLE, str(settings))
    return tmp_path


def test_own_sources_give_an_own_table_beside_the_settings(own_sources):
    before = (terrain_table.DATA / "county_terrain.csv").read_bytes()
    lines = terrain_table.write_terrain_table()
    assert lines[0] == "1 of 1 counties measured on dem.tif"
    assert 'county_terrain = "county_terrain.csv" under [replace]' in lines[-1]
    table = pd.read_csv(own_sources / "county_terrain.csv", dtype={"code": "str"})
    assert table["code"].tolist() == ["330802"]
    assert table.loc[0, ["elevation_mean_m", "relief_m", "slope_mean_deg", "ruggedness"]].tolist() == [100, 0, 0, 0]
    assert table.loc[0, "area_km2"] == pytest.approx(609, rel=0.02)  # Kecheng as its government states it
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


def test_the_largest_county_fits_the_dictionary_at_one_arc_second():
    """Ruoqiang (若羌) has about 200,000 km², at 39 degrees north 2.7e8 cells of 30.9 by 24 m."""
    limits = pd.read_csv(terrain_table.DATA / "dictionary.csv").set_index(["table", "column"])["maximum"]
    largest = load_table("county_terrain")["area_km2"].max()
    assert limits["county_terrain", "land_cells"] > largest * 1e6 / (30.9 * 24)


@pytest.mark.parametrize(("factor", "warned"), [(3.28084, True), (0.1, True), (1.0, False), (1.1, False)])
def test_heights_in_another_unit_are_warned_of(factor, warned):
    bundled = load_table("county_terrain")
    mine = bundled.assign(elevation_mean_m=bundled["elevation_mean_m"] * factor)
    assert (f" {factor:.3g} times" in terrain_table.common_factor(mine, bundled)) == warned
    assert not terrain_table.common_factor(mine.head(3), bundled)


@pytest.fixture
def own_grid(tmp_path, monkeypatch):
    """Settings that name an elevation model, read as 70 m over the west of two counties; needs no raster package."""
    (tmp_path / "dem.tif").write_bytes(b"heights of the west")
    settings = tmp_path / "settings.toml"
    settings.write_text('[replace]\nelevation = "dem.tif"\n', encoding="utf-8")
    monkeypatch.setenv(SETTINGS_VARIABLE, str(settings))
    squares = [box(x, 28.8, x + 0.2, 29.0) for x in (118.8, 121.0, 116.0)]
    layer = gpd.GeoDataFrame({"code": ["330802", "331081", "360102"]}, geometry=squares, crs="EPSG:4326")
    west = grid_from_array(np.full((20, 20), 70.0), 118, 30, 0.1, source="dem.tif")
    monkeypatch.setattr(terrain_table, "load_layer", lambda name: layer)
    monkeypatch.setattr(terrain_table, "read_geotiff", lambda path: west)
    return settings


def test_a_model_of_a_part_serves_for_that_part_and_a_run_reads_it(own_grid):
    with pytest.raises(SettingsError, match=r"still the project's own\. Run `shanhai build terrain`"):
        require_own_terrain()
    with pytest.raises(SettingsError, match="still the project's own"):
        load_table("county_terrain")
    first, second, third, grid, last = terrain_table.write_terrain_table()
    assert first == "1 of 3 counties measured on dem.tif"
    assert second == "1 not measured, less than half of each has heights (flag outside_grid): 331081"
    assert third == "1 not measured, all of their provinces (flag outside_grid): 360000"
    assert grid.startswith("slope_mean_deg, ruggedness and relief_m depend on the width of the grid's cells")
    line = last.split("write ")[1].split(" under")[0]  # what the command prints is what works
    own_grid.write_text(f'[replace]\nelevation = "dem.tif"\n{line}\n', encoding="utf-8")
    terrain = load_table("county_terrain").set_index("code")
    assert terrain["elevation_mean_m"].fillna(-1).to_dict() == {"330802": 70, "331081": -1, "360102": -1}
    assert terrain.loc["331081", "terrain_flags"] == "outside_grid"


def test_a_table_of_a_fine_model_is_read(own_grid, monkeypatch):
    """Cells of 3 arc-seconds (90 m) in steep synthetic terrain, in the table that a run then reads."""
    rows, columns = np.ogrid[:1200, :1200]
    fine = grid_from_array(500 + 480 * np.sin(rows / 5) * np.cos(columns / 7), 118.5, 29.5, 1 / 1200, source="dem.tif")
    monkeypatch.setattr(terrain_table, "read_geotiff", lambda path: fine)
    terrain_table.write_terrain_table()
    own_grid.write_text('[replace]\nelevation = "dem.tif"\ncounty_terrain = "county_terrain.csv"\n', encoding="utf-8")
    terrain = load_table("county_terrain").set_index("code")
    assert terrain.loc["330802", "land_cells"] == pytest.approx(57_600, rel=1e-6)  # 240 by 240
    assert 20 < terrain.loc["330802", "slope_mean_deg"] < 60


def test_a_table_of_another_model_is_refused_until_it_is_made_anew(own_grid):
    mine = own_grid.parent / "mine.csv"
    terrain_table.write_terrain_table(mine)
    own_grid.write_text('[replace]\nelevation = "dem.tif"\ncounty_terrain = "mine.csv"\n', encoding="utf-8")
    require_own_terrain()
    (own_grid.parent / "dem.tif").write_bytes(b"other heights")
    with pytest.raises(SettingsError, match=r"is mine\.csv and was not made from this file") as refused:
        require_own_terrain()
    assert f'--to "{mine}"' in str(refused.value)
    terrain_table.write_terrain_table(mine)
    require_own_terrain()
    mine.with_suffix(".made-from.json").unlink()
    with pytest.raises(SettingsError, match="was not made from this file"):
        require_own_terrain()
    own_grid.write_text('[replace]\ncounty_terrain = "mine.csv"\n', encoding="utf-8")
    require_own_terrain()  # a table of the user's own needs no model


@pytest.mark.parametrize("command", [["run", "01"], ["reproduce"]])
def test_no_run_passes_over_an_elevation_model(own_grid, command, tmp_path, capsys):
    assert main([*command, "--output", str(tmp_path / "out")]) == 1
    assert "Run `shanhai build terrain`" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_no_frame_kept_on_disk_passes_over_an_elevation_model(own_grid):
    with pytest.raises(SettingsError, match="Run `shanhai build terrain`"):
        frame_inputs()


def test_a_table_of_the_users_own_never_takes_the_place_of_ours(own_grid, tmp_path):
    places = {
        terrain_table.DATA / "county_terrain.csv": "lies in the project's own data/",
        tmp_path / "mine.txt": "does not end in .csv",
        tmp_path / "absent" / "mine.csv": "does not exist. Make it",
    }
    for place, message in places.items():
        with pytest.raises(TerrainError, match=message):
            terrain_table.write_terrain_table(place)
    with pytest.raises(ShanhaiError, match=r"--to mine\.csv is an option of `shanhai build terrain`"):
        build("registry", to=Path("mine.csv"))
