"""Sandwich variances of one coefficient for many regressions, as quadratic forms in products of columns.

What row i adds to the coefficient of the treatment is ``s_i = z_i e_i``: the treatment freed of the other regressors,
times the residual. Both are sums of columns, so ``s`` is a sum of *products of two columns*, ``s = Q w``, with the same
products ``Q`` for a whole group and a short vector ``w`` for each regression. Every covariance whose middle is a fixed
form in scores, ``s'Ks``, then becomes ``w'(Q'KQ)w``: the matrix ``Q'KQ`` is made once, by clusters, by distance or row
by row, and thousands of variances follow without touching a row again. That is why Conley's errors cost hardly more
than clusters here. HC2 and HC3 are no such form, as leverage differs between regressions: there rows are visited.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes, Flags
from shanhai.methods.curve._block import Block, Solutions
from shanhai.methods.regression.covariance import cluster_factor, intersection
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM, kernel_sum, on_unit_sphere
from shanhai.methods.spec import CovarianceSpec

_ROOM = 4_000_000
"""Most numbers of a batch, so that it stays in memory whatever the number of rows."""

_LOST_DIGITS = 1e5
"""A form whose terms cancel to less than one part in this many is left to ``fit``."""


@dataclass(frozen=True, repr=False)
class Products(Shown):
    """Products of two columns that some regression of a group needs."""

    left: Codes
    """P columns."""
    right: Codes
    """P columns."""
    number: Codes
    """p x p, number of each product, -1 where no regression needs it."""

    def of(self, columns: Array) -> Array:
        """The products, n x P, of columns n x p."""
        return columns[:, self.left] * columns[:, self.right]

    def cross(self, columns: Array) -> Array:
        """Their crossproduct, P x P, made from some rows at a time."""
        size = max(1, _ROOM // len(self.left))
        parts = (self.of(columns[start : start + size]) for start in range(0, len(columns), size))
        return sum((part.T @ part for part in parts), start=np.zeros((len(self.left),) * 2))

    def cluster_sums(self, columns: Array, codes: Codes) -> Array:
        """Their sums over each cluster (codes 0..G-1), G x P, made from some rows at a time."""
        order = np.argsort(codes, kind="stable")
        codes = codes[order]
        sums = np.zeros((int(codes[-1]) + 1, len(self.left)))
        size = max(1, _ROOM // len(self.left))
        for start in range(0, len(order), size):
            part = codes[start : start + size]
            starts = np.flatnonzero(np.diff(part, prepend=-1))
            sums[part[starts]] += np.add.reduceat(self.of(columns[order[start : start + size]]), starts, axis=0)
        return sums


def needed_products(block: Block, parts: list[tuple[Codes, Codes]]) -> Products:
    """Products for regressions given as (regressors k x m, outcome m), one entry a size."""
    p = block.columns.shape[1]
    needed = np.zeros((p, p), dtype=bool)
    for regressors, outcome in parts:
        for column in regressors:
            needed[column[None, :], regressors] = True
            needed[column, outcome] = True
    left, right = np.nonzero(np.triu(needed | needed.T))
    number = np.full((p, p), -1, dtype=np.int64)
    number[left, right] = number[right, left] = np.arange(len(left))
    return Products(left, right, number)


@dataclass(frozen=True, repr=False)
class Influence(Shown):
    """Vectors ``w`` of m regressions: how products of columns sum to what a row adds to the coefficient."""

    numbers: Codes
    """t x m numbers of products."""
    weights: Array
    """t x m."""


def influence(products: Products, solutions: Solutions, *, null: bool = False) -> Influence:
    """What a row adds to the treatment's coefficient, as a sum of products.

    Parameters
    ----------
    products : Products
    solutions : Solutions
    null : bool
        Take the residuals of the regression without the treatment instead of those of the regression itself.
    """
    params, direction, regressors = solutions.params, solutions.direction, solutions.regressors
    if null:  # by Frisch, Waugh and Lovell: add the treatment freed of the others, which is direction over its last
        params = params - params[-1] * direction / direction[-1]
    k = len(regressors)
    upper, lower = np.triu_indices(k)
    weights = -(direction[upper] * params[lower] + direction[lower] * params[upper])
    weights[upper == lower] /= 2.0
    numbers = np.concatenate(
        [products.number[regressors[upper], regressors[lower]], products.number[regressors, solutions.outcome]]
    )
    return Influence(numbers, np.concatenate([weights, direction]))


def quadratic(form: Array, scale: float, influences: Influence) -> tuple[Array, Flags]:
    """``w'Mw`` for m vectors, and whether each kept enough digits.

    Parameters
    ----------
    form : array, P x P
        The symmetric matrix M.
    scale : float
        Times the square root of the product of two diagonal entries, a bound on the terms of an entry (1 where M is
        positive semidefinite, the number of neighbours for sums over neighbours).
    one : Influence
    """
    flat, p = form.ravel(), len(form)
    total = np.zeros(influences.weights.shape[1])
    for i, (numbers, weights) in enumerate(zip(influences.numbers, influences.weights, strict=True)):
        entries = flat[numbers * p + influences.numbers[i:]]
        entries *= influences.weights[i:]
        entries[0] *= 0.5
        total += 2.0 * weights * entries.sum(axis=0)
    size = (np.abs(influences.weights) * np.sqrt(np.abs(np.diag(form)))[influences.numbers]).sum(axis=0)
    return total, total * _LOST_DIGITS > scale * size**2


@dataclass(frozen=True, repr=False)
class Moments(Shown):
    """Matrix of a covariance for one group of regressions."""

    form: Array
    """P x P, ``Q'KQ`` of the products Q."""
    scale: float
    """See ``forms.quadratic``."""


