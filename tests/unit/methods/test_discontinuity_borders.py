"""Border designs on a chessboard with a known jump and valley, and on data that do not fit."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from shanhai.core.errors import SpecificationError
from shanhai.methods.discontinuity.geographic import BorderSpec, bandwidth_table, border_jump
from shanhai.methods.discontinuity.pairs import no_jump_anywhere, pair_jumps
from shanhai.methods.discontinuity.sample import border_coverage, border_sample, outcome_values, rank_units
from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders

OUTCOME = "income"
RANKED_BY = ("output", "people")
Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def sample_of(seed: int, truth: BorderTruth, n: int = 900, side: int = 3) -> pd.DataFrame:
    frame, positions, _ = simulated_borders(np.random.default_rng(seed), truth, n=n, side=side)
    black = frame.groupby("region")["is_black"].first().astype(float)
    rank = black + np.arange(len(black)) / 1000  # the colour decides, not the outcome that is tested
    return border_sample(frame, positions, rank)


@pytest.fixture(scope="module")
def jumping() -> pd.DataFrame:
    return sample_of(1, BorderTruth(jump=0.5, valley=0.4, noise=0.2))


@pytest.mark.parametrize("location", ["distance", "coordinates"])
def test_known_jump_is_found_in_a_valley(jumping: pd.DataFrame, location: str) -> None:
    found = border_jump(jumping, BorderSpec(OUTCOME, location=location))  # type: ignore[arg-type]
    table = found.to_frame().set_index("method")
    assert table.loc["robust", "low"] < 0.5 < table.loc["robust", "high"]
    assert table.loc["robust", "low"] > 0
    assert found.pairs == 12
    assert found.segments[1] <= found.segments[0] == 24
    assert min(found.nearest_km) == jumping["distance_km"].min()


@pytest.mark.slow
@pytest.mark.parametrize("location", ["distance", "coordinates"])
def test_intervals_cover_no_jump_in_a_valley(location: str) -> None:
    """16 provinces, 24 pairs; 40 draws, so the share of intervals that cover has a standard error of 0.035."""
    spec = BorderSpec(OUTCOME, location=location, bandwidth_km=50.0)  # type: ignore[arg-type]
    truth = BorderTruth(valley=0.5, slope=0.4)
    covered = []
    for seed in range(40):
        result = border_jump(sample_of(seed, truth, n=800, side=4), spec).robust
        low, high = result.ci[result.position("right_side")]
        covered.append(low <= 0 <= high)
    assert np.mean(covered) >= 0.85


def test_bandwidth_of_least_error_is_used_and_multiplied(jumping: pd.DataFrame) -> None:
    table = bandwidth_table(jumping, BorderSpec(OUTCOME), donuts_km=(0.0, 5.0))
    chosen = border_jump(jumping, BorderSpec(OUTCOME)).bandwidth_km
    assert table.groupby("factor")["bandwidth_km"].first().tolist() == pytest.approx([0.5 * chosen, chosen, 2 * chosen])
    assert len(table) == 2 * 2 * 3 * 2
    donut = table[table["donut_km"] == 5]
    assert donut["nearest_left_km"].min() >= 5
    assert (donut["n_left"].to_numpy() < table.loc[table["donut_km"] == 0, "n_left"].to_numpy()).all()


def test_a_variant_without_places_stays_in_the_table_with_the_reason(jumping: pd.DataFrame) -> None:
    table = bandwidth_table(jumping, BorderSpec(OUTCOME, bandwidth_km=40.0), factors=(0.01, 1.0), donuts_km=(0.0,))
    assert table["note"].ne("").tolist() == [True, False, False, True, False, False]
    assert table.loc[0, "note"].startswith("a bandwidth of 0.4 holds")
    assert np.isnan(table.loc[0, "estimate"])


def test_segment_shocks_drop_out_and_rows_may_change_places(jumping: pd.DataFrame) -> None:
    spec = BorderSpec(OUTCOME, bandwidth_km=40.0)
    plain = border_jump(jumping, spec).robust
    shock = pd.factorize(jumping["segment"])[0] % 7
    moved = jumping.assign(**{OUTCOME: jumping[OUTCOME] * np.exp(shock)}).sample(frac=1.0, random_state=3)
    other = border_jump(moved, spec).robust
    assert other.params[0] == pytest.approx(plain.params[0], abs=1e-9)
    assert other.se[0] == pytest.approx(plain.se[0], rel=1e-9)


def test_missing_outcomes_leave_the_rows_aligned(jumping: pd.DataFrame) -> None:
    spec = BorderSpec(OUTCOME, bandwidth_km=40.0)
    gaps = jumping.copy()
    chosen = gaps["unit"].str.endswith("7")
    gaps.loc[chosen, OUTCOME] = np.nan
    assert border_jump(gaps, spec).robust.params[0] == pytest.approx(
        border_jump(jumping[~chosen], spec).robust.params[0], rel=1e-12
    )


def test_equivalence_bound_lies_beyond_the_estimate(jumping: pd.DataFrame) -> None:
    found = border_jump(jumping, BorderSpec(OUTCOME))
    assert abs(found.robust.params[0]) < found.equivalence_bound < np.abs(found.robust.ci[0]).max()


def test_controls_are_held_fixed(jumping: pd.DataFrame) -> None:
    """A control that jumps with the side and moves the outcome takes its part of the jump away."""
    rng = np.random.default_rng(5)
    control = 0.5 * jumping["right_side"] + rng.normal(size=len(jumping))
    changed = jumping.assign(control=control, **{OUTCOME: jumping[OUTCOME] * np.exp(0.8 * control)})
    for location in ("distance", "coordinates"):
        spec = BorderSpec(OUTCOME, location=location, bandwidth_km=60.0, controls=("control",))  # type: ignore[arg-type]
        result = border_jump(changed, spec).conventional
        at = result.position("right_side")
        assert abs(result.params[at] - 0.5) < 4 * result.se[at]
        assert result.params[result.position("control")] == pytest.approx(0.8, abs=0.05)


def test_jumps_of_opposite_sign_cancel_when_pooled_and_show_pair_by_pair(jumping: pd.DataFrame) -> None:
    turned = jumping["pair"].map({pair: sign for sign, pair in enumerate(sorted(set(jumping["pair"])))}) % 2 == 0
    mixed = jumping.assign(
        signed_km=jumping["signed_km"].where(turned, -jumping["signed_km"]),
        right_side=jumping["right_side"].where(turned, 1 - jumping["right_side"]),
    )
    pooled = border_jump(mixed, BorderSpec(OUTCOME, bandwidth_km=80.0)).robust
    assert abs(pooled.params[pooled.position("right_side")]) < 0.25
    assert no_jump_anywhere(pair_jumps(mixed, BorderSpec(OUTCOME), 80.0)).p < 1e-6


def test_each_pair_has_a_row(jumping: pd.DataFrame) -> None:
    table = pair_jumps(jumping, BorderSpec(OUTCOME), 80.0)
    assert len(table) == 12
    assert (table["note"] == "").all()
    assert table["estimate"].mean() == pytest.approx(0.5, abs=0.1)
    assert (table["left"] != table["right"]).all()
    assert no_jump_anywhere(table).p < 1e-6
    first = table.iloc[0]
    df = first["n_left"] + first["n_right"] - 6
    assert first["p_robust"] == pytest.approx(2 * stats.t.sf(abs(first["corrected"] / first["se_robust"]), df))
    assert first["high"] - first["low"] == pytest.approx(2 * stats.t.ppf(0.975, df) * first["se_robust"])
    few = pair_jumps(jumping, BorderSpec(OUTCOME), 15.0)
    assert few.loc[few["note"] != "", "estimate"].isna().all()
    with pytest.raises(SpecificationError, match="no pair of regions has an estimate"):
        no_jump_anywhere(table.assign(corrected=np.nan))


def test_coverage_counts_each_place_once() -> None:
    sample = sample_of(2, BorderTruth())
    table = border_coverage(sample)
    assert table[["n_left", "n_right"]].to_numpy().sum() == sample["unit"].nunique() == 900
    assert table["share"].sum() == pytest.approx(100)


def test_sign_follows_the_rank() -> None:
    frame, positions, _ = simulated_borders(np.random.default_rng(3), n=200, side=2)
    rank = {"110000": 4.0, "120000": 3.0, "130000": 2.0, "140000": 1.0}
    sample = border_sample(frame, positions, rank).set_index(["unit", "pair"])
    line = sample.xs("110000-120000", level="pair")
    assert (line.loc[line["region"] == "110000", "signed_km"] > 0).all()
    assert (line.loc[line["region"] == "120000", "signed_km"] < 0).all()
    assert (sample["signed_km"].abs() == sample["distance_km"]).all()


def test_columns_have_the_names_that_the_caller_gives(jumping: pd.DataFrame) -> None:
    frame, positions, _ = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5, valley=0.4, noise=0.2))
    names = {"unit": "fips", "region": "state"}
    black = frame.groupby("region")["is_black"].first().astype(float)
    rank = black + np.arange(len(black)) / 1000
    sample = border_sample(
        frame.rename(columns=names), positions.rename(columns=names), rank, unit="fips", region="state"
    )
    pd.testing.assert_frame_equal(sample, jumping.rename(columns=names), check_like=True)
    table = pair_jumps(sample, BorderSpec(OUTCOME), 80.0, region="state")
    pd.testing.assert_frame_equal(table, pair_jumps(jumping, BorderSpec(OUTCOME), 80.0))
    with pytest.raises(SpecificationError, match="no column 'region' in the sample"):
        pair_jumps(sample, BorderSpec(OUTCOME), 80.0)
    with pytest.raises(SpecificationError, match="no column 'unit' in the table of positions"):
        border_sample(frame, positions.rename(columns=names), rank, region="state")


def test_rank_is_a_ratio_of_sums_over_complete_rows() -> None:
    frame = pd.DataFrame({"region": ["a", "a", "a"], "output": [10.0, 20.0, np.nan], "people": [1.0, 4.0, 100.0]})
    assert rank_units(frame, "region", *RANKED_BY)["a"] == pytest.approx(6.0)


def test_log_of_zero_is_missing() -> None:
    frame = pd.DataFrame({"y": [0.0, 1.0, np.nan, -1.0]})
    assert np.isnan(outcome_values(frame, "y", "log")).tolist() == [True, False, True, True]


def bad_calls() -> list[tuple[str, str]]:
    return [
        ("unknown outcome", "no column 'nothing'"),
        ("unknown control", "no column 'nothing' in the sample"),
        ("one side", "0 rows lie left"),
        ("rounded distances", "mass points"),
        ("no sample", "no column 'is_nearest' in the sample"),
    ]


@pytest.mark.parametrize(("case", "message"), bad_calls())
def test_bad_samples_are_refused(jumping: pd.DataFrame, case: str, message: str) -> None:
    sample, spec = jumping, BorderSpec(OUTCOME)
    if case == "unknown outcome":
        spec = BorderSpec("nothing")
    elif case == "unknown control":
        spec = BorderSpec(OUTCOME, controls=("nothing",))
    elif case == "one side":
        sample = jumping[jumping["right_side"] == 1]
    elif case == "rounded distances":
        rounded = np.ceil(jumping["distance_km"] / 10) * 10
        sample = jumping.assign(distance_km=rounded, signed_km=rounded * np.sign(jumping["signed_km"]))
    else:
        sample = jumping.drop(columns="is_nearest")
    with pytest.raises(SpecificationError, match=message):
        border_jump(sample, spec)


def test_bad_ranks_are_refused() -> None:
    frame, positions, _ = simulated_borders(np.random.default_rng(3), n=100, side=2)
    with pytest.raises(SpecificationError, match="no rank for 140000"):
        border_sample(frame, positions, {"110000": 1.0, "120000": 2.0, "130000": 3.0})
    with pytest.raises(SpecificationError, match="the same rank"):
        border_sample(frame, positions, dict.fromkeys(["110000", "120000", "130000", "140000"], 1.0))
    with pytest.raises(SpecificationError, match="codes occur twice"):
        border_sample(pd.concat([frame, frame]), positions, rank_units(frame, "region", *RANKED_BY))
    with pytest.raises(SpecificationError, match="no column 'output'"):
        rank_units(frame.drop(columns="output"), "region", *RANKED_BY)
    with pytest.raises(SpecificationError, match="location is 'map'"):
        BorderSpec(OUTCOME, location="map")  # type: ignore[arg-type]
    with pytest.raises(SpecificationError, match="transform"):
        outcome_values(frame, OUTCOME, "root")
    with pytest.raises(SpecificationError, match="side is 1"):
        simulated_borders(np.random.default_rng(3), side=1)
