"""Counties, prefectures and provinces of the 2020 census: looked up by code, 中文 or English name. The one door.

Whatever names a place, here it becomes a code: 巴中, 巴中市, Bazhong, 四川巴中, "Bazhong, Sichuan", "511900", 511900. A
name that several bear is refused with all of them, an unknown one with the nearest.

The module holds no data: :func:`shanhai.data.load.load_places` gives it the tables.
"""

import re
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any, Final
from unicodedata import category, normalize

from shanhai.core._spellings import FormerName, Index, Level, Place, bare_name, former_names, full_path
from shanhai.core.errors import UnknownPlaceError

if TYPE_CHECKING:  # a batch that has nothing to do asks for no place, and tables take long to import
    import pandas as pd

__all__ = [
    "CODE_DIGITS",
    "NATION",
    "SHOWN",
    "ZHEJIANG",
    "Place",
    "Places",
    "as_code",
    "bare_name",
    "is_nation",
    "require_codes",
]

CODE_DIGITS: Final = 6
"""Digits of a code."""

NATION: Final = "000000"
"""Code of the country, beside those of its provinces."""

ZHEJIANG: Final = "330000"
"""Code of the province that the documents are about."""

_BEYOND: Final = {"71": "Taiwan", "81": "Hong Kong", "82": "Macau"}
"""First two digits of codes that the census of the mainland does not cover."""

_NATION_NAMES: Final = frozenset({NATION, "100000", "china", "中国", "全国"})

SHOWN: Final = 10
"""Unknown codes or near places that an error lists."""

_WHOLE_NUMBER: Final = re.compile(rf"[0-9]{{1,{CODE_DIGITS}}}\.0+")

_HIDDEN: Final = ("Cf", "Cc")
"""Categories of characters without width, of Unicode: marks of direction, joiners, byte-order marks, controls."""

_LONGEST_NAME: Final = 100
"""Characters beyond which a text is compared with no name."""

_LEVELS: Final[tuple[Level, ...]] = ("province", "prefecture", "county")


def is_nation(query: object) -> bool:
    """Whether a text or number means the country: China, 中国, 全国, 100000 or 000000."""
    return as_code(query).casefold() in _NATION_NAMES


