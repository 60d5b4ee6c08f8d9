"""Paths of the 26 and named pairs on the project's own tables, pinned with arithmetic that a reader can redo."""

from math import log

import pandas as pd
import pytest

from shanhai.claims.claims import claims_from
from shanhai.core.errors import MissingDataError
from shanhai.core.paths import DATA
from shanhai.data.frames.aggregates import build_province_frame
from shanhai.data.frames.panel import build_county_frame, county_geometry
from shanhai.data.later import load_later
from shanhai.data.load import load_table
from shanhai.studies.pairing import analysis as pairs
from shanhai.studies.pairing import cities, emigration
from shanhai.studies.pairing.design import DECLARED, MAIN
from shanhai.studies.targets import analysis as mountain_targets
from shanhai.studies.targets import paths as target_paths
from shanhai.studies.targets.design import TABLES


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return {name: load_table(name) for name in TABLES}


@pytest.fixture(scope="module")
def levels(tables: dict[str, pd.DataFrame]) -> pd.Series:
    frame = target_paths.gdp_paths(tables, build_province_frame())
    return frame.set_index(["unit", "basis", "year"])


def test_every_mountain_county_has_one_path(tables: dict[str, pd.DataFrame]) -> None:
    grounds = target_paths.grounds(tables)
    members = sorted(member for ground in grounds for member in ground.members)
    assert members == sorted(tables["mountain_counties"]["code"])
    joint = {ground.unit: ground.codes for ground in grounds if len(ground.codes) > 1}
    assert joint == {"330327": ("330327", "330383"), "330802+330803": ("330802", "330803")}
    assert [ground.unit for ground in grounds if ground.remainder] == ["330802+330803", "331102"]
    by_census = target_paths.grounds(tables, for_gdp=False)
    # the censuses count each district
    assert [ground.unit for ground in by_census if len(ground.codes) > 1] == ["330327"]


def test_a_remainder_is_the_prefecture_less_its_other_counties(levels: pd.DataFrame) -> None:
    # Quzhou 2011: 91.962 billion, less Changshan 9.241, Kaihua 8.167, Longyou 14.696, Jiangshan 20.319.
    assert levels.loc[("330802+330803", "residents", 2011), "gdp"] == pytest.approx(39.539e9)
    # In 2021 both are published: the remainder differs from them by less than half a percent.
    for unit, codes in (("330802+330803", ["330802", "330803"]), ("331102", ["331102"])):
        gdp = load_table("county_gdp").query("year == 2021").set_index("code")["gdp_10k_yuan"] * 10_000
        assert levels.loc[(unit, "residents", 2021), "gdp"] == pytest.approx(gdp[codes].sum(), rel=0.005)


def test_the_province_of_2001_is_over_its_registered_population(levels: pd.DataFrame) -> None:
    people = levels.loc[("330000", "registered"), "people"]
    assert people[2011] == 47_331_520  # census of 2010
    # Yearbooks before and after: another source, no more than a tenth from the census, and growing.
    assert 0.9 * people[2011] < people[2001] < people[2011] < people[2021] < 1.1 * people[2011]


def test_the_26_stand_where_sums_put_them(tables: dict[str, pd.DataFrame]) -> None:
    followed = mountain_targets.gdp_target(tables, build_province_frame(), load_later())
    frame = build_county_frame()
    own = frame[frame["is_mountain_26"]]
    per_head = own["gdp_2021"].sum() / own["population_2020"].sum()
    province = 7_351_566e6 / 64_567_588
    assert followed.of("26")["last"] == pytest.approx(100 * per_head / province)
    assert followed.of("26")["needed"] == pytest.approx(100 * ((70 / (100 * per_head / province)) ** 0.25 - 1))
    # Chun'an: 25.517 billion yuan over 328,957 residents.
    assert followed.of("330127")["last"] == pytest.approx(100 * 25.517e9 / 328_957 / province)
    assert len(followed.table) == 27


PEOPLE = {"M51a", "M51b", "M82"}
"""Targets on numbers of residents, which the ledger sets against the census and notebook 09 does not follow."""


def test_targets_of_the_table_are_the_numbers_of_the_claims() -> None:
    claims = {claim.id: claim for claim in claims_from(load_table("claims"))}
    targets = load_table("targets").set_index("target")
    for target, row in targets.iterrows():
        for name in row["claims"].split(";"):
            if name != "M31b":  # the rate beside the level
                assert row["value"] == claims[name].number, target
    assert targets.loc["rural_income_ratio", "start_value"] == claims["M20a"].number
    assert targets.loc["low_income_ratio", "start_value"] == claims["M21a"].number
    named = {claim for row in targets["claims"] for claim in row.split(";")}
    wholes = {claim.part_of for claim in claims.values()}
    stated = {claim.id for claim in claims.values() if claim.relation == "target"} - wholes
    assert named == stated - {"M22b", "M46a", "M46c", "M46d", *PEOPLE} | {"M31b"}


