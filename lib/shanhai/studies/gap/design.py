"""The pre-specified decompositions: written down on 22 November 2026, before any of their results was computed.

Estimand: the gap between two places in the population-weighted mean of log GDP per head, over the counties that
have all figures. Coefficients: one regression on all counties of mainland China with effects of provinces, so that they
compare counties of one province only; weighted by residents, as the means are, so that a province or the country as a
reference has no unexplained part of its own. Draws: prefectures.

Groups, in three blocks. *Nature and maps*: terrain (ruggedness), border (whether the county touches another province),
distance (log of km to the province's economic centre, which is the densest county of its capital). What terrain and
border do jointly, the dual attribute of the Quzhou paper, enters when both are in, and they share it. *Administration*:
district status, which the state grants to places that have grown. *Outcomes*: years of schooling, residents of 60 and
over, the primary sector's share in GDP. These three are themselves outcomes of development, and the last has GDP in its
denominator, so that part of its share is arithmetic. None of the groups is called a cause.

The Shapley share over all orders of entry is the main result. Beside it stands the one in which nature and maps enter
first: outcomes may run through them, and cannot take away then what they have in common with terrain or border.

Added on 28 November 2026, when their results were known: slopes of the province's own, beside the national ones
(``own_design``), and forms of terrain (``forms``). *National slopes stay the main column*: they are one yardstick for
every place and every reference, also across provinces and in the provinces whose prefectures are too few for a
regression; and they were fixed beforehand. Against them speaks that slopes differ: where the province's own are
known they stand beside, and the interval is the union of both, which holds with 95 % whichever is right. *Ruggedness
in metres stays the main form*: it is the measure of the literature (Nunn & Puga 2012), is also defined where land is
flat, and was fixed beforehand; a logarithm counts the step from 10 to 20 metres as that from 250 to 500, and so is
about plains.
"""

from collections.abc import Mapping
from dataclasses import replace

from shanhai.data.vintage import Vintage
from shanhai.methods.decomposition import OaxacaDesign, Rule, SharesDesign, TermGroup
from shanhai.methods.spec import Filter, Interaction, RegressionSpec, SampleSpec, Variable
from shanhai.studies.border.design import (
    BORDER,
    BY_PREFECTURE,
    CHINA,
    DISTRICT,
    RUGGEDNESS,
    ZHEJIANG,
    CountySample,
)

NATURE, ADMINISTRATION, DEVELOPMENT = "nature and maps", "administration", "outcomes"
"""Blocks of groups, in the order in which one may run through the next."""

NATURE_FIRST = Rule.IN_ORDER
"""Rule of sharing that lets nature and maps enter first; the main one is ``Rule.SHAPLEY``."""

MAIN_COEFFICIENTS = "pooled with indicator"
"""Reference coefficients of the 26 against the others: all counties with a dummy for the 26."""

DRAWS, SEED = 999, 20261122
"""Draws and their start, for notebook and claims alike."""

UNUSUAL, EXTREME = 10.0, 2.5
"""Percent of places beyond a residual, on its side, below which it is called unusual, and extreme."""

_DISTANCE = Variable("distance_to_capital_km", "log")
_DUAL = Interaction(BORDER, RUGGEDNESS)
_TERRAIN_MEASURES = (Variable("slope_mean_deg"), Variable("elevation_mean_m"), Variable("relief_m"))


def gap_design(vintage: Vintage) -> SharesDesign:
    """The main design on figures of a vintage."""
    schooling, ageing, sector = (
        Variable(column, is_outcome=True)
        for column in (
            vintage.column("mean_schooling"),
            vintage.column("share_60_plus"),
            f"primary_share_{vintage.gdp}",
        )
    )
    weight = vintage.column("population")
    groups = (
        TermGroup("terrain", (RUGGEDNESS.name, _DUAL.name), NATURE),
        TermGroup("border", (BORDER.name, _DUAL.name), NATURE),
        TermGroup("distance", (_DISTANCE.name,), NATURE),
        TermGroup("district status", (DISTRICT.name,), ADMINISTRATION),
        TermGroup("schooling", (schooling.name,), DEVELOPMENT),
        TermGroup("age structure", (ageing.name,), DEVELOPMENT),
        TermGroup("sector", (sector.name,), DEVELOPMENT),
    )
    regression = RegressionSpec(
        outcome=Variable(vintage.column("gdp_per_capita"), "log"),
        terms=(RUGGEDNESS, BORDER, _DUAL, _DISTANCE),
        controls=(DISTRICT, schooling, ageing, sector),
        fixed_effects=("province_code",),
        weights=weight,
        sample=CHINA,
        covariance=BY_PREFECTURE,
        model="gap",
    )
    return SharesDesign(regression, groups, weight)


def mountain_design(vintage: Vintage) -> OaxacaDesign:
    """The 26 against the other counties of Zhejiang.

    The product of border and terrain is left out: 26 counties carry eight coefficients with difficulty. Intervals come
    from drawing counties; six prefectures hold the 26, too few to draw, and are shown beside.
    """
    main = gap_design(vintage)
    regression = replace(
        main.regression,
        terms=(Variable("ruggedness"), BORDER, _DISTANCE),
        fixed_effects=(),
        sample=ZHEJIANG,
        model="26 against the rest",
    )
    terrain, border, *others = main.groups
    groups = (replace(terrain, terms=("ruggedness",)), replace(border, terms=(BORDER.name,)), *others)
    return OaxacaDesign(SharesDesign(regression, groups, main.weight), "is_mountain_26")


