"""How strong an unseen confounder must be: robustness values.

Cinelli & Hazlett (2020): omitted-variable bias written in partial R squared. All of it is algebra of least squares, so
the degrees of freedom and standard errors inside are the classical ones of the same regression; the clustered
standard error enters only where a column says so.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.estimate import LEVEL
from shanhai.methods.regression.fit import fit, require_fitted
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import CovarianceSpec


@dataclass(frozen=True)
class Robustness:
    """Strength that a confounder needs against one coefficient."""

    term: str
    """The coefficient."""
    estimate: float
    """Its estimate."""
    se: float
    """Classical standard error."""
    se_clustered: float
    """Standard error under the covariance of the specification."""
    df: float
    """Residual degrees of freedom, absorbed effects counted."""
    partial_r2: float
    """Share of the outcome's residual variance that the treatment explains: what a confounder that explains all of the
    rest of the outcome must at least explain of the treatment to bring the estimate to zero."""
    value: float
    """Robustness value: a confounder that explains this share of the residual variance of both brings the estimate to
    zero."""
    value_significant: float
    """The same for an estimate that just is not significant at 5 % by the classical standard error."""
    value_clustered: float
    """The same with the ratio to the clustered standard error in place of t: a heuristic, for there is no partial R
    squared behind a clustered t."""


def partial_r2(t: float, df: float) -> float:
    """Share of residual variance explained, from t and residual degrees of freedom."""
    return float(t**2 / (t**2 + df))


def robustness_value(t: float, df: float, q: float = 1.0, alpha: float = 1.0) -> float:
    """Robustness value (Cinelli & Hazlett 2020, equations 4.3 and 4.6).

    Parameters
    ----------
    t, df : float
        Ratio of estimate and standard error; residual degrees of freedom.
    q : float
        Share of the estimate to be explained away.
    alpha : float
        Level of the test that is to fail; 1 asks for the point estimate only.

    Returns
    -------
    float
        0 where no confounder is needed, up to 1.

    Raises
    ------
    SpecificationError
        If degrees of freedom, q or alpha are out of range.
    """
    if not (df > 1 and q > 0 and 0 < alpha <= 1):
        raise SpecificationError(
            f"df {df!r}, q {q!r}, alpha {alpha!r}; allowed: df above 1, q above 0, alpha above 0 and at most 1. "
            "Take t and the residual degrees of freedom of the regression."
        )
    strength = q * abs(t) / np.sqrt(df)
    critical = stats.t.ppf(1.0 - alpha / 2.0, df - 1.0) / np.sqrt(df - 1.0)
    needed = strength - critical
    if needed <= 0:
        return 0.0
    value = (np.sqrt(needed**4 + 4.0 * needed**2) - needed**2) / 2.0
    # beyond this strength the confounder is limited by the treatment's side alone
    corner = (strength**2 - critical**2) / (1.0 + strength**2)
    return float(value if critical == 0 or strength < 1.0 / critical else corner)


def robustness(result: FitResult, frame: pd.DataFrame, term: str = "on_border") -> Robustness:
    """Partial R squared and robustness values of one coefficient of a fitted regression.

    Raises
    ------
    SpecificationError
        If the regression has no such coefficient or no residual, is weighted, or another frame was fitted.
    """
    place = result.tested(term)
    classical = _classical(result, frame)
    estimate, se = float(classical.params[place]), float(classical.se[place])
    clustered = float(result.se[place])
    t, df = estimate / se, classical.df
    return Robustness(
        term=term,
        estimate=estimate,
        se=se,
        se_clustered=clustered,
        df=df,
        partial_r2=partial_r2(t, df),
        value=robustness_value(t, df),
        value_significant=robustness_value(t, df, alpha=1.0 - LEVEL),
        value_clustered=robustness_value(estimate / clustered, df, alpha=1.0 - LEVEL),
    )


def adjusted_for(
    given: Robustness, r2_treatment: float | Array, r2_outcome: float | Array
) -> tuple[float | Array, float | Array]:
    """Estimate and classical standard error after a confounder of given strength that works against the estimate.

    Parameters
    ----------
    given : Robustness
    r2_treatment, r2_outcome : float or array
        Shares of the residual variance of treatment and outcome that the confounder explains.
    """
    bias = given.se * np.sqrt(given.df) * np.sqrt(r2_outcome * r2_treatment / (1.0 - r2_treatment))
    se = given.se * np.sqrt((1.0 - r2_outcome) / (1.0 - r2_treatment) * given.df / (given.df - 1.0))
    return np.sign(given.estimate) * (abs(given.estimate) - bias), se


def _classical(result: FitResult, frame: pd.DataFrame) -> FitResult:
    """The same regression with the classical covariance."""
    if result.spec.weights is not None:
        raise SpecificationError(
            f"model {result.spec.model!r} is weighted by {result.spec.weights!r}; allowed: unweighted regressions, for "
            "which the shares of variance are defined. Fit it without weights."
        )
    require_fitted(result, frame)
    # on the same rows: without its clusters the regression could use rows that have none
    return fit(replace(result.spec, covariance=CovarianceSpec("iid")), frame.iloc[result.rows])
