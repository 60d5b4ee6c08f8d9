"""Specification curves: a grid of defensible specifications, all estimated at once, summed up and tested together."""

from shanhai.model.variations.border import add_choice_columns, border_grid
from shanhai.model.variations.curve import CurveSummary, summarise_curve, summarise_options, what_moves
from shanhai.model.variations.engine import Variations, estimate_variations
from shanhai.model.variations.family import FAMILIES, Family, adjusted_tests, estimate_family
from shanhai.model.variations.grid import Choice, Exclusion, Grid, Moderator, Option
from shanhai.model.variations.joint import JointNullTest, joint_null_test, joint_test_from_draws, permute_within
from shanhai.model.variations.prepared import Prepared, prepare_variations

__all__ = [
    "FAMILIES",
    "Choice",
    "CurveSummary",
    "Exclusion",
    "Family",
    "Grid",
    "JointNullTest",
    "Moderator",
    "Option",
    "Prepared",
    "Variations",
    "add_choice_columns",
    "adjusted_tests",
    "border_grid",
    "estimate_family",
    "estimate_variations",
    "joint_null_test",
    "joint_test_from_draws",
    "permute_within",
    "prepare_variations",
    "summarise_curve",
    "summarise_options",
    "what_moves",
]
