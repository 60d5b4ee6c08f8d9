"""Convergence clubs: the clustering of Phillips and Sul by the log t test, with merging.

Clubs are built from the unit that is highest in the last year downwards. The test itself, and what it needs, stands in
:mod:`shanhai.methods.convergence.log_t`.

References
----------
Phillips, P. & Sul, D. (2007), Transition modeling and econometric convergence tests, Econometrica 75, 1771-1855.
Phillips, P. & Sul, D. (2009), Economic transition and growth, Journal of Applied Econometrics 24, 1153-1185.
Andrews, D. (1991), Heteroskedasticity and autocorrelation consistent covariance matrix estimation, Econometrica 59.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.convergence.log_t import CRITICAL, TRIM, LogT, checked_logs, dispersion_of, log_t_of
from shanhai.methods.door_shapes import as_number, require_present

SIEVE = 0.0
"""t-ratio above which a unit joins a core (c* of Phillips & Sul 2007)."""

RAISE_TO = 3.0
"""How far the sieve is raised when a club does not converge as a whole."""

STEP = 0.1
"""Steps by which it is raised."""


@dataclass(frozen=True)
class Club:
    """Units that move together."""

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


def find_clubs(logs: pd.DataFrame, trim: float = TRIM, sieve: float = SIEVE, raise_to: float = RAISE_TO) -> Clubs:
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
    """
    numbers = checked_logs(logs, trim)
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
    whole = log_t_of(dispersion_of(numbers)[None, :], len(names), trim)[0]
    clubs: list[Club] = []
    while len(left) > 1:
        rest = _subset_test(numbers, left, trim)
        members = list(left) if rest.converge else _next_club(numbers, left, trim, (sieve, raise_to))
        if not members:
            break
        clubs.append(_club(numbers, names, members, trim))
        left = [row for row in left if row not in set(members)]
    return Clubs(whole, tuple(clubs), tuple(sorted(names[row] for row in left)))


def merge_clubs(found: Clubs, logs: pd.DataFrame, trim: float = TRIM) -> Clubs:
    """Join clubs that stand next to each other as long as they converge together (Phillips & Sul 2009).

    The clustering cuts too finely with a strict sieve. From the first club on, the next is taken in while the log t
    test on both is not rejected; where it is, the next becomes the first of a new one.

    Raises
    ------
    MissingDataError
        If the logarithms lack a unit of a club.
    SpecificationError
        As in :func:`log_t_test`.
    """
    numbers = checked_logs(logs, trim)
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
    tests = log_t_of(np.array([dispersion_of(numbers[[*core, row]]) for row in others]), len(core) + 1, trim)
    steps = int(max(sieve[1] - sieve[0], 0.0) / STEP + 0.5)
    for step in range(steps + 1):
        level = sieve[0] + STEP * step
        members = core + [row for row, test in zip(others, tests, strict=True) if test.t > level]
        if steps == 0 or _subset_test(numbers, members, trim).converge:
            return members
    return core


def _core(numbers: Array, left: list[int], trim: float) -> list[int]:
    """The run of rows from the first neighbours that pass, as long as tests pass, cut where t is highest."""
    for start in range(len(left) - 1):
        runs = np.array([dispersion_of(numbers[left[start : start + k]]) for k in range(2, len(left) - start + 1)])
        t = np.array([test.t for test in log_t_of(runs, 0, trim)])
        if t[0] > CRITICAL:
            passing = len(t) if (t > CRITICAL).all() else int(np.argmin(t > CRITICAL))
            return left[start : start + 2 + int(np.argmax(t[:passing]))]
    return []


def _subset_test(numbers: Array, rows: list[int], trim: float) -> LogT:
    return log_t_of(dispersion_of(numbers[rows])[None, :], len(rows), trim)[0]
