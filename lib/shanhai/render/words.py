"""Sentences and labels as data: a ``words.toml`` beside the code of each study, which an editor reads without Python.

An entry is a table with ``en`` and ``zh``, or one text where both languages write the same (a unit, a symbol), which is
empty where a form of a sentence says nothing::

    [pairs.distance]
    en = "Distance: partners are {observed} km apart on average, drawn pairs {expected} km (p = {p}): {verdict}."
    zh = "距离：所列结对平均相距{observed}千米，随机结对{expected}千米（p = {p}）：{verdict}。"

Numbers are code: they come in by name, already printed, as one text or, where the languages write them differently, as
a pair of English and Chinese. Where a sentence depends on a result, each form is an entry of its own.
"""

import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from shanhai.core.errors import ReportError
from shanhai.render.style import check_language, label

_JOINT = "joint"
"""Argument of a call that is no value of a text."""

Pair = tuple[str, str]
"""English and Chinese."""


@dataclass(frozen=True)
class Words:
    """The words of one study."""

    file: str
    """Name of the file, for messages."""
    entries: Mapping[str, Pair]
    """English and Chinese by key, groups joined to keys with dots."""

    def __post_init__(self) -> None:
        for key, pair in self.entries.items():
            _check_entry(f"{key!r} of {self.file}", pair)

    @classmethod
    def beside(cls, module_file: str, name: str = "words.toml") -> "Words":
        """Read the words that lie beside a module.

        Parameters
        ----------
        module_file : str
            ``__file__`` of the module.
        name : str
            Name of the file.

        Raises
        ------
        ReportError
            If the file is absent or no TOML, or an entry lacks a language, holds anything but text, has a dot in its
            name, or asks for values that are not plain names, the same in both languages.
        """
        path = Path(module_file).with_name(name)
        file = f"{path.parent.name}/{name}"
        try:
            tree = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ReportError(f"{file} cannot be read: {error.strerror}. Put it beside the module.") from error
        except ValueError as error:  # of the encoding or of the syntax
            raise ReportError(f"{file} is no TOML in UTF-8: {error}. Correct the line it names.") from error
        return cls(file, dict(_entries(tree, file)))

    def __call__(self, key: str, language: str, /, *, joint: str = " ", **values: str | Pair) -> str:
        """Text of an entry in a language, ``both`` with ``joint`` between the languages.

        Raises
        ------
        ReportError
            If the key, or a value that the text names, is absent, or a value is no text or one that nothing in the
            group of the key asks for.
        ParameterError
            If the language is unknown.

        Examples
        --------
        >>> words = Words("here", {"area": ("{size} square kilometres", "{size}平方千米")})
        >>> words("area", "zh", size="12")
        '12平方千米'
        """
        return label(language, *self.pair(key, **values), joint=joint)

    def pair(self, key: str, /, **values: str | Pair) -> Pair:
        """English and Chinese text of an entry.

        Raises
        ------
        ReportError
            If the key, or a value that the text names, is absent, or a value is no text or one that nothing in the
            group of the key asks for.
        """
        english, chinese = self._entry(key)
        asked = _placeholders(english)
        more = values.keys() - asked
        if asked - values.keys() or (more and more - self._asked_in_group(key)):
            raise ReportError(
                f"{key!r} of {self.file} names {_listed(asked)}; given are {_listed(values)}. Pass what it, or another "
                "form in its group, names and nothing else, or correct the text."
            )
        for name, value in values.items():
            if not (_is_text(value) or (isinstance(value, tuple) and len(value) == 2 and all(map(_is_text, value)))):
                raise ReportError(
                    f"{name!r} for {key!r} of {self.file} is {value!r}; allowed: a text, or a pair of texts in English "
                    "and Chinese. Print numbers with shanhai.render.numbers first."
                )
        given = [{name: _of(value, side) for name, value in values.items()} for side in (0, 1)]
        return english.format(**given[0]), chinese.format(**given[1])

    def labels(self, group: str, **values: str | Pair) -> dict[str, Pair]:
        """Labels of a group by their key inside it, in the order of the file; with values, these filled in.

        Raises
        ------
        ReportError
            If there is no such group.

        Examples
        --------
        >>> Words("here", {"side.left": ("left", "左"), "side.right": ("right", "右")}).labels("side")["left"]
        ('left', '左')
        """
        start = f"{group}."
        inside = {
            key.removeprefix(start): self.pair(key, **values) if values else pair
            for key, pair in self.entries.items()
            if key.startswith(start)
        }
        if not inside:
            raise ReportError(f"{self.file} has no group {group!r}; it has {', '.join(self._groups())}.")
        return inside

    def _entry(self, key: str) -> Pair:
        if key not in self.entries:
            raise ReportError(f"{self.file} has no words {key!r}; it has {', '.join(self.entries)}.")
        return self.entries[key]

    def _asked_in_group(self, key: str) -> frozenset[str]:
        """Values that some entry of the group asks for: forms of one sentence are given the same."""
        group, _, _ = key.partition(".")
        inside = (english for other, (english, _) in self.entries.items() if other.partition(".")[0] == group)
        return frozenset().union(*map(_placeholders, inside))

    def _groups(self) -> list[str]:
        return sorted({key.rpartition(".")[0] for key in self.entries if "." in key})


