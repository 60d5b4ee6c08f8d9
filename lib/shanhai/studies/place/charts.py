"""Profile of one place against its province and the country: one strip an indicator, each with its own scale."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.render.maps.sheet import Sheet, text_size, wrap
from shanhai.render.numbers import format_number, is_missing
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme

MARKS: dict[str, dict[str, Any]] = {
    "place": {"marker": "D", "markersize": 6, "color": "#d55e00", "zorder": 6},
    "province": {"marker": "o", "markersize": 6, "color": "#0072b2", "zorder": 5},
    "country": {"marker": "s", "markersize": 8, "color": "#000000", "fillstyle": "none", "zorder": 7},
}
"""Marker of each level; shape alone tells them apart."""

STRIP = 11.0
"""Millimetres of height for one indicator."""

KEY_SIZE, KEY_MARK = 7.0, 10.0
"""Points of the names in the key; millimetres that a mark with its margins takes."""


@dataclass(frozen=True)
class ProfileRow:
    """One indicator of a profile.

    Attributes
    ----------
    en, zh : str
        Name with its year.
    unit_en, unit_zh : str
    digits : int
        Decimals of the printed values.
    place, province, country : float or None
        Values; a missing one is said in words, not left out.
    others : sequence of float
        Values of comparable places (the prefectures of the province), drawn as grey ticks.
    """

    en: str
    zh: str
    unit_en: str
    unit_zh: str
    digits: int
    place: float | None
    province: float | None
    country: float | None
    others: Sequence[float] = field(default=())


def profile_plot(
    rows: Sequence[ProfileRow],
    names: tuple[str, str, str],
    *,
    language: str = "en",
    others_name: tuple[str, str] = ("prefectures of the province", "省内各地市"),
) -> Figure:
    """Draw a place, its province and the country on one strip for each indicator.

    Parameters
    ----------
    rows : sequence of ProfileRow
    names : tuple of str
        Names of place, province and country in the language of the figure.
    language : str
    others_name : tuple of str
        What the grey ticks are, in English and Chinese.

    Raises
    ------
    ReportError
        If there is no row, or a row has no value at all.
    """
    check_language(language)
    if not rows:
        raise ReportError("A profile without indicator cannot be drawn; pass at least one row.")
    with theme():
        sheet = Sheet(JOURNAL_WIDTH_MM, STRIP * len(rows) + 12)
        for position, row in enumerate(rows):
            top = 8 + position * STRIP
            name = wrap(label(language, row.en, row.zh, joint="\n"), 7.5, 54)
            unit = label(language, row.unit_en, row.unit_zh)
            sheet.text(0.5, top + 1.0, name, 7.5)
            sheet.text(JOURNAL_WIDTH_MM - 24, top + 3.0, wrap(unit, 7, 24), 7)
            _strip(sheet.axes(60, top, JOURNAL_WIDTH_MM - 90, STRIP - 5), row, language)
        _key(sheet, names, label(language, *others_name) if any(len(row.others) for row in rows) else "")
    return sheet.figure


def _strip(axes: Axes, row: ProfileRow, language: str) -> None:
    values = {level: getattr(row, level) for level in MARKS if not is_missing(getattr(row, level))}
    if not values:
        raise ReportError(f"Indicator {row.en!r} has no value for place, province or country; leave it out.")
    known = [float(value) for value in (*values.values(), *row.others) if not is_missing(value)]
    spread = max(known) - min(known) or abs(known[0]) or 1.0
    axes.set(xlim=(min(known) - 0.08 * spread, max(known) + 0.08 * spread), ylim=(-1, 1), yticks=[])
    axes.plot(list(row.others), np.zeros(len(row.others)), "|", color="#9a9a9a", markersize=7, markeredgewidth=0.8)
    for level, value in values.items():
        axes.plot([value], [0], linestyle="none", **MARKS[level])
    axes.spines[["left", "top", "right"]].set_visible(False)
    axes.spines["bottom"].set_position(("data", 0))
    axes.spines["bottom"].set(color="#c8c8c8", zorder=0)
    _print_values(axes, values, row.digits)
    if "place" not in values:
        axes.text(1, 0.9, label(language, "place: no data", "本地无数据"), transform=axes.transAxes, ha="right", size=6)


def _print_values(axes: Axes, values: dict[str, float], digits: int) -> None:
    """Values under their marks, pushed apart so that none covers another."""
    axes.set_xticks([])
    low, high = axes.get_xlim()
    room = (high - low) * 0.105
    ordered = sorted(values.items(), key=lambda pair: pair[1])
    places = [value for _, value in ordered]
    for turn in range(1, len(places)):
        places[turn] = max(places[turn], places[turn - 1] + room)
    # What was pushed beyond the right end comes back, and pushes its left neighbours.
    limit = high - room / 2
    for turn in range(len(places) - 1, -1, -1):
        places[turn] = min(places[turn], limit)
        limit = places[turn] - room
    for (level, value), place in zip(ordered, places, strict=True):
        colour = MARKS[level]["color"]
        axes.text(place, -0.75, format_number(value, digits), size=6.5, color=colour, ha="center", va="top")


def _key(sheet: Sheet, names: tuple[str, str, str], others: str) -> None:
    listed = [*names, others] if others else list(names)
    needed = sum(text_size(name, KEY_SIZE)[0] + KEY_MARK for name in listed)
    left = 60 if needed <= JOURNAL_WIDTH_MM - 62 else 0.5  # above the strips, or from the edge if names are long
    axes = sheet.axes(left, 1.2, JOURNAL_WIDTH_MM - left - 2, 6)
    axes.set_axis_off()
    for mark, name in zip(MARKS.values(), names, strict=True):
        axes.plot([], [], linestyle="none", label=name, **mark)
    if others:
        axes.plot([], [], "|", color="#9a9a9a", markersize=7, label=others)
    axes.legend(
        loc="upper left", ncols=4, frameon=False, borderaxespad=0, borderpad=0, handletextpad=0.3, fontsize=KEY_SIZE
    )
