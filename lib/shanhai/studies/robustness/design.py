"""What notebook 13 fixed before results were seen: comparisons, borders, the curve, families of tests.

Ma & Zhao (2022) find on a fine grid of night lights, 1992-2013, that lights do not jump where a provincial border runs,
and that they dip on both sides, mostly within 20 km. Here the unit is the county, whose centre can hardly lie nearer
than half its width: the jump is read off places some 20 km away, and the share of the valley within 20 km off small
counties. What this cannot decide is part of the tables: bounds, counts of near places, and the nearest distance.

All specifications of the curve estimate one thing: the difference, in log points, between counties at a provincial
border and other counties compared under the same fixed effects, at mean terrain. Options that would answer another
question are not here: continuous distance (another unit), schooling, ageing or urbanisation held fixed (borders may
have changed them), samples of single provinces (another population; notebook 03 has them), no fixed effects (compares
rich with poor provinces).
"""

from collections.abc import Mapping
from typing import Any

from shanhai.core.errors import SpecificationError
from shanhai.core.fields import terrain_grid
from shanhai.methods.curve import Choice, Exclusion, Grid, Moderator, Option, Role
from shanhai.methods.discontinuity.geographic import BorderSpec
from shanhai.methods.spec import CovarianceSpec, Filter, Interaction, RegressionSpec, SampleSpec, Variable
from shanhai.render.words import Words
from shanhai.studies.border.design import (
    BORDER,
    BY_PREFECTURE,
    BY_PROVINCE,
    CHINA,
    DISTRICT,
    GEOGRAPHY,
    OUTCOMES,
    ROBUST,
    RUGGEDNESS,
    SAMPLES,
    border_spec,
    sample,
)

WORDS = Words.beside(__file__)
"""Labels, captions, notes and sentences of the notebook."""

# Border or mountain

_TERRAIN = (Variable("ruggedness"), Variable("elevation_mean_m"))
"""Terrain, which no border made; ruggedness in metres and not its logarithm, which flat counties do not have. Slope is
left out: over counties it is ruggedness by another name (r = 0.98)."""

ADJUSTMENTS: dict[str, tuple[Variable, ...]] = {
    "pre_specified": (Variable("ruggedness"), DISTRICT),
    "terrain": _TERRAIN,
    "terrain_district": (*_TERRAIN, DISTRICT),
    "geography": (*_TERRAIN, DISTRICT, *GEOGRAPHY),
}
"""Covariates by key: those of the pre-specified main model; terrain alone; with the district dummy; with area and
distance to the capital. None is an outcome of the border in the data; area and the place of the capital are choices of
the past."""


def border_comparison(adjustment: str = "terrain", outcome: str = "gdp", sample_key: str = "china") -> RegressionSpec:
    """Border against interior counties within provinces, given what is older than the outcome.

    Parameters
    ----------
    adjustment : str
        Key of ``ADJUSTMENTS``.
    outcome, sample_key : str
        Keys of the pre-specified outcomes and samples.

    Raises
    ------
    SpecificationError
        If a key is unknown.
    """
    for key, allowed, what in ((adjustment, ADJUSTMENTS, "adjustment"), (outcome, OUTCOMES, "outcome")):
        if key not in allowed:
            raise SpecificationError(f"no {what} {key!r}; allowed: {', '.join(allowed)}. Name one of these keys.")
    alike = "pre-specified controls" if adjustment == "pre_specified" else adjustment.replace("_", " + ")
    return RegressionSpec(
        outcome=OUTCOMES[outcome],
        terms=(BORDER,),
        controls=ADJUSTMENTS[adjustment],
        fixed_effects=("province_code",),
        sample=sample(sample_key),
        covariance=BY_PREFECTURE,
        model=f"regression on {alike}",
    )


# Jump and valley

BORDER_OUTCOMES = ("lights_per_km2_2013", "lights_per_km2_2021", "lights_per_head_2021", "gdp_per_capita_2021")
"""In logarithms. The first is the last year of Ma & Zhao; the others are those of the pre-specified regressions."""

MAIN_JUMP = BorderSpec("lights_per_km2_2013")
"""Main design of the jump: a line in distance on each side, effects of segments of 100 km, the bandwidth of least mean
squared error, the triangular kernel, clusters by pair of provinces, the robust interval. The right side is the province
of higher GDP per head in 2021."""

VALLEY_CONTROLS: dict[str, tuple[str, ...]] = {
    "none": (),
    "terrain": ("ruggedness", "is_district"),
    "size": ("ruggedness", "is_district", "log_area_km2"),
}
"""What each curve holds fixed. Borders follow mountains, and districts are urban. Size was added after the first two
curves turned up near the line: the centre of a county lies within 10 km of the border only if the county is small, and
small counties are bright for other reasons."""

NEAR_KM = 20.0
"""Distance within which Ma & Zhao find most of the valley."""

# Specification curve

_MUNICIPALITIES = ("110000", "120000", "310000", "500000")
"""Beijing, Tianjin, Shanghai, Chongqing."""