def moments(
    products: Products, columns: Array, covariance: CovarianceSpec, frame: pd.DataFrame, clusters: tuple[Codes, ...]
) -> Moments:
    """Sum of products for a covariance that is a form in scores: HC1, cluster or Conley.

    Parameters
    ----------
    products : Products
        P of them; all are held at once under Conley (n x P), some rows at a time otherwise.
    columns : array, n x p
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
        form, pairs = kernel_sum(products.of(columns), points, covariance.kernel, reach)
        return Moments(form, 1.0 + 2.0 * pairs / len(columns))
    if covariance.kind == "HC1":
        return Moments(products.cross(columns), 1.0)
    sums = [products.cluster_sums(columns, codes) for codes in clusters]
    form = sum((totals.T @ totals for totals in sums), start=np.zeros((len(products.left),) * 2))
    if len(clusters) == 2:
        both = products.cluster_sums(columns, intersection(*clusters))
        form = form - both.T @ both
    return Moments(form, float(len(clusters)))


def small_sample_factor(covariance: CovarianceSpec, n: int, groups: int, counted: int) -> float:
    """Factor that the middle of a covariance leaves out, for ``counted`` coefficients (absorbed effects included)."""
    if covariance.kind in ("iid", "HC2", "HC3", "conley"):
        return 1.0
    if covariance.kind == "cluster":
        assert covariance.factor is not None  # the specification refuses clusters without a named factor
        return cluster_factor(covariance.factor, groups, n, counted)
    return n / (n - counted)


_LEAST_REST = 1e-8
"""A row with less than this beyond its leverage is left to ``fit``, which says what is wrong."""


def leverage_variance(block: Block, solutions: Solutions, power: float) -> tuple[Array, Flags]:
    """Variance of the treatment's coefficient under HC2 (power 1) or HC3 (power 2), and where it is defined.

    Parameters
    ----------
    block : Block
    solutions : Solutions
        m regressions of k regressors.
    power : float
        Of one minus the leverage.
    """
    k, m = solutions.regressors.shape
    n = len(block.columns)
    rows = np.ascontiguousarray(block.columns.T)
    variance, defined = np.full(m, np.nan), np.zeros(m, dtype=bool)
    size = max(1, _ROOM // (n * k))
    for start in range(0, m, size):
        part = slice(start, start + size)
        chosen = np.flatnonzero(solutions.sound[part]) + start
        if not len(chosen):
            continue
        own = solutions.regressors[:, chosen].T
        columns = rows[own]
        inverse = np.linalg.inv(block.gram[own[:, :, None], own[:, None, :]])
        spread = ((inverse @ columns) * columns).sum(axis=1) + block.effects.leverage
        freed = (solutions.direction[:, chosen].T[:, None, :] @ columns)[:, 0]
        fitted = (solutions.params[:, chosen].T[:, None, :] @ columns)[:, 0]
        scores = freed * (rows[solutions.outcome[chosen]] - fitted)
        rest = 1.0 - spread
        fine = rest.min(axis=1) > _LEAST_REST
        rest[~fine] = 1.0
        variance[chosen] = (scores**2 / rest**power).sum(axis=1)
        defined[chosen] = fine
    return variance, defined
