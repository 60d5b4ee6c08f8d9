"""Places by code, 中文 and English name, and what is said of one that does not exist."""

import re

import numpy as np
import pytest

from shanhai.claims.evidence import project_evidence
from shanhai.core._traditional import SIMPLIFIED
from shanhai.core.errors import UnknownPlaceError
from shanhai.core.places import Places, is_nation
from shanhai.data.frames.panel import build_county_frame
from shanhai.data.load import load_places
from shanhai.data.vintage import Vintage
from shanhai.studies.gap.analysis import _gap_areas
from shanhai.studies.place import analysis
from shanhai.studies.place.pages import open_page


@pytest.fixture(scope="module")
def places() -> Places:
    return load_places()


@pytest.mark.parametrize(
    "query",
    ["330800", "衢州市", "衢州", "Quzhou", "quzhou city", " 衢州 ", "浙江衢州", "Quzhou, Zhejiang", "３３０８００"],
)
def test_quzhou_is_found_by_any_of_its_names(places: Places, query: str) -> None:
    assert places.prefecture(query).code == "330800"


@pytest.mark.parametrize(
    ("query", "code"),
    [("浙江", "330000"), ("Shaanxi", "610000"), ("西藏自治区", "540000"), ("Inner Mongolia", "150000")],
)
def test_provinces_are_found(places: Places, query: str, code: str) -> None:
    assert places.province(query).code == code


@pytest.mark.parametrize(
    ("code", "english"),
    [
        ("330102", "Shangcheng"), ("330127", "Chun'an"), ("330212", "Yinzhou"), ("330382", "Yueqing"),
        ("330683", "Shengzhou"), ("330727", "Pan'an"), ("330802", "Kecheng"), ("330803", "Qujiang"),
        ("331023", "Tiantai"), ("331102", "Liandu"), ("331122", "Jinyun"), ("331127", "Jingning"),
        ("511902", "Bazhou"), ("511903", "Enyang"), ("511921", "Tongjiang"), ("511922", "Nanjiang"),
        ("511923", "Pingchang"), ("441900", "Dongguan"), ("310112", "Minhang"), ("350205", "Haicang"),
    ],
)  # fmt: skip
def test_english_names_read_as_the_place_reads(places: Places, code: str, english: str) -> None:
    assert places.county(code).name_en == english


@pytest.mark.parametrize(
    ("code", "english"),
    [
        ("341500", "Lu'an"), ("341600", "Bozhou"), ("140400", "Changzhi"), ("350200", "Xiamen"), ("331000", "Taizhou"),
        ("331100", "Lishui"), ("411100", "Luohe"), ("150100", "Hohhot"), ("542500", "Ngari"), ("653100", "Kashgar"),
    ],
)  # fmt: skip
def test_prefectures_carry_their_usual_english_names(places: Places, code: str, english: str) -> None:
    assert places.prefecture(code).short_en == english


def test_a_name_borne_by_several_needs_a_code_or_a_province(places: Places) -> None:
    with pytest.raises(UnknownPlaceError, match=r"names 4 units.*320106 江苏省南京市鼓楼区"):
        places.county("鼓楼区")
    assert places.county("鼓楼区", within="350000").code == "350102"


@pytest.mark.parametrize(
    ("query", "code"),
    [("330000", "330000"), ("衢州", "330800"), ("开化县", "330824"), ("Kaihua", "330824"), ("北京", "110000")],
)
def test_a_place_of_any_level_is_found(places: Places, query: str, code: str) -> None:
    assert places.place(query).code == code  # Beijing the prefecture is all of Beijing the province


def test_a_name_of_several_levels_needs_a_code(places: Places) -> None:
    with pytest.raises(UnknownPlaceError, match=r"names 2 places: province 460000 海南省 .*; prefecture 632500"):
        places.place("海南")


def test_a_misspelt_name_gets_the_nearest(places: Places) -> None:
    with pytest.raises(UnknownPlaceError, match=r"330800 衢州市 Quzhou City.*Give one of these, by code or name"):
        places.prefecture("Quzhuo")


