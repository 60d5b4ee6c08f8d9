"""Charts of the policy notebook: paths of light, event studies, placebo provinces, bounds, whole prefectures."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from shanhai.core.errors import ReportError
from shanhai.methods.estimate import ENDS
from shanhai.methods.synthetic.sdid import SdidPlacebo
from shanhai.render.charts.estimates import SERIES
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.studies.policy.evaluation import Evaluation
from shanhai.studies.policy.tables import UNITS

GREY, SHADE = "#7f7f7f", "#e6e6e6"
DASHED = (0, (3, 2))


def paths_plot(
    groups: Mapping[tuple[str, str], pd.Series],
    *,
    marks: Sequence[int],
    seam: int,
    language: str = "en",
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw mean log light by year and group, with policy years and the change of sensor.

    Parameters
    ----------
    groups : mapping of (English, Chinese) name to a series by year
    marks : policy years, dashed lines.
    seam : first year of the later sensor; lines are broken there.
    language, width
    """
    check_language(language)
    if not 1 <= len(groups) <= len(SERIES):
        raise ReportError(f"{len(groups)} groups; one to {len(SERIES)} can be told apart in one figure.")
    with theme():
        rows = -(-len(groups) // 2)
        sheet = Sheet(width, 80 + 4.5 * rows)
        axes = sheet.axes(16, 3 + 4.5 * rows, width - 20, 62)
        for (names, path), (colour, marker) in zip(groups.items(), SERIES, strict=False):
            for part in (path[path.index < seam], path[path.index >= seam]):
                axes.plot(part.index, part, color=colour, marker=marker, markersize=3, linewidth=1.1)
            axes.plot([], [], color=colour, marker=marker, markersize=3, label=label(language, *names))
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + 0.12 * (high - low))
        for year in marks:
            axes.axvline(year - 0.5, color=GREY, linewidth=0.8, linestyle=DASHED)
            axes.annotate(str(year), (year - 0.5, axes.get_ylim()[1]), (2, -8), textcoords="offset points", size=7)
        axes.axvspan(seam - 1, seam, color=SHADE, zorder=0)
        axes.set_ylabel(label(language, "mean log light per km²", "每平方千米灯光对数均值", joint="\n"))
        axes.set_xlabel(
            label(
                language,
                "dashed: policy years; grey: change of sensor, no growth",
                "虚线：政策年份；灰色：传感器更换，并非增长",
                joint="\n",
            )
        )
        _tidy(axes)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0.2)
    return sheet.figure


