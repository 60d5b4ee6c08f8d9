"""Read one CSV file by the types of the data dictionary, and say line, column and value of what cannot be read.

Spreadsheets save tables in ways that readers take for something else without a word: another separator or encoding,
codes as numbers, thousands separators, rows that end early. Each is refused by name here, before any rule sees it.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from shanhai.core import fields, sources
from shanhai.core.errors import ValidationError

_SEPARATORS = {";": "semicolons", "\t": "tabs", "，": "commas of full width", "|": "bars"}
"""What stands between columns where a spreadsheet did not write commas."""

_PATTERNS = {
    "code": r"[0-9]{6}",
    "integer": r"-?[0-9]+",
    "number": r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?",
    "boolean": r"(?i:true|false)",
}
"""How a value of each type is written."""

_WANTED = {
    "code": "a code of six digits, saved as text",
    "integer": "a whole number",
    "number": "a number without thousands separator, unit or sign of percent, in digits of half width",
    "boolean": "true or false",
}

SHOWN = 10
"""Wrong values that an error lists."""


def read_table(name: str, path: Path, *, own: bool) -> pd.DataFrame:
    """The figures of a file as they stand there, typed, in the order of the dictionary's columns and key.

    Parameters
    ----------
    name : a table of the data dictionary.
    path : a CSV file in UTF-8, with or without its mark, with any line ends; columns and rows in any order.
    own : whether it is a user's file, in which every value is looked at before it is read.

    Raises
    ------
    ValidationError
        Naming the file and what is wrong with its encoding, separator, columns, or single values by line.
    """
    described = fields.fields_of(name)
    text = sources.read_text(path, ValidationError)
    _require_columns(name, path, text, [field.column for field in described])
    if own:
        _require_values(name, path, text, described)
    types = fields.dtypes(described)
    try:
        frame = pd.read_csv(io.StringIO(text), dtype=types, keep_default_na=False, na_values=[""])
    except ValueError as error:
        raise ValidationError(f"{path.name} cannot be read as table {name!r}: {error}.") from error
    key = [field.column for field in described if field.key]
    return frame[list(types)].sort_values(key, kind="stable", ignore_index=True)


def _require_columns(name: str, path: Path, text: str, needed: Sequence[str]) -> None:
    header = next(csv.reader(io.StringIO(text, newline="")), [])
    if len(header) <= 1 and len(needed) > 1:
        there = next((word for mark, word in _SEPARATORS.items() if mark in "".join(header)), "")
        cause = f"its columns are separated by {there}" if there else "it has no line of column names"
        raise ValidationError(
            f"{path.name} cannot be read as table {name!r}: {cause}. Save it as CSV with commas; it needs the columns"
            f" {list(needed)}."
        )
    problems = [f"lacks {column!r}" for column in needed if column not in header]
    problems += [f"has {column!r}, which the table does not know" for column in header if column not in needed]
    problems += [f"has {column!r} twice" for column in needed if header.count(column) > 1]
    if problems:
        raise ValidationError(
            f"{path.name} {', '.join(problems)}. Table {name!r} needs the columns {list(needed)} and no others: add or"
            " remove columns."
        )


def _require_values(name: str, path: Path, text: str, described: Sequence[fields.Field]) -> None:
    """Refuse rows of another length, and values that are not written as their type is."""
    rows = csv.reader(io.StringIO(text, newline=""))
    header = next(rows)
    try:
        numbered = [(rows.line_num, row) for row in rows if row]
    except csv.Error as error:
        raise ValidationError(
            f"{path.name} cannot be read as table {name!r}: {error} in line {rows.line_num}. Close all quotation marks."
        ) from error
    ragged = [(line, row) for line, row in numbered if len(row) != len(header)]
    if ragged:
        line, row = ragged[0]
        raise ValidationError(
            f"{path.name} has {len(row)} values in line {line}, but {len(header)} columns ({len(ragged)} such lines)."
            f" Table {name!r} needs a value or an empty one for each column: complete the line, and put a value that"
            " holds a comma in quotes."
        )
    empty = [line for line, row in numbered if not any(row)]
    if empty:
        raise ValidationError(f"{path.name}: line {empty[0]} is empty ({len(empty)} such lines); remove it.")
    written = pd.DataFrame([row for _, row in numbered], columns=header, dtype=str)
    _require_unique(path, written, [line for line, _ in numbered], [field.column for field in described if field.key])
    wrong = [
        f"  line {numbered[row][0]}: {field.column} = {written[field.column].iloc[row]!r} is not {_wanted(field)}"
        for field in described
        for row in _misspelt(field, written[field.column])
    ]
    if wrong:
        raise ValidationError(
            f"{path.name} cannot be read as table {name!r}: values that are not what their column needs,"
            f" {len(wrong)} in all; first of them:\n" + "\n".join(wrong[:SHOWN]) + "\nCorrect these values."
        )


def _require_unique(path: Path, written: pd.DataFrame, lines: Sequence[int], key: Sequence[str]) -> None:
    """Refuse a key that stands twice, before a rule takes one of its rows for the other."""
    twice = written.index[written.duplicated(key)]
    if len(twice):
        row = written.loc[twice[0], key]
        first = written.index[written[key].eq(row).all(axis=1)][0]
        named = ";".join(f"{name}={value}" for name, value in row.items())
        raise ValidationError(
            f"{path.name} breaks the data dictionary: line {lines[twice[0]]} repeats the key {named} of line"
            f" {lines[first]} ({len(twice)} such lines). Leave one of the two out."
        )


def _misspelt(field: fields.Field, values: pd.Series) -> list[int]:
    """Places of values that are not written as the type of the field is; long columns repeat few values."""
    if field.type == "text":
        pattern = r"(?s:\S(?:.*\S)?)"  # a blank at either end makes another name of it
    else:
        # The census holds 498.4 persons and the like, which a rule corrects.
        pattern = _PATTERNS["number" if field.type == "integer" and field.nullable else field.type]
    distinct = pd.Series(values.unique())
    # What is missing in a column that needs a value is refused with the ranges, but for types that know no missing one.
    may_be_empty = field.nullable or field.type not in ("integer", "boolean")
    right = distinct.str.fullmatch(pattern) | (distinct.eq("") & may_be_empty)
    return [int(row) for row in values.isin(distinct[~right]).to_numpy().nonzero()[0]]


def _wanted(field: fields.Field) -> str:
    wanted = _WANTED.get(field.type, "text without blanks at its ends")
    return wanted + (" or empty" if field.nullable else "")
