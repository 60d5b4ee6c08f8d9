"""Terrain of counties: statistics over the land cells of an elevation grid, weighted by what a county really covers.

Each cell counts with the share of it that lies in the polygon (exact, from exactextract) times its area on the
ellipsoid. Sea and missing cells are left out. On the bundled grid of 5 arc-minutes slopes and ruggedness are those of
the land at 9 km, far gentler than on the ground; they rank counties but are no slope that a field has. The relief
degree of land surface (Feng et al. 2007) is not given: it is defined on windows of 1 to 10 km, no larger than a cell.
"""

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from shanhai.core.errors import TerrainError
from shanhai.core.paths import INSTALL_BUILD
from shanhai.geo.terrain._elevation import ElevationGrid
from shanhai.geo.terrain._slope import Floats, ground_steps, ruggedness_riley, slope_degrees

_RELIEF_COVERAGE = 0.5
"""A cell counts for highest and lowest if the county covers at least this share of it ..."""

_RELIEF_OWN_SHARE = 0.1
"""... or if at least this share of the county's land lies in it."""

_FEW_CELLS = 2.0
"""Below this many cells of land, slope and relief say little about a county; it carries the flag ``few_cells``."""

_MOSTLY = 50.0
"""Percent of the polygon that must have heights, else the county carries the flag ``mostly_without_height``."""

OUTSIDE = "outside_grid"
"""Flag of a county that the grid holds heights of less than that share of, without being at sea: not measured."""

_STATISTICS = ("elevation_mean_m", "elevation_sd_m", "relief_m", "slope_mean_deg", "ruggedness")

_MAX_CELLS = 40_000_000
"""Cells of one county that are held in memory at a time (about 4 GB of work arrays)."""

ELLIPSOID = Geod(ellps="WGS84")

_DECIMALS = {
    "area_km2": 2,
    "elevation_mean_m": 1,
    "elevation_sd_m": 1,
    "relief_m": 1,
    "slope_mean_deg": 3,
    "ruggedness": 2,
    "land_cells": 2,
    "height_share": 1,
}
"""Digits that are stored: finer ones are noise of the grid and would differ between machines."""

COLUMNS = ("code", *_DECIMALS, "terrain_flags")


@dataclass(frozen=True)
class CoveredCells:
    """Cells that a county touches: one entry a cell, those without height included."""

    height: Floats
    """Metres; NaN without height."""
    slope: Floats
    """Degrees."""
    ruggedness: Floats
    """Metres, Riley's index."""
    coverage: Floats
    """Share of the cell inside the county, 0 to 1."""
    area: Floats
    """Square metres of the whole cell."""
    on_grid: float = 1.0
    """Share of the county that lies within the grid."""


def build_terrain(counties: gpd.GeoDataFrame, elevation: ElevationGrid) -> pd.DataFrame:
    """Terrain of every county, one row each, sorted by code.

    Parameters
    ----------
    counties : columns ``code`` and ``geometry``, in WGS 84 (EPSG:4326), longitudes from -180 to 180.
    elevation : grid that covers all of them, or some.

    Returns
    -------
    pandas.DataFrame with ``code``; ``area_km2`` (of the polygon on the ellipsoid, inland water included, whatever the
    grid); ``elevation_mean_m``, ``elevation_sd_m`` (spread between cells), ``relief_m``
    (highest minus lowest cell of which the county covers half, or which holds a tenth of its land);
    ``slope_mean_deg``; ``ruggedness`` (Riley's index, metres); ``land_cells`` (land in units of cells);
    ``height_share`` (percent of the polygon with heights); ``terrain_flags`` (``few_cells``, ``mostly_without_height``,
    ``no_height``, ``outside_grid``, joined by ``;``). A county without any height has missing statistics and
    ``no_height``; so has one of which a grid of land holds heights for less than half, and ``outside_grid``.

    Raises
    ------
    TerrainError
        If exactextract is missing, codes repeat, the reference system is another, a polygon is empty, invalid or
        beyond longitude 180, or no county is on the grid.
    """
    _check_counties(counties)
    rows = [
        {"code": code, "area_km2": area_km2(geometry), **_measured(geometry, elevation, code)}
        for code, geometry in zip(counties["code"], counties.geometry, strict=True)
    ]
    if all(row["terrain_flags"] == OUTSIDE for row in rows):
        west, south, east, north = counties.total_bounds
        raise TerrainError(
            f"None of the {len(rows)} counties is on the grid: they lie between {west:g} and {east:g} E, {south:g} and"
            f" {north:g} N, {elevation.source} spans {_extent(elevation)} in its own coordinates. Name a grid that"
            " holds heights of at least half of one county."
        )
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).sort_values("code", ignore_index=True)
    return frame.round(_DECIMALS)


