"""From a file to a table in force and back: all or nothing, beside the bundled tables, by their rules."""

import datetime
import json
import os
from pathlib import Path

import pandas as pd
import pytest
from yearbooks import grown, write_book, write_text

from shanhai.core import sources
from shanhai.core.errors import SettingsError
from shanhai.data import load_table
from shanhai.data.load import load_places
from shanhai.run.cli import main
from shanhai.run.project import Project

pytestmark = pytest.mark.slow

COUNTIES = ("330127", "330802", "330803", "330822", "330824", "330825", "330881")


@pytest.fixture(scope="module")
def gdp() -> dict[str, float]:
    """GDP of 2022 of some counties that might be printed, in 10,000 yuan."""
    return grown(load_table("county_gdp"), COUNTIES)


def yearbook(path: Path, gdp: dict[str, float], year: int = 2022, unit: str = "亿元", factor: float = 1e4) -> Path:
    """A table as a province prints it."""
    places = load_places()
    rows = [[f"浙江省各县地区生产总值（{year}年）", None], [None, f"单位：{unit}"], ["县（市、区）", "地区生产总值"]]
    rows += [[f"{places.county(code).name_zh}①", f"{value / factor:,.6f}*"] for code, value in gdp.items()]
    rows += [["合计", f"{sum(gdp.values()) / factor:,.2f}"], ["注：①为初步核算数。", None]]
    return write_book(path, {"表1": rows})


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_year_stands_beside_ours_is_listed_in_the_manifest_and_can_be_taken_back(
    tmp_path: Path, settings: Path, gdp: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    before = load_table("county_gdp")
    path = yearbook(tmp_path / "y2022.xlsx", gdp)
    assert main(["data", "import", str(path), "--as", "county_gdp", "--preview"]) == 0
    assert "nothing was written" in capsys.readouterr().out
    assert [entry.name for entry in settings.iterdir()] == ["settings.toml"]

    assert main(["data", "import", str(path), "--as", "county_gdp"]) == 0
    told = capsys.readouterr().out
    assert f"{len(gdp)} rows of 2022 added" in told and "`-p gdp_year=2022`" in told and "95%" in told
    after = load_table("county_gdp")
    new = after.loc[after["year"].eq(2022)].set_index("code")["gdp_10k_yuan"]
    assert {code: pytest.approx(value, rel=1e-9) for code, value in gdp.items()} == new.to_dict()
    pd.testing.assert_frame_equal(after.loc[after["year"].ne(2022)].reset_index(drop=True), before)
    assert "replace/table/county_gdp.csv" in Project().inputs().hashes

    # the next year's file has the same heads
    later = yearbook(tmp_path / "y2023.xlsx", {code: value * 1.05 for code, value in gdp.items()}, 2023)
    assert main(["data", "import", str(later), "--as", "county_gdp"]) == 0
    told = capsys.readouterr().out
    assert "The mapping of import 1 (y2022.xlsx) is used again" in told
    assert "as the mapping says" in told and "as you say" not in told
    assert set(load_table("county_gdp")["year"]) == {2001, 2011, 2021, 2022, 2023}

    assert main(["data", "list"]) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["1", "county_gdp"],
        ["2", "county_gdp"],
    ]
    assert main(["data", "undo"]) == 0
    pd.testing.assert_frame_equal(load_table("county_gdp"), after)
    assert main(["data", "undo"]) == 0
    pd.testing.assert_frame_equal(load_table("county_gdp"), before)
    assert not sources.is_replaced("county_gdp")
    assert main(["data", "undo"]) == 1


