"""One cell of a yearbook: the number printed in it, without marks of footnotes, and the unit that a head names."""

import datetime
import math
import re
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

_MARKS: Final = re.compile(r"[①-⑳⑴-⒛㈠-㈩⓪-⓿❶-➓⁰¹²³⁴-⁹*＊※†‡△▲]|[（(]?注\s*\d*[）)]?$|[\[〔【]\s*\d{1,2}\s*[\]〕】]")
"""Marks of footnotes. They go before full-width digits become plain ones, which would make digits of them."""

_MARKS_LAST: Final = re.compile(rf"(?:\s*(?:{_MARKS.pattern}))+\s*$")
"""Marks at the end of a cell of figures, where alone they are those of footnotes."""

_SIGN: Final = re.compile(r"[△▲▽▼]\s*[\d.]")
"""A minus, as East Asian statistics print it."""

MISSING: Final = frozenset({"", "-", "--", "—", "——", "–", "―", "…", "……", "...", "......", "/", "\\", "·"})
"""What yearbooks print where there is no figure, or one below half of its unit."""

_PLAIN: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?")
_COMMAS: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_BLANKS: Final = re.compile(r"[+-]?\d{1,3}(?: \d{3})+(?:\.\d+)?")
_MINUS: Final = str.maketrans({"−": "-", "﹣": "-", "－": "-", "，": ",", "﹐": ","})


@dataclass(frozen=True)
class Unit:
    """A unit that a head or a line names."""

    dimension: str
    """money, people or share; "unknown" for a money that is no yuan."""
    factor: float
    """What one of it is in yuan, persons or percent."""
    text: str
    per_head: bool = False


_MONEY = {
    "元": 1.0,
    "百元": 1e2,
    "千元": 1e3,
    "万元": 1e4,
    "百万元": 1e6,
    "千万元": 1e7,
    "亿元": 1e8,
    "十亿元": 1e9,
    "yuan": 1.0,
    "10,000 yuan": 1e4,
    "10000 yuan": 1e4,
    "10k yuan": 1e4,
    "million yuan": 1e6,
    "100 million yuan": 1e8,
    "100m yuan": 1e8,
    "billion yuan": 1e9,
    "cny": 1.0,
    "rmb": 1.0,
    "萬元": 1e4,
    "億元": 1e8,
    "10 000 yuan": 1e4,
    "人民币元": 1.0,
    "人民币万元": 1e4,
    "人民币亿元": 1e8,
}
_PEOPLE = {"人": 1.0, "万人": 1e4, "百人": 1e2, "千人": 1e3, "萬人": 1e4, "persons": 1.0, "10,000 persons": 1e4}
_PEOPLE |= {"10k persons": 1e4, "million persons": 1e6, "亿人": 1e8}
_SHARE = {"%": 1.0, "percent": 1.0, "百分比": 1.0, "百分点": 1.0, "‰": 0.1, "per cent": 1.0}

_UNITS: Final = {
    **{text: Unit("money", factor, text) for text, factor in _MONEY.items()},
    **{f"{text}/人": Unit("money", factor, text, per_head=True) for text, factor in _MONEY.items()},
    **{f"{text} per person": Unit("money", factor, text, per_head=True) for text, factor in _MONEY.items()},
    **{f"{text} per head": Unit("money", factor, text, per_head=True) for text, factor in _MONEY.items()},
    **{text: Unit("people", factor, text) for text, factor in _PEOPLE.items()},
    **{text: Unit("share", factor, text) for text, factor in _SHARE.items()},
}

UNIT_LINE: Final = re.compile(r"(?:计量)?(?:单\s*位|unit)s?\s*[:：]\s*(.+?)\s*$", re.IGNORECASE)
"""A line above a table that says the units of its figures."""

_IN_BRACKETS: Final = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_BETWEEN: Final = re.compile(r"[、;；]|,(?!\d)|，")
_MONEY_LIKE: Final = re.compile(r"元|yuan|dollar|usd|\$|€|eur|cny|rmb|币", re.IGNORECASE)


_NOT_OF_YEAR: Final = re.compile(
    r"[上下]半年|[前一二三四1-4]{0,2}\s*个?季度|\d\s*月?\s*[-—–~～至到]\s*(?!12\s*月)\d{1,2}\s*月|(?<!\d)\d{1,2}月(?:份|累计|末)"
    r"|截至\s*\d{1,2}\s*月|前\s*\w{1,2}\s*个月|half[- ]year|quarter|\bh[12]\b|\bq[1-4]\b"
    r"|目标|预测|预计|计划(?!单列|生育)|\b(?:target|forecast|projected|projection|planned|plan)s?\b",
    re.IGNORECASE,
)
"""In a line or head of figures that are those of a part of a year, or of none that has been."""

_CONSTANT: Final = re.compile(
    r"不变价|可比价|可比口径|(?:19|20)\d{2}\s*年?\s*价格?|按(?!当年|现行|现价)[^，。；,;]{0,12}价格?计算"
    r"|constant[- ]price|real terms",
    re.IGNORECASE,
)
_CURRENT: Final = re.compile(r"当年价|现价|现行价|current price", re.IGNORECASE)


