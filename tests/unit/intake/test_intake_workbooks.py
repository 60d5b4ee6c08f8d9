"""Workbooks as yearbooks are published: merged heads of two rows, units above, years in heads, notes below."""

import shutil
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from yearbooks import laid_out, mapped, rules, taken, values, write_book

from shanhai.core.errors import ValidationError
from shanhai.core.paths import ROOT
from shanhai.intake.grid import read_grids
from shanhai.intake.kinds import TABLES
from shanhai.intake.layout import year_of
from shanhai.intake.mapping import described, mapping_problems

OLD = ROOT / "tests" / "unit" / "intake" / "made_up_yearbook.xls"
"""A made-up table of two counties, saved by LibreOffice as Excel 97."""


def test_heads_of_two_rows_with_merged_cells_and_a_unit_line(tmp_path: Path) -> None:
    rows = [
        ["浙江省分县主要指标（2022年）", None, None, None],
        [None, None, None, "单位：亿元"],
        ["县（市、区）", "地区生产总值", None, "人均生产总值（元）"],
        [None, "总额", "第一产业", None],
        ["杭州市", 18753, 346, 152588],
        ["淳 安 县①", "270.5*", 42.1, "81,000"],
        ["全省合计", 77715, 2325, 118496],
        ["注：①为初步核算数。", None, None, None],
    ]
    read = taken(write_book(tmp_path / "a.xlsx", {"表": rows}, [(2, 0, 3, 0), (2, 1, 2, 2), (2, 3, 3, 3)]))
    assert not read.problems
    record = read.frame.drop(columns="source_row").to_dict("records")
    expected = {"code": "330127", "year": 2022, "gdp_10k_yuan": 2705000.0, "primary_gdp_10k_yuan": 421000.0}
    assert record == [expected | {"gdp_per_capita_10k_yuan": 8.1}]
    assert [(row, why) for row, _, why in read.aside] == [
        (5, "the total of the prefecture 杭州市"),
        (7, "a total"),
        (8, "a note"),
    ]


def test_a_title_with_its_unit_in_brackets_and_heads_of_parts(tmp_path: Path) -> None:
    rows = [
        ["2022年各县主要指标（单位：亿元）", None, None],
        ["地区", "地区生产总值", "其中：第一产业"],
        ["淳安县", 270.5, 42.1],
    ]
    read = taken(write_book(tmp_path / "a.xlsx", {"表": rows}))
    assert not read.problems
    assert values(read) == {("330127", 2022): 2705000.0}
    assert values(read, "primary_gdp_10k_yuan") == {("330127", 2022): 421000.0}


def test_the_same_heads_in_text_where_merged_cells_are_lost(tmp_path: Path) -> None:
    from yearbooks import write_text

    rows = [
        ["地区", "地区生产总值（万元）", None, "人均生产总值（元）", None],
        [None, "2020年", "2022年", "2020年", "2022年"],
        ["淳安县", 2400000, 2705000, 73000, 81000],
    ]
    read = taken(write_text(tmp_path / "a.csv", rows), province="330000")
    assert not read.problems
    assert values(read) == {("330127", 2020): 2400000.0, ("330127", 2022): 2705000.0}
    assert values(read, "gdp_per_capita_10k_yuan") == {("330127", 2020): 7.3, ("330127", 2022): 8.1}


def test_years_alone_as_heads_take_their_meaning_from_the_title(tmp_path: Path) -> None:
    rows = [["各县地区生产总值"], [None, None, "单位：亿元"], ["地区", 2019, 2022], ["淳安县", 254.5, 270.5]]
    read = taken(write_book(tmp_path / "a.xlsx", {"表": rows}))
    assert values(read) == {("330127", 2019): 2545000.0, ("330127", 2022): 2705000.0}


def test_years_in_a_column_with_the_place_written_once(tmp_path: Path) -> None:
    rows = [["县名", "年份", "GDP（亿元）"], ["淳安县", "2020年", 240], [None, 2022, 270.5], ["龙游县", 2022, 295.6]]
    read = taken(write_book(tmp_path / "a.xlsx", {"表": rows}))
    assert values(read) == {("330127", 2020): 2.4e6, ("330127", 2022): 2.705e6, ("330825", 2022): 2.956e6}


def test_an_old_workbook_is_read_like_a_new_one() -> None:
    read = taken(OLD)
    assert not read.problems
    assert values(read) == {("330127", 2022): 2705000.0, ("330825", 2022): 2956000.0}


def test_a_figure_without_a_year_is_refused(tmp_path: Path) -> None:
    rows = [["浙江统计年鉴2022"], ["县名", "GDP（亿元）"], ["淳安县", 270.5]]
    assert "of which year" in rules(taken(write_book(tmp_path / "a.xlsx", {"表": rows})))


