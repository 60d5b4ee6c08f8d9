"""Charts of notebook 13 on the estimate: overlap, terrain, and the specification curve.

Tens of thousands of specifications are drawn as images inside vector axes, so files stay small and words stay sharp.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from shanhai.core.errors import ReportError
from shanhai.core.fields import label_of
from shanhai.methods.curve import Grid
from shanhai.methods.estimate import SIGNIFICANCE
from shanhai.render.charts.estimates import INTERVAL, SERIES
from shanhai.render.figure_data import with_data
from shanhai.render.numbers import format_number
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.render.words import Pair
from shanhai.studies.robustness.design import WORDS

Names = Mapping[str, Pair]
"""English and Chinese by key; what has no name is drawn under its key."""

_VARIABLES = {"ruggedness": label_of("ruggedness"), **WORDS.labels("figure.variable")}
_CURVE_OUTCOME = WORDS.pair("figure.curve.outcome")

_BLACK = "#000000"
_PALE = "#9a9a9a"
_DASHED = (0, (3, 2))
_KEY: dict[str, Any] = {
    "loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 2, "frameon": False, "borderaxespad": 0.2,
}  # fmt: skip
"""Place of a key above the field."""


def overlap_plot(
    distributions: pd.DataFrame, *, language: str = "en", names: Names = _VARIABLES, width: float = JOURNAL_WIDTH_MM
) -> Figure:
    """Draw histograms of both kinds of counties, one panel a variable, values as deviations from the province's mean.

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
        If there is nothing to draw or a kind is absent.
    """
    _require_columns(distributions, ("variable", "treated", "low", "high", "share"), language)
    panels = list(dict.fromkeys(distributions["variable"]))
    columns = min(3, len(panels))
    room = (width - 17) / columns
    with theme():
        sheet = Sheet(width, 46 * -(-len(panels) // columns) + 9)
        for order, variable in enumerate(panels):
            axes = sheet.axes(17 + room * (order % columns), 8 + 46 * (order // columns), room - 6, 32)
            rows = distributions[distributions["variable"].eq(variable)]
            if set(rows["treated"]) != {True, False}:
                raise ReportError(f"Variable {variable!r} has one kind of county only; pass the histograms of both.")
            sides = ((True, "border", SERIES[1][0], "-"), (False, "interior", SERIES[0][0], _DASHED))
            for treated, kind, colour, style in sides:
                part = rows[rows["treated"].eq(treated)]
                edges = [*part["low"], part["high"].iloc[-1]]
                axes.stairs(100 * part["share"], edges, color=colour, linewidth=1.1, linestyle=style)
                axes.stairs(100 * part["share"], edges, color=colour, alpha=0.15, fill=True)
                axes.plot([], [], color=colour, linestyle=style, label=WORDS(f"figure.kind.{kind}", language))
            axes.set_xlabel(wrap(_name(variable, names, language), 8, room - 8))
            axes.set_ylim(bottom=0)
            axes.locator_params(axis="x", nbins=4)
            axes.spines[["top", "right"]].set_visible(False)
            if order % columns == 0:
                axes.set_ylabel(WORDS("figure.overlap.share", language, joint="\n"))
            if order == 0:
                axes.legend(**_KEY)
    kinds = distributions["treated"].map({True: "border", False: "interior"})
    drawn = pd.DataFrame(
        {
            "variable": distributions["variable"],
            "label": [_name(variable, names, language) for variable in distributions["variable"]],
            "series": kinds,
            "series_label": [WORDS(f"figure.kind.{kind}", language) for kind in kinds],
            "from_value": distributions["low"],
            "to_value": distributions["high"],
            "share_percent": 100 * distributions["share"],
        }
    )
    return with_data(sheet.figure, drawn)


def surface_plot(
    binned: pd.DataFrame, smooth: pd.DataFrame, *, language: str = "en", width: float = JOURNAL_WIDTH_MM
) -> Figure:
    """Draw the border difference along ruggedness: curve with its interval and band, and bins with intervals.

    Parameters
    ----------
    binned, smooth : DataFrame
        ``points`` of ``binned_surface`` and ``smooth_surface``.
    language : str
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If a column is absent or nothing is there.
    """
    _require_columns(binned, ("at", "estimate", "low_95", "high_95", "n_treated"), language)
    _require_columns(smooth, ("at", "estimate", "low_95", "high_95", "band_low", "band_high"), language)
    with theme():
        sheet = Sheet(width, 84)
        axes = sheet.axes(19, 13, width - 22, 54)
        blue, orange = SERIES[0][0], SERIES[1][0]
        at = smooth["at"]
        named = {key: WORDS(f"figure.surface.{key}", language) for key in ("band", "point", "curve", "bins")}
        axes.fill_between(
            at, smooth["band_low"], smooth["band_high"], color=blue, alpha=0.12, label=named["band"], lw=0
        )
        axes.fill_between(at, smooth["low_95"], smooth["high_95"], color=blue, alpha=0.22, label=named["point"], lw=0)
        axes.plot(at, smooth["estimate"], color=blue, linewidth=1.3, label=named["curve"])
        axes.vlines(binned["at"], binned["low_95"], binned["high_95"], color=orange, linewidth=1.1)
        axes.plot(binned["at"], binned["estimate"], "s", color=orange, markersize=4.5, label=named["bins"])
        for row in binned.itertuples():
            text = f"({format_number(row.n_treated)})"
            axes.annotate(text, (row.at, row.high_95), xytext=(0, 3), textcoords="offset points", ha="center", size=6.5)
        axes.axhline(0, color=_BLACK, linewidth=0.6, linestyle=_DASHED, zorder=0)
        axes.set_xlabel(_name("ruggedness", _VARIABLES, language))
        axes.set_ylabel(wrap(WORDS("figure.surface.outcome", language, joint="\n"), 8, 54))
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(**_KEY)
    named_ends = {"estimate": "value", "low_95": "low", "high_95": "high"}
    kept = ["at", *INTERVAL, "band_low", "band_high", "n_treated"]
    drawn = {
        layer: rows.rename(columns=named_ends).filter(kept).rename(columns={"at": "ruggedness_m"})
        for layer, rows in (("curve", smooth), ("bins", binned[["at", *named_ends, "n_treated"]]))
    }
    quantity = WORDS("figure.surface.outcome", language)
    return with_data(sheet.figure, {layer: rows.assign(quantity=quantity) for layer, rows in drawn.items()})


def _name(key: str, names: Names, language: str) -> str:
    return label(language, *names.get(key, (key, key)))


def _require_columns(table: pd.DataFrame, columns: tuple[str, ...], language: str) -> None:
    """Refuse an unknown language, an empty table and absent columns."""
    check_language(language)
    absent = [name for name in columns if name not in table.columns]
    if absent or table.empty:
        raise ReportError(
            f"{len(table)} rows without columns {absent}; allowed: a table with {', '.join(columns)}. Pass the table "
            "that the model's function returns."
        )


# Specification curve: every estimate in order with its interval, and below it which choices were made

_COLOURS = {"negative": "#0072b2", "open": _PALE, "positive": "#d55e00"}
"""Significantly negative, not significant, significantly positive (Okabe and Ito)."""

_LIGHTEN = 0.62
"""How far the colour of an interval lies between that of its estimate and white."""

_CURVE, _ROW, _HEAD, _GAP = 62.0, 2.9, 11.0, 1.6
"""Millimetres of the curve, of one option, of the key above the curve, and between two choices."""

_OPTION_SIZE = 6.0
"""Points of the names of options."""

_PIXELS = 1800
"""Most intervals drawn; more stand so close that each is the median of its neighbours."""

_CHOICE_PIXELS = 360
"""Most columns of the lower part; fewer, so that chance does not look like a pattern."""

_MOST_LIFT = 2.2
"""Share of an option, relative to its share of all specifications, that is drawn black."""


def variations_plot(
    table: pd.DataFrame,
    grid: Grid,
    *,
    language: str = "en",
    outcome: Pair = _CURVE_OUTCOME,
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw a specification curve in order of the estimates, its main specification marked.

    Parameters
    ----------
    table : DataFrame
        One row a specification with an estimate (``Variations.estimated``): ``estimate``, ``low``, ``high``, ``p``,
        ``is_main`` and one column a choice.
    grid : Grid
        Whose choices are the rows of the lower part; those with a single option are left out.
    language : str
    outcome : tuple of str
        Label of the vertical axis in English and Chinese, with its unit.
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If a column is absent, there is nothing to draw, or an estimate is missing.
    """
    check_language(language)
    options = grid.options()
    _check_curve(table, options)
    ordered = table.sort_values("estimate", kind="stable", ignore_index=True)
    main = np.flatnonzero(ordered["is_main"].to_numpy(dtype=bool))
    shown = [
        (str(key), rows)
        for key, rows in options.groupby("choice", sort=False)
        if len(rows) > 1 and key in table.columns
    ]
    heights = sum(len(rows) * _ROW + _GAP for _, rows in shown)
    with theme():
        choices = {choice.key: (choice.label, choice.translation) for choice in grid.choices}
        names = {key: label(language, *choices[key], joint="\n") for key, _ in shown}
        left = _left_margin(shown, names, language)
        sheet = Sheet(width, _HEAD + _CURVE + 4 + heights + 12)
        span = width - left - 3
        upper = sheet.axes(left, _HEAD, span, _CURVE)
        _draw_curve(upper, ordered, main)
        upper.set_ylabel(wrap(label(language, *outcome, joint="\n"), 8, _CURVE))
        _curve_key(sheet, language, bool(len(main)))
        top = _HEAD + _CURVE + 4
        for key, rows in shown:
            height = len(rows) * _ROW
            axes = sheet.axes(left, top, span, height)
            _draw_choice(axes, ordered, key, rows, language, main)
            sheet.text(1, top + height / 2 - text_size(names[key], 7)[1] / 2, names[key], 7)
            top += height + _GAP
        axes.tick_params(axis="x", bottom=True, labelbottom=True)
        axes.xaxis.set_major_formatter(lambda value, _: format_number(value))
        axes.set_xlabel(WORDS("figure.curve.order", language, joint="\n", count=format_number(len(ordered))))
    return with_data(sheet.figure, ordered)


