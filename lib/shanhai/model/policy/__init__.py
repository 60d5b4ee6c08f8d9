"""One policy, one date, few treated clusters: difference-in-differences with what it can and cannot show.

``build_panel`` needs nothing of China: units with a region, a cluster, marks of treatment and terrain, and a table of
values by year.
"""

from shanhai.model.policy.design import LEAST_PRE, PolicyDesign
from shanhai.model.policy.effect import EventStudy, contrast, effect, event_study, wild_effect
from shanhai.model.policy.honest import (
    Differences,
    breakdown,
    differences_of,
    relative_magnitudes,
    smoothness,
)
from shanhai.model.policy.panel import UNIT_COLUMNS, PolicyPanel, build_panel
from shanhai.model.policy.permutation import UnitPermutation, permute_clusters, permute_units
from shanhai.model.policy.placebo import RegionPlacebo, placebo_regions
from shanhai.model.policy.pretrend import PreTrend, pre_trend

__all__ = [
    "LEAST_PRE",
    "UNIT_COLUMNS",
    "Differences",
    "EventStudy",
    "PolicyDesign",
    "PolicyPanel",
    "PreTrend",
    "RegionPlacebo",
    "UnitPermutation",
    "breakdown",
    "build_panel",
    "contrast",
    "differences_of",
    "effect",
    "event_study",
    "permute_clusters",
    "permute_units",
    "placebo_regions",
    "pre_trend",
    "relative_magnitudes",
    "smoothness",
    "wild_effect",
]
