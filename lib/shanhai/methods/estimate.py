"""An estimate: a number with its standard error, and the arithmetic of t-ratios, p-values and intervals.

Nothing else in the library computes a two-sided p-value or a confidence interval from a standard error. The functions
do for arrays what :class:`Estimate` does for one number. Infinite degrees of freedom stand for the normal distribution.
"""

from dataclasses import dataclass
from math import inf, nan
from typing import Any, TypeVar, overload

import numpy as np
from scipy import special

from shanhai.methods.arrays import Array

LEVEL = 0.95
"""Coverage of every confidence interval."""

SIGNIFICANCE = round(1.0 - LEVEL, 12)
"""A p-value below it is said to be significant: the interval at ``LEVEL`` does not hold zero."""

ENDS = (round(0.5 - LEVEL / 2, 12), round(0.5 + LEVEL / 2, 12))
"""Quantiles between which the middle of draws or of a distribution lies."""

_Number = TypeVar("_Number", float, Array)


def two_sided_p(t: _Number, df: float | Array = inf) -> _Number:
    """Two-sided p-values of t-ratios.

    Parameters
    ----------
    t : float or array
    df : float or array of the shape of ``t``
        Degrees of freedom of t; infinite for the normal distribution.

    Returns
    -------
    float or array
        NaN where ``t`` or ``df`` is.

    Examples
    --------
    >>> round(two_sided_p(1.96), 3), round(two_sided_p(1.96, 9), 3)
    (0.05, 0.082)
    """
    tail = -np.abs(t)
    values: _Number = _shaped(2.0 * np.where(np.isposinf(df), special.ndtr(tail), special.stdtr(df, tail)))
    return values


@overload
def critical_value(df: float = ..., level: float = ...) -> float: ...
@overload
def critical_value(df: Array, level: float = ...) -> Array: ...
def critical_value(df: float | Array = inf, level: float = LEVEL) -> float | Array:
    """Standard errors to either side of an estimate that its confidence interval at ``level`` holds.

    Examples
    --------
    >>> round(critical_value(), 2), round(critical_value(9), 2)
    (1.96, 2.26)
    """
    quantile = 0.5 + level / 2
    values: float | Array = _shaped(np.where(np.isposinf(df), special.ndtri(quantile), special.stdtrit(df, quantile)))
    return values


def interval(value: _Number, se: _Number, df: float | Array = inf, level: float = LEVEL) -> tuple[_Number, _Number]:
    """Lower and upper bounds of confidence intervals.

    Parameters
    ----------
    value, se : float or array
        Estimates and their standard errors.
    df : float or array of the same shape
        Degrees of freedom of t; infinite for the normal distribution.
    level : float
        Coverage.

    Examples
    --------
    >>> [round(bound, 2) for bound in interval(1.0, 0.5)]
    [0.02, 1.98]
    """
    reach: Any = critical_value(df, level) * se
    return value - reach, value + reach


def equivalence_p(value: float, se: float, df: float, margin: float) -> float:
    """p-value of two one-sided tests that a size lies within a margin (Schuirmann 1987).

    Examples
    --------
    >>> round(equivalence_p(0.0, 0.1, inf, 0.1645), 2)
    0.05
    """
    distance = (margin - abs(value)) / se
    return float(special.ndtr(-distance) if df == inf else special.stdtr(df, -distance))


def _shaped(values: Array) -> Any:
    """A float for a number, an array for an array."""
    return values if values.ndim else float(values)


@dataclass(frozen=True)
class Estimate:
    """One estimated number.

    Examples
    --------
    >>> border = Estimate(-0.11, 0.02, df=89, error="cluster(prefecture_code) CR1S")
    >>> round(border.t, 1), [round(bound, 2) for bound in border.interval()]
    (-5.5, [-0.15, -0.07])
    """

    value: float
    """The number."""
    se: float
    """Its standard error; NaN where there is none."""
    df: float = inf
    """Degrees of freedom of t; infinite for the normal distribution."""
    error: str = ""
    """Name of the estimator of the standard error, such as ``HC3`` or ``bootstrap (999)``."""

    @property
    def t(self) -> float:
        """Ratio of number and standard error; NaN without a standard error."""
        return float(self.value / self.se) if self.se > 0 else nan

    @property
    def p(self) -> float:
        """Two-sided p-value of no effect."""
        return float(two_sided_p(self.t, self.df))

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Lower and upper bound of the confidence interval at a level."""
        low, high = interval(self.value, self.se, self.df, level)
        return float(low), float(high)
