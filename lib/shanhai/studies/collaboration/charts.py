"""Charts of the assessment of a collaboration."""

from collections.abc import Hashable, Mapping
from typing import Any, Literal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from shanhai.render.charts.estimates import INTERVAL
from shanhai.render.figure_data import with_data
from shanhai.render.numbers import is_missing
from shanhai.render.sheet import Sheet, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, label, theme
from shanhai.studies.collaboration.analysis import Assessment
from shanhai.studies.collaboration.comparison import PairIndex
from shanhai.studies.collaboration.design import GROUPS
from shanhai.studies.collaboration.words import WORDS, figure_text

_Fill = Literal["full", "left"]

_MARKS = {"target": ("D", "none"), "result": ("o", None), "expected": ("s", "none")}
"""Marker and face of each kind of figure; a face of None is filled."""

_COLOURS = {"target": "#000000", "result": "#0072b2", "expected": "#d55e00"}
_HELPED, _PARTNER, _EMPTY = "#d55e00", "#0072b2", "#8c8c8c"
_ROW, _LABELS = 6.0, 66.0
"""Height of a row and width of its labels, in millimetres."""


def figures_chart(assessment: Assessment, language: str = "en") -> Figure:
    """Every printed figure by indicator and year: filled for results, open for targets and expectations.

    A group of which nothing is printed keeps its row, which says so. What bears no year stands left of the years.

    Parameters
    ----------
    assessment : Assessment
    language : str
    """
    rows = _rows(assessment, language)
    figures = assessment.figures
    years = pd.concat([figures["year"], figures["first_year"]]).dropna()
    first, last = (int(years.min()), int(years.max())) if len(years) else (2021, 2025)
    unknown = first - 1.2
    row_height = _ROW if language != "both" else 8.0
    with theme():
        height = row_height * len(rows)
        sheet = Sheet(JOURNAL_WIDTH_MM, height + 26)
        axes = sheet.axes(_LABELS, 3, JOURNAL_WIDTH_MM - _LABELS - 30, height)
        for place, (_, indicator) in enumerate(rows):
            if not indicator:
                words = WORDS("chart.empty", language)
                box = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 1}
                axes.text(unknown, place, words, size=6.5, va="center", color=_EMPTY, bbox=box)
                continue
            for figure in figures[figures["indicator"].eq(indicator)].to_dict("records"):
                _mark(axes, figure, place, unknown, language)
        axes.set_yticks(range(len(rows)), [wrap(name, 7, _LABELS - 3) for name, _ in rows])
        for tick, (_, indicator) in zip(axes.get_yticklabels(), rows, strict=True):
            tick.set_color("#262626" if indicator else _EMPTY)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        has_unknown = figures["year"].isna().any()
        ticks: list[float] = [*range(first, last + 1)]
        names = [f"{year:.0f}" for year in ticks]
        if has_unknown:
            ticks, names = [unknown, *ticks], [WORDS("chart.unknown", language, joint="\n"), *names]
        axes.set_xticks(ticks, names)
        axes.set_xlim(unknown - 0.3, last + 0.3)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", color="#e5e5e5", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right", "left"]].set_visible(False)
        kinds = {**_MARKS, "bound": _MARKS["result"]}
        handles = [_handle(kind, *mark, language) for kind, mark in kinds.items()]
        key = sheet.axes(2, height + (11 if language != "both" else 15), JOURNAL_WIDTH_MM - 4, 9)
        key.set_axis_off()
        key.legend(handles=handles, loc="upper left", ncols=4, frameon=False, borderaxespad=0)
    order = [indicator for _, indicator in rows if indicator]
    drawn = figures[figures["indicator"].isin(order)].sort_values(
        "indicator", kind="stable", key=lambda keys: keys.map(order.index)
    )
    labels = {indicator: name for name, indicator in rows}
    printed = [label(language, *figure_text(row)) for row in drawn.to_dict("records")]
    drawn = drawn.assign(label=drawn["indicator"].map(labels), value=drawn["given"], printed=printed)
    empty = pd.DataFrame({"label": [name for name, indicator in rows if not indicator]})
    kept = drawn[["indicator", "label", "kind", "first_year", "year", "bound", "value", "unit", "printed"]]
    return with_data(sheet.figure, {"figures": kept, "no_figures": empty})


