"""Columns of printed tables: each table lists its columns once, with their heads and how they are printed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shanhai.methods.records import Result
from shanhai.render.numbers import format_interval, format_number, format_p_value
from shanhai.render.style import label
from shanhai.render.tables import TableSpec
from shanhai.render.words import Pair

_Heads = Mapping[str, Pair]
"""English and Chinese by key."""

Source = Callable[[pd.DataFrame, str], Sequence[Any] | pd.Series]
"""Values of a column from the rows of a table, in a language."""


@dataclass(frozen=True)
class Column:
    """A column of a printed table."""

    key: str
    """Name in the files of the table, and the column of the rows that it shows unless ``source`` says otherwise."""
    head: Pair
    """Printed head in English and Chinese."""
    digits: int | None = None
    """Decimals; by default two, none for whole numbers."""
    source: Source | None = None
    """What it shows where that is no column as it stands: :func:`labelled`, :func:`p_values`, :func:`interval`."""


def build_table(
    rows: pd.DataFrame,
    columns: Sequence[Column],
    language: str,
    caption: Pair,
    notes: Sequence[str] = (),
    estimates: Sequence[Result] = (),
) -> TableSpec:
    """A three-line table of some columns, in one language, with the results that it shows.

    Parameters
    ----------
    rows : DataFrame
        One row a line of the table.
    columns : sequence of Column
        In the order in which they are printed.
    language : str
    caption : pair of str
    notes : sequence of str
        Lines below the table, in the language.
    estimates : sequence of Estimate, HypothesisTest and Quantity

    Raises
    ------
    ParameterError
        If the language is unknown.
    KeyError
        If the rows lack a column.

    Examples
    --------
    >>> rows = pd.DataFrame({"height": [1.234], "p": [0.0004]})
    >>> shown = (Column("height", ("height (m)", "高度（米）"), 1), Column("p", ("p", "p值"), source=p_values("p")))
    >>> build_table(rows, shown, "en", ("Heights", "高度")).cells()
    [['1.2', '<0.001']]
    """
    values = {each.key: each.source(rows, language) if each.source else rows[each.key] for each in columns}
    digits = {each.key: each.digits for each in columns if each.digits is not None}
    heads = {each.key: label(language, *each.head) for each in columns}
    frame = pd.DataFrame(values, columns=list(values))
    return TableSpec(frame, label(language, *caption), tuple(notes), digits, heads, estimates=tuple(estimates))


def labelled(column: str, names: _Heads) -> Source:
    """Labels of the keys in a column."""
    return lambda rows, language: named(rows[column], names, language)


def printed(column: str, digits: int, scale: float = 1.0) -> Source:
    """Numbers of a column as text, times a scale, for a table that holds texts beside them."""
    return lambda rows, language: [format_number(scale * value, digits) for value in rows[column]]


def p_values(column: str) -> Source:
    """p-values of a column as text."""
    return lambda rows, language: [format_p_value(value) for value in rows[column]]


def interval(low: str = "low", high: str = "high", digits: int = 3) -> Source:
    """Intervals between two columns as text."""
    return lambda rows, language: intervals(rows, low, high, digits)


def intervals(rows: pd.DataFrame, low: str = "low", high: str = "high", digits: int = 3) -> list[str]:
    """Intervals between two columns as text, as in ``[-0.21, -0.03]``."""
    return [format_interval(below, above, digits) for below, above in rows[[low, high]].to_numpy()]


def named(keys: pd.Series, names: _Heads, language: str) -> list[str]:
    """Labels of keys in a language."""
    return [label(language, *names[key]) for key in keys]


ESTIMATE_COLUMNS = (
    Column("estimate", ("estimate", "估计值"), 3),
    Column("se", ("standard error", "标准误"), 3),
    Column("interval", ("95% interval", "95%区间"), source=interval()),
    Column("p", ("p", "p值"), source=p_values("p")),
)
"""Estimate, standard error, interval and p-value, as most tables of estimates show them."""

_ESTIMATE_HEADS: dict[str, Pair] = {column.key: column.head for column in ESTIMATE_COLUMNS}
"""Their heads by key."""


def _estimate_columns(frame: pd.DataFrame) -> dict[str, object]:
    """Estimate, standard error, interval and p-value."""
    return {
        "estimate": frame["estimate"],
        "se": frame["se"],
        "interval": intervals(frame),
        "p": [format_p_value(value) for value in frame["p"]],
    }


def _three_line(
    frame: pd.DataFrame,
    caption: Pair,
    notes: tuple[str, ...],
    digits: dict[str, int],
    heads: _Heads,
    language: str,
    estimates: tuple[Result, ...] = (),
) -> TableSpec:
    """A three-line table of a frame that holds what is printed; new tables list :class:`Column` instead."""
    printed = {column: label(language, *names) for column, names in heads.items()}
    return TableSpec(frame, label(language, *caption), notes, digits, printed, estimates=estimates)
