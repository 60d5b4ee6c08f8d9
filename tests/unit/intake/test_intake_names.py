"""Names match across writings and years; what is ambiguous is refused with its candidates, totals are told apart."""

import pytest

from shanhai.data.load import load_places
from shanhai.intake.names import Namer


def namer(province: str = "", level: str = "county", known: frozenset[str] = frozenset()) -> Namer:
    return Namer(load_places(), level, known, province)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("淳安县", "330127"),
        ("淳 安 县", "330127"),
        ("淳　安　县①", "330127"),
        ("淳安", "330127"),
        ("淳安縣", "330127"),
        ("Chun'an", "330127"),
        ("Chunan County", "330127"),
        ("浙江省杭州市淳安县", "330127"),
        ("330127", "330127"),
        (330127.0, "330127"),
        ("330127000000", "330127"),
        ("景宁", "331127"),
        ("临安市", "330112"),  # a district since 2017
        ("玉环县", "331083"),  # a city since 2017
        ("其中：淳安县", "330127"),
        ("#淳安县", "330127"),
    ],
)
def test_one_county_in_many_writings(written: object, code: str) -> None:
    found = namer("330000").find(written)
    assert (found.code, found.problem) == (code, "")


@pytest.mark.parametrize("written", ["巴中", "巴中市", "Bazhong", "巴 中 市", "511900"])
def test_one_prefecture_in_many_writings(written: str) -> None:
    assert namer(level="prefecture").find(written).code == "511900"


@pytest.mark.parametrize("written", ["北京", "北京市", "110000"])
def test_a_municipality_has_the_code_of_its_province_in_the_table_of_prefectures(written: str) -> None:
    assert namer(level="prefecture", known=frozenset({"110000"})).find(written).code == "110000"


def test_an_ambiguous_name_is_refused_with_its_candidates() -> None:
    problem = namer().find("鼓楼区").problem
    assert all(code in problem for code in ("320106", "320302", "350102", "410204"))


def test_the_prefecture_above_and_the_column_of_the_prefecture_make_a_name_unique() -> None:
    finder = namer()
    assert finder.find("南京市").aside == "the total of the prefecture 南京市"
    assert finder.find("鼓楼区").code == "320106"
    assert namer().find("鼓楼区", within="350100").code == "350102"


def test_a_line_above_names_the_province() -> None:
    finder = namer()
    finder.title("江苏省2022年各县生产总值")
    assert finder.province == "320000"
    assert "320106" in finder.find("鼓楼区").problem and "350102" not in finder.find("鼓楼区").problem


@pytest.mark.parametrize(
    "written", ["合计", "总 计", "全省", "市辖区合计", "市区", "浙江省", "衢州市", "Total", "全国", "小计"]
)
def test_totals_are_set_aside_with_a_word(written: str) -> None:
    assert "total" in namer("330000").find(written).aside


@pytest.mark.parametrize(
    "written", ["经济技术开发区", "淳按县", "<script>alert(1)</script>", '=HYPERLINK("x")', "../../etc"]
)
def test_names_of_no_county_are_refused(written: str) -> None:
    assert "is no county" in namer("330000").find(written).problem


def test_a_code_and_a_name_that_differ_are_refused() -> None:
    assert "the code is that of 330802" in namer().find("衢江区", "330802").problem
    assert namer().find("柯城", "330802").code == "330802"


def test_a_name_of_another_year_is_noted() -> None:
    assert "临安区" in namer("330000").find("临安市").note
    assert namer("330000").find("淳安县").note == ""


def test_a_code_that_is_none_is_refused_beside_a_name_and_a_number_read_as_one() -> None:
    find = namer().find
    assert "'33080X' is no code; codes have six digits" in find("柯城区", "33080X").problem
    assert "'330802.5' is no code" in find("", "330802.5").problem
    assert find("", "330802.0").code == find("柯城区", "-").code == "330802"
    assert find("", "柯城区").code == "330802"  # names under the head 行政区划
    assert find("合计", "x").aside == "a total"
