"""Charts of spatial results: the Moran scatter plot, coefficients of the models side by side, and their effects."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.methods.spatial import MoranTest, SpatialOverview
from shanhai.render.charts.estimates import SERIES, coefficient_plot
from shanhai.render.maps.sheet import Sheet, text_size, wrap
from shanhai.render.numbers import format_number
from shanhai.render.style import COLUMN_WIDTH_MM, JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.studies.border.labels import term_label

MODEL_NAMES: dict[str, tuple[str, str]] = {
    "ols": ("least squares", "最小二乘"),
    "lag": ("spatial lag", "空间滞后"),
    "error": ("spatial error", "空间误差"),
    "durbin": ("spatial Durbin", "空间杜宾"),
}
"""Models by key: English, Chinese."""

IMPACT_NAMES: dict[str, tuple[str, str]] = {
    "direct": ("direct", "直接"),
    "indirect": ("indirect", "间接"),
    "total": ("total", "合计"),
}
"""Effects by key: English, Chinese."""

NEIGHBOURS = ("mean of the neighbours", "邻居均值")
RESIDUAL = ("residual", "残差")
"""What the Moran scatter plot of a regression is of."""


def moran_scatter(
    test: MoranTest, *, language: str = "en", quantity: tuple[str, str] = RESIDUAL, width: float = COLUMN_WIDTH_MM
) -> Figure:
    """Draw each unit's value against the mean of its neighbours; the slope of the line is Moran's I.

    Parameters
    ----------
    test : MoranTest
    language : str
    quantity : tuple of str
        What the values are, in English and Chinese, with the unit.
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If there is no value to draw.
    """
    check_language(language)
    if not len(test.deviations):
        raise ReportError("The Moran test holds no values; pass the result of moran_test or residual_moran_test.")
    with theme():
        horizontal = label(language, *quantity)
        axis = (f"{quantity[0]}: {NEIGHBOURS[0]}", f"{quantity[1]}：{NEIGHBOURS[1]}")
        vertical = wrap(label(language, *axis, joint="\n"), 8, width - 22)
        left = 12 + text_size(vertical, 8)[1]
        sheet = Sheet(width, width - left + 16)
        axes = sheet.axes(left, 6, width - left - 3, width - left - 3)
        axes.axhline(0, color="#7f7f7f", linewidth=0.5, zorder=0)
        axes.axvline(0, color="#7f7f7f", linewidth=0.5, zorder=0)
        size = float(np.clip(3000 / len(test.deviations), 2, 16))
        axes.scatter(test.deviations, test.lags, s=size, color=SERIES[0][0], alpha=0.45, linewidths=0)
        ends = np.array([test.deviations.min(), test.deviations.max()])
        axes.plot(ends, test.statistic * ends, color=SERIES[1][0], linewidth=1.2)
        axes.set_xlabel(horizontal)
        axes.set_ylabel(vertical)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_title(_moran_title(test, language), loc="left", fontsize=8)
    return sheet.figure


def spatial_coefficients_figure(
    overview: SpatialOverview,
    terms: Sequence[str],
    *,
    language: str = "en",
    labels: Mapping[str, str] | None = None,
    outcome: tuple[str, str] = ("coefficient", "系数"),
) -> Figure:
    """Draw the coefficients of least squares, lag, error and Durbin model with their 95 % intervals.

    In the lag and Durbin model a coefficient is not an effect; see :func:`spatial_effects_figure`.

    Parameters
    ----------
    overview : SpatialOverview
    terms : sequence of str
        Coefficients to draw, in order.
    language : str
    labels : mapping of term to label, optional
        Needed for terms of no registered model.
    outcome : tuple of str
        Label of the horizontal axis in English and Chinese.

    Raises
    ------
    ReportError
        If none of the terms was estimated.
    """
    return coefficient_plot(
        overview.coefficients,
        terms={term: _term_name(term, language, labels) for term in terms},
        models={key: label(language, *names) for key, names in MODEL_NAMES.items()},
        language=language,
        outcome=outcome,
        width=JOURNAL_WIDTH_MM,
    )


def spatial_effects_figure(
    overview: SpatialOverview,
    terms: Sequence[str],
    *,
    language: str = "en",
    labels: Mapping[str, str] | None = None,
    outcome: tuple[str, str] = ("effect of one unit more", "增加一个单位的效应"),
) -> Figure:
    """Draw direct, indirect and total effects in the lag and Durbin model with their simulated 95 % intervals.

    Parameters
    ----------
    overview : SpatialOverview
    terms : sequence of str
        Regressors to draw, in order.
    language : str
    labels : mapping of term to label, optional
        Needed for terms of no registered model.
    outcome : tuple of str
        Label of the horizontal axis in English and Chinese.

    Raises
    ------
    ReportError
        If none of the terms has effects.
    """
    rows = overview.effects.assign(term=overview.effects["term"] + "|" + overview.effects["impact"])
    names = {
        f"{term}|{impact}": _effect_name(term, impact, language, labels) for term in terms for impact in IMPACT_NAMES
    }
    return coefficient_plot(
        rows,
        terms=names,
        models={key: label(language, *MODEL_NAMES[key]) for key in ("lag", "durbin")},
        language=language,
        outcome=outcome,
        width=JOURNAL_WIDTH_MM,
    )


def _effect_name(term: str, impact: str, language: str, labels: Mapping[str, str] | None) -> str:
    if labels and term in labels:
        return f"{labels[term]}: {label(language, *IMPACT_NAMES[impact])}"
    pairs = zip(term_label(term), (": ", "："), IMPACT_NAMES[impact], strict=True)
    return label(language, *("".join(parts) for parts in pairs))


def _term_name(term: str, language: str, labels: Mapping[str, str] | None) -> str:
    return labels[term] if labels and term in labels else label(language, *term_label(term))


def _moran_title(test: MoranTest, language: str) -> str:
    """Moran's I with its p-value from permutations, which can be no smaller than one over their number."""
    smallest = 1 / (1 + test.draws)
    sign = "≤" if test.p_permutation <= smallest else "="
    name = label(language, "Moran's I", "莫兰指数")
    return f"{name} = {format_number(test.statistic, 3)}, p {sign} {format_number(test.p_permutation, 4)}"
