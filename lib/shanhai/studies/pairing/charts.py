"""Map and charts of pairs: flow lines, means among possible pairs, the path of their gap, and people who left."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.core.fields import label_of
from shanhai.data.frames.unions import with_joint_gdp
from shanhai.data.load import load_table
from shanhai.data.map_base import load_map_base
from shanhai.methods.placebo.partners import PairTest
from shanhai.render.figure_data import with_data
from shanhai.render.maps import Flow, draw_map
from shanhai.render.maps.topics import Outline, topic
from shanhai.render.numbers import format_number, format_p_value, format_percent, with_count
from shanhai.render.sheet import Sheet, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, theme
from shanhai.studies.pairing.design import PairingSpec
from shanhai.studies.pairing.words import WORDS

_BARS = 36
_REAL, _DRAWN, _BAND = "#d55e00", "#9ecae1", "#d6e6f2"
_STAYED, _LEFT = "#0072b2", "#d55e00"
_SHOWN = ("distance_km", "gap_2021", "light_change_late", "gap_change")
"""Outcomes whose histograms are drawn, against any county of the province: those of all pairs or most of them."""


def city_flow(prefectures: pd.DataFrame, places: pd.DataFrame, start: str, end: str, km: float) -> Flow:
    """Flow line between two prefectures, with their names and distance for the legend.

    Parameters
    ----------
    prefectures : code, name_short_en, name_short_zh.
    places : longitude and latitude by code.
    start, end : their codes.
    km : distance of their centres.
    """
    names = prefectures.set_index("code").loc[[start, end], ["name_short_en", "name_short_zh"]].to_numpy()
    first, last = ((str(en), str(zh)) for en, zh in names)
    from_, to = ((float(places["longitude"][code]), float(places["latitude"][code])) for code in (start, end))
    return Flow(from_, to, *WORDS.pair("flow.name", start=first, end=last, km=format_number(km)), (start, end))


def flow_map(
    counties: pd.DataFrame, pairs: pd.DataFrame, far: Sequence[Flow], province: str, language: str = "en"
) -> Figure:
    """Map of GDP per head with an arrow from each partner to its county; arrows that leave it are in the inset.

    Parameters
    ----------
    counties : rows of the county frame with longitude and latitude.
    pairs : columns mountain_code, sea_code.
    far : flows to places outside the province.
    province : its code.
    language : str
    """
    places = counties.set_index("code")[["longitude", "latitude"]]
    ends = {code: (float(x), float(y)) for code, x, y in places.itertuples(name=None)}
    near = [
        Flow(ends[sea], ends[mountain], codes=(str(sea), str(mountain)))
        for mountain, sea in pairs[["mountain_code", "sea_code"]].to_numpy()
    ]
    return draw_map(
        load_map_base(),
        with_joint_gdp(counties, load_table("county_gdp"), load_table("crosswalk"), 2021),
        topic("gdp_per_capita_2021"),
        province,
        language=language,
        outline=Outline("is_mountain_26", *label_of("is_mountain_26")),
        named=(*pairs["mountain_code"], *pairs["sea_code"]),
        flows=[*near, *far],
    )


def null_plot(tests: Mapping[PairingSpec, PairTest], *, language: str = "en") -> Figure:
    """Histogram of the mean over drawn pairs, with the mean of the named pairs as a line; two panels a row.

    Parameters
    ----------
    tests : of :func:`shanhai.studies.pairing.analysis.declared_tests`.
    language : str

    Raises
    ------
    ReportError
        If no test of an outcome that is shown is among them.
    """
    drawn = {spec.outcome: test for spec, test in tests.items() if spec.null == "province"}
    shown = [name for name in _SHOWN if name in drawn]
    if not shown:
        raise ReportError("No test to draw; pass at least one result of the permutation tests.")
    width, height = (JOURNAL_WIDTH_MM - 6) / 2, 30.0
    rows_drawn = {}
    with theme():
        rows = (len(shown) + 1) // 2
        sheet = Sheet(JOURNAL_WIDTH_MM, rows * (height + 17))
        for position, outcome in enumerate(shown):
            row, column = divmod(position, 2)
            left, top = column * (width + 6), row * (height + 17)
            sheet.text(left + 1, top + 1, wrap(WORDS(f"outcome.{outcome}", language), 7.5, width - 2), 7.5)
            axes = sheet.axes(left + 2, top + 7, width - 4, height)
            bars = _histogram(axes, drawn[outcome], language)
            rows_drawn[outcome] = bars.assign(quantity=WORDS(f"outcome.{outcome}", language))
    return with_data(sheet.figure, rows_drawn, "variable")


def _histogram(axes: Axes, test: PairTest, language: str) -> pd.DataFrame:
    """Draw the histogram and the line; return ends and counts of the bars, with the observed mean and its p."""
    counts, edges, _ = axes.hist(test.distribution, bins=_BARS, color=_DRAWN, edgecolor="#ffffff", linewidth=0.3)
    axes.axvline(test.observed, color=_REAL, linewidth=1.6)
    axes.set_yticks([])
    axes.set_ylim(0, 1.25 * axes.get_ylim()[1])
    axes.spines[["top", "right", "left"]].set_visible(False)
    right = test.observed < np.mean(axes.get_xlim())
    digits = 0 if abs(test.observed) >= 10 else 2
    observed, p = format_number(test.observed, digits), format_p_value(test.p)
    words = WORDS("tests.panel", language, joint="\n", observed=observed, p=p, pairs=str(test.pairs))
    axes.annotate(
        words, (test.observed, axes.get_ylim()[1]), xytext=(4 if right else -4, -1), textcoords="offset points",
        ha="left" if right else "right", va="top", fontsize=6.5, color=_REAL,
    )  # fmt: skip
    bars = pd.DataFrame({"from_value": edges[:-1], "to_value": edges[1:], "draws": np.asarray(counts, dtype=int)})
    return bars.assign(observed=test.observed, p=test.p, pairs=test.pairs)


def path_plot(paths: pd.DataFrame, *, language: str = "en") -> Figure:
    """Mean log gap of light between partners by year, with the middle 95 % of drawn pairs; one line a sensor.

    Parameters
    ----------
    paths : of :func:`shanhai.studies.pairing.analysis.gap_paths`.
    language : str
    """
    with theme():
        sheet = Sheet(JOURNAL_WIDTH_MM, 74)
        left = 24 if language == "both" else 17
        axes = sheet.axes(left, 3, JOURNAL_WIDTH_MM - left - 3, 54)
        for position, (_, part) in enumerate(paths.groupby("sensor", sort=False)):
            named, drawn, mean = (
                None if position else WORDS(f"path.{key}", language) for key in ("observed", "drawn", "mean")
            )
            axes.fill_between(part["year"], part["low"], part["high"], color=_BAND, linewidth=0, label=drawn)
            axes.plot(part["year"], part["expected"], color="#6b8fb0", linewidth=0.9, linestyle="--", label=mean)
            axes.plot(
                part["year"], part["observed"], color=_REAL, linewidth=1.4, marker="o", markersize=2.6, label=named
            )
        breaks = paths.loc[paths["sensor"].ne(paths["sensor"].shift()), "year"].iloc[1:]
        for year in breaks:
            axes.axvline(year - 0.5, color="#4d4d4d", linewidth=0.8, linestyle=(0, (4, 2)))
            axes.text(year - 0.4, axes.get_ylim()[1], WORDS("path.sensor", language), size=6.5, va="top")
        axes.axhline(0, color="#7f7f7f", linewidth=0.6)
        axes.set_xlim(paths["year"].min() - 0.5, paths["year"].max() + 0.5)
        axes.set_xticks(paths["year"].to_numpy()[::3])
        axes.set_ylabel(wrap(WORDS("path.axis", language, joint="\n"), 7.5, 54))
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.12), ncols=3, frameon=False)
    shown = paths.assign(value=paths["observed"], quantity=WORDS("path.axis", language))
    return with_data(sheet.figure, shown[["sensor", "year", "value", "expected", "low", "high", "quantity"]])


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
    with theme():
        sheet = Sheet(JOURNAL_WIDTH_MM, 78)
        left = sheet.axes(34, 3, 60, 50)
        _registered(left, counties, names, language)
        right = sheet.axes(116, 3, JOURNAL_WIDTH_MM - 118, 50)
        _cohorts(right, cohorts, language)
    people = pd.DataFrame(
        {
            "codes": counties["codes"],
            "label": [names[codes] for codes in counties["codes"]],
            "residents_10000": counties["residents_2020"] / 1e4,
            "registered_elsewhere_10000": counties["difference"] / 1e4,
            "share_percent": counties["share"],
        }
    )
    gone = cohorts[["age_2010", "share"]].rename(columns={"share": "share_percent"})
    gone.insert(1, "age_last", gone["age_2010"] + 4)
    return with_data(sheet.figure, {"counties": people, "cohorts": gone})


def _registered(axes: Axes, counties: pd.DataFrame, names: Mapping[str, str], language: str) -> None:
    places = list(range(len(counties)))
    stayed, gone = counties["residents_2020"].to_numpy() / 1e4, counties["difference"].to_numpy() / 1e4
    axes.barh(places, stayed, height=0.6, color=_STAYED, label=WORDS("people.chart.residents", language))
    words = WORDS("people.chart.difference", language)
    axes.barh(places, gone, left=stayed, height=0.6, color=_LEFT, label=words)
    for place, start, value, share in zip(places, stayed, gone, counties["share"], strict=True):
        words = with_count(format_number(value, 0), format_percent(share, 0), language)
        axes.text(start + value + 1, place, words, size=6, va="center")
    axes.set_yticks(places, [wrap(names[codes], 7, 32) for codes in counties["codes"]])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.32 * float((stayed + gone).max()))
    axes.set_xlabel(WORDS("people.chart.persons", language))
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right"]].set_visible(False)
    columns = 1 if language == "both" else 2
    axes.legend(loc="upper left", bbox_to_anchor=(-0.45, -0.22), ncols=columns, frameon=False)


def _cohorts(axes: Axes, cohorts: pd.DataFrame, language: str) -> None:
    places = list(range(len(cohorts)))
    axes.bar(places, cohorts["share"], width=0.7, color=_LEFT)
    for place, share in zip(places, cohorts["share"], strict=True):
        axes.text(place, share + 0.8, format_number(share), size=6, ha="center")
    to = "～" if language == "zh" else "–"
    axes.set_xticks(places, [f"{age}{to}{age + 4}" for age in cohorts["age_2010"]])
    axes.tick_params(axis="x", labelsize=6, length=0, rotation=45)
    axes.set_xlabel(WORDS("people.chart.age", language))
    axes.set_ylabel(WORDS("people.chart.gone", language, joint="\n"))
    axes.spines[["top", "right"]].set_visible(False)
