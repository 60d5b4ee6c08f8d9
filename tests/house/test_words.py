"""Files of words: both languages say the same, with the same numbers."""

import ast
import json
import re
import string
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from shanhai.core.errors import ParameterError, ReportError
from shanhai.core.paths import LIBRARY, NOTEBOOKS
from shanhai.render.words import Words

FILES = sorted(LIBRARY.rglob("*.toml"))
"""All files of words: the library has no other TOML."""


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


def pattern_of(text: ast.expr) -> str:
    """Regular expression of a text, whose holes may be anything; of another expression one that nothing matches."""
    if isinstance(text, ast.JoinedStr):
        return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in text.values)
    return re.escape(str(text.value)) if isinstance(text, ast.Constant) else "(?!)"


def said_in(code: str) -> Callable[[str], bool]:
    """Whether code names a key: quoted in full, by its quoted group and ``labels``, or by a text with holes.

    A text whose first part is a hole says the key of a group only that is quoted somewhere.
    """
    tree = ast.parse(code)
    quoted = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    groups = {
        pattern_of(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "labels"
        if node.args
    }
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) and "." in ast.unparse(node)]
    patterns = [(isinstance(text.values[0], ast.Constant), re.compile(pattern_of(text))) for text in texts]

    def said(key: str) -> bool:
        above = {key[: dot.start()] for dot in re.finditer(r"\.", key)}
        named = [first for first, pattern in patterns if pattern.fullmatch(key)]
        labelled = any(re.fullmatch(group, part) for group in groups for part in above)
        return key in quoted or labelled or any(named) or bool(named and above & quoted)

    return said


def speaker_of(path: Path) -> str:
    """Code that says the words of a file: the modules beside it, or the notebook of the study."""
    if path.name != "notebook.toml":
        return "\n".join(module.read_text(encoding="utf-8") for module in sorted(path.parent.glob("*.py")))
    study = f"shanhai.studies.{path.parent.name} import"
    codes = [
        "\n".join("".join(cell["source"]) for cell in json.loads(file.read_text(encoding="utf-8"))["cells"][1:])
        for file in sorted(NOTEBOOKS.glob("*.ipynb"))
    ]
    return "\n".join(code for code in codes if study in code and "Prose(words.NOTEBOOK" in code)


def test_every_entry_is_named_in_the_code_beside_it() -> None:
    """An entry that no module of the folder, or no cell of its notebook, names is said by nobody."""
    unsaid = []
    for path in FILES:
        said = said_in(speaker_of(path))
        keys = [key for key, _ in entries(tomllib.loads(path.read_text(encoding="utf-8")))]
        unsaid += [f"{path.parent.name}/{path.name}: {key}" for key in keys if not said(key)]
    assert unsaid == []


def test_a_key_is_not_named_by_part_of_another_word_or_by_prose() -> None:
    said = said_in('''
"""The gap.sum is prose, and gap.summary another word."""
W.pair("gap.size"); W.pair(f"side.{way}"); W.labels("unit"); W.labels(f"choice.{key}.label")
W.pair(f"{group}.{name}") if group == "kind" else ""
''')
    assert [said(key) for key in ("gap.size", "side.below", "unit.km", "choice.a.label.b", "kind.of")] == [True] * 5
    assert [said(key) for key in ("gap.sum", "gap.summary", "gap", "size", "other.of", "side", "choice.a.name")] == [
        False
    ] * 7


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
        (lambda words: words("way.size", "en", m="3"), "names 'n'; given are 'm'"),
        (lambda words: words.labels("road"), "no group 'road'; it has way"),
    ],
)
def test_what_is_not_there_is_named(words: Words, call: Any, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        call(words)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[a]\nen = "x {n}"\nzh = "y"', "names 'n' in English and no values in Chinese"),
        ('[a]\nen = "x"\nzh = "y {n}"', "names no values in English and 'n' in Chinese"),
        ('[a]\nen = "x"\nzh = ""', "has an empty text"),
        ('[a]\nen = " "\nzh = "x"', "has an empty text"),
        ('a = "  "', "has an empty text"),
        ('["a.b"]\nen = "x"\nzh = "y"\n[a.b]\nen = "X"\nzh = "Y"', "has a dot in a quoted name"),
        *(
            (f'[a]\nen = "x {wrong}"\nzh = "y"', message)
            for wrong, message in (
                ("{ n", "has a brace alone"), ("n}", "has a brace alone"), ("{}", "asks for ''"),
                ("{0}", "asks for '0'"), ("{ n}", "asks for ' n'"), ("{n.real}", r"asks for 'n\.real'"),
                ("{n[9]}", r"asks for 'n\[9\]'"), ("{n:.2f}", "asks for 'n'"), ("{n!r}", "asks for 'n'"),
                ("{joint}", "asks for 'joint'"),
            )
        ),
        ("[a\nen=", "is no TOML in UTF-8: .* line 1"),
    ],
)  # fmt: skip
def test_a_file_that_would_fail_later_is_refused_by_name_when_it_is_read(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "words.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ReportError, match=message) as refused:
        Words.beside(str(tmp_path / "module.py"))
    assert f"{tmp_path.name}/words.toml" in str(refused.value)


def test_a_file_that_is_absent_or_in_another_encoding_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"gone\.toml cannot be read: No such file"):
        Words.beside(str(tmp_path / "module.py"), "gone.toml")
    (tmp_path / "words.toml").write_bytes('a = "衢州"'.encode("gb18030"))
    with pytest.raises(ReportError, match=r"words\.toml is no TOML in UTF-8"):
        Words.beside(str(tmp_path / "module.py"))


@pytest.mark.parametrize("value", [3, 3.5, None, True, ("a",), ("a", "b", "c"), ("a", 3), ["a", "b"]], ids=repr)
def test_a_value_that_is_no_text_is_refused(words: Words, value: Any) -> None:
    with pytest.raises(ReportError, match=r"'n' for 'way\.size' of .*words\.toml is .*; allowed: a text, or a pair"):
        words("way.size", "en", n=value)


def test_a_value_that_nothing_in_the_group_asks_for_is_refused(words: Words) -> None:
    """Forms of one sentence lie in one group and are given the same values, of which each says some."""
    assert words("way.one", "en", n="3") == "km"
    with pytest.raises(ReportError, match=r"'way\.one' of .*words\.toml names no values; given are 'm'\. Pass"):
        words("way.one", "en", m="3")
    with pytest.raises(ReportError, match=r"'a' of here names no values; given are 'n'\. Pass"):
        Words("here", {"a": ("x", "y"), "b": ("{n}", "{n}")})("a", "en", n="3")


def test_an_unknown_language_is_refused(words: Words) -> None:
    with pytest.raises(ParameterError, match="language 'fr' is unknown"):
        words("way.one", "fr")


@pytest.mark.parametrize("text", ["a = 3\n", '[a]\nen = "x"\n', '[a]\nen = "x"\nzh = 3\n'])
def test_an_entry_without_both_languages_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "words.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ReportError, match="allowed: a text, or a table of two texts, en and zh"):
        Words.beside(str(tmp_path / "module.py"))
