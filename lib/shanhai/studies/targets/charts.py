"""Small multiples of paths to a target, one panel a place, on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from shanhai.core.errors import ReportError
from shanhai.render.sheet import Sheet, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme

PATH, EARLIER, NEED, RANGE, OWN = "#0072b2", "#8c8c8c", "#d55e00", "#f0c9a8", "#000000"
"""Path over residents, path over registered persons, what is needed, range of the projection, figures of a county."""

COLUMNS = 6
PANEL, HEAD, FOOT = 29.0, 5.0, 24.0
"""Millimetres: a panel without its title, the title, the key below."""


@dataclass(frozen=True)
class PathPanel:
    """One place of the small multiples.

    Attributes
    ----------
    name : str
        In the language of the figure.
    path : sequence of (year, value)
        On ground that stayed the same.
    earlier : sequence of (year, value)
        On another base, such as registered persons; empty for none.
    own : sequence of (year, value)
        On the boundaries of the year; the last one is where the way to the target begins.
    projected : tuple of float
        At the pace so far, and the low and the high end of the range, in the target's year.
    words : str
        Short text in the corner.
    """

    name: str
    path: Sequence[tuple[float, float]]
    earlier: Sequence[tuple[float, float]]
    own: Sequence[tuple[float, float]]
    projected: tuple[float, float, float]
    words: str


def paths_plot(
    panels: Sequence[PathPanel],
    target: tuple[int, float],
    axis: tuple[str, str],
    *,
    limits: tuple[float, float],
    earlier: tuple[str, str] = ("", ""),
    note: str = "",
    language: str = "en",
) -> Figure:
    """Draw one small panel a place, all on the same scales, on one page.

    Parameters
    ----------
    panels : sequence of PathPanel
    target : (year, value)
    axis : what the vertical axis is, in English and Chinese.
    limits : ends of the vertical axis.
    earlier : name of the second path, in English and Chinese; empty without one.
    note : a line below the key, in the language of the figure.
    language : str

    Raises
    ------
    ReportError
        If there is no panel, or a value lies outside the limits, where it would not be seen.
    """
    check_language(language)
    _require_visible(panels, limits)
    rows = ceil(len(panels) / COLUMNS)
    width, step = (JOURNAL_WIDTH_MM - 8) / COLUMNS, PANEL + HEAD
    first = min(point[0] for panel in panels for point in (*panel.path, *panel.earlier, *panel.own))
    with theme():
        height = rows * step + FOOT + (7.0 if language == "both" else 0.0)
        sheet = Sheet(JOURNAL_WIDTH_MM, height)
        # One pair of axes in millimetres for all panels: thirty pairs would take ten times as long to draw.
        axes = sheet.axes(0, 0, JOURNAL_WIDTH_MM, height)
        axes.set(xlim=(0, JOURNAL_WIDTH_MM), ylim=(height, 0))
        axes.set_axis_off()
        boxes = []
        for position, panel in enumerate(panels):
            row, column = divmod(position, COLUMNS)
            left, top = 8 + column * width, row * step + HEAD
            boxes.append(_Box(left, top, width - 2, PANEL - 4, (first - 1.5, target[0] + 1.5), limits))
            axes.text(left, top - 1.2, panel.name, size=6.5, va="bottom")
            axes.text(left + 1, top + 0.8, panel.words, size=6, va="top", color=NEED)
        _frames(axes, panels, boxes, target[0])
        _marks(axes, panels, boxes, target)
        sheet.text(0.5, rows * step + 1.5, label(language, *axis, joint="   "), 7.5)
        _key(sheet, rows * step + 5.5, language, earlier, note)
    return sheet.figure


@dataclass(frozen=True)
class _Box:
    """A panel on the sheet, millimetres, and what it shows."""

    left: float
    top: float
    width: float
    height: float
    years: tuple[float, float]
    scale: tuple[float, float]

    def at(self, year: float, value: float) -> tuple[float, float]:
        """Place of a point on the sheet."""
        across = (year - self.years[0]) / (self.years[1] - self.years[0])
        up = (value - self.scale[0]) / (self.scale[1] - self.scale[0])
        return self.left + across * self.width, self.top + (1 - up) * self.height

    def line(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        """Places of points."""
        return [self.at(*point) for point in points]


def _require_visible(panels: Sequence[PathPanel], limits: tuple[float, float]) -> None:
    if not panels:
        raise ReportError("Small multiples without a place cannot be drawn; pass at least one panel.")
    low, high = limits
    for panel in panels:
        values = [value for points in (panel.path, panel.earlier, panel.own) for _, value in points]
        values += [value for value in panel.projected if not np.isnan(value)]
        hidden = [value for value in values if not low <= value <= high]
        if hidden:
            raise ReportError(f"{panel.name}: {hidden[0]:g} lies outside {low:g} to {high:g}; widen the limits.")


def _frames(axes: Axes, panels: Sequence[PathPanel], boxes: Sequence[_Box], year: int) -> None:
    """Axis lines of every panel, ticks, and numbers beside the first column and below the last row of a column."""
    years = sorted({int(point[0]) for panel in panels for point in (*panel.path, *panel.earlier)} | {year})
    low, high = boxes[0].scale
    levels = [level for level in range(0, 201, 20) if low <= level <= high]
    lines = []
    for position, box in enumerate(boxes):
        corner = (box.left, box.top + box.height)
        lines.append([(box.left, box.top), corner, (box.left + box.width, corner[1])])
        lines += [[box.at(box.years[0], level), (box.left - 0.7, box.at(0, level)[1])] for level in levels]
        lines += [[box.at(one, low), (box.at(one, low)[0], corner[1] + 0.7)] for one in years]
        if position % COLUMNS == 0:
            for level in levels:
                axes.text(box.left - 1.2, box.at(0, level)[1], str(level), size=6, ha="right", va="center")
        if position + COLUMNS >= len(boxes):
            for one in years:
                axes.text(box.at(one, 0)[0], corner[1] + 1.1, f"’{one % 100:02d}", size=6, ha="center", va="top")
    axes.add_collection(LineCollection(lines, colors="#404040", linewidths=0.5))


def _marks(axes: Axes, panels: Sequence[PathPanel], boxes: Sequence[_Box], target: tuple[int, float]) -> None:
    """Everything that is drawn inside the panels, one collection a kind."""
    year, goal = target
    both = list(zip(panels, boxes, strict=True))
    ends = [(panel.own[-1], panel, box) for panel, box in both]

    def draw(
        lines: list[list[tuple[float, float]]], colour: str, width: float, order: int, style: Any = "solid"
    ) -> None:
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=width, zorder=order, linestyles=style))

    def dots(points: list[tuple[float, float]], **style: Any) -> None:
        axes.plot(*np.transpose(points), linestyle="none", **style)

    draw([box.line([(box.years[0], goal), (box.years[1], goal)]) for _, box in both], NEED, 0.5, 1, (0, (1, 1.5)))
    draw([box.line([(year, box.scale[0]), (year, box.scale[1])]) for _, box in both], "#d9d9d9", 0.5, 0)
    draw([box.line([(year, panel.projected[1]), (year, panel.projected[2])]) for panel, box in both], RANGE, 3.2, 2)
    for points, colour, width, size, order in (("earlier", EARLIER, 0.8, 1.6, 3), ("path", PATH, 1.2, 2.4, 4)):
        lines = [box.line(getattr(panel, points)) for panel, box in both if getattr(panel, points)]
        if lines:
            draw(lines, colour, width, order)
            dots([place for line in lines for place in line], color=colour, marker="o", markersize=size, zorder=order)
    draw([box.line([own, (year, max(goal, own[1]))]) for own, _, box in ends if own[0] < year], NEED, 0.9, 5)
    draw([box.line(panel.own) for panel, box in both], OWN, 0.5, 6)
    dots([box.at(year, panel.projected[0]) for _, panel, box in ends], color=PATH, marker="_", markersize=5, zorder=5)
    dots([place for panel, box in both for place in box.line(panel.own)], color=OWN, marker="x", markersize=3, zorder=6)


def _key(sheet: Sheet, top: float, language: str, earlier: tuple[str, str], note: str) -> None:
    axes = sheet.axes(0.5, top, JOURNAL_WIDTH_MM - 1, 12)
    axes.set_axis_off()
    mark = {"linewidth": 0, "markersize": 3}
    styles: list[tuple[tuple[str, str], dict[str, Any]]] = [
        (("path on the same ground, residents", "同一地域的路径（常住人口）"), {"color": PATH, "marker": "o"}),
        (("county on its own boundaries", "按当年行政区划"), {"color": OWN, "marker": "x", **mark}),
        (("way to the target", "达到目标所需"), {"color": NEED}),
        (("at the pace so far", "按以往速度"), {"color": PATH, "marker": "_", "markeredgewidth": 1.2, **mark}),
        (("slowest to fastest tenth of counties", "各县最慢至最快一成的速度"), {"color": RANGE, "linewidth": 3.2}),
    ]
    if any(earlier):
        styles.insert(1, (earlier, {"color": EARLIER, "marker": "o", "linewidth": 0.8}))
    handles = [
        Line2D([], [], label=label(language, *words), **({"markersize": 2.4, "linewidth": 1.0} | style))
        for words, style in styles
    ]
    columns = 2 if language == "both" else 3
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, 1), ncols=columns, frameon=False, borderaxespad=0)
    sheet.text(0.5, top + (14.5 if columns == 2 else 10.5), wrap(note, 6.5, JOURNAL_WIDTH_MM - 2), 6.5)
