"""The rise of the 26 beside that of the dark counties of other provinces: by year, and from first to last."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shanhai.render.charts.estimates import SERIES
from shanhai.render.figure_data import with_data
from shanhai.render.numbers import format_number
from shanhai.render.sheet import Sheet, text_size
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.render.words import Pair
from shanhai.studies.convergence.elsewhere import Elsewhere
from shanhai.studies.convergence.words import WORDS

_ROW = 3.5
"""Millimetres of height of a province."""

_BAND, _STEP = "#c9dcea", "#ececec"


def elsewhere_plot(
    beside: Elsewhere,
    names: Mapping[str, Pair],
    home: str,
    *,
    language: str = "en",
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw rises by year and from first to last.

    Parameters
    ----------
    beside : Elsewhere
    names : mapping of province code to English and Chinese name
    home : str
        Code of the province of the 26, whose own dark counties are marked.
    language : str
    width : float
        Millimetres.
    """
    check_language(language)
    paths = beside.paths[beside.main]
    whole = (paths.iloc[:, -1] - paths.iloc[:, 0]).rename(index=lambda code: str(code))
    whole = pd.concat([whole, pd.Series({_THE_26: beside.rise_of_the_26})]).sort_values(kind="stable")
    with theme():
        rows = [_row_name(str(code), names, home, language) for code in whole.index]
        aside = max(text_size(text, 7)[0] for text in rows) + 3
        top = 22.0
        sheet = Sheet(width, top + _ROW * len(rows) + 16)
        left = (width - aside) * 0.52
        _by_year(sheet.axes(18, top, left - 22, _ROW * len(rows)), beside, language)
        axes = sheet.axes(left + aside, top, width - left - aside - 4, _ROW * len(rows))
        colours = [
            SERIES[1][0] if code == _THE_26 else SERIES[2][0] if code == home else SERIES[0][0] for code in whole.index
        ]
        axes.hlines(range(len(whole)), 0, whole, color=colours, linewidth=0.8)
        axes.scatter(whole, range(len(whole)), color=colours, s=14, zorder=3)
        axes.axvline(0, color="#000000", linewidth=0.6)
        axes.set_yticks(range(len(whole)), rows)
        axes.set_ylim(-0.6, len(whole) - 0.4)
        axes.tick_params(axis="y", length=0, labelsize=7)
        axes.spines[["top", "right", "left"]].set_visible(False)
        years = beside.the_26.index
        across = WORDS("charts.elsewhere.whole", language, joint="\n", first=str(years[0]), last=str(years[-1]))
        axes.set_xlabel(across)
    yearly = beside.yearly()
    byyear = yearly.melt(["year", "low", "high"], ["median", "the_26"], "series", "value")
    byyear.loc[byyear["series"].eq("the_26"), ["low", "high"]] = float("nan")
    byyear = byyear.assign(
        series_label=[WORDS(f"charts.elsewhere.{key}", language) for key in byyear["series"]],
        is_step=byyear["year"].isin(beside.step_years),
        quantity=WORDS("charts.elsewhere.years", language),
    )
    total = pd.DataFrame({"code": whole.index, "label": rows, "value": whole.to_numpy(), "quantity": across})
    return with_data(sheet.figure, {"yearly": byyear, "whole": total})


_THE_26 = "the_26"


def _row_name(code: str, names: Mapping[str, Pair], home: str, language: str) -> str:
    if code in (_THE_26, home):
        return WORDS(f"charts.elsewhere.{'the_26' if code == _THE_26 else 'own'}", language)
    return label(language, *names[code])


def _by_year(axes: Axes, beside: Elsewhere, language: str) -> None:
    """The yearly rise of the 26 over the middle half of the other provinces, years of common steps shaded."""
    table = beside.yearly()
    for number, year in enumerate(beside.step_years):
        text = WORDS("charts.elsewhere.step", language) if number == 0 else "_nolegend_"
        axes.axvspan(year - 0.5, year + 0.5, color=_STEP, linewidth=0, zorder=0, label=text)
    half = WORDS("charts.elsewhere.half", language)
    axes.fill_between(table["year"], table["low"], table["high"], color=_BAND, linewidth=0, zorder=1, label=half)
    for (colour, marker), column, key in zip(SERIES[:2], ("median", "the_26"), ("median", "the_26"), strict=True):
        name = WORDS(f"charts.elsewhere.{key}", language)
        axes.plot(table["year"], table[column], color=colour, marker=marker, markersize=3.5, linewidth=1, label=name)
    axes.axhline(0, color="#000000", linewidth=0.6)
    axes.set_xticks(table["year"], [format_number(year, grouped=False) for year in table["year"]], rotation=45)
    axes.set_ylabel(WORDS("charts.elsewhere.years", language, joint="\n"))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1, frameon=False, borderaxespad=0.2, reverse=True)
