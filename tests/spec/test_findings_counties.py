"""Claims on lists, land and GDP, on a province of four counties drawn here."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from shanhai.claims.claims import Claim
from shanhai.claims.engine import find
from shanhai.claims.evidence import Evidence
from shanhai.core.errors import MissingDataError

FRAME = pd.DataFrame(
    {
        "code": ["330802", "330127", "330106", "510001"],
        "name_en": ["Kecheng", "Chun'an", "Xihu", "Elsewhere"],
        "province_code": ["330000", "330000", "330000", "510000"],
        "prefecture_code": ["330800", "330100", "330100", "510000"],
        "is_mountain_26": [True, True, False, False],
        "is_district": [False, False, True, False],
        "area_km2": [1_000.0, 4_400.0, 300.0, 9_000.0],
        "ruggedness": [900.0, 1_000.0, 200.0, 300.0],
        "on_border": pd.array([True, True, False, pd.NA], dtype="boolean"),
        "neighbour_provinces": ["340000;360000", "340000", "", None],
        "flags": ["", "", "", "no_polygon"],
        "gdp_2021": [8e9, 6e9, 90e9, 10e9],
        "population_2020": [100_000.0, 150_000.0, 500_000.0, 400_000.0],
        "gdp_per_capita_2021": [80_000.0, 40_000.0, 180_000.0, 25_000.0],
    }
)


def claim(claim_id: str, relation: str = "eq", value: str = "", seed: str = "paper") -> Claim:
    return Claim(claim_id, seed, "Quzhou", "x", "2021", relation, value, "", "", "", "gist", "")


def changed(**columns: Any) -> Evidence:
    return Evidence.of(frame=FRAME.assign(**columns))


def test_provinces_that_quzhou_touches_must_be_exactly_three() -> None:
    names = pd.DataFrame({"code": ["340000", "350000", "360000"], "name_short_en": ["Anhui", "Fujian", "Jiangxi"]})
    claimed = replace(claim("Q25", "list", "3"), reference_value="Anhui; Jiangxi; Fujian")
    two = find(claimed, Evidence.of({"provinces": names}, FRAME))
    assert (two.verdict, two.computed) == ("contradicted", ["Anhui", "Jiangxi"])
    frame = FRAME.assign(neighbour_provinces=["340000;360000;350000", "", "", ""])
    assert find(claimed, Evidence.of({"provinces": names}, frame)).verdict == "reproduced"
    # On a layer that may lack a neighbour of Kecheng the list is not known to be whole: neither right nor wrong.
    part = find(claimed, Evidence.of({"provinces": names}, FRAME.assign(flags="border_unknown")))
    assert (part.verdict, part.computed) == ("untestable", None)
    assert part.note.startswith("A figure that it compares is missing")


def test_mountain_and_border_are_both_needed() -> None:
    # The median county has (300 + 900) / 2 = 600 m of ruggedness, Kecheng 900.
    assert find(claim("Q24"), Evidence.of(frame=FRAME)).verdict == "reproduced"
    assert find(claim("Q24"), changed(on_border=False)).verdict == "contradicted"
    unknown = changed(on_border=pd.array([pd.NA, True, False, pd.NA], dtype="boolean"))
    assert find(claim("Q24"), unknown).verdict == "untestable"
    assert find(claim("Q24"), changed(ruggedness=[100.0, 1_000.0, 200.0, 300.0])).verdict == "contradicted"


def test_share_of_land() -> None:
    # (1,000 + 4,400) of 5,700 km2 are 94.7 %; without the 184 of Longgang 91.5 %.
    assert find(claim("M02", "share", "95"), Evidence.of(frame=FRAME)).verdict == "reproduced"
    without = find(claim("M02", "share", "92"), Evidence.of(frame=FRAME))
    assert without.verdict == "reproduced" and "without Longgang" in without.basis
    assert find(claim("M02", "share", "45"), Evidence.of(frame=FRAME)).verdict == "contradicted"
    # 5,400 of the 101,800 km2 that the province once gave for itself are 5.3 %: another basis, so at best consistent.
    older = find(claim("M02", "share", "5.3"), Evidence.of(frame=FRAME))
    assert older.verdict == "consistent" and "101,800" in older.basis


def test_largest_county_is_found_by_area_within_the_province() -> None:
    assert find(claim("M24", "rank", "1"), Evidence.of(frame=FRAME)).computed == 1
    smaller = find(claim("M24", "rank", "1"), changed(area_km2=[5_000.0, 4_400.0, 300.0, 9_000.0]))
    assert (smaller.computed, smaller.verdict) == (2, "contradicted")


def test_all_of_the_26_above_every_average() -> None:
    nation = pd.DataFrame({"code": ["000000"], "gdp_per_capita_2021": [99_130.4]})

    def verdict(gdp_of_chunan: float) -> str:
        values = [80_000.0, gdp_of_chunan, 180_000.0, 25_000.0]
        frame = FRAME.assign(gdp_per_capita_2021=values, gdp_2021=FRAME["population_2020"] * values)
        return find(claim("M04", "gt"), Evidence.of(frame=frame, provinces=nation)).verdict

    # Counties without districts: mean of 80, 40 and 25 thousand is 48.3, weighted (8 + 6 + 10) / 0.65 = 36.9.
    assert verdict(40_000.0) == "consistent"
    assert verdict(30_000.0) == "contradicted"  # below the weighted (8 + 4.5 + 10) / 0.65 = 34.6 and the median 30


def test_growth_is_read_in_both_ways() -> None:
    def found(last: float) -> tuple[str, str]:
        frame = pd.DataFrame({"code": ["331127"], "gdp_2001": [1e9], "gdp_2021": [last]})
        finding = find(claim("M28", "growth", "8.3"), Evidence.of(frame=frame))
        return finding.verdict, finding.basis

    assert found(8.0e9)[0] == "contradicted"  # eight times, at most, over a longer span
    assert found(9.0e9)[0] == "consistent" and "grew to" in found(9.0e9)[1]
    assert "grew by" in found(9.4e9)[1]


def test_a_half_year_is_between_two_fifths_and_eleven_twentieths() -> None:
    def verdict(year: float) -> str:
        frame = pd.DataFrame({"code": ["330326"], "gdp_2021": [year]})
        return find(claim("M38", "consistency", "269.5"), Evidence.of(frame=frame)).verdict

    assert verdict(600e8) == "consistent"  # 44.9 %
    assert verdict(450e8) == "contradicted"  # 59.9 %


def test_counties_of_the_magazine_are_those_of_the_plan() -> None:
    counties = pd.DataFrame(
        {
            "code": ["330802", "330127", "330106", "510001"],
            "name_zh": ["柯城区", "淳安县", "西湖区", "淳安县"],
            "province_code": ["330000", "330000", "330000", "510000"],
            "prefecture_code": ["330800", "330100", "330100", "510000"],
        }
    )

    def evidence(codes: list[str]) -> Evidence:
        return Evidence.of({"counties": counties, "mountain_counties": pd.DataFrame({"code": codes})})

    assert find(claim("M01", "count", "2"), evidence(["330802", "330127"])).verdict == "reproduced"
    other = find(claim("M01", "count", "2"), evidence(["330802", "330106"]))
    assert (other.verdict, other.computed) == ("contradicted", 1)
    assert "330106" in other.note and "330127" in other.note
    assert find(claim("S01", "list", "1"), evidence(["330802"])).verdict == "reproduced"
    assert find(claim("S01", "list", "1"), evidence(["330127"])).verdict == "contradicted"


def test_people_elsewhere_take_the_last_year_in_which_all_counties_report() -> None:
    frame = pd.DataFrame({"code": ["511902", "511921"], "prefecture_code": "511900", "province_code": "510000"})
    hukou = pd.DataFrame(
        {
            "code": ["511902", "511921", "511902", "511921"],
            "year": [2014, 2014, 2016, 2016],
            "hukou_population_10k": [200.0, 180.0, 210.0, None],
        }
    )
    census = pd.DataFrame(
        {"level": ["prefecture"], "code": ["511900"], "population": [2_700_000], "hukou_population": 0}
    )
    tables = {"county_hukou": hukou, "census_2020": census, "census_2010": census}
    found = find(claim("B04", "count", "1100000"), Evidence.of(tables, frame))
    # 380 (10,000) registered in 2014 less 270 residents are 1.10 million; 2016 is not complete.
    assert (found.verdict, found.computed) == ("consistent", pytest.approx(1_100_000))
    assert "2014" in found.basis
    with pytest.raises(MissingDataError, match="no year with all counties"):
        find(claim("B04", "count", "1100000"), Evidence.of(tables | {"county_hukou": hukou.iloc[2:]}, frame))


def test_dispersion_must_fall_each_year() -> None:
    base = {
        "code": ["310001", "320001", "330001"],
        "province_code": ["310000", "320000", "330000"],
        "neighbour_provinces": ["320000", "310000;330000", "320000"],
        "area_km2": [100.0, 100.0, 100.0],
    }
    falling = {f"lights_{year}": [1.0, 2.0, 3.0 + 2019 - year] for year in range(2013, 2020)}
    assert find(claim("L06", "sign", "-"), Evidence.of(frame=pd.DataFrame(base | falling))).verdict == "consistent"
    rising = falling | {"lights_2016": [1.0, 2.0, 90.0]}
    assert find(claim("L06", "sign", "-"), Evidence.of(frame=pd.DataFrame(base | rising))).verdict == "contradicted"
