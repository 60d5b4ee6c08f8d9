"""Adjacent counties across boundaries: who is paired, what is recovered, what is refused."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.discontinuity.pairs import PairSpec, contiguous_pairs, pair_jump, pair_table
from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders

OUTCOME = "gdp_per_capita_2021"
RANKED_BY = ("gdp_2021", "population_2020")
Tables = tuple[pd.DataFrame, pd.DataFrame]

TINY = pd.DataFrame(
    {
        "code": ["110101", "110201", "110202", "120101"],
        "province_code": ["110000", "110000", "110000", "120000"],
        "prefecture_code": ["110100", "110200", "110200", "120100"],
    }
)
TINY_EDGES = pd.DataFrame({"code_a": ["110101", "110201", "110201"], "code_b": ["110201", "110202", "120101"]})


@pytest.fixture(scope="module")
def board() -> Tables:
    truth = BorderTruth(jump=0.5, noise=0.2)
    frame, _, edges = simulated_borders(np.random.default_rng(1), truth, n=1200, side=4)
    return frame, edges


def test_pairs_by_hand() -> None:
    province = contiguous_pairs(TINY, TINY_EDGES, "province")
    assert province["contiguous_pair"].tolist() == ["110201-120101"] * 2
    assert province["unit"].tolist() == ["110000", "120000"]
    assert province["unit_across"].tolist() == ["120000", "110000"]
    assert province["unit_pair"].unique().tolist() == ["110000-120000"]
    prefecture = contiguous_pairs(TINY, TINY_EDGES, "prefecture")
    assert prefecture["code"].tolist() == ["110101", "110201"]
    assert prefecture["unit"].tolist() == ["110100", "110200"]


def test_jump_shows_across_provinces_and_not_across_prefectures(board: Tables) -> None:
    table = pair_table(*board, (OUTCOME,), *RANKED_BY).set_index("boundary")
    assert table.loc["province", "low"] < 0.5 < table.loc["province", "high"]
    assert abs(table.loc["prefecture", "estimate"]) < 3 * table.loc["prefecture", "se"]
    assert table.loc["province", "units"] == 16
    assert table.loc["province", "unit_pairs"] == 24


def test_estimate_is_the_mean_difference_of_pairs(board: Tables) -> None:
    """Without controls, an effect of each pair leaves the mean of the differences."""
    frame, edges = board
    pairs = contiguous_pairs(frame, edges, "province").merge(frame, on="code")
    levels = np.log(pairs[OUTCOME]).groupby([pairs["contiguous_pair"], pairs["is_black"]]).first().unstack()
    found = pair_jump(frame, edges, PairSpec(OUTCOME, *RANKED_BY))
    assert found.n == 2 * len(levels)
    assert found.params[0] == pytest.approx((levels[True] - levels[False]).mean(), rel=1e-9)


def test_sides_are_chosen_without_the_pair_itself() -> None:
    """No jump anywhere: were a county's own outcome part of its rank, prefectures of five would show one."""
    frame, _, edges = simulated_borders(np.random.default_rng(4), BorderTruth(noise=0.5), n=320, side=4)
    found = pair_jump(frame, edges, PairSpec(OUTCOME, *RANKED_BY, "prefecture"))
    assert abs(found.params[0]) < 2.5 * found.se[0]


def test_a_missing_outcome_takes_its_pairs_out(board: Tables) -> None:
    frame, edges = board
    lost = contiguous_pairs(frame, edges, "province")["code"].iloc[0]
    gaps = frame.copy()
    gaps.loc[gaps["code"] == lost, OUTCOME] = np.nan
    pairs = contiguous_pairs(frame, edges, "province")
    count = pairs.loc[pairs["code"] == lost, "contiguous_pair"].nunique()
    assert pair_jump(gaps, edges, PairSpec(OUTCOME, *RANKED_BY)).n == len(pairs) - 2 * count
    shuffled = pair_jump(frame.sample(frac=1.0, random_state=1), edges.iloc[::-1], PairSpec(OUTCOME, *RANKED_BY))
    assert shuffled.params[0] == pytest.approx(
        pair_jump(frame, edges, PairSpec(OUTCOME, *RANKED_BY)).params[0], rel=1e-12
    )


def test_bad_pairs_are_refused(board: Tables) -> None:
    frame, edges = board
    with pytest.raises(SpecificationError, match="boundary is 'city'"):
        PairSpec(OUTCOME, *RANKED_BY, "city")  # type: ignore[arg-type]
    with pytest.raises(SpecificationError, match="no column 'code_b'"):
        contiguous_pairs(frame, edges.drop(columns="code_b"), "province")
    with pytest.raises(SpecificationError, match="no two adjacent counties"):
        contiguous_pairs(frame, edges.iloc[:0], "province")
    with pytest.raises(SpecificationError, match="no column 'gdp_2021'"):
        pair_jump(frame.drop(columns="gdp_2021"), edges, PairSpec(OUTCOME, *RANKED_BY))
    with pytest.raises(SpecificationError, match="no column 'nothing'"):
        pair_jump(frame, edges, PairSpec("nothing", *RANKED_BY))
