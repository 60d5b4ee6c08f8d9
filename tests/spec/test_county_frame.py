"""The county frame of the project's own tables and boundaries: what anyone may rely on."""

import numpy as np
import pandas as pd
import pytest

from shanhai.data import build_county_frame, county_geometry, frame_fields, load_table
from shanhai.data.frames.panel import COLUMNS
from shanhai.data.years import LIGHT_YEARS


@pytest.fixture(scope="module")
def frame():
    return build_county_frame().set_index("code", drop=False)


def has(frame, flag):
    return frame["flags"].str.split(";").map(lambda flags: flag in flags)


def test_one_row_a_county_of_2020(frame):
    counties = load_table("counties")
    assert frame["code"].tolist() == sorted(counties["code"])
    assert tuple(frame.columns) == COLUMNS
    assert frame["province_code"].nunique() == 31


def test_every_column_is_described_and_within_its_range(frame):
    described = frame_fields()
    assert tuple(field.column for field in described) == COLUMNS
    assert all(field.unit for field in described if field.type == "number")
    assert frame.dtypes.astype("str").to_dict() == {field.column: field.dtype for field in described}


def test_counties_and_zones_are_the_population_of_the_country(frame):
    census = load_table("census_2020")
    zones = census.loc[census["level"].eq("zone"), "population"].sum()
    assert frame["population_2020"].sum() + zones == 1_409_778_724


def test_the_26_are_all_of_quzhou_and_lishui_and_eleven_more(frame):
    mountain = frame.loc[frame["is_mountain_26"]]
    assert mountain["type"].value_counts().to_dict() == {"leapfrog": 15, "ecological": 11}
    assert mountain["prefecture"].value_counts().loc[["Lishui", "Quzhou"]].tolist() == [9, 6]
    assert set(frame.loc[frame["prefecture"].isin(["Quzhou", "Lishui"]), "code"]) <= set(mountain["code"])
    assert "330383" not in mountain["code"]  # Longgang left Cangnan in 2019 and is on no list
    assert (frame.loc[~frame["is_mountain_26"], "type"] == "").all()


def test_shares_are_percent_and_money_is_yuan(frame):
    shares = frame[["urban_share_2020", "share_60_plus_2020", "illiteracy_2020"]]
    assert shares.notna().all(axis=None)
    assert shares.to_numpy().min() >= 0
    assert shares.to_numpy().max() <= 100
    assert shares["urban_share_2020"].median() > 30
    assert frame["gdp_per_capita_2021"].median() == pytest.approx(50_000, rel=0.2)
    assert np.allclose(frame["gdp_per_capita_2021"], frame["gdp_2021"] / frame["population_2020"], equal_nan=True)


def test_missing_gdp_is_explained(frame):
    assert frame["gdp_2021"].notna().mean() > 0.9
    redrawn = frame.loc[has(frame, "gdp_2021_redrawn")]
    assert redrawn["gdp_2021"].isna().all()
    assert frame.loc[frame["province"].eq("Zhejiang") & frame["gdp_2021"].isna(), "code"].tolist() == [
        *("330102", "330103", "330104", "330105", "330109")
    ]


def test_flags_name_the_corrected_rows(frame):
    assert has(frame, "gdp_2021_unit_corrected").sum() == 181
    corrected = frame.loc[has(frame, "gdp_2021_unit_corrected")]
    assert set(corrected["province"]) == {"Guangdong", "Anhui"}
    assert corrected["gdp_per_capita_2021"].between(15_000, 450_000).all()


def test_quzhou_touches_three_provinces(frame):
    quzhou = frame.loc[frame["prefecture"].eq("Quzhou")]
    neighbours = {code for codes in quzhou["neighbour_provinces"] for code in codes.split(";") if code}
    assert neighbours == {"340000", "350000", "360000"}
    assert quzhou["on_border"].sum() == 3  # Kaihua, Changshan, Jiangshan


def test_border_measures_agree_with_each_other(frame):
    measured = frame.loc[frame["on_border"].notna() & frame["gap_to_border_km"].notna()]
    # Three counties meet another province along less than 1 km, two in a point: 0 km from it, and not on it.
    assert measured.loc[measured["on_border"], "gap_to_border_km"].eq(0).all()
    assert (measured["gap_to_border_km"].eq(0) & ~measured["on_border"]).sum() == 5
    assert (measured["distance_to_border_km"] > measured["gap_to_border_km"]).all()
    assert (measured["neighbour_provinces"].ne("") == measured["on_border"]).all()


def test_counties_without_polygon_are_few_and_flagged(frame):
    blank = frame.loc[has(frame, "no_polygon")]
    assert len(blank) <= 8
    assert blank[["on_border", "area_km2", "relief_m"]].isna().all(axis=None)
    assert frame.loc[~has(frame, "no_polygon"), "area_km2"].notna().all()


def test_areas_are_those_of_the_yearbooks(frame):
    # Zhejiang has 105,500 km2 of land; Chun'an, its largest county, 4,427.
    zhejiang = frame.loc[frame["province"].eq("Zhejiang"), "area_km2"]
    assert zhejiang.sum() == pytest.approx(105_500, rel=0.03)
    assert zhejiang.idxmax() == "330127"
    assert zhejiang.max() == pytest.approx(4_427, rel=0.02)
    terrain = load_table("county_terrain").set_index("code")["area_km2"]
    assert (frame["area_km2"] / terrain).dropna().between(0.999, 1.001).all()  # two routes to one area


def test_lights_by_year_are_complete_but_for_the_redrawn(frame):
    lights = frame[[f"lights_{year}" for year in LIGHT_YEARS]]
    complete = lights.notna().all(axis=1)
    assert (lights.isna().all(axis=1) == ~complete).all()
    assert (~complete).sum() < 20


def test_frame_is_a_copy_and_the_same_each_time(frame):
    first = build_county_frame()
    first.loc[0, "gdp_2021"] = -1.0
    pd.testing.assert_frame_equal(build_county_frame().set_index("code", drop=False), frame)


def test_geometry_goes_with_the_frame(frame):
    geometry = county_geometry()
    assert geometry.crs.to_epsg() == 4326
    assert set(geometry["code"]) <= set(frame["code"])
    assert geometry["code"].is_monotonic_increasing
