"""The log t test of Phillips and Sul, do relative paths come together, and the clubs that do.

The relative path of a unit is ``h = x / mean(x)`` in each year, where x is the *logarithm* of a level, freed of
business cycles. With ``H_t`` the mean of ``(h - 1)^2``, the test regresses ``ln(H_1 / H_t) - 2 ln ln t`` on ``ln t``
over the last part of the years. Paths that come together give a slope of twice the speed; a t-ratio below -1.65 says
that they do not all come together.

``ln t`` counts years from the start of the data, so the answer depends on where the data start; and because x is a
logarithm, on the unit of measurement: see the page of the documentation. Below some fifteen years the test knows
little. Clubs are built by the test, from the unit that is highest in the last year downwards, and then merged.

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
from shanhai.methods.checks import as_number, as_share, require_present
from shanhai.methods.panels import as_panel

CRITICAL = -1.65
"""t-ratio below which convergence is rejected (one-sided, 5 %)."""

_TRIM = 1 / 3
"""Share of the years at the start that the regression leaves out (Phillips & Sul: 0.3 or a third)."""

_LEAST_YEARS = 8
"""Years below which the regression has too few points."""

_ALIKE = 1e-12
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

    Parameters
    ----------
    logs : DataFrame
        Units by years, none missing.

    Returns
    -------
    DataFrame
        Units by years; 1 is the mean of the year.

    Raises
    ------
    SpecificationError
        If a value is missing, or the mean of a year is not positive.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.convergence import relative_paths
    >>> income = pd.DataFrame({2000: [1.0, 2.0, 8.0], 2010: [2.0, 3.0, 9.0], 2020: [4.0, 5.0, 10.0]}, index=list("abc"))
    >>> relative_paths(np.log(income) + 1).round(2)
       2000  2010  2020
    a  0.52  0.73  0.86
    b  0.88  0.90  0.94
    c  1.60  1.37  1.19
    """
    known = as_panel(logs, "logs")
    mean = known.mean()
    if not (mean > 0).all():
        raise SpecificationError(
            f"the smallest mean of a year is {mean.min():g}; needed: means above zero. Measure in a smaller unit."
        )
    return known / mean


def log_t_test(logs: pd.DataFrame, trim: float = _TRIM) -> LogT:
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
        If fewer than two units or ``_LEAST_YEARS`` years are given, years have gaps, a value is missing, or one is not
        positive; if all units are the same in a year, which leaves nothing that could shrink.

    Examples
    --------
    Two levels that stay apart do not converge:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.convergence import log_t_test
    >>> rng = np.random.default_rng(0)
    >>> level = np.repeat([8.0, 10.0], 10)[:, None] + rng.normal(0, 0.5, (20, 1)) / np.arange(1, 31)
    >>> logs = pd.DataFrame(level + 0.02 * np.arange(30), columns=range(1990, 2020)).rename("u{:02d}".format)
    >>> round(log_t_test(logs).t, 1) < -1.65
    True
    """
    numbers = _checked_logs(logs, trim)
    return _log_t_of(_dispersion_of(numbers)[None, :], len(numbers), trim)[0]


def _dispersion_of(numbers: Array) -> Array:
    """H of each year: mean squared deviation of the relative paths from one."""
    relative = numbers / numbers.mean(axis=0)
    return np.asarray(((relative - 1) ** 2).mean(axis=0))


def _log_t_of(dispersion: Array, units: int, trim: float) -> list[LogT]:
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
    variance = np.array([_long_run_variance(row) for row in residuals])
    se = np.sqrt(np.maximum(variance, np.finfo(float).tiny) / square)
    return [
        LogT(float(b), float(error), float(b / error), units, len(used)) for b, error in zip(slope, se, strict=True)
    ]


def _long_run_variance(residuals: Array) -> float:
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


def _checked_logs(logs: pd.DataFrame, trim: float) -> Array:
    """Numbers of a frame of logarithms, refused if the test cannot take them."""
    numbers = as_panel(logs, "logs", missing=True, evenly=True).to_numpy()
    units, years = numbers.shape
    if units < 2 or years < _LEAST_YEARS:
        raise SpecificationError(
            f"{units} units over {years} years; needed: two or more units and {_LEAST_YEARS} or more years. Take a "
            "longer series, within one sensor."
        )
    if not np.isfinite(numbers).all() or (numbers <= 0).any():
        raise SpecificationError(
            f"{int((~np.isfinite(numbers)).sum())} logarithms missing, {int((numbers <= 0).sum())} not positive; "
            "needed: positive ones without gaps. Drop units with gaps, or measure in a smaller unit."
        )
    apart = np.ptp(numbers / numbers.mean(axis=0), axis=0)
    if (apart < _ALIKE).any():
        raise SpecificationError(
            f"all {units} units have the same logarithm in {int((apart < _ALIKE).sum())} of {years} years; needed: "
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

    Returns
    -------
    DataFrame
        Units by years, in the unit of ``logs``.

    Raises
    ------
    SpecificationError
        If a value is missing, years have gaps, or the penalty is negative.

    Examples
    --------
    A straight line is its own trend:

    >>> import pandas as pd
    >>> from shanhai.methods.convergence import trend
    >>> trend(pd.DataFrame([[1.0, 2.0, 3.0, 4.0, 5.0]], columns=range(2000, 2005))).round(6)
       2000  2001  2002  2003  2004
    0   1.0   2.0   3.0   4.0   5.0
    """
    logs, smoothing = as_panel(logs, "logs", evenly=True), as_number(smoothing, "smoothing", least=0)
    years = logs.shape[1]
    second = np.diff(np.eye(years), n=2, axis=0)
    smoothed = np.linalg.solve(np.eye(years) + smoothing * second.T @ second, logs.to_numpy().T).T
    return pd.DataFrame(smoothed, index=logs.index, columns=logs.columns)


