"""The papers and slides of a whole set of results: pages, fonts, overflow, tables, numbers, bytes."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import pypdfium2
import pytest
from docx import Document
from PIL import ImageFont
from pptx import Presentation
from pptx.util import Length
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from shanhai.core.paths import LIBRARY
from shanhai.render.style import chinese_font_file
from shanhai.report.papers.compose import compose
from shanhai.report.papers.document import Paper
from shanhai.report.papers.plan import plans_for
from shanhai.report.papers.write import write_papers
from shanhai.report.results import LANGUAGES, Results

PAPERS = [f"{key}-{language}" for key in ("quzhou", "bazhong", "borders") for language in LANGUAGES]
SLIDES = [f"slides-{language}" for language in LANGUAGES]

POINTS = 72 / 25.4
SIDES, TOP, BOTTOM = 25 * POINTS, 25 * POINTS, 27 * POINTS
"""Margins of a page in points; the number of the page stands in the lower one."""

SLACK, RISE = 3.0, 5.0
"""Points that a descender or hanging punctuation may reach beyond the box of its line, and an ascender above it."""

TEXT, IMAGE, FORM = 1, 3, 5
"""Kinds of objects of a page, as PDFium numbers them."""

NUMBERS_IN_WORDS = {
    "03": "notebook that holds the regression", "95": "level of every interval", "26": "the mountain counties, a name",
    "1997": "year of the border, a name", "2015": "year of the policy, a name", "2017": "year of the polygons",
}  # fmt: skip
"""Digits that the words hold themselves; all others are values."""


@pytest.fixture(scope="session")
def folder(report_folder: Path) -> Path:
    return report_folder / "papers"


@pytest.fixture(scope="session")
def composed(results_folder: Path) -> dict[str, Paper]:
    results = Results.read(results_folder)
    plans = plans_for(results)
    return {f"{plan.key}-{language}": compose(plan, results, language) for plan in plans for language in LANGUAGES}


@pytest.fixture(scope="session")
def read(folder: Path) -> dict[str, PdfReader]:
    return {name: PdfReader(folder / f"{name}.pdf") for name in PAPERS}


@pytest.fixture(scope="session")
def printed(read: dict[str, PdfReader]) -> dict[str, str]:
    return {name: bare("".join(page.extract_text() for page in reader.pages)) for name, reader in read.items()}


def bare(text: str) -> str:
    """Text without white space, and without the hyphens and marks of a line break."""
    return re.sub(r"[\s\u200b\u00ad-]", "", text)


def fonts_of(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Fonts of all pages and of the figures in them."""
    todo = [page["/Resources"].get_object() for page in reader.pages]
    while todo:
        resources = todo.pop()
        for font in resources.get("/Font", DictionaryObject()).get_object().values():
            yield font.get_object()
        for form in resources.get("/XObject", DictionaryObject()).get_object().values():
            inner = form.get_object().get("/Resources")
            todo += [inner.get_object()] if inner is not None else []


def test_every_paper_is_there_in_both_languages_and_formats_and_nothing_else(folder: Path) -> None:
    names = {f"{name}.{ending}" for name in PAPERS for ending in ("pdf", "docx")} | {f"{name}.pptx" for name in SLIDES}
    assert {path.name for path in folder.iterdir()} == names


@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_has_eight_to_fifteen_pages_and_embeds_its_fonts(read: dict[str, PdfReader], name: str) -> None:
    reader = read[name]
    longest = 17 if name.startswith("borders") else 15  # the battery, and all works that its methods come from
    assert 8 <= len(reader.pages) <= longest
    fonts = list(fonts_of(reader))
    assert len(fonts) >= 3
    for font in fonts:
        own = font.get("/DescendantFonts")
        descriptor = (own.get_object()[0].get_object() if own else font)["/FontDescriptor"].get_object()
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor), font["/BaseFont"]
    assert reader.metadata is not None and "/CreationDate" not in reader.metadata
    assert reader.trailer["/Root"]["/Lang"] == ("zh-CN" if name.endswith("zh") else "en-GB")


@pytest.mark.parametrize("name", PAPERS)
def test_every_character_of_the_text_is_printed(composed: dict[str, Paper], printed: dict[str, str], name: str) -> None:
    """As often as it is written: a character without glyph, or a passage that is cut, would be missing."""
    written = Counter(bare("".join(composed[name].texts())))
    missing = written - Counter(printed[name])
    assert missing == Counter()
    assert "\ufffd" not in printed[name]


@pytest.mark.parametrize("name", PAPERS)
def test_every_cell_of_every_table_is_printed(composed: dict[str, Paper], printed: dict[str, str], name: str) -> None:
    tables = composed[name].tables()
    assert len(tables) >= 8
    cut = [
        (table.number, cell)
        for table in tables
        for row in (table.heads, *table.rows)
        for cell in row
        if bare(cell) not in printed[name]
    ]
    assert cut == []