@pytest.mark.parametrize(
    ("written", "first", "never"),
    [("开花", "330824 开化县", "花都"), ("衢洲市", "330800 衢州市", "通州")],
)
def test_a_name_with_one_wrong_character_gets_those_that_differ_in_it_alone(
    places: Places, written: str, first: str, never: str
) -> None:
    with pytest.raises(UnknownPlaceError, match=f"Near: {first}") as refused:
        places.place(written)
    assert never not in str(refused.value)


def test_a_code_of_another_level_is_refused(places: Places) -> None:
    with pytest.raises(UnknownPlaceError, match="no prefecture"):
        places.prefecture("330802")
    with pytest.raises(UnknownPlaceError, match="no prefecture or province"):
        places.counties_of("999900")


def test_counties_of_quzhou_and_bazhong(places: Places) -> None:
    assert [place.code for place in places.counties_of("330800")] == [
        "330802", "330803", "330822", "330824", "330825", "330881",
    ]  # fmt: skip
    bazhong = [place.name_zh for place in places.counties_of("511900")]
    assert bazhong == ["巴州区", "恩阳区", "通江县", "南江县", "平昌县"]
    assert len(places.counties_of("330000")) == 90


def test_every_county_lies_in_its_prefecture_and_province(places: Places) -> None:
    prefectures = {place.code: place.province_code for place in places.all if place.level == "prefecture"}
    for unit in (place for place in places.all if place.level == "county"):
        assert prefectures[unit.prefecture_code] == unit.province_code
        assert unit.code[:2] == unit.province_code[:2]


@pytest.mark.parametrize("code", [331100, 331100.0, np.int64(331100), np.float64(331100), " 331100 "])
def test_a_code_as_a_number_is_the_code(code: str | int) -> None:
    places = load_places()
    assert places.prefecture(code).name_zh == "丽水市"
    assert places.county(331102, within=code).name_zh == "莲都区"
    assert places.counties_of(code) == places.counties_of("331100")
    assert places.province(330000).code == "330000"


@pytest.mark.parametrize("code", [True, None, 331100.5, -1, 10**7, float("nan"), float("inf"), ["331100"], b"331100"])
def test_what_cannot_be_a_code_is_told_how_to_write_one(code: object) -> None:
    for look_up in (load_places().prefecture, load_places().county, load_places().province, load_places().counties_of):
        with pytest.raises(UnknownPlaceError, match='six digits in quotes, as in "331100"'):
            look_up(code)  # type: ignore[operator]


def test_places_of_reports_and_gaps_take_numbers_too() -> None:
    frame, evidence, now = build_county_frame(), project_evidence(), Vintage()
    assert (
        analysis.find_prefecture(331100, evidence, now).place == analysis.find_prefecture("331100", evidence, now).place
    )
    assert analysis.find_county(330127, evidence, now).place.code == "330127"
    analysis.check_prefecture(331100)
    analysis.check_county(330127)
    assert open_page(331100).subject.place.code == "331100"
    assert open_page("330800", 330127).subject.place.code == "330127"
    assert open_page("丽水").subject.place == open_page("Lishui").subject.place == open_page("331100").subject.place
    assert open_page("", "淳安县").subject.place.code == "330127"
    assert _gap_areas(330800, 0, frame, now) == _gap_areas("330800", "000000", frame, now)
    with pytest.raises(UnknownPlaceError, match="'330802' is 柯城区"):
        analysis.check_prefecture(330802)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("巴中", "511900"), ("巴中市", "511900"), ("Bazhong", "511900"), ("bazhong", "511900"), (511900, "511900"),
        ("511900 ", "511900"), ("５１１９００", "511900"), ("四川省 巴中市", "511900"), ("四川/巴中", "511900"),
        ("Bazhong, Sichuan", "511900"), ("開化縣", "330824"), ("衢州市開化縣", "330824"), ("重慶", "500000"),
        ("陝西", "610000"), ("蒼南縣", "330327"), ("乾县", "610424"), ("开化", "330824"), ("景宁", "331127"),
        ("塔什库尔干", "653131"), ("Kaihua County", "330824"), ("Yining City", "654002"), ("Yining County", "654021"),
        ("福建鼓楼区", "350102"), ("Gulou, Fuzhou", "350102"), ("Lu’an", "341500"), ("Luan", "341500"),
        ("Lvliang", "141100"),
    ],
)  # fmt: skip
def test_a_place_is_found_as_people_write_it(places: Places, query: str | int, code: str) -> None:
    assert places.place(query).code == code


