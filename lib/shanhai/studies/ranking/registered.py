"""The registered evaluation, written down on 22 November 2026 before any score or rank was computed.

Weights of groups: where a county is meant to leap (跨越发展类), what speaks of output counts double; where it is meant
to keep its land (生态发展类), everything else does. Which method and which scaling come first is convention: a weighted
mean of indicators scaled by their range is what the literature prints most.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from shanhai.methods.composite import METHODS, NORMALISATIONS, Choices
from shanhai.methods.spec.identity import digest

OUTPUT_GROUPS = ("regions", "growth")
"""Groups that speak of output."""

OTHER_GROUPS = ("town_country", "income", "people", "space")

CLASS_WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "leapfrog": dict.fromkeys(OUTPUT_GROUPS, 2.0),
    "ecological": dict.fromkeys(OTHER_GROUPS, 2.0),
}
"""Weights of groups by type of county; what is not named weighs 1."""

SCHEMES = ("declared", "equal", "entropy", "components")
"""Weighting schemes: declared for the type, equal groups, entropy, principal components."""


@dataclass(frozen=True)
class EvaluationSpec:
    """One evaluation as a value."""

    indicators: tuple[str, ...]
    """Keys, for one type of county."""
    group_weights: tuple[tuple[str, float], ...]
    """Declared weight of each group."""
    user_weights: tuple[str, ...]
    """Weights of a user in place of the declared ones, as typed; empty for the registered evaluation."""
    schemes: tuple[str, ...]
    normalisations: tuple[str, ...]
    methods: tuple[str, ...]
    concentration: float
    draws: int
    seed: int
    level: float = 0.9
    """Share of the draws inside an interval."""

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from the content."""
        return digest(asdict(self))

    @property
    def choices(self) -> Choices:
        """The decisions over which ranks are spread."""
        return Choices(self.normalisations, self.methods, self.concentration, self.draws, self.seed)


CONCENTRATION = 24.0
"""A group that weighs one sixth then lies between 5 and 34 percent in 95 % of the draws."""

DRAWS = 200
"""Random weights in each of the 36 combinations: 7,200 rankings."""


def evaluation_spec(
    kind: str,
    indicators: tuple[str, ...],
    *,
    user_weights: tuple[str, ...] = (),
    concentration: float = CONCENTRATION,
    draws: int = DRAWS,
    seed: int = 1,
) -> EvaluationSpec:
    """The registered evaluation of a type, or a variant of it."""
    schemes = ("user", *SCHEMES[1:]) if user_weights else SCHEMES
    weights = tuple(sorted(CLASS_WEIGHTS[kind].items()))
    return EvaluationSpec(
        indicators, weights, user_weights, schemes, NORMALISATIONS, METHODS, concentration, draws, seed
    )