def _measured(geometry: BaseGeometry, elevation: ElevationGrid, name: str) -> dict[str, float | str]:
    """Statistics of one county; missing where the grid holds less than half of it and says nothing of the sea."""
    polygon, share = _part_on_grid(geometry, elevation, name)
    if polygon.is_empty:
        return {**dict.fromkeys(_STATISTICS, np.nan), "land_cells": 0.0, "height_share": 0.0, "terrain_flags": OUTSIDE}
    row = summarise(_cells(polygon, share, elevation, name))
    if elevation.missing_is_sea or float(row["height_share"]) >= _MOSTLY:
        return row
    return {**row, **dict.fromkeys(_STATISTICS, np.nan), "terrain_flags": OUTSIDE}


def area_km2(geometry: BaseGeometry) -> float:
    """Area of a polygon in longitude and latitude on the ellipsoid of WGS 84, edges taken as geodesics."""
    return abs(float(ELLIPSOID.geometry_area_perimeter(shapely.orient_polygons(geometry))[0])) / 1e6


def cover_cells(geometry: BaseGeometry, elevation: ElevationGrid, name: str = "polygon") -> CoveredCells:
    """Heights, slopes, ruggedness, coverage and area of all cells that a polygon touches.

    Parameters
    ----------
    geometry : polygon or multipolygon in WGS 84.
    elevation : grid of heights; a polygon west of a grid that starts at longitude 0 is moved by 360 degrees.
    name : what messages call the polygon.

    Raises
    ------
    TerrainError
        If no part of the polygon is on the grid, or it covers more cells than fit into memory.
    """
    polygon, share = _part_on_grid(geometry, elevation, name)
    if polygon.is_empty:
        west, south, east, north = geometry.bounds
        raise TerrainError(
            f"{name} spans {west:g} to {east:g} and {south:g} to {north:g}; {elevation.source} spans"
            f" {_extent(elevation)}. Pass only counties on the grid, or a grid that covers them."
        )
    return _cells(polygon, share, elevation, name)


def _cells(polygon: BaseGeometry, share: float, elevation: ElevationGrid, name: str) -> CoveredCells:
    rows, columns = _window(polygon, elevation, name)
    heights = elevation.read(slice(rows.start - 1, rows.stop + 1), slice(columns.start - 1, columns.stop + 1))
    steps = ground_steps(*_centres(elevation, rows, columns))
    coverage = _coverage(polygon, elevation, rows, columns)
    touched = coverage > 0
    return CoveredCells(
        height=heights[1:-1, 1:-1][touched],
        slope=slope_degrees(heights, steps, elevation.missing_is_sea)[touched],
        ruggedness=ruggedness_riley(heights, elevation.missing_is_sea)[touched],
        coverage=coverage[touched],
        area=steps.cell_area[touched],
        on_grid=share,
    )


def summarise(cells: CoveredCells) -> dict[str, float | str]:
    """Statistics of one county from its cells; see :func:`build_terrain` for columns and units."""
    land = ~np.isnan(cells.height)
    weight = (cells.coverage * cells.area)[land]
    height_share = 100 * cells.on_grid * float(weight.sum() / (cells.coverage * cells.area).sum())
    land_cells = float(cells.coverage[land].sum())
    flags = _flags(land_cells, height_share)
    quality: dict[str, float | str] = {"land_cells": land_cells, "height_share": height_share, "terrain_flags": flags}
    if not land.any():
        return {**dict.fromkeys(_STATISTICS, np.nan), **quality}
    height = cells.height[land]
    mean = float(np.average(height, weights=weight))
    counted = (cells.coverage[land] >= _RELIEF_COVERAGE) | (weight >= _RELIEF_OWN_SHARE * weight.sum())
    return {
        "elevation_mean_m": mean,
        "elevation_sd_m": float(np.sqrt(np.average((height - mean) ** 2, weights=weight))),
        "relief_m": float(np.ptp(height[counted])) if counted.any() else np.nan,
        "slope_mean_deg": float(np.average(cells.slope[land], weights=weight)),
        "ruggedness": float(np.average(cells.ruggedness[land], weights=weight)),
        **quality,
    }


def _flags(land_cells: float, height_share: float) -> str:
    if land_cells == 0:
        return "no_height"
    flags = [("few_cells", land_cells < _FEW_CELLS), ("mostly_without_height", height_share < _MOSTLY)]
    return ";".join(flag for flag, raised in flags if raised)


def _check_counties(counties: gpd.GeoDataFrame) -> None:
    if "code" not in counties.columns:
        raise TerrainError(f"The counties have the columns {list(counties.columns)}; `code` is needed. Rename yours.")
    if counties.crs is None or not CRS(counties.crs).equals(CRS("EPSG:4326"), ignore_axis_order=True):
        found = "none" if counties.crs is None else CRS(counties.crs).name
        raise TerrainError(f"The counties have the reference system {found}; EPSG:4326 is needed: use `.to_crs(4326)`.")
    problems = {
        "repeated codes": counties["code"].duplicated(),
        "empty polygons": counties.geometry.is_empty | counties.geometry.isna(),
        "invalid polygons": ~counties.geometry.is_valid,
    }
    for problem, found in problems.items():
        if found.any():
            codes = counties.loc[found, "code"].astype(str).head().tolist()
            raise TerrainError(
                f"The counties have {problem}: {codes} ({int(found.sum())} in all). Correct the layer first."
            )


