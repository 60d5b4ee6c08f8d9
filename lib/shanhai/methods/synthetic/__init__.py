"""Synthetic control on panels of any country: simplex weights, predictors, placebos in space and time, leave-one-out.

A panel is a frame of one outcome: units in rows, periods in columns (rising whole numbers), nothing missing.
"""

from shanhai.methods.synthetic._placebo import (
    SpacePlacebo,
    leave_one_out,
    left_out,
    placebo_in_space,
    placebo_in_time,
    statistics_table,
)
from shanhai.methods.synthetic._predictors import importance_table, predictor_balance
from shanhai.methods.synthetic._weights import SimplexWeights, simplex_weights
from shanhai.methods.synthetic.fit import SyntheticFit, SyntheticSpec, fit_each, fit_synthetic, sdid_ridge

__all__ = [
    "SimplexWeights",
    "SpacePlacebo",
    "SyntheticFit",
    "SyntheticSpec",
    "fit_each",
    "fit_synthetic",
    "importance_table",
    "leave_one_out",
    "left_out",
    "placebo_in_space",
    "placebo_in_time",
    "predictor_balance",
    "sdid_ridge",
    "simplex_weights",
    "statistics_table",
]
