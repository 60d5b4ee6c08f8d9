"""What users hand in, converted once: numbers to floats, labels to codes, weights and generators checked, rows aligned.

Estimators work on plain arrays. What a column of whole numbers, a nullable column, a Series in another order or a seed
in place of a generator would do further in is decided here, in one way for all of them.
"""

from collections.abc import Mapping, Sequence
from numbers import Number

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array, Codes

NAMED = 5
"""Values or labels that an error message names."""


def as_numbers(values: ArrayLike | pd.Series, what: str, *, missing: bool = False) -> Array:
    """A column of numbers as floats.

    Parameters
    ----------
    values : n numbers, whole or not, true or false; nullable columns too.
    what : str
        Name of the column in errors, such as ``outcome``.
    missing : bool
        Let missing values pass, as NaN.

    Raises
    ------
    SpecificationError
        If there is more than one column, or a value is no number, infinite, or missing where that is not allowed.
    """
    if np.ndim(values) != 1:
        raise SpecificationError(
            f"{what} has the shape {np.shape(values)}; allowed: one column. Take a single column of the frame."
        )
    series = values if isinstance(values, pd.Series) else pd.Series(np.asarray(values))
    if series.dtype == object:
        series = pd.Series([_number(value, what) for value in series], dtype="float64")
    if not (pd.api.types.is_bool_dtype(series) or pd.api.types.is_numeric_dtype(series)) or series.dtype.kind == "c":
        raise _no_number(what, f"{series.dtype} values")
    numbers: Array = np.asarray(series.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan))
    infinite, lost = np.isinf(numbers), np.isnan(numbers)
    if missing and infinite.any():
        raise SpecificationError(
            f"{what}: {int(infinite.sum())} rows hold an infinite number; allowed: finite numbers or missing. A log of "
            "zero or a ratio over zero is missing: clear them first."
        )
    if not missing and (infinite | lost).any():
        raise SpecificationError(
            f"{what} is missing or infinite in {int((infinite | lost).sum())} of {len(numbers)} rows; allowed: finite "
            "numbers. Drop these rows first."
        )
    return numbers


def _number(value: object, what: str) -> float:
    """One value of a column without a type of its own."""
    if value is None or value is pd.NA:
        return float("nan")
    if isinstance(value, str | bytes):
        raise _no_number(what, f"text ({value!r})")
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise _no_number(what, f"{value!r}") from error


def _no_number(what: str, held: str) -> SpecificationError:
    return SpecificationError(
        f"{what} holds {held}; allowed: numbers or true and false. Convert it with pd.to_numeric, or use it as a "
        "fixed effect or cluster."
    )


def as_weights(values: ArrayLike | pd.Series, what: str = "weight", *, missing: bool = False) -> Array:
    """Positive weights, counts of people or areas as floats; missing ones as NaN where that is allowed.

    Raises
    ------
    SpecificationError
        As in :func:`as_numbers`, or if a weight is zero or negative.
    """
    weights = as_numbers(values, what, missing=missing)
    if (weights <= 0).any():
        raise SpecificationError(
            f"{what} is zero or negative in {int((weights <= 0).sum())} of {len(weights)} rows (smallest "
            f"{np.nanmin(weights):g}); allowed: positive numbers. Take these rows out."
        )
    return weights


def as_distances(values: ArrayLike | pd.Series, what: str) -> Array:
    """Distances as floats, zero or more; missing ones as NaN.

    Raises
    ------
    SpecificationError
        As in :func:`as_numbers`, or if a distance is negative.
    """
    distances = as_numbers(values, what, missing=True)
    if (distances < 0).any():
        raise SpecificationError(
            f"{what} is negative in {int((distances < 0).sum())} of {len(distances)} rows; allowed: distances of zero "
            "or more. Take the absolute value, or drop these rows."
        )
    return distances


def as_codes(labels: ArrayLike | pd.Series, what: str, *, missing: bool = False) -> Codes:
    """Labels of any one kind as integers 0..L-1, in the sorted order of the labels; -1 where one may be missing.

    Raises
    ------
    SpecificationError
        If a label is missing, or labels of several kinds cannot be told apart (the number 1 and the text "1").
    """
    if np.ndim(labels) != 1:
        raise SpecificationError(
            f"{what} has the shape {np.shape(labels)}; allowed: one column. Take a single column of the frame."
        )
    series = labels if isinstance(labels, pd.Series) else pd.Series(np.asarray(labels))
    lost = int(series.isna().sum())
    if lost and not missing:
        raise SpecificationError(
            f"{what} is missing in {lost} of {len(series)} rows; allowed: a label for every row. Drop these rows."
        )
    if series.dtype == object:
        kinds = sorted({"number" if isinstance(value, Number) else type(value).__name__ for value in series.dropna()})
        if len(kinds) > 1:
            raise SpecificationError(
                f"{what} holds labels of several types ({', '.join(kinds)}); allowed: one type. Convert them with "
                "astype(str)."
            )
    return np.asarray(pd.factorize(series, sort=True)[0], dtype=np.int64)


