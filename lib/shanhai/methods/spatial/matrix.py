"""The matrix of spatial weights: rows that sum to one, islands that are named, alignment with a regression's rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.door import require_unique

if TYPE_CHECKING:
    from libpysal.graph import Graph  # type: ignore[import-untyped]

Pairs = NDArray[np.int64]

IslandRule = Literal["refuse", "keep", "attach"]
"""What becomes of units without a neighbour: ``refuse`` raises an error that names them; ``keep`` leaves them with a
row of zeros, so their spatial lag is zero; ``attach`` links each with the nearest other unit, in both directions."""

TIE = 1e-9
"""Two distances closer than this share of each other are equal; equal distances are ordered by code."""

NAMED = 8
"""Codes that an error message names."""


@dataclass(frozen=True)
class SpatialWeights:
    """Row-standardised weights of n units: each row of neighbours sums to one, or to zero for a kept island."""

    codes: tuple[str, ...]
    """n codes, the order of rows and columns."""
    matrix: sparse.csr_array
    """n x n weights, row focal and column neighbour, with an empty diagonal."""
    rule: str
    """Who counts as a neighbour, in words, such as ``contiguity`` or ``6 nearest``."""
    islands: tuple[str, ...]
    """Units that had no neighbour under the rule."""
    island_rule: IslandRule
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
            f"{len(listed)} units {what} ({rule}): {', '.join(listed[:NAMED])}{' ...' if len(listed) > NAMED else ''}; "
            "allowed: weights of exactly the rows of the regression. Build them on the codes that "
            "spatial_codes(spec, frame) gives."
        )


def nearest_pairs(points: Array, codes: Sequence[str], k: int) -> Pairs:
    """Each unit with its k nearest others, (n k) x 2; ties go to the lower code."""
    tree = cKDTree(points)
    reach = tree.query(points, k=[k + 1])[0][:, 0]
    around = tree.query_ball_point(points, reach * (1 + TIE) + 1e-15)
    found = np.concatenate([np.asarray(one, dtype=np.int64) for one in around])
    focal = np.repeat(np.arange(len(points)), [len(one) for one in around])
    focal, found = focal[focal != found], found[focal != found]
    distance = np.linalg.norm(points[focal] - points[found], axis=1)
    # those on the rim, all equally far, stand behind the others and are ordered by code
    on_rim = distance >= reach[focal] * (1 - TIE) - 1e-15
    rank = np.argsort(np.argsort(np.asarray(codes, dtype=str)))
    order = np.lexsort((rank[found], on_rim, focal))
    focal, found = focal[order], found[order]
    place = np.arange(len(focal)) - np.searchsorted(focal, focal)
    return np.column_stack([focal, found])[place < k]


def standardised(
    pairs: Pairs,
    codes: Sequence[str],
    rule: str,
    islands: IslandRule,
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
    """
    if islands not in get_args(IslandRule):
        raise SpecificationError(f"islands is {islands!r}; allowed: {', '.join(get_args(IslandRule))}. Name one.")
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
            f"{len(alone)} units have no neighbour ({rule}): {', '.join(codes[i] for i in alone[:NAMED])}"
            f"{' ...' if len(alone) > NAMED else ''}; allowed for islands: keep (a spatial lag of zero), attach (the "
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
    nearest = nearest_pairs(points, codes, 1)[alone]
    both = np.vstack([nearest, nearest[:, ::-1]])
    links = sparse.coo_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=matrix.shape).tocsr()
    links.data[:] = 1.0
    named = tuple((codes[island], codes[unit]) for island, unit in nearest.tolist())
    return sparse.csr_array(matrix + links), named
