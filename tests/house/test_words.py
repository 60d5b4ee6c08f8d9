"""Files of words: both languages say the same, with the same numbers."""

import string
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from shanhai.core.errors import ParameterError, ReportError
from shanhai.core.paths import LIBRARY
from shanhai.render.words import Words

FILES = sorted(LIBRARY.rglob("*words*.toml"))


def entries(tree: Mapping[str, Any], start: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping) and not {"en", "zh"} & set(value):
            yield from entries(value, f"{start}{name}.")
        else:
            yield f"{start}{name}", value


def numbers_of(text: str) -> set[str]:
    """Names of the values that a text asks for."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_take_the_same_numbers() -> None:
    uneven = []
    for path in FILES:
        for key, value in entries(tomllib.loads(path.read_text(encoding="utf-8"))):
            if isinstance(value, Mapping) and numbers_of(value["en"]) != numbers_of(value["zh"]):
                uneven.append(f"{path.parent.name}/{path.name}: {key}")
    assert uneven == []


def test_every_group_and_entry_is_named_in_the_code_beside_it() -> None:
    """An entry whose key, or the group it lies in, no module of the folder names is said by nobody."""
    unsaid = []
    for path in FILES:
        code = "".join(module.read_text(encoding="utf-8") for module in sorted(path.parent.glob("*.py")))
        for key, _ in entries(tomllib.loads(path.read_text(encoding="utf-8"))):
            parts = key.split(".")
            if not any(".".join(parts[:length]) in code for length in range(1, len(parts) + 1)):
                unsaid.append(f"{path.parent.name}/{path.name}: {key}")
    assert unsaid == []


@pytest.fixture
def words(tmp_path: Path) -> Words:
    text = '[way]\none = "km"\n[way.size]\nen = "{n} places"\nzh = "{n}处"\n'
    (tmp_path / "words.toml").write_text(text, encoding="utf-8")
    return Words.beside(str(tmp_path / "module.py"))


def test_a_text_comes_in_each_language_and_a_value_may_differ_between_them(words: Words) -> None:
    assert words("way.size", "en", n="3") == "3 places"
    assert words("way.size", "both", n=("three", "三")) == "三处 three places"
    assert words("way.one", "both") == "km"
    assert words.labels("way") == {"one": ("km", "km"), "size": ("{n} places", "{n}处")}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda words: words("way.none", "en"), "has no words 'way.none'; it has way.one, way.size"),
        (lambda words: words("way.size", "en", m="3"), "names 'n'; given are m"),
        (lambda words: words.labels("road"), "no group 'road'; it has way"),
    ],
)
def test_what_is_not_there_is_named(words: Words, call: Any, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        call(words)


def test_an_unknown_language_is_refused(words: Words) -> None:
    with pytest.raises(ParameterError, match="language 'fr' is unknown"):
        words("way.one", "fr")


@pytest.mark.parametrize("text", ["a = 3\n", '[a]\nen = "x"\n', '[a]\nen = "x"\nzh = 3\n'])
def test_an_entry_without_both_languages_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "words.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ReportError, match="allowed: a text, or a table of two texts, en and zh"):
        Words.beside(str(tmp_path / "module.py"))
