"""Making ``data/county_terrain.csv`` from the county polygons and an elevation grid; needs the extra ``build``."""

import os
import tempfile
from pathlib import Path

import pandas as pd

from shanhai import sources
from shanhai.data import own_terrain
from shanhai.data.load import load_layer
from shanhai.data.register import build_registry, write_table
from shanhai.errors import TerrainError
from shanhai.geo.elevation import ElevationGrid, read_altitude_h5, read_geotiff
from shanhai.geo.terrain import OUTSIDE, build_terrain
from shanhai.paths import DATA

TABLE = own_terrain.TABLE

WHOLE = 95.0
"""Percent of a county with heights from which it counts as covered whole: outlines of two makers differ a little."""

NAMED = 20
"""Codes that a line names."""


def write_terrain_table(to: Path | None = None) -> list[str]:
    """Measure the terrain of every county polygon and store the table.

    With the project's own sources the bundled table and its checksum are renewed. With the user's own polygons
    (``counties``) or elevation model (``elevation``) under ``[replace]`` the table is written beside the settings file
    instead, to be named there as ``county_terrain``; the bundled one stays as it is. An elevation model of a part of
    the country serves for that part.

    Parameters
    ----------
    to : Path, optional
        Where else to write the table: a file that ends in ``.csv``, outside the project's ``data/``.

    Returns
    -------
    What was written, and which counties were not measured, one line each.

    Raises
    ------
    TerrainError, BoundaryError, ChecksumError, SettingsError
    """
    own = sources.is_replaced(own_terrain.GRID, "grid") or sources.is_replaced("counties", "layer")
    settings = sources.settings_file()
    beside = settings.parent if own and settings is not None else DATA
    target = (to.expanduser() if to is not None else beside / f"{TABLE}.csv").resolve()
    renewed = to is None and not own
    if not renewed:
        _require_own_place(target)
    grid = elevation_grid()
    table = build_terrain(load_layer("counties"), grid)
    _write(table, target)
    if renewed:
        return [str(target), *build_registry()]
    own_terrain.write_note(target)
    return [*_coverage_lines(table, grid.source), _hint(target, settings)]


def elevation_grid() -> ElevationGrid:
    """The user's own elevation model if the settings name one, else the global grid that pvlib carries."""
    if sources.is_replaced(own_terrain.GRID, "grid"):
        return read_geotiff(sources.resolve(own_terrain.GRID, "grid"))
    return read_altitude_h5()


def _require_own_place(target: Path) -> None:
    """A table of the user's own never takes the place of the project's."""
    if target.is_relative_to(DATA.resolve()):
        raise TerrainError(
            f"{target} lies in the project's own data/, which holds its sources only. Name another folder:"
            f" `shanhai build terrain --to ../my_{TABLE}.csv`."
        )
    if target.suffix.lower() != ".csv":
        raise TerrainError(f"{target} does not end in .csv, as a table must. Write `--to {target.stem}.csv`.")
    if not target.parent.is_dir():
        raise TerrainError(f"The folder {target.parent} does not exist. Make it, or name a file in another one.")


def _write(table: pd.DataFrame, target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        os.replace(write_table(TABLE, table, Path(folder)), target)


def _coverage_lines(table: pd.DataFrame, source: str) -> list[str]:
    outside = table["terrain_flags"].eq(OUTSIDE)
    lines = [f"{int((~outside).sum())} of {len(table)} counties measured on {source}"]
    groups = (
        (outside, f"not measured, less than half of each has heights (flag {OUTSIDE})"),
        (~outside & table["height_share"].lt(WHOLE), f"measured in part, heights of less than {WHOLE:g} % of each"),
    )
    for chosen, what in groups:
        codes = table.loc[chosen, "code"].tolist()
        if codes:
            more = f" and {len(codes) - NAMED} more" if len(codes) > NAMED else ""
            lines.append(f"{len(codes)} {what}: {', '.join(codes[:NAMED])}{more}")
    return lines


def _hint(path: Path, settings: Path | None) -> str:
    if settings is None:
        return f'{path}: to use it, write {TABLE} = "{path.as_posix()}" under [replace] in .shanhai.toml.'
    name = path.name if path.parent == settings.parent else path.as_posix()
    return f'{path}: to use it, write {TABLE} = "{name}" under [replace] in {settings}.'
