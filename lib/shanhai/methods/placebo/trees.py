"""Random spanning trees of many graphs at once, and the number of nodes on either side of each edge.

The tree is the minimum spanning tree under random edge lengths, found by Boruvka's method (1926): every component takes
its shortest edge outwards, components grow together, and about ten rounds of a few array operations serve hundreds of
thousands of edges of thousands of graphs. The tree is then peeled from its leaves inwards, which roots it and counts
the nodes below each edge.

References
----------
Boruvka, O. (1926), O jistem problemu minimalnim, Prace Moravske prirodovedecke spolecnosti 3, 37-58.
"""

from dataclasses import dataclass

import numpy as np

from shanhai.methods.arrays import Codes

LONGEST = np.iinfo(np.int64).max
"""Longer than any edge."""


@dataclass(frozen=True)
class RootedTrees:
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
        shortest = np.full(nodes, LONGEST)
        np.minimum.at(shortest, a, length)
        np.minimum.at(shortest, b, length)
        growing = np.flatnonzero(shortest < LONGEST)
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


def root_trees(nodes: int, first: Codes, second: Codes) -> RootedTrees:
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
    return RootedTrees(parent, sizes, layers)
