"""Tables in Word: three rules, heads that repeat, both scripts, and the same bytes each time."""

import zipfile
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from docx import Document

from shanhai.core.errors import ReportError
from shanhai.core.paths import OUTPUT_VARIABLE
from shanhai.render import publish_table
from shanhai.render.office import add_table, saved, word_document
from shanhai.render.tables import TableSpec

SPEC = TableSpec(
    pd.DataFrame({"name": ["衢江区", "<b>&\x00"], "gdp": [1234.5, None]}),
    "GDP 国内生产总值",
    ("Source: yearbook",),
    1,
    {"name": "place", "gdp": "GDP, yuan"},
)


def written() -> bytes:
    document = word_document("zh")
    add_table(document, SPEC)
    return saved(document)


def test_a_table_is_whole_and_characters_that_xml_lacks_are_left_out() -> None:
    document = Document(BytesIO(written()))
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cells == [["place", "GDP, yuan"], ["衢江区", "1,234.5"], ["<b>&", "–"]]
    assert [paragraph.text for paragraph in document.paragraphs if paragraph.text] == [SPEC.caption, *SPEC.notes]


def test_the_head_repeats_and_the_rules_are_three() -> None:
    document = Document(BytesIO(written()))
    xml = document.tables[0]._tbl.xml
    assert xml.count("w:tblHeader") == 1
    columns, thick, thin = 2, xml.count('w:sz="12"'), xml.count('w:sz="4"')
    assert (thick, thin) == (2 * columns, columns)  # above the head and below the table; between head and rows


def test_chinese_has_a_font_of_its_own() -> None:
    assert 'w:eastAsia="SimSun"' in zipfile.ZipFile(BytesIO(written())).read("word/styles.xml").decode()


def test_two_documents_have_the_same_bytes() -> None:
    first = written()
    assert first == written()
    assert {member.date_time[0] for member in zipfile.ZipFile(BytesIO(first)).infolist()} == {1980}


@pytest.mark.parametrize(("name", "words"), [("table.doc", "ends in .docx"), ("nowhere/table.docx", "does not exist")])
def test_a_table_goes_to_a_word_document_in_a_folder_that_exists(
    name: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path))
    table = publish_table(SPEC, "gdp")
    assert Document(str(table.to_word(tmp_path / "table.docx"))).tables
    with pytest.raises(ReportError, match=words):
        table.to_word(tmp_path / name)
