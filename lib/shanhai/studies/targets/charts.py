"""Charts of the targets: small multiples of paths, one panel a place on one page, and paces beside needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from shanhai.render.charts.estimates import INTERVAL
from shanhai.render.figure_data import with_data
from shanhai.render.numbers import format_number
from shanhai.render.sheet import Sheet, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, theme
from shanhai.studies.targets.analysis import Followed
from shanhai.studies.targets.tables import joint_grounds, unit_names
from shanhai.studies.targets.words import WORDS

_PATH, _EARLIER, _NEED, _RANGE, _OWN = "#0072b2", "#8c8c8c", "#d55e00", "#f0c9a8", "#000000"
"""Path over residents, path over registered persons, what is needed, range of the projection, figures of a county."""

_COLUMNS = 6
_PANEL, _HEAD, _FOOT = 29.0, 5.0, 24.0
"""Millimetres: a panel without its title, the title, the key below."""

_Points = Sequence[tuple[float, float]]
"""Years and values."""


@dataclass(frozen=True)
class _Panel:
    """One place of the small multiples."""

    name: str
    path: _Points
    """On ground that stayed the same."""
    earlier: _Points
    """On another base, such as registered persons; empty for none."""
    own: _Points
    """On the boundaries of the year; the last one is where the way to the target begins."""
    projected: tuple[float, float, float]
    """At the pace so far, and the low and the high end of the range, in the target's year."""
    words: str
    """Short text in the corner."""

    @classmethod
    def of(cls, followed: Followed, unit: str, name: str) -> "_Panel":
        """Panel of a unit; its corner says what is still needed."""
        path, row = followed.path_of(unit), followed.of(unit)
        own = followed.own[followed.own["unit"].eq(unit)].sort_values("year")
        sign = "%" if followed.spec.kind == "growth" else ""
        needed = format_number(row["needed"], 1, signed=True) + sign
        return cls(
            name,
            _points(path[path["basis"].eq("residents")]),
            _points(path[path["basis"].eq("registered")]),
            _points(own),
            (float(row["projected"]), float(row["projected_low"]), float(row["projected_high"])),
            "✓" if row["state"] in ("above", "met") else "×" if row["state"] == "missed" else needed,
        )

    def values(self) -> list[float]:
        """Everything that the vertical axis must hold."""
        drawn = [value for points in (self.path, self.earlier, self.own) for _, value in points]
        return drawn + [value for value in self.projected if not np.isnan(value)]

    def rows(self, unit: str, target: tuple[int, float]) -> pd.DataFrame:
        """What is drawn of a unit: its points, the way from the last of them to the target, and the projection."""
        year, goal = target
        way = [self.own[-1], (year, max(goal, self.own[-1][1]))] if self.own[-1][0] < year else []
        lines = {"earlier": self.earlier, "path": self.path, "own": self.own, "way": way, "target": [target]}
        drawn = [(series, *point, np.nan, np.nan) for series, points in lines.items() for point in points]
        drawn.append(("projected", year, *self.projected))
        frame = pd.DataFrame(drawn, columns=["series", "year", *INTERVAL]).astype({"year": int})
        return frame.assign(unit_code=unit, label=self.name)[["unit_code", "label", *frame.columns]]


def _points(rows: pd.DataFrame) -> _Points:
    return [(float(year), float(value)) for year, value in rows[["year", "value"]].to_numpy()]


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

    def line(self, points: _Points) -> list[tuple[float, float]]:
        """Places of points."""
        return [self.at(*point) for point in points]


