"""Elevation grids: the global one that the terrain table is made from, and a user's own GeoTIFF.

The bundled table comes from ``Altitude.h5`` of pvlib (BSD-3-Clause), a world grid of 5 arc-minutes that its authors
resampled from the open Mapzen terrain tiles (in Asia: SRTM, GMTED2010 and ETOPO1, courtesy of the U.S. Geological
Survey and NOAA). One cell is 9.3 km by 8 km at 30 degrees north; heights come in steps of 28 m (rounded to the nearest,
so 14 m off at most) and are those of about 75 km2 of land together: the cell of Lhasa, a valley town at 3,650 m, has
4,086 m.
Row 0, column 0 is the cell *inside* 90 N, 180 W: islands of the grid have their true centroids to a tenth of a cell.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from shanhai.core.errors import TerrainError
from shanhai.core.paths import INSTALL_BUILD
from shanhai.geo.raster import Floats, Raster, open_geotiff, reference_system

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Range of heights on land; values beyond it are an undeclared missing value or another unit."""

ALTITUDE_STEP_M, ALTITUDE_BASE_M, ALTITUDE_SEA = 28, -450, 255
"""Coding of ``Altitude.h5``: metres = 28 x value - 450; 255 marks the sea."""


@dataclass(frozen=True)
class ElevationGrid(Raster):
    """A raster of heights in metres; the first cell spans ``west .. west + cell_width`` and ``north - cell_height ..
    north``."""

    missing_is_sea: bool
    """Whether a cell without height is sea, whose surface at 0 m then counts as a neighbour in slope and ruggedness."""

    @property
    def in_degrees(self) -> bool:
        """Whether cells are edged by meridians and parallels counted in degrees from Greenwich."""
        meridian = self.crs.prime_meridian
        degrees = all(axis.unit_name == "degree" for axis in self.crs.axis_info[:2])
        return self.crs.is_geographic and degrees and (meridian is None or meridian.longitude == 0)

    @property
    def circles_the_globe(self) -> bool:
        """Whether the last column is the western neighbour of the first."""
        return self.in_degrees and abs(self.east - self.west - 360) < self.cell_width / 2

    def read(self, rows: slice, columns: slice) -> Floats:
        """Heights of a block that may reach beyond the grid: NaN there, or the other side of the globe.

        Raises
        ------
        TerrainError
            If a height is outside -500 to 9,000 m.
        """
        wanted = np.arange(columns.start, columns.stop)
        inside_rows = slice(max(rows.start, 0), min(rows.stop, self.shape[0]))
        block = np.full((rows.stop - rows.start, len(wanted)), np.nan)
        target = block[inside_rows.start - rows.start : inside_rows.stop - rows.start]
        source_columns = wanted % self.shape[1] if self.circles_the_globe else wanted
        there = np.flatnonzero((source_columns >= 0) & (source_columns < self.shape[1]))
        for run in np.split(there, np.flatnonzero(np.diff(source_columns[there]) != 1) + 1):
            if len(run):
                first = int(source_columns[run[0]])
                target[:, run[0] : run[-1] + 1] = self.read_block(inside_rows, slice(first, first + len(run)))
        self._check_heights(block)
        return block

    def _check_heights(self, block: Floats) -> None:
        wrong = block[(block < LOWEST_M) | (block > HIGHEST_M)]
        if wrong.size:
            raise TerrainError(
                f"{self.source} holds the height {wrong[0]:g}; heights must be metres from {LOWEST_M:g} to"
                f" {HIGHEST_M:g}. Declare the missing value of the file (gdal_edit -a_nodata), or convert it to metres."
            )


def grid_from_array(
    heights: Floats,
    west: float,
    north: float,
    cell_size: float | tuple[float, float],
    *,
    crs: str | CRS = "EPSG:4326",
    missing_is_sea: bool = False,
    source: str = "array of heights",
) -> ElevationGrid:
    """Grid of an array in memory.

    Parameters
    ----------
    heights : metres, shape (rows, columns), the northernmost row first, NaN where there is no land.
    west, north : outer edges of the first cell, in units of ``crs``.
    cell_size : width and height of a cell, one number if they are equal, in units of ``crs``.
    crs : coordinate reference system of the grid.
    missing_is_sea : whether a cell without height is sea at 0 m for its neighbours.
    source : name of the grid in messages.

    Raises
    ------
    TerrainError
        If the array has not two dimensions, or the cells no positive size.
    """
    array = np.asarray(heights, dtype=np.float64)
    width, height = cell_size if isinstance(cell_size, tuple) else (cell_size, cell_size)
    if array.ndim != 2 or array.size == 0:
        raise TerrainError(f"{source} has the shape {array.shape}; heights need rows and columns. Pass a 2-D array.")
    if not (width > 0 and height > 0):
        raise TerrainError(f"{source} has cells of {width} by {height}; both must be positive. Store the north first.")
    return ElevationGrid(
        west,
        north,
        width,
        height,
        array.shape,
        reference_system(crs, source, TerrainError),
        source,
        lambda rows, columns: array[rows, columns],
        missing_is_sea,
    )


def read_altitude_h5(path: Path | None = None) -> ElevationGrid:
    """The global 5-arc-minute grid that the installed pvlib carries (or an ``Altitude.h5`` named by path).

    Raises
    ------
    TerrainError
        If pvlib or h5py is not installed, or the file is not the grid expected.
    """
    try:
        import h5py

        if path is None:
            import pvlib
    except ImportError as error:
        raise TerrainError(
            f"The altitude grid needs the package {error.name!r}, which only building terrain uses."
            f" Install it with `{INSTALL_BUILD}`, or name your own GeoTIFF as `elevation` under [replace]."
        ) from error
    file = path if path is not None else Path(pvlib.__file__).parent / "data" / "Altitude.h5"
    if not file.is_file():
        raise TerrainError(f"{file} does not exist. Install pvlib 0.11 or newer, or pass the path of Altitude.h5.")
    with h5py.File(file) as store:
        coded = store["Altitude"][:] if "Altitude" in store else np.empty(0, dtype=np.uint8)
    if coded.shape != (2160, 4320):
        raise TerrainError(
            f"{file.name} holds an `Altitude` of shape {coded.shape}; the grid known here is (2160, 4320)."
        )
    return grid_from_array(
        decode_altitude(coded), -180, 90, 1 / 12, missing_is_sea=True, source="the altitude grid of pvlib"
    )


def decode_altitude(coded: NDArray[np.uint8]) -> Floats:
    """Metres from the one-byte codes of ``Altitude.h5``; NaN at sea."""
    metres = coded.astype(np.float64) * ALTITUDE_STEP_M + ALTITUDE_BASE_M
    return np.where(coded == ALTITUDE_SEA, np.nan, metres)


def read_geotiff(path: str | Path, *, missing_is_sea: bool = False) -> ElevationGrid:
    """A user's own elevation model; blocks are read from the file as they are needed.

    Parameters
    ----------
    path : GeoTIFF with one band of heights in metres, north up, in any coordinate reference system.
    missing_is_sea : whether missing cells are sea at 0 m for their neighbours; False if they are just not covered.

    Raises
    ------
    TerrainError
        If rasterio is not installed, or the file cannot be opened, has no georeference, is rotated, or has more than
        one band.
    """
    raster = open_geotiff(path, TerrainError)
    edges = raster.west, raster.north, raster.cell_width, raster.cell_height
    return ElevationGrid(*edges, raster.shape, raster.crs, raster.source, raster.read_block, missing_is_sea)
