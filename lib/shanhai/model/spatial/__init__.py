"""Spatial models of one cross-section: weights, maximum likelihood, tests, effects. Any country, plain frames."""

from shanhai.model.spatial.autocorrelation import MoranTest, moran_test, residual_moran_test
from shanhai.model.spatial.data import SpatialData, spatial_arrays, spatial_codes, spatial_data
from shanhai.model.spatial.impacts import Impacts, impacts
from shanhai.model.spatial.matrix import SpatialWeights
from shanhai.model.spatial.ml import SpatialFit, fit_durbin, fit_error, fit_lag
from shanhai.model.spatial.overview import SpatialOverview, spatial_overview
from shanhai.model.spatial.tests import LagrangeTest, lagrange_tests
from shanhai.model.spatial.weights import (
    contiguity_weights,
    distance_weights,
    graph_weights,
    nearest_weights,
)

__all__ = [
    "Impacts",
    "LagrangeTest",
    "MoranTest",
    "SpatialData",
    "SpatialFit",
    "SpatialOverview",
    "SpatialWeights",
    "contiguity_weights",
    "distance_weights",
    "fit_durbin",
    "fit_error",
    "fit_lag",
    "graph_weights",
    "impacts",
    "lagrange_tests",
    "moran_test",
    "nearest_weights",
    "residual_moran_test",
    "spatial_arrays",
    "spatial_codes",
    "spatial_data",
    "spatial_overview",
]
