"""Maps of counties that a journal can print: one on a sheet, or several of the same area side by side."""

from collections.abc import Collection, Sequence
from math import ceil
from string import ascii_lowercase

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from shanhai.core.errors import ReportError
from shanhai.geo.map_base import MapBase
from shanhai.render.maps._area import MapArea, Region, map_area
from shanhai.render.maps.draw import draw_area, map_lines, write_names
from shanhai.render.maps.flows import Flow, add_far_flows, add_flows, flow_handles, split_flows
from shanhai.render.maps.furniture import (
    LEGEND_TITLE_SIZE,
    add_legend,
    class_handles,
    legend_height,
    line_handles,
    locator,
    north_arrow,
    scale_bar,
)
from shanhai.render.maps.topics import WORDS, Kinds, MapClass, Outline, Topic, named_classes, numeric_classes
from shanhai.render.numbers import format_number, format_percent
from shanhai.render.sheet import Sheet, text_size, wrap
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, label, theme
from shanhai.render.words import Pair

_SIDE = 50.0
"""Width in millimetres of the column beside a single map."""

_INSET, _ARROW = _SIDE * 0.8, 14.0
"""Heights in millimetres of the locator and of the north arrow above it."""

_GAP = 4.0
_SMALL, _PANEL_TITLE = 6.0, 8.0
"""Points."""

_TALLEST = 225.0
"""Millimetres that a page leaves for a map."""

_TRUE_SCALE = 0.01
"""Error of scale from which a map says where its scale bar is true."""


def draw_map(
    base: MapBase,
    frame: pd.DataFrame,
    subject: Topic | Kinds,
    region: Region = "330000",
    *,
    language: str = "en",
    outline: Outline | None = None,
    named: Collection[str] = (),
    flows: Sequence[Flow] = (),
) -> Figure:
    """Draw one map at full page width, with legend, north arrow and locator beside it.

    Parameters
    ----------
    base : MapBase
        Layers and places (:func:`shanhai.data.map_base.load_map_base`).
    frame : DataFrame
        One row a county: ``code``, ``name_en``, ``name_zh`` and the columns of subject and outline.
    subject : Topic or Kinds
        What the colours stand for.
    region : str, int or list of these
        One or several places of any level, by code or name: ``"330000"``, ``"330000,340000"``, ``["衢州", "341000"]``;
        ``100000`` for the country.
    language : str
        en, zh or both.
    outline : Outline, optional
        A group of counties to outline.
    named : collection of str
        Codes of counties that are named on the map.
    flows : sequence of Flow
        Lines between two places; those that leave the map are drawn in the inset.

    Raises
    ------
    ReportError
        If there is no place, a county of the map has no row in the frame, or a column is absent.
    UnknownPlaceError
        If a place is unknown, several bear its name, or it has no polygon.
    """
    check_language(language)
    area = map_area(base, region)
    rows, absent = area.rows_of(frame), area.rows_without_polygon(frame)
    classes, codes = _classes_of(rows, subject, language), _outlined_codes(rows, outline)
    with theme():
        width = min(JOURNAL_WIDTH_MM - _SIDE - _GAP, _TALLEST / area.aspect)
        height, side, print_left = width * area.aspect, width + _GAP, width * 0.36
        notes = wrap(_small_print([subject], area, len(rows), absent, language), _SMALL, side + _SIDE - print_left - 2)
        near, far = split_flows(flows, area)
        entries = [*_legend_entries(classes, area, outline, language), *flow_handles(near, far, language)]
        title = subject.title(language)
        # Beside a flat map legend, arrow and locator need more room than the map itself.
        beside = text_size(wrap(title, LEGEND_TITLE_SIZE, _SIDE - 2), LEGEND_TITLE_SIZE)[1] + _ARROW + _INSET + _GAP
        foot = max(height, beside + legend_height(entries, _SIDE, 1))
        sheet = Sheet(side + _SIDE, foot + 3 + max(8.0, text_size(notes, _SMALL)[1] + 1))
        axes = sheet.axes(0.3, 0.3, width - 0.3, height)
        draw_area(axes, area, classes, map_lines(area, codes))
        add_flows(axes, near, area.crs)
        write_names(axes, area, rows, language, named)
        scale_bar(axes, area, language)
        add_legend(sheet.axes(side, 0.5, _SIDE, foot / 2), entries, title, _SIDE)
        if not area.is_country:
            inset = sheet.axes(side, foot - _INSET, _SIDE, _INSET)
            locator(inset, base.provinces, area)
            add_far_flows(inset, far)
        north_arrow(sheet.axes(side, foot - _INSET - _ARROW, 10, 12), area, language)
        sheet.text(print_left, foot + 3, notes, _SMALL)
    return sheet.figure


