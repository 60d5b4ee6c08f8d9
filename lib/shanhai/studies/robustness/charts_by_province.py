"""The border difference of every province, or pair of provinces, as a caterpillar: by itself and shrunk to the mean."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from shanhai.render.charts.estimates import INTERVAL, SERIES
from shanhai.render.figure_data import with_data
from shanhai.render.sheet import Sheet, text_size
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.studies.robustness.by_province import SplitDifference
from shanhai.studies.robustness.design import WORDS

_ROW = 3.4
"""Millimetres of height of a unit."""

_SIZE = 7.0
_GREY = "#9a9a9a"
_BLACK = "#000000"
_EDGE = 0.05
"""Share of the bounds of intervals that the frame leaves out on each side; shrunken estimates are all inside."""


def caterpillar_plot(found: SplitDifference, *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw each unit in the order of its shrunken estimate; those that the documents speak of are coloured.

    Parameters
    ----------
    found : SplitDifference
        Of ``border_by``.
    language : str
    width : float
        Millimetres.
    """
    check_language(language)
    units = found.units
    low, high = found.pooled.mean.interval()
    with theme():
        names = [label(language, *pair) for pair in units[["name_en", "name_zh"]].to_numpy()]
        left = max(text_size(name, _SIZE)[0] for name in names) + 5
        sheet = Sheet(width, _ROW * len(units) + 25)
        axes = sheet.axes(left, 9, width - left - 4, _ROW * len(units))
        axes.axvspan(low, high, color="#dddddd", linewidth=0, zorder=0)
        axes.axvline(found.pooled.mean.value, color=_GREY, linewidth=0.8, zorder=1)
        axes.axvline(0, color=_BLACK, linewidth=0.6, linestyle=(0, (3, 2)), zorder=1)
        for height, row in enumerate(units.to_dict("records")):
            colour = SERIES[1][0] if row["is_named"] else SERIES[0][0]
            axes.hlines(height - 0.22, row["raw_low"], row["raw_high"], color=_GREY, linewidth=0.6, zorder=2)
            axes.plot(row["estimate"], height - 0.22, "o", color=_GREY, markerfacecolor="#ffffff", markersize=2.6)
            axes.hlines(height + 0.18, row["low"], row["high"], color=colour, linewidth=1.4, zorder=3)
            axes.plot(row["shrunk"], height + 0.18, "o", color=colour, markersize=3.2, zorder=4)
        ends = units[["low", "high"]]
        start = min(ends["low"].quantile(_EDGE), units["shrunk"].min())
        end = max(ends["high"].quantile(1 - _EDGE), units["shrunk"].max())
        axes.set_xlim(start - 0.1 * (end - start), end + 0.1 * (end - start))
        axes.set_ylim(len(units) - 0.4, -0.6)
        axes.set_yticks(range(len(units)), names)
        for tick, named in zip(axes.get_yticklabels(), units["is_named"], strict=True):
            tick.set_color(SERIES[1][0] if named else _BLACK)
        axes.tick_params(axis="y", length=0, labelsize=_SIZE)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.set_xlabel(WORDS("split.figure.outcome", language, joint="\n"))
        words = {key: WORDS(f"split.figure.{key}", language) for key in ("own", "shrunk", "mean")}
        sheet.figure.legend(
            handles=[
                Line2D([], [], color=_GREY, marker="o", markerfacecolor="#ffffff", markersize=3, label=words["own"]),
                Line2D([], [], color=SERIES[0][0], marker="o", markersize=3.4, linewidth=1.4, label=words["shrunk"]),
                Patch(color="#dddddd", label=words["mean"]),
            ],
            loc="upper left",
            bbox_to_anchor=(0.01, 1.0),
            ncols=3,
            frameon=False,
            fontsize=7.5,
        )
    own = units.assign(value=units["estimate"], low=units["raw_low"], high=units["raw_high"])
    mean = pd.DataFrame({"value": [found.pooled.mean.value], "low": [low], "high": [high]})
    layers = {"own": own, "shrunk": units.assign(value=units["shrunk"]), "mean": mean}
    kept = ["unit", "name_en", "name_zh", "is_named", *INTERVAL, "counties"]
    quantity = WORDS("split.figure.outcome", language)
    rows = {key: table.filter(kept).rename(columns={"unit": "code"}) for key, table in layers.items()}
    return with_data(sheet.figure, {key: table.assign(quantity=quantity) for key, table in rows.items()})
