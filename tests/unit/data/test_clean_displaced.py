"""Corrections of displaced rows and copies in county GDP and registered population, on tables made up for them."""

import numpy as np
import pandas as pd
import pytest

from shanhai.data.corrections import _displaced as clean_displaced
from shanhai.data.flags import _county as flags_county
from shanhai.data.flags import _gdp as flags_gdp
from shanhai.data.rules import apply_rules

PEOPLE = (176_672, 254_613, 327_496, 444_493, 463_949, 293_877, 482_289, 365_640)
"""Residents of 2020: seven counties of a prefecture and one that stays out of it (Hengshui's, by their order)."""

HEADS = (4.43, 4.02, 4.71, 2.80, 4.04, 3.12, 3.57, 3.45)
"""GDP per head, 10,000 yuan."""

CODES = [f"9911{county}" for county in (23, 24, 25, 26, 27, 28, 82, 21)]


@pytest.fixture
def tables():
    counties = pd.DataFrame({"code": CODES, "name_zh": CODES, "is_county": True})
    census = counties.assign(population=PEOPLE, hukou_population=[round(1.1 * people) for people in PEOPLE])
    links = pd.DataFrame({"code": CODES, "code_2020": CODES, "relation": "same"})
    crosswalk = pd.concat([links.assign(vintage=vintage) for vintage in (2010, 2021)])
    people = census["hukou_population"] / 1e4
    years = range(2000, 2022)
    hukou = pd.concat([counties[["code", "name_zh"]].assign(year=y, hukou_population_10k=people) for y in years])
    hukou = hukou.assign(resident_urban_10k=np.nan, resident_rural_10k=np.nan).sort_values(["code", "year"])
    return {
        "census_2010": census,
        "census_2020": census,
        "crosswalk": crosswalk,
        "county_hukou": hukou.reset_index(drop=True),
    }


def gdp_table(years=(2011, 2021)):
    """GDP that is people times heads, to the last yuan; half as much per head and ten years before."""
    rows = [
        (code, year, people * head * share, people * head * share / (5 + place), head * share)
        for year, share in zip(years, (0.5, 1.0), strict=True)
        for place, (code, people, head) in enumerate(zip(CODES, PEOPLE, HEADS, strict=True))
    ]
    return pd.DataFrame(rows, columns=["code", "year", *clean_displaced.FIGURES])


def corrected(table, frame, tables, *rules):
    chosen = [rule for rule in clean_displaced.RULES if rule.id in rules]
    assert len(chosen) == len(rules)
    return apply_rules(table, frame, chosen, ["code", "year"], tables)


def held_by(frame, year, order):
    """The table of a year with the figures of row order[i] in row i."""
    moved = frame.copy()
    rows = frame.index[frame["year"].eq(year)]
    moved.loc[rows, clean_displaced.FIGURES] = frame.loc[rows[order], clean_displaced.FIGURES].to_numpy()
    return moved


@pytest.mark.parametrize("year", [2021, 2022])
def test_seven_rows_moved_one_down_are_moved_back_whatever_the_year(tables, year):
    right = gdp_table((2011, year))
    wrong = held_by(right, year, [6, 0, 1, 2, 3, 4, 5, 7])
    fixed, log = corrected("county_gdp", wrong, tables, "gdp-displaced-rows")
    pd.testing.assert_frame_equal(fixed, right)
    assert set(log["key"]) == {f"code={code};year={year}" for code in CODES[:7]}
    assert sorted(log["column"].unique()) == sorted(clean_displaced.FIGURES)
    assert len(log) == 21
    first = log.loc[log["key"].str.contains(CODES[0]) & log["column"].eq("gdp_10k_yuan")].iloc[0]
    assert [float(first["before"]), float(first["after"])] == pytest.approx([482_289 * 3.57, 176_672 * 4.43])


def test_exchanged_gdp_whose_per_head_stayed_moves_alone(tables):
    right = gdp_table()
    wrong = right.copy()
    rows = right.index[right["year"].eq(2021)][[0, 3]]
    wrong.loc[rows, clean_displaced.MONEY] = right.loc[rows[::-1], clean_displaced.MONEY].to_numpy()
    fixed, _ = corrected("county_gdp", wrong, tables, "gdp-displaced-rows")
    pd.testing.assert_frame_equal(fixed, right)


def test_exchanged_gdp_per_head_moves_alone(tables):
    right = gdp_table()
    wrong = right.copy()
    rows = right.index[right["year"].eq(2011)][[2, 3]]
    wrong.loc[rows, "gdp_per_capita_10k_yuan"] = right.loc[rows[::-1], "gdp_per_capita_10k_yuan"].to_numpy()
    fixed, _ = corrected("county_gdp", wrong, tables, "gdp-displaced-rows")
    pd.testing.assert_frame_equal(fixed, right)


def test_growth_merger_and_a_zone_are_not_displacement(tables):
    honest = gdp_table()
    of_2021 = honest.index[honest["year"].eq(2021)]
    honest.loc[of_2021[2], "gdp_10k_yuan"] *= 1.8  # a zone in GDP, not in GDP per head
    honest.loc[of_2021[4], clean_displaced.FIGURES] *= [3.0, 1.0, 1.5]  # twice the people: merged with a neighbour
    honest.loc[of_2021[5], clean_displaced.MONEY] *= 5.0  # growth
    honest.loc[of_2021[5], "gdp_per_capita_10k_yuan"] *= 5.0
    fixed, log = corrected("county_gdp", honest, tables, "gdp-copied-figure", "gdp-displaced-rows")
    pd.testing.assert_frame_equal(fixed, honest)
    assert log.empty


