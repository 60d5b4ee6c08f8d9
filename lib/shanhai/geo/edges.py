"""Edges that polygons of a coverage share, found vertex by vertex."""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from shanhai.errors import BoundaryError
from shanhai.geo.contacts import LEAST_EDGE_KM, lengths_km, number_points, over_water
from shanhai.geo.crs import require_degrees


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
class OuterSegments:
    """Straight pieces of boundary that one polygon has alone: coast, frontier, the edge of the map or of a hole."""

    owner: np.ndarray
    """Position of the polygon in the frame, shape (m,)."""
    ends: np.ndarray
    """Start and end, each (longitude, latitude), shape (m, 2, 2)."""


@dataclass(frozen=True)
class Coverage:
    """A layer of polygons that has been found fit for measures of edges, and the edges themselves."""

    frame: gpd.GeoDataFrame
    """Polygons in WGS 84 degrees."""
    segments: SharedSegments

    @cached_property
    def outer(self) -> OuterSegments:
        """Segments of one polygon only."""
        return outer_segments(np.array(self.frame.geometry.values))

    @cached_property
    def on_land(self) -> SharedSegments:
        """Shared segments without corridors over water (:func:`shanhai.geo.contacts.over_water`)."""
        found = self.segments
        return found.subset(~over_water(found.first, found.second, found.ends, self.outer.ends))

    def neighbours(self, least_km: float = LEAST_EDGE_KM) -> pd.DataFrame:
        """Pairs that share at least ``least_km`` of edge on land: ``first``, ``second`` (positions), ``length_km``.

        Raises
        ------
        BoundaryError
            ``least_km`` is negative or no number.
        """
        if not 0 <= least_km < np.inf:
            raise BoundaryError(f"A least edge of {least_km} km; allowed: 0 or more. {LEAST_EDGE_KM} is the default.")
        land = self.on_land
        pairs = pd.DataFrame({"first": land.first, "second": land.second, "length_km": lengths_km(land.ends)})
        lengths = pairs.groupby(["first", "second"], as_index=False).sum()
        return lengths[lengths["length_km"] >= least_km].reset_index(drop=True)


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
    owner, ends, key = _segments(shapes)
    order = np.argsort(key, kind="stable")
    twin = np.flatnonzero(key[order][1:] == key[order][:-1])
    one, other = owner[order[twin]], owner[order[twin + 1]]
    return SharedSegments(np.minimum(one, other), np.maximum(one, other), ends[order[twin]])


def outer_segments(shapes: np.ndarray) -> OuterSegments:
    """Find the segments that belong to one polygon of a coverage only; parameters as of :func:`shared_segments`."""
    owner, ends, key = _segments(shapes)
    _, place, times = np.unique(key, return_inverse=True, return_counts=True)
    alone = times[place.ravel()] == 1
    return OuterSegments(owner[alone], ends[alone])


def _segments(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All segments of all rings: owner, ends, and a number that the same segment of two polygons has in common."""
    parts, of_part = shapely.get_parts(shapes, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    points, of_point = shapely.get_coordinates(rings, return_index=True)
    along = np.flatnonzero(of_point[1:] == of_point[:-1])
    numbers = number_points(points)
    low, high = np.minimum(numbers[along], numbers[along + 1]), np.maximum(numbers[along], numbers[along + 1])
    owner = of_part[of_ring[of_point[along]]]
    return owner, np.stack([points[along], points[along + 1]], axis=1), low * (len(points) + 1) + high


def shared_edges(frame: gpd.GeoDataFrame, code: str = "code", least_km: float = LEAST_EDGE_KM) -> pd.DataFrame:
    """Pairs of units that share an edge on land, with its length: the contiguity of the coverage.

    Parameters
    ----------
    frame : GeoDataFrame
        A valid coverage in degrees (see :func:`open_coverage`).
    code : str
        Column of unique codes.
    least_km : float
        Least length of a shared edge; below it a contact is taken for a common point (see
        :data:`shanhai.geo.contacts.LEAST_EDGE_KM`). With 0 every edge counts.

    Returns
    -------
    DataFrame
        ``code_a``, ``code_b`` (text, ``code_a < code_b``) and ``length_km`` along the WGS 84 ellipsoid; sorted.
        Units that touch only in a point, or over water, are no pair.

    Raises
    ------
    BoundaryError
        As :func:`open_coverage`, or ``least_km`` is negative.
    """
    coverage = open_coverage(frame, code)
    pairs, codes = coverage.neighbours(least_km), coverage.frame[code].to_numpy()
    named = np.sort(np.stack([codes[pairs["first"]], codes[pairs["second"]]], axis=1), axis=1)
    table = pd.DataFrame({"code_a": named[:, 0], "code_b": named[:, 1], "length_km": pairs["length_km"]})
    return table.sort_values(["code_a", "code_b"], ignore_index=True)
