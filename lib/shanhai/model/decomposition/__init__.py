"""Gaps and variances taken apart among groups of variables, and between two kinds of unit; every account adds up."""

from shanhai.model.decomposition.design import SharesDesign, TermGroup
from shanhai.model.decomposition.oaxaca import OaxacaDesign, OaxacaResult, oaxaca_blinder
from shanhai.model.decomposition.registered import (
    DRAWS,
    GAP_DESIGN,
    MOUNTAIN_DESIGN,
    SEED,
    add_gap_variables,
    variants,
)
from shanhai.model.decomposition.shapley import (
    first_values,
    last_values,
    ordered_values,
    owen_values,
    shapley_values,
)
from shanhai.model.decomposition.shares import GapShares, share_gap, share_variance

__all__ = [
    "DRAWS",
    "GAP_DESIGN",
    "MOUNTAIN_DESIGN",
    "SEED",
    "GapShares",
    "OaxacaDesign",
    "OaxacaResult",
    "SharesDesign",
    "TermGroup",
    "add_gap_variables",
    "first_values",
    "last_values",
    "oaxaca_blinder",
    "ordered_values",
    "owen_values",
    "shapley_values",
    "share_gap",
    "share_variance",
    "variants",
]
