"""Chart of pairs of places: the gap at the start against how it changed, by what lies between the two."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.render.charts.estimates import SERIES
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme

HEIGHT = 66.0
"""Millimetres of the field."""

LINE = 8
"""Pairs from which on a group gets a line; through fewer it would draw noise."""


def pair_plot(
    pairs: pd.DataFrame,
    groups: Mapping[str, str],
    *,
    language: str = "en",
    across: tuple[str, str] = ("gap at the start, log points", "期初差距（对数点）"),
    up: tuple[str, str] = ("change of the gap, percentage points a year", "差距的年变化（百分点）"),
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw pairs as dots by group, with a least-squares line for each group of eight pairs or more.

    Parameters
    ----------
    pairs : DataFrame
        ``gap_start``, ``change``, ``border``.
    groups : mapping of ``border`` to label, in order
    across, up : English and Chinese labels of the axes.

    Raises
    ------
    ReportError
        If a group has no pair, or there are more groups than markers.
    """
    check_language(language)
    absent = sorted(set(groups) - set(pairs["border"]))
    if absent or not 1 <= len(groups) <= len(SERIES):
        raise ReportError(
            f"{len(groups)} groups, without pairs: {absent}; allowed: one to {len(SERIES)} groups with pairs. Choose."
        )
    with theme():
        vertical = wrap(label(language, *up, joint="\n"), 8, HEIGHT)
        left = 11 + text_size(vertical, 8)[1]
        names = {key: wrap(name, 7, 44) for key, name in groups.items()}
        side = max(text_size(name, 7)[0] for name in names.values()) + 12
        sheet = Sheet(width, HEIGHT + 14)
        axes = sheet.axes(left, 3, width - left - side, HEIGHT)
        for key, (colour, marker) in zip(groups, SERIES, strict=False):
            rows = pairs[pairs["border"].eq(key)]
            x, y = rows["gap_start"].to_numpy(), rows["change"].to_numpy()
            axes.plot(x, y, marker, color=colour, markersize=5, linestyle="none", label=names[key])
            if len(rows) >= LINE:
                slope, level = np.polyfit(x, y, 1)
                ends = np.array([x.min(), x.max()])
                axes.plot(ends, level + slope * ends, color=colour, linewidth=1.0)
        axes.axhline(0, color="#000000", linewidth=0.6, linestyle=(0, (3, 2)), zorder=0)
        axes.set_xlabel(label(language, *across))
        axes.set_ylabel(vertical)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    return sheet.figure
