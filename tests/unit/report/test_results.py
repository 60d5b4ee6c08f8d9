"""The reader of results: what a run says and shows in both languages, and folders that it refuses."""

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from shanhai.core.errors import ReportError
from shanhai.core.manifest import MANIFEST
from shanhai.core.sources import hash_file
from shanhai.report.build import build_report
from shanhai.report.results import Results

EXHIBITS = [
    {
        "kind": "table",
        "name": "gdp",
        "stem": "01-audit--gdp",
        "caption": "GDP",
        "files": {"csv": "tables/01-audit--gdp.csv"},
        "heads": ["place", "yuan"],
        "rows": [["Qujiang", "1"]],
        "numeric": [False, True],
        "rules_before": [],
        "notes": [],
    },
]
ANSWER = {
    "en": "Light fell by 3.5% in 2011. It rose (95% CI -1 to 2). Nothing else?",
    "zh": "灯光下降3.5%。其后上升。原因不明。",
}


def write_run(folder: Path, language: str) -> dict[str, str]:
    base = folder if language == "en" else folder / language
    for part in ("notebooks", "parts", "tables"):
        (base / part).mkdir(parents=True)
    document = nbformat.v4.new_notebook()
    document.cells.append(nbformat.v4.new_markdown_cell("# Audit 审计", id="title"))
    for tag, text in (("question", "## What fell?"), ("answer", ANSWER[language])):
        shown = nbformat.v4.new_output("display_data", {"text/markdown": text})
        document.cells.append(nbformat.v4.new_code_cell("say", id=tag, metadata={"tags": [tag]}, outputs=[shown]))
    shown = nbformat.v4.new_output(
        "display_data", {"text/html": "<table>"}, metadata={"text/html": {"exhibit": "01-audit--gdp"}}
    )
    document.cells.append(nbformat.v4.new_code_cell("gdp", id="gdp", outputs=[shown]))
    nbformat.write(document, base / "notebooks" / "01-audit.ipynb")
    (base / "tables" / "01-audit--gdp.csv").write_text("place,yuan\nQujiang,1\n", encoding="utf-8")
    (base / "parts" / "01-audit.exhibits.json").write_text(json.dumps(EXHIBITS), encoding="utf-8")
    files = [path for part in ("notebooks", "parts", "tables") for path in (base / part).iterdir()]
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in files}


@pytest.fixture
def write_results(tmp_path: Path) -> Callable[..., Path]:
    def write(languages: tuple[str, ...] = ("en", "zh"), ok: bool = True) -> Path:
        runs = {}
        for language in languages:
            record = {"fingerprint": "f", "ok": ok, "seconds": 1.0, "outputs": write_run(tmp_path, language)}
            record |= {"error": None, "notebook": "01-audit.ipynb", "parameters": {"language": language, "draws": 9}}
            runs["01-audit" if language == "en" else f"{language}/01-audit"] = record
        (tmp_path / MANIFEST).write_text(json.dumps({"runs": runs}), encoding="utf-8")
        return tmp_path

    return write


def test_a_run_says_and_shows_the_same_in_both_languages(write_results: Callable[..., Path]) -> None:
    results = Results.read(write_results())
    english, chinese = (results.run("01-audit", language) for language in ("en", "zh"))
    assert english.question == "What fell?"
    assert english.answer == ("Light fell by 3.5% in 2011.", "It rose (95% CI -1 to 2).", "Nothing else?")
    assert chinese.answer == ("灯光下降3.5%。", "其后上升。", "原因不明。")
    assert english.parameters == {"draws": 9}
    table = chinese.exhibit("table", "gdp")
    assert (table.heads, table.rows, table.numeric) == (("place", "yuan"), (("Qujiang", "1"),), (False, True))
    assert table.files["csv"].parent.parent.name == "zh"
    assert [exhibit.name for cell in english.cells for exhibit in english.shown(cell)] == ["gdp"]


def test_what_is_not_there_is_named_with_what_is(write_results: Callable[..., Path]) -> None:
    results = Results.read(write_results())
    with pytest.raises(ReportError, match="no run '02'; there are 01-audit"):
        results.run("02")
    with pytest.raises(ReportError, match=r"no .figure map.; it has table gdp"):
        results.run("01-audit").exhibit("figure", "map")
    with pytest.raises(ReportError, match=r"holds no findings\.json"):
        _ = results.findings


