"""Charts of spatial results: the Moran scatter plot, and one coefficient under many methods of inference."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.methods.spatial import MoranTest
from shanhai.render.charts.estimates import SERIES, coefficient_plot
from shanhai.render.errors import error_words
from shanhai.render.figure_data import with_data
from shanhai.render.numbers import format_number
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import COLUMN_WIDTH_MM, check_language, label, theme
from shanhai.studies.border.words import term_label
from shanhai.studies.spatial.words import WORDS


def moran_scatter(test: MoranTest, codes: Sequence[str] = (), *, language: str = "en") -> Figure:
    """Draw each unit's residual against the mean of its neighbours; the slope of the line is Moran's I.

    Parameters
    ----------
    test : MoranTest
    codes : sequence of str
        Of the units, as of :func:`shanhai.methods.spatial.spatial_codes`, for the data of the figure; empty without.
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
    dots = pd.DataFrame({"residual": test.deviations, "residual_of_neighbours": test.lags})
    line = pd.DataFrame({"residual": ends, "residual_of_neighbours": test.statistic * ends})
    return with_data(sheet.figure, {"units": dots.assign(code=list(codes)) if codes else dots, "line": line})


def errors_figure(compared: pd.DataFrame, term: str, language: str = "en") -> Figure:
    """Draw a coefficient with its 95 % interval under each method of inference.

    Parameters
    ----------
    compared : DataFrame
        Rows of ``compare_covariances`` and ``compare_resampling``.
    term : str
    language : str

    Raises
    ------
    ReportError
        If the term was not estimated.
    """
    rows = compared[compared["term"] == term]
    return coefficient_plot(
        rows.assign(model="all", term=rows["covariance"]),
        terms={method: label(language, *error_words(method), joint="\n") for method in rows["covariance"]},
        models={"all": ""},
        language=language,
        outcome=WORDS.pair("figure.coefficient", term=term_label(term)),
        names_width=95.0,
    )


def _moran_title(test: MoranTest, language: str) -> str:
    """Moran's I with its p-value from permutations, which can be no smaller than one over their number."""
    smallest = 1 / (1 + test.draws)
    sign = "≤" if test.p_permutation <= smallest else "="
    name, comma = WORDS("figure.moran", language), "，" if language == "zh" else ", "
    return f"{name} = {format_number(test.statistic, 3)}{comma}p {sign} {format_number(test.p_permutation, 4)}"
