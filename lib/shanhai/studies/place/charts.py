"""Charts of the pages of places: a place beside others on one strip an indicator, and the parts of its gap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.core.places import NATION
from shanhai.methods.decomposition.gap import GapAccount, parts_that_differ
from shanhai.render.charts.estimates import coefficient_plot
from shanhai.render.figure_data import with_data
from shanhai.render.numbers import format_number, is_missing
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.render.words import Pair
from shanhai.studies.place.analysis import County, Prefecture, ProfileLine
from shanhai.studies.place.design import Indicator
from shanhai.studies.place.standing import Standing
from shanhai.studies.place.words import WORDS, full, indicator_words, short

_MARKS: dict[str, dict[str, Any]] = {
    "place": {"marker": "D", "markersize": 6, "color": "#d55e00", "zorder": 6},
    "province": {"marker": "o", "markersize": 6, "color": "#0072b2", "zorder": 5},
    "country": {"marker": "s", "markersize": 8, "color": "#000000", "fillstyle": "none", "zorder": 7},
}
"""Marker of each level; shape alone tells them apart."""

_STRIP = 11.0
"""Millimetres of height for one indicator."""

_BESIDE = 90.0
"""Millimetres of the names and units beside a strip."""

_VALUE_SIZE, _VALUE_GAP = 6.5, 1.5
"""Points of the values under their marks; millimetres between two of them."""

_KEY_SIZE, _KEY_MARK = 7.0, 10.0
"""Points of the names in the key; millimetres that a mark with its margins takes."""


def profile_chart(subject: Prefecture, profile: Sequence[ProfileLine], language: str = "en") -> Figure:
    """Prefecture, province and country on strips, with the province's other prefectures as ticks."""
    rows = [_Row(line.indicator, line.place, line.province, line.country, line.others, line.codes) for line in profile]
    places = [(short(place), place.code) for place in (subject.place, subject.province)]
    names = [*places, (WORDS.pair("country"), NATION)]
    return _profile_plot(rows, names, WORDS("chart.prefectures", language), language)


def standing_chart(subject: County, standings: Sequence[Standing], language: str = "en") -> Figure:
    """The county, the median of its class and the province on strips; ticks are the class."""
    rows = [_Row(each.indicator, each.value, each.median, each.province, each.others, each.codes) for each in standings]
    province = (short(subject.province), subject.province.code)
    names = [(full(subject.place), subject.place.code), (WORDS.pair("chart.median"), ""), province]
    return _profile_plot(rows, names, WORDS("chart.peers", language), language)


def gap_chart(account: GapAccount, language: str = "en") -> Figure:
    """Parts of a gap with their intervals."""
    parts = account.to_frame().rename(columns={"contribution": "estimate", "part": "term"}).assign(model="gap")
    return coefficient_plot(
        parts,
        terms={part.name: WORDS(f"part.{part.name}", language) for part in parts_that_differ(account.parts)},
        models={"gap": WORDS("chart.part", language)},
        language=language,
        outcome=WORDS.pair("chart.parts"),
    )


@dataclass(frozen=True)
class _Row:
    """An indicator, the values printed, and what the grey ticks show: values of the places of the codes."""

    indicator: Indicator
    place: float
    province: float
    country: float
    others: Sequence[float]
    codes: Sequence[str]

    @property
    def words(self) -> tuple[Pair, Pair]:
        """Name and unit."""
        return indicator_words(self.indicator)


def _profile_plot(rows: Sequence[_Row], names: Sequence[tuple[Pair, str]], others: str, language: str) -> Figure:
    """Draw a place, its province and the country on one strip for each indicator; a missing value is said in words.

    ``names`` of the three have their codes, a median has none.
    """
    check_language(language)
    with theme():
        sheet = Sheet(JOURNAL_WIDTH_MM, _STRIP * len(rows) + 12)
        for position, row in enumerate(rows):
            top = 8 + position * _STRIP
            name = wrap(label(language, *row.words[0], joint="\n"), 7.5, 54)
            unit = label(language, *row.words[1])
            sheet.text(0.5, top + 1.0, name, 7.5)
            sheet.text(JOURNAL_WIDTH_MM - 24, top + 3.0, wrap(unit, 7, 24), 7)
            _strip(sheet.axes(60, top, JOURNAL_WIDTH_MM - _BESIDE, _STRIP - 5), row, language)
        levels = [label(language, *name) for name, _ in names]
        _key(sheet, levels, others if any(len(row.others) for row in rows) else "")
    marks = list(zip(_MARKS, levels, (code for _, code in names), strict=True))
    return with_data(sheet.figure, pd.concat([_marks(row, marks, others, language) for row in rows], ignore_index=True))


