"""Chinese pages of the methods: one for each English page, with its numbers, its works and its examples, not copies."""

import re
import tomllib

import pytest

from shanhai.core.paths import LIBRARY, ROOT
from shanhai.render.citations import cited_keys
from shanhai.run.mentions import mentions, works_of

DOCS = ROOT / "lib" / "docs"
MADE = {"README", "findings", "references"}
"""Pages that the site has in a form of its own."""

PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((DOCS / "zh").glob("*.md"))}
ENGLISH = {path.stem: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md")) if path.stem not in MADE}

WORDS = (*("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),)
MONTHS = {"October": 10, "November": 11, "December": 12}
OTHERS = {"half": 2, "twice": 2, "once": 1, "tenth": 10, "thousand": 1000}
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_NO_PROSE = re.compile(r"`[^`]*`|\$\$?[^$]+\$\$?|\{\{[^}]*\}\}|\[?@\w+(?:; @\w+)*\]?|\]\([^)]*\)")


def numbers_in(text: str) -> set[float]:
    return {float(found.replace(",", "")) for found in _NUMBER.findall(text)}


def known_to(english: str) -> set[float]:
    """Numbers of an English page, in figures or in words; a name such as CR2 or Q22 gives its figure too."""
    named = {word: value for value, word in enumerate(WORDS)} | MONTHS | OTHERS
    return numbers_in(english) | {
        float(value) for word, value in named.items() if re.search(rf"\b{word}", english, re.I)
    }


def strays(chinese: str, english: str) -> list[float]:
    """Numbers of the prose of a Chinese page that the English page does not have."""
    known = known_to(english)
    said = _NO_PROSE.sub(" ", chinese)
    hundred_millions = {float(found) for found in re.findall(r"([\d.]+)亿", said)}
    return sorted(
        number
        for number in numbers_in(said) - known
        if not (number in hundred_millions and round(number * 100, 6) in known)
    )


def test_each_page_is_there_in_both_languages() -> None:
    assert set(PAGES) == set(ENGLISH)


def test_a_page_is_called_what_the_index_of_the_site_calls_it() -> None:
    words = tomllib.loads((LIBRARY / "report" / "site" / "words.toml").read_text(encoding="utf-8"))
    titles = {page: entry["title"]["zh"] for page, entry in words["methods"]["page"].items()}
    assert {page: text.partition("\n")[0].removeprefix("# ") for page, text in PAGES.items()} == titles


@pytest.mark.parametrize("page", PAGES)
def test_headings_are_chinese(page: str) -> None:
    headings = re.findall(r"^#+ .*", PAGES[page], flags=re.MULTILINE)
    assert headings and headings[0].startswith("# ")
    assert [heading for heading in headings if not re.search("[㐀-鿿]", heading)] == []


@pytest.mark.parametrize("page", PAGES)
def test_numbers_are_those_of_the_english_page(page: str) -> None:
    assert strays(PAGES[page], ENGLISH[page]) == []


def test_a_number_that_drifted_is_found() -> None:
    english = "Of 300 samples 4.9 % reject; 291 million yuan on 28 November 2026, in five years."
    assert strays("300个样本中4.9%拒绝，2.91亿元，2026年11月28日，5年", english) == []
    assert strays("300个样本中4.8%拒绝，2.92亿元", english) == [2.92, 4.8]
    assert strays("`p_99`与 $x_{77}$ 见[@conley1999]", english) == []


@pytest.mark.parametrize("page", PAGES)
def test_works_are_known_and_named_on_the_english_page(page: str) -> None:
    named = {work.key for mention in mentions(ENGLISH[page]) for work in works_of(*mention)}
    assert set(cited_keys(PAGES[page])) - named - set(cited_keys(ENGLISH[page])) == set()


@pytest.mark.parametrize("page", PAGES)
def test_code_is_taken_over_and_not_copied(page: str) -> None:
    assert "```" not in PAGES[page]
    if "```python" in ENGLISH[page]:
        assert "{{block" in PAGES[page]


def test_links_lead_somewhere() -> None:
    linked = {(page, name) for page, text in PAGES.items() for name in re.findall(r"\]\(([^)#:]+\.\w+)\)", text)}
    assert len(linked) >= 10
    assert sorted(f"{page}: {name}" for page, name in linked if not (DOCS / "zh" / name).is_file()) == []
