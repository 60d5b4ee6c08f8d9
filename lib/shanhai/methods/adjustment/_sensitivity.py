"""How strong an unseen confounder must be: robustness values, and bounds by the strength of what is seen.

Cinelli & Hazlett (2020): omitted-variable bias written in partial R squared. A confounder that would explain as much of
treatment and outcome as an observed covariate does, or a multiple of it, is a bound (section 4.4). All of it is algebra
of least squares, so the degrees of freedom and standard errors inside are the classical ones of the same regression;
the clustered standard error enters only where a column says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.estimate import SIGNIFICANCE, critical_value, interval
from shanhai.methods.regression.fit import fit, fitted_columns, require_fitted
from shanhai.methods.regression.projection import without
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
    """Share of residual variance explained, from t and residual degrees of freedom.

    Parameters
    ----------
    t : float
        Ratio of a coefficient to its classical standard error.
    df : float
        Residual degrees of freedom, above zero.

    Examples
    --------
    >>> from shanhai.methods.adjustment import partial_r2
    >>> round(partial_r2(2.0, 100), 3)
    0.038
    """
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

    Examples
    --------
    >>> from shanhai.methods.adjustment import robustness_value
    >>> round(robustness_value(4.18445, 783), 4)
    0.1388
    """
    if not (df > 1 and q > 0 and 0 < alpha <= 1):
        raise SpecificationError(
            f"df {df!r}, q {q!r}, alpha {alpha!r}; allowed: df above 1, q above 0, alpha above 0 and at most 1. "
            "Take t and the residual degrees of freedom of the regression."
        )
    strength = q * abs(t) / np.sqrt(df)
    critical = critical_value(df - 1.0, 1.0 - alpha) / np.sqrt(df - 1.0) if alpha < 1 else 0.0
    needed = strength - critical
    if needed <= 0:
        return 0.0
    value = (np.sqrt(needed**4 + 4.0 * needed**2) - needed**2) / 2.0
    # beyond this strength the confounder is limited by the treatment's side alone
    corner = (strength**2 - critical**2) / (1.0 + strength**2)
    return float(value if critical == 0 or strength < 1.0 / critical else corner)


