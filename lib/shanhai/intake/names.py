"""Names of places in a file become codes of the 2020 census; totals are told apart, and what is ambiguous is refused.

Matching itself is that of :mod:`shanhai.core.places`, with former names from the crosswalk. What a file adds is its
context: a province that a line, a column or the user names, and prefectures whose totals stand above their counties.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from shanhai.core.errors import UnknownPlaceError
from shanhai.core.places import CODE_DIGITS, NATION, Place, Places, bare_name
from shanhai.intake.cells import MISSING, plain
from shanhai.intake.kinds import Level
from shanhai.intake.problems import shown

_TOTAL: Final = re.compile(
    r".{0,12}?(?:合计|总计|小计|总数|汇总|平均)(?:数)?|全国|全省|全市|全区|全县|全州|全自治区|全自治州|市区|市辖区|市本级|"
    r"城区|县域|总\s*计|(?:grand |sub)?-?totals?|all counties",
    re.IGNORECASE,
)
"""What the name of a row of totals is."""

_HEADING: Final = re.compile(r"[:：]$|^[一二三四五六七八九十]+[、.]|^#|^其中[:：]?")


def _is_total(text: str) -> bool:
    """Whether a name is that of a total, which yearbooks print with blanks inside."""
    return any(_TOTAL.fullmatch(written) for written in (text, text.replace(" ", "")))


@dataclass(frozen=True)
class Found:
    """What the name of a row means."""

    code: str = ""
    """Empty for a total, and where nothing is known."""
    aside: str = ""
    """Why the row is no row of the table."""
    problem: str = ""
    note: str = ""
    """What a reader should know of the match, as a name that another year used."""
    by_context: bool = False
    """Whether the prefecture above made the name unique."""


@dataclass
class Namer:
    """Finds the place of each row in turn, and remembers the totals above it."""

    places: Places
    level: Level
    known: frozenset[str] = frozenset()
    """Codes that the table has beside those of the census, as of counties made since."""
    province: str = ""
    """Code of the province that all rows lie in; empty if none is known."""
    above: str = field(default="", init=False)
    """Code of the prefecture whose total or heading was the last."""

    def find(self, name: object, code: object = "", within: str = "") -> Found:
        """The place of a row.

        Parameters
        ----------
        name, code : cells of the row; either may be empty.
        within : province or prefecture that a column of the row names.
        """
        text = _HEADING.sub("", plain(name)).strip()
        written = _code(code) or _code(name)
        if written:
            return self._by_code(written, text if not _code(name) else "")
        if not text and not re.search(r"\d", plain(code)):  # names under the head 行政区划
            text, code = plain(code), ""
        if text and _is_total(text):
            return Found(aside="a total")
        found = (
            self._by_name(text, within)
            if text
            else Found(problem="no name of a place; put it in, or leave the row out")
        )
        if plain(code) in MISSING or found.aside:
            return found
        return Found(problem=f"{shown(code)} is no code; codes have six digits. Correct it, or leave the cell empty")

    def is_place(self, cell: object) -> bool:
        """Whether a cell is the name or code of a place of any level, or that of a total."""
        text = _HEADING.sub("", plain(cell)).strip()
        if _is_total(text):
            return True
        if not isinstance(cell, str) and not _code(cell):
            return False
        return bool(text) and (bool(self.places.named(_code(cell) or text)))

    def heading(self, name: object) -> bool:
        """Whether a line that holds nothing else names a larger place, which is then remembered."""
        text = _HEADING.sub("", plain(name)).strip()
        for look in (self.places.prefecture, self.places.province):
            try:
                place = look(text)
            except UnknownPlaceError:
                continue
            self._remember(place)
            return True
        return False

    def title(self, line: str) -> None:
        """Remember the province or prefecture that a line above the table names, if it names one alone."""
        text = plain(line).replace(" ", "")
        for level in ("prefecture", "province"):
            named = [place for place in self.places.all if place.level == level and place.name_zh in text]
            if len({place.code for place in named}) == 1 and len(named[0].name_zh) > 2:
                self._remember(named[0])
                return

    def larger_code(self, text: str) -> str:
        """Code of the prefecture or province that a text names, or empty."""
        for look in (self.places.prefecture, self.places.province):
            try:
                return look(text).code
            except UnknownPlaceError:
                continue
        return ""

    def _remember(self, place: Place) -> None:
        if place.level == "province":
            self.province, self.above = place.code, ""
        else:
            self.above = place.code

    def _by_code(self, code: str, name: str) -> Found:
        look = self.places.county if self.level == "county" else self.places.prefecture
        try:
            place = look(code)
        except UnknownPlaceError as error:
            if code in self.known:
                return Found(code)
            return self._larger(code) or Found(problem=str(error))
        if name and not _is_total(name) and not self.places.means(name, place.code):
            former = self._former(name)
            if former != place.code:
                return Found(problem=f"the code is that of {self.places.path(place)}; correct the code or the name")
        return Found(self._printed(place))

    def _former(self, name: str) -> str:
        try:
            return self.places.county(name, self.province).code
        except UnknownPlaceError:
            return ""

    def _printed(self, place: Place) -> str:
        """Code as the table prints it: a municipality under the State Council by that of its province."""
        municipal = self.level == "prefecture" and place.province_code[:2] in ("11", "12", "31", "50")
        return place.province_code if municipal else place.code

    def _by_name(self, text: str, within: str) -> Found:
        if self.level == "prefecture":
            return self._prefecture(text)
        last = ""
        for larger in self._around(within):
            try:
                place = self.places.county(text, larger)
            except UnknownPlaceError as error:
                last = str(error)
                if " names " in last:  # several bear it: a larger circle only adds to them
                    return Found(problem=last)
                continue
            by_context = larger == self.above and self._is_ambiguous(text)
            note = "" if self._is_plain(text, place) else f"{text} is {place.code} {place.name_zh}"
            return Found(place.code, note=note, by_context=by_context)
        return self._larger(text) or self._another_kind(text, within) or Found(problem=last)

    def _around(self, within: str) -> list[str]:
        """Places to look in, the nearest first; all of the country only where nothing says the province."""
        known = within or self.province
        province = f"{self.above[:2]}0000" if self.above else ""
        return list(dict.fromkeys([*filter(None, (within, self.above, known or province)), *([] if known else [""])]))

    def _is_ambiguous(self, text: str) -> bool:
        try:
            self.places.county(text, self.province)
        except UnknownPlaceError:
            return True
        return False

    def _is_plain(self, text: str, place: Place) -> bool:
        return text.replace(" ", "") in (place.name_zh, place.name_en.replace(" ", ""))

    def _prefecture(self, text: str) -> Found:
        try:
            place = self.places.prefecture(text, self.province)
        except UnknownPlaceError as error:
            if municipal := self._municipality(text):
                return Found(municipal)
            return self._larger(text) or Found(problem=str(error))
        note = "" if text in (place.name_zh, place.short_zh) else f"{text} is {place.code} {place.name_zh}"
        return Found(self._printed(place), note=note)

    def _municipality(self, text: str) -> str:
        try:
            place = self.places.province(text)
        except UnknownPlaceError:
            return ""
        return place.code if place.code[:2] in ("11", "12", "31", "50") else ""

    def _larger(self, text: str) -> Found | None:
        """A row of a prefecture or province, which is a total among the rows of counties."""
        looks = [self.places.prefecture, self.places.province] if self.level == "county" else [self.places.province]
        for look in looks:
            try:
                place = look(text)
            except UnknownPlaceError:
                continue
            self._remember(place)
            return Found(aside=f"the total of the {place.level} {place.name_zh}")
        return Found(aside="the total of the country") if text in ("中国", "China", NATION, "100000") else None

    def _another_kind(self, text: str, within: str) -> Found | None:
        """A county that was of another kind then (县, now 市 or 区), where one alone bears the name."""
        bare = bare_name(text)
        if bare == text:
            return None
        for where in filter(None, self._around(within)):
            try:
                place = self.places.county(bare, where)
            except UnknownPlaceError:
                continue
            return Found(
                place.code, note=f"{text} is {place.code} {place.name_zh}, which another kind of county bears now"
            )
        return None


def _code(value: object) -> str:
    """Six digits of a code, as text or number, or empty."""
    if isinstance(value, bool) or value is None:
        return ""
    text = plain(int(value) if isinstance(value, float) and value.is_integer() else value)
    text = re.sub(r"\.0+$", "", text)  # a spreadsheet or program took it for a number
    if len(text) == 12 and text.isdigit() and text.endswith(CODE_DIGITS * "0"):  # as the statistics bureau lists them
        text = text[:CODE_DIGITS]
    return text if len(text) == CODE_DIGITS and text.isdigit() else ""
