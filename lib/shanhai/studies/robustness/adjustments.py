"""What border and interior counties of the project are made alike in, by name."""

from shanhai.core.errors import SpecificationError
from shanhai.methods.spec import RegressionSpec, Variable
from shanhai.studies.border.design import BY_PREFECTURE, DISTRICT, GEOGRAPHY, OUTCOMES, sample

TERRAIN = (Variable("ruggedness"), Variable("elevation_mean_m"))
"""Terrain, which no border made; ruggedness in metres and not its logarithm, which flat counties do not have. Slope is
left out: over counties it is ruggedness by another name (r = 0.98)."""

ADJUSTMENTS: dict[str, tuple[Variable, ...]] = {
    "registered": (Variable("ruggedness"), DISTRICT),
    "terrain": TERRAIN,
    "terrain_district": (*TERRAIN, DISTRICT),
    "geography": (*TERRAIN, DISTRICT, *GEOGRAPHY),
}
"""Covariates by key: those of the registered main model; terrain alone; with the district dummy; with area and distance
to the capital. None is an outcome of the border in the data; area and the place of the capital are choices of the
past."""


def border_comparison(adjustment: str = "terrain", outcome: str = "gdp", sample_key: str = "china") -> RegressionSpec:
    """Border against interior counties within provinces, given what is older than the outcome.

    Parameters
    ----------
    adjustment : str
        Key of ``ADJUSTMENTS``.
    outcome, sample_key : str
        Keys of the registered outcomes and samples.

    Raises
    ------
    SpecificationError
        If a key is unknown.
    """
    for key, allowed, what in ((adjustment, ADJUSTMENTS, "adjustment"), (outcome, OUTCOMES, "outcome")):
        if key not in allowed:
            raise SpecificationError(f"no {what} {key!r}; allowed: {', '.join(allowed)}. Name one of these keys.")
    return RegressionSpec(
        outcome=OUTCOMES[outcome],
        terms=(Variable("on_border"),),
        controls=ADJUSTMENTS[adjustment],
        fixed_effects=("province_code",),
        sample=sample(sample_key),
        covariance=BY_PREFECTURE,
        model=f"regression on {adjustment.replace('_', ' + ')}",
    )
