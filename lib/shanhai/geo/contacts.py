"""Which contacts of two polygons are a common border on land: long enough, and no strip of sea under a bridge."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shanhai.geo.crs import ELLIPSOID

LEAST_EDGE_KM = 1.0
"""Two units are neighbours if they share an edge of at least this length on land.

Where four units meet in a point, simplification pulls the point apart into a short edge between two of them, or closes
such an edge. Each end of an edge is displaced by up to the tolerance of the layer (0.4 km, ``COARSE`` in
``shanhai.geo.boundaries._simplify``): an edge of up to 0.8 km cannot be told from a common point, rounded up 1 km.
"""

_CORRIDOR_KM = 5.0
"""A contact that runs from shore to shore and is shorter than this is a corridor, not land.

Sources draw a bridge to an island, and the sea beside it, as part of a county: a strip of a few kilometres that ends in
open water on both sides. Counties that meet on land meet along lines that end inland, or that cross a peninsula or an
island; the shortest of those between two counties of China, in Dalian, is 12.8 km.
"""

Ends = NDArray[np.float64]
"""n segments, each (longitude, latitude) of its start and its end: shape (n, 2, 2)."""


def lengths_km(ends: Ends) -> NDArray[np.float64]:
    """Lengths of segments along the WGS 84 ellipsoid."""
    start, stop = ends[:, 0], ends[:, 1]
    return np.asarray(ELLIPSOID.inv(start[:, 0], start[:, 1], stop[:, 0], stop[:, 1])[2]) / 1000


def number_points(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """One integer for each distinct point, by exact comparison; shape (n, 2) to (n,)."""
    places = np.ascontiguousarray(points).view(np.complex128).ravel()
    return np.unique(places, return_inverse=True)[1].ravel()


def over_water(
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
    number = number_points(np.concatenate([ends.reshape(-1, 2), outer.reshape(-1, 2)]))
    start, stop = number[: 2 * len(ends)].reshape(-1, 2).T
    points = number.max() + 1
    on_shore = np.zeros(points, dtype=bool)
    on_shore[number[2 * len(ends) :]] = True
    pair = np.unique(first.astype(np.int64) * (second.max() + 1) + second, return_inverse=True)[1].ravel()
    nodes, node = np.unique(np.concatenate([pair * points + start, pair * points + stop]), return_inverse=True)
    one, other = node.ravel().reshape(2, -1)
    links = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(len(nodes), len(nodes)))
    contact = connected_components(links, directed=False)[1]
    tips = np.bincount(node.ravel(), minlength=len(nodes)) == 1
    inland = tips & ~on_shore[nodes % points]
    open_ended = (np.bincount(contact, weights=tips) > 0) & (np.bincount(contact, weights=inland) == 0)
    length = np.bincount(contact[one], weights=lengths_km(ends), minlength=contact.max() + 1)
    return np.asarray((open_ended & (length < corridor_km))[contact[one]])
