"""Border or mountain: overlap, balance, terrain surface and sensitivity, drawn."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.render.charts.estimates import SERIES
from shanhai.render.maps.sheet import Sheet, text_size, wrap
from shanhai.render.numbers import format_number
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme

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
    require_columns(distributions, ("variable", "treated", "low", "high", "share"), language)
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
            title = wrap(named_variable(variable, names, language), 8, room - 8)
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
    require_columns(balance, ("variable", "scheme", "difference_sd"), language)
    drawn = [key for key in schemes if key in set(balance["scheme"])]
    if not drawn or len(drawn) > len(SERIES) or balance.duplicated(["variable", "scheme"]).any():
        raise ReportError(
            f"Schemes {sorted(set(balance['scheme']))} against {list(schemes)}: pass one adjustment, each pair of "
            f"variable and scheme once, and one to {len(SERIES)} schemes by name."
        )
    variables = list(dict.fromkeys(balance["variable"]))
    with theme():
        rows = [wrap(named_variable(variable, names, language), 8, 50) for variable in variables]
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
    require_columns(binned, ("at", "estimate", "low_95", "high_95", "n_treated"), language)
    require_columns(smooth, ("at", "estimate", "low_95", "high_95", "band_low", "band_high"), language)
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


def named_variable(key: str, names: Names, language: str) -> str:
    """Name of a variable in the language of the figure; its own where none is given."""
    return label(language, *names.get(key, (key, key)))


def require_columns(table: pd.DataFrame, columns: tuple[str, ...], language: str) -> None:
    """Refuse an unknown language, an empty table and absent columns."""
    check_language(language)
    absent = [name for name in columns if name not in table.columns]
    if absent or table.empty:
        raise ReportError(
            f"{len(table)} rows without columns {absent}; allowed: a table with {', '.join(columns)}. Pass the table "
            "that the model's function returns."
        )
