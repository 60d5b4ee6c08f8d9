"""Charts of estimates: coefficients with intervals, and the border valley by distance bands."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.methods.estimate import critical_value
from shanhai.render.figure_data import with_data
from shanhai.render.numbers import format_number
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme

SERIES = (("#0072b2", "o"), ("#d55e00", "s"), ("#000000", "D"), ("#009e73", "^"), ("#8a5a83", "v"), ("#7f7f7f", "P"))
"""Colour (Okabe and Ito) and marker of each series: either alone tells them apart."""

INTERVAL = ("value", "low", "high")
"""Columns of figure data for an estimate and the ends of its interval."""

_KEY_HANDLE = 12
"""Millimetres of a key beside each name: the marker and the space between columns."""


def coefficient_plot(
    estimates: pd.DataFrame,
    *,
    terms: Mapping[str, str],
    models: Mapping[str, str],
    language: str = "en",
    outcome: tuple[str, str] = ("", ""),
    level: float = 0.95,
    names_width: float = 50.0,
) -> Figure:
    """Draw estimates with confidence intervals, one block a term, one marker a model.

    Parameters
    ----------
    estimates : DataFrame
        Rows with ``model``, ``term``, ``estimate``, ``se`` (as in estimates.json); with columns ``low`` and
        ``high`` those intervals are drawn, otherwise estimate plus and minus normal quantile times ``se``.
    terms, models : mapping of name to label
        What to draw, in order. A pair without estimate leaves its place empty; a single model without label has no key.
    language : str
    outcome : tuple of str
        Label of the horizontal axis in English and Chinese.
    level : float
        Confidence level of the intervals, printed on the figure.
    names_width : float
        Millimetres that labels of terms may take before they are wrapped.

    Raises
    ------
    ReportError
        If no row is left to draw, a pair occurs twice, or there are more models than markers.
    """
    check_language(language)
    shown = _rows_to_draw(estimates, terms, models, level)
    with theme():
        names = [wrap(name, 8, names_width) for name in terms.values()]
        sizes = [text_size(name, 8) for name in names]
        left = max(across for across, _ in sizes) + 5
        block = max(4.5 * len(models) + 1.5, max(height for _, height in sizes) + 2)
        room = JOURNAL_WIDTH_MM - left - 3
        columns, above = _key_space(models.values(), room)
        sheet = Sheet(JOURNAL_WIDTH_MM, block * len(terms) + 16 + above)
        axes = sheet.axes(left, 1 + above, room, block * len(terms))
        for order, (model, name) in enumerate(models.items()):
            rows = shown[shown["model"].eq(model)]
            colour, marker = SERIES[order]
            height = rows["term"].map(list(terms).index) + (order - (len(models) - 1) / 2) * 0.8 / len(models)
            axes.hlines(height, rows["low"], rows["high"], color=colour, linewidth=1.1)
            axes.plot(rows["estimate"], height, marker, color=colour, markersize=4, linestyle="none", label=name)
        axes.axvline(0, color="#000000", linewidth=0.6, linestyle=(0, (3, 2)), zorder=0)
        _plain_axes(axes, range(len(terms)), names)
        share = format_number(level * 100, 0)
        interval = label(language, f"{share}% confidence interval", f"{share}%置信区间")
        axes.set_xlabel(f"{label(language, *outcome)}\n{interval}" if any(outcome) else interval)
        if any(models.values()):
            _key_above(axes, columns)
    drawn = shown.assign(
        label=shown["term"].map(terms),
        series=shown["model"],
        series_label=shown["model"].map(models),
        value=shown["estimate"],
        quantity=label(language, *outcome),
    ).filter(["term", "label", "series", "series_label", *INTERVAL, "n", "quantity"])
    place = {key: order for order, key in enumerate([*terms, *models])}
    return with_data(sheet.figure, drawn.sort_values(["term", "series"], key=lambda keys: keys.map(place)))


def border_valley_plot(
    bands: pd.DataFrame,
    *,
    language: str = "en",
    outcome: tuple[str, str] = ("difference", "差异"),
    series: str = "",
    series_names: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> Figure:
    """Draw an outcome by bands of distance to the border, relative to a reference band.

    Parameters
    ----------
    bands : DataFrame
        One row a band (and series): ``from_km``, ``to_km`` (missing in the last, open band), ``estimate``, ``se``
        (missing in the reference band, whose estimate is 0), ``n``; optionally ``low`` and ``high``.
    language : str
    outcome : tuple of str
        Label of the vertical axis in English and Chinese, with the reference and unit.
    series : str
        Column that tells several samples apart; empty for one.
    series_names : mapping of value to label, optional
    level : float
        As in :func:`coefficient_plot`.

    Raises
    ------
    ReportError
        If there is no band, or more series than markers.
    """
    check_language(language)
    if bands.empty:
        raise ReportError("There is no distance band to draw; pass the bands of at least one sample.")
    shown = _with_interval(bands, level)
    keys = list(dict.fromkeys(shown[series])) if series else [""]
    _check_series(keys)
    edges = shown[["from_km", "to_km"]].drop_duplicates().sort_values("from_km")
    places = {start: place for place, start in enumerate(edges["from_km"])}
    with theme():
        vertical = wrap(label(language, *outcome, joint="\n"), 8, 54)
        left = 12 + text_size(vertical, 8)[1]
        labels = [(series_names or {}).get(key, str(key)) for key in keys]
        room = JOURNAL_WIDTH_MM - left - 3
        columns, above = _key_space(labels, room)
        sheet = Sheet(JOURNAL_WIDTH_MM, 72.5 + above)
        axes = sheet.axes(left, 3.5 + above, room, 54)
        for order, key in enumerate(keys):
            rows = shown[shown[series].eq(key)] if series else shown
            shift = (order - (len(keys) - 1) / 2) * 0.6 / len(keys)
            x = rows["from_km"].map(places) + shift
            colour, marker = SERIES[order]
            axes.vlines(x, rows["low"], rows["high"], color=colour, linewidth=1.1)
            axes.plot(
                x, rows["estimate"], color=colour, marker=marker, markersize=4, linewidth=0.7, label=labels[order]
            )
        axes.axhline(0, color="#000000", linewidth=0.6, linestyle=(0, (3, 2)), zorder=0)
        axes.set_xticks(range(len(edges)), [_band_name(row, shown, language) for row in edges.itertuples()])
        axes.set_xlabel(
            label(language, "distance to the provincial border, km (counties)", "至省界距离（千米，括号内为县数）")
        )
        axes.set_ylabel(vertical)
        axes.spines[["top", "right"]].set_visible(False)
        if series:
            _key_above(axes, columns)
    return with_data(
        sheet.figure,
        shown.assign(
            value=shown["estimate"],
            series=shown[series] if series else "",
            series_label=shown[series].map(dict(zip(keys, labels, strict=True))) if series else "",
            quantity=label(language, *outcome),
        )[["series", "series_label", "from_km", "to_km", *INTERVAL, "n", "quantity"]],
    )


def _key_space(names: Iterable[str], width: float) -> tuple[int, float]:
    """Columns of a key that fit into a width, and the height that its rows take, in millimetres."""
    sizes = [text_size(name, 7)[0] for name in names if name]
    if not sizes:
        return 0, 0.0
    columns = int(max(1, min(len(sizes), width // (max(sizes) + _KEY_HANDLE))))
    return columns, 4.5 * -(-len(sizes) // columns)


def _rows_to_draw(
    estimates: pd.DataFrame, terms: Mapping[str, str], models: Mapping[str, str], level: float
) -> pd.DataFrame:
    _check_series(list(models))
    shown = estimates[estimates["term"].isin(list(terms)) & estimates["model"].isin(list(models))]
    if shown.empty:
        raise ReportError(f"No estimate has a term of {list(terms)} in a model of {list(models)}; check the names.")
    if shown.duplicated(["model", "term"]).any():
        raise ReportError("A model and term occur twice; pass one sample and outcome a figure.")
    return _with_interval(shown, level)


def _with_interval(rows: pd.DataFrame, level: float) -> pd.DataFrame:
    if not 0 < level < 1:
        raise ReportError(f"Confidence level {level!r} lies outside 0 to 1; 0.95 is usual.")
    if {"low", "high"} <= set(rows.columns):
        return rows
    reach = critical_value(level=level) * rows["se"].astype(float)
    return rows.assign(low=rows["estimate"] - reach, high=rows["estimate"] + reach)


def _check_series(keys: Sequence[str]) -> None:
    if not 0 < len(keys) <= len(SERIES):
        raise ReportError(f"{len(keys)} series asked for; one to {len(SERIES)} can be told apart in one figure.")


def _band_name(band: object, shown: pd.DataFrame, language: str) -> str:
    start, end = band.from_km, band.to_km  # type: ignore[attr-defined]
    to = "～" if language == "zh" else "–"
    name = f"≥ {format_number(start)}" if pd.isna(end) else f"{format_number(start)}{to}{format_number(end)}"
    counts = shown.loc[shown["from_km"].eq(start), "n"]
    return f"{name}\n({', '.join(format_number(count) for count in counts)})"


def _key_above(axes: Axes, columns: int) -> None:
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, frameon=False, borderaxespad=0.2)


def _plain_axes(axes: Axes, positions: Sequence[int] | range, names: Sequence[str]) -> None:
    axes.set_yticks(list(positions), list(names))
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelsize=8)
    axes.spines[["top", "right", "left"]].set_visible(False)
    for edge in np.arange(0.5, len(names) - 1):
        axes.axhline(edge, color="#d0d0d0", linewidth=0.4, zorder=0)