@pytest.mark.parametrize("name", PAPERS)
def test_a_caption_stands_on_the_page_of_its_first_row_and_exhibits_in_order(
    read: dict[str, PdfReader], composed: dict[str, Paper], name: str
) -> None:
    paper = composed[name]
    sheets = [bare(page.extract_text()) for page in read[name].pages]
    for kind, exhibits in (("table", paper.tables()), ("figure", paper.figures())):
        places = []
        for exhibit in exhibits:
            stop = "" if name.endswith("zh") else "."
            caption = bare(f"{paper.labels[kind]}{exhibit.number}{stop}{exhibit.caption}")
            (place,) = [(page, sheet.index(caption)) for page, sheet in enumerate(sheets) if caption in sheet]
            places.append(place)
            if kind == "table":
                after = sheets[place[0]][place[1] :]
                assert [cell for cell in exhibit.rows[0] if bare(cell) not in after] == [], caption
        assert places == sorted(places), kind


@pytest.mark.parametrize("name", PAPERS)
def test_nothing_leaves_the_page_and_no_text_lies_on_another(folder: Path, name: str) -> None:
    document = pypdfium2.PdfDocument(folder / f"{name}.pdf")
    for number, page in enumerate(document, 1):
        width, height = page.get_size()
        lines = []
        for shown in page.get_objects(max_depth=1):
            left, bottom, right, top = shown.get_bounds()
            where = f"page {number}: {shown.type} at {left:.0f}, {bottom:.0f}, {right:.0f}, {top:.0f}"
            is_page_number = shown.type == TEXT and top < BOTTOM
            assert left >= SIDES - SLACK and right <= width - SIDES + SLACK, where
            assert top <= height - TOP + RISE and (bottom >= BOTTOM - SLACK or is_page_number), where
            if shown.type == TEXT:
                lines.append((left, bottom, right, top))
        assert overlapping(lines) == [], f"page {number}"
        page.close()
    document.close()


def overlapping(boxes: list[tuple[float, float, float, float]]) -> list[tuple[float, ...]]:
    """Boxes of one line, at equal height, that share more than two points of width."""
    found = []
    for place, (left, bottom, right, top) in enumerate(boxes):
        for other in boxes[place + 1 :]:
            shared = min(right, other[2]) - max(left, other[0])
            tall = min(top, other[3]) - max(bottom, other[1])
            if shared > 2 and tall > 0.6 * min(top - bottom, other[3] - other[1]):
                found.append((left, bottom, right, top, *other))
    return found


def test_the_same_results_give_the_same_bytes(results_folder: Path, folder: Path, tmp_path: Path) -> None:
    files = write_papers(Results.read(results_folder), tmp_path)
    assert [path.name for path in files if path.read_bytes() != (folder / path.name).read_bytes()] == []


@pytest.mark.parametrize("name", PAPERS)
def test_the_abstract_is_short_and_each_section_is_there(composed: dict[str, Paper], name: str) -> None:
    paper = composed[name]
    assert len(paper.abstract.split() if name.endswith("en") else paper.abstract) <= (
        200 if name.endswith("en") else 400
    )
    texts = list(paper.texts())
    heads = ("Question", "Data", "Method", "Results", "Claims of the documents", "Doubts", "Conclusion", "References")
    chinese = ("问题的提出", "数据", "方法", "结果", "文献的论断", "存疑与局限", "结论", "参考文献")
    named = [*texts, *(block.title for block in paper.blocks if hasattr(block, "title"))]
    assert [head for head in (heads if name.endswith("en") else chinese) if head not in named] == []
    assert len(paper.figures()) >= 4


def test_a_contradicted_claim_is_named_in_the_text(results_folder: Path, composed: dict[str, Paper]) -> None:
    results = Results.read(results_folder)
    shown = {row[0] for row in results.run("04-report-city-511900").exhibit("table", "claims").rows}
    wrong = [row["id"] for row in results.findings if row["verdict"] == "contradicted" and row["id"] in shown]
    assert wrong
    for language in LANGUAGES:
        text = " ".join(composed[f"bazhong-{language}"].texts())
        assert [id_ for id_ in wrong if id_ not in text] == []


@pytest.mark.parametrize("name", PAPERS)
def test_a_text_points_to_nothing_that_only_its_notebook_has(composed: dict[str, Paper], name: str) -> None:
    """Nor has a p-value two signs."""
    lost = re.compile(r"= [<>]|table below|table above|of the opening|first chart|下表|上表|下图|上图|开篇")
    assert [text for text in composed[name].texts() if lost.search(text)] == []


