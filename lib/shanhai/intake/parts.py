"""What the XML of a workbook says of each sheet: which cells hold formulas, and how far it extends.

The reader of the values tells neither. Where a sheet's part cannot be found for certain the workbook is refused, since
its formulas would pass as figures.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from shanhai.core.errors import ValidationError
from shanhai.intake import guard
from shanhai.intake.problems import shown

_BOOK: Final = "xl/workbook.xml"
_LINKS: Final = "xl/_rels/workbook.xml.rels"
_CELL: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_RESULTS: Final = ("array", "dataTable")
"""Kinds of formulas that stand in one cell and fill a range."""

_MOST_RESULTS: Final = 1_000_000
_FILLED: Final = ("v", "is", "f")

Cell = tuple[int, int]


@dataclass(frozen=True)
class Extent:
    """What the XML of one sheet says."""

    formulas: frozenset[Cell]
    """Row and column, from zero, of cells whose value is the result of a formula."""
    unsaved: frozenset[Cell]
    """Those of them with which no value is stored."""
    errors: Mapping[Cell, str]
    """Error values, as #REF!, by row and column; the reader of the values takes them for empty cells."""
    rows: int
    columns: int
    """Last row and column that hold anything, counted from one."""


def sheet_parts(path: Path) -> dict[str, str]:
    """Part of the archive that holds each sheet of a workbook, by the sheet's name.

    Raises
    ------
    ValidationError
        If the archive does harm, or the list of sheets cannot be read.
    """
    names = [member.filename for member in guard.checked_archive(path)]
    parts = {name.lower(): name for name in names}
    if len(parts) < len(names) or _BOOK not in parts or _LINKS not in parts:
        raise _unclear(path, "its list of sheets is missing, or stands there twice")
    with zipfile.ZipFile(path) as archive:
        targets = {
            link.get("Id", ""): link.get("Target", "")
            for link in _elements(path, archive, parts[_LINKS])
            if _local(link.tag) == "Relationship"
        }
        found: dict[str, str] = {}
        for sheet in _elements(path, archive, parts[_BOOK]):
            if _local(sheet.tag) != "sheet":
                continue
            name = sheet.get("name", "")
            links = {value for key, value in sheet.attrib.items() if re.fullmatch(r"\{.*/relationships\}id", key)}
            part = _part(targets.get(links.pop(), "")) if len(links) == 1 else ""
            if name in found or part.lower() not in parts or not part.lower().endswith(".xml"):
                raise _unclear(path, f"the part of its sheet {shown(name)} is not found")
            found[name] = parts[part.lower()]
    return found


def extent(path: Path, part: str) -> Extent:
    """Formulas and extent of one sheet.

    Raises
    ------
    ValidationError
        If the part is no XML, or a cell stands nowhere.
    """
    formulas: set[Cell] = set()
    stored: set[Cell] = set()
    errors: dict[Cell, str] = {}
    rows = columns = 0
    with zipfile.ZipFile(path) as archive:
        for (row, column), cell in _cells(path, archive, part):
            inside = [(_local(element.tag), element) for element in cell.iter()]
            if any(name in _FILLED for name, _ in inside):
                rows, columns = max(rows, row + 1), max(columns, column + 1)
            for name, element in inside:
                if name in ("v", "t") and (element.text or "").strip():
                    stored.add((row, column))
                    if cell.get("t") == "e":
                        errors[row, column] = (element.text or "").strip()
                if name == "f":
                    formulas.add((row, column))
                    formulas |= _filled_by(path, element)
    return Extent(frozenset(formulas), frozenset(formulas - stored), errors, rows, columns)


def _cells(path: Path, archive: zipfile.ZipFile, part: str) -> Iterator[tuple[Cell, ElementTree.Element]]:
    """Cells with their places; one that names none stands behind the last."""
    row, column = -1, 0
    try:
        with archive.open(part) as stream:
            for event, element in ElementTree.iterparse(stream, events=("start", "end")):
                name = _local(element.tag)
                if event == "start" and name == "row":
                    row, column = int(element.get("r", row + 2)) - 1, 0
                elif event == "end" and name == "c":
                    place = (row, column)
                    if "r" in element.attrib:
                        place = _place(path, element.attrib["r"])
                    yield place, element
                    column = place[1] + 1
                if event == "end" and name in ("c", "row"):
                    element.clear()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise _unclear(path, f"{part} is damaged ({error})") from error


def _place(path: Path, text: str) -> Cell:
    match = _CELL.fullmatch(text)
    if match is None or match[2].strip("0") == "":
        raise _unclear(path, f"a cell stands at {shown(text)}, which is no place")
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def _filled_by(path: Path, formula: ElementTree.Element) -> set[Cell]:
    """Cells that one formula fills beside its own."""
    if formula.get("t") not in _RESULTS or not formula.get("ref"):
        return set()
    first, _, last = formula.attrib["ref"].partition(":")
    (top, left), (bottom, right) = _place(path, first), _place(path, last or first)
    if (bottom - top + 1) * (right - left + 1) > _MOST_RESULTS:
        raise _unclear(path, f"one formula fills {formula.attrib['ref']}")
    return {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}


def _elements(path: Path, archive: zipfile.ZipFile, part: str) -> list[ElementTree.Element]:
    try:
        return list(ElementTree.fromstring(archive.read(part)).iter())
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise _unclear(path, f"{part} is damaged ({error})") from error


def _part(target: str) -> str:
    """Name in the archive of the target of a relation of the workbook."""
    target = target.replace("\\", "/")
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


def _local(tag: object) -> str:
    """Name of an element without its namespace; comments have none."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _unclear(path: Path, why: str) -> ValidationError:
    return ValidationError(
        f"{path.name}: {why}, so that its formulas cannot be told from figures; the workbook is damaged or was written"
        " by an unusual program. Open it in Excel or LibreOffice and save it as .xlsx, or save the sheet as CSV."
    )
