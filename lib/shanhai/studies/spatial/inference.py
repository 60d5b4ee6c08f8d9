"""Tables and sentences of the notebook on spatial inference: one coefficient under many errors, spatial models."""

from dataclasses import dataclass, replace

import pandas as pd

from shanhai.methods.spatial import SpatialOverview
from shanhai.methods.spec import CovarianceSpec, RegressionSpec
from shanhai.methods.spec.estimate import Estimate, estimates_of
from shanhai.methods.spec.hypothesis import hypothesis_tests
from shanhai.methods.spec.identity import content_id
from shanhai.render.numbers import format_number, format_p_value
from shanhai.render.style import check_language, label
from shanhai.render.tables import TableSpec
from shanhai.studies.border.words import term_label
from shanhai.studies.spatial.charts import IMPACT_NAMES, MODEL_NAMES

HEADS: dict[str, tuple[str, str]] = {
    "term": ("coefficient", "系数"),
    "covariance": ("errors", "误差"),
    "estimate": ("estimate", "估计值"),
    "se": ("standard error", "标准误"),
    "p": ("p", "p值"),
    "low": ("95 % from", "95%下限"),
    "high": ("to", "上限"),
    "clusters": ("clusters", "聚类数"),
    "test": ("test", "检验"),
    "statistic": ("statistic", "统计量"),
    "df": ("df", "自由度"),
    "model": ("model", "模型"),
    "parameter": ("spatial parameter", "空间参数"),
    "log_likelihood": ("log likelihood", "对数似然"),
    "aic": ("AIC", "AIC"),
    "impact": ("effect", "效应"),
}
"""Heads of the columns: English, Chinese."""

GUIDE = (
    "iid: independent, one variance; HC: independent; cluster: shared within; conley: shared by neighbours up to the "
    "cutoff; wild: wild cluster bootstrap, null imposed; scpc: any correlation up to that average of all pairs.",
    "iid：独立同方差；HC：独立；cluster：组内相关；conley：截断距离内相关；wild：施加原假设的野聚类自助法；"
    "scpc：所有县对平均相关不超过该值的任意空间相关。",
)
"""What the names of the errors mean."""


