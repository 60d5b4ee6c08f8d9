"""Gaps and variances taken apart among groups of variables, and between two kinds of unit; every account adds up."""

from shanhai.methods.decomposition._design import SharesDesign, TermGroup
from shanhai.methods.decomposition._oaxaca import OaxacaDesign, OaxacaResult, oaxaca_blinder
from shanhai.methods.decomposition._shapley import (
    first_values,
    last_values,
    ordered_values,
    owen_values,
    shapley_values,
)
from shanhai.methods.decomposition._shares import GapShares, Rule, share_gap, share_variance

__all__ = [
    "GapShares",
    "OaxacaDesign",
    "OaxacaResult",
    "Rule",
    "SharesDesign",
    "TermGroup",
    "first_values",
    "last_values",
    "oaxaca_blinder",
    "ordered_values",
    "owen_values",
    "shapley_values",
    "share_gap",
    "share_variance",
]
