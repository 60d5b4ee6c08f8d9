"""Spatial weights: who is whose neighbour, by shared edge, by distance, or by rank of nearness; in any country.

Distances are great circles, found from straight lines through the sphere, so places on both sides of the 180th
meridian are near each other and no projection is chosen. Rows sum to one. Units without a neighbour (islands) are
never passed over: the caller says what becomes of them, and the result names them.

Source: ``lib/docs/spatial-models.md``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import require_columns, require_unique
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM, on_unit_sphere

if TYPE_CHECKING:
    from libpysal.graph import Graph  # type: ignore[import-untyped]

Pairs = NDArray[np.int64]

_IslandRule = Literal["refuse", "keep", "attach"]
"""What becomes of units without a neighbour: ``refuse`` raises an error that names them; ``keep`` leaves them with a
row of zeros, so their spatial lag is zero; ``attach`` links each with the nearest other unit, in both directions."""

_TIE = 1e-9
"""Two distances closer than this share of each other are equal; equal distances are ordered by code."""

_NAMED = 8
"""Codes that an error message names."""


@dataclass(frozen=True, repr=False)
class SpatialWeights(Shown):
    """Row-standardised weights of n units: each row of neighbours sums to one, or to zero for a kept island."""

    codes: tuple[str, ...]
    """n codes, the order of rows and columns."""
    matrix: sparse.csr_array
    """n x n weights, row focal and column neighbour, with an empty diagonal."""
    rule: str
    """Who counts as a neighbour, in words, such as ``contiguity`` or ``6 nearest``."""
    islands: tuple[str, ...]
    """Units that had no neighbour under the rule."""
    island_rule: _IslandRule
    """What was done with them."""
    attached: tuple[tuple[str, str], ...]
    """Under ``attach``: island and the unit it was linked with."""

    @property
    def links(self) -> int:
        """Number of neighbours, counted from both sides."""
        return int(self.matrix.nnz)

    @property
    def label(self) -> str:
        """The rule and the islands in a few words, for tables."""
        if not self.islands:
            return self.rule
        done = {"keep": "kept with no neighbour", "attach": "linked with the nearest", "refuse": "refused"}
        return f"{self.rule}; {len(self.islands)} islands {done[self.island_rule]}"

    @cached_property
    def graph(self) -> "Graph":
        """The same weights as an immutable graph of libpysal, for its tools and those of esda and spreg."""
        from libpysal.graph import Graph  # here, because the import takes seconds

        return Graph.from_sparse(self.matrix.tocoo(), ids=list(self.codes))

    def aligned(self, codes: Sequence[str]) -> sparse.csr_array:
        """Weights in the order of the rows of a regression.

        Raises
        ------
        SpecificationError
            If the codes are not exactly those of the weights: rows standardised over other units would be wrong.
        """
        asked = list(codes)
        if tuple(asked) == self.codes:
            return self.matrix
        _refuse_others(set(asked) - set(self.codes), "have no row in the weights", self.rule)
        _refuse_others(set(self.codes) - set(asked), "are in the weights but not in the regression", self.rule)
        require_unique(asked)
        position = {code: place for place, code in enumerate(self.codes)}
        order = np.array([position[code] for code in asked])
        return sparse.csr_array(self.matrix[order][:, order])


def _refuse_others(codes: Iterable[str], what: str, rule: str) -> None:
    listed = sorted(map(str, codes))
    if listed:
        raise SpecificationError(
            f"{len(listed)} units {what} ({rule}): {', '.join(listed[:_NAMED])}{' ...' if len(listed) > _NAMED else ''}"
            "; allowed: weights of exactly the rows of the regression. Build them on the codes that "
            "spatial_codes(spec, frame) gives."
        )


def _nearest_pairs(points: Array, codes: Sequence[str], k: int) -> Pairs:
    """Each unit with its k nearest others, (n k) x 2; ties go to the lower code."""
    tree = cKDTree(points)
    reach = tree.query(points, k=[k + 1])[0][:, 0]
    around = tree.query_ball_point(points, reach * (1 + _TIE) + 1e-15)
    found = np.concatenate([np.asarray(neighbours, dtype=np.int64) for neighbours in around])
    focal = np.repeat(np.arange(len(points)), [len(neighbours) for neighbours in around])
    focal, found = focal[focal != found], found[focal != found]
    distance = np.linalg.norm(points[focal] - points[found], axis=1)
    # those on the rim, all equally far, stand behind the others and are ordered by code
    on_rim = distance >= reach[focal] * (1 - _TIE) - 1e-15
    rank = np.argsort(np.argsort(np.asarray(codes, dtype=str)))
    order = np.lexsort((rank[found], on_rim, focal))
    focal, found = focal[order], found[order]
    place = np.arange(len(focal)) - np.searchsorted(focal, focal)
    return np.column_stack([focal, found])[place < k]


def standardised(
    pairs: Pairs,
    codes: Sequence[str],
    rule: str,
    islands: _IslandRule,
    points: Array | None,
    values: Array | None = None,
) -> SpatialWeights:
    """Row-standardise links, with islands treated as asked.

    Parameters
    ----------
    pairs : array, m x 2
        Places of focal unit and neighbour.
    codes : n codes.
    rule : str
        Who counts as a neighbour, in words.
    islands : ``"refuse"``, ``"keep"`` or ``"attach"``
    points : array, n x 3, optional
        Places on the unit sphere; only ``attach`` needs them.
    values : array, m, optional
        Weights before standardisation; ones by default.

    Raises
    ------
    SpecificationError
        If islands are refused, or cannot be attached.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.spatial.weights import standardised
    >>> weights = standardised(np.array([[0, 1], [1, 0], [1, 2], [2, 1]]), ["a", "b", "c"], "in a row", "refuse", None)
    >>> weights.matrix.toarray().tolist()
    [[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]
    """
    if islands not in get_args(_IslandRule):
        raise SpecificationError(f"islands is {islands!r}; allowed: {', '.join(get_args(_IslandRule))}. Name one.")
    n = len(codes)
    matrix = sparse.coo_array(
        (np.ones(len(pairs)) if values is None else values, (pairs[:, 0], pairs[:, 1])), shape=(n, n)
    ).tocsr()
    if values is None:
        matrix.data[:] = 1.0  # a pair named from both sides is one link
    alone = np.flatnonzero(np.asarray(matrix.sum(axis=1)) == 0)
    attached: tuple[tuple[str, str], ...] = ()
    if len(alone) and islands == "refuse":
        raise SpecificationError(
            f"{len(alone)} units have no neighbour ({rule}): {', '.join(codes[i] for i in alone[:_NAMED])}"
            f"{' ...' if len(alone) > _NAMED else ''}; allowed for islands: keep (a spatial lag of zero), attach (the "
            "nearest unit). Choose one, or another rule of neighbourhood."
        )
    if len(alone) and islands == "attach":
        matrix, attached = _attach(matrix, alone, codes, points)
    sums = np.asarray(matrix.sum(axis=1))
    matrix = sparse.csr_array(sparse.diags_array(1 / np.where(sums > 0, sums, 1.0)) @ matrix)
    matrix.sort_indices()
    for array in (matrix.data, matrix.indices, matrix.indptr):
        array.setflags(write=False)
    return SpatialWeights(tuple(codes), matrix, rule, tuple(codes[i] for i in alone.tolist()), islands, attached)


def _attach(
    matrix: sparse.csr_array, alone: Pairs, codes: Sequence[str], points: Array | None
) -> tuple[sparse.csr_array, tuple[tuple[str, str], ...]]:
    """Link each island with its nearest unit, in both directions."""
    if len(codes) < 2:
        raise SpecificationError(f"{len(codes)} unit cannot be attached; allowed: two or more. Take a larger sample.")
    if points is None:
        raise SpecificationError(
            "islands cannot be attached without places; allowed: a frame with code, longitude, latitude. "
            "Pass it as places, or choose keep."
        )
    nearest = _nearest_pairs(points, codes, 1)[alone]
    both = np.vstack([nearest, nearest[:, ::-1]])
    links = sparse.coo_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=matrix.shape).tocsr()
    links.data[:] = 1.0
    named = tuple((codes[island], codes[unit]) for island, unit in nearest.tolist())
    return sparse.csr_array(matrix + links), named


def contiguity_weights(
    edges: pd.DataFrame,
    codes: Sequence[str],
    *,
    islands: _IslandRule = "refuse",
    places: pd.DataFrame | None = None,
    pair: tuple[str, str] = ("code_a", "code_b"),
) -> SpatialWeights:
    """Neighbours are units that share an edge.

    Parameters
    ----------
    edges : DataFrame
        Two columns of codes, each pair once, as from ``shanhai.geo.edges.shared_edges``. Edges with a unit that is
        not in ``codes`` are left out, so a unit at the rim of a sample has fewer neighbours than on the map.
    codes : sequence of str
        Units of the regression.
    islands : ``"refuse"``, ``"keep"`` or ``"attach"``
    places : DataFrame, optional
        ``code``, ``longitude``, ``latitude``; only ``attach`` needs it.
    pair : tuple of str
        Columns of the two units of an edge.

    Raises
    ------
    SpecificationError
        If a column is absent, a code occurs twice, or islands are refused or cannot be attached.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.spatial import contiguity_weights
    >>> edges = pd.DataFrame({"code_a": ["a", "b"], "code_b": ["b", "c"]})
    >>> contiguity_weights(edges, ["a", "b", "c"]).matrix.toarray()
    array([[0. , 1. , 0. ],
           [0.5, 0. , 0.5],
           [0. , 1. , 0. ]])
    """
    require_unique(codes)
    require_columns(edges, pair, "the table of edges")
    position = pd.Series(np.arange(len(codes)), index=list(codes))
    inside = edges[edges[pair[0]].isin(position.index) & edges[pair[1]].isin(position.index)]
    pairs = np.column_stack([inside[column].map(position).to_numpy(dtype=np.int64) for column in pair])
    if (pairs[:, 0] == pairs[:, 1]).any():
        raise SpecificationError("edges link a unit with itself; allowed: two different units. Drop these rows.")
    points = None if places is None else _points(places, codes)
    return standardised(np.vstack([pairs, pairs[:, ::-1]]), codes, "contiguity", islands, points)


def distance_weights(
    places: pd.DataFrame,
    cutoff_km: float,
    *,
    islands: _IslandRule = "refuse",
    unit: str = "code",
    coords: tuple[str, str] = ("longitude", "latitude"),
) -> SpatialWeights:
    """Neighbours are units whose places lie no farther apart than a distance, all with the same weight.

    Parameters
    ----------
    places : DataFrame
        One row a unit, with its code and its coordinates (degrees; longitudes may run to 180 or to 360).
    cutoff_km : float
        Kilometres along the great circle; a pair at exactly this distance counts.
    islands : ``"refuse"``, ``"keep"`` or ``"attach"``
    unit, coords : str, and tuple of str
        Columns of codes, and of longitude and latitude.

    Raises
    ------
    SpecificationError
        If a column is absent, a coordinate or the cutoff is out of range, or islands are refused.

    Examples
    --------
    Four places, of which the last has a neighbour 57 km off:

    >>> import pandas as pd
    >>> from shanhai.methods.spatial import distance_weights
    >>> places = pd.DataFrame({"code": list("abcd"), "longitude": [10.0, 10.1, 10.2, 11.0], "latitude": 50.0})
    >>> distance_weights(places, 60.0).matrix.toarray().round(2)
    array([[0.  , 0.5 , 0.5 , 0.  ],
           [0.5 , 0.  , 0.5 , 0.  ],
           [0.33, 0.33, 0.  , 0.33],
           [0.  , 0.  , 1.  , 0.  ]])
    """
    places = _named(places, unit, coords)
    codes = _codes(places)
    points, reach = on_unit_sphere(places["longitude"], places["latitude"], "uniform", cutoff_km, EARTH_RADIUS_KM)
    chord = 2 * np.sin(reach / 2) * (1 + _TIE)
    pairs = cKDTree(points).query_pairs(chord, output_type="ndarray").astype(np.int64)
    return standardised(np.vstack([pairs, pairs[:, ::-1]]), codes, f"within {cutoff_km:g} km", islands, points)


def nearest_weights(
    places: pd.DataFrame,
    k: int,
    *,
    symmetric: bool = False,
    unit: str = "code",
    coords: tuple[str, str] = ("longitude", "latitude"),
) -> SpatialWeights:
    """Neighbours are the k nearest units; equal distances are ordered by code, so the order of rows changes nothing.

    Parameters
    ----------
    places : DataFrame
        One row a unit, with its code and its coordinates (degrees).
    k : int
        Neighbours of each unit, from 1 to n - 1.
    symmetric : bool
        Also count those among whose k nearest the unit itself is.
    unit, coords : str, and tuple of str
        Columns of codes, and of longitude and latitude.

    Raises
    ------
    SpecificationError
        If a column is absent, a coordinate is out of range, or k is no number of other units.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.spatial import nearest_weights
    >>> places = pd.DataFrame({"code": list("abcd"), "longitude": [10.0, 10.1, 10.2, 11.0], "latitude": 50.0})
    >>> nearest_weights(places, 1).matrix.toarray()
    array([[0., 1., 0., 0.],
           [1., 0., 0., 0.],
           [0., 1., 0., 0.],
           [0., 0., 1., 0.]])
    """
    places = _named(places, unit, coords)
    codes = _codes(places)
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k < len(codes):
        raise SpecificationError(
            f"k is {k!r} for {len(codes)} units; allowed: a whole number from 1 to {len(codes) - 1}, as a unit has no "
            "more others. Take a smaller k."
        )
    pairs = _nearest_pairs(_points(places, codes), codes, k)
    rule = f"{k} nearest"
    if symmetric:
        pairs, rule = np.vstack([pairs, pairs[:, ::-1]]), f"{k} nearest, either way"
    return standardised(pairs, codes, rule, "refuse", None)


def graph_weights(graph: "Graph", *, rule: str, islands: _IslandRule = "refuse") -> SpatialWeights:
    """Weights from a graph of libpysal, standardised by row; ``attach`` needs coordinates and is not offered here.

    Parameters
    ----------
    graph : libpysal.graph.Graph
    rule : str
        Who counts as a neighbour, in words.
    islands : ``"refuse"`` or ``"keep"``

    Raises
    ------
    SpecificationError
        If the graph has negative weights, links of units with themselves, or islands that are refused.

    Examples
    --------
    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> from shanhai.methods.spatial import graph_weights
    >>> pairs = pd.MultiIndex.from_tuples([("a", "b"), ("b", "a")], names=["focal", "neighbor"])
    >>> graph_weights(Graph(pd.Series(1, index=pairs, name="weight")), rule="by hand").matrix.toarray()
    array([[0., 1.],
           [1., 0.]])
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


def _named(places: pd.DataFrame, unit: str, coords: tuple[str, str]) -> pd.DataFrame:
    """Places under the names that the functions of this page have for codes and coordinates."""
    require_columns(places, (unit, *coords), "the table of places")
    return pd.DataFrame({"code": places[unit], "longitude": places[coords[0]], "latitude": places[coords[1]]})


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
            f"{len(absent)} units have no place: {', '.join(sorted(absent)[:_NAMED])}; allowed: a row with longitude "
            "and latitude for each. Add them, or leave the units out."
        )
    found = places.set_index("code").loc[list(codes)]
    return on_unit_sphere(found["longitude"], found["latitude"], "uniform", 1.0, EARTH_RADIUS_KM)[0]


