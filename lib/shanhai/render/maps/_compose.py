"""Maps of counties that a journal can print: one on a sheet, or several of the same area side by side."""

from collections.abc import Collection, Sequence
from math import ceil
from string import ascii_lowercase

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from shanhai.core.errors import ReportError
from shanhai.core.fields import terrain_grid
from shanhai.geo.map_base import MapBase
from shanhai.render.figure_data import with_data
from shanhai.render.maps._area import MapArea, Region, map_area
from shanhai.render.maps._data import flow_rows, map_rows
from shanhai.render.maps._draw import draw_area, map_lines, write_names
from shanhai.render.maps._flows import Flow, add_far_flows, add_flows, flow_ends, flow_handles, split_flows
from shanhai.render.maps._furniture import (
    LEGEND_TITLE_SIZE,
    add_legend,
    class_handles,
    joint_handles,
    legend_height,
    line_handles,
    locator,
    north_arrow,
    scale_bar,
)
from shanhai.render.maps.topics import WORDS, Kinds, MapClass, Outline, Topic
from shanhai.render.numbers import (
    format_number,
    format_percent,
    format_range,
    is_missing,
    round_half_up,
    with_count,
)
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
    unions = _unions(rows, subject)
    with theme():
        width = min(JOURNAL_WIDTH_MM - _SIDE - _GAP, _TALLEST / area.aspect)
        height, side, print_left = width * area.aspect, width + _GAP, width * 0.36
        notes = wrap(small_print([subject], area, rows, absent, language), _SMALL, side + _SIDE - print_left - 2)
        near, far = split_flows(flows, area)
        boxes = [*class_handles(classes), *joint_handles(unions, language)]
        entries: list[Patch | Line2D] = [
            *boxes,
            *_line_entries(area, outline, language),
            *flow_handles(near, far, language),
        ]
        title = subject.title(language)
        # Beside a flat map legend, arrow and locator need more room than the map itself.
        beside = text_size(wrap(title, LEGEND_TITLE_SIZE, _SIDE - 2), LEGEND_TITLE_SIZE)[1] + _ARROW + _INSET + _GAP
        foot = max(height, beside + legend_height(entries, _SIDE, 1))
        sheet = Sheet(side + _SIDE, foot + 3 + max(8.0, text_size(notes, _SMALL)[1] + 1))
        axes = sheet.axes(0.3, 0.3, width - 0.3, height)
        draw_area(axes, area, classes, map_lines(area, codes, [union["code"] for union in unions]))
        add_flows(axes, near, area.crs)
        write_names(axes, area, rows, language, named, flow_ends(near, area.crs))
        scale_bar(axes, area, language)
        add_legend(sheet.axes(side, 0.5, _SIDE, foot / 2), entries, title, _SIDE)
        if not area.is_country:
            inset = sheet.axes(side, foot - _INSET, _SIDE, _INSET)
            locator(inset, base.provinces, area)
            add_far_flows(inset, far)
        north_arrow(sheet.axes(side, foot - _INSET - _ARROW, 10, 12), area, language)
        sheet.text(print_left, foot + 3, notes, _SMALL)
    drawn = map_rows(rows, {subject: classes}, codes, language)
    return with_data(sheet.figure, {"counties": drawn, "flows": flow_rows([*near, *far], language)} if flows else drawn)


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
        width, unions = (JOURNAL_WIDTH_MM - _GAP) / 2, [_unions(rows, subject) for subject in subjects]
        height = width * area.aspect
        titles = [wrap(subject.title(language), _PANEL_TITLE, width - 6) for subject in subjects]
        lines = _line_entries(area, outline, language)
        entries: list[list[Patch | Line2D]] = [
            [*class_handles(group), *joint_handles(joined, language), *lines]
            for group, joined in zip(classes, unions, strict=True)
        ]
        head = max(text_size(title, _PANEL_TITLE)[1] for title in titles) + 2
        legend = max(legend_height(entry, width, 2) for entry in entries)
        notes = wrap(small_print(subjects, area, rows, absent, language), _SMALL, JOURNAL_WIDTH_MM - 68)
        step = head + height + legend + 4
        foot = step * ceil(len(subjects) / 2)
        sheet = Sheet(JOURNAL_WIDTH_MM, foot + max(14.0, text_size(notes, _SMALL)[1] + 2))
        for position, found in enumerate(classes):
            left, top = (position % 2) * (width + _GAP) + 0.3, position // 2 * step
            sheet.text(left, top + 0.5, f"({ascii_lowercase[position]})", _PANEL_TITLE)
            sheet.text(left + 6, top + 0.5, titles[position], _PANEL_TITLE)
            axes = sheet.axes(left, top + head, width - 0.6, height)
            joined = [union["code"] for union in unions[position]]
            draw_area(axes, area, found, map_lines(area, codes, joined))
            key = sheet.axes(left, top + head + height + 1.5, width - 0.6, legend)
            add_legend(key, entries[position], "", width - 0.6, columns=2)
            if position == (len(subjects) - 1) // 2 * 2:  # first map of the last row
                scale_bar(axes, area, language, depth=legend + 5)
        sheet.text(52, foot + 1, notes, _SMALL)
        north_arrow(sheet.axes(JOURNAL_WIDTH_MM - 12, foot, 10, 12), area, language)
    return with_data(sheet.figure, map_rows(rows, dict(zip(subjects, classes, strict=True)), codes, language))


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