@dataclass(frozen=True, repr=False)
class Places:
    """All places; look-ups raise :class:`UnknownPlaceError` with the nearest names, or with all that bear a name."""

    all: tuple[Place, ...]
    former: tuple[FormerName, ...] = ()
    """Names and codes of other years, from the crosswalk."""

    def __repr__(self) -> str:
        counts = [sum(place.level == level for place in self.all) for level in _LEVELS]
        return "Places: {} provinces, {} prefectures, {} counties".format(*counts)

    @classmethod
    def from_frames(
        cls,
        counties: "pd.DataFrame",
        prefectures: "pd.DataFrame",
        provinces: "pd.DataFrame",
        crosswalk: "pd.DataFrame | None" = None,
    ) -> "Places":
        """Build from the tables ``counties``, ``prefectures``, ``provinces`` and, for former names, ``crosswalk``."""
        rows = [_place("province", row) for row in provinces.to_dict("records")]
        rows += [_place("prefecture", row) for row in prefectures.to_dict("records")]
        rows += [_place("county", row) for row in counties.to_dict("records")]
        return cls(tuple(rows), () if crosswalk is None else former_names(crosswalk, {row.code for row in rows}))

    def county(self, query: str | int, within: str | int = "") -> Place:
        """The county-level unit of this code or name; `within`, a larger place, narrows names that several bear."""
        return self._only(("county",), query, within)

    def prefecture(self, query: str | int, within: str | int = "") -> Place:
        """The prefecture of this code or name (衢州市, 衢州, Quzhou, 330800)."""
        return self._only(("prefecture",), query, within)

    def province(self, query: str | int) -> Place:
        """The province of this code or name (浙江省, 浙江, Zhejiang, 330000)."""
        return self._only(("province",), query, "")

    def place(self, query: str | int, within: str | int = "") -> Place:
        """The unit of any level that this code or name means; a municipality that is a prefecture too is the former.

        A name that several units bear, such as Quzhou (衢州市, 曲周县) or 吉林, is refused with their codes; `within`
        names a larger place to look in.
        """
        return self._only(_LEVELS, query, within)

    def means(self, query: str | int, code: str) -> bool:
        """Whether the place of a code may be written so, whatever other places may be: for a choice among few."""
        return code in {place.code for place in self._index.spelt(as_code(query))}

    def named(self, query: str | int) -> tuple[Place, ...]:
        """All places of any level that a code or name means by its nearest kind of spelling; there may be none."""
        return self._named(as_code(query), _LEVELS)

    def candidates(self, query: str | int) -> tuple[Place, ...]:
        """Places that a name may mean: all that bear it, else those whose names are near, the nearest first."""
        text = as_code(query)
        return self._named(text, _LEVELS) or self._near(text, _LEVELS)

    def counties_of(self, query: str | int) -> tuple[Place, ...]:
        """Counties of a prefecture or province, sorted by code."""
        code = self._larger(query).code
        inside = (
            place
            for place in self.all
            if place.level == "county" and code in (place.prefecture_code, place.province_code)
        )
        return tuple(sorted(inside, key=lambda place: place.code))

    def path(self, place: Place) -> str:
        """Code, full Chinese path and English name of a place, as lists of candidates show it.

        Examples
        --------
        >>> zhejiang = Place("province", "330000", "浙江省", "Zhejiang Province", "浙江", "Zhejiang", "", "330000", "")
        >>> Places((zhejiang,)).path(zhejiang)
        '330000 浙江省 (Zhejiang Province)'
        """
        return full_path(place, self._index.by_code)

    @cached_property
    def _index(self) -> Index:
        return Index(self.all)

    def _larger(self, query: str | int) -> Place:
        """The prefecture or province of a code or name."""
        return self._only(("prefecture", "province"), query, "")

    def _only(self, levels: tuple[Level, ...], query: str | int, within: str | int) -> Place:
        """The one place of some levels that a code or name means."""
        text = as_code(query)
        found = [place for place in self._named(text, levels) if place.level in levels]
        if within != "":
            larger = self._larger(within).code
            found = [place for place in found if larger in (place.prefecture_code, place.province_code)]
        # a prefecture without counties is a county of the same code, and a municipality is a province and a prefecture
        left = list({place.code: place for place in found}.values())
        provinces = {place.code for place in left if place.level == "province"}
        left = [place for place in left if place.level != "prefecture" or not self._fills(place, provinces)]
        if len(left) == 1:
            return left[0]
        if left:
            raise UnknownPlaceError(self._several(text, left, levels))
        raise UnknownPlaceError(self._unknown(text, levels))

    def _named(self, text: str, levels: tuple[Level, ...]) -> tuple[Place, ...]:
        """Places of a code or a name, of the nearest kind of spelling that any of these levels has."""
        if text.isdigit():
            return self._index.by_code.get(text, ())
        found = self._index.named(text, levels)
        return found or tuple(
            place
            for former in self.former
            if former.name == text and former.is_same and "county" in levels
            for place in self._index.by_code.get(former.codes[0], ())
            if place.level == "county"
        )

    def _fills(self, prefecture: Place, provinces: set[str]) -> bool:
        """Whether a prefecture is all of a province."""
        return prefecture.province_code in provinces and len(self.counties_of(prefecture.code)) == len(
            self.counties_of(prefecture.province_code)
        )

    def _several(self, text: str, found: list[Place], levels: tuple[Level, ...]) -> str:
        """What is said of a name that several bear: all of them."""
        mixed = len({place.level for place in found}) > 1
        what = "places" if len(levels) > 1 else f"units of level {levels[0]}"
        choices = "; ".join(f"{place.level + ' ' if mixed else ''}{self.path(place)}" for place in found)
        return f"{text!r} names {len(found)} {what}: {choices}. Give the code, or the name with that of a larger place."

    def _unknown(self, text: str, levels: tuple[Level, ...]) -> str:
        """What is said of a name or code that no place of these levels bears."""
        start = f"{text!r} is no {' or '.join(levels) if len(levels) < len(_LEVELS) else 'place'} of the 2020 census."
        hints = (self._other_level, self._digits_lost, self._of_another_year)
        found = next(filter(None, (hint(text) for hint in hints)), "")
        return f"{start} {found or self._nearest(text, levels)}"

    def _other_level(self, text: str) -> str:
        """A place of another level that bears the name."""
        found = self._named(text, _LEVELS)
        return f"It is {' or '.join(f'the {place.level} {self.path(place)}' for place in found[:3])}." if found else ""

    def _digits_lost(self, text: str) -> str:
        """Codes that lost or gained zeros, as spreadsheets and other lists of codes write them."""
        if not text.isdigit() or len(text) > CODE_DIGITS + 2:
            return ""
        same = [
            place
            for code, places in self._index.by_code.items()
            if code.strip("0") == text.strip("0")
            for place in places[:1]
        ]
        if not same and len(text) == CODE_DIGITS:
            return ""
        said = f"It has {len(text)} digits; codes have six, and none of a place begins with 0."
        meant = f" If zeros were lost or put in, it is {' or '.join(map(self.path, same[:3]))}." if same else ""
        return f"{said}{meant} Give all six digits."

    def _of_another_year(self, text: str) -> str:
        """What became of a county of another year."""
        found = [former for former in self.former if text in (former.name, former.code)]
        if not found:
            return ""
        told = "; ".join(dict.fromkeys(self._became(former) for former in found[-3:]))
        return f"In other years there was such a county: {told}. Give the code of what you mean."

    def _became(self, former: FormerName) -> str:
        now = [place for code in former.codes for place in self._index.by_code.get(code, ()) if place.level == "county"]
        return (
            f"{former.code} {former.name} of {former.year}, now in {' and '.join(map(self.path, now)) or 'no county'}"
        )

    def _nearest(self, query: str, levels: tuple[Level, ...]) -> str:
        if len(query) == CODE_DIGITS and query.isdigit() and query[:2] in _BEYOND:
            return f"{_BEYOND[query[:2]]} is not in the tables: they hold the mainland's census."
        near = self._near(query, levels)
        if not near:
            return "Give the code (six digits), the 中文 name or the English name."
        told = ", ".join(f"{place.code} {place.name_zh} {place.name_en}" for place in near)
        return f"Near: {told}. Give one of these, by code or name."

    def _near(self, query: str, levels: tuple[Level, ...]) -> tuple[Place, ...]:
        """Places of the five nearest names or codes, the nearest first; all that bear such a name, the larger first."""
        places = [place for place in self.all if place.level in levels]
        if len(query) == CODE_DIGITS and query.isdigit():
            # a code is near to those of the same place, digit by digit
            codes = {place.code for place in places if place.code[:2] == query[:2]}
            near = sorted(codes, key=lambda code: (code[:4] != query[:4], abs(int(code) - int(query))))[:5]
            labels = {place.code: [place] for place in places}
        else:
            labels = {}
            for place in places:
                for name in dict.fromkeys(_names(place)):
                    labels.setdefault(name, []).append(place)
            one_off = [name for name in labels if _is_one_off(query, name)]  # 开花 for 开化
            near = sorted(one_off, key=lambda name: (name[0] != query[0], name))  # those that begin alike first
            near += get_close_matches(query[:_LONGEST_NAME], sorted(labels), n=5, cutoff=0.5)
        return tuple({place.code: place for name in near for place in labels[name]}.values())[:SHOWN]


