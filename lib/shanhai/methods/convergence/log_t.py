"""The log t test of Phillips and Sul: do relative paths come together?

The relative path of a unit is ``h = x / mean(x)`` in each year, where x is the *logarithm* of a level, freed of
business cycles. With ``H_t`` the mean of ``(h - 1)^2``, the test regresses ``ln(H_1 / H_t) - 2 ln ln t`` on ``ln t``
over the last part of the years. Paths that come together give a slope of twice the speed; a t-ratio below -1.65 says
that they do not all come together.

``ln t`` counts years from the start of the data, so the answer depends on where the data start; and because x is a
logarithm, on the unit of measurement: see the page of the documentation. Below some fifteen years the test knows
little.

References
----------
Phillips, P. & Sul, D. (2007), Transition modeling and econometric convergence tests, Econometrica 75, 1771-1855.
Phillips, P. & Sul, D. (2009), Economic transition and growth, Journal of Applied Econometrics 24, 1153-1185.
Andrews, D. (1991), Heteroskedasticity and autocorrelation consistent covariance matrix estimation, Econometrica 59.
"""

from dataclasses import dataclass
from math import floor

import numpy as np
import pandas as pd
from scipy import stats

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.door_shapes import as_number, as_panel, as_share

CRITICAL = -1.65
"""t-ratio below which convergence is rejected (one-sided, 5 %)."""

TRIM = 1 / 3
"""Share of the years at the start that the regression leaves out (Phillips & Sul: 0.3 or a third)."""

LEAST_YEARS = 8
"""Years below which the regression has too few points."""

ALIKE = 1e-12
"""Relative distance of paths up to which they differ by rounding only."""


@dataclass(frozen=True)
class LogT:
    """One log t test."""

    slope: float
    """Coefficient of log t: twice the speed at which relative paths come together; negative when they part."""
    se: float
    """Standard error from the long-run variance of the residuals."""
    t: float
    """Ratio of the two."""
    units: int
    """Units tested."""
    points: int
    """Years in the regression."""

    @property
    def p(self) -> float:
        """One-sided p-value: small where units do not all converge."""
        return float(stats.norm.cdf(self.t))

    @property
    def converge(self) -> bool:
        """Whether convergence is not rejected at 5 %."""
        return self.t > CRITICAL


def relative_paths(logs: pd.DataFrame) -> pd.DataFrame:
    """Each unit's logarithm over the mean of all in the same year (h of Phillips & Sul).

    Raises
    ------
    SpecificationError
        If a value is missing, or the mean of a year is not positive.
    """
    known = as_panel(logs, "logs")
    mean = known.mean()
    if not (mean > 0).all():
        raise SpecificationError(
            f"the smallest mean of a year is {mean.min():g}; needed: means above zero. Measure in a smaller unit."
        )
    return known / mean


def log_t_test(logs: pd.DataFrame, trim: float = TRIM) -> LogT:
    """Whether the paths of all units come together.

    Parameters
    ----------
    logs : DataFrame
        Units by years (ascending, equally spaced): positive logarithms without gaps, cycles filtered out.
    trim : float
        Share of the years left out at the start.

    Raises
    ------
    SpecificationError
        If fewer than two units or ``LEAST_YEARS`` years are given, years have gaps, a value is missing, or one is not
        positive; if all units are the same in a year, which leaves nothing that could shrink.
    """
    numbers = checked_logs(logs, trim)
    return log_t_of(dispersion_of(numbers)[None, :], len(numbers), trim)[0]


def dispersion_of(numbers: Array) -> Array:
    """H of each year: mean squared deviation of the relative paths from one."""
    relative = numbers / numbers.mean(axis=0)
    return np.asarray(((relative - 1) ** 2).mean(axis=0))


