"""Text that holds numbers: refused where it would become a dummy a number, with the step that keeps every value."""

import math
import re
from collections import Counter
from typing import Final

import pandas as pd

from shanhai.core.errors import SpecificationError

_TEXT: Final = re.compile(
    r"\s*(?P<before>[^\w\s+.,-]*)\s*"  # signs such as those of currencies; letters before a number make a name of it
    r"(?P<number>[-+]?(?:\d[\d,. \u00a0]*(?<! )|\.\d+)(?:[eE][-+]?\d+)?)\s*"
    r"(?P<after>\D*?)\s*"
)
"""A number with what stands around it, such as a currency or a unit."""

_THOUSANDS: Final = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_SPACED: Final = re.compile(r"[-+]?\d{1,3}(?:[ \u00a0]\d{3})+(?:[.,]\d+)?")

_MOST_NAMES = 12
"""Whole numbers beside one word that may be names, such as months; more of them are a quantity with its unit."""

_SHOWN = 5


def require_no_numbers_as_text(column: pd.Series) -> None:
    """Refuse a column of text most of whose values are numbers.

    A number is one with commas, spaces or a percent sign too, and one beside a unit that all have, unless they are few
    whole numbers, which may be names, as of months.
    """
    values = list(column.dropna().drop_duplicates())
    read = {text: found for text in values if isinstance(text, str) and (found := _read(text))}
    around = Counter((found["before"], found["after"]) for found in read.values() if not _is_bare(found))
    unit = around.most_common(1)[0][0] if around else ("", "")
    beside = [found["number"] for found in read.values() if (found["before"], found["after"]) == unit]
    is_quantity = len(beside) > _MOST_NAMES or any(sign in number for number in beside for sign in ".,")
    numbers = {
        text: found
        for text, found in read.items()
        if _is_bare(found) or (is_quantity and (found["before"], found["after"]) == unit)
    }
    if len(numbers) * 2 <= len(values):
        return
    said, step = _step(column, numbers, [text for text in values if isinstance(text, str) and text not in numbers])
    shown = next((text for text in numbers if not _is_plain(text)), next(iter(numbers)))
    raise SpecificationError(
        f"column {column.name!r} holds numbers as text, such as {shown!r}{said}; allowed: numbers, or labels. Convert "
        f"it by frame[{column.name!r}] = pd.to_numeric({step}), or write C() around it where the numbers are names of "
        "categories."
    )


def _read(text: str) -> re.Match[str] | None:
    """A text as a number with its surroundings, None if it is none."""
    found = _TEXT.fullmatch(text)
    if not found or (" " in found["number"] and not _SPACED.fullmatch(found["number"])):
        return None
    return found if _is_plain(re.sub("[, \u00a0]", "", found["number"])) else None


def _is_plain(text: str) -> bool:
    """Whether pandas reads a text as a number by itself."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _is_bare(found: re.Match[str]) -> bool:
    return not found["before"] and found["after"] in ("", "%")


def _step(column: pd.Series, numbers: dict[str, re.Match[str]], others: list[str]) -> tuple[str, str]:
    """What stands around the numbers, in brackets, and the call that takes it away and loses no number."""
    written = [found["number"] for found in numbers.values()]
    step, said = f"frame[{column.name!r}]", []
    if not all(isinstance(value, str) for value in column.dropna()):
        step += ".map(str, na_action='ignore')"
    if others:
        said.append(f"beside {', '.join(map(repr, others[:_SHOWN]))}, made missing here")
        step += f".mask(frame[{column.name!r}].isin({others[:_SHOWN]!r}))"
    for place, call in (("before", "removeprefix"), ("after", "removesuffix")):
        for sign in sorted({found[place] for found in numbers.values()} - {""}):
            said.append(f"with {sign!r}" + " for hundredths" * (sign == "%"))
            step += f".str.strip().str.{call}({sign!r})"
    if any(" " in number or "\u00a0" in number for number in written):
        said.append("with spaces between thousands")
        step += r".str.replace(r'\s', '', regex=True)"
    with_comma = [number for number in written if "," in number]
    if with_comma and all(_THOUSANDS.fullmatch(number) for number in with_comma):
        said.append("with commas between thousands")
        step += ".str.replace(',', '')"
    elif with_comma:
        said.append("with decimal commas")
        step += ".str.replace('.', '').str.replace(',', '.')"
    return f" ({'; '.join(said)})" if said else "", step
