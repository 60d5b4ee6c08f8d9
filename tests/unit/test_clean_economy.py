"""Each written correction on a table small enough to read: what is wrong, what replaces it, what stays."""

import numpy as np
import pandas as pd
import pytest

from shanhai.data import clean_economy, clean_gdp, clean_prefecture
from shanhai.data.rules import apply_rules

GDP = ["code", "year", "gdp_10k_yuan", "primary_gdp_10k_yuan", "gdp_per_capita_10k_yuan"]
ECONOMY = [
    *("code", "year", "gdp_100m_yuan", "primary_share_pct", "secondary_share_pct", "tertiary_share_pct"),
    *(
        "gdp_per_capita_yuan",
        "gdp_growth_pct",
        "primary_gdp_10k_yuan",
        "secondary_gdp_10k_yuan",
        "tertiary_gdp_10k_yuan",
    ),
]


def correct(table, frame, rule, tables=None):
    """The frame after one rule, and the log."""
    rules = [one for one in clean_economy.RULES if one.id == rule]
    assert len(rules) == 1
    return apply_rules(table, frame, rules, ["code", "year"], tables)


def people(population):
    """Tables in which these codes are one county in 2010 and 2020, with these residents in both."""
    census = pd.DataFrame([{"code": code, "is_county": True, "population": n} for code, n in population.items()])
    links = pd.DataFrame({"vintage": 2010, "code": census["code"], "code_2020": census["code"], "relation": "same"})
    hukou = pd.DataFrame({"code": ["449999"], "year": [2019], "hukou_population_10k": [50.0]})
    return {"census_2010": census, "census_2020": census, "crosswalk": links, "county_hukou": hukou}


def economy(*rows):
    """Rows of the prefecture economy given as dictionaries; what is not named is missing."""
    frame = pd.DataFrame([{column: row.get(column, np.nan) for column in ECONOMY} for row in rows])
    return frame.astype(dict.fromkeys(ECONOMY[2:], float))


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


def test_guangxi_columns_move_to_the_left():
    frame = economy(
        {
            "code": "450300",
            "year": 2000,
            "gdp_100m_yuan": 1.1563,
            "primary_share_pct": 32.9,
            "primary_gdp_10k_yuan": 3001573,
            "secondary_gdp_10k_yuan": 988813,
            "tertiary_gdp_10k_yuan": 757598,
        },
    )
    fixed, _ = correct("prefecture_economy", frame, "prefecture-guangxi-2000-columns")
    assert fixed.loc[0, "gdp_100m_yuan"] == 300.1573
    assert fixed.loc[0, "primary_gdp_10k_yuan"] / 10_000 / fixed.loc[0, "gdp_100m_yuan"] * 100 == pytest.approx(
        32.9, abs=0.1
    )
    assert fixed.loc[0, ["secondary_gdp_10k_yuan", "tertiary_gdp_10k_yuan"]].isna().all()


def test_heilongjiang_rows_move_up_and_the_first_is_lost():
    published = {"230800": 308.1, "230900": 940.3, "231000": 316.0, "231100": 912.1, "231200": 124.7}
    frame = economy(
        *({"code": code, "year": 2011, "gdp_100m_yuan": gdp} for code, gdp in published.items()),
        {"code": "230300", "year": 1990, "gdp_100m_yuan": 150.06},
        {"code": "230600", "year": 1990, "gdp_100m_yuan": 20.86},
    )
    fixed, _ = correct("prefecture_economy", frame, "prefecture-heilongjiang-rows")
    gdp = fixed.set_index(["code", "year"])["gdp_100m_yuan"]
    assert np.isnan(gdp["230800", 2011])
    assert gdp.loc[["230900", "231000", "231100", "231200"], 2011].tolist() == [308.1, 940.3, 316.0, 912.1]
    assert (gdp["230300", 1990], gdp["230600", 1990]) == (20.86, 150.06)


def test_guangdong_rows_are_put_back_and_copies_dropped():
    of_1999 = {"441600": 272.7, "441700": 412.8, "441900": 85.5, "442000": 153.8}
    frame = economy(
        *({"code": code, "year": 1999, "gdp_100m_yuan": gdp} for code, gdp in of_1999.items()),
        {"code": "441600", "year": 1998, "gdp_100m_yuan": 79.4},
        {"code": "441900", "year": 1998, "gdp_100m_yuan": 79.4},
        {"code": "442000", "year": 1998, "gdp_100m_yuan": 141.7},
    )
    fixed, _ = correct("prefecture_economy", frame, "prefecture-guangdong-rows")
    gdp = fixed.set_index(["code", "year"])["gdp_100m_yuan"]
    assert gdp.loc[["441600", "441700", "441900", "442000"], 1999].tolist() == [85.5, 153.8, 412.8, 272.7]
    assert gdp["441600", 1998] == 79.4
    assert gdp.loc[["441900", "442000"], 1998].isna().all()


def test_sector_in_100m_is_found_by_its_share():
    # 11,184.94 of 27,894.02 is 40.1 percent, as published; 19,220,300 (10,000 yuan) is 6.9 percent and stays.
    frame = economy(
        {
            "code": "500000",
            "year": 2021,
            "gdp_100m_yuan": 27894.02,
            "primary_share_pct": 6.9,
            "secondary_share_pct": 40.1,
            "primary_gdp_10k_yuan": 19220300,
            "secondary_gdp_10k_yuan": 11184.94,
        },
    )
    fixed, log = correct("prefecture_economy", frame, "prefecture-sectors-in-100m")
    assert fixed.loc[0, "secondary_gdp_10k_yuan"] == pytest.approx(111849400)
    assert log["column"].tolist() == ["secondary_gdp_10k_yuan"]


def test_decimal_point_between_neighbours():
    rows = [
        ("211400", year, value)
        for year, value in ((1994, 4600.0), (1995, 4850.0), (1996, 48.19), (1997, 5333.0), (1998, 5600.0))
    ]
    frame = economy(*({"code": code, "year": year, "gdp_per_capita_yuan": value} for code, year, value in rows))
    fixed, log = correct("prefecture_economy", frame, "prefecture-decimal-point")
    assert fixed["gdp_per_capita_yuan"].tolist() == pytest.approx([4600, 4850, 4819, 5333, 5600])
    assert len(log) == 1  # the neighbours of the wrong year are not drawn along


def test_growth_as_an_index():
    frame = economy(
        *({"code": "620200", "year": year, "gdp_growth_pct": growth} for year, growth in ((2019, 9.0), (2021, 105.1)))
    )
    fixed, _ = correct("prefecture_economy", frame, "prefecture-growth-index")
    assert fixed["gdp_growth_pct"].tolist() == [9.0, 5.1]


def test_every_rule_is_named_once_and_says_why():
    ids = [rule.id for rule in clean_economy.RULES]
    assert len(ids) == len(set(ids)) == 10
    assert all(len(rule.reason) > 40 for rule in clean_economy.RULES)
    assert {rule.table for rule in clean_prefecture.RULES} == {"prefecture_economy"}
