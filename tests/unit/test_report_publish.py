"""Stored results: names, formats, metadata, and the same bytes on a second run."""

import json
import re
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from shanhai.errors import ReportError
from shanhai.paths import OUTPUT_VARIABLE, RUN_VARIABLE
from shanhai.report import publish_estimates, publish_figure, publish_table
from shanhai.report.style import theme

RUN = "99-test"
ROW = {
    "sample": "zhejiang", "outcome": "log_gdp", "model": "1", "term": "border", "estimate": -0.1, "se": 0.05,
    "p": 0.04, "n": 90, "vcov": "HC1", "spec_id": "abc",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path))
    monkeypatch.setenv(RUN_VARIABLE, RUN)
    return tmp_path


@pytest.fixture
def figure() -> Callable[[str], Figure]:
    def make(title: str) -> Figure:
        with theme():
            drawn = Figure(figsize=(3, 2))
            drawn.subplots().set_title(title)
        return drawn

    return make


def test_a_figure_is_stored_for_print_and_shown_small(folder: Path, figure: Callable[[str], Figure]) -> None:
    shown = publish_figure(figure("衢州 Quzhou"), "two-words", "Where Quzhou lies")
    png, pdf = shown.files
    assert [file.name for file in shown.files] == [f"{RUN}--two-words.png", f"{RUN}--two-words.pdf"]
    content = png.read_bytes()
    assert imread(png).shape[:2] == (600, 900)
    assert b"pHYs" + struct.pack(">II", 11811, 11811) in content  # pixels a metre at 300 dpi
    assert b"Where Quzhou lies" in content
    assert b"Software" not in content
    assert len(shown._repr_png_()) < png.stat().st_size
    assert repr(shown) == f"Figure {RUN}--two-words: Where Quzhou lies"
    assert pdf.read_bytes().startswith(b"%PDF")


def test_the_pdf_holds_both_fonts_as_text_and_no_date(folder: Path, figure: Callable[[str], Figure]) -> None:
    content = publish_figure(figure("衢州 Quzhou"), "fonts").files[1].read_bytes()
    fonts = {name.decode() for name in re.findall(rb"/BaseFont /[A-Z]{6}\+([\w-]+)", content)}
    assert fonts == {"DejaVuSans", "NotoSansSC-Regular"}
    assert b"/Type3" not in content
    assert b"/FontFile2" in content
    assert b"Date" not in content


def test_figures_are_the_same_bytes_a_second_later(folder: Path, figure: Callable[[str], Figure]) -> None:
    first = [file.read_bytes() for file in publish_figure(figure("开化"), "same").files]
    time.sleep(1.1)  # times in files have seconds
    second = [file.read_bytes() for file in publish_figure(figure("开化"), "same").files]
    assert first == second


@pytest.mark.parametrize("name", ["", "Two Words", "a/b", "../up", "a--b", "gdp_2021", "中文"])
def test_malformed_names_are_refused(folder: Path, figure: Callable[[str], Figure], name: str) -> None:
    with pytest.raises(ReportError, match="malformed"):
        publish_figure(figure("x"), name)


def test_one_name_for_two_figures_is_refused_in_a_batch(folder: Path, figure: Callable[[str], Figure]) -> None:
    publish_figure(figure("one"), "twice")
    with pytest.raises(ReportError, match="another name"):
        publish_figure(figure("two"), "twice")


def test_at_a_desk_a_figure_may_be_corrected(
    folder: Path, figure: Callable[[str], Figure], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(RUN_VARIABLE)
    publish_figure(figure("one"), "draft")
    assert publish_figure(figure("two"), "draft").files[0].is_file()


def test_a_table_is_stored_in_three_formats_and_printed(folder: Path) -> None:
    frame = pd.DataFrame({"code": ["330802", "330803"], "name": ["柯城区", "Qujiang"], "gdp": [12345.6789, None]})
    shown = publish_table(frame, "gdp", "GDP & more", "Source: yearbook, 50 %", digits=1, headers={"gdp": "GDP, yuan"})
    assert {file.suffix for file in shown.files} == {".csv", ".html", ".tex"}
    csv, html, latex = (file.read_text(encoding="utf-8") for file in shown.files)
    assert csv == "code,name,gdp\n330802,柯城区,12345.6789\n330803,Qujiang,\n"
    assert "12,345.7" in html and "GDP &amp; more" in html
    assert r"GDP \& more" in latex and r"50 \%" in latex
    assert repr(shown).splitlines() == [
        "GDP & more",
        "==========================",
        "code    name     GDP, yuan",
        "--------------------------",
        "330802  柯城区    12,345.7",
        "330803  Qujiang          –",
        "==========================",
        "Source: yearbook, 50 %",
    ]


def test_estimates_of_several_calls_share_a_file(folder: Path) -> None:
    publish_estimates([ROW])
    added = publish_estimates(pd.DataFrame([ROW | {"term": "area", "se": float("nan")}]))
    stored = json.loads((folder / "parts" / f"{RUN}.estimates.json").read_text(encoding="utf-8"))
    assert [row["term"] for row in stored] == ["area", "border"]
    assert stored[0]["se"] is None
    assert stored[1] == {"notebook": RUN, **ROW}
    assert list(added["notebook"]) == [RUN]


def test_an_estimate_with_other_values_needs_another_name(folder: Path) -> None:
    publish_estimates([ROW])
    publish_estimates([ROW])
    with pytest.raises(ReportError, match="spec_id"):
        publish_estimates([ROW | {"estimate": -0.2}])


@pytest.mark.parametrize("row", [{"estimate": 1.0}, ROW | {"colour": "red"}])
def test_estimates_need_exactly_their_columns(folder: Path, row: dict[str, object]) -> None:
    with pytest.raises(ReportError, match="needs exactly"):
        publish_estimates([row])
