"""Doubtful values of the prefecture economy, each on figures where the doubt can be read off."""

import numpy as np
import pandas as pd

from shanhai.data.flags._prefecture import prefecture_flags

COLUMNS = [
    *("code", "year", "gdp_100m_yuan", "primary_share_pct", "secondary_share_pct", "tertiary_share_pct"),
    *("gdp_per_capita_yuan", "gdp_growth_pct"),
    *("primary_gdp_10k_yuan", "secondary_gdp_10k_yuan", "tertiary_gdp_10k_yuan"),
]


def flagged(*rows: dict[str, float | str]) -> list[list[str]]:
    """Code, column and flag of the rows, sorted; what a row does not name is missing."""
    frame = pd.DataFrame([{column: row.get(column, np.nan) for column in COLUMNS} for row in rows])
    return sorted(prefecture_flags(frame)[["code", "column", "flag"]].to_numpy().tolist())


def test_breaks_against_the_year_before() -> None:
    assert flagged(
        {"code": "370600", "year": 1991, "gdp_100m_yuan": 157.6, "gdp_per_capita_yuan": 2000.0},
        {"code": "370600", "year": 1992, "gdp_100m_yuan": 42.9, "gdp_per_capita_yuan": 6000.0, "gdp_growth_pct": 60.0},
        {"code": "469003", "year": 2020, "secondary_gdp_10k_yuan": 318_070.0, "primary_gdp_10k_yuan": 1_390_315.0},
        {"code": "469003", "year": 2021, "secondary_gdp_10k_yuan": 2_408_999.0, "primary_gdp_10k_yuan": 1_432_633.0},
    ) == [
        ["370600", "gdp_100m_yuan@1992", "jump"],
        ["370600", "gdp_growth_pct@1992", "growth"],
        ["370600", "gdp_per_capita_yuan@1992", "population_base"],
        ["469003", "secondary_gdp_10k_yuan@2021", "sector_jump"],
    ]


def test_figures_that_contradict_each_other() -> None:
    assert flagged(
        {
            "code": "620900",
            "year": 1994,
            "gdp_100m_yuan": 36.0,
            "primary_share_pct": 25.4,
            "secondary_share_pct": 48.5,
            "tertiary_share_pct": 28.8,
            "primary_gdp_10k_yuan": 126_000.0,
            "secondary_gdp_10k_yuan": 108_000.0,
            "tertiary_gdp_10k_yuan": 108_000.0,
        },
        {"code": "441500", "year": 1999, "gdp_100m_yuan": 133.0},
        {"code": "441800", "year": 1999, "gdp_100m_yuan": 133.0},
    ) == [
        ["441500", "gdp_100m_yuan@1999", "repeated"],
        ["441800", "gdp_100m_yuan@1999", "repeated"],
        ["620900", "gdp_100m_yuan@1994", "sector_sum"],  # 34.2 of 36
        ["620900", "primary_gdp_10k_yuan@1994", "share_gap"],  # 12.6 of 36 is 35 percent, not 25.4
        ["620900", "primary_share_pct@1994", "shares"],  # 102.7
        ["620900", "secondary_gdp_10k_yuan@1994", "share_gap"],  # 30 percent, not 48.5; the tertiary is 1.2 off
    ]


def test_a_year_out_of_line_with_those_around_it() -> None:
    rows = [{"code": "441400", "year": 2000 + step, "gdp_100m_yuan": gdp} for step, gdp in enumerate((100, 145, 110))]
    assert flagged(*rows) == [["441400", "gdp_100m_yuan@2001", "spike"]]
