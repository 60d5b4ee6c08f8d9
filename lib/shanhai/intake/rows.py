"""Rows of a file become rows of a table of ours: places, years, figures in our units, and each fault by its cell."""

import datetime
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from shanhai.core import fields
from shanhai.intake.cells import NoNumberError, number, plain
from shanhai.intake.grid import Row
from shanhai.intake.kinds import Kind, Target, all_targets
from shanhai.intake.layout import Layout, year_of
from shanhai.intake.mapping import UNUSED, Source
from shanhai.intake.names import Found, Namer
from shanhai.intake.problems import Problem, harmless, shown

_ERRORS: Final = ("#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
"""What a spreadsheet shows in place of a result."""

SET_ASIDE: Final = "you set it aside"
"""Why a row that ``--aside`` names is none of the table."""

_NAMED_TWICE: Final = "the same place and year stand in row {row}; leave one of the two out"


@dataclass
class Taken:
    """What a file holds."""

    frame: pd.DataFrame
    """Columns of our table that the file fills, and ``source_row``, the number of the row that each comes from."""
    problems: list[Problem] = field(default_factory=list)
    aside: list[tuple[int, str, str]] = field(default_factory=list)
    """Number, name and reason of rows that are no rows of the table."""
    notes: list[str] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    """Name in the file by number of the row."""


_MERGED: Final = "the cell is merged with one of another row; give each row a value of its own"


class _Reader:
    """Reads the rows of one table of places in turn."""

    def __init__(self, layout: Layout, found: Sequence[Source], kind: Kind, table: str, year: int | None) -> None:
        self.layout, self.year = layout, year
        self.targets = {target.column: target for target in all_targets(kind, table)}
        self.roles = {
            source.to: source for source in found if source.to in ("place", "code", "year", "province", "prefecture")
        }
        self.figures = [source for source in found if source.to in self.targets]
        self.types = {described.column: described for described in fields.fields_of(table)}
        self.covered = _covered(layout)
        self.used = [*self.roles.values(), *self.figures]
        self.problems: list[Problem] = []
        self.years_missing = False
        self.today = datetime.date.today()
        self.years_to_come: set[int] = set()

    def cell(self, role: str, index: int) -> object:
        """Cell of a role in a row; one merged over several rows stands in each."""
        source = self.roles.get(role)
        return None if source is None else self.layout.spread[index][source.column.index]

    def years(self, index: int) -> dict[int | None, list[Source]]:
        """Columns of figures by the year that they are of in a row."""
        of_row = None
        if "year" in self.roles:
            cell = self.cell("year", index)
            of_row = _year(cell)
            if of_row is None and cell is not None:
                rule = "no year of four digits; write it so, as 2021"
                self.problems.append(Problem(rule, index + 1, self.roles["year"].column.label, cell))
                return {}
        found: dict[int | None, list[Source]] = {}
        for source in self.figures:
            found.setdefault(source.year or of_row or self.year, []).append(source)
        return found

    def figure(self, source: Source, index: int, cells: Row) -> Any:
        """Value of a cell in our unit."""
        column, target = source.column, self.targets[source.to]
        cell = cells[column.index] if column.index < len(cells) else None
        where = (index + 1, column.label)
        if (index, column.index) in self.covered:
            self.problems.append(Problem(_MERGED, *where))
            return None
        if self.types[source.to].type in ("text", "code", "boolean"):
            return None if cell is None else plain(cell)
        try:
            value = number(cell)
        except NoNumberError as error:
            self.problems.append(Problem(str(error), *where, cell))
            return None
        if value is None:
            return None
        converted = _converted(value, source, target)
        if self.types[source.to].type == "integer" and not converted.is_integer():
            self.problems.append(Problem("no whole number; give the count as it was counted", *where, cell))
        return converted


def _converted(value: float, source: Source, target: Target) -> float:
    """A figure in our unit; powers of ten are taken in decimal, so that 215.3 亿元 is 2153000 万元 exactly."""
    if source.unit is None or not target.dimension or source.unit.factor == target.factor:
        return value
    ratio = source.unit.factor / target.factor
    exact = value * ratio if ratio >= 1 else value / (target.factor / source.unit.factor)
    return float(f"{exact:.15g}")


def _covered(layout: Layout) -> set[tuple[int, int]]:
    """Cells that a merged one covers, its first aside, where it goes over more than one row."""
    width = max(map(len, layout.spread), default=0)
    return {
        (row, column)
        for top, left, bottom, right in layout.grid.merged
        if bottom > top and len(layout.rows) and bottom >= layout.rows[0][0]
        for row in range(top, min(bottom, len(layout.spread) - 1) + 1)
        for column in range(left, min(right, width - 1) + 1)
        if row > top or column > left
    }


def _year(cell: object) -> int | None:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = plain(cell)
    return year_of(text) or (int(text) if re.fullmatch(r"(?:19|20)\d{2}", text) else None)


def take_places(
    layout: Layout,
    found: Sequence[Source],
    kind: Kind,
    table: str,
    namer: Namer,
    year: int | None,
    aside: Iterable[str],
) -> Taken:
    """Rows of a table whose rows are places.

    Parameters
    ----------
    layout, found : table of a sheet and the meaning of its columns.
    kind, table : what it becomes.
    namer : finds places.
    year : of figures of which neither head nor row says it.
    aside : names of rows that the user sets aside.
    """
    reader = _Reader(layout, found, kind, table, year)
    taken = Taken(pd.DataFrame())
    skipped = {plain(name) for name in aside}
    matches: list[tuple[int, str, Found]] = []
    records: list[dict[str, Any]] = []
    last: object = None
    for index, cells in layout.rows:
        name = reader.cell("place", index)
        if name is None and "year" in reader.roles and "code" not in reader.roles:
            name = last  # one place over the rows of its years
        last = name if name is not None else last
        text = plain(name)
        there = [source for source in reader.figures if cells[source.column.index] is not None]
        if not there and (not text or namer.heading(name)):
            taken.aside.append((index + 1, text, "a heading"))
            continue
        if text in skipped and text:
            taken.aside.append((index + 1, text, SET_ASIDE))
            continue
        if layout.is_ragged(index):
            reader.problems.append(_ragged(layout, index))
            continue
        if broken := _broken(layout, index, reader.used):
            taken.names[index + 1] = text
            reader.problems += broken
            continue
        match = namer.find(name, reader.cell("code", index), _within(reader, index, namer))
        if match.aside:
            taken.aside.append((index + 1, text, match.aside))
            continue
        taken.names[index + 1] = text or match.code
        if match.problem:
            label = reader.roles.get("place", reader.roles.get("code"))
            reader.problems.append(Problem(match.problem, index + 1, label.column.label if label else "", name))
            continue
        matches.append((index, namer.above, match))
        records += _records(reader, index, cells, match.code)
        if match.note:
            taken.notes.append(harmless(f"row {index + 1}: {match.note}"))
    reader.problems += _mixed(matches, taken.names)
    taken.frame = pd.DataFrame(records)
    taken.problems = [*reader.problems, *_twice(records)]
    taken.aside += [(index + 1, plain(_first(layout.grid.rows[index])), why) for index, why in layout.aside]
    return taken


def _broken(layout: Layout, index: int, used: Iterable[Source]) -> list[Problem]:
    """Cells of a row that show an error of the spreadsheet, or hold a formula whose value no program has stored."""
    problems = []
    for column in (source.column for source in used):
        cells = layout.grid.rows[index]
        cell = cells[column.index] if column.index < len(cells) else None
        if (index, column.index) in layout.grid.unsaved:
            rule = "a formula with which no value is stored; open the file in Excel or LibreOffice and save it again"
            problems.append(Problem(rule, index + 1, column.label))
            continue
        error = layout.grid.errors.get((index, column.index), cell)
        if (index, column.index) in layout.grid.errors or (isinstance(cell, str) and cell.strip().upper() in _ERRORS):
            rule = "an error value of a spreadsheet; correct its formula, or put the figure in"
            problems.append(Problem(rule, index + 1, column.label, error))
    return problems


def _ragged(layout: Layout, index: int) -> Problem:
    cells = len(layout.grid.rows[index])
    rule = (
        f"the line has {cells} cells, the heads have {layout.width}; put a number that holds a comma in quotation marks"
    )
    return Problem(f"{rule}, or complete the line", index + 1)


def _first(row: Row) -> object:
    return next((cell for cell in row if cell is not None), "")


def _within(reader: _Reader, index: int, namer: Namer) -> str:
    """Code of the larger place that columns of a row name, the smaller one if both do."""
    for role in ("prefecture", "province"):
        cell = reader.cell(role, index)
        if cell is not None and (code := namer.larger_code(plain(cell))):
            return code
    return ""


def _records(reader: _Reader, index: int, cells: Row, code: str) -> list[dict[str, Any]]:
    records = []
    for year, sources in reader.years(index).items():
        if year is None:
            if not reader.years_missing:
                rule = "no head, column or line says of which year the figures are; say it by --year"
                reader.problems.append(Problem(rule, index + 1, sources[0].column.label))
            reader.years_missing = True
            continue
        if year >= reader.today.year:
            if year not in reader.years_to_come:
                rule = (
                    f"{year} has not ended: today is {reader.today.isoformat()} by this computer; give figures of a"
                    " whole year that has been"
                )
                reader.problems.append(Problem(rule, index + 1, sources[0].column.label))
            reader.years_to_come.add(year)
            continue
        values = {source.to: reader.figure(source, index, cells) for source in sources}
        if any(value is not None for value in values.values()):
            records.append({"source_row": index + 1, "code": code, "year": year, **values})
    return records


def _mixed(matches: Sequence[tuple[int, str, Found]], names: Mapping[int, str]) -> list[Problem]:
    """Names that the prefecture above made unique, where other rows below it lie elsewhere, so that it says nothing."""
    is_below = bool(matches) and not matches[0][1]  # a county before the first total: totals may stand below theirs
    strays = {above for _, above, match in matches if above and match.code[:4] != above[:4]}
    return [
        Problem(
            f"several places bear this name, and not all rows below {above} lie there, or totals may stand below their"
            " counties; give the code, or sort the rows",
            index + 1,
            value=names[index + 1],
        )
        for index, above, match in matches
        if match.by_context and (is_below or above in strays)
    ]


def _twice(records: Sequence[Mapping[str, Any]]) -> list[Problem]:
    first: dict[tuple[str, int], int] = {}
    problems = []
    for record in records:
        key = record["code"], record["year"]
        if key in first:
            problems.append(
                Problem(_NAMED_TWICE.format(row=first[key]), record["source_row"], value=f"{key[0]}, {key[1]}")
            )
        first.setdefault(key, record["source_row"])
    return problems


def take_rows(layout: Layout, found: Sequence[Source], table: str, find: Callable[[str], str]) -> Taken:
    """Rows of a table that are keyed otherwise: claims, pairings, figures of collaborations.

    Parameters
    ----------
    layout, found : table of a sheet and the meaning of its columns.
    table : what it becomes.
    find : gives the code of a place that a text names, or raises ``UnknownPlaceError``.
    """
    types = {described.column: described for described in fields.fields_of(table)}
    sources = [source for source in found if source.to != UNUSED]
    problems: list[Problem] = []
    records = []
    covered = _covered(layout)
    for index, cells in layout.rows:
        if layout.is_ragged(index):
            problems.append(_ragged(layout, index))
            continue
        if broken := _broken(layout, index, sources):
            problems += broken
            continue
        record: dict[str, Any] = {"source_row": index + 1}
        for source in sources:
            column = source.column.index
            if (index, column) in covered:
                problems.append(Problem(_MERGED, index + 1, source.column.label, cells[column]))
                continue
            try:
                record[source.to] = _typed(cells[column], types[source.to].type, find)
            except ValueError as error:
                problems.append(Problem(str(error), index + 1, source.column.label, cells[column]))
        records.append(record)
    taken = Taken(pd.DataFrame(records), problems)
    taken.aside = [(index + 1, plain(_first(layout.grid.rows[index])), why) for index, why in layout.aside]
    return taken


def _typed(cell: object, kind: str, find: Callable[[str], str]) -> Any:
    if cell is None:
        return None
    if kind in ("integer", "number"):
        value = number(cell)
        if kind == "integer" and value is not None and not value.is_integer():
            raise NoNumberError("a whole number is needed")
        return value
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
    if kind == "code":
        return find(text)
    if kind == "boolean" and text.casefold() not in ("true", "false"):
        raise NoNumberError("true or false is needed")
    return text


def aside_lines(taken: Taken, most: int = 12) -> list[str]:
    """Rows that were set aside, as lines."""
    lines = [f"  row {row}: {shown(name)}, {why}" for row, name, why in taken.aside]
    return lines[:most] + ([f"  and {len(lines) - most} more"] if len(lines) > most else [])
