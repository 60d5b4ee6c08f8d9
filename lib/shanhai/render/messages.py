"""Messages of a command in Chinese: by forms with holes, since code says them in English, where errors are raised.

A table of forms has for each message its English, as code says it, and its Chinese. The values of a message stand in
holes: one whose name begins with ``t_`` holds what is itself a message, one that begins with ``q_`` a quoted value,
one of ``n`` or ``n_`` a number. What no form fits stays English, so that nothing is lost.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from shanhai.render.words import Pair, Words

_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|['"].{79}…"""
_NUMBER = r"-?[\d,.]+(?:e[+-]?\d+)?%?"
_HOLES = (
    *(("q_", _QUOTED), ("t_", ".*?"), ("n_", _NUMBER), ("id_", "[a-z][a-z0-9_]*"), ("l_", "[^;]+")),
    *(("f_", r".+?\.[A-Za-z]{2,7}"), ("w_", r"[^\s:,]+"), ("", ".+?")),
)
"""What may stand in a hole, by the beginning of its name: a value as code quotes it, a message, a number, a
name of code, a text without semicolons, a name of a file, a word, a text."""

_JOINTS = ((". ", "", "."), ("; ", "；", ""), (": ", "：", ""), (", ", "、", ""))
"""What may join two messages, what joins them in Chinese, and what belongs to the first."""

_COMMON = Words.beside(__file__, "messages.toml").labels("said")


@dataclass(frozen=True)
class Messages:
    """Forms of the messages of one room, beside those of places, tables and files that all rooms use."""

    own: Mapping[str, Pair]

    def __call__(self, text: str, language: str) -> str:
        """Text in a language: as it is, or its Chinese line by line where ``language`` is ``zh``.

        Examples
        --------
        >>> Messages({"gone": ("There is no file {path}. Correct the path.", "没有文件{path}，请改正路径。")})(
        ...     "There is no file a.csv. Correct the path.", "zh"
        ... )
        '没有文件a.csv，请改正路径。'
        """
        return "\n".join(map(self._line, text.split("\n"))) if language == "zh" else text

    def _line(self, line: str) -> str:
        bare = line.lstrip(" ")
        return line[: len(line) - len(bare)] + self._said(bare)

    def _said(self, text: str) -> str:
        """Chinese of a message, or of as many of its parts as some form fits."""
        if (whole := self._fitted(text)) is not None:
            return whole
        for joint, chinese, kept in _JOINTS:
            for match in re.finditer(re.escape(joint), text):
                if (first := self._fitted(text[: match.start()] + kept)) is not None:
                    return first + chinese + self._said(text[match.end() :])
        return text

    def _fitted(self, text: str) -> str | None:
        for pattern, chinese in self._forms:
            if (match := pattern.fullmatch(text)) is not None:
                held = match.groupdict()
                return chinese.format(**{name: self._held(name, value) for name, value in held.items()})
        return None

    def _held(self, name: str, value: str) -> str:
        return self._said(value) if name.startswith("t_") else value

    @cached_property
    def _forms(self) -> list[tuple[re.Pattern[str], str]]:
        """Patterns and Chinese, those with most letters of their own first."""
        pairs = sorted([*self.own.values(), *_COMMON.values()], key=lambda pair: -len(re.sub(r"\{\w+\}", "", pair[0])))
        return [(_pattern(english), chinese) for english, chinese in pairs]


def _pattern(english: str) -> re.Pattern[str]:
    parts = re.split(r"(?<!\{)\{(\w+)\}(?!\})", english)  # text and names of holes in turn
    written = []
    for number, part in enumerate(parts):
        hole = _NUMBER if part == "n" else next(pattern for start, pattern in _HOLES if part.startswith(start))
        text = re.escape(part.replace("{{", "{").replace("}}", "}"))
        written.append(f"(?P<{part}>{hole})" if number % 2 else text)
    return re.compile("".join(written), re.DOTALL)
