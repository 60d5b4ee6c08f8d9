"""Overlap, weights, entropy balancing and pairs: known effects come back, balance is exact, bad input is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods import fit
from shanhai.methods.adjustment import (
    balance_table,
    build_comparison,
    distributions,
    doubly_robust_difference,
    entropy_difference,
    entropy_weights,
    match_pairs,
    measure_overlap,
    propensity,
    propensity_weights,
    weighted_difference,
)
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
from shanhai.studies.robustness.analysis import all_differences
from shanhai.studies.robustness.design import border_comparison

EFFECT = -0.2
SLOPE = 0.1

SPEC = RegressionSpec(
    outcome=Variable("outcome"),
    terms=(Variable("treated"),),
    controls=(Variable("height"), Variable("slope")),
    fixed_effects=("group",),
    sample=SampleSpec("simulated", "模拟"),
    covariance=CovarianceSpec("cluster", ("cluster",), "CR1S"),
)


def simulate(rng: np.random.Generator, n: int = 3000, groups: int = 8) -> pd.DataFrame:
    """Units whose treatment follows terrain; the effect grows with it, and the outcome bends with it."""
    group = rng.integers(groups, size=n)
    height, slope = rng.normal(size=n) + 0.1 * group, rng.normal(size=n)
    index = -0.8 + 0.7 * height + 0.4 * slope + 0.15 * (group - groups / 2)
    treated = rng.uniform(size=n) < 1 / (1 + np.exp(-index))
    cluster = group * 12 + rng.integers(12, size=n)
    shared = rng.normal(scale=0.1, size=groups * 12)[cluster]
    level = 0.3 * group - 0.5 * height + 0.2 * slope - 0.15 * height**2
    effect = EFFECT + SLOPE * (height - 0.35)
    return pd.DataFrame(
        {
            "outcome": level + treated * effect + shared + rng.normal(scale=0.3, size=n),
            "effect": effect,
            "treated": treated,
            "height": height,
            "slope": slope,
            "group": group.astype(str),
            "cluster": cluster.astype(str),
            "propensity": 1 / (1 + np.exp(-index)),
        }
    )


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return simulate(np.random.default_rng(20200601))


def truths(frame: pd.DataFrame) -> dict[str, float]:
    """Mean of the unit effects over each target."""
    tilt = frame["propensity"] * (1 - frame["propensity"])
    return {
        "ATE": frame["effect"].mean(),
        "ATT": frame.loc[frame["treated"], "effect"].mean(),
        "ATO": np.average(frame["effect"], weights=tilt),
    }


def test_known_effects_come_back_where_the_regression_misses_them(frame: pd.DataFrame) -> None:
    truth = truths(frame)
    assert truth["ATT"] - truth["ATE"] > 0.02  # the targets differ, so a mix-up would show
    _, estimates = all_differences(SPEC, frame)
    for difference in estimates[:-1]:
        assert abs(difference.estimate - truth[difference.estimand]) < 2.5 * difference.se, difference.method
        assert difference.se < 0.05
    raw = fit(replace(SPEC, controls=()), frame)
    assert abs(raw.params[0] - truth["ATO"]) > 5 * raw.se[0]


def test_pairs_give_the_mean_effect_of_the_pairs(frame: pd.DataFrame) -> None:
    comparison, estimates = all_differences(SPEC, frame)
    pairs = match_pairs(comparison)
    truth = frame["effect"].to_numpy()[comparison.rows[pairs.treated]].mean()
    assert estimates[-1].estimand == "ATM"
    assert abs(estimates[-1].estimate - truth) < 2.5 * estimates[-1].se


def test_entropy_balancing_matches_moments_in_every_group(frame: pd.DataFrame) -> None:
    comparison = build_comparison(SPEC, frame)
    weights = entropy_weights(comparison, 2)
    values = np.column_stack([comparison.group_dummies, comparison.moments(2)[0]])
    gap = weights[~comparison.treated] @ values[~comparison.treated] - values[comparison.treated].sum(axis=0)
    assert np.abs(gap).max() / comparison.treated.sum() < 1e-6
    assert (weights > 0).all()


def test_overlap_weights_balance_means_exactly(frame: pd.DataFrame) -> None:
    comparison = build_comparison(SPEC, frame)
    weights = {"overlap": propensity_weights(propensity(comparison, 1), comparison.treated, "ATO")}
    table = balance_table(comparison, frame, (Variable("height"), Variable("slope")), weights).set_index(
        ["variable", "scheme"]
    )
    assert table.loc["height", "difference_sd"]["unweighted"] > 0.4
    assert table.xs("overlap", level="scheme")["difference_sd"].abs().max() < 1e-6


def test_balance_table_is_the_arithmetic_of_two_groups() -> None:
    frame = pd.DataFrame(
        {
            "outcome": [0.0, 1, 2, 3, 4, 5, 6, 7],
            "treated": [1, 1, 0, 0, 1, 1, 0, 0],
            "height": [3.0, 5, 0, 2, 11, 13, 10, 12],
            "group": list("aaaabbbb"),
            "cluster": list("stuvwxyz"),
        }
    )
    comparison = build_comparison(replace(SPEC, controls=(Variable("height"),)), frame)
    table = balance_table(comparison, frame, (Variable("height"),), {}).iloc[0]
    # differences 4 - 1 and 12 - 11, mean 2; each arm varies by 1 within its group
    assert table["difference_sd"] == pytest.approx(2.0)
    assert table["variance_ratio"] == pytest.approx(1.0)


def test_pairs_are_of_one_group_within_the_caliper_and_used_once(frame: pd.DataFrame) -> None:
    comparison = build_comparison(SPEC, frame)
    pairs = match_pairs(comparison, 0.1)
    assert (comparison.groups[pairs.treated] == comparison.groups[pairs.control]).all()
    assert comparison.treated[pairs.treated].all() and not comparison.treated[pairs.control].any()
    assert len(np.unique(pairs.control)) == len(pairs.control) and pairs.distance.max() <= 0.1
    assert pairs.unmatched == comparison.treated.sum() - len(pairs.treated) > 0


def test_as_many_pairs_as_possible_come_before_the_closest() -> None:
    # the closest pair (2.0 with 2.1) would leave the second treated row without a counterpart
    frame = pd.DataFrame(
        {
            "outcome": [0.0, 1, 2, 3, 4, 5],
            "treated": [1, 1, 0, 0, 0, 0],
            "height": [2.0, 3.0, 2.1, 1.2, 9.0, -6.0],
            "group": ["a"] * 6,
            "cluster": list("stuvwx"),
        }
    )
    comparison = build_comparison(replace(SPEC, controls=(Variable("height"),)), frame)
    unit = np.sqrt(np.var([-0.5, 0.5, *(np.array([2.1, 1.2, 9.0, -6.0]) - 1.575)], ddof=1))
    pairs = match_pairs(comparison, 0.95 / unit)
    assert dict(zip(pairs.treated.tolist(), pairs.control.tolist(), strict=True)) == {0: 3, 1: 2}


def test_order_and_names_of_rows_change_nothing(frame: pd.DataFrame) -> None:
    shuffled = frame.sample(frac=1, random_state=5)
    shuffled["group"] = shuffled["group"].map(lambda name: f"z{9 - int(name)}")
    before, after = all_differences(SPEC, frame)[1], all_differences(SPEC, shuffled)[1]
    for left, right in zip(before, after, strict=True):
        assert right.estimate == pytest.approx(left.estimate, abs=1e-9)
        assert right.se == pytest.approx(left.se, abs=1e-9)


def test_missing_values_stay_with_their_rows(frame: pd.DataFrame) -> None:
    holes = frame.copy()
    holes.loc[holes.index[::7], "height"] = np.nan
    holes.loc[holes.index[3::11], "outcome"] = np.nan
    whole = holes.dropna()
    for left, right in zip(all_differences(SPEC, holes)[1], all_differences(SPEC, whole)[1], strict=True):
        assert left.estimate == pytest.approx(right.estimate, abs=1e-12)
    comparison = build_comparison(SPEC, holes)
    assert (frame["outcome"].to_numpy()[comparison.rows] == comparison.outcome).all()
    assert sum(drop.count for drop in comparison.dropped) == len(holes) - len(whole)


def test_groups_of_one_kind_are_dropped_and_counted(frame: pd.DataFrame) -> None:
    cut = frame[(frame["group"] != "3") | frame["treated"]]
    comparison = build_comparison(SPEC, cut)
    assert comparison.dropped[-1].reason == "group without both kinds"
    assert comparison.dropped[-1].count == int((cut["group"] == "3").sum())
    assert len(comparison.treated) + comparison.dropped[-1].count == len(cut)


def test_overlap_counts_the_common_range(frame: pd.DataFrame) -> None:
    comparison = build_comparison(SPEC, frame)
    found = measure_overlap(comparison, propensity(comparison, 1))
    assert found.n_treated + found.n_control == len(frame)
    assert 0.6 < found.auc < 0.9 and 80 < found.support_treated <= 100
    drawn = distributions(comparison, frame, (Variable("height"),))
    assert drawn.groupby("treated")["share"].sum().to_numpy() == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("estimate", [weighted_difference, doubly_robust_difference])
def test_covariates_that_decide_treatment_are_refused(frame: pd.DataFrame, estimate: object) -> None:
    comparison = build_comparison(SPEC, frame.assign(treated=frame["height"] > 0.3))
    with pytest.raises(SpecificationError, match=r"no overlap.*height.*decide 'treated'"):
        estimate(comparison)  # type: ignore[operator]


def test_moments_out_of_reach_are_refused(frame: pd.DataFrame) -> None:
    far = frame.assign(height=frame["height"] + 40.0 * frame["treated"])
    with pytest.raises(SpecificationError, match="no overlap: no weights"):
        entropy_difference(build_comparison(SPEC, far))
    with pytest.raises(SpecificationError, match="no overlap: no untreated row"):
        match_pairs(build_comparison(SPEC, far.assign(slope=0.01 * far["slope"])), 1e-4)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"terms": (Variable("height"),), "controls": (Variable("slope"),)}, "allowed: 0 and 1"),
        ({"controls": ()}, "allowed: one 0/1 Variable"),
        ({"fixed_effects": ()}, "one fixed effect"),
        ({"covariance": CovarianceSpec("HC1")}, "one cluster column"),
        ({"controls": (Variable("height", is_outcome=True),)}, "older than the treatment"),
    ],
)
def test_other_specifications_are_refused(frame: pd.DataFrame, change: dict[str, object], said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        build_comparison(replace(SPEC, **change), frame)  # type: ignore[arg-type]


def test_unknown_targets_adjustments_and_calipers_are_refused(frame: pd.DataFrame) -> None:
    comparison = build_comparison(SPEC, frame)
    with pytest.raises(SpecificationError, match="allowed: ATE, ATT, ATO"):
        weighted_difference(comparison, "LATE")  # type: ignore[arg-type]
    with pytest.raises(SpecificationError, match="for ATO use weighting"):
        doubly_robust_difference(comparison, "ATO")  # type: ignore[arg-type]
    with pytest.raises(SpecificationError, match="positive number"):
        match_pairs(comparison, 0.0)
    with pytest.raises(SpecificationError, match="order 3"):
        comparison.moments(3)
    with pytest.raises(SpecificationError, match="no adjustment 'soil'"):
        border_comparison("soil")
    with pytest.raises(SpecificationError, match="no outcome 'rain'"):
        border_comparison(outcome="rain")
