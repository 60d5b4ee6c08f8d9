"""Chart of the audit: which counties have which figure, province by province."""

import pandas as pd
from matplotlib.figure import Figure

from shanhai.render.figure_data import with_data
from shanhai.render.numbers import format_number
from shanhai.render.sheet import Sheet
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.render.words import Pair
from shanhai.studies.audit.words import WORDS

_ROW, _TOP, _LEFT = 4.6, 12.0, 44.0
"""Millimetres of a row, above the rows and left of them."""

_DARK = 0.55
"""Share of the colour scale above which numbers are white."""


def coverage_chart(table: pd.DataFrame, language: str = "en") -> Figure:
    """Share of the counties of 2020 with each figure, one row per province, the country last.

    Parameters
    ----------
    table : DataFrame
        From ``coverage_by_province``.
    language : str
    """
    check_language(language)
    figures = [column for column in table.columns if column not in ("province", "counties")]
    shares = 100 * table[figures].div(table["counties"], axis=0)
    drawn = table.melt(["province", "counties"], figures, "variable", "counties_with_figure", ignore_index=False)
    words = WORDS("coverage.share", language)
    drawn = drawn.assign(value=100 * (drawn["counties_with_figure"] / drawn["counties"]).astype(float), quantity=words)
    with theme():
        height = _ROW * len(table)
        sheet = Sheet(JOURNAL_WIDTH_MM, _TOP + height + 8)
        axes = sheet.axes(_LEFT, _TOP, JOURNAL_WIDTH_MM - _LEFT - 2, height)
        axes.imshow(shares.to_numpy(dtype=float), aspect="auto", cmap="Blues", vmin=0, vmax=100)
        for row, values in enumerate(shares.to_numpy(dtype=float)):
            for column, value in enumerate(values):
                colour = "#ffffff" if value > 100 * _DARK else "#000000"
                axes.text(column, row, format_number(value), ha="center", va="center", size=6.5, color=colour)
        axes.set_yticks(range(len(table)), [_province(name, language) for name in table["province"]], size=7)
        axes.set_xticks(range(len(figures)), [label(language, *_figure_name(name), joint="\n") for name in figures])
        axes.xaxis.tick_top()
        axes.tick_params(length=0, labelsize=7)
        axes.axhline(len(table) - 1.5, color="#000000", linewidth=0.8)
        axes.spines[["left", "top", "right", "bottom"]].set_visible(False)
        axes.set_xlabel(words, size=7.5)
    return with_data(sheet.figure, drawn.sort_index(kind="stable"))


def _figure_name(column: str) -> Pair:
    """Name of a figure of ``county_coverage``: ``gdp_2021`` is GDP 2021."""
    stem, _, year = column.partition("_")
    return WORDS.pair(f"coverage.{stem}", **({"year": year} if year else {}))


def _province(name: str, language: str) -> str:
    """Name of a province, which the table gives in English and then in Chinese."""
    english, _, chinese = name.rpartition(" ")
    return label(language, english, chinese)
