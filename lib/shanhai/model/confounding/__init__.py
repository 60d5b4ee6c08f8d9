"""Border or mountain: what is left of a difference once units are compared that are alike in terrain.

Every function takes plain frames and a ``RegressionSpec``; only ``border_comparison`` and ``border_or_mountain`` name
columns of the project.
"""

from shanhai.model.confounding.adjustments import ADJUSTMENTS, TERRAIN, border_comparison
from shanhai.model.confounding.arms import ESTIMANDS, AdjustedEstimate, Arms, build_arms
from shanhai.model.confounding.bounds import (
    benchmark_bounds,
    bound_strength,
    contour_around,
    sensitivity_contour,
)
from shanhai.model.confounding.compare import (
    SHOWN,
    BorderOrMountain,
    all_differences,
    border_or_mountain,
    overlap_by_adjustment,
    robustness_by_model,
)
from shanhai.model.confounding.dose import Dose, dose_of_terrain
from shanhai.model.confounding.doubly_robust import doubly_robust_difference
from shanhai.model.confounding.entropy import entropy_difference, entropy_weights
from shanhai.model.confounding.matching import Pairs, match_pairs, matched_difference
from shanhai.model.confounding.oster import (
    Stability,
    oster_beta,
    oster_delta,
    oster_roots,
    oster_table,
    stability,
)
from shanhai.model.confounding.overlap import (
    Overlap,
    Propensity,
    balance_table,
    distributions,
    measure_overlap,
    propensity,
)
from shanhai.model.confounding.sensitivity import (
    Robustness,
    adjusted_for,
    partial_r2,
    robustness,
    robustness_value,
)
from shanhai.model.confounding.surface import Surface, binned_surface, smooth_surface
from shanhai.model.confounding.weighting import propensity_weights, weighted_difference

__all__ = [
    "ADJUSTMENTS",
    "ESTIMANDS",
    "SHOWN",
    "TERRAIN",
    "AdjustedEstimate",
    "Arms",
    "BorderOrMountain",
    "Dose",
    "Overlap",
    "Pairs",
    "Propensity",
    "Robustness",
    "Stability",
    "Surface",
    "adjusted_for",
    "all_differences",
    "balance_table",
    "benchmark_bounds",
    "binned_surface",
    "border_comparison",
    "border_or_mountain",
    "bound_strength",
    "build_arms",
    "contour_around",
    "distributions",
    "dose_of_terrain",
    "doubly_robust_difference",
    "entropy_difference",
    "entropy_weights",
    "match_pairs",
    "matched_difference",
    "measure_overlap",
    "oster_beta",
    "oster_delta",
    "oster_roots",
    "oster_table",
    "overlap_by_adjustment",
    "partial_r2",
    "propensity",
    "propensity_weights",
    "robustness",
    "robustness_by_model",
    "robustness_value",
    "sensitivity_contour",
    "smooth_surface",
    "stability",
    "weighted_difference",
]
