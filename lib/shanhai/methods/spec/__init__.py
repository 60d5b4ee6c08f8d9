"""Regressions as values: which sample, outcome, terms, fixed effects and covariance.

A specification holds names and choices only, never data. Tables, specification curves and tests take the same
object, and its ``spec_id`` follows from its content. Every column is a plain name: no formula is ever evaluated.
"""

from shanhai.methods.spec._covariance import (
    TWO_WAY_FACTORS,
    ClusterFactor,
    CovarianceKind,
    CovarianceSpec,
    Distance,
    Kernel,
)
from shanhai.methods.spec._regression import (
    Bands,
    Filter,
    Interaction,
    RegressionSpec,
    Relation,
    SampleSpec,
    Term,
    Transform,
    Variable,
)
from shanhai.methods.spec._small_sample import Program, SmallSample, ssc

__all__ = [
    "TWO_WAY_FACTORS",
    "Bands",
    "ClusterFactor",
    "CovarianceKind",
    "CovarianceSpec",
    "Distance",
    "Filter",
    "Interaction",
    "Kernel",
    "Program",
    "RegressionSpec",
    "Relation",
    "SampleSpec",
    "SmallSample",
    "Term",
    "Transform",
    "Variable",
    "ssc",
]