def event_plot(
    evaluations: Mapping[tuple[str, str], Evaluation], *, language: str = "en", width: float = JOURNAL_WIDTH_MM
) -> Figure:
    """Draw event studies, two panels a row: differences by year with intervals, over the middle 95 % of placebos.

    Parameters
    ----------
    evaluations : mapping of (English, Chinese) title to an evaluation
    language, width

    Raises
    ------
    ReportError
        If there is nothing to draw.
    """
    check_language(language)
    if not evaluations:
        raise ReportError("There is no event study to draw; pass one or more.")
    with theme():
        wide = (width - 34) / 2
        titles = [wrap(label(language, *title), 8, wide) for title in evaluations]
        above = max(text_size(title, 8)[1] for title in titles) + 3
        rows, tall = -(-len(titles) // 2), 44.0
        sheet = Sheet(width, rows * (tall + above + 7) + 14)
        for place, (title, one) in enumerate(zip(titles, evaluations.values(), strict=True)):
            left, top = 15 + (place % 2) * (wide + 16), (place // 2) * (tall + above + 7) + 2
            sheet.text(left, top, title, 8)
            axes = sheet.axes(left, top + above, wide, tall)
            _event_panel(axes, one)
            if place % 2 == 0:
                axes.set_ylabel(label(language, *UNITS[one.design.outcome]))
        note = label(
            language,
            "Shaded: before the policy. Bars: 95% intervals, clusters by prefecture. Blue band: middle 95% of placebo "
            "counties in other provinces.",
            "灰底：政策前。竖线：95%区间，按地级聚类。蓝带：其他省份安慰剂县的中间95%。",
            joint="\n",
        )
        sheet.text(4, rows * (tall + above + 7) + 2, wrap(note, 7, width - 8), 7)
    return sheet.figure


def placebo_regions_plot(
    one: Evaluation,
    names: Mapping[str, tuple[str, str]],
    *,
    language: str = "en",
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw the placebo effects of each province (mean and middle 95 %), and the real effect as a line.

    Parameters
    ----------
    one : Evaluation
    names : mapping of province code to (English, Chinese) name
    language, width
    """
    check_language(language)
    table = one.placebo.by_region().sort_values("mean", kind="stable", ignore_index=True)
    with theme():
        labels = [label(language, *names[code]) for code in table["region"]]
        left = max(text_size(text, 8)[0] for text in labels) + 5
        tall = 4.6 * len(table)
        key = label(
            language,
            "line: the 26; dots and bars: placebo provinces (mean, middle 95%); dotted: their mean",
            "实线：26县；点与横条：安慰剂省份（均值与中间95%）；点线：各省平均",
            joint="\n",
        )
        above = text_size(key, 7)[1] + 5
        sheet = Sheet(width, tall + above + 16)
        sheet.text(left, 2, key, 7)
        axes = sheet.axes(left, above, width - left - 5, tall)
        places = np.arange(len(table))
        axes.hlines(places, table["low"], table["high"], color="#9ecae1", linewidth=3)
        axes.plot(table["mean"], places, "o", color=SERIES[0][0], markersize=4)
        axes.axvline(0, color="#000000", linewidth=0.6, linestyle=DASHED, zorder=0)
        axes.axvline(one.placebo.mean, color=SERIES[0][0], linewidth=1.0, linestyle=(0, (1, 1.5)))
        axes.axvline(one.estimate, color=SERIES[1][0], linewidth=1.6)
        axes.set_yticks(places, labels)
        axes.set_ylim(len(table) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0, labelsize=8)
        axes.spines[["top", "right", "left"]].set_visible(False)
        unit = label(language, *UNITS[one.design.outcome])
        axes.set_xlabel(f"{label(language, 'effect', '效应')}, {unit}")
    return sheet.figure


def bounds_plot(
    magnitudes: pd.DataFrame, smooth: pd.DataFrame, *, language: str = "en", width: float = JOURNAL_WIDTH_MM
) -> Figure:
    """Draw intervals of the effect under bounds on how far trends may part: relative magnitudes and smoothness.

    Parameters
    ----------
    magnitudes, smooth : DataFrame
        Of ``relative_magnitudes`` and ``smoothness``.
    language, width
    """
    check_language(language)
    panels = (
        (
            magnitudes,
            ("Trends part at most so many times as fast as before", "趋势分离速度不超过政策前的若干倍"),
            ("bound on relative magnitude", "相对幅度界限"),
        ),
        (
            smooth,
            ("The slope of the gap changes at most so much a year", "差距斜率每年变化不超过界限"),
            ("bound on the change of slope, a year", "斜率年变化界限"),
        ),
    )
    with theme():
        wide = (width - 36) / 2
        titles = [wrap(label(language, *title), 8, wide) for _, title, _ in panels]
        above = max(text_size(title, 8)[1] for title in titles) + 4
        sheet = Sheet(width, above + 74 + (4 if language == "both" else 0))
        for place, (table, _, axis) in enumerate(panels):
            left = 15 + place * (wide + 17)
            sheet.text(left, 2, titles[place], 8)
            axes = sheet.axes(left, 2 + above, wide, 50)
            steps = np.arange(len(table))
            axes.vlines(steps, table["ci_low"], table["ci_high"], color=SERIES[0][0], linewidth=2)
            if "low" in table.columns:
                axes.vlines(steps, table["low"], table["high"], color=SERIES[1][0], linewidth=5, alpha=0.5)
            else:
                axes.plot(steps, table["estimate"], "o", color=SERIES[1][0], markersize=4)
            axes.axhline(0, color="#000000", linewidth=0.6, linestyle=DASHED, zorder=0)
            axes.set_xticks(steps, [f"{bound:g}" for bound in table["bound"]])
            axes.set_xlim(-0.6, len(table) - 0.4)
            axes.set_xlabel(label(language, *axis, joint="\n"))
            axes.spines[["top", "right"]].set_visible(False)
        note = label(
            language,
            "Thin: 95% interval. Wide: what the bound leaves open. Dot: estimate less the straight line.",
            "细线：95%区间；粗线：按估计值界限所容许的范围；点：减去直线趋势后的估计。",
            joint="\n",
        )
        sheet.text(4, sheet.height - (9 if language == "both" else 6), note, 7)
    return sheet.figure


def prefectures_plot(
    effects: Mapping[str, SdidPlacebo],
    names: Mapping[str, tuple[str, str]],
    *,
    policy_year: int,
    seam: int,
    language: str = "en",
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw the gap between each prefecture and its synthetic counterpart, over the gaps of the donors.

    Parameters
    ----------
    effects : mapping of prefecture code to the result
    names : mapping of code to (English, Chinese) name
    policy_year : first treated year.
    seam : first year of the later sensor.
    language, width
    """
    check_language(language)
    with theme():
        sheet = Sheet(width, 82)
        axes = sheet.axes(16, 9, width - 21, 55)
        donors = next(iter(effects.values())).placebos
        for one in donors:
            axes.plot(one.gap.index, one.gap, color="#c4c4c4", linewidth=0.5, zorder=1)
        axes.plot([], [], color="#c4c4c4", linewidth=0.8, label=label(language, "donors", "供体"))
        for (code, found), (colour, marker) in zip(effects.items(), SERIES, strict=False):
            gap = found.fit.gap
            axes.plot(
                gap.index, gap, color=colour, marker=marker, markersize=3.5, linewidth=1.3,
                label=label(language, *names[code]), zorder=3,
            )  # fmt: skip
        reach = 1.25 * max(float(np.quantile(np.abs([one.gap for one in donors]), 0.99)), 0.1)
        axes.set_ylim(-reach, reach)
        axes.axhline(0, color="#000000", linewidth=0.6, linestyle=DASHED, zorder=2)
        axes.axvline(policy_year - 0.5, color=GREY, linewidth=0.8, linestyle=DASHED)
        axes.axvspan(seam - 1, seam, color=SHADE, zorder=0)
        axes.set_ylabel(label(language, "gap, log points", "差距，对数点"))
        axes.set_xlabel(
            label(
                language,
                f"dashed: policy of {policy_year}; grey: change of sensor",
                f"虚线：{policy_year}年政策；灰色：传感器更换",
                joint="\n",
            )
        )
        _tidy(axes)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, frameon=False, borderaxespad=0.2)
    return sheet.figure


def _event_panel(axes: Axes, one: Evaluation) -> None:
    table = one.study.to_frame()
    low, high = np.quantile(one.placebo.paths, ENDS, axis=0)
    years = np.array(one.design.years)
    axes.axvspan(years[0] - 0.5, one.design.policy_year - 0.5, color=SHADE, zorder=0)
    axes.fill_between(years, low, high, color="#9ecae1", alpha=0.45, linewidth=0, zorder=1)
    axes.vlines(table["year"], table["low"], table["high"], color=SERIES[1][0], linewidth=1.2, zorder=2)
    axes.plot(table["year"], table["estimate"], "o", color=SERIES[1][0], markersize=4, zorder=3)
    axes.axhline(0, color="#000000", linewidth=0.6, linestyle=DASHED, zorder=1)
    axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
    _tidy(axes)


def _tidy(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.spines[["top", "right"]].set_visible(False)