def test_the_bundled_form_is_empty() -> None:
    assert (DATA / "later_figures.csv").read_text(encoding="utf-8") == "code,year,indicator,value,unit,source\n"


def test_a_county_without_gdp_joins_the_remainder_of_its_prefecture(tables: dict[str, pd.DataFrame]) -> None:
    gdp = tables["county_gdp"]
    cut = gdp[~(gdp["code"].eq("330822") & gdp["year"].eq(2011))]
    units = [ground.unit for ground in target_paths.grounds(tables | {"county_gdp": cut})]
    assert "330802+330803+330822" in units


def test_a_missing_year_is_named_with_the_county(tables: dict[str, pd.DataFrame]) -> None:
    hukou = tables["county_hukou"]
    cut = hukou[~(hukou["code"].eq("330824") & hukou["year"].eq(2001))]
    with pytest.raises(MissingDataError, match=r"no registered of 2001 for \['330824'\]"):
        target_paths.gdp_paths(tables | {"county_hukou": cut}, build_province_frame())


@pytest.fixture(scope="module")
def zhejiang() -> pd.DataFrame:
    frame = build_county_frame()
    return pairs.with_centres(frame[frame["province_code"].eq("330000")], county_geometry())


def test_named_pairs_and_their_distances(zhejiang: pd.DataFrame) -> None:
    attributes = pairs.county_attributes(zhejiang)
    found = pairs.pair_table(attributes, pairs.named_pairs(load_table("pairings"), zhejiang["code"].tolist()))
    assert len(found) == 7
    by_pair = found.set_index(["mountain_code", "sea_code"])
    # Sanmen to Wenling is some 70 km as the crow flies, Longquan to Xiuzhou some 340 km.
    assert by_pair.loc[("331022", "331081"), "distance_km"] == pytest.approx(70, abs=3)
    assert by_pair.loc[("331181", "330411"), "distance_km"] == pytest.approx(340, abs=5)
    # Kaihua: 16.944 billion over 258,810; Tongxiang: 114.169 billion over 1,029,754.
    ratio = (114.169e9 / 1_029_754) / (16.944e9 / 258_810)
    assert by_pair.loc[("330824", "330483"), "gap_2021"] == pytest.approx(log(ratio))
    assert found["gap_2021"].isna().sum() == 1  # Xiaoshan was redrawn


def test_declared_comparisons_run_and_the_main_one_is_among_them(zhejiang: pd.DataFrame) -> None:
    attributes = pairs.county_attributes(zhejiang)
    named = pairs.named_pairs(load_table("pairings"), zhejiang["code"].tolist())
    candidates = zhejiang.loc[~zhejiang["is_mountain_26"], "code"].tolist()
    tests = pairs.tests_frame(pairs.declared_tests(attributes, named, candidates, 499, 1))
    assert len(tests) == len(DECLARED) and tests["main"].sum() == 1
    assert MAIN.spec_id in set(tests["spec_id"]) and tests["spec_id"].is_unique
    assert tests["p"].between(0, 1).all() and (tests["p_holm"] >= tests["p"]).all()


def test_people_of_bazhong() -> None:
    tables = {name: load_table(name) for name in ("county_hukou", "census_2010", "census_2020")}
    inside = ["511902", "511903", "511921", "511922", "511923"]
    years = emigration.registered_less_resident(tables, "511900", inside).set_index("source")
    assert years.loc["census", "difference"] == 3_939_052 - 3_283_148
    assert years.loc["mixed", "difference"] == pytest.approx(3_831_000 - 2_712_894)
    # Tongjiang, Nanjiang and Pingchang report 74, 66 and 101 (10,000) in 2017, after 75.8, 67.3 and 102.3 in 2014.
    persons, year, counties = emigration.carried_registered(tables["county_hukou"], inside, 2020)
    assert (year, counties) == (2017, 3)
    assert persons == pytest.approx(3_831_000 * (241 / 245.4) ** 2)
    grounds = emigration.shared_grounds(load_table("crosswalk"), inside)
    assert grounds == [("511902", "511903"), ("511921",), ("511922",), ("511923",)]
    zones = emigration.zone_residents(load_table("zones"), tables["census_2020"], inside)
    assert zones == {"511902": 67_504.0}
    by_county = emigration.by_county(tables, grounds, zones)
    assert by_county["residents_2020"].sum() == 2_712_894  # with the zone nobody is lost


def test_jinhua_and_bazhong_by_year() -> None:
    ratios = cities.yearly_ratio(load_table("prefecture_economy"), "511900", "330700", range(2001, 2022))
    assert ratios.set_index("year")["gdp"][2011] == pytest.approx(2_458.07 / 343.39, rel=1e-6)
