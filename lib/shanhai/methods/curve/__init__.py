"""Specification curves: a grid of defensible specifications, all estimated at once, summed up and tested together."""

from shanhai.methods.curve._curve import CurveSummary, summarise_curve, summarise_options, what_moves
from shanhai.methods.curve._engine import Prepared, Variations, estimate_variations, prepare_variations
from shanhai.methods.curve._grid import Choice, Exclusion, Grid, Moderator, Option, Role
from shanhai.methods.curve.joint import (
    JointNullTest,
    adjusted_tests,
    joint_null_test,
    joint_test_from_draws,
    permute_within,
)

__all__ = [
    "Choice",
    "CurveSummary",
    "Exclusion",
    "Grid",
    "JointNullTest",
    "Moderator",
    "Option",
    "Prepared",
    "Role",
    "Variations",
    "adjusted_tests",
    "estimate_variations",
    "joint_null_test",
    "joint_test_from_draws",
    "permute_within",
    "prepare_variations",
    "summarise_curve",
    "summarise_options",
    "what_moves",
]
