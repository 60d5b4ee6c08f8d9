"""The battery as a chart: each item with its interval, both estimands, and what drawn lines show."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from shanhai.core.errors import ReportError
from shanhai.render.charts.estimates import SERIES
from shanhai.render.figure_data import with_data
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.studies.robustness.battery import Battery, BatteryRow
from shanhai.studies.robustness.design import WORDS
from shanhai.studies.robustness.tables_battery import ITEMS

_ROW = 9.0
"""Millimetres of height of an item, or more where its name takes them."""

_GREY = "#c9c9c9"
_BLACK = "#000000"


def battery_plot(batteries: Mapping[str, Battery], *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw each item in log points, one marker an estimand; balance, which has another unit, is left to the table.

    Filled markers speak for or against the statement (p < 0.05), hollow ones are undecided. Grey bars behind placebo
    items are the middle 95 % of drawn lines.

    Parameters
    ----------
    batteries : mapping of estimand to Battery
        Of ``border_batteries``.
    language : str
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If there is no battery, or more than two.
    """
    check_language(language)
    if not 1 <= len(batteries) <= 2:
        raise ReportError(f"{len(batteries)} batteries; allowed: one or two. Pass what border_batteries returns.")
    keys = [row.key for row in next(iter(batteries.values())).rows if row.spec is not None]
    with theme():
        names = [wrap(_name(key, batteries, language), 8, 58) for key in keys]
        left = max(text_size(name, 8)[0] for name in names) + 5
        row = max(_ROW, *(text_size(name, 8)[1] + 1.5 for name in names))
        sheet = Sheet(width, row * len(keys) + 27)
        axes = sheet.axes(left, 10, width - left - 4, row * len(keys))
        for order, battery in enumerate(batteries.values()):
            shift = (order - (len(batteries) - 1) / 2) * 0.36
            for height, key in enumerate(keys):
                _draw(axes, battery.row(key), height + shift, order)
        axes.axvline(0, color=_BLACK, linewidth=0.6, linestyle=(0, (3, 2)), zorder=0)
        axes.set_yticks(range(len(keys)), names)
        axes.set_ylim(len(keys) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0, labelsize=8)
        axes.spines[["top", "right", "left"]].set_visible(False)
        for edge in _ends_of_roles(keys, batteries):
            axes.axhline(edge, color="#808080", linewidth=0.5, zorder=0)
        axes.set_xlabel(WORDS("battery.figure.outcome", language, joint="\n"))
        handles: list[Artist] = [
            Line2D([], [], color=SERIES[order][0], marker=SERIES[order][1], markersize=4, linewidth=1.1, label=name)
            for order, name in enumerate(WORDS(f"battery.estimand.{key}", language, joint="\n") for key in batteries)
        ]
        handles.append(Patch(color=_GREY, label=WORDS("battery.figure.drawn", language, joint="\n")))
        sheet.figure.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(0.01, 1.0), ncols=3, frameon=False, fontsize=7.5
        )
    rows = {estimand: [battery.row(key) for key in keys] for estimand, battery in batteries.items()}
    return with_data(sheet.figure, {estimand: _drawn_rows(own, language) for estimand, own in rows.items()}, "series")


def _drawn_rows(rows: Sequence[BatteryRow], language: str) -> pd.DataFrame:
    """Items of an estimand; where lines are drawn the ends are those of the grey bar."""
    drawn = {
        "item": [row.key for row in rows],
        "role": [row.role for row in rows],
        "label": [label(language, *ITEMS[row.key]) for row in rows],
        "value": [row.estimate for row in rows],
        "low": [row.low for row in rows],
        "high": [row.high for row in rows],
        "is_placebo": [row.is_drawn for row in rows],
        "reading": [row.reading for row in rows],
        "n": [row.n for row in rows],
    }
    return pd.DataFrame(drawn).assign(quantity=WORDS("battery.figure.outcome", language))


def _draw(axes: Axes, row: BatteryRow, height: float, order: int) -> None:
    colour, marker = SERIES[order]
    if row.is_drawn:
        axes.barh(height, row.high - row.low, left=row.low, height=0.3, color=_GREY, zorder=1)
    else:
        axes.hlines(height, row.low, row.high, color=colour, linewidth=1.1, zorder=2)
    face = "#ffffff" if row.reading == "undecided" else colour
    axes.plot(row.estimate, height, marker, color=colour, markerfacecolor=face, markersize=4.5, zorder=3)


def _name(key: str, batteries: Mapping[str, Battery], language: str) -> str:
    """Name of an item with its role."""
    role = next(iter(batteries.values())).row(key).role
    (english, chinese), (role_en, role_zh) = ITEMS[key], WORDS.pair(f"battery.role.{role}")
    return label(language, f"{english} ({role_en})", f"{chinese}（{role_zh}）", joint="\n")


def _ends_of_roles(keys: list[str], batteries: Mapping[str, Battery]) -> list[float]:
    """Heights between items of different roles."""
    roles = [next(iter(batteries.values())).row(key).role for key in keys]
    return [place + 0.5 for place, (role, following) in enumerate(pairwise(roles)) if role != following]
