"""What users hand in beside columns, converted once: single numbers, arrays, tables of numbers, panels of periods.

Columns, labels, weights and generators are the matter of :mod:`shanhai.methods.door`.
"""

from collections.abc import Hashable, Iterable, Sequence
from math import isfinite, isnan
from numbers import Integral, Number

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.door import NAMED, as_codes, as_numbers


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

    Raises
    ------
    SpecificationError
        If it is no number, infinite, out of bounds, or missing where that is not allowed.
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
    """A whole number, such as draws, years or a seed.

    Raises
    ------
    SpecificationError
        If it is none, or below ``least``.
    """
    if not isinstance(value, Integral) or isinstance(value, bool | np.bool_) or value < least:
        raise SpecificationError(f"{what} is {value!r}; allowed: a whole number of {least} or more. Pass an int.")
    return int(value)


def as_share(value: object, what: str) -> float:
    """A number between 0 and 1, both excluded, such as a level of confidence.

    Raises
    ------
    SpecificationError
        If it is none.
    """
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

    Raises
    ------
    SpecificationError
        If it has another number of axes, is empty, or holds text, missing or infinite values.
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


def as_table(values: pd.DataFrame, what: str, *, missing: bool = False) -> pd.DataFrame:
    """A frame of numbers as floats, whose rows and columns have a label of their own.

    Parameters
    ----------
    values : DataFrame
        Any types of numbers.
    what : str
        Name of the table in errors.
    missing : bool
        Let missing values pass, as NaN.

    Raises
    ------
    SpecificationError
        If it is no frame or empty, a label of a row or column occurs twice, or a column is refused by
        :func:`shanhai.methods.door.as_numbers`.
    """
    if not isinstance(values, pd.DataFrame) or values.empty:
        held = f"shape {values.shape}" if isinstance(values, pd.DataFrame) else type(values).__name__
        raise SpecificationError(f"{what}: {held}; allowed: a DataFrame with rows and columns. Check how it was made.")
    require_once(values.index, f"rows of {what}")
    require_once(values.columns, f"columns of {what}")
    numbers = values.to_numpy() if (values.dtypes == np.float64).all() else None
    if numbers is None or not np.isfinite(numbers).all():
        columns = [as_numbers(values[name], f"{what}, {name},", missing=missing) for name in values.columns]
        numbers = np.column_stack(columns)
    return pd.DataFrame(numbers, index=values.index, columns=values.columns)


def as_panel(values: pd.DataFrame, what: str, *, missing: bool = False, evenly: bool = False) -> pd.DataFrame:
    """A table of units (rows) by periods (columns): floats, periods as rising whole numbers.

    Parameters
    ----------
    values : DataFrame
        Columns are years or other whole numbers, as numbers or text, in any order.
    what : str
    missing : bool
    evenly : bool
        Refuse periods with gaps between them.

    Raises
    ------
    SpecificationError
        As in :func:`as_table`, or if a column is no period, or periods have gaps where that matters.
    """
    if isinstance(values, pd.DataFrame):
        values = values.set_axis([as_period(name, what) for name in values.columns], axis="columns")
    table = as_table(values, what, missing=missing)
    table = table[sorted(table.columns)]
    steps = sorted({int(step) for step in np.diff(table.columns.to_numpy())})
    if evenly and len(steps) > 1:
        raise SpecificationError(
            f"the periods of {what} are {steps[0]} to {steps[-1]} apart; allowed: the same step throughout. Take the "
            "longest run without a gap, or fill the periods in between."
        )
    return table


def as_period(name: object, what: str) -> int:
    """A period as a whole number, such as the year 2013 or the text ``2013``.

    Raises
    ------
    SpecificationError
        If it is none.
    """
    if isinstance(name, str) and name.strip().isdecimal():
        return int(name)
    if isinstance(name, int | np.integer) and not isinstance(name, bool):
        return int(name)
    if isinstance(name, float | np.floating) and float(name).is_integer():
        return int(name)
    raise SpecificationError(
        f"{what}: {name!r} is no period; allowed: whole numbers, such as 2013, or text of them. Rename the columns."
    )


