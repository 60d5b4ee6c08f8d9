"""Strips of a raster along borders: which cells count, where they lie, and which rasters are refused."""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from pandas.testing import assert_frame_equal
from pyproj import Transformer
from simulated_lights import LINE, LightsTruth, country, simulate_lights

from shanhai.core.errors import RasterError
from shanhai.geo.crs import ELLIPSOID
from shanhai.geo.raster import Raster, open_geotiff, raster_from_array
from shanhai.geo.strips import border_strips

Country = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]


@pytest.fixture(scope="module")
def place() -> Country:
    return country()


@pytest.fixture(scope="module")
def raster() -> Raster:
    return simulate_lights(np.random.default_rng(1), LightsTruth())


def changed(raster: Raster, change: Callable[[np.ndarray], np.ndarray]) -> Raster:
    """A raster whose values are changed as they are read."""
    return replace(raster, read_block=lambda rows, columns: change(raster.read_block(rows, columns).copy()))


def test_distance_is_that_of_centres_on_the_ellipsoid(place: Country) -> None:
    """Values are the longitude of the cell; one row of cells at 30 degrees north is held against geodesics."""
    columns = np.arange(110.005, 114, 0.01)
    ramp = raster_from_array(np.broadcast_to(columns, (1200, len(columns))).copy(), 110.0, 36.0, 0.01)
    table = border_strips(ramp, *place, reach_km=60, strip_km=1.0).table
    row = table[table["latitude"].between(29.5, 30.5)]
    expected = [ELLIPSOID.inv(lon, lat, LINE, lat)[2] / 1000 for lon, lat in row[["longitude", "latitude"]].to_numpy()]
    assert row["distance_km"].to_numpy() == pytest.approx(expected, abs=0.05)
    assert (table["value"] - table["longitude"]).abs().max() < 1e-9
    east = table["longitude"] > LINE
    assert (table.loc[east, "province_code"] == "200000").all() and (table.loc[~east, "across"] == "200000").all()


def test_every_cell_within_reach_counts_once_in_blocks_of_any_size(
    place: Country, raster: Raster, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = border_strips(raster, *place).table
    asked: list[int] = []

    def watched(rows: slice, columns: slice) -> np.ndarray:
        block = raster.read_block(rows, columns)
        asked.append(block.size)
        return block

    monkeypatch.setattr("shanhai.geo.strips._BLOCK_CELLS", 2000)
    blocks = border_strips(replace(raster, read_block=watched), *place).table
    assert whole["cells"].tolist() == blocks["cells"].tolist()
    assert whole["value"].to_numpy() == pytest.approx(blocks["value"].to_numpy())
    assert max(asked) <= 2000 and len(asked) > 20  # memory does not grow with the raster


def test_a_projected_raster_gives_the_same_as_one_in_degrees(place: Country) -> None:
    """Cells of 2 km in UTM zone 49, whose values fall with the distance to 112 degrees east."""
    crs, size = "EPSG:32649", 2000.0
    west, north, shape = 300_000.0, 3_990_000.0, (670, 230)
    x, y = np.meshgrid(west + (np.arange(shape[1]) + 0.5) * size, north - (np.arange(shape[0]) + 0.5) * size)
    lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform(x, y)
    km = np.asarray(ELLIPSOID.inv(lon, lat, np.full_like(lon, LINE), lat)[2]) / 1000
    table = border_strips(raster_from_array(km, west, north, size, crs=crs), *place, reach_km=60).table
    assert table["segment"].nunique() >= 10
    assert table["value"].to_numpy() == pytest.approx(table["distance_km"].to_numpy(), abs=0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: np.where(v < 3, -9999.0, v), "holds the value -9999; allowed: zero or above.*gdal_edit -a_nodata"),
        (lambda v: np.where(v < 3, -0.1, v), "holds the value -0.1; .* set noise of a dark background below zero to"),
        (lambda v: np.log(np.maximum(v, 0.5) / 10), "holds the value -.*turn logarithms back into light"),
        (lambda v: np.where(v < 3, np.inf, v), "holds the value inf"),
        (lambda v: np.where(v < 3, np.finfo(np.float32).max, v), "holds the value 3.40282e"),
        (lambda v: np.where(v < 5, 255.0, v), r"% of the cells .* the value 255.*gdal_edit -a_nodata 255"),
        (lambda v: np.where(v < 5, 9999.0, v), "the value 9999,"),
        (lambda v: np.where(v < 5, 32767.0, v), "the value 32767,"),
        (lambda v: np.where(v < 5, np.float32(2**31 - 1), v), "the value 2147483648,"),
        (lambda v: v * 0, "no value above zero"),
        (lambda v: v * np.nan, "holds both sides of none"),
    ],
)
def test_wrong_values_are_refused(
    place: Country, raster: Raster, change: Callable[[np.ndarray], np.ndarray], message: str
) -> None:
    with pytest.raises(RasterError, match=message):
        border_strips(changed(raster, change), *place)


