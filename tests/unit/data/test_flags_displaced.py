"""Flags beside displaced rows and on GDP per head of a placeholder, on planted tables and on ours."""

import pandas as pd
import pytest

from shanhai.data.flags._displaced import displaced_flags
from shanhai.data.flags.all_flags import load_flags

NEVER = pd.DataFrame({"rule": [], "key": [], "before": [], "after": []}, dtype="str")


def log(rule: str, *rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [(rule, key, before, after) for key, before, after in rows], columns=["rule", "key", "before", "after"]
    )


def tables() -> dict[str, pd.DataFrame]:
    levels = {"370101": 50.0, "370102": 200.0, "370103": 90.0, "370201": 80.0, "370202": 70.0}
    rows = [(code, year, 1, level) for code, level in levels.items() for year in range(2008, 2018)]
    investment = pd.DataFrame(rows, columns=["code", "year", "entry", "investment_100m_yuan"])
    hukou = investment.rename(columns={"investment_100m_yuan": "hukou_population_10k"}).drop(columns="entry")
    gdp = pd.DataFrame(
        [("370101", 2011, 1e6, 2.0), ("370102", 2011, 1e6, 0.5)],
        columns=["code", "year", "gdp_10k_yuan", "gdp_per_capita_10k_yuan"],
    )
    return {"county_investment": investment, "county_hukou": hukou, "county_gdp": gdp}


def test_nothing_is_flagged_where_nothing_was_moved() -> None:
    assert displaced_flags(tables(), {"county_investment": NEVER, "county_hukou": NEVER}).empty


def test_the_block_is_flagged_and_the_years_in_which_the_lost_figure_goes_on() -> None:
    planted = tables()
    investment = planted["county_investment"].set_index(["code", "year"])
    investment.loc[("370101", 2013), "investment_100m_yuan"] = None
    investment.loc[[("370101", 2014), ("370101", 2015)], "investment_100m_yuan"] = [444.0, 563.0]
    planted["county_investment"] = investment.reset_index()
    moved = log(
        "investment-displaced-rows",
        ("code=370101;year=2013;entry=1", "355.32", ""),
        ("code=370201;year=2013;entry=1", "70", "80"),
    )
    flags = displaced_flags(planted, {"county_investment": moved, "county_hukou": NEVER})
    assert set(flags["flag"]) == {"displaced_block"}
    found = set(zip(flags["code"], flags["column"].str[-4:], strict=True))
    jinan = {("370101", "2014"), ("370101", "2015"), ("370102", "2014"), ("370102", "2015")}
    jinan |= {("370103", "2014"), ("370103", "2015")}
    assert found == jinan | {("370102", "2013"), ("370103", "2013"), ("370202", "2013")}


def test_gdp_per_head_of_a_placeholder_is_doubted_where_it_was_divided_by_it() -> None:
    stand_in = log("hukou-placeholder", ("code=370101;year=2011", "50", ""), ("code=370102;year=2011", "50", ""))
    flags = displaced_flags(tables(), {"county_investment": NEVER, "county_hukou": stand_in})
    assert flags[["code", "column", "flag"]].to_numpy().tolist() == [
        ["370101", "gdp_per_capita_10k_yuan@2011", "per_head_of_placeholder"]
    ]


@pytest.fixture(scope="module")
def flags() -> pd.DataFrame:
    return load_flags()


@pytest.mark.parametrize(
    ("code", "table", "column", "flag"),
    [
        ("370126", "county_investment", "investment_100m_yuan@2014", "displaced_block"),
        ("370124", "county_investment", "investment_100m_yuan@2013", "displaced_block"),
        ("371622", "county_investment", "investment_100m_yuan@2013", "displaced_block"),
        ("150782", "county_investment", "investment_100m_yuan@2011", "displaced_block"),
        ("150785", "county_investment", "investment_100m_yuan@2012", "displaced_block"),
        ("231124", "county_hukou", "hukou_population_10k@2001", "displaced_block"),
        ("230111", "county_gdp", "gdp_per_capita_10k_yuan@2021", "per_head_of_placeholder"),
        ("231003", "county_gdp", "gdp_per_capita_10k_yuan@2021", "per_head_of_placeholder"),
        ("421223", "census_2010", "mean_years_schooling", "schooling_doubtful"),
        ("230300", "prefecture_economy", "primary_share_pct@1990", "structure_jump"),
    ],
)
def test_known_cases_carry_their_flag(flags: pd.DataFrame, code: str, table: str, column: str, flag: str) -> None:
    assert (
        flags.loc[flags["code"].eq(code) & flags["table"].eq(table) & flags["column"].eq(column), "flag"].eq(flag).any()
    )
