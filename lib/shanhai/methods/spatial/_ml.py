"""Spatial lag, error and Durbin models by maximum likelihood, with sparse factors for the determinant.

Lag: ``y = rho W y + X b + e``. Durbin: the same with ``W X`` beside ``X``. Error: ``y = X b + u`` with
``u = lambda W u + e``. Errors ``e`` are normal with one variance. All parameters but one are concentrated out of the
likelihood (Ord 1975; Anselin 1988, chapter 12); standard errors come from the information matrix at the maximum.

References
----------
Ord, K. (1975), Estimation methods for models of spatial interaction, JASA 70, 120-126.
Anselin, L. (1988), Spatial econometrics: methods and models, Kluwer.
LeSage, J. & Pace, R. K. (2009), Introduction to spatial econometrics, CRC Press.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize_scalar

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.estimate import interval, two_sided_p
from shanhai.methods.regression.projection import inverse_triangle, less_projection
from shanhai.methods.spatial._data import SpatialData, lagged
from shanhai.methods.spatial._determinant import (
    WIDEST,
    DeterminantCurve,
    determinant_curve,
    factor,
    log_determinant,
    trace_of_crossproduct,
)

_SpatialModel = Literal["lag", "error", "durbin"]

_BRACKET = 1e-4
"""How closely the maximum is bracketed before the root of the score is taken."""

_SPAN = 0.01
"""Half the width of the range around it over which the determinant is interpolated, with its derivatives."""


@dataclass(frozen=True, repr=False)
class SpatialFit(Shown):
    """Maximum-likelihood estimates of one spatial model, k regressors (intercept and dummies first)."""

    model: _SpatialModel
    """``lag``, ``error`` or ``durbin``."""
    data: SpatialData
    """What was estimated; for ``durbin`` with the lags of the regressors among the columns."""
    params: Array
    """k coefficients."""
    spatial: float
    """rho of the lag and Durbin model, lambda of the error model."""
    covariance: Array
    """(k + 1) x (k + 1), the spatial parameter last."""
    variance: float
    """Variance of e: sum of squares over n, as maximum likelihood has it."""
    log_likelihood: float
    """At the maximum, constants included."""
    log_likelihood_without: float
    """Of the same regressors by least squares, with the spatial parameter at zero."""
    residuals: Array
    """n estimates of e."""

    @property
    def spatial_name(self) -> str:
        """``lambda`` for the error model, else ``rho``."""
        return "lambda" if self.model == "error" else "rho"

    @property
    def names(self) -> tuple[str, ...]:
        """k + 1 names, the spatial parameter last."""
        return (*self.data.names, self.spatial_name)

    @property
    def se(self) -> Array:
        """k + 1 standard errors."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def likelihood_ratio(self) -> float:
        """Twice the gain in log likelihood over the spatial parameter at zero; chi-squared with one degree."""
        return 2.0 * (self.log_likelihood - self.log_likelihood_without)

    @property
    def aic(self) -> float:
        """Akaike's criterion, with the variance counted among the parameters."""
        return -2.0 * self.log_likelihood + 2.0 * (len(self.params) + 2)

    def to_frame(self) -> pd.DataFrame:
        """One row a coefficient, intercept and dummies left out: model, term, estimate, se, z, p, low, high, n."""
        estimate, se = np.append(self.params, self.spatial), self.se
        z = estimate / se
        low, high = interval(estimate, se)
        table = pd.DataFrame(
            {
                "model": self.model,
                "term": self.names,
                "estimate": estimate,
                "se": se,
                "z": z,
                "p": two_sided_p(z),
                "low": low,
                "high": high,
                "n": len(self.residuals),
            }
        )
        return table.iloc[self.data.nuisance :].reset_index(drop=True)


def fit_lag(data: SpatialData) -> SpatialFit:
    """Spatial lag model: the outcome depends on the outcome of neighbours.

    Parameters
    ----------
    data : SpatialData
        Of :func:`spatial_data` or :func:`spatial_arrays`.

    Raises
    ------
    SpecificationError
        If the likelihood has its maximum at the end of the range of rho.

    Examples
    --------
    Neighbours in a line, without any dependence:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spatial import contiguity_weights, fit_lag, spatial_arrays
    >>> rng = np.random.default_rng(0)
    >>> codes = [f"u{number:02d}" for number in range(40)]
    >>> edges = pd.DataFrame({"code_a": codes[:-1], "code_b": codes[1:]})
    >>> weights = contiguity_weights(edges, codes)
    >>> x = rng.normal(size=40)
    >>> y = 1 + 2 * x + rng.normal(0, 0.5, 40)
    >>> data = spatial_arrays(y, x[:, None], ["x"], weights, codes)
    >>> round(fit_lag(data).spatial, 1)
    0.1
    """
    return _fit_lag(data, "lag")


