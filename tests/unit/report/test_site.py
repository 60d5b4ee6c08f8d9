"""The site of a tiny set of results: pages, links, search, escaping, the same bytes twice, nothing from a network."""

import json
import re
import shutil
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image
from sphinx.application import Sphinx

from shanhai.core.errors import ReportError
from shanhai.core.manifest import MANIFEST
from shanhai.core.notebooks import find_notebooks
from shanhai.core.paths import LIBRARY, NOTEBOOKS
from shanhai.core.sources import hash_file
from shanhai.render.words import Words
from shanhai.report.build import build_report
from shanhai.report.results import LANGUAGES, Results
from shanhai.report.site import _notebooks
from shanhai.report.site.build import build_site
from shanhai.report.site.extension import SPLITTER
from shanhai.run.parameters import read_parameters

DOCS, SITE = LIBRARY.parent / "docs", LIBRARY / "report" / "site"

HOSTILE = "<script>alert('x')</script> **b** `{download}`a`` [c](javascript:d) & \"e\""
"""What a name, a caption or a parameter of a user's may hold."""

WORDS = {
    "en": (
        "## How rich is Quzhou?", "GDP rose by 3%. It is lower than elsewhere.", "## Appendix\n\nMore.", "### Fjords",
        "A lighthouse.",
    ),
    "zh": (
        "## 衢州市有多富裕？", "地区生产总值增长3%。低于其他地方。", "## 附录\n\n更多。", "### 山海协作的省际边界",
        "灯塔。",
    ),
}  # fmt: skip
"""Question, answer, appendix, and a section with a text in it."""

EVIL = "https://evil.example/x.js"
FOREIGN_MARKDOWN = (
    f"<script src='{EVIL}'></script><img src=x onerror=alert(1)>\n\n<iframe src='{EVIL}'></iframe>",
    f"```{{raw}} html\n<script src='{EVIL}'></script>\n```",
    f"> - ~~~~ {{raw}} html\n>   <form action='{EVIL}'><input onfocus=alert(1) autofocus></form>\n>   ~~~~",
    f"```a` x\x0c\u2028~~~{{raw}} html\n<script src='{EVIL}'></script>",
    "```{eval-rst}\n.. raw:: html\n\n   <script>alert(1)</script>\n```",
    "```{include} index.md\n```\n\n```{literalinclude} settings.json\n```\n\n```{figure} settings.json\n```",
    f"![a]({EVIL}) ![](settings.json)",
    "[j](javascript:alert(1)) <javascript:alert(2)> [k](data:text/html,x) $\\href{javascript:alert(3)}{x}$",
)
"""What a cell of somebody else's notebook may hold."""

_SCRIPTED = f"<script src='{EVIL}'></script><svg onload='alert(1)'></svg><iframe srcdoc='<script>'></iframe>"
FOREIGN = [
    *(
        nbformat.v4.new_output("display_data", {form: _SCRIPTED, "text/plain": f"plain {form}"})
        for form in ("text/html", "image/svg+xml", "text/latex", "application/javascript", "text/x-unknown")
    ),
    nbformat.v4.new_output("display_data", {"text/html": _SCRIPTED}, metadata={"text/html": {"exhibit": "unlisted"}}),
    nbformat.v4.new_output("display_data", {"application/vnd.jupyter.widget-view+json": {"model_id": "m"}}),
    nbformat.v4.new_output("display_data", {"image/png": "iVBORw0KGgo="}, metadata={"image/png": {"alt": '" onx=1'}}),
    *(nbformat.v4.new_output("display_data", {"text/markdown": text}) for text in FOREIGN_MARKDOWN),
    nbformat.v4.new_output("stream", name="stderr", text=_SCRIPTED),
    nbformat.v4.new_output("error", ename=_SCRIPTED, evalue=_SCRIPTED, traceback=[_SCRIPTED]),
]
"""Outputs of every kind, as somebody else's or a tampered notebook may bring them."""

