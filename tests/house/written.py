"""What a reader reads of the project, by file: words, labels of tables, texts in code, cells of notebooks, pages."""

import ast
import csv
import io
import json
import re
import tokenize
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shanhai.core.paths import DATA, LIBRARY, NOTEBOOKS, ROOT

HAN = re.compile(r"[㐀-鿿]")
"""A Chinese character."""

_SOURCES = {"name_zh", "name_short_zh", "mountain_name_zh", "sea_name_zh", "place_zh"}
"""Columns of names, which are those of the source."""

_PROSE = {"gist", "reading", "basis_reason", "refuted_by", "seen", "needs"}
"""English columns of the ledger, beside those whose name ends in ``english``."""


@dataclass(frozen=True)
class Text:
    """One text of a file."""

    place: str
    said: str
    declared: bool = False
    """Whether it stands where the Chinese of a pair stands."""

    @property
    def has_chinese(self) -> bool:
        """Whether it is meant to be Chinese, or has a Chinese character."""
        return self.declared or bool(HAN.search(self.said))

    @property
    def is_chinese(self) -> bool:
        """Whether it is Chinese throughout, not English with a Chinese word: by its place, or most of its letters."""
        bare = re.sub(r"\{[^{}]*\}|`[^`]*`|https?://\S+", "", self.said)
        han = len(HAN.findall(bare))
        return self.declared or (han > 0 and han >= len(re.findall(r"[A-Za-z]", bare)))


def files() -> list[Path]:
    """All files with texts for readers: the library, the tables with texts of ours, the notebooks, the pages."""
    tables = [path for path in DATA.glob("*.csv") if _columns(path)]
    docs = ROOT / "lib" / "docs"
    pages = [ROOT / "README.md", *(ROOT / "lib").glob("*.md"), *docs.glob("*.md"), *(docs / "zh").glob("*.md")]
    library = [*LIBRARY.rglob("*.toml"), *LIBRARY.rglob("*.py")]
    return sorted([*library, *tables, *NOTEBOOKS.glob("*.ipynb"), *pages])


def name(path: Path) -> str:
    """The file as tests call it."""
    return path.relative_to(ROOT).as_posix()


def texts(path: Path) -> list[Text]:
    """The texts of one file, lines joined: without docstrings, comments of the library and fenced code."""
    read = {".toml": _of_words, ".csv": _of_table, ".py": _of_code, ".ipynb": _of_notebook, ".md": _of_page}
    return [
        Text(place, _in_one_line(text), place.endswith(("zh", "chinese")))
        for place, text in read[path.suffix](path)
        if text.strip()
    ]


def _in_one_line(said: str) -> str:
    joined = re.sub(r"(?<=[㐀-鿿，。；：、）])\s*\n\s*(?=[㐀-鿿（“])", "", said)
    return re.sub(r"\s*\n\s*", " ", joined).strip()


def _of_words(path: Path) -> Iterator[tuple[str, str]]:
    def entries(tree: Mapping[str, Any], start: str) -> Iterator[tuple[str, str]]:
        for key, value in tree.items():
            if isinstance(value, Mapping):
                yield from entries(value, f"{start}{key}.")
            else:
                yield f"{start}{key}", value

    return entries(tomllib.loads(path.read_text(encoding="utf-8")), "")


def _columns(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as stream:
        heads = next(csv.reader(stream))
    chinese = [head for head in heads if head.endswith(("chinese", "zh")) and head not in _SOURCES]
    return [*chinese, *(head for head in heads if chinese and (head.endswith("english") or head in _PROSE))]


def _of_table(path: Path) -> Iterator[tuple[str, str]]:
    columns = _columns(path)
    with path.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), start=2):
            yield from ((f"line {number}, {column}", row[column]) for column in columns)


class _Literals(ast.NodeVisitor):
    """Texts of code: literals with a Chinese character or a space, holes as ``{}``; no docstrings."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        if not (isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)):
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and (" " in node.value or HAN.search(node.value)):
            self.found.append((f"line {node.lineno}", node.value))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        parts = [str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values]
        self.found.append((f"line {node.lineno}", "".join(parts)))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)


def _literals(code: str) -> list[tuple[str, str]]:
    reader = _Literals()
    reader.visit(ast.parse(code))
    return reader.found


def _of_code(path: Path) -> Iterator[tuple[str, str]]:
    yield from _literals(path.read_text(encoding="utf-8"))


def _of_notebook(path: Path) -> Iterator[tuple[str, str]]:
    for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield from ((f"cell {number}, {place}", text) for place, text in _paragraphs(source))
        elif cell["cell_type"] == "code":
            yield from ((f"cell {number}, {place}", text) for place, text in _literals(source))
            for token in tokenize.generate_tokens(io.StringIO(source).readline):
                if token.type == tokenize.COMMENT:
                    yield f"cell {number}, line {token.start[0]}", token.string.lstrip("# ")


def _of_page(path: Path) -> Iterator[tuple[str, str]]:
    return _paragraphs(path.read_text(encoding="utf-8"))


def _paragraphs(page: str) -> Iterator[tuple[str, str]]:
    """Paragraphs, list items, rows of tables and headings of a page in Markdown, with the line each starts at."""
    shown = re.sub(r"^```.*?^```", lambda block: "\n" * block[0].count("\n"), page, flags=re.MULTILINE | re.DOTALL)
    start, lines = 1, list[str]()
    for number, line in enumerate([*shown.splitlines(), ""], start=1):
        opens = re.match(r"\s*([-*|#>]|\d+\.)", line)
        if lines and (not line.strip() or opens):
            yield f"line {start}", "\n".join(lines)
            lines = []
        if line.strip():
            start = start if lines else number
            lines.append(line)
