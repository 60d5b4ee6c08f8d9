"""Flags on the censuses: each on rows made for it, and none on ordinary ones."""

from functools import cache

import pandas as pd

from shanhai.data.flags import load_flags
from shanhai.data.flags_census import NEEDS, census_flags
from shanhai.data.load import load_table
from shanhai.data.rules import FLAG_COLUMNS


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
