"""Claims on lists, land and GDP, on a province of four counties drawn here."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from shanhai.claims.claims import Claim, claims_from
from shanhai.claims.engine import find
from shanhai.claims.evidence import Evidence
from shanhai.core.errors import ClaimError, MissingDataError
from shanhai.data.load import load_table

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


CLAIMS = {claim.id: claim for claim in claims_from(load_table("claims"))}


def claim(claim_id: str, value: str = "", **changed: str) -> Claim:
    """The claim of the table, which names its basis, with another printed figure."""
    return replace(CLAIMS[claim_id], value=value, **changed)


def changed(**columns: Any) -> Evidence:
    return Evidence.of(frame=FRAME.assign(**columns))


def test_provinces_that_quzhou_touches_must_be_exactly_three() -> None:
    names = pd.DataFrame({"code": ["340000", "350000", "360000"], "name_short_en": ["Anhui", "Fujian", "Jiangxi"]})
    claimed = claim("Q25", "3")
    two = find(claimed, Evidence.of({"provinces": names}, FRAME))
    assert (two.verdict, two.computed) == ("contradicted", ["Anhui", "Jiangxi"])
    frame = FRAME.assign(neighbour_provinces=["340000;360000;350000", "", "", ""])
    assert find(claimed, Evidence.of({"provinces": names}, frame)).verdict == "consistent"
    # On a layer that may lack a neighbour of Kecheng the list is not known to be whole: neither right nor wrong.
    part = find(claimed, Evidence.of({"provinces": names}, FRAME.assign(flags="border_unknown")))
    assert (part.verdict, part.computed) == ("no data", None)
    assert part.note.startswith("A figure that it compares is missing")


def test_mountain_and_border_are_two_claims() -> None:
    assert find(claim("Q24a"), Evidence.of(frame=FRAME)).verdict == "consistent"
    assert find(claim("Q24a"), changed(on_border=False)).verdict == "contradicted"
    unknown = changed(on_border=pd.array([pd.NA, True, False, pd.NA], dtype="boolean"))
    assert find(claim("Q24a"), unknown).verdict == "no data"
    # The median county has (300 + 900) / 2 = 600 m of ruggedness, Kecheng 900.
    assert find(claim("Q24b"), Evidence.of(frame=FRAME)).verdict == "consistent"
    assert find(claim("Q24b"), changed(ruggedness=[100.0, 1_000.0, 200.0, 300.0])).verdict == "contradicted"


def test_share_of_land() -> None:
    # (1,000 + 4,400 - 184) km2 without Longgang are 4.94 % of the 105,505.77 of the survey of 2009.
    published = find(claim("M02", "5.1", refuted_by="5.7: all of it"), Evidence.of(frame=FRAME))
    assert (published.verdict, published.computed) == ("consistent", pytest.approx(100 * 5_216 / 105_505.77))
    assert "less the 184 km2 of Longgang" in published.basis
    # 5.1 x 0.95 is 4.85 and 5.1 x 1.05 is 5.36: 5.12 and 5.30 with Longgang hold too; of its 5,700 km2 it is most.
    assert published.robustness == "3 hold, 2 fail, 0 undecided"
    # Over all polygons 91.5 % without and 94.7 % with it: another basis, which decides nothing.
    polygons = find(claim("M02", "92", refuted_by="80: others"), Evidence.of(frame=FRAME))
    assert (polygons.verdict, polygons.robustness) == ("contradicted", "2 hold, 3 fail, 0 undecided")


def test_largest_county_is_found_by_area_within_the_province() -> None:
    assert find(claim("M24", "1"), Evidence.of(frame=FRAME)).computed == 1
    smaller = find(claim("M24", "1"), changed(area_km2=[5_000.0, 4_400.0, 300.0, 9_000.0]))
    assert (smaller.computed, smaller.verdict) == (2, "contradicted")


def test_all_of_the_26_above_every_average() -> None:
    nation = pd.DataFrame({"code": ["000000"], "gdp_per_capita_2021": [99_130.4]})

    def verdict(gdp_of_chunan: float) -> str:
        values = [80_000.0, gdp_of_chunan, 180_000.0, 25_000.0]
        frame = FRAME.assign(gdp_per_capita_2021=values, gdp_2021=FRAME["population_2020"] * values)
        return find(claim("M04"), Evidence.of(frame=frame, provinces=nation)).verdict

    # Counties without districts, each once: (80 + 60 + 25) / 3 is 55 thousand, (80 + 40 + 25) / 3 is 48.3.
    assert verdict(60_000.0) == "consistent"
    assert verdict(40_000.0) == "contradicted"  # though above the weighted (8 + 6 + 10) / 0.65 = 36.9


def test_growing_by_a_multiple_is_not_growing_to_it() -> None:
    def found(last: float) -> tuple[str, str]:
        frame = pd.DataFrame({"code": ["331127"], "gdp_2001": [1e9], "gdp_2021": [last]})
        finding = find(claim("M28a", "8.3"), Evidence.of(frame=frame))
        return finding.verdict, finding.robustness

    assert found(8.0e9) == ("contradicted", "0 hold, 2 fail, 0 undecided")  # by 7 times, to 8 times
    assert found(9.0e9) == ("contradicted", "1 hold, 1 fail, 0 undecided")  # by 8, to 9
    # By 8.4 times over a longer span: an upper bound that hardly fails, so that the claim is at best coherent.
    assert found(9.4e9)[0] == "coherent"


def test_a_half_year_is_between_two_fifths_and_eleven_twentieths() -> None:
    def verdict(year: float) -> str:
        frame = pd.DataFrame({"code": ["330326"], "gdp_2021": [year]})
        return find(claim("M38a", "269.5"), Evidence.of(frame=frame)).verdict

    assert verdict(600e8) == verdict(490e8) == "coherent"  # 44.9 and 55.0 %; with two digits exchanged as well: no test
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

    assert find(claim("M01", "2"), evidence(["330802", "330127"])).verdict == "reproduced"
    other = find(claim("M01", "2"), evidence(["330802", "330106"]))
    assert (other.verdict, other.computed) == ("contradicted", 1)
    assert "330106" in other.note and "330127" in other.note
    assert find(claim("S01", "1"), evidence(["330802"])).verdict == "reproduced"
    assert find(claim("S01", "1"), evidence(["330127"])).verdict == "contradicted"


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
    found = find(claim("B04", "1100000"), Evidence.of(tables, frame))
    # 200 (10,000) of 2014 became 210 in 2016 in the one county that reports: 2.47 % a year, so 380 became 440 in 2020.
    carried = 3_800_000 * 1.05**3
    assert (found.verdict, found.computed) == ("no data", pytest.approx(carried - 2_700_000))
    # 380 registered in 2014 less 270 residents of 2020 are the 1.10 million, but the terms are of two years.
    assert found.robustness.startswith("no basis can decide; another quantity stands beside it (bases: 3)")
    with pytest.raises(MissingDataError, match="no year with all counties"):
        find(claim("B04", "1100000"), Evidence.of(tables | {"county_hukou": hukou.iloc[2:]}, frame))


def test_dispersion_must_fall_each_year() -> None:
    base = {
        "code": ["310001", "320001", "330001"],
        "province_code": ["310000", "320000", "330000"],
        "neighbour_provinces": ["320000", "310000;330000", "320000"],
        "area_km2": [100.0, 100.0, 100.0],
    }
    falling = {f"lights_{year}": [1.0, 2.0, 3.0 + 2019 - year] for year in range(2013, 2020)}
    assert find(claim("L06b", "-"), Evidence.of(frame=pd.DataFrame(base | falling))).verdict == "consistent"
    rising = falling | {"lights_2016": [1.0, 2.0, 90.0]}
    assert find(claim("L06b", "-"), Evidence.of(frame=pd.DataFrame(base | rising))).verdict == "contradicted"
    assert find(claim("L06a", "-"), Evidence.of(frame=pd.DataFrame(base | rising))).verdict == "consistent"


def census_rows(**employed: float) -> pd.DataFrame:
    """Long forms of a tenth of the households, so that each employed person stands for ten."""
    rows = [
        {
            "level": "county" if not code.endswith("00") else "prefecture",
            "code": code,
            "long_form_employed": count,
            "long_form_agriculture": count / 10,
            "family_households": 1_000.0,
            "long_form_households": 100.0,
        }
        for code, count in ((name.removeprefix("c"), value) for name, value in employed.items())
    ]
    return pd.DataFrame(rows)


def test_low_among_the_26_is_below_their_median() -> None:
    census = census_rows(c330800=10_000.0, c330802=6_000.0, c330127=5_000.0)
    listed = pd.DataFrame({"code": ["330802", "330127"]})

    def found(gdp_100m: float) -> Any:
        economy = pd.DataFrame({"code": ["330800"], "year": [2021], "gdp_100m_yuan": [gdp_100m]})
        tables = {"census_2020": census, "mountain_counties": listed, "prefecture_economy": economy}
        return find(claim("Q11b"), Evidence.of(tables, FRAME))

    # 8 billion over 60,000 people are 133,333 yuan, 6 billion over 50,000 are 120,000: median 126,667.
    assert found(120.0).computed == {"Quzhou": pytest.approx(120_000), "median of the 26": pytest.approx(380_000 / 3)}
    # A prefecture is none of the 26: the figures stand beside the claim.
    assert found(120.0).verdict == found(130.0).verdict == "underspecified"


def test_workers_of_one_trade_are_no_more_than_all_employed() -> None:
    def verdict(printed: str) -> str:
        return find(claim("M27a", printed), Evidence.of({"census_2020": census_rows(c330727=9_000.0)})).verdict

    assert verdict("68000") == "coherent"  # of 90,000 employed: a bound, and no plausible wrong value is named
    assert verdict("91000") == "contradicted"


def test_gross_output_of_a_part_is_set_against_gdp_of_the_whole() -> None:
    gdp = {"code": ["331023"], "year": [2021], "gdp_10k_yuan": [1_000_000.0], "primary_gdp_10k_yuan": [200_000.0]}

    def found(printed: str, **changed: Any) -> Any:
        return find(claim("M41b", printed), Evidence.of({"county_gdp": pd.DataFrame(gdp | changed)}))

    # 100 less 20 (100m yuan) outside the primary sector; a fifth of an output of 319 are 63.8: 79.75 %.
    assert next(iter(found("319").computed.values())) == pytest.approx(79.75)
    assert found("319").verdict == "coherent"
    assert found("401").verdict == "contradicted"  # 80.2 of 80
    assert found("319", primary_gdp_10k_yuan=[None]).verdict == "no data"


def test_a_target_is_open_until_its_year() -> None:
    frame = pd.DataFrame({"code": ["331024"], "gdp_2021": [320e8]})
    level = find(claim("M31a", "400"), Evidence.of(frame=frame))
    with pytest.raises(ClaimError, match="Claim M31a, column value: '-5'; a target for GDP is above 0"):
        find(claim("M31a", "-5"), Evidence.of(frame=frame))
    # (400 / 320) ** (1 / 4) is 1.0574.
    assert (level.verdict, level.computed) == ("target", {"Xianju, 2021": 320.0})
    assert "must grow 5.74 % a year" in level.note
    table = load_table("claims").query("id == 'M31a'").assign(value="400")
    rate = {text: find(claim("M31b", text), Evidence.of({"claims": table}, frame)).verdict for text in ("6", "9")}
    assert rate == {"6": "consistent", "9": "contradicted"}


def test_strong_counties_are_no_more_than_there_are_outside_the_26() -> None:
    counties = pd.DataFrame({"code": ["330802", "330106", "330203"], "province_code": "330000"})
    evidence = Evidence.of({"counties": counties, "mountain_counties": pd.DataFrame({"code": ["330802"]})})
    assert find(claim("M23", "2"), evidence).verdict == "coherent"
    assert find(claim("M23", "3"), evidence).verdict == "contradicted"


def test_printed_figures_alone_are_at_best_coherent() -> None:
    assert find(claim("B06a", "12"), Evidence.of()).verdict == "coherent"  # against 10
    assert find(claim("B06a", "9"), Evidence.of()).verdict == "contradicted"
    assert find(claim("M35b", "930"), Evidence.of()).verdict == "coherent"  # a tenth of 9,300
    assert find(claim("M35b", "900"), Evidence.of()).verdict == "contradicted"
    assert find(claim("M42c", "126"), Evidence.of()).verdict == "coherent"  # a part of 254