def _check_curve(table: pd.DataFrame, options: pd.DataFrame) -> None:
    absent = sorted({"estimate", "low", "high", "p", "is_main"} - set(table.columns))
    if absent:
        raise ReportError(f"The curve lacks {', '.join(absent)}; pass Variations.estimated.")
    if len(table) < 2 or table[["estimate", "low", "high", "p"]].isna().to_numpy().any():
        raise ReportError(
            f"{len(table)} specifications, some perhaps without estimate; two or more complete ones make a curve. Pass "
            "Variations.estimated."
        )
    if not (set(options["choice"]) & set(table.columns)):
        raise ReportError("No choice of the options is a column of the curve; pass both from the same grid.")


def _left_margin(shown: Sequence[tuple[str, pd.DataFrame]], names: Mapping[str, str], language: str) -> float:
    """Millimetres for the names of choices and options."""
    options = max(text_size(name, _OPTION_SIZE)[0] for _, rows in shown for name in _option_names(rows, language))
    return max(text_size(name, 7)[0] for name in names.values()) + options + 6


def _option_names(rows: pd.DataFrame, language: str) -> list[str]:
    return [label(language, *pair) for pair in rows[["label", "translation"]].to_numpy()]


def _columns_of(count: int, most: int) -> tuple[NDArray[np.int64], int]:
    """Image column of each of ``count`` ordered specifications, and how many columns there are."""
    pixels = min(most, count)
    return np.arange(count) * pixels // count, pixels