def designs(vintage: Vintage) -> Mapping[str, SharesDesign]:
    """Designs that change one thing of the main design at a time, the main design first.

    The sector by jobs, which has no GDP in its denominator, was added when the results of the others were known.
    """
    main = gap_design(vintage)
    spec, groups, weight = main.regression, main.groups, main.weight
    terrain, border, distance, *_, sector = groups
    potential, jobs = Variable("market_potential", "log"), Variable("farm_jobs_2020", is_outcome=True)
    by_measures = replace(terrain, terms=(*terrain.terms, *(term.name for term in _TERRAIN_MEASURES)))
    by_potential = replace(distance, terms=(potential.name,))
    by_jobs = replace(sector, terms=(jobs.name,))
    undoubted = replace(CHINA, filters=(Filter("gdp_is_doubtful", "==", False),))
    return {
        "main": main,
        "once": replace(main, regression=replace(spec, weights=None)),
        "pooled": replace(main, regression=replace(spec, fixed_effects=())),
        "given": SharesDesign(replace(spec, controls=(DISTRICT,)), groups[:4], weight),
        "terrain": SharesDesign(
            replace(spec, controls=(*_TERRAIN_MEASURES, *spec.controls)), (by_measures, *groups[1:]), weight
        ),
        "potential": SharesDesign(
            replace(spec, terms=(*spec.terms[:3], potential)), (terrain, border, by_potential, *groups[3:]), weight
        ),
        "jobs": SharesDesign(replace(spec, controls=(*spec.controls[:3], jobs)), (*groups[:6], by_jobs), weight),
        "undoubted": replace(main, regression=replace(spec, sample=undoubted)),
    }


def own_design(vintage: Vintage, province: str) -> SharesDesign:
    """The main design with the slopes of one province, by its code."""
    main = gap_design(vintage)
    sample = CountySample(f"province {province}", province, provinces=(province,))
    regression = replace(main.regression, fixed_effects=(), sample=sample, model="gap, own slopes")
    return replace(main, regression=regression)


def elsewhere_design(vintage: Vintage, province: str) -> RegressionSpec:
    """The regression of the main design on all other provinces, whose slopes the own ones are held against."""
    sample = SampleSpec(
        f"China without province {province}",
        f"全国（除{province}）",
        filters=(Filter("province_code", "!=", province),),
    )
    return replace(gap_design(vintage).regression, sample=sample, model="gap, other provinces")


_FORMS: Mapping[str, tuple[str, ...]] = {
    "linear": ("ruggedness",),
    "squared": ("ruggedness", "ruggedness_squared"),
    "root": ("ruggedness_root",),
    "log_of_one_more": ("ruggedness_log_of_one_more",),
    "log": ("ruggedness_log",),
    "slope": ("slope_mean_deg",),
    "elevation": ("elevation_mean_m",),
    "relief": ("relief_m",),
}
"""Columns of terrain by form; the first is the main one, and its product with the border is the dual attribute. Those
that the county frame lacks are made by ``gap_data``."""


def forms(vintage: Vintage) -> Mapping[str, tuple[SharesDesign, OaxacaDesign]]:
    """Both main designs with terrain in another form, the main form first."""
    main, mountain = gap_design(vintage), mountain_design(vintage)
    found = {}
    for key, (first, *more) in _FORMS.items():
        terrain, further = Variable(first, "standardised"), tuple(Variable(name) for name in more)
        dual = Interaction(BORDER, terrain)
        names = (terrain.name, *(variable.name for variable in further))
        regression = replace(main.regression, terms=(terrain, BORDER, dual, *further, _DISTANCE))
        groups = (
            replace(main.groups[0], terms=(*names, dual.name)),
            replace(main.groups[1], terms=(BORDER.name, dual.name)),
            *main.groups[2:],
        )
        own = mountain.shares
        plain = tuple(Variable(name) for name in (first, *more))
        inside = replace(own.regression, terms=(*plain, *own.regression.terms[1:]))
        kinds = (replace(own.groups[0], terms=tuple(variable.name for variable in plain)), *own.groups[1:])
        found[key] = (
            SharesDesign(regression, groups, main.weight),
            OaxacaDesign(SharesDesign(inside, kinds, own.weight), mountain.member),
        )
    return found


def traits(vintage: Vintage) -> Mapping[str, tuple[str, str]]:
    """Group and column, in its own unit, behind each trait of a county."""
    return {
        "ruggedness": ("terrain", "ruggedness"),
        "on_border": ("border", "on_border"),
        "distance_to_capital_km": ("distance", "distance_to_capital_km"),
        "is_district": ("district status", "is_district"),
        "mean_schooling": ("schooling", vintage.column("mean_schooling")),
        "share_60_plus": ("age structure", vintage.column("share_60_plus")),
        "primary_share": ("sector", f"primary_share_{vintage.gdp}"),
    }


def needed(vintage: Vintage) -> tuple[str, ...]:
    """Columns of the county frame without which a county is in no account; the other columns follow from them."""
    return (
        *(vintage.column(stem) for stem in ("gdp_per_capita", "primary_gdp")),
        *("on_border", "ruggedness", vintage.column("population")),
    )