_SIEVE = 0.0
"""t-ratio above which a unit joins a core (c* of Phillips & Sul 2007)."""

_RAISE_TO = 3.0
"""How far the sieve is raised when a club does not converge as a whole."""

_STEP = 0.1
"""Steps by which it is raised."""


@dataclass(frozen=True)
class Club:
    """Units that move together.

    Examples
    --------
    The clubs of :func:`find_clubs`:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.convergence import find_clubs
    >>> rng = np.random.default_rng(0)
    >>> level = np.repeat([8.0, 10.0], 10)[:, None] + rng.normal(0, 0.5, (20, 1)) / np.arange(1, 31)
    >>> logs = pd.DataFrame(level + 0.02 * np.arange(30), columns=range(1990, 2020)).rename("u{:02d}".format)
    >>> found = find_clubs(logs)
    >>> type(found.clubs[0]).__name__, len(found.clubs[0].members)
    ('Club', 10)
    """

    members: tuple[str, ...]
    """Codes, highest in the last year first."""
    test: LogT
    """The log t test on the members."""


@dataclass(frozen=True)
class Clubs:
    """What the clustering finds."""

    whole: LogT
    """Test on all units."""
    clubs: tuple[Club, ...]
    """Clubs, the one with the highest core first."""
    divergent: tuple[str, ...]
    """Units of no club."""

    def membership(self) -> pd.Series:
        """Club of each unit, from 1; 0 for those of no club; index code."""
        found = {code: number for number, club in enumerate(self.clubs, 1) for code in club.members}
        return pd.Series(found | dict.fromkeys(self.divergent, 0), dtype="int64").sort_index().rename("club")


def find_clubs(logs: pd.DataFrame, trim: float = _TRIM, sieve: float = _SIEVE, raise_to: float = _RAISE_TO) -> Clubs:
    """Clubs of units by the four steps of Phillips & Sul (2007).

    Units are ordered by their last value. The core is the run of neighbours in that order with the highest t-ratio
    among those that pass without a break; units whose addition to the core alone leaves a t-ratio above ``sieve``
    join. What is left is tested as a whole and, if it does not converge, clustered again; without a core it diverges.

    Parameters
    ----------
    logs, trim
        As in :func:`log_t_test`.
    sieve : float
        t-ratio above which a unit joins.
    raise_to : float
        If the club so made does not converge as a whole, the sieve is raised in steps of 0.1 up to here, and at last
        the core stands alone. Equal to ``sieve``: the club is kept as it is, as the R package ConvergenceClubs does
        unless told otherwise.

    Raises
    ------
    SpecificationError
        As in :func:`log_t_test`, and if two units have the same path.

    Examples
    --------
    Two levels that stay apart are two clubs:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.convergence import find_clubs
    >>> rng = np.random.default_rng(0)
    >>> level = np.repeat([8.0, 10.0], 10)[:, None] + rng.normal(0, 0.5, (20, 1)) / np.arange(1, 31)
    >>> logs = pd.DataFrame(level + 0.02 * np.arange(30), columns=range(1990, 2020)).rename("u{:02d}".format)
    >>> [len(club.members) for club in find_clubs(logs).clubs]
    [10, 10]
    """
    numbers = _checked_logs(logs, trim)
    if len(np.unique(numbers, axis=0)) < len(numbers):
        copies = logs.index[pd.DataFrame(numbers).duplicated(keep=False)]
        raise SpecificationError(
            f"{', '.join(map(str, copies[:8]))} have the same path to the last digit; needed: one path a unit. Leave "
            "out the copies."
        )
    sieve, raise_to = as_number(sieve, "sieve"), as_number(raise_to, "raise_to")
    names = [str(code) for code in logs.index]
    # ties in the last year are ordered by code, so that the order of rows changes nothing
    left = sorted(range(len(names)), key=lambda row: (-numbers[row, -1], names[row]))
    whole = _log_t_of(_dispersion_of(numbers)[None, :], len(names), trim)[0]
    clubs: list[Club] = []
    while len(left) > 1:
        rest = _subset_test(numbers, left, trim)
        members = list(left) if rest.converge else _next_club(numbers, left, trim, (sieve, raise_to))
        if not members:
            break
        clubs.append(_club(numbers, names, members, trim))
        left = [row for row in left if row not in set(members)]
    return Clubs(whole, tuple(clubs), tuple(sorted(names[row] for row in left)))


