"""Each written correction on a table small enough to read: what is wrong, what replaces it, what stays."""

import numpy as np
import pandas as pd
import pytest

from shanhai.data.corrections import _economy as clean_economy
from shanhai.data.corrections import _gdp as clean_gdp
from shanhai.data.corrections import all_rules as clean
from shanhai.data.rules import apply_rules

GDP = ["code", "year", "gdp_10k_yuan", "primary_gdp_10k_yuan", "gdp_per_capita_10k_yuan"]


def correct(table, frame, rule, tables=None):
    """The frame after one rule, and the log."""
    rules = [candidate for candidate in clean_economy.RULES if candidate.id == rule]
    assert len(rules) == 1
    return apply_rules(table, frame, rules, ["code", "year"], tables)


def people(population):
    """Tables in which these codes are one county in 2010 and 2020, with these residents in both."""
    census = pd.DataFrame([{"code": code, "is_county": True, "population": n} for code, n in population.items()])
    links = pd.DataFrame({"vintage": 2010, "code": census["code"], "code_2020": census["code"], "relation": "same"})
    hukou = pd.DataFrame({"code": ["449999"], "year": [2019], "hukou_population_10k": [50.0]})
    return {"census_2010": census, "census_2020": census, "crosswalk": links, "county_hukou": hukou}


HALF_A_MILLION = people({"440101": 500_000, "440102": 500_000})


@pytest.mark.parametrize("year", [2001, 2011, 2015, 2021, 2022])
@pytest.mark.parametrize(("written", "primary"), [(300.0, 30.0), (3e10, 3e9)])
def test_gdp_in_another_unit_is_found_by_gdp_per_head_in_any_year(year, written, primary):
    # 500,000 people with 6 (10,000 yuan) each produce 3,000,000 (10,000 yuan) = 300 (100 million yuan) = 3e10 yuan.
    frame = pd.DataFrame(
        [("440101", year, written, primary, 6.0), ("440102", year, 3_000_000.0, 300_000.0, 6.0)], columns=GDP
    )
    fixed, log = correct("county_gdp", frame, "gdp-unit", HALF_A_MILLION)
    assert fixed["gdp_10k_yuan"].tolist() == [3_000_000.0, 3_000_000.0]
    assert fixed["primary_gdp_10k_yuan"].tolist() == [300_000.0, 300_000.0]
    assert log[["key", "before", "after"]].to_numpy().tolist() == [
        [f"code=440101;year={year}", f"{written:.15g}", "3000000"],
        [f"code=440101;year={year}", f"{primary:.15g}", "300000"],
    ]


@pytest.mark.parametrize(
    ("ratio", "is_wrong"),
    [(0.29e-4, False), (0.31e-4, True), (3.9e-4, True), (4.1e-4, False), (0.36, False), (3.7, False), (1e4, True)],
)
def test_only_ratios_that_the_unit_explains_are_corrected(ratio, is_wrong):
    frame = pd.DataFrame([("440101", 2021, ratio * 6.0 * 1000, np.nan, 6.0)], columns=GDP)
    found = clean_gdp.suspected_unit_errors(frame, pd.Series([1000.0]))
    assert found.tolist() == [is_wrong]


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("440101", 300.0),  # 6 yuan a resident, or 60,000 once multiplied
        ("440101", 3e10),
        ("449999", 300.0),  # no census, 500,000 registered in 2019
    ],
)
def test_without_gdp_per_head_the_people_tell_the_unit(code, written):
    frame = pd.DataFrame([(code, 2021, written, np.nan, np.nan)], columns=GDP)
    fixed, _ = correct("county_gdp", frame, "gdp-unit", HALF_A_MILLION)
    assert fixed["gdp_10k_yuan"].tolist() == [3_000_000.0]