def _unions(rows: pd.DataFrame, subject: Topic | Kinds) -> list[pd.DataFrame]:
    """Counties that show a joint figure, one frame a union."""
    if isinstance(subject, Kinds) or subject.joint not in rows.columns:
        return []
    return [members for _, members in rows.groupby(subject.joint, sort=True)]


def _line_entries(area: MapArea, outline: Outline | None, language: str) -> list[Line2D]:
    """Lines of outline and provincial border in the legend."""
    named = label(language, outline.en, outline.zh, joint="\n") if outline else ""
    return line_handles(language, borders=len(area.borders) > 0, outlined=named)


def small_print(
    subjects: Sequence[Topic | Kinds], area: MapArea, rows: pd.DataFrame, absent: pd.DataFrame, language: str
) -> str:
    """Sources, projection, classification, counties not drawn and base-map note, each on a line of its own.

    Parameters
    ----------
    subjects : sequence of Topic or Kinds
        What the maps show.
    area : MapArea
    rows, absent : DataFrame
        Rows of the frame that the area draws, and those without a polygon.
    language : str
        en, zh or both.
    """
    lines = [_source_line(subjects), _projection_line(area)]
    if any(isinstance(subject, Topic) for subject in subjects):
        lines.append(WORDS.pair(f"print.classes.{'one' if len(rows) == 1 else 'many'}", count=format_number(len(rows))))
    if joined := {union["code"].iloc[0]: union for subject in subjects for union in _unions(rows, subject)}:
        english, chinese = zip(*(_names(union) for union in joined.values()), strict=True)
        names = [text.replace(", ", " + ") for text in english], [text.replace("、", "＋") for text in chinese]
        lines.append(WORDS.pair("print.joint", unions=(" and ".join(names[0]), "与".join(names[1]))))
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
    english, chinese = zip(
        *(WORDS.pair(f"source.{key}", grid=terrain_grid()) for key in (*keys, "boundaries")), strict=True
    )
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


_MISSING_COLOUR = "#ffffff"


_MISSING_HATCH = "//////"


_NEW_LINE = "\n"


def _quantile_breaks(values: pd.Series, count: int, digits: int) -> list[float]:
    """Inner class limits at equal shares of the counties, rounded as they are printed.

    Rounding before classifying makes the printed limits exactly the ones used. Limits that fall together, or
    that would leave a class empty, are dropped.

    Parameters
    ----------
    values : Series
        Without missing values.
    count : int
        Classes wanted, two or more.
    digits : int
        Decimals of the limits.
    """
    if count < 2:
        raise ReportError(f"{count} classes cannot be told apart; ask for two to seven.")
    shares = np.arange(1, count) / count
    limits = sorted({float(round_half_up(limit, digits)) for limit in np.quantile(values.to_numpy(float), shares)})
    kept: list[float] = []
    for limit in limits:
        below = values < limit if not kept else (values >= kept[-1]) & (values < limit)
        if below.any() and (values >= limit).any():
            kept.append(limit)
    return kept


