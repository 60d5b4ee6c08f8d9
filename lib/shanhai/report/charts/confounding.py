"""Border or mountain: overlap, balance, terrain surface and sensitivity, drawn."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from shanhai.errors import ReportError
from shanhai.report.charts.estimates import SERIES
from shanhai.report.maps.sheet import Sheet, text_size, wrap
from shanhai.report.numbers import format_number
from shanhai.report.style import JOURNAL_WIDTH_MM, check_language, label, theme

Names = Mapping[str, tuple[str, str]]

ARMS = {True: ("border counties", "省界县"), False: ("interior counties", "内陆县")}
"""Names of treated and untreated units."""

VARIABLES: Names = {
    "ruggedness": ("ruggedness, m", "地形崎岖度，米"),
    "elevation_mean_m": ("mean elevation, m", "平均海拔，米"),
    "is_district": ("district", "市辖区"),
    "log_area_km2": ("area, log km²", "面积，对数"),
    "log_distance_to_capital_km": ("distance to the capital, log km", "到省会距离，对数"),
    "propensity": ("propensity", "倾向得分"),
}
"""Variables of the charts: English, Chinese; others are drawn under their own name."""

SCHEMES: Names = {
    "unweighted": ("unweighted", "未加权"),
    "overlap weights": ("overlap weights", "重叠加权"),
    "entropy balancing": ("entropy balancing", "熵平衡"),
    "matched pairs": ("matched pairs", "配对"),
}
"""Weighting schemes of the love plot."""

DASHED = (0, (3, 2))


def overlap_plot(
    distributions: pd.DataFrame, *, language: str = "en", names: Names = VARIABLES, width: float = JOURNAL_WIDTH_MM
) -> Figure:
    """Draw histograms of both arms, one panel a variable, values as deviations from the province's mean.

    Parameters
    ----------
    distributions : DataFrame
        From ``distributions``: variable, treated, low, high, share.
    language : str
    names : mapping of variable to English and Chinese
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If there is nothing to draw or an arm is absent.
    """
    _require(distributions, ("variable", "treated", "low", "high", "share"), language)
    panels = list(dict.fromkeys(distributions["variable"]))
    columns = min(3, len(panels))
    lines = -(-len(panels) // columns)
    room = (width - 17) / columns
    with theme():
        sheet = Sheet(width, 46 * lines + 9)
        for order, variable in enumerate(panels):
            axes = sheet.axes(17 + room * (order % columns), 8 + 46 * (order // columns), room - 6, 32)
            rows = distributions[distributions["variable"].eq(variable)]
            if set(rows["treated"]) != {True, False}:
                raise ReportError(f"Variable {variable!r} has one arm only; pass the histograms of both.")
            for place, side in enumerate((True, False)):
                part = rows[rows["treated"].eq(side)]
                edges = [*part["low"], part["high"].iloc[-1]]
                colour, style = SERIES[1 - place][0], ("-", DASHED)[place]
                axes.stairs(100 * part["share"], edges, color=colour, linewidth=1.1, linestyle=style)
                axes.stairs(100 * part["share"], edges, color=colour, alpha=0.15, fill=True)
                axes.plot([], [], color=colour, linestyle=style, label=label(language, *ARMS[side]))
            title = wrap(_named(variable, names, language), 8, room - 8)
            axes.set_xlabel(title)
            axes.set_ylim(bottom=0)
            axes.locator_params(axis="x", nbins=4)
            axes.spines[["top", "right"]].set_visible(False)
            if order % columns == 0:
                axes.set_ylabel(label(language, "% of the counties", "占县数的%", joint="\n"))
            if order == 0:
                axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0.2)
    return sheet.figure


def love_plot(
    balance: pd.DataFrame,
    *,
    language: str = "en",
    names: Names = VARIABLES,
    schemes: Names = SCHEMES,
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw standardised differences of each variable before and after weighting.

    Parameters
    ----------
    balance : DataFrame
        One adjustment of ``BorderOrMountain.balance``: variable, scheme, difference_sd.
    language : str
    names, schemes : mappings to English and Chinese
        Schemes are drawn in the order of the mapping; others are left out.
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If nothing is left to draw or a pair occurs twice.
    """
    _require(balance, ("variable", "scheme", "difference_sd"), language)
    drawn = [key for key in schemes if key in set(balance["scheme"])]
    if not drawn or len(drawn) > len(SERIES) or balance.duplicated(["variable", "scheme"]).any():
        raise ReportError(
            f"Schemes {sorted(set(balance['scheme']))} against {list(schemes)}: pass one adjustment, each pair of "
            f"variable and scheme once, and one to {len(SERIES)} schemes by name."
        )
    variables = list(dict.fromkeys(balance["variable"]))
    with theme():
        rows = [wrap(_named(variable, names, language), 8, 50) for variable in variables]
        left = max(text_size(name, 8)[0] for name in rows) + 4
        sheet = Sheet(width, 9 * len(rows) + 31)
        axes = sheet.axes(left, 13, width - left - 3, 9 * len(rows))
        for order, scheme in enumerate(drawn):
            part = balance[balance["scheme"].eq(scheme)].set_index("variable")["difference_sd"].reindex(variables)
            colour, marker = SERIES[order]
            face = "none" if scheme == "unweighted" else colour
            shift = (order - (len(drawn) - 1) / 2) * 0.16
            style: dict[str, Any] = {"color": colour, "markerfacecolor": face, "markersize": 4.5, "linestyle": "none"}
            axes.plot(part, np.arange(len(rows)) + shift, marker, label=label(language, *schemes[scheme]), **style)
        for bound in (-0.1, 0.1):
            axes.axvline(bound, color="#9a9a9a", linewidth=0.6, linestyle=DASHED, zorder=0)
        axes.axvline(0, color="#000000", linewidth=0.6, zorder=0)
        axes.set_yticks(range(len(rows)), rows)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0, labelsize=8)
        axes.spines[["top", "right", "left"]].set_visible(False)
        en = "border less interior, within provinces, in standard deviations (dashed: ±0.1)"
        axes.set_xlabel(label(language, en, "省内省界县减内陆县，以标准差计（虚线：±0.1）", joint="\n"))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0.2)
    return sheet.figure