def test_missing_values_are_looked_for_near_the_line_on_each_side(place: Country, raster: Raster) -> None:
    """Some 20 of 120,000 cells, all of them east of the line and within 20 km of it."""

    def marked(rows: slice, columns: slice) -> np.ndarray:
        values = raster.read_block(rows, columns).copy()
        values[np.ix_(np.arange(rows.start, rows.stop) % 29 == 0, np.arange(columns.start, columns.stop) == 102)] = 255
        return values

    with pytest.raises(RasterError, match=r"near the border on one side have the value 255,"):
        border_strips(replace(raster, read_block=marked), *place)
    # a count of people may be 255 where others are larger
    larger = changed(raster, lambda v: np.where(v < 5, 255.0, 300.0))
    assert border_strips(larger, *place).table["value"].gt(250).all()


def test_cells_that_the_line_may_cut_are_left_out(place: Country, raster: Raster) -> None:
    strips = border_strips(raster, *place)
    south = [ELLIPSOID.inv(LINE, 24, LINE + 0.02, 24.02)[2], ELLIPSOID.inv(LINE, 24, LINE, 24.02)[2]]
    assert strips.donut_km == pytest.approx(south[0] / 2000, rel=1e-3)  # cells are widest in the south
    assert strips.strip_km == pytest.approx(south[1] / 1000, rel=1e-2)
    assert strips.table["distance_km"].min() > strips.donut_km
    assert strips.table["strip"].min() == 0


def test_a_reference_system_without_places_on_the_earth_is_refused(place: Country) -> None:
    local = 'LOCAL_CS["site",UNIT["metre",1]]'
    with pytest.raises(RasterError, match=r"'site', whose places have no longitude and latitude.*gdal_edit -a_srs"):
        border_strips(raster_from_array(np.ones((600, 200)), 110.0, 36.0, 0.02, crs=local), *place)
    with pytest.raises(RasterError, match="complex numbers"):
        raster_from_array(np.ones((2, 2), dtype=complex), 110.0, 36.0, 0.02)


def test_a_raster_that_ends_at_the_line_or_lies_elsewhere_is_refused(place: Country) -> None:
    west = raster_from_array(np.ones((600, 100)), 110.0, 36.0, 0.02, source="west.tif")
    with pytest.raises(RasterError, match=r"west\.tif spans 110 to 112 .* holds both sides of none of the 13 segments"):
        border_strips(west, *place)
    with pytest.raises(RasterError, match="holds both sides of none"):
        border_strips(raster_from_array(np.ones((50, 50)), 20.0, 40.0, 0.02), *place)
    half = raster_from_array(np.ones((300, 200)), 110.0, 36.0, 0.02)
    strips = border_strips(half, *place)
    assert 4 <= strips.table["segment"].nunique() <= 6
    assert len(strips.left_out) + strips.table["segment"].nunique() == 13


def test_cells_too_coarse_or_too_many_are_refused(place: Country) -> None:
    with pytest.raises(RasterError, match=r"cells of array are 5\.5 km wide; allowed: up to 2\.5 km"):
        border_strips(raster_from_array(np.ones((240, 80)), 110.0, 36.0, 0.05), *place)
    huge = replace(raster_from_array(np.ones((2, 2)), 110.0, 36.0, 0.0001), shape=(120_000, 40_000))
    with pytest.raises(RasterError, match=r"4,800,000,000 cells; allowed: 400,000,000"):
        border_strips(huge, *place)


