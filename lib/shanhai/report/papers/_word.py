"""A paper for Word: text, three-line tables and figures that co-authors can change, the same bytes each time."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from shanhai.core.letters import allowed
from shanhai.render.office import CHINESE_FONT, LATIN_FONT, add_printed_table, saved, word_document
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

_DIGITS = "一二三四五六七八九十"

_MARGIN = Mm(25)


def docx_of(paper: Paper) -> bytes:
    """The paper as a Word document.

    Raises
    ------
    ReportError
        If the picture of a figure is gone.
    """
    document = word_document(paper.language)
    _set_up(document, paper)
    title = document.add_heading(allowed(paper.title), 0)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, size in ((paper.byline, 10.5), (paper.labels["imprint"], 9)):
        line = document.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.add_run(allowed(text)).font.size = Pt(size)
    joint = "；" if paper.language == "zh" else "; "
    for key, text in (("abstract", paper.abstract), ("keywords", joint.join(paper.keywords))):
        line = document.add_paragraph()
        line.add_run(paper.labels[key]).bold = True
        line.add_run(allowed(text))
    numbers = _numbers(paper)
    for block in paper.blocks:
        if isinstance(block, Heading):
            document.add_heading(allowed(f"{next(numbers)}{block.text}"), block.level)
        else:
            _add(document, block, paper)
    return saved(document)


def _add(document: Any, block: Block, paper: Paper) -> None:
    match block:
        case Paragraph(line=line):
            _add_line(document.add_paragraph(), line)
        case Bullets(items=items):
            for item in items:
                _add_line(document.add_paragraph(style="List Bullet"), item)
        case PrintedTable():
            _add_table(document, block, paper)
        case PrintedFigure():
            _add_figure(document, block, paper)
        case References(title=heading, entries=entries):
            document.add_heading(heading, 1)
            for entry in entries:
                listed = document.add_paragraph()
                listed.paragraph_format.left_indent, listed.paragraph_format.first_line_indent = Pt(18), Pt(-18)
                _add_line(listed, entry)


def _set_up(document: Any, paper: Paper) -> None:
    """Page, fonts of headings, title of the file, numbers of pages."""
    properties = document.core_properties
    properties.title, properties.keywords = allowed(paper.title), allowed(", ".join(paper.keywords))
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN
    for name, size in (("Title", 18), ("Heading 1", 14), ("Heading 2", 12)):
        style = document.styles[name]
        style.font.size, style.font.color.rgb, style.font.bold = Pt(size), RGBColor(0, 0, 0), True
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for script in ("ascii", "hAnsi"):
            fonts.set(qn(f"w:{script}"), LATIN_FONT)
        fonts.set(qn("w:eastAsia"), CHINESE_FONT)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    footer._p.append(field)


def _numbers(paper: Paper) -> Iterator[str]:
    """Numbers of headings, as the PDF has them."""
    sections = count(1)
    section = part = 0
    for block in paper.blocks:
        if isinstance(block, Heading):
            if block.level == 1:
                section, part = next(sections), 0
            else:
                part += 1
            if paper.language == "zh":
                yield f"{_DIGITS[section - 1]}、" if block.level == 1 else f"（{_in_chinese(part)}）"
            else:
                yield f"{section} " if block.level == 1 else f"{section}.{part} "


def _in_chinese(number: int) -> str:
    """A number to nineteen in Chinese."""
    return _DIGITS[number - 1] if number <= 10 else f"十{_DIGITS[number - 11]}"


def _add_line(paragraph: Any, line: Line) -> None:
    for part in line:
        run = paragraph.add_run(allowed(part.text))
        run.bold, run.italic = part.kind == "strong" or None, part.kind == "emphasis" or None
        if part.kind == "code":
            run.font.name = "Courier New"


def _add_table(document: Any, table: PrintedTable, paper: Paper) -> None:
    add_printed_table(
        document, list(table.heads), list(map(list, table.rows)), list(table.numeric), table.rules_before,
        _caption(paper, "table", table.number, table.caption), table.notes,
    )  # fmt: skip


def _add_figure(document: Any, figure: PrintedFigure, paper: Paper) -> None:
    picture = document.add_paragraph()
    picture.alignment = WD_ALIGN_PARAGRAPH.CENTER
    picture.paragraph_format.keep_with_next = True
    shape = picture.add_run().add_picture(str(figure.file("pixels")), width=Mm(figure.size()[0]))
    shape._inline.docPr.set("descr", allowed(figure.caption))
    caption = document.add_paragraph()
    caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption.add_run(allowed(_caption(paper, "figure", figure.number, figure.caption))).bold = True


def _caption(paper: Paper, kind: str, number: int, caption: str) -> str:
    label = paper.labels[kind]
    return f"{label}{number}　{caption}" if paper.language == "zh" else f"{label} {number}. {caption}"
