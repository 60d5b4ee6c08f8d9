"""Trends before the policy: a joint test, and which trends such a test would have missed.

A test that finds nothing proves little when it could not have found much: Roth (2022), Pretest with caution, American
Economic Review: Insights 4(3). Size and power come from permuted treatments, so that few clusters do no harm and no
normal law is assumed.
"""

from dataclasses import dataclass

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.did.design import PolicyDesign
from shanhai.methods.did.permutation import UnitPermutation
from shanhai.methods.door_shapes import as_array, as_share

TIE = 1e-9
"""Difference (relative) below which two statistics are the same."""

STEEPEST = 1e6
"""Slope, in standard deviations of the estimates, at which the search for a detectable trend gives up."""


@dataclass(frozen=True)
class PreTrend:
    """Joint test of the differences before the policy, and its power against straight trends."""

    years: tuple[int, ...]
    """Years before the reference year, which the test looks at."""
    statistic: float
    """Largest difference of these years in units of its standard deviation over draws."""
    p: float
    """(1 + draws with as large a statistic) / (1 + draws)."""
    slope_50: float
    """Straight trend, per year, that the 5 % test finds in half of the cases; infinite if none."""
    slope_80: float
    """The same in 80 % of the cases."""
    span: float
    """Years between the middle of the years before and of those from the policy on: a straight trend of one a year
    would pass for an effect of this size."""

    @property
    def hidden_50(self) -> float:
        """Bias of the effect under a trend that the test misses half of the time."""
        return self.slope_50 * self.span

    @property
    def hidden_80(self) -> float:
        """Bias of the effect under a trend that the test misses one time in five."""
        return self.slope_80 * self.span


def pre_trend(design: PolicyDesign, estimates: Array, permuted: UnitPermutation, level: float = 0.05) -> PreTrend:
    """Test that treated and comparison moved alike before the policy.

    Parameters
    ----------
    design : PolicyDesign
    estimates : T differences by year of the window, zero in the reference year.
    permuted : the same under drawn treatments.
    level : size of the test.

    Raises
    ------
    SpecificationError
        If the estimates or the drawn treatments do not belong to the years of the window.
    """
    estimates, level = as_array(estimates, "the estimates", axes=1), as_share(level, "level")
    if len(estimates) != len(design.years) or permuted.years != design.years:
        raise SpecificationError(
            f"{len(estimates)} estimates for {len(design.years)} years; needed: one a year, zero in the reference "
            "year. Take the column estimate of EventStudy.to_frame()."
        )
    places = [place for place, year in enumerate(design.years) if year < design.reference]
    draws = permuted.paths[:, places]
    spread = draws.std(axis=0, ddof=1)
    largest = np.sort(np.abs(draws / spread).max(axis=1))
    statistic = float(np.abs(estimates[places] / spread).max())
    as_large = int((largest >= statistic * (1 - TIE)).sum())
    critical = float(np.quantile(largest, 1 - level, method="higher"))
    distance = np.array([design.years[place] - design.reference for place in places], dtype=np.float64)
    slopes = [_detectable(draws, spread, distance, critical, power) for power in (0.5, 0.8)]
    span = float(np.mean(design.post_years) - np.mean(design.pre_years))
    years = tuple(design.years[place] for place in places)
    return PreTrend(years, statistic, (1 + as_large) / (1 + len(draws)), slopes[0], slopes[1], span)


def _detectable(draws: Array, spread: Array, distance: Array, critical: float, power: float) -> float:
    """Smallest slope that the test finds with a given power, by doubling and halving."""

    def found(slope: float) -> float:
        moved = np.abs((draws + slope * distance) / spread).max(axis=1)
        return float((moved > critical).mean())

    unit = float(np.min(spread / np.abs(distance)))
    high = unit
    while found(high) < power:
        high *= 2
        if high > STEEPEST * unit:
            return float("inf")
    low = 0.0
    while high - low > 1e-6 * unit:
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) >= power else (middle, high)
    return high