def as_code(query: object) -> str:
    """A code or name as text: a code may come as a number, as JupyterLab, papermill and spreadsheets write it.

    Blanks and characters without width around it go, digits and letters of full width become those of half, and a
    code as a spreadsheet writes a number (511900.0) becomes that code. That it is the code of a place says
    :class:`Places` alone.

    Raises
    ------
    UnknownPlaceError
        If it is neither text nor a whole number that can be a code, or has characters in it that nobody sees.

    Examples
    --------
    >>> as_code(331100), as_code(331100.0), as_code(" ３３１１００ "), as_code("331100.0"), as_code(0)
    ('331100', '331100', '331100', '331100', '000000')
    """
    if isinstance(query, str):
        text = _visible(" ".join(normalize("NFKC", query).split()))
        return text.partition(".")[0] if _WHOLE_NUMBER.fullmatch(text) else text
    is_number = isinstance(query, Real) and not isinstance(query, bool)
    if is_number and 0 <= query <= 999_999 and query == int(query):  # type: ignore[operator, call-overload]
        return f"{int(query)}" if query else NATION  # type: ignore[call-overload]
    raise UnknownPlaceError(f'{query!r} is no place; give its code, six digits in quotes, as in "331100".')


def _visible(text: str) -> str:
    """A text without marks of direction, joiners and byte-order marks at its ends; one within is refused by number."""
    hidden = [category(letter) in _HIDDEN for letter in text]
    if True not in hidden:
        return text
    shown = [position for position, is_hidden in enumerate(hidden) if not is_hidden]
    within = range(shown[0], shown[-1] + 1) if shown else range(0)
    if wrong := [f"U+{ord(text[position]):04X}" for position in within if hidden[position]]:
        raise UnknownPlaceError(
            f"{text!r} holds {', '.join(dict.fromkeys(wrong))}, which nobody sees; allowed: letters, digits, blanks "
            "and marks between names. Type the name anew."
        )
    return text[within.start : within.stop].strip()


