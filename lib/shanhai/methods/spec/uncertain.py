"""What estimates, tests and quantities share: ids, what counts as uncertainty, and numbers as JSON holds them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from math import isfinite
from typing import Any

import pandas as pd

from shanhai.core.errors import SpecificationError

LEVEL = 0.95
"""Coverage of every confidence interval."""

ENDS = (round(0.5 - LEVEL / 2, 12), round(0.5 + LEVEL / 2, 12))
"""Quantiles between which the middle of draws or of a distribution lies."""

COUNTIES = "counties"
"""What most results count."""


@dataclass(frozen=True)
class Design:
    """What tells an estimate apart where no specification with an id of its own stands behind it."""

    sample: str
    outcome: str
    model: str
    vcov: str
    method: str = ""


@dataclass(frozen=True)
class NumberKey:
    """What tells an estimate apart from every other."""

    spec_id: str
    sample: str
    outcome: str
    model: str
    term: str
    estimand: str
    vcov: str
    method: str = ""


def field_rows(kind: type, rows: pd.DataFrame, given: Mapping[str, object]) -> list[dict[str, Any]]:
    """Fields of each row that has any uncertainty."""
    allowed = {each.name for each in fields(kind)}
    if strangers := sorted(set(given) - allowed):
        raise SpecificationError(
            f"no field {', '.join(strangers)} of {kind.__name__}; allowed: {', '.join(sorted(allowed))}."
        )
    table = rows.rename(columns={"spec_id": "design_id"})
    columns = {name: list(table[name]) for name in table.columns if name in allowed}
    for name, value in given.items():
        if isinstance(value, Iterable) and not isinstance(value, str | Mapping):
            columns[name] = list(value)
        else:
            columns[name] = [value] * len(rows)
    made = (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    return [row for row in made if is_uncertain(row)]


def is_uncertain(row: Mapping[str, Any]) -> bool:
    """Whether a row has a standard error, a p-value, or a whole interval of its own or of draws without effect."""
    numbers = (row.get("se"), row.get("p"), *row.get("p_other", {}).values())
    intervals = (("low", "high"), ("null_low", "null_high"))
    return any(map(is_finite, numbers)) or any(all(is_known(row.get(name)) for name in pair) for pair in intervals)


def is_known(value: Any) -> bool:
    """Whether a value is there at all; an infinite bound is."""
    return value is not None and not pd.isna(value)


def is_finite(value: Any) -> bool:
    """Whether a value is a finite number."""
    return is_known(value) and isfinite(value)


def json_numbers(named: Mapping[str, float]) -> dict[str, float | None]:
    """Finite numbers by name, sorted."""
    return {name: json_number(value) for name, value in sorted(named.items()) if is_finite(value)}


def json_count(value: Any) -> int | None:
    """A count, or null."""
    return int(value) if is_finite(value) else None


def json_number(value: Any) -> float | None:
    """A number, or null where it is missing or infinite."""
    return float(value) if is_finite(value) else None
