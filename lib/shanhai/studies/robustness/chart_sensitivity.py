"""Sensitivity to what is not seen, drawn: what a confounder of given strength would leave of an estimate."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from shanhai.core.errors import ReportError
from shanhai.render.charts.estimates import SERIES
from shanhai.render.maps.sheet import Sheet
from shanhai.render.numbers import format_number
from shanhai.render.style import label, theme
from shanhai.studies.robustness.chart_adjustment import Names, named_variable, require_columns


def contour_plot(
    contour: pd.DataFrame,
    bounds: pd.DataFrame,
    *,
    language: str = "en",
    names: Names | None = None,
    width: float = 130,
) -> Figure:
    """Draw the estimate that is left after a confounder of given strength, with multiples of observed covariates.

    Parameters
    ----------
    contour : DataFrame
        From ``sensitivity_contour``, a full grid.
    bounds : DataFrame
        From ``benchmark_bounds``; rows beyond the grid or without a value are left out.
    language : str
    names : mapping of benchmark to English and Chinese, optional
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If the grid is not full, or there are more benchmarks than markers.
    """
    require_columns(contour, ("r2_treatment", "r2_outcome", "estimate"), language)
    require_columns(bounds, ("benchmark", "multiple", "r2_treatment", "r2_outcome", "estimate"), language)
    grid = contour.pivot(index="r2_outcome", columns="r2_treatment", values="estimate")
    kinds = list(dict.fromkeys(bounds["benchmark"]))
    if grid.isna().to_numpy().any() or len(kinds) > len(SERIES):
        raise ReportError(f"The grid has holes, or {len(kinds)} benchmarks exceed {len(SERIES)} markers; pass fewer.")
    with theme():
        top = 6 + 4.2 * (len(kinds) + 1)
        sheet = Sheet(width, top + 90)
        axes = sheet.axes(19, top, width - 23, 72)
        x, y = 100 * grid.columns.to_numpy(dtype=float), 100 * grid.index.to_numpy(dtype=float)
        steps = MaxNLocator(9).tick_values(grid.to_numpy().min(), grid.to_numpy().max())
        levels = [one for one in steps if abs(one) > 1e-9]  # zero has a line of its own
        lines = axes.contour(x, y, grid.to_numpy(), levels=levels, colors="#8a8a8a", linewidths=0.6, linestyles="solid")
        axes.clabel(lines, fontsize=6, fmt=lambda value: format_number(value, 2))
        zero = axes.contour(x, y, grid.to_numpy(), levels=[0.0], colors="#000000", linewidths=1.3)
        if zero.allsegs[0]:
            axes.plot([], [], color="#000000", linewidth=1.3, label=label(language, "nothing left", "效应为零"))
        for order, kind in enumerate(kinds):
            _benchmark(
                axes, bounds[bounds["benchmark"].eq(kind)], SERIES[order], named_variable(kind, names or {}, language)
            )
        axes.set(xlim=(0, x.max()), ylim=(0, y.max()))
        en = "confounder explains, % of the {}'s residual variance"
        axes.set_xlabel(label(language, en.format("border"), "混杂因素解释的省界剩余方差，%", joint="\n"))
        axes.set_ylabel(label(language, en.format("outcome"), "混杂因素解释的结果剩余方差，%", joint="\n"))
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1, frameon=False, borderaxespad=0.2)
    return sheet.figure


def _benchmark(axes: Axes, rows: pd.DataFrame, series: tuple[str, str], name: str) -> None:
    """Multiples of one covariate as a string of markers, each with its multiple."""
    right, top = (axes.dataLim.x1, axes.dataLim.y1)
    inside = rows[(100 * rows["r2_treatment"] <= right) & (100 * rows["r2_outcome"] <= top)]
    colour, marker = series
    x, y = 100 * inside["r2_treatment"], 100 * inside["r2_outcome"]
    axes.plot(x, y, color=colour, marker=marker, markersize=4.5, linewidth=0.7, label=name)
    last = (-np.inf, -np.inf)
    for place, multiple in zip(zip(x, y, strict=True), inside["multiple"], strict=True):
        if np.hypot((place[0] - last[0]) / right, (place[1] - last[1]) / top) < 0.03:
            continue  # markers in one spot: the first says enough
        text = f"{format_number(multiple)}×"
        axes.annotate(text, place, xytext=(4, 3), textcoords="offset points", size=6.5, color=colour)
        last = place