def test_figures_of_a_year_that_is_there_take_its_place(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    revised = grown(load_table("county_gdp"), COUNTIES, 1.02)
    primary = load_table("county_gdp").set_index(["code", "year"]).loc[("330824", 2021), "primary_gdp_10k_yuan"]
    path = yearbook(tmp_path / "revised.xlsx", revised, 2021)
    assert main(["data", "import", str(path), "--as", "county_gdp"]) == 0
    told = capsys.readouterr().out
    assert f"{len(revised)} rows of 2021 replaced" in told
    assert "the rows replaced keep their primary_gdp_10k_yuan, gdp_per_capita_10k_yuan" in told
    assert f"gdp_10k_yuan: {len(revised)} figures replace others" in told and "1.020 in the median" in told
    table = load_table("county_gdp").set_index(["code", "year"])
    assert table.loc[("330824", 2021), "gdp_10k_yuan"] == pytest.approx(revised["330824"])
    assert table.loc[("330824", 2021), "primary_gdp_10k_yuan"] == primary


def test_figures_far_from_those_that_are_there_replace_them_only_if_the_user_says_so(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    revised = grown(load_table("county_gdp"), COUNTIES, 1.02)
    revised["330824"] *= 1.55
    path = yearbook(tmp_path / "a.xlsx", revised, 2021)
    assert main(["data", "import", str(path), "--as", "county_gdp", "--year", "2022"]) == 1
    assert "--year 2022, but the lines above say 2021" in capsys.readouterr().err
    assert main(["data", "import", str(path), "--as", "county_gdp"]) == 1
    told = capsys.readouterr().err
    assert "problems: 1" in told and "say --replace-published" in told
    assert main(["data", "import", str(path), "--as", "county_gdp", "--replace-published"]) == 0
    assert "1.581 where they differ most" in capsys.readouterr().out


@pytest.mark.parametrize(("unit", "likely"), [("万元", "亿元"), ("元", "亿元"), ("百万元", "亿元")])
def test_a_wrong_unit_is_refused_and_the_likely_one_is_named(
    unit: str, likely: str, tmp_path: Path, settings: Path, gdp: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    path = yearbook(tmp_path / "a.xlsx", gdp, unit=unit)
    assert main(["data", "import", str(path), "--as", "county_gdp"]) == 1
    assert f"the unit is likely {likely}" in capsys.readouterr().err
    assert [entry.name for entry in settings.iterdir()] == ["settings.toml"]


def test_one_figure_in_another_unit_is_named_by_its_row(
    tmp_path: Path, settings: Path, gdp: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    path = yearbook(tmp_path / "a.xlsx", gdp | {"330824": gdp["330824"] * 1e4})
    assert main(["data", "import", str(path), "--as", "county_gdp"]) == 1
    row = 4 + list(gdp).index("330824")
    assert f"a.xlsx, sheet '表1', row {row}, column '地区生产总值': " in capsys.readouterr().err


def test_the_limits_of_the_bundled_table_hold_and_name_the_row(
    tmp_path: Path, settings: Path, gdp: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    path = yearbook(tmp_path / "a.xlsx", gdp | {"330824": gdp["330824"] * 9})
    assert main(["data", "import", str(path), "--as", "county_gdp"]) == 1
    told = capsys.readouterr().err
    assert "rule yearly_growth" in told and "code=330824;year=2022 (sheet '表1', row 8, 开化县" in told


def test_every_problem_is_listed_and_nothing_is_written(
    tmp_path: Path, settings: Path, gdp: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        ["县名", "GDP（亿元）"],
        ["淳按县", 1],
        ["鼓楼区", 2],
        ["开化县", "=1+1"],
        ["龙游县", "2a"],
        ["龙游县", 300],
    ]
    path = write_book(tmp_path / "a.xlsx", {"2022年": rows})
    assert main(["data", "import", str(path), "--as", "county_gdp"]) == 1
    told = capsys.readouterr().err
    assert "problems: 4" in told
    assert [f"row {row}" in told for row in range(2, 6)] == [True] * 4
    assert [entry.name for entry in settings.iterdir()] == ["settings.toml"]


def test_a_table_that_the_settings_name_is_not_imported_over(
    tmp_path: Path, settings: Path, gdp: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    path = yearbook(tmp_path / "a.xlsx", gdp)
    assert main(["data", "import", str(path), "--as", "county_gdp"]) == 0
    (settings / "settings.toml").write_text('[replace]\ncounty_gdp = "mine.csv"\n', encoding="utf-8")
    (settings / "mine.csv").write_text("x", encoding="utf-8")
    with pytest.raises(SettingsError, match="took in as well"):
        sources.replacements()
    assert main(["data", "import", str(path), "--as", "county_gdp"]) == 1
    assert "names ['county_gdp'] already" in capsys.readouterr().err


def test_an_imported_file_that_was_changed_is_refused(tmp_path: Path, settings: Path, gdp: dict[str, float]) -> None:
    assert main(["data", "import", str(yearbook(tmp_path / "a.xlsx", gdp)), "--as", "county_gdp"]) == 0
    table = settings / "own" / "0001-county_gdp" / "county_gdp.csv"
    table.write_bytes(table.read_bytes() + b"\n")
    with pytest.raises(SettingsError, match="missing or was changed"):
        load_table("county_gdp")
    assert main(["data", "undo"]) == 0
    assert not sources.is_replaced("county_gdp")


@pytest.mark.parametrize("part", ["../../etc/passwd", "/etc/passwd", "0001-county_gdp/../../x.csv"])
def test_a_register_that_leads_out_of_its_folder_is_refused(part: str, settings: Path) -> None:
    entry = {"number": 1, "kind": "county_gdp", "files": {"table/county_gdp": part}, "sums": {part: "0" * 64}}
    entry |= {"source": "a", "source_sum": "", "sheet": "", "did": ""}
    (settings / "own").mkdir()
    (settings / "own" / "imports.json").write_text(json.dumps({"imports": [entry]}), encoding="utf-8")
    with pytest.raises(SettingsError, match="damaged"):
        sources.replacements()


def test_what_a_killed_import_left_is_removed_and_never_read(
    tmp_path: Path, settings: Path, gdp: dict[str, float]
) -> None:
    left = settings / "own" / "0001-county_gdp"
    left.mkdir(parents=True)
    (left / "county_gdp.csv").write_text("half a ta", encoding="utf-8")
    (settings / "own" / "imports.json.draft").write_text('{"impo', encoding="utf-8")
    assert not sources.is_replaced("county_gdp")
    assert main(["data", "import", str(yearbook(tmp_path / "a.xlsx", gdp)), "--as", "county_gdp"]) == 0
    assert (left / "county_gdp.csv").stat().st_size > 100_000


def test_the_same_file_gives_the_same_bytes(tmp_path: Path, settings: Path, gdp: dict[str, float]) -> None:
    path = yearbook(tmp_path / "a.xlsx", gdp)
    assert main(["data", "import", str(path), "--as", "county_gdp"]) == 0
    first = contents(settings / "own")
    assert main(["data", "undo"]) == 0 and main(["data", "import", str(path), "--as", "county_gdp"]) == 0
    assert contents(settings / "own") == first


def test_a_copy_of_a_bundled_table_changes_no_figure(tmp_path: Path, settings: Path) -> None:
    ours = {
        name: load_table(name) for name in ("county_gdp", "prefecture_economy", "pairings", "collaboration", "claims")
    }
    for name, table in ours.items():
        assert main(["data", "import", str(sources.bundled(name)[0].path), "--as", name]) == 0
        pd.testing.assert_frame_equal(load_table(name), table, check_exact=True)
        assert sources.is_replaced(name)


def test_prefectures_take_sectors_and_shares(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = load_table("prefecture_economy").set_index(["code", "year"]).loc[("511900", 2021)]
    gdp = round(base["gdp_100m_yuan"] * 1.05, 2)
    heads = [
        "城市",
        "地区生产总值（亿元）",
        "第一产业增加值（亿元）",
        "第二产业增加值（亿元）",
        "第三产业增加值（亿元）",
    ]
    rows = [["2022年"], heads, ["巴 中", gdp, round(gdp * 0.2, 2), round(gdp * 0.3, 2), round(gdp * 0.5, 2)]]
    path = write_text(tmp_path / "a.csv", rows, "gb18030")
    assert main(["data", "import", str(path), "--as", "prefecture_economy"]) == 0
    new = load_table("prefecture_economy").set_index(["code", "year"]).loc[("511900", 2022)]
    assert new["gdp_100m_yuan"] == gdp and new["primary_gdp_10k_yuan"] == pytest.approx(gdp * 2000, rel=1e-3)


def test_a_census_takes_figures_of_counties_and_its_parts_must_add_up(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = load_table("census_2020").set_index("code").loc["330824"]
    heads = ["地区", "常住人口", "男性人口", "女性人口"]
    right = [base["population"], base["male"] + 5, base["female"] - 5]
    path = write_text(tmp_path / "a.csv", [["2020年"], heads, ["开化县", *right]])
    assert main(["data", "import", str(path), "--as", "census"]) == 0
    assert "2 figures changed" in capsys.readouterr().out
    wrong = write_text(tmp_path / "b.csv", [["2020年"], heads, ["开化县", right[0], right[1], right[2] + 3]])
    assert main(["data", "import", str(wrong), "--as", "census"]) == 1
    assert "rule parts_sum" in capsys.readouterr().err


def test_pairs_may_be_given_by_name_and_keep_the_rules_of_their_table(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heads = ["mountain_code", "mountain_name_zh", "sea_code", "sea_name_zh", "kind", "year", "source", "note"]
    row = ["开化县", "开化县", "桐乡市", "桐乡市", "aid", 2021, "quzhou-2023", '=HYPERLINK("http://x") <script>']
    assert main(["data", "import", str(write_text(tmp_path / "a.csv", [heads, row])), "--as", "pairings"]) == 0
    table = load_table("pairings")
    assert table.loc[table["note"].eq(row[-1]), ["mountain_code", "sea_code"]].to_numpy().tolist() == [
        ["330824", "330483"]
    ]
    wrong = [*row[:4], "friendship", *row[5:]]
    assert main(["data", "import", str(write_text(tmp_path / "b.csv", [heads, wrong])), "--as", "pairings"]) == 1
    assert "friendship" in capsys.readouterr().err


def test_figures_of_a_census_in_another_unit_are_refused(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = load_table("census_2020").set_index("code").loc[["330824", "330825"]]
    rows = [["2020年"], ["地区", "家庭户户数"], ["开化县", 1], ["龙游县", 1]]
    for row, code in zip(rows[2:], base.index, strict=True):
        row[1] = float(base.loc[code, "family_households"]) / 1e4
    assert main(["data", "import", str(write_text(tmp_path / "a.csv", rows)), "--as", "census"]) == 1
    assert "no whole number" in capsys.readouterr().err
    for row in rows[2:]:
        row[1] = round(row[1])
    assert main(["data", "import", str(write_text(tmp_path / "b.csv", rows)), "--as", "census"]) == 1
    assert "of ours of the same counties" in capsys.readouterr().err


def test_people_in_ten_thousands_are_converted_where_they_are_whole(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = load_table("census_2020").set_index("code").loc["330824"]
    heads = ["地区", "未上过学的人口（6岁及以上）（万人）"]
    rows = [["2020年"], ["地区", "edu_no_schooling"], ["开化县", base["edu_no_schooling"] + 1]]
    assert main(["data", "import", str(write_text(tmp_path / "a.csv", rows)), "--as", "census"]) == 0
    assert "1 figures changed" in capsys.readouterr().out
    wish = ["--map", f"{heads[1]}=edu_no_schooling"]
    rows = [["2020年"], heads, ["开化县", (base["edu_no_schooling"] + 2) / 1e4]]
    assert main(["data", "import", str(write_text(tmp_path / "b.csv", rows)), "--as", "census", *wish]) == 0
    assert load_table("census_2020").set_index("code").loc["330824", "edu_no_schooling"] == base["edu_no_schooling"] + 2


def test_growth_stored_as_a_share_of_one_is_refused(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["2022年"], ["城市", "GDP增速（%）"], ["杭州市", 0.015], ["衢州市", 0.048], ["巴中市", 0.03]]
    assert main(["data", "import", str(write_text(tmp_path / "a.csv", rows)), "--as", "prefecture_economy"]) == 1
    assert "shares of one; give percent" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["浙江..2022.csv", "GDP: 2022.csv", "a\\b.csv", "合　计.csv", '"?*<|>.csv'])
def test_the_name_of_a_file_locks_nothing(
    name: str, tmp_path: Path, settings: Path, gdp: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["县名", "2022年GDP（万元）"], ["开化县", gdp["330824"]]]
    assert main(["data", "import", str(write_text(tmp_path / name, rows)), "--as", "county_gdp"]) == 0
    assert main(["data", "list"]) == 0
    assert main(["data", "undo"]) == 0
    assert not sources.is_replaced("county_gdp")


@pytest.mark.parametrize("name", [b"a\x1b[2J.csv", "县.csv".encode("gbk")])
def test_a_name_that_cannot_be_shown_gets_a_sentence(
    name: bytes, tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / os.fsdecode(name)
    write_text(path, [["县名", "2022年GDP（万元）"], ["开化县", 1]])
    assert main(["data", "import", str(path), "--as", "county_gdp"]) == 1
    assert "Rename it" in capsys.readouterr().err
    assert [entry.name for entry in settings.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ((0.042, 0.038), "factor of 100"),
        ((106.6, 104.2), "the year before is 100: give 6.6"),
        ((4.2, 62), "growth of more than 50 points"),
    ],
)
def test_growth_on_another_scale_is_refused(
    figures: tuple[float, float],
    told: str,
    tmp_path: Path,
    settings: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [["2022年"], ["城市", "GDP增速（%）"], ["杭州市", figures[0]], ["衢州市", figures[1]]]
    assert main(["data", "import", str(write_text(tmp_path / "a.csv", rows)), "--as", "prefecture_economy"]) == 1
    assert told in capsys.readouterr().err


def test_money_below_zero_is_named_and_limits_stand_beside_problems_of_names(
    tmp_path: Path, settings: Path, gdp: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["县名", "2022年GDP（万元）"], ["开化县", -gdp["330824"]]]
    assert main(["data", "import", str(write_text(tmp_path / "a.csv", rows)), "--as", "county_gdp"]) == 1
    assert "below zero; correct its sign" in capsys.readouterr().err
    rows = [rows[0], ["淳按县", 1], ["开化县", gdp["330824"] * 9]]
    assert main(["data", "import", str(write_text(tmp_path / "b.csv", rows)), "--as", "county_gdp"]) == 1
    told = capsys.readouterr().err
    assert "淳按县" in told and "rule yearly_growth" in told


def test_households_in_ten_thousands_are_refused(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["2020年"], ["地区", "家庭户户数（万户）"], ["开化县", 9]]
    assert main(["data", "import", str(write_text(tmp_path / "a.csv", rows)), "--as", "census"]) == 1
    assert "counts households one by one" in capsys.readouterr().err


def test_folders_of_the_user_beside_imports_are_left_alone(
    tmp_path: Path, settings: Path, gdp: dict[str, float]
) -> None:
    precious = settings / "own" / "2021-census" / "yearbook.csv"
    precious.parent.mkdir(parents=True)
    precious.write_text("precious", encoding="utf-8")
    assert main(["data", "undo"]) == 1
    assert main(["data", "import", str(yearbook(tmp_path / "a.xlsx", gdp)), "--as", "county_gdp"]) == 0
    assert main(["data", "undo"]) == 0
    assert precious.read_text(encoding="utf-8") == "precious"


def test_when_all_is_taken_back_everything_is_as_before(tmp_path: Path, settings: Path, gdp: dict[str, float]) -> None:
    before = contents(settings), Project().inputs().hashes
    path = yearbook(tmp_path / "a.xlsx", gdp)
    for _ in range(2):
        assert main(["data", "import", str(path), "--as", "county_gdp"]) == 0
    assert main(["data", "undo"]) == main(["data", "undo"]) == 0
    assert (contents(settings), Project().inputs().hashes) == before


def test_a_year_that_has_not_ended_is_refused(
    tmp_path: Path, settings: Path, gdp: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    year = datetime.date.today().year
    path = yearbook(tmp_path / "a.xlsx", gdp, year=year)
    assert main(["data", "import", str(path), "--as", "county_gdp"]) == 1
    assert f"{year} has not ended: today is {datetime.date.today().isoformat()}" in capsys.readouterr().err
    assert [entry.name for entry in settings.iterdir()] == ["settings.toml"]


def test_a_name_set_aside_that_no_row_bears_is_refused(
    tmp_path: Path, settings: Path, gdp: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    path = yearbook(tmp_path / "a.xlsx", gdp)
    command = ["data", "import", str(path), "--as", "county_gdp", "--preview", "--aside"]
    assert main([*command, "开发区"]) == 1
    assert "No row bears the name '开发区' that --aside gives" in capsys.readouterr().err
    assert main([*command, "开化县"]) == 0
    assert "'开化县', you set it aside" in capsys.readouterr().out


def test_what_no_column_is_found_for_names_a_head_of_figures(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_text(tmp_path / "a.csv", [["2022年", ""], ["县名", "产出（亿元）"], ["开化县", "181.3"]])
    command = ["data", "import", str(path), "--as", "county_gdp", "--preview"]
    assert main([*command, "--language", "zh"]) == 1
    told = capsys.readouterr().err
    assert "a.csv：表头" in told and '--map "产出（亿元）=gdp_10k_yuan"' in told and "文本文件" not in told
