"""Permutation tests of pairs, ranks of cities, and people who live elsewhere, on small tables."""

from math import comb

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.placebo.partners import PairTest, deal_partners, draw_partners
from shanhai.studies.pairing.analysis import compare_pairs, distances_km, gap_paths, named_pairs
from shanhai.studies.pairing.cities import city_ranks, first_year, yearly_ratio
from shanhai.studies.pairing.design import PairingSpec
from shanhai.studies.pairing.emigration import (
    by_county,
    carried_registered,
    cohort_losses,
    expected_in,
    registered_less_resident,
)


def table(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        values, index=[f"m{i}" for i in range(len(values))], columns=[f"s{i}" for i in range(values.shape[1])]
    )


def test_draws_are_without_replacement_and_their_mean_is_that_of_the_table() -> None:
    """Rows alike: the mean of three drawn columns is that of a simple random sample."""
    row = np.arange(12.0)
    found = draw_partners(
        table(np.tile(row, (3, 1))), [("m0", "s0"), ("m1", "s1"), ("m2", "s2")], 20_000, np.random.default_rng(1)
    )
    assert found.expected == pytest.approx(row.mean(), abs=0.03)
    spread = row.var(ddof=1) / 3 * (1 - 3 / 12)  # finite population
    assert found.distribution.var() == pytest.approx(spread, rel=0.05)
    assert found.distribution.min() >= 1.0  # 0, 1 and 2: no column comes twice
    # Only one of all samples of three lies as low, and one as high.
    assert found.p == pytest.approx(2 / comb(12, 3), abs=0.003)


def test_the_test_keeps_its_size_when_partners_are_drawn_at_random() -> None:
    rng = np.random.default_rng(7)
    values = table(rng.normal(size=(6, 40)))
    rejected = 0
    for turn in range(400):
        chosen = rng.choice(40, 6, replace=False)
        made = [(f"m{i}", f"s{j}") for i, j in enumerate(chosen)]
        rejected += draw_partners(values, made, 199, np.random.default_rng(turn)).p <= 0.05
    assert rejected / 400 == pytest.approx(0.05, abs=0.03)  # 2.7 standard errors


def test_a_strong_choice_is_found() -> None:
    rng = np.random.default_rng(3)
    values = table(rng.normal(size=(6, 40)))
    nearest = [(unit, values.loc[unit].idxmin()) for unit in values.index]
    unique = list({partner: (unit, partner) for unit, partner in nearest}.values())
    assert draw_partners(values, unique, 999, rng).p < 0.01


def test_dealing_takes_all_ways_and_gives_the_exact_p() -> None:
    """Three pairs, six ways; the pairs made have the smallest mean, one other way is as far from the middle."""
    values = table(np.array([[0.0, 5.0, 9.0], [5.0, 0.0, 5.0], [9.0, 5.0, 0.0]]))
    found = deal_partners(values, [("m0", "s0"), ("m1", "s1"), ("m2", "s2")], 99, np.random.default_rng(0))
    assert found.exact and found.draws == 6
    means = np.array([0, 10, 10, 18, 19, 19]) / 3  # the six ways by hand
    assert sorted(found.distribution) == pytest.approx(sorted(means))
    far = np.abs(means - means.mean()) >= abs(0 - means.mean()) - 1e-12
    assert found.p == pytest.approx(far.mean())


def pair_test(distribution: np.ndarray, expected: float, *, exact: bool) -> PairTest:
    """A test of which only the draws matter."""
    return PairTest(0.0, expected, 0.0, 0.0, 1.0, 1.0, 3, 9, len(distribution), exact, distribution)


def test_detectable_difference_by_hand() -> None:
    """Means -50..50 about 10, all ways taken: |d| of 49 or more come four times in 101, below 5 %, 48 six times.

    The fifth of the lowest 20 % lies at -30, so a draw moved by 49 + 30 passes 49 four times in five.
    """
    found = pair_test(10 + np.arange(-50.0, 51.0), 10.0, exact=True)
    assert found.detectable(0.05, 0.8) == pytest.approx(49 + 30)
    assert found.detectable(0.05, 0.5) == pytest.approx(49)
    assert found.detectable(0.03, 0.8) == pytest.approx(50 + 30)


