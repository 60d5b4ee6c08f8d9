"""Counties, prefectures and provinces of the 2020 census: looked up by code, 中文 or English name.

The module holds no data: :func:`shanhai.data.load.load_places` gives it the tables.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Real
from typing import Any, Final, Literal

import pandas as pd

from shanhai.core.errors import UnknownPlaceError

Level = Literal["county", "prefecture", "province"]

_CODE_DIGITS: Final = 6

NATION: Final = "000000"
"""Code of the country, beside those of its provinces."""

ZHEJIANG: Final = "330000"
"""Code of the province that the documents are about."""

_BEYOND: Final = {"71": "Taiwan", "81": "Hong Kong", "82": "Macau"}
"""First two digits of codes that the census of the mainland does not cover."""

_NATION_NAMES: Final = frozenset({NATION, "100000", "china", "中国", "全国"})

SHOWN: Final = 10
"""Unknown codes that an error lists."""


def is_nation(query: object) -> bool:
    """Whether a text or number means the country: China, 中国, 全国, 100000 or 000000."""
    return str(query).strip().casefold() in _NATION_NAMES or query == 0


@dataclass(frozen=True)
class Place:
    """One unit of the registry."""

    level: Level
    code: str
    """Six digits of the 2020 census."""
    name_zh: str
    name_en: str
    short_zh: str
    """Name without the kind of unit, for labels: 衢州, 浙江; of a county the full name."""
    short_en: str
    kind: str
    """Kind of county-level unit (``district``, ``county``, ...); for others the level."""
    province_code: str
    prefecture_code: str
    """Empty for a province."""


@dataclass(frozen=True)
class Places:
    """All places; look-ups raise :class:`UnknownPlaceError` with the nearest names."""

    all: tuple[Place, ...]

    @classmethod
    def from_frames(cls, counties: pd.DataFrame, prefectures: pd.DataFrame, provinces: pd.DataFrame) -> "Places":
        """Build from the tables ``counties``, ``prefectures`` and ``provinces``."""
        rows = [_place("province", row) for row in provinces.to_dict("records")]
        rows += [_place("prefecture", row) for row in prefectures.to_dict("records")]
        rows += [_place("county", row) for row in counties.to_dict("records")]
        return cls(tuple(rows))

    def county(self, query: str | int, within: str | int = "") -> Place:
        """The county-level unit of this code or name; `within` (a code) narrows names that occur more than once."""
        return self._find("county", query, within)

    def prefecture(self, query: str | int, within: str | int = "") -> Place:
        """The prefecture of this code or name (衢州市, 衢州, Quzhou, 330800)."""
        return self._find("prefecture", query, within)

    def province(self, query: str | int) -> Place:
        """The province of this code or name (浙江省, 浙江, Zhejiang, 330000)."""
        return self._find("province", query, "")

    def place(self, query: str | int, within: str | int = "") -> Place:
        """The unit of any level that this code or name means; a municipality that is a prefecture too is the former.

        A name that several units bear, such as Quzhou (衢州市, 曲周县) or 吉林, is refused with their codes; `within`
        names a larger place to look in.
        """
        query = as_code(query)
        wanted = query.casefold()
        found = {place.code: place for place in self.all if wanted in _spellings(place)}
        if within != "":
            parent = self.place(within).code
            found = {
                code: place for code, place in found.items() if parent in (place.prefecture_code, place.province_code)
            }
        provinces = {place.code for place in found.values() if place.level == "province"}
        same = {code for code, place in found.items() if place.level == "prefecture" and self._fills(place, provinces)}
        left = [place for code, place in found.items() if code not in same]
        if left:
            return _only(left, query, "places")
        raise UnknownPlaceError(f"{query!r} is no place of the 2020 census. {_nearest(query, list(self.all))}")

    def _fills(self, prefecture: Place, provinces: set[str]) -> bool:
        """Whether a prefecture is all of a province."""
        return prefecture.province_code in provinces and len(self.counties_of(prefecture.code)) == len(
            self.counties_of(prefecture.province_code)
        )

    def counties_of(self, query: str | int) -> tuple[Place, ...]:
        """Counties of a prefecture or province given by its code, sorted by code."""
        query = as_code(query)
        self._require_code(query)
        inside = (
            place
            for place in self.all
            if place.level == "county" and query in (place.prefecture_code, place.province_code)
        )
        return tuple(sorted(inside, key=lambda place: place.code))

    def _require_code(self, code: str) -> None:
        known = {place.code for place in self.all if place.level != "county"}
        if code not in known:
            near = get_close_matches(code, sorted(known), n=3, cutoff=0.6)
            raise UnknownPlaceError(
                f"{code!r} is the code of no prefecture or province. Near: {near}. Codes have six digits."
            )

    def _find(self, level: Level, query: str | int, within: str | int) -> Place:
        query, within = as_code(query), as_code(within)
        places = [place for place in self.all if place.level == level]
        if within:
            self._require_code(within)
            places = [place for place in places if within in (place.prefecture_code, place.province_code)]
        wanted = query.strip().casefold()
        exact = [place for place in places if wanted in (place.code, place.name_zh, place.name_en.casefold())]
        found = exact or [place for place in places if wanted in (place.short_zh, place.short_en.casefold())]
        if found:
            return _only(found, query, f"units of level {level}")
        raise UnknownPlaceError(f"{query!r} is no {level} of the 2020 census. {_nearest(query, places)}")


def _only(found: list[Place], query: str, what: str) -> Place:
    """The one place found; a name that several bear needs a code."""
    if len(found) == 1:
        return found[0]
    levels = len({place.level for place in found}) > 1
    choices = ", ".join(f"{place.level + ' ' if levels else ''}{place.code} {place.name_zh}" for place in found)
    raise UnknownPlaceError(f"{query!r} names {len(found)} {what}: {choices}. Give the code.")


def _spellings(place: Place) -> tuple[str, ...]:
    return (place.code, place.name_zh, place.name_en.casefold(), place.short_zh, place.short_en.casefold())


def as_code(query: object) -> str:
    """A code or name as text: a code may come as a number, as JupyterLab, papermill and spreadsheets write it.

    Raises
    ------
    UnknownPlaceError
        If it is neither text nor a whole number that can be a code.

    Examples
    --------
    >>> as_code(331100), as_code(331100.0), as_code(" 331100 "), as_code(0)
    ('331100', '331100', '331100', '000000')
    """
    if isinstance(query, str):
        return query.strip()
    is_number = isinstance(query, Real) and not isinstance(query, bool)
    if is_number and 0 <= query <= 999_999 and query == int(query):  # type: ignore[operator, call-overload]
        return f"{int(query):06d}"  # type: ignore[call-overload]
    raise UnknownPlaceError(f'{query!r} is no place; give its code, six digits in quotes, as in "331100".')


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


def _nearest(query: str, places: list[Place]) -> str:
    if query[:2] in _BEYOND and len(query) == _CODE_DIGITS and query.isdigit():
        return f"{_BEYOND[query[:2]]} is not in the tables: they hold the mainland's census."
    labels = {label: place for place in places for label in (place.code, place.name_zh, place.name_en, place.short_zh)}
    near = get_close_matches(query.strip(), sorted(labels), n=5, cutoff=0.5)
    if len(query) == _CODE_DIGITS and query.isdigit():  # a code is near to those of the same place, digit by digit
        codes = {place.code for place in places if place.code[:2] == query[:2]}
        near = sorted(codes, key=lambda code: (code[:4] != query[:4], abs(int(code) - int(query))))[:5]
    if not near:
        return "Give the code (six digits), the 中文 name or the English name."
    unique = {labels[label].code: labels[label] for label in near}
    return "Near: " + ", ".join(f"{place.code} {place.name_zh} {place.name_en}" for place in unique.values()) + "."


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
