"""A cell of a yearbook is a number, nothing, or refused with the rule that it breaks."""

import datetime
import math

import pytest

from shanhai.intake.cells import NoNumberError, number, plain, unit_of_head, units_in, without_unit


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1234.5", 1234.5),
        ("１２３４．５", 1234.5),
        ("1,234,567.8", 1234567.8),
        ("１，２３４", 1234.0),
        ("1 234 567", 1234567.0),
        ("1234①", 1234.0),
        ("1234*", 1234.0),
        ("1234[1]", 1234.0),
        ("12¹", 12.0),
        ("－5.2", -5.2),
        ("−5.2", -5.2),
        (" 7 ", 7.0),
        (7, 7.0),
        (7.5, 7.5),
    ],
)
def test_numbers_in_every_writing_of_a_yearbook(written: object, meant: float) -> None:
    assert number(written) == meant


@pytest.mark.parametrize("written", [None, "", "　", "-", "—", "——", "…", "……", "...", "/"])
def test_dashes_are_no_figure(written: object) -> None:
    assert number(written) is None


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("▲5.2", "a minus"),
        ("△ 1234", "a minus"),
        ("27[55]55836", "inside of a number"),
        ("①1234", "inside of a number"),
        ("[55]", "inside of a number"),
        ("=1+1", "formula"),
        ("=cmd|' /C calc'!A0", "formula"),
        ("12,34", "no number"),
        ("1.234,5", "no number"),
        ("(123)", "no number"),
        ("215.3亿元", "no number"),
        ("nan", "no number"),
        ("inf", "no number"),
        ("1e999", "no number"),
        ("#DIV/0!", "no number"),
        ("0x10", "no number"),
        ("１２３４a", "no number"),
        (math.nan, "finite"),
        (math.inf, "finite"),
        (True, "true or false"),
        (datetime.date(2021, 1, 2), "date"),
        (datetime.datetime(2021, 1, 2), "date"),
        (datetime.time(3, 4), "date"),
    ],
)
def test_whatever_else_is_refused_with_its_rule(written: object, rule: str) -> None:
    with pytest.raises(NoNumberError, match=rule):
        number(written)


@pytest.mark.parametrize(
    ("head", "factor", "per_head"),
    [
        ("地区生产总值（亿元）", 1e8, False),
        ("生产总值(万元)", 1e4, False),
        ("GDP [100 million yuan]", 1e8, False),
        ("GDP（单位：亿元）", 1e8, False),
        ("人均生产总值（元/人）", 1, True),
        ("人均GDP（元）", 1, False),
        ("GDP_万元", 1e4, False),
    ],
)
def test_a_head_names_its_unit(head: str, factor: float, per_head: bool) -> None:
    unit = unit_of_head(head)
    assert unit is not None and (unit.dimension, unit.factor, unit.per_head) == ("money", factor, per_head)


def test_money_that_is_no_yuan_is_known_as_such() -> None:
    assert [unit.dimension for unit in units_in("亿美元、万元、%")] == ["unknown", "money", "share"]
    assert unit_of_head("地区生产总值（万美元）").dimension == "unknown"  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["亿元、元）", "亿元）、元)", "亿元、元】"])
def test_units_at_the_end_of_a_title_in_brackets_are_read(text: str) -> None:
    assert [unit.text for unit in units_in(text)] == ["亿元", "元"]


def test_heads_and_names_lose_marks_blanks_and_brackets() -> None:
    assert without_unit("地区 生产\n总值①（万元）") == "地区生产总值"
    assert plain("淳　安　县①") == "淳 安 县"
