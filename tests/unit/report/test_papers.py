"""A paper on tiny inputs: text stays text, tables fit or are refused, and a plan names what there is."""

import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import nbformat
import pytest
from pypdf import PdfReader

from shanhai.core.errors import ReportError
from shanhai.report.papers._slides import Slide, pptx_of
from shanhai.report.papers._typst import pdf_of
from shanhai.report.papers._word import docx_of
from shanhai.report.papers.compose import compose
from shanhai.report.papers.document import (
    Bullets,
    Heading,
    Paper,
    Paragraph,
    PrintedFigure,
    PrintedTable,
    References,
    blocks_of,
    line_of,
    plain,
)
from shanhai.report.papers.plan import Answer, Head, Part, Passage, Plan, Say, Show, plans_for
from shanhai.report.results import Exhibit, Results, Run

LABELS = {"abstract": "Abstract. ", "keywords": "Keywords: ", "table": "Table", "figure": "Figure", "imprint": "Made."}
HOSTILE = "#eval(1) $x$ *a* _b_ <script> \\command{x} @ref [c] `d` //e"


def paper(*blocks: object, language: str = "en", title: str = "A title") -> Paper:
    return Paper(language, title, "Somebody", "Short.", ("one", "two"), LABELS, blocks)  # type: ignore[arg-type]


def table(**changed: object) -> PrintedTable:
    rows = (("terrain", "−0.117***"), ("border", "(0.029)"))
    whole = PrintedTable(1, "Parts", ("part", "value"), rows, (False, True), (1,), ("A note.",))
    return replace(whole, **changed)  # type: ignore[arg-type]


def pages(content: bytes, tmp_path: Path) -> list[str]:
    (tmp_path / "paper.pdf").write_bytes(content)
    return ["".join(page.extract_text().split()) for page in PdfReader(tmp_path / "paper.pdf").pages]


def test_what_looks_like_markup_is_printed_as_it_stands(tmp_path: Path) -> None:
    hostile = table(caption=HOSTILE, heads=(HOSTILE, "n"), rows=((HOSTILE, "1"),), rules_before=(), notes=(HOSTILE,))
    written = paper(Heading(1, HOSTILE), hostile, title=HOSTILE)
    text = "".join(pages(pdf_of(written), tmp_path))
    assert text.count("".join(HOSTILE.split())) == len(("title", "heading", "caption", "head", "cell", "note"))
    assert docx_of(written)


@pytest.mark.parametrize("form", [pdf_of, docx_of])
def test_the_same_paper_gives_the_same_bytes(form: object) -> None:
    written = paper(Heading(1, "衢州"), Bullets((line_of("**a** `b_c/d` [e](https://example.org)"),)), table())
    assert form(written) == form(written)  # type: ignore[operator]


def test_a_character_without_glyph_is_refused_by_name() -> None:
    with pytest.raises(ReportError, match=r"'A title' cannot be set: .*𠮷.*\. Correct what it names"):
        pdf_of(paper(Heading(1, "Places"), Paragraph(line_of("𠮷"))))


def test_a_long_table_repeats_its_head_and_loses_no_row(tmp_path: Path) -> None:
    rows = tuple((f"row{number}", f"{number}.5") for number in range(120))
    printed = pages(pdf_of(paper(Heading(1, "Rows"), table(rows=rows))), tmp_path)
    assert len(printed) > 1
    assert all("partvalue" in page for page in printed)
    assert [cell for row in rows for cell in row if cell not in "".join(printed)] == []


