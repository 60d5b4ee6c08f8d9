"""Faults of every kind in made-up yearbooks, at random places: none is taken over without a word."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from yearbooks import laid_out, taken, write_book, write_text

from shanhai.core.errors import ShanhaiError
from shanhai.core.paths import ROOT
from shanhai.data import load_table
from shanhai.data.load import load_places
from shanhai.intake.kinds import TABLES, all_targets
from shanhai.intake.mapping import map_columns, mapping_problems
from shanhai.intake.merging import slips_of_unit

pytestmark = pytest.mark.slow

TRIES: Final = 25
"""Made-up tables of each kind of fault."""

PAGE = ROOT / "lib" / "docs" / "own-tables.md"

Rows = list[list[Any]]
Fault = Callable[[Rows, int, np.random.Generator], Any]
"""Puts a fault into a row of a table, which begins in row 3; what it returns is how the table is written."""


def cell(value: Any) -> Fault:
    """Another value in the place of a figure."""

    def put(rows: Rows, row: int, rng: np.random.Generator) -> None:
        rows[row][1] = value(rows[row][1]) if callable(value) else value

    return put


def name(change: Callable[[str], Any]) -> Fault:
    """Another name in the place of that of a county."""

    def put(rows: Rows, row: int, rng: np.random.Generator) -> None:
        rows[row][0] = change(rows[row][0])

    return put


def head(text: str) -> Fault:
    """Another head of the figures."""

    def put(rows: Rows, row: int, rng: np.random.Generator) -> None:
        rows[2][1] = text

    return put


def twice(rows: Rows, row: int, rng: np.random.Generator) -> None:
    rows.append(list(rows[row]))


def other_code(rows: Rows, row: int, rng: np.random.Generator) -> None:
    codes = {"淳安县": "330182"}
    rows[2].append("代码")
    for line in rows[3:]:
        line.append(codes.get(line[0]) or "330127")


def no_unit(rows: Rows, row: int, rng: np.random.Generator) -> None:
    rows[1][1], rows[2][1] = None, "地区生产总值"


def unit_line(unit: str) -> Fault:
    def put(rows: Rows, row: int, rng: np.random.Generator) -> None:
        rows[1][1], rows[2][1] = f"单位：{unit}", "地区生产总值"

    return put


def no_year(rows: Rows, row: int, rng: np.random.Generator) -> None:
    rows[0][0] = "浙江统计年鉴2023"


def two_columns(rows: Rows, row: int, rng: np.random.Generator) -> None:
    rows[2].append("GDP（亿元）")
    for line in rows[3:]:
        line.append(line[1])


def merged(rows: Rows, row: int, rng: np.random.Generator) -> list[tuple[int, int, int, int]]:
    first = min(row, len(rows) - 2)
    return [(first, 1, first + 1, 1)]


def unquoted(rows: Rows, row: int, rng: np.random.Generator) -> bytes:
    lines = [",".join("" if cell is None else str(cell) for cell in line) for line in rows]
    lines[row] = f"{rows[row][0]},1,{rows[row][1]}"
    return "\n".join(lines).encode()


def cut_line(rows: Rows, row: int, rng: np.random.Generator) -> bytes:
    lines = [",".join(["" if cell is None else str(cell) for cell in line] + ["", "x"][:1]) for line in rows]
    lines[row] = lines[row][:-1]
    return "\n".join(lines).encode()


def in_encoding(encoding: str) -> Fault:
    def put(rows: Rows, row: int, rng: np.random.Generator) -> bytes:
        text = "\n".join(",".join("" if cell is None else str(cell) for cell in line) for line in rows)
        simple = text.translate(str.maketrans("区产总县单庆龙丽云", "區產總縣單慶龍麗雲"))
        return simple.encode(encoding, "ignore")

    return put


def damaged_text(rows: Rows, row: int, rng: np.random.Generator) -> bytes:
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in line) for line in rows)
    content = bytearray(text.encode())
    start = content.find("县".encode(), 60)
    content[start] = 0xFF
    return bytes(content)


def replaced_letter(written: str) -> str:
    return written[0] + "囗" + written[2:]


FAULTS: dict[str, Fault] = {
    "a letter of a name replaced": name(replaced_letter),
    "a name that several counties bear": name(lambda written: "鼓楼区"),
    "a zone that is no county": name(lambda written: "经济技术开发区"),
    "no name": name(lambda written: None),
    "markup in a name": name(lambda written: f"<img src=x onerror=alert(1)>{written}"),
    "a formula as a name": name(lambda written: f"=HYPERLINK({written})"),
    "a county twice": twice,
    "codes of other counties": other_code,
    "letters in a figure": cell(lambda value: f"{value}".replace(".", "O")),
    "a comma in the wrong place": cell(lambda value: "12,34"),
    "a decimal comma": cell(lambda value: "1.234,5"),
    "a figure in brackets": cell(lambda value: f"({value})"),
    "a figure with its unit": cell(lambda value: f"{value}亿元"),
    "two figures in a cell": cell(lambda value: f"{value} {value}"),
    "a formula as text": cell("=1+1"),
    "a command as text": cell("=cmd|' /C calc'!A0"),
    "a date": cell(datetime.datetime(2022, 1, 2)),
    "an error of a spreadsheet": cell("#DIV/0!"),
    "nan": cell("nan"),
    "inf": cell("inf"),
    "beyond all numbers": cell("1e999"),
    "true": cell(True),
    "a figure merged over counties": merged,
    "one figure 10,000 times too large": cell(lambda value: value * 1e4),
    "one figure 10,000 times too small": cell(lambda value: value / 1e4),
    "one figure 100,000,000 times too large": cell(lambda value: value * 1e8),
    "all figures in 万元 for 亿元": unit_line("万元"),
    "all figures in 元 for 亿元": unit_line("元"),
    "all figures in 百万元 for 亿元": unit_line("百万元"),
    "no unit": no_unit,
    "foreign money": head("地区生产总值（亿美元）"),
    "percent for money": head("地区生产总值（%）"),
    "constant prices": head("地区生产总值（2015年不变价，亿元）"),
    "an index": head("地区生产总值指数（亿元）"),
    "two columns of GDP": two_columns,
    "the year of a yearbook alone": no_year,
    "thousands without quotation marks": unquoted,
    "a line cut off": cut_line,
    "text in Big5": in_encoding("big5"),
    "text in Shift-JIS": in_encoding("shift_jis"),
    "text with a damaged letter": damaged_text,
}


def table(rng: np.random.Generator, gdp: dict[str, float]) -> Rows:
    """A sound table of three to eight counties."""
    places = load_places()
    codes = sorted(rng.choice(sorted(gdp), int(rng.integers(3, 9)), replace=False))
    rows: Rows = [
        ["浙江省各县地区生产总值（2022年）", None],
        [None, "单位：亿元"],
        ["县（市、区）", "地区生产总值（亿元）"],
    ]
    return rows + [[places.county(code).name_zh, round(gdp[code] / 1e4, 4)] for code in codes]


def faults_found(path: Path) -> int:
    """How many problems are told of a file, before the limits of its table are looked at."""
    kind, base = TABLES["county_gdp"], load_table("county_gdp")
    try:
        layout = laid_out(path)
        columns = map_columns(layout, kind, "county_gdp", {})
        if problems := mapping_problems(columns, kind, "county_gdp"):
            return len(problems)
        read = taken(path)
    except ShanhaiError:
        return 1
    if read.problems:
        return len(read.problems)
    targets = {target.column: target for target in all_targets(kind, "county_gdp")}
    published = load_table("county_gdp", corrected=False)
    return len(slips_of_unit(read.frame, base, published, columns, targets))


def written_to(folder: Path, rows: Rows, form: Any) -> Path:
    if isinstance(form, bytes):
        (folder / "a.csv").write_bytes(form)
        return folder / "a.csv"
    if any(isinstance(cell, datetime.datetime) for row in rows for cell in row) or isinstance(form, list):
        return write_book(folder / "a.xlsx", {"表1": rows}, form or [])
    return write_text(folder / "a.csv", rows)


@pytest.fixture(scope="module")
def gdp() -> dict[str, float]:
    """GDP of 2022 that might be printed, of counties of Zhejiang whose names need nothing beside them."""
    base = load_table("county_gdp")
    rows = base.loc[base["year"].eq(2021) & base["code"].str.startswith("33") & base["gdp_10k_yuan"].notna()]
    county = rows["code"].str[4].eq("2")
    return {
        code: value * 1.06
        for code, value in zip(rows.loc[county, "code"], rows.loc[county, "gdp_10k_yuan"], strict=True)
    }


def test_tables_without_a_fault_are_taken_over(tmp_path: Path, gdp: dict[str, float]) -> None:
    for seed in range(TRIES):
        rng = np.random.default_rng(seed)
        assert faults_found(written_to(tmp_path, table(rng, gdp), None)) == 0


@pytest.mark.parametrize("kind", FAULTS)
def test_no_fault_is_taken_over_without_a_word(kind: str, tmp_path: Path, gdp: dict[str, float]) -> None:
    silent = []
    for seed in range(TRIES):
        rng = np.random.default_rng(seed)
        rows = table(rng, gdp)
        form = FAULTS[kind](rows, int(rng.integers(3, len(rows))), rng)
        if not faults_found(written_to(tmp_path, rows, form)):
            silent.append((seed, rows))
    assert silent == []


def test_the_page_lists_what_was_tried() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [kind for kind in FAULTS if f"| {kind} | 0 of {TRIES} |" not in text] == []
