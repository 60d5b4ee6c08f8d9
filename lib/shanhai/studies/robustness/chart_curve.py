"""Specification curve: every estimate in order with its interval, and below it which choices were made.

Tens of thousands of specifications are drawn as images inside vector axes, so files stay small and words stay sharp.
Order is by estimate; the registered main specification is marked in both parts.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from shanhai.core.errors import ReportError
from shanhai.render.maps.sheet import Sheet, text_size, wrap
from shanhai.render.numbers import format_number
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme

COLOURS = {"negative": "#0072b2", "open": "#9a9a9a", "positive": "#d55e00"}
"""Significantly negative, not significant, significantly positive (Okabe and Ito)."""

MAIN = "#000000"
LIGHTEN = 0.62
"""How far the colour of an interval lies between that of its estimate and white."""

CURVE_HEIGHT = 62.0
ROW = 2.9
"""Millimetres of the curve and of one option."""

HEAD = 11.0
"""Millimetres above the curve, for the key."""

GAP = 1.6
"""Millimetres between two choices."""

OPTION_SIZE = 6.0
"""Points of the names of options."""

PIXELS = 1800
"""Most intervals drawn; more stand so close that each is the median of its neighbours."""

CHOICE_PIXELS = 360
"""Most columns of the lower part; fewer, so that chance does not look like a pattern."""

SIGNIFICANT = 0.05

MOST_LIFT = 2.2
"""Share of an option, relative to its share of all specifications, that is drawn black."""

CURVE_COLUMNS = ("estimate", "low", "high", "p", "is_main")


def variations_plot(
    table: pd.DataFrame,
    options: pd.DataFrame,
    *,
    language: str = "en",
    outcome: tuple[str, str] = ("estimate", "估计值"),
    choices: Mapping[str, tuple[str, str]] | None = None,
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw a specification curve.

    Parameters
    ----------
    table : DataFrame
        One row a specification with an estimate (``Variations.estimated``): ``estimate``, ``low``, ``high``, ``p``,
        ``is_main`` and one column a choice.
    options : DataFrame
        Rows of the lower part (``Grid.options``): ``choice``, ``option``, ``label``, ``label_zh``, ``main``. Choices
        with a single option are left out.
    language : str
    outcome : tuple of str
        Label of the vertical axis in English and Chinese, with its unit.
    choices : mapping of choice to label, optional
        English and Chinese names of the choices; their keys otherwise.
    width : float
        Millimetres.

    Raises
    ------
    ReportError
        If a column is absent, there is nothing to draw, or an estimate is missing.
    """
    check_language(language)
    _check(table, options)
    ordered = table.sort_values("estimate", kind="stable", ignore_index=True)
    main = np.flatnonzero(ordered["is_main"].to_numpy(dtype=bool))
    shown = [
        (str(key), rows)
        for key, rows in options.groupby("choice", sort=False)
        if len(rows) > 1 and key in table.columns
    ]
    heights = sum(len(rows) * ROW + GAP for _, rows in shown)
    with theme():
        names = {key: label(language, *(choices or {}).get(key, (key, key)), joint="\n") for key, _ in shown}
        left = _left_margin(shown, names, language)
        sheet = Sheet(width, HEAD + CURVE_HEIGHT + 4 + heights + 12)
        span = width - left - 3
        upper = sheet.axes(left, HEAD, span, CURVE_HEIGHT)
        _draw_curve(upper, ordered, main)
        upper.set_ylabel(wrap(label(language, *outcome, joint="\n"), 8, CURVE_HEIGHT))
        _key(sheet, language, bool(len(main)))
        top = HEAD + CURVE_HEIGHT + 4
        for key, rows in shown:
            height = len(rows) * ROW
            axes = sheet.axes(left, top, span, height)
            _draw_choice(axes, ordered, key, rows, language, main)
            sheet.text(1, top + height / 2 - text_size(names[key], 7)[1] / 2, names[key], 7)
            top += height + GAP
        count = format_number(len(ordered))
        axes.tick_params(axis="x", bottom=True, labelbottom=True)
        axes.xaxis.set_major_formatter(lambda value, _: format_number(value))
        axes.set_xlabel(
            label(
                language,
                f"specifications, in order of estimate ({count})",
                f"设定，按估计值排序（{count}个）",
                joint="\n",
            )
        )
    return sheet.figure


def _check(table: pd.DataFrame, options: pd.DataFrame) -> None:
    absent = sorted(
        ({*CURVE_COLUMNS} - set(table.columns))
        | ({"choice", "option", "label", "label_zh", "main"} - set(options.columns))
    )
    if absent:
        raise ReportError(f"The curve lacks {', '.join(absent)}; pass Variations.estimated and Grid.options().")
    if len(table) < 2 or table[["estimate", "low", "high", "p"]].isna().to_numpy().any():
        raise ReportError(
            f"{len(table)} specifications, some perhaps without estimate; two or more complete ones make a curve. Pass "
            "Variations.estimated."
        )
    if not (set(options["choice"]) & set(table.columns)):
        raise ReportError("No choice of the options is a column of the curve; pass both from the same grid.")