@pytest.mark.parametrize("before", [26, 38, 44, 46, 48, 50, 52])
def test_a_caption_stays_with_its_first_row_and_tables_keep_their_order(tmp_path: Path, before: int) -> None:
    """However much of a page is filled: a short table floats, and a long one after it stands in the text."""
    rows = tuple((f"row{number}", f"{number}.5") for number in range(90))
    lines = [Paragraph(line_of("Words.")) for _ in range(before)]
    short = table(caption="Short one", rows=tuple((f"brief{number}", "1") for number in range(20)))
    long = table(number=2, caption="Long one", rows=rows)
    printed = pages(pdf_of(paper(Heading(1, "Rows"), *lines, short, long)), tmp_path)
    for caption, first in (("Shortone", "brief0"), ("Longone", "row0")):
        (page,) = [page for page in printed if caption in page]
        assert first in page
    whole = "".join(printed)
    assert whole.index("Shortone") < whole.index("Longone")


def test_a_table_that_fits_no_page_is_refused() -> None:
    rows = (tuple("1" * 12 for _ in range(20)),)
    wide = table(caption="Too wide", heads=("n",) * 20, rows=rows, numeric=(True,) * 20, rules_before=())
    with pytest.raises(ReportError, match="table 1 does not fit the page: Too wide"):
        pdf_of(paper(Heading(1, "Rows"), wide))


def test_a_figure_that_is_gone_is_refused_and_a_large_one_becomes_smaller(tmp_path: Path) -> None:
    drawn = PrintedFigure(1, "A map", tmp_path / "map.pdf", tmp_path / "map.png", 8.0, 20.0)
    assert drawn.size() == pytest.approx((82.0, 205.0))
    for form in (pdf_of, docx_of):
        with pytest.raises(ReportError, match=r"The figure .*map\.(pdf|png) is gone; run `shanhai reproduce` again"):
            form(paper(drawn))


def test_markdown_of_a_notebook_becomes_paragraphs_and_lists() -> None:
    found = blocks_of("### Head\n\nFell by -0.2 (*p* = 0.03).\n\n- **A.** One\n- [page](../docs/a.md)")
    assert found[0] == Heading(2, "Head")
    assert isinstance(found[1], Paragraph) and isinstance(found[2], Bullets)
    assert plain(found[1].line) == "Fell by −0.2 (p = 0.03)."
    assert [plain(item) for item in found[2].items] == ["A. One", "page"]
    with pytest.raises(ReportError, match="A paper has no form for 'fence'"):
        blocks_of("```\ncode\n```")


def test_a_text_that_fits_no_slide_is_refused() -> None:
    with pytest.raises(ReportError, match=r"fits its slide of .* in no size"):
        pptx_of((Slide("Title", ("word " * 3000,)),), "en")


RUN = "13-check-robustness"


@pytest.fixture
def results(tmp_path: Path) -> Results:
    document = nbformat.v4.new_notebook()
    said = {
        "answer(language)": "Light fell (Cinelli & Hazlett 2020). It rose.",
        "words.one(language)": "### One\n\nFirst.\n\n- a\n- b",
        "words.two(language)": "Never shown.",
    }
    for number, (call, text) in enumerate(said.items()):
        shown = nbformat.v4.new_output("display_data", {"text/markdown": text})
        tags = {"tags": ["answer"]} if call.startswith("answer") else {}
        cell = nbformat.v4.new_code_cell(f"publish_text({call})", id=f"c{number}", metadata=tags, outputs=[shown])
        document.cells.append(cell)
    nbformat.write(document, tmp_path / "run.ipynb")
    (tmp_path / "t.csv").write_text("key,size\na,1\n", encoding="utf-8-sig")
    exhibit = Exhibit("table", "t", f"{RUN}--t", "Sizes", {"csv": tmp_path / "t.csv"}, ("place", "m"), (("a", "-1"),))
    exhibit = replace(exhibit, numeric=(False, True))
    run = Run(RUN, RUN, {}, "en", tmp_path / "run.ipynb", {"table t": exhibit}, {})
    border = {"notebook": RUN, "term": "on_border", "estimate": -0.1, "low": -0.2, "high": 0.0}
    start = "battery, at equal district status: "
    items = (
        "main difference, errors clustered by province",
        "area and distance to the capital held fixed",
        "against counties at the edge of a prefecture only",
    )
    main = {
        "notebook": "03-estimate-border-and-mountain",
        "term": "on_border",
        "n": 9,
        "clusters": 3,
        "sample": "China",
    }
    main |= {"model": "border x terrain", "outcome": "log_gdp_per_capita_2021"}
    errors = ("province_code", "prefecture_code")
    sizes = {"estimate": -0.1, "low": -0.2, "high": 0.0}
    both = (main | sizes | {"vcov": f"cluster({by}) CR1S"} for by in errors)
    rows = [*(border | {"model": start + item} for item in items), *both]
    (tmp_path / "estimates.json").write_text(json.dumps(rows), encoding="utf-8")
    (tmp_path / "findings.json").write_text("[]", encoding="utf-8")
    return Results(tmp_path, {"en": {RUN: run}, "zh": {}}, MappingProxyType({}))


