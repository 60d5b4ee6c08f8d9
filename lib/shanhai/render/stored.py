"""Estimates, tests and other quantities of a run on disk, each once, with the tables and figures that show it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isclose
from pathlib import Path
from typing import Any

import pandas as pd

from shanhai.core import paths
from shanhai.core.errors import ReportError
from shanhai.methods.records import EstimateRecord, Quantity, Result
from shanhai.render.numbers import LAST_DIGITS, to_stored
from shanhai.render.words import Words

_ORDER = ("spec_id", "sample", "outcome", "quantity", "model", "term", "id")
"""Fields by which a file is sorted."""

_UNIT = "counties"
"""What the numbers of a notebook count where it says nothing else: the rows of the county frame."""

_WORDS = Words(
    "render/stored.py",
    {
        "stored": (
            "Numbers without an error stored in quantities.json: {count}.",
            "另有{count}个不附误差的数值存于quantities.json。",
        )
    },
)

_stored: dict[Path, dict[str, dict[str, Any]]] = {}


def publish_estimates(rows: Iterable[EstimateRecord]) -> pd.DataFrame:
    """Add estimates that no table shows to ``parts/<run>.estimates.json``.

    A table brings its own estimates (``TableSpec.estimates``), and ``publish_table`` stores them with its name. Several
    calls of one run add to the same file. Values keep nine significant digits; a missing number becomes null.

    Parameters
    ----------
    rows : Estimates

    Returns
    -------
    DataFrame
        What was added, one row an estimate.

    Raises
    ------
    ReportError
        If this run stored the estimate with other values.
    """
    return _add("estimates", rows)


def publish_quantities(rows: Iterable[Quantity]) -> pd.DataFrame:
    """Add numbers without uncertainty to ``parts/<run>.quantities.json``, as :func:`publish_estimates` does estimates.

    Parameters
    ----------
    rows : Quantities

    Raises
    ------
    ReportError
        If this run stored the quantity with another value.
    """
    return _add("quantities", rows)


def stored_text(added: pd.DataFrame, language: str = "en") -> str:
    """How many quantities :func:`publish_quantities` added, and where they are.

    Parameters
    ----------
    added : DataFrame
        What ``publish_quantities`` gave back, one row a quantity.
    language : {"en", "zh", "both"}

    Examples
    --------
    >>> stored_text(pd.DataFrame({"id": ["a", "b"]}), "zh")
    '另有2个不附误差的数值存于quantities.json。'
    """
    return _WORDS("stored", language, count=str(len(added)))


def store_shown(rows: Iterable[Result], *, table: str = "", figure: str = "") -> None:
    """Add the estimates, tests and quantities of a table or figure, each to its file, with its name.

    Raises
    ------
    ReportError
        If this run stored one of them with other values.
    """
    kinds: dict[str, list[Result]] = {}
    for row in rows:
        kinds.setdefault(row.KIND, []).append(row)
    for kind, members in kinds.items():
        _add(kind, members, table=table, figure=figure)


def _add(kind: str, rows: Iterable[Result], **exhibit: str) -> pd.DataFrame:
    file = paths.output_folder() / "parts" / f"{paths.run_name()}.{kind}.json"
    stored = _stored.setdefault(file, {})
    added = []
    for row in rows:
        record = replace(row, unit=row.unit or _UNIT).record()
        added.append(_with_exhibits(to_stored(record), stored, exhibit))
        stored[added[-1]["id"]] = added[-1]
    file.parent.mkdir(parents=True, exist_ok=True)
    ordered = sorted(stored.values(), key=lambda record: [str(record.get(name, "")) for name in _ORDER])
    text = json.dumps(ordered, ensure_ascii=False, indent=1, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8", newline="\n")
    return pd.DataFrame(added)


def _with_exhibits(
    record: dict[str, Any], stored: Mapping[str, Mapping[str, Any]], exhibit: Mapping[str, str]
) -> dict[str, Any]:
    """The record with the run, and with all tables and figures so far that show it."""
    before = stored.get(record["id"], {})
    shown = {
        f"{kind}s": sorted({*before.get(f"{kind}s", ()), *filter(None, (exhibit.get(kind),))})
        for kind in ("table", "figure")
    }
    return {"notebook": paths.run_name(), **shown, **(_joined(before, record) if is_batch() and before else record)}


def _joined(before: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """Two records of one number: what only one of them knows is filled in, what both know must agree."""
    other = [name for name in record if not _agree(before[name], record[name])]
    if other:
        raise ReportError(
            f"{record['term']!r} of {record['model']!r} was stored in this run with another {', '.join(other)}; "
            "one number has one name. Give the two different models, terms or errors."
        )
    return {name: _filled(before[name], value) for name, value in record.items()}


def _agree(left: Any, right: Any) -> bool:
    """Whether two values of one field may be of the same number: equal to eight digits, or only one of them known."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return all(_agree(left[name], right[name]) for name in left.keys() & right.keys())
    if isinstance(left, float) and isinstance(right, float):
        return isclose(left, right, rel_tol=LAST_DIGITS, abs_tol=1e-12)
    return left is None or right is None or left == right


def _filled(before: Any, value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(sorted((value | before).items()))
    return value if before is None else before


def is_batch() -> bool:
    """Whether a run of the runner writes, rather than somebody at a notebook."""
    return paths.run_name() != "interactive"
