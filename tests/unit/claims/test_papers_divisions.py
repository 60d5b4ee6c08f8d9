"""Statements on administrative divisions, on a few counties drawn here."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from shanhai.claims.claims import claims_from
from shanhai.claims.engine import find
from shanhai.claims.evidence import Evidence
from shanhai.claims.findings import Finding
from shanhai.core.errors import ClaimError
from shanhai.data.load import load_table

CLAIMS = {claim.id: claim for claim in claims_from(load_table("claims"))}

COUNTIES = pd.DataFrame(
    {
        "code": ["331127", "360001", "510001", "150001", "330104"],
        "name_zh": ["景宁畲族自治县", "甲县", "乙族自治县", "丙自治旗", "江干区"],
        "name_en": ["Jingning", "A", "B", "C", "Jianggan"],
        "kind": ["autonomous_county", "county", "autonomous_county", "autonomous_banner", "district"],
        "prefecture_code": ["331100", "360000", "510000", "150000", "330100"],
        "province_code": ["330000", "360000", "510000", "150000", "330000"],
    }
)


def found(claim_id: str, counties: pd.DataFrame = COUNTIES, value: str | None = None, **tables: Any) -> Finding:
    claim = CLAIMS[claim_id] if value is None else replace(CLAIMS[claim_id], value=value)
    return find(claim, Evidence.of({"counties": counties, **tables}, counties))


def test_autonomous_counties_are_counted_with_banners() -> None:
    assert (found("M58", value="3").computed, found("M58", value="3").verdict) == (3, "reproduced")
    assert found("M58", value="2").robustness == "1 hold, 1 fail, 0 undecided"
    assert found("M58", value="2").verdict == "contradicted"


def test_one_autonomous_county_in_the_east() -> None:
    assert found("M57").verdict == "reproduced" and "Jingning" in found("M57").note
    second = COUNTIES.assign(kind=COUNTIES["kind"].where(COUNTIES["code"] != "360001", "autonomous_county"))
    assert (found("M57", second).computed, found("M57", second).verdict) == (2, "contradicted")


def test_a_county_named_with_another_prefecture_is_noticed() -> None:
    named = {
        "莲都区": "丽水市",
        "建德市": "杭州市",
        "瑞安市": "温州市",
        "瓯海区": "温州市",
        "西湖区": "杭州市",
        "柯城区": "衢州市",
        "余杭区": "杭州市",
        "柯桥区": "绍兴市",
        "北仑区": "宁波市",
        "嵊泗县": "舟山市",
    }
    prefectures = pd.DataFrame({"name_zh": sorted(set(named.values()))})
    prefectures["code"] = [f"33{number:02d}00" for number in range(len(prefectures))]
    codes = prefectures.set_index("name_zh")["code"]
    counties = pd.DataFrame({"name_zh": list(named), "prefecture_code": [codes[name] for name in named.values()]})
    assert found("M69", counties, prefectures=prefectures).verdict == "consistent"
    wrong = counties.assign(
        prefecture_code=counties["prefecture_code"].where(counties["name_zh"] != "北仑区", "330000")
    )
    assert found("M69", wrong, prefectures=prefectures).note.endswith("Elsewhere: 北仑区.")


def test_a_new_district_lies_where_its_parts_lie() -> None:
    crosswalk = pd.DataFrame({"vintage": [2021, 2017], "code": ["330114", "330114"], "code_2020": ["330104", "331127"]})
    assert found("M72", crosswalk=crosswalk).verdict == "consistent"
    elsewhere = crosswalk.assign(code_2020="331127")
    assert found("M72", crosswalk=elsewhere).verdict == "contradicted"


def test_a_number_of_enclaves_cannot_show_that_each_unit_has_one() -> None:
    units = pd.DataFrame({"code": ["330902", "330903", "330921", "330922"], "prefecture_code": "330900"})
    units = units.assign(province_code="330000")
    finding = found("M80", units)  # five of six
    assert finding.computed["units to cover"] == 5
    # Enough by number is not one each: which unit has which enclave is in no table.
    assert {finding.verdict, found("M80", units, value="4").verdict} == {"no data"}


def test_lists_of_ecological_function_agree() -> None:
    lists = pd.DataFrame(
        {"name_zh": ["淳安县", "文成县", "泰顺县", "磐安县"], "ecological_function": [True, True, True, False]}
    )
    assert found("M54a", value="3", mountain_counties=lists).verdict == "coherent"
    assert found("M54a", value="4", mountain_counties=lists).verdict == "contradicted"
    assert found("M54b", mountain_counties=lists).verdict == "coherent"
    assert found("M54b", mountain_counties=lists.iloc[1:]).verdict == "contradicted"


def test_the_province_of_bazhong() -> None:
    tables = {
        "prefectures": pd.DataFrame({"code": ["511900"], "province_code": ["510000"]}),
        "provinces": pd.DataFrame({"code": ["510000", "520000"], "name_short_en": ["Sichuan", "Guizhou"]}),
    }
    assert found("B10", **tables).verdict == "contradicted"
    named = replace(CLAIMS["B10"], reference_value="Sichuan")
    assert find(named, Evidence.of(tables)).verdict == "reproduced"
    with pytest.raises(ClaimError, match="its test knows 2 names such as Sichuan"):
        find(replace(named, reference_value="Sechuan"), Evidence.of(tables))
