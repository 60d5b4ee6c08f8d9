"""What users hand in, converted or refused once: columns, labels, weights, numbers, arrays, names.

Estimators work on plain arrays. What a column of whole numbers, a nullable column, a Series in another order or a seed
in place of a generator would do further in is decided here. Every function raises SpecificationError on what it does
not take, such as text for numbers; the message names the value, what is allowed and the next step.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from math import isfinite, isnan
from numbers import Integral, Number
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.number_text import read_number_text

_NAMED = 5
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
    """
    if np.ndim(values) != 1:
        raise SpecificationError(
            f"{what} has the shape {np.shape(values)}; allowed: one column. Take a single column of the frame."
        )
    series = values if isinstance(values, pd.Series) else pd.Series(np.asarray(values))
    if series.dtype == object:
        series = pd.Series([_number(value, what, series) for value in series], dtype="float64")
    if not (pd.api.types.is_bool_dtype(series) or pd.api.types.is_numeric_dtype(series)) or series.dtype.kind == "c":
        kind, step = _step_to_numbers(series)
        raise _no_number(what, f"{series.dtype} values{f' ({kind})' if kind else ''}", step)
    if isinstance(series.dtype, np.dtype):
        numbers: Array = np.array(series.to_numpy(), dtype=np.float64)
    else:
        numbers = np.asarray(series.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan))
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


def _number(value: object, what: str, column: pd.Series) -> float:
    """One value of a column without a type of its own."""
    if value is None or value is pd.NA:
        return float("nan")
    if isinstance(value, str | bytes):
        kind, step = _step_to_numbers(column[[isinstance(each, str | Number) for each in column]])
        raise _no_number(what, f"text ({value!r}{f'; {kind}' if kind else ''})", step)
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        advice = "Take a number from the dates, as in pd.to_datetime(frame['date']).dt.year"
        raise _no_number(what, f"{value!r}", *([advice] if isinstance(value, date) else [])) from error


def _no_number(what: str, held: str, advice: str = "Convert it with pd.to_numeric") -> SpecificationError:
    return SpecificationError(
        f"{what} holds {held}; allowed: numbers or true and false. {advice}, or use it as a fixed effect or cluster."
    )


def _step_to_numbers(series: pd.Series) -> tuple[str, str]:
    """How a column of text writes numbers, if not plainly, and the step that makes numbers of a column."""
    if pd.api.types.is_datetime64_any_dtype(series) or isinstance(series.dtype, pd.PeriodDtype):
        return "", "Take a number from the dates, as in frame['date'].dt.year"
    if pd.api.types.is_timedelta64_dtype(series):
        return "", "Take a number from the durations, as in frame['duration'].dt.days"
    if (found := read_number_text(series)) and found.said:
        return f"such as {found.shown!r}, {'; '.join(found.said)}", found.step
    return "", "Convert it with pd.to_numeric"


def as_weights(values: ArrayLike | pd.Series, what: str = "weight", *, missing: bool = False) -> Array:
    """Positive weights, counts of people or areas as floats; missing ones as NaN where that is allowed."""
    weights = as_numbers(values, what, missing=missing)
    if (weights <= 0).any():
        raise SpecificationError(
            f"{what} is zero or negative in {int((weights <= 0).sum())} of {len(weights)} rows (smallest "
            f"{np.nanmin(weights):g}); allowed: positive numbers. Take these rows out."
        )
    return weights


def as_distances(values: ArrayLike | pd.Series, what: str) -> Array:
    """Distances as floats, zero or more; missing ones as NaN."""
    distances = as_numbers(values, what, missing=True)
    if (distances < 0).any():
        raise SpecificationError(
            f"{what} is negative in {int((distances < 0).sum())} of {len(distances)} rows; allowed: distances of zero "
            "or more. Take the absolute value, or drop these rows."
        )
    return distances


def as_codes(labels: ArrayLike | pd.Series, what: str, *, missing: bool = False) -> Codes:
    """Labels of any one kind as integers 0..L-1, in the sorted order of the labels; -1 where one may be missing."""
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
    return factorized(series, what, sort=True)


