"""Figures of notebook 03: coefficients side by side, and the border valley of several samples."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from shanhai.methods.regression.results import FitResult
from shanhai.render.charts.estimates import border_valley_plot, coefficient_plot
from shanhai.render.style import label
from shanhai.studies.border.analysis import estimates_frame
from shanhai.studies.border.tables import Differ, column_head
from shanhai.studies.border.words import WORDS, outcome_label, term_label


def coefficients_figure(results: Sequence[FitResult], terms: Sequence[str], by: Differ, language: str = "en") -> Figure:
    """Coefficients with their 95 % intervals, one marker a regression.

    Parameters
    ----------
    results : sequence of FitResult
        At most as many as there are markers.
    terms : sequence of str
        Coefficients to draw, in order.
    by : str
        What tells the regressions apart.
    language : str

    Raises
    ------
    ReportError
        If none of the terms was estimated, or two regressions have one name.
    """
    names = {_key(result, by): column_head(result, by, language) for result in results}
    tables = [estimates_frame([result]).assign(model=_key(result, by)) for result in results]
    return coefficient_plot(
        pd.concat(tables, ignore_index=True),
        terms={name: label(language, *term_label(name)) for name in terms},
        models=names,
        language=language,
        outcome=outcome_label(results[0].spec.outcome.name),
    )


def _key(result: FitResult, by: Differ) -> str:
    """What tells a regression apart, whatever the language."""
    return {"sample": result.spec.sample.name, "outcome": result.spec.outcome.name, "model": result.spec.model}[by]


def valley_figure(results: Sequence[FitResult], table: pd.DataFrame, language: str = "en") -> Figure:
    """Outcome by bands of distance to the border, one series a sample, against the farthest band.

    Parameters
    ----------
    results : sequence of FitResult
        Regressions with bands, one a sample.
    table : DataFrame
        Their valleys, from :func:`shanhai.methods.regression.bands.valleys`.
    language : str
    """
    return border_valley_plot(
        table,
        language=language,
        outcome=WORDS.pair("figure.valley", outcome=outcome_label(results[0].spec.outcome.name)),
        series="sample",
        series_names={result.spec.sample.name: column_head(result, "sample", language) for result in results},
    )