def draw_maps(
    base: MapBase,
    frame: pd.DataFrame,
    subjects: Sequence[Topic | Kinds],
    region: Region = "330000",
    *,
    language: str = "en",
    outline: Outline | None = None,
) -> Figure:
    """Draw several maps of one area, two in a row, at one scale; parameters as in :func:`draw_map`.

    Raises
    ------
    ReportError
        If there is no subject, a county of the map has no row in the frame, or a column is absent.
    """
    check_language(language)
    if not subjects:
        raise ReportError("No subject to map; pass at least one Topic or Kinds.")
    area = map_area(base, region)
    rows, absent = area.rows_of(frame), area.rows_without_polygon(frame)
    classes, codes = [_classes_of(rows, subject, language) for subject in subjects], _outlined_codes(rows, outline)
    with theme():
        width, lines = (JOURNAL_WIDTH_MM - _GAP) / 2, map_lines(area, codes)
        height = width * area.aspect
        titles = [wrap(subject.title(language), _PANEL_TITLE, width - 6) for subject in subjects]
        entries = [_legend_entries(found, area, outline, language) for found in classes]
        head = max(text_size(title, _PANEL_TITLE)[1] for title in titles) + 2
        legend = max(legend_height(entry, width, 2) for entry in entries)
        notes = wrap(_small_print(subjects, area, len(rows), absent, language), _SMALL, JOURNAL_WIDTH_MM - 68)
        step = head + height + legend + 4
        foot = step * ceil(len(subjects) / 2)
        sheet = Sheet(JOURNAL_WIDTH_MM, foot + max(14.0, text_size(notes, _SMALL)[1] + 2))
        for position, found in enumerate(classes):
            left, top = (position % 2) * (width + _GAP) + 0.3, position // 2 * step
            sheet.text(left, top + 0.5, f"({ascii_lowercase[position]})", _PANEL_TITLE)
            sheet.text(left + 6, top + 0.5, titles[position], _PANEL_TITLE)
            axes = sheet.axes(left, top + head, width - 0.6, height)
            draw_area(axes, area, found, lines)
            key = sheet.axes(left, top + head + height + 1.5, width - 0.6, legend)
            add_legend(key, entries[position], "", width - 0.6, columns=2)
            if position == (len(subjects) - 1) // 2 * 2:  # first map of the last row
                scale_bar(axes, area, language, depth=legend + 5)
        sheet.text(52, foot + 1, notes, _SMALL)
        north_arrow(sheet.axes(JOURNAL_WIDTH_MM - 12, foot, 10, 12), area, language)
    return sheet.figure


def _classes_of(rows: pd.DataFrame, subject: Topic | Kinds, language: str) -> list[MapClass]:
    """Classes of a subject: quantiles of a number, or named kinds."""
    if isinstance(subject, Kinds):
        return named_classes(rows, subject, language)
    return numeric_classes(rows, subject, language)


def _outlined_codes(rows: pd.DataFrame, outline: Outline | None) -> frozenset[str]:
    """Codes of the group with a heavy outline.

    Raises
    ------
    ReportError
        If its column is absent.
    """
    if outline is None:
        return frozenset()
    if outline.column not in rows.columns:
        raise ReportError(f"Column {outline.column!r} is not in the frame; outline a boolean column that is.")
    return frozenset(rows["code"][rows[outline.column].fillna(False).astype(bool)])


def _legend_entries(
    classes: Sequence[MapClass], area: MapArea, outline: Outline | None, language: str
) -> list[Patch | Line2D]:
    """Boxes of the classes, then lines of outline and provincial border."""
    named = label(language, outline.en, outline.zh, joint="\n") if outline else ""
    return [*class_handles(classes), *line_handles(language, borders=len(area.borders) > 0, outlined=named)]


def _small_print(
    subjects: Sequence[Topic | Kinds], area: MapArea, counties: int, absent: pd.DataFrame, language: str
) -> str:
    """Sources, projection, classification, counties not drawn and base-map note, each on a line of its own."""
    lines = [_source_line(subjects), _projection_line(area)]
    if any(isinstance(subject, Topic) for subject in subjects):
        lines.append(WORDS.pair(f"print.classes.{'one' if counties == 1 else 'many'}", count=format_number(counties)))
    if len(absent):
        lines.append(WORDS.pair("print.absent", counties=_names(absent)))
    if area.is_country and len(area.neighbours):
        counted = area.neighbours["code"].str[:2].isin(area.counties["code"].str[:2].unique())
        lines.append(WORDS.pair("print.uncounted", provinces=_names(area.neighbours[~counted])))
    lines.append(WORDS.pair("print.base_map"))
    wanted = {"en": [en for en, _ in lines], "zh": [zh for _, zh in lines]}
    return "\n".join(wanted[language] if language in wanted else [text for pair in lines for text in pair[::-1]])


def _source_line(subjects: Sequence[Topic | Kinds]) -> Pair:
    """Sources of the subjects and of the boundaries, each once."""
    keys = dict.fromkeys(key for subject in subjects for key in (*subject.sources, "boundaries") if key != "boundaries")
    english, chinese = zip(*(WORDS.pair(f"source.{key}") for key in (*keys, "boundaries")), strict=True)
    return WORDS.pair("print.sources", sources=("; ".join(english), "；".join(chinese)))


def _projection_line(area: MapArea) -> Pair:
    """Projection with its parameters, and the error of scale where it is large."""
    south, north, meridian = (format_number(value, 1) for value in area.parallels_and_meridian())
    english, chinese = WORDS.pair("print.projection", south=south, north=north, meridian=meridian)
    error = area.scale_error()
    if error <= _TRUE_SCALE:
        return english, chinese
    scale = WORDS.pair("print.scale", error=format_percent(100 * error, 0))
    return english + scale[0], chinese + scale[1]


def _names(rows: pd.DataFrame) -> Pair:
    """Names of places, joined."""
    return ", ".join(rows["name_en"].astype(str)), "、".join(rows["name_zh"].astype(str))
