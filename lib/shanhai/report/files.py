"""Files for people who work on: all tables in one workbook, and the captions of all exhibits for LaTeX."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from shanhai.core.letters import allowed
from shanhai.render import latex_text
from shanhai.render.office import WRITTEN
from shanhai.render.words import Words
from shanhai.report.results import LANGUAGES, Exhibit, Language, Results, Run

_WORDS = Words.beside(__file__, "files.toml")

_LONGEST_SHEET = 31
"""Characters of a sheet's name that spreadsheets take."""

_NOT_IN_A_SHEET = re.compile(r"[\[\]:*?/\\']")
"""Characters that the name of a sheet may not have."""

_LONGEST_CELL = 32767
"""Characters of a cell that spreadsheets take."""


def write_files(results: Results, to: Path) -> tuple[Path, ...]:
    """Write ``tables-<language>.xlsx`` and ``captions-<language>.tex`` for both languages.

    Parameters
    ----------
    results : Results
    to : Path
        Folder, made if it is not there.

    Returns
    -------
    tuple of Path
    """
    to.mkdir(parents=True, exist_ok=True)
    written = []
    for language in LANGUAGES:
        workbook, captions = to / f"tables-{language}.xlsx", to / f"captions-{language}.tex"
        _write_workbook(results, language, workbook)
        captions.write_text(_captions(results, language), encoding="utf-8", newline="\n")
        written += [workbook, captions]
    return tuple(written)


def _exhibits(results: Results, language: Language, kind: str) -> Iterator[tuple[Run, Exhibit]]:
    for run in results.editions[language].values():
        for exhibit in run.exhibits.values():
            if exhibit.kind == kind:
                yield run, exhibit


def _write_workbook(results: Results, language: Language, target: Path) -> None:
    tables = list(_exhibits(results, language, "table"))
    # in Chinese a sheet bears the caption; names of tables are English words
    names = _sheet_names(
        [(exhibit.stem, exhibit.caption if language == "zh" else "") for _, exhibit in tables],
    )
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with Workbook(str(target), plain) as book:
        book.set_properties({"author": "Shanhai", "created": WRITTEN})
        bold, link = book.add_format({"bold": True}), book.add_format({"font_color": "#0B5394", "underline": 1})
        contents = book.add_worksheet(_WORDS("contents", language))
        contents.write_string(0, 0, _WORDS("note", language))
        for column, key in enumerate(("sheet", "run", "caption", "rows")):
            contents.write_string(2, column, _WORDS(key, language), bold)
        contents.set_column(0, 1, 32)
        contents.set_column(2, 2, 100)
        contents.freeze_panes(3, 0)
        for row, ((run, exhibit), name) in enumerate(zip(tables, names, strict=True), start=3):
            contents.write_url(row, 0, f"internal:'{name}'!A1", link, name)
            contents.write_string(row, 1, allowed(run.name))
            contents.write_string(row, 2, allowed(exhibit.caption))
            sheet = book.add_worksheet(name)
            sheet.write_url(
                1, 0, f"internal:'{_WORDS('contents', language)}'!A{row + 1}", link, _WORDS("back", language)
            )
            contents.write_number(row, 3, _write_sheet(sheet, exhibit, bold))


def _write_sheet(sheet: Any, exhibit: Exhibit, bold: Any) -> int:
    """Fill a sheet with caption, heads, all rows of the table and its notes; return how many rows there are."""
    sheet.write_string(0, 0, allowed(exhibit.caption), bold)
    with exhibit.files["csv"].open(encoding="utf-8-sig", newline="") as file:
        _, *rows = csv.reader(file)
    for column, head in enumerate(exhibit.heads):
        sheet.write_string(2, column, allowed(head), bold)
    for number, row in enumerate(rows, start=3):
        for column, text in enumerate(row):
            _write_cell(sheet, number, column, text, exhibit.numeric[column])
    for number, note in enumerate(exhibit.notes, start=len(rows) + 4):
        sheet.write_string(number, 0, allowed(note))
    sheet.freeze_panes(3, 0)
    return len(rows)


def _write_cell(sheet: Any, row: int, column: int, text: str, numeric: bool) -> None:
    """A number as a number where its column is one of numbers, anything else as text: codes keep their digits."""
    if numeric and re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", text):
        sheet.write_number(row, column, float(text))
    elif text:
        sheet.write_string(row, column, allowed(text)[:_LONGEST_CELL])


def _sheet_names(tables: list[tuple[str, str]]) -> list[str]:
    """One name a table: number of the notebook, places of the run, caption or name, short enough and unique.

    Examples
    --------
    >>> _sheet_names([("04-report-city-330800--profile", ""), ("13-check-robustness--battery", "证据组：省界？[1]")])
    ['04 330800 profile', '13 证据组：省界？1']
    """
    names: list[str] = []
    for stem, caption in tables:
        run, _, name = stem.partition("--")
        places = re.findall(r"(?<!\d)\d{6}(?!\d)", run)
        said = " ".join(_NOT_IN_A_SHEET.sub("", allowed(caption)).split()) or name
        short = " ".join([run[:2], *places, said])[:_LONGEST_SHEET].rstrip("- ")
        taken = {other.casefold() for other in names}
        number, unique = 2, short
        while unique.casefold() in taken:
            unique = f"{short[: _LONGEST_SHEET - len(str(number)) - 1]}~{number}"
            number += 1
        names.append(unique)
    return names


def _captions(results: Results, language: Language) -> str:
    """A LaTeX file that sets every figure and table with its caption and label."""
    blocks = [f"% {_WORDS('latex', language)}"]
    for _, figure in _exhibits(results, language, "figure"):
        path = figure.files["pdf"].relative_to(results.folder).as_posix()
        blocks.append(
            "\\begin{figure}[htbp]\n\\centering\n"
            f"\\includegraphics[width=\\linewidth]{{{path}}}\n"
            f"\\caption{{{latex_text(figure.caption)}}}\n\\label{{fig:{figure.stem}}}\n\\end{{figure}}"
        )
    for _, table in _exhibits(results, language, "table"):
        blocks.append(f"\\input{{{table.files['tex'].relative_to(results.folder).as_posix()}}}")
    return "\n\n".join(blocks) + "\n"