def paragraph(sentences: Iterable[Pair], language: str) -> str:
    """Sentences as a paragraph, English ones apart by a space; ``both`` has two paragraphs.

    Raises
    ------
    ParameterError
        If the language is unknown.

    Examples
    --------
    >>> paragraph([("It rains.", "下雨。"), ("", ""), ("It is wet.", "湿。")], "both")
    'It rains. It is wet.\\n\\n下雨。湿。'
    """
    pairs = list(sentences)
    english, chinese = (glue.join(pair[side] for pair in pairs if pair[side]) for side, glue in enumerate((" ", "")))
    return {"en": english, "zh": chinese, "both": f"{english}\n\n{chinese}"}[check_language(language)]


def listed(items: Iterable[Pair], between: Pair = ("; ", "；")) -> Pair:
    """Items of a list as one text in each language.

    Examples
    --------
    >>> listed([("hills", "山"), ("borders", "界")], (", ", "、"))
    ('hills, borders', '山、界')
    """
    pairs = list(items)
    return between[0].join(english for english, _ in pairs), between[1].join(chinese for _, chinese in pairs)


@cache
def _placeholders(text: str) -> frozenset[str]:
    """Names of the values that a text asks for."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(repr, sorted(names))) or "no values"


def _check_entry(where: str, pair: Pair) -> None:
    """Refuse an empty text, and placeholders that are not plain names, the same in both languages."""
    if pair != ("", "") and not all(text.strip() for text in pair):
        raise ReportError(
            f"{where} has an empty text; allowed: words in both languages, or one empty text where nothing is said in "
            "either. Write them."
        )
    for text in pair:
        try:
            parts = list(string.Formatter().parse(text))
        except ValueError as error:
            raise ReportError(f"{where} has a brace alone ({error}): {text!r}. Close it, or write it twice.") from error
        for _, name, form, conversion in parts:
            if name is None:
                continue
            if not name.isidentifier() or name == _JOINT or form or conversion:
                raise ReportError(
                    f"{where} asks for {name!r} in {text!r}; allowed in braces: a plain name other than {_JOINT}, such "
                    "as {n}. What it stands for is printed in code."
                )
    english, chinese = map(_placeholders, pair)
    if english != chinese:
        raise ReportError(
            f"{where} names {_listed(english)} in English and {_listed(chinese)} in Chinese; allowed: the same values. "
            "Name them in both."
        )


def _entries(tree: Mapping[str, Any], file: str, start: str = "") -> Iterator[tuple[str, Pair]]:
    for name, value in tree.items():
        key = f"{start}{name}"
        if "." in name:
            raise ReportError(f"{key!r} of {file} has a dot in a quoted name; allowed: [a.b] for b in the group a.")
        if isinstance(value, str):
            yield key, (value, value)
        elif isinstance(value, Mapping) and not set(value) & {"en", "zh"}:
            yield from _entries(value, file, f"{key}.")
        elif isinstance(value, Mapping) and set(value) == {"en", "zh"} and all(map(_is_text, value.values())):
            yield key, (value["en"], value["zh"])
        else:
            raise ReportError(f"{key!r} of {file} is {value!r}; allowed: a text, or a table of two texts, en and zh.")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _of(value: str | Pair, side: int) -> str:
    return value if isinstance(value, str) else value[side]
