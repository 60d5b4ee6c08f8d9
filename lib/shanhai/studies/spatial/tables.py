"""Tables of notebook 12: one coefficient under many methods, tests of residuals, spatial models and their effects."""

import re
from collections.abc import Iterable

import pandas as pd

from shanhai.methods.spatial import SpatialOverview
from shanhai.methods.spec import RegressionSpec
from shanhai.render.errors import error_label
from shanhai.render.numbers import format_number
from shanhai.render.style import label
from shanhai.render.tables import ESTIMATE_COLUMNS, Column, TableSpec, build_table, interval, labelled, p_values
from shanhai.studies.border.words import outcome_label, term_label
from shanhai.studies.spatial.analysis import (
    coefficient_estimates,
    compared_estimates,
    effect_estimates,
    parameter_estimates,
    residual_tests,
)
from shanhai.studies.spatial.words import WORDS, rule_words

_MODEL = Column("model", ("model", "模型"), source=labelled("model", WORDS.labels("model")))
_ESTIMATE, _ERROR, _INTERVAL, _P = ESTIMATE_COLUMNS

_COVARIANCES = (
    Column(
        "covariance",
        ("method of inference", "推断方法"),
        source=lambda rows, language: [error_label(name, language) for name in rows["covariance"]],
    ),
    _ESTIMATE,
    _ERROR,
    _INTERVAL,
    _P,
    Column("clusters", ("clusters", "聚类数")),
)
_TESTS = (
    Column("test", ("test", "检验"), source=labelled("test", WORDS.labels("test"))),
    Column("statistic", ("statistic", "统计量"), 3),
    Column("df", ("df", "自由度")),
    _P,
)
_MODELS = (
    _MODEL,
    Column("coefficient", ("coefficient", "系数"), 3),
    Column("coefficient_se", ("its standard error", "系数标准误"), 3),
    Column(
        "parameter",
        ("spatial parameter", "空间参数"),
        source=lambda rows, language: [
            label(language, *WORDS.pair(f"parameter.{name}")) if isinstance(name, str) else None
            for name in rows["parameter"]
        ],
    ),
    _ESTIMATE,
    _ERROR,
    Column("p", ("p", "p值"), source=p_values("lr_p")),
    Column("log_likelihood", ("log likelihood", "对数似然值"), 1),
    Column("aic", ("AIC", "AIC"), 1),
)
_EFFECTS = (
    _MODEL,
    Column(
        "term",
        ("variable", "变量"),
        source=lambda rows, language: [label(language, *term_label(term)) for term in rows["term"]],
    ),
    Column("impact", ("effect", "效应"), source=labelled("impact", WORDS.labels("impact"))),
    _ESTIMATE,
    Column("interval", _INTERVAL.head, source=interval()),
)


def covariance_table(compared: pd.DataFrame, spec: RegressionSpec, term: str, language: str = "en") -> TableSpec:
    """Print what ``compare_covariances`` and ``compare_resampling`` return for a coefficient, one row per method.

    Notes on covariances that are not positive semidefinite stand below the table.
    """
    rows = compared[compared["term"] == term].reset_index(drop=True)
    notes = (
        WORDS("note.coefficient", language, term=term_label(term)),
        _design(spec, int(rows["n"].max()), language),
        WORDS("note.errors", language),
        *_more((note for note in rows["note"] if note), language),
    )
    return build_table(rows, _COVARIANCES, language, WORDS.pair("caption.covariances"), notes, compared_estimates(rows))


def spatial_tests_table(overview: SpatialOverview, spec: RegressionSpec, language: str = "en") -> TableSpec:
    """Print Moran's I and the Lagrange multiplier tests of the least-squares residuals of a regression."""
    # rows dropped show in the number of counties
    more = (note for note in overview.notes if not re.match(r"\d+ rows? dropped", note))
    notes = (*_notes(overview, spec, language), *_more(more, language))
    caption = WORDS.pair("caption.tests")
    return build_table(overview.tests, _TESTS, language, caption, notes, residual_tests(overview, spec))


def spatial_models_table(overview: SpatialOverview, spec: RegressionSpec, term: str, language: str = "en") -> TableSpec:
    """Print a coefficient in least squares and the spatial models, with their spatial parameter and likelihood."""
    rows = overview.coefficients[overview.coefficients["term"].eq(term)][["model", "estimate", "se"]]
    rows = rows.rename(columns={"estimate": "coefficient", "se": "coefficient_se"})
    rows = rows.merge(overview.fit, on="model", how="left")
    notes = (
        WORDS("note.coefficient", language, term=term_label(term)),
        *_notes(overview, spec, language),
        WORDS("note.likelihood", language),
    )
    estimates = (*parameter_estimates(overview, spec), *coefficient_estimates(overview, spec, (term,)))
    return build_table(rows, _MODELS, language, WORDS.pair("caption.models"), notes, estimates)


def effects_table(
    overview: SpatialOverview, spec: RegressionSpec, terms: tuple[str, ...], language: str = "en"
) -> TableSpec:
    """Print direct, indirect and total effects of some terms in the lag and Durbin model, with simulated intervals."""
    chosen = overview.effects[overview.effects["term"].isin(terms)].reset_index(drop=True)
    notes = (*_notes(overview, spec, language), WORDS("note.effects", language))
    estimates = effect_estimates(overview, spec, terms)
    return build_table(chosen, _EFFECTS, language, WORDS.pair("caption.effects"), notes, estimates)


def _notes(overview: SpatialOverview, spec: RegressionSpec, language: str) -> tuple[str, str]:
    """What was estimated on how many counties, and who is a neighbour of whom."""
    return (
        _design(spec, len(overview.moran.deviations), language),
        WORDS("note.neighbours", language, rule=rule_words(overview.weights)),
    )


def _design(spec: RegressionSpec, counties: int, language: str) -> str:
    sample = (spec.sample.name, spec.sample.translation)
    outcome = outcome_label(spec.outcome.name)
    return WORDS("note.design", language, outcome=outcome, sample=sample, n=format_number(counties))


def _more(notes: Iterable[str], language: str) -> tuple[str, ...]:
    """What the estimator says of single results, in its own English."""
    said = " ".join(dict.fromkeys(notes))
    return (WORDS("note.more", language, notes=said),) if said else ()
