"""Maps of counties that a journal can print: one on a sheet, or several of the same area side by side."""

from collections.abc import Collection, Sequence
from math import ceil
from string import ascii_lowercase

import pandas as pd
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.render.maps.area import MapLayers, load_map_layers, map_area
from shanhai.render.maps.draw import draw_area, map_lines, write_names
from shanhai.render.maps.flows import Flow, add_far_flows, add_flows, flow_handles, split_flows
from shanhai.render.maps.furniture import LEGEND_TITLE_SIZE, add_legend, legend_height, locator, north_arrow, scale_bar
from shanhai.render.maps.parts import classes_of, legend_entries, outlined_codes, rows_on_map, rows_without_polygon
from shanhai.render.maps.region import Region
from shanhai.render.maps.sheet import Sheet, text_size, wrap
from shanhai.render.maps.text import small_print
from shanhai.render.maps.topics import Kinds, Outline, Topic
from shanhai.render.style import JOURNAL_WIDTH_MM, check_language, theme

SIDE = 50.0
"""Width in millimetres of the column beside a single map."""

INSET, ARROW = SIDE * 0.8, 14.0
"""Heights in millimetres of the locator and of the north arrow above it."""

GAP = 4.0
SMALL, PANEL_TITLE = 6.0, 8.0
"""Points."""

TALLEST = 225.0
"""Millimetres that a page leaves for a map."""


def draw_map(
    frame: pd.DataFrame,
    subject: Topic | Kinds,
    region: Region = "330000",
    *,
    language: str = "en",
    outline: Outline | None = None,
    named: Collection[str] = (),
    layers: MapLayers | None = None,
    flows: Sequence[Flow] = (),
) -> Figure:
    """Draw one map at full page width, with legend, north arrow and locator beside it.

    Parameters
    ----------
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
    layers : MapLayers, optional
        The project's own by default.
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
    layers = layers or load_map_layers()
    area = map_area(region, layers)
    rows, absent = rows_on_map(frame, area), rows_without_polygon(frame, area)
    classes, codes = classes_of(rows, subject, language), outlined_codes(rows, outline)
    with theme():
        width = min(JOURNAL_WIDTH_MM - SIDE - GAP, TALLEST / area.aspect)
        height, side, print_left = width * area.aspect, width + GAP, width * 0.36
        notes = wrap(small_print([subject], area, len(rows), absent, language), SMALL, side + SIDE - print_left - 2)
        near, far = split_flows(flows, area)
        entries = [*legend_entries(classes, area, outline, language), *flow_handles(near, far, language)]
        title = subject.title(language)
        # Beside a flat map legend, arrow and locator need more room than the map itself.
        beside = text_size(wrap(title, LEGEND_TITLE_SIZE, SIDE - 2), LEGEND_TITLE_SIZE)[1] + ARROW + INSET + GAP
        foot = max(height, beside + legend_height(entries, SIDE, 1))
        sheet = Sheet(side + SIDE, foot + 3 + max(8.0, text_size(notes, SMALL)[1] + 1))
        axes = sheet.axes(0.3, 0.3, width - 0.3, height)
        draw_area(axes, area, classes, map_lines(area, codes))
        add_flows(axes, near, area.crs)
        write_names(axes, area, rows, language, named)
        scale_bar(axes, area, language)
        add_legend(sheet.axes(side, 0.5, SIDE, foot / 2), entries, title, SIDE)
        if not area.is_country:
            inset = sheet.axes(side, foot - INSET, SIDE, INSET)
            locator(inset, layers.provinces, area)
            add_far_flows(inset, far)
        north_arrow(sheet.axes(side, foot - INSET - ARROW, 10, 12), area, language)
        sheet.text(print_left, foot + 3, notes, SMALL)
    return sheet.figure


def draw_maps(
    frame: pd.DataFrame,
    subjects: Sequence[Topic | Kinds],
    region: Region = "330000",
    *,
    language: str = "en",
    outline: Outline | None = None,
    layers: MapLayers | None = None,
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
    area = map_area(region, layers)
    rows, absent = rows_on_map(frame, area), rows_without_polygon(frame, area)
    classes, codes = [classes_of(rows, subject, language) for subject in subjects], outlined_codes(rows, outline)
    with theme():
        width, lines = (JOURNAL_WIDTH_MM - GAP) / 2, map_lines(area, codes)
        height = width * area.aspect
        titles = [wrap(subject.title(language), PANEL_TITLE, width - 6) for subject in subjects]
        entries = [legend_entries(found, area, outline, language) for found in classes]
        head = max(text_size(title, PANEL_TITLE)[1] for title in titles) + 2
        legend = max(legend_height(entry, width, 2) for entry in entries)
        notes = wrap(small_print(subjects, area, len(rows), absent, language), SMALL, JOURNAL_WIDTH_MM - 68)
        step = head + height + legend + 4
        foot = step * ceil(len(subjects) / 2)
        sheet = Sheet(JOURNAL_WIDTH_MM, foot + max(14.0, text_size(notes, SMALL)[1] + 2))
        for position, found in enumerate(classes):
            left, top = (position % 2) * (width + GAP) + 0.3, position // 2 * step
            sheet.text(left, top + 0.5, f"({ascii_lowercase[position]})", PANEL_TITLE)
            sheet.text(left + 6, top + 0.5, titles[position], PANEL_TITLE)
            axes = sheet.axes(left, top + head, width - 0.6, height)
            draw_area(axes, area, found, lines)
            key = sheet.axes(left, top + head + height + 1.5, width - 0.6, legend)
            add_legend(key, entries[position], "", width - 0.6, columns=2)
            if position == (len(subjects) - 1) // 2 * 2:  # first map of the last row
                scale_bar(axes, area, language, depth=legend + 5)
        sheet.text(52, foot + 1, notes, SMALL)
        north_arrow(sheet.axes(JOURNAL_WIDTH_MM - 12, foot, 10, 12), area, language)
    return sheet.figure
