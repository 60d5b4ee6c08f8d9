"""Any value of the methods as lines of a table: what each of its fields holds, in a few figures."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from math import floor, isfinite, log10
from typing import Any

import numpy as np
import pandas as pd

from shanhai.core.errors import ReportError
from shanhai.core.shown import Shown
from shanhai.methods.estimate import Estimate
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import RegressionSpec, SampleSpec
from shanhai.render.errors import error_words
from shanhai.render.numbers import MISSING, format_interval, format_number, format_p_value, is_missing
from shanhai.render.style import label
from shanhai.render.words import Words

_FIGURES = 4
"""Figures of a number that is no share and no count."""

_LISTED = 6
"""Names that a line lists."""

_P_VALUES = ("p", "p_with_ties", "p_of_estimate", "p_permutation", "p_pearson", "p_low", "p_pitman")
"""Fields that hold p-values."""


_IN_A_LINE = (Estimate, FitResult, RegressionSpec, SampleSpec)
"""Values that a line holds; of others that show themselves each field has its own."""


def lines_of(value: object, words: Words, language: str) -> Iterator[tuple[str, str]]:
    """What each field of a value is called and holds, in its order; bounds on one line, notes are no field."""
    parts = {part.name: getattr(value, part.name) for part in fields(value) if not part.name.startswith("_")}  # type: ignore[arg-type]
    named = words.labels("field")
    for name, held in parts.items():
        if name == "notes" or (name == "high" and "low" in parts):
            continue
        key = "interval" if name == "low" and "high" in parts else name
        said = label(language, *named[key]) if key in named else name
        if key == "interval":
            yield said, format_interval(_or_nothing(parts["low"]), _or_nothing(parts["high"]))
        elif isinstance(held, Shown) and not isinstance(held, _IN_A_LINE):
            yield from lines_of(held, words, language)
        else:
            yield said, text_of(held, words, language, name)


def _or_nothing(bound: object) -> object:
    return bound if isinstance(bound, int | float) and isfinite(bound) else None


def text_of(held: Any, words: Words, language: str, name: str = "") -> str:
    """A field in one line: a number in a few figures, a list by its first names, an array by its shape."""
    if isinstance(held, bool | np.bool_):
        return label(language, *(("yes", "是") if held else ("no", "否")))
    if isinstance(held, int | float | np.number):
        return format_p_value(held) if name in _P_VALUES else _figures(held)
    if held is None or isinstance(held, str):
        return held or MISSING
    if isinstance(held, Estimate):
        return estimate_words(held, language)
    if isinstance(held, FitResult | RegressionSpec):
        spec = held.spec if isinstance(held, FitResult) else held
        return f"{spec.outcome.name} ~ {' + '.join(spec.names)}"
    if isinstance(held, SampleSpec):
        return label(language, held.name, held.translation or held.name)
    return _shape(held, words, language)


def estimate_words(number: Estimate, language: str) -> str:
    """A number with its standard error, interval and p-value, and whose error it is."""
    if not isfinite(number.se):
        return _figures(number.value)
    low, high = number.interval()
    p = f", p = {format_p_value(number.p)}".replace("= <", "< ") if isfinite(number.p) else ""
    named = f"; {label(language, *_error(number.error))}" if number.error else ""
    return f"{_figures(number.value)} ({_figures(number.se)}) {format_interval(low, high)}{p}{named}"


def _error(name: str) -> tuple[str, str]:
    try:
        return error_words(name)
    except ReportError:  # an estimator of the user's own
        return name, name


def _figures(value: Any) -> str:
    """A whole number as it is, any other to four figures."""
    if is_missing(value) or not isfinite(value) or float(value).is_integer():
        return format_number(value)
    return format_number(value, max(0, _FIGURES - 1 - floor(log10(abs(value)))))


def _shape(held: Any, words: Words, language: str) -> str:
    """What a value that no line holds is made of."""
    if isinstance(held, pd.DataFrame):
        columns = _few(list(map(str, held.columns)), words, language)
        return words("shape.frame", language, rows=format_number(len(held)), columns=columns)
    if isinstance(held, pd.Series | pd.Index):
        return words("shape.series", language, rows=format_number(len(held)))
    if hasattr(held, "shape"):
        size = " × ".join(map(format_number, held.shape)) or "1"
        return words("shape.array", language, size=size)
    if isinstance(held, Mapping):
        return _few([str(key) for key in held], words, language)
    if isinstance(held, Iterable):
        items = list(held)
        if all(isinstance(item, str | int | float | np.number) for item in items):
            return _few([item if isinstance(item, str) else _figures(item) for item in items], words, language)
        kinds = {type(item).__name__ for item in items}
        return words("shape.items", language, count=format_number(len(items)), kind=", ".join(sorted(kinds)))
    return type(held).__name__ if is_dataclass(held) else str(held)


def _few(names: list[str], words: Words, language: str) -> str:
    shown = label(language, ", ".join(names[:_LISTED]), "、".join(names[:_LISTED]))
    if len(names) <= _LISTED:
        return shown or MISSING
    return words("shape.more", language, shown=shown, count=format_number(len(names) - _LISTED))
