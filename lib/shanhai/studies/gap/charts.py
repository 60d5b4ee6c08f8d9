"""Waterfall of a gap: part after part from the reference to the place, each with its interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from shanhai.core.errors import ReportError
from shanhai.render.maps.sheet import Sheet, text_size, wrap
from shanhai.render.numbers import format_number, is_missing
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme

ROW = 7.0
"""Millimetres of height of a part."""

SIDE = 17.0
"""Millimetres of width of a column of numbers."""

COLOURS = ("#0072b2", "#e69f00", "#cc79a7", "#009e73", "#9a9a9a")
"""Fill of each block, in the order of its first part (Okabe and Ito, and grey)."""

HATCHES = ("", "////", "....", "\\\\\\\\", "xx")
"""Hatching of each block, so that print without colour tells them apart."""


@dataclass(frozen=True)
class Step:
    """One part of the waterfall."""

    name: str
    """Printed name."""
    block: str
    """Printed name of the block that the part belongs to; parts of one block look alike."""
    value: float
    """Part, in the unit of the axis."""
    low: float
    """Lower end of its interval; missing for none."""
    high: float
    """Upper end of its interval."""


def waterfall_plot(
    steps: Sequence[Step],
    ends: tuple[str, str],
    *,
    blocks: Sequence[str],
    axis: str,
    in_percent: bool = True,
    language: str = "en",
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw a gap as parts that follow each other from the reference (zero) to the place.

    Parameters
    ----------
    steps : sequence of Step
        From top to bottom; their values add up to the gap.
    ends : tuple of str
        Printed names of the reference and the place.
    blocks : sequence of str
        Printed names of all blocks that such figures know, so that one looks the same in each of them.
    axis : str
        Label of the horizontal axis.
    in_percent : bool
        Whether parts are printed in percent of the gap too.
    language : str
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If there is no step, or a step of a block that cannot be told apart.
    """
    check_language(language)
    styles = dict(zip(blocks, zip(COLOURS, HATCHES, strict=True), strict=False))
    unknown = sorted({step.block for step in steps} - set(styles))
    if unknown or not steps:
        raise ReportError(
            f"{len(steps)} steps, {unknown} of no block that can be told apart; allowed: steps of the blocks "
            f"{list(styles)}, at most {len(COLOURS)}. Name their blocks, or join some of them."
        )
    with theme():
        names = [wrap(name, 8, 48) for name in (ends[0], *(step.name for step in steps), ends[1])]
        left = max(text_size(name, 8)[0] for name in names) + 5
        shown = [block for block in styles if any(step.block == block for step in steps)]
        columns = max(1, int((width - 4) / (max(text_size(block, 7)[0] for block in shown) + 12)))
        above = 3 + 4.5 * -(-len(shown) // columns)
        sheet = Sheet(width, ROW * len(names) + 14 + above)
        across = width - left - 2 - SIDE * (1 + in_percent)
        axes = sheet.axes(left, above, across, ROW * len(names))
        _draw(axes, steps, styles)
        _finish(axes, names, label(language, "95% interval of each part", "各部分的95%区间"), axis)
        _values(axes, across, steps, in_percent, language)
        handles = [_patch(block, *styles[block]) for block in shown]
        sheet.figure.legend(
            handles=handles, loc="upper left", ncols=columns, frameon=False, borderaxespad=0.3, labelspacing=0.4
        )
    return sheet.figure


def _draw(axes: Axes, steps: Sequence[Step], styles: Mapping[str, tuple[str, str]]) -> None:
    """Draw the bars."""
    at = 0.0
    axes.plot([0, 0], [-0.4, 0.6], color="#000000", linewidth=1.4)
    for row, step in enumerate(steps, start=1):
        colour, hatch = styles[step.block]
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


def _values(axes: Axes, axes_width: float, steps: Sequence[Step], in_percent: bool, language: str) -> None:
    """Value of each part, and its share, in columns at the right."""
    total = sum(step.value for step in steps)
    values = [*(step.value for step in steps), total]
    columns = [(label(language, "log points", "对数点", joint="\n"), [format_number(value, 3) for value in values])]
    if in_percent:
        shares = [format_number(100 * value / total, 0) for value in values]
        columns.append((label(language, "% of gap", "占差距%", joint="\n"), shares))
    place = axes.get_yaxis_transform()
    step = SIDE / axes_width
    for number, (head, texts) in enumerate(columns, start=1):
        axes.text(1 + number * step, 0, head, transform=place, ha="right", va="center", size=6.5)
        for row, text in enumerate(texts, start=1):
            axes.text(1 + number * step, row, text, transform=place, ha="right", va="center", size=7)


def _patch(block: str, colour: str, hatch: str) -> Patch:
    return Patch(facecolor=colour, hatch=hatch, edgecolor="#ffffff", linewidth=0.4, label=block)
