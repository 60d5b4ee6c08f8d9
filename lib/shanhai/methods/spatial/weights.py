"""Spatial weights: who is whose neighbour, by shared edge, by distance, or by rank of nearness; in any country.

Distances are great circles, found from straight lines through the sphere, so places on both sides of the 180th
meridian are near each other and no projection is chosen. Units without a neighbour (islands) are never passed over:
the caller says what becomes of them, and the result names them (``matrix``).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.spatial import cKDTree

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.door import require_columns, require_unique
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM, on_unit_sphere
from shanhai.methods.spatial.matrix import NAMED, TIE, IslandRule, SpatialWeights, nearest_pairs, standardised

if TYPE_CHECKING:
    from libpysal.graph import Graph  # type: ignore[import-untyped]


def contiguity_weights(
    edges: pd.DataFrame, codes: Sequence[str], *, islands: IslandRule = "refuse", places: pd.DataFrame | None = None
) -> SpatialWeights:
    """Neighbours are units that share an edge.

    Parameters
    ----------
    edges : DataFrame
        ``code_a``, ``code_b``, each pair once, as from ``shanhai.geo.edges.shared_edges``. Edges with a unit that is
        not in ``codes`` are left out, so a unit at the rim of a sample has fewer neighbours than on the map.
    codes : sequence of str
        Units of the regression.
    islands : ``"refuse"``, ``"keep"`` or ``"attach"``
    places : DataFrame, optional
        ``code``, ``longitude``, ``latitude``; only ``attach`` needs it.

    Raises
    ------
    SpecificationError
        If a column is absent, a code occurs twice, or islands are refused or cannot be attached.
    """
    require_unique(codes)
    require_columns(edges, ("code_a", "code_b"), "the table of edges")
    position = pd.Series(np.arange(len(codes)), index=list(codes))
    inside = edges[edges["code_a"].isin(position.index) & edges["code_b"].isin(position.index)]
    pairs = np.column_stack([inside[column].map(position).to_numpy(dtype=np.int64) for column in ("code_a", "code_b")])
    if (pairs[:, 0] == pairs[:, 1]).any():
        raise SpecificationError("edges link a unit with itself; allowed: two different units. Drop these rows.")
    points = None if places is None else _points(places, codes)
    return standardised(np.vstack([pairs, pairs[:, ::-1]]), codes, "contiguity", islands, points)


def distance_weights(places: pd.DataFrame, cutoff_km: float, *, islands: IslandRule = "refuse") -> SpatialWeights:
    """Neighbours are units whose places lie no farther apart than a distance, all with the same weight.

    Parameters
    ----------
    places : DataFrame
        ``code``, ``longitude``, ``latitude`` (degrees; longitudes may run to 180 or to 360).
    cutoff_km : float
        Kilometres along the great circle; a pair at exactly this distance counts.
    islands : ``"refuse"``, ``"keep"`` or ``"attach"``

    Raises
    ------
    SpecificationError
        If a column is absent, a coordinate or the cutoff is out of range, or islands are refused.
    """
    codes = _codes(places)
    points, reach = on_unit_sphere(places["longitude"], places["latitude"], "uniform", cutoff_km, EARTH_RADIUS_KM)
    chord = 2 * np.sin(reach / 2) * (1 + TIE)
    pairs = cKDTree(points).query_pairs(chord, output_type="ndarray").astype(np.int64)
    return standardised(np.vstack([pairs, pairs[:, ::-1]]), codes, f"within {cutoff_km:g} km", islands, points)


def nearest_weights(places: pd.DataFrame, k: int, *, symmetric: bool = False) -> SpatialWeights:
    """Neighbours are the k nearest units; equal distances are ordered by code, so the order of rows changes nothing.

    Parameters
    ----------
    places : DataFrame
        ``code``, ``longitude``, ``latitude`` (degrees).
    k : int
        Neighbours of each unit, from 1 to n - 1.
    symmetric : bool
        Also count those among whose k nearest the unit itself is.

    Raises
    ------
    SpecificationError
        If a column is absent, a coordinate is out of range, or k is no number of other units.
    """
    codes = _codes(places)
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k < len(codes):
        raise SpecificationError(
            f"k is {k!r} for {len(codes)} units; allowed: a whole number from 1 to {len(codes) - 1}, as a unit has no "
            "more others. Take a smaller k."
        )
    pairs = nearest_pairs(_points(places, codes), codes, k)
    rule = f"{k} nearest"
    if symmetric:
        pairs, rule = np.vstack([pairs, pairs[:, ::-1]]), f"{k} nearest, either way"
    return standardised(pairs, codes, rule, "refuse", None)


def graph_weights(graph: "Graph", *, rule: str, islands: IslandRule = "refuse") -> SpatialWeights:
    """Weights from a graph of libpysal, standardised by row; ``attach`` needs coordinates and is not offered here.

    Raises
    ------
    SpecificationError
        If the graph has negative weights, links of units with themselves, or islands that are refused.
    """
    if islands == "attach":
        raise SpecificationError("islands of a graph cannot be attached; allowed: refuse, keep. Add links in libpysal.")
    codes = tuple(str(code) for code in graph.unique_ids)
    found = sparse.coo_array(graph.sparse)
    found.eliminate_zeros()
    if (found.data < 0).any() or (found.row == found.col).any():
        raise SpecificationError(
            "the graph has negative weights or links of units with themselves; allowed: weights of zero or more "
            "between different units. Drop these links."
        )
    pairs = np.column_stack([found.row, found.col]).astype(np.int64)
    return standardised(pairs, codes, rule, islands, None, np.asarray(found.data, dtype=np.float64))


def _codes(places: pd.DataFrame) -> tuple[str, ...]:
    require_columns(places, ("code", "longitude", "latitude"), "the table of places")
    require_unique(places["code"].to_list())
    return tuple(places["code"])


def _points(places: pd.DataFrame, codes: Sequence[str]) -> Array:
    """Places of the codes on the unit sphere, n x 3, in the order of the codes."""
    _codes(places)
    absent = set(codes) - set(places["code"])
    if absent:
        raise SpecificationError(
            f"{len(absent)} units have no place: {', '.join(sorted(absent)[:NAMED])}; allowed: a row with longitude "
            "and latitude for each. Add them, or leave the units out."
        )
    found = places.set_index("code").loc[list(codes)]
    return on_unit_sphere(found["longitude"], found["latitude"], "uniform", 1.0, EARTH_RADIUS_KM)[0]
