"""Zonal statistics of tiny counties on tiny grids, against answers by hand."""

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from pyproj import Geod
from shapely import box
from shapely.geometry import MultiPolygon, Polygon

from shanhai.core.errors import TerrainError
from shanhai.geo.terrain._elevation import grid_from_array, read_geotiff
from shanhai.geo.terrain._slope import GroundSteps
from shanhai.geo.terrain._statistics import COLUMNS, CoveredCells, build_terrain, cover_cells, summarise

GEOD = Geod(ellps="WGS84")
NAN = float("nan")


def counties(**polygons) -> gpd.GeoDataFrame:
    codes = [name.removeprefix("c") for name in polygons]
    return gpd.GeoDataFrame({"code": codes}, geometry=list(polygons.values()), crs="EPSG:4326")


def cells(height, coverage, area=None, slope=None, ruggedness=None) -> CoveredCells:
    height = np.asarray(height, dtype=float)
    zeros = np.zeros_like(height)
    area = np.ones_like(height) if area is None else np.asarray(area, dtype=float)
    slope = zeros if slope is None else np.asarray(slope, dtype=float)
    ruggedness = zeros if ruggedness is None else np.asarray(ruggedness, dtype=float)
    return CoveredCells(height, slope, ruggedness, np.asarray(coverage, dtype=float), area)


def test_partial_coverage_weights_the_four_cells_of_a_grid():
    """A county over 1, 1/2, 1/2 and 1/4 of four cells at the equator, where all cells are of one size."""
    grid = grid_from_array(np.array([[100.0, 200], [300, 400]]), 100, 0.02, 0.02)
    row = build_terrain(counties(c000001=box(100, -0.01, 100.03, 0.02)), grid).iloc[0]
    weights = np.array([1, 1 / 2, 1 / 2, 1 / 4])
    heights = np.array([100, 200, 300, 400])
    mean = (weights * heights).sum() / weights.sum()
    assert row["elevation_mean_m"] == pytest.approx(mean, abs=0.05)
    assert row["elevation_sd_m"] == pytest.approx(
        math.sqrt((weights * (heights - mean) ** 2).sum() / weights.sum()), abs=0.05
    )
    assert row["relief_m"] == 400 - 100  # the quarter cell holds more than a tenth of the county
    assert row["land_cells"] == 2.25
    assert row["height_share"] == 100
    assert row["terrain_flags"] == ""


def test_cells_weigh_as_much_as_they_are_large():
    """One column from the equator to 60 N: the northern cell is smaller as its parallels are shorter."""
    grid = grid_from_array(np.array([[1000.0], [0.0]]), 100, 60, 30)
    row = build_terrain(counties(c000001=box(100, 0, 130, 60)), grid).iloc[0]
    sines = math.sin(math.radians(60)) - math.sin(math.radians(30)), math.sin(math.radians(30))
    assert row["elevation_mean_m"] == pytest.approx(1000 * sines[0] / sum(sines), rel=0.01)
    assert row["elevation_mean_m"] < 450  # 500 if cells counted alike


def test_mean_equals_areas_on_the_ellipsoid():
    grid = grid_from_array(np.array([[1000.0], [0.0]]), 118, 30, 1)
    row = build_terrain(counties(c000001=box(118.1, 28.4, 118.9, 30)), grid).iloc[0]
    north, south = (
        GEOD.polygon_area_perimeter([118.1, 118.9, 118.9, 118.1], [low, low, high, high])[0]
        for low, high in ((29, 30), (28.4, 29))
    )
    assert row["elevation_mean_m"] == pytest.approx(1000 * north / (north + south), abs=1.0)


def test_areas_are_those_of_the_ellipsoid_whatever_the_grid():
    """A square degree at 28.5 N, and a ring that is what its hole leaves over."""
    grid = grid_from_array(np.zeros((4, 4)), 117, 30, 1)
    square, hole = box(118, 28, 119, 29), box(118.25, 28.25, 118.75, 28.75)
    layer = counties(c000001=square, c000002=square.difference(hole), c000003=hole)
    area = build_terrain(layer, grid)["area_km2"]
    assert area[0] == pytest.approx(110.84 * 97.89, rel=0.001)  # kilometres of a degree of latitude, of longitude
    assert area[1] + area[2] == pytest.approx(area[0], abs=0.02)


