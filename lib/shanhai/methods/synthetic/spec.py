"""A synthetic control as a value: the outcome, the first treated period, and how donors may be weighed."""

from dataclasses import dataclass

from shanhai.core.errors import SpecificationError
from shanhai.methods.door_shapes import as_count, as_number, as_period
from shanhai.methods.spec.identity import content_id  # an id of any design of this package

MINIMUM_PRE = 2
"""Periods before the treatment below which nothing is fitted: one period fixes a level, not a path."""


@dataclass(frozen=True)
class SyntheticSpec:
    """One synthetic control: which outcome is matched, from when on the unit is treated, how donors are weighed."""

    outcome: str
    """Name of the outcome, for results; the panel holds its values."""
    first_treated: int
    """First period that the treatment may have changed; all earlier periods of the panel are matched."""
    intercept: bool = True
    """Whether donors are matched up to a constant: each series less its mean before the treatment (Doudchenko &
    Imbens 2016; Ferman & Pinto 2021). Without it the levels are matched too (Abadie, Diamond & Hainmueller 2010)."""
    ridge: float = 0.0
    """Penalty on unequal weights, in standard deviations s of the donors' changes before the treatment: the squared
    misfit grows by ``(ridge * s)**2 * periods * sum(weights**2)``. Zero is the classic problem, whose weights are not
    unique when there are more donors than periods; :func:`sdid_ridge` is the choice of Arkhangelsky et al. (2021)."""
    last: int | None = None
    """Last period that effects are averaged over; None for the last of the panel."""

    def __post_init__(self) -> None:
        as_number(self.ridge, "ridge", least=0)
        object.__setattr__(self, "first_treated", as_period(self.first_treated, "first_treated"))
        if self.last is not None:
            object.__setattr__(self, "last", as_period(self.last, "last"))
        if self.last is not None and self.last < self.first_treated:
            raise SpecificationError(
                f"effects end in {self.last}, before the treatment begins in {self.first_treated}; allowed: a last "
                "period at or after it. Change one of the two."
            )

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from the content."""
        return content_id(self)


def sdid_ridge(post_periods: int, treated: int = 1) -> float:
    """Ridge of synthetic difference-in-differences: fourth root of treated units times treated periods.

    Source: Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021), equation 5.
    """
    periods = as_count(post_periods, "treated periods", least=1)
    return float((periods * as_count(treated, "treated units", least=1)) ** 0.25)
