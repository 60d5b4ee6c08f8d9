"""Regressions as readers see them: three-line tables, and sentences whose numbers come from the results."""

from collections.abc import Sequence
from dataclasses import replace
from math import expm1
from typing import Literal, get_args

import pandas as pd

from shanhai.core.errors import ReportError
from shanhai.methods.estimate import Estimate
from shanhai.methods.regression.results import FitResult, combine
from shanhai.methods.spec import Bands
from shanhai.render.numbers import MISSING, STARS_NOTE, format_number, format_p_value, format_percent
from shanhai.render.style import check_language, label
from shanhai.render.tables import TableSpec, regression_table
from shanhai.studies.border.labels import OUTCOME_LABELS, term_label
from shanhai.studies.border.registered import DUAL_SUM, MODELS, estimates_frame

Differ = Literal["model", "sample", "outcome", "vcov"]
"""What the columns of a table differ by."""

OUTCOME_MARK = "†"
"""Marks controls that are themselves outcomes of borders or terrain."""


def columns_table(
    results: Sequence[FitResult], by: Differ, language: str = "en", caption: tuple[str, str] = ("", "")
) -> TableSpec:
    """Three-line table with one column a regression.

    Parameters
    ----------
    results : sequence of FitResult
        Columns in order.
    by : str
        ``model``, ``sample``, ``outcome`` or ``vcov``: what heads the columns; everything else goes to the notes.
    language : str
    caption : tuple of str
        English and Chinese.

    Returns
    -------
    TableSpec
        For ``publish_table``.

    Raises
    ------
    ReportError
        If two columns have the same head, or ``by`` is unknown.
    """
    check_language(language)
    heads = [column_head(result, by, language) for result in results]
    if by not in get_args(Differ) or len(set(heads)) != len(heads):
        raise ReportError(
            f"Columns by {by!r} have the heads {heads}; allowed: {', '.join(get_args(Differ))} that tells all apart."
        )
    tables = [estimates_frame([result]).assign(model=head) for result, head in zip(results, heads, strict=True)]
    table = regression_table(
        pd.concat(tables, ignore_index=True),
        terms={name: _marked(name, results, language) for name in _all_terms(results)},
        models=dict(zip(heads, heads, strict=True)),
        statistics=_statistics(results, language),
        caption=label(language, *caption),
        notes=_notes(results, by, language),
    )
    return replace(table, estimates=tuple(row for result in results for row in result.records()))


def column_head(result: FitResult, by: Differ, language: str) -> str:
    """Head of the column of a regression."""
    if by == "sample":
        return label(language, result.spec.sample.name, result.spec.sample.label_zh)
    if by == "outcome":
        return label(language, *outcome_label(result))
    if by == "vcov":
        return result.vcov
    chinese = {model.label: model.label_zh for model in MODELS.values()}
    return label(language, result.spec.model, chinese.get(result.spec.model, result.spec.model))


def outcome_label(result: FitResult) -> tuple[str, str]:
    """English and Chinese name of the outcome."""
    return OUTCOME_LABELS.get(result.spec.outcome.name, (result.spec.outcome.name, result.spec.outcome.name))


def main_sentences(result: FitResult, language: str = "en") -> str:
    """What a regression with border, ruggedness and their product says, every number computed.

    Differences of logarithms are given in percent; intervals are of 95 %.

    Raises
    ------
    ReportError
        If the regression has other terms.
    """
    names = ("on_border", "z_ruggedness", "on_border:z_ruggedness")
    if result.spec.term_names != names:
        raise ReportError(
            f"Sentences are about the terms {', '.join(names)}, not {', '.join(result.spec.term_names)}; pass the "
            "registered model 'main', 'geography', 'outcomes' or 'weighted'."
        )
    mean = _amount(result, combine(result, {"on_border": 1.0}))
    rugged = _amount(result, combine(result, DUAL_SUM))
    terrain = _amount(result, combine(result, {"z_ruggedness": 1.0}))
    dual = format_p_value(result.p[result.position("on_border:z_ruggedness")])
    en = (
        f"{result.spec.sample.name}, {outcome_label(result)[0]}, {format_number(result.n)} counties"
        f"{_clusters_en(result)}.\n"
        f"  At mean ruggedness border counties differ from interior counties of the same province by {mean}.\n"
        f"  One standard deviation more ruggedness goes with {terrain} away from the border.\n"
        f"  Where terrain is one standard deviation more rugged the border difference is {rugged}; "
        f"p of the change: {dual}."
    )
    zh = (
        f"{result.spec.sample.label_zh}，{outcome_label(result)[1]}，{format_number(result.n)}个县级单元{_clusters_zh(result)}。\n"
        f"  在平均崎岖度下，省界县与同省内部县相差{mean}。\n"
        f"  非省界县崎岖度每高1个标准差，相差{terrain}。\n"
        f"  崎岖度高1个标准差处，省界县与内部县相差{rugged}；差异变化的p值：{dual}。"
    )
    return label(language, en, zh, joint="\n")


