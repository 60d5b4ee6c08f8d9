"""A paper as PDF, set by Typst: fonts embedded, text as data, the same bytes each time."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from shanhai.core.errors import ReportError
from shanhai.render.style import chinese_font_file
from shanhai.report.papers.document import (
    Block,
    Bullets,
    Heading,
    Line,
    Paper,
    Paragraph,
    PrintedFigure,
    PrintedTable,
    References,
)

_STRICT = "ua-1"
"""Standard of accessible PDF; under it a character without glyph, a picture without text and a skipped level of
headings are errors. It takes no vector pictures, so it checks the paper with frames in their place."""


def pdf_of(paper: Paper) -> bytes:
    """The paper as PDF: A4, vector figures, all fonts embedded.

    Raises
    ------
    ReportError
        If a character has no glyph, a table fits no page, or the figure of an exhibit is gone.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        for figure in paper.figures():
            shutil.copyfile(figure.file("vector"), folder / _file(figure))
        (folder / "paper.json").write_text(json.dumps(_data(paper), ensure_ascii=False), encoding="utf-8")
        form = folder / "paper.typ"
        form.write_bytes(files("shanhai.report.papers").joinpath("paper.typ").read_bytes())
        _compile(form, paper, pdf_standards=[_STRICT], sys_inputs={"pictures": "no"})
        return _compile(form, paper)


def _compile(form: Path, paper: Paper, **options: Any) -> bytes:
    fonts = [str(chinese_font_file().parent)]
    try:
        content = typst.compile(str(form), font_paths=fonts, ignore_system_fonts=True, **options)
    except typst.TypstError as error:
        raise ReportError(f"The paper {paper.title!r} cannot be set: {error}. Correct what it names.") from error
    return bytes(content)


def _data(paper: Paper) -> Mapping[str, Any]:
    return {
        "language": paper.language,
        "title": paper.title,
        "byline": paper.byline,
        "abstract": paper.abstract,
        "keywords": list(paper.keywords),
        "labels": paper.labels,
        "blocks": [_block(block) for block in paper.blocks],
    }


def _block(block: Block) -> Mapping[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", **asdict(block)}
        case Paragraph(line=line):
            return {"kind": "paragraph", "line": _line(line)}
        case Bullets(items=items):
            return {"kind": "bullets", "items": list(map(_line, items))}
        case References(title=title, entries=entries):
            return {"kind": "references", "title": title, "entries": list(map(_line, entries))}
        case PrintedFigure():
            width, height = block.size()
            return {"kind": "figure", "caption": block.caption, "file": _file(block), "width": width, "height": height}
        case PrintedTable():
            fields = {name: value for name, value in asdict(block).items() if name != "rules_before"}
            return {"kind": "table", "rules": block.rules_before, **fields}


def _line(line: Line) -> list[Mapping[str, str]]:
    return [asdict(run) for run in line]


def _file(figure: PrintedFigure) -> str:
    return f"figure-{figure.number}.pdf"