def test_sea_is_left_out_and_counted():
    grid = grid_from_array(np.array([[80.0, NAN], [80.0, NAN]]), 121, 0.02, 0.02, missing_is_sea=True)
    row = build_terrain(counties(c000001=box(121, -0.02, 121.04, 0.02)), grid).iloc[0]
    assert row["elevation_mean_m"] == 80
    assert row["relief_m"] == 0
    assert row["height_share"] == pytest.approx(50, abs=0.1)
    assert row["land_cells"] == 2
    # five of the eight neighbours are sea at 0 m: three beyond the northern or southern edge, three to the east,
    # one of them both; the three to the west are beyond the edge too
    assert row["ruggedness"] == pytest.approx(math.sqrt(7 * 80**2), abs=0.01)


def test_a_county_without_any_height_is_flagged_not_dropped():
    grid = grid_from_array(np.array([[NAN, 5.0]]), 121, 0.02, 0.02, missing_is_sea=True)
    frame = build_terrain(counties(c000001=box(121, 0, 121.02, 0.02), c000002=box(121.02, 0, 121.04, 0.02)), grid)
    assert frame["terrain_flags"].tolist() == ["no_height", "few_cells"]
    statistics = ["elevation_mean_m", "elevation_sd_m", "relief_m", "slope_mean_deg", "ruggedness"]
    assert frame.loc[0, statistics].isna().all()
    assert frame.loc[1, statistics].notna().all()


@pytest.mark.parametrize(
    ("coverage", "heights", "flags"),
    [
        ([1, 1, 1], [1, 2, 3], ""),
        ([1, 0.9], [1, 2], "few_cells"),
        ([1, 1, 1, 1, 1], [1, 2, NAN, NAN, NAN], "mostly_without_height"),
        ([1, 1, 1], [1, NAN, NAN], "few_cells;mostly_without_height"),
        ([1], [NAN], "no_height"),
    ],
)
def test_flags_say_what_is_unreliable(coverage, heights, flags):
    assert summarise(cells(heights, coverage))["terrain_flags"] == flags


def test_relief_ignores_a_cell_that_is_barely_touched():
    """A mountain cell of which a county covers 5 percent, with 1 percent of its land, is not its relief."""
    inside = [1.0] * 5
    assert summarise(cells([10, 20, 30, 40, 50, 2000], [*inside, 0.05]))["relief_m"] == 40
    assert summarise(cells([10, 20, 30, 40, 50, 2000], [*inside, 0.5]))["relief_m"] == 1990
    assert summarise(cells([10, 2000], [0.3, 0.1]))["relief_m"] == 1990  # a quarter of a small district


def test_slope_and_ruggedness_are_means_by_area():
    summary = summarise(cells([1, 1], [1, 0.5], area=[1, 4], slope=[0, 3], ruggedness=[30, 60]))
    assert summary["slope_mean_deg"] == pytest.approx(2)
    assert summary["ruggedness"] == pytest.approx(50)


def test_slope_of_a_county_on_a_plane_in_degrees():
    """28 m a cell to the east at 30 N: 0.2 degrees, not the 89.8 of a slope over "1/12"."""
    grid = grid_from_array(np.tile(28.0 * np.arange(12), (12, 1)), 118, 31, 1 / 12)
    row = build_terrain(counties(c330800=box(118.3, 30.2, 118.7, 30.6)), grid).iloc[0]
    step = GEOD.inv(118, 30.4, 118 + 1 / 12, 30.4)[2]
    assert row["slope_mean_deg"] == pytest.approx(math.degrees(math.atan(28 / step)), abs=0.001)
    assert row["ruggedness"] == pytest.approx(28 * math.sqrt(6), abs=0.005)


def test_neighbours_outside_the_county_count_for_slope_but_not_for_height():
    heights = np.full((3, 3), 500.0)
    heights[1, 1] = 100
    grid = grid_from_array(heights, 118, 30, 0.02)
    row = build_terrain(counties(c000001=box(118.02, 29.96, 118.04, 29.98)), grid).iloc[0]
    assert row["elevation_mean_m"] == 100
    assert row["ruggedness"] == pytest.approx(math.sqrt(8 * 400**2), abs=0.005)


