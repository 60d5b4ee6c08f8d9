"""A table of a yearbook in any disguise that provinces give it comes back as the same figures, or is refused."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from yearbooks import taken, values, write_book, write_text

from shanhai.data.load import load_places

COUNTIES = ("330127", "330182", "330802", "330822", "330824", "330825", "331121", "331127", "331181")
TRADITIONAL = str.maketrans("云龙庆县丽", "雲龍慶縣麗")
FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
UNITS = {"元": 1e-4, "万元": 1.0, "百万元": 1e2, "亿元": 1e4}

NAMES: dict[str, Callable[[str], str]] = {
    "plain": lambda name: name,
    "blanks inside": lambda name: " ".join(name[:-1]) + name[-1],
    "wide blanks": lambda name: "　".join(name),
    "traditional": lambda name: name.translate(TRADITIONAL),
    "marked": lambda name: f"{name}①",
    "starred": lambda name: f"*{name}",
    "indented": lambda name: f"    {name} ",
    "with its province": lambda name: f"浙江省{name}",
}
WRITINGS: dict[str, Callable[[float], Any]] = {
    "number": lambda value: value,
    "text": lambda value: f"{value:.4f}",
    "thousands": lambda value: f"{value:,.4f}",
    "blanks": lambda value: f"{value:,.4f}".replace(",", " "),
    "full width": lambda value: f"{value:,.4f}".translate(FULL_WIDTH),
    "marked": lambda value: f"{value:.4f}②",
    "starred": lambda value: f"{value:,.4f} *",
    "bracketed": lambda value: f"{value:.4f}[3]",
}


@st.composite
def dressed(
    draw: st.DrawFn,
) -> tuple[dict[tuple[str, int], float], list[list[Any]], list[tuple[int, int, int, int]], str]:
    """Figures by code and year in 10,000 yuan, and the same as rows of a sheet, with its merged cells and its name."""
    places = load_places()
    codes = draw(st.lists(st.sampled_from(COUNTIES), min_size=2, max_size=6, unique=True))
    years = draw(st.lists(st.integers(2001, 2024), min_size=1, max_size=3, unique=True))
    unit, where = draw(st.sampled_from(sorted(UNITS))), draw(st.sampled_from(["head", "line"]))
    figures = {(code, year): draw(st.integers(1_000, 9_999_999)) / 10 for code in codes for year in years}
    head = "地区生产总值" + (f"（{unit}）" if where == "head" else "")
    rows: list[list[Any]] = [["浙江省各县主要指标"]]
    rows += [[None, f"单位：{unit}"]] if where == "line" else []
    merges: list[tuple[int, int, int, int]] = []
    start = len(rows)
    name = st.sampled_from(sorted(NAMES)).map(NAMES.__getitem__)
    writing = st.sampled_from(sorted(WRITINGS)).map(WRITINGS.__getitem__)

    def cell(code: str, year: int) -> Any:
        return draw(writing)(figures[code, year] / UNITS[unit])

    def named(code: str) -> str:
        return draw(name)(places.county(code).name_zh)

    form = draw(st.sampled_from(["wide", "long", "two rows of heads"]))
    if form == "long":
        rows.append(["县（市、区）", "年份", head])
        rows += [
            [named(code), draw(st.sampled_from([year, f"{year}年", str(year)])), cell(code, year)]
            for code, year in figures
        ]
    elif form == "wide":
        rows.append(["县（市、区）", *(f"{year}年{head}" for year in years)])
        rows += [[named(code), *(cell(code, year) for year in years)] for code in codes]
    else:
        rows.append(["县（市、区）", head, *[None] * (len(years) - 1)])
        rows.append([None, *(f"{year}年" for year in years)])
        merges = [(start, 0, start + 1, 0)] + ([(start, 1, start, len(years))] if len(years) > 1 else [])
        rows += [[named(code), *(cell(code, year) for year in years)] for code in codes]
    total = draw(st.sampled_from(["合计", "全省", "总 计", "浙江省"]))
    width = len(rows[-1])
    if form != "long" and draw(st.booleans()):
        at = draw(st.sampled_from([len(rows), len(rows) - len(codes)]))
        rows.insert(at, [total, *[9999.5] * (width - 1)])
    for _ in range(draw(st.integers(0, 2))):
        rows.insert(draw(st.integers(len(rows) - len(codes) + 1, len(rows))), [None] * width)
    rows += [["注：①为初步核算数。"]] if draw(st.booleans()) else []
    return figures, rows, merges, draw(st.sampled_from(["xlsx", "utf-8", "utf-8-sig", "gb18030", "utf-16"]))


@settings(max_examples=150)
@given(dressed())
def test_a_table_in_any_disguise_comes_back_with_the_same_figures(
    table: tuple[dict[tuple[str, int], float], list[list[Any]], list[tuple[int, int, int, int]], str],
) -> None:
    figures, rows, merges, form = table
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("a.xlsx" if form == "xlsx" else "a.csv")
        if form == "xlsx":
            write_book(path, {"表1": rows}, merges)
        else:
            width = max(map(len, rows))
            write_text(path, [[*row, *[None] * (width - len(row))] for row in rows], form)
        read = taken(path)
    assert read.problems == []
    found = values(read)
    assert found.keys() == figures.keys()
    # four decimals of 100 million yuan are 10,000 yuan
    assert all(abs(found[key] - figures[key]) <= 1.0 for key in figures)
