"""A table of regressions in the forms that are handed on: text, HTML, LaTeX, Typst and Word."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.letters import allowed
from shanhai.core.zipped import untimed

MINUS = "\N{MINUS SIGN}"

_LATEX: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "[": "{[}",
    "]": "{]}",
    MINUS: "$-$",
    **{letter: f"\\{letter}" for letter in "&%$#_"},
}
"""What letters of names mean in LaTeX, and how they are printed as themselves."""

_WORD, _EAST_ASIAN_FONT = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}", "SimSun"

_SUFFIXES: Final = (".txt", ".html", ".tex", ".typ", ".docx")


@dataclass(frozen=True, repr=False)
class RegressionTable:
    """Regressions side by side."""

    frame: pd.DataFrame
    """Cells as text: rows by part (coefficients, effects, regression) and label; columns by outcome, head, number."""
    caption: str
    """Title; may be empty."""
    notes: str
    """What stands below."""

    def text(self) -> str:
        """The table in letters of one width, Chinese ones counted as two."""
        heads = [["", *(str(key[level]) for key in self.frame.columns)] for level in range(self.frame.columns.nlevels)]
        lines: list[list[str] | None] = [*heads, None]
        part = None
        for key, row in zip(self.frame.index, self.frame.to_numpy(), strict=True):
            if part not in (None, key[0]):
                lines.append(None)
            part = key[0]
            cells = [str(cell).split("\n") for cell in row]
            for place in range(max(map(len, cells))):
                label = str(key[1]) if place == 0 else ""
                lines.append([label, *(cell[place] if place < len(cell) else "" for cell in cells)])
        widths = [max(_width(line[column]) for line in lines if line) for column in range(len(heads[0]))]
        rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
        printed = [rule if line is None else _spaced(line, widths) for line in lines]
        return "\n".join([*([self.caption] if self.caption else []), *printed, rule, self.notes])

    def html(self) -> str:
        """The table as a piece of HTML, the same bytes each time."""
        made = str(self._escaped(allowed).make("gt").as_raw_html())
        drawn = made[len('<div id="') : made.index('"', len('<div id="'))]  # by lot, at each call
        return made.replace(drawn, f"t{hashlib.sha256(self.text().encode()).hexdigest()[:10]}")

    def latex(self) -> str:
        """The table for LaTeX (packages booktabs, tabularx, threeparttable, makecell), names of columns escaped."""
        return str(self._escaped(_latex).make("tex"))

    def typst(self) -> str:
        """The table as a figure for Typst."""
        return _typst_unmarked(self._escaped(_typst).make("typst"))

    def word(self) -> bytes:
        """A Word document with the table, the same bytes each time; Chinese characters in SimSun."""
        document = self._escaped(allowed).make("docx")
        for fonts in document.element.iter(f"{_WORD}rFonts"):
            fonts.set(f"{_WORD}eastAsia", _EAST_ASIAN_FONT)
        stream = BytesIO()
        document.save(stream)
        return untimed(stream.getvalue())

    def save(self, path: str | Path) -> Path:
        """Write the table to ``path``: .txt, .html, .tex, .typ or .docx by the end of the name; the path written.

        Raises
        ------
        SpecificationError
            If the name ends otherwise.
        """
        target = Path(path)
        match target.suffix.lower():
            case ".docx":
                content = self.word()
            case ".txt" | ".html" | ".tex" | ".typ" as suffix:
                made = {".txt": self.text, ".html": self.html, ".tex": self.latex, ".typ": self.typst}
                content = (made[suffix]() + "\n").encode()
            case suffix:
                raise SpecificationError(
                    f"a table cannot be saved as {suffix or 'a file without suffix'}; allowed: {', '.join(_SUFFIXES)}. "
                    f"Name it {target.stem}.docx."
                )
        target.write_bytes(content)
        return target

    def _escaped(self, escape: Any) -> Any:
        """The table of maketables with every text escaped for a language."""
        from maketables import MTable

        frame = self.frame.map(escape)
        frame.index = pd.MultiIndex.from_tuples([(part, escape(label)) for part, label in frame.index])
        frame.columns = pd.MultiIndex.from_tuples([tuple(map(escape, key)) for key in frame.columns])
        return MTable(frame, notes=escape(self.notes), caption=escape(self.caption) or None, rgroup_display=False)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return self.html()

    def _repr_latex_(self) -> str:
        return self.latex()


def _latex(text: Any) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in allowed(str(text)))


_TYPST: Final = {letter: chr(0xE000 + place) for place, letter in enumerate("*$`@~/=+-.")}
"""Letters with a meaning in Typst that maketables does not escape, and what stands for them until it has written."""


def _typst(text: Any) -> str:
    """Text with marks for letters that Typst would read; ``=``, ``+``, ``-`` and ``1.`` mean something at the start."""
    unmarked = allowed(str(text)).translate(
        dict.fromkeys(map(ord, _TYPST.values()))
    )  # a mark of ours is no one's letter
    marked = re.sub(r"[*$`@~/]", lambda found: _TYPST[found[0]], unmarked)
    return re.sub(r"^(\d*)([=+-]|\.(?=\s|$))", lambda found: found[1] + _TYPST[found[2]], marked, count=1)


def _typst_unmarked(text: str) -> str:
    for letter, mark in _TYPST.items():
        text = text.replace(mark, f"\\{letter}")
    return text


def _width(text: str) -> int:
    """Places that a text takes in letters of one width."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return wide + sum(not unicodedata.combining(letter) for letter in text)


def _spaced(line: list[str], widths: list[int]) -> str:
    """Labels to the left, cells to the right."""
    first, *others = [" " * (width - _width(text)) for text, width in zip(line, widths, strict=True)]
    return "  ".join([line[0] + first, *(space + text for space, text in zip(others, line[1:], strict=True))]).rstrip()
