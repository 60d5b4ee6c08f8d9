"""Borders that a country could have had: its units cut anew into contiguous regions of the same sizes.

The walk is recombination (DeFord, Duchin & Solomon 2021). Two neighbouring regions are merged, a random spanning tree
of the merged units is drawn (the minimum spanning tree under random edge lengths), and it is cut at an edge that
leaves exactly as many units on either side as the two regions had; without such an edge nothing moves. Many pairs
of many walks take their step at once, as one large forest.

Borders cut at random wind more than real ones, so more units would touch them. Each divided pair of neighbours
therefore costs something (Metropolis et al. 1953), and the cost is set before the first draw so that borders are on
average as long as the real ones, and run through terrain as rugged if terrain is given: after each round it is moved
towards what would bring the average of all maps nearer to the real map, by ever smaller steps (stochastic
approximation, Robbins & Monro 1951); the mean of the later half of the steps is kept (Polyak & Juditsky 1992).

A region in several pieces (an exclave, islands) is kept in as many pieces of the same sizes, so every piece is
contiguous in every draw. A piece that no other region touches, such as an island, never moves and has no border.

References
----------
DeFord, D., Duchin, M. & Solomon, J. (2021), Recombination: a family of Markov chains for redistricting, Harvard Data
Science Review 3(1).
Metropolis, N. et al. (1953), Equation of state calculations by fast computing machines, Journal of Chemical Physics 21.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shanhai.core.errors import BoundaryError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes, Flags
from shanhai.methods.placebo._recombine import Pieces, recombine

_STEP = 0.1
"""First step, as cost for each unit of relative difference."""

_HALVED_AFTER = 40
"""Rounds after which a step is half of the first."""


@dataclass(frozen=True)
class _BorderCost:
    """Cost of a divided pair of neighbours: ``level - pull x ruggedness``, in units of log probability."""

    level: float
    """Cost at mean ruggedness; higher makes borders shorter."""
    pull: float
    """Reduction for one standard deviation of ruggedness; 0 if terrain plays no part."""


@dataclass
class _BorderLikeness:
    """Real borders as a target, and the cost that leads towards it."""

    first: Codes
    second: Codes
    rugged: Array
    """Ruggedness of each edge, standardised over all edges; zeros without terrain."""
    divided: int
    """Edges that the real map divides."""
    rugged_where_divided: float
    """Their mean ruggedness."""
    cost: _BorderCost = field(default_factory=lambda: _BorderCost(0.0, 0.0))
    steps: list[_BorderCost] = field(default_factory=list)

    @classmethod
    def of(cls, regions: Codes, first: Codes, second: Codes, terrain: Array | None) -> "_BorderLikeness":
        """Likeness to a real map.

        Raises
        ------
        BoundaryError
            If terrain is missing for a unit, or the same for all.
        """
        rugged = np.zeros(len(first))
        if terrain is not None:
            values = np.asarray(terrain, dtype=np.float64)
            if len(values) != len(regions) or not np.isfinite(values).all():
                raise BoundaryError(
                    f"terrain has {len(values)} values, {int((~np.isfinite(values)).sum())} of them missing, for "
                    f"{len(regions)} units; allowed: one number a unit. Fill in the missing, or leave it out."
                )
            rugged = (values[first] + values[second]) / 2
            if np.ptp(rugged) == 0:
                raise BoundaryError("terrain is the same everywhere; allowed: terrain that varies. Leave it out.")
            rugged = (rugged - rugged.mean()) / rugged.std()
        divided = regions[first] != regions[second]
        return cls(first, second, rugged, int(divided.sum()), float(rugged[divided].mean()))

    @property
    def edge_cost(self) -> Array:
        """Cost of each edge."""
        return self.cost.level - self.cost.pull * self.rugged

    def adjust(self, labels: NDArray[np.integer], *, last: bool) -> None:
        """Move the cost after a round; ``labels`` are the regions of all maps (maps x n)."""
        divided = labels[:, self.first] != labels[:, self.second]
        rugged = float((divided @ self.rugged).sum() / divided.sum())
        step = _STEP / (1 + len(self.steps) / _HALVED_AFTER)
        self.cost = _BorderCost(
            self.cost.level + step * (float(divided.sum(axis=1).mean()) / self.divided - 1),
            self.cost.pull + step * (self.rugged_where_divided - rugged),
        )
        self.steps.append(self.cost)
        if last:
            later = self.steps[len(self.steps) // 2 :]
            self.cost = _BorderCost(
                float(np.mean([cost.level for cost in later])), float(np.mean([cost.pull for cost in later]))
            )


_WALKS = 16
"""Walks that take their steps together; draws of different walks have only the real map in common."""

ROUNDS_BEFORE = 180
"""Rounds before the first draw of a walk, in each of which most regions try to recombine with a neighbour. On a map of
some 2,850 units in 31 regions a walk forgets the real map in about 100: then as few of the divided pairs of units are
divided again as later on."""

ROUNDS_BETWEEN = 10
"""Rounds between two draws of one walk; they still resemble each other, so errors are taken between walks."""

_TUNING = 2 / 3
"""Share of the rounds before the first draw in which the cost of a border is set; then it stays."""


@dataclass(frozen=True)
class BorderColumns:
    """Names of the columns that borders are drawn from.

    Examples
    --------
    >>> from shanhai.methods.placebo import BorderColumns
    >>> BorderColumns("county", "state", "on_state_line", ("county1", "county2")).region
    'state'
    """

    unit: str = "unit"
    """Code of the unit, one row each."""
    region: str = "region"
    """Region of the unit, whose borders are drawn anew."""
    border: str = "border"
    """Whether the unit lies on a border of its region; missing where that is not known."""
    edges: tuple[str, str] = ("unit_a", "unit_b")
    """Of the table of edges: codes of two units that share one."""


NEUTRAL_COLUMNS = BorderColumns()
"""The names where none are given."""


@dataclass(frozen=True, repr=False)
class UnitGraph(Shown):
    """Units, their regions, and which of them share an edge."""

    codes: NDArray[np.object_]
    """n codes of units, in the order given."""
    regions: Codes
    """n numbers of regions, places in ``region_codes``."""
    region_codes: NDArray[np.object_]
    """Codes of the regions, sorted."""
    first: Codes
    """One end of each shared edge, a place in ``codes``."""
    second: Codes
    """The other end."""
    columns: BorderColumns = NEUTRAL_COLUMNS
    """Where all this came from."""

    @property
    def on_border(self) -> Flags:
        """n, whether a unit shares an edge with one of another region."""
        return border_units(self, self.regions[None, :])[0]

    @property
    def pieces(self) -> Codes:
        """n numbers of the connected pieces of regions."""
        same = self.regions[self.first] == self.regions[self.second]
        return _components(len(self.codes), self.first[same], self.second[same])

    @property
    def islands(self) -> Flags:
        """n, whether no way over shared edges leads from a unit to another region."""
        whole = _components(len(self.codes), self.first, self.second)
        reached = np.bincount(whole, weights=self.on_border) > 0
        return np.asarray(~reached[whole])


@dataclass(frozen=True, repr=False)
class Partitions(Shown):
    """Maps drawn for the units of a graph."""

    graph: UnitGraph
    """The real map."""
    labels: NDArray[np.int16]
    """draws x n, number of the region of each unit in each drawn map."""
    on_border: Flags
    """draws x n, whether a unit lies on a border of the drawn map."""
    walk: Codes
    """draws, number of the walk that a draw comes from."""
    recombined: Codes
    """draws, pairs of regions that the walk recombined from the real map up to this draw."""
    cost: _BorderCost
    """What a divided pair of neighbours cost."""

    def describe(self) -> pd.DataFrame:
        """One row a draw: the columns of :func:`compare_maps`, then ``recombined``."""
        return compare_maps(self.graph, self.labels, self.on_border).assign(recombined=self.recombined)


def unit_graph(units: pd.DataFrame, edges: pd.DataFrame, columns: BorderColumns = NEUTRAL_COLUMNS) -> UnitGraph:
    """Graph of units that share an edge.

    Parameters
    ----------
    units : DataFrame
        Unit and region, one row a unit.
    edges : DataFrame
        Pairs, as from :func:`shanhai.geo.edges.shared_edges`; one that is named again, or from its other side, counts
        once.
    columns : BorderColumns
        Names of these columns.

    Raises
    ------
    BoundaryError
        If a column is absent, a code occurs twice or is missing, a unit has no region, or edges name other
        units.
    """
    unit, region, (left, right) = columns.unit, columns.region, columns.edges
    for frame, needed, what in ((units, {unit, region}, "units"), (edges, {left, right}, "edges")):
        absent = sorted(needed - set(frame.columns))
        if absent:
            raise BoundaryError(
                f"the table of {what} has no column {', '.join(map(repr, absent))}; it has: "
                f"{', '.join(map(str, frame.columns))}. Rename the column, or name it in the call."
            )
    codes = units[unit].to_numpy(dtype=object)
    wrong = units[unit].duplicated().to_numpy() | units[[unit, region]].isna().any(axis=1).to_numpy()
    if wrong.any():
        raise BoundaryError(
            f"{int(wrong.sum())} units have no region, or a code that is missing or occurs twice: "
            f"{', '.join(map(str, codes[wrong][:8]))}; allowed: each code once, with its region. Correct these "
            "rows, or drop them."
        )
    place = pd.Index(codes)
    first, second = place.get_indexer(edges[left]), place.get_indexer(edges[right])
    unknown = (first < 0) | (second < 0) | (first == second)
    if unknown.any():
        named = edges.loc[unknown, [left, right]].astype(str).agg("-".join, axis=1)
        raise BoundaryError(
            f"edges that do not join two different units of the {len(codes)} in the frame, {int(unknown.sum())} of "
            f"{len(edges)}: {', '.join(named.head(8))}; allowed: edges between these units. Take both from one "
            "boundary layer."
        )
    ends = pd.DataFrame({"first": np.minimum(first, second), "second": np.maximum(first, second)})
    once = ~ends.duplicated().to_numpy()  # lists of neighbours name most pairs from both sides
    numbers, names = pd.factorize(units[region].to_numpy(dtype=object), sort=True)
    return UnitGraph(
        codes,
        numbers.astype(np.int64),
        np.asarray(names, dtype=object),
        first[once].astype(np.int64),
        second[once].astype(np.int64),
        columns,
    )


def draw_partitions(
    graph: UnitGraph,
    draws: int,
    rng: np.random.Generator,
    *,
    terrain: Array | None = None,
    rounds_before: int = ROUNDS_BEFORE,
    rounds_between: int = ROUNDS_BETWEEN,
) -> Partitions:
    """Draw maps in which every region has as many units as it really has, in contiguous pieces.

    Parameters
    ----------
    graph : UnitGraph
        The real map, where every walk starts.
    draws : int
        Maps to draw, shared out evenly over ``_WALKS`` walks.
    rng : Generator
        Source of all randomness; the same state gives the same maps.
    terrain : array, n, optional
        Ruggedness of the units. If given, drawn borders run through terrain as rugged as real ones do.
    rounds_before, rounds_between : int
        Rounds of a walk before its first draw, and between two.

    Returns
    -------
    Partitions

    Raises
    ------
    BoundaryError
        If draws or rounds are fewer than one, no region touches another, or terrain is missing somewhere.

    Notes
    -----
    The limit distribution of the walk is known only up to approximation (trees are not drawn uniformly, and proposals
    are not corrected to be reversible), so a p-value among the draws is a position among plausible maps, not the
    result of a lottery that somebody held.
    """
    if min(draws, rounds_before, rounds_between) < 1:
        raise BoundaryError(
            f"draws {draws}, rounds before {rounds_before}, rounds between {rounds_between}; allowed: one or more. "
            "999 draws with the rounds of the defaults are usual."
        )
    if not graph.on_border.any():
        raise BoundaryError("no region touches another (allowed: two that share an edge). Check the edges.")
    pieces = Pieces.of(graph.pieces, graph.first, graph.second)
    region_of = np.zeros(len(pieces.sizes), dtype=np.int16)
    region_of[graph.pieces] = graph.regions
    walks = min(_WALKS, draws)
    state = np.tile(graph.pieces, (walks, 1))
    likeness = _BorderLikeness.of(graph.regions, graph.first, graph.second, terrain)
    moved = np.zeros(walks, dtype=np.int64)
    tuned = max(1, int(_TUNING * rounds_before))
    for number in range(rounds_before):
        moved += recombine(state, pieces, likeness.edge_cost, rng)
        if number < tuned:
            likeness.adjust(region_of[state], last=number == tuned - 1)
    labels = np.empty((draws, len(graph.codes)), dtype=np.int16)
    recombined = np.empty(draws, dtype=np.int64)
    for start in range(0, draws, walks):
        for _ in range(rounds_between if start else 0):
            moved += recombine(state, pieces, likeness.edge_cost, rng)
        stop = min(start + walks, draws)
        labels[start:stop] = region_of[state[: stop - start]]
        recombined[start:stop] = moved[: stop - start]
    found = border_units(graph, labels)
    return Partitions(graph, labels, found, np.arange(draws) % walks, recombined, likeness.cost)


def border_units(graph: UnitGraph, labels: NDArray[np.integer]) -> Flags:
    """Which units share an edge with a unit of another label, for each map (draws x n in, draws x n out)."""
    found = np.zeros(labels.shape, dtype=bool)
    for row, drawn in zip(found, labels, strict=True):
        divided = drawn[graph.first] != drawn[graph.second]
        row[graph.first[divided]] = True
        row[graph.second[divided]] = True
    return found


def compare_maps(graph: UnitGraph, labels: NDArray[np.integer], on_border: Flags) -> pd.DataFrame:
    """How far drawn maps are from the real one.

    Returns
    -------
    DataFrame, one row a map
        ``units_on_border``; ``share_on_border`` (percent of all units); ``real_kept`` (percent of the real border
        units that are on a border again); ``pairs_kept`` (percent of the pairs of units that a real border
        divides and that are divided again).
    """
    real, divided = graph.on_border, graph.regions[graph.first] != graph.regions[graph.second]
    first, second = graph.first[divided], graph.second[divided]
    return pd.DataFrame(
        {
            "units_on_border": on_border.sum(axis=1),
            "share_on_border": 100.0 * on_border.mean(axis=1),
            "real_kept": 100.0 * on_border[:, real].mean(axis=1),
            "pairs_kept": 100.0 * (labels[:, first] != labels[:, second]).mean(axis=1),
        }
    )


def _components(n: int, first: Codes, second: Codes) -> Codes:
    """Number of the connected component of each of n nodes."""
    links = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
