"""The county frame and its aggregates on six counties drawn by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from shanhai.core.places import NATION
from shanhai.data import years
from shanhai.data.flags import _gdp as flags_gdp
from shanhai.data.frames import aggregates, panel

AGES = panel.ELDERLY
NO_CORRECTIONS = pd.DataFrame(columns=["rule", "table", "key", "column", "before", "after"], dtype="str")


def census_row(row, level, code, population, urban, elderly, *, is_county=False, illiterate=10, hukou=None):
    """A census row whose elderly are spread evenly over the six groups of 60 and over."""
    figures = dict.fromkeys(AGES, elderly / len(AGES))
    figures |= {"urban_population": urban, "rural_population": population - urban, "mean_years_schooling": 9.0}
    figures |= {"illiterate_share_15plus_pct": 5.0, "illiterate_15plus": illiterate, "minority_share_pct": 1.0}
    figures |= {"hukou_population": hukou if hukou is not None else population, "prefecture_code": f"{code}"[:4] + "00"}
    return {"row": row, "level": level, "code": code, "is_county": is_county, "population": population, **figures}


@pytest.fixture
def tables():
    """Prefecture 330100 (a, split in 2021), 330200 (b and c, merged in 2021), 350100 (d, e as published)."""
    counties = pd.DataFrame(
        [
            ("330101", "甲区", "A", "district", "330100", "330000"),
            ("330121", "乙县", "B", "county", "330200", "330000"),
            ("330122", "丙县", "C", "county", "330200", "330000"),
            ("350101", "丁县", "D", "county", "350100", "350000"),
            ("350102", "戊县", "E", "county", "350100", "350000"),
        ],
        columns=["code", "name_zh", "name_en", "kind", "prefecture_code", "province_code"],
    )
    prefectures = pd.DataFrame(
        [
            ("330100", "子市", "Zi City", "子", "Zi", "city", "330000"),
            ("330200", "丑市", "Chou City", "丑", "Chou", "city", "330000"),
            ("350100", "寅市", "Yin City", "寅", "Yin", "city", "350000"),
        ],
        columns=["code", "name_zh", "name_en", "name_short_zh", "name_short_en", "kind", "province_code"],
    )
    provinces = pd.DataFrame(
        [
            ("330000", "浙江省", "Zhejiang Province", "浙江", "Zhejiang"),
            ("350000", "福建省", "Fujian Province", "福建", "Fujian"),
        ],
        columns=["code", "name_zh", "name_en", "name_short_zh", "name_short_en"],
    )
    links = [
        ("330101", "330101", "merged"),
        ("330103", "330101", "merged"),
        ("330121", "330121", "split"),
        ("330121", "330122", "split"),
        ("350101", "350101", "same"),
        ("350102", "350102", "same"),
    ]
    of_2010 = [(vintage, code, code, "same") for code in counties["code"] for vintage in (2010, 2017)]
    crosswalk = pd.DataFrame(
        [(2021, *link) for link in links] + of_2010,
        columns=["vintage", "code", "code_2020", "relation"],
    )
    rows = [
        census_row(1, "nation", np.nan, 6100, 3050, 610),
        census_row(2, "province", "330000", 4000, 2000, 400),
        census_row(3, "province", "350000", 2100, 1050, 210),
        census_row(4, "prefecture", "330100", 1000, 500, 100),
        census_row(5, "prefecture", "330200", 3000, 1500, 300),
        census_row(6, "prefecture", "350100", 2100, 1050, 210),
        census_row(7, "county", "330101", 1000, 500, 180, is_county=True),
        census_row(8, "county", "330121", 2000, 1000, 200, is_county=True),
        census_row(9, "county", "330122", 1000, 500, 100, is_county=True),
        census_row(10, "county", "350101", 1000, 500, 100, is_county=True),
        census_row(11, "county", "350102", 1000, 550, 100, is_county=True),
        census_row(12, "zone", "350171", 100, 100, 10),
    ]
    census = pd.DataFrame(rows)
    gdp = pd.DataFrame(
        [
            ("330101", 2021, 3000.0, 30.0, 5.0),
            ("330103", 2021, 2000.0, np.nan, 5.0),
            ("330121", 2021, 9000.0, 90.0, 3.0),
            ("350101", 2021, 4400.0, 0.0, 4.0),
            ("350102", 2021, np.nan, np.nan, np.nan),
            ("350101", 2011, 2000.0, 20.0, 4.0),
        ],
        columns=["code", "year", "gdp_10k_yuan", "primary_gdp_10k_yuan", "gdp_per_capita_10k_yuan"],
    )
    lights = pd.DataFrame(
        [(code, year, float(year - 2000)) for code in gdp["code"].unique() for year in years.LIGHT_YEARS],
        columns=["code", "year", "light_sum"],
    )
    lights = pd.concat([lights, pd.DataFrame([("710000", 2021, 99.0)], columns=lights.columns)], ignore_index=True)
    terrain = pd.DataFrame({"code": ["330101"], "relief_m": [10.0], "terrain_flags": ["few_cells"]})
    terrain = terrain.reindex(columns=["code", *panel.TERRAIN, "terrain_flags"])
    economy = pd.DataFrame([("330200", 2021, 0.9), ("350100", 2021, 0.85)], columns=["code", "year", "gdp_100m_yuan"])
    return {
        "counties": counties,
        "prefectures": prefectures,
        "provinces": provinces,
        "crosswalk": crosswalk,
        "zones": pd.DataFrame([("350171", "350101", 12)], columns=["zone_id", "host_code", "row_2020"]),
        "census_2020": census,
        "census_2010": census.assign(population=census["population"] / 2),
        "county_gdp": gdp,
        "county_lights": lights,
        "county_terrain": terrain,
        "prefecture_economy": economy,
        "mountain_counties": pd.DataFrame({"code": ["330121"], "type": ["ecological"]}),
    }


@pytest.fixture
def geography():
    """Areas and borders of all counties but 350102, which has no polygon."""
    rows = [
        ("330101", 10.0, True, 0.0, 12.5, "350000"),
        ("330121", 20.0, False, 40.0, 55.0, ""),
        ("330122", 20.0, False, 60.0, 75.0, ""),
        ("350101", 30.0, True, 0.0, 15.0, "330000"),
    ]
    return pd.DataFrame(rows, columns=["code", "area_km2", *panel.BORDERS]).assign(border_flags="")


@pytest.fixture
def frame(tables, geography):
    return panel._assemble(tables, geography, NO_CORRECTIONS).set_index("code")


def test_columns_are_those_of_the_contract_in_order(tables, geography):
    frame = panel._assemble(tables, geography, NO_CORRECTIONS)
    assert tuple(frame.columns) == panel.COLUMNS
    assert frame["code"].tolist() == ["330101", "330121", "330122", "350101", "350102"]


def test_names_and_memberships(frame):
    row = frame.loc["330121"]
    assert (row["province"], row["province_zh"], row["prefecture"], row["prefecture_zh"]) == (
        "Zhejiang",
        "浙江省",
        "Chou",
        "丑市",
    )
    assert (row["is_mountain_26"], row["type"], row["is_district"]) == (True, "ecological", False)
    assert (frame.loc["330101", "is_mountain_26"], frame.loc["330101", "type"], frame.loc["330101", "is_district"]) == (
        False,
        "",
        True,
    )


def test_split_county_has_the_gdp_of_its_parts(frame):
    # (3,000 + 2,000) x 10,000 yuan over the 1,000 residents of the county as it was in 2020.
    assert frame.loc["330101", "gdp_2021"] == 50_000_000
    assert frame.loc["330101", "gdp_per_capita_2021"] == 50_000
    assert frame.loc["330101", "lights_2021"] == 21 + 21
    assert np.isnan(frame.loc["330101", "primary_gdp_2021"])  # one part publishes none


def test_prefecture_without_counties_takes_its_own_gdp(tables, geography):
    tables["counties"].loc[tables["counties"]["code"].eq("350102"), ["code", "kind"]] = [
        "350200",
        "prefecture_as_county",
    ]
    for name in ("crosswalk", "census_2020", "census_2010", "county_gdp"):
        tables[name] = tables[name].replace("350102", "350200")
    tables["prefecture_economy"].loc[1, "code"] = "350200"
    frame = panel._assemble(tables, geography, NO_CORRECTIONS).set_index("code")
    assert frame.loc["350200", "gdp_2021"] == 0.85e8
    assert frame.loc["350200", "flags"] == "gdp_2021_from_prefecture;no_polygon"


def test_merged_counties_are_missing_and_flagged(frame):
    assert frame.loc[["330121", "330122"], ["gdp_2021", "gdp_per_capita_2021", "lights_2021"]].isna().all(axis=None)
    assert all("gdp_2021_redrawn" in flags for flags in frame.loc[["330121", "330122"], "flags"])


def test_shares_are_percent_of_residents(frame):
    row = frame.loc["330101"]
    assert row["urban_share_2020"] == 50
    assert row["share_60_plus_2020"] == pytest.approx(18)
    assert row["illiteracy_2020"] == 5
    assert row["population_2010"] == 500


def test_borders_and_terrain_are_missing_without_polygon(frame):
    assert frame["on_border"].dtype == "boolean"
    assert frame["on_border"].tolist()[:4] == [True, False, False, True]
    assert frame.loc["350102", ["on_border", "gap_to_border_km", "neighbour_provinces", "area_km2"]].isna().all()
    assert frame.loc["350102", "flags"] == "no_polygon"
    assert frame.loc["330101", ["area_km2", "relief_m"]].tolist() == [10.0, 10.0]


def test_geography_of_two_squares():
    squares = gpd.GeoDataFrame(
        {"code": ["110101", "130101"], "prov_code": ["110000", "130000"]},
        geometry=[box(116.0, 40.0, 116.1, 40.1), box(116.1, 40.0, 116.2, 40.1)],
        crs="EPSG:4326",
    )
    measured = panel._measure_geography(squares).set_index("code")
    # A tenth of a degree is 11.1 km to the north and 11.1 x cos(40.05) = 8.5 km to the east.
    assert measured["area_km2"].tolist() == pytest.approx([11.1 * 8.53] * 2, rel=0.01)
    assert measured["neighbour_provinces"].tolist() == ["130000", "110000"]


def test_flags_are_sorted_and_tell_of_zone_and_zero(frame):
    # 4,400 / 4 = 1,100 heads: the county's 1,000 and the zone's 100, so the zone is in its GDP.
    assert frame.loc["350101", "flags"] == "gdp_2021_includes_zone;primary_zero"
    assert "few_cells" in frame.loc["330101", "flags"].split(";")


def test_a_border_that_cannot_be_told_is_missing_and_flagged(tables, geography):
    geography = geography.astype({"on_border": "boolean"})
    unknown = geography["code"].eq("330121")
    geography.loc[unknown, ["on_border", "gap_to_border_km", "neighbour_provinces"]] = pd.NA
    geography.loc[unknown, "border_flags"] = "border_unknown"
    frame = panel._assemble(tables, geography, NO_CORRECTIONS).set_index("code")
    assert frame["on_border"].astype(object).tolist()[:4] == [True, pd.NA, False, True]
    assert "border_unknown" in frame.loc["330121", "flags"].split(";")
    assert frame["flags"].str.contains("border_unknown").sum() == 1


def test_unit_corrections_reach_the_frame(tables, geography):
    log = pd.DataFrame(
        [("gdp-unit", "county_gdp", "code=350101;year=2021", "gdp_10k_yuan", "1", "2")],
        columns=NO_CORRECTIONS.columns,
    )
    frame = panel._assemble(tables, geography, log).set_index("code")
    assert "gdp_2021_unit_corrected" in frame.loc["350101", "flags"].split(";")


def test_order_of_rows_changes_nothing(tables, geography):
    shuffled = {name: table.sample(frac=1, random_state=7) for name, table in tables.items()}
    pd.testing.assert_frame_equal(
        panel._assemble(shuffled, geography.iloc[::-1], NO_CORRECTIONS),
        panel._assemble(tables, geography, NO_CORRECTIONS),
    )


def test_given_tables_are_not_changed(tables, geography):
    before = {name: table.copy() for name, table in tables.items()}
    panel._assemble(tables, geography, NO_CORRECTIONS)
    for name, table in before.items():
        pd.testing.assert_frame_equal(tables[name], table)


def test_disagreement_with_gdp_per_head_is_a_flag_not_a_correction(tables):
    gdp = tables["county_gdp"]
    gdp.loc[gdp["code"].eq("350101") & gdp["year"].eq(2021), "gdp_per_capita_10k_yuan"] = 3.0
    flags = flags_gdp.published_flags(tables, NO_CORRECTIONS)
    # 4,400 / 1,000 = 4.4, which is 1.47 times 3.
    assert flags.loc[flags["flag"].eq("gdp_2021_disagrees_with_per_head"), "code"].tolist() == ["350101"]


def test_units_on_other_ground_cannot_be_checked(tables):
    flags = flags_gdp.published_flags(tables, NO_CORRECTIONS)
    assert flags.loc[flags["flag"].eq("gdp_2021_unchecked"), "code"].tolist() == ["330101", "330103", "330121"]


def test_prefecture_gdp_is_the_published_one_or_the_whole_sum(tables):
    frame = aggregates._assemble_prefectures(tables).set_index("code")
    assert frame["gdp_2021"].to_dict() == {"330100": 50e6, "330200": 0.9e8, "350100": 0.85e8}
    assert frame["gdp_2021_basis"].tolist() == ["sum of counties", "published", "published"]
    assert frame.loc["350100", ["gdp_2021_county_sum", "gdp_2021_counties", "counties"]].tolist() == [44e6, 1, 2]
    assert frame.loc["350100", "gdp_2021_covered_pct"] == 50
    assert frame.loc["330200", "gdp_2021_county_sum"] == 90e6  # merged, so no county has it, but the prefecture does
    assert frame.loc["330100", "illiterates_of_residents_2020"] == 1
    assert frame.loc["350100", "gdp_2011_basis"] == ""


def test_province_gdp_says_what_it_covers(tables):
    tables["prefecture_economy"] = tables["prefecture_economy"].query("code != '350100'")
    frame = aggregates._assemble_provinces(tables).set_index("code")
    assert frame.loc["330000", "gdp_2021"] == 1.4e8
    assert frame.loc["330000", "gdp_per_capita_2021"] == 1.4e8 / 4000
    assert frame.loc["350000", "gdp_2021_covered_pct"] == 0
    assert np.isnan(frame.loc["350000", "gdp_per_capita_2021"])
    country = frame.loc[NATION]
    assert (country["name_en"], country["population_2020"], country["population_2010"]) == ("China", 6100, 3050)
    assert country["gdp_2021_covered_pct"] == pytest.approx(4000 / 6100 * 100)
