"""Rows that hold another unit's figures: found where they are planted, and not where nothing is wrong."""

import numpy as np
import pandas as pd
import pytest

from shanhai.data.corrections._displacement import (
    Witness,
    apply_moves,
    find_moves,
    nearest_years,
    rounded_scale,
    sure_moves,
)

YEAR = 2021


SIZES = (40.0, 12.0, 90.0, 25.0, 150.0, 18.0, 60.0, 33.0, 110.0)
"""People (10,000) of the counties of a prefecture: a third or more apart."""


def province(rng, prefectures=8):
    """People of a made-up province by code and year."""
    codes = [f"99{place:02d}{county}" for place in range(1, prefectures + 1) for county in range(21, 30)]
    index = pd.MultiIndex.from_product([codes, [YEAR]], names=["code", "year"])
    return pd.Series(np.concatenate([np.array(SIZES) * rng.uniform(0.7, 1.4) for _ in range(prefectures)]), index=index)


def measured(rng, people, honest=0.1):
    """The same people by another count: a percent off, and a share of them by a factor for honest reasons."""
    close = people * np.exp(rng.laplace(0, 0.01, len(people)))
    return close.where(rng.random(len(people)) > honest, people * np.exp(rng.laplace(0, 0.4, len(people))))


def witness(figures, people):
    return Witness(figures, people.to_frame("census"))


def held_by(figures, order):
    """Figures whose row i holds what belongs to row order[i]."""
    return pd.Series(figures.to_numpy()[order], index=figures.index)


def mended(figures, people):
    moves = find_moves([witness(figures, people)])
    return apply_moves(figures.rename("figure").reset_index(), moves, ["figure"])["figure"].to_numpy(), moves


@pytest.mark.parametrize("step", [1, -1])
def test_a_province_moved_by_one_row_is_moved_back(step):
    rng = np.random.default_rng(1)
    people = province(rng)
    right = measured(rng, people, honest=0.0)
    order = np.arange(len(right))
    order[10:60] += step
    wrong = held_by(right, order)
    after, moves = mended(wrong, people)
    held = np.isin(np.arange(len(right)), order)
    # Every unit whose figure is still in the table has it again; one figure was overwritten, its unit has none.
    assert after[held] == pytest.approx(right.to_numpy()[held])
    assert (~held).sum() == 1
    assert np.isnan(after[~held]).all()
    outside = np.r_[0:9, 62 : len(right)]
    assert not set(right.index.get_level_values("code")[outside]) & set(moves["code"])


@pytest.mark.parametrize(
    "rows", [[2, 1], [5, 2], [2, 3, 1], [4, 3, 1, 2], [3, 1, 2, 5, 4], [1, 2, 3, 4, 5, 6, 7, 8, 0]], ids=str
)
def test_exchanges_rotations_and_scrambled_prefectures_are_put_back(rows):
    rng = np.random.default_rng(7)
    people = province(rng)
    right = measured(rng, people, honest=0.0)
    order = np.arange(len(right))
    order[np.sort(rows)] = rows
    after, moves = mended(held_by(right, order), people)
    assert after == pytest.approx(right.to_numpy())
    assert set(moves["code"]) == set(right.index.get_level_values("code")[np.sort(rows)])


def test_a_figure_that_is_no_units_comes_out_missing():
    rng = np.random.default_rng(3)
    people = province(rng, prefectures=1).iloc[:8]
    figures = held_by(measured(rng, people, honest=0.0), [1, 2, 3, 4, 5, 6, 7, 7])
    figures.iloc[7] = 4_000.0
    after, _ = mended(figures, people)
    assert np.isnan(after[0])
    assert after[1:] == pytest.approx(figures.to_numpy()[:-1])


def test_two_units_that_either_figure_fits_are_not_guessed():
    index = pd.MultiIndex.from_product([["990101", "990102", "990103"], [YEAR]], names=["code", "year"])
    people = pd.Series([20.0, 80.0, 85.5], index=index)
    moves = find_moves([witness(pd.Series([86.0, 79.0, 20.0], index=index), people)])
    assert moves.set_index("code")["source_code"].to_dict() == {"990101": "990103", "990103": "990101"}
    moves = find_moves([witness(pd.Series([77.0, 20.0, 82.6], index=index), people)])
    assert moves.set_index("code")["source_code"].to_dict() == {"990101": "990102", "990102": "990101"}


