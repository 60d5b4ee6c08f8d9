"""What is compared between paired counties, fixed on 2026-11-22 before any result of it was looked at.

The papers name seven pairs of a mountain county with a county on the coast (Zhejiang), and Jinhua with Bazhong. Every
outcome is the partner less the mountain county, so a negative change is a closing gap.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from shanhai.core.errors import SpecificationError
from shanhai.methods.spec.identity import content_id

Null = Literal["province", "list", "as_rich"]
"""Whom a mountain county could have been paired with: any county of the province that is not one of the 26; the
partners that the papers name, dealt anew; any county of the province as rich as the poorest named partner."""

OUTCOMES = ("distance_km", "gap_2021", "light_gap_2021", "gap_change", "light_change_early", "light_change_late")
"""Outcomes: distance of the centres (km); log GDP per head of 2021; log light per resident of 2021; change of the log
gap of GDP per head 2011-2021; change of the log gap of light 2001/03-2010/12 and 2013/15-2020/22 (one sensor each)."""


@dataclass(frozen=True)
class PairingSpec:
    """One comparison of the named pairs with pairs that could have been."""

    outcome: str
    null: Null = "province"

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise SpecificationError(f"outcome {self.outcome!r} is unknown; allowed: {', '.join(OUTCOMES)}.")
        if self.null not in get_args(Null):
            raise SpecificationError(f"null {self.null!r} is unknown; allowed: {', '.join(get_args(Null))}.")

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from the content."""
        return content_id(self)


MAIN = PairingSpec("light_change_late")
"""The main question: did the gap in light between partners close faster since 2013 than between random pairs? Of the
outcomes that change over time it is the one that most pairs have (Xiaoshan, redrawn in 2021, has neither light nor GDP
on its ground of 2020); the mean over pairs is compared, two-sided."""

DECLARED = (
    *(PairingSpec(outcome) for outcome in OUTCOMES),
    PairingSpec("distance_km", "list"),
    PairingSpec("distance_km", "as_rich"),
)
"""All comparisons. Dealing the named partners anew leaves the mean of every other outcome as it is: the partners' mean
less the counties' mean does not depend on who is with whom. Only the distance can be tested that way."""
