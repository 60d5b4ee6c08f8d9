"""Three-line tables as values: what is printed, before it is written in any format; each lists its columns once."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor, log10
from typing import Any
from unicodedata import east_asian_width

import pandas as pd
from pandas.api import types

from shanhai.core.errors import ReportError
from shanhai.core.shown import Shown
from shanhai.methods.records import Result
from shanhai.render.numbers import (
    MISSING,
    STARS_NOTE,
    format_interval,
    format_number,
    format_p_value,
    is_missing,
    stars_of,
)
from shanhai.render.style import label
from shanhai.render.words import Pair

_BEGINNING: Pair = (
    "The first {shown} of {rows} rows; all are in {file}.",
    "仅列前{shown}行，共{rows}行；全部见{file}。",
)

_MOST_DECIMALS = 8
"""Beyond these decimals a coefficient is written with a power of ten."""


@dataclass(frozen=True, repr=False)
class TableSpec(Shown):
    """A table to print.

    Attributes
    ----------
    frame : DataFrame
        Columns in printing order; the index is not printed.
    caption : str
    notes : tuple of str
        Lines below the table.
    digits : int or mapping of column to int
        Decimals of float columns; two where a mapping names none.
    headers : mapping of column to str
        Printed heads; a column without one is headed by its name.
    rules_before : frozenset of int
        Rows (from 0) above which a thin rule is drawn, to part coefficients from statistics.
    estimates : tuple of Estimate, HypothesisTest and Quantity
        What the table shows with a standard error, an interval or a p-value, its tests, and such numbers without
        uncertainty as are results; ``publish_table`` stores each in the file of its kind.
    truth : pair of str
        How true and false are printed.
    beginning : str
        Note below a table of which the first rows alone are printed, with ``{shown}``, ``{rows}`` and ``{file}``.
    """

    frame: pd.DataFrame
    caption: str = ""
    notes: tuple[str, ...] = ()
    digits: int | Mapping[str, int] = 2
    headers: Mapping[str, str] = field(default_factory=dict)
    rules_before: frozenset[int] = frozenset()
    estimates: tuple[Result, ...] = ()
    truth: tuple[str, str] = ("yes", "no")
    beginning: str = _BEGINNING[0]

    def __post_init__(self) -> None:
        named = set(self.headers) | (set(self.digits) if isinstance(self.digits, Mapping) else set())
        unknown = sorted(named - set(self.frame.columns))
        if unknown:
            raise ReportError(
                f"Digits or headers name {unknown}, which the table lacks; its columns are {list(self.frame.columns)}."
            )

    def heads(self) -> list[str]:
        """Printed column heads."""
        return [str(self.headers.get(column, column)) for column in self.frame.columns]

    def cells(self) -> list[list[str]]:
        """Printed cells, row by row."""
        columns = [self._column_cells(str(column)) for column in self.frame.columns]
        return [list(row) for row in zip(*columns, strict=True)]

    def numeric(self) -> list[bool]:
        """Which columns are set flush right: numbers, and texts that are formatted numbers."""
        return (
            [
                _is_number(self.frame[column]) or _looks_numeric(cells)
                for column, cells in zip(self.frame.columns, zip(*self.cells(), strict=True), strict=True)
            ]
            if len(self.frame)
            else [_is_number(self.frame[column]) for column in self.frame.columns]
        )

    def _column_cells(self, column: str) -> list[str]:
        values = self.frame[column]
        if types.is_bool_dtype(values):
            return [MISSING if is_missing(value) else self.truth[0 if value else 1] for value in values]
        if not _is_number(values):
            return [MISSING if is_missing(value) else str(value) for value in values]
        whole = types.is_integer_dtype(values)
        digits = self.digits if isinstance(self.digits, int) else self.digits.get(column, 0 if whole else 2)
        # Years are numbers that nobody groups by thousands.
        grouped = "year" not in column.lower().split("_")
        return [
            format_number(value, 0 if whole and isinstance(self.digits, int) else digits, grouped=grouped)
            for value in values
        ]


def display_width(text: str) -> int:
    """Columns that a text takes in a fixed-width font; a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def regression_table(
    estimates: pd.DataFrame,
    *,
    terms: Mapping[str, str],
    models: Mapping[str, str],
    statistics: Mapping[str, Sequence[str]] | None = None,
    caption: str = "",
    notes: Sequence[str] = (),
    digits: int = 3,
    language: str = "en",
) -> TableSpec:
    """Three-line table of several models: coefficients with stars, standard errors in brackets below.

    The last note says what the stars mean; that brackets hold standard errors, and which, is for ``notes`` to say.

    Parameters
    ----------
    estimates : DataFrame
        Rows with ``model``, ``term``, ``estimate``, ``se``, ``p`` (as in estimates.json).
    terms : mapping of term to printed label
        Terms to print, in order; terms not named are left out, so name them in ``notes``.
    models : mapping of model to printed head
        Models to print, in order.
    statistics : mapping of label to one text a model, optional
        Rows below the coefficients, such as observations, fixed effects, R².
    caption, notes, digits
        See :class:`TableSpec`; digits hold for coefficients and standard errors.
    language : str
        Of the note on stars.

    Raises
    ------
    ParameterError
        If the language is unknown.
    ReportError
        If a model or term is nowhere in the estimates, if a pair occurs twice, or a statistic has another length.
    """
    _check_regression(estimates, terms, models, statistics or {})
    cells = {(row.model, row.term): row for row in estimates.itertuples(index=False)}
    rows: list[list[str]] = []
    for term, printed in terms.items():
        found = [cells.get((model, term)) for model in models]
        rows.append([printed, *("" if row is None else _coefficient(row, digits) for row in found)])
        rows.append(["", *("" if row is None else _in_brackets(row.se, digits) for row in found)])
    rule = frozenset({len(rows)}) if statistics else frozenset()
    rows.extend([name, *map(str, values)] for name, values in (statistics or {}).items())
    frame = pd.DataFrame(rows, columns=["term", *models])
    notes = (*notes, label(language, *STARS_NOTE))
    return TableSpec(frame, caption, notes, digits, {"term": "", **models}, rule)


