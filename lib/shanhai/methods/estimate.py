"""An estimate: a number with its standard error, and the arithmetic of t-ratios, p-values and intervals.

Nothing else in the library computes a two-sided p-value or a confidence interval from a standard error. The functions
do for arrays what :class:`Estimate` does for one number. Infinite degrees of freedom stand for the normal distribution.

What was not estimable has the standard error NaN, and then no t-ratio, p-value or interval: they are NaN too. A
standard error of zero says that there is no uncertainty: the interval is the number alone, exactly, while the t-ratio
has no value and there is no p-value. Anything else that is no standard error, no degrees of freedom or no level is
refused.
"""

from dataclasses import dataclass
from math import inf, nan
from numbers import Real
from typing import Any, TypeVar, overload

import numpy as np
import pandas as pd
from scipy import special

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
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
    t : float, array or Series
        NaN where nothing was estimated.
    df : float or array of the shape of ``t``
        Degrees of freedom of t, above zero; infinite for the normal distribution. NaN where ``t`` is, if anywhere.

    Returns
    -------
    float, array, or Series with the index of ``t``
        NaN where ``t`` is.

    Raises
    ------
    SpecificationError
        If ``t`` holds no numbers, or ``df`` is not above zero.

    Examples
    --------
    >>> round(two_sided_p(1.96), 3), round(two_sided_p(1.96, 9), 3)
    (0.05, 0.082)
    """
    ratios = _numbers(t, "t")
    degrees = _degrees(df, ratios)
    tail = -np.abs(ratios)
    values: _Number = _shaped(2.0 * np.where(np.isposinf(degrees), special.ndtr(tail), special.stdtr(degrees, tail)), t)
    return values


@overload
def critical_value(df: float = ..., level: float = ...) -> float: ...
@overload
def critical_value(df: Array, level: float = ...) -> Array: ...
def critical_value(df: float | Array = inf, level: float = LEVEL) -> float | Array:
    """Standard errors to either side of an estimate that its confidence interval at ``level`` holds.

    Parameters
    ----------
    df : float or array
        Degrees of freedom of t, above zero; infinite for the normal distribution.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    float or array
        Of the shape of ``df``.

    Raises
    ------
    SpecificationError
        If ``df`` is not above zero, or ``level`` not between 0 and 1.

    Examples
    --------
    >>> round(critical_value(), 2), round(critical_value(9), 2)
    (1.96, 2.26)
    """
    values: float | Array = _shaped(_reach(_degrees(df), level), df)
    return values


def interval(value: _Number, se: _Number, df: float | Array = inf, level: float = LEVEL) -> tuple[_Number, _Number]:
    """Lower and upper bounds of confidence intervals.

    Parameters
    ----------
    value, se : float, array or Series
        Estimates and their standard errors: zero or above, or NaN where nothing was estimated.
    df : float or array of the same shape
        Degrees of freedom of t, above zero; infinite for the normal distribution. NaN where ``se`` is, if anywhere.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    tuple of two floats, arrays or Series
        Of the shape of ``value``.

    Raises
    ------
    SpecificationError
        If one of them is something else.

    Examples
    --------
    >>> [round(bound, 2) for bound in interval(1.0, 0.5)]
    [0.02, 1.98]
    """
    if isinstance(value, pd.Series) and isinstance(se, pd.Series) and not value.index.equals(se.index):
        raise SpecificationError(
            "value and se have other indexes; allowed: the same rows in the same order. Align them first."
        )
    middle, errors = _numbers(value, "value"), _errors(se)
    reach = _reach(_degrees(df, errors), level) * errors
    _require_one_shape(value=middle, reach=reach)
    like: Any = value if np.ndim(value) else se
    return _shaped(middle - reach, like), _shaped(middle + reach, like)


def equivalence_p(value: float, se: float, df: float, margin: float) -> float:
    """p-value of two one-sided tests that a size lies within a margin (Schuirmann 1987).

    Parameters
    ----------
    value, se : float
        The size and its standard error, above zero.
    df : float
        Degrees of freedom of t; infinite for the normal distribution.
    margin : float
        Above zero, in the unit of the size.

    Examples
    --------
    >>> round(equivalence_p(0.0, 0.1, inf, 0.1645), 2)
    0.05
    """
    distance = (margin - abs(value)) / se
    return float(special.ndtr(-distance) if df == inf else special.stdtr(df, -distance))


def _shaped(values: Array, like: object) -> Any:
    """A float for a number, a Series for a Series, an array for an array."""
    if isinstance(like, pd.Series):
        return pd.Series(values, index=like.index)
    return values if values.ndim else float(values)


def _reach(degrees: Array, level: float) -> Array:
    if not (_is_number(level) and 0.0 < level < 1.0):
        raise SpecificationError(
            f"level is {level!r}; allowed: a number above 0 and below 1. Give 0.95 for an interval of 95 percent."
        )
    quantile = 0.5 + level / 2
    return np.asarray(np.where(np.isposinf(degrees), special.ndtri(quantile), special.stdtrit(degrees, quantile)))


def _numbers(values: Any, what: str) -> Array:
    """Numbers as floats, whatever holds them; text, truth and nothing are none."""
    if isinstance(values, pd.Series) and pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=float, na_value=nan) if values.dtype.kind in "fiu" else _refuse(what, values)
    try:
        found = np.asarray(values)
    except ValueError as error:  # rows of several lengths
        raise _refused(what, values, "a number or an array of numbers") from error
    return found.astype(float) if found.dtype.kind in "fiu" else _refuse(what, values)


def _refuse(what: str, values: Any) -> Array:
    raise _refused(what, values, "a number or an array of numbers")


def _refused(what: str, value: Any, allowed: str) -> SpecificationError:
    return SpecificationError(
        f"{what} is {value!r}; allowed: {allowed}. Pass what the estimator gave, NaN where it gave none."
    )


def _errors(se: Any) -> Array:
    errors = _numbers(se, "se")
    wrong = (errors < 0) | np.isinf(errors)
    if wrong.any():
        raise _refused("se", float(errors[wrong].flat[0]), "zero or above, or NaN for what was not estimable")
    return errors


def _degrees(df: Any, beside: Array | None = None) -> Array:
    """Degrees of freedom; those of what is NaN beside them may be NaN."""
    degrees = _numbers(df, "df")
    unknown = np.zeros(degrees.shape, dtype=bool)
    if beside is not None:
        _require_one_shape(df=degrees, estimate=beside)
        unknown = np.isnan(degrees) & np.isnan(beside)
        degrees = np.broadcast_to(degrees, unknown.shape)
    wrong = ~(degrees > 0) & ~unknown
    if wrong.any():
        raise _refused("df", float(degrees[wrong].flat[0]), "above zero, inf for the normal distribution")
    return degrees


def _require_one_shape(**arrays: Array) -> None:
    (first, left), (second, right) = arrays.items()
    if left.ndim and right.ndim and left.shape != right.shape:
        raise SpecificationError(
            f"{first} has the shape {left.shape}, {second} {right.shape}; allowed: one shape, or a single number. "
            "Pass one for each estimate."
        )


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


@dataclass(frozen=True, repr=False)
class Estimate(Shown):
    """One estimated number.

    Raises
    ------
    SpecificationError
        If number, standard error or degrees of freedom are none, or hold more than one.

    Examples
    --------
    >>> border = Estimate(-0.11, 0.02, df=89, error="cluster(district) CR1S")
    >>> round(border.t, 1), [round(bound, 2) for bound in border.interval()]
    (-5.5, [-0.15, -0.07])
    """

    value: float
    """The number."""
    se: float
    """Its standard error, zero or above; NaN where it was not estimable."""
    df: float = inf
    """Degrees of freedom of t, above zero; infinite for the normal distribution. NaN only where ``se`` is."""
    error: str = ""
    """Name of the estimator of the standard error, such as ``HC3`` or ``bootstrap (999)``."""

    def __post_init__(self) -> None:
        for what in ("value", "se", "df"):
            if not _is_number(getattr(self, what)):
                allowed = "one number; two_sided_p and interval take arrays"
                raise _refused(f"{what} of an estimate", getattr(self, what), allowed)
        if np.isinf(self.value):
            raise _refused("value of an estimate", self.value, "a finite number, or NaN for what was not estimable")
        _degrees(self.df, _errors(self.se))

    @property
    def t(self) -> float:
        """Ratio of number and standard error; NaN without a standard error, or with one of zero."""
        return float(self.value / self.se) if self.se > 0 else nan

    @property
    def p(self) -> float:
        """Two-sided p-value of no effect; NaN where ``t`` is."""
        return float(two_sided_p(self.t, self.df))

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Lower and upper bound of the confidence interval at ``level``.

        Raises
        ------
        SpecificationError
            As :func:`interval`.
        """
        low, high = interval(self.value, self.se, self.df, level)
        return float(low), float(high)


