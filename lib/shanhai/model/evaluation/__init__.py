"""The open evaluation of the 26 mountain counties: indicators, their values, scores, ranks with intervals, change."""

from shanhai.model.evaluation.change import Change, evaluate_change
from shanhai.model.evaluation.evaluate import Evaluation, evaluate
from shanhai.model.evaluation.indicators import (
    BOTH,
    GROUPS,
    INDICATORS,
    MISSING,
    UNUSED,
    Indicator,
    directions_of,
    groups_of,
    indicators_of,
)
from shanhai.model.evaluation.registered import CLASS_WEIGHTS, CONCENTRATION, DRAWS, EvaluationSpec
from shanhai.model.evaluation.robustness import SURE, spread_by_concentration
from shanhai.model.evaluation.schemes import check_weights
from shanhai.model.evaluation.values import county_types, mountain_codes, position_values, repeated_values

__all__ = [
    "BOTH",
    "CLASS_WEIGHTS",
    "CONCENTRATION",
    "DRAWS",
    "GROUPS",
    "INDICATORS",
    "MISSING",
    "SURE",
    "UNUSED",
    "Change",
    "Evaluation",
    "EvaluationSpec",
    "Indicator",
    "check_weights",
    "county_types",
    "directions_of",
    "evaluate",
    "evaluate_change",
    "groups_of",
    "indicators_of",
    "mountain_codes",
    "position_values",
    "repeated_values",
    "spread_by_concentration",
]
