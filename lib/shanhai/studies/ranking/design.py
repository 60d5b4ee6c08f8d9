"""The ranking of the 26 as written down on 22 November 2026, before any score or rank was computed.

An indicator is here only if the bundled tables give it for the 26 and if a county could do better or worse in it:
terrain and distance to a border are conditions, no achievements. What each one is, its formula and its weakness stand
in ``words.toml``.

Weights of groups: where a county is meant to leap (跨越发展类), what speaks of output counts double; where it is meant
to keep its land (生态发展类), everything else does. Which method and which scaling come first is convention: a weighted
mean of indicators scaled by their range is what the literature prints most.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from shanhai.data.vintage import PRE_SPECIFIED
from shanhai.methods.composite import METHODS, NORMALISATIONS, Choices
from shanhai.methods.spec.identity import digest

BOTH = ("leapfrog", "ecological")
"""Types of county."""

GROUPS = ("regions", "town_country", "income", "growth", "people", "space")
"""Groups of indicators. The first three are the three gaps (三大差距) of the plan."""


@dataclass(frozen=True)
class Indicator:
    """One indicator of the ranking."""

    key: str
    group: str
    direction: int
    """1 if more is better, -1 if less is."""
    data: str
    """Tables it is computed from."""
    types: tuple[str, ...] = BOTH
    """Types of county that are judged by it."""
    repeated: bool = False
    """Whether it exists for 2010/11 as well, measured alike."""


INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "gdp_per_head_relative", "regions", 1, "county_gdp; census_2010; census_2020; prefecture_economy", repeated=True
    ),
    Indicator("urban_share", "town_country", 1, "census_2010; census_2020", repeated=True),
    Indicator("farm_productivity_relative", "town_country", 1, "county_gdp; census_2010; census_2020", repeated=True),
    Indicator("cars_per_100_households", "income", 1, "census_2020"),
    Indicator("gdp_growth_relative", "growth", 1, "county_gdp; prefecture_economy"),
    Indicator("lights_growth_relative", "growth", 1, "county_lights"),
    Indicator("primary_share", "growth", -1, "county_gdp", types=("leapfrog",), repeated=True),
    Indicator("population_change", "people", 1, "census_2010; census_2020"),
    Indicator("share_60_plus", "people", -1, "census_2010; census_2020", repeated=True),
    Indicator("mean_schooling", "people", 1, "census_2010; census_2020", repeated=True),
    Indicator("illiteracy", "people", -1, "census_2010; census_2020", repeated=True),
    Indicator("residents_to_registered", "people", 1, "census_2010; census_2020; county_hukou", repeated=True),
    Indicator("gdp_per_light", "space", 1, "county_gdp; county_lights"),
    Indicator("lights_per_km2", "space", -1, "county_lights; boundaries", types=("ecological",), repeated=True),
)
"""All indicators, by group."""

LACKING: Mapping[str, str] = {
    "incomes": "income",
    "village_incomes": "income",
    "budget_revenue": "regions",
    "constant_prices": "growth",
    "services": "people",
    "environment": "space",
    "built_up_land": "space",
}
"""What the plan's goals would need and the tables do not hold, with its group."""

UNUSED = ("terrain", "housing", "investment", "gdp_per_km2")
"""What the tables hold and the ranking leaves out."""

CLASS_WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "leapfrog": {"regions": 2.0, "growth": 2.0},
    "ecological": {"town_country": 2.0, "income": 2.0, "people": 2.0, "space": 2.0},
}
"""Weights of groups by type of county; what is not named weighs 1."""

_SCHEMES = ("declared", "equal", "entropy", "components")
"""Weighting schemes: declared for the type, equal groups, entropy, principal components."""

CONCENTRATION = 24.0
"""A group that weighs one sixth then lies between 5 and 34 percent in 95 % of the draws."""

DRAWS = 200
"""Random weights in each of the 36 combinations: 7,200 rankings."""

SURE = 0.95
"""Share of the rankings that makes an order of two counties, or a third of the table, safe to state."""


@dataclass(frozen=True)
class RankingSpec:
    """One ranking as a value."""

    indicators: tuple[str, ...]
    """Keys, for one type of county."""
    group_weights: tuple[tuple[str, float], ...]
    """Declared weight of each group."""
    user_weights: tuple[str, ...]
    """Weights of a user in place of the declared ones, as typed; empty for the pre-specified ranking."""
    schemes: tuple[str, ...]
    normalisations: tuple[str, ...]
    methods: tuple[str, ...]
    concentration: float
    draws: int
    seed: int
    level: float = 0.9
    """Share of the draws inside an interval."""
    gdp_year: int = PRE_SPECIFIED.gdp

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from the content; of the year, from another than the pre-specified."""
        content = asdict(self)
        if self.gdp_year == PRE_SPECIFIED.gdp:
            del content["gdp_year"]
        return digest(content)

    @property
    def choices(self) -> Choices:
        """The decisions over which ranks are spread."""
        return Choices(self.normalisations, self.methods, self.concentration, self.draws, self.seed)


def ranking_spec(
    kind: str,
    indicators: tuple[str, ...],
    *,
    user_weights: tuple[str, ...] = (),
    concentration: float = CONCENTRATION,
    draws: int = DRAWS,
    seed: int = 1,
    gdp_year: int = PRE_SPECIFIED.gdp,
) -> RankingSpec:
    """The pre-specified ranking of a type, or a variant of it."""
    schemes = ("user", *_SCHEMES[1:]) if user_weights else _SCHEMES
    weights = tuple(sorted(CLASS_WEIGHTS[kind].items()))
    return RankingSpec(
        indicators,
        weights,
        user_weights,
        schemes,
        NORMALISATIONS,
        METHODS,
        concentration,
        draws,
        seed,
        gdp_year=gdp_year,
    )
