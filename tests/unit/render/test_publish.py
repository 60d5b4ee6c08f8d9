"""Stored results: names, formats, metadata, and the same bytes on a second run."""

import json
import re
import struct
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Rectangle

from shanhai.core.errors import ReportError
from shanhai.core.paths import OUTPUT_VARIABLE, RUN_VARIABLE
from shanhai.methods.records import EstimateRecord, Quantity
from shanhai.render import TableSpec, publish_estimates, publish_figure, publish_quantities, publish_table, stored_text
from shanhai.render.figure_data import with_data
from shanhai.render.style import theme

RUN = "99-test"
ROW = EstimateRecord("zhejiang", "log_gdp", "1", "border", -0.1, 90, "HC1", se=0.05, p=0.04, design_id="abc")


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
        return with_data(drawn, pd.DataFrame({"label": [title], "value": [1.5]}))

    return make


def test_a_figure_is_stored_for_print_and_shown_small(folder: Path, figure: Callable[[str], Figure]) -> None:
    shown = publish_figure(figure("衢州 Quzhou"), "two-words", "Where Quzhou lies")
    png, pdf, _ = shown.files
    assert [file.name for file in shown.files] == [f"{RUN}--two-words.{ending}" for ending in ("png", "pdf", "csv")]
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


def test_a_picture_has_each_dot_where_the_drawing_has_it(folder: Path) -> None:
    drawn = Figure(figsize=(2.0013, 1.0))  # no whole number of dots
    drawn.add_artist(Rectangle((0.5, 0.25), 0.1, 0.5, color="#d55e00", linewidth=0, transform=drawn.transFigure))
    picture = imread(publish_figure(drawn, "dots", data=pd.DataFrame({"value": [1.0]})).files[0])
    assert picture.shape == (300, 600, 3)
    coloured = np.argwhere((picture != 1.0).any(axis=2))
    assert coloured.min(axis=0) == pytest.approx([75, 300], abs=1)
    assert coloured.max(axis=0) == pytest.approx([224, 360], abs=1)
    assert (picture[100, 330] * 255).round().tolist() == [0xD5, 0x5E, 0x00]


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
    assert csv == "\ufeffcode,name,gdp\n330802,柯城区,12345.6789\n330803,Qujiang,\n"
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


def stored(folder: Path, kind: str = "estimates") -> list[dict[str, object]]:
    rows = json.loads((folder / "parts" / f"{RUN}.{kind}.json").read_text(encoding="utf-8"))
    assert isinstance(rows, list)
    return rows


def test_estimates_of_several_calls_share_a_file(folder: Path) -> None:
    publish_estimates([ROW])
    added = publish_estimates([replace(ROW, term="area", se=float("nan"))])
    rows = stored(folder)
    assert [row["term"] for row in rows] == ["area", "border"]
    assert rows[0]["se"] is None
    assert rows[1] == {"notebook": RUN, "tables": [], "figures": [], **ROW.record(), "unit": "counties"}
    assert list(added["notebook"]) == [RUN]


def test_an_estimate_with_other_values_needs_another_name(folder: Path) -> None:
    publish_estimates([ROW])
    publish_estimates(
        [replace(ROW, estimate=-0.1 * (1 + 1e-12))]
    )  # two ways to one number may differ in the last digit
    with pytest.raises(ReportError, match="another estimate, se"):
        publish_estimates([replace(ROW, estimate=-0.2, se=0.06)])
    with pytest.raises(ReportError, match="another p_other"):
        publish_estimates([replace(ROW, p_other={"Holm": 0.1}), replace(ROW, p_other={"Holm": 0.2})])


def test_what_two_tables_know_of_one_estimate_is_joined(folder: Path) -> None:
    frame = pd.DataFrame({"estimate": [-0.1], "se": [0.05]})
    publish_table(TableSpec(frame, estimates=(replace(ROW, p_other={"Holm": 0.1}),)), "first")
    publish_table(TableSpec(frame, estimates=(replace(ROW, df=88.0, p_other={"Wolf": 0.2}),)), "second")
    [row] = stored(folder)
    assert (row["tables"], row["df"], row["p_other"]) == (["first", "second"], 88.0, {"Holm": 0.1, "Wolf": 0.2})


