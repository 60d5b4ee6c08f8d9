"""Who is whose neighbour: by arithmetic on small maps, with islands, ties, rims of the map, and weights of others."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM
from shanhai.methods.spatial import contiguity_weights, distance_weights, graph_weights, nearest_weights

DEGREE = np.pi * EARTH_RADIUS_KM / 180
EDGES = pd.DataFrame({"code_a": ["a", "b", "x"], "code_b": ["b", "c", "a"]})
LINE = pd.DataFrame({"code": ["a", "b", "c", "d"], "longitude": [10.0, 11.0, 13.0, 20.0], "latitude": 0.0})


def dense(weights) -> list[list[float]]:
    return weights.matrix.toarray().tolist()


def test_contiguity_by_arithmetic():
    weights = contiguity_weights(EDGES, ["c", "a", "b"])
    assert dense(weights) == [[0, 0, 1], [0, 0, 1], [0.5, 0.5, 0]]
    assert weights.islands == () and weights.links == 4 and weights.label == "contiguity"


def test_a_pair_named_from_both_sides_is_one_link():
    twice = pd.concat([EDGES, EDGES.rename(columns={"code_a": "code_b", "code_b": "code_a"})])
    assert dense(contiguity_weights(twice, ["a", "b", "c"])) == dense(contiguity_weights(EDGES, ["a", "b", "c"]))


def test_islands_are_refused_by_name():
    with pytest.raises(SpecificationError, match=r"1 units have no neighbour \(contiguity\): d; allowed.*keep.*attach"):
        contiguity_weights(EDGES, ["a", "b", "c", "d"])


def test_islands_are_kept_with_a_row_of_zeros():
    weights = contiguity_weights(EDGES, ["a", "b", "c", "d"], islands="keep")
    assert weights.matrix.toarray()[3].tolist() == [0, 0, 0, 0]
    assert weights.islands == ("d",) and weights.attached == ()
    assert weights.label == "contiguity; 1 islands kept with no neighbour"


def test_islands_are_attached_in_both_directions():
    weights = contiguity_weights(EDGES, ["a", "b", "c", "d"], islands="attach", places=LINE)
    assert weights.attached == (("d", "c"),)
    assert dense(weights) == [[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]]


def test_two_islands_nearest_to_each_other_are_one_link():
    weights = contiguity_weights(EDGES.iloc[:1], ["a", "b", "c", "d"], islands="attach", places=LINE)
    assert weights.attached == (("c", "b"), ("d", "c"))
    far = LINE.assign(longitude=[10.0, 11.0, 30.0, 31.0])
    assert dense(contiguity_weights(EDGES.iloc[:1], ["a", "b", "c", "d"], islands="attach", places=far))[2:] == [
        [0, 0, 0, 1],
        [0, 0, 1, 0],
    ]


def test_attaching_needs_places():
    with pytest.raises(SpecificationError, match="without places"):
        contiguity_weights(EDGES, ["a", "b", "c", "d"], islands="attach")
    with pytest.raises(SpecificationError, match="1 units have no place: d"):
        contiguity_weights(EDGES, ["a", "b", "c", "d"], islands="attach", places=LINE.iloc[:3])


def test_distance_counts_a_pair_at_exactly_the_cutoff():
    weights = distance_weights(LINE, 2 * DEGREE, islands="keep")
    assert dense(weights)[:3] == [[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 1, 0, 0]]
    assert weights.islands == ("d",)
    with pytest.raises(SpecificationError, match=r"1 units have no neighbour \(within 150 km\)"):
        distance_weights(LINE.iloc[:3], 150)


def test_longitudes_beyond_180_are_those_on_the_other_side():
    east = pd.DataFrame({"code": list("abc"), "longitude": [179.5, 180.5, 190.0], "latitude": -17.0})
    west = east.assign(longitude=[179.5, -179.5, -170.0])
    for places in (east, west):
        assert dense(distance_weights(places, 150, islands="keep"))[0] == [0, 1, 0]
        assert dense(nearest_weights(places, 1)) == [[0, 1, 0], [1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(("make", "reach"), [(nearest_weights, 2), (distance_weights, 15.0)])
def test_places_may_have_columns_of_any_name(make, reach):
    places = pd.DataFrame({"code": list("abcd"), "longitude": [10.0, 10.1, 10.2, 10.3], "latitude": 50.0})
    renamed = places.rename(columns={"code": "firm", "longitude": "lon", "latitude": "lat"})
    ours, theirs = make(places, reach), make(renamed, reach, unit="firm", coords=("lon", "lat"))
    assert (ours.matrix != theirs.matrix).nnz == 0
    assert ours.codes == theirs.codes
    with pytest.raises(SpecificationError, match="no column 'lon'"):
        make(places, reach, coords=("lon", "latitude"))


def test_nearest_one_way_and_either_way():
    assert dense(nearest_weights(LINE, 1)) == [[0, 1, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    assert dense(nearest_weights(LINE, 1, symmetric=True))[1] == [0.5, 0, 0.5, 0]


@pytest.mark.parametrize("k", [4, 0, -1, 2.0, True])
def test_k_that_is_no_number_of_others_is_refused(k):
    with pytest.raises(SpecificationError, match="from 1 to 3"):
        nearest_weights(LINE, k)


def test_ties_go_to_the_lower_code_whatever_the_order_of_rows():
    rows = [(f"{i}{j}", float(i), float(j)) for i in range(6) for j in range(6)]
    grid = pd.DataFrame(rows, columns=["code", "longitude", "latitude"])
    shuffled = grid.sample(frac=1, random_state=3)
    first, second = nearest_weights(grid, 3), nearest_weights(shuffled, 3)
    assert (first.matrix != second.aligned(grid["code"].to_list())).nnz == 0


def test_places_on_top_of_each_other_are_neighbours_of_each_other():
    places = pd.DataFrame({"code": list("abcd"), "longitude": [5.0, 5.0, 5.0, 6.0], "latitude": 1.0})
    assert dense(nearest_weights(places, 2))[:3] == [[0, 0.5, 0.5, 0], [0.5, 0, 0.5, 0], [0.5, 0.5, 0, 0]]


def test_weights_of_other_units_are_refused_by_name():
    weights = contiguity_weights(EDGES, ["a", "b", "c"])
    with pytest.raises(SpecificationError, match=r"1 units have no row in the weights .*: z; allowed"):
        weights.aligned(["a", "b", "z"])
    with pytest.raises(SpecificationError, match=r"1 units are in the weights but not .*: c; allowed"):
        weights.aligned(["a", "b"])
    with pytest.raises(SpecificationError, match="occur twice: a"):
        weights.aligned(["a", "b", "c", "a"])


def test_weights_follow_the_order_of_the_rows():
    weights = contiguity_weights(EDGES, ["a", "b", "c"])
    assert weights.aligned(["b", "c", "a"]).toarray().tolist() == [[0, 0.5, 0.5], [1, 0, 0], [1, 0, 0]]


def test_weights_cannot_be_changed():
    weights = contiguity_weights(EDGES, ["a", "b", "c"])
    with pytest.raises(ValueError, match="read-only"):
        weights.matrix.data[0] = 2.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: contiguity_weights(EDGES[["code_a"]], ["a", "b"]), "no column 'code_b'"),
        (lambda: contiguity_weights(EDGES, ["a", "a"]), "occur twice: a"),
        (lambda: contiguity_weights(EDGES, ["a", 2]), "no text"),
        (lambda: contiguity_weights(pd.DataFrame({"code_a": ["a"], "code_b": ["a"]}), ["a"]), "with itself"),
        (lambda: contiguity_weights(EDGES, ["a", "b", "c"], islands="drop"), "allowed: refuse, keep, attach"),
        (lambda: distance_weights(LINE, 0), "cutoff of 0 km"),
        (lambda: distance_weights(LINE.assign(latitude=91.0), 10), "latitude is 91"),
        (lambda: nearest_weights(LINE.drop(columns="longitude"), 1), "no column 'longitude'"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(SpecificationError, match=message):
        call()


def test_graph_of_libpysal_there_and_back():
    weights = contiguity_weights(EDGES, ["c", "a", "b", "d"], islands="keep")
    graph = weights.graph
    assert list(graph.unique_ids) == ["c", "a", "b", "d"] and list(graph.isolates) == ["d"]
    assert (graph.sparse != weights.matrix).nnz == 0
    again = graph_weights(graph, rule="contiguity", islands="keep")
    assert again.codes == weights.codes and again.islands == ("d",)
    assert dense(again) == dense(weights)
    with pytest.raises(SpecificationError, match="no neighbour"):
        graph_weights(graph, rule="contiguity")