@pytest.mark.parametrize(
    ("query", "meant"),
    [("3311", "331100 浙江省丽水市"), (3311, "331100"), ("0331", "331000 浙江省台州市"), ("0331000", "331000"),
     ("033100", "331000"), ("33082", "330820|330802|Give all six"), (33, "330000 浙江省")],
)  # fmt: skip
def test_a_code_that_lost_or_gained_zeros_is_refused_with_what_it_may_be(
    places: Places, query: str | int, meant: str
) -> None:
    with pytest.raises(UnknownPlaceError, match=f"codes have six.*({meant})"):
        places.place(query)


@pytest.mark.parametrize(
    ("query", "code"), [("冀州市", "131103"), ("苍山县", "371324"), ("潞西市", "533103"), ("平泉县", "130881")]
)
def test_a_county_is_found_by_the_name_that_it_bore_before(places: Places, query: str, code: str) -> None:
    assert places.place(query).code == places.county(query).code == code


def test_a_county_that_was_merged_or_split_is_no_other_and_its_heirs_are_named(places: Places) -> None:
    with pytest.raises(UnknownPlaceError, match=r"110104 宣武区 of 2010, now in 110102 北京市西城区"):
        places.place("宣武区")
    with pytest.raises(UnknownPlaceError, match=r"130124 栾城县 of 2010, now in 130111 "):
        places.place("130124")  # a code may be given anew: only the name is taken


def test_a_place_of_another_level_is_named(places: Places) -> None:
    with pytest.raises(UnknownPlaceError, match="It is the county 330824 浙江省衢州市开化县"):
        places.prefecture("开化县")


def test_the_country_is_known_by_its_names() -> None:
    assert all(is_nation(name) for name in ("China", "中国", "全国", "000000", "100000", 0, 100000))
    assert not any(is_nation(name) for name in ("330000", "浙江", 1))


def test_a_traditional_character_that_a_name_of_today_holds_is_left_alone(places: Places) -> None:
    names = {character for place in places.all for character in place.name_zh}
    assert not names & set(map(chr, SIMPLIFIED))
    assert {chr(character) for character in SIMPLIFIED.values()} <= names


def test_all_places_say_how_many_they_are(places: Places) -> None:
    assert repr(places) == "Places: 31 provinces, 342 prefectures, 2852 counties"


@pytest.mark.parametrize(
    "query",
    [
        "511900.0",
        "５１１９００",
        "５１１９００．０",
        "\u200b511900\ufeff",
        "\u202e巴中",
        "巴中市\u200f ",
        "\u2066Bazhong\u2069",
    ],
)
def test_a_code_or_name_is_read_without_what_nobody_sees_around_it(places: Places, query: str) -> None:
    assert places.place(query).code == "511900"


@pytest.mark.parametrize(
    ("query", "hidden"), [("巴\u200b中", "U+200B"), ("5119\u202e00", "U+202E"), ("a\x00b", "U+0000")]
)
def test_what_nobody_sees_within_a_name_is_refused_by_its_number(places: Places, query: str, hidden: str) -> None:
    with pytest.raises(UnknownPlaceError, match=re.escape(hidden)):
        places.place(query)


def test_all_places_of_a_name_are_listed_and_a_larger_one_on_either_side_chooses(places: Places) -> None:
    with pytest.raises(UnknownPlaceError) as refused:
        places.place("鼓楼区")
    assert all(code in str(refused.value) for code in ("320106", "320302", "350102", "410204"))
    for query in (
        "鼓楼区, 南京",
        "鼓楼区，南京市",
        "南京鼓楼区",
        "鼓楼区,南京,江苏",
        "江苏省南京市鼓楼区",
        "鼓樓區, 南京",
    ):
        assert places.place(query).code == "320106", query


def test_an_endless_name_is_refused_with_its_beginning_and_the_next_step(places: Places) -> None:
    for name in ("衢" * 100_000, "x" * 100_000, "x y " * 25_000):
        with pytest.raises(UnknownPlaceError) as refused:
            places.place(name)
        assert len(str(refused.value)) < 1000
        assert "Give the code" in str(refused.value)