@pytest.mark.parametrize("name", [name for name in PAPERS if name.endswith("zh")])
def test_a_chinese_paper_speaks_no_english(composed: dict[str, Paper], name: str) -> None:
    paper = composed[name]
    texts = [paper.title, paper.abstract, *(text for block in paper.blocks[:-1] for text in texts_of(paper, block))]
    cells = [cell for table in paper.tables() for row in (table.heads, *table.rows) for cell in row]
    plain = [
        re.sub(r"（[A-Za-z ]+）", "", text) for text in (*texts, *cells)
    ]  # a term may have its English in brackets
    assert [text for text in plain if re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", text)] == []


def texts_of(paper: Paper, block: object) -> list[str]:
    """Texts of one block of a paper."""
    alone = Paper(paper.language, "", "", "", (), {}, (block,))  # type: ignore[arg-type]
    return [text for text in alone.texts() if text]


def test_words_of_papers_hold_no_numbers_of_their_own() -> None:
    words = tomllib.loads((LIBRARY / "report" / "papers" / "words.toml").read_text(encoding="utf-8"))

    def texts(tree: object) -> Iterator[str]:
        for value in tree.values() if isinstance(tree, dict) else [tree]:
            yield from texts(value) if isinstance(value, dict) else [str(value)]

    for text in texts(words):
        names = r"\{\w+\}|\b[BLMPQS]\d+\b|\b(HC|CR|CV)\dS?\b|\[?@\w+(; @\w+)*\]?|`[^`]*`"
        own = re.sub(names, "", text, flags=re.ASCII)
        assert set(re.findall(r"\d+", own)) <= set(NUMBERS_IN_WORDS), text


@pytest.mark.parametrize("name", PAPERS)
def test_a_word_document_has_the_same_tables_and_described_pictures(
    folder: Path, composed: dict[str, Paper], name: str
) -> None:
    document = Document(str(folder / f"{name}.docx"))
    runs = [run.text for paragraph in document.paragraphs for run in paragraph.runs if run.font.name != "Courier New"]
    assert "'" not in "".join(runs)  # apostrophes are those of print, in code alone they are straight
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    assert tables == [[list(table.heads), *map(list, table.rows)] for table in composed[name].tables()]
    shapes = document.inline_shapes
    assert [shape._inline.docPr.get("descr") for shape in shapes] == [f.caption for f in composed[name].figures()]
    text = bare("".join(paragraph.text for paragraph in document.paragraphs))
    assert [part for part in composed[name].texts() if bare(part) not in text] == []


@pytest.mark.parametrize("name", SLIDES)
def test_ten_slides_with_a_title_hold_all_that_is_on_them(folder: Path, name: str) -> None:
    deck = Presentation(str(folder / f"{name}.pptx"))
    width, height = deck.slide_width, deck.slide_height
    slides = list(deck.slides)
    assert len(slides) == 10
    pictures = 0
    for slide in slides:
        assert slide.shapes.title.text_frame.text
        said = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        for number in re.findall(r"[\d.]+(?=%| or )", said[0]):  # a percentage of a title is that of its text
            assert number in re.findall(r"\d+(?:\.\d+)?(?=%)", " ".join(said[1:])), said[0]
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.top >= 0, slide.shapes.title.text_frame.text
            assert shape.left + shape.width <= width and shape.top + shape.height <= height
            if shape.shape_type == 13:
                pictures += 1
                assert shape._element.nvPicPr.cNvPr.get("descr")
            if shape.has_text_frame:
                assert drawn_height(shape) <= shape.height, shape.text_frame.text[:60]
                assert "'" not in shape.text_frame.text, shape.text_frame.text
    assert pictures == 5
    assert len({slide.shapes.title.text_frame.paragraphs[0].runs[0].font.size for slide in slides}) == 1


def drawn_height(shape: object) -> float:
    """Height of the paragraphs of a shape in the units of the format, drawn in fonts as wide as those of Office."""
    total = 0.0
    for paragraph in shape.text_frame.paragraphs:  # type: ignore[attr-defined]
        if not paragraph.runs:
            continue
        size = paragraph.runs[0].font.size.pt
        latin = ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"), 100)
        chinese = ImageFont.truetype(str(chinese_font_file()), 100)
        room = Length(shape.width).pt  # type: ignore[attr-defined]
        lines, used = 1, 0.0
        for piece in re.findall(r"[一-鿿，。；：（）、“”～]|[^一-鿿，。；：（）、“”～\s]+\s*", paragraph.text):
            font = chinese if re.match(r"[一-鿿，。；：（）、“”～]", piece) else latin
            # DejaVu is a ninth wider than Arial
            wide = font.getlength(piece.rstrip()) / 100 * size * (1 if font is chinese else 0.9)
            if used + wide > room:
                lines, used = lines + 1, 0.0
            used += font.getlength(piece) / 100 * size * (1 if font is chinese else 0.9)
        total += lines * 1.2 * size + (paragraph.space_after.pt if paragraph.space_after is not None else 0)
    return total * 12700
