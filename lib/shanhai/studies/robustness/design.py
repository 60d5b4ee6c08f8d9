"""What notebook 13 fixes: comparisons, borders, the curve, families of tests, the battery and what had been seen.

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
from dataclasses import dataclass, replace
from typing import Any, Literal

from shanhai.core.errors import SpecificationError
from shanhai.core.fields import terrain_grid
from shanhai.methods.curve import Choice, Exclusion, Grid, Moderator, Option, Role
from shanhai.methods.discontinuity.geographic import BorderSpec
from shanhai.methods.spec import CovarianceSpec, Filter, Interaction, RegressionSpec, SampleSpec, Variable
from shanhai.render.words import Words
from shanhai.studies.border.design import (
    BALANCED,
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
    "place": (*_TERRAIN, *GEOGRAPHY),
}
"""Covariates by key: those of the pre-specified main model; terrain alone; with the district dummy; with area and
distance to the capital; these without the district dummy. None is an outcome of the border in the data; area and the
place of the capital are choices of the past."""


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
    options = tuple(
        Option(name, labels[name][0], reasons[name][0], value, translation=labels[name][1])
        for name, value in values.items()
    )
    english, chinese = WORDS.pair(f"choice.{key}.name", grid=terrain_grid())
    return Choice(key, english, role, options, translation=chinese)


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

# The battery: what decides on "provincial borders hold counties back"

ItemRole = Literal["necessary", "identified", "informative"]
"""``necessary``: the statement cannot stand if it fails. ``identified``: the comparison that needs the fewest
assumptions; it alone can refute. ``informative``: a neighbouring question, or how far to trust the rest."""

SPATIAL = CovarianceSpec.conley("bartlett", 200.0)
"""Names the coordinates for SCPC; its cutoff has no effect there."""

SCPC_CORRELATION = 0.03
"""Average correlation of all pairs of counties that SCPC allows for: the usual value (Mueller & Watson 2022)."""

BATTERY_DRAWS, BATTERY_SEED = 999, 1
"""Maps of each kind behind the placebo items, and their seed."""

LARGE_DIFFERENCE = 0.25
"""Standard deviations between means from which a regression leans on its functional form (Imbens & Rubin 2015)."""


@dataclass(frozen=True)
class BatteryItem:
    """One piece of evidence. What it asks, and why it has its role, stands in ``words.toml`` under its key."""

    key: str
    role: ItemRole
    kind: Literal["regression", "spatial", "placebo", "weighted", "balance"]
    """How the row is obtained."""
    spec: RegressionSpec | None = None
    """The regression, with its covariance; None for balance."""
    detail: str = ""
    """Kind of drawn maps, or the column whose balance is looked at."""


def _by_province(spec: RegressionSpec, **changes: Any) -> RegressionSpec:
    return replace(spec, covariance=BY_PROVINCE, **changes)


_EDGE = Filter("at_prefecture_edge", "==", True)


def _battery(main: str, beside: str, alike: str) -> tuple[BatteryItem, ...]:
    """Items of one estimand: its model, the same with geography, covariates of the weights."""
    plain, fixed = border_spec(main), border_spec(beside)
    inside: dict[str, Any] = {"fixed_effects": ("prefecture_code",)}
    at_edges = replace(CHINA, filters=(_EDGE,))
    return (
        BatteryItem("province", "necessary", "regression", _by_province(plain)),
        BatteryItem("scpc", "necessary", "spatial", replace(plain, covariance=SPATIAL)),
        BatteryItem("repartitions", "necessary", "placebo", plain, "re-partitions"),
        BatteryItem("shifts", "necessary", "placebo", plain, "shifts and turns"),
        BatteryItem("geography", "necessary", "regression", _by_province(fixed)),
        BatteryItem("edges", "identified", "regression", _by_province(plain, sample=at_edges)),
        BatteryItem("weighted", "informative", "weighted", _by_province(border_comparison(alike))),
        BatteryItem("prefecture", "informative", "regression", _by_province(plain, **inside)),
        BatteryItem("prefecture_geography", "informative", "regression", _by_province(fixed, **inside)),
        *(BatteryItem(f"balance_{column}", "informative", "balance", detail=column) for column in BALANCED),
    )


BATTERIES: dict[str, tuple[BatteryItem, ...]] = {
    "main": _battery("main", "geography", "geography"),
    "total": _battery("total", "total_geography", "place"),
}
"""The evidence on "provincial borders hold counties back", and the part that each piece has in the verdict.

The statement says of counties at a provincial border that they have less than they would have elsewhere in their
province *because of the border*. For it to stand, a difference must be there under errors that allow for what whole
provinces, and any places near each other, share (``province``, ``scpc``); a line that divides no provinces must not
show as much (``repartitions``, ``shifts``: outcome, controls and clusters as in the main specification, effects of the
real provinces); and the difference must not be size, remoteness or terrain (``geography``). If any of these fails, a
simpler explanation has not been excluded: all five are necessary, and none is enough.

``edges`` compares adjacent kinds of county: of the counties that lie at the edge of their prefecture, those with a
neighbour in another province against those whose neighbours across are of another prefecture of the same province.
Both lie at an edge, where administration ends and lines follow rivers and ridges; what differs is the rank of the line.
It needs the fewest assumptions, so it alone refutes, if counties at provincial borders turn out to be ahead. It is not
necessary: if the edges of prefectures lag too, it understates what borders do.

The others are informative. ``weighted`` compares counties alike in geography without a linear form, but for the
counties where both kinds overlap only. Effects of prefectures answer whether a county lags *inside its prefecture*;
that border prefectures lag as a whole is absorbed, and may well be what a border does, so a zero there is no failure.
Balance is about geography, not development: how much a regression extrapolates.

An item speaks *for* the statement if its estimate is negative with p below 0.05, *against* it if positive with p below
0.05, else it is undecided. The battery: ``contradicted`` if ``edges`` or every necessary item speaks against;
``consistent`` if all necessary items speak for; otherwise ``inconclusive``. That all necessary items contradict if they
all speak against was added on 28 November 2026, when all readings were known; it changed none.

Distance to the capital is a rival explanation here. It is no way in which a border works, and the account of Q23 does
not take it for one.

The battery of ``main``, the pre-specified estimand, decides. That of ``total`` puts the same questions to the
difference that leaves district status free, which the words of the claim may mean as well; it was added once the first
had been computed (inconclusive) and before it was computed itself, stands beside it, and decides nothing."""

BATTERY_SEEN = WORDS.pair("battery.seen")
"""What was known when the rule was fixed, in English and Chinese; printed with every battery."""
