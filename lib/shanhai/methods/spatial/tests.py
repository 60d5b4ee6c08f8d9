"""Lagrange multiplier tests of a least-squares regression against the spatial lag and error models.

The plain tests reject for either kind of dependence. The robust ones (Anselin, Bera, Florax & Yoon 1996) each allow for
the other kind; which of them rejects more clearly says which model to estimate.

References
----------
Anselin, L., Bera, A., Florax, R. & Yoon, M. (1996), Simple diagnostic tests for spatial dependence, Regional Science
and Urban Economics 26, 77-104.
"""

from dataclasses import dataclass

from scipy import sparse, stats

from shanhai.methods.regression.projection import less_projection
from shanhai.methods.spatial.data import SpatialData


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