def test_untouched_provinces_stay_as_they_are():
    # 100 provinces of 72 rows in which every tenth figure is off for honest reasons: mergers, zones, other bases.
    rng = np.random.default_rng(5)
    made_up = (province(rng) for _ in range(100))
    touched = sum(not find_moves([witness(measured(rng, people), people)]).empty for people in made_up)
    # A block passes if odds against it are below one in twenty, times the hundredth that is disturbed at all: of 800
    # prefectures and 100 provinces, less than one.
    assert touched <= 1


def test_growth_that_all_share_moves_nothing():
    rng = np.random.default_rng(6)
    people = province(rng)
    for factor in (1.15, 0.3):
        assert find_moves([witness(factor * measured(rng, people), people)]).empty


def test_a_province_counted_in_another_unit_and_displaced_is_put_back():
    rng = np.random.default_rng(9)
    people = province(rng)
    right = 0.3 * measured(rng, people, honest=0.0)
    order = np.arange(len(right))
    order[[3, 4]] = [4, 3]
    after, _ = mended(held_by(right, order), people)
    assert after == pytest.approx(right.to_numpy())


def test_the_order_of_the_rows_does_not_matter():
    rng = np.random.default_rng(8)
    people = province(rng)
    order = np.arange(len(people))
    order[20:40] += 1
    figures = held_by(measured(rng, people), order)
    shuffled = rng.permutation(len(figures))
    pd.testing.assert_frame_equal(
        find_moves([witness(figures, people)]), find_moves([witness(figures.iloc[shuffled], people)])
    )


def test_a_second_witness_can_speak_against_a_chance_agreement():
    index = pd.MultiIndex.from_product([["990101", "990102", "990103"], [YEAR]], names=["code", "year"])
    people = pd.Series([20.0, 80.0, 45.0], index=index)
    exchanged = pd.Series([80.0, 20.0, 45.0], index=index)
    against = Witness(exchanged, exchanged.to_frame("year_before"))
    assert len(find_moves([witness(exchanged, people)])) == 2
    assert find_moves([witness(exchanged, people), against]).empty


def test_nearest_years_leaves_the_year_itself_out():
    index = pd.MultiIndex.from_product([["990101"], [2000, 2001, 2002, 2003, 2020]], names=["code", "year"])
    values = pd.Series([1.0, 2.0, 3.0, 4.0, 100.0], index=index)
    assert nearest_years(values, count=2).tolist() == [2.5, 2.0, 3.0, 2.5, 3.5]
    assert nearest_years(values).tolist()[-1] == 2.5
    assert nearest_years(pd.Series([5.0], index=index[:1])).isna().all()


def test_whole_numbers_are_judged_more_widely():
    values = pd.Series([2.0, 40.0, 2.0, 40.5])
    scale = rounded_scale(values, [pd.Index(["a", "a", "b", "b"])])
    assert scale.tolist() == pytest.approx([12**-0.5 / 2, 0.02, 0.02, 0.02])


def test_a_figure_that_fits_stays_and_a_lost_digit_does_not_travel() -> None:
    """孙吴 2001: 10.5 beside its own 10.1 is no gap; 榆社 2007: a 1 that was 14 goes nowhere."""
    codes = ["110101", "110102", "110103", "110104"]
    index = pd.MultiIndex.from_product([codes, [2007]], names=["code", "year"])
    printed = pd.Series([10.5, 10.4, 1.0, 30.0], index=index)
    expected = pd.DataFrame({"own": [10.1, 14.0, 30.0, 16.0]}, index=index)
    evidence = Witness(printed, expected, rounded_scale(printed, [index]))
    moves = pd.DataFrame(
        {
            "code": codes,
            "year": 2007,
            "source_code": [np.nan, "110103", "110104", np.nan],
            "log_odds": 9.0,
        }
    )
    sure = sure_moves(moves, printed, evidence)
    assert sure["code"].tolist() == codes[1:]  # the first keeps what fits
    assert sure["source_code"].isna().tolist() == [True, False, True]