def _handle(kind: str, mark: str, face: str | None, language: str) -> Line2D:
    """Entry of the legend; a result that is a bound is filled by half."""
    half = kind == "bound"
    colour = _COLOURS["result" if half else kind]
    words = WORDS(f"chart.{kind}" if half else f"kind.{kind}", language)
    fill: _Fill = "left" if half else "full"
    return Line2D(
        [], [], linestyle="", marker=mark, markersize=5, color=colour, markerfacecolor=face or colour,
        markerfacecoloralt="#ffffff", fillstyle=fill, label=words,
    )  # fmt: skip


def _rows(assessment: Assessment, language: str) -> list[tuple[str, str]]:
    """Label and indicator of each row; a group without figures has one row and no indicator."""
    rows: list[tuple[str, str]] = []
    for group in GROUPS:
        own = assessment.states[assessment.states["group"].eq(group) & assessment.states["state"].ne("nothing")]
        if own.empty:
            rows.append((WORDS(f"group.{group}", language), ""))
        rows += [(label(language, row["english"], row["chinese"]), row["indicator"]) for row in own.to_dict("records")]
    return rows


def _mark(axes: Axes, row: Mapping[Hashable, Any], place: int, unknown: float, language: str) -> None:
    mark, face = _MARKS[row["kind"]]
    colour = _COLOURS[row["kind"]]
    year = unknown if is_missing(row["year"]) else row["year"]
    if not is_missing(row["first_year"]):
        axes.plot([row["first_year"], year], [place, place], color=colour, linewidth=1.0)
    fill: _Fill = "left" if row["kind"] == "result" and row["bound"] in ("over", "under") else "full"
    axes.plot(
        [year], [place], linestyle="", marker=mark, markersize=5, color=colour, markerfacecolor=face or colour,
        markerfacecoloralt="#ffffff", fillstyle=fill,
    )  # fmt: skip
    axes.annotate(
        label(language, *figure_text(row), joint="\n"), (year, place), xytext=(5, 0), textcoords="offset points",
        size=6.5, va="center", color=colour, annotation_clip=False,
        bbox={"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.6},
    )  # fmt: skip


def outcome_charts(assessment: Assessment, outcomes: pd.DataFrame, start: float, language: str = "en") -> list[Figure]:
    """GDP per head of both sides by year on a logarithmic scale; no figure where no side has any.

    Parameters
    ----------
    assessment : Assessment
    outcomes : of :func:`shanhai.studies.collaboration.analysis.official_outcomes`.
    start : first year named for the pair, or missing.
    language : str
    """
    if outcomes.empty:
        return []
    with theme():
        sheet = Sheet(JOURNAL_WIDTH_MM, 82)
        axes = sheet.axes(20, 4, JOURNAL_WIDTH_MM - 52, 58)
        sides = zip(("helped", "partner"), (_HELPED, _PARTNER), assessment.names, strict=True)
        for side, colour, name in sides:
            own = outcomes[outcomes["side"].eq(side)]
            for _, run in own[own["basis"].eq("published")].groupby("run"):
                axes.plot(run["year"], run["gdp_per_head"] / 1e4, color=colour, linewidth=1.2)
            counted = own[own["basis"].eq("residents")]
            axes.plot(
                counted["year"], counted["gdp_per_head"] / 1e4, color=colour, linestyle="", marker="o", markersize=5
            )
            if len(own):
                end = own.sort_values("year").iloc[-1]
                axes.annotate(
                    label(language, *name, joint="\n"), (end["year"], end["gdp_per_head"] / 1e4), xytext=(7, 0),
                    textcoords="offset points", size=7.5, va="center", color=colour, annotation_clip=False,
                )  # fmt: skip
        _finish(axes, outcomes, start, language)
    names = dict(zip(("helped", "partner"), assessment.names, strict=True))
    codes = dict(zip(("helped", "partner"), assessment.pair, strict=True))
    drawn = outcomes.assign(
        code=outcomes["side"].map(codes),
        label=[label(language, *names[side]) for side in outcomes["side"]],
        value=outcomes["gdp_per_head"] / 1e4,
        quantity=WORDS("outcome.chart.axis", language),
    )
    return [with_data(sheet.figure, drawn[["side", "code", "label", "basis", "run", "year", "value", "quantity"]])]


def _finish(axes: Axes, outcomes: pd.DataFrame, start: float, language: str) -> None:
    first, last = int(outcomes["year"].min()), int(outcomes["year"].max())
    axes.set_yscale("log")
    lowest, highest = outcomes["gdp_per_head"].min() / 1e4, outcomes["gdp_per_head"].max() / 1e4
    ticks = [tick for tick in (0.25, 0.5, 1, 2, 4, 8, 16, 32) if lowest / 1.6 <= tick <= highest * 1.6]
    axes.set_ylim(lowest / 1.5, highest * 1.5)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks([], minor=True)
    axes.set_xlim(first - 0.6, last + 0.4)
    axes.set_xticks(range(last, first - 1, -2))
    axes.set_ylabel(WORDS("outcome.chart.axis", language, joint="\n"))
    axes.spines[["top", "right"]].set_visible(False)
    handles = [
        Line2D(
            [],
            [],
            color="#4d4d4d",
            linestyle="",
            marker="o",
            markersize=5,
            label=WORDS("outcome.chart.residents", language),
        )
    ]
    if outcomes["basis"].eq("published").any():
        words = WORDS("outcome.chart.published", language)
        handles.append(Line2D([], [], color="#4d4d4d", linewidth=1.2, label=words))
    if not is_missing(start) and first <= start <= last:
        axes.axvline(start, color="#4d4d4d", linewidth=0.8, linestyle=(0, (4, 2)))
        words = WORDS("outcome.chart.start", language, start=f"{start:.0f}")
        handles.append(Line2D([], [], color="#4d4d4d", linewidth=0.8, linestyle=(0, (4, 2)), label=words))
    columns = 1 if language == "both" else 3
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(-0.1, -0.12), ncols=columns, frameon=False)


