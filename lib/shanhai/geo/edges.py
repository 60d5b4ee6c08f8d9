"""Edges that polygons of a coverage share, found vertex by vertex, and which of them are a common border on land."""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shanhai.core.errors import BoundaryError
from shanhai.geo.crs import ELLIPSOID, require_degrees

LEAST_EDGE_KM = 1.0
"""Two units are neighbours if they share an edge of at least this length on land.

Where four units meet in a point, simplification pulls the point apart into a short edge between two of them, or closes
such an edge. Each end of an edge is displaced by up to the tolerance of the layer (0.4 km, ``COARSE`` in
``shanhai.geo.boundaries._coverage``): an edge of up to 0.8 km cannot be told from a common point, rounded up 1 km.
"""

_CORRIDOR_KM = 5.0
"""A contact that runs from shore to shore and is shorter than this is a corridor, not land.

Sources draw a bridge to an island, and the sea beside it, as part of a county: a strip of a few kilometres that ends in
open water on both sides. Counties that meet on land meet along lines that end inland, or that cross a peninsula or an
island; the shortest of those between two counties of China, in Dalian, is 12.8 km.
"""

Ends = NDArray[np.float64]
"""n segments, each (longitude, latitude) of its start and its end: shape (n, 2, 2)."""

GAPS = ((0.002, 0.15), (0.005, 0.3), (0.01, 0.5))
"""Width in degrees (about 200 m, 500 m, 1 km) and share of an outline: polygons that such strips divide from others
along more of their outline are drawn with gaps. Straits count as well: along the island of Huli (Xiamen), the most
watery county of the bundled layer, they reach 7, 23 and 36 per cent. Shrunken polygons have gaps along all of it."""

_OUTLINE_POINTS = 100
"""Segments of an outline that are looked at, about: they tell a share of 15 per cent from one of 7."""

_CLEAN = (
    "Clean the layer, a frame by shanhai.geo.door.clean_layer(frame).frame and a file of counties by `shanhai build"
    " boundaries --from FILE`: both repair rings and fit edges together with shapely.coverage_clean."
)

_LEAVE_OUT = "Leave these rows out: frame[frame.geom_type.isin(['Polygon', 'MultiPolygon']) & ~frame.is_empty]."


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
class _OuterSegments:
    """Straight pieces of boundary that one polygon has alone: coast, frontier, the edge of the map or of a hole."""

    owner: np.ndarray
    """Position of the polygon in the frame, shape (m,), in order."""
    ends: np.ndarray
    """Start and end, each (longitude, latitude), shape (m, 2, 2)."""