def _onto_grid(geometry: BaseGeometry, elevation: ElevationGrid, name: str) -> BaseGeometry:
    """The polygon in coordinates of the grid."""
    west, _, east, _ = geometry.bounds
    if west < -180 or east > 180:
        raise TerrainError(
            f"{name} reaches from longitude {west:g} to {east:g}; longitudes run from -180 to 180. Split it there."
        )
    if elevation.in_degrees:
        beyond = east <= elevation.west or (west < elevation.west and east + 360 <= elevation.east)
        return translate(geometry, xoff=360) if beyond and elevation.east > 180 else geometry
    transformer = Transformer.from_crs("EPSG:4326", elevation.crs, always_xy=True)
    return shapely.transform(geometry, lambda points: np.column_stack(transformer.transform(*points.T)))


def _part_on_grid(geometry: BaseGeometry, elevation: ElevationGrid, name: str) -> tuple[BaseGeometry, float]:
    """The part of a polygon within the grid, in its coordinates, and which share of the polygon that is."""
    polygon = _onto_grid(geometry, elevation, name)
    west, south, east, north = polygon.bounds
    if west >= elevation.west and east <= elevation.east and south >= elevation.south and north <= elevation.north:
        return polygon, 1.0
    if not np.isfinite(polygon.bounds).all():  # far off the area that a projection is made for
        return shapely.Polygon(), 0.0
    frame = shapely.box(elevation.west, elevation.south, elevation.east, elevation.north)
    parts = [part for part in shapely.get_parts(polygon.intersection(frame)) if part.area > 0]
    inside = shapely.MultiPolygon(parts)
    return inside, inside.area / polygon.area


def _extent(elevation: ElevationGrid) -> str:
    return f"{elevation.west:g} to {elevation.east:g} and {elevation.south:g} to {elevation.north:g}"


def _window(polygon: BaseGeometry, elevation: ElevationGrid, name: str) -> tuple[slice, slice]:
    """Rows and columns of the cells that the bounds of the polygon touch."""
    west, south, east, north = polygon.bounds
    down = (elevation.north - north) / elevation.cell_height, (elevation.north - south) / elevation.cell_height
    across = (west - elevation.west) / elevation.cell_width, (east - elevation.west) / elevation.cell_width
    rows, columns = (slice(math.floor(first), math.ceil(last)) for first, last in (down, across))
    cells = (rows.stop - rows.start) * (columns.stop - columns.start)
    if cells > _MAX_CELLS:
        raise TerrainError(
            f"{name} covers {cells:,} cells of {elevation.source}; {_MAX_CELLS:,} fit into memory."
            " Average the grid first, e.g. `gdalwarp -tr` with a larger cell and `-r average`."
        )
    return rows, columns


def _centres(elevation: ElevationGrid, rows: slice, columns: slice) -> tuple[Floats, Floats]:
    """Longitude and latitude of the cell centres, with one ring around."""
    across = elevation.west + (np.arange(columns.start - 1, columns.stop + 1) + 0.5) * elevation.cell_width
    down = elevation.north - (np.arange(rows.start - 1, rows.stop + 1) + 0.5) * elevation.cell_height
    easting, northing = np.meshgrid(across, down)
    if elevation.in_degrees:
        return easting, northing
    longitude, latitude = Transformer.from_crs(elevation.crs, "EPSG:4326", always_xy=True).transform(easting, northing)
    return longitude, latitude


def _coverage(polygon: BaseGeometry, elevation: ElevationGrid, rows: slice, columns: slice) -> NDArray[np.float64]:
    """Share of each cell of a block that lies inside the polygon."""
    try:
        from exactextract import exact_extract
        from exactextract.raster import NumPyRasterSource
    except ImportError as error:
        raise TerrainError(
            f"Zonal statistics need the package 'exactextract'. Install what building needs: `{INSTALL_BUILD}`."
        ) from error
    shape = (rows.stop - rows.start, columns.stop - columns.start)
    raster = NumPyRasterSource(
        np.ones(shape),
        xmin=elevation.west + columns.start * elevation.cell_width,
        xmax=elevation.west + columns.stop * elevation.cell_width,
        ymin=elevation.north - rows.stop * elevation.cell_height,
        ymax=elevation.north - rows.start * elevation.cell_height,
    )
    feature = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(polygon)}
    found = exact_extract(raster, [feature], ["cell_id", "coverage"])[0]["properties"]
    coverage = np.zeros(shape)
    coverage.flat[np.asarray(found["cell_id"], dtype=np.int64)] = found["coverage"]
    return coverage
