"""Regressions within fixed effects: specifications and frames in, frozen results out.

``fit`` needs nothing of China: any frame with the columns that a specification names will do.
"""

from shanhai.model.balance import border_balance
from shanhai.model.bands import valley, valleys
from shanhai.model.bootstrap import WildResult, wild_bootstrap
from shanhai.model.conley import ConleyCovariance, conley_covariance
from shanhai.model.families import adjust_family
from shanhai.model.fit import fit
from shanhai.model.gap import GapAccount, GapPart, explain_gap
from shanhai.model.pairs import kernel_matrix
from shanhai.model.registered import (
    GAP_GROUPS,
    MODELS,
    OUTCOMES,
    STEPS,
    all_estimates,
    estimates_frame,
    fit_registered,
    main_family,
    main_spec,
    registered_estimates,
    registered_spec,
)
from shanhai.model.results import Combination, FitResult, JointTest, combine, joint_test
from shanhai.model.samples import SAMPLES, sample
from shanhai.model.scpc import ScpcTest, scpc
from shanhai.model.variables import add_variables
from shanhai.model.wild import WildTest, wild_interval, wild_test
from shanhai.model.wild_forms import ClusterForms, cluster_forms
from shanhai.spec import Bands, CovarianceSpec, Filter, Interaction, RegressionSpec, SampleSpec, Variable

__all__ = [
    "GAP_GROUPS",
    "MODELS",
    "OUTCOMES",
    "SAMPLES",
    "STEPS",
    "Bands",
    "ClusterForms",
    "Combination",
    "ConleyCovariance",
    "CovarianceSpec",
    "Filter",
    "FitResult",
    "GapAccount",
    "GapPart",
    "Interaction",
    "JointTest",
    "RegressionSpec",
    "SampleSpec",
    "ScpcTest",
    "Variable",
    "WildResult",
    "WildTest",
    "add_variables",
    "adjust_family",
    "all_estimates",
    "border_balance",
    "cluster_forms",
    "combine",
    "conley_covariance",
    "estimates_frame",
    "explain_gap",
    "fit",
    "fit_registered",
    "joint_test",
    "kernel_matrix",
    "main_family",
    "main_spec",
    "registered_estimates",
    "registered_spec",
    "sample",
    "scpc",
    "valley",
    "valleys",
    "wild_bootstrap",
    "wild_interval",
    "wild_test",
]
