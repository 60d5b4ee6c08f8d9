"""Columns get a meaning with a reason; the user corrects it; a saved mapping reads as it was written."""

from pathlib import Path

import pytest
from yearbooks import laid_out, mapped, write_book

from shanhai.core.errors import ParameterError, ValidationError
from shanhai.intake.kinds import TABLES
from shanhai.intake.mapping import Kept, Wish, fits, mapping_problems, read_mapping, wishes_of, written
from shanhai.run.cli import main


def book(tmp_path: Path, heads: list[object], sheet: str = "2022年") -> Path:
    return write_book(tmp_path / "a.xlsx", {sheet: [heads, ["淳安县", *[270.5] * (len(heads) - 1)]]})


def problems(tmp_path: Path, heads: list[object], wishes: dict[str, Wish] | None = None) -> str:
    found = mapped(book(tmp_path, heads), wishes)
    return "\n".join(problem.rule for problem in mapping_problems(found, TABLES["county_gdp"], "county_gdp"))


@pytest.mark.parametrize(
    ("head", "column"),
    [
        ("地区生产总值（亿元）", "gdp_10k_yuan"),
        ("国内生产总值(万元)", "gdp_10k_yuan"),
        ("2022年GDP（亿元）", "gdp_10k_yuan"),
        ("gdp_10k_yuan", "gdp_10k_yuan"),
        ("第一产业增加值（亿元）", "primary_gdp_10k_yuan"),
        ("人均地区生产总值（元）", "gdp_per_capita_10k_yuan"),
        ("GDP增速（%）", "-"),
        ("地区生产总值指数（上年=100）", "-"),
        ("地区生产总值（2015年不变价，亿元）", "-"),
        ("第二产业增加值（亿元）", "-"),
        ("上半年GDP（亿元）", "-"),
        ("地区生产总值 绝对值（亿元）", "gdp_10k_yuan"),
        ("#第一产业（亿元）", "primary_gdp_10k_yuan"),
        ("名次", "-"),
    ],
)
def test_heads_are_guessed_and_what_is_not_at_current_prices_is_left(tmp_path: Path, head: str, column: str) -> None:
    found = mapped(book(tmp_path, ["县名", head]))
    assert [source.to for source in found] == ["place", column]
    assert all(source.reason for source in found)


def test_a_wish_goes_before_a_guess_and_names_its_unit(tmp_path: Path) -> None:
    found = mapped(book(tmp_path, ["县名", "总产出"]), wishes_of(["总产出=gdp_10k_yuan:亿元"]))
    assert found[1].to == "gdp_10k_yuan" and found[1].unit is not None and found[1].unit.factor == 1e8


@pytest.mark.parametrize(
    ("heads", "rule"),
    [
        (["县名", "GDP"], "no unit is given"),
        (["县名", "GDP（万美元）"], "the unit 万美元 is none of money"),
        (["县名", "GDP（%）"], "none of money"),
        (["县名", "GDP（亿元）", "地区生产总值（亿元）"], "2 columns would become gdp_10k_yuan"),
        (["县名", "名次"], "no column of county_gdp is found"),
        (["说明", "GDP（亿元）"], "no column names the places"),
    ],
)
def test_what_stops_a_mapping(tmp_path: Path, heads: list[object], rule: str) -> None:
    assert rule in problems(tmp_path, heads)


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ("GPD=gdp_10k_yuan", "No column has the head"),
        ("ZZZ=-", "No column has the head 'ZZZ'; near: -; heads: '"),
        ("GDP（亿元）=gdp", "does not have"),
        ("GDP（亿元）=gdp_10k_yuan:斤", "unit"),
    ],
)
def test_a_wish_for_what_is_not_there_names_the_nearest(tmp_path: Path, wish: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        mapped(book(tmp_path, ["县名", "GDP（亿元）"]), wishes_of([wish]))


@pytest.mark.parametrize("texts", [["a"], ["=b"], ["a="], ["a=x", "a=y"], ["__import__('os').system('id')"]])
def test_a_wish_is_text_and_never_code(texts: list[str]) -> None:
    with pytest.raises(ParameterError, match="--map"):
        wishes_of(texts)


def test_a_saved_mapping_reads_as_it_was_written(tmp_path: Path) -> None:
    hostile = 'a"b\\\n]]\x7f<script>'
    kept = Kept(
        "county_gdp", {hostile: Wish("gdp_10k_yuan", "亿元"), "县名": Wish("place")}, ("开发区",), "330000", "表1"
    )
    (tmp_path / "a.mapping.toml").write_text(written(kept), encoding="utf-8")
    assert read_mapping(tmp_path / "a.mapping.toml") == kept


@pytest.mark.parametrize(
    "text", ["as = 1\n[column]", "x = 1", "as = 'county_gdp'\nevil = 'x'\n", "as = 'a'\n[[column]]\nhead='x'"]
)
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValidationError, match=r"mapping|unknown entries"):
        read_mapping(tmp_path / "a.toml")


