"""Flags on the censuses: each on rows made for it, and none on ordinary ones."""

from functools import cache

import pandas as pd

from shanhai.data.flags._census import LITERACY_FLAGS, NEEDS, census_flags, literacy_flags
from shanhai.data.flags.all_flags import load_flags
from shanhai.data.frames.panel import build_county_frame
from shanhai.data.load import load_table
from shanhai.data.rules import FLAG_COLUMNS
from shanhai.studies.ranking.words import WORDS


@cache
def ordinary_flags() -> pd.DataFrame:
    return census_flags({name: load_table(name) for name in NEEDS})


def flagged(column: str, value: float, year: int) -> set[tuple[str, str]]:
    """Flags that appear when one figure of an ordinary county (柯城区) is changed."""
    tables = {name: load_table(name) for name in NEEDS}
    before = ordinary_flags()
    name = f"census_{year}"
    frame = tables[name].astype({column: "float64"})
    frame.loc[frame["code"].eq("330802"), column] = value
    after = census_flags(tables | {name: frame})
    new = pd.concat([after, before]).drop_duplicates(keep=False)
    return set(zip(new["column"], new["flag"], strict=True))


def test_ordinary_counties_carry_no_flag() -> None:
    flags = ordinary_flags()
    assert not flags["code"].isin(["330802", "330824", "511922"]).any()
    assert tuple(flags.columns) == FLAG_COLUMNS
    assert not flags.duplicated(["code", "table", "column", "flag"]).any()


def test_each_check_finds_what_it_is_about() -> None:
    share = "employed_share_primary_pct"
    assert flagged(share, 99.0, 2010) >= {(share, "sector_shares")}
    assert flagged(share, float("nan"), 2010) == {(share, "not_published")}
    assert flagged("male", 1.0, 2020) == {("male", "sex_ratio")}
    assert flagged("housing_area_per_head_m2", 3.0, 2020) == {("housing_area_per_head_m2", "housing_area")}
    assert flagged("long_form_employed", 10.0, 2020) == {("long_form_employed", "small_sample")}
    assert flagged("population", 5_000_000.0, 2020) >= {("population", "population_jump")}
    assert flagged("hukou_population", 5_000_000.0, 2010) == {("hukou_population", "few_residents")}


def census(ratios: dict[str, float], unschooled: float = 0.05) -> pd.DataFrame:
    """Counties of 100,000 with these illiterates for one unschooled resident."""
    rows = [
        {
            "code": code,
            "is_county": True,
            "prefecture_code": f"{code[:4]}00",
            "population": 100_000,
            "edu_no_schooling": 100_000 * unschooled,
            "illiterate_15plus": 100_000 * unschooled * ratio,
            "illiterate_share_15plus_pct": 100 * unschooled * ratio,
        }
        for code, ratio in ratios.items()
    ]
    return pd.DataFrame(rows)


ORDINARY = {f"33110{place}": 0.85 + 0.01 * place for place in range(6)}


def literacy(earlier: pd.DataFrame, later: pd.DataFrame) -> list[tuple[str, str, str]]:
    found = literacy_flags({"census_2010": earlier, "census_2020": later})
    return list(zip(found["code"], found["table"], found["flag"], strict=True))


def test_illiterates_that_cannot_be_true_beside_the_unschooled() -> None:
    assert literacy(census(ORDINARY), census(ORDINARY)) == []
    for ratio in (0.16, 5.4):  # 青田 and 托里 of 2020
        doubtful = census(ORDINARY | {"331105": ratio})
        assert literacy(census(ORDINARY), doubtful) == [("331105", "census_2020", "illiteracy_doubtful")]
        assert literacy(doubtful, census(ORDINARY)) == [("331105", "census_2010", "illiteracy_doubtful")]


def test_the_figure_that_departs_is_the_one_flagged() -> None:
    """崇阳 2010: 12,196 illiterates, as before and after, beside 118,564 unschooled."""
    doubtful = census(ORDINARY)
    doubtful.loc[5, "edu_no_schooling"] *= 8
    # The unschooled and the mean years of schooling that are reckoned from them.
    assert literacy(doubtful, census(ORDINARY)) == [("331105", "census_2010", "schooling_doubtful")] * 2
    flags = literacy_flags({"census_2010": doubtful, "census_2020": census(ORDINARY)})
    assert flags["column"].tolist() == ["edu_no_schooling", "mean_years_schooling"]
    assert flags["reason"].str.contains("the unschooled depart further").all()


def test_a_county_that_is_so_in_both_censuses_or_with_its_prefecture_is_not_doubted() -> None:
    low = ORDINARY | {"331105": 0.3}
    assert literacy(census(low), census(low)) == []
    shifted = census(dict.fromkeys(ORDINARY, 1.9))  # all of a prefecture, as in Xinjiang 2020
    assert literacy(census(ORDINARY), shifted) == []


def test_without_schooling_nothing_is_said() -> None:
    bare = census(ORDINARY).drop(columns="edu_no_schooling")
    assert literacy(bare, bare) == []


def test_doubtful_literacy_of_2020_reaches_the_county_frame() -> None:
    flags = ordinary_flags()
    doubtful = flags.loc[flags["flag"].isin(LITERACY_FLAGS.values())]
    pairs = set(zip(doubtful["code"], doubtful["table"], doubtful["flag"], strict=True))
    assert {
        ("331121", "census_2020", "illiteracy_doubtful"),
        ("331181", "census_2020", "illiteracy_doubtful"),
        ("500236", "census_2020", "illiteracy_doubtful"),
        ("371322", "census_2010", "illiteracy_doubtful"),
        ("421223", "census_2010", "schooling_doubtful"),
    } <= pairs
    assert len(pairs) == 21
    counties = build_county_frame().set_index("code")
    frame = counties["flags"]
    of_2020 = doubtful.loc[doubtful["table"].eq("census_2020")]
    assert set(of_2020["code"]) == set(frame.index[frame.str.contains("illiteracy_doubtful|schooling_doubtful")])
    mountain = counties.loc[counties["is_mountain_26"] & frame.str.contains("illiteracy_doubtful"), "name_zh"]
    assert len(mountain) == 2
    assert all(name[:2] in WORDS.pair("indicator.illiteracy.caveat")[1] for name in mountain)


def test_the_host_of_a_zone_is_flagged() -> None:
    flags = load_flags()
    hosts = flags.loc[flags["flag"].eq("zone_apart"), "code"]
    assert {"330303", "511902", "370611"} <= set(hosts)


def test_a_district_that_lost_people_to_a_zone_of_unknown_host_is_flagged() -> None:
    """环翠, 京口 and 蚌山 lost half of their people in print; their prefectures print zones apart."""
    flags = ordinary_flags()
    assert {"371002", "321102", "340303"} <= set(flags.loc[flags["flag"].eq("zone_unassigned"), "code"])


def test_all_flags_are_described_and_sorted() -> None:
    flags = load_flags()
    assert flags.notna().all(axis=None)
    assert flags["reason"].str.len().gt(15).all()
    assert flags.equals(flags.sort_values(["table", "code", "column", "flag"], kind="stable", ignore_index=True))
