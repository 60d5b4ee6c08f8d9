"""Our county statistics against exactextract's own, run over whole rasters with a raster of weights."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import affinity, box
from shapely.geometry import Point

exactextract = pytest.importorskip("exactextract")

from exactextract.raster import NumPyRasterSource  # noqa: E402

from shanhai.geo.terrain._elevation import grid_from_array  # noqa: E402
from shanhai.geo.terrain._slope import ground_steps, ruggedness_riley, slope_degrees  # noqa: E402
from shanhai.geo.terrain._statistics import build_terrain  # noqa: E402

WEST, NORTH, SIZE, SHAPE = 116.0, 31.0, 1 / 12, (48, 60)


@pytest.fixture(scope="module")
def heights() -> np.ndarray:
    generator = np.random.default_rng(20261122)
    land = generator.uniform(0, 1800, SHAPE)
    land[generator.random(SHAPE) < 0.15] = np.nan
    return land


@pytest.fixture(scope="module")
def counties() -> gpd.GeoDataFrame:
    polygons = [
        affinity.rotate(box(117, 28.2, 118.3, 29.6), 27),
        Point(119.2, 29.4).buffer(0.9).difference(Point(119.2, 29.4).buffer(0.3)),
        Point(119.2, 29.4).buffer(0.3),
        box(117.01, 30.0, 117.02, 30.6),
    ]
    return gpd.GeoDataFrame({"code": ["000001", "000002", "000003", "000004"]}, geometry=polygons, crs="EPSG:4326")


def whole_raster(values: np.ndarray) -> NumPyRasterSource:
    return NumPyRasterSource(
        values, xmin=WEST, xmax=WEST + SHAPE[1] * SIZE, ymin=NORTH - SHAPE[0] * SIZE, ymax=NORTH, nodata=np.nan
    )


def extract(values: np.ndarray, counties: gpd.GeoDataFrame, operation: str, area: np.ndarray) -> np.ndarray:
    features = [
        {"type": "Feature", "properties": {}, "geometry": geometry.__geo_interface__} for geometry in counties.geometry
    ]
    found = exactextract.exact_extract(whole_raster(values), features, [operation], weights=whole_raster(area))
    return np.array([feature["properties"][operation] for feature in found])


@pytest.mark.parametrize("missing_is_sea", [False, True])
def test_means_and_spread_agree(heights, counties, missing_is_sea):
    grid = grid_from_array(heights, WEST, NORTH, SIZE, missing_is_sea=missing_is_sea)
    ours = build_terrain(counties, grid)
    ring = np.pad(heights, 1, constant_values=np.nan)
    longitude, latitude = np.meshgrid(
        WEST + SIZE * (np.arange(-1, SHAPE[1] + 1) + 0.5), NORTH - SIZE * (np.arange(-1, SHAPE[0] + 1) + 0.5)
    )
    steps = ground_steps(longitude, latitude)
    rasters = {
        "elevation_mean_m": (heights, "weighted_mean"),
        "elevation_sd_m": (heights, "weighted_stdev"),
        "slope_mean_deg": (slope_degrees(ring, steps, missing_is_sea), "weighted_mean"),
        "ruggedness": (ruggedness_riley(ring, missing_is_sea), "weighted_mean"),
    }
    rounding = {"elevation_mean_m": 0.051, "elevation_sd_m": 0.051, "slope_mean_deg": 0.00051, "ruggedness": 0.0051}
    for column, (raster, operation) in rasters.items():
        theirs = extract(raster, counties, operation, steps.cell_area)
        assert ours[column].to_numpy() == pytest.approx(theirs, abs=rounding[column]), column
    assert ours["land_cells"].to_numpy() == pytest.approx(
        extract(heights, counties, "count", steps.cell_area), abs=0.0051
    )