def paths_figure(followed: Followed, counties: pd.DataFrame, language: str = "en") -> Figure:
    """Small multiples of all of the 26 together and of each of them, on the same scales.

    Parameters
    ----------
    followed : Followed
    counties : DataFrame
        Table with code, name_en, name_zh.
    language : str

    Raises
    ------
    ParameterError
        If the language is unknown.
    """
    names = unit_names(counties, list(followed.table["unit"]), language)
    panels = [_Panel.of(followed, unit, name) for unit, name in names.items()]
    values = [value for panel in panels for value in panel.values()]
    limits = float(10 * np.floor(min(values) / 10)), float(10 * np.ceil(max(values) / 10))
    target = followed.spec.year, followed.spec.target
    rows = ceil(len(panels) / _COLUMNS)
    width, step = (JOURNAL_WIDTH_MM - 8) / _COLUMNS, _PANEL + _HEAD
    first = min(point[0] for panel in panels for point in (*panel.path, *panel.earlier, *panel.own))
    kind = followed.spec.kind
    with theme():
        height = rows * step + _FOOT + (7.0 if language == "both" else 0.0)
        sheet = Sheet(JOURNAL_WIDTH_MM, height)
        # One pair of axes in millimetres for all panels: thirty pairs would take ten times as long to draw.
        axes = sheet.axes(0, 0, JOURNAL_WIDTH_MM, height)
        axes.set(xlim=(0, JOURNAL_WIDTH_MM), ylim=(height, 0))
        axes.set_axis_off()
        boxes = []
        for position, panel in enumerate(panels):
            row, column = divmod(position, _COLUMNS)
            left, top = 8 + column * width, row * step + _HEAD
            boxes.append(_Box(left, top, width - 2, _PANEL - 4, (first - 1.5, target[0] + 1.5), limits))
            axes.text(left, top - 1.2, panel.name, size=6.5, va="bottom")
            axes.text(left + 1, top + 0.8, panel.words, size=6, va="top", color=_NEED)
        _frames(axes, panels, boxes, target[0])
        _marks(axes, panels, boxes, target)
        sheet.text(0.5, rows * step + 1.5, WORDS(f"{kind}.axis", language, joint="   "), 7.5)
        corner, joint = WORDS.pair(f"{kind}.corner"), joint_grounds(followed, counties)
        note = WORDS("paths.corner", language, corner=corner, grounds=joint)
        _paths_key(sheet, rows * step + 5.5, language, WORDS(f"{kind}.earlier", language), note)
    drawn = pd.concat([panel.rows(unit, target) for unit, panel in zip(names, panels, strict=True)])
    return with_data(sheet.figure, drawn.assign(quantity=WORDS(f"{kind}.axis", language)))


def _frames(axes: Axes, panels: Sequence[_Panel], boxes: Sequence[_Box], year: int) -> None:
    """Axis lines of every panel, ticks, and numbers beside the first column and below the last row of a column."""
    years = sorted({int(point[0]) for panel in panels for point in (*panel.path, *panel.earlier)} | {year})
    low, high = boxes[0].scale
    levels = [level for level in range(0, 201, 20) if low <= level <= high]
    lines = []
    for position, box in enumerate(boxes):
        corner = (box.left, box.top + box.height)
        lines.append([(box.left, box.top), corner, (box.left + box.width, corner[1])])
        lines += [[box.at(box.years[0], level), (box.left - 0.7, box.at(0, level)[1])] for level in levels]
        lines += [[box.at(tick, low), (box.at(tick, low)[0], corner[1] + 0.7)] for tick in years]
        if position % _COLUMNS == 0:
            for level in levels:
                axes.text(box.left - 1.2, box.at(0, level)[1], str(level), size=6, ha="right", va="center")
        if position + _COLUMNS >= len(boxes):
            for tick in years:
                axes.text(box.at(tick, 0)[0], corner[1] + 1.1, f"’{tick % 100:02d}", size=6, ha="center", va="top")
    axes.add_collection(LineCollection(lines, colors="#404040", linewidths=0.5))


def _marks(axes: Axes, panels: Sequence[_Panel], boxes: Sequence[_Box], target: tuple[int, float]) -> None:
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

    draw([box.line([(box.years[0], goal), (box.years[1], goal)]) for _, box in both], _NEED, 0.5, 1, (0, (1, 1.5)))
    draw([box.line([(year, box.scale[0]), (year, box.scale[1])]) for _, box in both], "#d9d9d9", 0.5, 0)
    draw([box.line([(year, panel.projected[1]), (year, panel.projected[2])]) for panel, box in both], _RANGE, 3.2, 2)
    for points, colour, width, size, order in (("earlier", _EARLIER, 0.8, 1.6, 3), ("path", _PATH, 1.2, 2.4, 4)):
        lines = [box.line(getattr(panel, points)) for panel, box in both if getattr(panel, points)]
        if lines:
            draw(lines, colour, width, order)
            dots([place for line in lines for place in line], color=colour, marker="o", markersize=size, zorder=order)
    draw([box.line([own, (year, max(goal, own[1]))]) for own, _, box in ends if own[0] < year], _NEED, 0.9, 5)
    draw([box.line(panel.own) for panel, box in both], _OWN, 0.5, 6)
    dots([box.at(year, panel.projected[0]) for _, panel, box in ends], color=_PATH, marker="_", markersize=5, zorder=5)
    own = [place for panel, box in both for place in box.line(panel.own)]
    dots(own, color=_OWN, marker="x", markersize=3, zorder=6)


