"""Coefficient stability: how much unobserved selection a coefficient stands, given what observed controls did to it.

Oster (2019), after Altonji, Elder & Taber (2005). Everything is computed within the fixed effects, which count as
nuisance in both regressions, and on the same rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.regression.fit import fitted_columns
from shanhai.methods.regression.projection import without
from shanhai.methods.regression.results import FitResult

_CEILINGS = (1.1, 1.3, 1.5, 2.0)
"""R_max as a multiple of R squared with controls; 1.3 is Oster's, under which 90 % of randomised results survive."""


@dataclass(frozen=True)
class Stability:
    """What Oster's formulas need of the two regressions, and no data."""

    short: float
    """Coefficient without controls."""
    long: float
    """Coefficient with controls."""
    r2_short: float
    """Share of the outcome's variance explained without controls."""
    r2_long: float
    """Share explained with controls."""
    outcome_variance: float
    """Variance of the outcome."""
    treatment_variance: float
    """Variance of the treatment."""
    treatment_left: float
    """Variance of the treatment that controls do not explain."""


def stability(result: FitResult, frame: pd.DataFrame, term: str | None = None) -> Stability:
    """The two regressions of a fitted specification: the term alone, and with every other regressor.

    Parameters
    ----------
    result : FitResult
        Unweighted, with other regressors beside the term.
    frame : DataFrame
        The one that was fitted.
    term : str, optional
        Name of a coefficient; by default the first term of the regression.

    Raises
    ------
    SpecificationError
        If the term is no coefficient, there are no other regressors, the regression is weighted, or another
        frame was fitted.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import stability
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
    >>> given = stability(fit(spec, frame), frame, "treated")
    >>> round(given.short, 2), round(given.long, 2)
    (0.61, 1.03)
    """
    term = term or result.spec.first_term
    result.position(term)
    others = [name for name in result.names if name not in (term, "intercept")]
    if not others or result.spec.weights is not None:
        raise SpecificationError(
            f"model {result.spec.model!r} has {len(others)} controls and weights {result.spec.weights!r}; allowed: at "
            "least one control and no weights. Fit a model with controls: what they do to the coefficient is measured."
        )
    columns = fitted_columns(result, frame)
    outcome, treatment = columns["outcome"], columns[term]
    controls = np.column_stack([columns[name] for name in others])
    left = without(treatment, controls)
    rest = without(outcome, np.column_stack([treatment, controls]))
    short = float(treatment @ outcome / (treatment @ treatment))
    n, total = len(outcome), float(outcome @ outcome)
    return Stability(
        short=short,
        long=float(left @ outcome / (left @ left)),
        r2_short=short**2 * float(treatment @ treatment) / total,
        r2_long=1.0 - float(rest @ rest) / total,
        outcome_variance=total / n,
        treatment_variance=float(treatment @ treatment) / n,
        treatment_left=float(left @ left) / n,
    )


def oster_delta(given: Stability, r_max: float, beta: float = 0.0) -> float:
    """Selection on unobservables, relative to observables, under which the true coefficient is ``beta``.

    Oster (2019), proposition 3. One is as much selection as on the controls; a negative value means that unobserved
    selection would have to work the other way.

    Parameters
    ----------
    given : Stability
        Of :func:`stability`.
    r_max : float
        R squared if all that is unobserved were controlled for too: above that of the regression with controls, at
        most 1.
    beta : float
        Coefficient, in the unit of the outcome.

    Raises
    ------
    SpecificationError
        If R_max is not above R squared with controls and at most one, or ``beta`` is the coefficient itself.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import oster_delta, stability
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
    >>> round(oster_delta(stability(fit(spec, frame), frame, "treated"), 0.95), 1)
    -1.2
    """
    _require_ceiling(given, r_max)
    bias = given.long - beta
    if bias == 0.0:
        raise SpecificationError(f"beta is {beta!r}, the coefficient with controls; allowed: another value, such as 0.")
    cubic, square, linear, constant = _terms(given, r_max)
    # delta * (what it multiplies) + (the rest) = 0 in the equation of the bias
    multiplied = cubic[0] * bias**3 + square[0] * bias**2 + linear[0] * bias + constant[0]
    rest = cubic[1] * bias**3 + square[1] * bias**2 + linear[1] * bias + constant[1]
    return float(-rest / multiplied)


