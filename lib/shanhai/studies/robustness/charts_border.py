"""Charts of notebook 13 on the border: placebo borders, both sides of a discontinuity, and the valley as a curve."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from shanhai.core.errors import ReportError
from shanhai.core.fields import label_of
from shanhai.methods.placebo import RandomizationTest
from shanhai.methods.placebo.borders import BorderPlacebo
from shanhai.render.charts.estimates import INTERVAL, SERIES
from shanhai.render.figure_data import with_data
from shanhai.render.numbers import format_number
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.render.words import Pair
from shanhai.studies.robustness.design import MAIN_JUMP, WORDS

_JUMP_OUTCOME = label_of(f"log_{MAIN_JUMP.outcome}")
_VALLEY_OUTCOME = WORDS.pair("figure.valley.outcome")

_GREY = "#7f7f7f"
_BLACK = "#000000"
_DASHED = (0, (3, 2))

_BARS = 45
"""Bars of a histogram, the same for all panels."""

_PANEL = 32.0
_FIELD = 62.0
"""Millimetres of height of a panel of placebos and of the field of the other charts."""


def placebo_plot(
    placebos: Mapping[Pair, BorderPlacebo | RandomizationTest],
    *,
    language: str = "en",
    statistic: str = "t",
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw histograms of placebo statistics, one panel a test, with the real one as a line.

    Parameters
    ----------
    placebos : mapping of (English, Chinese) title to a test
        Drawn from top to bottom with one horizontal axis.
    language : str
    statistic : str
        ``t`` (two-sided p by the t-ratio) or ``estimate``.
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If there is no test, or the statistic is unknown.
    """
    check_language(language)
    names = WORDS.labels("figure.placebo.statistic")
    if statistic not in names or not placebos:
        raise ReportError(
            f"statistic {statistic!r} of {len(placebos)} tests; allowed: {', '.join(names)} of one test or more. "
            "Pass results of compare_borders or randomization_test."
        )
    tests = [placebo.test if isinstance(placebo, BorderPlacebo) else placebo for placebo in placebos.values()]
    draws = [test.t_ratios if statistic == "t" else test.estimates for test in tests]
    drawn = [values[np.isfinite(values)] for values in draws]
    real = [test.t if statistic == "t" else test.estimate for test in tests]
    low, high = (float(f([*(f(values) for values in drawn), f(real), 0.0])) for f in (min, max))
    margin = 0.03 * (high - low)
    edges = np.linspace(low - margin, high + margin, _BARS + 1)
    with theme():
        titles = [wrap(label(language, *title), 8, width - 18) for title in placebos]
        tops = [text_size(title, 8)[1] + 7 for title in titles]
        sheet = Sheet(width, sum(tops) + _PANEL * len(tests) + 12)
        top, panels = 0.0, []
        for title, above, test, values, value in zip(titles, tops, tests, drawn, real, strict=True):
            axes = sheet.axes(13, top + above, width - 17, _PANEL)
            sheet.text(13, top + 2, title, 8)
            panels.append(_histogram(axes, values, value, edges))
            _name_real(axes, value, edges, _real_in_words(test, value, statistic, language))
            top += above + _PANEL
            if test is not tests[-1]:
                axes.tick_params(labelbottom=False)
        axes.set_xlabel(label(language, *names[statistic]))
    for bars, pair, test, value in zip(panels, placebos, tests, real, strict=True):
        bars["observed"], bars["p"] = value, test.p if statistic == "t" else test.p_of_estimate
        bars["panel_label"], bars["quantity"] = label(language, *pair), label(language, *names[statistic])
    return with_data(sheet.figure, {str(place): bars for place, bars in enumerate(panels, start=1)}, "panel")


def _histogram(axes: Axes, values: np.ndarray, real: float, edges: np.ndarray) -> pd.DataFrame:
    """Draw the bars and the real statistic; return ends and counts of the bars."""
    counts, _, _ = axes.hist(values, bins=edges.tolist(), color="#9ecae1", edgecolor="#ffffff", linewidth=0.3)
    axes.axvline(0, color=_GREY, linewidth=0.6, linestyle=_DASHED)
    axes.axvline(real, color=SERIES[1][0], linewidth=1.6)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, 1.18 * max(axes.get_ylim()[1], 1.0))
    axes.spines[["top", "right"]].set_visible(False)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    return pd.DataFrame({"from_value": edges[:-1], "to_value": edges[1:], "count": np.asarray(counts, dtype=int)})


def _name_real(axes: Axes, real: float, edges: np.ndarray, words: str) -> None:
    """Write the words beside the real statistic, on the side where there is more room."""
    right = real < (edges[0] + edges[-1]) / 2
    axes.annotate(
        words,
        (real, axes.get_ylim()[1]),
        xytext=(4 if right else -4, -1),
        textcoords="offset points",
        ha="left" if right else "right",
        va="top",
        fontsize=7,
        color=SERIES[1][0],
    )