def _left_margin(shown: Sequence[tuple[str, pd.DataFrame]], names: Mapping[str, str], language: str) -> float:
    """Millimetres for the names of choices and options."""
    options = max(
        text_size(_option_name(row, language), OPTION_SIZE)[0] for _, rows in shown for row in rows.itertuples()
    )
    return max(text_size(name, 7)[0] for name in names.values()) + options + 6


def _option_name(row: object, language: str) -> str:
    return label(language, row.label, row.label_zh)  # type: ignore[attr-defined]


def _classes(table: pd.DataFrame) -> NDArray[np.int64]:
    """0 significantly negative, 1 not significant, 2 significantly positive."""
    significant = table["p"].to_numpy() < SIGNIFICANT
    return np.where(significant, np.where(table["estimate"].to_numpy() < 0, 0, 2), 1)


def _columns_of(count: int, most: int) -> tuple[NDArray[np.int64], int]:
    """Image column of each of ``count`` ordered specifications, and how many columns there are."""
    pixels = min(most, count)
    return np.arange(count) * pixels // count, pixels


def _draw_curve(axes: Axes, ordered: pd.DataFrame, main: NDArray[np.int64]) -> None:
    """Intervals and estimates as bars between the medians of their ends in each image column; the main one in full."""
    column, pixels = _columns_of(len(ordered), PIXELS)
    grouped = ordered[["estimate", "low", "high"]].groupby(column)
    middle = grouped.median()
    shares = np.stack([np.bincount(column, weights=_classes(ordered) == one, minlength=pixels) for one in range(3)])
    colours = np.array([to_rgb(colour) for colour in COLOURS.values()])
    mixed = (shares / shares.sum(axis=0)).T @ colours
    centre = (np.arange(pixels) + 0.5) * len(ordered) / pixels
    pale = mixed + LIGHTEN * (1 - mixed)
    axes.vlines(centre, middle["low"], middle["high"], colors=pale, linewidth=0.6, rasterized=True)
    axes.scatter(centre, middle["estimate"], c=mixed, s=1.2, linewidths=0, zorder=3, rasterized=True)
    axes.axhline(0, color="#000000", linewidth=0.6, linestyle=(0, (3, 2)), zorder=2)
    for place in main:
        row = ordered.iloc[place]
        axes.vlines(place + 0.5, row["low"], row["high"], color=MAIN, linewidth=1.2, zorder=5)
        axes.plot(place + 0.5, row["estimate"], "D", color=MAIN, markersize=4.5, zorder=6, label="main")
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
    column, pixels = _columns_of(len(ordered), CHOICE_PIXELS)
    total = np.bincount(column, minlength=pixels)
    chosen = ordered[key].astype(str).to_numpy()
    share = np.stack([np.bincount(column, weights=chosen == one, minlength=pixels) / total for one in rows["option"]])
    extent = (0, len(ordered), len(rows) - 0.5, -0.5)
    overall = np.array([np.mean(chosen == one) for one in rows["option"]])[:, None]
    lift = share / np.maximum(overall, np.finfo(float).tiny)
    axes.imshow(lift, cmap="Greys", vmin=0, vmax=MOST_LIFT, aspect="auto", extent=extent, interpolation="antialiased")
    axes.set_yticks(range(len(rows)), [_option_name(row, language) for row in rows.itertuples()])
    axes.tick_params(axis="y", length=0, labelsize=OPTION_SIZE, pad=2)
    axes.tick_params(axis="x", bottom=False, labelbottom=False)
    axes.spines[:].set(linewidth=0.3, color="#9a9a9a")
    for place in main:
        line = list(rows["option"]).index(chosen[place])
        axes.plot(place + 0.5, line, "D", color=MAIN, markersize=3.2, markeredgecolor="#ffffff", markeredgewidth=0.5)


def _key(sheet: Sheet, language: str, with_main: bool) -> None:
    """What colours and the diamond mean, above the curve over the whole width."""
    words = {
        "negative": ("negative, p < 0.05", "负，p < 0.05"),
        "open": ("p ≥ 0.05", "p ≥ 0.05"),
        "positive": ("positive, p < 0.05", "正，p < 0.05"),
    }
    axes = sheet.axes(1, 1, sheet.width - 2, HEAD - 2)
    axes.set_axis_off()
    for name, text in words.items():
        axes.plot([], [], "s", color=COLOURS[name], markersize=4, label=label(language, *text))
    if with_main:
        main = label(language, "registered main specification (95% interval)", "注册的主设定（95%区间）")
        axes.plot([], [], "D-", color=MAIN, markersize=4.5, label=main)
    columns = 2 if language == "both" else 4
    axes.legend(loc="upper left", ncols=columns, frameon=False, borderaxespad=0, borderpad=0, handletextpad=0.3)