def surface_plot(
    binned: pd.DataFrame,
    smooth: pd.DataFrame,
    *,
    language: str = "en",
    terrain: tuple[str, str] = ("ruggedness, m", "地形崎岖度，米"),
    outcome: tuple[str, str] = ("border less interior, log points", "省界县减内陆县，对数点"),
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw the border difference along terrain: curve with its interval and band, and bins with intervals.

    Parameters
    ----------
    binned, smooth : DataFrame
        ``points`` of ``binned_surface`` and ``smooth_surface``.
    language : str
    terrain, outcome : tuple of str
        Labels of the axes in English and Chinese.
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If a column is absent or nothing is there.
    """
    _require(binned, ("at", "estimate", "low_95", "high_95", "n_treated"), language)
    _require(smooth, ("at", "estimate", "low_95", "high_95", "band_low", "band_high"), language)
    with theme():
        sheet = Sheet(width, 84)
        axes = sheet.axes(19, 13, width - 22, 54)
        blue, orange = SERIES[0][0], SERIES[1][0]
        at = smooth["at"]
        names = {
            "band": label(language, "95% band of the whole curve", "整条曲线的95%置信带"),
            "point": label(language, "95% interval at a point", "逐点95%区间"),
            "curve": label(language, "spline", "样条"),
            "bins": label(language, "bins (border counties)", "分组（省界县数）"),
        }
        axes.fill_between(
            at, smooth["band_low"], smooth["band_high"], color=blue, alpha=0.12, label=names["band"], lw=0
        )
        axes.fill_between(at, smooth["low_95"], smooth["high_95"], color=blue, alpha=0.22, label=names["point"], lw=0)
        axes.plot(at, smooth["estimate"], color=blue, linewidth=1.3, label=names["curve"])
        axes.vlines(binned["at"], binned["low_95"], binned["high_95"], color=orange, linewidth=1.1)
        axes.plot(binned["at"], binned["estimate"], "s", color=orange, markersize=4.5, label=names["bins"])
        for row in binned.itertuples():
            text = f"({format_number(row.n_treated)})"
            axes.annotate(text, (row.at, row.high_95), xytext=(0, 3), textcoords="offset points", ha="center", size=6.5)
        axes.axhline(0, color="#000000", linewidth=0.6, linestyle=DASHED, zorder=0)
        axes.set_xlabel(label(language, *terrain))
        axes.set_ylabel(wrap(label(language, *outcome, joint="\n"), 8, 54))
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0.2)
    return sheet.figure


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
    _require(contour, ("r2_treatment", "r2_outcome", "estimate"), language)
    _require(bounds, ("benchmark", "multiple", "r2_treatment", "r2_outcome", "estimate"), language)
    grid = contour.pivot(index="r2_outcome", columns="r2_treatment", values="estimate")
    kinds = list(dict.fromkeys(bounds["benchmark"]))
    if grid.isna().to_numpy().any() or len(kinds) > len(SERIES):
        raise ReportError(f"The grid has holes, or {len(kinds)} benchmarks exceed {len(SERIES)} markers; pass fewer.")
    with theme():
        sheet = Sheet(width, 109)
        axes = sheet.axes(19, 19, width - 23, 72)
        x, y = 100 * grid.columns.to_numpy(dtype=float), 100 * grid.index.to_numpy(dtype=float)
        steps = MaxNLocator(9).tick_values(grid.to_numpy().min(), grid.to_numpy().max())
        levels = [one for one in steps if abs(one) > 1e-9]  # zero has a line of its own
        lines = axes.contour(x, y, grid.to_numpy(), levels=levels, colors="#8a8a8a", linewidths=0.6, linestyles="solid")
        axes.clabel(lines, fontsize=6, fmt=lambda value: format_number(value, 2))
        zero = axes.contour(x, y, grid.to_numpy(), levels=[0.0], colors="#000000", linewidths=1.3)
        if zero.allsegs[0]:
            axes.plot([], [], color="#000000", linewidth=1.3, label=label(language, "nothing left", "效应为零"))
        for order, kind in enumerate(kinds):
            _benchmark(axes, bounds[bounds["benchmark"].eq(kind)], SERIES[order], _named(kind, names or {}, language))
        axes.set(xlim=(0, x.max()), ylim=(0, y.max()))
        en = "confounder explains, % of the {}'s residual variance"
        axes.set_xlabel(label(language, en.format("border"), "混杂因素解释的省界剩余方差，%", joint="\n"))
        axes.set_ylabel(label(language, en.format("outcome"), "混杂因素解释的结果剩余方差，%", joint="\n"))
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0.2)
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


def _named(key: str, names: Names, language: str) -> str:
    """Name of a variable in the language of the figure; its own where none is given."""
    return label(language, *names.get(key, (key, key)))


def _require(table: pd.DataFrame, columns: tuple[str, ...], language: str) -> None:
    """Refuse an unknown language, an empty table and absent columns."""
    check_language(language)
    absent = [name for name in columns if name not in table.columns]
    if absent or table.empty:
        raise ReportError(
            f"{len(table)} rows without columns {absent}; allowed: a table with {', '.join(columns)}. Pass the table "
            "that the model's function returns."
        )
