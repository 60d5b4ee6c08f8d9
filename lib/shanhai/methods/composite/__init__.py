"""Composite evaluation: many indicators, one score, and how far its ranks can be trusted.

Works on plain frames of any places: scale the indicators (``normalise``), weigh them (``weights``), put them together
(``scores``, ``topsis``, ``coupling``), and spread the ranks over all of these decisions (``ranks``, ``sensitivity``).
"""

from shanhai.methods.composite._coupling import GRADES, coordination, coordination_table, coupling, grade
from shanhai.methods.composite._normalise import NORMALISATIONS, normalise
from shanhai.methods.composite._ranks import (
    Choices,
    Spread,
    among,
    pair_table,
    rank_table,
    ranks_of,
    single_changes,
    spread_scores,
    variance_shares,
)
from shanhai.methods.composite._scores import METHODS, closeness, group_scores, score, topsis
from shanhai.methods.composite._weights import draw_weights, entropy_weights, group_weights, parse_weights, pca_weights

__all__ = [
    "GRADES",
    "METHODS",
    "NORMALISATIONS",
    "Choices",
    "Spread",
    "among",
    "closeness",
    "coordination",
    "coordination_table",
    "coupling",
    "draw_weights",
    "entropy_weights",
    "grade",
    "group_scores",
    "group_weights",
    "normalise",
    "pair_table",
    "parse_weights",
    "pca_weights",
    "rank_table",
    "ranks_of",
    "score",
    "single_changes",
    "spread_scores",
    "topsis",
    "variance_shares",
]
