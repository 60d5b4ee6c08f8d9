"""One round of recombination for many maps at once: pairs of neighbouring pieces, spanning trees, balanced cuts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

PAIRINGS = 3
"""Times that pieces still alone look for a partner within one round."""


@dataclass(frozen=True)
class Pieces:
    """What stays the same in every map."""

    sizes: Codes
    """Nodes of each piece."""
    first: Codes
    """One end of each edge."""
    second: Codes
    """The other end."""

    @classmethod
    def of(cls, piece: Codes, first: Codes, second: Codes) -> "Pieces":
        """Sizes of the pieces of a map, with the edges of its nodes."""
        return cls(np.bincount(piece).astype(np.int64), first, second)


@dataclass(frozen=True)
class _Forest:
    """Rooted trees of all merged pairs of all maps, breadth first from one common root at place 0."""

    nodes: Codes
    """Node (map x n + node) at each place."""
    parent: Codes
    """Place of the parent of each place; never decreasing."""
    levels: Codes
    """First place of each depth, then the number of places."""


def recombine(state: Codes, pieces: Pieces, cost: Array, rng: np.random.Generator) -> Codes:
    """Let most of the pieces of each map try to recombine with a neighbour; ``state`` is changed in place.

    Parameters
    ----------
    state : array, maps x n
        Piece of each node in each map, every piece connected.
    pieces : Pieces
    cost : array, one an edge
        What it costs to divide the two ends of an edge. A pair takes its new cut with probability ``exp(-rise)`` if
        the total cost rises (Metropolis et al. 1953), surely if not; zeros take every cut.
    rng : Generator

    Returns
    -------
    array of int, maps
        Pairs that recombined. A pair whose tree has no edge that leaves the right sizes stays as it is.
    """
    mates = _pairs(state, pieces, rng)
    union = np.minimum(mates, np.arange(mates.shape[1]))
    union = np.where(mates < 0, -1, union)
    group = np.take_along_axis(union, state, axis=1)
    within = (group[:, pieces.first] == group[:, pieces.second]) & (group[:, pieces.first] >= 0)
    of_map, edge = np.nonzero(within)
    inner = (of_map.astype(np.int64), edge.astype(np.int64))
    forest = _spanning_forest(group, pieces, inner, rng)
    places, labels = _cuts(forest, _subtree_sizes(forest), state.ravel(), mates, pieces.sizes, rng)
    proposed = _relabelled(state, group, forest, places, labels, mates)
    taken = _accepted(state, proposed, group, pieces, inner, cost, rng)
    state[taken] = proposed[taken]
    return _pairs_moved(group, forest.nodes[places], taken)


def _pairs(state: Codes, pieces: Pieces, rng: np.random.Generator) -> Codes:
    """Partner of each piece in each map, -1 without one: every pair is the best of both under random priorities."""
    maps, count = len(state), len(pieces.sizes)
    one, other = state[:, pieces.first], state[:, pieces.second]
    of_map, edge = np.nonzero(one != other)
    a, b = one[of_map, edge], other[of_map, edge]
    priority = np.zeros((maps, count, count))
    low, high = np.minimum(a, b), np.maximum(a, b)
    touching = np.unique((of_map * count + low) * count + high)
    priority.ravel()[touching] = rng.uniform(0.1, 1.0, size=len(touching))
    priority += priority.transpose(0, 2, 1)
    mates = np.full((maps, count), -1, dtype=np.int64)
    own = np.arange(count)
    for _ in range(PAIRINGS):
        best = priority.argmax(axis=2)
        mutual = (np.take_along_axis(best, best, axis=1) == own) & (priority.max(axis=2) > 0)
        mates[mutual] = best[mutual]
        priority[mutual] = 0.0
        priority.transpose(0, 2, 1)[mutual] = 0.0
    return mates


def _spanning_forest(group: Codes, pieces: Pieces, inner: tuple[Codes, Codes], rng: np.random.Generator) -> _Forest:
    """A random spanning tree of every merged pair."""
    maps, n = group.shape
    of_map, edge = inner
    lengths = rng.uniform(0.5, 1.0, size=len(edge))  # never zero, which would be no edge
    ends = (of_map * n + pieces.first[edge], of_map * n + pieces.second[edge])
    nodes = maps * n
    tree = minimum_spanning_tree(csr_array(coo_array((lengths, ends), shape=(nodes, nodes)))).tocoo()
    merged = np.flatnonzero(group.ravel() >= 0)
    key = (merged // n) * (int(group.max()) + 1) + group.ravel()[merged]
    roots = merged[np.unique(key, return_index=True)[1]]
    links = (np.append(tree.row, np.full(len(roots), nodes)), np.append(tree.col, roots))
    rooted = coo_array((np.ones(len(links[0])), links), shape=(nodes + 1, nodes + 1))
    order, before = breadth_first_order(csr_array(rooted), nodes, directed=False)
    place = np.empty(nodes + 1, dtype=np.int64)
    place[order] = np.arange(len(order))
    parent = np.append(0, place[before[order[1:]]])
    levels = [0, 1]
    while levels[-1] < len(order):
        levels.append(1 + int(np.searchsorted(parent[1:], levels[-1])))
    return _Forest(order.astype(np.int64), parent, np.array(levels))


def _subtree_sizes(forest: _Forest) -> Codes:
    """Nodes below each place, itself counted: depth by depth from the leaves."""
    sizes = np.ones(len(forest.nodes), dtype=np.int64)
    for start, stop in zip(forest.levels[-2:0:-1], forest.levels[:1:-1], strict=True):
        parent = forest.parent[start:stop]
        firsts = np.flatnonzero(np.append(True, parent[1:] != parent[:-1]))
        sizes[parent[firsts]] += np.add.reduceat(sizes[start:stop], firsts)
    return sizes


def _cuts(
    forest: _Forest, sizes: Codes, piece: Codes, mates: Codes, wanted: Codes, rng: np.random.Generator
) -> tuple[Codes, Codes]:
    """One balanced cut a pair at random: place of the node below the edge, and the piece that its subtree becomes."""
    count, n = len(wanted), len(piece) // len(mates)
    nodes = forest.nodes[1:]
    own = piece[nodes]
    mate = mates[nodes // n, own]
    below = sizes[1:]
    fits = np.concatenate([np.flatnonzero(below == wanted[own]), np.flatnonzero(below == wanted[mate])])
    becomes = np.concatenate([own[below == wanted[own]], mate[below == wanted[mate]]])
    inside = forest.parent[1:][fits] > 0  # the link to the common root is no edge
    fits, becomes = fits[inside], becomes[inside]
    shuffled = rng.permutation(len(fits))
    fits, becomes = fits[shuffled], becomes[shuffled]
    pair = (nodes[fits] // n) * count + np.minimum(own[fits], mate[fits])
    chosen = np.unique(pair, return_index=True)[1]
    return fits[chosen] + 1, becomes[chosen]


def _relabelled(state: Codes, group: Codes, forest: _Forest, places: Codes, labels: Codes, mates: Codes) -> Codes:
    """The maps with the subtree of each cut as its piece and the rest of the pair as the other."""
    n = state.shape[1]
    below = np.full(len(forest.nodes), -1, dtype=np.int64)
    below[places] = labels
    for start, stop in zip(forest.levels[2:-1], forest.levels[3:], strict=True):
        inherited = below[forest.parent[start:stop]]
        below[start:stop] = np.where(inherited >= 0, inherited, below[start:stop])
    of_map = forest.nodes[places] // n
    other = mates[of_map, labels]
    rest = np.full(mates.shape, -1, dtype=np.int64)
    rest[of_map, np.minimum(labels, other)] = other
    proposed = state.copy()
    flat, nodes = proposed.reshape(-1), forest.nodes[1:]
    left = rest[nodes // n, group.reshape(-1)[nodes]]
    flat[nodes] = np.where(below[1:] >= 0, below[1:], np.where(left >= 0, left, flat[nodes]))
    return proposed


def _accepted(
    state: Codes,
    proposed: Codes,
    group: Codes,
    pieces: Pieces,
    inner: tuple[Codes, Codes],
    cost: Array,
    rng: np.random.Generator,
) -> Flags:
    """Nodes of the pairs that take their new cut, maps x n.

    Only edges inside a pair matter: those that leave it divide two pieces before and after.
    """
    of_map, edge = inner
    first, second = pieces.first[edge], pieces.second[edge]
    after = proposed[of_map, first] != proposed[of_map, second]
    before = state[of_map, first] != state[of_map, second]
    count = len(pieces.sizes)
    key = of_map * count + group[of_map, first]
    change = np.where(after, cost[edge], 0.0) - np.where(before, cost[edge], 0.0)
    rise = np.bincount(key, weights=change, minlength=len(state) * count).reshape(len(state), count)
    takes = -np.log(rng.uniform(size=rise.shape)) >= rise
    return np.asarray((group >= 0) & np.take_along_axis(takes, np.maximum(group, 0), axis=1))


def _pairs_moved(group: Codes, cut_nodes: Codes, taken: Flags) -> Codes:
    """Pairs of each map that had a cut and took it."""
    maps, n = group.shape
    return np.bincount(cut_nodes[taken.ravel()[cut_nodes]] // n, minlength=maps).astype(np.int64)
