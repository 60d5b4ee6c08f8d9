"""Three-line tables: what is printed where, in every format."""

import csv
import io
from html import escape

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import ReportError
from shanhai.render import _table_files as table_files
from shanhai.render._table_files import to_html, to_latex, to_text
from shanhai.render.tables import Column, TableSpec, build_table, display_width, regression_table

ESTIMATES = pd.DataFrame(
    [
        {"model": "1", "term": "border", "estimate": -0.1234, "se": 0.045, "p": 0.004},
        {"model": "2", "term": "border", "estimate": -0.09, "se": 0.05, "p": 0.07},
        {"model": "2", "term": "mountain", "estimate": 0.09, "se": 0.05, "p": 0.27},
        {"model": "2", "term": "intercept", "estimate": 9.0, "se": 0.1, "p": 0.0},
    ]
)
TERMS = {"border": "On a border", "mountain": "Mountain"}
MODELS = {"1": "(1)", "2": "(2)"}


def test_a_regression_table_has_stars_errors_and_statistics() -> None:
    table = regression_table(ESTIMATES, terms=TERMS, models=MODELS, statistics={"n": ["90", "90"]}, caption="GDP")
    assert to_text(table).splitlines() == [
        "GDP",
        "===============================",
        "                   (1)      (2)",
        "-------------------------------",
        "On a border  -0.123***  -0.090*",
        "               (0.045)  (0.050)",
        "Mountain                  0.090",
        "                        (0.050)",
        "-------------------------------",
        "n                   90       90",
        "===============================",
        "Stars mark two-sided p-values: *** p < 0.01, ** p < 0.05, * p < 0.1.",
    ]
    chinese = regression_table(ESTIMATES, terms=TERMS, models=MODELS, language="zh")
    assert chinese.notes == ("星号表示双侧检验的显著性：*** p < 0.01，** p < 0.05，* p < 0.1。",)


def test_a_missing_standard_error_leaves_its_cell_empty() -> None:
    table = regression_table(ESTIMATES.assign(se=None), terms={"border": "On a border"}, models=MODELS)
    assert [row.strip() for row in to_text(table).splitlines()].count("On a border  -0.123***  -0.090*") == 1
    assert "(" not in to_text(table).split("On a border")[1]


def test_latex_has_the_rules_of_booktabs_and_raised_stars() -> None:
    latex = to_latex(regression_table(ESTIMATES, terms=TERMS, models=MODELS, statistics={"n": ["90", "90"]}), "t")
    assert [latex.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 2, 1]
    assert r"On a border & $-$0.123$^{***}$ & $-$0.090$^{*}$ \\" in latex
    assert r"\begin{tabular}{lrr}" in latex


def test_html_has_three_rules_and_escaped_text() -> None:
    html = to_html(TableSpec(pd.DataFrame({"name": ["<b>"], "share": [1.25]}), digits=1))
    assert "&lt;b&gt;" in html and "<b>" not in html
    assert html.count("2px solid") == 3  # above the two heads, and below the table
    assert ">1.3</td>" in html


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("50 % of R&D_1 #2 {x}", r"50 \% of R\&D\_1 \#2 \{x\}"),
        ("-0.5**", r"$-$0.5$^{**}$"),
        ("(-0.5)", "($-$0.5)"),
        ("km² ≥ 3", r"km$^{2}$ $\geq$ 3"),
        ("衢州–丽水", "衢州--丽水"),
        ("border x *mountain", "border x *mountain"),
    ],
)
def test_latex_text_is_safe(text: str, escaped: str) -> None:
    assert to_latex(TableSpec(pd.DataFrame({"a": [text]})), "t").splitlines()[8] == rf"{escaped} \\"


def test_columns_are_printed_by_their_type() -> None:
    frame = pd.DataFrame(
        {"code": ["330802"], "year": [2021], "residents": [2_276_184], "share": [25.44], "on_border": [True]}
    )
    assert TableSpec(frame, digits={"share": 1}).cells() == [["330802", "2021", "2,276,184", "25.4", "yes"]]
    assert TableSpec(frame).numeric() == [False, True, True, True, False]


@pytest.mark.parametrize(("language", "printed"), [("en", ["yes", "no"]), ("zh", ["是", "否"])])
def test_truth_is_printed_in_the_language_of_the_table(language: str, printed: list[str]) -> None:
    rows = pd.DataFrame({"near": [True, False]})
    table = build_table(rows, (Column("near", ("near", "邻近")),), language, ("", ""))
    assert [row[0] for row in table.cells()] == printed


