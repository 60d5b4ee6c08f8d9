"""Tables and charts of the city report: values printed as they are, missing ones said, empty claims allowed."""

from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from shanhai.claims.engine import Finding
from shanhai.data.load import load_places
from shanhai.methods.decomposition.gap import GapAccount, GapPart
from shanhai.render.table_files import to_text
from shanhai.studies.border.design import main_spec
from shanhai.studies.place.city import PROFILE, City, ProfileLine
from shanhai.studies.place.city_tables import (
    claims_table,
    counties_table,
    gap_chart,
    gap_table,
    profile_chart,
    profile_table,
)


@pytest.fixture
def subject() -> City:
    places = load_places()
    return City(places.prefecture("330800"), places.province("330000"), pd.DataFrame(), fills_province=False)


@pytest.fixture
def account() -> GapAccount:
    parts = (
        GapPart("border", -0.1, 0.01, -0.12, -0.08),
        GapPart("fixed effects", 1e-15, 0.0, 0.0, 0.0),
        GapPart("remainder", -0.3, 0.02, -0.34, -0.26),
    )
    return GapAccount(main_spec(), -0.4, parts, -0.5, 2, 10, 100.0, 90.0, 2550, 340.0, 341)


def lines(**own: float) -> tuple[ProfileLine, ...]:
    return tuple(ProfileLine(one, own.get(one.column, 2.0), 3.0, 4.0, (2.0, 3.0)) for one in PROFILE)


def test_profile_table_prints_decimals_by_indicator_and_says_what_is_missing(subject: City) -> None:
    cells = profile_table(subject, lines(gdp_per_capita_2021=82_401.51, urban_share_2020=float("nan"))).cells()
    assert cells[0] == ["GDP per head, 2021", "yuan", "82,402", "3", "4"]
    assert cells[1][2] == "–"


def test_profile_heads_follow_the_language(subject: City) -> None:
    assert profile_table(subject, lines(), "zh").heads() == ["指标", "单位", "衢州", "浙江", "全国"]
    assert profile_table(subject, lines(), "both").heads()[2] == "衢州 Quzhou"


def test_charts_are_drawn_with_missing_values_too(subject: City, account: GapAccount) -> None:
    assert isinstance(profile_chart(subject, lines(urban_share_2020=float("nan"))), Figure)
    labels = [text.get_text() for text in gap_chart(account).axes[0].get_yticklabels()]
    assert "the border" in labels
    assert "differences between provinces" not in labels


def test_gap_table_adds_up_and_leaves_zero_parts_out(subject: City, account: GapAccount) -> None:
    table = gap_table(subject, account)
    assert [(row.term, row.se, row.df, row.n) for row in table.estimates] == [
        ("border", 0.01, 340.0, 2550), ("remainder", 0.02, 340.0, 2550),
    ]  # fmt: skip
    assert table.estimates[0].model == "gap 330800 against 330000, border x terrain"
    cells = table.cells()
    assert [row[0] for row in cells] == ["the border", "what the model does not explain", "gap"]
    assert [row[1] for row in cells] == ["-0.100", "-0.300", "-0.400"]
    assert [row[3] for row in cells] == ["25", "75", "100"]


def test_counties_without_figures_are_shown_with_a_dash() -> None:
    row: dict[str, Any] = {"code": "330802", "name_en": "Kecheng", "name_zh": "柯城区", "type": "leapfrog"}
    row |= {"on_border": pd.NA, "relief_m": 280.0, "gdp_per_capita_2021": float("nan"), "population_2020": 528_847.0}
    row |= {"urban_share_2020": 76.7, "share_60_plus_2020": 20.6}
    frame = pd.DataFrame([row]).astype({"on_border": "boolean"})
    assert counties_table(frame, "zh").cells()[0] == [
        "330802", "Kecheng", "柯城区", "跨越发展类", "–", "280", "–", "528,847", "76.7", "20.6",
    ]  # fmt: skip


def test_claims_table_with_and_without_claims() -> None:
    finding = Finding("Q13", "s", "Quzhou", "ageing", "25.44 %", 25.44, "%", "reproduced", "basis", "census_2020", "")
    assert claims_table([finding]).cells() == [["Q13", "ageing", "25.44 %", "25.44", "reproduced"]]
    assert claims_table([finding], "zh").cells()[0][-1] == "可复现"
    assert "claim" in to_text(claims_table([]))
