"""Chinese as the glossary has it: one word for a thing, full-width punctuation, one style of ranges, no code names."""

import csv
import re
from pathlib import Path

import pytest
import written
from written import Text

from shanhai.core.fields import DICTIONARY, FRAME_DICTIONARY
from shanhai.core.paths import DATA, LIBRARY

GLOSSARY = DATA / "glossary.csv"

DICTIONARIES = {"data/dictionary.csv", "data/frame_dictionary.csv"}
"""Descriptions of columns, which name tables and values as the files spell them."""


def _split(cell: str) -> list[str]:
    return [form for form in cell.split(";") if form]


with GLOSSARY.open(encoding="utf-8", newline="") as _stream:
    ROWS = list(csv.DictReader(_stream))

AVOIDED = {form: row for row in ROWS for form in _split(row["avoid"])}
"""Form that must not appear, and the row that says what to write."""

_READ = {f"lib/shanhai/intake/{module}.py" for module in ("cells", "kinds", "layout", "names")}
_READ |= {"lib/shanhai/run/asked.py"}
"""Modules whose Chinese is patterns of what yearbooks print or users type: it is read, never written."""

FILES = [
    path
    for path in written.files()
    if written.name(path) not in _READ and any(text.has_chinese for text in written.texts(path))
]

_HAN = "[㐀-鿿]"
_HALF = re.compile(rf"(?<={_HAN})\s?[(),;:?!]|[(),;:?!]\s?(?={_HAN})")
_HALF_BETWEEN = re.compile(rf"(?<={_HAN})[(),;:?!](?={_HAN})")
_YEAR = r"(?:19|20)\d\d(?:/\d\d)?"
_RANGES = (
    (re.compile("–"), "en dash; — between years, ～ or 至 between values"),
    (re.compile(rf"(?!{_YEAR}—{_YEAR})(?<![\d/.])[\d.]+(?:/\d\d)?%?—[\d.]+"), "— between values: ～ or 至"),
    (re.compile(rf"(?<!\d){_YEAR}[-~～]{_YEAR}"), "years are joined by —"),
    (re.compile(rf"\d[-~]\d[\d.%]*{_HAN}"), "- or ~ between values: ～ or 至"),
)
_CODE = re.compile(r"(?<![\w/.])[a-z][a-z0-9]*_[a-z0-9_]+(?!\w)|\bcluster\(|\bconley\(|CR1S", re.ASCII)
_ENGLISH_TRUTH = re.compile(r"(?<![\w-])(yes|no|true|false)(?![\w-])", re.IGNORECASE | re.ASCII)
_MEASURE = re.compile(r"[\d}]\s?对数点")


def avoided_in(said: str) -> list[str]:
    """Forms of the glossary that a text uses, outside the longer words that are allowed."""
    found = []
    for form, row in AVOIDED.items():
        if form in said:
            rest = said
            for longer in _split(row["except"]):
                rest = rest.replace(longer, "")
            if form in rest:
                found.append(f"{form}: {row['zh']} ({row['english']})")
    return found


def faults(text: Text, of_dictionary: bool = False) -> list[str]:
    """What an editor would strike out of one text."""
    bare = re.sub(r"`[^`]*`|\$\$?[^$]+\$\$?|\]\([^)]*\)|https?://\S+", "", text.said)
    filled = re.sub(r"\{[^{}]*\}", "{}", bare)
    found = avoided_in(bare)
    half = _HALF if text.is_chinese else _HALF_BETWEEN
    found += [f"half-width {mark.strip()}" for mark in sorted(set(half.findall(filled)))]
    if text.is_chinese:
        found += [f"{match[0]}: {why}" for pattern, why in _RANGES for match in pattern.finditer(filled)]
        found += [f"{match[0]}: name of code" for match in _CODE.finditer(filled) if not of_dictionary]
        found += [f"{match[0]}: 是/否" for match in _ENGLISH_TRUTH.finditer(filled)]
        found += ["对数点 without 个 after a number" for _ in _MEASURE.finditer(filled)]
    return found


_REFERENCE = re.compile(r"\[(?:[JMZRDNC]|[A-Z]{1,2}/OL)\]|GB/T \d+—\d{4}")
"""A reference by GB/T 7714—2015, which has rules of its own, or the name of a standard."""


def violations(path: Path) -> list[str]:
    """Faults of the Chinese of one file, each with its place and the text."""
    of_dictionary = written.name(path) in DICTIONARIES
    return [
        f"{text.place}: {fault} | {text.said}"
        for text in written.texts(path)
        if text.has_chinese and not _REFERENCE.search(text.said)
        for fault in faults(text, of_dictionary)
    ]


@pytest.mark.parametrize("path", FILES, ids=written.name)
def test_chinese_follows_the_glossary(path: Path) -> None:
    assert violations(path) == []


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("与内陆县相比", "内陆县"),
        ("省际边界县(共{n}个)", "half-width ("),
        ("检验: 显著", "half-width :"),
        ("{first}–{last}年", "en dash"),
        ("2010-2020年", "joined by —"),
        ("1—4岁人口", "～ or 至"),
        ("标准误为cluster(prefecture_code)", "name of code"),
        ("列county_lights的数值", "name of code"),
        ("是否相邻：yes", "是/否"),
        ("差距为{points}对数点", "without 个"),
        ("26 mountain counties (县,市)", "half-width ,"),
    ],
)
def test_what_an_editor_strikes_out_is_found(said: str, fault: str) -> None:
    assert any(fault in found for found in faults(Text("here", said, not said.startswith("26"))))


@pytest.mark.parametrize(
    "said",
    [
        "山区26县中有{n}个为省际边界县（共{all}个），其余为非边界县。",
        "2010—2020年为1～4岁人口的{share}%；2001/03—2010/12年",
        "发展的结果变量不作控制",
        "差距为{points}个对数点（×100）",
        "26 mountain counties 山区26县, computed (and checked): see 说明, too",
        "运行`run 04-report-city -p prefecture=511900`",
    ],
)
def test_what_stands_by_the_rules_is_let_pass(said: str) -> None:
    assert faults(Text("here", said)) == []


def test_the_glossary_keeps_its_own_rules() -> None:
    """One row a term; no form is avoided twice, or by a term that is to be used; an exception holds what it excepts."""
    assert len({row["english"] for row in ROWS}) == len(ROWS) > 200
    assert sum(len(_split(row["avoid"])) for row in ROWS) == len(AVOIDED)
    assert [row["zh"] for row in ROWS if avoided_in(row["zh"])] == []
    assert all(any(form in longer for form in _split(row["avoid"])) for row in ROWS for longer in _split(row["except"]))


def test_the_glossary_names_what_the_code_has() -> None:
    sources = [*LIBRARY.rglob("*.py"), *LIBRARY.rglob("*.toml"), DICTIONARY, FRAME_DICTIONARY]
    spelled = {word for path in sources for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    names = [name for row in ROWS for name in row["code_name"].split(", ") if name]
    assert len(names) > 100
    assert [name for name in names if name not in spelled] == []
