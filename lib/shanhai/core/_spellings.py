"""How a place may be written: its names in both languages, alone or with those of the larger places around it."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Final, Literal

from shanhai.core._traditional import SIMPLIFIED

if TYPE_CHECKING:
    import pandas as pd

Level = Literal["county", "prefecture", "province"]

_HAN: Final = re.compile(r"[\u4e00-\u9fff]")

_BETWEEN_CHINESE: Final = re.compile(r"[\s,，、/·>-]+")
"""What may stand between the names of a Chinese path."""

_COMMAS: Final = re.compile("[,，]")

_BETWEEN_ENGLISH: Final = re.compile(r"\s*[,，/>]\s*")

_APOSTROPHES: Final = re.compile("[’‘`ʼ´]")

_PEOPLES: Final = (
    "各族|满族|回族|壮族|瑶族|苗族|侗族|彝族|白族|傣族|佤族|怒族|羌族|藏族|土族|黎族|水族|畲族|蒙古族|朝鲜族|土家族|"
    "哈尼族|拉祜族|布朗族|傈僳族|纳西族|独龙族|撒拉族|保安族|东乡族|裕固族|哈萨克族|哈萨克|达斡尔族|鄂温克族|仡佬族|"
    "布依族|毛南族|仫佬族|景颇族|普米族|锡伯|塔吉克|蒙古|柯尔克孜|回"
)
"""Peoples whom the names of autonomous counties and prefectures name."""

_AUTONOMOUS: Final = "自治[县旗州区]"

_OTHER: Final = "[县市区旗盟]|地区|林区|特区"

_KIND_ZH: Final = re.compile(rf"(\w{{2,}}?)(?:(?:{_PEOPLES})*{_AUTONOMOUS}|{_OTHER})")
"""A Chinese name and what may be left off behind it: 开化 for 开化县, 景宁 for 景宁畲族自治县."""

_KIND_EN: Final = {
    "district": ("district",),
    "county": ("county",),
    "city": ("city",),
    "autonomous_county": ("autonomous county", "county"),
    "banner": ("banner",),
    "autonomous_banner": ("autonomous banner", "banner"),
    "autonomous_prefecture": ("autonomous prefecture", "prefecture"),
    "prefecture": ("prefecture",),
    "league": ("league",),
    "prefecture_as_county": ("city",),
}
"""What may stand behind an English name, by kind."""


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
class FormerName:
    """A county as another year named and numbered it."""

    year: str
    code: str
    name: str
    codes: tuple[str, ...]
    """Counties of 2020 that hold its ground."""
    is_same: bool
    """Whether it is one county of 2020 by another name or number, and no other year gives the name to another."""


def former_names(crosswalk: "pd.DataFrame", codes: Collection[str]) -> tuple[FormerName, ...]:
    """Names and codes of other years.

    Parameters
    ----------
    crosswalk : columns vintage, code, name_zh, code_2020, relation.
    codes : those of 2020; rows that are the same county by the same code and name say nothing.
    """
    other = crosswalk[crosswalk["relation"].ne("same") & crosswalk["code_2020"].isin(set(codes))]
    heirs: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    kinds: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    columns = ["vintage", "code", "name_zh", "code_2020", "relation"]
    for vintage, code, name, code_2020, relation in other[columns].itertuples(index=False, name=None):
        heirs[str(vintage), code, name].add(code_2020)
        kinds[str(vintage), code, name].add(relation)
    meant: dict[str, set[frozenset[str]]] = defaultdict(set)
    for (_, _, name), found in heirs.items():
        meant[name].add(frozenset(found))
    return tuple(
        FormerName(
            *key,
            tuple(sorted(found)),
            kinds[key] <= {"renamed", "recoded"} and len(found) == 1 and len(meant[key[2]]) == 1,
        )
        for key, found in sorted(heirs.items())
    )


def full_path(place: Place, by_code: Mapping[str, tuple[Place, ...]]) -> str:
    """Code, full Chinese path and English name: ``320106 江苏省南京市鼓楼区 (Gulou, Nanjing)``."""
    larger = list(_larger(place, by_code))
    chinese = "".join(dict.fromkeys([*(above.name_zh for above in reversed(larger)), place.name_zh]))
    english = ", ".join(dict.fromkeys([place.name_en, *(above.short_en for above in larger[:1])]))
    return f"{place.code} {chinese} ({english})"


def _larger(place: Place, by_code: Mapping[str, tuple[Place, ...]]) -> Iterator[Place]:
    """The prefecture and the province of a place, without a province's list of what it administers directly."""
    for level, code in (("prefecture", place.prefecture_code), ("province", place.province_code)):
        for above in by_code.get(code, ()):
            if above.level == level and above.kind != "direct_administration" and above is not place:
                yield above


def fold(text: str) -> str:
    """A name as it is compared: no blanks or strokes between Chinese names, one kind of case, comma and apostrophe.

    Examples
    --------
    >>> fold("浙江省 衢州市"), fold("Lu’an ,  ANHUI")
    ('浙江省衢州市', "lu'an, anhui")
    """
    if _HAN.search(text):
        return _BETWEEN_CHINESE.sub("", text).casefold()
    return _BETWEEN_ENGLISH.sub(", ", _APOSTROPHES.sub("'", text)).strip().casefold()


