"""Charts of pairs: their means among pairs that could have been, the path of their gap, and people who left."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.methods.placebo.partners import PairTest
from shanhai.render.numbers import format_number, format_p_value
from shanhai.render.sheet import Sheet, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme

BARS = 36
REAL, DRAWN, BAND = "#d55e00", "#9ecae1", "#d6e6f2"
STAYED, LEFT = "#0072b2", "#d55e00"
PATH_AXIS = (
    "log gap of light, partner less county (first three years of a sensor = 0)",
    "灯光对数差，结对方减受帮扶县（各传感器前三年 = 0）",
)


def null_plot(tests: Mapping[tuple[str, str], PairTest], *, language: str = "en") -> Figure:
    """Histogram of the mean over drawn pairs, with the mean of the named pairs as a line; two panels a row.

    Parameters
    ----------
    tests : mapping of (English, Chinese) title to PairTest
    language : str

    Raises
    ------
    ReportError
        If there is no test.
    """
    check_language(language)
    if not tests:
        raise ReportError("No test to draw; pass at least one result of the permutation tests.")
    width, height = (JOURNAL_WIDTH_MM - 6) / 2, 30.0
    with theme():
        rows = (len(tests) + 1) // 2
        sheet = Sheet(JOURNAL_WIDTH_MM, rows * (height + 17))
        for position, (title, test) in enumerate(tests.items()):
            row, column = divmod(position, 2)
            left, top = column * (width + 6), row * (height + 17)
            sheet.text(left + 1, top + 1, wrap(label(language, *title), 7.5, width - 2), 7.5)
            axes = sheet.axes(left + 2, top + 7, width - 4, height)
            _histogram(axes, test, language)
    return sheet.figure


def _histogram(axes: Axes, test: PairTest, language: str) -> None:
    axes.hist(test.distribution, bins=BARS, color=DRAWN, edgecolor="#ffffff", linewidth=0.3)
    axes.axvline(test.observed, color=REAL, linewidth=1.6)
    axes.set_yticks([])
    axes.set_ylim(0, 1.25 * axes.get_ylim()[1])
    axes.spines[["top", "right", "left"]].set_visible(False)
    right = test.observed < np.mean(axes.get_xlim())
    digits = 0 if abs(test.observed) >= 10 else 2
    words = label(
        language,
        f"named pairs {format_number(test.observed, digits)}, p = {format_p_value(test.p)} ({test.pairs} pairs)",
        f"所列结对{format_number(test.observed, digits)}，p = {format_p_value(test.p)}（{test.pairs}对）",
        joint="\n",
    )
    axes.annotate(
        words, (test.observed, axes.get_ylim()[1]), xytext=(4 if right else -4, -1), textcoords="offset points",
        ha="left" if right else "right", va="top", fontsize=6.5, color=REAL,
    )  # fmt: skip


def path_plot(paths: pd.DataFrame, *, language: str = "en") -> Figure:
    """Mean log gap of light between partners by year, with the middle 95 % of drawn pairs; one line a sensor.

    Parameters
    ----------
    paths : of :func:`shanhai.studies.pairing.pairs.gap_paths`.
    language : str
    """
    check_language(language)
    with theme():
        sheet = Sheet(JOURNAL_WIDTH_MM, 74)
        left = 24 if language == "both" else 17
        axes = sheet.axes(left, 3, JOURNAL_WIDTH_MM - left - 3, 54)
        for position, (_, part) in enumerate(paths.groupby("sensor", sort=False)):
            named = label(language, "named pairs", "所列结对") if not position else None
            drawn = label(language, "drawn pairs, middle 95 %", "随机结对中间95%") if not position else None
            mean = label(language, "drawn pairs, mean", "随机结对均值") if not position else None
            axes.fill_between(part["year"], part["low"], part["high"], color=BAND, linewidth=0, label=drawn)
            axes.plot(part["year"], part["expected"], color="#6b8fb0", linewidth=0.9, linestyle="--", label=mean)
            axes.plot(
                part["year"], part["observed"], color=REAL, linewidth=1.4, marker="o", markersize=2.6, label=named
            )
        breaks = paths.loc[paths["sensor"].ne(paths["sensor"].shift()), "year"].iloc[1:]
        for year in breaks:
            axes.axvline(year - 0.5, color="#4d4d4d", linewidth=0.8, linestyle=(0, (4, 2)))
            axes.text(year - 0.4, axes.get_ylim()[1], label(language, "new sensor", "更换传感器"), size=6.5, va="top")
        axes.axhline(0, color="#7f7f7f", linewidth=0.6)
        axes.set_xlim(paths["year"].min() - 0.5, paths["year"].max() + 0.5)
        axes.set_xticks(paths["year"].to_numpy()[::3])
        axes.set_ylabel(wrap(label(language, *PATH_AXIS, joint="\n"), 7.5, 54))
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.12), ncols=3, frameon=False)
    return sheet.figure


def people_plot(
    counties: pd.DataFrame, cohorts: pd.DataFrame, names: Mapping[str, str], *, language: str = "en"
) -> Figure:
    """Residents and those registered but living elsewhere, by county; and cohorts that were gone after ten years.

    Parameters
    ----------
    counties : of :func:`shanhai.studies.pairing.emigration.by_county`.
    cohorts : of :func:`shanhai.studies.pairing.emigration.cohort_losses`.
    names : name by ``codes`` of `counties`.
    language : str
    """
    check_language(language)
    with theme():
        sheet = Sheet(JOURNAL_WIDTH_MM, 78)
        left = sheet.axes(34, 3, 60, 50)
        _registered(left, counties, names, language)
        right = sheet.axes(116, 3, JOURNAL_WIDTH_MM - 118, 50)
        _cohorts(right, cohorts, language)
    return sheet.figure


def _registered(axes: Axes, counties: pd.DataFrame, names: Mapping[str, str], language: str) -> None:
    places = list(range(len(counties)))
    stayed, gone = counties["residents_2020"].to_numpy() / 1e4, counties["difference"].to_numpy() / 1e4
    axes.barh(places, stayed, height=0.6, color=STAYED, label=label(language, "residents 2020", "2020年常住人口"))
    words = label(language, "registered less residents", "户籍减常住")
    axes.barh(places, gone, left=stayed, height=0.6, color=LEFT, label=words)
    for place, start, value, share in zip(places, stayed, gone, counties["share"], strict=True):
        words = f"{format_number(value, 0)} ({format_number(share)}%)"
        axes.text(start + value + 1, place, words, size=6, va="center")
    axes.set_yticks(places, [wrap(names[codes], 7, 32) for codes in counties["codes"]])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.32 * float((stayed + gone).max()))
    axes.set_xlabel(label(language, "10,000 persons", "万人"))
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right"]].set_visible(False)
    columns = 1 if language == "both" else 2
    axes.legend(loc="upper left", bbox_to_anchor=(-0.45, -0.22), ncols=columns, frameon=False)


def _cohorts(axes: Axes, cohorts: pd.DataFrame, language: str) -> None:
    places = list(range(len(cohorts)))
    axes.bar(places, cohorts["share"], width=0.7, color=LEFT)
    for place, share in zip(places, cohorts["share"], strict=True):
        axes.text(place, share + 0.8, format_number(share), size=6, ha="center")
    axes.set_xticks(places, [f"{age}–{age + 4}" for age in cohorts["age_2010"]])
    axes.tick_params(axis="x", labelsize=6, length=0, rotation=45)
    axes.set_xlabel(label(language, "age in 2010", "2010年的年龄"))
    axes.set_ylabel(label(language, "gone by 2020, % of residents", "到2020年减少（占常住人口%）", joint="\n"))
    axes.spines[["top", "right"]].set_visible(False)
