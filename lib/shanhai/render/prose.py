"""Prose of a notebook, typeset: Markdown in JupyterLab and on a page, wrapped text in a terminal.

The standing text of a notebook lies in ``notebook.toml`` beside its study, in English and Chinese, each entry one
passage of Markdown that may open with its heading; computed sentences come from the study's ``words.py``. Both are
shown by cells, because a Markdown cell cannot know the language that a reader asks for.
"""

import re
import textwrap
from dataclasses import dataclass
from unicodedata import east_asian_width

from shanhai.core.errors import ReportError
from shanhai.render.citations import reference_list, with_citations
from shanhai.render.style import check_language, label
from shanhai.render.words import Pair, Words

_LINE_START = re.compile(r"(#{1,6} |[-*>|] ?|\d+\. )")
"""Beginnings that keep a line of Markdown apart from the one above."""

_HEADING = re.compile(r"(#{1,6}) +(.+)")

_REFERENCES: Pair = ("References", "参考文献")

_COLUMNS = 100
"""Width of a line in a terminal; a Chinese character takes two columns."""


@dataclass(frozen=True)
class PublishedText:
    """A passage that a notebook cell shows: typeset where Markdown is understood, wrapped where it is not."""

    markdown: str

    def __repr__(self) -> str:
        return "\n".join(_wrapped(line) for line in self.markdown.split("\n"))

    def _repr_markdown_(self) -> str:
        return self.markdown


def publish_text(text: str) -> PublishedText:
    """Text for display at the end of a cell, each paragraph on one line.

    Parameters
    ----------
    text : str
        Markdown. Paragraphs are apart by an empty line; line breaks inside one are undone, without a space beside
        a Chinese character.

    Raises
    ------
    ReportError
        If the text is no text or empty.

    Examples
    --------
    >>> publish_text("Light falls\\ntowards the border.\\n\\n灯光向\\n省界减弱。")
    Light falls towards the border.
    <BLANKLINE>
    灯光向省界减弱。
    """
    if not (isinstance(text, str) and text.strip()):
        raise ReportError(f"The text to publish is {text!r}; allowed: Markdown with words. Leave the cell out instead.")
    return PublishedText("\n\n".join(map(_unbroken, re.split(r"\n\s*\n", text.strip()))))


@dataclass(frozen=True)
class Prose:
    """The standing text of a notebook in the language of its run.

    Attributes
    ----------
    words : Words
        From the ``notebook.toml`` of the study.
    language : str
        ``en``, ``zh`` or ``both``.

    Examples
    --------
    >>> say = Prose(Words("here", {"method": ("### Method\\n\\nWe count.", "### 方法\\n\\n计数。")}), "both")
    >>> print(say("method").markdown)
    ### 方法 Method
    <BLANKLINE>
    We count.
    <BLANKLINE>
    计数。
    """

    words: Words
    language: str

    def __post_init__(self) -> None:
        check_language(self.language)
        # before values are put in, so that a name of the user's that looks like a citation stays a name
        cited = {
            key: (with_citations(english, "en"), with_citations(chinese, "zh"))
            for key, (english, chinese) in self.words.entries.items()
        }
        object.__setattr__(self, "words", Words(self.words.file, cited))

    def __call__(self, key: str, /, **values: str | Pair) -> PublishedText:
        """A passage, with numbers and citations put in; ``both`` has one heading, then English, then Chinese.

        Raises
        ------
        ReportError
            If there is no such passage, or a value that it names is absent.
        """
        english, chinese = self.words.pair(key, **values)
        return publish_text(
            _in_both(english, chinese) if self.language == "both" else label(self.language, english, chinese)
        )

    def text(self, key: str, /, **values: str | Pair) -> str:
        """An entry as plain text, such as the caption of a figure.

        Raises
        ------
        ReportError
            If there is no such entry, or a value that it names is absent.
        """
        return label(self.language, *self.words.pair(key, **values))

    def references(self, *keys: str) -> PublishedText:
        """The works that a notebook cites, as its last passage.

        Parameters
        ----------
        *keys : str
            Keys of ``data/references.bib``.

        Raises
        ------
        ReportError
            If a key is in no entry, or none is given.
        """
        if not keys:
            raise ReportError("No work is to be listed; allowed: one key or more. Leave the cell out instead.")
        entries = "\n".join(f"- {entry}" for entry in reference_list(keys, self.language))
        return publish_text(f"### {label(self.language, *_REFERENCES)}\n\n{entries}")


def _in_both(english: str, chinese: str) -> str:
    """One heading in both languages if both texts open with one, and the paragraphs of each."""
    if english == chinese:
        return english
    texts = [text.strip().partition("\n") for text in (english, chinese)]
    heads = [_HEADING.fullmatch(first) for first, _, _ in texts]
    if heads[0] and heads[1]:
        marks, ours = heads[0].groups()
        parts = [f"{marks} {heads[1].group(2)} {ours}", *(rest.strip() for _, _, rest in texts)]
        return "\n\n".join(filter(None, parts))
    return f"{english.strip()}\n\n{chinese.strip()}"


def _unbroken(paragraph: str) -> str:
    """The lines of a paragraph joined, save where Markdown begins a line anew."""
    lines: list[str] = []
    for line in map(str.strip, paragraph.splitlines()):
        if lines and not _LINE_START.match(line) and not _HEADING.match(lines[-1]):
            lines[-1] += line if _is_wide(lines[-1][-1]) or _is_wide(line[0]) else f" {line}"
        else:
            lines.append(line)
    return "\n".join(lines)


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in "WF"


def _wrapped(line: str) -> str:
    """A line broken at spaces, or anywhere if it is mostly Chinese."""
    wide = sum(map(_is_wide, line))
    width = _COLUMNS * max(len(line), 1) // (len(line) + wide or 1)
    return textwrap.fill(line, width, break_long_words=wide > len(line) / 2, break_on_hyphens=False)