def test_a_folder_without_results_or_with_half_of_them_is_refused(
    tmp_path: Path, write_results: Callable[..., Path]
) -> None:
    with pytest.raises(ReportError, match="holds no manifest"):
        Results.read(tmp_path)
    folder = write_results(("en",))
    with pytest.raises(ReportError, match="in one language only"):
        Results.read(folder)


def test_failed_runs_and_changed_files_are_refused(write_results: Callable[..., Path]) -> None:
    folder = write_results()
    (folder / "zh" / "tables" / "01-audit--gdp.csv").write_text("changed", encoding="utf-8")
    with pytest.raises(ReportError, match="zh/01-audit are gone or not as they were"):
        Results.read(folder)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["runs"]["01-audit"]["ok"] = False
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ReportError, match="01-audit failed"):
        Results.read(folder)


def test_an_exhibit_outside_of_the_folder_is_refused(write_results: Callable[..., Path]) -> None:
    folder = write_results()
    listed = folder / "parts" / "01-audit.exhibits.json"
    listed.write_text(json.dumps([EXHIBITS[0] | {"files": {"csv": "../../secret.csv"}}]), encoding="utf-8")
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["runs"]["01-audit"]["outputs"]["parts/01-audit.exhibits.json"] = hash_file(listed)
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ReportError, match="outside of"):
        Results.read(folder)


@pytest.mark.parametrize("stem", ["../../../elsewhere", "a/b", ""])
def test_a_stem_that_leads_elsewhere_is_refused(write_results: Callable[..., Path], stem: str) -> None:
    folder = write_results()
    listed = folder / "parts" / "01-audit.exhibits.json"
    listed.write_text(json.dumps([EXHIBITS[0] | {"stem": stem}]), encoding="utf-8")
    sign(folder, listed)
    with pytest.raises(ReportError, match="no run gives"):
        Results.read(folder)


@pytest.mark.parametrize("text", ["{", "null", "[{}]", "[1]"])
def test_a_damaged_list_of_exhibits_is_named(write_results: Callable[..., Path], text: str) -> None:
    folder = write_results()
    listed = folder / "parts" / "01-audit.exhibits.json"
    listed.write_text(text, encoding="utf-8")
    sign(folder, listed)
    with pytest.raises(ReportError, match=r"exhibits\.json is no list"):
        Results.read(folder)


def sign(folder: Path, path: Path) -> None:
    """Put the hash of a file of the first run into the manifest."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["runs"]["01-audit"]["outputs"][path.relative_to(folder).as_posix()] = hash_file(path)
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def test_a_report_replaces_no_folder_that_is_none(write_results: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_results()
    theirs = tmp_path / "site"
    theirs.mkdir()
    (theirs / "index.html").write_text("mine", encoding="utf-8")
    for target, words in (
        (theirs, "is no report"),
        (folder, "results themselves"),
        (folder.parent, "results themselves"),
    ):
        with pytest.raises(ReportError, match=words):
            build_report(folder, target)
    (theirs / "shanhai-report.txt").write_text("index.html\n", encoding="utf-8")
    (theirs / "thesis.docx").write_text("mine", encoding="utf-8")
    with pytest.raises(ReportError, match=r"thesis\.docx.*which no report has written"):
        build_report(folder, theirs)
    assert (theirs / "thesis.docx").is_file()


def test_a_run_in_one_language_is_left_out_and_named(write_results: Callable[..., Path]) -> None:
    folder = write_results()
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["runs"]["04-report-zh"] = manifest["runs"]["01-audit"]
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    results = Results.read(folder)
    assert (list(results.editions["en"]), results.alone) == (["01-audit"], ("04-report-zh",))


def test_an_exhibit_whose_file_the_manifest_lacks_is_refused(write_results: Callable[..., Path]) -> None:
    folder = write_results()
    (folder / "tables" / "slipped-in.csv").write_text("a\n", encoding="utf-8")
    listed = folder / "parts" / "01-audit.exhibits.json"
    listed.write_text(json.dumps([EXHIBITS[0] | {"files": {"csv": "tables/slipped-in.csv"}}]), encoding="utf-8")
    sign(folder, listed)
    with pytest.raises(ReportError, match=r"names slipped-in\.csv, which the manifest has not of 01-audit"):
        Results.read(folder)
