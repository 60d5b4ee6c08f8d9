"""Charts of the policy notebook: paths of light, event studies, placebo provinces, bounds, whole prefectures."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from shanhai.core.errors import ReportError
from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.methods.estimate import ENDS
from shanhai.methods.synthetic.sdid import SdidPlacebo
from shanhai.render.charts.estimates import INTERVAL, SERIES, coefficient_plot
from shanhai.render.figure_data import with_data
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.render.words import Pair
from shanhai.studies.policy.analysis import PolicyEstimation, TrendBounds
from shanhai.studies.policy.design import POLICY_YEARS
from shanhai.studies.policy.words import COMPARISONS, DESIGNS, FORMS, UNITS, WORDS

_GREY, _SHADE = "#7f7f7f", "#e6e6e6"
_DASHED = (0, (3, 2))

_IN_EVENTS = ("main", "chosen", "home", "neighbours", "long")
"""Designs whose event studies the notebook shows."""


def paths_plot(groups: pd.DataFrame, *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw mean log light by year and group, broken at the change of sensor, with the policy years as dashed lines.

    Parameters
    ----------
    groups : DataFrame
        Of ``group_paths``: index the year, one column a group.
    language, width

    Raises
    ------
    ReportError
        If there are no groups, or more than can be told apart.
    """
    check_language(language)
    if not 1 <= len(groups.columns) <= len(SERIES):
        raise ReportError(f"{len(groups.columns)} groups; one to {len(SERIES)} can be told apart in one figure.")
    with theme():
        rows = -(-len(groups.columns) // 2)
        sheet = Sheet(width, 80 + 4.5 * rows)
        axes = sheet.axes(16, 3 + 4.5 * rows, width - 20, 62)
        for (group, path), (colour, marker) in zip(groups.items(), SERIES, strict=False):
            for part in (path[path.index < SENSOR_BREAK], path[path.index >= SENSOR_BREAK]):
                axes.plot(part.index, part, color=colour, marker=marker, markersize=3, linewidth=1.1)
            axes.plot([], [], color=colour, marker=marker, markersize=3, label=WORDS(f"groups.{group}", language))
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + 0.12 * (high - low))
        for year in POLICY_YEARS:
            axes.axvline(year - 0.5, color=_GREY, linewidth=0.8, linestyle=_DASHED)
            axes.annotate(str(year), (year - 0.5, axes.get_ylim()[1]), (2, -8), textcoords="offset points", size=7)
        axes.axvspan(SENSOR_BREAK - 1, SENSOR_BREAK, color=_SHADE, zorder=0)
        axes.set_ylabel(WORDS("charts.paths.up", language, joint="\n"))
        axes.set_xlabel(WORDS("charts.paths.across", language, joint="\n"))
        _tidy(axes)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0.2)
    drawn = groups.rename_axis("year").reset_index().melt("year", var_name="series", value_name="value")
    drawn["series_label"] = [WORDS(f"groups.{group}", language) for group in drawn["series"]]
    return with_data(sheet.figure, drawn.assign(quantity=WORDS("charts.paths.up", language)))


def forms_plot(rows: pd.DataFrame, unit: Pair, *, language: str = "en") -> Figure:
    """Draw the estimate in each form, a block a comparison.

    Parameters
    ----------
    rows : DataFrame
        Of ``forms_estimates``.
    unit : pair of str
        Unit of the estimate in English and Chinese.
    language : str
    """
    terms, models = ({key: label(language, *pair) for key, pair in names.items()} for names in (COMPARISONS, FORMS))
    return coefficient_plot(rows, terms=terms, models=models, language=language, outcome=unit)


def shown_in_events(estimations: Mapping[str, PolicyEstimation]) -> dict[str, PolicyEstimation]:
    """The designs whose event studies the notebook shows."""
    return {name: estimation for name, estimation in estimations.items() if name in _IN_EVENTS}


