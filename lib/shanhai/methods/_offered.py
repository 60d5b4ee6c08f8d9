"""What ``shanhai.methods`` offers, by name; it imports this page when the first of them is used."""

from shanhai.methods.decomposition.gap import GapAccount, GapPart, explain_gap
from shanhai.methods.door.adopt import adopt
from shanhai.methods.door.fit import fit
from shanhai.methods.door.fits import Fits
from shanhai.methods.door.printed import RegressionTable
from shanhai.methods.door.regression import Regression
from shanhai.methods.door.tables import etable
from shanhai.methods.estimate import Estimate
from shanhai.methods.regression.bands import valley, valleys
from shanhai.methods.regression.conley import ConleyCovariance, conley_covariance
from shanhai.methods.regression.families import adjust_family
from shanhai.methods.regression.fit import fit_many
from shanhai.methods.regression.pairs import kernel_matrix
from shanhai.methods.regression.results import FitResult, JointTest, combine, joint_test
from shanhai.methods.regression.scpc import ScpcTest, scpc
from shanhai.methods.regression.wild import WildResult, WildTest, wild_bootstrap, wild_interval, wild_test
from shanhai.methods.regression.wild_forms import ClusterForms, cluster_forms
from shanhai.methods.spec import Bands, CovarianceSpec, Filter, Interaction, RegressionSpec, SampleSpec, Variable

__all__ = [
    "Bands",
    "ClusterForms",
    "ConleyCovariance",
    "CovarianceSpec",
    "Estimate",
    "Filter",
    "FitResult",
    "Fits",
    "GapAccount",
    "GapPart",
    "Interaction",
    "JointTest",
    "Regression",
    "RegressionSpec",
    "RegressionTable",
    "SampleSpec",
    "ScpcTest",
    "Variable",
    "WildResult",
    "WildTest",
    "adjust_family",
    "adopt",
    "cluster_forms",
    "combine",
    "conley_covariance",
    "etable",
    "explain_gap",
    "fit",
    "fit_many",
    "joint_test",
    "kernel_matrix",
    "scpc",
    "valley",
    "valleys",
    "wild_bootstrap",
    "wild_interval",
    "wild_test",
]
