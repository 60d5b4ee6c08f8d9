"""What a raster shows along the borders: means of its cells by strips of one segment, one side and one distance.

A fine raster has millions of cells within reach of a border, and a regression with effects of segments and clusters by
segment needs of them no more than means: the strips of a segment are as many as there are kilometres of reach. Cells
are read in blocks of rows, so memory does not grow with the raster. The distance of a cell is that of its centre to the
nearest point of the border lines, found in a conformal projection and measured on the ellipsoid. A cell that the line
cuts holds the light of both sides; cells whose centre lies within half a diagonal of the line are left out.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from shanhai.core.errors import RasterError
from shanhai.geo.crs import ELLIPSOID, WGS84, conformal, require_degrees
from shanhai.geo.raster import Floats, Raster

_BLOCK_CELLS = 400_000
"""Cells that are held in memory at once."""

_MOST_CELLS = 400_000_000
"""Cells beyond which a run would take hours."""

_COARSEST_KM = 2.5
"""Width of a cell from which on fewer than eight fit into the 20 km where the valley is looked for."""

_LARGEST = (255.0, 32767.0, 65535.0, 2.0**31 - 1, 2.0**31, 2.0**32 - 1, 2.0**32)
"""Largest integers of one, two and four bytes, and what single precision makes of them: what files without a declared
missing value put in its place. Where a raster holds more than such a value, it is none of them."""

_FILLED = (9999.0, 99999.0)
"""Values that are written by hand in the place of a missing one, whatever else the raster holds."""

_FLOAT_LARGEST = tuple(float(np.finfo(kind).max) for kind in (np.float32, np.float64))

_UNDECLARED_SHARE = 1e-3
"""Share of the cells near a border, on one side, from which on such a value is none of light."""

LEVELS_COUNTED = 10
"""Different values of cells up to which they are counted. The coarsest lights in use, those of DMSP, have 64."""

_MISSING_ALLOWED = 0.1
"""Share of the cells near a segment, on either side, that may be without value."""


@dataclass(frozen=True)
class Strips:
    """Cells near borders by strips."""

    table: pd.DataFrame
    """One row a strip of covered segments: pair, segment, province_code (side), across (the other province), strip
    (number from the line), distance_km, longitude, latitude (means of the cells), value (mean of the cells that have
    one), cells."""
    left_out: tuple[str, ...]
    """Segments of which the raster does not hold both sides."""
    cell_km: float
    """Longer side of a cell, at the borders."""
    strip_km: float
    """Width of a strip."""
    donut_km: float
    """Half the diagonal of a cell: distance from the line at which the first strip begins."""
    levels: int
    """Different values of all cells that count, as far as ``LEVELS_COUNTED``."""
    largest: float
    """Largest value of a cell that counts."""


def border_strips(
    raster: Raster,
    segments: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    reach_km: float = 100.0,
    near_km: float = 20.0,
    strip_km: float = 1.0,
) -> Strips:
    """Means of a raster by segment of the border, side and distance.

    Parameters
    ----------
    raster : Raster
        Light or people of each cell, zero or above, NaN where unknown.
    segments : GeoDataFrame
        Of :func:`shanhai.geo.segments.border_segments`.
    units : GeoDataFrame
        Polygons with ``province_code``: provinces, or counties. A cell belongs to the one that holds its centre.
    reach_km : float
        Cells farther from every border are left out.
    near_km : float
        Both sides of a segment must be covered up to here.
    strip_km : float
        Width of a strip; at least that of a cell is taken. The first one begins half a diagonal of a cell from the
        line.

    Raises
    ------
    RasterError
        If the reference system has no longitude and latitude, cells are too coarse or too many, zero is declared as
        missing, a value is negative, infinite or stands for a missing one, no cell has a value above zero, or no
        segment is covered on both sides.
    """
    segments, units = require_degrees(segments, "the segments"), require_degrees(units, "the units")
    if not 0 < strip_km <= near_km < reach_km < np.inf:
        raise RasterError(
            f"strips of {strip_km} km, near {near_km} km, reach {reach_km} km; allowed: above 0, rising. Change the "
            "one that does not fit."
        )
    if raster.nodata == 0:
        raise RasterError(
            f"{raster.source} declares 0 as its missing value, so that dark land has none and what is left looks"
            " brighter, most of all at the line; allowed: a missing value that is none of light, or none. If zeros are"
            " dark land take the declaration back with `gdal_edit -unsetnodata`; if they are missing write another"
            " value such as -1 in their place and declare that."
        )
    cell_km, donut_km = _cell_km(raster, segments)
    width = max(strip_km, cell_km)
    edges = _Edges(segments)
    counted, levels = _count(raster, edges, units, reach_km, donut_km, width)
    near = counted[counted["strip"] * width < near_km - donut_km] if len(counted) else counted
    _refuse_undeclared(near, raster)
    inside = _within_raster(raster, segments, edges.crs, near_km)
    table, left_out = _covered(counted, near, segments, inside)
    if table.empty:
        raise RasterError(
            f"{raster.source} spans {_extent(raster)} in {raster.crs.name} and holds both sides of none of the"
            f" {len(segments)} segments of the border up to {near_km:g} km: it reaches around {inside.sum()} of them"
            f" (allowed: at most {_MISSING_ALLOWED:.0%} of the cells without value on either side). The borders lie at"
            f" {_degrees(segments)}. Take a raster that reaches across the line, in the reference system that it"
            " states, with a value in its cells."
        )
    if not (table["value"] > 0).any():
        raise RasterError(f"{raster.source} has no value above zero near a border. Name the band that holds the light.")
    return Strips(table, left_out, cell_km, width, donut_km, levels, float(counted["above"].max()))


class _Edges:
    """Straight pieces of all segments in a conformal projection, in a tree."""

    def __init__(self, segments: gpd.GeoDataFrame) -> None:
        self.crs = conformal(segments)
        flat = segments.to_crs(self.crs).geometry.to_numpy()
        starts, ends, owners = [], [], []
        for owner, line in enumerate(flat):
            for part in shapely.get_parts(line):
                points = shapely.get_coordinates(part)
                starts.append(points[:-1])
                ends.append(points[1:])
                owners.append(np.full(len(points) - 1, owner))
        self.starts, self.ends = np.vstack(starts), np.vstack(ends)
        self.owners = np.concatenate(owners)
        self.tree = shapely.STRtree(shapely.linestrings(np.stack([self.starts, self.ends], axis=1)))
        self.to_flat = Transformer.from_crs(WGS84, self.crs, always_xy=True)

    def nearest(self, points: Floats, reach_km: float) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """Places of the points within reach, the segment nearest to each, and the distance on the ellipsoid in km.

        ``points`` are longitude and latitude; the projection is up to a tenth off in length, so the search is wider.
        """
        flat = np.column_stack(self.to_flat.transform(*points.T))
        found, edge = self.tree.query_nearest(
            shapely.points(flat), max_distance=1.2 * reach_km * 1000, all_matches=False
        )
        start, along = self.starts[edge], self.ends[edge] - self.starts[edge]
        length = np.maximum((along**2).sum(axis=1), 1e-12)
        share = np.clip(((flat[found] - start) * along).sum(axis=1) / length, 0.0, 1.0)
        there = start + share[:, None] * along
        longitude, latitude = self.to_flat.transform(there[:, 0], there[:, 1], direction="INVERSE")
        own = points[found]
        distance = np.asarray(ELLIPSOID.inv(own[:, 0], own[:, 1], longitude, latitude)[2]) / 1000
        kept = distance < reach_km
        return found[kept], self.owners[edge[kept]], distance[kept]


def _cell_km(raster: Raster, segments: gpd.GeoDataFrame) -> tuple[float, float]:
    """Longer side of a cell and half its diagonal, where they are largest at the borders.

    Refuses cells too coarse, or too many.
    """
    if not (raster.crs.is_geographic or raster.crs.is_projected):
        raise RasterError(
            f"{raster.source} states the reference system {raster.crs.name!r}, whose places have no longitude and"
            " latitude; allowed: geographic and projected ones. State the right one with `gdal_edit -a_srs`."
        )
    rows, columns = raster.shape
    if rows * columns > _MOST_CELLS:
        raise RasterError(
            f"{raster.source} has {rows * columns:,} cells; allowed: {_MOST_CELLS:,}. Average it first, such as"
            " `gdalwarp -tr 0.01 0.01 -r average`."
        )
    to_degrees = Transformer.from_crs(raster.crs, WGS84, always_xy=True)
    middle = np.array([[(raster.west + raster.east) / 2, (raster.north + raster.south) / 2]])
    if not np.isfinite(to_degrees.transform(*middle[0])).all():
        raise RasterError(
            f"{raster.source} spans {_extent(raster)}, which {raster.crs.name} does not hold; allowed: coordinates of"
            " its reference system. State the right one with `gdal_edit -a_srs`."
        )
    lines = shapely.get_coordinates(segments.geometry.to_numpy())
    x, y = to_degrees.transform(lines[:, 0], lines[:, 1], direction="INVERSE")
    within = (x >= raster.west) & (x <= raster.east) & (y >= raster.south) & (y <= raster.north)
    at = np.column_stack([x, y])[within] if within.any() else middle
    steps = np.array([[0, 0], [1, 0], [0, -1], [1, -1]]) * (raster.cell_width, raster.cell_height)
    corners = [at + step for step in steps]
    first, right, below, across = (np.array(to_degrees.transform(*corner.T)) for corner in corners)

    def longest(start: Floats, end: Floats) -> float:
        return float(np.max(ELLIPSOID.inv(*start, *end)[2])) / 1000

    width = max(longest(first, right), longest(first, below))
    if width > _COARSEST_KM:
        raise RasterError(
            f"cells of {raster.source} are {width:.1f} km wide; allowed: up to {_COARSEST_KM} km, since the valley is"
            " looked for within 20 km of the line. Take a finer product, such as VIIRS (0.5 km) or WorldPop (1 km)."
        )
    return width, max(longest(first, across), longest(right, below)) / 2


def _degrees(segments: gpd.GeoDataFrame) -> str:
    west, south, east, north = segments.total_bounds
    return f"{west:.1f} to {east:.1f} degrees east and {south:.1f} to {north:.1f} degrees north"


def _extent(raster: Raster) -> str:
    return f"{raster.west:g} to {raster.east:g} and {raster.south:g} to {raster.north:g}"


def _blocks(raster: Raster, bounds: tuple[float, float, float, float]) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of the part of the raster inside some bounds in its coordinates, in blocks."""
    west, south, east, north = bounds
    rows, columns = raster.shape
    first_column = max(math.floor((west - raster.west) / raster.cell_width), 0)
    last_column = min(math.ceil((east - raster.west) / raster.cell_width), columns)
    first_row = max(math.floor((raster.north - north) / raster.cell_height), 0)
    last_row = min(math.ceil((raster.north - south) / raster.cell_height), rows)
    if first_column >= last_column:
        return
    step = max(1, _BLOCK_CELLS // (last_column - first_column))
    for row in range(first_row, last_row, step):
        yield slice(row, min(row + step, last_row)), slice(first_column, last_column)


def _count(
    raster: Raster, edges: _Edges, units: gpd.GeoDataFrame, reach_km: float, donut_km: float, strip_km: float
) -> tuple[pd.DataFrame, int]:
    """Sums of the cells by segment (its place), province and strip: cells, missing, value, distance, place.

    A column for each value that may stand for a missing one counts it; ``above`` is the largest value. The number is
    that of different values, as far as ``LEVELS_COUNTED``.
    """
    to_degrees = Transformer.from_crs(raster.crs, WGS84, always_xy=True)
    tree, provinces = shapely.STRtree(units.geometry.to_numpy()), units["province_code"].astype("str").to_numpy()
    reached = np.vstack([edges.starts, edges.ends])
    low_x, low_y = reached.min(axis=0) - 1200 * reach_km
    high_x, high_y = reached.max(axis=0) + 1200 * reach_km
    to_raster = Transformer.from_crs(edges.crs, raster.crs, always_xy=True)
    bounds = to_raster.transform_bounds(low_x, low_y, high_x, high_y, densify_pts=51)
    if not np.isfinite(bounds).all():  # a projection that does not reach across all borders: read all of the raster
        bounds = raster.west, raster.south, raster.east, raster.north
    keys = ["segment", "province_code", "strip"]
    sums, levels = pd.DataFrame(), np.empty(0)
    for rows, columns in _blocks(raster, bounds):
        block = raster.read_block(rows, columns)
        _check(block, raster)
        across = raster.west + (np.arange(columns.start, columns.stop) + 0.5) * raster.cell_width
        down = raster.north - (np.arange(rows.start, rows.stop) + 0.5) * raster.cell_height
        x, y = np.meshgrid(across, down)
        points = np.column_stack(to_degrees.transform(x.ravel(), y.ravel()))
        on_earth = np.isfinite(points).all(axis=1)
        points, block = points[on_earth], block.ravel()[on_earth]
        found, segment, distance, unit = _place(points, edges, tree, reach_km, donut_km)
        values = block[found]
        there = ~np.isnan(values)
        if len(levels) < LEVELS_COUNTED:
            levels = np.union1d(levels, values[there])[:LEVELS_COUNTED]
        measured: dict[str | float, Any] = {
            "segment": segment,
            "province_code": provinces[unit],
            "strip": np.floor((distance - donut_km) / strip_km).astype(int),
            "cells": there.astype(int),
            "missing": (~there).astype(int),
            "value": np.where(there, values, 0.0),
            "distance_km": distance * there,
            "longitude": points[found, 0] * there,
            "latitude": points[found, 1] * there,
            "above": np.where(there, values, 0.0),
            **{value: (values == value).astype(int) for value in _LARGEST + _FILLED},
        }
        part = pd.DataFrame(measured)
        how = {name: "max" if name == "above" else "sum" for name in part.columns.drop(keys)}
        own = part.groupby(keys).agg(how).reset_index()
        sums = pd.concat([sums, own]).groupby(keys).agg(how).reset_index()
    return sums, len(levels)


def _place(
    points: Floats, edges: _Edges, tree: shapely.STRtree, reach_km: float, donut_km: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, NDArray[np.int64]]:
    """Places of the points that count, with their segment, distance in km and unit."""
    found, segment, distance = edges.nearest(points, reach_km)
    whole = distance > donut_km  # the line cuts none of these
    found, segment, distance = found[whole], segment[whole], distance[whole]
    cell, unit = tree.query(shapely.points(points[found]), predicate="intersects")
    cell, first = np.unique(cell, return_index=True)  # a centre on a common edge counts once
    return found[cell], segment[cell], distance[cell], unit[first]


def _refuse_undeclared(near: pd.DataFrame, raster: Raster) -> None:
    """Refuse values that stand for a missing one, by their share of the cells near the borders of each province."""
    if near.empty:
        return
    sides = near.groupby("province_code")
    most = near["above"].max()
    for value in (*_FILLED, *(each for each in _LARGEST if each == most)):
        share = float((sides[value].sum() / sides["cells"].sum().clip(lower=1)).max())
        if share > _UNDECLARED_SHARE:
            raise RasterError(
                f"{100 * share:.1f}% of the cells of {raster.source} near the border on one side have the value"
                f" {value:.0f}, which stands for a missing one; allowed: light or people, and a declared missing value."
                f" Declare it with `gdal_edit -a_nodata {value:.0f}`."
            )


def _check(block: Floats, raster: Raster) -> None:
    wrong = block[(block < 0) | np.isinf(block) | np.isin(block, _FLOAT_LARGEST)]
    if wrong.size:
        raise RasterError(
            f"{raster.source} holds the value {wrong[0]:g}; allowed: zero or above, missing where declared. If it"
            " stands for a missing value declare it with `gdal_edit -a_nodata`; turn logarithms back into light; set"
            " noise of a dark background below zero to zero."
        )


def _within_raster(raster: Raster, segments: gpd.GeoDataFrame, crs: CRS, near_km: float) -> NDArray[np.bool_]:
    """Whether all places near a segment lie on the raster."""
    to_raster = Transformer.from_crs(crs, raster.crs, always_xy=True)

    def lies_within(shape: shapely.Geometry) -> bool:
        x, y = to_raster.transform(*shapely.get_coordinates(shape).T)
        return bool(((x >= raster.west) & (x <= raster.east) & (y >= raster.south) & (y <= raster.north)).all())

    # the line first: places around it are slow to draw, and most lines lie elsewhere
    return np.array(
        [
            lies_within(line) and lies_within(shapely.buffer(line, 1000 * near_km))
            for line in segments.to_crs(crs).geometry.to_numpy()
        ]
    )


def _covered(
    counted: pd.DataFrame, near: pd.DataFrame, segments: gpd.GeoDataFrame, inside: NDArray[np.bool_]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Strips of the segments that are covered on both sides, and the names of the others."""
    names = segments["segment"].astype("str").to_numpy()
    if counted.empty:
        return counted, tuple(names)
    sides = segments[["prov_a", "prov_b"]].astype("str").to_numpy()[counted["segment"]]
    own = counted["province_code"].to_numpy()
    counted = counted[(own == sides[:, 0]) | (own == sides[:, 1])]  # a line across a bay is none of the own province
    own_near = near[near.index.isin(counted.index)]
    totals = own_near.groupby(["segment", "province_code"])[["cells", "missing"]].sum()
    full = totals["missing"] <= _MISSING_ALLOWED * totals.sum(axis=1)
    both = full.groupby("segment").sum()
    good = [place for place in both.index[both == 2] if inside[place]]
    kept = counted[counted["segment"].isin(good) & (counted["cells"] > 0)]
    first, second = (segments[side].astype("str").to_numpy()[kept["segment"]] for side in ("prov_a", "prov_b"))
    means = {name: kept[name] / kept["cells"] for name in ("value", "distance_km", "longitude", "latitude")}
    table = kept.assign(
        **means,
        pair=segments["pair"].astype("str").to_numpy()[kept["segment"]],
        across=np.where(kept["province_code"] == first, second, first),
        segment=names[kept["segment"]],
    )
    shown = ["pair", "segment", "province_code", "across", "strip", "distance_km", "longitude", "latitude", "value"]
    ordered = table.sort_values(["segment", "province_code", "strip"], ignore_index=True)
    return ordered[[*shown, "cells"]], tuple(name for place, name in enumerate(names) if place not in set(good))
