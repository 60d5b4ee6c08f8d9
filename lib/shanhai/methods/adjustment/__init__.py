"""Treatment or terrain: what is left of a difference once units are compared that are alike in terrain.

Every function takes plain frames and a ``RegressionSpec``, or the comparison that was built of them.
"""

from shanhai.methods.adjustment._oster import Stability, oster_beta, oster_delta, oster_roots, oster_table, stability
from shanhai.methods.adjustment._sensitivity import (
    Robustness,
    adjusted_for,
    benchmark_bounds,
    bound_strength,
    contour_around,
    partial_r2,
    robustness,
    robustness_value,
    sensitivity_contour,
)
from shanhai.methods.adjustment._surface import Dose, Surface, binned_surface, dose_of_terrain, smooth_surface
from shanhai.methods.adjustment.comparison import ESTIMANDS, AdjustedEstimate, Comparison, build_comparison
from shanhai.methods.adjustment.matching import Pairs, match_pairs, matched_difference
from shanhai.methods.adjustment.overlap import (
    Overlap,
    Propensity,
    balance_table,
    distributions,
    measure_overlap,
    propensity,
)
from shanhai.methods.adjustment.weighting import (
    doubly_robust_difference,
    entropy_difference,
    entropy_weights,
    propensity_weights,
    weighted_difference,
)

__all__ = [
    "ESTIMANDS",
    "AdjustedEstimate",
    "Comparison",
    "Dose",
    "Overlap",
    "Pairs",
    "Propensity",
    "Robustness",
    "Stability",
    "Surface",
    "adjusted_for",
    "balance_table",
    "benchmark_bounds",
    "binned_surface",
    "bound_strength",
    "build_comparison",
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
    "partial_r2",
    "propensity",
    "propensity_weights",
    "robustness",
    "robustness_value",
    "sensitivity_contour",
    "smooth_surface",
    "stability",
    "weighted_difference",
]
