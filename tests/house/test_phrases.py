"""Phrases that were edited away do not come back: ``phrases.toml`` says which, why, and what to write."""

import re
import tomllib
from pathlib import Path

import pytest
import written

PHRASES = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8"))["phrase"]

_PATTERNS = [(re.compile(entry["phrase"], re.IGNORECASE), entry) for entry in PHRASES]


def phrases_in(said: str) -> list[str]:
    """Phrases of the list that a text uses, each with what to write."""
    return [f"{match[0]}: {entry['instead']}" for pattern, entry in _PATTERNS for match in pattern.finditer(said)]


def violations(path: Path) -> list[str]:
    """Phrases of the list in one file, each with its place and the text."""
    return [f"{text.place}: {phrase} | {text.said}" for text in written.texts(path) for phrase in phrases_in(text.said)]


@pytest.mark.parametrize("path", written.files(), ids=written.name)
def test_no_phrase_comes_back(path: Path) -> None:
    assert violations(path) == []


@pytest.mark.parametrize(
    "said",
    [
        "The border goes with {amount} of the gap.",
        "Distance goes, off the border, with {country} log points.",
        "Of the log points go with: the border",
        "None of 4 tests tells this from zero",
        "It cannot be told from noise.",
        "What no single claim asks",
        "docs: a page a method",
        "280 ways to deal the nine",
        "地形对应差距的{share}%",
        "与零无法区分",
        "注册回归的结果",
    ],
)
def test_a_phrase_of_the_list_is_found(said: str) -> None:
    assert phrases_in(said)


@pytest.mark.parametrize(
    "said",
    ["The notebooks go through the evidence.", "It is associated with {amount}.", "2017年边界，对应2020年的县"],
)
def test_other_words_are_let_pass(said: str) -> None:
    assert phrases_in(said) == []


def test_each_phrase_says_why_and_what_instead() -> None:
    assert [entry for entry in PHRASES if set(entry) != {"phrase", "why", "instead"} or not all(entry.values())] == []
