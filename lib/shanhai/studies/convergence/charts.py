"""Convergence drawn: the seam, the 26 against the rest, growth, inequality, moves of class, neighbours."""

from collections.abc import Iterable, Mapping, Sized

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from shanhai.core.errors import ReportError
from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.render.charts.estimates import INTERVAL, SERIES
from shanhai.render.figure_data import with_data
from shanhai.render.numbers import format_number
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.render.words import Pair
from shanhai.studies.convergence.design import Period
from shanhai.studies.convergence.words import MEASURES, SAMPLES, WORDS

_DASHED = (0, (3, 2))
_GREY = "#7f7f7f"
_SEAM_YEAR = SENSOR_BREAK - 0.5
"""Where the line between the sensors is drawn."""

_DARK = 0.5
"""Chance above which a cell's number is white."""


def seam_plot(seam: Mapping[str, pd.DataFrame], *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw what the composites say by year, with the seam between the sensors.

    Parameters
    ----------
    seam : mapping of the key of a sample to DataFrame
        From ``seam_evidence``, one an area.
    language : str
    width : float
        Millimetres.
    """
    _require(seam, language)
    panels = WORDS.labels("charts.seam")
    room = (width - 3) / 3
    drawn = []
    with theme():
        top = 5 + _title_height(panels.values(), language, room - 6)
        sheet = Sheet(width, top + 51)
        for place, (column, title) in enumerate(panels.items()):
            axes = sheet.axes(place * room + 13, top, room - 16, 40)
            for order, (name, rows) in enumerate(seam.items()):
                values = rows[column]
                if column == "total":
                    values = 100 * values / rows.loc[rows["year"].eq(SENSOR_BREAK), column].iloc[0]
                (colour, marker), text = SERIES[order], label(language, *SAMPLES[name])
                _two_sensors(axes, rows["year"], values, colour, marker, text)
                line = {"variable": column, "series": name, "series_label": text, "year": rows["year"]}
                drawn.append(pd.DataFrame({**line, "value": values, "quantity": label(language, *title)}))
            _seam(axes)
            if column == "total":
                axes.set_yscale("log")
                axes.set_yticks([10, 20, 50, 100, 200], ["10", "20", "50", "100", "200"])
                axes.minorticks_off()
            elif column == "correlation":
                axes.legend(loc="lower right", frameon=False, borderaxespad=0)
            _title(sheet, place * room + 3, title, language, room - 6)
            _plain(axes)
    return with_data(sheet.figure, pd.concat(drawn))


def position_plot(
    paths: Mapping[str, pd.DataFrame], *, language: str = "en", width: float = JOURNAL_WIDTH_MM
) -> Figure:
    """Draw a group against the others by year, in percent of their value per resident.

    Parameters
    ----------
    paths : mapping
        ``year`` and ``ratio`` of ``lights_per_head``, ``gdp_per_head`` and ``prefectures``, or some of them; lines of
        light are broken at the seam.
    language, width
        As in :func:`seam_plot`.
    """
    shown = [key for key in ("lights_per_head", "gdp_per_head", "prefectures") if key in paths]
    _require(shown, language)
    drawn = {}
    with theme():
        top = 3 + 4.4 * len(shown)
        sheet = Sheet(width, top + 70)
        axes = sheet.axes(16, top, width - 20, 58)
        for order, key in enumerate(shown):
            (colour, marker), rows, name = SERIES[order], paths[key], WORDS(f"charts.position.{key}", language)
            if key == "lights_per_head":
                _two_sensors(axes, rows["year"], rows["ratio"], colour, marker, name)
            else:
                axes.plot(
                    rows["year"], rows["ratio"], color=colour, marker=marker, markersize=3.5, linewidth=1, label=name
                )
            quantity = WORDS("charts.position.up", language)
            line = {"series_label": name, "year": rows["year"], "value": rows["ratio"], "quantity": quantity}
            drawn[key] = pd.DataFrame(line)
        _seam(axes)
        axes.axhline(100, color=_GREY, linewidth=0.5)
        axes.set_ylim(0, 105)
        axes.set_ylabel(wrap(WORDS("charts.position.up", language, joint="\n"), 8, 58))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1, frameon=False, borderaxespad=0.2)
        _plain(axes)
    return with_data(sheet.figure, drawn, "series")


def beta_plot(
    points: Mapping[Period, pd.DataFrame], *, language: str = "en", width: float = JOURNAL_WIDTH_MM
) -> Figure:
    """Draw growth on the initial level, one panel a period, a group marked.

    Parameters
    ----------
    points : mapping of Period to DataFrame
        ``code``, ``initial`` (log), ``growth`` (percent a year), ``marked`` (bool), and the fitted ``line``.
    language, width
        As in :func:`seam_plot`.
    """
    _require(points, language)
    low, high = (float(end([end(rows["growth"]) for rows in points.values()])) for end in (min, max))
    room = (width - 3) / len(points)
    with theme():
        titles = [_period_name(period) for period in points]
        legend_columns = 1 if language == "both" else 2  # names in two languages do not fit beside each other
        top = 10 + (4 if language == "both" else 0) + _title_height(titles, language, room - 6)
        sheet = Sheet(width, top + 60)
        for place, rows in enumerate(points.values()):
            axes = sheet.axes(place * room + 13, top, room - 16, 46)
            for order, name in enumerate(("others", "the_26")):
                part = rows[rows["marked"].eq(name == "the_26")]
                colour, marker = SERIES[order]
                text = WORDS(f"charts.beta.{name}", language, count=format_number(len(part)))
                axes.plot(part["initial"], part["growth"], marker, color=colour, markersize=3.2, alpha=0.8, label=text)
            ordered = rows.sort_values("initial")
            axes.plot(ordered["initial"], ordered["line"], color="#000000", linewidth=1)
            axes.legend(
                loc="lower left",
                bbox_to_anchor=(0, 1),
                ncols=legend_columns,
                frameon=False,
                borderaxespad=0.1,
                handletextpad=0,
            )
            axes.set_xlabel(WORDS("charts.beta.across", language))
            if place == 0:
                axes.set_ylabel(WORDS("charts.beta.up", language))
            # both panels are percent a year, so slopes and scatter can be compared by eye
            axes.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
            _title(sheet, place * room + 3, titles[place], language, room - 6)
            axes.spines[["top", "right"]].set_visible(False)
    columns = {"initial": "initial_log", "growth": "growth_percent_a_year", "line": "line_percent_a_year"}
    shown = {
        period.name: rows.assign(
            panel_label=label(language, *title), series=np.where(rows["marked"], "the_26", "others")
        )
        for (period, rows), title in zip(points.items(), titles, strict=True)
    }
    kept = ["panel_label", "code", "series", *columns]
    return with_data(
        sheet.figure, {key: rows.filter(kept).rename(columns=columns) for key, rows in shown.items()}, "panel"
    )


def province_plot(
    estimates: Mapping[Period, pd.DataFrame],
    names: Mapping[str, Pair],
    *,
    marked: str = "",
    language: str = "en",
    width: float = JOURNAL_WIDTH_MM,
) -> Figure:
    """Draw beta of each province with its interval, one series a measure, in the order of the first.

    Parameters
    ----------
    estimates : mapping of Period to DataFrame
        Of ``by_province``: ``province_code``, ``estimate``, ``low``, ``high``.
    names : mapping of province code to English and Chinese name
    marked : str
        Code of a province whose row is shaded.
    language, width
        As in :func:`seam_plot`.
    """
    _require(estimates, language)
    first = next(iter(estimates.values())).sort_values("estimate")
    codes = first["province_code"].tolist()
    drawn = {}
    with theme():
        labels = [label(language, *names[code]) for code in codes]
        left = max(text_size(text, 7)[0] for text in labels) + 4
        shown = [label(language, *_period_name(period), joint="\n") for period in estimates]
        top = 5 + max(text_size(text, 7)[1] for text in shown)
        sheet = Sheet(width, top + 4.1 * len(codes) + 15)
        axes = sheet.axes(left, top, width - left - 4, 4.1 * len(codes))
        if marked in codes:
            axes.axhspan(codes.index(marked) - 0.5, codes.index(marked) + 0.5, color="#e8e8e8", zorder=0)
        for order, (period, rows) in enumerate(estimates.items()):
            known = rows[rows["province_code"].isin(codes)]
            height = known["province_code"].map(codes.index) + (order - (len(estimates) - 1) / 2) * 0.36
            colour, marker = SERIES[order]
            axes.hlines(height, known["low"], known["high"], color=colour, linewidth=1)
            axes.plot(known["estimate"], height, marker, color=colour, markersize=3.2, label=shown[order])
            row = known.assign(
                series_label=shown[order], value=known["estimate"], quantity=WORDS("charts.provinces.across", language)
            )
            row["label"] = row["province_code"].map(dict(zip(codes, labels, strict=True)))
            kept = ["series_label", "province_code", "label", *INTERVAL, "n", "quantity"]
            drawn[period.name] = row.filter(kept).sort_values(
                "province_code", key=lambda values: values.map(codes.index)
            )
        axes.axvline(0, color="#000000", linewidth=0.6, linestyle=_DASHED)
        axes.set_yticks(range(len(codes)), labels)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(codes) - 0.4, -0.6)
        axes.set_xlabel(WORDS("charts.provinces.across", language, joint="\n"))
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0.2)
    return with_data(sheet.figure, drawn, "series")


def inequality_plot(
    split: Mapping[tuple[str, str], pd.DataFrame], *, language: str = "en", width: float = JOURNAL_WIDTH_MM
) -> Figure:
    """Draw Theil's T of light per resident by year as a stack of its parts, one panel an area.

    Parameters
    ----------
    split : mapping of scope and measure to DataFrame
        From ``inequality_path``; those of light per resident are drawn.
    language, width
        As in :func:`seam_plot`.
    """
    titles = WORDS.labels("charts.inequality.titles")
    paths = {scope: split[scope, "lights_per_head"] for scope in titles if (scope, "lights_per_head") in split}
    _require(paths, language)
    room = (width - 3) / len(paths)
    drawn = []
    with theme():
        stacks = {scope: WORDS.labels(f"charts.inequality.{scope}") for scope in paths}
        lines = max(map(len, stacks.values())) * (2 if language == "both" else 1)
        top = 5 + 4.2 * lines + _title_height([titles[scope] for scope in paths], language, room - 6)
        sheet = Sheet(width, top + 55)
        for place, (scope, rows) in enumerate(paths.items()):
            axes = sheet.axes(place * room + 17, top, room - 20, 44)
            floor = np.zeros(len(rows))
            for order, (column, name) in enumerate(stacks[scope].items()):
                axes.bar(
                    rows["year"], rows[column], bottom=floor, width=0.85, color=SERIES[order][0],
                    alpha=(0.9, 0.6, 0.35)[order], label=label(language, *name, joint="\n"),
                )  # fmt: skip
                floor = floor + rows[column].to_numpy()
                part = rows[["year"]].assign(series=column, series_label=label(language, *name), value=rows[column])
                drawn.append(part.assign(panel=scope, panel_label=label(language, *titles[scope])))
            _seam(axes)
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1, frameon=False, borderaxespad=0.2)
            if place == 0:
                axes.set_ylabel(WORDS("charts.inequality.up", language, joint="\n"), labelpad=2)
            _title(sheet, place * room + 3, titles[scope], language, room - 6)
            _plain(axes)
    return with_data(sheet.figure, pd.concat(drawn).assign(quantity=WORDS("charts.inequality.up", language)))


def transition_plot(moves: pd.DataFrame, *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw chances of moves between classes, with the shares of the classes first, last and in the long run below.

    Parameters
    ----------
    moves : DataFrame
        Of ``transition_table``, one panel a sample and segment.
    language, width
        As in :func:`seam_plot`.

    Raises
    ------
    ReportError
        If there is no matrix, or more than three.
    """
    check_language(language)
    grouped = () if moves.empty else moves.groupby(["sample", "segment"], sort=False)
    panels = {(str(sample), str(segment)): rows for (sample, segment), rows in grouped}
    if not 0 < len(panels) <= 3:
        raise ReportError(f"{len(panels)} matrices asked for; one to three fit one figure.")
    room = (width - 3) / len(panels)
    side = min(room - 20, 58.0)
    with theme():
        sheet = Sheet(width, side + 66)
        for place, ((sample, segment), rows) in enumerate(panels.items()):
            ordered = rows.sort_values("start")
            chances = ordered[[name for name in ordered.columns if name.startswith("to_")]].dropna(axis=1).to_numpy()
            axes = sheet.axes(place * room + 15, 12, side, side)
            axes.imshow(chances, cmap="Blues", vmin=0, vmax=1)
            for row, column in np.ndindex(chances.shape):
                colour = "#ffffff" if chances[row, column] > _DARK else "#000000"
                text = format_number(100 * chances[row, column])
                axes.text(column, row, text, ha="center", va="center", color=colour, size=7)
            classes = [format_number(number) for number in ordered["start"]]
            axes.set_xticks(range(len(classes)), classes)
            axes.set_yticks(range(len(classes)), classes)
            axes.tick_params(length=0)
            axes.set_xlabel(WORDS("charts.transitions.later", language))
            if place == 0:
                axes.set_ylabel(WORDS("charts.transitions.start", language))
            years = segment.replace("-", "–"), segment.replace("-", "—")
            title = WORDS(f"charts.transitions.{sample}", language, joint="\n", segment=years)
            sheet.text(place * room + 15, 2, wrap(title, 8, room - 18), 8)
            _bars(sheet, ordered, (place * room + 15, side + 30, side), language, place == 0)
    return with_data(sheet.figure, _moves(pd.concat([rows.sort_values("start") for rows in panels.values()])))


def _moves(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Chances of the matrices and shares of the bars, percent, one below the other."""
    keys = ["sample", "segment", "start"]
    ends = {name: int(name[3:]) for name in rows.columns if name.startswith("to_")}
    chances = rows.rename(columns=ends).melt(keys, list(ends.values()), "end", "share", ignore_index=False)
    shares = rows.melt(keys, list(WORDS.labels("charts.transitions.bars")), "series", "share", ignore_index=False)
    layers = {"moves": chances.dropna().astype({"end": int}), "shares": shares}
    return {
        layer: part.assign(percent=100 * part["share"])
        .drop(columns="share")
        .rename(columns={"start": "start_class", "end": "end_class"})
        .sort_index(kind="stable")
        for layer, part in layers.items()
    }


def _bars(sheet: Sheet, rows: pd.DataFrame, box: tuple[float, float, float], language: str, first: bool) -> None:
    left, top, side = box
    axes = sheet.axes(left, top, side, 24)
    for order, (column, name) in enumerate(WORDS.labels("charts.transitions.bars").items()):
        heights = 100 * rows[column]
        places = rows["start"] + (order - 1) * 0.27
        axes.bar(places, heights, width=0.25, color=SERIES[order][0], label=label(language, *name))
    axes.set_xticks(rows["start"], [format_number(number) for number in rows["start"]])
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel(WORDS("charts.transitions.class", language))
    if first:
        axes.set_ylabel(WORDS("charts.transitions.share", language, joint="\n"))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, borderaxespad=0.1)


def moran_plot(table: pd.DataFrame, *, language: str = "en", width: float = JOURNAL_WIDTH_MM) -> Figure:
    """Draw Moran's I by year with the range that chance gives to the first measure (two standard deviations).

    Parameters
    ----------
    table : DataFrame
        From ``moran_table``: measure, year, moran, expected, se.
    language, width
        As in :func:`seam_plot`.
    """
    check_language(language)
    if table.empty:
        raise ReportError("There is no year to draw; pass the table of Moran's I.")
    with theme():
        sheet = Sheet(width, 66)
        axes = sheet.axes(16, 12, width - 20, 42)
        for order, (measure, rows) in enumerate(table.groupby("measure", sort=False)):
            colour, marker = SERIES[order]
            seamed = len(rows) > 10
            for early in (True, False) if seamed else (False,):
                part = rows[rows["year"].lt(SENSOR_BREAK) == early] if seamed else rows
                face = "#ffffff" if early else colour
                text = "_nolegend_" if early else label(language, *MEASURES[str(measure)])
                axes.plot(
                    part["year"], part["moran"], color=colour, marker=marker, markersize=3.5, markerfacecolor=face,
                    linewidth=1 if seamed else 0, label=text,
                )  # fmt: skip
        widest = table[table["measure"].eq(table["measure"].iloc[0])].sort_values("year")
        floor, top = widest["expected"] - 2 * widest["se"], widest["expected"] + 2 * widest["se"]
        chance = WORDS("charts.moran.chance", language)
        axes.fill_between(widest["year"], floor, top, color="#d9d9d9", linewidth=0, label=chance)
        axes.axvline(_SEAM_YEAR, color=_GREY, linewidth=0.8, linestyle=_DASHED)
        axes.set_ylabel(WORDS("charts.moran.up", language))
        axes.set_ylim(-0.3, 1)
        _plain(axes, 8)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, borderaxespad=0.2)
    drawn = table.assign(
        series=table["measure"],
        series_label=[label(language, *MEASURES[measure]) for measure in table["measure"]],
        value=table["moran"],
        chance_low=floor.reindex(table.index),
        chance_high=top.reindex(table.index),
    )
    kept = ["series", "series_label", "year", "chance_low", "chance_high", "value"]
    return with_data(sheet.figure, drawn[kept].assign(quantity=WORDS("charts.moran.up", language)))


def _two_sensors(axes: Axes, years: pd.Series, values: pd.Series, colour: str, marker: str, name: str) -> None:
    """A series in two pieces, open marks before the seam and full ones after it."""
    for early in (True, False):
        part = years < SENSOR_BREAK if early else years >= SENSOR_BREAK
        face = "#ffffff" if early else colour
        text = "_nolegend_" if early else name
        axes.plot(
            years[part], values[part], color=colour, marker=marker, markersize=3.2, markerfacecolor=face, linewidth=1,
            label=text,
        )  # fmt: skip


def _seam(axes: Axes) -> None:
    axes.axvline(_SEAM_YEAR, color=_GREY, linewidth=0.8, linestyle=_DASHED, zorder=0)


def _title(sheet: Sheet, left: float, title: Pair, language: str, width: float) -> None:
    sheet.text(left, 2, wrap(label(language, *title, joint="\n"), 8, width), 8)


def _title_height(titles: Iterable[Pair], language: str, width: float) -> float:
    """Millimetres of the highest title."""
    return max(text_size(wrap(label(language, *title, joint="\n"), 8, width), 8)[1] for title in titles)


def _plain(axes: Axes, ticks: int = 6) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=ticks))
    axes.xaxis.set_major_formatter(lambda value, _: format_number(value, grouped=False))
    axes.spines[["top", "right"]].set_visible(False)


def _require(series: Sized, language: str) -> None:
    check_language(language)
    if not 0 < len(series) <= len(SERIES):
        raise ReportError(f"{len(series)} series asked for; one to {len(SERIES)} can be told apart in one figure.")


def _period_name(period: Period) -> Pair:
    """Measure and years of a period in words."""
    return WORDS.pair(
        "regressions.named.least_squares",
        measure=MEASURES[period.measure],
        years=(f"{period.first}–{period.last}", f"{period.first}—{period.last}"),
    )