def not_of_year(text: str) -> str:
    """Words that say that figures are of a part of a year, a plan or a forecast; empty if none does.

    Examples
    --------
    >>> not_of_year("2022年1—9月"), not_of_year("2025年目标"), not_of_year("2022年1—12月")
    ('1-9月', '目标', '')
    """
    found = _NOT_OF_YEAR.search(normalize("NFKC", text).replace("—", "-"))
    return found[0] if found else ""


def not_current(text: str) -> str:
    """Words that say that figures are at constant prices; a line that names current ones, too, says so of growth.

    Examples
    --------
    >>> not_current("按2020年价格计算"), not_current("绝对数按当年价格计算，指数按可比价格计算")
    ('按2020年价格计算', '')
    """
    text = normalize("NFKC", text)
    found = _CONSTANT.search(text)
    return found[0] if found and not _CURRENT.search(text) else ""


class NoNumberError(ValueError):
    """A cell holds no number; the message is the rule that it breaks."""


def plain(text: object) -> str:
    """A text without marks of footnotes, in half width, with single blanks.

    Examples
    --------
    >>> plain("淳　安　县①"), plain("１，２３４*")
    ('淳 安 县', '1,234')
    """
    if text is None:
        return ""
    stripped = _MARKS.sub("", str(text).strip())
    return " ".join(normalize("NFKC", stripped).split())


def number(value: object) -> float | None:
    """The number of a cell, None where it is empty or holds a dash.

    Raises
    ------
    NoNumberError
        If it holds anything else; the message says what.

    Examples
    --------
    >>> number("１,２３４.５①"), number("…"), number(12)
    (1234.5, None, 12.0)
    """
    if value is None:
        return None
    if isinstance(value, bool):
        raise NoNumberError("true or false is no number; put the figure in")
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise NoNumberError("it is not a finite number; put the figure in, or leave the cell empty")
        return float(value)
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        raise NoNumberError("a date, where a number is needed; give the cell the format of a number")
    return _number_of(str(value))


def _number_of(value: str) -> float | None:
    if value.lstrip().startswith("="):
        raise NoNumberError("the text of a formula, which is never computed here; put its value in")
    if _SIGN.search(normalize("NFKC", value)):
        raise NoNumberError("△ or ▲ before a number is a minus in East Asian statistics; write - and the number")
    bare = _MARKS_LAST.sub("", value.strip())
    if _MARKS.search(bare) or (not bare and re.search(r"\d", value)):
        raise NoNumberError("a mark of a footnote before or inside of a number; leave the number alone in its cell")
    text = plain(bare).translate(_MINUS).strip()
    if text in MISSING or plain(bare) in MISSING:
        return None
    if _PLAIN.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    if _COMMAS.fullmatch(text) or _BLANKS.fullmatch(text):
        return float(text.replace(",", "").replace(" ", ""))
    raise NoNumberError("no number; write digits, with commas between thousands at most, or leave the cell empty")


def units_in(text: str) -> list[Unit]:
    """Units that a line such as 亿元、元/人、% names; a money that is no yuan has the dimension "unknown".

    Examples
    --------
    >>> [(unit.text, unit.factor) for unit in units_in("亿元、元/人、%")]
    [('亿元', 100000000.0), ('元', 1.0), ('%', 1.0)]
    """
    found = []
    for part in _BETWEEN.split(plain(text).casefold().replace("每人", "/人")):
        name = part.strip(" :.")
        if "(" not in name:  # of a title that ends in (单位：亿元)
            name = name.rstrip(")]】〕 ")
        unit = _UNITS.get(name)
        if unit is not None:
            found.append(unit)
        elif _MONEY_LIKE.search(name):
            found.append(Unit("unknown", math.nan, name))
    return found


def unit_of_head(head: str) -> Unit | None:
    """The unit that the head of a column names, in brackets or at its end.

    Examples
    --------
    >>> unit_of_head("地区生产总值（亿元）").factor, unit_of_head("GDP")
    (100000000.0, None)
    """
    text = plain(head).casefold()
    for inside in reversed(_IN_BRACKETS.findall(text)):
        if found := units_in(UNIT_LINE.sub(r"\1", inside)):
            return found[0]
    endings = sorted((name for name in _UNITS if text.endswith(name) and len(name) > 1), key=len)
    before = text[: -len(endings[-1])] if endings else text
    return _UNITS[endings[-1]] if endings and before[-1:] in ("", " ", "_", "/", ":", ",") else None


def without_unit(head: str) -> str:
    """A head without what stands in brackets, blanks and marks: what its meaning is guessed from.

    Examples
    --------
    >>> without_unit("地区 生产总值(万元)"), without_unit("其中：第一产业")
    ('地区生产总值', '第一产业')
    """
    return re.sub(r"其中[:：]?|[\s_#]+", "", _IN_BRACKETS.sub("", plain(head))).casefold()