def in_order_of(values: ArrayLike | pd.Series, codes: Sequence[str], what: str) -> ArrayLike | pd.Series:
    """Values in the order of units: a Series indexed by their codes is put in it, anything without labels is in it.

    Parameters
    ----------
    values : n values; a Series with the codes as index, in any order, or with the plain index 0, 1, ..., n - 1.
    codes : n codes of the units.
    what : str
        Name of the values in errors.

    Returns
    -------
    n values
        In the order of ``codes``; what has no labels as it was given.

    Raises
    ------
    SpecificationError
        If a Series has another index.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.spatial.weights import in_order_of
    >>> in_order_of(pd.Series({"b": 2.0, "a": 1.0}), ["a", "b"], "rain").tolist()
    [1.0, 2.0]
    """
    if not isinstance(values, pd.Series):
        return values
    labels = [str(label) for label in values.index]
    if sorted(labels) == sorted(map(str, codes)) and len(set(labels)) == len(labels):
        return values.set_axis(labels).reindex([str(code) for code in codes])
    if values.index.equals(pd.RangeIndex(len(values))):
        return values
    wrong = sorted(set(labels) - set(map(str, codes))) or sorted(set(map(str, codes)) - set(labels)) or labels
    raise SpecificationError(
        f"{what} has an index that is neither the {len(codes)} codes of the units nor 0, 1, 2, ...: "
        f"{', '.join(wrong[:5])}{' ...' if len(wrong) > 5 else ''}; allowed: a Series indexed by code, or "
        "values in the order of the units. Use set_index('code'), or to_numpy() where the order is right."
    )