def event_plot(
    estimations: Mapping[str, PolicyEstimation], *, language: str = "en", width: float = JOURNAL_WIDTH_MM
) -> Figure:
    """Draw event studies, two panels a row: differences by year with intervals, over the middle 95 % of placebos.

    Parameters
    ----------
    estimations : mapping of the key of a design to its estimation
    language, width

    Raises
    ------
    ReportError
        If there is nothing to draw.
    """
    check_language(language)
    if not estimations:
        raise ReportError("There is no event study to draw; pass one or more.")
    drawn = {}
    with theme():
        wide = (width - 34) / 2
        titles = [wrap(label(language, *DESIGNS[name]), 8, wide) for name in estimations]
        above = max(text_size(title, 8)[1] for title in titles) + 3
        alike: dict[str, list[Axes]] = {}
        rows, tall = -(-len(titles) // 2), 44.0
        sheet = Sheet(width, rows * (tall + above + 7) + 14)
        for place, (title, (name, estimation)) in enumerate(zip(titles, estimations.items(), strict=True)):
            left, top = 15 + (place % 2) * (wide + 16), (place // 2) * (tall + above + 7) + 2
            sheet.text(left, top, title, 8)
            axes = sheet.axes(left, top + above, wide, tall)
            years = _event_years(estimation)
            _event_panel(axes, estimation, years)
            unit = label(language, *UNITS[estimation.design.outcome])
            drawn[name] = years.assign(panel_label=label(language, *DESIGNS[name]), quantity=unit)
            alike.setdefault(estimation.design.outcome, []).append(axes)
            if place % 2 == 0:
                axes.set_ylabel(unit)
        for panels in alike.values():  # of one unit, so that panels can be compared by eye
            _share_heights(panels)
        note = WORDS("charts.events.note", language, joint="\n")
        sheet.text(4, rows * (tall + above + 7) + 2, wrap(note, 7, width - 8), 7)
    return with_data(sheet.figure, drawn, "panel")


def placebo_regions_plot(
    estimation: PolicyEstimation,
    names: Mapping[str, Pair],
    *,
    language: str = "en",
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw the placebo effects of each province (mean and middle 95 %), and the real effect as a line.

    Parameters
    ----------
    estimation : PolicyEstimation
    names : mapping of province code to (English, Chinese) name
    language, width
    """
    check_language(language)
    table = estimation.placebo.by_region().sort_values("mean", kind="stable", ignore_index=True)
    with theme():
        labels = [label(language, *names[code]) for code in table["region"]]
        left = max(text_size(text, 8)[0] for text in labels) + 5
        tall = 4.6 * len(table)
        key = WORDS("charts.placebos.key", language, joint="\n")
        above = text_size(key, 7)[1] + 5
        sheet = Sheet(width, tall + above + 16)
        sheet.text(left, 2, key, 7)
        axes = sheet.axes(left, above, width - left - 5, tall)
        places = np.arange(len(table))
        axes.hlines(places, table["low"], table["high"], color="#9ecae1", linewidth=3)
        axes.plot(table["mean"], places, "o", color=SERIES[0][0], markersize=4)
        axes.axvline(0, color="#000000", linewidth=0.6, linestyle=_DASHED, zorder=0)
        axes.axvline(estimation.placebo.mean, color=SERIES[0][0], linewidth=1.0, linestyle=(0, (1, 1.5)))
        axes.axvline(estimation.estimate, color=SERIES[1][0], linewidth=1.6)
        axes.set_yticks(places, labels)
        axes.set_ylim(len(table) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0, labelsize=8)
        axes.spines[["top", "right", "left"]].set_visible(False)
        across = WORDS("charts.placebos.across", language, unit=UNITS[estimation.design.outcome])
        axes.set_xlabel(across)
    bars = table.assign(code=table["region"], label=labels, value=table["mean"])[["code", "label", *INTERVAL, "draws"]]
    lines = pd.DataFrame({"value": [estimation.estimate, estimation.placebo.mean]})
    layers = {"placebo": bars, "actual": lines[:1], "placebo_mean": lines[1:]}
    return with_data(sheet.figure, {key: rows.assign(quantity=across) for key, rows in layers.items()})


def bounds_plot(bounds: TrendBounds, unit: Pair, *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw intervals of the effect under bounds on how far trends may part: relative magnitudes and smoothness.

    Parameters
    ----------
    bounds : TrendBounds
        Of ``bound_trends``.
    unit : pair of str
        Unit of the effect in English and Chinese.
    language, width
    """
    check_language(language)
    panels = {"magnitudes": bounds.magnitudes, "slopes": bounds.slopes}
    with theme():
        wide = (width - 36) / 2
        titles = [wrap(WORDS(f"charts.bounds.{key}.title", language), 8, wide) for key in panels]
        above = max(text_size(title, 8)[1] for title in titles) + 4
        sheet = Sheet(width, above + 74 + (4 if language == "both" else 0))
        for place, (key, table) in enumerate(panels.items()):
            left = 15 + place * (wide + 17)
            sheet.text(left, 2, titles[place], 8)
            axes = sheet.axes(left, 2 + above, wide, 50)
            steps = np.arange(len(table))
            axes.vlines(steps, table["ci_low"], table["ci_high"], color=SERIES[0][0], linewidth=2)
            if "low" in table.columns:
                axes.vlines(steps, table["low"], table["high"], color=SERIES[1][0], linewidth=5, alpha=0.5)
            else:
                axes.plot(steps, table["estimate"], "o", color=SERIES[1][0], markersize=4)
            axes.axhline(0, color="#000000", linewidth=0.6, linestyle=_DASHED, zorder=0)
            axes.set_xticks(steps, [f"{bound:g}" for bound in table["bound"]])
            axes.set_xlim(-0.6, len(table) - 0.4)
            axes.set_xlabel(WORDS(f"charts.bounds.{key}.across", language, joint="\n"))
            axes.spines[["top", "right"]].set_visible(False)
            if place == 0:
                axes.set_ylabel(label(language, *unit))
        _share_heights(sheet.figure.axes)
        note = WORDS("charts.bounds.note", language, joint="\n")
        sheet.text(4, sheet.height - (9 if language == "both" else 6), note, 7)
    names = {
        "bound": "trend_bound",
        "estimate": "value",
        "low": "allowed_low",
        "high": "allowed_high",
        "ci_low": "low",
        "ci_high": "high",
    }
    shown = {key: table.filter(list(names)).rename(columns=names) for key, table in panels.items()}
    return with_data(sheet.figure, {key: rows.assign(quantity=label(language, *unit)) for key, rows in shown.items()})


def prefectures_plot(
    effects: Mapping[str, SdidPlacebo],
    names: Mapping[str, Pair],
    *,
    policy_year: int,
    language: str = "en",
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw the gap between each prefecture and its synthetic counterpart, over the gaps of the donors.

    Parameters
    ----------
    effects : mapping of prefecture code to the result
    names : mapping of code to (English, Chinese) name
    policy_year : first treated year.
    language, width
    """
    check_language(language)
    with theme():
        sheet = Sheet(width, 82)
        axes = sheet.axes(16, 9, width - 21, 55)
        donors = next(iter(effects.values())).placebos
        for donor in donors:
            axes.plot(donor.gap.index, donor.gap, color="#c4c4c4", linewidth=0.5, zorder=1)
        axes.plot([], [], color="#c4c4c4", linewidth=0.8, label=WORDS("charts.prefectures.donors", language))
        for (code, effect), (colour, marker) in zip(effects.items(), SERIES, strict=False):
            gap = effect.fit.gap
            axes.plot(
                gap.index, gap, color=colour, marker=marker, markersize=3.5, linewidth=1.3,
                label=label(language, *names[code]), zorder=3,
            )  # fmt: skip
        reach = 1.25 * max(float(np.quantile(np.abs([donor.gap for donor in donors]), 0.99)), 0.1)
        axes.set_ylim(-reach, reach)
        axes.axhline(0, color="#000000", linewidth=0.6, linestyle=_DASHED, zorder=2)
        axes.axvline(policy_year - 0.5, color=_GREY, linewidth=0.8, linestyle=_DASHED)
        axes.axvspan(SENSOR_BREAK - 1, SENSOR_BREAK, color=_SHADE, zorder=0)
        axes.set_ylabel(WORDS("charts.prefectures.up", language))
        axes.set_xlabel(WORDS("charts.prefectures.across", language, joint="\n", year=str(policy_year)))
        _tidy(axes)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, frameon=False, borderaxespad=0.2)
    return with_data(
        sheet.figure,
        {
            "donors": pd.concat([_gap_rows(fit.treated, fit.gap, "") for fit in donors]),
            "treated": pd.concat(
                [_gap_rows(code, effect.fit.gap, label(language, *names[code])) for code, effect in effects.items()]
            ),
        },
    )


def _gap_rows(code: str, gap: pd.Series, name: str) -> pd.DataFrame:
    return pd.DataFrame({"code": code, "label": name, "year": gap.index, "gap_log_points": gap.to_numpy()})


def yearly_plot(
    growth: Mapping[str, pd.DataFrame],
    names: Mapping[str, Pair],
    *,
    policy_year: int,
    language: str = "en",
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw yearly growth of prefectures less that of the rest, with its means before the policy and under it.

    Parameters
    ----------
    growth : mapping of price basis to growth
        Of ``relative_growth``; years in rows, the prefectures drawn in columns.
    names : mapping of code to (English, Chinese) name
    policy_year : first treated year.
    language, width
    """
    check_language(language)
    with theme():
        wide = (width - 26) / 2
        sheet = Sheet(width, 76)
        every = np.concatenate([table.to_numpy(dtype=np.float64) for table in growth.values()])
        for place, (prices, table) in enumerate(growth.items()):
            left = 19 + place * (wide + 5)
            sheet.text(left, 8, WORDS(f"charts.yearly.{prices}", language), 8)
            axes = sheet.axes(left, 14, wide - 1, 46)
            for (code, path), (colour, marker) in zip(table.items(), SERIES, strict=False):
                name = label(language, *names[str(code)])
                axes.plot(path.index, path, color=colour, marker=marker, markersize=3, linewidth=0.8, label=name)
                parts = (path[path.index < policy_year], path[path.index >= policy_year])
                for part in (years for years in parts if len(years)):  # figures may end before the policy year
                    axes.hlines(part.mean(), part.index[0], part.index[-1], color=colour, linewidth=2, alpha=0.45)
            axes.axhline(0, color="#000000", linewidth=0.6, linestyle=_DASHED, zorder=0)
            axes.axvline(policy_year - 0.5, color=_GREY, linewidth=0.8, linestyle=_DASHED)
            axes.set_ylim(float(np.nanmin(every)) - 0.5, float(np.nanmax(every)) + 0.5)
            _tidy(axes)
            if place == 0:
                axes.set_ylabel(wrap(WORDS("charts.yearly.up", language, joint="\n"), 7.5, 46))
                axes.legend(loc="lower left", bbox_to_anchor=(0, 1.14), ncols=2, frameon=False, borderaxespad=0)
        note = WORDS("charts.yearly.note", language, joint="\n", year=str(policy_year))
        sheet.text(4, 69, wrap(note, 7, width - 8), 7)
    shown = {
        prices: table.rename_axis("year").reset_index().melt("year", var_name="code", value_name="value")
        for prices, table in growth.items()
    }
    for rows in shown.values():
        rows["label"] = [label(language, *names[str(code)]) for code in rows["code"]]
        before = rows["year"].lt(policy_year).rename("before")
        rows["mean_of_period"] = rows.groupby(["code", before])["value"].transform("mean")
        rows["quantity"] = WORDS("charts.yearly.up", language)
    return with_data(sheet.figure, shown, "prices")


def _event_years(estimation: PolicyEstimation) -> pd.DataFrame:
    """Difference of each year with its interval, and the middle 95 % of the placebos."""
    low, high = np.quantile(estimation.placebo.paths, ENDS, axis=0)
    band = pd.DataFrame({"year": estimation.design.years, "placebo_low": low, "placebo_high": high})
    rows = estimation.study.to_frame().rename(columns={"estimate": "value"})[["year", *INTERVAL]]
    return rows.merge(band, on="year", how="right")


def _event_panel(axes: Axes, estimation: PolicyEstimation, table: pd.DataFrame) -> None:
    years = table["year"].to_numpy()
    axes.axvspan(years[0] - 0.5, estimation.design.policy_year - 0.5, color=_SHADE, zorder=0)
    axes.fill_between(
        years, table["placebo_low"], table["placebo_high"], color="#9ecae1", alpha=0.45, linewidth=0, zorder=1
    )
    axes.vlines(table["year"], table["low"], table["high"], color=SERIES[1][0], linewidth=1.2, zorder=2)
    axes.plot(table["year"], table["value"], "o", color=SERIES[1][0], markersize=4, zorder=3)
    axes.axhline(0, color="#000000", linewidth=0.6, linestyle=_DASHED, zorder=1)
    axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
    _tidy(axes)


def _share_heights(panels: Sequence[Axes]) -> None:
    """One vertical scale for all panels: the widest."""
    low, high = zip(*(axes.get_ylim() for axes in panels), strict=True)
    for axes in panels:
        axes.set_ylim(min(low), max(high))


def _tidy(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.spines[["top", "right"]].set_visible(False)
