"""Written corrections: a rule says what is wrong and why, and no change escapes the log.

A rule's function returns a corrected copy of the frame. What it changed is found by comparing the two frames,
so a correction without an entry in the log is impossible.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shanhai.core.errors import ValidationError

LOG_COLUMNS = ("rule", "table", "key", "column", "before", "after")
FLAG_COLUMNS = ("code", "table", "column", "flag", "reason")

Tables = Mapping[str, pd.DataFrame]


def as_flags(codes: pd.Series, table: str, column: str, flag: str, reason: str) -> pd.DataFrame:
    """One row a code, with the columns `FLAG_COLUMNS`."""
    values = {"code": codes.to_numpy(), "table": table, "column": column, "flag": flag, "reason": reason}
    return pd.DataFrame(values, columns=list(FLAG_COLUMNS))


@dataclass(frozen=True)
class Rule:
    """One correction of a published table."""

    id: str
    """Short name in kebab case, unique in the project."""
    table: str
    reason: str
    """One sentence: the evidence that the published figure is wrong, and what replaces it."""
    correct: Callable[[pd.DataFrame, Tables], pd.DataFrame]
    """Takes the frame and the tables in `needs`; returns a corrected copy with the same rows, columns and index."""
    needs: tuple[str, ...] = ()
    """Names of other tables that the condition looks at."""


def apply_rules(
    table: str, frame: pd.DataFrame, rules: Sequence[Rule], key: Sequence[str], tables: Tables | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Apply in order the rules that belong to a table.

    Parameters
    ----------
    table : name of the table; rules of other tables are left out.
    frame : the published figures; not changed.
    rules : corrections, applied in this order.
    key : columns that name a row of the table in the log (taken from the published frame).
    tables : frames that the rules need, by name.

    Returns
    -------
    (corrected, log) : the corrected copy, and one row a changed cell with the columns `LOG_COLUMNS`, all text.

    Raises
    ------
    ValidationError
        If a rule adds or drops rows or columns.
    """
    keys = frame[list(key)]
    logs = [pd.DataFrame(columns=list(LOG_COLUMNS), dtype="str")]
    current = frame
    for rule in (rule for rule in rules if rule.table == table):
        given = {name: (tables or {})[name] for name in rule.needs}
        corrected = rule.correct(current.copy(), given)
        if not (corrected.index.equals(current.index) and list(corrected.columns) == list(current.columns)):
            raise ValidationError(
                f"Rule {rule.id!r} adds, drops or reorders rows or columns of {table}; it may only change values."
            )
        logs.append(_differences(rule, current, corrected, keys))
        current = corrected
    return current.copy(), pd.concat(logs, ignore_index=True)


def _row_names(keys: pd.DataFrame) -> pd.Series:
    parts = [column + "=" + _text(keys[column]) for column in keys.columns]
    name = parts[0]
    for part in parts[1:]:
        name = name + ";" + part
    return name


def _text(values: pd.Series) -> pd.Series:
    return values.map(_cell).astype("str")


def _cell(value: Any) -> str:
    if pd.isna(value):
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _changed(old: pd.Series, new: pd.Series) -> np.ndarray:
    missing, gone = old.isna().to_numpy(), new.isna().to_numpy()
    return (missing != gone) | (~missing & ~gone & (old.to_numpy() != new.to_numpy()))


def _differences(rule: Rule, before: pd.DataFrame, after: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    found = []
    for column in before.columns:
        old, new = before[column], after[column]
        if old.equals(new):
            continue
        changed = _changed(old, new)
        if changed.any():
            names = _row_names(keys.loc[changed])
            rows = {"key": names, "column": column, "before": _text(old[changed]), "after": _text(new[changed])}
            found.append(pd.DataFrame(rows))
    if not found:
        return pd.DataFrame(columns=list(LOG_COLUMNS), dtype="str")
    log = pd.concat(found).assign(rule=rule.id, table=rule.table)
    return log.loc[:, list(LOG_COLUMNS)]
