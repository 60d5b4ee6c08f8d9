"""Charts of notebook 07: gaps among placebos and by window, and gaps between pairs of prefectures."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from shanhai.render.charts.estimates import SERIES
from shanhai.render.figure_data import with_data
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.studies.new_border.analysis import BorderStudy
from shanhai.studies.new_border.words import SIDES, WORDS, border_name, period

_GREY = "#b0b0b0"
_DASHED = (0, (3, 2))

_PANEL = 58.0
"""Millimetres of height of a panel of gaps."""

_FIELD = 66.0
"""Millimetres of height of the field of pairs."""

_BORDERS = (*SERIES, ("#e69f00", "X"))
"""Colour and marker of pairs inside a province and across each of six pairs of provinces."""

_LEAST_LINE = 8
"""Pairs from which on a group gets a line; through fewer it would draw noise."""


def gap_plot(study: BorderStudy, *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw gaps between observed and synthetic GDP on both sides: Sichuan's among groups of neighbours, Chongqing's
    among donors."""
    check_language(language)
    gaps, placebos = study.side_gaps, study.placebo_gaps
    with theme():
        up = WORDS("charts.gaps.up", language, joint="\n")
        vertical = wrap(up, 8, _PANEL)
        left = 11 + text_size(vertical, 8)[1]
        wide = (width - left - 6 - 6 * (len(gaps) - 1)) / len(gaps)
        titles = [wrap(label(language, *SIDES[side]), 8, wide) for side in gaps]
        head = max(text_size(title, 8)[1] for title in titles) + 9
        sheet = Sheet(width, head + _PANEL + 10)
        drawn = [*(gap.to_numpy() for gap in gaps.values()), *(paths.to_numpy() for paths in placebos.values())]
        reach = 1.05 * max(float(np.abs(values).max()) for values in drawn)
        for place, (side, gap) in enumerate(gaps.items()):
            axes = sheet.axes(left + place * (wide + 6), head, wide, _PANEL)
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
    layers = {
        "treated": pd.concat([_gap_rows(side, "", gap.to_frame().T) for side, gap in gaps.items()]),
        "placebos": pd.concat([_gap_rows(side, "placebo_", paths) for side, paths in placebos.items()]),
    }
    return with_data(sheet.figure, {key: rows.assign(quantity=up) for key, rows in layers.items()})


def _gap_rows(side: str, stem: str, paths: pd.DataFrame) -> pd.DataFrame:
    """Lines of a panel, one below the other; placebos are numbered, a group of neighbours has no code."""
    names = [f"{stem}{number + 1}" if stem else side for number in range(len(paths))]
    lines = paths.set_axis(names, axis=0).T.rename_axis("year").reset_index()
    return lines.melt("year", var_name="series").assign(side=side)[["side", "series", "year", "value"]]


def window_plot(
    effects: pd.DataFrame, plain: pd.DataFrame, *, language: str = "en", width: float = JOURNAL_WIDTH_MM
) -> Figure:
    """Draw the effect on each side by window: synthetic control and difference-in-differences, with 95 % intervals.

    Parameters
    ----------
    effects, plain : DataFrame
        Of ``side_effects``, with fitted and with equal weights.
    language, width
    """
    check_language(language)
    series = {"synthetic": effects, "plain": plain}
    shown: dict[str, list[pd.DataFrame]] = {key: [] for key in series}
    with theme():
        vertical = wrap(WORDS("charts.gaps.up", language, joint="\n"), 8, _PANEL)
        left = 11 + text_size(vertical, 8)[1]
        wide = (width - left - 6 - 6) / 2
        titles = {side: wrap(label(language, *SIDES[side]), 8, wide) for side in ("sichuan", "chongqing")}
        head = max(text_size(title, 8)[1] for title in titles.values()) + 9
        sheet = Sheet(width, head + _PANEL + 10)
        drawn = pd.concat(list(series.values()))
        drawn = drawn[~drawn["whole"] & drawn["side"].isin(list(titles))]
        reach = 1.08 * float(drawn[["low", "high"]].abs().to_numpy().max())
        for place, (side, title) in enumerate(titles.items()):
            axes = sheet.axes(left + place * (wide + 6), head, wide, _PANEL)
            for order, (key, rows) in enumerate(series.items()):
                own = rows[rows["side"].eq(side) & ~rows["whole"]]
                shown[key].append(own)
                at = np.arange(len(own)) + 0.24 * (order - 0.5)
                colour, marker = SERIES[1 - order]
                axes.vlines(at, own["low"], own["high"], color=colour, linewidth=1.1)
                axes.plot(at, own["estimate"], marker, color=colour, markersize=4.5, linestyle="none")
                years = [period(start, end, language) for start, end in own[["start", "end"]].to_numpy()]
                axes.set_xticks(range(len(own)), years)
            axes.axhline(0, color="#000000", linewidth=0.6, linestyle=_DASHED, zorder=0)
            axes.set_ylim(-reach, reach)
            axes.set_title(title, fontsize=8, loc="left")
            axes.tick_params(axis="x", labelsize=7)
            axes.spines[["top", "right"]].set_visible(False)
            if place:
                axes.tick_params(labelleft=False)
            else:
                axes.set_ylabel(vertical)
        handles = [Line2D([], [], color=SERIES[1 - order][0], marker=SERIES[1 - order][1]) for order in range(2)]
        texts = [WORDS(f"charts.windows.{name}", language) for name in series]
        sheet.figure.legend(handles, texts, loc="upper left", ncols=2, frameon=False, bbox_to_anchor=(0.01, 1.0))
    heads = {"start": "first_year", "end": "last_year", "estimate": "value"}
    kept = ["side", "start", "end", "estimate", "low", "high"]
    tables = {key: pd.concat(parts)[kept].rename(columns=heads) for key, parts in shown.items()}
    up = WORDS("charts.gaps.up", language)
    return with_data(sheet.figure, {key: rows.assign(quantity=up) for key, rows in tables.items()}, "series")


