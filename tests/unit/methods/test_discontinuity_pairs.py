"""Adjacent places across boundaries: who is paired, what is recovered, what is refused."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.discontinuity.pairs import PairSpec, contiguous_pairs, pair_jump, pair_table
from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders

OUTCOME = "income"
RANKED_BY = ("output", "people")
Tables = tuple[pd.DataFrame, pd.DataFrame]

TINY = pd.DataFrame(
    {
        "unit": ["110101", "110201", "110202", "120101"],
        "region": ["110000", "110000", "110000", "120000"],
        "district": ["110100", "110200", "110200", "120100"],
    }
)
TINY_EDGES = pd.DataFrame({"unit_a": ["110101", "110201", "110201"], "unit_b": ["110201", "110202", "120101"]})


@pytest.fixture(scope="module")
def board() -> Tables:
    truth = BorderTruth(jump=0.5, noise=0.2)
    frame, _, edges = simulated_borders(np.random.default_rng(1), truth, n=1200, side=4)
    return frame, edges


def test_pairs_by_hand() -> None:
    outer = contiguous_pairs(TINY, TINY_EDGES)
    assert outer["contiguous_pair"].tolist() == ["110201-120101"] * 2
    assert outer["region"].tolist() == ["110000", "120000"]
    assert outer["region_across"].tolist() == ["120000", "110000"]
    assert outer["region_pair"].unique().tolist() == ["110000-120000"]
    inner = contiguous_pairs(TINY, TINY_EDGES, "district", "region")
    assert inner["unit"].tolist() == ["110101", "110201"]
    assert inner["region"].tolist() == ["110100", "110200"]


def test_jump_shows_across_regions_and_not_across_districts(board: Tables) -> None:
    table = pair_table(*board, (OUTCOME,), *RANKED_BY).set_index("boundary")
    assert table.loc["region", "low"] < 0.5 < table.loc["region", "high"]
    assert abs(table.loc["district", "estimate"]) < 3 * table.loc["district", "se"]
    assert table.loc["region", "units"] == 16
    assert table.loc["region", "unit_pairs"] == 24


def test_columns_have_the_names_that_the_caller_gives(board: Tables) -> None:
    """Counties of states, named as an American data set names them: every number is the same."""
    frame, edges = board
    names = {"unit": "fips", "region": "state", "district": "msa", "income": "pay"}
    county_frame = frame.rename(columns=names)
    county_edges = edges.rename(columns={"unit_a": "county1", "unit_b": "county2"})
    named = {"unit": "fips", "pair": ("county1", "county2")}
    plain = pair_table(frame, edges, (OUTCOME,), *RANKED_BY)
    other = pair_table(county_frame, county_edges, ("pay",), *RANKED_BY, ("state", "msa"), **named)
    assert other["boundary"].tolist() == ["state", "msa"]
    pd.testing.assert_frame_equal(
        other.drop(columns=["boundary", "outcome"]), plain.drop(columns=["boundary", "outcome"])
    )
    pairs = contiguous_pairs(county_frame, county_edges, "msa", "state", **named)
    assert pairs.equals(contiguous_pairs(frame, edges, "district", "region").rename(columns={"unit": "fips"}))
    with pytest.raises(SpecificationError, match="no column 'unit_a'"):
        contiguous_pairs(county_frame, county_edges, "state", unit="fips")


def test_estimate_is_the_mean_difference_of_pairs(board: Tables) -> None:
    """Without controls, an effect of each pair leaves the mean of the differences."""
    frame, edges = board
    pairs = contiguous_pairs(frame, edges).merge(frame.drop(columns="region"), on="unit")
    levels = np.log(pairs[OUTCOME]).groupby([pairs["contiguous_pair"], pairs["is_black"]]).first().unstack()
    found = pair_jump(frame, edges, PairSpec(OUTCOME, *RANKED_BY))
    assert found.n == 2 * len(levels)
    assert found.params[0] == pytest.approx((levels[True] - levels[False]).mean(), rel=1e-9)


def test_sides_are_chosen_without_the_pair_itself() -> None:
    """No jump anywhere: were a place's own outcome part of its rank, districts of five would show one."""
    frame, _, edges = simulated_borders(np.random.default_rng(4), BorderTruth(noise=0.5), n=320, side=4)
    found = pair_jump(frame, edges, PairSpec(OUTCOME, *RANKED_BY, "district", "region"))
    assert abs(found.params[0]) < 2.5 * found.se[0]


def test_a_missing_outcome_takes_its_pairs_out(board: Tables) -> None:
    frame, edges = board
    lost = contiguous_pairs(frame, edges)["unit"].iloc[0]
    gaps = frame.copy()
    gaps.loc[gaps["unit"] == lost, OUTCOME] = np.nan
    pairs = contiguous_pairs(frame, edges)
    count = pairs.loc[pairs["unit"] == lost, "contiguous_pair"].nunique()
    assert pair_jump(gaps, edges, PairSpec(OUTCOME, *RANKED_BY)).n == len(pairs) - 2 * count
    shuffled = pair_jump(frame.sample(frac=1.0, random_state=1), edges.iloc[::-1], PairSpec(OUTCOME, *RANKED_BY))
    assert shuffled.params[0] == pytest.approx(
        pair_jump(frame, edges, PairSpec(OUTCOME, *RANKED_BY)).params[0], rel=1e-12
    )


def test_bad_pairs_are_refused(board: Tables) -> None:
    frame, edges = board
    with pytest.raises(SpecificationError, match="no column 'city'"):
        pair_jump(frame, edges, PairSpec(OUTCOME, *RANKED_BY, "city"))
    with pytest.raises(SpecificationError, match="no column 'unit_b'"):
        contiguous_pairs(frame, edges.drop(columns="unit_b"))
    with pytest.raises(
        SpecificationError,
        match="no two adjacent places lie on two sides of a boundary of 'district' inside one 'region'",
    ):
        contiguous_pairs(frame, edges.iloc[:0], "district", "region")
    with pytest.raises(SpecificationError, match="no column 'output'"):
        pair_jump(frame.drop(columns="output"), edges, PairSpec(OUTCOME, *RANKED_BY))
    with pytest.raises(SpecificationError, match="no column 'nothing'"):
        pair_jump(frame, edges, PairSpec("nothing", *RANKED_BY))


@pytest.mark.parametrize("name", ["region", "contiguous_pair", "y", "rank"])
def test_columns_with_names_of_ours_are_refused_and_the_step_gives_the_same(board: Tables, name: str) -> None:
    frame, edges = board
    right = pair_jump(frame, edges, PairSpec(OUTCOME, *RANKED_BY)).params[0]
    total, people = RANKED_BY
    ranked = frame.rename(columns={"region": "state", total: name})
    units = frame.rename(columns={"region": "state", "unit": name})
    with pytest.raises(SpecificationError, match=f"column '{name}' has the name of one that pairs get"):
        pair_jump(ranked, edges, PairSpec(OUTCOME, name, people, "state"))
    with pytest.raises(SpecificationError, match=f"column '{name}' has the name of one that pairs get"):
        pair_jump(units, edges, PairSpec(OUTCOME, *RANKED_BY, "state"), unit=name)
    own = f"own_{name}"
    ranked, units = (table.rename(columns={name: own}) for table in (ranked, units))
    assert pair_jump(ranked, edges, PairSpec(OUTCOME, own, people, "state")).params[0] == right
    assert pair_jump(units, edges, PairSpec(OUTCOME, *RANKED_BY, "state"), unit=own).params[0] == right
