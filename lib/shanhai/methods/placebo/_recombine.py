"""One round of recombination for many maps at once: pairs of neighbouring pieces, spanning trees, balanced cuts.

All maps are handled as one large graph: node ``map x n + node``, piece ``map x pieces + piece``. The tree is the
minimum spanning tree under random edge lengths, found by Boruvka's method (1926): every component takes its shortest
edge outwards, components grow together, and about ten rounds of a few array operations serve hundreds of thousands of
edges of thousands of graphs. The tree is then peeled from its leaves inwards, which roots it and counts the nodes below
each edge.

References
----------
Boruvka, O. (1926), O jistem problemu minimalnim, Prace Moravske prirodovedecke spolecnosti 3, 37-58.
"""

from dataclasses import dataclass

import numpy as np

from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes, Flags

_LONGEST = np.iinfo(np.int64).max
"""Longer than any edge."""


@dataclass(frozen=True)
class _RootedTrees:
    """Trees as layers of leaves: taken off one layer after the other, until the roots are left."""

    parent: Codes
    """Parent of each node; -1 for roots and for nodes of no edge."""
    sizes: Codes
    """Nodes in the subtree of each node, itself counted."""
    layers: list[Codes]
    """Nodes with a parent, outermost first: a node comes in an earlier layer than its parent."""

    def inherited(self, labels: Codes) -> Codes:
        """Labels passed down from parent to child where a node has none (-1) of its own."""
        found = labels.copy()
        for layer in reversed(self.layers):
            own, given = found.take(layer), found.take(self.parent.take(layer))
            found[layer] = np.where(own < 0, given, own)
        return found


def spanning_edges(nodes: int, first: Codes, second: Codes, rng: np.random.Generator) -> Codes:
    """Places of the edges of a random spanning tree of every connected part of a graph.

    Parameters
    ----------
    nodes : int
        Nodes are numbered 0..nodes-1.
    first, second : array of int
        Ends of the edges.
    rng : Generator
        Draws the lengths. Every length carries the number of its edge, so no two are the same.
    """
    count = len(first)
    bits = count.bit_length()
    number_of = (1 << bits) - 1
    length = (rng.integers(0, 1 << (62 - bits), size=count) << bits) | np.arange(count)
    in_tree = np.zeros(count, dtype=bool)
    component, a, b = np.arange(nodes), first, second
    while len(length):
        shortest = np.full(nodes, _LONGEST)
        np.minimum.at(shortest, a, length)
        np.minimum.at(shortest, b, length)
        growing = np.flatnonzero(shortest < _LONGEST)
        taken = shortest.take(growing) & number_of
        in_tree[taken] = True
        merged = _merged(nodes, growing, component.take(first.take(taken)), component.take(second.take(taken)))
        component, a, b = merged.take(component), merged.take(a), merged.take(b)
        between = np.flatnonzero(a != b)
        a, b, length = a.take(between), b.take(between), length.take(between)
    return np.flatnonzero(in_tree)


def _merged(nodes: int, growing: Codes, first: Codes, second: Codes) -> Codes:
    """Number that each component goes by once all that grow have taken the edge between ``first`` and ``second``."""
    towards = np.arange(nodes)
    towards[growing] = np.where(first == growing, second, first)
    beyond = towards.take(towards)
    mutual = (beyond.take(growing) == growing) & (growing < towards.take(growing))
    towards[growing[mutual]] = growing[mutual]  # two that took the same edge: the lower is the root
    above = towards.take(towards)
    while not np.array_equal(above, towards):
        towards, above = above, above.take(above)
    return towards


def root_trees(nodes: int, first: Codes, second: Codes) -> _RootedTrees:
    """Root trees given by their edges, each in its middle.

    A leaf has one neighbour, so the exclusive or of the numbers of all neighbours, kept up to date while leaves are
    taken off, names it without a list of neighbours.

    Parameters
    ----------
    nodes : int
    first, second : array of int
        Ends of the edges; no circles.
    """
    degree = np.bincount(first, minlength=nodes) + np.bincount(second, minlength=nodes)
    across = np.zeros(nodes, dtype=np.int64)
    np.bitwise_xor.at(across, first, second)
    np.bitwise_xor.at(across, second, first)
    parent, sizes = np.full(nodes, -1, dtype=np.int64), np.ones(nodes, dtype=np.int64)
    place = np.empty(nodes, dtype=np.int64)
    layers = []
    leaves = np.flatnonzero(degree == 1)
    while len(leaves):
        above = across.take(leaves)
        inner = np.flatnonzero((degree.take(above) > 1) | (leaves < above))  # of the last two the higher is the root
        leaves, above = leaves.take(inner), above.take(inner)
        parent[leaves] = above
        degree[leaves] = 0
        np.subtract.at(degree, above, 1)
        np.bitwise_xor.at(across, above, leaves)
        np.add.at(sizes, above, sizes.take(leaves))
        layers.append(leaves)
        numbers = np.arange(len(above))
        place[above] = numbers  # each node once: the last writer of its place
        leaves = above[(degree.take(above) == 1) & (place.take(above) == numbers)]
    return _RootedTrees(parent, sizes, layers)


_PAIRINGS = 3
"""Times that pieces still alone look for a partner within one round."""

_TOGETHER = 16
"""Maps handled as one graph; more would not fit in the processor's cache."""


@dataclass(frozen=True, repr=False)
class Pieces(Shown):
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
class _Cuts:
    """One balanced cut of each pair that has one."""

    nodes: Codes
    """Node below the cut."""
    pairs: Codes
    """Its pair: the lower piece of the two."""
    below: Codes
    """Piece that the subtree becomes."""
    above: Codes
    """Piece that the rest becomes."""


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
    parts = [state[start : start + _TOGETHER] for start in range(0, len(state), _TOGETHER)]
    return np.concatenate([_recombine(part, pieces, cost, rng) for part in parts])


