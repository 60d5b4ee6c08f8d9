"""Moves between classes, the long run, clubs and likeness of neighbours, drawn."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from shanhai.core.errors import ReportError
from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.render.charts.estimates import SERIES
from shanhai.render.numbers import format_number
from shanhai.render.sheet import Sheet, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.studies.convergence.charts import GREY, SEAM_YEAR

Names = tuple[str, str]
DARK = 0.5
"""Chance above which a cell's number is white."""


def transition_plot(
    tables: Mapping[Names, pd.DataFrame], *, language: str = "en", width: float = JOURNAL_WIDTH_MM
) -> Figure:
    """Draw chances of moves between classes, with the shares of the classes first, last and in the long run below.

    Parameters
    ----------
    tables : mapping of panel title to DataFrame
        One sample and segment of ``transition_table``.
    language : str
    width : float
        Millimetres.
    """
    check_language(language)
    if not 0 < len(tables) <= 3:
        raise ReportError(f"{len(tables)} matrices asked for; one to three fit one figure.")
    room = (width - 3) / len(tables)
    side = min(room - 20, 58.0)
    with theme():
        sheet = Sheet(width, side + 66)
        for place, (title, rows) in enumerate(tables.items()):
            ordered = rows.sort_values("start")
            chances = ordered[[name for name in ordered.columns if name.startswith("to_")]].dropna(axis=1).to_numpy()
            axes = sheet.axes(place * room + 15, 12, side, side)
            axes.imshow(chances, cmap="Blues", vmin=0, vmax=1)
            for row, column in np.ndindex(chances.shape):
                colour = "#ffffff" if chances[row, column] > DARK else "#000000"
                text = format_number(100 * chances[row, column])
                axes.text(column, row, text, ha="center", va="center", color=colour, size=7)
            classes = [format_number(number) for number in ordered["start"]]
            axes.set_xticks(range(len(classes)), classes)
            axes.set_yticks(range(len(classes)), classes)
            axes.tick_params(length=0)
            axes.set_xlabel(label(language, "class a year later", "一年后的类"))
            if place == 0:
                axes.set_ylabel(label(language, "class (1: lowest)", "类（1为最低）"))
            sheet.text(place * room + 15, 2, wrap(label(language, *title, joint="\n"), 8, room - 18), 8)
            _bars(sheet, ordered, (place * room + 15, side + 30, side), language, place == 0)
    return sheet.figure


def _bars(sheet: Sheet, rows: pd.DataFrame, box: tuple[float, float, float], language: str, first: bool) -> None:
    left, top, side = box
    axes = sheet.axes(left, top, side, 24)
    names = {
        "share_first": ("first year", "首年"),
        "share_last": ("last year", "末年"),
        "ergodic": ("long run", "长期"),
    }
    for order, (column, name) in enumerate(names.items()):
        heights = 100 * rows[column]
        places = rows["start"] + (order - 1) * 0.27
        axes.bar(places, heights, width=0.25, color=SERIES[order][0], label=label(language, *name))
    axes.set_xticks(rows["start"], [format_number(number) for number in rows["start"]])
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel(label(language, "class", "类"))
    if first:
        axes.set_ylabel(label(language, "% of counties", "占县数的%", joint="\n"))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, borderaxespad=0.1)


