"""Made-up tables of yearbooks, dressed as provinces print them, and what the room of imports reads from them."""

import csv
import datetime
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from shanhai.data.load import load_places
from shanhai.intake.grid import read_grids
from shanhai.intake.kinds import TABLES, guess
from shanhai.intake.layout import Layout, find_table
from shanhai.intake.mapping import Source, Wish, map_columns
from shanhai.intake.names import Namer
from shanhai.intake.rows import Taken, take_places

Rows = Sequence[Sequence[Any]]
Merges = Sequence[tuple[int, int, int, int]]


def write_book(path: Path, sheets: Mapping[str, Rows], merges: Merges = ()) -> Path:
    """A workbook with these rows; merged cells hold the value of their first."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        dated = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, datetime.datetime):
                        sheet.write_datetime(number, column, value, dated)
                    elif value is not None:
                        sheet.write(number, column, value)
            for top, left, bottom, right in merges:
                sheet.merge_range(top, left, bottom, right, rows[top][left])
    return path


def write_text(path: Path, rows: Rows, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """The rows as text with a delimiter, in an encoding."""
    stream = io.StringIO()
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(texts)
    path.write_bytes(stream.getvalue().encode(encoding))
    return path


def laid_out(path: Path, kind: str = "county_gdp", sheet: str = "") -> Layout:
    """The table of the first sheet of a file."""
    chosen = TABLES[kind]
    namer = Namer(load_places(), chosen.level)
    table = chosen.table(2020)
    heads = {
        "is_place": namer.is_place if chosen.level else None,
        "heads": lambda text: bool(guess(text, chosen, table)[0]),
    }
    return find_table(read_grids(path, sheet)[0], **heads)


def mapped(
    path: Path, wishes: Mapping[str, Wish] | None = None, kind: str = "county_gdp", unit: str = ""
) -> tuple[Source, ...]:
    """The meaning of each column of a file."""
    return map_columns(laid_out(path, kind), TABLES[kind], TABLES[kind].table(2020), wishes or {}, unit)


def taken(path: Path, kind: str = "county_gdp", province: str = "", year: int | None = None) -> Taken:
    """What the rows of a file are, read without any table of the project."""
    chosen, layout = TABLES[kind], laid_out(path, kind)
    table = chosen.table(2020)
    namer = Namer(load_places(), chosen.level, province=province)
    for line in layout.above:
        namer.title(line)
    found = map_columns(layout, chosen, table, {})
    return take_places(layout, found, chosen, table, namer, year or layout.year, ())


def values(read: Taken, column: str = "gdp_10k_yuan") -> dict[tuple[str, int], float]:
    """Figures of a column by code and year."""
    rows = read.frame.dropna(subset=[column])
    return dict(zip(zip(rows["code"], rows["year"], strict=True), rows[column], strict=True))


def rules(read: Taken) -> str:
    """The rules that a file breaks, one line each."""
    return "\n".join(f"{problem.row} {problem.column}: {problem.rule}" for problem in read.problems)


def grown(base: pd.DataFrame, codes: Sequence[str], factor: float = 1.06) -> dict[str, float]:
    """GDP of 2021 of some counties, grown, in 10,000 yuan."""
    rows = base.loc[base["year"].eq(2021) & base["code"].isin(codes)]
    return {
        code: round(float(value) * factor, 2) for code, value in zip(rows["code"], rows["gdp_10k_yuan"], strict=True)
    }
