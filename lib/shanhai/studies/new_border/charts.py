"""Charts of notebook 07: gaps among placebos, paths, effects by role, and gaps between pairs of prefectures."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from shanhai.render.charts.estimates import SERIES
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.studies.new_border.analysis import BorderStudy
from shanhai.studies.new_border.words import SIDES, WORDS, border_name, unit_name

_GREY = "#b0b0b0"
_DASHED = (0, (3, 2))

_PANEL = 58.0
"""Millimetres of height of a panel of gaps."""

_ROW = 24.0
"""Millimetres of height of a row of dots with names."""

_LEVELS = (1, -1, 2, -2, 3, -3)
"""Lines on which the name of a dot may stand, above and below its row."""

_SMALL = 34.0
"""Millimetres of height of a panel of paths."""

_FIELD = 66.0
"""Millimetres of height of the field of pairs."""

_LEAST_PAIRS, _LEAST_LINE = 3, 8
"""Pairs from which on a border is a group of its own, and from which on a group gets a line; through fewer it would
draw noise."""


def gap_plot(study: BorderStudy, *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw gaps between observed and synthetic GDP on both sides: Sichuan's among groups of neighbours, Chongqing's
    among donors."""
    check_language(language)
    gaps, placebos = study.side_gaps, study.placebo_gaps
    with theme():
        vertical = wrap(WORDS("charts.gaps.up", language, joint="\n"), 8, _PANEL)
        left = 11 + text_size(vertical, 8)[1]
        each = (width - left - 6 - 6 * (len(gaps) - 1)) / len(gaps)
        titles = [wrap(label(language, *SIDES[side]), 8, each) for side in gaps]
        head = max(text_size(title, 8)[1] for title in titles) + 9
        sheet = Sheet(width, head + _PANEL + 10)
        drawn = [*(gap.to_numpy() for gap in gaps.values()), *(paths.to_numpy() for paths in placebos.values())]
        reach = 1.05 * max(float(np.abs(values).max()) for values in drawn)
        for place, (side, gap) in enumerate(gaps.items()):
            axes = sheet.axes(left + place * (each + 6), head, each, _PANEL)
            lines = [np.column_stack([placebos[side].columns, path]) for path in placebos[side].to_numpy()]
            axes.add_collection(LineCollection(lines, colors=_GREY, linewidths=0.4, alpha=0.7))
            axes.plot(gap.index, gap, color=SERIES[1][0], linewidth=1.8)
            _frame(axes, study.design.treated_from, gap.index)
            axes.set_ylim(-reach, reach)
            axes.set_title(titles[place], fontsize=8, loc="left")
            if place:
                axes.tick_params(labelleft=False)
            else:
                axes.set_ylabel(vertical)
        handles = [Line2D([], [], color=SERIES[1][0], linewidth=1.8), Line2D([], [], color=_GREY, linewidth=0.8)]
        texts = [WORDS(f"charts.gaps.{name}", language) for name in ("treated", "placebos")]
        sheet.figure.legend(handles, texts, loc="upper left", ncols=2, frameon=False, bbox_to_anchor=(0.01, 1.0))
    return sheet.figure


