"""Convergence drawn: the seam between sensors, the 26 against the rest, growth on the start, parts of inequality."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from shanhai.core.errors import ReportError
from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.render.charts.estimates import SERIES
from shanhai.render.numbers import format_number
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme

Names = tuple[str, str]

DASHED = (0, (3, 2))
GREY = "#7f7f7f"
SEAM_YEAR = SENSOR_BREAK - 0.5
"""Where the line between the sensors is drawn."""


def seam_plot(seam: Mapping[Names, pd.DataFrame], *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw what the composites say by year, with the seam between the sensors.

    Parameters
    ----------
    seam : mapping of English and Chinese name to DataFrame
        From ``seam_evidence``, one an area.
    language : str
    width : float
        Millimetres.
    """
    _require(seam, language)
    panels = {
        "total": ("sum of light, 2013 = 100", "灯光总和，2013年=100"),
        "sd_log": ("spread of log light per km²", "每平方千米灯光对数的离散"),
        "correlation": ("correlation with the year before", "与上年的相关系数"),
    }
    room = (width - 3) / 3
    with theme():
        top = 5 + _title_height(panels.values(), language, room - 6)
        sheet = Sheet(width, top + 51)
        for place, (column, title) in enumerate(panels.items()):
            axes = sheet.axes(place * room + 13, top, room - 16, 40)
            for order, (name, rows) in enumerate(seam.items()):
                values = rows[column]
                if column == "total":
                    values = 100 * values / rows.loc[rows["year"].eq(SENSOR_BREAK), column].iloc[0]
                colour, marker = SERIES[order]
                _two_sensors(axes, rows["year"], values, colour, marker, label(language, *name))
            _seam(axes)
            if column == "total":
                axes.set_yscale("log")
                axes.set_yticks([10, 20, 50, 100, 200], ["10", "20", "50", "100", "200"])
                axes.minorticks_off()
            elif column == "correlation":
                axes.legend(loc="lower right", frameon=False, borderaxespad=0)
            _title(sheet, place * room + 3, title, language, room - 6)
            _plain(axes)
    return sheet.figure


def position_plot(
    paths: Mapping[Names, tuple[pd.DataFrame, bool]], *, language: str = "en", width: float = JOURNAL_WIDTH_MM
) -> Figure:
    """Draw a group against the others by year, in percent of their value per resident.

    Parameters
    ----------
    paths : mapping of English and Chinese name to (DataFrame, bool)
        ``year`` and ``ratio``; whether the series has a seam, across which no line is drawn.
    language, width
        As in :func:`seam_plot`.
    """
    _require(paths, language)
    with theme():
        names = [label(language, *name) for name in paths]
        top = 3 + 4.4 * len(names)
        sheet = Sheet(width, top + 70)
        axes = sheet.axes(16, top, width - 20, 58)
        for order, (name, (rows, seamed)) in enumerate(paths.items()):
            colour, marker = SERIES[order]
            if seamed:
                _two_sensors(axes, rows["year"], rows["ratio"], colour, marker, label(language, *name))
            else:
                axes.plot(
                    rows["year"], rows["ratio"], color=colour, marker=marker, markersize=3.5, linewidth=1,
                    label=label(language, *name),
                )  # fmt: skip
        _seam(axes)
        axes.axhline(100, color=GREY, linewidth=0.5)
        axes.set_ylim(0, 105)
        axes.set_ylabel(
            wrap(label(language, "% of the others, per resident", "相对其他地区人均水平，%", joint="\n"), 8, 58)
        )
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1, frameon=False, borderaxespad=0.2)
        _plain(axes)
    return sheet.figure


