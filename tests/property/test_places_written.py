"""Every place of the census is found however it is written, and a name that several bear names all of them."""

import re
from collections import defaultdict

import pytest

from shanhai.core.errors import UnknownPlaceError
from shanhai.core.places import Place, Places
from shanhai.data.load import load_places

LEVELS = {"province": 31, "prefecture": 342, "county": 2852}
"""Units of the census of 2020; four prefectures are lists of what provinces administer directly."""


@pytest.fixture(scope="module")
def places() -> Places:
    return load_places()


def of_level(places: Places, level: str) -> list[Place]:
    found = [place for place in places.all if place.level == level]
    assert len(found) == LEVELS[level]
    return found


@pytest.mark.parametrize("level", LEVELS)
def test_every_place_is_found_by_its_code_as_text_and_as_a_number(places: Places, level: str) -> None:
    look_up = getattr(places, level)
    for place in of_level(places, level):
        for code in (place.code, int(place.code), float(place.code), f" {place.code}\t"):
            assert look_up(code) is place
        assert places.place(int(place.code)).code == place.code


def parents(place: Place, places: Places) -> list[Place]:
    codes = [code for code in (place.prefecture_code, place.province_code) if code]
    found = [other for code in codes for other in places.all if other.code == code and other.level != "county"]
    return [other for other in found if other is not place and other.kind != "direct_administration"]


@pytest.mark.parametrize("level", LEVELS)
def test_every_place_is_found_by_its_chinese_name_behind_that_of_its_parent(places: Places, level: str) -> None:
    look_up = getattr(places, level)
    for place in of_level(places, level):
        above = parents(place, places)
        whole = "".join(larger.name_zh for larger in reversed(above)) + place.name_zh
        assert look_up(whole) is place, whole
        for larger in above[:1]:  # its prefecture, or its province
            for name in (larger.name_zh, larger.short_zh):
                assert look_up(f"{name}{place.name_zh}") is place
                assert look_up(f"{name} {place.name_zh}") is place
            assert look_up(place.name_zh, larger.code) is place if level == "county" else True


@pytest.mark.parametrize("level", LEVELS)
def test_every_place_is_found_by_its_english_name_before_that_of_its_parent(places: Places, level: str) -> None:
    """Of two counties of a prefecture that English spells alike, both are named."""
    look_up, shared = getattr(places, level), defaultdict(set)
    for place in of_level(places, level):
        for larger in parents(place, places)[:1]:
            shared[f"{place.name_en}, {larger.short_en}".casefold()].add(place.code)
    for text, codes in shared.items():
        if len(codes) == 1:
            assert {look_up(text).code} == codes, text
        else:
            assert refused(look_up, text) == codes


def refused(look_up: object, text: str) -> set[str]:
    """Codes that an error lists."""
    with pytest.raises(UnknownPlaceError) as error:
        look_up(text)  # type: ignore[operator]
    return set(re.findall(r"\b\d{6}\b", str(error.value)))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("side", ["name_zh", "name_en"])
def test_a_full_name_is_its_own_place_or_names_all_that_bear_it(places: Places, level: str, side: str) -> None:
    look_up, bearers = getattr(places, level), defaultdict(set)
    for place in of_level(places, level):
        bearers[getattr(place, side)].add(place.code)
    several = 0
    for name, codes in bearers.items():
        if len(codes) == 1:
            assert {look_up(name).code} == codes
        else:
            several += 1
            assert refused(look_up, name) == codes
    assert several > 20 or level != "county"
