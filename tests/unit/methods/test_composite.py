"""Composite scores on tiny tables whose answer is arithmetic, and what they refuse."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shanhai.core.errors import SpecificationError
from shanhai.methods.composite import (
    GRADES,
    Choices,
    among,
    closeness,
    coordination,
    coordination_table,
    coupling,
    draw_weights,
    entropy_weights,
    grade,
    group_scores,
    group_weights,
    normalise,
    parse_weights,
    pca_weights,
    rank_table,
    ranks_of,
    score,
    single_changes,
    spread_scores,
    topsis,
    variance_shares,
)

TABLE = pd.DataFrame({"wealth": [10.0, 20.0, 30.0, 50.0], "dirt": [4.0, 1.0, 2.0, 3.0]}, index=list("abcd"))
WAYS = pd.Series({"wealth": 1, "dirt": -1})
GROUPS = pd.Series({"wealth": "money", "dirt": "air"})


def test_range_runs_from_worst_to_best() -> None:
    scaled = normalise(TABLE, WAYS)
    assert scaled["wealth"].tolist() == [0, 0.25, 0.5, 1]
    assert scaled["dirt"].tolist() == pytest.approx([0, 1, 2 / 3, 1 / 3])


def test_deviation_keeps_distances_of_z_scores_inside_zero_and_one() -> None:
    scaled = normalise(TABLE, WAYS, "deviation")["wealth"]
    z = (TABLE["wealth"] - TABLE["wealth"].mean()) / TABLE["wealth"].std(ddof=0)
    assert (scaled - 0.5).to_numpy() == pytest.approx((z / (2 * np.sqrt(3))).to_numpy())
    extreme = pd.DataFrame({"x": [0.0, 0.0, 0.0, 1.0]})
    assert normalise(extreme, pd.Series({"x": 1}), "deviation")["x"].max() == pytest.approx(1.0)


def test_rank_counts_what_lies_below_and_half_of_equals() -> None:
    tied = pd.DataFrame({"x": [1.0, 2.0, 2.0, 5.0, np.nan]})
    scaled = normalise(tied, pd.Series({"x": 1}), "rank")["x"]
    assert scaled.dropna().tolist() == [0.125, 0.5, 0.5, 0.875]
    assert np.isnan(scaled[4])


def test_limits_come_from_the_reference() -> None:
    scaled = normalise(TABLE.iloc[:2], WAYS, reference=TABLE)
    assert scaled["wealth"].tolist() == [0, 0.25]
    with pytest.raises(SpecificationError, match=r"rows \['d'\] lie beyond"):
        normalise(TABLE, WAYS, reference=TABLE.iloc[:3])


@pytest.mark.parametrize(
    ("values", "directions", "way", "said"),
    [
        (TABLE, WAYS, "vector", "allowed: range, deviation, rank"),
        (TABLE, pd.Series({"wealth": 1}), "range", "dirt"),
        (TABLE, pd.Series({"wealth": 1, "dirt": 0}), "range", "dirt"),
        (TABLE.assign(dirt=2.0), WAYS, "range", "do not vary among the 4 rows"),
        (TABLE.assign(dirt=np.nan), WAYS, "rank", "dirt"),
    ],
)
def test_scaling_refuses(values: pd.DataFrame, directions: pd.Series, way: str, said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        normalise(values, directions, way)


def test_group_weight_is_shared_by_its_indicators() -> None:
    groups = pd.Series({"a": "g", "b": "g", "c": "h"})
    assert group_weights(groups).tolist() == [0.25, 0.25, 0.5]
    assert group_weights(groups, {"g": 3}, {"a": 2}).tolist() == [0.5, 0.25, 0.25]


def test_weights_of_a_user() -> None:
    assert parse_weights([], GROUPS).tolist() == [0.5, 0.5]
    assert parse_weights(["money=3"], GROUPS).tolist() == [0.75, 0.25]
    assert parse_weights(["air = 0"], GROUPS).tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (["gdp=2"], "gdp, which are unknown; allowed: groups money, air; indicators wealth, dirt"),
        (["money=-1"], "weight of group money is -1"),
        (["money=0", "air=0"], "add up to zero"),
        (["wealth=0"], "all indicators of money weigh zero"),
        (["money"], "not of the form name=number"),
        (["money=much"], "not of the form name=number"),
        (["money=nan"], "not of the form name=number"),
        (["money=1", "money=2"], "weighed twice"),
    ],
)
def test_weights_of_a_user_that_are_refused(entries: list[str], said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        parse_weights(entries, GROUPS)


def test_entropy_by_hand() -> None:
    even_and_one = pd.DataFrame({"even": [1.0, 1.0], "one": [1.0, 0.0], "between": [0.75, 0.25]})
    loss = 1 + (0.75 * np.log(0.75) + 0.25 * np.log(0.25)) / np.log(2)
    expected = np.array([0, 1, loss]) / (1 + loss)
    assert entropy_weights(even_and_one).to_numpy() == pytest.approx(expected)


def test_entropy_changes_when_a_constant_is_added() -> None:
    assert entropy_weights(TABLE).to_numpy() != pytest.approx(entropy_weights(TABLE + 5).to_numpy(), abs=1e-3)


def test_entropy_and_components_refuse() -> None:
    with pytest.raises(SpecificationError, match="zero or more"):
        entropy_weights(TABLE - 20)
    with pytest.raises(SpecificationError, match="spread evenly"):
        entropy_weights(TABLE * 0 + 1)
    with pytest.raises(SpecificationError, match=r"\['dirt'\] sum to zero"):
        entropy_weights(TABLE.assign(dirt=0.0))
    with pytest.raises(SpecificationError, match="2 complete rows"):
        pca_weights(TABLE.iloc[:2])


def test_components_weigh_what_moves_together() -> None:
    rng = np.random.default_rng(0)
    common = rng.normal(size=200)
    shared = {name: common + 0.3 * rng.normal(size=200) for name in "ab"}
    weights = pca_weights(pd.DataFrame({**shared, "alone": rng.normal(size=200)}), least=1.2)
    assert weights["alone"] < 0.05 < weights["a"]
    assert weights.sum() == pytest.approx(1)


def test_one_indicator_has_all_the_weight_and_two_share_it() -> None:
    assert pca_weights(TABLE[["wealth"]]).tolist() == [1.0]
    assert pca_weights(TABLE).to_numpy() == pytest.approx([0.5, 0.5])


def test_closeness_of_best_worst_and_all_alike() -> None:
    scaled = np.array([[1.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
    weights = np.array([0.5, 0.5])
    assert closeness(scaled, weights).tolist() == [1.0, 0.0, 0.5]
    assert closeness(np.ones((3, 2)), weights).tolist() == [0.5, 0.5, 0.5]


def test_topsis_refuses() -> None:
    with pytest.raises(SpecificationError, match="dirt, is missing or infinite in 4 of 4 rows"):
        topsis(TABLE.assign(dirt=np.nan), pd.Series({"wealth": 1, "dirt": 1}), WAYS)
    with pytest.raises(SpecificationError, match="not all zero"):
        topsis(TABLE, pd.Series({"wealth": 0, "dirt": 0}), WAYS)


def test_coupling_by_hand() -> None:
    scores = np.array([[0.4, 0.9], [0.5, 0.5], [0.0, 1.0]])
    assert coupling(scores) == pytest.approx([0.6 / 0.65, 1, 0])
    assert coupling(scores, "modified") == pytest.approx([np.sqrt(0.5 * 0.4 / 0.9), 1, 0])
    assert coordination(scores, np.array([0.5, 0.5])) ** 2 == pytest.approx([0.6, 0.5, 0.0])


def test_with_equal_weights_coordination_squared_is_the_geometric_mean() -> None:
    scores = np.random.default_rng(2).uniform(0.05, 1, (50, 4))
    expected = np.exp(np.log(scores).mean(axis=1))
    assert coordination(scores, np.full(4, 0.25)) ** 2 == pytest.approx(expected)


def test_a_lost_root_would_cap_coupling_far_below_one() -> None:
    """The error that Wang et al. (2021) describe: the product over the power of the sum, n left out."""
    equal = np.full((1, 3), 0.6)
    wrong = np.prod(equal, axis=1) / equal.sum(axis=1) ** 3
    assert wrong[0] == pytest.approx(1 / 27)
    assert coupling(equal)[0] == pytest.approx(1)


def test_coupling_refuses() -> None:
    with pytest.raises(SpecificationError, match="allowed: standard or modified"):
        coupling(np.ones((2, 2)), "cubic")
    with pytest.raises(SpecificationError, match="of 1 systems"):
        coupling(np.ones((2, 1)))
    with pytest.raises(SpecificationError, match=r"score 0\.5 to 1\.2; allowed: 0 to 1"):
        coupling(np.array([[1.2, 0.5]]))


def test_grades_are_open_below() -> None:
    assert grade(np.array([0.0, 0.1, 0.1001, 0.5, 0.95])).tolist() == [0, 0, 1, 4, 9]
    assert GRADES[9] == (0.9, "quality coordination")


def test_coordination_table_lifts_a_zero() -> None:
    scores = pd.DataFrame({"money": [0.0, 1.0], "air": [1.0, 1.0]}, index=["low", "high"])
    table = coordination_table(scores, pd.Series({"money": 1.0, "air": 1.0}))
    assert table.loc["low", "coordination"] == pytest.approx(np.sqrt(np.sqrt(0.01 * 0.99)))
    assert table.loc["high", "coupling"] == pytest.approx(1)
    assert table["development"].tolist() == pytest.approx([0.5, 0.99])


def test_group_scores_and_weighted_mean() -> None:
    scaled = np.array([[0.2, 0.4, 1.0], [1.0, 0.0, 0.0]])
    groups = pd.Series({"a": "g", "b": "g", "c": "h"})
    weights = np.array([0.1, 0.3, 0.6])
    systems, shares = group_scores(scaled, weights, groups)
    assert systems.tolist() == pytest.approx(np.array([[0.35, 1.0], [0.25, 0.0]]))
    assert shares == pytest.approx([0.4, 0.6])
    assert score(scaled, weights, groups, "mean") == pytest.approx((systems * shares).sum(axis=1))
    with pytest.raises(SpecificationError, match="allowed: mean, topsis, coordination"):
        score(scaled, weights, groups, "vikor")


def test_ranks_share_the_better_place() -> None:
    assert ranks_of(np.array([0.3, 0.9, 0.9 - 1e-12, 0.1])).tolist() == [3, 1, 1, 4]


def spread(choices: Choices | None = None):
    values = pd.DataFrame(np.random.default_rng(4).normal(size=(9, 4)), columns=list("wxyz"), index=list("abcdefghi"))
    groups = pd.Series(["g", "g", "h", "k"], index=values.columns)
    directions = pd.Series(1, index=values.columns)
    schemes = {"equal": group_weights(groups), "entropy": entropy_weights(normalise(values, directions))}
    usual = Choices(("range", "rank"), ("mean", "topsis", "coordination"), 24.0, 30, 7)
    return spread_scores(values, directions, groups, schemes, choices or usual)


def test_variance_of_ranks_divides_exactly() -> None:
    shares = variance_shares(spread())
    assert list(shares.index) == ["normalisation", "weights", "method", "interactions", "draws"]
    assert shares.sum() == pytest.approx(1)
    assert (shares > -1e-12).all()


def test_same_seed_same_ranks_and_another_another() -> None:
    first, second = spread(), spread()
    assert np.array_equal(first.scores, second.scores)
    other = spread(Choices(("range", "rank"), ("mean", "topsis", "coordination"), 24.0, 30, 8))
    assert not np.array_equal(first.scores, other.scores)
    assert np.array_equal(first.fixed, other.fixed)


def test_intervals_hold_median_and_lie_within_extremes() -> None:
    table = rank_table(spread())
    assert (table["best"] <= table["low"]).all() and (table["high"] <= table["worst"]).all()
    assert ((table["low"] <= table["median"]) & (table["median"] <= table["high"])).all()
    assert table["top"].sum() == pytest.approx(3)


def test_ranks_among_a_part() -> None:
    part = among(spread(), pd.Index(["a", "b", "c"]))
    assert sorted(rank_table(part)["rank"]) == [1, 2, 3]
    with pytest.raises(SpecificationError, match=r"\['z'\] were not scored"):
        among(spread(), pd.Index(["z"]))


def test_single_changes_name_each_other_level() -> None:
    changes = single_changes(spread())
    assert changes["level"].tolist() == ["rank", "entropy", "topsis", "coordination"]
    assert (changes["largest_shift"] >= changes["mean_shift"]).all()


def test_drawn_weights_leave_a_zero_at_zero() -> None:
    groups = pd.Series({"a": "g", "b": "g", "c": "h"})
    centre = group_weights(groups, {"h": 0.0})
    drawn = draw_weights(centre, groups, 6.0, 50, np.random.default_rng(0))
    assert (drawn[:, 2] == 0).all() and drawn.sum(axis=1) == pytest.approx(1)
    with pytest.raises(SpecificationError, match=r"(concentration|draws) is 0"):
        draw_weights(centre, groups, 0.0, 50, np.random.default_rng(0))


def test_too_few_places_or_an_empty_indicator_are_refused() -> None:
    choices = Choices(("range",), ("mean",), 24.0, 5, 0)
    schemes = {"equal": group_weights(GROUPS)}
    with pytest.raises(SpecificationError, match="2 places"):
        spread_scores(TABLE.iloc[:2], WAYS, GROUPS, schemes, choices)
    with pytest.raises(SpecificationError, match="missing everywhere"):
        spread_scores(TABLE.assign(dirt=np.nan), WAYS, GROUPS, schemes, choices)


numbers = st.lists(st.floats(1, 1e4), min_size=12, max_size=12, unique=True)


@settings(max_examples=40, deadline=None)
@given(numbers, st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_change_of_unit_changes_nothing(draws: list[float], factor: float, shift: float) -> None:
    """Range, z-score and rank know neither the unit nor its zero, so scores of them do not either."""
    values = pd.DataFrame(np.round(np.array(draws), 3).reshape(4, 3), columns=list("xyz"))
    if (values.max() - values.min()).min() < 1:
        return
    directions, groups = pd.Series({"x": 1, "y": -1, "z": 1}), pd.Series({"x": "g", "y": "g", "z": "h"})
    other = values.assign(x=values["x"] * factor + shift)
    for way in ("range", "deviation", "rank"):
        before, after = normalise(values, directions, way), normalise(other, directions, way)
        assert after.to_numpy() == pytest.approx(before.to_numpy(), abs=1e-6)
    weights = group_weights(groups).to_numpy()
    for method in ("mean", "topsis", "coordination"):
        first, second = (
            score(normalise(table, directions).to_numpy(), weights, groups, method) for table in (values, other)
        )
        assert second == pytest.approx(first, abs=1e-5)


@settings(max_examples=25, deadline=None)
@given(numbers, st.floats(0.01, 100))
def test_entropy_of_raw_values_knows_no_factor(draws: list[float], factor: float) -> None:
    values = pd.DataFrame(np.array(draws).reshape(4, 3), columns=list("xyz"))
    if (values.max() - values.min()).min() < 1:
        return
    scaled = values.assign(x=values["x"] * factor)
    assert entropy_weights(scaled).to_numpy() == pytest.approx(entropy_weights(values).to_numpy(), abs=1e-9)


def test_order_of_rows_and_columns_changes_nothing() -> None:
    shuffled = TABLE.iloc[[2, 0, 3, 1], [1, 0]]
    before, after = normalise(TABLE, WAYS), normalise(shuffled, WAYS)
    pd.testing.assert_frame_equal(before, after.loc[before.index, before.columns])
    assert entropy_weights(after)["wealth"] == pytest.approx(entropy_weights(before)["wealth"])
    assert pca_weights(after)["dirt"] == pytest.approx(pca_weights(before)["dirt"])
