"""Charts of synthetic controls: gaps among placebos, observed beside synthetic paths, effects of units by role."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from shanhai.core.errors import ReportError
from shanhai.render.charts.estimates import SERIES
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme

GREY = "#b0b0b0"
PANEL = 58.0
"""Millimetres of height of a panel of gaps."""

ROW = 24.0
"""Millimetres of height of a row of dots with names."""

LEVELS = (1, -1, 2, -2, 3, -3)
"""Lines on which the name of a dot may stand, above and below its row."""

SMALL = 34.0
"""Millimetres of height of a panel of paths."""


def gap_plot(
    panels: Mapping[str, tuple[pd.Series, pd.DataFrame]],
    first_treated: int,
    *,
    language: str = "en",
    outcome: tuple[str, str] = ("gap", "差距"),
    names: tuple[tuple[str, str], tuple[str, str]] = (("treated", "处理单元"), ("placebos", "安慰剂")),
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw gaps between observed and synthetic outcome, the treated one among its placebos, one panel a unit.

    Parameters
    ----------
    panels : mapping of title to (gap by period, gaps of placebos with periods in columns)
    first_treated : int
        Period at whose start the vertical line stands.
    outcome, names : English and Chinese
        Label of the vertical axis; names of the treated and of the placebo lines.

    Raises
    ------
    ReportError
        If there is no panel, or more than three.
    """
    check_language(language)
    if not 1 <= len(panels) <= 3:
        raise ReportError(
            f"{len(panels)} panels asked for; one to three stand beside each other. Draw several figures."
        )
    with theme():
        vertical = wrap(label(language, *outcome, joint="\n"), 8, PANEL)
        left = 11 + text_size(vertical, 8)[1]
        each = (width - left - 6 - 6 * (len(panels) - 1)) / len(panels)
        titles = [wrap(title, 8, each) for title in panels]
        head = max(text_size(title, 8)[1] for title in titles) + 9
        sheet = Sheet(width, head + PANEL + 10)
        reach = 1.05 * max(float(np.abs(gaps.to_numpy()).max()) for gaps in _all(panels))
        for place, (title, (gap, placebos)) in enumerate(zip(titles, panels.values(), strict=True)):
            axes = sheet.axes(left + place * (each + 6), head, each, PANEL)
            lines = [np.column_stack([placebos.columns, path]) for path in placebos.to_numpy()]
            axes.add_collection(LineCollection(lines, colors=GREY, linewidths=0.4, alpha=0.7))
            axes.plot(gap.index, gap, color=SERIES[1][0], linewidth=1.8)
            _frame(axes, first_treated, gap.index)
            axes.set_ylim(-reach, reach)
            axes.set_title(title, fontsize=8, loc="left")
            if place:
                axes.tick_params(labelleft=False)
            else:
                axes.set_ylabel(vertical)
        handles = [Line2D([], [], color=SERIES[1][0], linewidth=1.8), Line2D([], [], color=GREY, linewidth=0.8)]
        texts = [label(language, *name) for name in names]
        sheet.figure.legend(handles, texts, loc="upper left", ncols=2, frameon=False, bbox_to_anchor=(0.01, 1.0))
    return sheet.figure


