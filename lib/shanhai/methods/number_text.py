"""Text that holds numbers: how it writes them, and the step that makes numbers of it and keeps every value."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from shanhai.core.errors import SpecificationError

_GAPS: Final = " \u00a0\u2009\u202f"
"""Spaces that printers put between thousands."""

_APOSTROPHES: Final = "'\u2019"

_TEXT: Final = re.compile(
    rf"\s*(?P<before>[^\w\s+.,{_APOSTROPHES}-]*)\s*"  # such as those of currencies; a letter there makes it a name
    rf"(?P<number>[-+]?(?:\d[\d,.{_GAPS}{_APOSTROPHES}]*(?<![{_GAPS}])|[.,]\d+)(?:[eE][-+]?\d+)?)\s*"
    r"(?P<after>\D*?)\s*"
)
"""A number with what stands around it, such as a currency or a unit."""

_GROUPED: Final = re.compile(rf"[-+]?\d{{1,3}}(?:([{_GAPS}{_APOSTROPHES}])\d{{3}})(?:\1\d{{3}})*(?:[.,]\d+)?")
"""Thousands parted by a space or an apostrophe."""

_COMMAS: Final = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{2,3})*,\d{3})?(?:\.\d*)?(?:[eE][-+]?\d+)?")
"""A number whose commas, if any, part thousands; in India hundreds above them."""

_POINTS: Final = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d*)?(?:[eE][-+]?\d+)?")
"""A number whose points, if any, part thousands, and whose comma stands before decimals."""

_MOST_NAMES = 12
"""Whole numbers beside one word that may be names, such as months; more of them are a quantity with its unit."""

_SHOWN = 5


@dataclass(frozen=True)
class _NumberText:
    """How a column of text writes its numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.number_text import read_number_text
    >>> read_number_text(pd.Series(["1.234.567", "890"], name="pay")).step
    "Convert it by frame['pay'] = pd.to_numeric(frame['pay'].str.replace('.', ''))"
    """

    shown: str
    """One of them, which pandas would not read if there is such a one."""
    said: tuple[str, ...]
    """What stands in and around them, in words; empty where pandas reads all of them."""
    step: str
    """What to do; if one call makes numbers of all, that call."""

    @property
    def kind(self) -> str:
        """What stands in and around them, in brackets after a space, or empty."""
        return f" ({'; '.join(self.said)})" if self.said else ""


def require_no_numbers_as_text(column: pd.Series) -> None:
    """Refuse a column of text most of whose values are numbers, where it would become a dummy a number.

    Parameters
    ----------
    column : Series
        Of a frame, by the name that the error uses.

    Raises
    ------
    SpecificationError
        As :func:`read_number_text` finds them.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.number_text import require_no_numbers_as_text
    >>> require_no_numbers_as_text(pd.Series(["farm", "mill", "2"], name="kind"))
    """
    if found := read_number_text(column):
        raise SpecificationError(
            f"column {column.name!r} holds numbers as text, such as {found.shown!r}{found.kind}; allowed: numbers, or "
            f"labels. {found.step}, or write C() around it where the numbers are names of categories."
        )


def read_number_text(column: pd.Series) -> _NumberText | None:
    """How a column writes numbers as text, if most of its values are such numbers.

    A number is one with commas, points, spaces or apostrophes between thousands, with a decimal comma or a percent sign
    too, and one beside a unit that all have, unless they are few whole numbers, which may be names, as of months.

    Parameters
    ----------
    column : Series
        Text, perhaps with numbers and missing values among it.

    Returns
    -------
    None for a column of names; else ``shown``, one of the numbers, ``said``, what stands in and around them, and
    ``step``, what to do.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.number_text import read_number_text
    >>> read_number_text(pd.Series(["1.234,5", "2,5"], name="pay")).said
    ('with decimal commas',)
    >>> read_number_text(pd.Series(["north", "south"], name="region")) is None
    True
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
        return None
    shown = next((text for text in numbers if not _is_plain(text)), next(iter(numbers)))
    others = [text for text in values if isinstance(text, str) and text not in numbers]
    if len(others) > _SHOWN:
        said = f"beside {len(others)} other texts, such as {', '.join(map(repr, others[:_SHOWN]))}"
        return _NumberText(shown, (said,), "Correct these or make them missing first, and convert it then")
    return _described(column, numbers, values, others, shown)


def _read(text: str) -> re.Match[str] | None:
    """A text as a number with its surroundings, None if it is none."""
    found = _TEXT.fullmatch(text)
    if not found:
        return None
    number = _ungrouped(found["number"])
    if number != found["number"] and not _GROUPED.fullmatch(found["number"]):
        return None
    is_written = any(pattern.fullmatch(number) for pattern in (_COMMAS, _POINTS))
    return found if is_written or _is_plain(number.replace(",", "")) else None


def _ungrouped(number: str) -> str:
    """A number without what parts its thousands, where that is neither comma nor point."""
    return re.sub(rf"[{_GAPS}{_APOSTROPHES}]", "", number)


def _is_plain(text: str) -> bool:
    """Whether pandas reads a text as a number by itself."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _is_bare(found: re.Match[str]) -> bool:
    return not found["before"] and found["after"] in ("", "%")


def _described(
    column: pd.Series, numbers: dict[str, re.Match[str]], values: Sequence[object], others: Sequence[str], shown: str
) -> _NumberText:
    """What stands in and around the numbers, and the call that takes it away and loses no number."""
    written = [found["number"] for found in numbers.values()]
    target, step = ("values", "pd.Series(values)") if column.name is None else (f"frame[{column.name!r}]",) * 2
    whole, said = step, list[str]()
    if not all(isinstance(value, str) for value in values):
        step += ".map(str, na_action='ignore')"
        written += [str(value) for value in values if not isinstance(value, str)]
    if others:
        said.append(f"beside {', '.join(map(repr, others))}, made missing here")
        step += f".mask({whole}.isin({others!r}))"
    for place, call in (("before", "removeprefix"), ("after", "removesuffix")):
        for sign in sorted({found[place] for found in numbers.values()} - {""}):
            said.append(f"with {sign!r}" + " for hundredths" * (sign == "%"))
            step += f".str.strip().str.{call}({sign!r})"
    for signs, name in ((_GAPS, "spaces"), (_APOSTROPHES, "apostrophes")):
        if used := "".join(sign for sign in signs if any(sign in number for number in written)):
            said.append(f"with {name} between thousands")
            step += f".str.replace({f'[{used}]'!r}, '', regex=True)"
    plain = list(map(_ungrouped, written))
    if all(map(_is_plain, plain)):
        pass
    elif all(map(_COMMAS.fullmatch, plain)):
        said.append("with commas between thousands")
        step += ".str.replace(',', '')"
    elif all(map(_POINTS.fullmatch, plain)):
        commas = any("," in number for number in plain)
        said.append("with decimal commas" if commas else "with points between thousands")
        step += ".str.replace('.', '')" + ".str.replace(',', '.')" * commas
    else:
        other = [next(number for number in plain if not form.fullmatch(number)) for form in (_COMMAS, _POINTS)]
        said.append(f"with points or commas of two meanings, as in {' and '.join(map(repr, dict.fromkeys(other)))}")
        return _NumberText(shown, tuple(said), "Write all of them one way first, such as 1234.5, and convert it then")
    return _NumberText(shown, tuple(said), f"Convert it by {target} = pd.to_numeric({step})")
