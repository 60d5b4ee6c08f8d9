"""Chinese of the names under which the values of a finding stand: forms of ``words.toml`` with places and years.

Tests write the names in English: ``"percent of the gap"``, ``"Longquan touches Jingning"``, ``"2013"``. A name of a
place is that of one in Zhejiang, of which the documents speak, before one elsewhere; a larger unit before a smaller.
"""

import re
from functools import cache

from shanhai.claims.verdicts import WORDS
from shanhai.core.errors import ClaimError
from shanhai.core.places import ZHEJIANG
from shanhai.data.load import load_places

_LEVELS = ("province", "prefecture", "county")

_HAN = re.compile(r"[㐀-鿿]")

_HOLES = {"place": r"\S.*?\S", "other": r"\S.*?\S", "year": r"\d{4}", "first": r"\d{4}", "last": r"\d{4}"}
"""What may stand in the holes of a form."""


def chinese_of(name: str) -> str:
    """Chinese of a name of a value.

    Raises
    ------
    ClaimError
        If no form of the words fits it.

    Examples
    --------
    >>> chinese_of("percent of the gap"), chinese_of("Longquan touches Jingning"), chinese_of("2013")
    ('占差距的百分比', '龙泉市与景宁畲族自治县相邻', '2013年')
    """
    for pattern, chinese in _forms():
        match = pattern.fullmatch(name)
        if match is None:
            continue
        held = {hole: _place(text) if hole in ("place", "other") else text for hole, text in match.groupdict().items()}
        if all(held.values()):
            return chinese.format(**held)
    raise ClaimError(
        f"The value {name!r} of a finding has no Chinese name; allowed are the forms of claims/words.toml, groups "
        "computed and group, and places of the 2020 census. Add the name there."
    )


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of the English forms and the Chinese ones, in the order of the file."""
    return tuple((_pattern(english), chinese) for english, chinese in WORDS.labels("computed").values())


def _pattern(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)  # text and names of holes in turn
    written = [f"(?P<{part}>{_HOLES[part]})" if number % 2 else re.escape(part) for number, part in enumerate(parts)]
    return re.compile("".join(written), re.ASCII)


@cache
def _place(name: str) -> str:
    """Chinese name of a place or of a group of places; empty if there is none, or if several bear the name."""
    if _HAN.search(name):
        return name
    groups = dict(WORDS.labels("group").values())
    if name in groups:
        return groups[name]
    named = [place for place in load_places().all if name in (place.name_en, place.short_en)]
    near = [place for place in named if place.province_code == ZHEJIANG]
    for level in _LEVELS:
        found = [place.name_zh for place in near or named if place.level == level]
        if found:
            return found[0] if len(found) == 1 else ""
    return ""