def _keys(text: str) -> list[str]:
    """A name as it is compared, the nearest way to read it first: as written, in today's characters, back to front.

    Examples
    --------
    >>> _keys("鼓楼区, 南京")
    ['鼓楼区南京', '南京鼓楼区']
    """
    keys = [fold(text), fold(text).translate(SIMPLIFIED)]
    if _HAN.search(text):  # with the smaller place first, as English has it
        keys.append(fold("".join(reversed(_COMMAS.split(text)))).translate(SIMPLIFIED))
    return list(dict.fromkeys(keys))


def bare_name(name: str) -> str:
    """A Chinese name without its kind where two characters are left.

    Examples
    --------
    >>> bare_name("柯城区"), bare_name("景宁畲族自治县"), bare_name("沛县")
    ('柯城', '景宁', '沛县')
    """
    bare = _KIND_ZH.fullmatch(name)
    return bare[1] if bare else name


def _chinese(place: Place) -> tuple[str, ...]:
    """Full name, short name, and the name without its kind where two characters are left."""
    return (place.name_zh, place.short_zh, bare_name(place.name_zh))


def _english(place: Place) -> tuple[str, ...]:
    """Name, short name, and either with its kind behind it."""
    kinds = _KIND_EN.get(place.kind, ())
    return (place.name_en, place.short_en, *(f"{place.short_en} {kind}" for kind in kinds))


def _plain(place: Place) -> Iterator[str]:
    """English names without apostrophe and accent, as a keyboard has them: Luan for Lu'an, Lvliang for Lüliang."""
    for name in _english(place):
        for letter in ("u", "v"):
            yield name.replace("'", "").replace("ü", letter)


_Spellings = Callable[[Place], Iterable[str]]


class Index:
    """Places by code and by every spelling, the strict ones before the loose."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.by_code: dict[str, tuple[Place, ...]] = {}
        for place in places:
            self.by_code[place.code] = (*self.by_code.get(place.code, ()), place)
        self._places = tuple(place for same in self.by_code.values() for place in same)

    def named(self, text: str, levels: tuple[Level, ...]) -> tuple[Place, ...]:
        """Places of some levels that a name means; those of the strictest spelling that any of them has.

        Where one level is asked for, a full name goes before a short one (浙江省 before 浙江); where several are, both
        count alike, since nothing says which level is meant.
        """
        forms = ("_exact", "_short") if len(levels) == 1 else ("_exact_or_short",)
        for wanted in _keys(text):
            for form in (*forms, "_paths", "_loose"):  # each is made when the stricter ones know nothing
                found = tuple(place for place in getattr(self, form).get(wanted, ()) if place.level in levels)
                if found:
                    return found
        return ()

    def spelt(self, text: str) -> tuple[Place, ...]:
        """All places of a code, or that may be written so, of any level and any kind of spelling."""
        keys, forms = _keys(text), (self._exact_or_short, self._paths, self._loose)
        return (*self.by_code.get(text, ()), *(place for form in forms for key in keys for place in form.get(key, ())))

    @cached_property
    def _exact(self) -> dict[str, tuple[Place, ...]]:
        return self._keyed(lambda place: (place.name_zh, place.name_en))

    @cached_property
    def _short(self) -> dict[str, tuple[Place, ...]]:
        return self._keyed(lambda place: (place.short_zh, place.short_en))

    @cached_property
    def _exact_or_short(self) -> dict[str, tuple[Place, ...]]:
        return self._keyed(lambda place: (place.name_zh, place.name_en, place.short_zh, place.short_en))

    @cached_property
    def _paths(self) -> dict[str, tuple[Place, ...]]:
        """Names behind those of larger places (浙江衢州开化县) or before them (Kaihua, Quzhou, Zhejiang)."""
        return self._keyed(self._written_with_larger)

    @cached_property
    def _loose(self) -> dict[str, tuple[Place, ...]]:
        """Names without their kind (开化), with it in English (Kaihua County), without apostrophes (Luan)."""
        return self._keyed(lambda place: (*_chinese(place)[2:], *_english(place)[2:], *_plain(place)))

    def _written_with_larger(self, place: Place) -> Iterator[str]:
        above = {larger.level: larger for larger in _larger(place, self.by_code)}
        around = [above[level] for level in ("province", "prefecture") if level in above]
        for names in product(*(("", larger.name_zh, larger.short_zh) for larger in around), _chinese(place)):
            if any(names[:-1]):
                yield "".join(names)
        for names in product(_english(place), *(("", larger.short_en, larger.name_en) for larger in reversed(around))):
            if any(names[1:]):
                yield ", ".join(filter(None, names))

    def _keyed(self, spellings: _Spellings) -> dict[str, tuple[Place, ...]]:
        found: dict[str, dict[int, Place]] = defaultdict(dict)
        for place in self._places:
            for text in spellings(place):
                found[fold(text)][id(place)] = place
        return {key: tuple(places.values()) for key, places in found.items()}
