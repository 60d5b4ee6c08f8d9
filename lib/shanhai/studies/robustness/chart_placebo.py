"""Chart of placebo tests: the statistics of all draws, and where the real one stands among them."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from shanhai.core.errors import ReportError
from shanhai.methods.placebo import RandomizationTest
from shanhai.methods.placebo.borders import BorderPlacebo
from shanhai.render.charts.estimates import SERIES
from shanhai.render.maps.sheet import Sheet, text_size, wrap
from shanhai.render.numbers import format_number
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme

BARS = 45
"""Bars of a histogram, the same for all panels."""

PANEL = 32.0
"""Millimetres of height of a panel."""

STATISTICS: dict[str, tuple[str, str]] = {
    "t": ("t-ratio of the draw", "抽样的t值"),
    "estimate": ("estimate of the draw", "抽样的估计值"),
}
"""What can be drawn: English, Chinese."""


def placebo_plot(
    placebos: Mapping[tuple[str, str], BorderPlacebo | RandomizationTest],
    *,
    language: str = "en",
    statistic: str = "t",
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw histograms of placebo statistics, one panel a test, with the real one as a line.

    Parameters
    ----------
    placebos : mapping of (English, Chinese) title to a test
        Drawn from top to bottom with one horizontal axis.
    language : str
    statistic : str
        ``t`` (two-sided p by the t-ratio) or ``estimate``.
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If there is no test, or the statistic is unknown.
    """
    check_language(language)
    if statistic not in STATISTICS or not placebos:
        raise ReportError(
            f"statistic {statistic!r} of {len(placebos)} tests; allowed: {', '.join(STATISTICS)} of one test or more. "
            "Pass results of compare_borders or randomization_test."
        )
    tests = [one.test if isinstance(one, BorderPlacebo) else one for one in placebos.values()]
    drawn = [_values(test, statistic) for test in tests]
    real = [test.t if statistic == "t" else test.estimate for test in tests]
    low, high = (float(f([*(f(one) for one in drawn), f(real), 0.0])) for f in (min, max))
    margin = 0.03 * (high - low)
    edges = np.linspace(low - margin, high + margin, BARS + 1)
    with theme():
        titles = [wrap(label(language, *title), 8, width - 18) for title in placebos]
        tops = [text_size(title, 8)[1] + 7 for title in titles]
        sheet = Sheet(width, sum(tops) + PANEL * len(tests) + 12)
        top = 0.0
        for title, above, test, values, value in zip(titles, tops, tests, drawn, real, strict=True):
            axes = sheet.axes(13, top + above, width - 17, PANEL)
            sheet.text(13, top + 2, title, 8)
            _panel(axes, values, value, edges)
            _say(axes, value, edges, _words(test, value, statistic, language))
            top += above + PANEL
            if test is not tests[-1]:
                axes.tick_params(labelbottom=False)
        axes.set_xlabel(label(language, *STATISTICS[statistic]))
    return sheet.figure


def _values(test: RandomizationTest, statistic: str) -> np.ndarray:
    values = test.t_ratios if statistic == "t" else test.estimates
    return values[np.isfinite(values)]


def _panel(axes: Axes, values: np.ndarray, real: float, edges: np.ndarray) -> None:
    axes.hist(values, bins=edges.tolist(), color="#9ecae1", edgecolor="#ffffff", linewidth=0.3)
    axes.axvline(0, color="#7f7f7f", linewidth=0.6, linestyle=(0, (3, 2)))
    axes.axvline(real, color=SERIES[1][0], linewidth=1.6)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, 1.18 * max(axes.get_ylim()[1], 1.0))
    axes.spines[["top", "right"]].set_visible(False)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))


def _say(axes: Axes, real: float, edges: np.ndarray, words: str) -> None:
    """Write the words beside the real statistic, on the side where there is more room."""
    right = real < (edges[0] + edges[-1]) / 2
    axes.annotate(
        words,
        (real, axes.get_ylim()[1]),
        xytext=(4 if right else -4, -1),
        textcoords="offset points",
        ha="left" if right else "right",
        va="top",
        fontsize=7,
        color=SERIES[1][0],
    )


def _words(test: RandomizationTest, value: float, statistic: str, language: str) -> str:
    p = format_number(test.p if statistic == "t" else test.p_of_estimate, 3)
    number, draws = format_number(value, 2 if statistic == "t" else 3), format_number(test.draws, 0)
    return label(
        language, f"real {number}, p = {p} ({draws} draws)", f"真实值{number}，p = {p}（{draws}次抽样）", joint="\n"
    )