def _recombine(state: Codes, pieces: Pieces, cost: Array, rng: np.random.Generator) -> Codes:
    """One round for a few maps."""
    maps, n = state.shape
    count = len(pieces.sizes)
    own = (state + count * np.arange(maps)[:, None]).reshape(-1)
    first, second = ((ends + n * np.arange(maps)[:, None]).reshape(-1) for ends in (pieces.first, pieces.second))
    mates = _pairs((own.take(first), own.take(second)), maps, count, rng)
    pair = np.where(mates < 0, -1, np.minimum(mates, np.arange(maps * count))).take(own)
    within = np.flatnonzero((pair.take(first) == pair.take(second)) & (pair.take(first) >= 0))
    first, second = first.take(within), second.take(within)
    tree = spanning_edges(maps * n, first, second, rng)
    trees = root_trees(maps * n, first.take(tree), second.take(tree))
    cuts = _cuts(trees, own, mates, np.tile(pieces.sizes, maps), rng)
    proposed = _relabelled(own, pair, trees, cuts)
    ends = cost.take(within % len(cost)), first, second
    taken = cuts.pairs[_accepted(own, proposed, pair, cuts, ends, rng)]
    takes = np.zeros(maps * count + 1, dtype=bool)  # the last for nodes in no pair, whose number is -1
    takes[taken] = True
    state[:] = (np.where(takes.take(pair), proposed, own)).reshape(maps, n) - count * np.arange(maps)[:, None]
    return np.bincount(taken // count, minlength=maps).astype(np.int64)


def _pairs(ends: tuple[Codes, Codes], maps: int, count: int, rng: np.random.Generator) -> Codes:
    """Partner of each piece, -1 without one: every pair is the best of both under random priorities.

    ``ends`` are the pieces at both ends of every edge.
    """
    divided = np.flatnonzero(ends[0] != ends[1])
    a, b = (end.take(divided) for end in ends)
    touches = np.zeros(maps * count * count, dtype=bool)
    touches[np.minimum(a, b) * count + np.maximum(a, b) % count] = True
    touching = np.flatnonzero(touches)
    priority = np.zeros((maps, count, count))
    priority.reshape(-1)[touching] = rng.uniform(0.1, 1.0, size=len(touching))
    priority += priority.transpose(0, 2, 1)
    mates = np.full((maps, count), -1, dtype=np.int64)
    own = np.arange(count)
    for _ in range(_PAIRINGS):
        best = priority.argmax(axis=2)
        mutual = (np.take_along_axis(best, best, axis=1) == own) & (priority.max(axis=2) > 0)
        mates[mutual] = best[mutual]
        priority[mutual] = 0.0
        priority.transpose(0, 2, 1)[mutual] = 0.0
    return np.where(mates < 0, -1, mates + count * np.arange(maps)[:, None]).reshape(-1)


def _cuts(trees: _RootedTrees, own: Codes, mates: Codes, wanted: Codes, rng: np.random.Generator) -> _Cuts:
    """One balanced cut a pair, at random among those of its tree."""
    nodes = np.concatenate(trees.layers) if trees.layers else np.zeros(0, dtype=np.int64)
    piece = own.take(nodes)
    mate, below = mates.take(piece), trees.sizes.take(nodes)
    as_own, as_mate = np.flatnonzero(below == wanted.take(piece)), np.flatnonzero(below == wanted.take(mate))
    fits = np.concatenate([as_own, as_mate])
    becomes = np.concatenate([piece.take(as_own), mate.take(as_mate)])
    remains = np.concatenate([mate.take(as_own), piece.take(as_mate)])
    pair = np.minimum(becomes, remains)
    order = rng.permutation(len(fits))
    chosen = np.full(len(mates), -1, dtype=np.int64)
    chosen[pair.take(order)] = order  # of several cuts the last in a random order
    chosen = chosen[chosen >= 0]
    return _Cuts(nodes.take(fits.take(chosen)), pair.take(chosen), becomes.take(chosen), remains.take(chosen))


def _relabelled(own: Codes, pair: Codes, trees: _RootedTrees, cuts: _Cuts) -> Codes:
    """The maps with the subtree of each cut as one of its pieces and the rest of the pair as the other."""
    below = np.full(len(own), -1, dtype=np.int64)
    below[cuts.nodes] = cuts.below
    below = trees.inherited(below)
    rest = np.full(int(own.max()) + 2, -1, dtype=np.int64)  # the last for nodes in no pair, whose number is -1
    rest[cuts.pairs] = cuts.above
    above = rest.take(pair)
    return np.asarray(np.where(above < 0, own, np.where(below >= 0, below, above)))


def _accepted(
    own: Codes,
    proposed: Codes,
    pair: Codes,
    cuts: _Cuts,
    edges: tuple[Array, Codes, Codes],
    rng: np.random.Generator,
) -> Flags:
    """Which pairs take their cut: all whose borders get no costlier, others by chance (``edges``: cost and ends)."""
    cost, first, second = edges
    after = proposed.take(first) != proposed.take(second)
    changed = np.flatnonzero(after != (own.take(first) != own.take(second)))
    change = np.where(after.take(changed), cost.take(changed), -cost.take(changed))
    rise = np.bincount(pair.take(first.take(changed)), weights=change, minlength=int(own.max()) + 1)
    return np.asarray(-np.log(rng.uniform(size=len(cuts.pairs))) >= rise.take(cuts.pairs))
