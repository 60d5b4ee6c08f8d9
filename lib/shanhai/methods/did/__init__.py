"""One policy, one date, few treated clusters: difference-in-differences with what it can and cannot show.

``build_panel`` needs nothing of China: units with a region, a cluster, marks of treatment and terrain, and a table of
values by year.
"""

from shanhai.methods.did._effect import (
    LEAST_CLUSTERS,
    EventStudy,
    PreTrend,
    UnitPermutation,
    contrast,
    effect,
    event_study,
    permute_clusters,
    permute_units,
    pre_trend,
    wild_effect,
)
from shanhai.methods.did._honest import Differences, breakdown, differences_of, relative_magnitudes, smoothness
from shanhai.methods.did._panel import (
    LEAST_PRE,
    UNIT_COLUMNS,
    Comparison,
    Form,
    PolicyDesign,
    PolicyPanel,
    build_panel,
    comparison_mask,
    home_region,
    require_years,
    scale_outcome,
)
from shanhai.methods.did._placebo import RegionPlacebo, placebo_regions
from shanhai.methods.did.simulated import simulated_policy

__all__ = [
    "LEAST_CLUSTERS",
    "LEAST_PRE",
    "UNIT_COLUMNS",
    "Comparison",
    "Differences",
    "EventStudy",
    "Form",
    "PolicyDesign",
    "PolicyPanel",
    "PreTrend",
    "RegionPlacebo",
    "UnitPermutation",
    "breakdown",
    "build_panel",
    "comparison_mask",
    "contrast",
    "differences_of",
    "effect",
    "event_study",
    "home_region",
    "permute_clusters",
    "permute_units",
    "placebo_regions",
    "pre_trend",
    "relative_magnitudes",
    "require_years",
    "scale_outcome",
    "simulated_policy",
    "smoothness",
    "wild_effect",
]