def clubs_plot(
    paths: pd.DataFrame,
    membership: pd.Series,
    marked: pd.Series,
    *,
    language: str = "en",
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw relative paths by club, one panel a club, the mean of the club bold.

    Parameters
    ----------
    paths : DataFrame
        Units by years: relative paths, 1 is the mean of all.
    membership : Series
        Club of each unit from 1; 0 for none.
    marked : Series of bool
        Units drawn in another colour, such as the 26.
    language, width
        As in :func:`transition_plot`.
    """
    check_language(language)
    clubs = sorted(set(membership))
    if not 0 < len(clubs) <= 6:
        raise ReportError(f"{len(clubs)} clubs asked for; one to six fit one figure. Merge them first.")
    room = (width - 20) / len(clubs)
    low, high = float(paths.min().min()), float(paths.max().max())
    with theme():
        sheet = Sheet(width, 76)
        for place, club in enumerate(clubs):
            axes = sheet.axes(18 + place * room, 16, room - 5, 48)
            members = paths.loc[membership.index[membership.eq(club)]]
            inside = marked.reindex(members.index).fillna(False).astype(bool)
            for order, side in enumerate((False, True)):
                for _, values in members[inside.eq(side)].iterrows():
                    axes.plot(members.columns, values, color=SERIES[order][0], linewidth=0.6, alpha=0.6)
            axes.plot(members.columns, members.mean(), color="#000000", linewidth=1.8)
            axes.axhline(1, color=GREY, linewidth=0.5)
            axes.set_ylim(low - 0.03, high + 0.03)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=4))
            axes.xaxis.set_major_formatter(lambda value, _: format_number(value, grouped=False))
            axes.spines[["top", "right"]].set_visible(False)
            count = f"{format_number(len(members))}, {format_number(inside.sum())}"
            number = format_number(club)
            name = (f"club {number} ({count} of the 26)", f"俱乐部{number}（{count}属26县）") if club else (
                f"no club ({count} of the 26)", f"不归属（{count}属26县）"
            )  # fmt: skip
            sheet.text(18 + place * room, 9, wrap(label(language, *name, joint="\n"), 7, room - 4), 7)
            if place == 0:
                axes.set_ylabel(label(language, "relative path (mean of all = 1)", "相对路径（平均=1）", joint="\n"))
            else:
                axes.tick_params(labelleft=False)
        key = label(language, "orange: the 26; blue: other counties; black: mean of the club",
                    "橙：26县；蓝：其他县；黑：俱乐部平均", joint="  ")  # fmt: skip
        sheet.text(18, 1.5, key, 7)
    return sheet.figure


def moran_plot(table: pd.DataFrame, names: Mapping[str, Names], *, language: str = "en") -> Figure:
    """Draw Moran's I by year with the range that chance gives to the first measure (two standard deviations).

    Parameters
    ----------
    table : DataFrame
        From ``moran_table``: measure, year, moran, expected, se.
    names : mapping of measure to English and Chinese name
    language : str
    """
    check_language(language)
    if table.empty:
        raise ReportError("There is no year to draw; pass the table of Moran's I.")
    width = float(JOURNAL_WIDTH_MM)
    with theme():
        sheet = Sheet(width, 66)
        axes = sheet.axes(16, 12, width - 20, 42)
        for order, (measure, rows) in enumerate(table.groupby("measure", sort=False)):
            colour, marker = SERIES[order]
            seamed = len(rows) > 10
            for early in (True, False) if seamed else (False,):
                part = rows[rows["year"].lt(SENSOR_BREAK) == early] if seamed else rows
                face = "#ffffff" if early else colour
                text = "_nolegend_" if early else label(language, *names[str(measure)])
                axes.plot(
                    part["year"], part["moran"], color=colour, marker=marker, markersize=3.5, markerfacecolor=face,
                    linewidth=1 if seamed else 0, label=text,
                )  # fmt: skip
        widest = table[table["measure"].eq(table["measure"].iloc[0])].sort_values("year")
        floor, top = widest["expected"] - 2 * widest["se"], widest["expected"] + 2 * widest["se"]
        chance = label(language, "what chance gives, ±2 SD", "随机范围（±2标准差）")
        axes.fill_between(widest["year"], floor, top, color="#d9d9d9", linewidth=0, label=chance)
        axes.axvline(SEAM_YEAR, color=GREY, linewidth=0.8, linestyle=(0, (3, 2)))
        axes.set_ylabel(label(language, "Moran's I", "莫兰指数"))
        axes.set_ylim(-0.3, 1)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        axes.xaxis.set_major_formatter(lambda value, _: format_number(value, grouped=False))
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, borderaxespad=0.2)
    return sheet.figure
