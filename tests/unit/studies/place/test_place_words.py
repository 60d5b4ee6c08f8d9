"""Sentences say what the numbers say, in both languages."""

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from shanhai.core.errors import ParameterError
from shanhai.data.load import load_places
from shanhai.data.vintage import Vintage
from shanhai.methods.decomposition.gap import GapPart
from shanhai.studies.place.analysis import Level, PlaceGap, Prefecture, ProfileLine
from shanhai.studies.place.design import profile_indicators
from shanhai.studies.place.words import answer, claims_text, gap_text, position_text, profile_text

NOW = Vintage()
ROWS = pd.DataFrame(
    {
        "code": ["330802", "330822"],
        "on_border": pd.array([True, pd.NA], dtype="boolean"),
        "neighbour_provinces": ["340000;360000", None],
        "is_mountain_26": [True, True],
        "relief_m": [1_000.0, 1_200.0],
    }
)


def subject(rows: pd.DataFrame = ROWS, fills_province: bool = False, vintage: Vintage = NOW) -> Prefecture:
    places = load_places()
    return Prefecture(places.prefecture("330800"), places.province("330000"), rows, fills_province, vintage)


def lines(gdp: float, change: float, vintage: Vintage = NOW) -> tuple[ProfileLine, ...]:
    own = {vintage.column("gdp_per_capita"): gdp, "population_change": change}
    return tuple(
        ProfileLine(indicator, own.get(indicator.column, 1.0), 120_000.0, 80_000.0, ())
        for indicator in profile_indicators(vintage)
    )


def account(gap: float, *parts: GapPart) -> Any:
    return SimpleNamespace(
        gap=gap, n_place=2, parts=parts, aggregate_gap=-0.25, covered_place=100.0, covered_reference=92.4
    )


def test_position_in_two_languages() -> None:
    assert position_text(subject()) == (
        "Quzhou lies in Zhejiang. 1 of its 2 county-level units touches another province (Anhui, Jiangxi). For 1 "
        "it is not known. In its median county the highest cell on a 9-km grid lies 1,100 m above the lowest. "
        "All 2 units are among the 26 mountain counties."
    )
    assert position_text(subject(), "zh") == (
        "衢州市位于浙江，所辖2个县级行政区中有1个与外省（安徽、江西）接壤，1个不详。"
        "按9千米网格计，县域地形起伏度（最高减最低）的中位数为1,100米。所辖2个县级行政区均属山区26县。"
    )
    assert position_text(subject(), "both").count("\n\n") == 1


def test_an_inland_plain_without_terrain_is_described_without_them() -> None:
    rows = ROWS.assign(on_border=False, neighbour_provinces="", relief_m=float("nan"), is_mountain_26=False)
    assert position_text(subject(rows)) == (
        "Quzhou lies in Zhejiang. 0 of its 2 county-level units touch another province."
    )


def test_profile_sentences() -> None:
    assert profile_text(lines(90_000.0, -2.0)) == "Residents fell by 2.0% from 2010 to 2020."
    assert profile_text(lines(90_000.0, 2.0), "zh") == "2010年至2020年常住人口增长2.0%。"


def test_gap_sentences_name_side_and_cover() -> None:
    text = gap_text(subject(), account(-0.5))
    assert "GDP per head lies 39% below Zhejiang (population-weighted mean of logs, -0.500 log points" in text
    assert "by totals 22% below" in text  # exp(-0.5) = 0.607, exp(-0.25) = 0.779
    assert "100% of the residents of all counties of the prefecture, those of the reference 92%" in text
    assert "高65%" in gap_text(subject(), account(0.5), "zh")  # exp(0.5) = 1.649
    assert "pre-specified for" not in text
    assert gap_text(subject(vintage=Vintage(2023)), account(0.5)).endswith("are not the pre-specified ones.")


def test_the_answer_of_a_prefecture_names_other_parts_and_the_country_where_it_fills_its_province() -> None:
    rest, joint = GapPart("remainder", -0.3, 0.05, -0.4, -0.2), GapPart("border and terrain", -0.1, 0.05, -0.2, 0.0)
    district, no_province = GapPart("district status", -0.1, 0.01, -0.12, -0.08), GapPart("fixed effects", 0, 0, 0, 0)
    gap = PlaceGap(account(-0.5, district, no_province, rest), joint)
    level = Level(90_000.0, 120_000.0, 80_000.0)
    said = answer(subject(), level, gap, 1)
    assert "account for -0.100 [-0.200, 0.000] of these log points, district status for -0.100, and -0.300 [" in said
    assert "75% of that of Zhejiang and 113% of that of China" in said and "the GDP of 1 of them is flagged" in said
    alone = answer(subject(fills_province=True), level, gap, 0)
    assert (
        "yuan, 113% of that of China (by totals: all GDP over all residents of the nearest census). " in alone
        and "the GDP of none of them is flagged" in alone
    )
    assert "相当于浙江的75%、全国的113%" in answer(subject(), level, gap, 1, "zh")
    assert "市辖区为-0.100，未解释部分为-0.300" in answer(subject(), level, gap, 1, "zh")


def test_claims_are_counted_by_verdict_or_said_to_be_absent() -> None:
    findings: Any = [SimpleNamespace(verdict="consistent")] * 2 + [SimpleNamespace(verdict="no data")]
    assert claims_text(subject(), findings) == "3 claims name Quzhou or its counties: 2 consistent, 1 no data."
    assert claims_text(subject(), []) == "None of the five documents makes a claim about Quzhou or its counties."
    assert claims_text(subject(), findings, "zh") == "有3条论断涉及衢州市及其县（市、区）：基本相符2条、缺乏数据1条。"


def test_unknown_language_is_refused() -> None:
    with pytest.raises(ParameterError, match="allowed are en, zh, both"):
        claims_text(subject(), [], "fr")