def fit_durbin(data: SpatialData) -> SpatialFit:
    """Spatial Durbin model: the outcome depends on outcome and regressors of neighbours.

    Lags of intercept and dummies are not added: they say which share of the neighbours lies in which group.

    Parameters
    ----------
    data : SpatialData
        Of :func:`spatial_data` or :func:`spatial_arrays`.

    Raises
    ------
    SpecificationError
        If the likelihood has its maximum at the end of the range of rho.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spatial import contiguity_weights, fit_durbin, spatial_arrays
    >>> rng = np.random.default_rng(0)
    >>> codes = [f"u{number:02d}" for number in range(40)]
    >>> edges = pd.DataFrame({"code_a": codes[:-1], "code_b": codes[1:]})
    >>> weights = contiguity_weights(edges, codes)
    >>> x = rng.normal(size=40)
    >>> y = 1 + 2 * x + rng.normal(0, 0.5, 40)
    >>> data = spatial_arrays(y, x[:, None], ["x"], weights, codes)
    >>> round(fit_durbin(data).spatial, 1)
    0.0
    """
    return _fit_lag(lagged(data), "durbin")


def fit_error(data: SpatialData) -> SpatialFit:
    """Spatial error model: unobserved shocks are shared with neighbours, the effects of regressors are not.

    Parameters
    ----------
    data : SpatialData
        Of :func:`spatial_data` or :func:`spatial_arrays`.

    Raises
    ------
    SpecificationError
        If the likelihood has its maximum at the end of the range of lambda.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spatial import contiguity_weights, fit_error, spatial_arrays
    >>> rng = np.random.default_rng(0)
    >>> codes = [f"u{number:02d}" for number in range(40)]
    >>> edges = pd.DataFrame({"code_a": codes[:-1], "code_b": codes[1:]})
    >>> weights = contiguity_weights(edges, codes)
    >>> x = rng.normal(size=40)
    >>> y = 1 + 2 * x + rng.normal(0, 0.5, 40)
    >>> data = spatial_arrays(y, x[:, None], ["x"], weights, codes)
    >>> round(fit_error(data).spatial, 1)
    0.0
    """
    basis, root = data.factors
    n, k = basis.shape
    every = np.column_stack([basis, data.outcome])
    # all sums of squares for any lambda follow from the small triangle of one decomposition
    triangle: Array = np.asarray(np.linalg.qr(np.column_stack([every, data.weights @ every]), mode="r"))
    here, there = triangle[:, : k + 1], triangle[:, k + 1 :]

    def least_squares(value: float) -> tuple[Array, Array]:
        filtered = here - value * there
        params: Array = np.asarray(np.linalg.lstsq(filtered[:, :k], filtered[:, k], rcond=None)[0], dtype=np.float64)
        return params, filtered[:, k] - filtered[:, :k] @ params

    def squares_at(value: float) -> tuple[float, float]:
        params, left = least_squares(value)
        slope = there[:, k] - there[:, :k] @ params  # the params are at their best, so their change counts nothing
        return float(left @ left), float(-2 * left @ slope)

    value, likelihood, curve = _maximise(data, squares_at, "lambda")
    params, left = least_squares(value)
    variance = float(left @ left) / n
    raw = data.outcome - basis @ params
    first, second, third = _traces(data, value, curve)
    block = np.array([[second + third, first / variance], [first / variance, n / (2 * variance**2)]])
    covariance = np.zeros((k + 1, k + 1))
    filtered: Array = np.asarray(np.linalg.qr(basis - value * (data.weights @ basis), mode="r"))
    spread = root @ inverse_triangle(filtered)
    covariance[:k, :k] = variance * spread @ spread.T
    covariance[k, k] = np.linalg.inv(block)[0, 0]
    return _result(
        "error", data, (root @ params, value, covariance), (variance, likelihood), raw - value * (data.weights @ raw)
    )