def _paths_key(sheet: Sheet, top: float, language: str, earlier: str, note: str) -> None:
    axes = sheet.axes(0.5, top, JOURNAL_WIDTH_MM - 1, 12)
    axes.set_axis_off()
    mark = {"linewidth": 0, "markersize": 3}
    styles: dict[str, dict[str, Any]] = {
        "path": {"color": _PATH, "marker": "o"},
        **({"earlier": {"color": _EARLIER, "marker": "o", "linewidth": 0.8}} if earlier else {}),
        "own": {"color": _OWN, "marker": "x", **mark},
        "way": {"color": _NEED},
        "projected": {"color": _PATH, "marker": "_", "markeredgewidth": 1.2, **mark},
        "range": {"color": _RANGE, "linewidth": 3.2},
    }
    handles = [
        Line2D(
            [], [], label=earlier if key == "earlier" else WORDS(f"paths.key.{key}", language),
            **({"markersize": 2.4, "linewidth": 1.0} | style),
        )
        for key, style in styles.items()
    ]  # fmt: skip
    columns = 2 if language == "both" else 3
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, 1), ncols=columns, frameon=False, borderaxespad=0)
    sheet.text(0.5, top + (14.5 if columns == 2 else 10.5), wrap(note, 6.5, JOURNAL_WIDTH_MM - 2), 6.5)


def pace_figure(gdp: Followed, urban: Followed, counties: pd.DataFrame, language: str = "en") -> Figure:
    """Pace so far beside the pace needed, one row a place: GDP per head relative to the province, and the urban share.

    Places that are above their target have no need drawn.

    Raises
    ------
    ParameterError
        If the language is unknown.
    """
    names = unit_names(counties, list(gdp.table["unit"]), language)
    height, left = 4.6 * len(names), 34.0
    width = (JOURNAL_WIDTH_MM - left - 2) / 2
    with theme():
        sheet = Sheet(JOURNAL_WIDTH_MM, height + 20)
        for position, followed in enumerate((gdp, urban)):
            axes = sheet.axes(left + position * width, 1, width - 5, height)
            _pace_panel(axes, followed.table.set_index("unit").loc[list(names)])
            axes.set_yticks(range(len(names)), list(names.values()) if position == 0 else [""] * len(names))
            title = WORDS(f"{followed.spec.kind}.pace", language)
            axes.set_xlabel(wrap(title, 7.5, width - 6), fontsize=7.5)
        _pace_key(sheet, height + 14.5, language)
    drawn: dict[str, pd.DataFrame] = {}
    for followed in (gdp, urban):
        rows = followed.table.set_index("unit").loc[list(names), ["pace", "needed"]].rename_axis("unit_code")
        rows["needed"] = rows["needed"].where(rows["needed"] > 0)  # a target that is met has no need drawn
        rows.insert(0, "label", list(names.values()))
        quantity = WORDS(f"{followed.spec.kind}.pace", language)
        drawn[followed.spec.kind] = rows.reset_index().assign(quantity=quantity)
    return with_data(sheet.figure, drawn, "panel")


def _pace_panel(axes: Axes, rows: pd.DataFrame) -> None:
    places = np.arange(len(rows))
    open_rows = (rows["needed"] > 0).to_numpy()
    pace, needed = rows["pace"].to_numpy(), rows["needed"].to_numpy()
    axes.hlines(places[open_rows], pace[open_rows], needed[open_rows], color="#c8c8c8", linewidth=1.0, zorder=1)
    axes.plot(pace, places, linestyle="none", marker="o", markersize=3.6, color=_PATH, zorder=3)
    axes.plot(needed[open_rows], places[open_rows], linestyle="none", marker="D", markersize=3.6, color=_NEED, zorder=3)
    axes.axvline(0, color="#7f7f7f", linewidth=0.6, zorder=0)
    for place in places[~open_rows]:
        axes.annotate("✓", (pace[place], place), xytext=(5, 0), textcoords="offset points", size=7, va="center")
    low, high = axes.get_xlim()
    for place in places[open_rows]:
        side = 1 if needed[place] >= pace[place] else -1  # away from the other mark
        axes.annotate(
            format_number(needed[place], 1), (needed[place], place), xytext=(4 * side, 0), textcoords="offset points",
            size=6, va="center", ha="left" if side > 0 else "right", color=_NEED,
        )  # fmt: skip
    axes.set(xlim=(low, high + 0.07 * (high - low)), ylim=(len(rows) - 0.4, -0.6))
    axes.tick_params(axis="y", length=0, labelsize=6.5)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _pace_key(sheet: Sheet, top: float, language: str) -> None:
    axes = sheet.axes(34, top, JOURNAL_WIDTH_MM - 36, 6)
    axes.set_axis_off()
    for key, marker, size, colour in (
        ("pace", "o", 3.6, _PATH),
        ("needed", "D", 3.6, _NEED),
        ("above", "$✓$", 5, _OWN),
    ):
        name = WORDS(f"paces.key.{key}", language)
        axes.plot([], [], linestyle="none", marker=marker, markersize=size, color=colour, label=name)
    axes.legend(loc="upper left", ncols=3, frameon=False, borderaxespad=0)