def path_plot(study: BorderStudy, *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw log GDP of each treated unit, over the donors' mean, beside its synthetic control, three panels a row."""
    check_language(language)
    paths, columns, base = study.paths, 3, str(study.design.treated_from - 1)
    with theme():
        vertical = wrap(WORDS("charts.paths.up", language, joint="\n", base=base), 8, _SMALL * 2)
        left = 10 + text_size(vertical, 8)[1]
        each = (width - left - 3) / columns - 5
        rows = -(-len(paths) // columns)
        titles = [wrap(label(language, *unit_name(code)), 8, each) for code in paths]
        head = max(text_size(title, 8)[1] for title in titles) + 3
        sheet = Sheet(width, 7 + rows * (_SMALL + head + 4) + 4)
        values = np.array(list(paths.values()))
        margin = 0.05 * (values.max() - values.min())
        for place, (title, (observed, synthetic)) in enumerate(zip(titles, paths.values(), strict=True)):
            row, column = divmod(place, columns)
            axes = sheet.axes(left + column * (each + 5), 6 + row * (_SMALL + head + 4) + head, each, _SMALL)
            axes.plot(synthetic.index, synthetic, color=SERIES[0][0], linewidth=1.2, linestyle=(0, (4, 1.5)))
            axes.plot(observed.index, observed, color=SERIES[1][0], linewidth=1.5)
            _frame(axes, study.design.treated_from, observed.index)
            axes.set_ylim(values.min() - margin, values.max() + margin)
            axes.set_title(title, fontsize=8, loc="left", pad=2)
            axes.tick_params(labelleft=column == 0, labelbottom=place + columns >= len(paths))
        sheet.figure.supylabel(vertical, fontsize=8, x=0.005, ha="left")
        handles = [
            Line2D([], [], color=SERIES[1][0], linewidth=1.5),
            Line2D([], [], color=SERIES[0][0], linewidth=1.2, linestyle=(0, (4, 1.5))),
        ]
        texts = [WORDS(f"charts.paths.{name}", language) for name in ("observed", "synthetic")]
        sheet.figure.legend(handles, texts, loc="upper right", ncols=2, frameon=False, bbox_to_anchor=(0.995, 1.0))
    return sheet.figure


def role_plot(study: BorderStudy, *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw the effect of every unit as a dot, by role, with the mean of the role as a bar; units of Sichuan by name."""
    check_language(language)
    effects = study.table.set_index("unit")["effect"]
    roles = {role: effects.loc[study.units.of(role)] for role in WORDS.labels("roles")}
    named = {code: label(language, *unit_name(code)) for code in study.units.of("border", "interior")}
    with theme():
        heads = [wrap(WORDS(f"roles.{role}", language), 8, 42) for role in roles]
        left = max(text_size(head, 8)[0] for head in heads) + 5
        sheet = Sheet(width, _ROW * len(roles) + 16)
        axes = sheet.axes(left, 2, width - left - 4, _ROW * len(roles))
        for place, values in enumerate(roles.values()):
            colour, marker = SERIES[1] if place < len(roles) - 1 else ("#7f7f7f", "o")
            axes.plot(
                values, np.full(len(values), place), marker, color=colour, markersize=4, alpha=0.6, linestyle="none"
            )
            axes.vlines(values.mean(), place - 0.07, place + 0.07, color="#000000", linewidth=1.6)
        axes.set_xlim(axes.get_xlim())
        low, high = axes.get_xlim()
        for place, values in enumerate(roles.values()):
            _name_dots(axes, values, place, named, (width - left - 4) / (high - low))
        axes.axvline(0, color="#000000", linewidth=0.6, linestyle=_DASHED, zorder=0)
        axes.set_yticks(range(len(roles)), heads)
        axes.set_ylim(len(roles) - 0.45, -0.55)
        axes.tick_params(axis="y", length=0, labelsize=8)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.set_xlabel(f"{WORDS('charts.roles.across', language)}\n{WORDS('charts.roles.bar', language)}")
    return sheet.figure


def pair_plot(pairs: pd.DataFrame, start: int, *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw pairs as dots, those inside a province and those across each border with three pairs or more, with a
    least-squares line through eight pairs or more.

    Parameters
    ----------
    pairs : DataFrame
        Of ``prefecture_pairs``: ``gap_start``, ``change``, ``border``.
    start : int
        Year of the gap.
    language, width
    """
    check_language(language)
    counts = pairs.loc[pairs["border"].ne(""), "border"].value_counts()
    groups = ["", *sorted(counts.index[counts >= _LEAST_PAIRS])]
    with theme():
        vertical = wrap(WORDS("charts.pairs.up", language, joint="\n"), 8, _FIELD)
        left = 11 + text_size(vertical, 8)[1]
        names = {border: wrap(border_name(border, language), 7, 44) for border in groups}
        side = max(text_size(name, 7)[0] for name in names.values()) + 12
        sheet = Sheet(width, _FIELD + 14)
        axes = sheet.axes(left, 3, width - left - side, _FIELD)
        for border, (colour, marker) in zip(groups, SERIES, strict=False):
            rows = pairs[pairs["border"].eq(border)]
            x, y = rows["gap_start"].to_numpy(), rows["change"].to_numpy()
            axes.plot(x, y, marker, color=colour, markersize=5, linestyle="none", label=names[border])
            if len(rows) >= _LEAST_LINE:
                slope, level = np.polyfit(x, y, 1)
                ends = np.array([x.min(), x.max()])
                axes.plot(ends, level + slope * ends, color=colour, linewidth=1.0)
        axes.axhline(0, color="#000000", linewidth=0.6, linestyle=_DASHED, zorder=0)
        axes.set_xlabel(WORDS("charts.pairs.across", language, start=str(start)))
        axes.set_ylabel(vertical)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    return sheet.figure


def _name_dots(axes: Axes, values: pd.Series, place: int, named: Mapping[str, str], scale: float) -> None:
    """Write names above and below a row, each on the nearest level where it meets no other name."""
    shown = values[values.index.isin(list(named))].sort_values(kind="stable")
    taken: dict[int, float] = {}
    for unit, value in shown.items():
        half = (text_size(named[str(unit)], 6)[0] / 2 + 0.7) / scale
        free = (level for level in _LEVELS if taken.get(level, -np.inf) <= float(value) - half)
        level = next(free, _LEVELS[-1])
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


def _frame(axes: Axes, first_treated: int, periods: pd.Index) -> None:
    axes.axvline(first_treated - 0.5, color="#000000", linewidth=0.8, linestyle=(0, (1, 1.5)))
    axes.axhline(0, color="#000000", linewidth=0.6, linestyle=_DASHED, zorder=0)
    axes.set_xlim(periods[0], periods[-1])
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.spines[["top", "right"]].set_visible(False)
