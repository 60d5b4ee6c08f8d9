"""A paper as a value: what stands in it, before it is written in any format."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from shanhai.core.errors import ReportError
from shanhai.render import numbers

Kind = Literal["plain", "strong", "emphasis", "code", "link"]

_PARSER = MarkdownIt("commonmark", {"html": False})
"""Markdown as the notebooks write it; HTML in it stays text."""

_P_VALUE = re.compile(r"\bp [=<>] (?=[\d.])", re.ASCII)
"""What stands before a p-value."""

WIDEST, TALLEST = 160.0, 205.0
"""Room that a page leaves to a figure, in millimetres."""

_MARKS: dict[str, Kind] = {"strong_open": "strong", "em_open": "emphasis", "link_open": "link"}


@dataclass(frozen=True)
class _Run:
    """Characters in one form."""

    text: str
    kind: Kind = "plain"
    address: str = ""
    """Where a link leads; only addresses of the web are kept."""


Line = tuple[_Run, ...]
"""Runs that follow each other."""


@dataclass(frozen=True)
class Heading:
    """Title of a section (level 1) or of a part of one (level 2)."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    line: Line


@dataclass(frozen=True)
class Bullets:
    """Items of a list."""

    items: tuple[Line, ...]


@dataclass(frozen=True)
class PrintedTable:
    """A three-line table with its number."""

    number: int
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    """Which columns are set flush right and never broken."""
    rules_before: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PrintedFigure:
    """A figure with its number."""

    number: int
    caption: str
    vector: Path
    pixels: Path
    width_inches: float
    height_inches: float

    def size(self, widest: float = WIDEST, tallest: float = TALLEST) -> tuple[float, float]:
        """Width and height in millimetres: as drawn, or as much smaller as the room demands.

        Examples
        --------
        >>> PrintedFigure(1, "", Path("a.pdf"), Path("a.png"), 10.0, 5.0).size()
        (160.0, 80.0)
        """
        factor = min(1.0, widest / (25.4 * self.width_inches), tallest / (25.4 * self.height_inches))
        return factor * 25.4 * self.width_inches, factor * 25.4 * self.height_inches

    def file(self, kind: Literal["vector", "pixels"]) -> Path:
        """The file of the figure.

        Raises
        ------
        ReportError
            If it is gone.
        """
        path = self.vector if kind == "vector" else self.pixels
        if not path.is_file():
            raise ReportError(f"The figure {path} is gone; run `shanhai reproduce` again.")
        return path


@dataclass(frozen=True)
class References:
    """The works that the text cites, one line each."""

    title: str
    entries: tuple[Line, ...]


Block = Heading | Paragraph | Bullets | PrintedTable | PrintedFigure | References


@dataclass(frozen=True)
class Paper:
    """A paper in one language."""

    language: str
    title: str
    byline: str
    abstract: str
    keywords: tuple[str, ...]
    labels: dict[str, str]
    """Words of the form itself: abstract, keywords, table, figure, imprint."""
    blocks: tuple[Block, ...]

    def tables(self) -> list[PrintedTable]:
        """Its tables in order."""
        return [block for block in self.blocks if isinstance(block, PrintedTable)]

    def figures(self) -> list[PrintedFigure]:
        """Its figures in order."""
        return [block for block in self.blocks if isinstance(block, PrintedFigure)]

    def texts(self) -> Iterator[str]:
        """Every text of the paper that is no cell of a table."""
        yield from (self.title, self.byline, self.abstract, *self.keywords)
        for block in self.blocks:
            yield from _texts_of(block)


def plain(line: Sequence[_Run]) -> str:
    """Characters of a line without their form."""
    return "".join(run.text for run in line)


def typeset(text: str) -> str:
    """Text as print has it: a hyphen that stands for a minus is one, a p-value stays on its line, apostrophes are bent.

    Examples
    --------
    >>> typeset("-0.117 [-0.201, -0.033] in 2013-2022, doi 0-912")
    '−0.117 [−0.201, −0.033] in 2013-2022, doi 0-912'
    >>> typeset("变化为-0.2%")
    '变化为−0.2%'
    >>> typeset("Chun'an's gap and its counties' shares, named 'natural'")
    'Chun’an’s gap and its counties’ shares, named ‘natural’'
    """
    text = re.sub(r"(?<![^\s(\[（“])'(?=\S)", "‘", text).replace("'", "’")
    return _P_VALUE.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), numbers.with_minus(text))


def blocks_of(markdown: str) -> tuple[Block, ...]:
    """Headings, paragraphs and lists of a passage of Markdown; headings are of level 2.

    Raises
    ------
    ReportError
        If the passage holds anything else, such as a table or a picture.

    Examples
    --------
    >>> blocks_of("Light *falls* by -0.2.")[0].line[1:]
    (_Run(text='falls', kind='emphasis', address=''), _Run(text=' by −0.2.', kind='plain', address=''))
    """
    blocks: list[Block] = []
    items: list[Line] = []
    tokens = _PARSER.parse(markdown)
    is_item = is_heading = False
    for token in tokens:
        match token.type:
            case "list_item_open":
                is_item = True
            case "list_item_close":
                is_item = False
            case "bullet_list_close" | "ordered_list_close":
                blocks.append(Bullets(tuple(items)))
                items = []
            case "heading_open":
                is_heading = True
            case "inline" if is_heading:
                blocks.append(Heading(2, plain(line_of(token))))
                is_heading = False
            case "inline" if is_item:
                items.append(line_of(token))
            case "inline":
                blocks.append(Paragraph(line_of(token)))
            case "paragraph_open" | "paragraph_close" | "heading_close" | "bullet_list_open" | "ordered_list_open":
                pass
            case _:
                raise ReportError(
                    f"A paper has no form for {token.type!r} in {markdown[:60]!r}; allowed: headings, paragraphs and "
                    "lists. Leave the passage out of the paper, or write it so."
                )
    return tuple(blocks)


def line_of(source: Token | str) -> Line:
    """Runs of a line of Markdown."""
    token = _PARSER.parseInline(source)[0] if isinstance(source, str) else source
    runs: list[_Run] = []
    forms: list[tuple[Kind, str]] = []
    for child in token.children or []:
        if child.type in _MARKS:
            forms.append((_MARKS[child.type], str(child.attrs.get("href", ""))))
        elif child.type.endswith("_close"):
            forms.pop()
        elif child.type == "code_inline":
            runs.append(_Run(child.content, "code"))
        elif child.type in ("softbreak", "hardbreak"):
            runs.append(_Run(" "))
        else:
            runs.append(_run(child.content, forms))
    return tuple(run for run in runs if run.text)


def _run(text: str, forms: Sequence[tuple[Kind, str]]) -> _Run:
    kind, address = forms[-1] if forms else ("plain", "")
    if kind == "link" and not address.startswith(("http://", "https://")):
        kind, address = "plain", ""  # a page of the project is no address in a paper that is handed on alone
    return _Run(text if kind == "link" else typeset(text), kind, address)


def _texts_of(block: Block) -> Iterator[str]:
    match block:
        case Heading(text=text):
            yield text
        case Paragraph(line=line):
            yield plain(line)
        case Bullets(items=items) | References(entries=items):
            yield from map(plain, items)
        case PrintedTable(caption=caption, notes=notes):
            yield from (caption, *notes)
        case PrintedFigure(caption=caption):
            yield caption
