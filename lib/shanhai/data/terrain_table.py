"""Making ``data/county_terrain.csv`` from the county polygons and an elevation grid; needs the extra ``build``."""

import json
import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from shanhai.core import own_terrain, sources
from shanhai.core.errors import TerrainError
from shanhai.core.paths import DATA
from shanhai.data._canonical import write_table
from shanhai.data.load import load_layer
from shanhai.data.register import build_registry
from shanhai.geo.terrain import OUTSIDE, ElevationGrid, build_terrain, read_altitude_h5, read_geotiff

TABLE = own_terrain.TABLE

_BUNDLED = DATA / f"{TABLE}.csv"
"""The project's own table, made on a grid of 5 arc-minutes."""

_GRID_NOTE = (
    "slope_mean_deg, ruggedness and relief_m depend on the width of the grid's cells: compare them within this table,"
    " not with the bundled one (cells of 5 arc-minutes)"
)

WHOLE = 95.0
"""Percent of a county with heights from which it counts as covered whole: outlines of two makers differ a little."""

NAMED = 40
"""Codes that a line names."""

_HILLS = 200.0
"""Metres of mean height in the bundled table from which a county's mean hardly depends on the grid: the steps of 28 m
and the mixing of cells at the county's edge are a few percent of it."""

_FACTOR = 1.25
"""Factor between two means that no grid explains; feet for metres are 3.28."""

_ALIKE = 0.1
"""Half width, as a share of the median factor, within which most counties lie if the factor is common to all."""

FEWEST = 5
"""Counties with hills that a common factor is judged on."""

_FLAT_CELLS = 20
"""Cells of land of a county from which one height in all of them is a filling, not a plain."""

_APART = 2.0
"""Factor between the mean heights of one county in two models beyond which one of them is wrong: cells of a few metres
and of 9 km differ by a few percent where the county holds some of the large ones."""


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
    grid = _elevation_grid()
    table = build_terrain(load_layer("counties"), grid)
    _write(table, target)
    if renewed:
        return [str(target), *build_registry()]
    _write_note(target)
    notes = [_GRID_NOTE, *_warning(common_factor(table, bundled_terrain()))]
    return [*coverage_lines(table, grid.source), *notes, _hint(target, settings)]


def _elevation_grid() -> ElevationGrid:
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


def _write_note(table: Path) -> None:
    """Write beside a terrain table which elevation model it was made from; none for the grid of the project."""
    note = own_terrain.note_of(table)
    if not sources.is_replaced(own_terrain.GRID, "grid"):
        note.unlink(missing_ok=True)
        return
    grid = sources.resolve(own_terrain.GRID, "grid")
    content = {own_terrain.GRID: grid.name, "sha256": sources.sha256(grid)}
    note.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def coverage_lines(table: pd.DataFrame, source: str) -> list[str]:
    """How many counties of a terrain table were measured, and which were not or in part, one line each."""
    outside, province = table["terrain_flags"].eq(OUTSIDE), table["code"].str[:2] + "0000"
    none = outside.groupby(province).transform("all")  # provinces that the grid does not reach are named as a whole
    lines = [f"{int((~outside).sum())} of {len(table)} counties measured on {source}"]
    groups = (
        (outside & ~none, table["code"], f"not measured, less than half of each has heights (flag {OUTSIDE})"),
        (none, province, f"not measured, all of their provinces (flag {OUTSIDE})"),
        (
            ~outside & table["height_share"].lt(WHOLE),
            table["code"],
            f"measured in part, heights of less than {WHOLE:g} % of each",
        ),
    )
    for chosen, names, what in groups:
        codes = names[chosen].drop_duplicates().tolist()
        if codes:
            more = f" and {len(codes) - NAMED} more" if len(codes) > NAMED else ""
            lines.append(f"{int(chosen.sum())} {what}: {', '.join(codes[:NAMED])}{more}")
    return lines


def bundled_terrain() -> pd.DataFrame:
    """The project's own table of terrain, whatever the settings name."""
    return pd.read_csv(_BUNDLED, dtype={"code": "str"})


def common_factor(table: pd.DataFrame, bundled: pd.DataFrame) -> str:
    """What is wrong if the heights of most counties are one multiple of the bundled ones, as those in feet are.

    Parameters
    ----------
    table, bundled : terrain tables with ``code`` and ``elevation_mean_m``.

    Returns
    -------
    A sentence, empty if the heights agree, differ by no common factor, or too few counties have hills.
    """
    before = bundled.set_index("code")["elevation_mean_m"]
    factors = table["elevation_mean_m"] / table["code"].map(before.where(before >= _HILLS))
    factors = factors[factors.notna()]
    if len(factors) < FEWEST:
        return ""
    median = float(factors.median())
    common = float((factors - median).abs().le(_ALIKE * abs(median)).mean()) > 0.5
    if not common or median <= 0 or 1 / _FACTOR <= median <= _FACTOR:
        return ""
    return (
        f"mean heights of most of {len(factors)} counties are {median:.3g} times those of the bundled table"
        " (feet for metres: 3.28)"
    )


def counties_apart(table: pd.DataFrame, bundled: pd.DataFrame) -> pd.DataFrame:
    """Counties whose mean height no model of the same land can have, beside the bundled one.

    Land of less than 200 m counts as 200 m, since its means differ by more than a factor without a fault; counties of
    few cells in the bundled grid are not compared. A county of many cells that all have one height is apart as well.

    Parameters
    ----------
    table, bundled : terrain tables, columns of :func:`shanhai.geo.terrain.build_terrain`.

    Returns
    -------
    pandas.DataFrame with ``code``, ``mean_m`` and ``bundled_m``, the farthest apart first. Its ``attrs["compared"]``
    is the number of counties that were held against each other.
    """
    known = bundled.loc[~bundled["terrain_flags"].fillna("").str.contains("few_cells")].rename(
        columns={"elevation_mean_m": "bundled_m", "elevation_sd_m": "bundled_sd_m"}
    )[["code", "bundled_m", "bundled_sd_m"]]
    both = table[["code", "elevation_mean_m", "elevation_sd_m", "land_cells"]].merge(known, on="code")
    both = both.dropna().rename(columns={"elevation_mean_m": "mean_m"})
    factor = both["mean_m"].clip(lower=1) / both["bundled_m"].clip(lower=_HILLS)
    wrong = (factor > _APART) | ((factor < 1 / _APART) & (both["bundled_m"] >= _HILLS))
    flat = both["elevation_sd_m"].eq(0) & both["bundled_sd_m"].gt(0)
    wrong |= flat & both["land_cells"].ge(_FLAT_CELLS)
    order = factor[wrong].map(lambda value: abs(np.log(value))).sort_values(ascending=False, kind="stable").index
    found = both.loc[order, ["code", "mean_m", "bundled_m"]].reset_index(drop=True)
    found.attrs["compared"] = len(both)
    return found


def _warning(what: str) -> list[str]:
    return [f"WARNING: {what}. Convert the elevation model to metres and build again."] if what else []


def _hint(path: Path, settings: Path | None) -> str:
    if settings is None:
        return f'{path}: to use it, write {TABLE} = "{path.as_posix()}" under [replace] in .shanhai.toml.'
    name = path.name if path.parent == settings.parent else path.as_posix()
    return f'{path}: to use it, write {TABLE} = "{name}" under [replace] in {settings}.'