def test_what_four_draws_in_five_reach_is_rejected_four_times_in_five() -> None:
    values = table(np.random.default_rng(4).normal(size=(4, 30)))
    made = [(f"m{i}", f"s{i}") for i in range(4)]
    found = draw_partners(values, made, 4999, np.random.default_rng(1))
    moved = found.distribution - found.expected + found.detectable()
    far = np.abs(found.distribution - found.expected)
    rejected = [(1 + (far >= abs(draw)).sum()) / 5000 < 0.05 for draw in moved]
    assert np.mean(rejected) == pytest.approx(0.8, abs=0.02)


def test_too_few_ways_find_nothing_however_large() -> None:
    """Three pairs dealt anew: six ways, so that p is one sixth or more."""
    values = table(np.array([[0.0, 5.0, 9.0], [5.0, 0.0, 5.0], [9.0, 5.0, 0.0]]))
    found = deal_partners(values, [("m0", "s0"), ("m1", "s1"), ("m2", "s2")], 99, np.random.default_rng(0))
    assert found.detectable() == np.inf


def test_dealing_leaves_the_mean_of_a_difference_as_it_is() -> None:
    """Why only the distance is tested by dealing: partner less county has one mean in all ways."""
    own, others = np.array([1.0, 4.0, 2.0]), np.array([7.0, 5.0, 9.0])
    found = deal_partners(
        table(others[None, :] - own[:, None]), [("m0", "s0"), ("m1", "s1"), ("m2", "s2")], 99, np.random.default_rng(0)
    )
    assert np.ptp(found.distribution) == pytest.approx(0)
    assert found.p == 1.0


def test_same_seed_same_draws_and_columns_in_another_order_the_same_mean() -> None:
    values, made = table(np.random.default_rng(2).normal(size=(3, 9))), [("m0", "s1"), ("m2", "s4")]
    first, second = (draw_partners(values, made, 299, np.random.default_rng(5)) for _ in range(2))
    assert (first.p, first.expected) == (second.p, second.expected)
    assert draw_partners(values[values.columns[::-1]], made, 299, np.random.default_rng(5)).observed == first.observed


