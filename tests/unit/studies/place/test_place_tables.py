"""Tables and charts of the city report: values printed as they are, missing ones said, empty claims allowed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

from shanhai.claims.findings import Finding
from shanhai.core.errors import ReportError
from shanhai.data.load import load_places
from shanhai.data.vintage import Vintage
from shanhai.methods.decomposition.gap import GapAccount, GapPart
from shanhai.render._table_files import to_text
from shanhai.studies.border.design import main_spec
from shanhai.studies.place.analysis import PlaceGap, Prefecture, ProfileLine
from shanhai.studies.place.charts import gap_chart, profile_chart
from shanhai.studies.place.design import Indicator, profile_indicators
from shanhai.studies.place.tables import claims_table, counties_table, gap_table

NOW = Vintage()
HERE = ("Quzhou", "衢州市")


@pytest.fixture
def subject() -> Prefecture:
    places = load_places()
    return Prefecture(places.prefecture("330800"), places.province("330000"), pd.DataFrame(), False, NOW)


@pytest.fixture
def account() -> GapAccount:
    parts = (
        GapPart("border", -0.1, 0.01, -0.12, -0.08),
        GapPart("fixed effects", 1e-15, 0.0, 0.0, 0.0),
        GapPart("remainder", -0.3, 0.02, -0.34, -0.26),
    )
    return GapAccount(main_spec(), -0.4, parts, -0.5, 2, 10, 100.0, 90.0, 2550, 340.0, 341)


def lines(**own: float) -> tuple[ProfileLine, ...]:
    return tuple(
        ProfileLine(indicator, own.get(indicator.column, 2.0), 3.0, 4.0, (2.0, 3.0), ("330100", "330800"))
        for indicator in profile_indicators(NOW)
    )


def test_charts_are_drawn_with_missing_values_too(subject: Prefecture, account: GapAccount) -> None:
    strips = [axes for axes in profile_chart(subject, lines(urban_share_2020=float("nan"))).axes if axes.lines]
    strips = [axes for axes in strips if axes.lines[0].get_marker() == "|"]
    marks = [[float(line.get_xdata()[0]) for line in axes.lines[1:]] for axes in strips]
    place_province_country = sorted([2.0, 3.0, 4.0])
    assert [sorted(each) for each in marks] == [
        place_province_country if number != 1 else [3.0, 4.0] for number in range(len(profile_indicators(NOW)))
    ]
    assert [any(text.get_text() == "place: no data" for text in axes.texts) for axes in strips].index(True) == 1
    labels = [text.get_text() for text in gap_chart(account).axes[0].get_yticklabels()]
    assert "the border" in labels
    assert "differences between provinces" not in labels


def strip(subject: Prefecture, *values: float, others: Mapping[str, float] = MappingProxyType({})) -> Any:
    """Axes of the chart of one indicator."""
    line = ProfileLine(Indicator("gdp_per_capita_2021", 0), *values, tuple(others.values()), tuple(others))
    return profile_chart(subject, [line]).axes[0]


def test_a_profile_prints_its_values_apart_and_says_what_is_missing(subject: Prefecture) -> None:
    axes = strip(subject, 82_000, 81_900, 81_950)
    printed = sorted((text.get_position()[0], text.get_text()) for text in axes.texts)
    assert printed == [(81_900, "81,900"), (81_950, "81,950"), (82_000, "82,000")]  # there is room: each under its mark
    ends = {"330100": 50_000.0, "331100": 130_000.0}
    near = sorted(strip(subject, 72_000, 72_000, 113_000, others=ends).texts, key=lambda text: text.get_position()[0])
    first, second, last = (text.get_window_extent() for text in near)
    assert 0 < second.x0 - first.x1 < 0.2 * first.width
    centres = [text.get_position()[0] for text in near]
    assert centres[0] - 72_000 == pytest.approx(72_000 - centres[1]) and centres[2] == 113_000
    assert last.x0 > second.x1
    unknown = float("nan")
    assert "place: no data" in [text.get_text() for text in strip(subject, unknown, 81_900, 81_950).texts]
    with pytest.raises(ReportError, match="no value"):
        strip(subject, unknown, unknown, unknown)


def test_gap_table_adds_up_and_leaves_zero_parts_out(subject: Prefecture, account: GapAccount) -> None:
    joint = GapPart("border and terrain", -0.1, 0.01, -0.12, -0.08)
    table = gap_table(subject, PlaceGap(account, joint))
    assert [(row.term, row.se, row.df, row.n) for row in table.estimates] == [
        ("border", 0.01, 340.0, 2550), ("remainder", 0.02, 340.0, 2550),
    ]  # fmt: skip
    assert table.estimates[0].model == "gap 330800 against 330000, border x terrain"
    cells = table.cells()
    assert [row[0] for row in cells] == ["the border", "unexplained part", "gap"]
    assert [row[1] for row in cells] == ["-0.100", "-0.300", "-0.400"]
    assert [row[3] for row in cells] == ["25", "75", "100"]


def test_counties_without_figures_are_shown_with_a_dash(subject: Prefecture) -> None:
    row: dict[str, Any] = {"code": "330802", "name_en": "Kecheng", "name_zh": "柯城区", "type": "leapfrog"}
    row |= {"on_border": pd.NA, "relief_m": 280.0, "gdp_per_capita_2021": float("nan"), "population_2020": 528_847.0}
    row |= {"urban_share_2020": 76.7, "share_60_plus_2020": 20.6}
    frame = pd.DataFrame([row]).astype({"on_border": "boolean"})
    assert counties_table(subject, frame, "zh").cells()[0] == [
        "330802", "柯城区", "跨越发展类", "–", "280", "–", "528,847", "76.7", "20.6",
    ]  # fmt: skip


def test_claims_table_with_and_without_claims() -> None:
    empty = dict.fromkeys(Finding.__dataclass_fields__, "") | {"others": (), "p": None, "p_holm": None, "p_bh": None}
    told = {"id": "Q13a", "indicator": "ageing", "claimed": "25.44 %", "verdict": "reproduced"}
    told |= {"part_of": "Q13", "whole": "Much older than Zhejiang", "whole_zh": "老龄化程度严重"}
    told |= {"indicator_zh": "老龄化", "claimed_zh": "25.44%", "computed": {"Quzhou": 25.44, "touches Fujian": True}}
    finding = Finding(**{**empty, **told, "bases": 2, "agreeing": 1})  # type: ignore[arg-type]
    part = ["Q13a", "ageing", "25.44%", "Quzhou 25.44; touches Fujian: yes", "reproduced", "1/2"]
    assert claims_table([finding], HERE).cells() == [["Q13", "", "Much older than Zhejiang", "", "", ""], part]
    assert claims_table([finding], HERE, "zh").cells() == [
        ["Q13", "", "老龄化程度严重", "", "", ""],
        ["Q13a", "老龄化", "25.44%", "衢州市：25.44；与福建省相邻：是", "得到复现", "1/2"],
    ]
    assert "claim" in to_text(claims_table([], HERE))