def _draw_curve(axes: Axes, ordered: pd.DataFrame, main: NDArray[np.int64]) -> None:
    """Intervals and estimates as bars between the medians of their ends in each image column; the main one in full."""
    column, pixels = _columns_of(len(ordered), _PIXELS)
    middle = ordered[["estimate", "low", "high"]].groupby(column).median()
    significant, negative = ordered["p"].to_numpy() < SIGNIFICANCE, ordered["estimate"].to_numpy() < 0
    classes = (significant & negative, ~significant, significant & ~negative)  # as the colours
    shares = np.stack([np.bincount(column, weights=members, minlength=pixels) for members in classes])
    colours = np.array([to_rgb(colour) for colour in _COLOURS.values()])
    mixed = (shares / shares.sum(axis=0)).T @ colours
    centre = (np.arange(pixels) + 0.5) * len(ordered) / pixels
    pale = mixed + _LIGHTEN * (1 - mixed)
    axes.vlines(centre, middle["low"], middle["high"], colors=pale, linewidth=0.6, rasterized=True)
    axes.scatter(centre, middle["estimate"], c=mixed, s=1.2, linewidths=0, zorder=3, rasterized=True)
    axes.axhline(0, color=_BLACK, linewidth=0.6, linestyle=_DASHED, zorder=2)
    for place in main:
        row = ordered.iloc[place]
        axes.vlines(place + 0.5, row["low"], row["high"], color=_BLACK, linewidth=1.2, zorder=5)
        axes.plot(place + 0.5, row["estimate"], "D", color=_BLACK, markersize=4.5, zorder=6, label="main")
    axes.set_xlim(0, len(ordered))
    # the outermost hundredth of intervals would flatten the rest
    low, high = np.quantile(ordered["low"], 0.005), np.quantile(ordered["high"], 0.995)
    reach = 0.06 * (high - low)
    axes.set_ylim(min(low, 0.0) - reach, max(high, 0.0) + reach)
    axes.tick_params(bottom=False, labelbottom=False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def _draw_choice(
    axes: Axes, ordered: pd.DataFrame, key: str, rows: pd.DataFrame, language: str, main: NDArray[np.int64]
) -> None:
    """One line an option: the darker, the more specifications take it here than overall (white: none)."""
    column, pixels = _columns_of(len(ordered), _CHOICE_PIXELS)
    total = np.bincount(column, minlength=pixels)
    chosen = ordered[key].astype(str).to_numpy()
    takes = np.stack([chosen == option for option in rows["option"]])
    share = np.stack([np.bincount(column, weights=weights, minlength=pixels) / total for weights in takes])
    lift = share / np.maximum(takes.mean(axis=1, keepdims=True), np.finfo(float).tiny)
    extent = (0, len(ordered), len(rows) - 0.5, -0.5)
    axes.imshow(lift, cmap="Greys", vmin=0, vmax=_MOST_LIFT, aspect="auto", extent=extent, interpolation="antialiased")
    axes.set_yticks(range(len(rows)), _option_names(rows, language))
    axes.tick_params(axis="y", length=0, labelsize=_OPTION_SIZE, pad=2)
    axes.tick_params(axis="x", bottom=False, labelbottom=False)
    axes.spines[:].set(linewidth=0.3, color=_PALE)
    for place in main:
        line = list(rows["option"]).index(chosen[place])
        axes.plot(place + 0.5, line, "D", color=_BLACK, markersize=3.2, markeredgecolor="#ffffff", markeredgewidth=0.5)


def _curve_key(sheet: Sheet, language: str, with_main: bool) -> None:
    """What colours and the diamond mean, above the curve over the whole width."""
    axes = sheet.axes(1, 1, sheet.width - 2, _HEAD - 2)
    axes.set_axis_off()
    for name, colour in _COLOURS.items():
        axes.plot([], [], "s", color=colour, markersize=4, label=WORDS(f"figure.curve.{name}", language))
    if with_main:
        axes.plot([], [], "D-", color=_BLACK, markersize=4.5, label=WORDS("figure.curve.main", language))
    columns = 2 if language == "both" else 4
    axes.legend(loc="upper left", ncols=columns, frameon=False, borderaxespad=0, borderpad=0, handletextpad=0.3)