def factorized(labels: pd.Series, what: str, *, sort: bool = False) -> Codes:
    """Labels as integers in the order of their first rows, or sorted; -1 where one is missing."""
    try:
        return np.asarray(pd.factorize(labels, sort=sort)[0], dtype=np.int64)
    except TypeError as error:
        said = f"{what} holds labels that cannot be compared ({error}); allowed: text, numbers, dates. Use astype(str)."
        raise SpecificationError(said) from error


def as_matrix(values: ArrayLike | pd.DataFrame, what: str) -> Array:
    """Columns of numbers as floats, n x k; a single one may come as n numbers."""
    if np.ndim(values) not in (1, 2):
        raise SpecificationError(f"{what} has the shape {np.shape(values)}; allowed: rows and columns. Pass a frame.")
    if isinstance(values, pd.DataFrame):
        require_columns(values, list(values.columns), what)
        values = values.to_numpy(dtype=object)
    table = np.asarray(values)
    table = table[:, None] if table.ndim == 1 else table
    if table.dtype == np.float64 and np.isfinite(table).all():
        return np.array(table, order="C")
    columns = [as_numbers(column, what) for column in table.T]
    return np.column_stack(columns) if columns else np.empty(table.shape)


def require_columns(frame: pd.DataFrame, columns: Sequence[str], what: str = "the frame") -> None:
    """Refuse what is no frame, and a frame that lacks a column or has several of that name."""
    if not isinstance(frame, pd.DataFrame):
        raise SpecificationError(
            f"{what} is of type {type(frame).__name__}; allowed: a pandas DataFrame. Make one with pd.DataFrame."
        )
    absent = [column for column in dict.fromkeys(columns) if column not in frame.columns]
    if absent:
        in_index = [column for column in absent if column in frame.index.names]
        advice = f"{in_index[0]!r} is in its index: reset_index() makes a column of it." if in_index else ""
        raise SpecificationError(
            f"no column {', '.join(map(repr, absent))} in {what}; it has: {', '.join(map(str, frame.columns))}. "
            f"{advice or 'Name one of these, or add the column first.'}"
        )
    several = set(frame.columns[frame.columns.duplicated()])
    twice = [column for column in dict.fromkeys(columns) if column in several]
    if twice:
        raise SpecificationError(
            f"{what} has several columns {', '.join(map(repr, twice))}; allowed: each name once. Rename one, or keep "
            "one by frame.loc[:, ~frame.columns.duplicated()]."
        )


def require_unique(codes: Sequence[str] | pd.Series) -> None:
    """Refuse codes of units that are missing, no text, or occur twice."""
    series = pd.Series(list(codes), dtype="object")
    if series.isna().any() or not series.map(lambda code: isinstance(code, str)).all():
        raise SpecificationError(
            "a code is missing or no text; allowed: one text a unit. Drop rows without one, and convert the others "
            "with astype(str)."
        )
    twice = sorted(series[series.duplicated()].unique())
    if twice:
        raise SpecificationError(
            f"codes occur twice: {', '.join(twice[:_NAMED])}; allowed: each once, in one cross-section. Take one "
            "period, or drop_duplicates('code') where the rows are the same."
        )


