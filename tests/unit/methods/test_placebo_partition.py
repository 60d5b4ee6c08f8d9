"""Drawn maps: every piece contiguous and of its size, borders as long as real ones, the same seed the same maps."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shanhai.core.errors import BoundaryError
from shanhai.methods.placebo._partition import Partitions, UnitGraph, border_units, draw_partitions, unit_graph

SIDE, BLOCK = 18, 6
"""A country of 18 x 18 square counties in nine square provinces, an exclave and two islands."""


def country() -> tuple[pd.DataFrame, pd.DataFrame]:
    row, column = np.divmod(np.arange(SIDE**2), SIDE)
    province = 3 * (row // BLOCK) + column // BLOCK
    province[2 * SIDE + 2] = 8  # an exclave of the last province inside the first
    codes = [f"{number:04d}" for number in range(SIDE**2)]
    east = [(a, a + 1) for a in range(SIDE**2) if column[a] < SIDE - 1]
    south = [(a, a + SIDE) for a in range(SIDE**2 - SIDE)]
    pairs = [(codes[a], codes[b]) for a, b in east + south]
    islands = ["9001", "9002"]  # two counties of one province that touch each other and nothing else
    counties = pd.DataFrame({"unit": codes + islands, "region": [f"{10 + p}0000" for p in province] + ["100000"] * 2})
    return counties, pd.DataFrame([*pairs, ("9001", "9002")], columns=["unit_a", "unit_b"])


@pytest.fixture(scope="module")
def graph() -> UnitGraph:
    return unit_graph(*country())


@pytest.fixture(scope="module")
def drawn(graph: UnitGraph) -> Partitions:
    return draw_partitions(graph, 40, np.random.default_rng(1), rounds_before=60, rounds_between=5)


def pieces(graph: UnitGraph, labels: np.ndarray) -> np.ndarray:
    """Component of each county under links between neighbours of one province, by another route than the code."""
    same = labels[graph.first] == labels[graph.second]
    n = len(labels)
    links = coo_array((np.ones(same.sum()), (graph.first[same], graph.second[same])), shape=(n, n))
    return connected_components(links, directed=False)[1]


def test_graph_knows_borders_pieces_and_islands(graph: UnitGraph) -> None:
    assert len(np.unique(graph.pieces)) == 11  # nine provinces, the exclave, the islands
    assert list(graph.codes[graph.islands]) == ["9001", "9002"]
    exclave = 2 * SIDE + 2
    beside = {exclave, exclave - 1, exclave + 1, exclave - SIDE, exclave + SIDE}
    row, column = np.divmod(np.arange(SIDE**2), SIDE)
    along = [np.isin(line, [5, 6, 11, 12]) for line in (row, column)]
    expected = set(np.flatnonzero(along[0] | along[1])) | beside
    assert set(np.flatnonzero(graph.on_border)) == expected


def test_every_province_keeps_its_number_of_counties(graph: UnitGraph, drawn: Partitions) -> None:
    wanted = np.bincount(graph.regions)
    for labels in drawn.labels:
        np.testing.assert_array_equal(np.bincount(labels, minlength=len(wanted)), wanted)


def test_every_drawn_province_is_contiguous_in_its_pieces(graph: UnitGraph, drawn: Partitions) -> None:
    """A province of p pieces has at most p, each a sum of the real sizes; a province of one piece has one."""
    for labels in drawn.labels:
        found = pieces(graph, labels)
        for province in range(len(graph.region_codes)):
            members = labels == province
            sizes = sorted(np.bincount(found[members])[np.unique(found[members])])
            real = sorted(np.bincount(graph.pieces[graph.regions == province]))
            real = [size for size in real if size]
            assert sizes in (real, [sum(real)]), (province, sizes, real)


def test_islands_stay(graph: UnitGraph, drawn: Partitions) -> None:
    np.testing.assert_array_equal(drawn.labels[:, -2:], np.zeros((40, 2)))
    assert not drawn.on_border[:, -2:].any()


def test_on_border_is_what_neighbours_say(graph: UnitGraph, drawn: Partitions) -> None:
    for labels, found in zip(drawn.labels[::7], drawn.on_border[::7], strict=True):
        touched = {
            county
            for a, b in zip(graph.first, graph.second, strict=True)
            if labels[a] != labels[b]
            for county in (a, b)
        }
        assert set(np.flatnonzero(found)) == touched
    np.testing.assert_array_equal(border_units(graph, drawn.labels), drawn.on_border)


def test_draws_leave_the_real_map_and_differ(graph: UnitGraph, drawn: Partitions) -> None:
    far = drawn.describe()
    assert far["pairs_kept"].mean() < 65  # straight real borders are the shortest there are, so draws stay near
    assert len(np.unique(drawn.labels, axis=0)) == 40
    assert (far["recombined"] > 30).all()
    np.testing.assert_allclose(far["share_on_border"], 100 * far["units_on_border"] / len(graph.codes))


def test_one_seed_gives_one_set_of_maps(graph: UnitGraph) -> None:
    maps = [
        draw_partitions(graph, 5, np.random.default_rng(seed), rounds_before=10, rounds_between=2).labels
        for seed in (7, 7, 8)
    ]
    np.testing.assert_array_equal(maps[0], maps[1])
    assert (maps[0] != maps[2]).any()


def test_order_of_counties_and_edges_changes_no_border(graph: UnitGraph) -> None:
    counties, edges = country()
    shuffled = unit_graph(counties.sample(frac=1, random_state=1), edges.sample(frac=1, random_state=2))
    before, after = set(graph.codes[graph.on_border]), set(shuffled.codes[shuffled.on_border])
    assert before == after


def winding_country() -> UnitGraph:
    """The square country with provinces whose borders wind as a recombined map's do."""
    graph = unit_graph(*country())
    labels = draw_partitions(graph, 1, np.random.default_rng(5), rounds_before=60).labels[0]
    counties, edges = country()
    return unit_graph(counties.assign(region=[f"{10 + number}0000" for number in labels]), edges)


