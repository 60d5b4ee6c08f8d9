"""The registered decompositions: written down on 22 November 2026, before any of their results was computed.

Estimand: the gap between two places in the population-weighted mean of log GDP per head of 2021, over the counties that
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
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from shanhai.methods.decomposition.design import SharesDesign, TermGroup
from shanhai.methods.decomposition.oaxaca import OaxacaDesign
from shanhai.methods.spec import Filter, Interaction, RegressionSpec, Variable
from shanhai.studies.border.design import (
    AGEING,
    BORDER,
    BY_PREFECTURE,
    CHINA,
    DISTRICT,
    OUTCOMES,
    RUGGEDNESS,
    SCHOOLING,
    ZHEJIANG,
)
from shanhai.studies.gap.potential import market_potential

NATURE, ADMINISTRATION, DEVELOPMENT = "nature and maps", "administration", "outcomes"
"""Blocks of groups, in the order in which one may run through the next."""

WEIGHT = "population_2020"
"""Residents: weight of the means and of the regression."""

DISTANCE = Variable("distance_to_capital_km", "log")
SECTOR = Variable("primary_share_2021", is_outcome=True)
DUAL = Interaction(BORDER, RUGGEDNESS)

GROUPS = (
    TermGroup("terrain", (RUGGEDNESS.name, DUAL.name), NATURE),
    TermGroup("border", (BORDER.name, DUAL.name), NATURE),
    TermGroup("distance", (DISTANCE.name,), NATURE),
    TermGroup("district status", (DISTRICT.name,), ADMINISTRATION),
    TermGroup("schooling", (SCHOOLING.name,), DEVELOPMENT),
    TermGroup("age structure", (AGEING.name,), DEVELOPMENT),
    TermGroup("sector", (SECTOR.name,), DEVELOPMENT),
)
"""Players of the registered decomposition."""

GAP_DESIGN = SharesDesign(
    RegressionSpec(
        outcome=OUTCOMES["gdp"],
        terms=(RUGGEDNESS, BORDER, DUAL, DISTANCE),
        controls=(DISTRICT, SCHOOLING, AGEING, SECTOR),
        fixed_effects=("province_code",),
        weights=WEIGHT,
        sample=CHINA,
        covariance=BY_PREFECTURE,
        model="gap",
    ),
    GROUPS,
    WEIGHT,
)
"""The main design."""

NEEDED = ("gdp_per_capita_2021", "primary_gdp_2021", "on_border", "ruggedness", "population_2020")
"""Columns of the county frame without which a county is in no account; the other columns follow from them."""

MOUNTAIN_DESIGN = OaxacaDesign(
    SharesDesign(
        RegressionSpec(
            outcome=OUTCOMES["gdp"],
            terms=(Variable("ruggedness"), BORDER, DISTANCE),
            controls=(DISTRICT, SCHOOLING, AGEING, SECTOR),
            weights=WEIGHT,
            sample=ZHEJIANG,
            covariance=BY_PREFECTURE,
            model="26 against the rest",
        ),
        (
            replace(GROUPS[0], terms=("ruggedness",)),
            replace(GROUPS[1], terms=(BORDER.name,)),
            *GROUPS[2:],
        ),
        WEIGHT,
    ),
    "is_mountain_26",
)
"""The 26 against the other counties of Zhejiang. Reference coefficients: all of them with a dummy for the 26. The
product of border and terrain is left out: 26 counties carry eight coefficients with difficulty. Intervals come from
drawing counties; six prefectures hold the 26, too few to draw, and are shown beside."""

DRAWS, SEED = 999, 20261122
"""Draws and their start, for notebook and findings alike."""


@dataclass(frozen=True)
class Variant:
    """The main design with one thing changed."""

    label: str
    label_zh: str
    design: SharesDesign


def add_gap_variables(frame: pd.DataFrame, census: pd.DataFrame) -> pd.DataFrame:
    """The analysis frame with the columns of the registered decompositions.

    Parameters
    ----------
    frame : DataFrame
        From ``analysis_frame``.
    census : DataFrame
        Table ``census_2020``.

    Returns
    -------
    DataFrame
        A copy with ``primary_share_2021`` (value added of the primary sector in percent of GDP), ``farm_jobs_2020``
        (people working in agriculture in percent of those with work, long form of the census) and
        ``market_potential`` (residents of all counties over their distance, thousands a km).
    """
    counties = census[census["level"] == "county"].set_index("code")
    jobs = 100.0 * counties["long_form_agriculture"] / counties["long_form_employed"]
    return frame.assign(
        primary_share_2021=100.0 * frame["primary_gdp_2021"] / frame["gdp_2021"],
        farm_jobs_2020=jobs.reindex(frame["code"]).to_numpy(),
        market_potential=market_potential(frame),
    )


def variants() -> Mapping[str, Variant]:
    """Designs that change one thing of the main design at a time, the main design first.

    The sector by jobs, which has no GDP in its denominator, was added when the results of the others were known.
    """
    spec = GAP_DESIGN.regression
    mean_slope = (Variable("slope_mean_deg"), Variable("elevation_mean_m"), Variable("relief_m"))
    terrain = replace(GROUPS[0], terms=(*GROUPS[0].terms, *(term.name for term in mean_slope)))
    potential = Variable("market_potential", "log")
    reached = replace(GROUPS[2], terms=(potential.name,))
    farming = Variable("farm_jobs_2020", is_outcome=True)
    working = replace(GROUPS[6], terms=(farming.name,))
    undoubted = replace(CHINA, filters=(Filter("gdp_is_doubtful", "==", False),))
    made = {
        "main": ("registered", "注册设定", GAP_DESIGN),
        "once": ("counties count once each", "各县等权", replace(GAP_DESIGN, regression=replace(spec, weights=None))),
        "pooled": (
            "no province effects",
            "不含省份效应",
            replace(GAP_DESIGN, regression=replace(spec, fixed_effects=())),
        ),
        "given": (
            "outcomes left out",
            "不含结果变量",
            SharesDesign(replace(spec, controls=(DISTRICT,)), GROUPS[:4], WEIGHT),
        ),
        "terrain": (
            "terrain by four measures",
            "四项地形指标",
            SharesDesign(replace(spec, controls=(*mean_slope, *spec.controls)), (terrain, *GROUPS[1:]), WEIGHT),
        ),
        "potential": (
            "distance as market potential",
            "以市场潜力代替距离",
            SharesDesign(
                replace(spec, terms=(*spec.terms[:3], potential)), (*GROUPS[:2], reached, *GROUPS[3:]), WEIGHT
            ),
        ),
        "jobs": (
            "sector by jobs",
            "以就业衡量产业",
            SharesDesign(replace(spec, controls=(*spec.controls[:3], farming)), (*GROUPS[:6], working), WEIGHT),
        ),
        "undoubted": (
            "doubtful GDP left out",
            "剔除存疑GDP",
            replace(GAP_DESIGN, regression=replace(spec, sample=undoubted)),
        ),
    }
    return {key: Variant(*values) for key, values in made.items()}
