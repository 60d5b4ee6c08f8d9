"""Files of office programs: a three-line table in a Word document, and any such file with the same bytes each time."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Pt

from shanhai.core.letters import allowed
from shanhai.core.zipped import untimed
from shanhai.render.tables import TableSpec, display_width

WRITTEN = datetime(2000, 1, 1)
"""When a document says it was written: the same each time."""

LATIN_FONT, CHINESE_FONT = "Times New Roman", "SimSun"
"""Fonts that Word has, for Latin letters and Chinese characters."""

_SIZES, _LETTER, _PADDING = (9, 8, 7, 6.5), 0.54, 3
"""Sizes of letters in a table, width of a Latin letter in sizes, and letters that the margins of a cell take."""


def word_document(language: str = "en") -> Any:
    """An empty Word document with the fonts of both scripts, and a time that never changes."""
    document = Document()
    properties = document.core_properties
    properties.created = properties.modified = WRITTEN
    properties.author = properties.last_modified_by = "Shanhai"
    properties.language = "zh-CN" if language == "zh" else "en-GB"
    style = document.styles["Normal"]
    style.font.name, style.font.size = LATIN_FONT, Pt(10.5)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), CHINESE_FONT)
    return document


def add_table(document: Any, spec: TableSpec, caption: str | None = None) -> None:
    """Put a three-line table at the end of a Word document: caption above, notes below, head repeated on each page.

    Parameters
    ----------
    document : Document
        Of python-docx.
    spec : TableSpec
    caption : str, optional
        Instead of that of the table, such as one with a number.
    """
    add_printed_table(
        document, spec.heads(), spec.cells(), spec.numeric(), spec.rules_before,
        spec.caption if caption is None else caption, spec.notes,
    )  # fmt: skip


def add_printed_table(
    document: Any,
    heads: list[str],
    rows: list[list[str]],
    numeric: list[bool],
    rules_before: Iterable[int] = (),
    caption: str = "",
    notes: Iterable[str] = (),
) -> None:
    """Put printed cells as a three-line table at the end of a Word document.

    Parameters
    ----------
    document : Document
        Of python-docx.
    heads : list of str
    rows : list of lists of str
        Printed cells, as many a row as there are heads.
    numeric : list of bool
        Columns that are set to the right.
    rules_before : ints
        Rows (from 0) above which a thin rule is drawn.
    caption : str
    notes : strs
        Lines below the table.
    """
    if caption:
        title = document.add_paragraph()
        title.paragraph_format.keep_with_next = True
        title.add_run(allowed(caption)).bold = True
    section = document.sections[-1]
    room = Emu(section.page_width - section.left_margin - section.right_margin).pt
    size, widths = _fit(heads, rows, numeric, room)
    table = document.add_table(rows=1 + len(rows), cols=len(heads))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Pt(width)
    rules = set(rules_before)
    cells = list(table._cells)  # asked for once: python-docx makes the list anew each time
    for position, texts in enumerate([heads, *rows]):
        top = {0: 12}.get(position, 4 if position == 1 or position - 1 in rules else 0)
        bottom = 12 if position == len(rows) else 0
        for column, text in enumerate(texts):
            cell = cells[position * len(heads) + column]
            cell.width = Pt(widths[column])
            _fill(cell, allowed(text), size, right=bool(numeric[column]))
            _rule(cell, top, bottom)
    _repeat(table.rows[0])
    for row in table.rows:
        _keep_whole(row)
    for note in notes:
        line = document.add_paragraph()
        line.paragraph_format.space_after = Pt(0)
        line.add_run(allowed(note)).font.size = Pt(9)
    document.add_paragraph()


def saved(document: Any) -> bytes:
    """Bytes of a document of python-docx or python-pptx, or a workbook of openpyxl: the same each time."""
    stream = BytesIO()
    document.save(stream)
    return untimed(stream.getvalue())


def _fit(
    heads: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], room: float
) -> tuple[float, list[float]]:
    """Size of letters and widths of columns in points: numbers and words stay whole, long texts share what is left."""
    least, wanted = [], []
    for column, head in enumerate(heads):
        cells = [row[column] for row in rows]
        lines = [display_width(cell) for cell in cells]
        words = lines if numeric[column] else [_longest_word(cell) for cell in cells]
        least.append(max([_longest_word(head), *words]) + _PADDING)
        wanted.append(max([min(display_width(head), 2 * _longest_word(head)), *lines]) + _PADDING)
    size = next((size for size in _SIZES if sum(least) * _LETTER * size <= room), _SIZES[-1])
    spare = room / (_LETTER * size) - sum(least)
    share = min(1.0, max(0.0, spare) / max(1, sum(wanted) - sum(least)))
    return size, [(low + share * (high - low)) * _LETTER * size for low, high in zip(least, wanted, strict=True)]


def _longest_word(text: str) -> int:
    """Columns of the longest piece that is not broken; Chinese breaks after four characters."""
    pieces = re.findall(r"[\u3000-\u9fff\uff00-\uffef]{1,4}|[^\s\u3000-\u9fff\uff00-\uffef]+", text)
    return max(map(display_width, pieces), default=0)


def _fill(cell: Any, text: str, size: float, *, right: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT
    paragraph.add_run(text).font.size = Pt(size)


def _rule(cell: Any, top: int, bottom: int) -> None:
    """Rules of a cell in eighths of a point; 0 is none."""
    borders = OxmlElement("w:tcBorders")
    for edge, size in (("top", top), ("bottom", bottom)):
        if size:
            line = OxmlElement(f"w:{edge}")
            for name, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", "auto")):
                line.set(qn(f"w:{name}"), value)
            borders.append(line)
    cell._tc.get_or_add_tcPr().append(borders)


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _keep_whole(row: Any) -> None:
    """No page break inside a row."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
