"""Measures of GDP per head of a prefecture: arithmetic on a prefecture of two counties and a development zone."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shanhai.data.vintage import Vintage
from shanhai.studies.place import words
from shanhai.studies.place.measures import Measure, measures_of
from shanhai.studies.place.tables import measures_table

VINTAGE = Vintage(2021, 2020, 2021)


def subject() -> Any:
    """Two counties of 100 and 300 persons; the prefecture has 50 more in a zone."""
    counties = pd.DataFrame(
        {"code": ["110101", "110102"], "gdp_2021": [1_000.0, 6_000.0], "population_2020": [100.0, 300.0]}
    )
    place, province = (
        SimpleNamespace(code=code, name_en="A", name_zh="甲", short_en="A") for code in ("110100", "110000")
    )
    return SimpleNamespace(place=place, province=province, counties=counties, vintage=VINTAGE)


def evidence(**tables: pd.DataFrame) -> Any:
    known = {
        "prefecture_economy": pd.DataFrame(
            {"code": ["110000"], "year": [2021], "gdp_100m_yuan": [9e-5], "gdp_per_capita_yuan": [18.0]}
        ),
        "county_gdp": pd.DataFrame(
            {
                "code": ["110101", "110102"],
                "year": [2021, 2021],
                "gdp_10k_yuan": [0.1, 0.6],
                "gdp_per_capita_10k_yuan": [0.001, 0.002],
            }
        ),
        "county_hukou": pd.DataFrame(
            {
                "code": ["110101", "110102", "110101"],
                "year": [2017, 2017, 2020],
                "hukou_population_10k": [0.02, 0.04, 1],
            }
        ),
    } | tables
    prefectures = pd.DataFrame({"code": ["110100"], "gdp_2021": [9_000.0], "population_2020": [450.0]})
    return SimpleNamespace(prefectures=prefectures, table=known.__getitem__)


def test_each_measure_is_its_gdp_over_its_people() -> None:
    found = {each.key: (each.gdp, each.people, each.per_head, each.year) for each in measures_of(subject(), evidence())}
    assert found["residents"] == (9_000, 450, 20, 2020)
    assert found["counties"] == (7_000, 400, 17.5, 2020)
    assert found["published"][:3] == pytest.approx((9_000, 500, 18))
    assert found["published_counties"][:3] == pytest.approx((7_000, 400, 17.5))  # 100 and 300 persons implied
    assert found["registered"] == (9_000, 600, 15, 2017)  # of 2020 one county alone has a figure
    # logs: exp of (100 ln 10 + 300 ln 20) / 400
    assert found["logs"][2] == pytest.approx(10**0.25 * 20**0.75)


def test_what_no_table_holds_is_missing_and_the_words_name_the_ends() -> None:
    nothing = {name: table.iloc[:0] for name in ("prefecture_economy", "county_gdp", "county_hukou")
               for table in [evidence().table(name)]}  # fmt: skip
    found: dict[str, Measure] = {each.key: each for each in measures_of(subject(), evidence(**nothing))}
    assert all(np.isnan(found[key].per_head) for key in ("published", "published_counties", "registered"))
    said = words.measures_text(subject(), tuple(found.values()), "en")
    assert "between 17 yuan (mean of logarithms over its counties) and 20 yuan (all residents of the census)" in said
    printed = measures_table(subject(), tuple(found.values()), "zh")
    assert printed.frame.iloc[3:, 3].isna().all() and printed.frame.iloc[:3, 3].notna().all()
