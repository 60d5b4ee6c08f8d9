"""Making ``data/county_terrain.csv`` from the county polygons and an elevation grid; needs the extra ``build``."""

from pathlib import Path

from shanhai import sources
from shanhai.data.load import load_layer
from shanhai.data.register import build_registry, write_table
from shanhai.geo.elevation import ElevationGrid, read_altitude_h5, read_geotiff
from shanhai.geo.terrain import build_terrain
from shanhai.paths import DATA

TABLE = "county_terrain"


def write_terrain_table() -> list[str]:
    """Measure the terrain of every county polygon and store the table.

    With the project's own sources the bundled table and its checksum are renewed. With the user's own polygons
    (``counties``) or elevation model (``elevation``) under ``[replace]`` the table is written beside the settings file
    instead, to be named there as ``county_terrain``; the bundled one stays as it is.

    Returns
    -------
    What was written, one line each.

    Raises
    ------
    TerrainError, BoundaryError, ChecksumError, SettingsError
    """
    own = sources.is_replaced("elevation", "grid") or sources.is_replaced("counties", "layer")
    settings = sources.settings_file()
    folder = settings.parent if own and settings is not None else DATA
    path = write_table(TABLE, build_terrain(load_layer("counties"), elevation_grid()), folder)
    return [_hint(path)] if own else [str(path), *build_registry()]


def elevation_grid() -> ElevationGrid:
    """The user's own elevation model if the settings name one, else the global grid that pvlib carries."""
    if sources.is_replaced("elevation", "grid"):
        return read_geotiff(sources.resolve("elevation", "grid"))
    return read_altitude_h5()


def _hint(path: Path) -> str:
    return f'{path}: to use it, write {TABLE} = "{path.name}" under [replace] in the settings file.'