def path_plot(
    paths: Mapping[str, tuple[pd.Series, pd.Series]],
    first_treated: int,
    *,
    language: str = "en",
    outcome: tuple[str, str] = ("outcome", "结果"),
    columns: int = 3,
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw the observed outcome of several units beside their synthetic controls, one small panel a unit.

    Parameters
    ----------
    paths : mapping of title to (observed, synthetic), each by period
    first_treated : int
        Period at whose start the vertical line stands.
    outcome : English and Chinese label of the vertical axis.
    columns : int
        Panels in a row.

    Raises
    ------
    ReportError
        If there is no path.
    """
    check_language(language)
    if not paths:
        raise ReportError("There is no path to draw; pass one unit or more.")
    with theme():
        vertical = wrap(label(language, *outcome, joint="\n"), 8, SMALL * 2)
        left = 10 + text_size(vertical, 8)[1]
        each = (width - left - 3) / columns - 5
        rows = -(-len(paths) // columns)
        titles = [wrap(title, 8, each) for title in paths]
        head = max(text_size(title, 8)[1] for title in titles) + 3
        sheet = Sheet(width, 7 + rows * (SMALL + head + 4) + 4)
        low, high = _limits([series for pair in paths.values() for series in pair])
        for place, (title, (observed, synthetic)) in enumerate(zip(titles, paths.values(), strict=True)):
            row, column = divmod(place, columns)
            axes = sheet.axes(left + column * (each + 5), 6 + row * (SMALL + head + 4) + head, each, SMALL)
            axes.plot(synthetic.index, synthetic, color=SERIES[0][0], linewidth=1.2, linestyle=(0, (4, 1.5)))
            axes.plot(observed.index, observed, color=SERIES[1][0], linewidth=1.5)
            _frame(axes, first_treated, observed.index)
            axes.set_ylim(low, high)
            axes.set_title(title, fontsize=8, loc="left", pad=2)
            axes.tick_params(labelleft=column == 0, labelbottom=place + columns >= len(paths))
        sheet.figure.supylabel(vertical, fontsize=8, x=0.005, ha="left")
        handles = [
            Line2D([], [], color=SERIES[1][0], linewidth=1.5),
            Line2D([], [], color=SERIES[0][0], linewidth=1.2, linestyle=(0, (4, 1.5))),
        ]
        texts = [label(language, "observed", "实际"), label(language, "synthetic", "合成")]
        sheet.figure.legend(handles, texts, loc="upper right", ncols=2, frameon=False, bbox_to_anchor=(0.995, 1.0))
    return sheet.figure


def role_plot(
    groups: Mapping[str, pd.Series],
    *,
    language: str = "en",
    outcome: tuple[str, str] = ("effect", "效应"),
    named: Mapping[str, str] | None = None,
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw the effect of every unit as a dot, one row a group, with the mean of the group as a bar.

    Parameters
    ----------
    groups : mapping of label to effects by unit, drawn from top to bottom
    outcome : English and Chinese label of the horizontal axis.
    named : mapping of unit to label, optional
        Units whose dots are named.

    Raises
    ------
    ReportError
        If there is no group, or one is empty.
    """
    check_language(language)
    if not groups or any(values.empty for values in groups.values()):
        raise ReportError(
            f"{len(groups)} groups, of {[len(values) for values in groups.values()]} units; none may be empty."
        )
    with theme():
        heads = [wrap(name, 8, 42) for name in groups]
        left = max(text_size(head, 8)[0] for head in heads) + 5
        sheet = Sheet(width, ROW * len(groups) + 16)
        axes = sheet.axes(left, 2, width - left - 4, ROW * len(groups))
        for place, values in enumerate(groups.values()):
            colour, marker = SERIES[1] if place < len(groups) - 1 else ("#7f7f7f", "o")
            axes.plot(
                values, np.full(len(values), place), marker, color=colour, markersize=4, alpha=0.6, linestyle="none"
            )
            axes.vlines(values.mean(), place - 0.07, place + 0.07, color="#000000", linewidth=1.6)
        axes.set_xlim(axes.get_xlim())
        low, high = axes.get_xlim()
        for place, values in enumerate(groups.values()):
            _name_dots(axes, values, place, named or {}, (width - left - 4) / (high - low))
        axes.axvline(0, color="#000000", linewidth=0.6, linestyle=(0, (3, 2)), zorder=0)
        axes.set_yticks(range(len(groups)), heads)
        axes.set_ylim(len(groups) - 0.45, -0.55)
        axes.tick_params(axis="y", length=0, labelsize=8)
        axes.spines[["top", "right", "left"]].set_visible(False)
        bar = label(language, "bar: mean of the group", "竖线：组均值")
        axes.set_xlabel(f"{label(language, *outcome)}\n{bar}")
    return sheet.figure


def _name_dots(axes: Axes, values: pd.Series, place: int, named: Mapping[str, str], scale: float) -> None:
    """Write names above and below a row, each on the nearest level where it meets no other name."""
    shown = values[values.index.isin(list(named))].sort_values(kind="stable")
    taken: dict[int, float] = {}
    for unit, value in shown.items():
        half = (text_size(named[str(unit)], 6)[0] / 2 + 0.7) / scale
        level = next((one for one in LEVELS if taken.get(one, -np.inf) <= float(value) - half), LEVELS[-1])
        taken[level] = float(value) + half
        axes.annotate(
            named[str(unit)],
            (float(value), place),
            xytext=(0, np.sign(level) * (5 + 7 * (abs(level) - 1))),
            textcoords="offset points",
            ha="center",
            va="bottom" if level > 0 else "top",
            fontsize=6,
            bbox={"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.4, "alpha": 0.8},
        )


def _all(panels: Mapping[str, tuple[pd.Series, pd.DataFrame]]) -> list[pd.Series | pd.DataFrame]:
    return [part for pair in panels.values() for part in pair]


def _limits(series: Sequence[pd.Series]) -> tuple[float, float]:
    low, high = min(float(one.min()) for one in series), max(float(one.max()) for one in series)
    margin = 0.05 * (high - low)
    return low - margin, high + margin


def _frame(axes: Axes, first_treated: int, periods: pd.Index) -> None:
    axes.axvline(first_treated - 0.5, color="#000000", linewidth=0.8, linestyle=(0, (1, 1.5)))
    axes.axhline(0, color="#000000", linewidth=0.6, linestyle=(0, (3, 2)), zorder=0)
    axes.set_xlim(periods[0], periods[-1])
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.spines[["top", "right"]].set_visible(False)