@pytest.mark.parametrize(
    ("made", "draws", "error", "message"),
    [
        ([], 199, SpecificationError, "No pairs"),
        ([("m0", "s9")], 199, MissingDataError, "s9"),
        ([("m0", "s0")], 50, SpecificationError, "99 or more"),
        (
            [("m0", "s0"), ("m1", "s1"), ("m2", "s2"), ("m0", "s3"), ("m1", "s0")],
            99,
            SpecificationError,
            "4 candidates",
        ),
    ],
)
def test_bad_pairs_are_refused(made: list[tuple[str, str]], draws: int, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        draw_partners(table(np.ones((3, 4))), made, draws, np.random.default_rng(0))


def test_missing_values_are_refused() -> None:
    values = table(np.array([[1.0, np.nan]]))
    with pytest.raises(MissingDataError, match=r"\['s1'\] are missing"):
        draw_partners(values, [("m0", "s0")], 99, np.random.default_rng(0))


def test_specifications_refuse_what_they_do_not_know() -> None:
    with pytest.raises(SpecificationError, match="allowed: distance_km"):
        PairingSpec("happiness")
    with pytest.raises(SpecificationError, match="allowed: province, list, as_rich"):
        PairingSpec("distance_km", "world")  # type: ignore[arg-type]


PLACES = pd.DataFrame(
    {"longitude": [118.9, 121.2, 120.2, 119.9], "latitude": [28.9, 30.2, 30.3, np.nan], "gap_2021": [10, 11, 10.5, 12]},
    index=pd.Index(["a", "b", "c", "d"], name="code"),
)  # fmt: skip


def test_distances_are_those_of_the_ellipsoid() -> None:
    metres = Geod(ellps="WGS84").inv(118.9, 28.9, 121.2, 30.2)[2]
    found = distances_km(PLACES, ["a"], ["b", "a"])
    assert found.to_numpy().tolist() == [[pytest.approx(metres / 1000), 0.0]]
    # Another route: the spherical law of cosines is off by less than half a percent.
    lat, other, turn = np.radians([28.9, 30.2, 121.2 - 118.9])
    sphere = 6371.0088 * np.arccos(np.sin(lat) * np.sin(other) + np.cos(lat) * np.cos(other) * np.cos(turn))
    assert found.loc["a", "b"] == pytest.approx(sphere, rel=0.005)


def test_places_without_a_value_are_left_out_and_richness_bounds_candidates() -> None:
    made = pd.DataFrame({"mountain_code": ["a"], "sea_code": ["b"]})
    by_distance = compare_pairs(PairingSpec("distance_km"), PLACES, made, ["b", "c", "d"], 199, 1)
    assert by_distance.candidates == 2  # d has no place
    by_gap = compare_pairs(PairingSpec("gap_2021"), PLACES, made, ["b", "c", "d"], 199, 1)
    assert (by_gap.observed, set(by_gap.distribution)) == (1.0, {1.0, 0.5, 2.0})
    spec = PairingSpec("gap_2021", "as_rich")
    found = compare_pairs(spec, PLACES, made, ["b", "c", "d"], 199, 1)
    assert (found.candidates, found.pairs) == (2, 1)  # c is poorer than the named partner
    with pytest.raises(MissingDataError, match="No named pair"):
        compare_pairs(PairingSpec("distance_km"), PLACES, made.assign(sea_code="d"), ["b", "c"], 199, 1)


def test_pairs_are_named_once_with_their_first_year() -> None:
    listed = pd.DataFrame(
        {
            "mountain_code": ["a", "a", "a", "b"],
            "sea_code": ["b", "b", "c", "900000"],
            "kind": ["aid", "park", "aid", "aid"],
            "year": [2015.0, np.nan, 2011.0, 2011.0],
        }
    )
    found = named_pairs(listed, ["a", "b", "c"])
    assert found.to_dict("records") == [
        {"mountain_code": "a", "sea_code": "b", "first_year": 2015.0, "forms": 2},
        {"mountain_code": "a", "sea_code": "c", "first_year": 2011.0, "forms": 1},
    ]


def test_the_path_of_a_gap_starts_at_zero_for_each_sensor() -> None:
    years = range(2001, 2023)
    steady = pd.DataFrame(
        {year: [0.0, 2.0 + (0.5 if year > 2012 else 0), 1.0] for year in years}, index=["m", "s", "t"]
    )
    found = gap_paths(steady, [("m", "s")], ["t"], 99, 1)
    assert found["observed"].abs().max() == pytest.approx(0)  # the jump between sensors is no change of the gap
    assert found["sensor"].unique().tolist() == ["DMSP", "VIIRS"]


CITIES = pd.DataFrame(
    {"longitude": 0.0, "latitude": [0.0, 1.0, 2.0, 3.0], "gap_2011": [0.0, 1, 2, 3], "gap_2021": [0.0, 3, 2, 1],
     "gap_change": [0.0, 2, 0, -2]},
    index=pd.Index(["x", "1", "2", "3"], name="code"),
)  # fmt: skip


def test_ranks_among_possible_partners_and_their_exact_p() -> None:
    found = city_ranks(CITIES, "x", "1", ["1", "2", "3"]).set_index("outcome")
    assert found["rank"].to_dict() == {"distance_km": 1, "gap_2011": 1, "gap_2021": 3, "gap_change": 3}
    assert found["p"].tolist() == pytest.approx([2 / 3] * 4)  # first or last of three
    assert city_ranks(CITIES, "x", "2", ["1", "2", "3"])["p"].tolist() == pytest.approx([1.0] * 4)
    with pytest.raises(MissingDataError, match="not among the 2 alternatives"):
        city_ranks(CITIES, "x", "9", ["1", "2"])


def test_a_year_without_figures_is_named() -> None:
    economy = pd.DataFrame(
        {"code": ["x", "1"], "year": 2001, "gdp_100m_yuan": [10.0, 70.0], "gdp_per_capita_yuan": [1_000, 5_000.0]}
    )
    assert yearly_ratio(economy, "x", "1", [2001]).to_dict("records") == [
        {"year": 2001, "gdp": 7.0, "gdp_per_head": 5.0}
    ]
    with pytest.raises(MissingDataError, match=r"x has no GDP or GDP per head in \[2002\]"):
        yearly_ratio(economy, "x", "1", [2001, 2002])
    with pytest.raises(MissingDataError, match="names no year"):
        first_year(pd.DataFrame({"mountain_code": ["x"], "sea_code": ["1"], "year": [np.nan]}), "x", "1")


HUKOU = pd.DataFrame(
    {
        "code": ["a", "b", "a", "b", "b"],
        "year": [2013, 2013, 2014, 2014, 2017],
        "hukou_population_10k": [100.0, 50.0, 98.0, 49.0, 48.0],
        "resident_urban_10k": [30.0, 10.0, 31.0, np.nan, 12.0],
        "resident_rural_10k": [50.0, 30.0, 48.0, 29.0, 27.0],
    }
)


def census(**people: float) -> pd.DataFrame:
    rows = [
        {
            "code": code,
            "level": "prefecture" if code == "p" else "county",
            "is_county": code != "p",
            "population": value,
        }
        for code, value in people.items()
    ]
    return pd.DataFrame(rows)


def test_the_register_less_residents_by_source() -> None:
    before = census(p=1_300_000.0, a=850_000.0, b=420_000.0).assign(hukou_population=[1_480_000.0, 990_000, 490_000])
    tables = {"county_hukou": HUKOU, "census_2010": before, "census_2020": census(p=1_000_000.0, a=700_000, b=300_000)}
    found = registered_less_resident(tables, "p", ["a", "b"]).set_index("source")
    assert found.loc["census", "difference"] == 180_000
    assert found.loc["yearbook", ["year", "difference"]].tolist() == [
        2013,
        1_500_000 - 1_200_000,
    ]  # 2014 lacks a figure
    assert found.loc["mixed", ["registered_year", "difference"]].tolist() == [2014, 1_470_000 - 1_000_000]
    counties = by_county(tables, [("a",), ("b",)], {"a": 10_000.0}).set_index("codes")
    assert counties.loc["a", "residents_2020"] == 710_000  # the zone on its ground is added
    assert counties.loc["b", ["registered_year", "difference"]].tolist() == [2017, 480_000 - 300_000]


def test_the_register_is_carried_on_at_the_pace_of_those_who_report() -> None:
    persons, year, counties = carried_registered(HUKOU, ["a", "b"], 2020)
    assert (year, counties) == (2017, 1)
    assert persons == pytest.approx(1_470_000 * (48 / 49) ** 2)  # three years' pace, six years on
    assert carried_registered(HUKOU[HUKOU["year"] < 2015], ["a", "b"], 2020) == (1_470_000, 2014, 0)
    with pytest.raises(MissingDataError, match="no year with all counties"):
        carried_registered(HUKOU, ["a", "b", "c"], 2020)


def test_cohorts_are_the_same_people_ten_years_later() -> None:
    ages = ["age_0", "age_1_4", *(f"age_{a}_{a + 4}" for a in range(5, 60, 5))]
    before, after = pd.Series(100.0, index=ages), pd.Series(100.0, index=ages)
    after["age_20_24"] = 40.0
    found = cohort_losses(before, after).set_index("age_2010")
    assert found.loc[10, ["lost", "share"]].tolist() == [60.0, 60.0]
    assert found.loc[0, "residents_2010"] == 200.0  # infants and those of one to four
    assert found["lost"].drop([0, 10]).eq(0).all()


def test_the_expected_share_is_that_of_all_migrants() -> None:
    assert expected_in(2.0, 100.0, 50.0) == pytest.approx(1.0)
    with pytest.raises(MissingDataError, match="as a part of the second"):
        expected_in(3.0, 2.0, 1.0)