def merge_clubs(found: Clubs, logs: pd.DataFrame, trim: float = _TRIM) -> Clubs:
    """Join clubs that stand next to each other as long as they converge together (Phillips & Sul 2009).

    The clustering cuts too finely with a strict sieve. From the first club on, the next is taken in while the log t
    test on both is not rejected; where it is, the next becomes the first of a new one.

    Parameters
    ----------
    found : Clubs
        Of :func:`find_clubs`.
    logs : DataFrame
        Units by years, as given to :func:`find_clubs`.
    trim : float
        Share of the first years left out of each test.

    Raises
    ------
    MissingDataError
        If the logarithms lack a unit of a club.
    SpecificationError
        As in :func:`log_t_test`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.convergence import find_clubs, merge_clubs
    >>> rng = np.random.default_rng(0)
    >>> level = np.repeat([8.0, 10.0], 10)[:, None] + rng.normal(0, 0.5, (20, 1)) / np.arange(1, 31)
    >>> logs = pd.DataFrame(level + 0.02 * np.arange(30), columns=range(1990, 2020)).rename("u{:02d}".format)
    >>> len(merge_clubs(find_clubs(logs), logs).clubs)
    2
    """
    numbers = _checked_logs(logs, trim)
    names = [str(code) for code in logs.index]
    position = {name: row for row, name in enumerate(names)}
    require_present([code for club in found.clubs for code in club.members], pd.Index(names), "logs")
    merged: list[list[int]] = []
    for club in found.clubs:
        rows = [position[code] for code in club.members]
        if merged and _subset_test(numbers, merged[-1] + rows, trim).converge:
            merged[-1] += rows
        else:
            merged.append(rows)
    clubs = tuple(_club(numbers, names, rows, trim) for rows in merged)
    return Clubs(found.whole, clubs, found.divergent)


def _club(numbers: Array, names: list[str], rows: list[int], trim: float) -> Club:
    ordered = sorted(rows, key=lambda row: (-numbers[row, -1], names[row]))
    return Club(tuple(names[row] for row in ordered), _subset_test(numbers, rows, trim))


def _next_club(numbers: Array, left: list[int], trim: float, sieve: tuple[float, float]) -> list[int]:
    """Members of the club with the highest core among the rows left; empty if there is no core."""
    core = _core(numbers, left, trim)
    others = [row for row in left if row not in set(core)]
    if not core or not others:
        return core
    tests = _log_t_of(np.array([_dispersion_of(numbers[[*core, row]]) for row in others]), len(core) + 1, trim)
    steps = int(max(sieve[1] - sieve[0], 0.0) / _STEP + 0.5)
    for step in range(steps + 1):
        level = sieve[0] + _STEP * step
        members = core + [row for row, test in zip(others, tests, strict=True) if test.t > level]
        if steps == 0 or _subset_test(numbers, members, trim).converge:
            return members
    return core


def _core(numbers: Array, left: list[int], trim: float) -> list[int]:
    """The run of rows from the first neighbours that pass, as long as tests pass, cut where t is highest."""
    for start in range(len(left) - 1):
        runs = np.array([_dispersion_of(numbers[left[start : start + k]]) for k in range(2, len(left) - start + 1)])
        t = np.array([test.t for test in _log_t_of(runs, 0, trim)])
        if t[0] > CRITICAL:
            passing = len(t) if (t > CRITICAL).all() else int(np.argmin(t > CRITICAL))
            return left[start : start + 2 + int(np.argmax(t[:passing]))]
    return []


def _subset_test(numbers: Array, rows: list[int], trim: float) -> LogT:
    return _log_t_of(_dispersion_of(numbers[rows])[None, :], len(rows), trim)[0]
