"""From the codes and names of 2017 to the counties of 2020."""

import pandas as pd
import pytest

from shanhai.core.errors import BoundaryError
from shanhai.geo.boundaries._codes import assign_owners, counties_without_polygon
from shanhai.geo.boundaries._source import Feature

COUNTIES = pd.DataFrame(
    {
        "code": ["330112", "330327", "330383", "230717", "632803", "632857", "130902"],
        "name_zh": ["临安区", "苍南县", "龙港市", "伊美区", "茫崖市", "大柴旦行政委员会", "新华区"],
    }
)
PREFECTURES = pd.DataFrame({"code": ["460300"], "name_zh": ["三沙市"]})
CROSSWALK = pd.DataFrame(
    [
        ("2017", "330185", "临安市", "330112", "recoded", ""),
        ("2017", "330327", "苍南县", "330327", "split", ""),
        ("2017", "330327", "苍南县", "330383", "split", "left in 2019"),
        ("2017", "230702", "伊春区", "230717", "merged", ""),
        ("2017", "230708", "美溪区", "230717", "merged", ""),
        ("2017", "632825", "直辖", "632803", "split", ""),
        ("2017", "632825", "直辖", "632857", "split", "one polygon"),
        ("2017", "130902", "新华区", "130902", "same", ""),
        ("2017", "410402", "新华区", "410402", "same", ""),
        ("2010", "330185", "临安市", "999999", "same", ""),
    ],
    columns=["vintage", "code", "name_zh", "code_2020", "relation", "note"],
)


def drawn(*units: tuple[str, str]) -> list[Feature]:
    return [Feature("file", code, name, ()) for code, name in units]


ALL = drawn(
    ("330185", "临安市"),
    ("330327", "苍南县"),
    ("230702", "伊春区"),
    ("230708", "美溪区"),
    ("632825", "直辖"),
    ("", "新华区"),
)


def test_each_polygon_goes_to_its_successor_and_a_county_cut_out_is_excused() -> None:
    # 新华区 has no code; of its two namesakes the one of Pingdingshan carries its own code elsewhere in the package.
    namesake = drawn(("410402", "新华区"))
    counties = pd.concat([COUNTIES, pd.DataFrame({"code": ["410402"], "name_zh": ["新华区"]})])
    owners = assign_owners([*ALL, *namesake], counties, PREFECTURES, CROSSWALK)
    assert owners.targets == ("330112", "330327", "230717", "230717", "632803", "130902", "410402")
    assert owners.excused.to_dict("records") == [
        {"code": "330383", "name_zh": "龙港市", "held_by": "330327", "reason": "left in 2019"},
        {"code": "632857", "name_zh": "大柴旦行政委员会", "held_by": "632803", "reason": "one polygon"},
    ]


def test_a_name_that_two_free_codes_carry_decides_nothing() -> None:
    with pytest.raises(BoundaryError, match=r"1 polygons: 新华区 \(no code, file\).*crosswalk"):
        assign_owners(ALL, COUNTIES, PREFECTURES, CROSSWALK)


@pytest.mark.parametrize(
    ("code", "owner"),
    [("460300", "460300"), ("810001", "810000"), ("820004", "820000"), ("350527", "350000"), ("442100", "440000")],
)
def test_what_the_census_does_not_count_is_shown_with_its_prefecture_or_province(code: str, owner: str) -> None:
    features = [*ALL[:-1], *drawn(("130902", "新华区"), (code, "name"))]
    assert assign_owners(features, COUNTIES, PREFECTURES, CROSSWALK).targets[-1] == owner


def test_taiwan_is_known_by_its_files() -> None:
    features = [*ALL[:-1], *drawn(("130902", "新华区")), Feature("tai2_wan1_tai2_bei3", "", "中正區", ())]
    assert assign_owners(features, COUNTIES, PREFECTURES, CROSSWALK).targets[-1] == "710000"


def test_an_unknown_polygon_is_named() -> None:
    with pytest.raises(BoundaryError, match=r"某县 \(999901, file\)"):
        assign_owners(drawn(("999901", "某县")), COUNTIES, PREFECTURES, CROSSWALK)


def test_a_county_without_polygon_or_reason_is_named() -> None:
    with pytest.raises(BoundaryError, match=r"1 counties of 2020 have neither.*: 330112 临安区"):
        counties_without_polygon(set(COUNTIES["code"]) - {"330112"}, COUNTIES, CROSSWALK)
