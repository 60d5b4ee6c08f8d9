"""Charts of the ranking: ranks with intervals, scores of groups as a heat table, change between two dates."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.render.charts.estimates import INTERVAL, SERIES
from shanhai.render.figure_data import with_data
from shanhai.render.numbers import format_number, with_count
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, theme
from shanhai.studies.ranking.analysis import Change, Ranking
from shanhai.studies.ranking.words import WORDS, county_name, middle

_ROW = 5.0
"""Millimetres of height of a county."""

_HEAT = "YlGnBu"
_DARK = 62.0
"""Score from which white letters are read better than black ones."""


def rank_plot(rankings: Sequence[Ranking], *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw ranks with their intervals, one panel a type, best on top.

    Parameters
    ----------
    rankings : sequence of Ranking
    language : str
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If there is no ranking.
    """
    check_language(language)
    _need(rankings)
    span = middle(rankings[0].spec.level)
    words = {key: WORDS(f"chart.{key}", language, middle=span) for key in ("reference", "median", "interval", "all")}
    with theme():
        ordered = [each.ranks.sort_values(["median", "rank"], kind="stable") for each in rankings]
        names = [[county_name(str(code), language) for code in rows.index] for rows in ordered]
        sheet, panels = _panels([each.kind for each in rankings], names, width, 17, 10, language)
        for axes, rows, labels in zip(panels, ordered, names, strict=True):
            heights = np.arange(len(rows))
            axes.hlines(heights, rows["best"], rows["worst"], color="#c8c8c8", linewidth=0.9, label=words["all"])
            axes.hlines(heights, rows["low"], rows["high"], color=SERIES[0][0], linewidth=2.2, label=words["interval"])
            axes.plot(
                rows["median"], heights, "o", color="#ffffff", markeredgecolor=SERIES[0][0], markersize=4.5,
                label=words["median"],
            )  # fmt: skip
            axes.plot(rows["rank"], heights, "D", color=SERIES[1][0], markersize=2.8, label=words["reference"])
            _rows(axes, labels)
            axes.set_xlim(0.5, len(rows) + 0.5)
            axes.set_xticks(range(1, len(rows) + 1, 2))
            axes.set_xlabel(WORDS("chart.rank", language))
        _key(sheet, panels[0], 2 if language == "both" else 4)
    kept = ["rank", "median", "low", "high", "best", "worst"]
    drawn = [rows[kept] for rows in ordered]
    return with_data(sheet.figure, _named(rankings, drawn, names), "panel")


