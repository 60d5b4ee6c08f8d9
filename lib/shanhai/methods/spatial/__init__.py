"""Spatial models of one cross-section: weights, maximum likelihood, tests, effects. Any country, plain frames."""

from shanhai.methods.spatial._data import SpatialData, spatial_arrays, spatial_codes, spatial_data
from shanhai.methods.spatial._ml import SpatialFit, fit_durbin, fit_error, fit_lag
from shanhai.methods.spatial._overview import SpatialOverview, spatial_overview
from shanhai.methods.spatial.impacts import Impacts, impacts
from shanhai.methods.spatial.tests import LagrangeTest, MoranTest, lagrange_tests, moran_test, residual_moran_test
from shanhai.methods.spatial.weights import (
    SpatialWeights,
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
