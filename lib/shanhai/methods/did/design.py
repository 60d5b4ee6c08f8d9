"""A policy evaluation as a value: outcome, policy year, window, comparison, and how units are matched."""

from dataclasses import dataclass
from typing import Literal

from shanhai.core.errors import SpecificationError
from shanhai.methods.spec.checks import require
from shanhai.methods.spec.identity import content_id

Outcome = Literal["log", "level", "rank"]
"""``log``: logarithm of the value; ``level``: the value itself; ``rank``: percent of all units that have less in that
year, which no rescaling of the measure changes. Parallel trends mostly hold in one of them only (Roth & Sant'Anna
2023)."""

Comparison = Literal["matched", "home", "neighbours", "all"]
"""Who stands for the treated without the policy. ``matched``: untreated units of the same region, in pairs with treated
ones that are alike in level and terrain; ``home``: all untreated units of the same region; ``neighbours``: units of the
adjacent regions that are marked as alike; ``all``: the last two together."""

LEAST_PRE = 2
"""Years before the policy below which a design is refused: with one there is no trend to compare."""


@dataclass(frozen=True)
class PolicyDesign:
    """Difference-in-differences with one date: all units that are ever treated are treated from ``policy_year`` on.

    With a single date and never-treated comparisons no treated unit serves as comparison of another, so the two-way
    regression has none of the negative weights of staggered adoption (Goodman-Bacon 2021).
    """

    policy_year: int
    """First year that counts as treated."""
    first_year: int
    """First year of the window."""
    last_year: int
    """Last year of the window."""
    comparison: Comparison = "matched"
    """Who is compared."""
    outcome: Outcome = "log"
    """Scale of the outcome."""
    level_years: tuple[int, ...] = ()
    """Years whose mean log value is the level that units are matched on and that is held fixed by year. Best before the
    window: matching on years that the effect is read from invites regression to the mean (Daw & Hatfield 2018)."""
    caliper: float = 0.5
    """Widest distance inside a pair, in standard deviations a covariate."""

    def __post_init__(self) -> None:
        require(self.comparison, Comparison, "the comparison", "Use 'matched' for like with like.")
        require(self.outcome, Outcome, "the outcome", "Use 'log' for growth.")
        if not self.first_year < self.last_year:
            raise SpecificationError(
                f"the window runs from {self.first_year} to {self.last_year}; allowed: a first year before the last. "
                "Exchange them."
            )
        if len(self.pre_years) < LEAST_PRE or not self.post_years:
            raise SpecificationError(self._too_short())
        if not self.level_years or max(self.level_years) >= self.policy_year:
            raise SpecificationError(
                f"level_years are {self.level_years}; allowed: one year or more, all before the policy of "
                f"{self.policy_year}, since a level that the policy has changed hides its effect. Take years before "
                "the window."
            )
        if not self.caliper > 0:
            raise SpecificationError(f"the caliper is {self.caliper!r}; allowed: a positive number. 0.5 is usual here.")

    @property
    def years(self) -> tuple[int, ...]:
        """Years of the window."""
        return tuple(range(self.first_year, self.last_year + 1))

    @property
    def pre_years(self) -> tuple[int, ...]:
        """Years of the window before the policy."""
        return tuple(year for year in self.years if year < self.policy_year)

    @property
    def post_years(self) -> tuple[int, ...]:
        """Years of the window under the policy."""
        return tuple(year for year in self.years if year >= self.policy_year)

    @property
    def reference(self) -> int:
        """Last year before the policy, against which the event study counts."""
        return self.policy_year - 1

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from the content."""
        return content_id(self)

    def _too_short(self) -> str:
        before, after = (_span(years) for years in (self.pre_years, self.post_years))
        return (
            f"policy year {self.policy_year} in the window {self.first_year} to {self.last_year} leaves years before: "
            f"{before}; years from it on: {after}. Needed: at least {LEAST_PRE} before, since one year shows no trend, "
            "and one from it on. Widen the window, or take a later policy year."
        )


def _span(years: tuple[int, ...]) -> str:
    """Years in words: none, one, or first to last."""
    if not years:
        return "none"
    return str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"
