"""GDP of the real tables: the unit correction proved three ways, nothing lost on the way to 2020."""

import pandas as pd
import pytest

from shanhai.data import (
    build_prefecture_frame,
    build_province_frame,
    load_corrections,
    load_table,
    territory_groups,
    to_counties_2020,
)
from shanhai.data.corrections.gdp import HONEST_RATIO
from shanhai.data.frames.residents import county_population, per_head_ratio
from shanhai.studies.audit.gdp_evidence import growth_evidence, prefecture_evidence

TRILLION = 1e12


@pytest.fixture(scope="module")
def published():
    return load_table("county_gdp", corrected=False)


@pytest.fixture(scope="module")
def corrected():
    return load_table("county_gdp")


@pytest.fixture(scope="module")
def residents():
    return county_population(load_table("census_2020"))


def of_year(gdp, year):
    return gdp.loc[gdp["year"].eq(year)].set_index("code")["gdp_10k_yuan"]


def test_unit_errors_are_guangdong_and_the_counties_of_anhui():
    log = load_corrections("county_gdp")
    rows = log.loc[log["rule"].eq("gdp-unit") & log["column"].eq("gdp_10k_yuan")]
    provinces = rows["key"].str.extract(r"code=(\d\d)", expand=False).value_counts()
    assert provinces.to_dict() == {"44": 122, "34": 59}
    assert (rows["after"].astype(float) == rows["before"].astype(float) * 10_000).all()


def test_no_other_unit_error_is_left(corrected, residents):
    rows = corrected.loc[corrected["year"].eq(2021)]
    ratio = per_head_ratio(rows, residents).dropna()
    assert ratio.between(*HONEST_RATIO).all()
    assert len(ratio) > 2200


def test_growth_since_2011_finds_the_same_rows_as_gdp_per_head(published, residents):
    evidence = growth_evidence(published, residents)
    both = evidence.dropna(subset="by_growth")
    assert (both["by_per_head"] == both["by_growth"]).all()
    assert both["by_per_head"].sum() == 136  # of 181; the other 45 publish nothing for 2011


def test_counties_add_up_to_their_prefecture_only_after_correction(published, corrected):
    tables = {name: load_table(name) for name in ("prefecture_economy", "crosswalk")}
    evidence = prefecture_evidence(published, corrected, tables, 2021)
    whole = evidence.loc[evidence["counties"].eq(evidence["with_gdp"])]
    guangdong = whole.loc[whole["prefecture_code"].str.startswith("44")]
    assert len(guangdong) == 20  # all but Zhongshan, which the county table leaves out
    assert guangdong["after_pct"].between(99.7, 100.8).all()
    assert guangdong["before_pct"].lt(1).sum() == 19  # Dongguan alone was in the right unit
    assert whole["after_pct"].between(70, 110).all()
    assert whole["after_pct"].between(99, 101).mean() > 0.85


def test_gdp_is_kept_to_the_last_yuan_between_vintages(corrected):
    gdp = of_year(corrected, 2021)
    links = territory_groups(load_table("crosswalk"), 2021)
    moved = to_counties_2020(gdp, load_table("crosswalk"), 2021)["value"].sum()
    left = links.loc[~links["recoverable"], "code"].unique()
    # A group that lacks one of its parts is missing as a whole: what its other parts publish is left too.
    groups = links.loc[links["recoverable"]].drop_duplicates(["group", "code"])
    whole = groups["code"].map(gdp).notna().groupby(groups["group"]).transform("all")
    partial = groups.loc[~whole, "code"]
    assert moved + gdp.reindex(left).sum() + gdp.reindex(partial).sum() == pytest.approx(gdp.sum(), rel=1e-12)


def test_yuhang_of_2020_is_yuhang_and_linping_of_2021(corrected):
    gdp = of_year(corrected, 2021)
    moved = to_counties_2020(gdp, load_table("crosswalk"), 2021)
    assert moved.loc["330110", "value"] == gdp["330110"] + gdp["330113"]
    assert not moved.loc[["330102", "330103", "330104", "330105", "330109"], "recoverable"].any()


