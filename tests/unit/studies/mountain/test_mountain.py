"""The 26 in table and sentences: each number is one that can be counted by hand."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import ParameterError, ReportError
from shanhai.data.frames.panel import build_county_frame
from shanhai.data.map_base import load_map_base
from shanhai.data.vintage import Vintage, vintage_of
from shanhai.render.maps import draw_map
from shanhai.render.maps.topics import topic
from shanhai.studies.mountain import tables, words
from shanhai.studies.mountain.analysis import add_lights, contrasts

KINDS = ["leapfrog", "ecological-key", "other", "other"]


@pytest.fixture
def frame() -> pd.DataFrame:
    """Four counties: two of the 26 with 3 of 10 units of land and 1 of 5 of people; the last has no polygon."""
    return pd.DataFrame(
        {
            "code": ["330802", "330329", "330102", "330383"],
            "name_en": ["Kecheng", "Taishun", "Shangcheng", "Longgang"],
            "name_zh": ["柯城区", "泰顺县", "上城区", "龙港市"],
            "is_mountain_26": [True, True, False, False],
            "mountain_kind": KINDS,
            "on_border": pd.array([False, True, False, None], dtype="boolean"),
            "area_km2": [100.0, 200.0, 700.0, np.nan],
            "population_2020": [1000.0, 1000.0, 6000.0, 2000.0],
            "relief_m": [280.0, 476.0, 28.0, np.nan],
            "distance_to_border_km": [47.0, 17.0, 66.0, np.nan],
            "gdp_per_capita_2021": [112_611.4, 49_782.0, np.nan, 90_000.0],
            "urban_share_2020": [76.7, 44.84, 100.0, 90.0],
            "share_60_plus_2020": [20.6, 22.4, 24.3, 15.0],
            "lights_2001": [1.0, 1.0, 1.0, 1.0],
            "lights_2013": [100.0, 0.0, 100.0, 50.0],
            "lights_2021": [200.0, 50.0, 100.0, 100.0],
        }
    )


def test_shares_are_of_the_whole_province(frame: pd.DataFrame) -> None:
    assert words.share_text(frame, 10_000.0, Vintage(), "en").splitlines() == [
        "2 of 4 county-level units: 1 for leapfrog and 1 for ecological development, 1 of them with key assistance.",
        # 300 km² less 184 are 0.11 % of 105,505.77
        "They hold 30.0% of the province's land as the polygons are drawn (0.11% on the basis of claim M02: without "
        "the 184 km² of Longgang, of the 105,506 km² of the land survey of 2009) and 20.0% of its residents (2020; of "
        "the registered population: claim M03).",
        "Land of Longgang is counted where the polygons of 2017 have it, so that its border is unknown.",
    ]
    assert "全省4个县级行政区中的2个" in words.share_text(frame, 10_000.0, Vintage(), "zh")


def test_the_table_is_ordered_by_type_and_keeps_full_precision(frame: pd.DataFrame) -> None:
    table = tables.mountain_table(frame, Vintage(), "both")
    assert table.frame["county"].tolist() == ["柯城区 Kecheng", "泰顺县 Taishun"]
    assert table.frame["kind"].tolist()[1].endswith("ecological, key assistance")
    assert table.frame["gdp_per_capita_2021"].tolist() == [112_611.4, 49_782.0]
    assert table.cells()[0][-3:] == ["112,611", "76.7", "20.6"]
    assert table.cells()[1][3] == "是 yes"


def test_contrasts_name_the_ends_and_count_the_data(frame: pd.DataFrame) -> None:
    wealth = topic("gdp_per_capita_2021")
    row = tables.contrast_table(contrasts(frame, [wealth]), Vintage(), "zh").cells()[0]
    assert row[1:] == ["81,197", "90,000", "泰顺县 49,782", "柯城区 112,611", "2 / 1"]


def test_the_answer_gives_medians_ends_and_borders(frame: pd.DataFrame) -> None:
    columns = ("gdp_per_capita_2021", "ruggedness", "distance_to_border_km", "share_60_plus_2020", "urban_share_2020")
    rugged = frame.assign(ruggedness=[300.0, 500.0, 50.0, np.nan])
    text = words.answer(rugged, contrasts(rugged, [topic(column) for column in columns]), Vintage())
    assert text.startswith(
        "In 2021 the median GDP per head was 81,197 yuan in the 26 mountain counties of Zhejiang and 90,000 yuan in "
        "the province's 1 other counties with data; within the 26 it ranged from 49,782 (Taishun) to 112,611 (Kecheng)"
        ". Other medians, of the 26 and of the rest, are 400 m and 50 m of ruggedness, 32 km and 66 km to the nearest"
    )
    # of the two others the border of one is unknown
    assert "; 1 of 2 mountain counties and 0 of 1 others touch another province." in text


def test_heads_and_notes_follow_the_year(frame: pd.DataFrame) -> None:
    later = Vintage(2023, 2020, 2022)
    table = tables.mountain_table(frame.assign(gdp_per_capita_2023=1.0), later, "zh")
    assert "2023年人均GDP（元）" in table.heads()
    assert table.notes[0].startswith("人均GDP：2023年GDP除以2020年普查常住人口。")
    assert "（2020年；户籍" in words.share_text(frame, 10_000.0, later, "zh")


def test_a_topic_without_data_is_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(ReportError, match="no value"):
        contrasts(frame.assign(relief_m=np.nan), [topic("relief_m")])
    unknown = frame.assign(distance_to_border_km=np.nan)
    with pytest.raises(ReportError, match="may not show the neighbouring provinces"):
        contrasts(unknown, [topic("distance_to_border_km")])
    with pytest.raises(ParameterError, match="en, zh, both"):
        words.share_text(frame, 10_000.0, Vintage(), "de")


def test_lights_are_per_area_and_growth_is_a_yearly_rate(frame: pd.DataFrame) -> None:
    lit = add_lights(frame, 2021, 2013)
    assert lit["lights_per_km2_2021"].tolist()[:3] == [2.0, 0.25, pytest.approx(1 / 7)]
    assert np.isnan(lit["lights_per_km2_2021"].iloc[3])
    assert lit["light_growth_2013_2021"].iloc[0] == pytest.approx(100 * np.log(2) / 8)
    assert np.isnan(lit["light_growth_2013_2021"].iloc[1])  # dark in 2013: no rate
    assert lit["light_growth_2013_2021"].iloc[2] == 0


@pytest.mark.parametrize(
    ("year", "base", "said"),
    [(2020, 2013, "no lights of 2020"), (2013, 2021, "is none"), (2021, 2001, "two sensors")],
)
def test_years_that_cannot_be_compared_are_refused(frame: pd.DataFrame, year: int, base: int, said: str) -> None:
    with pytest.raises(ReportError, match=said):
        add_lights(frame, year, base)


def test_the_map_shows_the_year_that_a_users_table_holds(later_year: int) -> None:
    counties = build_county_frame()
    zhejiang = counties[counties["province_code"].eq("330000")]
    wealth = topic(vintage_of().column("gdp_per_capita"))
    drawn = draw_map(load_map_base(), zhejiang, wealth).axes[1].get_legend().get_title().get_text()
    assert f"GDP per head, {later_year}" in drawn
    cells = tables.contrast_table(contrasts(zhejiang, [wealth]), vintage_of(), "zh").cells()[0]
    median = zhejiang.loc[zhejiang["is_mountain_26"], "gdp_per_capita_2023"].median()
    assert cells[0] == "2023年人均地区生产总值（元）" and cells[1] == f"{median:,.0f}"