@dataclass(frozen=True)
class Coverage:
    """A layer of polygons that has been found fit for measures of edges, and the edges themselves."""

    frame: gpd.GeoDataFrame
    """Polygons in WGS 84 degrees."""
    segments: SharedSegments
    outer: _OuterSegments

    @cached_property
    def on_land(self) -> SharedSegments:
        """Shared segments without corridors over water."""
        found = self.segments
        return found.subset(~_over_water(found.first, found.second, found.ends, self.outer.ends))

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
        polygons that overlap, do not have the same vertices along a common edge, or stand apart by narrow gaps.
    """
    frame = require_degrees(frame)
    if code not in frame.columns:
        found = list(frame.columns)
        raise BoundaryError(f"The boundary layer has no column {code!r} (found: {found}). Rename the one with codes.")
    _refuse(frame, code, frame[code].isna().to_numpy(), "have no code", "Fill the codes in.")
    _refuse(frame, code, frame[code].duplicated(keep=False).to_numpy(), "carry a code twice", _CLEAN)
    shapes = np.array(frame.geometry.values)
    polygonal = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    _refuse(frame, code, ~polygonal, "are no polygons (allowed: Polygon, MultiPolygon, not empty)", _LEAVE_OUT)
    _refuse(frame, code, ~shapely.is_valid(shapes), "are invalid", _CLEAN)
    wrong = ~shapely.is_empty(shapely.coverage_invalid_edges(shapes))
    _refuse(frame, code, wrong, "overlap a neighbour or do not meet it vertex by vertex", _CLEAN)
    segments, outer = _segments(shapes)
    _refuse(frame, code, _gaping(shapes, outer), "are divided from others by narrow gaps", _CLEAN)
    return Coverage(frame, segments, outer)


def gaping(shapes: np.ndarray) -> np.ndarray:
    """Polygons that narrow gaps divide from others, which hide their neighbours from every measure of edges.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon, of length n
        A valid coverage in degrees.

    Returns
    -------
    bool, shape (n,)
    """
    return _gaping(shapes, _outer_segments(shapes))


def _gaping(shapes: np.ndarray, outer: _OuterSegments) -> np.ndarray:
    owner, ends = outer.owner, outer.ends
    lines, lengths = shapely.linestrings(ends), np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    outside = np.bincount(owner, lengths, len(shapes)) / shapely.length(shapes)
    count = np.bincount(owner, minlength=len(shapes))
    place = np.arange(len(owner)) - np.searchsorted(owner, owner)  # segments of one polygon stand together
    taken = np.flatnonzero(place % (count // _OUTLINE_POINTS + 1)[owner] == 0)
    middles = shapely.points(ends[taken].mean(axis=1))
    point, line = shapely.STRtree(lines).query(middles, predicate="dwithin", distance=GAPS[-1][0])
    other = owner[taken[point]] != owner[line]
    nearest = np.full(len(middles), np.inf)
    np.minimum.at(nearest, point[other], shapely.distance(middles[point[other]], lines[line[other]]))
    owner, lengths = owner[taken], lengths[taken]
    looked_at = np.maximum(np.bincount(owner, lengths, len(shapes)), np.finfo(float).tiny)
    result = np.zeros(len(shapes), dtype=bool)
    for width, share in GAPS:
        beside = np.bincount(owner, np.where(nearest <= width, lengths, 0.0), len(shapes)) / looked_at * outside
        result |= beside > share
    return result


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
    return _segments(shapes)[0]


def _outer_segments(shapes: np.ndarray) -> _OuterSegments:
    """Find the segments that belong to one polygon of a coverage only; parameters as of :func:`shared_segments`."""
    return _segments(shapes)[1]


def _segments(shapes: np.ndarray) -> tuple[SharedSegments, _OuterSegments]:
    parts, of_part = shapely.get_parts(shapes, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    points, of_point = shapely.get_coordinates(rings, return_index=True)
    along = np.flatnonzero(of_point[1:] == of_point[:-1])
    numbers = _number_points(points)
    low, high = np.minimum(numbers[along], numbers[along + 1]), np.maximum(numbers[along], numbers[along + 1])
    key = low * (len(points) + 1) + high
    order = np.argsort(key, kind="stable")
    twin = np.flatnonzero(key[order][1:] == key[order][:-1])
    left, right = order[twin], order[twin + 1]
    owner, ends = of_part[of_ring[of_point[along]]], np.stack([points[along], points[along + 1]], axis=1)
    first, second = np.minimum(owner[left], owner[right]), np.maximum(owner[left], owner[right])
    alone = np.ones(len(along), dtype=bool)
    alone[left] = alone[right] = False
    return SharedSegments(first, second, ends[left]), _OuterSegments(owner[alone], ends[alone])


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
        :data:`shanhai.geo.edges.LEAST_EDGE_KM`). With 0 every edge counts.

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


def lengths_km(ends: Ends) -> NDArray[np.float64]:
    """Lengths of segments along the WGS 84 ellipsoid."""
    start, stop = ends[:, 0], ends[:, 1]
    return np.asarray(ELLIPSOID.inv(start[:, 0], start[:, 1], stop[:, 0], stop[:, 1])[2]) / 1000


def _number_points(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """One integer for each distinct point, by exact comparison; shape (n, 2) to (n,)."""
    places = np.ascontiguousarray(points).view(np.complex128).ravel()
    return np.unique(places, return_inverse=True)[1].ravel()


def _over_water(
    first: NDArray[np.int64], second: NDArray[np.int64], ends: Ends, outer: Ends, corridor_km: float = _CORRIDOR_KM
) -> NDArray[np.bool_]:
    """Which shared segments belong to a corridor: a contact from shore to shore, shorter than ``corridor_km``.

    Parameters
    ----------
    first, second : int, shape (n,)
        The two units of each shared segment.
    ends : float, shape (n, 2, 2)
    outer : float, shape (m, 2, 2)
        Segments that belong to one unit only.
    corridor_km : float

    Returns
    -------
    bool, shape (n,)

    Notes
    -----
    A contact is a connected line that two units share. A closed one (an exclave) has no ends and is land. Where
    neighbours are absent from a layer, its edge is taken for a shore.
    """
    if not len(first):
        return np.zeros(0, dtype=bool)
    number = _number_points(np.concatenate([ends.reshape(-1, 2), outer.reshape(-1, 2)]))
    start, stop = number[: 2 * len(ends)].reshape(-1, 2).T
    points = number.max() + 1
    on_shore = np.zeros(points, dtype=bool)
    on_shore[number[2 * len(ends) :]] = True
    pair = np.unique(first.astype(np.int64) * (second.max() + 1) + second, return_inverse=True)[1].ravel()
    nodes, node = np.unique(np.concatenate([pair * points + start, pair * points + stop]), return_inverse=True)
    left, right = node.ravel().reshape(2, -1)
    links = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(len(nodes), len(nodes)))
    contact = connected_components(links, directed=False)[1]
    tips = np.bincount(node.ravel(), minlength=len(nodes)) == 1
    inland = tips & ~on_shore[nodes % points]
    open_ended = (np.bincount(contact, weights=tips) > 0) & (np.bincount(contact, weights=inland) == 0)
    length = np.bincount(contact[left], weights=lengths_km(ends), minlength=contact.max() + 1)
    return np.asarray((open_ended & (length < corridor_km))[contact[left]])