def _real_in_words(test: RandomizationTest, value: float, statistic: str, language: str) -> str:
    return WORDS(
        "figure.placebo.real",
        language,
        joint="\n",
        value=format_number(value, 2 if statistic == "t" else 3),
        p=format_number(test.p if statistic == "t" else test.p_of_estimate, 3),
        draws=format_number(test.draws, 0),
    )


def jump_plot(
    bins: pd.DataFrame,
    lines: pd.DataFrame,
    *,
    language: str = "en",
    outcome: Pair = _JUMP_OUTCOME,
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
        Label of the vertical axis in English and Chinese; by default that of the main design.
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
        axes.vlines(bins["middle_km"], bins["mean"] - reach, bins["mean"] + reach, color=_GREY, linewidth=0.7)
        size = 6 + 60 * bins["n"] / bins["n"].max()
        axes.scatter(bins["middle_km"], bins["mean"], s=size, color=colour, marker=marker, zorder=3, linewidths=0)
        for _, line in lines.groupby("side", sort=True):
            axes.plot(line["distance_km"], line["estimate"], color=SERIES[1][0], linewidth=1.6, zorder=4)
        axes.axvline(0, color=_BLACK, linewidth=0.8)
        for side, place in (("left", 0.01), ("right", 0.99)):
            axes.text(place, 1.02, WORDS(f"figure.side.{side}", language), transform=axes.transAxes, ha=side, size=8)
        ends = {"least": format_number(bins["n"].min()), "most": format_number(bins["n"].max())}
        axes.set_xlabel(WORDS("figure.jump.distance", language, joint="\n", **ends))
    dots = pd.DataFrame({"distance_km": bins["middle_km"], "value": bins["mean"], "n": bins["n"]})
    dots = dots.assign(
        low=bins["mean"] - reach, high=bins["mean"] + reach, side=np.where(dots["distance_km"] < 0, "left", "right")
    )
    drawn = lines.sort_values("side", kind="stable").assign(value=lines["estimate"])[["side", "distance_km", "value"]]
    layers = {"bins": dots[["side", "distance_km", *INTERVAL, "n"]], "lines": drawn}
    quantity = label(language, *outcome)
    return with_data(sheet.figure, {key: rows.assign(quantity=quantity) for key, rows in layers.items()})


def spline_plot(
    curves: Mapping[str, pd.DataFrame],
    coverage: pd.DataFrame,
    *,
    language: str = "en",
    outcome: Pair = _VALLEY_OUTCOME,
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
        Label of the vertical axis in English and Chinese, with the reference; by default that of the main design.
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
        keys = len(curves) if language == "both" else 1  # names in two languages take a line each
        sheet, axes = _field(label(language, *outcome, joint="\n"), width, lines=keys)
        styles, drawn = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 2, 1, 2))), {}
        for (name, curve), (colour, _), style in zip(curves.items(), SERIES, styles, strict=False):
            shown = curve[curve["distance_km"] >= nearest_km]
            axes.fill_between(shown["distance_km"], shown["low"], shown["high"], color=colour, alpha=0.15, linewidth=0)
            axes.plot(shown["distance_km"], shown["estimate"], color=colour, linestyle=style, linewidth=1.4, label=name)
            drawn[name] = shown.assign(value=shown["estimate"], quantity=label(language, *outcome))
        axes.axhline(0, color=_BLACK, linewidth=0.6, linestyle=_DASHED, zorder=0)
        end = max(float(curve["distance_km"].max()) for curve in curves.values())
        axes.set_xlim(0, end)
        _strip_of_counts(axes, coverage, end)
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1), ncols=1 if keys > 1 else 4, frameon=False, borderaxespad=0.2
        )
        axes.set_xlabel(WORDS("figure.valley.distance", language, joint="\n"))
    kept = ["series", "distance_km", *INTERVAL, "quantity"]
    curves_drawn = pd.concat([rows.assign(series_label=name) for name, rows in drawn.items()])
    counts = coverage[coverage["to_km"] <= end]
    counties = counts[["from_km", "to_km"]].assign(n=counts["n_left"] + counts["n_right"])
    return with_data(sheet.figure, {"curve": curves_drawn.filter([*kept, "series_label"]), "counties": counties})


def _field(vertical: str, width: float, lines: int = 1) -> tuple[Sheet, Axes]:
    """A sheet with one field, the label of its vertical axis, and room for some lines of a key above it."""
    words = wrap(vertical, 8, _FIELD)
    left = 13 + text_size(words, 8)[1]
    top = 8 + 4.2 * (lines - 1)
    sheet = Sheet(width, top + _FIELD + 15)
    axes = sheet.axes(left, top, width - left - 4, _FIELD)
    axes.set_ylabel(words)
    axes.spines[["top", "right"]].set_visible(False)
    return sheet, axes


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
            middle, 0.025, format_number(count), transform=axes.get_xaxis_transform(), ha="center", size=6, color=_GREY
        )
    edges = sorted({*shown["from_km"], *shown["to_km"]})
    axes.vlines(edges, 0, 0.07, transform=axes.get_xaxis_transform(), color=_GREY, linewidth=0.5)