def group_plot(rankings: Sequence[Ranking], *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw the scores of groups as a table of colours with numbers, one panel a type, in the order of the reference.

    Raises
    ------
    ReportError
        If there is no ranking.
    """
    check_language(language)
    _need(rankings)
    with theme():
        ordered = [each.groups.loc[each.ranks.sort_values(["rank", "median"]).index] for each in rankings]
        names = [[county_name(str(code), language) for code in rows.index] for rows in ordered]
        heads = [wrap(WORDS(f"short.{key}", language, joint="\n"), 7, 13) for key in ordered[0].columns]
        above = max(text_size(head, 7)[1] for head in heads) + 8
        sheet, panels = _panels([each.kind for each in rankings], names, width, above, 7, language)
        for axes, rows, labels in zip(panels, ordered, names, strict=True):
            own = [wrap(WORDS(f"short.{key}", language, joint="\n"), 7, 13) for key in rows.columns]
            axes.imshow(rows.to_numpy(), cmap=_HEAT, vmin=0, vmax=100, aspect="auto")
            for (row, column), value in np.ndenumerate(rows.to_numpy()):
                colour = "#ffffff" if value >= _DARK else "#000000"
                axes.text(column, row, format_number(value), ha="center", va="center", size=6.5, color=colour)
            _rows(axes, labels)
            axes.set_xticks(range(len(own)), own)
            axes.tick_params(axis="x", top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
            axes.spines[:].set_visible(False)
        sheet.text(1, sheet.height - 5, WORDS("chart.scale", language), 7)
    named = _named(rankings, ordered, names)
    scores = {
        kind: rows.melt(["code", "label"], var_name="series", ignore_index=False).sort_index(kind="stable")
        for kind, rows in named.items()
    }
    for rows in scores.values():
        rows["series_label"] = [WORDS(f"short.{key}", language) for key in rows["series"]]
        rows["quantity"] = WORDS("chart.scale", language)
    return with_data(sheet.figure, scores, "panel")


def change_plot(
    changes: Sequence[tuple[Change, Change]], *, language: str = "en", width: float = JOURNAL_WIDTH_MM
) -> Figure:
    """Draw the change of levels and of gaps to the province with intervals, one panel a type.

    Parameters
    ----------
    changes : sequence of (levels, gaps to the province)
    language : str
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If there is no change.
    """
    check_language(language)
    _need(changes)
    names_of = WORDS("chart.past", language), WORDS("chart.gap", language)
    with theme():
        ordered = [pair[1].table.sort_values("change", ascending=False, kind="stable").index for pair in changes]
        names = [[county_name(str(code), language) for code in codes] for codes in ordered]
        sheet, panels = _panels([pair[0].kind for pair in changes], names, width, 13, 14, language)
        for axes, pair, codes, labels in zip(panels, changes, ordered, names, strict=True):
            for order, (change, name) in enumerate(zip(pair, names_of, strict=True)):
                _intervals(axes, change.table.loc[codes], order, name)
            axes.axvline(0, color="#000000", linewidth=0.6, linestyle=(0, (3, 2)), zorder=0)
            _rows(axes, labels)
            axes.set_xlabel(WORDS("chart.change", language))
        limits = np.array([axes.get_xlim() for axes in panels])
        for axes in panels:
            axes.set_xlim(limits.min(), limits.max())
        _key(sheet, panels[0], 2)
    drawn = [
        pd.concat(
            [change.table.loc[codes].assign(series=key) for change, key in zip(pair, ("level", "gap"), strict=True)]
        )
        for pair, codes in zip(changes, ordered, strict=True)
    ]
    kept = [rows.assign(value=rows["change"])[["series", *INTERVAL]] for rows in drawn]
    rows = _named([pair[0] for pair in changes], kept, [[*own, *own] for own in names])
    words = dict(zip(("level", "gap"), names_of, strict=True))
    shown = {kind: part.assign(series_label=part["series"].map(words)) for kind, part in rows.items()}
    return with_data(
        sheet.figure, {k: part.assign(quantity=WORDS("chart.change", language)) for k, part in shown.items()}, "panel"
    )


def _named(
    panels: Sequence[Ranking | Change], frames: Sequence[pd.DataFrame], names: Sequence[list[str]]
) -> dict[str, pd.DataFrame]:
    """Rows of each panel with code and name of the county."""
    return {
        panel.kind: rows.rename_axis("code").assign(label=own).reset_index()[["code", "label", *rows.columns]]
        for panel, rows, own in zip(panels, frames, names, strict=True)
    }


def _intervals(axes: Axes, rows: pd.DataFrame, order: int, name: str) -> None:
    colour, marker = SERIES[order]
    heights = np.arange(len(rows)) + (order - 0.5) * 0.4
    axes.hlines(heights, rows["low"], rows["high"], color=colour, linewidth=1.2)
    axes.plot(rows["change"], heights, marker, color=colour, markersize=3.2, linestyle="none", label=name)


def _panels(
    kinds: Sequence[str],
    names: Sequence[list[str]],
    width: float,
    above: float,
    below: float,
    language: str,
) -> tuple[Sheet, list[Axes]]:
    """One panel a type, side by side, rows of equal height; titles above."""
    lefts = [max(text_size(name, 7)[0] for name in own) + 3 for own in names]
    span = (width - sum(lefts) - 3 * len(names)) / len(names)
    sheet = Sheet(width, above + below + _ROW * max(len(own) for own in names))
    panels, start = [], 0.0
    for kind, own, left in zip(kinds, names, lefts, strict=True):
        title = WORDS(f"type.{kind}", language).capitalize()
        sheet.text(start + left, 1, with_count(title, format_number(len(own)), language), 8)
        panels.append(sheet.axes(start + left, above, span, _ROW * len(own)))
        start += left + span + 3
    return sheet, panels


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), list(names))
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelsize=7)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _key(sheet: Sheet, panel: Axes, columns: int) -> None:
    axes = sheet.axes(1, 6, sheet.width - 2, 9)
    axes.set_axis_off()
    handles, labels = panel.get_legend_handles_labels()
    axes.legend(
        handles[::-1], labels[::-1], loc="upper left", ncols=columns, frameon=False, borderaxespad=0, borderpad=0,
        handletextpad=0.4,
    )  # fmt: skip


def _need(things: Sequence[object]) -> None:
    if not things:
        raise ReportError("There is nothing to draw; pass the ranking of one type of county at least.")