def _fit_lag(data: SpatialData, model: _SpatialModel) -> SpatialFit:
    n = len(data.outcome)
    basis, root = data.factors
    both = np.column_stack([data.outcome, data.weights @ data.outcome])
    projected = basis.T @ both
    left = both - basis @ projected
    square, cross, lag_square = left[:, 0] @ left[:, 0], left[:, 0] @ left[:, 1], left[:, 1] @ left[:, 1]

    def squares_at(rho: float) -> tuple[float, float]:
        return square - 2 * rho * cross + rho**2 * lag_square, 2 * rho * lag_square - 2 * cross

    value, likelihood, curve = _maximise(data, squares_at, "rho")
    params = projected[:, 0] - value * projected[:, 1]
    residuals = left[:, 0] - value * left[:, 1]
    variance = float(residuals @ residuals) / n
    covariance = _lag_covariance(data, params, value, variance, _traces(data, value, curve))
    return _result(model, data, (root @ params, value, covariance), (variance, likelihood), residuals)


def _lag_covariance(
    data: SpatialData, params: Array, rho: float, variance: float, traces: tuple[float, float, float]
) -> Array:
    """Inverse of the information about coefficients, rho and variance, the last left out (Anselin 1988, 6.8).

    ``params`` are those of the basis; the covariance is that of the regressors.
    """
    basis, root = data.factors
    n, k = basis.shape
    expected = data.weights @ factor(data.weights, rho).solve(basis @ params)
    first, second, third = traces
    information = np.zeros((k + 2, k + 2))
    information[:k, :k] = np.eye(k) / variance
    information[:k, k] = information[k, :k] = basis.T @ expected / variance
    information[k, k] = second + third + expected @ expected / variance
    information[k, k + 1] = information[k + 1, k] = first / variance
    information[k + 1, k + 1] = n / (2 * variance**2)
    scale = 1 / np.sqrt(np.diag(information))
    inverse = np.linalg.inv(information * np.outer(scale, scale)) * np.outer(scale, scale)
    back = np.eye(k + 1)
    back[:k, :k] = root
    return np.asarray(back @ inverse[: k + 1, : k + 1] @ back.T)


def _traces(data: SpatialData, value: float, curve: DeterminantCurve) -> tuple[float, float, float]:
    """Traces of G, G G and G'G at the estimate."""
    return curve.trace(value), curve.trace_of_square(value), trace_of_crossproduct(data.weights, value)


def _maximise(
    data: SpatialData, squares: Callable[[float], tuple[float, float]], name: str
) -> tuple[float, float, DeterminantCurve]:
    """Spatial parameter at the maximum of the concentrated likelihood, the log likelihood, and the determinant near it.

    ``squares`` gives the sum of squares and its derivative. The likelihood is flat at its maximum, so comparing its
    values finds the place to about eight digits only; the root of its derivative is found to all of them.
    """
    n = len(data.outcome)

    def negative(value: float) -> float:
        return n / 2 * np.log(squares(value)[0] / n) - log_determinant(data.weights, value)

    found = minimize_scalar(negative, bounds=(-WIDEST, WIDEST), method="bounded", options={"xatol": _BRACKET})
    near = float(found.x)
    if abs(near) > WIDEST - _SPAN:
        raise SpecificationError(
            f"{name} runs to the end of its range ({near:.4f}); allowed: a maximum between -1 and 1. Neighbours are "
            "then as good as equal: difference the outcome, add fixed effects, or take other weights."
        )
    curve = determinant_curve(data.weights, near - _SPAN, near + _SPAN)

    def score(value: float) -> float:
        total, slope = squares(value)
        return -n / 2 * slope / total - curve.trace(value)

    value = float(brentq(score, near - _SPAN, near + _SPAN, xtol=1e-14))
    return value, curve.value(value) - float(n / 2 * (np.log(2 * np.pi * squares(value)[0] / n) + 1)), curve


def _result(
    model: _SpatialModel,
    data: SpatialData,
    estimates: tuple[Array, float, Array],
    likelihood: tuple[float, float],
    residuals: Array,
) -> SpatialFit:
    """The frozen result."""
    n = len(residuals)
    plain = less_projection(data.outcome[:, None], data.factors[0])[:, 0]
    without = -n / 2 * (np.log(2 * np.pi * float(plain @ plain) / n) + 1)
    params, value, covariance = estimates
    for array in (params, covariance, residuals):
        array.setflags(write=False)
    return SpatialFit(model, data, params, value, covariance, likelihood[0], likelihood[1], without, residuals)
