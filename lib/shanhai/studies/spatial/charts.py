"""Charts of spatial results: the Moran scatter plot, coefficients of the models side by side, and their effects."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.methods.spatial import MoranTest, SpatialOverview
from shanhai.render.charts.estimates import SERIES, coefficient_plot
from shanhai.render.numbers import format_number
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import COLUMN_WIDTH_MM, JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.studies.border.words import term_label
from shanhai.studies.spatial.words import WORDS


def moran_scatter(test: MoranTest, *, language: str = "en") -> Figure:
    """Draw each unit's residual against the mean of its neighbours; the slope of the line is Moran's I.

    Parameters
    ----------
    test : MoranTest
    language : str

    Raises
    ------
    ReportError
        If there is no value to draw.
    """
    check_language(language)
    if not len(test.deviations):
        raise ReportError("The Moran test holds no values; pass the result of moran_test or residual_moran_test.")
    width = COLUMN_WIDTH_MM
    with theme():
        vertical = wrap(WORDS("figure.residual_of_neighbours", language, joint="\n"), 8, width - 22)
        left = 12 + text_size(vertical, 8)[1]
        sheet = Sheet(width, width - left + 16)
        axes = sheet.axes(left, 6, width - left - 3, width - left - 3)
        axes.axhline(0, color="#7f7f7f", linewidth=0.5, zorder=0)
        axes.axvline(0, color="#7f7f7f", linewidth=0.5, zorder=0)
        size = float(np.clip(3000 / len(test.deviations), 2, 16))
        axes.scatter(test.deviations, test.lags, s=size, color=SERIES[0][0], alpha=0.45, linewidths=0)
        ends = np.array([test.deviations.min(), test.deviations.max()])
        axes.plot(ends, test.statistic * ends, color=SERIES[1][0], linewidth=1.2)
        axes.set_xlabel(WORDS("figure.residual", language))
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
        Needed for terms of no model of the border design.

    Raises
    ------
    ReportError
        If none of the terms was estimated.
    """
    return coefficient_plot(
        overview.coefficients,
        terms={term: _term_name(term, language, labels) for term in terms},
        models={key: label(language, *names) for key, names in WORDS.labels("model").items()},
        language=language,
        outcome=WORDS.pair("figure.coefficient"),
        width=JOURNAL_WIDTH_MM,
    )


def spatial_effects_figure(
    overview: SpatialOverview,
    terms: Sequence[str],
    *,
    language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """Draw direct, indirect and total effects in the lag and Durbin model with their simulated 95 % intervals.

    Parameters
    ----------
    overview : SpatialOverview
    terms : sequence of str
        Regressors to draw, in order.
    language : str
    labels : mapping of term to label, optional
        Needed for terms of no model of the border design.

    Raises
    ------
    ReportError
        If none of the terms has effects.
    """
    rows = overview.effects.assign(term=overview.effects["term"] + "|" + overview.effects["impact"])
    names = {
        f"{term}|{impact}": _effect_name(term, impact, language, labels)
        for term in terms
        for impact in WORDS.labels("impact")
    }
    return coefficient_plot(
        rows,
        terms=names,
        models={key: WORDS(f"model.{key}", language) for key in ("lag", "durbin")},
        language=language,
        outcome=WORDS.pair("figure.effect"),
        width=JOURNAL_WIDTH_MM,
    )


def _effect_name(term: str, impact: str, language: str, labels: Mapping[str, str] | None) -> str:
    if labels and term in labels:
        return f"{labels[term]}: {WORDS(f'impact.{impact}', language)}"
    return WORDS("figure.effect_of_term", language, term=term_label(term), impact=WORDS.pair(f"impact.{impact}"))


def _term_name(term: str, language: str, labels: Mapping[str, str] | None) -> str:
    return labels[term] if labels and term in labels else label(language, *term_label(term))


def _moran_title(test: MoranTest, language: str) -> str:
    """Moran's I with its p-value from permutations, which can be no smaller than one over their number."""
    smallest = 1 / (1 + test.draws)
    sign = "≤" if test.p_permutation <= smallest else "="
    name = WORDS("figure.moran", language)
    return f"{name} = {format_number(test.statistic, 3)}, p {sign} {format_number(test.p_permutation, 4)}"
