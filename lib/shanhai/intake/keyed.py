"""What is wrong with rows that bear keys of their own: claims, pairings and figures of collaborations.

The checks of a table see it with the rows that were there before, by lines that the user's file does not have; these
see the file by its rows.
"""

import datetime
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from shanhai.core import fields
from shanhai.data.load import load_table
from shanhai.intake.cells import NoNumberError
from shanhai.intake.problems import Problem

_CLAIM: Final = re.compile(r"[A-Z][0-9]{2,3}[a-z]?")
"""Numbers of claims."""

_COUNTED: Final = frozenset(
    {"agreements", "counties", "enclaves", "households", "jobs", "parks", "persons", "projects", "shops", "villages"}
)
"""Units of collaborations of which there are no parts."""

_Row = Mapping[Hashable, Any]


def wrong_rows(table: str, taken: pd.DataFrame, base: pd.DataFrame, find: Callable[[str], str]) -> list[Problem]:
    """Faults of rows that no rule of a single cell sees.

    Parameters
    ----------
    table : ``claims``, ``pairings`` or ``collaboration``.
    taken : rows of the file with ``source_row``.
    base : the table in force.
    find : gives the code of a place by code or name, and raises ``NoNumberError`` where there is none.

    Returns
    -------
    Each key that stands twice, line breaks within a cell, claims that name what is not there, names of other places
    than their codes, pairs of a place with itself, results of years that have not ended, and parts of what is counted.
    """
    rows = taken.to_dict("records")
    found = [*_twice(table, rows), *_broken(rows)]
    if table == "claims":
        found += _claims(rows, set(base["id"]) | set(taken["id"].dropna()))
    elif table == "pairings":
        found += [problem for row in rows for problem in _pairing(row, find)]
    elif table == "collaboration":
        found += [problem for row in rows for problem in _figure(row)]
    return found


def _twice(table: str, rows: Sequence[_Row]) -> Iterator[Problem]:
    first: dict[tuple[str, ...], int] = {}
    key = fields.key_of(table)
    for row in rows:
        values = tuple("" if pd.isna(row.get(name)) else str(row[name]) for name in key)
        before = first.setdefault(values, int(row["source_row"]))
        if before != row["source_row"]:
            yield Problem(f"the same key stands in row {before}; leave one of the two out", int(row["source_row"]))


def _broken(rows: Sequence[_Row]) -> Iterator[Problem]:
    for row in rows:
        for column, value in row.items():
            if isinstance(value, str) and not value.isprintable() and len(value.splitlines()) > 1:
                yield Problem(
                    "a line break within the cell; write it in one line", int(row["source_row"]), str(column), value
                )


def _claims(rows: Sequence[_Row], known: set[str]) -> Iterator[Problem]:
    statements = set(load_table("statements")["id"])
    for row in rows:
        at, number = int(row["source_row"]), _text(row, "id")
        if number and not _CLAIM.fullmatch(number):
            yield Problem(
                "a claim is a capital letter, two or three digits and perhaps a small letter, as B01a", at, "id", number
            )
        for column in ("part_of", "same_as"):
            other = _text(row, column)
            if other and (other not in known or other == number):
                yield Problem("there is no such other claim; write its number, or nothing", at, column, other)
        for statement in filter(None, map(str.strip, _text(row, "statements").split(";"))):
            if statement not in statements:
                yield Problem(
                    "there is no such statement; write one of data/statements.csv", at, "statements", statement
                )


def _pairing(row: _Row, find: Callable[[str], str]) -> Iterator[Problem]:
    at = int(row["source_row"])
    if row["mountain_code"] == row["sea_code"]:
        yield Problem("a place is paired with itself; write the code of its partner", at, "sea_code", row["sea_code"])
    for side in ("mountain", "sea"):
        code, name = _text(row, f"{side}_code"), _text(row, f"{side}_name_zh")
        try:
            said = find(name)
        except NoNumberError:
            continue  # zones and later counties are named as the paper names them
        if code and said[:4] != code[:4]:
            yield Problem(
                f"the name of {said}, not of {code}; correct the code or the name", at, f"{side}_name_zh", name
            )


def _figure(row: _Row) -> Iterator[Problem]:
    at, value, year = int(row["source_row"]), row["value"], row["year"]
    today = datetime.date.today()
    if row["kind"] == "result" and pd.notna(value) and pd.notna(year) and year > today.year:
        yield Problem(
            f"a result of a year that has not begun: today is {today.isoformat()} by this computer; give the year that"
            " it is of, or the kind target",
            at,
            "year",
            int(year),
        )
    if _text(row, "unit") in _COUNTED and pd.notna(value) and float(value) % 1:
        yield Problem("a part of what is counted; give a whole number, or the unit that it is in", at, "value", value)


def _text(row: _Row, column: str) -> str:
    value = row.get(column)
    return "" if value is None or pd.isna(value) else str(value)
