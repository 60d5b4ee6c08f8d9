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

from shanhai.report.numbers import MISSING, format_interval, format_number, format_p_value, is_missing
from shanhai.spec.estimate import Estimate

NUMBER = r"-?[\d,]+(?:\.\d+)?"
INTERVAL = re.compile(rf"\[({NUMBER}), ({NUMBER})\]")
BRACKETED = re.compile(rf"\(({NUMBER})\)")
STARRED = re.compile(rf"({NUMBER})\*+")
NAMED = re.compile(r"(^|_)(se|low|high|error)($|_)")
P_NAMED = re.compile(r"(^|_)p($|_)")


@dataclass(frozen=True)
class Shown:
    """A number of a table that speaks of uncertainty."""

    column: str
    row: int
    kind: str
    """``interval``, ``p``, ``bound`` (a standard error or a bound) or ``estimate`` (with stars)."""
    cell: object


def uncertain_cells(frame: pd.DataFrame) -> Iterator[Shown]:
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
                yield Shown(str(column), row, kind, cell)


def missing_cells(frame: pd.DataFrame, estimates: Iterable[Estimate]) -> list[Shown]:
    """Numbers of a table that speak of uncertainty and belong to none of the estimates.

    Parameters
    ----------
    frame : DataFrame
        As for :func:`uncertain_cells`.
    estimates : Estimates
    """
    known = tuple(estimates)
    return [shown for shown in uncertain_cells(frame) if not any(_holds(each, shown) for each in known)]


def _kind(column: str, cell: object, head: str) -> str:
    if is_missing(cell) or cell in ("", MISSING):
        return ""
    text = str(cell)
    if INTERVAL.fullmatch(text):
        return "interval"
    if STARRED.fullmatch(text):
        return "estimate"
    if head in ("", "nan") and BRACKETED.fullmatch(text):
        return "bound"
    if P_NAMED.search(column) and not NAMED.search(column):
        return "p" if text == "<0.001" or _is_number(cell) else ""
    return "bound" if NAMED.search(column) and _is_number(cell) else ""


def _holds(estimate: Estimate, shown: Shown) -> bool:
    """Whether the estimate has the number, as exactly as the table prints it."""
    if shown.kind == "interval":
        match = INTERVAL.fullmatch(str(shown.cell))
        digits = _decimals(match[1]) if match else 0
        pairs = ((estimate.low, estimate.high), (estimate.null_low, estimate.null_high))
        return any(_known(*pair) and format_interval(*pair, digits) == shown.cell for pair in pairs)
    if shown.kind == "p":
        return any(_known(p) and _is_p(p, shown.cell) for p in (estimate.p, *estimate.p_other.values()))
    if shown.kind == "estimate":
        return _equal(estimate.estimate, str(shown.cell).rstrip("*"))
    cell = str(shown.cell).strip("()") if BRACKETED.fullmatch(str(shown.cell)) else shown.cell
    bounds = (estimate.se, estimate.low, estimate.high, estimate.null_low, estimate.null_high)
    return any(_known(bound) and _equal(bound, cell) for bound in bounds)


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
