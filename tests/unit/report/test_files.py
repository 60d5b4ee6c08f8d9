"""All tables in one workbook, and captions for LaTeX: numbers as numbers, codes as text, nothing that runs."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import openpyxl
import pytest

from shanhai.report.files import write_files
from shanhai.report.results import LANGUAGES, Exhibit, Results, Run

CSV = '\ufeffcode,name,gdp\n330802,"=HYPERLINK(""x"")",12345.678901\n330803,衢江区,\n'


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """Two tables with names that agree in their first 31 characters, and a figure."""
    exhibits = {}
    for ending in ("a", "b"):
        name = f"a-table-with-quite-a-long-name-{ending}"
        file = tmp_path / f"{name}.csv"
        file.write_text(CSV, encoding="utf-8")
        exhibits[f"table {name}"] = Exhibit(
            "table", name, f"04-report-330800--{name}", "GDP", {"csv": file, "tex": tmp_path / f"{name}.tex"},
            heads=("code", "name", "GDP"), rows=(), numeric=(False, False, True), notes=("Source: yearbook",),
        )  # fmt: skip
    exhibits["figure map"] = Exhibit(
        "figure", "map", "04-report-330800--map", "50% & more_", {"pdf": tmp_path / "map.pdf"}
    )
    run = Run("04-report-330800", "04-report", {}, "en", tmp_path, MappingProxyType(exhibits), {})
    editions: Mapping[str, Mapping[str, Run]] = {language: {run.name: run} for language in LANGUAGES}
    return Results(tmp_path, editions, {})  # type: ignore[arg-type]


def test_a_sheet_holds_numbers_as_numbers_and_texts_that_nothing_runs(results: Results, tmp_path: Path) -> None:
    write_files(results, tmp_path / "files")
    book = openpyxl.load_workbook(tmp_path / "files" / "tables-en.xlsx")
    contents, first, second = book.worksheets
    assert (first.title, second.title) == ("04 330800 a-table-with-quite-a", "04 330800 a-table-with-quite-~2")
    assert [cell.value for cell in contents[4]] == [first.title, "04-report-330800", "GDP", 2]
    assert (first["A2"].value, first["A2"].hyperlink.location) == ("Back to the contents", "'Contents'!A4")
    assert [[cell.value for cell in row] for row in first["A3:C5"]] == [
        ["code", "name", "GDP"],
        ["330802", '=HYPERLINK("x")', 12345.678901],
        ["330803", "衢江区", None],
    ]
    assert first["B4"].data_type == "s"
    assert first["A7"].value == "Source: yearbook"


def test_sheets_of_the_chinese_workbook_bear_chinese_names_that_excel_takes(results: Results, tmp_path: Path) -> None:
    run = results.editions["zh"]["04-report-330800"]
    captions = "省界[1]：A/B*?\\'x'", "很" * 40, "很" * 40, ""
    table = run.exhibits["table a-table-with-quite-a-long-name-a"]
    exhibits = {str(number): replace(table, caption=caption) for number, caption in enumerate(captions)}
    editions = {language: {run.name: replace(run, exhibits=exhibits)} for language in LANGUAGES}
    write_files(Results(tmp_path, editions, {}), tmp_path / "files")
    _, *sheets = openpyxl.load_workbook(tmp_path / "files" / "tables-zh.xlsx").worksheets
    assert [sheet.title for sheet in sheets] == [
        "04 330800 省界1：ABx",
        f"04 330800 {'很' * 21}",
        f"04 330800 {'很' * 19}~2",
        "04 330800 a-table-with-quite-a",
    ]


def test_captions_are_escaped_and_the_files_are_the_same_each_time(results: Results, tmp_path: Path) -> None:
    first = {path.name: path.read_bytes() for path in write_files(results, tmp_path / "first")}
    second = {path.name: path.read_bytes() for path in write_files(results, tmp_path / "second")}
    assert first == second
    assert set(first) == {"tables-en.xlsx", "tables-zh.xlsx", "captions-en.tex", "captions-zh.tex"}
    captions = first["captions-en.tex"].decode()
    assert r"\caption{50\% \& more\_}" in captions
    assert captions.count(r"\input{") == 2
