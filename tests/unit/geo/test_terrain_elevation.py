"""Reading elevation grids: edges, missing cells, the seam of the globe, and files that are refused."""

import builtins
import sys

import numpy as np
import pytest

from shanhai.core.errors import TerrainError
from shanhai.core.paths import ROOT
from shanhai.geo.terrain._elevation import decode_altitude, grid_from_array, read_altitude_h5, read_geotiff


def write_geotiff(path, heights, *, crs="EPSG:4326", corner=(118.0, 30.0), size=0.5, nodata=None, **extra):
    rasterio = pytest.importorskip("rasterio")
    transform = extra.pop("transform", rasterio.Affine(size, 0, corner[0], 0, -size, corner[1]))
    bands = np.atleast_3d(heights).transpose(2, 0, 1) if heights.ndim == 2 else heights
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=len(bands),
        height=bands.shape[1],
        width=bands.shape[2],
        dtype=bands.dtype,
        crs=crs,
        transform=transform,
        nodata=nodata,
        **extra,
    ) as raster:
        raster.write(bands)
    return path


def test_codes_become_metres_and_sea_becomes_missing():
    metres = decode_altitude(np.array([[0, 16, 130], [254, 255, 17]], dtype=np.uint8))
    assert metres == pytest.approx(np.array([[-450, -2, 3190], [6662, np.nan, 26]]), nan_ok=True)


def test_a_block_beyond_the_grid_is_missing_there():
    grid = grid_from_array(np.array([[1.0, 2], [3, 4]]), 100, 40, 1)
    block = grid.read(slice(-1, 3), slice(1, 3))
    assert block == pytest.approx(np.array([[np.nan] * 2, [2, np.nan], [4, np.nan], [np.nan] * 2]), nan_ok=True)


def test_a_global_grid_continues_on_its_other_side():
    grid = grid_from_array(np.tile(np.arange(36.0), (2, 1)), -180, 10, 10)
    assert grid.circles_the_globe
    assert grid.read(slice(0, 1), slice(-2, 3)).tolist() == [[34, 35, 0, 1, 2]]
    assert grid.read(slice(0, 1), slice(34, 38)).tolist() == [[34, 35, 0, 1]]


@pytest.mark.parametrize("height", [-32768.0, 9999.0])
def test_an_undeclared_missing_value_is_refused(height):
    grid = grid_from_array(np.array([[height]]), 100, 40, 1, source="my.tif")
    with pytest.raises(TerrainError, match=rf"my\.tif holds the height {height:g}.*gdal_edit"):
        grid.read(slice(0, 1), slice(0, 1))


@pytest.mark.parametrize(
    ("heights", "size", "message"),
    [
        (np.zeros(3), 1, r"shape \(3,\)"),
        (np.zeros((0, 3)), 1, r"shape \(0, 3\)"),
        (np.zeros((2, 2)), -1, "must be positive"),
        (np.zeros((2, 2)), (1.0, 0.0), "must be positive"),
    ],
)
def test_arrays_that_are_no_grid_are_refused(heights, size, message):
    with pytest.raises(TerrainError, match=message):
        grid_from_array(heights, 0, 0, size)


def test_an_unknown_reference_system_is_refused():
    with pytest.raises(TerrainError, match="no known reference system"):
        grid_from_array(np.zeros((2, 2)), 0, 0, 1, crs="EPSG:0")


def test_geotiff_is_read_in_blocks_with_missing_cells_and_scale(tmp_path):
    heights = np.array([[100, 200, -9999], [300, 400, 500]], dtype=np.int16)
    path = write_geotiff(tmp_path / "dem.tif", heights, nodata=-9999)
    grid = read_geotiff(path)
    assert (grid.west, grid.east, grid.north, grid.south) == (118.0, 119.5, 30.0, 29.0)
    assert grid.shape == (2, 3)
    assert not grid.missing_is_sea
    block = grid.read(slice(0, 2), slice(1, 4))
    assert block == pytest.approx(np.array([[200, np.nan, np.nan], [400, 500, np.nan]]), nan_ok=True)

    import rasterio

    with rasterio.open(path, "r+") as raster:
        raster.scales, raster.offsets = (0.5,), (10.0,)
    assert read_geotiff(path).read(slice(1, 2), slice(0, 2)).tolist() == [[160.0, 210.0]]


def test_geotiffs_without_usable_reference_are_refused(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    heights = np.zeros((2, 2), dtype=np.float32)
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        bare = write_geotiff(tmp_path / "bare.tif", heights, crs=None, transform=rasterio.Affine.identity())
    cases = {
        "no georeference": bare,
        "rotated or not north-up": write_geotiff(
            tmp_path / "turned.tif", heights, transform=rasterio.Affine(1, 0.5, 118, 0.5, -1, 30)
        ),
        "2 bands": write_geotiff(tmp_path / "bands.tif", np.zeros((2, 2, 2), dtype=np.float32)),
    }
    for message, path in cases.items():
        with pytest.raises(TerrainError, match=message):
            read_geotiff(path)
    upside_down = write_geotiff(tmp_path / "south.tif", heights, transform=rasterio.Affine(1, 0, 118, 0, 1, 28))
    with pytest.raises(TerrainError, match="not north-up"):
        read_geotiff(upside_down)


def test_files_that_do_not_exist_are_refused(tmp_path):
    pytest.importorskip("rasterio")
    with pytest.raises(TerrainError, match="cannot be opened"):
        read_geotiff(tmp_path / "none.tif")
    pytest.importorskip("h5py")
    with pytest.raises(TerrainError, match="does not exist"):
        read_altitude_h5(tmp_path / "none.h5")


def test_another_altitude_file_is_refused(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "other.h5", "w") as store:
        store["Altitude"] = np.zeros((3, 4), dtype=np.uint8)
    with pytest.raises(TerrainError, match=r"shape \(3, 4\)"):
        read_altitude_h5(tmp_path / "other.h5")


@pytest.mark.parametrize(
    ("reader", "package"), [(read_altitude_h5, "pvlib"), (lambda: read_geotiff("dem.tif"), "rasterio")]
)
def test_a_missing_build_package_names_the_next_step(monkeypatch, reader, package):
    pytest.importorskip("h5py")
    real = builtins.__import__

    def without(name, *rest, **options):
        if name.split(".")[0] == package:
            raise ImportError(f"No module named {package!r}", name=package)
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(TerrainError, match=f"'{package}'") as refused:
        reader()
    # No registry has the project: the command names this Python and this folder (it has been tried).
    assert f'`"{sys.executable}" -m pip install -e "{ROOT}[build]"`' in str(refused.value)
