"""The site of a batch: a page a run, an index with a map, one table; nothing of what a user wrote becomes code."""

import csv
import json
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pytest

from shanhai.core import sources
from shanhai.report.batch.map import gap_map
from shanhai.report.batch.page import write_page
from shanhai.report.batch.site import write_site

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def write_run(folder: Path, name: str, question: str, answer: str, parts: dict[str, float]) -> None:
    """What a run of notebook 04 leaves, as far as the site reads it."""
    for kind in ("notebooks", "figures", "parts"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    document = nbformat.v4.new_notebook()
    shown: list[tuple[list[str], dict[str, Any], dict[str, Any]]] = [
        (["question"], {"text/markdown": f"## {question}"}, {}),
        (["answer"], {"text/markdown": answer}, {}),
        ([], {"image/png": PIXEL}, {"image/png": {"exhibit": f"{name}--gap"}}),
        ([], {"text/plain": "<b>1 < 2</b>"}, {}),
    ]
    for number, (tags, data, metadata) in enumerate(shown):
        cell = nbformat.v4.new_code_cell("secret = 1", id=f"c{number}", metadata={"tags": tags})
        cell.outputs = [nbformat.v4.new_output("display_data", data=data, metadata=metadata)]
        document.cells.append(cell)
    nbformat.write(document, folder / "notebooks" / f"{name}.ipynb")
    exhibit = {"kind": "figure", "name": "gap", "stem": f"{name}--gap", "caption": 'The "gap" & <its> parts'}
    files = {"files": {"png": f"figures/{name}--gap.png"}}
    (folder / "parts" / f"{name}.exhibits.json").write_text(json.dumps([exhibit | files]), encoding="utf-8")
    lines = ["term,series,value", *(f"{term},gap,{value}" for term, value in parts.items())]
    (folder / "figures" / f"{name}--gap.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    profile = "variable,series,code,label,value,unit\nurban,place,1,Urban,57.5,%\nurban,province,2,Urban,72,%\n"
    (folder / "figures" / f"{name}--profile.csv").write_text(profile, encoding="utf-8-sig")


RUNS = [("a-prefecture=330800", {"prefecture": "330800"}), ("a-county=330824", {"county": "330824"})]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for base, language in ((tmp_path, "en"), (tmp_path / "zh", "zh")):
        for name, _ in RUNS:
            write_run(base, name, "How <rich>?", "=1+1 & rich. It is <b>so</b>.", {"border": -0.25, "remainder": -0.5})
            write_page(name, base, language, up=int(language == "zh"))
    return tmp_path


def test_a_page_shows_what_a_run_shows_and_no_code(folder: Path) -> None:
    page = (folder / "zh" / "pages" / "a-prefecture=330800.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in page
    assert "<h1>How &lt;rich&gt;?</h1>" in page
    assert 'href="../../zh/index.html"' in page
    assert 'href="../../batch.css"' in page
    assert 'src="../figures/a-prefecture%3D330800--gap.png" alt="The &quot;gap&quot; &amp; &lt;its&gt; parts"' in page
    assert "&lt;b&gt;1 &lt; 2&lt;/b&gt;" in page
    assert "<b>so" not in page
    assert "secret" not in page


def test_the_index_has_every_run_with_gap_and_finding_and_the_tables_all_digits(folder: Path) -> None:
    written = write_site(folder, {"en": RUNS, "zh": RUNS})
    assert sorted(written) == [
        "batch.css", "index.html", "places.csv", "places.xlsx", "zh/index.html", "zh/places.csv", "zh/places.xlsx",
    ]  # fmt: skip
    index, chinese = ((folder / name).read_text(encoding="utf-8") for name in ("index.html", "zh/index.html"))
    assert '<a href="pages/a-prefecture%3D330800.html">Quzhou</a></td><td>330800</td><td>−0.750</td>' in index
    assert "<h1>2 of 2 places lie behind their reference in GDP per head</h1>" in index
    assert "Base map not reviewed" in index and "底图未经审核" in chinese
    assert "<h1>2个地方中有2个的人均GDP低于参照地区</h1>" in chinese
    assert index.count('class="gap-0" d="M') == 2
    assert '<th scope="col">Gap in mean logarithms (log points)</th>' in index
    assert "compares totals: GDP divided by population" in index
    assert '<a href="pages/a-county%3D330824.html">开化县</a>' in chinese
    assert 'href="zh/index.html" lang="zh-CN"' in index
    with (folder / "places.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["code"], row["level"], row["gap_log_points"], row["urban"]) for row in rows] == [
        ("330800", "prefecture", "-0.75", "57.5"), ("330824", "county", "-0.75", "57.5"),
    ]  # fmt: skip
    assert rows[0]["finding"].startswith("'=1+1")
    sheet = openpyxl.load_workbook(folder / "places.xlsx").active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]][:2] == ["330800", "Quzhou City"]
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "n"}


