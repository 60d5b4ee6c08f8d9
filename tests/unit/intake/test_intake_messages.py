"""What `shanhai data` says, in Chinese where it is asked for: no message of the room is without its Chinese."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from yearbooks import write_book

from shanhai.core.paths import LIBRARY
from shanhai.intake.problems import MESSAGES
from shanhai.run.cli import main

HAN = re.compile(r"[㐀-鿿]")
WORDS = re.compile(r"\b[a-z]{2,}(?: [a-z]+)+\b")
"""Two English words beside each other, as code, options and names of files have not."""

INSIDE = {
    "7 per person", "7 per head", "growth of more than 7 points a year7", "a head of the 7", "not used",
    "7 rows of 7 7",    "7 of 7 figures are", "the figure is", "the total of the 7 7",
    "old Excel workbook, whose formulas cannot be told from figures, nor errors from empty cells",
    "7 is 7 7, which another kind of county bears now", "no year", "year by row", "old workbook",
    "column is no list of tables",
    "the line has 7 cells, the heads have 7; put a number that holds a comma in quotation marks",
    "7, or complete the line",    "the same place and year stand in row {row}; leave one of the two out",
    ", an index of which the year before is 100: give 7",
    "; give percent a year", "no heads stand above",
    '7 7 that of our table for the same place in the nearest year; read in 7, the unit is likely 7: correct the head,'
    ' or say --map "7=7:7"',
}  # fmt: skip
"""Texts that stand in a longer line alone, or whose holes hold words: the tests below see them in their lines."""

PATTERN = re.compile(r"\(\?:|yuan|persons|per cent|^as = ")
"""Patterns that code looks for, and units."""


def templates(path: Path) -> Iterator[str]:
    """Texts of a module with a sample in each hole; without docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in ast.walk(node) if part is not node}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else sample(part) for part in node.values)


def sample(part: ast.expr) -> str:
    code = ast.unparse(part)
    if "shown(" in code or "!r" in code:
        return "'x'"
    return "'x'" if re.search(r"\b(?:told|why|error|kept|dimension)\b", code) is None and "names" in code else "7"


@pytest.mark.parametrize("module", sorted(path.name for path in (LIBRARY / "intake").glob("*.py")))
def test_each_message_of_the_room_has_its_chinese(module: str) -> None:
    said = {
        text: [line for line in text.split("\n") if WORDS.search(re.sub(r"'x'|`[^`]*`", "", line))]
        for text in templates(LIBRARY / "intake" / module)
        if not PATTERN.search(text) and text not in INSIDE
    }
    english = [line for lines in said.values() for line in lines if not HAN.search(MESSAGES(line.strip(), "zh"))]
    assert english == []


def test_a_preview_in_chinese_has_no_english_sentence(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        ["浙江省各县主要指标"], ["单位：亿元"],
        ["地区", "2022年地区生产总值", "2022年人均生产总值（元）", "名次"],
        ["衢州市", 2003.4, 87600, 1], ["开化县", 181.3, 70234, 4], ["临安市", 682.0, 107000, 8], ["注：为初步核算数。"],
    ]  # fmt: skip
    path = write_book(tmp_path / "a.xlsx", {"表1": rows})
    assert main(["data", "import", str(path), "--as", "county_gdp", "--preview", "--language", "zh"]) == 0
    told = capsys.readouterr().out
    assert "工作表'表1'（Excel工作簿）" in told and "'名次' → 不取用（数据表中没有与此表头对应的列）" in told
    assert "第4行：'衢州市'，衢州市合计数" in told and "第6行：临安市即临安区（330112）" in told
    assert "单位为元，2022年（年鉴通常以此为表头；表头注明单位为元；年份见表头）" in told and "新增2022年2行" in told
    assert not WORDS.search(re.sub(r"`[^`]*`", "", told)), told


def test_faults_and_refusals_in_chinese_have_no_english_sentence(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        ["县名", "2022年GDP（亿元）"], ["淳按县", 270.5], ["朝阳区", 281], ["龙游县", "28o"], ["开化县", 17_500_000],
        ["常山县", "△3"], ["开化县", 175],
    ]  # fmt: skip
    path = write_book(tmp_path / "a.xlsx", {"表1": rows})
    assert main(["data", "import", str(path), "--as", "county_gdp", "--language", "zh"]) == 1
    told = capsys.readouterr().err
    assert "a.xlsx未导入，也未写入任何内容；共有6个问题：" in told
    assert "第2行，'县名'列：'淳按县'不是2020年人口普查中的县级行政区。相近名称：" in told
    assert "单位很可能是" in told and "与第5行为同地同年" in told
    assert not WORDS.search(re.sub(r"\(Chaoyang[^)]*\)", "", told)), told
    assert main(["data", "import", str(tmp_path / "gone.xlsx"), "--as", "county_gdp", "--language", "zh"]) == 1
    assert f"没有文件{tmp_path / 'gone.xlsx'}，请改正路径。" in capsys.readouterr().err


def test_a_figure_beyond_a_limit_is_named_in_chinese_with_its_reason(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["县名", "2022年GDP（亿元）"], ["开化县", 1750]]
    path = write_book(tmp_path / "a.xlsx", {"表1": rows})
    assert main(["data", "import", str(path), "--as", "county_gdp", "--language", "zh"]) == 1
    told = capsys.readouterr().err
    assert "工作表'表1'第2行（开化县，代码330824，2022年）：gdp_10k_yuan = 17500000" in told
    assert "规则yearly_growth：全国名义GDP增速最高为36%" in told


def test_what_was_done_and_taken_back_is_said_in_chinese(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_book(tmp_path / "a.xlsx", {"表1": [["县名", "2022年GDP（亿元）"], ["开化县", 175]]})
    assert main(["data", "import", str(path), "--as", "county_gdp", "--language", "zh"]) == 0
    assert main(["data", "list", "--language", "zh"]) == 0
    assert main(["data", "undo", "--language", "zh"]) == 0
    told = capsys.readouterr().out
    assert "已导入，编号1：新增2022年1行。现作为table/county_gdp生效" in told
    assert "来自'a.xlsx'的工作表'表1'" in told and "（作为table/county_gdp生效）" in told
    assert "已撤销第1次导入：county_gdp，来自a.xlsx（新增2022年1行）。" in told


def test_what_no_form_fits_stays_as_it_is() -> None:
    assert MESSAGES("Something else happened: twice.", "zh") == "Something else happened: twice."
    assert MESSAGES("a note", "en") == "a note"
