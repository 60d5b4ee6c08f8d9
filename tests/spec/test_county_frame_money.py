"""GDP of the real tables: the unit correction proved three ways, nothing lost on the way to 2020.

The rule (:mod:`shanhai.data.corrections._gdp`) looks at GDP per head and at nothing else. The growth since 2011 and the
GDP of the prefecture, from another yearbook, know nothing of GDP per head; they must point at the same rows.
"""

import numpy as np
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
from shanhai.data.corrections._gdp import HONEST_RATIO, suspected_unit_errors
from shanhai.data.frames.residents import county_population, per_head_ratio
from shanhai.data.rules import Tables

TRILLION = 1e12

COLLAPSE = 0.01
"""A figure of 2021 below a hundredth of that of 2011 shows a unit, not an economy."""


def growth_evidence(published: pd.DataFrame, population: pd.Series) -> pd.DataFrame:
    """Whether GDP per head and the growth since 2011 single out the same rows of 2021.

    Returns
    -------
    pandas.DataFrame, one row a county with GDP in 2021: code, per_head_ratio, gdp_growth and primary_growth (2021 over
    2011), by_per_head, by_growth (missing where 2011 gives neither GDP nor primary value added).
    """
    rows = published.loc[published["year"].eq(2021) & published["gdp_10k_yuan"].notna()].set_index("code")
    before = published.loc[published["year"].eq(2011)].set_index("code").reindex(rows.index)
    gdp_growth = rows["gdp_10k_yuan"] / before["gdp_10k_yuan"]
    # A primary sector of zero in 2021 is rounding in the coarse unit and says nothing about growth.
    primary = rows["primary_gdp_10k_yuan"].where(rows["primary_gdp_10k_yuan"] > 0)
    primary_growth = primary / before["primary_gdp_10k_yuan"]
    growth = gdp_growth.fillna(primary_growth)
    frame = rows.reset_index()
    return pd.DataFrame(
        {
            "code": frame["code"],
            "per_head_ratio": per_head_ratio(frame, population),
            "gdp_growth": gdp_growth.to_numpy(),
            "primary_growth": primary_growth.to_numpy(),
            "by_per_head": suspected_unit_errors(frame, frame["code"].map(population)),
            "by_growth": growth.lt(COLLAPSE).astype("boolean").where(growth.notna()).array,
        }
    )


def prefecture_evidence(published: pd.DataFrame, corrected: pd.DataFrame, tables: Tables, year: int) -> pd.DataFrame:
    """Sum of the counties over the GDP of their prefecture, before and after correction.

    Returns
    -------
    pandas.DataFrame, one row a prefecture with GDP of its own: prefecture_code, counties, with_gdp, gdp (yuan), and the
    sums of its counties over it, before_pct and after_pct. Only where with_gdp equals counties must it be near 100.
    """
    economy = tables["prefecture_economy"]
    gdp = economy.loc[economy["year"].eq(year)].set_index("code")["gdp_100m_yuan"].dropna() * 1e8
    links = tables["crosswalk"]
    units = pd.Index(sorted(links.loc[links["vintage"].eq(2021), "code"].unique()))
    sums = {}
    for name, frame in (("before_pct", published), ("after_pct", corrected)):
        of_year = frame.loc[frame["year"].eq(year)].set_index("code")["gdp_10k_yuan"].reindex(units) * 1e4
        by_prefecture = of_year.groupby(units.str[:4] + "00")
        sums[name] = by_prefecture.sum(min_count=1).reindex(gdp.index) / gdp * 100
    counts = by_prefecture.agg(["size", "count"]).reindex(gdp.index)
    evidence = pd.DataFrame({"counties": counts["size"], "with_gdp": counts["count"], "gdp": gdp, **sums})
    found = evidence.loc[evidence["with_gdp"] > 0].astype({"counties": int, "with_gdp": int})
    return found.rename_axis("prefecture_code").sort_index().reset_index()


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
