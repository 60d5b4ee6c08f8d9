"""Numbers as they are printed: the only place of the project that rounds.

Halves are rounded away from zero, as statistical offices do, on the shortest decimal that stands for the
float. Everything before this module keeps full precision.

Files of results keep :data:`STORED_DIGITS` significant digits: what follows them is made by the processor, the version
of Python and the order of a sum, and would differ for whoever makes a result again.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite, isinf
from typing import Any

import pandas as pd

from shanhai.core.errors import ReportError

STORED_DIGITS = 9
"""Significant digits of a fraction in a file of results; versions of Python agree to ten or eleven."""

LAST_DIGITS = 1e-8
"""Largest relative difference of two stored numbers that rounding of one and the same makes."""

MISSING = "–"
"""What a missing value looks like in tables and prose."""

_HYPHEN = re.compile(r"(?<![\w.)\]–-])-(?=\d)", re.ASCII)
"""A hyphen before a number that is no part of a word, a range or a code."""

_STAR_LEVELS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))
"""Levels of significance, strictest first."""

STARS_NOTE = (
    "Stars mark two-sided p-values: *** p < 0.01, ** p < 0.05, * p < 0.1.",
    "星号表示双侧检验的显著性：*** p < 0.01，** p < 0.05，* p < 0.1。",
)
"""English and Chinese of :data:`_STAR_LEVELS`, for the note of a table."""


def with_minus(text: str) -> str:
    """Text in which a hyphen that stands for a minus is one (U+2212), as printed matter has it.

    Examples
    --------
    >>> with_minus("-0.117 [-0.201, -0.033] in 2013-2022, doi 0-912")
    '−0.117 [−0.201, −0.033] in 2013-2022, doi 0-912'
    """
    return _HYPHEN.sub("−", text)


def round_half_up(value: float, digits: int = 0) -> Decimal:
    """Round a finite number to ``digits`` decimals (negative: tens, hundreds), halves away from zero.

    Raises
    ------
    ReportError
        If the number is infinite or missing.
    """
    number = float(value)
    if not isfinite(number):
        raise ReportError(f"{value!r} cannot be rounded; finite numbers only. Handle missing values first.")
    step = Decimal(1).scaleb(-digits)
    rounded = (Decimal(repr(number)) / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step
    return abs(rounded) if rounded == 0 else rounded


def to_stored(value: Any) -> Any:
    """A value, or a list or mapping of values, with the digits that a file of results keeps.

    Whole numbers keep all of theirs, and what is no fraction is left as it is.

    Examples
    --------
    >>> to_stored({"sum": 0.1 + 0.2, "parts": [1 / 3, 12_345_678_901.0], "name": "a"})
    {'sum': 0.3, 'parts': [0.333333333, 12345678901.0], 'name': 'a'}
    """
    if isinstance(value, Mapping):
        return {name: to_stored(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [to_stored(part) for part in value]
    if not isinstance(value, float) or not isfinite(value) or value.is_integer():
        return value
    return float(f"{value:.{STORED_DIGITS}g}")


def format_number(value: Any, digits: int = 0, *, grouped: bool = True, signed: bool = False) -> str:
    """Decimal text of a number, thousands grouped by commas; missing values give :data:`MISSING`, infinite ones ∞.

    Parameters
    ----------
    value : number or missing
    digits : int
        Decimals printed; negative values round to tens, hundreds and so on.
    grouped : bool
        Commas between thousands (switch off for years).
    signed : bool
        Print a plus sign before positive numbers.
    """
    if is_missing(value):
        return MISSING
    if isinf(value):
        return "∞" if value > 0 else "-∞"
    rounded = round_half_up(value, digits)
    style = f"{'+' if signed and rounded > 0 else ''}{',' if grouped else ''}.{max(digits, 0)}f"
    return format(rounded, style)


def format_percent(value: Any, digits: int = 1, *, signed: bool = False) -> str:
    """Text of a share that is already in percent, with its sign ``%``."""
    return MISSING if is_missing(value) else format_number(value, digits, signed=signed) + "%"


def format_p_value(value: Any) -> str:
    """A p-value to three decimals; below 0.001 as ``<0.001``.

    Raises
    ------
    ReportError
        If the value lies outside 0 to 1.
    """
    if is_missing(value):
        return MISSING
    _check_probability(value)
    return "<0.001" if float(value) < 0.001 else format_number(value, 3)


def state_p_value(value: Any) -> str:
    """A p-value with its sign of relation, for a sentence.

    Raises
    ------
    ReportError
        If the value lies outside 0 to 1.

    Examples
    --------
    >>> state_p_value(0.0713), state_p_value(0.0002)
    ('p = 0.071', 'p < 0.001')
    """
    shown = format_p_value(value)
    return f"p < {shown[1:]}" if shown.startswith("<") else f"p = {shown}"


def stars_of(p_value: Any) -> str:
    """Stars of a p-value by :data:`_STAR_LEVELS`; none for a missing one."""
    if is_missing(p_value):
        return ""
    _check_probability(p_value)
    return next((stars for level, stars in _STAR_LEVELS if float(p_value) < level), "")


def format_estimate(estimate: Any, p_value: Any = None, digits: int = 3) -> str:
    """A coefficient with its stars, as in ``-0.123**``."""
    return format_number(estimate, digits) + ("" if is_missing(estimate) else stars_of(p_value))


def format_interval(low: Any, high: Any, digits: int = 3) -> str:
    """A confidence interval, as in ``[-0.21, -0.03]``."""
    if is_missing(low) or is_missing(high):
        return MISSING
    return f"[{format_number(low, digits)}, {format_number(high, digits)}]"


def format_range(low: Any, high: Any, digits: int = 0, language: str = "en") -> str:
    """A class of a legend, as in ``12.0 – 15.3``, in Chinese ``12.0～15.3``."""
    between = "～" if language == "zh" else " – "
    return f"{format_number(low, digits)}{between}{format_number(high, digits)}"


def with_count(text: str, count: str, language: str = "en") -> str:
    """A label and a count in brackets, as in ``leapfrog (15)``; the brackets of Chinese are of full width.

    Examples
    --------
    >>> with_count("leapfrog", "15"), with_count("跨越发展类", "15", "zh")
    ('leapfrog (15)', '跨越发展类（15）')
    """
    return f"{text}（{count}）" if language == "zh" else f"{text} ({count})"


def is_missing(value: Any) -> bool:
    """Whether a scalar is None, NaN or NA."""
    return value is None or bool(pd.isna(value))


def _check_probability(value: Any) -> None:
    if not 0 <= float(value) <= 1:
        raise ReportError(f"p-value {value!r} lies outside 0 to 1; check which column of the estimates was passed.")
