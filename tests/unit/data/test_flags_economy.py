"""Doubtful values of the economy tables, each on figures where the doubt can be read off."""

import numpy as np
import pandas as pd

from shanhai.data.flags import economy as flags
from shanhai.studies.audit.gdp_evidence import growth_evidence, prefecture_evidence

YEARS = (2009, 2010, 2011, 2012)


def named(found):
    """Pairs of column and flag, in order."""
    return list(zip(found["column"], found["flag"], strict=True))


def test_registered_population_off_its_years_and_off_the_census():
    hukou = pd.DataFrame({"code": "150502", "year": YEARS, "hukou_population_10k": [70.0, 25.0, 71.0, 400.0]})
    census = pd.DataFrame({"code": ["150502"], "is_county": [True], "hukou_population": [710_000]})
    found = flags.hukou_flags(hukou, census)
    assert named(found) == [
        ("hukou_population_10k@2010", "off_own_years"),  # 25 over the median of 70.5
        ("hukou_population_10k@2012", "off_own_years"),
        ("hukou_population_10k@2010", "disagrees_with_census"),  # 25 against 71
        ("hukou_population_10k@2012", "disagrees_with_census"),  # two percent a year allow for 96 at most
        ("hukou_population_10k@2012", "too_large"),
    ]


def test_investment_of_zero_twice_or_out_of_line():
    rows = [("a", 2009, 1, 100.0), ("a", 2010, 1, 30.0), ("a", 2011, 1, 120.0), ("a", 2012, 1, 0.0)]
    rows += [("b", 2010, 1, 3.0), ("b", 2010, 2, 12.0)]
    investment = pd.DataFrame(rows, columns=["code", "year", "entry", "investment_100m_yuan"])
    assert named(flags.investment_flags(investment)) == [
        ("investment_100m_yuan@2012", "zero"),
        ("investment_100m_yuan@2010", "two_entries"),
        ("investment_100m_yuan@2010", "two_entries"),
        ("investment_100m_yuan@2010", "spike"),  # 30 between 100 and 120
    ]


def test_light_without_county_dark_and_out_of_line():
    steady = [(code, year, 100.0) for code in ("110101", "110102", "110103") for year in YEARS]
    rows = [row for row in steady if row[:2] != ("110103", 2010)] + [("110103", 2010, 3.0), ("710000", 2010, 9.0)]
    rows += [("110104", year, 0.0 if year == 2009 else 50.0) for year in YEARS]
    # Three counties double when the sensor changes, one grows twentyfold; one has light for few residents.
    rows += [(code, 2013, 200.0) for code in ("110101", "110102", "110103")] + [("110104", 2013, 1000.0)]
    codes = ["110101", "110102", "110103", "110104"]
    crosswalk = pd.DataFrame({"vintage": 2021, "code": codes, "code_2020": codes, "relation": "same"})
    residents = pd.Series([1000, 10, 1000, 5000], index=codes)
    found = flags.light_flags(pd.DataFrame(rows, columns=["code", "year", "light_sum"]), crosswalk, residents)
    assert found[["code", "column", "flag"]].to_numpy().tolist() == [
        ["710000", "light_sum", "no_county"],
        ["110104", "light_sum@2009", "dark"],
        ["110103", "light_sum@2010", "spike"],
        ["110104", "light_sum@2013", "sensor_break"],
        ["110102", "light_sum", "light_per_head"],  # 20 a head, where the median is 0.2
    ]


def test_a_zero_of_a_coarse_grid_is_no_level_ground():
    terrain = pd.DataFrame(
        [("110101", 0.0, 0.0, 9.0), ("110102", 3.0, 0.0, 1.5), ("110103", 12.0, 28.0, 9.0)],
        columns=["code", "ruggedness", "relief_m", "land_cells"],
    )
    assert flags.terrain_step_flags(terrain)[["code", "column"]].to_numpy().tolist() == [
        ["110101", "ruggedness"],
        ["110101", "relief_m"],  # with one cell and a half, as in 110102, relief says nothing anyway
    ]


def gdp_table(rows):
    return pd.DataFrame(
        rows, columns=["code", "year", "gdp_10k_yuan", "primary_gdp_10k_yuan", "gdp_per_capita_10k_yuan"]
    )


def test_growth_evidence_is_blind_to_gdp_per_head():
    published = gdp_table(
        [
            ("440101", 2011, 2_000_000.0, 200_000.0, 4.0),
            ("440101", 2021, 300.0, 0.0, 6.0),
            ("440102", 2011, np.nan, 200_000.0, np.nan),
            ("440102", 2021, 300.0, 30.0, 6.0),
            ("440103", 2021, 3_000_000.0, 30.0, 6.0),
        ]
    )
    evidence = growth_evidence(published, pd.Series(500_000, index=["440101", "440102", "440103"]))
    assert evidence["by_per_head"].tolist() == [True, True, False]
    assert evidence["by_growth"].tolist()[:2] == [True, True]  # the second by its primary sector
    assert evidence["by_growth"].isna().tolist() == [False, False, True]


def test_prefecture_evidence_sums_before_and_after():
    published = gdp_table([("440101", 2021, 300.0, 0.0, 6.0), ("440102", 2021, 1_000_000.0, 0.0, 6.0)])
    corrected = published.assign(gdp_10k_yuan=[3_000_000.0, 1_000_000.0])
    codes = ["440101", "440102"]
    tables = {
        "crosswalk": pd.DataFrame({"vintage": 2021, "code": codes, "code_2020": codes}),
        "prefecture_economy": pd.DataFrame({"code": ["440100"], "year": [2021], "gdp_100m_yuan": [400.0]}),
    }
    evidence = prefecture_evidence(published, corrected, tables, 2021)
    # 400 (100 million) = 4,000,000 (10,000): before (300 + 1,000,000), after (3,000,000 + 1,000,000).
    assert evidence[["counties", "with_gdp", "after_pct"]].to_numpy().tolist() == [[2, 2, 100.0]]
    assert round(evidence.loc[0, "before_pct"], 2) == 25.01
