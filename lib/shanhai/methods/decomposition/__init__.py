"""Gaps, variances and changes of a coefficient taken apart among groups of variables; every account adds up."""

from shanhai.methods.decomposition._design import SharesDesign, TermGroup
from shanhai.methods.decomposition._mediation import (
    Channel,
    CoefficientChange,
    DirectEffect,
    decompose_change,
    sequential_g,
)
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
    "Channel",
    "CoefficientChange",
    "DirectEffect",
    "GapShares",
    "OaxacaDesign",
    "OaxacaResult",
    "Rule",
    "SharesDesign",
    "TermGroup",
    "decompose_change",
    "first_values",
    "last_values",
    "oaxaca_blinder",
    "ordered_values",
    "owen_values",
    "sequential_g",
    "shapley_values",
    "share_gap",
    "share_variance",
]