def _marks(row: _Row, marks: Sequence[tuple[str, str, str]], others: str, language: str) -> pd.DataFrame:
    """One row a mark of a strip, the grey ticks last."""
    own = [(*mark, getattr(row, mark[0])) for mark in marks]
    ticks = [("others", others, code, value) for code, value in zip(row.codes, row.others, strict=True)]
    drawn = pd.DataFrame([*own, *ticks], columns=["series", "series_label", "code", "value"])
    name, unit = (label(language, *pair) for pair in row.words)
    return drawn.assign(variable=row.indicator.column, label=name, unit=unit)


def _strip(axes: Axes, row: _Row, language: str) -> None:
    values = {level: getattr(row, level) for level in _MARKS if not is_missing(getattr(row, level))}
    if not values:
        raise ReportError(f"Indicator {row.words[0][0]!r} has no value for place, province or country; leave it out.")
    known = [float(value) for value in (*values.values(), *row.others) if not is_missing(value)]
    spread = max(known) - min(known) or abs(known[0]) or 1.0
    axes.set(xlim=(min(known) - 0.08 * spread, max(known) + 0.08 * spread), ylim=(-1, 1), yticks=[])
    axes.plot(list(row.others), np.zeros(len(row.others)), "|", color="#9a9a9a", markersize=7, markeredgewidth=0.8)
    for level, value in values.items():
        axes.plot([value], [0], linestyle="none", **_MARKS[level])
    axes.spines[["left", "top", "right"]].set_visible(False)
    axes.spines["bottom"].set_position(("data", 0))
    axes.spines["bottom"].set(color="#c8c8c8", zorder=0)
    _print_values(axes, values, row.indicator.digits)
    if "place" not in values:
        axes.text(1, 0.9, WORDS("chart.no_data", language), transform=axes.transAxes, ha="right", size=6)


def _print_values(axes: Axes, values: dict[str, float], digits: int) -> None:
    """Values under their marks, pushed apart so that none covers another."""
    axes.set_xticks([])
    low, high = axes.get_xlim()
    ordered = sorted(values.items(), key=lambda pair: pair[1])
    texts = [format_number(value, digits) for _, value in ordered]
    scale = (high - low) / (JOURNAL_WIDTH_MM - _BESIDE)
    widths = [(text_size(text, _VALUE_SIZE)[0] + _VALUE_GAP) * scale for text in texts]
    places = _pushed_apart([value for _, value in ordered], widths, low, high)
    for (level, _), text, place in zip(ordered, texts, places, strict=True):
        axes.text(place, -0.75, text, size=_VALUE_SIZE, color=_MARKS[level]["color"], ha="center", va="top")


def _pushed_apart(wanted: Sequence[float], widths: Sequence[float], low: float, high: float) -> np.ndarray:
    """Centres of labels between two ends that do not overlap, as near as can be (least squares) to ascending places."""
    half = np.array(widths) / 2
    from_first = np.concatenate([[0.0], np.cumsum(half[:-1] + half[1:])])
    # Without the room that those before it take, a label only has to stand no further left than the one before it:
    # those that would are pooled at their mean.
    pools: list[list[float]] = []
    for place in np.array(wanted) - from_first:
        pools.append([place])
        while len(pools) > 1 and np.mean(pools[-2]) > np.mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    freed = np.concatenate([np.full(len(pool), np.mean(pool)) for pool in pools])
    return np.clip(freed, low + half[0], high - half[-1] - from_first[-1]) + from_first


def _key(sheet: Sheet, names: Sequence[str], others: str) -> None:
    listed = [*names, others] if others else list(names)
    needed = sum(text_size(name, _KEY_SIZE)[0] + _KEY_MARK for name in listed)
    left = 60 if needed <= JOURNAL_WIDTH_MM - 62 else 0.5  # above the strips, or from the edge if names are long
    axes = sheet.axes(left, 1.2, JOURNAL_WIDTH_MM - left - 2, 6)
    axes.set_axis_off()
    for mark, name in zip(_MARKS.values(), names, strict=True):
        axes.plot([], [], linestyle="none", label=name, **mark)
    if others:
        axes.plot([], [], "|", color="#9a9a9a", markersize=7, label=others)
    axes.legend(
        loc="upper left", ncols=4, frameon=False, borderaxespad=0, borderpad=0, handletextpad=0.3, fontsize=_KEY_SIZE
    )
