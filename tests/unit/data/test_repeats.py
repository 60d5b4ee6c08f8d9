"""Figures that repeat: placeholders of a block, and one figure under two codes."""

import numpy as np
import pandas as pd
import pytest

from shanhai.data.corrections._repeats import placeholders, repeated_figures

CODES = [f"99{place:04d}" for place in range(60)]


def province(rng):
    index = pd.MultiIndex.from_product([CODES, [2021]], names=["code", "year"])
    return pd.Series(rng.lognormal(np.log(40), 0.6, len(CODES)).round(2), index=index)


def test_a_province_filled_with_placeholders_is_found_whole():
    people = province(np.random.default_rng(1))
    filled = people.copy()
    filled.iloc[:51] = np.repeat([19.8, 53.3, 43.7], 17)
    filled.iloc[51:54] = 6.8
    marked = placeholders(filled, people)
    # Three rows with one value would be no proof by themselves; in a block of placeholders they are.
    assert marked.iloc[:54].all() and not marked.iloc[54:].any()
    alone = people.copy()
    alone.iloc[51:54] = 6.8
    assert not placeholders(alone, people).any()


def test_a_few_placeholders_among_good_rows():
    people = province(np.random.default_rng(2))
    filled = people.copy()
    filled.iloc[[3, 20, 31, 44, 52]] = 27.4
    assert placeholders(filled, people).sum() == 5


@pytest.mark.parametrize("decimals", [2, 1, 0], ids=str)
def test_rounding_makes_no_placeholder_and_neither_does_displacement(decimals):
    rng = np.random.default_rng(3)
    for _ in range(15):
        people = province(rng)
        printed = (people * np.exp(rng.normal(0, 0.05, len(people)))).round(decimals)
        assert not placeholders(printed, people).any()
        displaced = pd.Series(np.roll(printed.to_numpy(), 1), index=printed.index)
        assert not placeholders(displaced, people).any()


def test_repeated_figures_of_one_prefecture_and_of_the_country():
    index = pd.MultiIndex.from_arrays(
        [["110101", "110102", "110103", "220101", "110101", "110102"], [2021] * 4 + [2011] * 2], names=["code", "year"]
    )
    values = pd.Series([46_021.0, 46_021.0, 46_022.0, 46_021.0, 36_000.0, 36_000.0], index=index)
    assert repeated_figures(values).to_numpy().tolist() == [["110101", "110102", 2021], ["110102", "110101", 2021]]
    assert len(repeated_figures(values, digits=0)) == 6
    # Two digits are shared by chance.
    assert len(repeated_figures(values, significant=2)) == 4
    assert repeated_figures(values, significant=6).empty