def test_without_people_the_other_years_tell_the_unit_if_there_are_two():
    years = [("990001", 2011, 2_000_000.0), ("990001", 2015, 2_500_000.0), ("990001", 2021, 300.0)]
    two = [("990002", 2011, 2_000_000.0), ("990002", 2021, 300.0)]
    frame = pd.DataFrame([(*row, np.nan, np.nan) for row in years + two], columns=GDP)
    fixed, _ = correct("county_gdp", frame, "gdp-unit", HALF_A_MILLION)
    assert fixed["gdp_10k_yuan"].tolist() == [2_000_000.0, 2_500_000.0, 3_000_000.0, 2_000_000.0, 300.0]


def test_gdp_per_head_in_yuan_moves_gdp_per_head_and_not_gdp():
    frame = pd.DataFrame([("440101", 2022, 3_000_000.0, 300_000.0, 60_000.0)], columns=GDP)
    fixed, _ = correct("county_gdp", frame, "gdp-unit", HALF_A_MILLION)
    assert fixed.loc[0, GDP[2:]].tolist() == [3_000_000.0, 300_000.0, 6.0]


@pytest.mark.parametrize("written", [20.0, 2e9])
def test_a_primary_sector_in_another_unit_than_gdp_is_found_by_its_share_in_another_year(written):
    rows = [("440101", 2011, 1_000_000.0, 100_000.0, 2.0), ("440101", 2021, 3_000_000.0, written, 6.0)]
    fixed, _ = correct("county_gdp", pd.DataFrame(rows, columns=GDP), "gdp-unit", HALF_A_MILLION)
    assert fixed["primary_gdp_10k_yuan"].tolist() == [100_000.0, 200_000.0]


def test_figures_of_another_unit_of_the_same_code_are_dropped_only_where_the_values_show_it():
    # 143,206 over 0.53 are 270,000 people in a district of 1,060,000; 530,000 over 0.53 are a million.
    tables = people({"500110": 1_056_817})
    for gdp, is_wrong in ((143_206.0, True), (530_000.0, False)):
        frame = pd.DataFrame(
            [("500110", 2001, gdp, 25071.0, 0.53), ("500110", 2011, 2644078.0, 366164.0, 2.48)], columns=GDP
        )
        fixed, _ = correct("county_gdp", frame, "gdp-other-unit", tables)
        assert fixed.loc[0, GDP[2:]].isna().all() == is_wrong
        assert fixed.loc[1, "gdp_10k_yuan"] == 2644078.0


def hukou(code, values, urban=np.nan, rural=np.nan):
    rows = [(code, "某县", 2000 + step, value, urban, rural) for step, value in enumerate(values)]
    columns = ["code", "name_zh", "year", "hukou_population_10k", "resident_urban_10k", "resident_rural_10k"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[3:], float))


def test_slipped_decimal_point_of_registered_population():
    frame = pd.concat(
        [hukou("420113", [11.1, 11.2, 1129.0, 11.3]), hukou("420114", [11.1, 11.2, 64.0, 11.3])], ignore_index=True
    )
    fixed, log = correct("county_hukou", frame, "hukou-decimal-point")
    assert fixed["hukou_population_10k"].tolist() == pytest.approx([11.1, 11.2, 11.29, 11.3, 11.1, 11.2, 64.0, 11.3])
    assert len(log) == 1


def test_negative_rural_population_comes_from_a_lost_decimal_point():
    frame = hukou("430503", [np.nan], urban=2855.0, rural=-2826.45)
    fixed, _ = correct("county_hukou", frame, "hukou-negative-rural")
    assert fixed.loc[0, ["resident_urban_10k", "resident_rural_10k"]].tolist() == [28.55, 0.0]


def test_every_rule_is_named_once_and_says_why():
    ids = [rule.id for rule in clean_economy.COUNTY_RULES]
    assert len(ids) == len(set(ids)) == 4
    assert all(len(rule.reason) > 40 for rule in clean.RULES)
    assert len({rule.id for rule in clean.RULES}) == len(clean.RULES)
