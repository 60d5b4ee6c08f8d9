"""Tests for spatial dependence: Lagrange multipliers, and Moran's I of a variable or of regression residuals.

The plain Lagrange tests reject for either kind of dependence. The robust ones (Anselin, Bera, Florax & Yoon 1996) each
allow for the other kind; the one that rejects more clearly points to a model, which is a rule of thumb.

Moran's I comes with a permutation test and with exact moments. Residuals are not free to vary: they are orthogonal to
the regressors, which pulls I below zero by more than -1/(n-1). Their expectation and variance here are those of Cliff &
Ord (1981, chapter 8) for normal errors, and each permutation of residuals is regressed on the regressors again before
it is compared (Freedman & Lane 1983).

References
----------
Anselin, L., Bera, A., Florax, R. & Yoon, M. (1996), Simple diagnostic tests for spatial dependence, Regional Science
and Urban Economics 26, 77-104.
Moran, P. (1950), Notes on continuous stochastic phenomena, Biometrika 37, 17-23.
Cliff, A. & Ord, J. (1981), Spatial processes: models and applications, Pion.
Freedman, D. & Lane, D. (1983), A nonstochastic interpretation of reported significance levels, JBES 1, 292-298.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import sparse, stats

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_generator, as_numbers
from shanhai.methods.regression.projection import less_projection, rounding
from shanhai.methods.spatial._data import SpatialData
from shanhai.methods.spatial.weights import SpatialWeights, in_order_of

DRAWS = 9_999
"""Permutations; the smallest p-value is then one in ten thousand."""

_BATCH = 64
"""Permutations at a time."""


@dataclass(frozen=True, repr=False)
class MoranTest(Shown):
    """Moran's I and how unusual it is without autocorrelation. All p-values are of the upper tail: likeness."""

    statistic: float
    """I: slope of the neighbours' mean on the unit's own deviation, where every unit has neighbours."""
    expected: float
    """Expectation without autocorrelation (a little below zero)."""
    variance: float
    """Variance for normal errors without autocorrelation."""
    p_permutation: float
    """Share of permutations, with the observed one, with an I at least as large."""
    draws: int
    """Number of permutations."""
    deviations: Array
    """n values that I is of: deviations from the mean, or residuals."""
    lags: Array
    """n weighted means of the neighbours' values, for the scatter plot."""

    @property
    def z(self) -> float:
        """Distance from the expectation in standard deviations."""
        return float((self.statistic - self.expected) / np.sqrt(self.variance))

    @property
    def p(self) -> float:
        """p-value of ``z`` from the normal distribution."""
        return float(stats.norm.sf(self.z))


def moran_test(
    values: ArrayLike | pd.Series, weights: SpatialWeights, rng: np.random.Generator, draws: int = DRAWS
) -> MoranTest:
    """Moran's I of a variable.

    Parameters
    ----------
    values : n numbers in the order of ``weights.codes``, or a Series with these codes as index in any order. Kept
        islands count as units whose neighbours' mean is zero.
    weights : SpatialWeights
    rng : numpy.random.Generator
        For the permutations.
    draws : int

    Raises
    ------
    SpecificationError
        If values are missing, of another number than the units, indexed by something else, or all the same.

    Examples
    --------
    Values that rise along a line resemble their neighbours:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spatial import contiguity_weights, moran_test, spatial_arrays
    >>> rng = np.random.default_rng(0)
    >>> codes = [f"u{number:02d}" for number in range(40)]
    >>> edges = pd.DataFrame({"code_a": codes[:-1], "code_b": codes[1:]})
    >>> weights = contiguity_weights(edges, codes)
    >>> x = rng.normal(size=40)
    >>> y = 1 + 2 * x + rng.normal(0, 0.5, 40)
    >>> data = spatial_arrays(y, x[:, None], ["x"], weights, codes)
    >>> test = moran_test(np.arange(40.0), weights, rng, draws=99)
    >>> round(test.statistic, 2)
    0.99
    """
    numbers = as_numbers(in_order_of(values, weights.codes, "values"), "values", missing=True)
    if numbers.shape != (len(weights.codes),) or not np.isfinite(numbers).all():
        raise SpecificationError(
            f"values have the shape {numbers.shape} with {int((~np.isfinite(numbers)).sum())} missing; allowed: one "
            f"finite number for each of the {len(weights.codes)} units. Build the weights on the units with a value."
        )
    basis = np.full((len(numbers), 1), len(numbers) ** -0.5)
    return _moran(numbers, weights.matrix, basis, rng, draws)


def residual_moran_test(data: SpatialData, rng: np.random.Generator, draws: int = DRAWS) -> MoranTest:
    """Moran's I of the residuals of a least-squares regression.

    Parameters
    ----------
    data : SpatialData
    rng : numpy.random.Generator
        For the permutations.
    draws : int

    Raises
    ------
    SpecificationError
        If draws are fewer than 99, ``rng`` is no generator, or the regressors explain the outcome wholly.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spatial import contiguity_weights, residual_moran_test, spatial_arrays
    >>> rng = np.random.default_rng(0)
    >>> codes = [f"u{number:02d}" for number in range(40)]
    >>> edges = pd.DataFrame({"code_a": codes[:-1], "code_b": codes[1:]})
    >>> weights = contiguity_weights(edges, codes)
    >>> x = rng.normal(size=40)
    >>> y = 1 + 2 * x + rng.normal(0, 0.5, 40)
    >>> data = spatial_arrays(y, x[:, None], ["x"], weights, codes)
    >>> round(residual_moran_test(data, rng, draws=99).statistic, 1)
    0.0
    """
    return _moran(data.outcome, data.weights, data.factors[0], rng, draws)