def pair_plot(pairs: pd.DataFrame, start: int, *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw every pair as a dot, inside a province and across each border, with a least-squares line through eight pairs
    or more.

    Parameters
    ----------
    pairs : DataFrame
        Of ``prefecture_pairs``: ``gap_start``, ``change``, ``border``.
    start : int
        Year of the gap.
    language, width
    """
    check_language(language)
    groups = sorted(pairs["border"].unique())  # pairs inside a province have no border and come first
    lines = {}
    with theme():
        vertical = wrap(WORDS("charts.pairs.up", language, joint="\n"), 8, _FIELD)
        left = 11 + text_size(vertical, 8)[1]
        names = {border: wrap(border_name(border, language), 7, 44) for border in groups}
        side = max(text_size(name, 7)[0] for name in names.values()) + 12
        sheet = Sheet(width, _FIELD + 14)
        axes = sheet.axes(left, 3, width - left - side, _FIELD)
        for border, (colour, marker) in zip(groups, _BORDERS[: len(groups)], strict=True):
            rows = pairs[pairs["border"].eq(border)]
            x, y = rows["gap_start"].to_numpy(), rows["change"].to_numpy()
            axes.plot(x, y, marker, color=colour, markersize=5, linestyle="none", label=names[border])
            if len(rows) >= _LEAST_LINE:
                slope, level = np.polyfit(x, y, 1)
                ends = np.array([x.min(), x.max()])
                axes.plot(ends, level + slope * ends, color=colour, linewidth=1.0)
                lines[border] = pd.DataFrame({"gap_start": ends, "change": level + slope * ends})
        axes.axhline(0, color="#000000", linewidth=0.6, linestyle=_DASHED, zorder=0)
        axes.set_xlabel(WORDS("charts.pairs.across", language, start=str(start)))
        axes.set_ylabel(vertical)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    dots = pairs.sort_values("border", kind="stable")[["richer", "poorer", "border", "gap_start", "change"]]
    fitted = [rows.assign(border=border) for border, rows in lines.items()]
    layers = {"pairs": dots, **({"lines": pd.concat(fitted)} if fitted else {})}
    heads = {"border": "border_codes", "gap_start": "gap_start_log_points", "change": "change_points_a_year"}
    labelled = {
        key: rows.assign(label=[border_name(border, language) for border in rows["border"]], start_year=start)
        for key, rows in layers.items()
    }
    return with_data(sheet.figure, {key: rows.rename(columns=heads) for key, rows in labelled.items()})


def _frame(axes: Axes, first_treated: int, periods: pd.Index) -> None:
    axes.axvline(first_treated - 0.5, color="#000000", linewidth=0.8, linestyle=(0, (1, 1.5)))
    axes.axhline(0, color="#000000", linewidth=0.6, linestyle=_DASHED, zorder=0)
    axes.set_xlim(periods[0], periods[-1])
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.spines[["top", "right"]].set_visible(False)
