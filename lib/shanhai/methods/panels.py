"""Tables and panels that users hand in, converted or refused once: units in rows, periods in columns.

They rest on the checks of single columns; errors are as clear as theirs.
"""

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.checks import as_numbers, require_once


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
    """A period as a whole number, such as the year 2013 or the text ``2013``."""
    if isinstance(name, str) and name.strip().isdecimal():
        return int(name)
    if isinstance(name, int | float | np.integer | np.floating) and not isinstance(name, bool):
        number = float(name)
        if number.is_integer():
            return int(number)
    raise SpecificationError(
        f"{what}: {name!r} is no period; allowed: whole numbers, such as 2013, or text of them. Rename the columns."
    )
