"""Where the table of a sheet begins and ends: lines above it, heads of one or more rows, figures, notes below."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from shanhai.core.errors import ValidationError
from shanhai.intake.cells import UNIT_LINE, NoNumberError, Unit, not_current, not_of_year, number, plain, units_in
from shanhai.intake.grid import Grid, Row, filled, letters, texts

_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年(?!鉴)")
_NO_YEAR: Final = re.compile(
    r"《[^》]*年鉴[^》]*》|(?:19|20)\d{2}\s*年?\s*[)）]?[^\d，。；、,;:：]*年鉴|年鉴\s*[(（]?\s*(?:19|20)\d{2}\s*年?[版卷]?"
    r"|(?:19|20)\d{2}\s*年?\s*(?:不变|可比)?价格?"
)
"""Years of yearbooks and of prices."""

_YEAR_ALONE: Final = re.compile(r"(?:19|20)\d{2}")
_NOTE: Final = re.compile(
    r"^\s*(?:注|备注|说明|资料来源|数据来源|来源|note|source|[①-⑳]|\*|[（(]\d{1,2}[)）]|\d{1,2}[.、])", re.IGNORECASE
)
_AGAIN: Final = re.compile(r"续\s*表|continued|^第?\s*\d+\s*页$|^续$", re.IGNORECASE)
_NUMBERING: Final = re.compile(r"[甲乙丙丁戊]|[（(]?\d{1,2}[)）]?")
_MOST_HEADS: Final = 6
"""Rows that the heads of a table take, at most."""


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    index: int
    head: str
    """Texts of its heads from top to bottom, joined by blanks."""
    year: int | None
    """Year that the head names."""
    stem: str
    """The head without its year: what is the same in the file of the next year."""

    @property
    def label(self) -> str:
        return self.head or letters(self.index)


@dataclass(frozen=True)
class Layout:
    """The table of one sheet."""

    grid: Grid
    columns: tuple[Column, ...]
    rows: tuple[tuple[int, Row], ...]
    """Number from zero and cells of each row below the heads, merged cells as they stand (only the first is filled)."""
    spread: tuple[Row, ...]
    """All rows of the sheet, with a merged cell in every place that it covers."""
    above: tuple[str, ...]
    """Lines above the heads."""
    aside: tuple[tuple[int, str], ...]
    """Rows that are no rows of the table, and why."""
    units: tuple[Unit, ...]
    """Units that a line above names."""
    year: int | None
    """Year that the lines above, or the name of the sheet, give to all figures."""
    year_line: str
    """The line above that names this year; empty if the name of the sheet does."""
    width: int
    """Cells of the line of heads."""

    def is_ragged(self, row: int) -> bool:
        """Whether a line of text has other cells than the heads: a number holds a comma, or the file was cut."""
        cells = self.grid.rows[row]
        return not self.grid.sheet and (len(cells) < self.width or bool(texts(cells[self.width :])))


def year_of(text: str) -> int | None:
    """The year that a text names, if it names one alone; that of a yearbook is not one of its figures.

    Examples
    --------
    >>> year_of("2021年各县生产总值"), year_of("2020"), year_of("浙江统计年鉴2022"), year_of("2022年浙江统计年鉴")
    (2021, 2020, None, None)
    """
    text = _NO_YEAR.sub("", plain(text))
    found = set(_YEAR.findall(text)) or set(_YEAR_ALONE.findall(text) if _YEAR_ALONE.fullmatch(text) else [])
    return int(found.pop()) if len(found) == 1 else None


def find_table(grid: Grid, is_place: Callable[[object], bool] | None, heads: Callable[[str], bool]) -> Layout:
    """Find the table of a sheet.

    Parameters
    ----------
    grid : Grid
    is_place : whether a cell is the name of a place or of a total; None for tables whose rows are keyed otherwise.
    heads : whether a text is the head of a column that the table knows.

    Raises
    ------
    ValidationError
        If there are no heads, or no rows below them.
    """
    spread = filled(grid)
    start, end = _head_rows(grid, spread, is_place, heads)
    columns = _columns(grid, spread, start, end)
    above = tuple(text for row in spread[:start] for text in texts(row))
    named = [match[1] for match in map(UNIT_LINE.search, above) if match]
    rows, aside = _body(grid, spread, end, columns)
    if not rows:
        raise ValidationError(
            f"{grid.file}: no rows of figures stand below the heads in row {end}. Name another sheet."
        )
    titles = [UNIT_LINE.sub("", text) for text in above]  # a title may end in its unit
    _require_whole_year(grid, (*above, grid.sheet))
    lines = {year: text for text in reversed(titles) if (year := year_of(text))}
    years = [*lines] or [year for year in [year_of(grid.sheet)] if year]
    year = years[0] if len(years) == 1 else None
    units = tuple(unit for text in named for unit in units_in(text))
    width = max(len(row) for row in grid.rows[start:end])
    return Layout(grid, columns, rows, spread, above, aside, units, year, lines.get(year or 0, ""), width)


def _require_whole_year(grid: Grid, lines: Sequence[str]) -> None:
    for line in lines:
        if words := not_of_year(line):
            raise ValidationError(
                f"{grid.file}: {words!r} in {line!r} says that the figures are of a part of a year, a plan or a"
                " forecast; give those of a whole year that has been."
            )
        if words := not_current(line):
            raise ValidationError(
                f"{grid.file}: {words!r} in {line!r} says that the figures are at constant prices; give current ones."
            )


def _head_rows(
    grid: Grid, spread: Sequence[Row], is_place: Callable[[object], bool] | None, heads: Callable[[str], bool]
) -> tuple[int, int]:
    """First row of the heads, and first row below them."""
    where = f"{grid.file}{f', sheet {grid.sheet!r}' if grid.sheet else ''}"
    if is_place is None:
        known = [sum(heads(text) for text in texts(row)) for row in spread]
        best = max(range(len(spread)), key=lambda row: (known[row], -row), default=0)
        if not spread or known[best] < 2:
            raise ValidationError(
                f"{where}: no row names columns that are known. Name the sheet or the columns (--map)."
            )
        return best, best + 1
    first = next((row for row, cells in enumerate(spread) if _is_row_of_figures(cells, is_place)), None)
    if first is None:
        raise ValidationError(
            f"{where}: no row has a place and figures. Name the sheet with --sheet; names that nobody can read were"
            " saved in another encoding than UTF-8 or GB18030."
        )
    start = first
    while start > 0 and first - start < _MOST_HEADS and _is_head(spread[start - 1], spread[max(start - 2, 0)]):
        start -= 1
    if start == first:
        raise ValidationError(f"{where}: no heads stand above the figures in row {first + 1}. Put them in.")
    return start, first


def _is_row_of_figures(cells: Row, is_place: Callable[[object], bool]) -> bool:
    """Whether a row stands below the heads: a text and a number that is no year, or the name of a place and more."""
    there = [cell for cell in cells if cell is not None]
    found = texts(cells)
    if len(there) < 2 or len(found) < 2 or all(_NUMBERING.fullmatch(_head_text(cell)) for cell in there):
        return False
    if any(UNIT_LINE.search(text) for text in found):
        return False
    has_figure = any(_is_figure(cell) and not _is_year(cell) for cell in there)
    return (has_figure and any(not _is_figure(cell) for cell in there)) or any(map(is_place, there))


def _is_year(cell: Any) -> bool:
    return _YEAR_ALONE.fullmatch(_head_text(cell)) is not None


def _is_figure(cell: Any) -> bool:
    if isinstance(cell, str) and not re.search(r"\d", plain(cell)):
        return False
    if isinstance(cell, str) and year_of(cell):
        return False
    try:
        value = number(cell)
    except NoNumberError:
        return not isinstance(cell, str) or cell.lstrip().startswith("=")
    return value is not None


def _is_head(cells: Row, above: Row) -> bool:
    """Whether a row has several texts, or one behind the first column below such a row; no title or line of units."""
    found = texts(cells)
    if len(found) == 1 and cells[0] is None and not UNIT_LINE.search(found[0]):
        return len(texts(above)) >= 2
    return len(found) >= 2 and not (len(found) == 2 and any(UNIT_LINE.search(text) for text in found))


def _columns(grid: Grid, spread: Sequence[Row], start: int, end: int) -> tuple[Column, ...]:
    rows = [list(row) for row in spread[start:end]]
    if len(rows) > 1 and all(_NUMBERING.fullmatch(_head_text(cell)) for cell in rows[-1] if cell is not None):
        rows = rows[:-1]
    has_merges = any(top < end and bottom >= start for top, _, bottom, _ in grid.merged)
    if not has_merges:
        _spread_heads(rows)
    width = max(map(len, rows), default=0)
    columns = []
    for index in range(width):
        parts = list(dict.fromkeys(_head_text(row[index]) for row in rows if row[index] is not None))
        head = " ".join(filter(None, parts))
        year = year_of(head)
        years = [year_of(part) for part in parts]
        year = year or next((found for found in years if found), None)
        columns.append(Column(index, head, year, _stem(head, year)))
    return tuple(columns)


def _head_text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())


def _stem(head: str, year: int | None) -> str:
    text = plain(head)
    return text if year is None else " ".join(re.sub(rf"(?<!\d){year}\s*年?度?", "", text).split())


def _spread_heads(rows: list[Row]) -> None:
    """A head over several columns, of which text keeps the first alone, stands over all that have heads below it."""
    for upper, lower in pairwise(rows):
        last = None
        for index, cell in enumerate(upper):
            if cell is not None:
                last = cell
            elif lower[index] is not None and last is not None:
                upper[index] = last


def _body(
    grid: Grid, spread: Sequence[Row], end: int, columns: Sequence[Column]
) -> tuple[tuple[tuple[int, Row], ...], tuple[tuple[int, str], ...]]:
    """Rows below the heads, and those set aside with a word."""
    head_texts = {part for column in columns for part in [column.head, *column.head.split()] if part}
    width = len(columns)
    rows, aside = [], []
    for index in range(end, len(grid.rows)):
        cells = [*grid.rows[index], *[None] * width][: max(width, len(grid.rows[index]))]
        found = texts(cells)
        if not found:
            continue
        first = found[0]
        is_note = _NOTE.match(first) is not None and not _is_figure(first)
        if len(found) == 1 and (is_note or len(first) > 20):
            aside.append((index, "a note"))
        elif (_AGAIN.search(first) and len(found) <= 2) or (len(found) <= 2 and UNIT_LINE.search(" ".join(found))):
            aside.append((index, "the table continued"))
        elif len(found) > 1 and all(plain(text) in head_texts or text in head_texts for text in found):
            aside.append((index, "heads repeated"))
        elif is_note and len(found) <= 2 and not any(_is_figure(cell) for cell in cells[1:]):
            aside.append((index, "a note"))
        else:
            rows.append((index, cells))
    return tuple(rows), tuple(aside)