def test_order_of_rows_changes_nothing():
    generator = np.random.default_rng(7)
    grid = grid_from_array(generator.uniform(0, 2000, (20, 20)), 118, 30, 0.1)
    layer = counties(
        **{f"c{i:06d}": box(118.03 + i / 10, 28.5 + i / 20, 118.4 + i / 10, 29 + i / 20) for i in range(9)}
    )
    shuffled = layer.sample(frac=1, random_state=3)
    assert shuffled["code"].tolist() != layer["code"].tolist()
    first, second = build_terrain(layer, grid), build_terrain(shuffled, grid)
    assert first.equals(second)
    assert list(first.columns) == list(COLUMNS)
    assert first["code"].is_monotonic_increasing


def test_parts_add_up_to_the_whole():
    """Area-weighted means of two halves are the mean of the county that they make up."""
    grid = grid_from_array(np.random.default_rng(8).uniform(0, 2000, (30, 30)), 118, 30, 0.05)
    cut = 118.777
    whole, west, east = (
        cover_cells(box(*bounds), grid)
        for bounds in ((118.21, 28.93, 119.04, 29.61), (118.21, 28.93, cut, 29.61), (cut, 28.93, 119.04, 29.61))
    )
    for column in ("height", "slope", "ruggedness"):
        total = sum((getattr(part, column) * part.coverage * part.area).sum() for part in (west, east))
        assert total == pytest.approx((getattr(whole, column) * whole.coverage * whole.area).sum())


def test_a_grid_from_0_to_360_gives_what_one_from_minus_180_gives():
    heights = np.random.default_rng(9).uniform(0, 2000, (10, 72))
    western = grid_from_array(heights, -180, 50, 5)
    eastern = grid_from_array(np.roll(heights, 36, axis=1), 0, 50, 5)
    layer = counties(
        c000001=box(-101, 20, -88, 33),
        c000002=box(101, 20, 118, 33),
        c000003=box(-14, 20, -3, 33),
        c000004=MultiPolygon([box(171, 20, 180, 33), box(-180, 20, -177, 33)]),
    )
    whole = build_terrain(layer, western)
    assert build_terrain(layer[:3], eastern).equals(whole[:3])
    # Of a polygon on both sides of 180 a grid of the eastern hemisphere holds nine degrees of twelve.
    part = build_terrain(layer[3:], grid_from_array(heights[:, 36:], 0, 50, 5)).iloc[0]
    assert part["height_share"] == pytest.approx(75)


def test_longitudes_beyond_180_are_refused():
    grid = grid_from_array(np.zeros((10, 72)), -180, 50, 5)
    with pytest.raises(TerrainError, match="000001 reaches from longitude 175 to 185"):
        build_terrain(counties(c000001=box(175, 20, 185, 33)), grid)


def test_counties_in_another_reference_system_are_refused():
    grid = grid_from_array(np.zeros((2, 2)), 118, 30, 1)
    layer = counties(c000001=box(118.2, 28.5, 119, 29.5))
    with pytest.raises(TerrainError, match=r"none; EPSG:4326 is needed"):
        build_terrain(layer.set_crs(None, allow_override=True), grid)
    with pytest.raises(TerrainError, match=r"Pseudo-Mercator; EPSG:4326 is needed"):
        build_terrain(layer.to_crs(3857), grid)


def test_a_grid_of_a_part_of_the_counties_measures_these():
    """Of five counties one is on the grid, one for two thirds, one has no heights there, one a sixth, one is far."""
    heights = np.full((20, 20), 100.0)
    heights[:, 10:] = 300.0
    heights[15:, 10:] = NAN
    grid = grid_from_array(heights, 118, 30, 0.1, source="my.tif")
    frame = build_terrain(
        counties(
            c000001=box(118.2, 29.2, 118.8, 29.8),
            c000002=box(119.4, 29.2, 120.3, 29.8),  # the grid ends at 120
            c000003=box(119.2, 28.1, 119.8, 28.4),
            c000004=box(117, 29, 118.2, 30),
            c000005=box(100, 28, 101, 29),
        ),
        grid,
    )
    assert frame["elevation_mean_m"].fillna(-1).tolist() == [100, 300, -1, -1, -1]
    assert frame["height_share"].to_numpy() == pytest.approx([100, 200 / 3, 0, 100 / 6, 0], abs=0.1)
    assert frame["terrain_flags"].tolist() == ["", "", "outside_grid", "outside_grid", "outside_grid"]
    assert frame["area_km2"].gt(0).all()  # of the polygon, whatever the grid