def test_the_result_of_a_formula_is_the_value_that_was_stored_and_the_preview_says_so(tmp_path: Path) -> None:
    path = computed(tmp_path / "a.xlsx")
    read = taken(path)
    assert not read.problems
    assert values(read) == {("330127", 2022): 2705000.0, ("330825", 2022): 5410000.0}
    told = described(mapped(path), laid_out(path), None)
    assert len(told) == 3 and told[2].strip().startswith("formulas in 1 of 2 cells: read as the values stored")


@pytest.mark.parametrize(
    ("stored", "rule"),
    [
        ("<f>B2*2</f></c>", "3 GDP（亿元）: a formula with which no value is stored"),
        ("<f>B2*2</f><v></v></c>", "3 GDP（亿元）: a formula with which no value is stored"),
        ("<f>B2*2</f><v>#REF!</v></c>", "3 GDP（亿元）: an error value of a spreadsheet"),
        ("<v>#DIV/0!</v></c>", "3 GDP（亿元）: an error value of a spreadsheet"),
    ],
)
def test_a_formula_without_a_value_and_an_error_are_refused_by_cell(stored: str, rule: str, tmp_path: Path) -> None:
    cell = '<c r="B3" t="e">' if "#" in stored else '<c r="B3">'
    path = rewritten(computed(tmp_path / "a.xlsx"), {PART: ('<c r="B3"><f>B2*2</f><v>541</v></c>', f"{cell}{stored}")})
    read = taken(path)
    assert rules(read).startswith(rule)
    assert list(values(read)) == [("330127", 2022)]


def test_an_old_workbook_says_that_its_formulas_are_not_told_from_figures() -> None:
    assert "formulas cannot be told from figures" in read_grids(OLD)[0].read_as


def test_a_figure_merged_over_two_counties_is_refused(tmp_path: Path) -> None:
    rows = [["县名", "GDP（亿元）"], ["淳安县", 270.5], ["龙游县", None]]
    read = taken(write_book(tmp_path / "a.xlsx", {"2022年": rows}, [(1, 1, 2, 1)]))
    assert rules(read) == "3 GDP（亿元）: the cell is merged with one of another row; give each row a value of its own"


def test_sheets_are_named_and_hidden_ones_are_left(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("表1").write(0, 0, "a")
        hidden = book.add_worksheet("草稿")
        hidden.write(0, 0, "b")
        hidden.hide()
    assert [grid.sheet for grid in read_grids(path)] == ["表1"]
    with pytest.raises(ValidationError, match="its sheets: '表1', '草稿'"):
        read_grids(path, "表9")


def test_a_misspelt_first_county_is_a_problem_and_no_head(tmp_path: Path) -> None:
    rows = [["县名", "GDP（亿元）"], ["淳按县", 1.5], ["龙游县", 295.6]]
    read = taken(write_book(tmp_path / "a.xlsx", {"2022年": rows}))
    assert rules(read).startswith("2 县名: '淳按县' is no county")
    assert values(read) == {("330825", 2022): 2.956e6}


def test_a_table_continued_on_the_next_page_is_one(tmp_path: Path) -> None:
    rows = [["县名", "GDP（亿元）"], ["淳安县", 270.5], ["续表", None], ["县名", "GDP（亿元）"], ["龙游县", 295.6]]
    read = taken(write_book(tmp_path / "a.xlsx", {"2022年": rows}))
    assert not read.problems and len(values(read)) == 2


def test_a_sheet_without_places_or_heads_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="no row has a place"):
        laid_out(write_book(tmp_path / "a.xlsx", {"表": [["a", "b"], ["c", "d"]]}))
    with pytest.raises(ValidationError, match="no heads"):
        laid_out(write_book(tmp_path / "b.xlsx", {"表": [["淳安县", 270.5]]}))


def test_the_ending_decides_which_reader_is_asked(tmp_path: Path) -> None:
    shutil.copyfile(OLD, tmp_path / "a.xlsx")
    with pytest.raises(ValidationError, match="password"):
        read_grids(tmp_path / "a.xlsx")


NOT_OF_YEAR = (
    "上半年",
    "1-6月",
    "前三季度",
    "1—9月累计",
    "一季度",
    "H1",
    "目标",
    "预测",
    "计划",
    "预计",
    "可比价",
    "2020年价格",
)