def index_charts(index: PairIndex | None, names: Mapping[str, str], language: str = "en") -> list[Figure]:
    """Index of each pair, and what it could be over all weights; no figure without an index.

    Parameters
    ----------
    index : PairIndex or None
    names : name of each pair by ``mountain-sea``.
    language : str
    """
    if index is None:
        return []
    table = index.table
    with theme():
        height = 8.0 * len(table)
        sheet = Sheet(JOURNAL_WIDTH_MM, height + 28)
        axes = sheet.axes(_LABELS, 3, JOURNAL_WIDTH_MM - _LABELS - 6, height)
        places = list(range(len(table)))
        axes.hlines(
            places,
            table["low"],
            table["high"],
            color="#9ecae1",
            linewidth=4,
            label=WORDS("index.chart.range", language),
        )
        axes.plot(table["score"], places, "o", color=_PARTNER, markersize=5, label=WORDS("index.chart.score", language))
        axes.set_yticks(places, [wrap(names[pair], 7, _LABELS - 3) for pair in table.index])
        axes.set_ylim(len(table) - 0.4, -0.6)
        axes.set_xlim(-0.02, 1.02)
        axes.set_xlabel(WORDS("index.chart.axis", language))
        axes.tick_params(axis="y", length=0)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.legend(loc="upper left", bbox_to_anchor=(0, -14.0 / height), ncols=2, frameon=False)
    drawn = table.rename_axis("pair").reset_index().assign(value=table["score"].to_numpy())
    drawn = drawn.assign(label=[names[pair] for pair in table.index], quantity=WORDS("index.chart.axis", language))
    return [with_data(sheet.figure, drawn[["pair", "label", *INTERVAL, "quantity"]])]
