"""The writing of numbers inside findings and their notes."""

import re
from decimal import ROUND_HALF_UP, Decimal

_LONG = re.compile(r"(?<![\w.,–-])(?!(?:19|20)\d\d(?!\d))\d{4,}(?![\d–-])", re.ASCII)
"""A whole number of four digits or more that is no year."""

_SCALES = {"100m": 100_000_000, "10k": 10_000}
"""Chinese steps of counting, as units of the claims write them in English."""

_SCALED = re.compile(r"(-?[\d,]+(?:\.\d+)?) (100m|10k)(?= )", re.ASCII)

_BESIDE = re.compile(r"([<>] (?:[A-Za-z ]+ )?)(\d[\d,]*(?:\.\d+)?)$", re.ASCII)
"""A number that is compared with one in a unit, without the unit."""

_NAMES = ((1_000_000_000, " billion"), (1_000_000, " million"))


def significant(value: float, digits: int = 10) -> float:
    """``value`` to so many significant digits, enough to check and the same on every machine."""
    return float(f"{value:.{digits - 1}e}")


def show(value: float, decimals: int = 2) -> str:
    """``value`` as text with thousands separators, rounded half up, for a note."""
    step = Decimal(1).scaleb(-decimals)
    rounded = Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:,}"


def with_thousands(text: str) -> str:
    """Text with the thousands of its whole numbers apart; years stay.

    Examples
    --------
    >>> with_thousands("87500 yuan > Zhejiang 118500 in 2022")
    '87,500 yuan > Zhejiang 118,500 in 2022'
    """
    return _LONG.sub(lambda found: show(int(found[0]), 0), text)


def in_plain_units(text: str) -> str:
    """English text without Chinese steps of counting: in millions and billions, smaller ones in full.

    Examples
    --------
    >>> in_plain_units("30 100m yuan"), in_plain_units("24 10k yuan per mu")
    ('3 billion yuan', '240,000 yuan per mu')
    >>> in_plain_units("254 100m yuan < industrial output 460")
    '25.4 billion yuan < industrial output 46 billion'
    """
    found = _SCALED.search(text)
    if not found:
        return text
    scale = _SCALES[found[2]]
    text = _BESIDE.sub(lambda beside: beside[1] + _in_words(beside[2], scale), text)
    return _SCALED.sub(lambda number: _in_words(number[1], _SCALES[number[2]]), text)


def _in_words(number: str, scale: int) -> str:
    """A printed number times a scale, no digit lost."""
    value = Decimal(number.replace(",", "")) * scale
    size, name = next(((size, name) for size, name in _NAMES if abs(value) >= size), (1, ""))
    return f"{(value / size).normalize():,f}{name}"
