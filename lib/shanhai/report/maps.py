"""Maps of counties that a journal can print: one on a sheet, or several of the same area side by side."""

from collections.abc import Collection, Sequence
from math import ceil
from string import ascii_lowercase

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from shanhai.errors import ReportError
from shanhai.report.map_area import MapArea, MapLayers, load_map_layers, map_area
from shanhai.report.map_classes import MapClass, named_classes, numeric_classes
from shanhai.report.map_draw import draw_area, write_names
from shanhai.report.map_furniture import add_legend, class_handles, line_handles, locator, north_arrow, scale_bar
from shanhai.report.map_sheet import Sheet, text_size, wrap
from shanhai.report.map_text import small_print
from shanhai.report.map_topics import Kinds, Topic
from shanhai.report.style import JOURNAL_WIDTH_MM, check_language, label, theme

SIDE = 50.0
"""Width in millimetres of the column beside a single map."""

GAP = 4.0
ROW = 4.0
"""Height in millimetres of one line of a legend."""

SMALL, LEGEND_TITLE, PANEL_TITLE = 6.0, 7.5, 8.0
"""Points."""

TALLEST = 235.0
"""Millimetres that a page leaves for a figure."""


def draw_map(
    frame: pd.DataFrame,
    subject: Topic | Kinds,
    region: str = "330000",
    *,
    language: str = "en",
    outlined: str = "",
    outlined_name: tuple[str, str] = ("the 26 mountain counties", "山区26县"),
    named: Collection[str] = (),
    layers: MapLayers | None = None,
) -> Figure:
    """Draw one map at full page width, with legend, north arrow and locator beside it.

    Parameters
    ----------
    frame : DataFrame
        One row a county: ``code``, ``name_en``, ``name_zh`` and the column of the subject.
    subject : Topic or Kinds
        What the colours stand for.
    region : str
        Province, prefecture, or ``100000`` for the country.
    language : str
        en, zh or both.
    outlined : str
        A boolean column whose counties get a heavy outline.
    outlined_name : tuple of str
        What the legend calls them, in English and Chinese.
    named : collection of str
        Codes of counties that are named on the map.
    layers : MapLayers, optional
        The project's own by default.

    Raises
    ------
    ReportError
        If a county of the map has no row in the frame.
    UnknownPlaceError
        If the region has no polygon.
    """
    check_language(language)
    layers = layers or load_map_layers()
    area = map_area(region, layers)
    rows, codes = _rows_of(frame, area), _outlined_codes(frame, outlined) & set(area.counties["code"])
    classes = _classes(rows, subject, language)
    with theme():
        width = min(JOURNAL_WIDTH_MM - SIDE - GAP, TALLEST / area.aspect)
        height, side = width * area.aspect, width + GAP
        print_left = width * 0.36
        notes = wrap(small_print([subject], area, len(rows), language), SMALL, width + GAP + SIDE - print_left - 2)
        sheet = Sheet(width + GAP + SIDE, height + 3 + max(8.0, text_size(notes, SMALL)[1] + 1))
        axes = sheet.axes(0.3, 0.3, width - 0.3, height)
        draw_area(axes, area, classes, codes)
        write_names(axes, area, rows, language, named)
        handles = [*class_handles(classes), *_lines(area, language, outlined, outlined_name)]
        title = wrap(subject.title(language), LEGEND_TITLE, SIDE - 2)
        add_legend(sheet.axes(side, 0.5, SIDE, height / 2), handles, title)
        locator(sheet.axes(side, height - SIDE * 0.8, SIDE, SIDE * 0.8), layers.provinces, area)
        north_arrow(sheet.axes(side, height - SIDE * 0.8 - 14, 10, 12), area, language)
        scale_bar(axes, area, language)
        sheet.text(print_left, height + 3, notes, SMALL)
    return sheet.figure


def draw_maps(
    frame: pd.DataFrame,
    subjects: Sequence[Topic | Kinds],
    region: str = "330000",
    *,
    language: str = "en",
    outlined: str = "",
    outlined_name: tuple[str, str] = ("the 26 mountain counties", "山区26县"),
    layers: MapLayers | None = None,
) -> Figure:
    """Draw several maps of one area, two in a row, at one scale; parameters as in :func:`draw_map`.

    Raises
    ------
    ReportError
        If there is no subject, or a county of the map has no row in the frame.
    """
    check_language(language)
    if not subjects:
        raise ReportError("No subject to map; pass at least one Topic or Kinds.")
    area = map_area(region, layers)
    rows, codes = _rows_of(frame, area), _outlined_codes(frame, outlined) & set(area.counties["code"])
    classes = [_classes(rows, subject, language) for subject in subjects]
    lines = _lines(area, language, outlined, outlined_name)
    with theme():
        width = (JOURNAL_WIDTH_MM - GAP) / 2
        titles = [
            wrap(f"({letter}) {subject.title(language)}", PANEL_TITLE, width)
            for letter, subject in zip(ascii_lowercase, subjects, strict=False)
        ]
        head = max(text_size(title, PANEL_TITLE)[1] for title in titles) + 2
        legend = ROW * ceil((max(map(len, classes)) + len(lines)) / 2) + 2
        height = width * area.aspect
        notes = wrap(small_print(subjects, area, len(rows), language), SMALL, JOURNAL_WIDTH_MM - 68)
        step = head + height + legend + 2
        sheet = Sheet(JOURNAL_WIDTH_MM, step * ceil(len(subjects) / 2) + max(14.0, text_size(notes, SMALL)[1] + 2))
        for position, (title, found) in enumerate(zip(titles, classes, strict=True)):
            left, top = (position % 2) * (width + GAP) + 0.3, position // 2 * step
            sheet.text(left, top + 0.5, title, PANEL_TITLE)
            axes = sheet.axes(left, top + head, width - 0.6, height)
            draw_area(axes, area, found, codes)
            add_legend(
                sheet.axes(left, top + head + height + 1.5, width, legend),
                [*class_handles(found), *lines],
                "",
                columns=2,
            )
            if position == len(subjects) - 1 - (len(subjects) - 1) % 2:  # first map of the last row
                scale_bar(axes, area, language, depth=legend + 4)
        foot = step * ceil(len(subjects) / 2)
        sheet.text(52, foot + 1, notes, SMALL)
        north_arrow(sheet.axes(JOURNAL_WIDTH_MM - 12, foot, 10, 12), area, language)
    return sheet.figure


def _rows_of(frame: pd.DataFrame, area: MapArea) -> pd.DataFrame:
    """Rows of the counties on the map, so that classes are those of the map."""
    absent = sorted(set(area.counties["code"]) - set(frame["code"]))
    if absent:
        raise ReportError(f"Counties {absent} are on the map but not in the frame; pass a row for each county.")
    return frame[frame["code"].isin(set(area.counties["code"]))].reset_index(drop=True)


def _classes(rows: pd.DataFrame, subject: Topic | Kinds, language: str) -> list[MapClass]:
    classify = named_classes if isinstance(subject, Kinds) else numeric_classes
    return classify(rows, subject, language)


def _outlined_codes(rows: pd.DataFrame, column: str) -> set[str]:
    if not column:
        return set()
    if column not in rows.columns:
        raise ReportError(f"Column {column!r} is not in the frame; name a boolean column to outline.")
    return set(rows["code"][rows[column].fillna(False).astype(bool)])


def _lines(area: MapArea, language: str, outlined: str, name: tuple[str, str]) -> list[Line2D]:
    return line_handles(language, borders=len(area.borders) > 0, outlined=label(language, *name) if outlined else "")