TEXTS = (
    *("whole", "place", "indicator", "gist", "claimed", "reference", "unit", "rule", "basis", "basis_reason"),
    *("robustness", "refuted_by", "seen", "needs", "note"),
)
CLAIM = {name: "" for text in TEXTS for name in (text, f"{text}_zh")} | {
    "id": "Q01", "seed": "quzhou-2023", "part_of": "", "same_as": "", "line": "7", "statements": "", "period": "2021",
    "code": "", "basis_key": "", "p": None, "p_holm": None, "p_bh": None, "one_sided": False, "computed": 3.0,
    "verdict": "consistent", "others": [], "data": "", "columns": "", "bases": 1, "agreeing": 1,
    "place": "Quzhou", "place_zh": "衢州市", "gist": HOSTILE, "gist_zh": HOSTILE,
}  # fmt: skip


def write_run(folder: Path, language: str, name: str, title: str) -> dict[str, str]:
    base = folder if language == "en" else folder / language
    for part in ("notebooks", "parts", "tables", "figures"):
        (base / part).mkdir(parents=True, exist_ok=True)
    table, figure = f"tables/{name}--gdp", f"figures/{name}--gdp"
    (base / f"{table}.csv").write_text("place,yuan\n", encoding="utf-8")
    (base / f"{table}.tex").write_text("%", encoding="utf-8")
    (base / f"{figure}.pdf").write_bytes(b"%PDF-1.4")
    Image.new("RGB", (30, 20), "white").save(base / f"{figure}.png")
    shared = {"name": "gdp", "stem": f"{name}--gdp", "caption": HOSTILE}
    exhibits = [
        {
            "kind": "table", **shared, "files": {end: f"{table}.{end}" for end in ("csv", "tex")}, "notes": [HOSTILE],
            "heads": ["place", HOSTILE], "rows": [[HOSTILE, "1"]], "numeric": [False, True], "rules_before": [0],
        },
        {
            "kind": "figure", **shared, "files": {end: f"{figure}.{end}" for end in ("png", "pdf")},
            "width_inches": 3.0, "height_inches": 2.0,
        },
    ]  # fmt: skip
    (base / "parts" / f"{name}.exhibits.json").write_text(json.dumps(exhibits), encoding="utf-8")
    (base / "notebooks" / f"{name}.ipynb").write_text(
        nbformat.writes(notebook(language, title, f"{name}--gdp")), encoding="utf-8"
    )
    written = [base / "parts" / f"{name}.exhibits.json", base / "notebooks" / f"{name}.ipynb"]
    written += [base / f"{table}.csv", base / f"{table}.tex", base / f"{figure}.pdf", base / f"{figure}.png"]
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in written}


def notebook(language: str, title: str, stem: str) -> nbformat.NotebookNode:
    question, answer, appendix, section, text = WORDS[language]
    document = nbformat.v4.new_notebook()

    def cell(name: str, *outputs: nbformat.NotebookNode, tags: tuple[str, ...] = ()) -> None:
        document.cells.append(
            nbformat.v4.new_code_cell(f"show({name!r})", id=name, metadata={"tags": list(tags)}, outputs=list(outputs))
        )

    def said(markdown: str) -> nbformat.NotebookNode:
        return nbformat.v4.new_output("display_data", {"text/markdown": markdown})

    def shown(form: str, content: str) -> nbformat.NotebookNode:
        return nbformat.v4.new_output("display_data", {form: content}, metadata={form: {"exhibit": stem}})

    document.cells.append(nbformat.v4.new_markdown_cell(f"# {title}", id="title"))
    cell("parameters", tags=("parameters",))
    document.cells[-1]["source"] = 'prefecture: str = "330800"  # code <of> a place'
    cell("question", said(question), tags=("question",))
    cell("answer", said(f"{answer} {HOSTILE}"), tags=("answer",))
    cell("exhibits", shown("text/html", "<table>"), shown("image/png", "iVBORw0KGgo="))
    cell("appendix", said(appendix), tags=("appendix",))
    cell("section", said(section))
    cell("text", said(f"{text} [method](../lib/docs/conley.md) [other](01-audit-data.ipynb)"))
    cell("foreign", *FOREIGN)
    document.cells += [nbformat.v4.new_markdown_cell(text, id=f"f{i}") for i, text in enumerate(FOREIGN_MARKDOWN)]
    return document