def _names(place: Place) -> tuple[str, ...]:
    return place.short_en, place.name_en, place.short_zh, place.name_zh, bare_name(place.name_zh)


def _is_one_off(query: str, name: str) -> bool:
    """Whether a Chinese name has one character other than a text, as a wrong choice of an input method."""
    is_like = len(query) == len(name) and not name.isascii()
    return is_like and sum(letter != other for letter, other in zip(query, name, strict=True)) == 1


def _place(level: Level, row: Mapping[Hashable, Any]) -> Place:
    return Place(
        level=level,
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        short_zh=row.get("name_short_zh", row["name_zh"]),
        short_en=row.get("name_short_en", row["name_en"]),
        kind=row.get("kind", level),
        province_code=row.get("province_code", row["code"]),
        prefecture_code=row.get("prefecture_code", row["code"] if level == "prefecture" else ""),
    )


def require_codes(given: Iterable[object], known: Collection[object], what: str) -> list[Any]:
    """The codes given, as a list, if all of them are known.

    Parameters
    ----------
    given : codes that a caller asks for.
    known : codes that there are, of the same kind: text where they are text.
    what : what the codes are of, for the message: ``"counties of the frame"``.

    Raises
    ------
    UnknownPlaceError
        Naming the unknown ones with the nearest known, and a code given as a number as what it is.

    Examples
    --------
    >>> require_codes(["330824"], {"330824", "330825"}, "counties of the frame")
    ['330824']
    """
    wanted = [given] if isinstance(given, str) else list(given)
    there = set(known)
    unknown = sorted({code for code in wanted if code not in there}, key=str)
    numbers = [code for code in unknown if not isinstance(code, str)]
    if numbers and all(isinstance(code, str) for code in there):
        raise UnknownPlaceError(
            f"{numbers[:SHOWN]} are no codes of {what}; allowed: codes as text. Write {str(numbers[0])!r}."
        )
    if unknown:
        near = get_close_matches(str(unknown[0]), sorted(map(str, there)), n=3, cutoff=0.6)
        raise UnknownPlaceError(
            f"{len(unknown)} codes are none of the {len(there)} {what}: {unknown[:SHOWN]}. Near the first: {near};"
            f" allowed: {min(map(str, there), default='none')} to {max(map(str, there), default='none')}. Correct or"
            " leave out these codes."
        )
    return wanted