def set_interval(low: Estimate, high: Estimate, level: float = LEVEL) -> tuple[float, float]:
    """Interval that covers a number of which only the ends of a set are estimated, not the whole set.

    One-sided errors on both ends where they are far apart, the usual two-sided interval where they meet (Imbens &
    Manski 2004). Ends that are ordered by construction make its coverage uniform (Stoye 2009, lemma 3).

    Parameters
    ----------
    low, high : Estimate
        Ends of the set, ``low.value <= high.value``, each with a standard error, one of them above zero.
    level : float
        Coverage, above one half.

    Returns
    -------
    tuple of two floats
        Lower and upper bound, in the unit of the ends.

    Raises
    ------
    SpecificationError
        If ends or errors are missing, the ends are reversed, both errors are zero, or the level is something else.

    Examples
    --------
    >>> low, high = Estimate(-1.0, 0.1), Estimate(1.0, 0.1)
    >>> [round(bound, 3) for bound in set_interval(low, high)]  # 1.645 errors
    [-1.164, 1.164]
    """
    if not (_is_number(level) and 0.5 < level < 1.0):
        raise _refused("level of the interval of a set", level, "a number above 0.5 and below 1")
    if not np.isfinite([low.value, high.value, low.se, high.se]).all() or max(low.se, high.se) == 0:
        raise SpecificationError(
            f"ends {low.value:g} (se {low.se:g}) and {high.value:g} (se {high.se:g}); allowed: two numbers with "
            "standard errors, one of them above zero. Ends known without error are themselves the interval."
        )
    if low.value - high.value > 1e-9 * max(low.se, high.se):  # beyond rounding
        raise SpecificationError(
            f"the low end {low.value:g} is above the high end {high.value:g}; allowed: low <= high. Exchange them."
        )
    df, gap = min(low.df, high.df), max(high.value - low.value, 0.0) / max(low.se, high.se)

    def excess(reach: float) -> float:
        """Coverage at one end beyond the level."""
        return 1.0 - float(two_sided_p(reach + gap, df) + two_sided_p(reach, df)) / 2 - level

    from scipy import optimize  # here, because the import takes longer than that of the library

    # one-sided and two-sided errors; at these the excess may be zero but for rounding
    ends = critical_value(df, 2 * level - 1) - 1e-6, critical_value(df, level) + 1e-6
    reach = float(optimize.brentq(excess, *ends))
    return low.value - reach * low.se, high.value + reach * high.se