def write_results(folder: Path) -> Path:
    runs = {}
    listed = {
        "01-audit-data": ("01-audit-data", "Audit the data 数据审计", {}),
        "04-report-city-330800": ("04-report-city", "Report on one place 地方画像", {"prefecture": "330800"}),
        "04-report-city-330802": ("04-report-city", "Report on one place 地方画像", {"county": "330802"}),
        "08-explain-gap-x": ("08-explain-gap", "Explain a gap 差距的分解", {"place": "330800", "reference": HOSTILE}),
    }
    for language in LANGUAGES:
        for name, (stem, title, parameters) in listed.items():
            outputs = write_run(folder, language, name, title)
            runs[name if language == "en" else f"zh/{name}"] = {
                "fingerprint": "f", "ok": True, "seconds": 1.0, "outputs": outputs, "notebook": f"{stem}.ipynb",
                "parameters": {**parameters, "language": language},
            }  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps({"runs": runs}), encoding="utf-8")
    (folder / "findings.json").write_text(json.dumps([CLAIM]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_results(tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def report(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(results, tmp_path_factory.mktemp("report"))


def build(results: Path, to: Path) -> Path:
    build_site(Results.read(results), to)
    return to


class _Page(HTMLParser):
    """Addresses, anchors, elements and texts of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.addresses: list[tuple[str, str]] = []
        self.anchors: set[str] = set()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        self.anchors |= {value for name in ("id", "name") if (value := found.get(name))}
        self.addresses += [(tag, value) for name in ("href", "src", "data", "action") if (value := found.get(name))]

    def first(self, tag: str, **attributes: str) -> dict[str, str | None] | None:
        wanted = attributes.items()
        return next((found for name, found in self.elements if name == tag and wanted <= found.items()), None)


@pytest.fixture(scope="module")
def read_pages(report: Path) -> dict[Path, _Page]:
    return {path: _Page(path) for path in sorted(report.rglob("*.html"))}


def test_each_page_is_there_in_both_languages(report: Path) -> None:
    names = {
        language: {path.relative_to(report / language).as_posix() for path in (report / language).rglob("*.html")}
        for language in LANGUAGES
    }
    assert names["en"] == names["zh"]
    assert names["en"] >= {
        "index.html", "ledger.html", "exhibits.html", "search.html", "methods/conley.html", "data/dictionary.html",
        "data/glossary.html", "data/references.html", "data/sources.html", "methods/pre-specification.html",
        "notebooks/01-audit-data.html", "notebooks/08-explain-gap-x.html", "places/330800.html", "places/330802.html",
    }  # fmt: skip


def test_every_link_leads_to_a_file_and_an_anchor(report: Path, read_pages: dict[Path, _Page]) -> None:
    broken = []
    for path, page in read_pages.items():
        for tag, address in page.addresses:
            parts = urlsplit(address)
            if parts.scheme in ("http", "https", "mailto") and tag == "a":
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if parts.scheme or not target.is_file() or not target.is_relative_to(report):
                broken.append(f"{path.relative_to(report)}: {address}")
            elif (
                "=" not in parts.fragment
                and parts.fragment
                and unquote(parts.fragment) not in read_pages[target].anchors
            ):
                broken.append(f"{path.relative_to(report)}: no anchor {address}")
    assert broken == []


def risks(page: _Page) -> list[tuple[str, dict[str, str | None]]]:
    """Elements that run something, load something from outside, or send something."""
    tags = {"iframe", "object", "embed", "form", "base", "svg", "foreignobject"}
    return [
        (tag, found)
        for tag, found in page.elements
        if (tag in tags and found.get("class") != "bd-search d-flex align-items-center")
        or any(name.startswith("on") for name in found)
        or any((found.get(name) or "").startswith(("javascript:", "data:", "vbscript:")) for name in ("href", "src"))
        or (tag not in ("a", "link") and any("evil.example" in (value or "") for value in found.values()))
        or (tag == "img" and "alt" not in found)
        or (tag == "meta" and found.get("http-equiv"))
    ]


def test_nothing_that_a_foreign_notebook_brings_runs_or_loads(report: Path, read_pages: dict[Path, _Page]) -> None:
    bare = risks(read_pages[report / "en" / "data" / "glossary.html"])  # what the theme itself has
    for name in ("notebooks/01-audit-data.html", "places/330800.html"):
        path = report / "en" / name
        assert [found for found in risks(read_pages[path]) if found not in bare] == []
        text = path.read_text(encoding="utf-8")
        assert "plain text/html" in text  # the text that stands beside the HTML
        assert "&lt;iframe src=" in text  # HTML in Markdown is text, and so is a directive
        assert '"shared"' not in text  # no file of this machine is included
    assert EVIL not in "".join(path.read_text(encoding="utf-8") for path in report.rglob("*.js"))


def test_a_figure_leads_to_its_full_size(report: Path) -> None:
    text = (report / "en" / "places" / "330800.html").read_text(encoding="utf-8")
    address = "../_files/figures/04-report-city-330800--gdp.png"
    assert f'<a class="full-size" href="{address}" title="Open the figure at full size"><img src="{address}"' in text


def test_a_large_image_keeps_its_colours(tmp_path: Path) -> None:
    drawn = Figure(figsize=(3, 1))
    for left, colour in ((0.0, "#f7f7f2"), (0.4, "#fdfdfc")):  # land and sea of a map of types
        drawn.add_artist(Rectangle((left, 0), 0.3, 1, color=colour, linewidth=0, transform=drawn.transFigure))
    drawn.savefig(tmp_path / "map.pdf")
    (tmp_path / "map.png").write_bytes(b"0" * 1_000_000)
    files = {ending: tmp_path / f"map.{ending}" for ending in ("pdf", "png")}
    _notebooks._copy_image(SimpleNamespace(files=files), tmp_path / "copy.png")
    with Image.open(tmp_path / "copy.png") as copy:
        across = copy.width
        seen = [copy.getpixel((int(share * across), copy.height // 2)) for share in (0.1, 0.5, 0.9)]
    assert across == 3 * 160
    assert seen == [(0xF7, 0xF7, 0xF2), (0xFD, 0xFD, 0xFC), (255, 255, 255)]


def test_nothing_is_taken_from_a_network(report: Path) -> None:
    taken = re.compile(r"(?:url\(|@import|importScripts\()\s*[\"']?(?:https?:)?//", re.ASCII)
    files = [path for ending in ("html", "css") for path in report.rglob(f"*.{ending}")]
    assert [path for path in files if taken.search(path.read_text(encoding="utf-8"))] == []


def test_each_page_says_its_language_title_and_where_its_twin_is(report: Path, read_pages: dict[Path, _Page]) -> None:
    for path, page in read_pages.items():
        language = path.relative_to(report).parts[0]
        if language in LANGUAGES:
            assert page.first("html", lang={"en": "en", "zh": "zh-CN"}[language]), path
            other = {"en": "zh", "zh": "en"}[language]
            twin = (report / other / path.relative_to(report / language)).resolve()
            found = [path.parent / address for tag, address in page.addresses if tag == "a"]
            assert twin in {address.resolve() for address in found if "://" not in str(address)}, path
            assert page.first("title") is not None
    notebook = read_pages[report / "en" / "notebooks" / "01-audit-data.html"]
    assert notebook.first("meta", name="description", content="GDP rose by 3%.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_user_supplies_is_text(report: Path, read_pages: dict[Path, _Page], language: str) -> None:
    for name in ("places/330800.html", "notebooks/08-explain-gap-x.html", "exhibits.html", "index.html"):
        path = report / language / name
        text = path.read_text(encoding="utf-8")
        assert "&lt;script&gt;alert" in text
        assert "<script>alert" not in text
        assert not [address for _, address in read_pages[path].addresses if address.startswith("javascript:d")]
    assert "<script>alert" not in (report / language / "ledger.html").read_text(encoding="utf-8")


def test_the_appendix_is_folded_and_exhibits_have_anchors(read_pages: dict[Path, _Page], report: Path) -> None:
    path = report / "zh" / "places" / "330800.html"
    page, text = read_pages[path], path.read_text(encoding="utf-8")
    assert {"04-report-city-330800--gdp", "04-report-city-330800--gdp--figure"} <= page.anchors
    assert text.index("更多") < text.index('<details class="fold">') < text.index("灯塔")


def test_code_is_hidden_until_it_is_asked_for(read_pages: dict[Path, _Page], report: Path) -> None:
    page = read_pages[report / "en" / "places" / "330800.html"]
    assert page.first("input", type="checkbox", id="show-code")
    assert page.first("details", **{"class": "admonition hide above-input"})


def index_of(report: Path, language: str) -> dict[str, object]:
    text = (report / language / "searchindex.js").read_text(encoding="utf-8")
    return dict(json.loads(text.removeprefix("Search.setIndex(").rstrip().removesuffix(")")))


def found(index: dict[str, object], *terms: str) -> set[str]:
    """Pages that hold all terms, as the script of the search looks them up."""
    pages: list[set[str]] = []
    for term in terms:
        held: set[str] = set()
        for kind in ("terms", "titleterms"):
            numbers = index[kind].get(term, [])
            held |= {index["docnames"][number] for number in ([numbers] if isinstance(numbers, int) else numbers)}
        pages.append(held)
    return set.intersection(*pages)


@pytest.mark.parametrize(
    ("language", "terms", "page"),
    [
        ("zh", ("际边", "边界"), "places/330800"),
        ("zh", ("海协",), "places/330800"),
        ("zh", ("灯塔",), "places/330800"),
        ("zh", ("数据", "据审"), "notebooks/01-audit-data"),
        ("en", ("柯城",), "places/index"),
        ("en", ("fjord",), "places/330800"),
        ("en", ("quzhou",), "places/330800"),
        ("zh", ("q01",), "ledger"),
    ],
)
def test_search_finds_words_from_the_middle(report: Path, language: str, terms: tuple[str, ...], page: str) -> None:
    assert page in found(index_of(report, language), *terms)


def test_the_browser_has_the_splitter_of_queries(report: Path) -> None:
    assert SPLITTER.strip() in (report / "zh" / "_static" / "language_data.js").read_text(encoding="utf-8")


def test_english_on_chinese_pages_is_marked(report: Path) -> None:
    for name in ("dictionary", "glossary"):
        assert '<td lang="en">' in (report / "zh" / "data" / f"{name}.html").read_text(encoding="utf-8")
        assert '<td lang="en">' not in (report / "en" / "data" / f"{name}.html").read_text(encoding="utf-8")
    own = '<td><span lang="en">code &lt;of&gt; a place</span></td>'  # of no notebook of ours
    assert own in (report / "zh" / "places" / "330800.html").read_text(encoding="utf-8")


def test_chinese_pages_of_methods_take_over_examples_tables_and_works(report: Path) -> None:
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (report / "zh" / "methods").glob("*.html")}
    assert [name for name, text in pages.items() if "{{" in text] == []
    english = {path.stem: path.read_text(encoding="utf-8") for path in (report / "en" / "methods").glob("*.html")}
    assert [name for name, text in (pages | english).items() if "&lt;!" in text] == []  # notes for editors
    example = english["conley"].partition('<div class="highlight')
    assert example[2].partition("</pre>")[0] in pages["conley"]
    assert 'href="../../en/methods/conley.html"' in pages["conley"]
    assert "（Conley 1999）" in pages["conley"] and "CONLEY T G, 1999" in pages["conley"]
    assert pages["coverage"].count("<table") == 13


@pytest.mark.parametrize("hole", ["{{block 9}}", "{{rows 1}}", "{{figure}}", "{{rows 0}}"])
def test_a_hole_that_the_english_page_cannot_fill_is_refused(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hole: str
) -> None:
    chinese = tmp_path / "zh"
    shutil.copytree(DOCS / "zh", chinese)
    (chinese / "scpc.md").write_text(f"# 标准误\n\n{hole}\n", encoding="utf-8")
    monkeypatch.setattr("shanhai.report.site._methods._CHINESE", chinese)
    with pytest.raises(ReportError, match=r"zh/scpc\.md asks for .*the English page has \d"):
        build(results, tmp_path / "report")


def test_a_page_in_one_language_alone_is_refused(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shanhai.report.site._methods._CHINESE", tmp_path)
    with pytest.raises(ReportError, match="differ: assess-collaboration"):
        build(results, tmp_path / "report")


def test_every_parameter_of_every_notebook_has_its_chinese() -> None:
    words = Words.beside(str(SITE / "_notebooks.py"), "parameters.toml").labels("help").values()
    said = {
        parameter.help for path in find_notebooks(NOTEBOOKS).values() for parameter in read_parameters(path).values()
    }
    assert {english for english, _ in words} == said
    assert [english for english, chinese in words if not re.search("[㐀-鿿]", chinese)] == []
    assert len(words) == len(said)


@pytest.mark.parametrize(("language", "name"), [("en", "Quzhou"), ("zh", "衢州市")])
def test_a_place_leads_to_its_claims_and_says_how_many(report: Path, language: str, name: str) -> None:
    text = unquote((report / language / "places" / "330800.html").read_text(encoding="utf-8"))
    assert re.search(rf'ledger\.html\?place={name}">[^<]*\b1\D*<', text)


def test_only_the_ledger_has_no_sidebar_on_the_right(report: Path) -> None:
    pages = {name: (report / "en" / f"{name}.html").read_text(encoding="utf-8") for name in ("ledger", "exhibits")}
    assert {name: "bd-sidebar-secondary" in text for name, text in pages.items()} == {"ledger": False, "exhibits": True}


def test_titles_come_first_in_the_search(report: Path) -> None:
    assert "var Scorer = {" in (report / "zh" / "_static" / "language_data.js").read_text(encoding="utf-8")


def test_the_font_holds_every_chinese_character_that_is_shown(report: Path) -> None:
    shown = set("".join(path.read_text(encoding="utf-8") for path in report.rglob("*.html")))
    chinese = {character for character in shown if "\u3400" <= character <= "\u9fff"}
    with TTFont(report / "assets" / "noto-sans-sc.woff") as font:
        assert {character for character in chinese if ord(character) not in font.getBestCmap()} == set()


def test_two_sites_have_the_same_bytes(results: Path, report: Path, tmp_path: Path) -> None:
    again = build(results, tmp_path)
    first, second = (
        {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
        for folder in (report, again)
    )
    assert list(first) == list(second)
    assert [name for name, content in first.items() if second[name] != content] == []


def test_a_folder_that_is_no_report_is_left_alone(results: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine", encoding="utf-8")
    with pytest.raises(ReportError, match="is no report"):
        build_report(results, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_the_tree_beside_each_page_is_the_one_that_sphinx_makes_for_it(tmp_path: Path) -> None:
    source = tmp_path / "source"
    listed = {
        "index": ":caption: A\n\na/index\nb\n```\n\n```{toctree}\n:caption: B & C\n\nc/d/e\nhttps://example.org/f",
        "a/index": "x\ny",
        "a/x": "",
        "a/y": "z",
        "a/z": "",
        "b": "",
        "c/d/e": "",
    }
    for name, inside in listed.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        lines = f"# Page *{name}*\n\n## Section\n\n```{{toctree}}\n{inside}\n```\n" if inside else f"# Page {name}\n"
        (source / f"{name}.md").write_text(lines, encoding="utf-8")

    def trees(*extensions: str) -> dict[str, str]:
        to = tmp_path / f"html-{len(extensions)}"
        settings = {
            "extensions": ["myst_parser", *extensions],
            "html_theme": "basic",
            "html_sidebars": {"**": ["tree.html"]},
            "templates_path": ["_templates"],
            "shanhai_other": {"code": "zh"},
        }
        (source / "_templates").mkdir(exist_ok=True)
        (source / "_templates" / "tree.html").write_text(
            "<nav>{{ toctree(collapse=False, includehidden=True, titles_only=True, maxdepth=4) }}</nav>"
        )
        Sphinx(source, None, to, tmp_path / "trees", "html", settings, status=None, freshenv=True).build()
        return {name: (to / f"{name}.html").read_text("utf-8").split("nav>")[1] for name in listed}

    made = trees("shanhai.report.site.extension")
    assert 'class="current reference internal" href="#">Page a/z' in made["a/z"]
    assert made == trees()


@pytest.mark.parametrize(("language", "heading"), [("en", "counties of Zhejiang"), ("zh", "各样本包含浙江")])
def test_the_samples_of_zhejiang_are_counted_with_what_each_lacks(report: Path, language: str, heading: str) -> None:
    page = (report / language / "data" / "sources.html").read_text(encoding="utf-8")
    table = page[page.index("<table", page.index(heading)) :].partition("</table>")[0]
    rows = [
        [unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)]
        for row in re.findall(r"<tr.*?</tr>", table, re.S)
    ][1:]
    counts = [int(count) for _, count, _ in rows]
    lacking = [len(re.split("[,，、]", names)) if names else 0 for _, _, names in rows]
    # districts of Hangzhou that were redrawn in 2021 have no GDP per head of the land of the census
    assert counts == [90, 89, 85, 84, 26]
    assert [count + absent for count, absent in zip(counts[:4], lacking, strict=False)] == [90] * 4