def _moran(values: Array, weights: sparse.csr_array, basis: Array, rng: np.random.Generator, draws: int) -> MoranTest:
    """Moran's I of what the basis leaves of the values."""
    rng = as_generator(rng)
    if draws < 99:
        raise SpecificationError(f"{draws} permutations; allowed: 99 or more. Take {DRAWS}.")
    left = less_projection(values[:, None], basis)[:, 0]
    if np.linalg.norm(left) <= rounding(values[:, None], np.ones(len(values)))[0]:
        raise SpecificationError(
            "the values do not vary, or the regressors explain them wholly, and Moran's I needs what is left; allowed: "
            "values that vary. Take another variable, or fewer regressors."
        )
    lags = weights @ left
    scale = len(values) / float(weights.sum())
    observed = scale * float(left @ lags) / float(left @ left)
    half = sparse.csr_array((weights + weights.T) / 2)
    expected, variance = _moments(half, basis, scale)
    larger = sum(
        int((scale * ratios >= observed - 1e-12).sum()) for ratios in _permuted_ratios(left, half, basis, rng, draws)
    )
    return MoranTest(observed, expected, variance, (1 + larger) / (1 + draws), draws, left, lags)


def _permuted_ratios(
    left: Array, half: sparse.csr_array, basis: Array, rng: np.random.Generator, draws: int
) -> Iterator[Array]:
    """``e'W e / e'e`` of permuted residuals regressed again, a batch at a time.

    What the basis leaves of a permutation is never formed: the products are multiplied out, which is several times
    as fast with many dummies among the regressors.
    """
    product = half @ basis
    inner, both, k = basis.T @ product, np.ascontiguousarray(np.hstack([basis, product]).T), basis.shape[1]
    for start in range(0, draws, _BATCH):
        size = min(_BATCH, draws - start)
        drawn = np.ascontiguousarray(rng.permuted(np.broadcast_to(left, (size, len(left))), axis=1).T)
        projected = both @ drawn
        inside, crossed = projected[:k], projected[k:]
        squares = (drawn**2).sum(axis=0) - (inside**2).sum(axis=0)
        lagged = (drawn * (half @ drawn)).sum(axis=0) - 2 * (inside * crossed).sum(axis=0)
        yield (lagged + (inside * (inner @ inside)).sum(axis=0)) / squares


def _moments(half: sparse.csr_array, basis: Array, scale: float) -> tuple[float, float]:
    """Expectation and variance of I of residuals for normal errors: a ratio of quadratic forms (Cliff & Ord 1981)."""
    n, k = basis.shape
    product = half @ basis
    inner = basis.T @ product
    trace = -float(np.trace(inner))
    trace_of_square = float(half.multiply(half).sum()) - 2 * float((product**2).sum()) + float((inner**2).sum())
    free = n - k
    mean = trace / free
    second = (trace**2 + 2 * trace_of_square) / (free * (free + 2))
    return scale * mean, scale**2 * (second - mean**2)


@dataclass(frozen=True)
class LagrangeTest:
    """One test of no spatial dependence."""

    name: str
    """``error``, ``lag``, ``robust error``, ``robust lag`` or ``SARMA`` (both at once)."""
    statistic: float
    """Chi-squared under no dependence, in large samples with homoscedastic errors."""
    df: int
    """Degrees of freedom."""

    @property
    def p(self) -> float:
        """p-value."""
        return float(stats.chi2.sf(self.statistic, self.df))


def lagrange_tests(data: SpatialData) -> tuple[LagrangeTest, ...]:
    """Tests against a spatial error, a spatial lag, each robust to the other, and both.

    Parameters
    ----------
    data : SpatialData
        The least-squares regression that is tested, with its weights.

    Returns
    -------
    tuple of LagrangeTest
        error, lag, robust error, robust lag, SARMA.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spatial import contiguity_weights, lagrange_tests, spatial_arrays
    >>> rng = np.random.default_rng(0)
    >>> codes = [f"u{number:02d}" for number in range(40)]
    >>> edges = pd.DataFrame({"code_a": codes[:-1], "code_b": codes[1:]})
    >>> weights = contiguity_weights(edges, codes)
    >>> x = rng.normal(size=40)
    >>> y = 1 + 2 * x + rng.normal(0, 0.5, 40)
    >>> data = spatial_arrays(y, x[:, None], ["x"], weights, codes)
    >>> [test.name for test in lagrange_tests(data)]
    ['error', 'lag', 'robust error', 'robust lag', 'SARMA']
    """
    n = len(data.outcome)
    basis = data.factors[0]
    fitted = basis @ (basis.T @ data.outcome)
    residuals = less_projection(data.outcome[:, None], basis)[:, 0]
    variance = float(residuals @ residuals) / n
    trace = _trace(data.weights)
    left = less_projection((data.weights @ fitted)[:, None], basis)[:, 0]
    information = float(left @ left) / variance + trace
    error_score = float(residuals @ (data.weights @ residuals)) / variance
    lag_score = float(residuals @ (data.weights @ data.outcome)) / variance
    share = trace / information
    robust_lag = (lag_score - error_score) ** 2 / (information - trace)
    return (
        LagrangeTest("error", error_score**2 / trace, 1),
        LagrangeTest("lag", lag_score**2 / information, 1),
        LagrangeTest("robust error", (error_score - share * lag_score) ** 2 / (trace * (1 - share)), 1),
        LagrangeTest("robust lag", robust_lag, 1),
        LagrangeTest("SARMA", robust_lag + error_score**2 / trace, 2),
    )


def _trace(weights: sparse.csr_array) -> float:
    """Trace of (W' + W) W."""
    return float(weights.multiply(weights).sum() + weights.multiply(weights.T).sum())