@pytest.mark.parametrize(
    ("gaps", "english", "chinese"),
    [
        ([-0.75], "The gap of Quzhou is −0.75 log points (53% lower). A gap", "衢州市的差距为−0.75个对数点，即"),
        ([-0.75, -0.5], "in Quzhou (−0.75 log points, 53% lower) and narrowest in Kaihua", "最小的是开化县（"),
        ([-0.75, 0.5], "Quzhou (−0.75 log points, 53% lower), furthest ahead Kaihua (0.50,", "领先最多的是开化县"),
        ([0.75, 0.5], "ahead is Quzhou (0.75 log points, 112% higher), least Kaihua", "最少的是开化县（"),
    ],
)  # exp(-0.75) is 0.472, exp(0.5) 1.649, exp(0.75) 2.117
def test_the_index_calls_no_place_ahead_that_is_behind(
    tmp_path: Path, gaps: list[float], english: str, chinese: str
) -> None:
    runs = RUNS[: len(gaps)]
    for base, language in ((tmp_path, "en"), (tmp_path / "zh", "zh")):
        for (name, _), gap in zip(runs, gaps, strict=True):
            write_run(base, name, "How rich?", "Rich.", {"remainder": gap})
            write_page(name, base, language, up=int(language == "zh"))
    write_site(tmp_path, {"en": runs, "zh": runs})
    assert english in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert chinese in (tmp_path / "zh" / "index.html").read_text(encoding="utf-8")


def test_the_map_of_the_index_names_files_of_the_users_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = {("table", "county_gdp"): sources.Origin("<b>.xlsx", "表1", "2026-11-29")}
    monkeypatch.setattr(sources, "origins", lambda: mine)
    write_site(folder, {"en": RUNS, "zh": RUNS})
    index, chinese = ((folder / name).read_text(encoding="utf-8") for name in ("index.html", "zh/index.html"))
    assert "GDP per head of counties from “&lt;b&gt;.xlsx”, sheet “表1”, imported" in index
    assert "人均地区生产总值取自文件“&lt;b&gt;.xlsx”工作表“表1”" in chinese


def test_the_same_results_give_the_same_bytes(folder: Path) -> None:
    written = write_site(folder, {"en": RUNS, "zh": []})
    first = {name: (folder / name).read_bytes() for name in written}
    assert write_site(folder, {"en": RUNS[::-1], "zh": []}) == written
    assert {name: (folder / name).read_bytes() for name in written} == first


def test_in_chinese_alone_the_first_page_is_that_of_the_results(folder: Path) -> None:
    assert "index.html" in write_site(folder, {"en": [], "zh": RUNS})
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in page and "http-equiv" not in page
    assert "<h1>2个地方中有2个的人均GDP低于参照地区</h1>" in page
    assert '<a href="zh/pages/a-county%3D330824.html">开化县</a>' in page and 'href="zh/places.csv"' in page


def test_a_minus_in_text_is_one_and_attributes_are_left(folder: Path) -> None:
    write_run(folder, "minus", "How?", "It is -0.5 lower; see [-1](a-1).", {"border": -0.5})
    write_page("minus", folder, "en", up=0)
    page = (folder / "pages" / "minus.html").read_text(encoding="utf-8")
    assert '<p>It is −0.5 lower; see <a href="a-1">−1</a>.</p>' in page


def test_of_a_place_with_several_runs_no_map_is_drawn(folder: Path) -> None:
    again = "a-prefecture=330800-year=2020"
    write_run(folder, again, "How?", "So.", {"border": 0.1})
    write_page(again, folder, "en", up=0)
    write_site(folder, {"en": [*RUNS, (again, {"prefecture": "330800", "year": "<2020>"})]})
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert "<svg" not in index
    assert "Quzhou, year=&lt;2020&gt;" in index


@pytest.mark.parametrize(("gap", "number"), [(-0.6, 0), (-0.5, 1), (-0.06, 2), (0.0, 3), (0.05, 4), (0.25, 5)])
def test_each_gap_has_the_colour_of_its_class(gap: float, number: int) -> None:
    drawn = gap_map({"330800": gap}, {"330800": "<衢州>"}, {"330800": 'a"b'}, "en")
    assert f'<path class="gap-{number}" d="M' in drawn
    assert "<title>&lt;衢州&gt;</title>" in drawn
    assert 'href="a&quot;b"' in drawn
    assert gap_map({"999999": 0.1}, {}, {}, "en") == ""
