"""Regressions within fixed effects: specifications and frames in, frozen results out.

``fit`` needs nothing of China: any frame with the columns that a specification names will do.
"""

from shanhai.model.balance import border_balance
from shanhai.model.bands import valley, valleys
from shanhai.model.families import adjust_family
from shanhai.model.fit import fit
from shanhai.model.gap import GapAccount, GapPart, explain_gap
from shanhai.model.registered import (
    GAP_GROUPS,
    MODELS,
    OUTCOMES,
    STEPS,
    estimate_rows,
    estimates_frame,
    fit_registered,
    main_family,
    main_spec,
    registered_estimates,
    registered_spec,
)
from shanhai.model.results import Combination, FitResult, JointTest, combine, joint_test
from shanhai.model.samples import SAMPLES, sample
from shanhai.model.variables import add_variables

__all__ = [
    "GAP_GROUPS",
    "MODELS",
    "OUTCOMES",
    "SAMPLES",
    "STEPS",
    "Combination",
    "FitResult",
    "GapAccount",
    "GapPart",
    "JointTest",
    "add_variables",
    "adjust_family",
    "border_balance",
    "combine",
    "estimate_rows",
    "estimates_frame",
    "explain_gap",
    "fit",
    "fit_registered",
    "joint_test",
    "main_family",
    "main_spec",
    "registered_estimates",
    "registered_spec",
    "sample",
    "valley",
    "valleys",
]
