"""How far parallel trends may fail before the conclusion does: two forms of Rambachan & Roth (2023).

Let b be the differences by year against the last year before the policy, and d the part of b that would have been there
without it. Target: a weighted sum of the effects b - d of the years from the policy on.

Relative magnitudes. From one year to the next, d changes after the policy by at most ``bound`` times its largest change
before. The target lies between the smallest and the largest of finitely many sums of b, one a pre-policy change and
sign. Interval: the union of the intervals of these sums, each at full level. It covers with at least its level, since
the right sum is one of them (an intersection-union test, Berger & Hsu 1996); the conditional least-favourable hybrid of
the paper is shorter.

Smoothness. The slope of d changes from one year to the next by at most ``bound``; zero means a straight line. Interval:
the fixed-length interval of the paper (section 4.1; Armstrong & Kolesár 2018), the shortest of fixed length around a
sum of b, for its worst bias, under normal errors.

References
----------
Rambachan, A. & Roth, J. (2023), A more credible approach to parallel trends, Review of Economic Studies 90(5).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_array, as_number, as_share
from shanhai.methods.did._effect import EventStudy
from shanhai.methods.estimate import LEVEL, critical_value

_WIDEST = 1e6
"""Bound, in standard errors, beyond which the search for a breakdown gives up."""


@dataclass(frozen=True, repr=False)
class Differences(Shown):
    """Estimates by year around a policy, in the form that both restrictions need. K pre and T post years."""

    pre: Array
    """K differences before the reference year, earliest first, years without gaps."""
    post: Array
    """T differences after the reference year."""
    covariance: Array
    """(K + T) x (K + T)."""
    weights: Array
    """T weights of the target."""
    df: float = np.inf
    """Degrees of freedom of t for relative magnitudes; infinite for the normal law."""

    def __post_init__(self) -> None:
        for name, axes in (("pre", 1), ("post", 1), ("covariance", 2), ("weights", 1)):
            object.__setattr__(self, name, as_array(getattr(self, name), f"{name} of the differences", axes))
        size = len(self.pre) + len(self.post)
        if len(self.weights) != len(self.post) or self.covariance.shape != (size, size):
            raise SpecificationError(
                f"{len(self.pre)} differences before, {len(self.post)} after, {len(self.weights)} weights, covariance "
                f"{self.covariance.shape}; needed: one or more before, a weight for each after, and the covariance of "
                "all. Take differences_of(event_study)."
            )
        roots = np.linalg.eigvalsh(self.covariance)
        if not np.allclose(self.covariance, self.covariance.T) or roots[0] < -1e-8 * abs(roots[-1]):
            raise SpecificationError(
                f"the covariance has variances from {roots[0]:g} to {roots[-1]:g} in its main directions; allowed: a "
                "symmetric matrix, none of them negative. Take that of the event study."
            )
        if not self.weights.any():
            raise SpecificationError("all weights are zero; needed: one year that counts. Give one a weight.")

    @property
    def estimate(self) -> float:
        """The target if trends were parallel."""
        return float(self.weights @ self.post)

    @property
    def all(self) -> Array:
        """K + T differences."""
        return np.concatenate([self.pre, self.post])

    @property
    def is_singular(self) -> bool:
        """Whether some sum of the differences has no variance, as when there are no more clusters than differences."""
        roots = np.linalg.eigvalsh(self.covariance)
        return bool(roots[0] <= 1e-9 * roots[-1])


def differences_of(study: EventStudy, weights: Array | None = None) -> Differences:
    """Differences of an event study; the target is the mean over the years from the policy on unless weights say else.

    Degrees of freedom: clusters less one.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, build_panel, differences_of, event_study, simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> panel = build_panel(design, units, values)
    >>> differences_of(event_study(panel)).post.round(2)
    array([0.19, 0.2 , 0.19, 0.18])
    """
    after = ~study.is_pre
    count = int(after.sum())
    chosen = np.full(count, 1.0 / count) if weights is None else weights
    return Differences(study.estimates[~after], study.estimates[after], study.covariance, chosen, study.df)


def relative_magnitudes(differences: Differences, bounds: Sequence[float], level: float = LEVEL) -> pd.DataFrame:
    """Intervals of the target when trends after the policy differ by at most so many times what they did before.

    Parameters
    ----------
    differences : Differences
        Of :func:`differences_of`.
    bounds : sequence of float
        Multiples, zero or more, of the largest change from year to year before the policy.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    DataFrame
        bound, low, high (of the set that is identified, at the estimates), ci_low, ci_high.

    Raises
    ------
    SpecificationError
        If a bound is negative or none is given, or ``level`` is no share.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, build_panel, differences_of, event_study, relative_magnitudes
    >>> from shanhai.methods.did import simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> panel = build_panel(design, units, values)
    >>> relative_magnitudes(differences_of(event_study(panel)), (0.0, 0.5)).round(2)
       bound   low  high  ci_low  ci_high
    0    0.0  0.19  0.19    0.17     0.21
    1    0.5  0.16  0.23    0.10     0.26
    """
    level = as_share(level, "level")
    rows = [(bound, *_union(differences, bound, level)) for bound in _checked_bounds(bounds)]
    return pd.DataFrame(rows, columns=["bound", "low", "high", "ci_low", "ci_high"])


def smoothness(differences: Differences, bounds: Sequence[float], level: float = LEVEL) -> pd.DataFrame:
    """Intervals of the target when the slope of the difference in trends changes by at most so much a year.

    Parameters
    ----------
    differences : Differences
        Of :func:`differences_of`.
    bounds : sequence of float
        Largest changes of the slope a year, zero or more, in the unit of the differences.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    DataFrame
        bound, estimate (after taking out the best straight line), ci_low, ci_high.

    Raises
    ------
    SpecificationError
        If the covariance is singular and there is more than one difference before, so that a best line is chosen: it
        would load on a direction whose variance is zero only by chance, and the interval shrink to a point.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, build_panel, differences_of, event_study, smoothness
    >>> from shanhai.methods.did import simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> panel = build_panel(design, units, values)
    >>> smoothness(differences_of(event_study(panel)), (0.0,)).round(2)
       bound  estimate  ci_low  ci_high
    0    0.0      0.19    0.17     0.22
    """
    level = as_share(level, "level")
    if differences.is_singular and len(differences.pre) > 1:
        raise SpecificationError(
            f"the covariance of {len(differences.all)} differences is singular; allowed: one of full rank, which needs "
            "more clusters than differences. Shorten the years, cluster by smaller units, or keep one year before."
        )
    rows = [(bound, *_fixed_length(differences, bound, level)) for bound in _checked_bounds(bounds)]
    return pd.DataFrame(rows, columns=["bound", "estimate", "ci_low", "ci_high"])


def breakdown(differences: Differences, level: float = LEVEL) -> float:
    """Largest bound of relative magnitudes at which the interval leaves out zero; zero if it never does.

    Parameters
    ----------
    differences : Differences
        Of :func:`differences_of`.
    level : float
        Coverage, between 0 and 1.

    Raises
    ------
    SpecificationError
        If ``level`` is no share.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, breakdown, build_panel, differences_of, event_study
    >>> from shanhai.methods.did import simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> panel = build_panel(design, units, values)
    >>> breakdown(differences_of(event_study(panel))) > 0.5
    True
    """
    level = as_share(level, "level")
    sign = 1.0 if differences.estimate >= 0 else -1.0

    def excluded(bound: float) -> bool:
        found = _union(differences, bound, level)
        return (found[2] if sign > 0 else -found[3]) > 0

    return _largest(excluded)


def folded_normal_quantile(bias: float, level: float = LEVEL) -> float:
    """Quantile of the absolute value of a normal variable with this mean and variance one."""
    lower, upper = stats.norm.ppf(level), stats.norm.ppf(0.5 + level / 2)

    def missing(value: float) -> float:
        return float(stats.norm.cdf(value - bias) - stats.norm.cdf(-value - bias) - level)

    return float(optimize.brentq(missing, bias + lower - 1e-9, bias + upper + 1e-9, xtol=1e-12))


def _union(differences: Differences, bound: float, level: float) -> tuple[float, float, float, float]:
    """Identified set and union of intervals under relative magnitudes."""
    before, after = len(differences.pre), len(differences.post)
    # the reference year is zero, so the last change before the policy is less the last pre difference
    steps = -np.eye(before) + np.eye(before, k=1)
    # each yearly change of the trend reaches all later years: the weight that it carries is a sum from the end
    reach = float(np.abs(np.cumsum(differences.weights[::-1])).sum())
    target = np.concatenate([np.zeros(before), differences.weights])
    padded = np.column_stack([steps, np.zeros((before, after))])
    sums = np.concatenate([target + sign * bound * reach * padded for sign in (-1.0, 1.0)])
    values = sums @ differences.all
    errors = np.sqrt(np.einsum("ij,jk,ik->i", sums, differences.covariance, sums))
    quantile = critical_value(differences.df, level)
    ends = (values - quantile * errors, values + quantile * errors)
    return float(values.min()), float(values.max()), float(ends[0].min()), float(ends[1].max())


def _fixed_length(differences: Differences, bound: float, level: float) -> tuple[float, float, float]:
    """Centre and bounds of the shortest interval of fixed length under smoothness."""
    pre_weights = _best_weights(differences, bound, level)
    weights = np.concatenate([pre_weights, differences.weights])
    centre = float(weights @ differences.all)
    error = float(np.sqrt(weights @ differences.covariance @ weights))
    bias = bound * float(np.abs(_second_sums(differences, pre_weights)).sum())
    reach = error * folded_normal_quantile(bias / error, level)
    return centre, centre - reach, centre + reach


def _second_sums(differences: Differences, pre_weights: Array) -> Array:
    """What each second difference of the trend adds to the bias of a sum that straight lines leave unbiased."""
    before, after = len(differences.pre), len(differences.post)
    times = np.concatenate([np.arange(-before, 0), np.arange(1, after + 1)])
    weights = np.concatenate([pre_weights, differences.weights])
    knots = np.arange(-before + 1, after)
    # the reference year carries the weight that makes the sum zero, which matters for knots to its left
    everything = np.append(times, 0)
    loaded = np.append(weights, -weights.sum())
    return np.asarray(np.maximum(everything[None, :] - knots[:, None], 0) @ loaded)


def _best_weights(differences: Differences, bound: float, level: float) -> Array:
    """Weights of the pre differences that make the interval shortest; straight lines must cancel."""
    before, after = len(differences.pre), len(differences.post)
    times = np.arange(-before, 0, dtype=np.float64)
    slope = float(differences.weights @ np.arange(1, after + 1))
    start = -slope * times / (times @ times)
    if before == 1:
        return start
    free = np.linalg.svd(times[None, :])[2][1:].T
    base = _second_sums(differences, start)
    turn = np.column_stack([_second_sums(differences, start + column) - base for column in free.T])
    shape, offset = np.vstack([free, np.zeros((after, before - 1))]), np.concatenate([start, differences.weights])
    scale = np.linalg.cholesky(differences.covariance + 1e-14 * np.trace(differences.covariance) * np.eye(len(offset)))
    found = _shortest(scale.T @ offset, scale.T @ shape, base, turn, (bound, level))
    return np.asarray(start + free @ found)


def _shortest(offset: Array, shape: Array, base: Array, turn: Array, options: tuple[float, float]) -> Array:
    """Free weights z that minimise s cv(bound |base + turn z| / s), s the length of offset + shape z.

    The absolute values are bounded by slack variables, so that the problem is smooth with linear constraints; the slope
    of the critical value at bias t is tanh(t cv).
    """
    bound, level = options
    size = shape.shape[1]
    unit = float(np.linalg.norm(offset))

    def objective(variables: Array) -> tuple[float, Array]:
        z, slack = variables[:size], variables[size:]
        moved = offset + shape @ z
        error = float(np.linalg.norm(moved))
        ratio = bound * float(slack.sum()) / error
        value = folded_normal_quantile(max(ratio, 0.0), level)
        steep = float(np.tanh(max(ratio, 0.0) * value))
        by_error = value - ratio * steep
        gradient = np.concatenate([by_error * (shape.T @ moved) / error, np.full(len(slack), bound * steep)])
        return error * value / unit, gradient / unit

    start = np.linalg.lstsq(shape, -offset, rcond=None)[0]
    inequality = np.block([[-turn, np.eye(len(base))], [turn, np.eye(len(base))]])
    limit = np.concatenate([base, -base])
    constraint = {"type": "ineq", "fun": lambda x: inequality @ x - limit, "jac": lambda x: inequality}
    first = np.concatenate([start, np.abs(base + turn @ start)])
    options_of_solver = {"maxiter": 500, "ftol": 1e-12}
    solved = optimize.minimize(
        objective, first, jac=True, method="SLSQP", constraints=[constraint], options=options_of_solver
    )
    if not np.isfinite(solved.fun):
        raise SpecificationError("the shortest interval was not found: check that the covariance is positive.")
    return np.asarray(solved.x[:size])


def _largest(holds: Callable[[float], bool]) -> float:
    """Largest number up to which a condition holds that once broken stays broken."""
    if not holds(0.0):
        return 0.0
    high = 1.0
    while holds(high):
        high *= 2
        if high > _WIDEST:
            return float("inf")
    low = 0.0
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _checked_bounds(bounds: Sequence[float]) -> list[float]:
    if not len(bounds):
        raise SpecificationError("there are no bounds; allowed: numbers of 0 or more. Take (0, 0.5, 1, 2).")
    return [as_number(bound, "a bound", least=0) for bound in bounds]
