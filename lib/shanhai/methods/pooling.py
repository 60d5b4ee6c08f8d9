"""Many estimates of one thing: their mean, how far the truth differs between units, and each shrunk to the mean.

The normal random-effects model: estimate i is normal around the truth of unit i with a known error, and the truths are
normal around a common mean with variance tau2. All answers about tau2 come from one equation, that in tau2 of the
generalised statistic ``Q(tau2) = sum((y - mean)^2 / (v + tau2))``, which falls with tau2: set to its expectation it
gives the estimate (Paule & Mandel 1982, Journal of Research of the National Bureau of Standards 87), set to quantiles
of chi-squared with k - 1 degrees of freedom the exact interval (Q-profile: Viechtbauer 2007, Statistics in Medicine
26). So the interval always holds the estimate, which it need not do with that of maximum likelihood.

The interval of the mean is that of Hartung & Knapp (2001, Statistics in Medicine 20), t with k - 1 degrees of freedom.
At this estimate of tau2 their factor on the variance is one; where tau2 is zero it would be below one and is left at
one (Roever, Knapp & Friede 2015, BMC Medical Research Methodology 15). Each unit is shrunk by Morris (1983, Journal of
the American Statistical Association 78, section 5), whose intervals are wider because tau2 and the mean are estimated:
the fewer the units, and the farther a unit lies from the mean, the more. Errors of single estimates are taken as known.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special
from scipy.optimize import brentq

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.estimate import ENDS, Estimate, interval

_ROUNDING = 1e-8
"""What a correlation may be off by."""

_LEAST = 4
"""Units below which Morris's factor (k - 3) / (k - 1) leaves nothing to shrink by."""


@dataclass(frozen=True, repr=False)
class Pooled(Shown):
    """Estimates of k units, pooled."""

    values: Array
    """k estimates."""
    errors: Array
    """k standard errors."""
    mean: Estimate
    """Mean of the truths, with the interval of Hartung and Knapp."""
    variance: float
    """tau2, the variance of the truths, by Paule and Mandel."""
    variance_interval: tuple[float, float]
    """Its 95 % interval by the Q-profile; (0, 0) where the estimates differ less than their errors allow."""
    q: float
    """Cochran's Q: statistic of the test that all truths are one."""

    @property
    def p_equal(self) -> float:
        """p-value of that test, from chi-squared with k - 1 degrees of freedom."""
        return float(special.chdtrc(len(self.values) - 1, self.q))

    @property
    def spread(self) -> tuple[float, float, float]:
        """Standard deviation of the truths, tau, with the bounds of its 95 % interval."""
        value, low, high = np.sqrt([self.variance, *self.variance_interval]).tolist()
        return value, low, high

    @property
    def heterogeneity(self) -> tuple[float, float, float]:
        """Share of the variance of a typical estimate that is variance of the truth (I2), with the bounds of its 95 %
        interval, from those of tau2. Higgins & Thompson (2002, Statistics in Medicine 21), equation 9."""
        weights = self.errors**-2.0
        typical = (len(weights) - 1) * weights.sum() / (weights.sum() ** 2 - (weights**2).sum())
        value, low, high = (float(part / (part + typical)) for part in (self.variance, *self.variance_interval))
        return value, low, high

    def units(self) -> pd.DataFrame:
        """Each unit by itself and shrunk to the mean, in the order of the estimates.

        Returns
        -------
        DataFrame
            estimate, se, kept (share of its distance to the mean that is left), shrunk, shrunk_se, low, high (95 %
            interval of the truth of the unit, normal).
        """
        k, v = len(self.values), self.errors**2
        weights = 1.0 / (v + self.variance)
        gone = (k - 3) / (k - 1) * v * weights
        apart = self.values - self.mean.value
        own = weights / weights.sum()
        average = float(own @ v)
        # what is not known of the factor of shrinkage, and moves a unit the more the farther it lies from the mean
        unsure = 2.0 / (k - 3) * gone**2 * (average + self.variance) * weights
        se = np.sqrt(v * (1.0 - (1.0 - own) * gone) + unsure * apart**2)
        shrunk = self.values - gone * apart
        low, high = interval(shrunk, se)
        columns = {"kept": 1.0 - gone, "shrunk": shrunk, "shrunk_se": se, "low": low, "high": high}
        return pd.DataFrame({"estimate": self.values, "se": self.errors, **columns})