@pytest.mark.parametrize("words", NOT_OF_YEAR)
def test_figures_of_no_whole_year_are_refused_by_the_words(tmp_path: Path, words: str) -> None:
    heads = ["县名", "GDP（亿元）"]
    for name, rows in {"a": [[f"2022年 {words}"], heads], "b": [["2022年"], [f"单位：亿元，{words}"], heads]}.items():
        with pytest.raises(ValidationError, match=r"part of a year|constant prices"):
            laid_out(write_book(tmp_path / f"{name}.xlsx", {"表": [*rows, ["淳安县", 135]]}))
    found = mapped(write_book(tmp_path / "c.xlsx", {"表": [["县名", f"GDP（亿元）（{words}）"], ["淳安县", 135]]}))
    told = "\n".join(problem.rule for problem in mapping_problems(found, TABLES["county_gdp"], "county_gdp"))
    assert "figures of a whole year" in told


@pytest.mark.parametrize(
    "title", ["2022年浙江统计年鉴", "《2022年浙江统计年鉴》", "浙江统计（2022年）年鉴", "浙江统计年鉴（2022年）"]
)
def test_the_year_of_a_yearbook_is_none_of_its_figures(title: str) -> None:
    assert year_of(title) is None


def test_blanks_inside_of_a_total_and_totals_below_their_counties(tmp_path: Path) -> None:
    rows = [["县名", "GDP（亿元）"], ["淳安县", 270.5], ["合　计", 1], ["全  市", 1], ["总  计", 1]]
    read = taken(write_book(tmp_path / "a.xlsx", {"2022年": rows}))
    assert not read.problems and [why for _, _, why in read.aside] == ["a total"] * 3
    rows = [["县名", "GDP（亿元）"], ["玄武区", 1], ["南京市", 2], ["鼓楼区", 1], ["徐州市", 2]]
    assert "totals may stand below" in rules(taken(write_book(tmp_path / "b.xlsx", {"2022年": rows})))


def test_a_row_that_numbers_the_columns_is_no_head(tmp_path: Path) -> None:
    rows = [["2022年1—12月"], ["县名", "GDP（亿元）"], ["甲", 1], ["淳安县", 270.5]]
    assert values(taken(write_book(tmp_path / "a.xlsx", {"表": rows}))) == {("330127", 2022): 2.705e6}


def rewritten(path: Path, changes: dict[str, tuple[str, str]]) -> Path:
    """A workbook in which a text of each part is another one."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name).decode() for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            old, new = changes.get(name, ("", ""))
            assert old in content
            archive.writestr(name, content.replace(old, new) if old else content)
    return path


def computed(path: Path, sheet: str = "2022年") -> Path:
    """A workbook whose cell B3 is the result of a formula."""
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet(sheet)
        for row, cells in enumerate([["县名", "GDP（亿元）"], ["淳安县", 270.5], ["龙游县", None]]):
            page.write_row(row, 0, cells)
        page.write_formula(2, 1, "=B2*2", None, 541)
    return path


PART = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    "changes",
    [
        {PART: ('<c r="B3"><f>', "<c><f>")},
        {PART: ('<c r="B3">', "<c r='B3'>")},
        {PART: ('<c r="B3"><f>', '<c r="B3"><!-- f --><f>')},
        {"xl/workbook.xml": ('name="2022年"', 'name="2022&#24180;"')},
        {
            "xl/workbook.xml": (
                " r:id=",
                ' xmlns:q="http://schemas.openxmlformats.org/officeDocument/2006/relationships" q:id=',
            )
        },
        {"xl/_rels/workbook.xml.rels": ('"worksheets/sheet1.xml"', '"/xl/worksheets/sheet1.xml"')},
        {"xl/_rels/workbook.xml.rels": ('"worksheets/sheet1.xml"', '"elsewhere.xml"')},
    ],
)
def test_a_formula_is_found_or_the_workbook_refused_however_it_is_written(
    changes: dict[str, tuple[str, str]], tmp_path: Path
) -> None:
    path = rewritten(computed(tmp_path / "a.xlsx"), changes)
    try:
        assert read_grids(path)[0].formulas == {(2, 1)}
    except ValidationError as error:
        assert "Save" in str(error) or "save" in str(error)


def test_cells_that_an_array_formula_fills_are_results(tmp_path: Path) -> None:
    path = rewritten(computed(tmp_path / "a.xlsx"), {PART: ('<c r="B3"><f>', '<c r="B3"><f t="array" ref="B2:B3">')})
    grid = read_grids(path)[0]
    assert grid.formulas == {(1, 1), (2, 1)} and not grid.unsaved


def test_a_stray_cell_far_out_is_named_before_the_sheet_is_read(tmp_path: Path) -> None:
    rows = [["县名", "GDP（亿元）"], ["淳安县", 270.5]]
    path = write_book(tmp_path / "a.xlsx", {"2022年": rows})
    path = rewritten(path, {PART: ('<c r="B2">', '<c r="XFD1048576">')})
    with pytest.raises(ValidationError, match=r"row 1,048,576 and column 16,384 \(XFD\)"):
        read_grids(path)