def test_a_label_that_begins_with_a_year_is_text() -> None:
    frame = pd.DataFrame({"outcome": ["2021年人均GDP", "2020年平均受教育年限"], "share": ["12.5%", "7.0%"]})
    assert TableSpec(frame).numeric() == [False, True]


def test_missing_values_show_in_every_type() -> None:
    frame = pd.DataFrame({"a": pd.array([None, 1], dtype="Int64"), "b": [None, "x"], "c": [None, 1.0]})
    assert TableSpec(frame).cells()[0] == ["–", "–", "–"]


def test_chinese_takes_two_columns() -> None:
    assert display_width("衢州 Quzhou") == 11


def test_an_empty_table_prints_its_heads() -> None:
    assert "code" in to_text(TableSpec(pd.DataFrame({"code": pd.Series(dtype=str), "n": pd.Series(dtype=int)})))


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(ReportError, match="lacks"):
        TableSpec(ESTIMATES, headers={"colour": "Colour"})
    with pytest.raises(ReportError, match="No estimate has term"):
        regression_table(ESTIMATES, terms={"sea": "Sea"}, models=MODELS)
    with pytest.raises(ReportError, match="twice"):
        regression_table(pd.concat([ESTIMATES, ESTIMATES]), terms=TERMS, models=MODELS)
    with pytest.raises(ReportError, match="1 values for 2 models"):
        regression_table(ESTIMATES, terms=TERMS, models=MODELS, statistics={"n": ["90"]})


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "=HYPERLINK(\"http://x\")", "+SUM(A1)", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1",
        " =1", "＝1+1", "＠A1", "+ SUM(A1)", "-2+3", "-A1",
        "-1 (A1+B1)", "-1 (A1)*2", "-1（A1）cmd", "+1;cmd", "-1 to cmd|x", "--1", "+ a|b", "- a (A1)", "-1*1",
    ],
)  # fmt: skip
def test_a_text_that_a_spreadsheet_would_run_is_written_harmless(text: str) -> None:
    frame = pd.DataFrame({"name": [text], "=head": [-1.5]})
    rows = list(csv.reader(io.StringIO(table_files.to_csv(TableSpec(frame)), newline="")))
    text = text.replace("\r", "\n")
    assert rows == [["name", "'=head"], [f"'{text}", "-1.5"]]
    html = table_files.to_html(TableSpec(frame))
    assert escape(f"'{text}") + "</td>" in html
    assert ">-1.50</td>" in html or ">−1.50</td>" in html


@pytest.mark.parametrize(
    "text", ["-0.113***", "-3.2 %", "+4", "-1,234.5", "-0.4; 0.2", "-0.4 to -0.2", "-", "+", "+ terrain, border",
             "+ district (an outcome)", "衢州", "a=b", "1-2", "",
             "-0.009 (0.786)", "-0.018 (Inner Mongolia)", "-0.018（辽宁）",
             "-1.0；2.5", "-0.4 – 1.9", "-0.4～-0.2", "-0.02 (0.66), to 2016", "-0.02 (<0.001)"],
)  # fmt: skip
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    rows = csv.reader(io.StringIO(table_files.frame_to_csv(pd.DataFrame({"a": [text], "b": [1]}))))
    assert list(rows)[1] == [text, "1"]


def test_the_county_frame_is_written_with_every_number_exact_and_texts_harmless() -> None:
    frame = pd.DataFrame({"name": ["=1", None], "x": [0.1 + 0.2, -5e-324], "known": pd.array([True, None], "boolean")})
    assert table_files.frame_to_csv(frame) == "name,x,known\n'=1,0.30000000000000004,True\n,-5e-324,\n"


def test_a_column_that_the_rows_lack_is_refused_by_name() -> None:
    with pytest.raises(ReportError, match="The rows have no width; they have height"):
        build_table(pd.DataFrame({"height": [1.0]}), [Column("width", ("width", "宽"))], "en", ("Sizes", "大小"))


def test_files_of_results_keep_digits_that_every_processor_agrees_on() -> None:
    frame = pd.DataFrame(
        {
            "estimate": [0.1 + 0.2, 1 / 3],
            "km": pd.array([29.626265685204704, None], dtype="Float64"),
            "yuan": [12_345_678_901_234.0, np.nan],
            "cell": pd.Series([2 / 3, "text"], dtype=object),
        }
    )
    text = table_files.result_to_csv(frame)
    assert text == "estimate,km,yuan,cell\n0.3,29.6262657,12345678901234.0,0.666666667\n0.333333333,,,text\n"