def test_a_copy_is_told_by_the_people_that_it_implies(tables):
    right = gdp_table()
    right["gdp_10k_yuan"] = right["gdp_10k_yuan"].round(-1) + 7
    wrong = right.copy()
    original, copy = right.index[right["year"].eq(2021)][[3, 0]]
    wrong.loc[copy, clean_displaced.FIGURES] = right.loc[original, clean_displaced.FIGURES].to_numpy()
    fixed, log = corrected("county_gdp", wrong, tables, "gdp-copied-figure")
    assert fixed.loc[copy, clean_displaced.FIGURES].isna().all()
    assert set(log["key"]) == {f"code={CODES[0]};year=2021"}
    # Without GDP per head beside it, a copy of five digits within the prefecture is one too.
    wrong.loc[copy, "gdp_per_capita_10k_yuan"] = np.nan
    fixed, _ = corrected("county_gdp", wrong, tables, "gdp-copied-figure")
    assert fixed.loc[copy, clean_displaced.FIGURES].isna().all()


def test_the_same_gdp_that_both_populations_confirm_is_no_copy(tables):
    honest = gdp_table()
    first, second = honest.index[honest["year"].eq(2021)][[1, 2]]
    honest.loc[second, "gdp_10k_yuan"] = honest.loc[first, "gdp_10k_yuan"]
    honest.loc[second, "gdp_per_capita_10k_yuan"] = honest.loc[first, "gdp_10k_yuan"] / PEOPLE[2]
    fixed, _ = corrected("county_gdp", honest, tables, "gdp-copied-figure")
    pd.testing.assert_frame_equal(fixed, honest)
    assert flags_county.repeated_flags({**tables, "county_gdp": honest}).empty


def test_a_repeated_primary_sector_is_flagged_under_both_codes(tables):
    gdp = gdp_table()
    first, second = gdp.index[gdp["year"].eq(2021)][[1, 2]]
    gdp.loc[[first, second], "primary_gdp_10k_yuan"] = 46_021.0
    flags = flags_county.repeated_flags({**tables, "county_gdp": gdp})
    assert flags[["code", "column", "flag"]].to_numpy().tolist() == [
        [code, "primary_gdp_10k_yuan", "primary_2021_repeated"] for code in CODES[1:3]
    ]


def hukou_of(tables, year, factor=1.0, order=None):
    """The table of registered population with the rows of a year changed."""
    hukou = tables["county_hukou"].copy()
    rows = hukou.index[hukou["year"].eq(year)]
    figures = hukou.loc[rows, clean_displaced.HUKOU].to_numpy() * factor
    hukou.loc[rows, clean_displaced.HUKOU] = figures if order is None else figures[order]
    return hukou


def test_a_unit_displaced_in_most_of_its_years_is_put_right_by_the_census(tables):
    right = tables["county_hukou"]
    wrong = right.copy()
    order = [6, 0, 1, 2, 3, 4, 5, 7]
    for year in range(2003, 2018):
        wrong.loc[wrong["year"].eq(year), clean_displaced.HUKOU] = hukou_of(tables, year, order=order).loc[
            wrong["year"].eq(year), clean_displaced.HUKOU
        ]
    # The median of all years is the displaced one, so that a check against it would blame the years that are right.
    medians = [frame.groupby("code")[clean_displaced.HUKOU].median() for frame in (wrong, right)]
    assert (medians[0] != medians[1]).sum() == 7
    fixed, log = corrected("county_hukou", wrong, tables, "hukou-displaced-rows")
    pd.testing.assert_frame_equal(fixed, right)
    assert len(log) == 15 * 7


def test_placeholders_of_registered_population_are_set_missing(tables):
    wrong = tables["county_hukou"].copy()
    rows = wrong.index[wrong["year"].eq(2021)]
    wrong.loc[rows[:6], clean_displaced.HUKOU] = 19.8
    fixed, log = corrected("county_hukou", wrong, tables, "hukou-placeholder")
    assert fixed.loc[rows[:6], clean_displaced.HUKOU].isna().all()
    assert len(log) == 6


def test_households_and_residents_are_named_and_not_moved(tables):
    households = hukou_of(tables, 2006, factor=0.32)
    fixed, _ = corrected("county_hukou", households, tables, "hukou-displaced-rows")
    pd.testing.assert_frame_equal(fixed, households)
    flags = flags_county.another_count_flags({**tables, "county_hukou": households})
    assert set(flags["column"]) == {"hukou_population_10k@2006"}
    assert flags["flag"].tolist() == ["households"] * 8
    residents = hukou_of(tables, 2020, factor=1 / 1.1)
    flags = flags_county.another_count_flags({**tables, "county_hukou": residents})
    assert flags["flag"].tolist() == ["residents"] * 8


def test_breaks_of_the_primary_sector_and_gdp_that_falls_behind(tables):
    gdp = gdp_table()
    before, now = gdp.index[gdp["year"].eq(2011)], gdp.index[gdp["year"].eq(2021)]
    gdp.loc[before[1], "primary_gdp_10k_yuan"] /= 80  # a digit or two lost
    gdp.loc[now[4], clean_displaced.FIGURES] *= 0.5  # its zone is counted elsewhere
    flags = flags_gdp.break_flags({**tables, "county_gdp": gdp})
    assert flags[["code", "flag"]].to_numpy().tolist() == [
        [CODES[1], "primary_2021_break"],
        [CODES[4], "gdp_2021_lags_prefecture"],
    ]
