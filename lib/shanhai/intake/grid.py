"""One sheet of a file as rows of cells, as they stand there: text of any usual encoding, and workbooks new and old."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import python_calamine
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from shanhai.core.errors import ValidationError
from shanhai.intake import guard, parts
from shanhai.intake.problems import shown

MOST_ROWS: Final = 1_000_000
"""Rows of a sheet that are read."""

_MOST_COLUMNS: Final = 2_000
_MOST_CELLS: Final = 20_000_000

Row = list[Any]
"""Cells of a row: text, numbers, truth values, dates, or None where there is nothing."""

_OLD: Final = "old Excel workbook, whose formulas cannot be told from figures, nor errors from empty cells"

_DELIMITERS: Final = (",", "\t", ";", "|", "，")


@dataclass(frozen=True)
class Grid:
    """One sheet."""

    file: str
    sheet: str
    """Empty for a file of text."""
    rows: tuple[Row, ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    """First row, first column, last row, last column of merged cells, from zero."""
    formulas: frozenset[tuple[int, int]] = frozenset()
    """Row and column, from zero, of cells whose value is the result of a formula, as the last program stored it."""
    unsaved: frozenset[tuple[int, int]] = frozenset()
    """Those of them with which no value is stored."""
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Error values of the spreadsheet, as #REF!, by row and column."""
    read_as: str = ""
    """Encoding and delimiter, or kind of workbook, in words."""

    def numbered(self, row: int) -> int:
        """Number of a row as a spreadsheet counts."""
        return row + 1


def letters(column: int) -> str:
    """Name of a column in a spreadsheet.

    Examples
    --------
    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def read_grids(path: Path, sheet: str = "") -> tuple[Grid, ...]:
    """Sheets of a file that hold anything, or the one that is named.

    Parameters
    ----------
    path : Path
        A text with a delimiter (.csv, .tsv, .txt) or a workbook (.xlsx, .xlsm, .xls).
    sheet : str
        Name of a sheet; empty for all that are visible.

    Raises
    ------
    ValidationError
        If the file does no good, is damaged, in no known encoding, too large, or has no such sheet.
    """
    kind = guard.kind_of(path)
    if kind == "text":
        if sheet:
            raise ValidationError(f"{path.name} is text, which has no sheets. Leave --sheet {shown(sheet)} out.")
        return (_text_grid(path),)
    if kind not in ("workbook", "old workbook"):
        raise ValidationError(f"{path.name} holds no table; allowed: .csv, .tsv, .txt, .xlsx, .xlsm, .xls. Name one.")
    return _workbook_grids(path, kind, sheet)


def _text_grid(path: Path) -> Grid:
    content = path.read_bytes()
    text, encoding = _decoded(path, content)
    if text.count("\n") + text.count("\r") > 2 * MOST_ROWS:
        raise ValidationError(_too_many(path, text.count("\n")))
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    try:
        rows.extend([cell if cell.strip() else None for cell in row] for row in reader)
    except csv.Error as error:
        raise ValidationError(
            f"{path.name}, line {reader.line_num}: {error}. Close all quotation marks, or save the table as .xlsx."
        ) from error
    name = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars", "，": "commas of full width"}[delimiter]
    return _sized(path, Grid(path.name, "", tuple(rows), read_as=f"{encoding}, {name}"))


def _decoded(path: Path, content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding, each tried strictly; nothing is replaced or left out."""
    marks = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    encodings = [marks[content[:2]]] if content[:2] in marks else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # private characters and controls are what a text of another encoding turns into
        odd = sum(1 for letter in text if "\ue000" <= letter <= "\uf8ff" or (letter < " " and letter not in "\t\r\n"))
        if odd == 0 and "\ufffd" not in text:
            return text, {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "gb18030": "GB18030"}[encoding]
    raise ValidationError(
        f"{path.name} is in none of the encodings UTF-8, UTF-16 (with its mark) and GB18030 (GBK, GB2312), or damaged."
        " Open it in the program that wrote it and save it as CSV in UTF-8 or as .xlsx."
    )


def _delimiter(text: str) -> str:
    """What stands between columns: what gives most lines the same number of cells, of several the first."""
    lines = text.splitlines()[:200]

    def score(mark: str) -> tuple[int, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=mark) if len(row) > 1)
        except csv.Error:
            return (0, 0)
        return max(((count, width) for width, count in widths.items()), default=(0, 0))

    return max(_DELIMITERS, key=lambda mark: (score(mark)[0], -_DELIMITERS.index(mark)))


