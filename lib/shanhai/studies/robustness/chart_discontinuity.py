"""Charts of the border itself: the two sides of a discontinuity, and the valley as a curve."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.render.charts.estimates import SERIES
from shanhai.render.maps.sheet import Sheet, text_size, wrap
from shanhai.render.numbers import format_number
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme

GREY = "#7f7f7f"
HEIGHT = 62.0
"""Millimetres of the field of a chart."""


def jump_plot(
    bins: pd.DataFrame,
    lines: pd.DataFrame,
    *,
    language: str = "en",
    outcome: tuple[str, str] = ("outcome", "结果"),
    sides: tuple[tuple[str, str], tuple[str, str]] = (("poorer province", "较低省"), ("richer province", "较高省")),
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw means by bins of the distance on both sides of the border, and the lines that meet there.

    Parameters
    ----------
    bins : DataFrame
        ``middle_km``, ``mean``, ``se``, ``n``, as of ``jump_bins``; the area of a dot grows with ``n``.
    lines : DataFrame
        ``side``, ``distance_km``, ``estimate``, as of ``jump_lines``.
    language : str
    outcome : tuple of str
        Label of the vertical axis in English and Chinese.
    sides : pair of tuples of str
        Names of the left and right side in English and Chinese.
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If a side has no bin.
    """
    check_language(language)
    if not ((bins["middle_km"] < 0).any() and (bins["middle_km"] > 0).any()):
        raise ReportError("The bins lie on one side of the border only; pass those of both sides.")
    with theme():
        sheet, axes = _field(label(language, *outcome, joint="\n"), width)
        colour, marker = SERIES[0]
        reach = 1.96 * bins["se"].fillna(0.0)
        axes.vlines(bins["middle_km"], bins["mean"] - reach, bins["mean"] + reach, color=GREY, linewidth=0.7)
        size = 6 + 60 * bins["n"] / bins["n"].max()
        axes.scatter(bins["middle_km"], bins["mean"], s=size, color=colour, marker=marker, zorder=3, linewidths=0)
        for _, line in lines.groupby("side", sort=True):
            axes.plot(line["distance_km"], line["estimate"], color=SERIES[1][0], linewidth=1.6, zorder=4)
        axes.axvline(0, color="#000000", linewidth=0.8)
        for (text, side), place in zip(zip(sides, ("left", "right"), strict=True), (0.01, 0.99), strict=True):
            axes.text(place, 1.02, label(language, *text), transform=axes.transAxes, ha=side, size=8)
        axes.set_xlabel(
            label(
                language,
                f"distance to the provincial border, km (dots: {_counts(bins)} counties a bin)",
                f"到省界的距离，千米（每点{_counts(bins)}个县）",
                joint="\n",
            )
        )
    return sheet.figure


def spline_plot(
    curves: Mapping[str, pd.DataFrame],
    coverage: pd.DataFrame,
    *,
    language: str = "en",
    outcome: tuple[str, str] = ("difference", "差异"),
    nearest_km: float = 0.0,
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw valleys as curves with pointwise 95 % bands, over the number of counties they rest on.

    Parameters
    ----------
    curves : mapping of label to DataFrame
        ``distance_km``, ``estimate``, ``low``, ``high``, as of ``Valley.curve``; up to four.
    coverage : DataFrame
        ``from_km``, ``to_km``, ``n_left``, ``n_right``, as of ``border_coverage``.
    language : str
    outcome : tuple of str
        Label of the vertical axis in English and Chinese, with the reference.
    nearest_km : float
        Distance of the nearest county; the curve before it is left out.
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If there is no curve, or more than four.
    """
    check_language(language)
    if not 1 <= len(curves) <= 4:
        raise ReportError(f"{len(curves)} curves asked for; one to four can be told apart. Draw several figures.")
    with theme():
        sheet, axes = _field(label(language, *outcome, joint="\n"), width)
        styles = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 2, 1, 2)))
        for (name, curve), (colour, _), style in zip(curves.items(), SERIES, styles, strict=False):
            shown = curve[curve["distance_km"] >= nearest_km]
            axes.fill_between(shown["distance_km"], shown["low"], shown["high"], color=colour, alpha=0.15, linewidth=0)
            axes.plot(shown["distance_km"], shown["estimate"], color=colour, linestyle=style, linewidth=1.4, label=name)
        axes.axhline(0, color="#000000", linewidth=0.6, linestyle=(0, (3, 2)), zorder=0)
        end = max(float(curve["distance_km"].max()) for curve in curves.values())
        axes.set_xlim(0, end)
        _strip_of_counts(axes, coverage, end)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, frameon=False, borderaxespad=0.2)
        axes.set_xlabel(
            label(
                language,
                "distance of the county centre to the provincial border, km (grey: counties in the band)",
                "县域中心到省界的距离，千米（灰色：该距离带县数）",
                joint="\n",
            )
        )
    return sheet.figure


def _field(vertical: str, width: float) -> tuple[Sheet, Axes]:
    """A sheet with one field and the label of its vertical axis."""
    words = wrap(vertical, 8, HEIGHT)
    left = 13 + text_size(words, 8)[1]
    sheet = Sheet(width, HEIGHT + 23)
    axes = sheet.axes(left, 8, width - left - 4, HEIGHT)
    axes.set_ylabel(words)
    axes.spines[["top", "right"]].set_visible(False)
    return sheet, axes


def _counts(bins: pd.DataFrame) -> str:
    return f"{format_number(bins['n'].min())}–{format_number(bins['n'].max())}"


def _strip_of_counts(axes: Axes, coverage: pd.DataFrame, end: float) -> None:
    """Numbers of counties of each band along the lower edge, with ticks at the ends of the bands."""
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.12 * (high - low), high)
    shown = coverage[coverage["to_km"] <= end]
    both = (shown["n_left"] + shown["n_right"]).to_numpy()
    middles = ((shown["from_km"] + shown["to_km"]) / 2).to_numpy()
    room = np.array([text_size(format_number(count), 6)[0] for count in both])
    scale = axes.get_window_extent().width / axes.figure.dpi * 25.4 / end
    fits = room < (shown["to_km"] - shown["from_km"]).to_numpy() * scale
    for middle, count in zip(middles[fits], both[fits], strict=True):
        axes.text(
            middle, 0.025, format_number(count), transform=axes.get_xaxis_transform(), ha="center", size=6, color=GREY
        )
    edges = sorted({*shown["from_km"], *shown["to_km"]})
    axes.vlines(edges, 0, 0.07, transform=axes.get_xaxis_transform(), color=GREY, linewidth=0.5)