def log_t_of(dispersion: Array, units: int, trim: float) -> list[LogT]:
    """The regression of many sets of units at once; rows are sets, columns years."""
    years = dispersion.shape[1]
    # two equal paths would have no dispersion at all, whose logarithm does not exist
    safe = np.maximum(dispersion, np.finfo(float).tiny)
    used = np.arange(floor(years * trim + 0.5) + 1, years + 1)
    log_t = np.log(used)
    outcome = np.log(safe[:, [0]] / safe[:, used - 1]) - 2 * np.log(log_t)
    deviation = log_t - log_t.mean()
    square = float(deviation @ deviation)
    slope = outcome @ deviation / square
    residuals = outcome - outcome.mean(axis=1, keepdims=True) - slope[:, None] * deviation
    variance = np.array([long_run_variance(row) for row in residuals])
    se = np.sqrt(np.maximum(variance, np.finfo(float).tiny) / square)
    return [
        LogT(float(b), float(error), float(b / error), units, len(used)) for b, error in zip(slope, se, strict=True)
    ]


def long_run_variance(residuals: Array) -> float:
    """Long-run variance of residuals: quadratic spectral kernel, bandwidth of Andrews (1991) for an AR(1).

    The sums run as in the program of Phillips & Sul, which published results come from: autocovariances of all but the
    last residual, everything over n - 1.
    """
    n = len(residuals)
    before, after = residuals[:-1], residuals[1:]
    square = float(before @ before)
    if square == 0.0:
        return 0.0
    rho = float(before @ after) / square
    variance = float(residuals @ residuals)
    strength = 4 * rho**2 / (1 - rho) ** 4
    if strength == 0.0:
        return variance / (n - 1)
    bandwidth = 1.3221 * (strength * n) ** 0.2
    lags = np.arange(1, n - 1)
    angle = 1.2 * np.pi * lags / bandwidth
    kernel = 3 / angle**2 * (np.sin(angle) / angle - np.cos(angle))
    covariances = np.array([before[: n - 1 - lag] @ before[lag:] for lag in lags])
    return (variance + 2 * float(kernel @ covariances)) / (n - 1)


def checked_logs(logs: pd.DataFrame, trim: float) -> Array:
    """Numbers of a frame of logarithms, refused if the test cannot take them."""
    numbers = as_panel(logs, "logs", missing=True, evenly=True).to_numpy()
    units, years = numbers.shape
    if units < 2 or years < LEAST_YEARS:
        raise SpecificationError(
            f"{units} units over {years} years; needed: two or more units and {LEAST_YEARS} or more years. Take a "
            "longer series, within one sensor."
        )
    if not np.isfinite(numbers).all() or (numbers <= 0).any():
        raise SpecificationError(
            f"{int((~np.isfinite(numbers)).sum())} logarithms missing, {int((numbers <= 0).sum())} not positive; "
            "needed: positive ones without gaps. Drop units with gaps, or measure in a smaller unit."
        )
    apart = np.ptp(numbers / numbers.mean(axis=0), axis=0)
    if (apart < ALIKE).any():
        raise SpecificationError(
            f"all {units} units have the same logarithm in {int((apart < ALIKE).sum())} of {years} years; needed: "
            "paths that differ in each. Leave out the years, or the copies."
        )
    as_share(trim, "trim")
    return numbers


def trend(logs: pd.DataFrame, smoothing: float = 400.0) -> pd.DataFrame:
    """Trend of each unit by the filter of Hodrick & Prescott; 400 is what Phillips & Sul take for yearly data.

    Parameters
    ----------
    logs : DataFrame
        Units by years without gaps.
    smoothing : float
        Penalty on the square of second differences; 0 gives the series itself.

    Raises
    ------
    SpecificationError
        If a value is missing, years have gaps, or the penalty is negative.
    """
    logs, smoothing = as_panel(logs, "logs", evenly=True), as_number(smoothing, "smoothing", least=0)
    years = logs.shape[1]
    second = np.diff(np.eye(years), n=2, axis=0)
    smoothed = np.linalg.solve(np.eye(years) + smoothing * second.T @ second, logs.to_numpy().T).T
    return pd.DataFrame(smoothed, index=logs.index, columns=logs.columns)