def _coefficient(row: Any, digits: int) -> str:
    """An estimate with its stars."""
    return _by_error(row.estimate, row.se, digits) + ("" if is_missing(row.estimate) else stars_of(row.p))


def _in_brackets(error: Any, digits: int) -> str:
    """A standard error, as in ``(0.045)``; empty if missing."""
    return "" if is_missing(error) else f"({_by_error(error, error, digits)})"


def _by_error(value: Any, error: Any, digits: int) -> str:
    """A number to so many decimals, or to two figures of its standard error where they would print that as zero."""
    if is_missing(value) or is_missing(error) or not 0 < float(error) < 0.5 * 10.0**-digits:
        return format_number(value, digits)
    places = 1 - floor(log10(float(error)))
    return format_number(value, places) if places <= _MOST_DECIMALS else f"{float(value):.1e}"


def _check_regression(
    estimates: pd.DataFrame,
    terms: Mapping[str, str],
    models: Mapping[str, str],
    statistics: Mapping[str, Sequence[str]],
) -> None:
    for column, wanted in (("model", models), ("term", terms)):
        absent = sorted(set(wanted) - set(estimates[column]))
        if absent:
            raise ReportError(f"No estimate has {column} {absent}; there are {sorted(set(estimates[column]))}.")
    shown = estimates[estimates["model"].isin(list(models)) & estimates["term"].isin(list(terms))]
    repeated = shown[shown.duplicated(["model", "term"])]
    if len(repeated):
        pairs = repeated[["model", "term"]].to_numpy().tolist()
        raise ReportError(f"Model and term {pairs} occur twice; pass one sample and outcome a table.")
    for name, values in statistics.items():
        if len(values) != len(models):
            raise ReportError(
                f"Statistic {name!r} has {len(values)} values for {len(models)} models; give one a model."
            )


def _is_number(values: pd.Series) -> bool:
    return bool(types.is_numeric_dtype(values)) and not types.is_bool_dtype(values)


def _looks_numeric(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell not in ("", MISSING)]
    return (
        bool(filled)
        and all(cell.lstrip("-+<([")[:1].isdigit() for cell in filled)
        # six digits are a county code, and words after a year are words
        and not any(re.fullmatch(r"\d{6}", cell) or re.search("[一-鿿]{3}", cell) for cell in filled)
    )


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
    ReportError
        If the rows lack a column that is shown as it stands.

    Examples
    --------
    >>> rows = pd.DataFrame({"height": [1.234], "p": [0.0004]})
    >>> shown = (Column("height", ("height (m)", "高度（米）"), 1), Column("p", ("p", "p值"), source=p_values("p")))
    >>> build_table(rows, shown, "en", ("Heights", "高度")).cells()
    [['1.2', '<0.001']]
    """
    absent = [column.key for column in columns if column.source is None and column.key not in rows.columns]
    if absent:
        raise ReportError(f"The rows have no {', '.join(absent)}; they have {', '.join(map(str, rows.columns))}.")
    values = {column.key: column.source(rows, language) if column.source else rows[column.key] for column in columns}
    digits = {column.key: column.digits for column in columns if column.digits is not None}
    heads = {column.key: label(language, *column.head) for column in columns}
    frame = pd.DataFrame(values, columns=list(values))
    truth = label(language, "yes", "是"), label(language, "no", "否")
    return TableSpec(
        frame, label(language, *caption), tuple(notes), digits, heads, estimates=tuple(estimates), truth=truth,
        beginning=label(language, *_BEGINNING),
    )  # fmt: skip


def labelled(column: str, names: _Heads) -> Source:
    """Labels of the keys in a column."""
    return lambda rows, language: [label(language, *names[key]) for key in rows[column]]


def printed(column: str, digits: int, scale: float = 1.0) -> Source:
    """Numbers of a column as text, times a scale, for a table that holds texts beside them."""
    return lambda rows, language: [format_number(scale * value, digits) for value in rows[column]]


def p_values(column: str) -> Source:
    """p-values of a column as text."""
    return lambda rows, language: [format_p_value(value) for value in rows[column]]


def interval(low: str = "low", high: str = "high", digits: int = 3) -> Source:
    """Intervals between two columns as text, as in ``[-0.21, -0.03]``."""
    return lambda rows, language: [
        format_interval(below, above, digits) for below, above in rows[[low, high]].to_numpy()
    ]


ESTIMATE_COLUMNS = (
    Column("estimate", ("estimate", "估计值"), 3),
    Column("se", ("standard error", "标准误"), 3),
    Column("interval", ("95% interval", "95%置信区间"), source=interval()),
    Column("p", ("p", "p值"), source=p_values("p")),
)
"""Estimate, standard error, interval and p-value, as most tables of estimates show them."""