def test_counties_off_the_grid_are_refused_with_both_extents():
    grid = grid_from_array(np.zeros((2, 2)), 118, 30, 1, source="my.tif")
    for bounds in ((100, 28.5, 101, 29), (118.5, 26, 119, 27), (112, 28.5, 119, 29)):
        with pytest.raises(TerrainError, match=r"None of the 1 counties .* my\.tif spans 118 to 120 and 28 to 30"):
            build_terrain(counties(c000001=box(*bounds)), grid)
    with pytest.raises(TerrainError, match=r"polygon spans 100 to 101 .* my\.tif spans 118 to 120 and 28 to 30"):
        cover_cells(box(100, 28.5, 101, 29), grid)


def test_layers_that_cannot_be_measured_are_refused():
    grid = grid_from_array(np.zeros((2, 2)), 118, 30, 1)
    square, bow_tie = box(118.2, 28.5, 119, 29.5), Polygon([(118, 28), (119, 29), (119, 28), (118, 29)])
    for problem, polygon in (("empty", Polygon()), ("invalid", bow_tie)):
        with pytest.raises(TerrainError, match=rf"{problem} polygons: \['000002'\]"):
            build_terrain(counties(c000001=square, c000002=polygon), grid)
    twice = counties(c000001=square, c000002=square).assign(code="000001")
    with pytest.raises(TerrainError, match="repeated codes"):
        build_terrain(twice, grid)
    with pytest.raises(TerrainError, match="`code` is needed"):
        build_terrain(twice.rename(columns={"code": "adcode"}), grid)


def test_more_cells_than_memory_holds_are_refused_before_they_are_read():
    def refuse(rows: slice, columns: slice) -> np.ndarray:
        raise AssertionError("read")

    small = grid_from_array(np.zeros((1, 1)), 118, 30, 1, source="fine.tif")
    vast = replace(small, cell_width=1e-4, cell_height=1e-4, shape=(20_000, 20_000), read_block=refuse)
    with pytest.raises(TerrainError, match=r"cells of fine\.tif.*gdalwarp"):
        cover_cells(box(118.1, 28.1, 119.9, 29.9), vast)


@pytest.mark.parametrize("crs", ["EPSG:32650", "EPSG:3857", "EPSG:4490"])
def test_a_grid_in_any_reference_system_gives_ground_slopes(tmp_path, crs):
    """A plane rising 20 m a kilometre on the ground to the east keeps its slope in UTM, Web Mercator and degrees.

    Web Mercator stretches by 1/cos(latitude): taken as metres, its coordinates would give a slope of 17 m a kilometre.
    """
    rasterio = pytest.importorskip("rasterio")
    from pyproj import Transformer

    step = 0.01 if crs == "EPSG:4490" else 1000.0
    to_grid = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    west, south, east, north = to_grid.transform_bounds(117, 29, 118, 30)
    shape = int((north - south) / step), int((east - west) / step)
    across, down = (step * (np.arange(size) + 0.5) for size in (shape[1], shape[0]))
    longitude, latitude = to_grid.transform(*np.meshgrid(west + across, north - down), direction="INVERSE")
    from_meridian = GEOD.inv(np.full_like(longitude, 117.5), latitude, longitude, latitude)[2]
    heights = 1500 + 0.02 * np.sign(longitude - 117.5) * from_meridian
    path = tmp_path / "dem.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=1,
        height=shape[0],
        width=shape[1],
        dtype="float64",
        crs=crs,
        transform=rasterio.Affine(step, 0, west, 0, -step, north),
    ) as raster:
        raster.write(heights, 1)
    row = build_terrain(counties(c330802=box(117.3, 29.3, 117.7, 29.7)), read_geotiff(path)).iloc[0]
    assert row["slope_mean_deg"] == pytest.approx(math.degrees(math.atan(0.02)), rel=0.002)
    assert row["elevation_mean_m"] == pytest.approx(1500, abs=2)


def test_ground_steps_have_the_area_of_a_parallelogram():
    metre = np.ones((1, 1))
    assert GroundSteps(3 * metre, 1 * metre, 1 * metre, -2 * metre).cell_area.item() == 7