def oster_roots(given: Stability, r_max: float, delta: float = 1.0) -> Array:
    """All coefficients that agree with a degree of selection: real roots of the cubic (proposition 2), sorted.

    Parameters
    ----------
    given : Stability
        Of :func:`stability`.
    r_max : float
        R squared if all that is unobserved were controlled for too: above that of the regression with controls, at
        most 1.
    delta : float
        Selection on unobservables relative to that on the controls.

    Returns
    -------
    array
        One to three coefficients, rising, in the unit of the outcome.

    Raises
    ------
    SpecificationError
        If R_max is out of range.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import oster_roots, stability
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
    >>> len(oster_roots(stability(fit(spec, frame), frame, "treated"), 0.95)) > 0
    True
    """
    _require_ceiling(given, r_max)
    coefficients = np.array([delta * first + second for first, second in _terms(given, r_max)])
    # at equal selection the cubic term vanishes; rounding must not leave a root at infinity
    scale = np.abs(coefficients).max()
    roots = np.roots(np.where(np.abs(coefficients) < 1e-13 * scale, 0.0, coefficients))
    real = roots.real[np.abs(roots.imag) < 1e-9 * np.maximum(1.0, np.abs(roots.real))]
    return np.sort(given.long - real)


def oster_beta(given: Stability, r_max: float, delta: float = 1.0) -> float:
    """Bias-adjusted coefficient: of the roots, the one closest to the coefficient with controls.

    Roots on the far side, where the bias of the controlled coefficient would have another sign than the movement from
    short to long says (assumption 3 of the paper), are left out unless there are no others.

    Parameters
    ----------
    given : Stability
        Of :func:`stability`.
    r_max : float
        R squared if all that is unobserved were controlled for too: above that of the regression with controls, at
        most 1.
    delta : float
        Selection on unobservables relative to that on the controls; 1 is as much.

    Raises
    ------
    SpecificationError
        If R_max is out of range.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import oster_beta, stability
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
    >>> round(oster_beta(stability(fit(spec, frame), frame, "treated"), 0.95), 1)
    1.1
    """
    roots = oster_roots(given, r_max, delta)
    onward = roots[np.sign(given.long - roots) == np.sign(delta * (given.short - given.long))]
    chosen = onward if len(onward) else roots
    return float(chosen[np.abs(chosen - given.long).argmin()])


def oster_table(given: Stability, multiples: Sequence[float] = _CEILINGS) -> pd.DataFrame:
    """Delta for a coefficient of zero, and the adjusted coefficient at equal selection, by R_max.

    Parameters
    ----------
    given : Stability
    multiples : sequence of float
        R_max over R squared with controls; a product above one counts as one, the last row always is one.

    Returns
    -------
    DataFrame
        multiple (missing in the row of R_max = 1), r_max, delta (for a coefficient of zero), beta (at delta 1), low
        and high (the identified set between beta and the coefficient with controls), excludes_zero.

    Raises
    ------
    SpecificationError
        If an R_max does not lie above R squared with controls.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import oster_table, stability
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
    >>> oster_table(stability(fit(spec, frame), frame, "treated"), (1.1, 1.3)).shape
    (3, 7)
    """
    rows = []
    for multiple in (*multiples, np.nan):
        r_max = 1.0 if np.isnan(multiple) else min(1.0, multiple * given.r2_long)
        beta = oster_beta(given, r_max)
        low, high = sorted((beta, given.long))
        numbers = {"multiple": multiple, "r_max": r_max, "delta": oster_delta(given, r_max), "beta": beta}
        rows.append({**numbers, "low": low, "high": high, "excludes_zero": bool(low > 0 or high < 0)})
    return pd.DataFrame(rows)


def _terms(given: Stability, r_max: float) -> tuple[tuple[float, float], ...]:
    """Coefficients of the cubic in the bias, highest first, each as (factor of delta, the rest)."""
    total, left = given.treatment_variance, given.treatment_left
    moved = given.short - given.long
    unseen = (r_max - given.r2_long) * given.outcome_variance
    seen = (given.r2_long - given.r2_short) * given.outcome_variance
    shape = left * total - left**2
    return (
        (shape, -shape),
        (left * moved * total, -2.0 * left * moved * total),
        (unseen * (total - left), -seen * left - total * left * moved**2),
        (unseen * moved * total, 0.0),
    )


def _require_ceiling(given: Stability, r_max: float) -> None:
    """Refuse an R_max that no regression can have."""
    if not given.r2_long < r_max <= 1.0:
        raise SpecificationError(
            f"r_max is {r_max!r}; allowed: above {given.r2_long:.4f}, the R squared with controls, and at most 1. "
            "Oster's choice is 1.3 times the R squared with controls."
        )
