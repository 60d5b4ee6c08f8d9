"""Layers and grids of the user's own: through the door that a named file passes, then copied beside the settings."""

import json
import shutil
import zipfile
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Final

import geopandas as gpd

from shanhai.core import sources
from shanhai.core.errors import ParameterError, ValidationError
from shanhai.core.own_terrain import GRID, TABLE, note_of
from shanhai.data.load import load_layer, load_own_table, load_registry
from shanhai.geo.boundaries import write_layer
from shanhai.geo.door import check_layer, read_layer
from shanhai.geo.raster import open_geotiff
from shanhai.geo.terrain import build_terrain, read_geotiff
from shanhai.intake import guard, keeping
from shanhai.intake.mapping import UNUSED, Wish
from shanhai.intake.problems import harmless, shown

_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".gpkg", ".geojson")
"""Files of an archive that are looked at; others, as style sheets and metadata, are left."""

_LAYERS: Final = (".shp", ".gpkg", ".geojson")

_OUTLINE: Final = "counties"

_FIELDS: Final = ("code", "name_zh", "name_en", "prov_code", "pref_code")
"""Fields of a layer of counties that are read."""


def take_layer(path: Path, staged: Path, wishes: Mapping[str, Wish]) -> tuple[Path, list[str]]:
    """Copy a layer of counties that passes the door into a folder.

    Parameters
    ----------
    path : a GeoPackage, a GeoJSON, or a .zip with one of these or one shapefile in it.
    staged : folder of the import.
    wishes : what fields mean that bear other names, by name; with any, the layer is kept as a shapefile of those
        fields that are read.

    Returns
    -------
    The layer there, and what the door noted.

    Raises
    ------
    ValidationError
        If the archive does harm, or holds no or several layers.
    BoundaryError
        If the layer does not pass.
    ParameterError
        If a wish names a field that the layer does not have, or that is not read.
    """
    kind = guard.kind_of(path)
    if kind == "archive":
        layer = _unpacked(path, staged)
    elif kind == "layer":
        layer = staged / f"{_OUTLINE}{path.suffix.lower()}"
        shutil.copyfile(path, layer)
    else:
        raise ValidationError(
            f"{path.name} is no layer; allowed: .gpkg, .geojson, or a shapefile packed as .zip. Name one."
        )
    frame = read_layer(layer, _OUTLINE)
    said: list[str] = []
    if wishes:
        frame, said = _with_fields(frame, wishes, path.name)
    checked = check_layer(frame, load_registry(_OUTLINE), path.name)
    if wishes:
        for part in staged.glob(f"{_OUTLINE}.*"):
            part.unlink()
        layer = staged / f"{_OUTLINE}.shp"
        write_layer(frame, layer)
    return layer, [f"{len(checked.frame)} counties", *said, *checked.notes]


def _with_fields(frame: gpd.GeoDataFrame, wishes: Mapping[str, Wish], file: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """A layer with the fields that are read, under the names that the user gives them, and these names as lines."""
    there = [str(name) for name in frame.columns if name != frame.geometry.name]
    for name, wish in wishes.items():
        if name not in there:
            near = get_close_matches(name, there, n=3, cutoff=0.4)
            raise ParameterError(
                f"{file} has no field {shown(name)}; near: {near}; fields: {there[:40]}. Write one of these."
            )
        if wish.to not in (UNUSED, *_FIELDS) or wish.unit:
            asked = f"{wish.to}:{wish.unit}" if wish.unit else wish.to
            raise ParameterError(
                f"{shown(name)} is to become {shown(asked)}, which a layer of counties does not have; allowed:"
                f" {', '.join((UNUSED, *_FIELDS))}. Write one of these."
            )
    names = {name: wish.to for name, wish in wishes.items() if wish.to != UNUSED}
    if len(set(names.values())) < len(names):
        raise ParameterError(f"--map gives several fields one name: {sorted(names.values())}; give each its own.")
    left = [name for name in _FIELDS if name in there and name not in wishes and name not in names.values()]
    kept = frame[[*names, *left, frame.geometry.name]].rename(columns=names)
    return kept, [harmless(f"  {shown(name)} -> {wish.to} (as you say)") for name, wish in wishes.items()]


def _unpacked(path: Path, staged: Path) -> Path:
    """The parts of the one layer of an archive, under our name for it."""
    members = [
        member
        for member in guard.checked_archive(path)
        if PurePosixPath(member.filename).suffix.lower() in _PARTS
        and not PurePosixPath(member.filename).name.startswith("._")
    ]
    layers = [member for member in members if PurePosixPath(member.filename).suffix.lower() in _LAYERS]
    if len(layers) != 1:
        names = [member.filename for member in layers]
        raise ValidationError(
            f"{path.name} holds {len(layers)} layers {names}; exactly one is needed. Pack that one alone."
        )
    stem = PurePosixPath(layers[0].filename).with_suffix("")
    with zipfile.ZipFile(path) as archive:
        for member in members:
            name = PurePosixPath(member.filename)
            if name.with_suffix("") == stem:
                with archive.open(member) as source, (staged / f"{_OUTLINE}{name.suffix.lower()}").open("wb") as target:
                    shutil.copyfileobj(source, target)
    return staged / f"{_OUTLINE}{PurePosixPath(layers[0].filename).suffix.lower()}"


def take_elevation(path: Path, staged: Path) -> tuple[dict[str, Path], list[str]]:
    """Copy an elevation model and make the table of terrain from it, which runs read.

    Raises
    ------
    TerrainError
        If it is no elevation model that can be read, or rasterio is not installed.
    """
    _require_grid(path)
    grid = read_geotiff(path)
    copied = staged / "elevation.tif"
    shutil.copyfile(path, copied)
    table = build_terrain(load_layer(_OUTLINE), grid)
    terrain = staged / f"{TABLE}.csv"
    keeping.write(terrain, table.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    note = {GRID: copied.name, "sha256": sources.hash_file(copied)}
    keeping.write(note_of(terrain), (json.dumps(note, indent=1) + "\n").encode("utf-8"))
    load_own_table(TABLE, terrain)
    measured = int(table["elevation_mean_m"].notna().sum())
    return {f"grid/{GRID}": copied, f"table/{TABLE}": terrain}, [
        f"terrain of {measured} of {len(table)} counties measured"
    ]


def take_lights(path: Path, staged: Path) -> tuple[Path, list[str]]:
    """Copy a raster of lights or population that can show what lies on both sides of the borders.

    Raises
    ------
    RasterError
        If it cannot, or rasterio is not installed.
    """
    from shanhai.studies.border.analysis import analysis_frame
    from shanhai.studies.robustness.cells import raster_cells

    _require_grid(path)
    raster = open_geotiff(path)
    copied = staged / "lights_grid.tif"
    shutil.copyfile(path, copied)
    found = raster_cells(analysis_frame(), raster)
    return copied, [f"{found.cells:,} cells near borders, {found.segments} segments"]


def _require_grid(path: Path) -> None:
    if guard.kind_of(path) != "grid":
        raise ValidationError(f"{path.name} is no grid; allowed: a GeoTIFF, .tif or .tiff. Name one.")
