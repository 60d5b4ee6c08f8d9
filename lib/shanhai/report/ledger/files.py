"""The ledger as files: a table for spreadsheets and one for Word, in each language."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Cm

from shanhai.claims.verdicts import VERDICT_NAMES, Verdict
from shanhai.core.letters import allowed
from shanhai.render import frame_to_csv
from shanhai.render.office import CHINESE_FONT, LATIN_FONT, add_printed_table, saved, word_document
from shanhai.report.ledger.rows import WORDS, ledger_rows
from shanhai.report.results import LANGUAGES, Language, Results

_CSV = (
    *("id", "part_of", "same_as", "document", "line", "statements", "place", "period", "indicator", "gist", "claimed"),
    *("computed", "computed_value", "unit", "verdict", "rule", "uncertainty", "p", "p_holm", "p_bh", "formula"),
    *("basis", "basis_reason", "tables", "robustness", "others", "note", "refuted_by", "seen", "needs", "code"),
)
"""Columns of the table for spreadsheets; ``computed_value``, ``p``, ``p_holm`` and ``p_bh`` are numbers."""

_WORD = ("id", "source", "place", "gist", "claimed", "computed", "verdict", "needed")
"""Columns of the table for Word."""

_WIDTHS_CM = (1.4, 3.2, 2.4, 5.0, 3.0, 4.0, 2.6, 5.1)
"""Their widths on a landscape page of A4, 26.7 cm between the margins."""

_MARGIN_CM = 1.5


def write_ledger_files(results: Results, to: Path) -> tuple[Path, ...]:
    """Write ``ledger-<language>.csv`` and ``ledger-<language>.docx`` for both languages, the same bytes each time.

    Parameters
    ----------
    results : Results
    to : Path
        Folder, made if it is not there.

    Returns
    -------
    tuple of Path
    """
    to.mkdir(parents=True, exist_ok=True)
    written = []
    for language in LANGUAGES:
        rows = ledger_rows(results, language)
        table, document = to / f"ledger-{language}.csv", to / f"ledger-{language}.docx"
        table.write_bytes(frame_to_csv(_frame(rows, language)).encode("utf-8-sig"))
        document.write_bytes(_document(rows, language))
        written += [table, document]
    return tuple(written)


def _frame(rows: Sequence[Mapping[str, Any]], language: Language) -> pd.DataFrame:
    """All of the ledger, a row a claim; lists as one text."""
    between = WORDS("page.between", language)
    cells = [
        {
            **row,
            "verdict": row["verdict_name"],
            "tables": between.join(row["tables"]),
            "others": " ".join(_other(other, language) for other in row["others"]),
        }
        for row in rows
    ]
    frame = pd.DataFrame(cells, columns=list(_CSV))
    numbers = ["computed_value", "p", "p_holm", "p_bh"]
    frame[numbers] = frame[numbers].astype("float64")
    return frame.rename(columns={name: WORDS(f"head.{name}", language) for name in _CSV})


def _other(other: Mapping[str, Any], language: Language) -> str:
    computed = other["computed"] or WORDS("page.nothing", language)
    said = WORDS("page.other", language, basis=other["basis"], computed=computed, verdict=other["verdict_name"])
    return f"{said} {other['note']}".strip()


def _document(rows: Sequence[Mapping[str, Any]], language: Language) -> bytes:
    """A landscape document with the table and what the verdicts mean."""
    document = word_document(language)
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(_MARGIN_CM)
    title = WORDS("page.title", language)
    document.core_properties.title = title
    _set_heading_fonts(document)
    document.add_heading(title, level=1)
    distinct = sum(not row["same_as"] for row in rows)
    numbers = {"all": str(len(rows)), "counted": str(distinct), "repeated": str(len(rows) - distinct)}
    document.add_paragraph(allowed(WORDS("page.word_lead", language, **numbers)))
    meanings = [
        WORDS("page.meaning", language, verdict=VERDICT_NAMES[verdict], meaning=WORDS.pair(f"verdict.{verdict}"))
        for verdict in Verdict
    ]
    heads = [WORDS(f"head.{key}", language) for key in _WORD]
    cells = [[_cell(row, key, language) for key in _WORD] for row in rows]
    add_printed_table(
        document,
        heads,
        cells,
        [False] * len(_WORD),
        rules_before=range(1, len(rows)),
        caption=WORDS("page.caption", language),
        notes=[*meanings, *_sources(rows)],
    )
    _set_widths(document.tables[-1])
    return saved(document)


def _sources(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Documents in full, as the table cites them in short."""
    named = dict.fromkeys((row["document_short"], row["document"]) for row in rows)
    return [f"{short} {title}" for short, title in named]


def _set_heading_fonts(document: Any) -> None:
    """Fonts of the text for headings too, whose style names those of the theme."""
    fonts = document.styles["Heading 1"].element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    for script, font in (("ascii", LATIN_FONT), ("hAnsi", LATIN_FONT), ("eastAsia", CHINESE_FONT)):
        fonts.set(qn(f"w:{script}"), font)


def _cell(row: Mapping[str, Any], key: str, language: Language) -> str:
    if key == "source":
        line = WORDS("page.line", language, line=row["line"]) if row["line"] else ""
        named = row["reference"] if row["seed"] == "literature" else ""
        return WORDS("page.clause", language).join(filter(None, [row["document_short"], named, line]))
    if key == "claimed":
        return "" if row["claimed"] == row["gist"] else str(row["claimed"])
    if key == "needed":
        return str(row["basis"] or row["needs"])
    if key == "verdict":
        return f"{row['symbol']}\u00a0{row['verdict_name']}"
    return str(row[key])


def _set_widths(table: Any) -> None:
    table.autofit = False
    widths = [Cm(width) for width in _WIDTHS_CM]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for number, cell in enumerate(list(table._cells)):
        cell.width = widths[number % len(widths)]