@pytest.mark.slow
def test_borders_are_about_as_long_as_real_ones() -> None:
    graph = winding_country()
    drawn = draw_partitions(graph, 32, np.random.default_rng(2), rounds_before=150, rounds_between=10)
    divided = (graph.regions[graph.first] != graph.regions[graph.second]).sum()
    lengths = (drawn.labels[:, graph.first] != drawn.labels[:, graph.second]).sum(axis=1)
    assert lengths.mean() == pytest.approx(divided, rel=0.08)


@pytest.mark.slow
def test_borders_follow_terrain_where_real_ones_do() -> None:
    """A ridge runs where the real borders are; drawn borders climb it more often when terrain is given."""
    graph = winding_country()
    terrain = graph.on_border + np.random.default_rng(3).normal(scale=0.3, size=len(graph.codes))
    heights = []
    for given in (None, terrain):
        drawn = draw_partitions(graph, 16, np.random.default_rng(4), terrain=given, rounds_before=120)
        heights.append(np.mean([terrain[border].mean() for border in drawn.on_border]))
    assert drawn.cost.pull > 0
    assert heights[1] > heights[0] + 0.02


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c, e: (c.drop(columns="region"), e), "no column 'region'"),
        (lambda c, e: (c.assign(unit="0001"), e), "occurs twice"),
        (lambda c, e: (c.assign(region=None), e), "have no region"),
        (lambda c, e: (c.iloc[:-1], e), "9001-9002"),
        (lambda c, e: (c, e.assign(unit_b=e["unit_a"])), "edges that do not join two different units"),
    ],
)
def test_tables_that_do_not_fit_are_refused(change, words: str) -> None:
    with pytest.raises(BoundaryError, match=words):
        unit_graph(*change(*country()))


def test_draws_that_cannot_be_are_refused(graph: UnitGraph) -> None:
    with pytest.raises(BoundaryError, match="draws 0"):
        draw_partitions(graph, 0, np.random.default_rng(1))
    with pytest.raises(BoundaryError, match="1 of them missing"):
        height = np.r_[np.nan, np.zeros(len(graph.codes) - 1)]
        draw_partitions(graph, 1, np.random.default_rng(1), terrain=height)
    with pytest.raises(BoundaryError, match="same everywhere"):
        draw_partitions(graph, 1, np.random.default_rng(1), terrain=np.ones(len(graph.codes)))
    counties, edges = country()
    with pytest.raises(BoundaryError, match="no region touches another"):
        draw_partitions(unit_graph(counties.assign(region="100000"), edges), 1, np.random.default_rng(1))