def as_matrix(values: ArrayLike | pd.DataFrame, what: str) -> Array:
    """Columns of numbers as floats, n x k; a single one may come as n numbers.

    Raises
    ------
    SpecificationError
        As in :func:`as_numbers`, or if there are more than two dimensions, or two columns of one name.
    """
    if np.ndim(values) not in (1, 2):
        raise SpecificationError(f"{what} has the shape {np.shape(values)}; allowed: rows and columns. Pass a frame.")
    if isinstance(values, pd.DataFrame):
        require_columns(values, list(values.columns), what)
        values = values.to_numpy(dtype=object)
    table = np.asarray(values)
    table = table[:, None] if table.ndim == 1 else table
    columns = [as_numbers(column, what) for column in table.T]
    return np.column_stack(columns) if columns else np.empty(table.shape)


def require_columns(frame: pd.DataFrame, columns: Sequence[str], what: str = "the frame") -> None:
    """Refuse a frame that lacks a column, or has several of that name.

    Raises
    ------
    SpecificationError
    """
    absent = [column for column in dict.fromkeys(columns) if column not in frame.columns]
    if absent:
        raise SpecificationError(
            f"no column {', '.join(map(repr, absent))} in {what}; it has: "
            f"{', '.join(map(str, frame.columns))}. Name one of these, or add the column first."
        )
    several = set(frame.columns[frame.columns.duplicated()])
    twice = [column for column in dict.fromkeys(columns) if column in several]
    if twice:
        raise SpecificationError(
            f"{what} has several columns {', '.join(map(repr, twice))}; allowed: each name once. Rename one, or keep "
            "one by frame.loc[:, ~frame.columns.duplicated()]."
        )


def require_unique(codes: Sequence[str] | pd.Series) -> None:
    """Refuse codes of units that are missing, no text, or occur twice.

    Raises
    ------
    SpecificationError
    """
    series = pd.Series(list(codes), dtype="object")
    if series.isna().any() or not series.map(lambda code: isinstance(code, str)).all():
        raise SpecificationError(
            "a code is missing or no text; allowed: one text a unit. Drop rows without one, and convert the others "
            "with astype(str)."
        )
    twice = sorted(series[series.duplicated()].unique())
    if twice:
        raise SpecificationError(
            f"codes occur twice: {', '.join(twice[:NAMED])}; allowed: each once, in one cross-section. Take one "
            "period, or drop_duplicates('code') where the rows are the same."
        )


def require_same_rows(columns: Mapping[str, object]) -> None:
    """Refuse columns whose indexes say that their rows are not the same, or not in the same order.

    Parameters
    ----------
    columns : mapping of name to values
        Only Series and frames carry an index; anything else is taken to be in order.

    Raises
    ------
    SpecificationError
    """
    labelled = {name: column for name, column in columns.items() if isinstance(column, pd.Series | pd.DataFrame)}
    first = next(iter(labelled), "")
    for name, column in labelled.items():
        if not column.index.equals(labelled[first].index):
            raise SpecificationError(
                f"{first} and {name} are indexed differently, so it is open which rows belong together; allowed: the "
                "same index in the same order. Take both from one frame, or to_numpy() where the order is right."
            )


def in_order_of(values: ArrayLike | pd.Series, codes: Sequence[str], what: str) -> ArrayLike | pd.Series:
    """Values in the order of units: a Series indexed by their codes is put in it, anything without labels is in it.

    Parameters
    ----------
    values : n values; a Series with the codes as index, in any order, or with the plain index 0, 1, ..., n - 1.
    codes : n codes of the units.
    what : str
        Name of the values in errors.

    Raises
    ------
    SpecificationError
        If a Series has another index, which does not say which value belongs to which unit.
    """
    if not isinstance(values, pd.Series):
        return values
    labels = [str(label) for label in values.index]
    if sorted(labels) == sorted(map(str, codes)) and len(set(labels)) == len(labels):
        return values.set_axis(labels).reindex([str(code) for code in codes])
    if values.index.equals(pd.RangeIndex(len(values))):
        return values
    wrong = sorted(set(labels) - set(map(str, codes))) or sorted(set(map(str, codes)) - set(labels)) or labels
    raise SpecificationError(
        f"{what} has an index that is neither the {len(codes)} codes of the units nor 0, 1, 2, ...: "
        f"{', '.join(wrong[:NAMED])}{' ...' if len(wrong) > NAMED else ''}; allowed: a Series indexed by code, or "
        "values in the order of the units. Use set_index('code'), or to_numpy() where the order is right."
    )


def as_generator(rng: object) -> np.random.Generator:
    """A random generator.

    Raises
    ------
    SpecificationError
        If it is something else, such as a seed.
    """
    if not isinstance(rng, np.random.Generator):
        raise SpecificationError(
            f"rng is {rng!r}; allowed: a numpy.random.Generator, which keeps its place between draws. Pass "
            f"numpy.random.default_rng({rng if isinstance(rng, int) else 1})."
        )
    return rng
