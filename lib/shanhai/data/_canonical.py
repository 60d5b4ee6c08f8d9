"""The one form in which tables are committed."""

from pathlib import Path

import pandas as pd

from shanhai.core import fields
from shanhai.core.paths import DATA


def write_table(name: str, frame: pd.DataFrame, folder: Path = DATA) -> Path:
    """Write a table canonically: columns of the dictionary, sorted by key, whole numbers without point, ``\\n`` ends.

    Parameters
    ----------
    name : a table of the data dictionary.
    frame : holds at least the columns of the dictionary; other columns are left out.

    Raises
    ------
    UnknownTableError, ValidationError
    """
    described = fields.fields_of(name)
    tidy = frame.loc[:, [field.column for field in described]].copy()
    tidy = tidy.sort_values(list(fields.key_of(name)), kind="stable", ignore_index=True)
    for field in described:
        if field.type == "integer":
            # A published misprint such as 498.4 persons stays as it is; a rule corrects it on load.
            tidy[field.column] = ["" if pd.isna(value) else f"{value:.15g}" for value in tidy[field.column]]
        if field.type == "boolean":
            tidy[field.column] = tidy[field.column].map({True: "true", False: "false"})
    path = folder / f"{name}.csv"
    tidy.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    return path
