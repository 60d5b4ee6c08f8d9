"""Places among the parameters of a run by their codes, however they were written, so that one place is one run."""

from collections.abc import Callable, Mapping
from typing import Any

from shanhai.core.errors import UnknownPlaceError
from shanhai.core.places import CODE_DIGITS, NATION, Place, is_nation

_LEVELS: Mapping[str, str] = {
    "prefecture": "prefecture",
    "county": "county",
    "province": "province",
    "home": "province",
    "neighbour": "province",
    "place": "place",
    "reference": "place",
}
"""What each parameter that names a place is: how it is looked up."""


def with_codes(parameters: Mapping[str, Any], *, pairs: bool = False) -> dict[str, Any]:
    """Parameters with the codes of places in place of names and numbers: 巴中, Bazhong and 511900 are one run.

    Parameters
    ----------
    parameters : mapping of name to value
    pairs : bool
        Also of both places of a pair, whose listed runs bear names.

    Raises
    ------
    UnknownPlaceError
        If there is no such place, or several bear the name.

    Examples
    --------
    >>> with_codes({"prefecture": "巴中", "county": "", "draws": 99})
    {'prefecture': '511900', 'county': '', 'draws': 99}
    """
    found = {
        name: _code_of(name, value) if name in _LEVELS and _may_be_name(value) else value
        for name, value in parameters.items()
    }
    if pairs and isinstance(found.get("pair"), str):
        found["pair"] = _codes_of_pair(found["pair"])
    return found


def is_place(name: str) -> bool:
    """Whether a parameter of this name is a place."""
    return name in _LEVELS


def with_places(key: str, parameters: Mapping[str, Any]) -> str:
    """Name of a run, and behind it the names of its places in Chinese and English.

    Examples
    --------
    >>> with_places("04-report-city-county=331127", {"county": "331127"})
    '04-report-city-county=331127 景宁畲族自治县 Jingning'
    """
    codes = [(name, str(value)) for name, value in parameters.items() if is_place(name) and value]
    return " ".join([key, *(said for name, code in codes if (said := _name_of(name, code)))])


def _name_of(name: str, code: str) -> str:
    from shanhai.data.load import load_places

    if is_nation(code):
        return "全国 China"
    try:
        place: Place = getattr(load_places(), _LEVELS[name])(code)
    except UnknownPlaceError:
        return ""  # what is wrong with it is said where it is checked
    return f"{place.name_zh} {place.name_en}"


def _may_be_name(value: object) -> bool:
    """Whether a value may be a place that is not written as its code yet; blanks stand for no place."""
    if isinstance(value, str):
        return bool(value.strip()) and not (value.isascii() and value.isdigit() and len(value) == CODE_DIGITS)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _code_of(name: str, value: str | float) -> str:
    from shanhai.data.load import load_places  # a run without places needs no table

    if _LEVELS[name] == "place" and is_nation(value):
        return NATION
    look_up: Callable[[Any], Place] = getattr(load_places(), _LEVELS[name])
    return look_up(value).code


def _codes_of_pair(pair: str) -> str:
    from shanhai.data.collaboration import PROGRAMME
    from shanhai.data.load import load_places, load_table
    from shanhai.studies.collaboration.analysis import find_pair

    codes = find_pair(pair, load_table("pairings"), load_places())
    return codes[0] if codes == PROGRAMME else "-".join(codes)
