"""Edges that polygons of a coverage share, found vertex by vertex."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from shanhai.errors import BoundaryError
from shanhai.geo.crs import ELLIPSOID, require_degrees


@dataclass(frozen=True)
class SharedSegments:
    """Straight pieces of boundary that two polygons have in common; arrays of equal length n.

    Attributes
    ----------
    first, second : int, shape (n,)
        Positions of the two polygons in the frame, first < second.
    ends : float, shape (n, 2, 2)
        Start and end, each (longitude, latitude).
    """

    first: np.ndarray
    second: np.ndarray
    ends: np.ndarray

    def subset(self, chosen: np.ndarray) -> "SharedSegments":
        """The shared segments for which the boolean array ``chosen`` is true."""
        return SharedSegments(self.first[chosen], self.second[chosen], self.ends[chosen])


@dataclass(frozen=True)
class Coverage:
    """A layer of polygons that has been found fit for measures of edges, and the edges themselves."""

    frame: gpd.GeoDataFrame
    """Polygons in WGS 84 degrees."""
    segments: SharedSegments


def open_coverage(frame: gpd.GeoDataFrame, code: str = "code") -> Coverage:
    """The door for any county layer, ours or a user's own, that edges are measured on.

    Parameters
    ----------
    frame : GeoDataFrame
        Polygons in degrees, one row a unit.
    code : str
        Column of unique codes.

    Raises
    ------
    BoundaryError
        No or a projected reference system; a code missing or twice; a geometry that is empty, no polygon, or invalid;
        polygons that overlap or do not have the same vertices along a common edge.
    """
    frame = require_degrees(frame)
    if code not in frame.columns:
        found = list(frame.columns)
        raise BoundaryError(f"The boundary layer has no column {code!r} (found: {found}). Rename the one with codes.")
    _refuse(frame, code, frame[code].isna().to_numpy(), "have no code", "Fill the codes in.")
    _refuse(frame, code, frame[code].duplicated(keep=False).to_numpy(), "carry a code twice", "Dissolve them by code.")
    shapes = np.array(frame.geometry.values)
    polygonal = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    _refuse(frame, code, ~polygonal, "are no polygons (allowed: Polygon, MultiPolygon, not empty)", "Draw them.")
    _refuse(frame, code, ~shapely.is_valid(shapes), "are invalid", "Repair them with GeoDataFrame.make_valid.")
    wrong = ~shapely.is_empty(shapely.coverage_invalid_edges(shapes))
    remedy = "Clean the layer with shapely.coverage_clean."
    _refuse(frame, code, wrong, "overlap a neighbour or do not meet it vertex by vertex", remedy)
    return Coverage(frame, shared_segments(shapes))


def _refuse(frame: gpd.GeoDataFrame, code: str, wrong: np.ndarray, what: str, remedy: str) -> None:
    if wrong.any():
        named = ", ".join(frame.loc[wrong, code].astype("str").fillna("(none)").head(8))
        raise BoundaryError(f"{int(wrong.sum())} of {len(frame)} polygons {what}: {named}. {remedy}")


def shared_segments(shapes: np.ndarray) -> SharedSegments:
    """Find the segments that two polygons of a coverage share.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon, of length n

    Notes
    -----
    In a valid coverage a segment belongs to one polygon (coast, frontier) or to two, with the same end points to the
    last bit. Each end point gets a number, each segment the pair of its numbers, and equal pairs meet after one sort.
    """
    parts, of_part = shapely.get_parts(shapes, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    points, of_point = shapely.get_coordinates(rings, return_index=True)
    along = np.flatnonzero(of_point[1:] == of_point[:-1])
    numbers = _number(points)
    low, high = np.minimum(numbers[along], numbers[along + 1]), np.maximum(numbers[along], numbers[along + 1])
    key = low * (len(points) + 1) + high
    order = np.argsort(key, kind="stable")
    twin = np.flatnonzero(key[order][1:] == key[order][:-1])
    one, other = along[order[twin]], along[order[twin + 1]]
    owner = of_part[of_ring[of_point]]
    ends = np.stack([points[one], points[one + 1]], axis=1)
    return SharedSegments(np.minimum(owner[one], owner[other]), np.maximum(owner[one], owner[other]), ends)


def _number(points: np.ndarray) -> np.ndarray:
    """One integer for each distinct point, by exact comparison."""
    places = np.ascontiguousarray(points).view(np.complex128).ravel()
    return np.unique(places, return_inverse=True)[1].ravel()


def shared_edges(frame: gpd.GeoDataFrame, code: str = "code") -> pd.DataFrame:
    """Pairs of units that share an edge, with its length: the contiguity of the coverage.

    Parameters
    ----------
    frame : GeoDataFrame
        A valid coverage in degrees (see :func:`open_coverage`).

    Returns
    -------
    DataFrame
        ``code_a``, ``code_b`` (text, ``code_a < code_b``) and ``length_km`` along the WGS 84 ellipsoid; sorted.
        Units that touch only in a point are no pair.
    """
    coverage = open_coverage(frame, code)
    found, codes = coverage.segments, coverage.frame[code].to_numpy()
    pairs = np.sort(np.stack([codes[found.first], codes[found.second]], axis=1), axis=1)
    table = pd.DataFrame({"code_a": pairs[:, 0], "code_b": pairs[:, 1], "length_km": _lengths_km(found.ends)})
    return table.groupby(["code_a", "code_b"], as_index=False).sum()


def _lengths_km(ends: np.ndarray) -> np.ndarray:
    start, stop = ends[:, 0], ends[:, 1]
    return np.asarray(ELLIPSOID.inv(start[:, 0], start[:, 1], stop[:, 0], stop[:, 1])[2]) / 1000