def test_a_geotiff_is_read_as_its_array(place: Country, raster: Raster, tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio")
    rows, columns = raster.shape
    values = raster.read_block(slice(0, rows), slice(0, columns))
    file = tmp_path / "lights.tif"
    transform = rasterio.Affine(raster.cell_width, 0, raster.west, 0, -raster.cell_height, raster.north)
    profile = {"driver": "GTiff", "height": rows, "width": columns, "count": 1, "dtype": "float64", "nodata": -1.0}
    with rasterio.open(file, "w", crs="EPSG:4326", transform=transform, **profile) as out:
        out.write(values, 1)
    ours, theirs = border_strips(raster, *place).table, border_strips(open_geotiff(file), *place).table
    assert theirs["cells"].tolist() == ours["cells"].tolist()
    assert theirs["value"].to_numpy() == pytest.approx(ours["value"].to_numpy())


def test_zero_declared_missing_is_refused_whatever_the_scale(place: Country, tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio")
    profile = {"driver": "GTiff", "height": 600, "width": 200, "count": 1, "crs": "EPSG:4326", "dtype": "float32"}
    profile["transform"] = rasterio.Affine(0.02, 0, 110, 0, -0.02, 36)
    values = np.random.default_rng(1).uniform(1, 9, (1, 600, 200)).astype("float32")
    # 4 stands for no light where the file states an offset of -4
    for name, nodata, offset in (("zero.tif", 0, 0.0), ("shifted.tif", 4, -4.0)):
        with rasterio.open(tmp_path / name, "w", nodata=nodata, **profile) as out:
            out.write(values)
            out.offsets = (offset,)
        with pytest.raises(RasterError, match=rf"{name} declares 0 as its missing value.*gdal_edit -unsetnodata"):
            border_strips(open_geotiff(tmp_path / name), *place)


def test_a_reference_system_with_heights_is_read_by_its_places(place: Country, raster: Raster, tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio")
    rows, columns = raster.shape
    profile = {"driver": "GTiff", "height": rows, "width": columns, "count": 1, "dtype": "float64"}
    profile["transform"] = rasterio.Affine(raster.cell_width, 0, raster.west, 0, -raster.cell_height, raster.north)
    file = tmp_path / "heights.tif"
    with rasterio.open(file, "w", crs="EPSG:4326+5773", **profile) as out:
        out.write(raster.read_block(slice(0, rows), slice(0, columns)), 1)
    opened = open_geotiff(file)
    assert opened.crs.to_epsg() == 4326 and not opened.crs.is_compound
    assert_frame_equal(border_strips(opened, *place).table, border_strips(raster, *place).table)


def test_a_file_that_is_cut_off_or_complex_is_refused(place: Country, tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio")
    whole, cut, odd = (tmp_path / name for name in ("whole.tif", "cut.tif", "odd.tif"))
    profile = {"driver": "GTiff", "height": 600, "width": 200, "count": 1, "crs": "EPSG:4326"}
    profile["transform"] = rasterio.Affine(0.02, 0, 110, 0, -0.02, 36)
    for file, kind in ((whole, "float32"), (odd, "complex64")):
        with rasterio.open(file, "w", dtype=kind, **profile) as out:
            out.write(np.ones((1, 600, 200), dtype=kind))
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(RasterError, match=r"cut\.tif cannot be read in rows .* cut off"):
        border_strips(open_geotiff(cut), *place)
    with pytest.raises(RasterError, match=r"odd\.tif holds complex numbers"):
        open_geotiff(odd)


def test_a_file_without_georeference_is_refused_and_told_what_is_missing(tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio")
    placed = {"transform": rasterio.Affine(0.02, 0, 110, 0, -0.02, 36)}
    known = {"crs": "EPSG:4326"}
    for given, missing in (
        ({}, r"reference system, place of its corner\)"),
        (known, r"place of its corner\)"),
        (placed, r"reference system\)"),
    ):
        file = tmp_path / f"bare{len(given)}{'crs' in given}.tif"
        profile = {"driver": "GTiff", "height": 2, "width": 2, "count": 1, "dtype": "float32", **given}
        warned = nullcontext() if given == placed else pytest.warns(rasterio.errors.NotGeoreferencedWarning)
        with warned, rasterio.open(file, "w", **profile) as out:
            out.write(np.ones((1, 2, 2), dtype="float32"))
        with pytest.raises(RasterError, match=rf"no georeference \(missing: {missing}"):
            open_geotiff(file)


def test_reading_a_geotiff_names_the_package_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(RasterError, match=r"needs the package 'rasterio'\. Install what building needs"):
        open_geotiff("lights.tif")
