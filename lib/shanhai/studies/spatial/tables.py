"""Tables of notebook 12: one coefficient under many errors, tests of residuals, spatial models and their effects."""

import pandas as pd

from shanhai.methods.spatial import SpatialOverview
from shanhai.methods.spec import RegressionSpec
from shanhai.render.style import label
from shanhai.render.tables import Column, TableSpec, build_table, labelled, p_values
from shanhai.studies.border.words import term_label
from shanhai.studies.spatial.analysis import (
    compared_estimates,
    effect_estimates,
    parameter_estimates,
    residual_tests,
)
from shanhai.studies.spatial.words import WORDS

_TERM = Column(
    "term",
    ("coefficient", "系数"),
    source=lambda rows, language: [label(language, *term_label(term)) for term in rows["term"]],
)
_MODEL = Column("model", ("model", "模型"), source=labelled("model", WORDS.labels("model")))
_ESTIMATE = Column("estimate", ("estimate", "估计值"), 3)
_ERROR = Column("se", ("standard error", "标准误"), 3)
_LOW, _HIGH = Column("low", ("95 % from", "95%下限"), 3), Column("high", ("to", "上限"), 3)
_P = Column("p", ("p", "p值"), source=p_values("p"))

_COVARIANCES = (
    _TERM,
    Column("covariance", ("errors", "误差")),
    _ESTIMATE,
    _ERROR,
    _P,
    _LOW,
    _HIGH,
    Column("clusters", ("clusters", "聚类数")),
)
_TESTS = (
    Column("test", ("test", "检验")),
    Column("statistic", ("statistic", "统计量"), 3),
    Column("df", ("df", "自由度")),
    _P,
)
_MODELS = (
    _MODEL,
    Column("parameter", ("spatial parameter", "空间参数")),
    _ESTIMATE,
    _ERROR,
    Column("p", ("p", "p值"), source=p_values("lr_p")),
    Column("log_likelihood", ("log likelihood", "对数似然"), 1),
    Column("aic", ("AIC", "AIC"), 1),
)
_IMPACT = Column("impact", ("effect", "效应"), source=labelled("impact", WORDS.labels("impact")))
_EFFECTS = (_MODEL, _TERM, _IMPACT, _ESTIMATE, _LOW, _HIGH)


def covariance_table(compared: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``compare_covariances`` and ``compare_resampling`` return, one row a coefficient and covariance.

    Notes on covariances that are not positive semidefinite stand below the table.
    """
    notes = (WORDS("note.errors", language), *dict.fromkeys(note for note in compared["note"] if note))
    caption = WORDS.pair("caption.covariances")
    return build_table(compared, _COVARIANCES, language, caption, notes, compared_estimates(compared))


def spatial_tests_table(overview: SpatialOverview, spec: RegressionSpec, language: str = "en") -> TableSpec:
    """Print Moran's I and the Lagrange multiplier tests of the least-squares residuals of a regression."""
    notes = (WORDS("note.neighbours", language, rule=overview.weights), *overview.notes)
    caption = WORDS.pair("caption.tests")
    return build_table(overview.tests, _TESTS, language, caption, notes, residual_tests(overview, spec))


def spatial_models_table(overview: SpatialOverview, spec: RegressionSpec, language: str = "en") -> TableSpec:
    """Print the spatial parameter and the likelihood of lag, error and Durbin model."""
    notes = (WORDS("note.likelihood_ratio", language),)
    caption = WORDS.pair("caption.models")
    return build_table(overview.fit, _MODELS, language, caption, notes, parameter_estimates(overview, spec))


def effects_table(
    overview: SpatialOverview, spec: RegressionSpec, terms: tuple[str, ...], language: str = "en"
) -> TableSpec:
    """Print direct, indirect and total effects of some terms in the lag and Durbin model, with simulated intervals."""
    chosen = overview.effects[overview.effects["term"].isin(terms)].reset_index(drop=True)
    estimates = effect_estimates(overview, spec, terms)
    return build_table(chosen, _EFFECTS, language, WORDS.pair("caption.effects"), (), estimates)
