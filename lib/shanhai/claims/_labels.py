"""Chinese of what tests of claims say in English: names of values, bases and notes, by forms with places and numbers.

Tests write in English: the name of a value (``"percent of the gap"``, ``"Longquan touches Jingning"``), a basis of
clauses and a note of sentences. ``words.toml`` has the forms of names, ``bases.toml`` those of clauses and sentences.
A name of a place is that of one in Zhejiang, of which the documents speak, before one elsewhere; a larger unit before a
smaller.
"""

import re
from collections.abc import Mapping
from functools import cache

from shanhai.claims.verdicts import WORDS
from shanhai.core.errors import ClaimError
from shanhai.core.places import ZHEJIANG
from shanhai.data.load import load_places
from shanhai.render.words import Pair, Words

_BASES = Words.beside(__file__, "bases.toml")

_LEVELS = ("province", "prefecture", "county")

_HAN = re.compile(r"[㐀-鿿]+")

_ID = re.compile(r"[A-Z]\d\d[a-z]?|\d+", re.ASCII)
"""A claim or a place by its code, which is the same in Chinese."""

_NUMBER, _YEAR = r"-?\d[\d,]*(?:\.\d+)?", r"\d{4}"

_HOLES = (
    (r"place|other", r"\S.*?\S"),
    (r"year2?|first|last", _YEAR),
    (r"n\d?", _NUMBER),
    (r"t_\w+", r".+?"),
    (r"list_\w+", r".+?"),
)
"""Names of the holes of a form, and what may stand in them."""

_PART = "part"
"""Group of the parts of a clause or a sentence, where a hole names no group of its own."""


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
    found = _named(name)
    if not found:
        raise ClaimError(
            f"The value {name!r} of a finding has no Chinese name; allowed are the forms of claims/words.toml, groups "
            "computed and group, and places of the 2020 census. Add the name there."
        )
    return found


def chinese_basis(basis: str) -> str:
    """Chinese of a basis; empty if some clause of it fits no form, as may be with a test of a user's own.

    Examples
    --------
    >>> chinese_basis("residents, 2010 census; agreeing within 5 %")
    '常住人口，2010年人口普查；相差不超过5%视为相符'
    """
    return _pieces(basis.split("; "), "; ", "；", "basis", {})


def chinese_note(note: str, readings: Mapping[str, str]) -> str:
    """Chinese of a note; empty if some sentence of it fits no form.

    Parameters
    ----------
    note : str
        Sentences in English.
    readings : mapping
        Chinese of sentences that come from the claims table, by the English.

    Examples
    --------
    >>> chinese_note("As printed. Bazhong lies in Sichuan.", {"As printed.": "照原文。"})
    '照原文。巴中市属四川省。'
    """
    return _pieces(re.split(r"(?<=\.) ", note), " ", "", "note", readings)


def _pieces(pieces: list[str], joint: str, joint_zh: str, group: str, known: Mapping[str, str]) -> str:
    """Chinese of pieces put together, as many of them at a time as some form fits; empty if any is left over."""
    if pieces == [""]:
        return ""
    done: dict[int, str | None] = {len(pieces): ""}
    for start in reversed(range(len(pieces))):
        done[start] = None
        for end in range(len(pieces), start, -1):
            rest = done[end]
            if rest is None:
                continue
            text = joint.join(pieces[start:end])
            if said := known.get(text) or _fitted(text, group):
                done[start] = said + (joint_zh if rest else "") + rest
                break
    return done[0] or ""


@cache
def _fitted(text: str, group: str) -> str:
    """Chinese of a text by the first form of a group of ``bases.toml`` that fits; empty if none does."""
    for pattern, chinese in _forms(group):
        if (match := pattern.fullmatch(text)) is not None:
            held = {hole: _held(hole, found) for hole, found in match.groupdict().items()}
            if all(held.values()):
                return chinese.format(**held)
    return ""


def _held(hole: str, text: str) -> str:
    """Chinese of what stands in a hole; empty if there is none."""
    if hole.startswith("list_"):
        return _listed(text)
    if hole in ("place", "other"):
        return _place(text)
    if not hole.startswith("t_"):
        return text
    own = hole.removeprefix("t_")
    if own in _groups():
        return _fitted(text, own)
    return _part(text)


def _part(text: str) -> str:
    """Chinese of a part: by the forms of parts, of names of values, or the text itself if it is an id or a number."""
    return _fitted(text, _PART) or _named(text) or (text if _ID.fullmatch(text) else "")


def _listed(text: str) -> str:
    """Chinese of a list; one whose items have commas in them has semicolons between them."""
    if whole := _part(text):
        return whole
    for joint, joint_zh in (("; ", "；"), (", ", "、")):
        items = [_part(item) for item in text.split(joint)]
        if len(items) > 1 and all(items):
            return joint_zh.join(items)
    return ""


@cache
def _named(name: str) -> str:
    """Chinese of a name of a value; empty if no form fits it."""
    for pattern, chinese in _names():
        match = pattern.fullmatch(name)
        if match is None:
            continue
        held = {hole: _place(text) if hole in ("place", "other") else text for hole, text in match.groupdict().items()}
        if all(held.values()):
            return chinese.format(**held)
    return ""


@cache
def _names() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of the English forms of names and the Chinese ones, in the order of the file."""
    return tuple((_pattern(english), chinese) for english, chinese in WORDS.labels("computed").values())


@cache
def _forms(group: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The same of a group of clauses, sentences or parts."""
    return tuple((_pattern(english), chinese) for english, chinese in _groups()[group].values())


@cache
def _groups() -> Mapping[str, Mapping[str, Pair]]:
    return {
        "basis": _BASES.labels("basis"),
        "note": _BASES.labels("note"),
        "part": _BASES.labels("part"),
        "design": _BASES.labels("design"),
        "pair_design": _BASES.labels("pair_design"),
        "item": _BASES.labels("item"),
    }


def _pattern(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)  # text and names of holes in turn
    written = [f"(?P<{part}>{_hole(part)})" if number % 2 else re.escape(part) for number, part in enumerate(parts)]
    return re.compile("".join(written), re.ASCII)


def _hole(name: str) -> str:
    for names, pattern in _HOLES:
        if re.fullmatch(names, name, re.ASCII):
            return pattern
    raise ClaimError(f"A form has the hole {name!r}; allowed: {', '.join(names for names, _ in _HOLES)}.")


@cache
def _place(name: str) -> str:
    """Chinese name of a place or of a group of places; empty if there is none, or if several bear the name."""
    if _HAN.fullmatch(name):
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