def require_once(labels: pd.Index | pd.Series | Sequence[object], what: str) -> None:
    """Refuse labels that occur twice or are missing.

    Raises
    ------
    SpecificationError
        With the labels concerned.
    """
    series = pd.Series(list(labels), dtype=object)
    if series.isna().any():
        raise SpecificationError(
            f"{what}: {int(series.isna().sum())} of {len(series)} labels are missing; allowed: a label for each. Fill "
            "them in, or drop these."
        )
    twice = sorted({str(label) for label in series[series.duplicated()]})
    if twice:
        raise SpecificationError(
            f"{what}: {', '.join(twice[:NAMED])}{' ...' if len(twice) > NAMED else ''} occur twice; allowed: each "
            "label once. Drop or rename the others."
        )


def of_units(values: pd.Series, units: pd.Index | Sequence[Hashable], what: str) -> pd.Series:
    """Values of some units, in their order, from a Series that may hold more of them in any order.

    Raises
    ------
    SpecificationError
        If it is no Series, a label occurs twice, or a unit has no entry.
    """
    if not isinstance(values, pd.Series):
        raise SpecificationError(
            f"{what} is a {type(values).__name__}; allowed: a Series whose index names the units. Use "
            "pd.Series(values, index=units)."
        )
    require_once(values.index, f"index of {what}")
    absent = [str(unit) for unit in units if unit not in values.index]
    if absent:
        raise SpecificationError(
            f"{what} has no entry for {len(absent)} of {len(units)} units: {', '.join(absent[:NAMED])}"
            f"{' ...' if len(absent) > NAMED else ''}; allowed: one for each. Use set_index with the same labels."
        )
    return values.loc[list(units)]


def beside(values: ArrayLike | pd.Series, others: object, what: str) -> ArrayLike | pd.Series:
    """Values in the order of others: two Series are matched by their labels, anything else by place.

    Raises
    ------
    SpecificationError
        If two Series are indexed differently, by other labels or by labels that occur twice.
    """
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
            f"{what} lacks {', '.join(absent[:NAMED])}{' ...' if len(absent) > NAMED else ''}; it holds {len(known)} "
            f"rows{f', {known[0]} to {known[-1]}' if len(known) else ''}; allowed: units among them. Choose others, or "
            "add these rows."
        )


def as_marks(values: ArrayLike | pd.Series, what: str) -> NDArray[np.bool_]:
    """True and false, or 1 and 0, as booleans.

    Raises
    ------
    SpecificationError
        If a value is something else, or missing.
    """
    numbers = as_numbers(values, what)
    if not np.isin(numbers, (0.0, 1.0)).all():
        raise SpecificationError(
            f"{what} holds {', '.join(f'{value:g}' for value in np.unique(numbers)[:NAMED])}; allowed: true and false, "
            "or 1 and 0. Compare it with a value first."
        )
    return numbers == 1.0


def as_links(links: pd.DataFrame, what: str, columns: tuple[str, str] = ("code_a", "code_b")) -> pd.DataFrame:
    """The two columns of codes of pairs, such as edges, with a plain index.

    Raises
    ------
    SpecificationError
        If there is no row or not both columns, or a code is missing or of another type than the rest.
    """
    if links.empty or not set(columns) <= set(links.columns):
        raise SpecificationError(
            f"{what}: {len(links)} rows with the columns {', '.join(map(str, links.columns)) or 'none'}; needed: one "
            f"row or more with {' and '.join(columns)}. Take them from shared_edges or a table of pairs."
        )
    codes = links[list(columns)].reset_index(drop=True)
    codes = codes.apply(lambda column: column.astype(object) if column.dtype == "category" else column)
    as_codes(pd.concat([codes[name] for name in columns]), f"a code of {what}")
    return codes
