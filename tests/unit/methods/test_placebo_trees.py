"""Random spanning trees of many graphs at once: trees indeed, each equally often where all must be, sides counted."""

import numpy as np
import pytest
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree
from scipy.stats import chisquare

from shanhai.methods.placebo._recombine import root_trees, spanning_edges

Ends = tuple[np.ndarray, np.ndarray]


def random_graph(nodes: int, edges: int, seed: int) -> Ends:
    pairs = np.random.default_rng(seed).integers(0, nodes, size=(edges, 2))
    pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]


def components(nodes: int, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return connected_components(coo_array((np.ones(len(first)), (first, second)), shape=(nodes, nodes)))[1]


@pytest.mark.parametrize("seed", range(5))
def test_tree_joins_what_the_graph_joins_without_a_circle(seed: int) -> None:
    first, second = random_graph(200, 260, seed)  # sparse: several components and lone nodes
    tree = spanning_edges(200, first, second, np.random.default_rng(seed))
    whole, joined = components(200, first, second), components(200, first[tree], second[tree])
    np.testing.assert_array_equal(whole, joined)
    assert len(tree) == 200 - whole.max() - 1


def test_trees_of_a_square_with_a_diagonal_come_as_often_as_by_scipys_minimum_spanning_tree() -> None:
    """Eight trees, not equally likely under random lengths: the shares of another program are the yardstick."""
    first, second = np.array([0, 1, 2, 0, 0]), np.array([1, 2, 3, 3, 2])
    copies, rng = 4_000, np.random.default_rng(3)
    shift = 4 * np.arange(copies)[:, None]
    tree = spanning_edges(4 * copies, (first + shift).ravel(), (second + shift).ravel(), rng)
    ours = np.bincount(np.bincount(tree // 5, weights=2.0 ** (tree % 5)).astype(int), minlength=32)
    theirs = np.zeros(32)
    for _ in range(copies):
        lengths = csr_array(coo_array((rng.uniform(0.5, 1, 5), (first, second)), shape=(4, 4)))
        kept = minimum_spanning_tree(lengths).toarray()[first, second] > 0
        theirs[int((2.0 ** np.arange(5))[kept].sum())] += 1
    np.testing.assert_array_equal(ours > 0, theirs > 0)
    assert (ours > 0).sum() == 8
    pooled = (ours + theirs)[ours > 0] / 2
    assert chisquare(ours[ours > 0], pooled).pvalue > 0.001
    assert chisquare(theirs[ours > 0], pooled).pvalue > 0.001


def test_one_seed_gives_one_tree() -> None:
    ends = random_graph(100, 400, 1)
    trees = [spanning_edges(100, *ends, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(trees[0], trees[1])
    assert not np.array_equal(trees[0], trees[2])


@pytest.mark.parametrize("seed", range(3))
def test_sizes_are_the_nodes_that_a_cut_leaves_below(seed: int) -> None:
    """Each edge taken out by scipy: the component of the child has as many nodes as its subtree."""
    first, second = random_graph(60, 200, seed)
    tree = spanning_edges(60, first, second, np.random.default_rng(seed))
    ends = first[tree], second[tree]
    rooted = root_trees(60, *ends)
    children = np.concatenate(rooted.layers)
    assert len(children) == len(tree) == len(np.unique(children))
    for child in children:
        kept = ~((ends[0] == child) & (ends[1] == rooted.parent[child]))
        kept &= ~((ends[1] == child) & (ends[0] == rooted.parent[child]))
        assert kept.sum() == len(tree) - 1
        found = components(60, ends[0][kept], ends[1][kept])
        assert (found == found[child]).sum() == rooted.sizes[child]


def test_labels_are_inherited_down_to_the_next_label() -> None:
    """A path 0-1-2-3-4-5: its middle is the root, so a label at one node reaches the end behind it."""
    rooted = root_trees(6, np.arange(5), np.arange(1, 6))
    labels = np.full(6, -1)
    labels[1] = 7
    found = rooted.inherited(labels)
    order = breadth_first_order(csr_array(coo_array((np.ones(5), (np.arange(5), np.arange(1, 6))), shape=(6, 6))), 0)[0]
    np.testing.assert_array_equal(order, np.arange(6))
    np.testing.assert_array_equal(found, [7, 7, -1, -1, -1, -1])


def test_nodes_without_edges_are_roots_of_nothing() -> None:
    rooted = root_trees(3, np.array([], dtype=np.int64), np.array([], dtype=np.int64))
    np.testing.assert_array_equal(rooted.parent, [-1, -1, -1])
    np.testing.assert_array_equal(rooted.sizes, [1, 1, 1])
    assert rooted.layers == []