@pytest.mark.parametrize(
    ("code", "billion"),
    [("330800", 187.6), ("331100", 171.0), ("330700", 535.5), ("511900", 74.3), ("341000", 95.7), ("330100", 1810.9)],
)
def test_prefectures_have_the_gdp_of_2021_that_their_communiques_report(code, billion):
    frame = build_prefecture_frame().set_index("code")
    assert frame.loc[code, "gdp_2021"] / 1e9 == pytest.approx(billion, rel=0.001)
    if frame.loc[code, "gdp_2021_covered_pct"] == 100:
        # Hangzhou keeps 3 percent of its GDP above the districts; the others divide all of it.
        assert frame.loc[code, "gdp_2021_county_sum"] / 1e9 == pytest.approx(billion, rel=0.03)


def test_provinces_and_the_country_have_the_gdp_of_2021_that_is_known():
    frame = build_province_frame().set_index("code")
    # National Bureau of Statistics, February 2022: Zhejiang 7.3516, Sichuan 5.38508, Guangdong 12.437 trillion yuan;
    # the country 114.367, of which our prefectures cover 99 percent of the residents.
    assert frame.loc["330000", "gdp_2021"] / TRILLION == pytest.approx(7.3516, rel=0.001)
    assert frame.loc["510000", "gdp_2021"] / TRILLION == pytest.approx(5.38508, rel=0.001)
    assert frame.loc["440000", "gdp_2021"] / TRILLION == pytest.approx(12.437, rel=0.001)
    assert frame.loc["000000", "gdp_2021_covered_pct"] > 99
    assert frame.loc["000000", "gdp_2021"] / TRILLION == pytest.approx(114.367 * 0.99, rel=0.01)


def test_population_of_2010_on_unchanged_prefectures_is_the_published_one():
    frame = build_prefecture_frame().set_index("code")["population_2010"].dropna()
    census = load_table("census_2010")
    printed = census.loc[census["level"].eq("prefecture")].set_index("code")["population"]
    ratio = (frame / printed.reindex(frame.index)).dropna()
    changed = ratio[(ratio - 1).abs() > 1e-9].index.tolist()
    # Gongzhuling went to Changchun; Chaohu to Hefei; Shouxian to Huainan; Laiwu to Jinan; Jianyang to Chengdu.
    assert changed == ["220100", "220300", "340100", "340400", "341500", "370100", "510100", "512000"]


def test_census_shares_of_quzhou_on_both_denominators():
    prefecture = build_prefecture_frame().set_index("code").loc["330800"]
    province = build_province_frame().set_index("code").loc["330000"]
    assert round(prefecture["share_60_plus_2020"], 2) == 25.44
    assert round(province["share_60_plus_2020"], 1) == 18.7
    assert round(prefecture["illiterates_of_residents_2020"], 2) == 5.39
    assert (prefecture["illiteracy_2020"], province["illiteracy_2020"]) == (6.32, 3.14)


def test_lights_of_every_year_are_kept(corrected):
    lights = load_table("county_lights")
    counties = territory_groups(load_table("crosswalk"), 2021)["code"].unique()
    inside = lights.loc[lights["code"].isin(counties)]
    outside = lights.loc[~lights["code"].isin(counties), "code"].unique()
    assert set(pd.Series(outside).str[:2]) == {"32", "35", "46", "71", "81", "82", "99"}
    for year in (2001, 2013, 2022):
        values = inside.loc[inside["year"].eq(year)].set_index("code")["light_sum"]
        moved = to_counties_2020(values, load_table("crosswalk"), 2021)
        redrawn = territory_groups(load_table("crosswalk"), 2021).query("not recoverable")["code"].unique()
        assert moved["value"].sum() + values.reindex(redrawn).sum() == pytest.approx(values.sum())
