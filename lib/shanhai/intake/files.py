"""Layers and grids of the user's own: through the door that a named file passes, then copied beside the settings."""

import json
import shutil
import warnings
import zipfile
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Final

import geopandas as gpd
import pandas as pd

from shanhai.core import sources
from shanhai.core.errors import BoundaryError, ParameterError, TerrainError, ValidationError
from shanhai.core.own_terrain import GRID, TABLE, note_of
from shanhai.data.load import load_layer, load_own_table, load_registry
from shanhai.data.terrain_table import bundled_terrain, common_factor, counties_apart, coverage_lines
from shanhai.geo.boundaries import write_layer
from shanhai.geo.door import check_layer, read_layer
from shanhai.geo.raster import Raster, open_geotiff
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

_NAMED: Final = 8
"""Counties that a message names."""


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
    try:
        frame = read_layer(layer, _OUTLINE)
    except BoundaryError as error:
        raise BoundaryError(str(error).replace(layer.name, path.name)) from error
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
        If it is no elevation model that can be read, its heights cannot be those of the counties in metres, or rasterio
        is not installed.
    ValidationError
        If files beside it say what it does not.
    """
    _require_grid(path)
    grid = read_geotiff(path)
    copied = _copied_alone(path, staged / "elevation.tif")
    table = build_terrain(load_layer(_OUTLINE), grid)
    _require_heights(table, path.name)
    terrain = staged / f"{TABLE}.csv"
    keeping.write(terrain, table.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    note = {GRID: copied.name, "sha256": sources.hash_file(copied)}
    keeping.write(note_of(terrain), (json.dumps(note, indent=1) + "\n").encode("utf-8"))
    load_own_table(TABLE, terrain)
    measured = int(table["elevation_mean_m"].notna().sum())
    return {f"grid/{GRID}": copied, f"table/{TABLE}": terrain}, [
        f"terrain of {measured} of {len(table)} counties measured",
        f"in {_system(grid)}, mean heights of counties from {table['elevation_mean_m'].min():.0f} to"
        f" {table['elevation_mean_m'].max():.0f} m",
        *coverage_lines(table, path.name)[1:],
    ]


def _require_heights(table: pd.DataFrame, file: str) -> None:
    """Refuse heights in another unit, undeclared missing values, and a model that lies elsewhere than it says.

    Raises
    ------
    TerrainError
        If the mean of a county cannot be that of the same land in the project's own table.
    """
    bundled = bundled_terrain()
    if factor := common_factor(table, bundled):
        raise TerrainError(f"{file}: {factor}. Convert the heights to metres and import the file again.")
    apart = counties_apart(table, bundled)
    if not apart.empty:
        rows = apart.head(_NAMED).to_dict("records")
        named = ", ".join(f"{row['code']} {row['mean_m']:.0f} ({row['bundled_m']:.0f})" for row in rows)
        raise TerrainError(
            f"{file}: mean heights of {len(apart)} of {apart.attrs['compared']} counties are more than twice or less"
            " than half of those of the bundled table, or the same in all cells, in metres:"
            f" {named}. Declare the missing value of the file (gdal_edit -a_nodata), or correct its unit, its place or"
            " the order of its rows; a model that is right all the same can be named as `elevation` under [replace] in"
            " .shanhai.toml."
        )


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
    copied = _copied_alone(path, staged / "lights_grid.tif")
    found = raster_cells(analysis_frame(), raster)
    return copied, [f"{found.cells:,} cells near borders, {found.segments} segments", f"in {_system(raster)}"]


def _system(raster: Raster) -> str:
    """Reference system of a grid, and the width of its cells in the system's unit."""
    unit = raster.crs.axis_info[0].unit_name if raster.crs.axis_info else "unit"
    return harmless(f"{raster.crs.name}, cells of {raster.cell_width:.6g} {unit}")


def _copied_alone(path: Path, target: Path) -> Path:
    """A copy of a grid that says by itself where it lies and what its numbers are.

    The reader of grids also takes these from files beside it (.aux.xml, .tfw, .msk), which do not come along.

    Raises
    ------
    ValidationError
        If the copy says something else than the file in its place.
    """
    shutil.copyfile(path, target)
    there, alone = _stated(path), _stated(target)
    if lost := [what for what, stated in there.items() if alone[what] != stated]:
        raise ValidationError(
            f"{path.name} takes its {', '.join(lost)} from a file beside it (.aux.xml, .tfw, .msk), which is not"
            f" imported. Write all into one file, as `gdal_translate {path.name} whole.tif` does, and import that."
        )
    return target


def _stated(path: Path) -> dict[str, object]:
    """What a grid says of its numbers, by what messages call it."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning

    # a grid without a place of its own is what is looked for here
    with warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning), rasterio.open(path) as raster:
        crs = raster.crs.to_wkt() if raster.crs is not None else ""
        return {
            "reference system": crs,
            "place": tuple(raster.transform),
            "missing value": repr(raster.nodatavals),
            "mask": repr(raster.mask_flag_enums),
            "scale": (raster.scales, raster.offsets),
        }


def _require_grid(path: Path) -> None:
    if guard.kind_of(path) != "grid":
        raise ValidationError(f"{path.name} is no grid; allowed: a GeoTIFF, .tif or .tiff. Name one.")