def _workbook_grids(path: Path, kind: str, sheet: str) -> tuple[Grid, ...]:
    members = parts.sheet_parts(path) if kind == "workbook" else {}
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            named = [entry for entry in book.sheets_metadata if entry.typ == SheetTypeEnum.WorkSheet]
            names = [entry.name for entry in named]
            if sheet and sheet not in names:
                raise ValidationError(
                    f"{path.name} has no sheet {shown(sheet)}; its sheets: {', '.join(map(shown, names))}. Name one."
                )
            visible = [entry.name for entry in named if entry.visible == SheetVisibleEnum.Visible]
            chosen = [sheet] if sheet else visible
            grids = [_sheet_grid(path, book, name, _extent(path, members, name, kind)) for name in chosen]
    except PasswordError:
        raise ValidationError(f"{path.name} is protected by a password. Save it without one.") from None
    except (CalamineError, python_calamine.XmlError, python_calamine.ZipError, OSError, ValueError) as error:
        raise ValidationError(
            f"{path.name} is no workbook that can be read, or was cut off ({error}). Open it in Excel or LibreOffice"
            " and save it as .xlsx."
        ) from error
    filled = tuple(grid for grid in grids if any(cell is not None for row in grid.rows for cell in row))
    if not filled:
        raise ValidationError(f"{path.name} has no filled sheet. Name a file with a table in it.")
    return filled


def _extent(path: Path, members: dict[str, str], name: str, kind: str) -> parts.Extent | None:
    """Formulas and extent of a sheet before its values are read; None for an old workbook, which is small.

    Raises
    ------
    ValidationError
        If its part is not known, or a cell stands too far out.
    """
    if kind != "workbook":
        return None
    if name not in members:
        raise ValidationError(f"{path.name}: the part of sheet {shown(name)} is not found. Save the sheet as CSV.")
    found = parts.extent(path, members[name])
    if found.rows > MOST_ROWS or found.columns > _MOST_COLUMNS or found.rows * found.columns > _MOST_CELLS:
        raise ValidationError(
            f"{path.name}, sheet {shown(name)}: its cells reach to row {found.rows:,} and column {found.columns:,}"
            f" ({letters(found.columns - 1)}); at most {MOST_ROWS:,} rows, {_MOST_COLUMNS:,} columns and"
            f" {_MOST_CELLS:,} cells are read. Remove the cells that stand far from the table."
        )
    return found


def _sheet_grid(path: Path, book: CalamineWorkbook, name: str, found: parts.Extent | None) -> Grid:
    sheet = book.get_sheet_by_name(name)
    values = sheet.to_python(skip_empty_area=False, nrows=MOST_ROWS + 1)
    rows = tuple([None if isinstance(cell, str) and not cell.strip() else cell for cell in row] for row in values)
    merged = tuple((first[0], first[1], last[0], last[1]) for first, last in sorted(sheet.merged_cell_ranges or []))
    if found is None:
        return _sized(path, Grid(path.name, name, rows, merged, read_as=_OLD))
    return _sized(
        path, Grid(path.name, name, rows, merged, found.formulas, found.unsaved, found.errors, "Excel workbook")
    )


def _sized(path: Path, grid: Grid) -> Grid:
    if len(grid.rows) > MOST_ROWS:
        raise ValidationError(_too_many(path, len(grid.rows)))
    widest = max(map(len, grid.rows), default=0)
    if widest > _MOST_COLUMNS:
        raise ValidationError(
            f"{path.name} has {widest:,} columns; at most {_MOST_COLUMNS:,} are read. Keep those needed."
        )
    return grid


def _too_many(path: Path, rows: int) -> str:
    return f"{path.name} has {rows:,} rows; at most {MOST_ROWS:,} are read. Keep the rows that you need."


def filled(grid: Grid) -> tuple[Row, ...]:
    """Rows in which each merged cell stands in all the places that it covers, all of one length."""
    width = max(map(len, grid.rows), default=0)
    rows = [[*row, *[None] * (width - len(row))] for row in grid.rows]
    for top, left, bottom, right in grid.merged:
        if top >= len(rows) or left >= width:
            continue
        value = rows[top][left]
        for row in range(top, min(bottom, len(rows) - 1) + 1):
            for column in range(left, min(right, width - 1) + 1):
                rows[row][column] = value
    return tuple(rows)


def texts(row: Sequence[Any]) -> list[str]:
    """Distinct texts of a row, in their order."""
    return list(dict.fromkeys(str(cell).strip() for cell in row if cell is not None))
