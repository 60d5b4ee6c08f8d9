"""The committed terrain table: in step with polygons and grid, near published figures, and with the known mountains."""

import pandas as pd
import pytest

from shanhai.data.load import load_layer, load_table
from shanhai.geo.terrain._statistics import area_km2

PUBLISHED_AREA_KM2 = {"330800": 8845, "331100": 17275, "511900": 12293}
"""Land area of Quzhou, Lishui and Bazhong as their governments and statistical yearbooks print it."""

TABLE_DECIMALS = 0.011
"""One unit of the last stored digit, and a little for another machine's rounding."""


@pytest.fixture(scope="module")
def terrain() -> pd.DataFrame:
    return load_table("county_terrain").merge(load_table("counties"), on="code", validate="one_to_one")


def test_areas_are_those_of_the_committed_polygons():
    """Needs no grid, so it runs everywhere; if it fails the polygons changed: run `shanhai build terrain`."""
    counties = load_layer("counties").set_index("code")
    stored = load_table("county_terrain").set_index("code")["area_km2"]
    assert set(stored.index) == set(counties.index)
    sample = counties.sort_index()[::5]
    anew = [area_km2(polygon) for polygon in sample.geometry]
    assert stored[sample.index].to_numpy() == pytest.approx(anew, abs=TABLE_DECIMALS)


def test_table_is_that_of_the_committed_polygons():
    """Every fiftieth county is measured anew; if this fails, run `shanhai build terrain`."""
    pytest.importorskip("pvlib")
    pytest.importorskip("h5py")
    from shanhai.geo.terrain._elevation import read_altitude_h5
    from shanhai.geo.terrain._statistics import build_terrain

    counties = load_layer("counties").sort_values("code", ignore_index=True)
    stored = load_table("county_terrain")
    assert stored["code"].tolist() == counties["code"].tolist()
    anew = build_terrain(counties[::50], read_altitude_h5())
    kept = stored[stored["code"].isin(anew["code"])].reset_index(drop=True)
    for column in anew.columns.drop(["code", "terrain_flags"]):
        tolerance = 0.11 if column.endswith("_m") or column == "height_share" else TABLE_DECIMALS
        assert kept[column].to_numpy() == pytest.approx(anew[column].to_numpy(), abs=tolerance), column
    assert kept["terrain_flags"].fillna("").tolist() == anew["terrain_flags"].tolist()


def test_every_county_with_polygon_has_terrain(terrain):
    statistics = ["elevation_mean_m", "elevation_sd_m", "relief_m", "slope_mean_deg", "ruggedness"]
    assert terrain[statistics].notna().all(axis=None)
    assert len(terrain) > 2800


@pytest.mark.parametrize("prefecture", PUBLISHED_AREA_KM2)
def test_areas_are_the_published_ones(terrain, prefecture):
    """Half a percent: polygons are simplified, and boundaries are settled to that at best."""
    area = terrain.loc[terrain["prefecture_code"] == prefecture, "area_km2"].sum()
    assert area == pytest.approx(PUBLISHED_AREA_KM2[prefecture], rel=0.005)


def test_the_mountain_counties_are_the_rugged_ones_of_zhejiang(terrain):
    zhejiang = terrain[terrain["province_code"] == "330000"]
    mountain = zhejiang["code"].isin(load_table("mountain_counties")["code"])
    assert mountain.sum() == 26
    assert mountain[zhejiang["ruggedness"].nlargest(10).index].all()
    medians = zhejiang.groupby(mountain)["ruggedness"].median()
    assert medians[True] > 3 * medians[False]
    above_middle = zhejiang.loc[mountain, "ruggedness"] > zhejiang["ruggedness"].median()
    assert above_middle.sum() >= 25  # the exception, Sanmen, is a coast


def test_extremes_of_china_are_where_geographers_look(terrain):
    roughest = terrain.nlargest(10, "ruggedness")["province_code"]
    assert set(roughest) <= {"510000", "530000", "540000"}  # gorges of Nujiang, Jinsha and Dadu
    assert set(terrain.nlargest(5, "elevation_mean_m")["province_code"]) == {"540000"}
    plains = terrain[terrain["prefecture_code"].isin(["330400", "320500"])]  # Jiaxing, Suzhou
    assert plains["slope_mean_deg"].max() < 0.2


def test_small_districts_are_flagged(terrain):
    flagged = terrain["terrain_flags"].fillna("").str.contains("few_cells")
    assert (flagged == (terrain["land_cells"] < 2)).all()
    assert terrain.loc[flagged, "kind"].eq("district").mean() > 0.9
