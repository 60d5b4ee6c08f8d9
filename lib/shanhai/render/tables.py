"""Three-line tables as values: what is printed, before it is written in any format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from pandas.api import types

from shanhai.core.errors import ReportError
from shanhai.methods.records import Result
from shanhai.render.numbers import MISSING, format_estimate, format_number, format_standard_error, is_missing


@dataclass(frozen=True)
class TableSpec:
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
    """

    frame: pd.DataFrame
    caption: str = ""
    notes: tuple[str, ...] = ()
    digits: int | Mapping[str, int] = 2
    headers: Mapping[str, str] = field(default_factory=dict)
    rules_before: frozenset[int] = frozenset()
    estimates: tuple[Result, ...] = ()

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
            return [MISSING if is_missing(value) else ("yes" if value else "no") for value in values]
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


def regression_table(
    estimates: pd.DataFrame,
    *,
    terms: Mapping[str, str],
    models: Mapping[str, str],
    statistics: Mapping[str, Sequence[str]] | None = None,
    caption: str = "",
    notes: Sequence[str] = (),
    digits: int = 3,
    term_head: str = "",
) -> TableSpec:
    """Three-line table of several models: coefficients with stars, standard errors in brackets below.

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
    term_head : str
        Head of the first column.

    Raises
    ------
    ReportError
        If a model or term is nowhere in the estimates, if a pair occurs twice, or a statistic has another length.
    """
    _check_regression(estimates, terms, models, statistics or {})
    cells = {(row.model, row.term): row for row in estimates.itertuples(index=False)}
    rows: list[list[str]] = []
    for term, printed in terms.items():
        found = [cells.get((model, term)) for model in models]
        rows.append([printed, *("" if row is None else format_estimate(row.estimate, row.p, digits) for row in found)])
        rows.append(["", *("" if row is None else format_standard_error(row.se, digits) for row in found)])
    rule = frozenset({len(rows)}) if statistics else frozenset()
    rows.extend([name, *map(str, values)] for name, values in (statistics or {}).items())
    frame = pd.DataFrame(rows, columns=["term", *models])
    return TableSpec(frame, caption, tuple(notes), digits, {"term": term_head, **models}, rule)


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
        and not any(
            cell.isdigit() and len(cell) == 6
            for cell in filled  # six digits are a county code, a text
        )
    )