def composed(results: Results, *parts: Part) -> Paper:
    return compose(
        Plan("tiny", "borders", (Answer(RUN, (1,)),), "borders", (Head("head.results"), *parts)), results, "en"
    )


def test_a_plan_takes_sentences_paragraphs_and_columns_and_lists_what_is_cited(results: Results) -> None:
    made = composed(
        results, Answer(RUN, (0,)), Passage(RUN, "words.one", keep=(0, 2), headed=True),
        Show(RUN, "t", "tab_ledger", ("size",)), Say("borders.claims"),
    )  # fmt: skip
    assert made.abstract == "It rose."
    assert made.blocks[1:4] == (
        Paragraph(line_of("Light fell (Cinelli & Hazlett 2020).")), Heading(2, "One"), Paragraph(line_of("First.")),
    )  # fmt: skip
    assert made.blocks[4] == Bullets((line_of("b"),))
    assert (made.tables()[0].heads, made.tables()[0].rows) == (("m",), (("−1",),))
    assert "Table\N{NO-BREAK SPACE}1 holds every claim" in " ".join(made.texts())
    listed = made.blocks[-1]
    assert isinstance(listed, References)
    assert [plain(entry)[:15] for entry in listed.entries] == ["Cinelli, Carlos"]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (Answer(RUN, (5,)), "The answer of 13-check-robustness has 2 sentences; asked for"),
        (Passage(RUN, "publish_text"), "13-check-robustness has 3 cells with 'publish_text'"),
        (Passage(RUN, "words.one", keep=(7,)), "there are 3 passages; asked for"),
        (Show(RUN, "u", "tab_u"), "has no 'table u'; it has table t"),
        (Show(RUN, "t", "tab_t", ("width",)), "has no column width; it has key, size"),
        (Show(RUN, "t", "tab_t"), "No sentence of the paper 'tiny' refers to tab_t"),
        (Answer("99"), "There is no run '99'"),
    ],
)
def test_a_plan_that_names_what_is_not_there_is_refused(results: Results, part: Part, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        composed(results, part)


def test_a_further_prefecture_with_report_and_gap_has_a_paper(tmp_path: Path) -> None:
    def run(name: str, notebook: str, **parameters: str) -> Run:
        return Run(name, notebook, parameters, "en", tmp_path / "a.ipynb", {}, {})

    runs = [
        run("04-report-city-330800", "04-report-city", prefecture="330800"),
        run("04-report-city-331100", "04-report-city", prefecture="331100"),
        run("04-report-city-331102", "04-report-city", county="331102"),
        run("04-report-city-330400", "04-report-city", prefecture="330400"),
        run("08-explain-gap-331100-110000", "08-explain-gap", place="331100", reference="110000"),
        run("08-explain-gap-331100-330000", "08-explain-gap", place="331100", reference="330000"),
    ]
    plans = plans_for(Results(tmp_path, {"en": {run.name: run for run in runs}, "zh": {}}, MappingProxyType({})))
    assert [plan.key for plan in plans] == ["quzhou", "bazhong", "borders", "331100"]
    assert plans[-1].gaps == ("08-explain-gap-331100-330000", "08-explain-gap-331100-110000")
