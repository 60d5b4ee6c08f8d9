"""Doubtful values of the economy tables, each on figures where the doubt can be read off."""

import pandas as pd

from shanhai.data.flags import _economy as flags

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