def _sequential_colours(palette: str, count: int) -> list[str]:
    """Colours of ordered classes from light to dark, told apart in grey print as well."""
    scale = matplotlib.colormaps[palette]
    return [to_hex(scale(position)) for position in np.linspace(0.08, 0.88, count)]


def numeric_classes(frame: pd.DataFrame, topic: Topic, language: str, count: int = 5) -> list[MapClass]:
    """Classes of a numeric column by quantiles; counties without a value form a hatched class of their own.

    Raises
    ------
    ReportError
        If the column is absent or wholly empty.
    """
    values = _column(frame, topic.column).astype("Float64").astype(float)
    known = values.dropna()
    if known.empty:
        raise ReportError(f"Column {topic.column!r} has no value for the counties drawn; choose another column.")
    # A class of one county says nothing that its name does not: few counties get few classes.
    breaks = _quantile_breaks(known, max(2, min(count, len(known) // 2)), topic.digits)
    positions = pd.Series(np.searchsorted(breaks, known, side="right"), index=known.index)
    colours = _sequential_colours(topic.palette, len(breaks) + 1)
    codes = frame["code"]
    classes = [
        MapClass(
            _counted(
                _limits_text(breaks, position, topic.digits, known.min(), language), positions == position, language
            ),
            colour,
            frozenset(codes[positions.index[positions == position]]),
            key=str(position + 1),
        )
        for position, colour in enumerate(colours)
    ]
    return [*classes, *_missing_class(codes[values.isna()], language)]


def named_classes(frame: pd.DataFrame, kinds: Kinds, language: str) -> list[MapClass]:
    """Classes of a column of kinds; kinds without a county are left out of the legend.

    Raises
    ------
    ReportError
        If the column is absent, or holds a value that is none of the kinds.
    """
    raw = _column(frame, kinds.column)
    values = raw.map(lambda value: None if is_missing(value) else str(value))
    unknown = sorted(set(values.dropna()) - {category.value for category in kinds.categories})
    if unknown:
        raise ReportError(f"Column {kinds.column!r} holds {unknown}, which no category of the map names.")
    classes = [
        MapClass(
            _counted(label(language, category.en, category.zh, joint=_NEW_LINE), values.eq(category.value), language),
            category.colour,
            frozenset(frame["code"][values.eq(category.value)]),
            category.hatch,
            category.value,
        )
        for category in kinds.categories
        if values.eq(category.value).any()
    ]
    return [*classes, *_missing_class(frame["code"][values.isna()], language)]


def _missing_class(codes: pd.Series, language: str) -> list[MapClass]:
    """The hatched class of counties without a value, if there are any."""
    if codes.empty:
        return []
    return [
        MapClass(
            with_count(WORDS("legend.no_data", language, joint=_NEW_LINE), str(len(codes)), language),
            _MISSING_COLOUR,
            frozenset(codes),
            _MISSING_HATCH,
        )
    ]


def _counted(text: str, members: pd.Series, language: str) -> str:
    return with_count(text, str(members.sum()), language)


def _limits_text(breaks: Sequence[float], position: int, digits: int, lowest: float, language: str) -> str:
    if not breaks:
        return format_number(lowest, digits)
    if position == 0:
        return f"< {format_number(breaks[0], digits)}"
    if position == len(breaks):
        return f"≥ {format_number(breaks[-1], digits)}"
    return format_range(breaks[position - 1], breaks[position], digits, language)


def _column(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame.columns:
        raise ReportError(f"Column {column!r} is not in the frame; it has {', '.join(map(str, frame.columns))}.")
    return frame[column]
