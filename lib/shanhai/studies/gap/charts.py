"""Waterfalls of gaps: part after part from the reference to the place, each with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from shanhai.core.errors import ReportError
from shanhai.data.vintage import Vintage
from shanhai.methods.decomposition import OaxacaResult
from shanhai.methods.decomposition.gap import FIXED_EFFECTS, REMAINDER, parts_that_differ
from shanhai.render.charts.estimates import INTERVAL
from shanhai.render.figure_data import with_data
from shanhai.render.numbers import format_number, is_missing
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.studies.gap.analysis import GapAnswer
from shanhai.studies.gap.design import ADMINISTRATION, DEVELOPMENT, MAIN_COEFFICIENTS, NATURE
from shanhai.studies.gap.words import WORDS

_ROW = 7.0
"""Millimetres of height of a part."""

_SIDE = 17.0
"""Millimetres of width of a column of numbers."""

_STYLES = {
    NATURE: ("#0072b2", ""),
    ADMINISTRATION: ("#e69f00", "////"),
    DEVELOPMENT: ("#cc79a7", "...."),
    FIXED_EFFECTS: ("#009e73", "\\\\\\\\"),
    REMAINDER: ("#9a9a9a", "xx"),
}
"""Fill (Okabe and Ito, and grey) and hatching of each block, so that print without colour tells them apart."""


@dataclass(frozen=True)
class _Step:
    """A part of a waterfall: key, printed name, the block that it looks like, value and interval (missing: none)."""

    part: str
    name: str
    block: str
    value: float
    low: float
    high: float


def gap_waterfall(answer: GapAnswer, language: str = "en") -> Figure:
    """Shapley shares from the reference down (or up) to the place."""
    blocks = {group.name: group.block for group in answer.shares.design.groups}
    steps = [
        _Step(
            part.name,
            WORDS(f"part.{part.name}", language),
            blocks.get(part.name, part.name),
            part.contribution,
            part.low,
            part.high,
        )
        for part in parts_that_differ(answer.shares.parts)
    ]
    ends = (
        label(language, answer.reference.name_en, answer.reference.name_zh),
        label(language, answer.place.name_en, answer.place.name_zh),
    )
    axis = WORDS("chart.parts", language, year=str(answer.vintage.gdp))
    return _waterfall(steps, ends, axis, in_percent=answer.in_percent, language=language)


def mountain_waterfall(
    result: OaxacaResult, vintage: Vintage, language: str = "en", coefficients: str = MAIN_COEFFICIENTS
) -> Figure:
    """The gap of the 26, explained part by group."""
    blocks = {group.name: group.block for group in result.design.shares.groups}
    parts = [(part, part.name) for part in result.explained[coefficients]]
    parts.append((result.twofold[coefficients][1], REMAINDER))
    steps = [
        _Step(
            name,
            WORDS(f"part.{name}", language),
            blocks.get(name, name),
            part.contribution,
            part.low,
            part.high,
        )
        for part, name in parts
    ]
    ends = (WORDS("chart.others", language), WORDS("chart.mountain", language))
    axis = WORDS("chart.mountain_parts", language, year=str(vintage.gdp))
    return _waterfall(steps, ends, axis, language=language)


def _waterfall(
    steps: Sequence[_Step], ends: tuple[str, str], axis: str, *, in_percent: bool = True, language: str
) -> Figure:
    """Draw a gap as parts that follow each other from the reference (zero) to the place."""
    check_language(language)
    unknown = sorted({step.block for step in steps} - set(_STYLES))
    if unknown:
        raise ReportError(
            f"groups of the blocks {unknown} cannot be told apart; allowed: {list(_STYLES)}. Name their blocks so."
        )
    with theme():
        names = [wrap(name, 8, 48) for name in (ends[0], *(step.name for step in steps), ends[1])]
        left = max(text_size(name, 8)[0] for name in names) + 5
        shown = [block for block in _STYLES if any(step.block == block for step in steps)]
        blocks = {block: WORDS(f"block.{block}", language) for block in shown}
        columns = max(1, int((JOURNAL_WIDTH_MM - 4) / (max(text_size(block, 7)[0] for block in blocks.values()) + 12)))
        above = 3 + 4.5 * -(-len(shown) // columns)
        sheet = Sheet(JOURNAL_WIDTH_MM, _ROW * len(names) + 14 + above)
        across = JOURNAL_WIDTH_MM - left - 2 - _SIDE * (1 + in_percent)
        axes = sheet.axes(left, above, across, _ROW * len(names))
        _draw(axes, steps)
        _finish(axes, names, WORDS("chart.interval", language), axis)
        _values(axes, across, steps, in_percent, language)
        handles = [
            Patch(facecolor=colour, hatch=hatch, edgecolor="#ffffff", linewidth=0.4, label=name)
            for (colour, hatch), name in ((_STYLES[block], name) for block, name in blocks.items())
        ]
        sheet.figure.legend(
            handles=handles, loc="upper left", ncols=columns, frameon=False, borderaxespad=0.3, labelspacing=0.4
        )
    return with_data(sheet.figure, _rows(steps, ends, axis, in_percent))


def _rows(steps: Sequence[_Step], ends: tuple[str, str], axis: str, in_percent: bool) -> pd.DataFrame:
    """Where each bar begins, what it adds with its interval, and at last the whole gap."""
    rows = pd.DataFrame(
        [(step.part, step.name, step.block, step.value, step.low, step.high) for step in steps],
        columns=["part", "label", "block", *INTERVAL],
    )
    rows.insert(3, "begins_at", rows["value"].cumsum().shift(fill_value=0.0))
    whole = {
        "part": "gap",
        "label": f"{ends[0]} → {ends[1]}",
        "block": "",
        "begins_at": 0.0,
        "value": rows["value"].sum(),
    }
    rows = pd.concat([rows, pd.DataFrame([whole])], ignore_index=True).assign(quantity=axis)
    return rows.assign(share_percent=100 * rows["value"] / rows["value"].iloc[-1]) if in_percent else rows


def _draw(axes: Axes, steps: Sequence[_Step]) -> None:
    """Draw the bars."""
    at = 0.0
    axes.plot([0, 0], [-0.4, 0.6], color="#000000", linewidth=1.4)
    for row, step in enumerate(steps, start=1):
        colour, hatch = _STYLES[step.block]
        (bar,) = axes.barh(row, step.value, left=at, height=0.58, color=colour, edgecolor="#ffffff", zorder=2)
        bar.set(hatch=hatch, linewidth=0.4)
        if not is_missing(step.low):
            axes.hlines(row, at + step.low, at + step.high, color="#000000", linewidth=0.9, zorder=3)
            axes.vlines(
                [at + step.low, at + step.high], row - 0.13, row + 0.13, color="#000000", linewidth=0.9, zorder=3
            )
        at += step.value
        axes.plot([at, at], [row - 0.29, row + 0.71], color="#555555", linewidth=0.5, zorder=1)
    axes.barh(len(steps) + 1, at, height=0.58, color="#333333", zorder=2)


def _finish(axes: Axes, names: list[str], note: str, axis: str) -> None:
    """Axes without clutter."""
    axes.axvline(0, color="#000000", linewidth=0.6, linestyle=(0, (3, 2)), zorder=0)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0, labelsize=8)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel(f"{axis}\n{note}")
    axes.margins(x=0.03)


def _values(axes: Axes, axes_width: float, steps: Sequence[_Step], in_percent: bool, language: str) -> None:
    """Value of each part, and its share, in columns at the right."""
    total = sum(step.value for step in steps)
    values = [*(step.value for step in steps), total]
    columns = [(WORDS("chart.points", language, joint="\n"), [format_number(value, 3) for value in values])]
    if in_percent:
        shares = [format_number(100 * value / total, 0) for value in values]
        columns.append((WORDS("chart.share", language, joint="\n"), shares))
    place = axes.get_yaxis_transform()
    step = _SIDE / axes_width
    for number, (head, texts) in enumerate(columns, start=1):
        axes.text(1 + number * step, 0, head, transform=place, ha="right", va="center", size=6.5)
        for row, text in enumerate(texts, start=1):
            axes.text(1 + number * step, row, text, transform=place, ha="right", va="center", size=7)
