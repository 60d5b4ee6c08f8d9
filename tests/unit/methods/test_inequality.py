"""Theil and Gini against sums over all pairs of people; parts that add up; overlap that is Dagum's."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.convergence.inequality import gini, gini_parts, theil, theil_parts

RNG = np.random.default_rng(4)
VALUES = np.exp(RNG.normal(size=60))
PEOPLE = RNG.uniform(1, 5, 60)
GROUPS = RNG.integers(0, 4, 60).tolist()


def pair_sum(values: np.ndarray, people: np.ndarray, other: np.ndarray, others: np.ndarray) -> float:
    return float((np.abs(values[:, None] - other) * np.outer(people, others)).sum())


def test_gini_is_half_the_mean_difference_of_two_people_over_the_mean() -> None:
    total = PEOPLE.sum()
    mean = VALUES @ PEOPLE / total
    assert gini(VALUES, PEOPLE) == pytest.approx(pair_sum(VALUES, PEOPLE, VALUES, PEOPLE) / (2 * total**2 * mean))


def test_known_values() -> None:
    assert gini([1, 1, 1]) == pytest.approx(0.0, abs=1e-15)
    assert gini([0, 0, 0, 1]) == pytest.approx(0.75)
    assert theil([2, 2]) == pytest.approx(0.0, abs=1e-15)
    # one of four has everything: ln 4
    assert theil([0, 0, 0, 1]) == pytest.approx(np.log(4))


def test_a_weight_is_as_many_people() -> None:
    repeated = np.repeat(VALUES[:5], [1, 2, 3, 4, 5])
    assert gini(VALUES[:5], [1, 2, 3, 4, 5]) == pytest.approx(gini(repeated))
    assert theil(VALUES[:5], [1, 2, 3, 4, 5]) == pytest.approx(theil(repeated))


@pytest.mark.parametrize("measure", [gini, theil])
def test_neither_unit_nor_order_nor_size_of_the_population_matters(measure) -> None:
    order = RNG.permutation(60)
    expected = measure(VALUES, PEOPLE)
    assert measure(VALUES[order] * 7, PEOPLE[order]) == pytest.approx(expected)
    assert measure(VALUES, PEOPLE * 1e6) == pytest.approx(expected)


def test_parts_of_theil_are_those_of_the_definition_and_add_up() -> None:
    parts = theil_parts(VALUES, PEOPLE, GROUPS)
    total, within, between = VALUES @ PEOPLE, 0.0, 0.0
    for group in range(4):
        inside = np.array(GROUPS) == group
        share = VALUES[inside] @ PEOPLE[inside] / total
        within += share * theil(VALUES[inside], PEOPLE[inside])
        between += share * np.log(share / (PEOPLE[inside].sum() / PEOPLE.sum()))
    assert parts.within == pytest.approx(within, rel=1e-12)
    assert parts.between == (pytest.approx(between, rel=1e-12),)
    assert sum(parts.between) + parts.within == pytest.approx(parts.total, rel=1e-14)


def test_nested_levels_add_up_and_the_finest_is_that_of_one_level() -> None:
    nested = pd.DataFrame({"coarse": [group // 2 for group in GROUPS], "fine": GROUPS})
    parts, finest = theil_parts(VALUES, PEOPLE, nested), theil_parts(VALUES, PEOPLE, GROUPS)
    assert sum(parts.between) == pytest.approx(finest.between[0])
    assert parts.within == pytest.approx(finest.within)
    assert min(parts.between) >= 0


def test_overlap_of_the_gini_is_dagums_transvariation() -> None:
    parts = gini_parts(VALUES, PEOPLE, GROUPS)
    mean, heads = VALUES @ PEOPLE / PEOPLE.sum(), PEOPLE.sum()
    net = transvariation = within = 0.0
    for j in range(4):
        for h in range(4):
            a, b = (np.array(GROUPS) == group for group in (j, h))
            distance = pair_sum(VALUES[a], PEOPLE[a], VALUES[b], PEOPLE[b]) / (2 * heads**2 * mean)
            gap = abs(np.average(VALUES[a], weights=PEOPLE[a]) - np.average(VALUES[b], weights=PEOPLE[b]))
            gap *= PEOPLE[a].sum() * PEOPLE[b].sum() / (2 * heads**2 * mean)
            if j == h:
                within += distance
            else:
                net, transvariation = net + gap, transvariation + distance - gap
    assert parts.within == pytest.approx(within)
    assert parts.between == pytest.approx(net)
    assert parts.overlap == pytest.approx(transvariation)
    assert parts.overlap > 0


def test_groups_apart_do_not_overlap() -> None:
    parts = gini_parts([1, 2, 3, 10, 11, 12], [1, 1, 2, 2, 1, 1], list("aaabbb"))
    assert parts.overlap == pytest.approx(0.0, abs=1e-15)
    assert parts.between + parts.within == pytest.approx(parts.total)


@pytest.mark.parametrize(
    ("values", "people", "said"),
    [
        ([1.0, np.nan], None, "missing or infinite in 1 of 2 rows"),
        ([1.0, -1.0], None, "1 negative"),
        ([0.0, 0.0], None, "not all zero"),
        ([1.0, 2.0], [1.0, 0.0], "zero or negative in 1 of 2 rows"),
        ([1.0, 2.0], [1.0], "and 1 weights"),
    ],
)
def test_values_that_have_no_inequality_are_refused(values, people, said) -> None:
    for measure in (theil, gini):
        with pytest.raises(SpecificationError, match=said):
            measure(values, people)


def test_labels_missing_or_not_nested_are_refused() -> None:
    with pytest.raises(SpecificationError, match="one label a unit"):
        theil_parts([1.0, 2.0], None, ["a"])
    crossed = pd.DataFrame({"coarse": ["a", "b", "a"], "fine": ["x", "x", "y"]})
    with pytest.raises(SpecificationError, match="not nested"):
        theil_parts([1.0, 2.0, 3.0], None, crossed)