def robustness(result: FitResult, frame: pd.DataFrame, term: str | None = None) -> Robustness:
    """Partial R squared and robustness values of one coefficient of a fitted regression.

    Parameters
    ----------
    result : FitResult
        Unweighted.
    frame : DataFrame
        The one that was fitted.
    term : str, optional
        Name of a coefficient; by default the first term of the regression.

    Raises
    ------
    SpecificationError
        If the regression has no such coefficient or no residual, is weighted, or another frame was fitted.

    Examples
    --------
    Treatment follows height; its effect is 1:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import robustness
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(size=400)
    >>> frame = pd.DataFrame({"height": height, "treated": rng.uniform(size=400) < 1 / (1 + np.exp(-height))})
    >>> frame["y"] = frame["treated"] - 0.5 * height + rng.normal(0, 0.3, 400)
    >>> frame["group"], frame["town"] = np.arange(400) % 2, np.arange(400) % 40
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1S"),
    ...     controls=(Variable("height"),),
    ...     fixed_effects=("group",),
    ... )
    >>> given = robustness(fit(spec, frame), frame, "treated")
    >>> 0 < given.partial_r2 < 1
    True
    """
    term = term or result.spec.first_term
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
        value_significant=robustness_value(t, df, alpha=SIGNIFICANCE),
        value_clustered=robustness_value(estimate / clustered, df, alpha=SIGNIFICANCE),
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

    Returns
    -------
    tuple of two floats or arrays
        Estimate and standard error, in the unit of the outcome and the shape of the shares.

    Examples
    --------
    An unseen confounder that explains a tenth of both:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import adjusted_for, robustness
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(size=400)
    >>> frame = pd.DataFrame({"height": height, "treated": rng.uniform(size=400) < 1 / (1 + np.exp(-height))})
    >>> frame["y"] = frame["treated"] - 0.5 * height + rng.normal(0, 0.3, 400)
    >>> frame["group"], frame["town"] = np.arange(400) % 2, np.arange(400) % 40
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1S"),
    ...     controls=(Variable("height"),),
    ...     fixed_effects=("group",),
    ... )
    >>> given = robustness(fit(spec, frame), frame, "treated")
    >>> tuple(round(float(value), 2) for value in adjusted_for(given, 0.1, 0.1))
    (0.97, 0.03)
    """
    bias = given.se * np.sqrt(given.df) * np.sqrt(r2_outcome * r2_treatment / (1.0 - r2_treatment))
    se = given.se * np.sqrt((1.0 - r2_outcome) / (1.0 - r2_treatment) * given.df / (given.df - 1.0))
    return np.sign(given.estimate) * (abs(given.estimate) - bias), se


def _classical(result: FitResult, frame: pd.DataFrame) -> FitResult:
    """The same regression with the classical covariance."""
    if result.spec.weights is not None:
        raise SpecificationError(
            f"the regression is weighted by {result.spec.weights!r}; allowed: unweighted regressions, for "
            "which the shares of variance are defined. Fit it without weights."
        )
    require_fitted(result, frame)
    # on the same rows: without its clusters the regression could use rows that have none
    return fit(replace(result.spec, covariance=CovarianceSpec("iid")), frame.iloc[result.rows])


_MARGIN = 1.15
"""How far a contour reaches beyond the strongest benchmark and the robustness value."""

_POINTS = 61
"""Strengths along each axis of a contour."""


def benchmark_bounds(
    result: FitResult,
    frame: pd.DataFrame,
    benchmarks: Mapping[str, Sequence[str]],
    multiples: Sequence[float] = (1.0, 2.0, 3.0),
    term: str | None = None,
) -> pd.DataFrame:
    """Estimates if a confounder were k times as strong as observed covariates (Cinelli & Hazlett 2020, section 4.4).

    Parameters
    ----------
    result : FitResult
        Regression with the benchmark covariates among its regressors.
    frame : DataFrame
    benchmarks : mapping of name to coefficients
        Coefficients that count as one benchmark together, such as ruggedness and its product with the border.
    multiples : sequence of float
        k, for treatment and outcome alike.
    term : str, optional
        Name of the treatment; by default the first term of the regression.

    Returns
    -------
    DataFrame
        benchmark, multiple, r2_treatment, r2_outcome, estimate, se, t, low, high (classical, 95 %), se_clustered (the
        clustered standard error scaled like the classical one), changes_sign. Estimates are missing where no
        confounder of that strength exists (a share of one or more).

    Raises
    ------
    SpecificationError
        If a coefficient is unknown, a benchmark is the treatment itself, or another frame was fitted.

    Examples
    --------
    Treatment follows height; its effect is 1:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import benchmark_bounds
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(size=400)
    >>> frame = pd.DataFrame({"height": height, "treated": rng.uniform(size=400) < 1 / (1 + np.exp(-height))})
    >>> frame["y"] = frame["treated"] - 0.5 * height + rng.normal(0, 0.3, 400)
    >>> frame["group"], frame["town"] = np.arange(400) % 2, np.arange(400) % 40
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1S"),
    ...     controls=(Variable("height"),),
    ...     fixed_effects=("group",),
    ... )
    >>> bounds = benchmark_bounds(fit(spec, frame), frame, {"height": ("height",)}, (1.0,), "treated")
    >>> bounds[["benchmark", "multiple", "r2_treatment", "changes_sign"]].round(2).values.tolist()
    [['height', 1.0, 0.19, False]]
    """
    term = term or result.spec.first_term
    given = robustness(result, frame, term)
    rows = []
    for name, members in benchmarks.items():
        if term in members:
            raise SpecificationError(f"benchmark {name!r} holds the treatment {term!r}; allowed: other coefficients.")
        of_treatment, of_outcome = _benchmark_shares(result, frame, tuple(members), term)
        for k in multiples:
            pair = bound_strength(of_treatment, of_outcome, k)
            rows.append({"benchmark": name, "multiple": float(k), **_bound_row(given, *pair)})
    return pd.DataFrame(rows)


def bound_strength(of_treatment: float, of_outcome: float, multiple: float) -> tuple[float, float]:
    """Strength of a confounder that is a multiple as strong as a benchmark (Cinelli & Hazlett 2020, equation 4.8).

    Parameters
    ----------
    of_treatment, of_outcome : float
        Partial R squared of the benchmark with the treatment, and with the outcome given the treatment.
    multiple : float
        For treatment and outcome alike.

    Returns
    -------
    tuple of float
        Partial R squared of the confounder with treatment and outcome; not a number where there can be none.

    Examples
    --------
    A confounder as strong as one that explains a hundredth of both:

    >>> from shanhai.methods.adjustment import bound_strength
    >>> tuple(round(value, 4) for value in bound_strength(0.01, 0.01, 1.0))
    (0.0101, 0.0103)
    """
    if multiple * of_treatment >= 1.0 - of_treatment:
        return np.nan, np.nan
    treatment = multiple * of_treatment / (1.0 - of_treatment)
    link = multiple * of_treatment**2 / ((1.0 - multiple * of_treatment) * (1.0 - of_treatment))
    if link >= 1.0:
        return np.nan, np.nan
    outcome = ((np.sqrt(multiple) + np.sqrt(link)) / np.sqrt(1.0 - link)) ** 2 * of_outcome / (1.0 - of_outcome)
    return treatment, min(float(outcome), 1.0)


def contour_around(given: Robustness, bounds: pd.DataFrame) -> pd.DataFrame:
    """Adjusted estimates over a grid that holds every bound and the robustness value, for a contour plot.

    Parameters
    ----------
    given : Robustness
    bounds : DataFrame
        From :func:`benchmark_bounds`.

    Returns
    -------
    DataFrame
        As :func:`sensitivity_contour`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import benchmark_bounds, contour_around, robustness
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(size=400)
    >>> frame = pd.DataFrame({"height": height, "treated": rng.uniform(size=400) < 1 / (1 + np.exp(-height))})
    >>> frame["y"] = frame["treated"] - 0.5 * height + rng.normal(0, 0.3, 400)
    >>> frame["group"], frame["town"] = np.arange(400) % 2, np.arange(400) % 40
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1S"),
    ...     controls=(Variable("height"),),
    ...     fixed_effects=("group",),
    ... )
    >>> result = fit(spec, frame)
    >>> bounds = benchmark_bounds(result, frame, {"height": ("height",)}, (1.0,), "treated")
    >>> len(contour_around(robustness(result, frame, "treated"), bounds)) > 0
    True
    """
    reach = []
    for column in ("r2_treatment", "r2_outcome"):
        largest = max(given.value, float(bounds[column].max()))
        reach.append(np.linspace(0.0, min(_MARGIN * largest, 0.99), _POINTS))
    return sensitivity_contour(given, *reach)


def sensitivity_contour(given: Robustness, r2_treatment: Array, r2_outcome: Array) -> pd.DataFrame:
    """Adjusted estimates over a grid of strengths, for a contour plot.

    Parameters
    ----------
    given : Robustness
    r2_treatment, r2_outcome : array
        Shares of the residual variance that a confounder explains, 0 to 1; the grid is every pair of the two.

    Returns
    -------
    DataFrame
        r2_treatment, r2_outcome, estimate, t (classical); one row a point of the grid.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import robustness, sensitivity_contour
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(size=400)
    >>> frame = pd.DataFrame({"height": height, "treated": rng.uniform(size=400) < 1 / (1 + np.exp(-height))})
    >>> frame["y"] = frame["treated"] - 0.5 * height + rng.normal(0, 0.3, 400)
    >>> frame["group"], frame["town"] = np.arange(400) % 2, np.arange(400) % 40
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1S"),
    ...     controls=(Variable("height"),),
    ...     fixed_effects=("group",),
    ... )
    >>> given = robustness(fit(spec, frame), frame, "treated")
    >>> sensitivity_contour(given, np.array([0.1, 0.2]), np.array([0.1])).round(2)
       r2_treatment  r2_outcome  estimate      t
    0           0.1         0.1      0.97  31.85
    1           0.2         0.1      0.94  29.05
    """
    across, up = (grid.ravel() for grid in np.meshgrid(r2_treatment, r2_outcome))
    estimate, se = adjusted_for(given, across, up)
    return pd.DataFrame({"r2_treatment": across, "r2_outcome": up, "estimate": estimate, "t": estimate / se})


def _benchmark_shares(
    result: FitResult, frame: pd.DataFrame, members: tuple[str, ...], term: str
) -> tuple[float, float]:
    """Partial R squared of some covariates together with the treatment, and with the outcome given the treatment."""
    columns = fitted_columns(result, frame)
    for name in members:
        result.position(name)
    others = [columns[name] for name in result.names if name not in (*members, term, "intercept")]
    own = [columns[name] for name in members]
    treatment, outcome = columns[term], columns["outcome"]
    return _share(treatment, own, others), _share(outcome, own, [*others, treatment])


def _share(target: Array, own: list[Array], others: list[Array]) -> float:
    """Share of the residual variance of a column, given others, that further columns explain."""
    before, after = _left(target, others), _left(target, [*others, *own])
    return 1.0 - after / before


def _left(target: Array, columns: list[Array]) -> float:
    """Sum of squared residuals."""
    if not columns:
        return float(target @ target)
    rest = without(target, np.column_stack(columns))
    return float(rest @ rest)


def _bound_row(given: Robustness, r2_treatment: float, r2_outcome: float) -> dict[str, float | bool]:
    """Numbers of one bound."""
    estimate, se = (float(number) for number in adjusted_for(given, r2_treatment, r2_outcome))
    low, high = interval(estimate, se, given.df - 1.0)
    return {
        "r2_treatment": r2_treatment,
        "r2_outcome": r2_outcome,
        "estimate": estimate,
        "se": se,
        "t": estimate / se if se > 0 else np.nan,
        "low": low,
        "high": high,
        "se_clustered": se * given.se_clustered / given.se,
        "changes_sign": bool(np.sign(estimate) == -np.sign(given.estimate)),
    }