def test_quantities_have_a_file_of_their_own(folder: Path) -> None:
    added = publish_quantities([Quantity("leapfrog", "rank", "reference", "county 330802", 1, 15)])
    assert stored_text(added) == "Numbers without an error stored in quantities.json: 1."
    assert stored_text(added, "zh") == "另有1个不附误差的数值存于quantities.json。"
    [row] = stored(folder, "quantities")
    assert (row["notebook"], row["value"], row["n"]) == (RUN, 1.0, 15)
    assert not (folder / "parts" / f"{RUN}.estimates.json").exists()


@pytest.mark.parametrize(
    "shown",
    [
        {"se": [0.07]},
        {"p": ["0.041"]},
        {"p_holm": [0.2]},
        {"range": ["[-0.2, 0.1]"]},
        {"high": [0.01]},
        {"name": [""], "m": ["(0.060)"]},
        {"m": ["-0.12**"]},
    ],
    ids=str,
)
def test_a_table_that_shows_uncertainty_without_its_estimate_is_refused(
    folder: Path, shown: dict[str, list[object]]
) -> None:
    with pytest.raises(ReportError, match="none of its estimates"):
        publish_table(TableSpec(pd.DataFrame(shown), estimates=(ROW,)), "bare")
    assert not (folder / "tables").exists()


def test_a_table_with_all_its_estimates_is_stored_with_them(folder: Path) -> None:
    frame = pd.DataFrame(
        {
            "name": ["border", "", "other"],
            "m": ["-0.100**", "(0.050)", "12"],
            "interval": ["[-0.20, 0.00]", "–", ""],
            "p": ["0.040", "–", None],
            "p_flat": [0.3, None, None],
        }
    )
    row = replace(ROW, low=-0.2, high=-0.001, p_other={"Holm": 0.3})
    publish_table(TableSpec(frame, estimates=(row,)), "whole")
    assert stored(folder)[0]["tables"] == ["whole"]


def test_a_figure_stores_its_estimates_and_the_data_that_it_brings(
    folder: Path, figure: Callable[[str], Figure]
) -> None:
    curves = {
        "a": pd.DataFrame({"x": [1.5], "label": ["=1+1"]}),
        "b": pd.DataFrame({"x": [0.1], "label": ["two\nlines"]}),
    }
    publish_figure(with_data(figure("x"), curves, "series"), "curve", "", [ROW])
    assert stored(folder)[0]["figures"] == ["curve"]
    content = (folder / "figures" / f"{RUN}--curve.csv").read_bytes()
    assert content == b"\xef\xbb\xbfseries,label,x\na,'=1+1,1.5\nb,two lines,0.1\n"
    [listed] = stored(folder, "exhibits")
    assert listed["files"]["csv"] == f"figures/{RUN}--curve.csv"
    assert set(listed["columns"]) == {"series", "label"}


def test_data_given_stand_in_for_what_the_figure_brings(folder: Path, figure: Callable[[str], Figure]) -> None:
    csv = publish_figure(figure("x"), "given", data=pd.DataFrame({"year": [2020]})).files[-1]
    assert csv.read_bytes() == b"\xef\xbb\xbfyear\n2020\n"


def test_a_run_refuses_a_figure_without_data_and_a_desk_does_not(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReportError, match="'bare' brings no data"):
        publish_figure(Figure(), "bare")
    assert not (folder / "figures").exists()
    monkeypatch.delenv(RUN_VARIABLE)
    assert [file.suffix for file in publish_figure(Figure(), "bare").files] == [".png", ".pdf"]


@pytest.mark.parametrize("data", [pd.DataFrame(), pd.DataFrame({"value": []}), pd.DataFrame({"GDP (yuan)": [1]})])
def test_data_without_rows_or_with_heads_that_are_no_keys_are_refused(folder: Path, data: pd.DataFrame) -> None:
    with pytest.raises(ReportError, match="small letters"):
        with_data(Figure(), data)
    with pytest.raises(ReportError, match="small letters"):
        publish_figure(Figure(), "wrong", data=data)
    assert not (folder / "figures").exists()


def test_a_long_table_prints_its_beginning_and_stores_all(folder: Path) -> None:
    long = pd.DataFrame({"code": [f"{number:06d}" for number in range(12)]})
    published = publish_table(long, "long", "A long table", shown=3)
    stored = pd.read_csv(next(file for file in published.files if file.suffix == ".csv"), dtype=str)
    assert stored["code"].tolist() == long["code"].tolist()
    assert "000002" in published.html and "000003" not in published.html
    assert "The first 3 of 12 rows; all are in" in published.html
