"""Sums of products of columns over rows, clusters or neighbours: the matrices that variances are read from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.methods.arrays import Array, Codes
from shanhai.methods.regression.covariance import cluster_factor, intersection
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM, kernel_sum, on_unit_sphere
from shanhai.methods.spec import CovarianceSpec


@dataclass(frozen=True)
class Moments:
    """Matrix of a covariance for one group of regressions."""

    form: Array
    """P x P, ``Q'KQ`` of the products Q."""
    scale: float
    """See ``forms.quadratic``."""


def moments(products: Array, covariance: CovarianceSpec, frame: pd.DataFrame, clusters: tuple[Codes, ...]) -> Moments:
    """Sum of products for a covariance that is a form in scores: HC1, cluster or Conley.

    Parameters
    ----------
    products : array, n x P
    covariance : CovarianceSpec
    frame : DataFrame
        The n rows, for coordinates.
    clusters : tuple of arrays
        Codes 0..G-1 of the n rows, one array a cluster column.
    """
    if covariance.kind == "conley":
        assert covariance.coordinates and covariance.kernel and covariance.cutoff_km  # checked by the specification
        longitude, latitude = (frame[name].to_numpy(dtype=np.float64) for name in covariance.coordinates)
        points, reach = on_unit_sphere(longitude, latitude, covariance.kernel, covariance.cutoff_km, EARTH_RADIUS_KM)
        form, pairs = kernel_sum(products, points, covariance.kernel, reach)
        return Moments(form, 1.0 + 2.0 * pairs / len(products))
    if covariance.kind == "HC1":
        return Moments(products.T @ products, 1.0)
    sums = [cluster_sums(products, codes) for codes in clusters]
    form = sum((one.T @ one for one in sums), start=np.zeros((products.shape[1],) * 2))
    if len(clusters) == 2:
        both = cluster_sums(products, intersection(*clusters))
        form = form - both.T @ both
    return Moments(form, float(len(clusters)))


def cluster_sums(products: Array, codes: Codes) -> Array:
    """Sum of each product over each cluster, G x P."""
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(int(codes.max()) + 1))
    return np.add.reduceat(products[order], starts, axis=0)


def small_sample_factor(covariance: CovarianceSpec, n: int, groups: int, counted: int) -> float:
    """Factor that the middle of a covariance leaves out, for ``counted`` coefficients (absorbed effects included)."""
    if covariance.kind in ("iid", "HC2", "HC3", "conley"):
        return 1.0
    if covariance.kind == "cluster":
        assert covariance.factor is not None  # the specification refuses clusters without a named factor
        return cluster_factor(covariance.factor, groups, n, counted)
    return n / (n - counted)
