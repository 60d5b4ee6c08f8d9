"""The pace so far beside the pace still needed, one row a place."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.render.numbers import format_number
from shanhai.render.sheet import Sheet, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.studies.targets.charts import NEED, PATH


def pace_plot(
    tables: Mapping[tuple[str, str], pd.DataFrame],
    names: Mapping[str, str],
    *,
    language: str = "en",
) -> Figure:
    """Draw the pace so far beside the pace needed, one row a place, one panel a target.

    Parameters
    ----------
    tables : mapping of (English, Chinese) axis title to a frame with ``unit``, ``pace`` and ``needed``
        Places that are above their target have no need drawn.
    names : mapping of unit to name
        Rows, from top to bottom.
    language : str

    Raises
    ------
    ReportError
        If a table lacks a named unit.
    """
    check_language(language)
    height = 4.6 * len(names)
    with theme():
        sheet = Sheet(JOURNAL_WIDTH_MM, height + 20)
        left = 34.0
        width = (JOURNAL_WIDTH_MM - left - 2) / len(tables)
        for position, (title, table) in enumerate(tables.items()):
            absent = sorted(set(names) - set(table["unit"]))
            if absent:
                raise ReportError(f"No pace of {absent}; the table has {sorted(table['unit'])[:5]} and others.")
            axes = sheet.axes(left + position * width, 1, width - 5, height)
            _pace_panel(axes, table.set_index("unit").loc[list(names)])
            axes.set_yticks(range(len(names)), list(names.values()) if position == 0 else [""] * len(names))
            axes.set_xlabel(wrap(label(language, *title), 7.5, width - 6), fontsize=7.5)
        _pace_key(sheet, height + 14.5, language)
    return sheet.figure


def _pace_panel(axes: Axes, rows: pd.DataFrame) -> None:
    places = np.arange(len(rows))
    open_rows = (rows["needed"] > 0).to_numpy()
    pace, needed = rows["pace"].to_numpy(), rows["needed"].to_numpy()
    axes.hlines(places[open_rows], pace[open_rows], needed[open_rows], color="#c8c8c8", linewidth=1.0, zorder=1)
    axes.plot(pace, places, linestyle="none", marker="o", markersize=3.6, color=PATH, zorder=3)
    axes.plot(needed[open_rows], places[open_rows], linestyle="none", marker="D", markersize=3.6, color=NEED, zorder=3)
    axes.axvline(0, color="#7f7f7f", linewidth=0.6, zorder=0)
    for place in places[~open_rows]:
        axes.annotate("✓", (pace[place], place), xytext=(5, 0), textcoords="offset points", size=7, va="center")
    low, high = axes.get_xlim()
    for place in places[open_rows]:
        side = 1 if needed[place] >= pace[place] else -1  # away from the other mark
        axes.annotate(
            format_number(needed[place], 1), (needed[place], place), xytext=(4 * side, 0), textcoords="offset points",
            size=6, va="center", ha="left" if side > 0 else "right", color=NEED,
        )  # fmt: skip
    axes.set(xlim=(low, high + 0.07 * (high - low)), ylim=(len(rows) - 0.4, -0.6))
    axes.tick_params(axis="y", length=0, labelsize=6.5)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _pace_key(sheet: Sheet, top: float, language: str) -> None:
    axes = sheet.axes(34, top, JOURNAL_WIDTH_MM - 36, 6)
    axes.set_axis_off()
    for marker, colour, words in (
        ("o", PATH, label(language, "pace so far", "以往速度")),
        ("D", NEED, label(language, "pace needed to 2025", "到2025年所需速度")),
    ):
        axes.plot([], [], linestyle="none", marker=marker, markersize=3.6, color=colour, label=words)
    above = label(language, "already above the target", "已高于目标")
    axes.plot([], [], linestyle="none", marker="$✓$", markersize=5, color="#000000", label=above)
    axes.legend(loc="upper left", ncols=3, frameon=False, borderaxespad=0)
