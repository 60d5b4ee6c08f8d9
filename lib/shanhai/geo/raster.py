"""North-up rasters of one band, of which only the blocks that are asked for are read."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from shanhai.core.errors import RasterError, ShanhaiError
from shanhai.core.paths import INSTALL_BUILD

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Raster:
    """Values on a north-up grid; cells are areas."""

    west: float
    """Western edge of the first column, in units of ``crs``."""
    north: float
    """Northern edge of the first row, in units of ``crs``."""
    cell_width: float
    cell_height: float
    shape: tuple[int, int]
    """Rows and columns."""
    crs: CRS
    source: str
    """What messages call the raster."""
    read_block: Callable[[slice, slice], Floats]
    """Values of the rows and columns asked for, NaN where there is none."""
    nodata: float | None = field(default=None, kw_only=True)
    """Value that the file declares as missing, in the unit of ``read_block``; None if it declares none."""

    @property
    def east(self) -> float:
        """Eastern edge of the last column."""
        return self.west + self.shape[1] * self.cell_width

    @property
    def south(self) -> float:
        """Southern edge of the last row."""
        return self.north - self.shape[0] * self.cell_height


def raster_from_array(
    values: Floats,
    west: float,
    north: float,
    cell_size: float,
    *,
    crs: str | CRS = "EPSG:4326",
    source: str = "array",
) -> Raster:
    """Raster of an array in memory.

    Parameters
    ----------
    values : array, shape (rows, columns)
        The northernmost row first, NaN where there is no value.
    west, north : float
        Outer edges of the first cell, in units of ``crs``.
    cell_size : float
        Width and height of a cell, in units of ``crs``.
    crs : str or CRS
    source : str
        Name in messages.

    Raises
    ------
    RasterError
        If the array has not two dimensions or is complex, the cells have no positive size, or the reference system is
        unknown.
    """
    if np.iscomplexobj(values):
        raise RasterError(f"{source} holds complex numbers; allowed: real ones. Take their part that is light.")
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or array.size == 0 or not cell_size > 0:
        raise RasterError(
            f"{source} has the shape {array.shape} and cells of {cell_size}; allowed: rows and columns, and cells of "
            "positive size. Pass a 2-D array, the north first."
        )
    system = reference_system(crs, source, RasterError)
    return Raster(west, north, cell_size, cell_size, array.shape, system, source, lambda rows, cols: array[rows, cols])


def open_geotiff(path: str | Path, error: type[ShanhaiError] = RasterError) -> Raster:
    """A user's own GeoTIFF; blocks are read from the file as they are needed.

    Parameters
    ----------
    path : str or Path
        GeoTIFF with one band, north up, in any coordinate reference system.
    error : type
        Error to raise.

    Raises
    ------
    The given error
        If rasterio is not installed, or the file cannot be opened, has no georeference, is rotated, has more than
        one band or complex numbers. Reading a block raises it too, if the file ends before the block does.
    """
    try:
        import rasterio
        from rasterio.errors import NotGeoreferencedWarning, RasterioIOError
    except ImportError as missing:
        raise error(
            f"Reading a GeoTIFF needs the package 'rasterio'. Install what building needs: `{INSTALL_BUILD}`."
        ) from missing
    file = Path(path)
    try:
        # rasterio warns of a file without georeference; it is refused below
        with warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning), rasterio.open(file) as raster:
            transform, crs, bands, shape = raster.transform, raster.crs, raster.count, raster.shape
            kind, nodata = raster.dtypes[0], raster.nodata
            if nodata is not None:
                nodata = nodata * raster.scales[0] + raster.offsets[0]
    except RasterioIOError as unreadable:
        raise error(
            f"{file} cannot be opened as a raster: {str(unreadable).rstrip('.')}. Name an existing GeoTIFF."
        ) from unreadable
    absent = [
        name
        for name, missing in (("reference system", crs is None), ("place of its corner", transform.is_identity))
        if missing
    ]
    if absent:
        raise error(
            f"{file.name} has no georeference (missing: {', '.join(absent)}); allowed: a reference system, and where"
            " the corner and the cells lie in it. Add them with `gdal_edit -a_srs ... -a_ullr ...`."
        )
    if transform.b or transform.d or transform.a <= 0 or transform.e >= 0:
        raise error(f"{file.name} is rotated or not north-up. Turn it with `gdalwarp {file.name} turned.tif`.")
    if bands != 1:
        raise error(f"{file.name} has {bands} bands; exactly one is needed. Extract it with `gdal_translate -b`.")
    if "complex" in kind:
        raise error(f"{file.name} holds complex numbers ({kind}); allowed: real ones. Write the part that is light.")
    return Raster(
        transform.c,
        transform.f,
        transform.a,
        -transform.e,
        shape,
        reference_system(crs.to_wkt(), file.name, error),
        file.name,
        partial(_read_block, file, error),
        nodata=nodata,
    )


def _read_block(file: Path, error: type[ShanhaiError], rows: slice, columns: slice) -> Floats:
    import rasterio
    from rasterio.errors import RasterioIOError
    from rasterio.windows import Window

    window = Window.from_slices((rows.start, rows.stop), (columns.start, columns.stop))
    try:
        with rasterio.open(file) as raster:
            band = raster.read(1, window=window, masked=True).astype(np.float64)
            return np.asarray(band.filled(np.nan) * raster.scales[0] + raster.offsets[0])
    except RasterioIOError as broken:
        raise error(
            f"{file.name} cannot be read in rows {rows.start} to {rows.stop}: {broken}. It may be cut off; allowed: a"
            " whole file. Download or write it anew."
        ) from broken


def reference_system(crs: str | CRS, source: str, error: type[ShanhaiError]) -> CRS:
    """Reference system of a raster; of one with heights the part that holds places.

    Raises
    ------
    The given error
        If it is none that is known.
    """
    try:
        system = CRS.from_user_input(crs)
    except CRSError as unknown:
        raise error(f"{source} names no known reference system ({crs!r}). Use an EPSG code or WKT.") from unknown
    return system.sub_crs_list[0] if system.is_compound else system