def pool(values: ArrayLike, errors: ArrayLike, correlation: ArrayLike | None = None) -> Pooled:
    """Pool estimates by the normal random-effects model.

    Parameters
    ----------
    values : k numbers
        Estimates, one a unit.
    errors : k numbers
        Their standard errors.
    correlation : k x k numbers, optional
        Correlation of the errors, where units share rows. It enters the error of the mean; weights, tau2 and shrinkage
        treat the estimates as independent, since a matrix that few clusters estimate cannot be inverted.

    Raises
    ------
    SpecificationError
        If there are fewer than four units, a value is missing or infinite, an error is not above zero, or the
        correlation has another shape or is none: symmetric, with ones on its diagonal and no negative eigenvalue.

    Examples
    --------
    >>> pooled = pool([0.1, 0.3, 0.2, 0.9], [0.1, 0.1, 0.1, 0.1])
    >>> round(pooled.mean.value, 3), round(pooled.variance, 4), round(float(pooled.units()["shrunk"][3]), 3)
    (0.375, 0.1192, 0.886)
    """
    y, s = (np.asarray(column, dtype=np.float64) for column in (values, errors))
    if y.ndim != 1 or y.shape != s.shape or len(y) < _LEAST:
        raise SpecificationError(
            f"{y.size} estimates and {s.size} standard errors; allowed: {_LEAST} or more of each, one a unit. "
            "Show fewer units one by one."
        )
    wrong = ~(np.isfinite(y) & np.isfinite(s) & (s > 0))
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise SpecificationError(
            f"estimate {place} is {y[place]:g} with the standard error {s[place]:g}; allowed: a finite number with an "
            "error above zero. Leave out units that cannot be estimated."
        )
    shared = np.eye(len(y)) if correlation is None else np.asarray(correlation, dtype=np.float64)
    if shared.shape != (len(y), len(y)):
        raise SpecificationError(
            f"a correlation of shape {shared.shape} for {len(y)} estimates; allowed: {len(y)} x {len(y)}. Cut it to "
            "the units that are pooled."
        )
    _require_correlation(shared)
    v, degrees = s**2, len(y) - 1

    def q(variance: float) -> float:
        weights = 1.0 / (v + variance)
        return float(weights @ (y - weights @ y / weights.sum()) ** 2)

    # chdtri takes the probability above
    low, high = (_variance_at(q, float(special.chdtri(degrees, share)), float(v.min())) for share in ENDS)
    variance = _variance_at(q, float(degrees), float(v.min()))
    weights = 1.0 / (v + variance)
    covariance = shared * np.outer(s, s) + variance * np.eye(len(y))
    se = float(np.sqrt(weights @ covariance @ weights) / weights.sum())
    mean = Estimate(float(weights @ y / weights.sum()), se, float(degrees), "random effects, Hartung-Knapp")
    return Pooled(y, s, mean, variance, (low, high), q(0.0))


def _require_correlation(matrix: Array) -> None:
    """Refuse what no errors can be correlated by; rounding passes."""
    wrong = "holds values that are missing or infinite" if not np.isfinite(matrix).all() else ""
    if not wrong and not np.allclose(matrix, matrix.T, rtol=0, atol=_ROUNDING):
        wrong = "is not symmetric"
    if not wrong and not np.allclose(np.diagonal(matrix), 1.0, rtol=0, atol=_ROUNDING):
        wrong = "has other numbers than 1 on its diagonal"
    if not wrong and (least := float(np.linalg.eigvalsh(matrix)[0])) < -_ROUNDING:
        wrong = f"has the negative eigenvalue {least:.3g}"
    if wrong:
        raise SpecificationError(
            f"the correlation {wrong}; allowed: a symmetric matrix with ones on its diagonal that is positive "
            "semidefinite. Divide a covariance by the errors of row and column."
        )


def _variance_at(q: Callable[[float], float], target: float, unit: float) -> float:
    """Variance of the truths at which the generalised statistic falls to a target; zero where it starts below.

    The least variance of an error is the unit of the search, so that the answer does not depend on that of the values.
    """
    if q(0.0) <= target:
        return 0.0
    top = unit
    while q(top) > target:
        top *= 4.0
    return float(brentq(lambda variance: q(variance) - target, 0.0, top, xtol=1e-14 * unit, rtol=1e-12))