_VAST_WEST = ("150000", "540000", "630000", "650000")
"""Inner Mongolia, Tibet, Qinghai, Xinjiang."""


def border_grid() -> Grid:
    """Every defensible specification of the border effect; the main one is the pre-specified main specification."""
    terrain = {
        f"{column}{ending}": Moderator(Variable(column, "standardised"), interacts=bool(ending))
        for column in ("ruggedness", "slope_mean_deg", "elevation_sd_m", "relief_m")
        for ending in ("", "_x_border")
    }
    without = {
        "no_municipalities": tuple(Filter("province_code", "!=", code) for code in _MUNICIPALITIES),
        "no_vast_west": tuple(Filter("province_code", "!=", code) for code in _VAST_WEST),
        "no_districts": (Filter("is_district", "==", False),),
        "undoubted": (Filter("gdp_is_doubtful", "==", False),),
    }
    smaller = {key: SampleSpec(*WORDS.pair(f"sample.{key}"), filters=filters) for key, filters in without.items()}
    border = {
        "touches": BORDER,
        "edge_10km": Variable("edge_within_10km"),
        "centre_25km": Variable("centre_within_25km"),
        "centre_50km": Variable("centre_within_50km"),
    }
    effects = {
        "province": ("province_code",),
        "prefecture": ("prefecture_code",),
        "province_kind": ("province_code", "kind"),
    }
    errors = {
        "prefecture": BY_PREFECTURE,
        "province": BY_PROVINCE,
        "hc3": ROBUST,
        "conley_200km": CovarianceSpec.conley("bartlett", 200.0),
    }
    choices = (
        _choice("outcome", "outcome", {key: OUTCOMES[key] for key in ("gdp", "lights_per_head", "lights_per_km2")}),
        _choice("border", "treatment", border),
        _choice("terrain", "moderator", {"none": None, **terrain}),
        _choice("district", "controls", {"yes": (DISTRICT,), "no": ()}),
        _choice("area", "controls", {"no": (), "yes": (Variable("area_km2", "log"),)}),
        _choice("remoteness", "controls", {"no": (), "yes": (Variable("distance_to_capital_km", "log"),)}),
        _choice("elevation", "controls", {"no": (), "yes": (Variable("elevation_mean_m", "standardised"),)}),
        _choice("sample", "sample", {"china": CHINA, **smaller}),
        _choice("weights", "weights", {"county": None, "resident": "population_2020"}),
        _choice("effects", "fixed_effects", effects),
        _choice("covariance", "covariance", errors),
    )
    return Grid(choices, _EXCLUSIONS, main=tuple(_MAIN_OPTIONS.items()))


def _choice(key: str, role: Role, values: Mapping[str, Any]) -> Choice:
    """A choice whose name, labels and reasons stand in ``words.toml``."""
    labels, reasons = WORDS.labels(f"choice.{key}.label"), WORDS.labels(f"choice.{key}.reason")
    options = tuple(Option(name, *labels[name], reasons[name][0], value) for name, value in values.items())
    return Choice(key, *WORDS.pair(f"choice.{key}.name", grid=terrain_grid()), role, options)


_EXCLUSIONS = (
    Exclusion(
        (("sample", ("no_districts",)), ("district", ("yes",))),
        "without districts in the sample the district dummy does not vary",
    ),
    Exclusion(
        (("effects", ("province_kind",)), ("district", ("yes",))),
        "the kind of unit already tells districts apart",
    ),
    Exclusion(
        (("sample", ("undoubted",)), ("outcome", ("lights_per_head", "lights_per_km2"))),
        "doubts about GDP are no reason to leave counties out of a regression of light",
    ),
)
"""Combinations that contradict themselves."""

_MAIN_OPTIONS = {
    "outcome": "gdp",
    "border": "touches",
    "terrain": "ruggedness_x_border",
    "district": "yes",
    "area": "no",
    "remoteness": "no",
    "elevation": "no",
    "sample": "china",
    "weights": "county",
    "effects": "province",
    "covariance": "prefecture",
}
"""The pre-specified main specification in terms of these choices."""

# Families of tests

Test = tuple[Variable | Interaction, RegressionSpec]
"""A coefficient and the regression that holds it."""

_DUAL = Interaction(BORDER, RUGGEDNESS)
"""The dual attribute: how the border effect changes with ruggedness."""

FAMILIES: dict[str, tuple[Test, ...]] = {
    "border_outcomes": tuple((BORDER, border_spec("main", "china", outcome)) for outcome in OUTCOMES),
    "dual_outcomes": tuple((_DUAL, border_spec("main", "china", outcome)) for outcome in OUTCOMES),
    "border_samples": tuple((BORDER, border_spec("main", key)) for key in SAMPLES),
    "all": tuple(
        (term, border_spec("main", key, outcome)) for term in (BORDER, _DUAL) for key in SAMPLES for outcome in OUTCOMES
    ),
}
"""Declared families of tests, each one question: does the border matter for any outcome in China; does terrain change
the border effect for any outcome in China; does the border matter for GDP per head in any sample; all of these. They
are fixed here because an adjustment means nothing if the family is chosen after the results."""
