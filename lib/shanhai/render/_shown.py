"""Which numbers of a table speak of uncertainty, and whether the estimates of the table hold them.

Read from the cells of a table as they are printed or stored, so that a table by any function, or read back from its
CSV, is checked alike: brackets of an interval, a standard error in brackets under its coefficient, stars, and columns
that are named for a standard error, a bound or a p-value.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isclose

import pandas as pd

from shanhai.methods.records import Result
from shanhai.render.numbers import MISSING, format_interval, format_number, format_p_value, is_missing

_NUMBER = r"-?[\d,]+(?:\.\d+)?"
_INTERVAL = re.compile(rf"\[({_NUMBER}), ({_NUMBER})\]")
_BRACKETED = re.compile(rf"\(({_NUMBER})\)")
_STARRED = re.compile(rf"({_NUMBER})\*+")
_NAMED = re.compile(r"(^|_)(se|low|high|error)($|_)")
_P_NAMED = re.compile(r"(^|_)p($|_)")

_BOUNDS = ("se", "low", "high", "null_low", "null_high", "p_error", "rejected_error")
"""Fields that a column named for a standard error or a bound may show."""


@dataclass(frozen=True)
class _Shown:
    """A number of a table that speaks of uncertainty."""

    column: str
    row: int
    kind: str
    """``interval``, ``p``, ``bound`` (a standard error or a bound) or ``estimate`` (with stars)."""
    cell: object


def uncertain_cells(frame: pd.DataFrame) -> Iterator[_Shown]:
    """Numbers of a table that speak of uncertainty.

    Parameters
    ----------
    frame : DataFrame
        Of a ``TableSpec``, or read from its CSV with ``dtype=str`` or without.
    """
    heads = [str(head) for head in frame.iloc[:, 0]]
    for column in frame.columns:
        for row, (head, cell) in enumerate(zip(heads, frame[column], strict=True)):
            if kind := _kind(str(column), cell, head):
                yield _Shown(str(column), row, kind, cell)


def missing_cells(frame: pd.DataFrame, estimates: Iterable[Result]) -> list[_Shown]:
    """Numbers of a table that speak of uncertainty and belong to none of the estimates.

    Parameters
    ----------
    frame : DataFrame
        As for :func:`uncertain_cells`.
    estimates : Estimates, tests and quantities
        Also as records read back from their files, with attributes of the names of their fields.
    """
    known = tuple(estimates)
    return [shown for shown in uncertain_cells(frame) if not any(_holds(record, shown) for record in known)]


def _kind(column: str, cell: object, head: str) -> str:
    if is_missing(cell) or cell in ("", MISSING):
        return ""
    text = str(cell)
    if _INTERVAL.fullmatch(text):
        return "interval"
    if _STARRED.fullmatch(text):
        return "estimate"
    if head in ("", "nan") and _BRACKETED.fullmatch(text):
        return "bound"
    if _P_NAMED.search(column) and not _NAMED.search(column):
        return "p" if text == "<0.001" or _is_number(cell) else ""
    return "bound" if _NAMED.search(column) and _is_number(cell) else ""


def _holds(result: object, shown: _Shown) -> bool:
    """Whether an estimate or test has the number, as exactly as the table prints it."""
    if shown.kind == "interval":
        match = _INTERVAL.fullmatch(str(shown.cell))
        digits = _decimals(match[1]) if match else 0
        pairs = (_numbers(result, "low", "high"), _numbers(result, "null_low", "null_high"))
        return any(len(pair) == 2 and format_interval(pair[0], pair[1], digits) == shown.cell for pair in pairs)
    if shown.kind == "p":
        others = getattr(result, "p_other", {}).values()
        return any(_is_p(p, shown.cell) for p in (*_numbers(result, "p"), *others) if _known(p))
    if shown.kind == "estimate":
        return any(_equal(value, str(shown.cell).rstrip("*")) for value in _numbers(result, "estimate"))
    cell = str(shown.cell).strip("()") if _BRACKETED.fullmatch(str(shown.cell)) else shown.cell
    return any(_equal(bound, cell) for bound in _numbers(result, *_BOUNDS))


def _numbers(result: object, *names: str) -> list[float]:
    """Known numbers of a result among fields of these names, of which its kind may lack some."""
    values = (getattr(result, name, None) for name in names)
    return [float(value) for value in values if value is not None and _known(value)]


def _is_p(value: float | None, cell: object) -> bool:
    """Whether a p-value is the one of a cell: as it is printed, or to all its digits."""
    return format_p_value(value) == cell or (_is_number(cell) and _equal(value, cell))


def _equal(value: float | None, cell: object) -> bool:
    """Whether a number is the one of a cell: to all its digits, or rounded to those that are printed."""
    text = str(cell)
    if value is None or not _is_number(cell):
        return False
    exact = isclose(float(text.replace(",", "")), value, rel_tol=1e-9, abs_tol=1e-15)
    return exact or (isinstance(cell, str) and format_number(value, _decimals(text)) == text)


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _is_number(cell: object) -> bool:
    if isinstance(cell, str):
        try:
            float(cell.replace(",", ""))
        except ValueError:
            return False
        return True
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _known(*values: object) -> bool:
    return not any(map(is_missing, values))
