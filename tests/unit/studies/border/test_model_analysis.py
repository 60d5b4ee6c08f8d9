"""Centres of counties, and the simulated country with no inner border."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import MultiPolygon, box

from shanhai.core.errors import BoundaryError, SpecificationError
from shanhai.methods.simulated import simulate_counties
from shanhai.studies.border.analysis import county_centres


def test_centre_is_the_centroid_by_area() -> None:
    # Equal boxes on one parallel: the centroid lies half-way, in no polygon.
    apart = MultiPolygon([box(104.0, 30.0, 104.1, 30.1), box(106.0, 30.0, 106.1, 30.1)])
    counties = gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=[box(104, 30, 106, 31), apart], crs="EPSG:4326")
    centres = county_centres(counties)
    assert centres["code"].tolist() == ["1", "2"]
    # Edges are straight in the projection, so centroids of degree boxes are not exactly their middles.
    np.testing.assert_allclose(centres["longitude"], [105.0, 105.05], atol=2e-3)
    np.testing.assert_allclose(centres["latitude"], [30.5, 30.05], atol=1e-2)


def test_projected_layers_are_refused() -> None:
    counties = gpd.GeoDataFrame({"code": ["1"]}, geometry=[box(0, 0, 1000, 1000)], crs="EPSG:3857")
    with pytest.raises(BoundaryError):
        county_centres(counties)


def test_a_country_of_one_province_has_no_border() -> None:
    with pytest.raises(SpecificationError, match="side is 1"):
        simulate_counties(np.random.default_rng(1), n=10, side=1)