def require_longitude_first(pair: object) -> None:
    """Refuse columns of places whose names put the latitude first, which values within 90 degrees do not show."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        return
    first, second = (str(name).casefold().strip() for name in pair)
    if (first.startswith("lat") or "纬" in first) and (second.startswith(("lon", "lng")) or "经" in second):
        raise SpecificationError(
            f"coordinates are {tuple(pair)!r}; allowed: the column of the longitude first, then that of the latitude. "
            f"Turn them round: {tuple(pair)[::-1]!r}."
        )


def require_same_rows(columns: Mapping[str, object]) -> None:
    """Refuse columns whose indexes say that their rows are not the same, or not in the same order.

    Parameters
    ----------
    columns : mapping of name to values
        Only Series and frames carry an index; anything else is taken to be in order.
    """
    labelled = {name: column for name, column in columns.items() if isinstance(column, pd.Series | pd.DataFrame)}
    first = next(iter(labelled), "")
    for name, column in labelled.items():
        if not column.index.equals(labelled[first].index):
            raise SpecificationError(
                f"{first} and {name} are indexed differently, so it is open which rows belong together; allowed: the "
                "same index in the same order. Take both from one frame, or to_numpy() where the order is right."
            )


def as_generator(rng: object) -> np.random.Generator:
    """A random generator."""
    if not isinstance(rng, np.random.Generator):
        raise SpecificationError(
            f"rng is {rng!r}; allowed: a numpy.random.Generator, which keeps its place between draws. Pass "
            f"numpy.random.default_rng({rng if isinstance(rng, int) else 1})."
        )
    return rng


def as_number(
    value: object, what: str, *, least: float = -np.inf, most: float = np.inf, missing: bool = False
) -> float:
    """A single number as a float.

    Parameters
    ----------
    value : whole or not, of Python or numpy.
    what : str
        Name of the number in errors.
    least, most : float
        Bounds, themselves allowed.
    missing : bool
        Let a missing value (None, NaN, pd.NA) pass, as NaN.
    """
    if missing and (value is None or value is pd.NA):
        return float("nan")
    number = float(value) if isinstance(value, Number) and not isinstance(value, complex) else None  # type: ignore[arg-type]
    if number is not None and missing and isnan(number):
        return number
    if number is None or not isfinite(number) or not least <= number <= most:
        raise SpecificationError(
            f"{what} is {value!r}; allowed: a finite number{_bounds(least, most)}. Pass such a number."
        )
    return number


def _bounds(least: float, most: float) -> str:
    if isfinite(least) and isfinite(most):
        return f" from {least:g} to {most:g}"
    return f" of {least:g} or more" if isfinite(least) else f" up to {most:g}" if isfinite(most) else ""


def as_count(value: object, what: str, *, least: int = 0) -> int:
    """A whole number, such as draws, years or a seed."""
    if not isinstance(value, Integral) or isinstance(value, bool | np.bool_) or value < least:
        raise SpecificationError(f"{what} is {value!r}; allowed: a whole number of {least} or more. Pass an int.")
    return int(value)


def as_share(value: object, what: str) -> float:
    """A number between 0 and 1, both excluded, such as a level of confidence."""
    share = as_number(value, what)
    if not 0 < share < 1:
        raise SpecificationError(f"{what} is {value!r}; allowed: a share between 0 and 1. Divide percent by 100.")
    return share


def as_array(values: ArrayLike, what: str, axes: int | None = None) -> Array:
    """Finite numbers with several axes, as floats.

    Parameters
    ----------
    values : array, nested lists, or a frame
    what : str
        Name of the array in errors.
    axes : int, optional
        How many axes it must have; one or more by default.
    """
    raw = values if isinstance(values, np.ndarray) else _plain(values, what)
    if raw.ndim == 0 or not raw.size or (axes is not None and raw.ndim != axes):
        wanted = "one axis or more" if axes is None else "1 axis" if axes == 1 else f"{axes} axes"
        raise SpecificationError(
            f"{what} has the shape {raw.shape}; allowed: {wanted}, none of them empty. Pass an array of this form."
        )
    if raw.dtype == np.float64:
        if not np.isfinite(raw).all():
            raise SpecificationError(
                f"{what} is missing or infinite in {int((~np.isfinite(raw)).sum())} of {raw.size} places; allowed: "
                "finite numbers. Clear these places first."
            )
        return np.asarray(raw, dtype=np.float64)
    return as_numbers(raw.ravel(), what).reshape(raw.shape)


def _plain(values: ArrayLike, what: str) -> NDArray[np.generic]:
    try:
        return np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise SpecificationError(f"{what} is no array ({error}); allowed: rows of one length. Fill them up.") from error


def require_once(labels: pd.Index | pd.Series | Sequence[object], what: str) -> None:
    """Refuse labels that occur twice or are missing."""
    series = pd.Series(list(labels), dtype=object)
    if series.isna().any():
        raise SpecificationError(
            f"{what}: {int(series.isna().sum())} of {len(series)} labels are missing; allowed: a label for each. Fill "
            "them in, or drop these."
        )
    twice = sorted({str(label) for label in series[series.duplicated()]})
    if twice:
        raise SpecificationError(
            f"{what}: {', '.join(twice[:_NAMED])}{' ...' if len(twice) > _NAMED else ''} occur twice; allowed: each "
            "label once. Drop or rename the others."
        )


def of_units(values: pd.Series, units: pd.Index | Sequence[Hashable], what: str) -> pd.Series:
    """Values of some units, in their order, from a Series that may hold more of them in any order."""
    if not isinstance(values, pd.Series):
        raise SpecificationError(
            f"{what} is a {type(values).__name__}; allowed: a Series whose index names the units. Use "
            "pd.Series(values, index=units)."
        )
    require_once(values.index, f"index of {what}")
    absent = [str(unit) for unit in units if unit not in values.index]
    if absent:
        raise SpecificationError(
            f"{what} has no entry for {len(absent)} of {len(units)} units: {', '.join(absent[:_NAMED])}"
            f"{' ...' if len(absent) > _NAMED else ''}; allowed: one for each. Use set_index with the same labels."
        )
    return values.loc[list(units)]


def beside(values: ArrayLike | pd.Series, others: object, what: str) -> ArrayLike | pd.Series:
    """Values in the order of others: two Series are matched by their labels, anything else by place."""
    if not isinstance(values, pd.Series) or not isinstance(others, pd.Series | pd.DataFrame):
        return values
    return values if values.index.equals(others.index) else of_units(values, others.index, what)


def require_present(wanted: Iterable[object], known: pd.Index, what: str) -> None:
    """Refuse units that a table does not hold.

    Raises
    ------
    MissingDataError
        With the units concerned.
    """
    absent = sorted({str(unit) for unit in wanted if unit not in known})
    if absent:
        raise MissingDataError(
            f"{what} lacks {', '.join(absent[:_NAMED])}{' ...' if len(absent) > _NAMED else ''}; it holds {len(known)} "
            f"rows{f', {known[0]} to {known[-1]}' if len(known) else ''}; allowed: units among them. Choose others, or "
            "add these rows."
        )


def as_marks(values: ArrayLike | pd.Series, what: str) -> NDArray[np.bool_]:
    """True and false, or 1 and 0, as booleans."""
    numbers = as_numbers(values, what)
    if not np.isin(numbers, (0.0, 1.0)).all():
        raise SpecificationError(
            f"{what} holds {', '.join(f'{value:g}' for value in np.unique(numbers)[:_NAMED])}; allowed: true and "
            "false, or 1 and 0. Compare it with a value first."
        )
    return numbers == 1.0


def as_links(links: pd.DataFrame, what: str, columns: tuple[str, str] = ("code_a", "code_b")) -> pd.DataFrame:
    """The two columns of codes of pairs, such as edges, with a plain index."""
    if links.empty or not set(columns) <= set(links.columns):
        raise SpecificationError(
            f"{what}: {len(links)} rows with the columns {', '.join(map(str, links.columns)) or 'none'}; needed: one "
            f"row or more with {' and '.join(columns)}. Take them from shared_edges or a table of pairs."
        )
    codes = links[list(columns)].reset_index(drop=True)
    codes = codes.apply(lambda column: column.astype(object) if column.dtype == "category" else column)
    as_codes(pd.concat([codes[name] for name in columns]), f"a code of {what}")
    return codes


def require(value: object, options: object, what: str, advice: str) -> None:
    """Refuse a value outside the options of a Literal."""
    allowed = get_args(options)
    if value not in allowed:
        raise SpecificationError(f"{what} is {value!r}; allowed: {', '.join(map(str, allowed))}. {advice}")


def as_names(names: str | Iterable[str]) -> tuple[str, ...]:
    """Names of coefficients or terms: one alone is one, and not its letters."""
    return (names,) if isinstance(names, str) else tuple(names)


def require_column(name: object, what: str) -> None:
    """Refuse anything that is not the name of a column. Any text may be one; it is looked up, never evaluated."""
    if not (isinstance(name, str) and name.strip()):
        raise SpecificationError(
            f"{what} is {name!r}; allowed: the name of one column, as text. Name one of the frame."
        )