def step_sentence(result: FitResult, language: str = "en") -> str:
    """How the first band of distance differs from the second: whether the valley has a step at the border itself.

    Raises
    ------
    ReportError
        If the regression has no two estimated bands.
    """
    bands = [name for term in result.spec.terms if isinstance(term, Bands) for name in term.names]
    if len(bands) < 2 or not set(bands[:2]) <= set(result.names):
        raise ReportError(
            f"Model {result.spec.model!r} has no two estimated bands; pass a regression with distance bands that hold "
            "counties."
        )
    step = combine(result, {bands[0]: 1.0, bands[1]: -1.0})
    (first_en, first_zh), (second_en, second_zh) = term_label(bands[0]), term_label(bands[1])
    amount, p = _amount(result, step), format_p_value(step.p)
    return label(
        language,
        f"{result.spec.sample.name}: {first_en} against {second_en}: {amount}; p {p}.",
        f"{result.spec.sample.label_zh}：{first_zh}与{second_zh}之差：{amount}；p值{p}。",
        joint="\n",
    )


def _amount(result: FitResult, difference: Estimate) -> str:
    """A difference with its interval, in percent for an outcome in logarithms, else in its unit."""
    values = (difference.value, *difference.interval())
    if result.spec.outcome.transform == "log":
        shown = [format_percent(100 * expm1(value), signed=True) for value in values]
    else:
        shown = [format_number(value, 2, signed=True) for value in values]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def _clusters_en(result: FitResult) -> str:
    return "".join(
        f", {format_number(one.count)} clusters by {one.by.removesuffix('_code')}" for one in result.clusters
    )


def _clusters_zh(result: FitResult) -> str:
    named = {"prefecture_code": "地级", "province_code": "省级"}
    return "".join(f"，{format_number(one.count)}个{named.get(one.by, one.by)}聚类" for one in result.clusters)


def _all_terms(results: Sequence[FitResult]) -> list[str]:
    """Coefficients of all regressions: those they are about first, then controls, in order of appearance."""
    about = [name for result in results for name in result.spec.term_names if name in result.names]
    return list(dict.fromkeys([*about, *(name for result in results for name in result.names)]))


def _marked(name: str, results: Sequence[FitResult], language: str) -> str:
    """Printed name of a coefficient, marked where it is a control that is itself an outcome."""
    mark = OUTCOME_MARK if any(name in result.spec.outcome_controls for result in results) else ""
    return label(language, *term_label(name)) + mark


def _statistics(results: Sequence[FitResult], language: str) -> dict[str, list[str]]:
    """Rows below the coefficients."""
    rows = {
        ("counties", "县级单元数"): [format_number(result.n) for result in results],
        ("dropped (mostly no figures)", "剔除（多因缺数据）"): [
            format_number(sum(one.count for one in result.dropped_rows)) for result in results
        ],
        ("clusters", "聚类数"): [
            " × ".join(format_number(one.count) for one in result.clusters) or MISSING for result in results
        ],
        ("province fixed effects", "省固定效应"): [
            format_number(result.absorbed) if result.spec.fixed_effects else MISSING for result in results
        ],
        ("R² within provinces", "省内R²"): [format_number(result.r2_within, 3) for result in results],
        ("R² overall", "总R²"): [format_number(result.r2, 3) for result in results],
    }
    return {label(language, *name): values for name, values in rows.items()}


def _notes(results: Sequence[FitResult], by: Differ, language: str) -> tuple[str, ...]:
    """Lines below the table: what all columns share, units, few clusters, outcomes among the controls."""
    first, lines = results[0], []
    if by != "outcome":
        names = outcome_label(first)
        lines.append(label(language, f"Outcome: {names[0]}.", f"被解释变量：{names[1]}。"))
    if by != "sample":
        spec = first.spec.sample
        lines.append(label(language, f"Sample: {spec.name}.", f"样本：{spec.label_zh}。"))
    lines.append(_errors_note(results, by, language))
    deviations = [scale.deviation for result in results for scale in result.scales if scale.term == "z_ruggedness"]
    if deviations:
        sizes = " – ".join(dict.fromkeys(format_number(size, 1) for size in (min(deviations), max(deviations))))
        lines.append(
            label(language, f"1 SD of ruggedness in each column: {sizes} m.", f"各列崎岖度1个标准差：{sizes}米。")
        )
    few = [one for result in results for one in result.clusters if one.count < 40]
    if few:
        counts = ", ".join(dict.fromkeys(f"{one.count} ({one.by.removesuffix('_code')})" for one in few))
        lines.append(
            label(
                language,
                f"Few clusters ({counts}): tests reject too often; read them beside HC3.",
                f"聚类数少（{counts}）：检验易过度拒绝，请与HC3对照。",
            )
        )
    if any(result.spec.outcome_controls for result in results):
        lines.append(
            label(
                language,
                f"{OUTCOME_MARK} Itself an outcome of borders or terrain: holding it fixed removes part of the effect.",
                f"{OUTCOME_MARK} 该控制变量本身可能受省界或地形影响，控制后会剔除部分效应。",
            )
        )
    return (*lines, *(STARS_NOTE[key] for key in (("en", "zh") if language == "both" else (language,))))


def _errors_note(results: Sequence[FitResult], by: Differ, language: str) -> str:
    """Which standard errors stand in brackets."""
    labels = ", ".join(dict.fromkeys(result.vcov for result in results))
    shown = label(language, "as headed", "见列名") if by == "vcov" else labels
    return label(language, f"Standard errors in brackets: {shown}.", f"括号内为标准误：{shown}。")