def beta_plot(points: Mapping[Names, pd.DataFrame], *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw growth on the initial level, one panel a period, a group marked.

    Parameters
    ----------
    points : mapping of panel title to DataFrame
        ``initial`` (log), ``growth`` (percent a year), ``marked`` (bool), and the fitted ``line``.
    language, width
        As in :func:`seam_plot`.
    """
    _require(points, language)
    room = (width - 3) / len(points)
    with theme():
        top = 10 + _title_height(points, language, room - 6)
        sheet = Sheet(width, top + 60)
        for place, (title, rows) in enumerate(points.items()):
            axes = sheet.axes(place * room + 13, top, room - 16, 46)
            for order, (side, name) in enumerate(
                ((False, ("other counties", "其他县")), (True, ("the 26", "山区26县")))
            ):
                part = rows[rows["marked"].eq(side)]
                colour, marker = SERIES[order]
                text = f"{label(language, *name)} ({format_number(len(part))})"
                axes.plot(part["initial"], part["growth"], marker, color=colour, markersize=3.2, alpha=0.8, label=text)
            ordered = rows.sort_values("initial")
            axes.plot(ordered["initial"], ordered["line"], color="#000000", linewidth=1)
            axes.legend(
                loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0.1, handletextpad=0
            )
            axes.set_xlabel(label(language, "log level of the first year", "首年对数水平"))
            if place == 0:
                axes.set_ylabel(label(language, "growth, % a year", "年增长率，%"))
            _title(sheet, place * room + 3, title, language, room - 6)
            axes.spines[["top", "right"]].set_visible(False)
    return sheet.figure


def province_plot(
    estimates: Mapping[Names, pd.DataFrame],
    names: Mapping[str, Names],
    *,
    marked: str = "",
    language: str = "en",
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw beta of each province with its interval, one series a measure, in the order of the first.

    Parameters
    ----------
    estimates : mapping of series name to DataFrame
        ``province_code``, ``estimate``, ``low``, ``high``.
    names : mapping of province code to English and Chinese name
    marked : str
        Code of a province whose row is shaded.
    language, width
        As in :func:`seam_plot`.
    """
    _require(estimates, language)
    first = next(iter(estimates.values())).sort_values("estimate")
    codes = first["province_code"].tolist()
    with theme():
        labels = [label(language, *names[code]) for code in codes]
        left = max(text_size(text, 7)[0] for text in labels) + 4
        shown = [label(language, *name, joint="\n") for name in estimates]
        top = 5 + max(text_size(text, 7)[1] for text in shown)
        sheet = Sheet(width, top + 4.1 * len(codes) + 15)
        axes = sheet.axes(left, top, width - left - 4, 4.1 * len(codes))
        if marked in codes:
            axes.axhspan(codes.index(marked) - 0.5, codes.index(marked) + 0.5, color="#e8e8e8", zorder=0)
        for order, rows in enumerate(estimates.values()):
            known = rows[rows["province_code"].isin(codes)]
            height = known["province_code"].map(codes.index) + (order - (len(estimates) - 1) / 2) * 0.36
            colour, marker = SERIES[order]
            axes.hlines(height, known["low"], known["high"], color=colour, linewidth=1)
            axes.plot(known["estimate"], height, marker, color=colour, markersize=3.2, label=shown[order])
        axes.axvline(0, color="#000000", linewidth=0.6, linestyle=DASHED)
        axes.set_yticks(range(len(codes)), labels)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(codes) - 0.4, -0.6)
        text = label(
            language,
            "beta, % a year per log point (95% interval, HC3); below zero: those behind grow faster",
            "β，每对数点年增长率%（95%区间，HC3）；为负即后进者增长更快",
            joint="\n",
        )
        axes.set_xlabel(text)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0.2)
    return sheet.figure


def inequality_plot(
    paths: Mapping[Names, tuple[pd.DataFrame, Mapping[str, Names]]],
    *,
    language: str = "en",
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw Theil's T by year as a stack of its parts, one panel an area.

    Parameters
    ----------
    paths : mapping of panel title to (DataFrame, parts)
        From ``inequality_path``; parts map its columns to English and Chinese names, from the ground up.
    language, width
        As in :func:`seam_plot`.
    """
    _require(paths, language)
    room = (width - 3) / len(paths)
    with theme():
        lines = max(len(parts) for _, parts in paths.values()) * (2 if language == "both" else 1)
        top = 5 + 4.2 * lines + _title_height(paths, language, room - 6)
        sheet = Sheet(width, top + 55)
        for place, (title, (rows, parts)) in enumerate(paths.items()):
            axes = sheet.axes(place * room + 17, top, room - 20, 44)
            floor = np.zeros(len(rows))
            for order, (column, name) in enumerate(parts.items()):
                axes.bar(
                    rows["year"], rows[column], bottom=floor, width=0.85, color=SERIES[order][0],
                    alpha=(0.9, 0.6, 0.35)[order], label=label(language, *name, joint="\n"),
                )  # fmt: skip
                floor = floor + rows[column].to_numpy()
            _seam(axes)
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1, frameon=False, borderaxespad=0.2)
            if place == 0:
                axes.set_ylabel(
                    label(language, "Theil's T of light per resident", "人均灯光泰尔指数", joint="\n"), labelpad=2
                )
            _title(sheet, place * room + 3, title, language, room - 6)
            _plain(axes)
    return sheet.figure


def _two_sensors(axes: Axes, years: pd.Series, values: pd.Series, colour: str, marker: str, name: str) -> None:
    """A series in two pieces, open marks before the seam and full ones after it."""
    for early in (True, False):
        part = years < SENSOR_BREAK if early else years >= SENSOR_BREAK
        face = "#ffffff" if early else colour
        text = "_nolegend_" if early else name
        axes.plot(
            years[part], values[part], color=colour, marker=marker, markersize=3.2, markerfacecolor=face, linewidth=1,
            label=text,
        )  # fmt: skip


def _seam(axes: Axes) -> None:
    axes.axvline(SEAM_YEAR, color=GREY, linewidth=0.8, linestyle=DASHED, zorder=0)


def _title(sheet: Sheet, left: float, title: Names, language: str, width: float) -> None:
    sheet.text(left, 2, wrap(label(language, *title, joint="\n"), 8, width), 8)


def _title_height(titles: Iterable[Names], language: str, width: float) -> float:
    """Millimetres of the highest title."""
    return max(text_size(wrap(label(language, *title, joint="\n"), 8, width), 8)[1] for title in titles)


def _plain(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axes.xaxis.set_major_formatter(lambda value, _: format_number(value, grouped=False))
    axes.spines[["top", "right"]].set_visible(False)


def _require(given: Mapping[Names, object], language: str) -> None:
    check_language(language)
    if not 0 < len(given) <= len(SERIES):
        raise ReportError(f"{len(given)} series asked for; one to {len(SERIES)} can be told apart in one figure.")