def covariance_table(compared: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``compare_covariances`` and ``compare_resampling`` return, one row a coefficient and covariance.

    Notes on covariances that are not positive semidefinite stand below the table.
    """
    check_language(language)
    frame = pd.DataFrame(
        {
            "term": _terms(compared, language),
            "covariance": compared["covariance"],
            "estimate": compared["estimate"],
            "se": compared["se"],
            "p": [format_p_value(value) for value in compared["p"]],
            "low": compared["low"],
            "high": compared["high"],
            "clusters": compared["clusters"],
        }
    )
    states = tuple(dict.fromkeys(note for note in compared["note"] if note))
    digits = dict.fromkeys(("estimate", "se", "low", "high"), 3)
    caption = label(language, "One estimate under many errors", "同一估计在不同误差设定下")
    notes = (label(language, *GUIDE), *states)
    return TableSpec(frame, caption, notes, digits, _heads(frame, language), estimates=_compared_estimates(compared))


def _compared_estimates(compared: pd.DataFrame) -> tuple[Estimate, ...]:
    """One coefficient under each covariance; what a bootstrap draws is a method, no covariance."""
    drawn = compared["vcov"].str.startswith("wild")
    return estimates_of(compared, vcov=compared["vcov"].mask(drawn, ""), method=compared["vcov"].where(drawn, ""))


def covariance_sentence(compared: pd.DataFrame, term: str, language: str = "en") -> str:
    """How far the standard errors of a coefficient lie apart, and how many of the tests reject zero at 5 %."""
    check_language(language)
    rows = compared[compared["term"] == term]
    count, total = format_number(int((rows["p"] < 0.05).sum())), format_number(len(rows))
    kept = rows.loc[rows["p"] >= 0.05, "covariance"].tolist()
    named = 0 < len(kept) < len(rows)
    spread_en, spread_zh = _spread(rows)
    names = term_label(term)
    return label(
        language,
        f"{names[0]}: {spread_en}{count} of {total} tests reject zero at 5 %."
        + (f" Not rejected under {', '.join(kept)}." if named else ""),
        f"{names[1]}：{spread_zh}{total}个检验中{count}个在5%水平拒绝零。"
        + (f"未拒绝：{'、'.join(kept)}。" if named else ""),
        joint="\n",
    )


def _spread(rows: pd.DataFrame) -> tuple[str, str]:
    """Largest against smallest standard error, in English and Chinese; empty with fewer than two of them."""
    ordered = rows.dropna(subset=["se"]).sort_values("se")
    if len(ordered) < 2:
        return "", ""
    smallest, largest = ordered.iloc[0], ordered.iloc[-1]
    times = format_number(largest["se"] / smallest["se"], 1)
    pair = largest["covariance"], smallest["covariance"]
    return (
        f"the largest standard error ({pair[0]}) is {times} times the smallest ({pair[1]}); ",
        f"最大标准误（{pair[0]}）是最小标准误（{pair[1]}）的{times}倍；",
    )


def spatial_tests_table(overview: SpatialOverview, spec: RegressionSpec, language: str = "en") -> TableSpec:
    """Print Moran's I and the Lagrange multiplier tests of the least-squares residuals of a regression."""
    check_language(language)
    tests = overview.tests
    frame = tests.assign(p=[format_p_value(value) for value in tests["p"]])[["test", "statistic", "df", "p"]]
    caption = label(language, "Are the residuals correlated in space?", "残差是否空间相关？")
    notes = (label(language, f"Neighbours: {overview.weights}.", f"邻接规则：{overview.weights}。"), *overview.notes)
    stored = hypothesis_tests(
        tests,
        **_spatial_names(overview, spec, ["least squares"] * len(tests)),
        term="no spatial correlation of residuals",
        statistic=tests["test"],
        value=tests["statistic"],
        n=len(overview.moran.deviations),
        method=[_test_errors(str(test), overview) for test in tests["test"]],
    )
    return TableSpec(frame, caption, notes, {"statistic": 3}, _heads(frame, language), estimates=stored)


def spatial_models_table(overview: SpatialOverview, spec: RegressionSpec, language: str = "en") -> TableSpec:
    """Print the spatial parameter and the likelihood of lag, error and Durbin model."""
    check_language(language)
    frame = overview.fit.assign(
        model=[label(language, *MODEL_NAMES[model]) for model in overview.fit["model"]],
        p=[format_p_value(value) for value in overview.fit["lr_p"]],
    )[["model", "parameter", "estimate", "se", "p", "log_likelihood", "aic"]]
    note = label(language, "p: likelihood ratio against no spatial parameter.", "p：相对于无空间参数模型的似然比检验。")
    caption = label(language, "Spatial models by maximum likelihood", "空间模型（极大似然）")
    digits = {"estimate": 3, "se": 3, "log_likelihood": 1, "aic": 1}
    estimates = _spatial_estimates(
        overview,
        spec,
        overview.fit,
        model=[MODEL_NAMES[model][0] for model in overview.fit["model"]],
        term=overview.fit["parameter"],
        p=overview.fit["lr_p"],
        df=1,
        estimand="spatial parameter",
        vcov="maximum likelihood",
        method="p by likelihood ratio",
    )
    return TableSpec(frame, caption, (note,), digits, _heads(frame, language), estimates=estimates)


def coefficient_estimates(
    overview: SpatialOverview, spec: RegressionSpec, terms: tuple[str, ...]
) -> tuple[Estimate, ...]:
    """Coefficients of some terms in least squares and in the spatial models, for the figure."""
    chosen = overview.coefficients[overview.coefficients["term"].isin(terms)]
    return _spatial_estimates(
        overview,
        spec,
        chosen,
        model=[MODEL_NAMES[model][0] for model in chosen["model"]],
        vcov="maximum likelihood",
        method="normal",
    )


def effects_table(
    overview: SpatialOverview, spec: RegressionSpec, terms: tuple[str, ...], language: str = "en"
) -> TableSpec:
    """Print direct, indirect and total effects of some terms in the lag and Durbin model, with simulated intervals."""
    check_language(language)
    chosen = overview.effects[overview.effects["term"].isin(terms)].reset_index(drop=True)
    frame = pd.DataFrame(
        {
            "model": [label(language, *MODEL_NAMES[model]) for model in chosen["model"]],
            "term": _terms(chosen, language),
            "impact": [label(language, *IMPACT_NAMES[impact]) for impact in chosen["impact"]],
            "estimate": chosen["estimate"],
            "low": chosen["low"],
            "high": chosen["high"],
        }
    )
    caption = label(language, "Effects on the county and on its neighbours", "对本县与邻县的效应")
    digits = dict.fromkeys(("estimate", "low", "high"), 3)
    estimates = _spatial_estimates(
        overview,
        spec,
        chosen,
        model=[MODEL_NAMES[model][0] for model in chosen["model"]],
        estimand=chosen["impact"] + " effect",
        n=len(overview.moran.deviations),
        method="simulated from the likelihood",
    )
    return TableSpec(frame, caption, (), digits, _heads(frame, language), estimates=estimates)


@dataclass(frozen=True)
class _SpatialDesign:
    """A regression without its covariance, and who is a neighbour of whom."""

    regression: str
    weights: str


def _spatial_estimates(
    overview: SpatialOverview, spec: RegressionSpec, rows: pd.DataFrame, *, model: str | list[str], **given: object
) -> tuple[Estimate, ...]:
    """Rows of an overview as estimates of a regression, the model named before the rule of neighbourhood."""
    models = [model] * len(rows) if isinstance(model, str) else model
    return estimates_of(rows, **_spatial_names(overview, spec, models), **given)


def _spatial_names(overview: SpatialOverview, spec: RegressionSpec, models: list[str]) -> dict[str, object]:
    """Sample, outcome, models and id of the rows of an overview."""
    plain = replace(spec, covariance=CovarianceSpec("iid")).spec_id
    return {
        "sample": spec.sample.name,
        "outcome": spec.outcome.name,
        "model": [f"{spec.model}, {name}, {overview.weights}" for name in models],
        "design_id": content_id(_SpatialDesign(plain, overview.weights)),
    }


def _test_errors(test: str, overview: SpatialOverview) -> str:
    """How the p-value of a test of residuals is obtained."""
    if test.startswith("LM"):
        return "chi-squared"
    return "normal, upper tail" if test.endswith("z") else f"permutation ({overview.moran.draws}), upper tail"


def _terms(frame: pd.DataFrame, language: str) -> list[str]:
    return [label(language, *term_label(term)) for term in frame["term"]]


def _heads(frame: pd.DataFrame, language: str) -> dict[str, str]:
    return {str(column): label(language, *HEADS[str(column)]) for column in frame.columns}