def test_a_mapping_fits_the_file_of_the_next_year(tmp_path: Path) -> None:
    kept = Kept("county_gdp", {"县名": Wish("place"), "GDP(亿元)": Wish("gdp_10k_yuan")})
    assert fits(kept, laid_out(book(tmp_path, ["县名", "2022年GDP（亿元）"])))
    assert fits(kept, laid_out(book(tmp_path, ["县名", "2023年GDP（亿元）"])))
    assert not fits(kept, laid_out(book(tmp_path, ["县名", "2023年GDP（万元）"])))


@pytest.mark.parametrize(
    ("above", "sheet", "heads", "row", "options", "english", "chinese"),
    [
        ([], "表1", ["县名", "2022年GDP（亿元）"], [], [], ", 2022 (", "2022年（"),
        (
            [["2022年各县生产总值"]],
            "表1",
            ["县名", "GDP（亿元）"],
            [],
            [],
            "",
            "年份见表头上方文字'2022年各县生产总值'",
        ),
        ([], "2022年", ["县名", "GDP（亿元）"], [], [], "year in the name of the sheet", "年份见工作表名称"),
        ([], "表1", ["县名", "GDP（亿元）"], [], ["--year", "2022"], "year as you say", "年份由--year指定"),
        ([], "表1", ["县名", "GDP（亿元）", "年份"], [2022], [], "year in the column '年份'", "年份见'年份'列"),
    ],
)
def test_a_preview_says_of_which_year_the_figures_are_and_where_that_stands(
    tmp_path: Path,
    settings: Path,
    capsys: pytest.CaptureFixture[str],
    above: list[list[object]],
    sheet: str,
    heads: list[object],
    row: list[object],
    options: list[str],
    english: str,
    chinese: str,
) -> None:
    path = write_book(tmp_path / "a.xlsx", {sheet: [*above, heads, ["开化县", 181.3, *row]]})
    for language, said in (("en", english), ("zh", chinese)):
        command = ["data", "import", str(path), "--as", "county_gdp", "--preview", "--language", language, *options]
        assert main(command) == 0
        line = next(line for line in capsys.readouterr().out.splitlines() if "gdp_10k_yuan" in line)
        assert said in line and ("2022" in line) != bool(row), line
        assert ("year by row" in line or "年份逐行而定" in line) == bool(row)


def test_a_preview_says_that_no_year_is_known_and_a_census_of_which_it_is(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_book(tmp_path / "a.xlsx", {"表1": [["县名", "GDP（亿元）"], ["开化县", 181.3]]})
    assert main(["data", "import", str(path), "--as", "county_gdp", "--language", "en"]) == 1
    said = capsys.readouterr()
    assert "no year is said)" in said.out and "say it by --year" in said.err
    path = write_book(tmp_path / "b.xlsx", {"表1": [["县名", "常住人口"], ["开化县", 258_000]]})
    main(["data", "import", str(path), "--as", "census", "--preview", "--language", "en"])
    assert ", 2020 (" in (told := capsys.readouterr().out) and "year of the newest census)" in told, told
