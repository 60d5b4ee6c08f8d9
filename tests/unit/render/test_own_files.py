"""Below every figure and table stands which files of the user's own took the place of the project's."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from shanhai.core import paths, sources
from shanhai.core.imported import Import
from shanhai.render import own_line
from shanhai.render.publish import publish_figure, publish_table

FILE = "my <b>$x$<b> yearbook \U0001f600.csv"
"""A name that no font and no markup would like."""

GDP = ("GDP, primary value added and GDP per head of counties", "各县地区生产总值、第一产业增加值与人均地区生产总值")
"""What the table of county GDP holds, in words; of our years nothing."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where results of the test go."""
    monkeypatch.setenv(paths.OUTPUT_VARIABLE, str(tmp_path / "outputs"))
    return tmp_path


def named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that name a file of the user's own."""
    (folder / FILE).write_text("x", encoding="utf-8")
    (folder / "settings.toml").write_text(f'[replace]\ncounty_gdp = "{FILE}"\n', encoding="utf-8")
    monkeypatch.setenv(sources.SETTINGS_VARIABLE, str(folder / "settings.toml"))


def drawn() -> Figure:
    figure = Figure(figsize=(4, 3))
    figure.subplots().plot([0, 1], [0, 1])
    return figure


def captions(folder: Path, *given: str) -> list[str]:
    """Captions as they are listed, of figures published with these."""
    for number, caption in enumerate(given):
        publish_figure(drawn(), f"captioned-{number}", caption, data=pd.DataFrame({"value": [1.0]}))
    listed = json.loads((folder / "outputs" / "parts" / f"{paths.run_name()}.exhibits.json").read_text("utf-8"))
    return [exhibit["caption"] for exhibit in listed if exhibit["name"].startswith("captioned")]


def test_without_files_of_the_users_own_nothing_is_added(folder: Path) -> None:
    assert captions(folder, "GDP per head") == ["GDP per head"]


def test_the_line_is_in_the_language_of_the_caption(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named(folder, monkeypatch)
    assert captions(folder, "GDP per head", "2021年人均GDP") == [
        f"GDP per head. Files of the user's own in the place of the project's: {GDP[0]} from “{FILE}”.",
        f"2021年人均GDP。以下项目数据由用户自备文件替代：{GDP[1]}取自文件“{FILE}”。",
    ]


def test_every_file_that_may_be_replaced_is_said_in_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, ending in (("table", ".csv"), ("layer", ".gpkg"), ("grid", ".tif")):
        (folder / f"x{ending}").touch()
        for name in sources.names(kind):
            (folder / "settings.toml").write_text(f'[replace]\n{name} = "x{ending}"\n', encoding="utf-8")
            monkeypatch.setenv(sources.SETTINGS_VARIABLE, str(folder / "settings.toml"))
            english, chinese = own_line("GDP per head"), own_line("2021年人均GDP")
            assert "_" not in english + chinese and f" from “x{ending}”." in english
            what = chinese.partition("：")[2].partition("取自")[0]
            assert len(what) >= 2 and not any(letter.isascii() and letter.isalpha() for letter in what), what


def test_a_title_within_the_line_is_no_heading_and_names_no_years_of_ours(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = []
    for name in ("county_roads", "prefecture_economy", "counties"):
        (folder / "x.csv").touch()
        (folder / "settings.toml").write_text(f'[replace]\n{name} = "x.csv"\n', encoding="utf-8")
        monkeypatch.setenv(sources.SETTINGS_VARIABLE, str(folder / "settings.toml"))
        lines += [own_line("GDP").partition(": ")[2], own_line("各县人均").partition("：")[2]]
    assert lines == [
        "highway length of counties from “x.csv”.",
        "各县公路里程取自文件“x.csv”。",
        "GDP, sectors and growth of prefectures from “x.csv”.",
        "各地级市地区生产总值、产业构成与增速取自文件“x.csv”。",
        "county-level units of mainland China in the 2020 census from “x.csv”.",
        "2020年人口普查口径的内地县级行政区取自文件“x.csv”。",
    ]


def test_an_import_is_named_by_file_sheet_and_day(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sources.SETTINGS_VARIABLE, str(folder / "settings.toml"))
    (folder / "settings.toml").touch()
    made = folder / "own" / "0001-county_gdp"
    made.mkdir(parents=True)
    (made / "county_gdp.csv").write_text("x", encoding="utf-8")
    part = "0001-county_gdp/county_gdp.csv"
    entry = Import(
        1, "county_gdp", {"table/county_gdp": part}, {part: sources.hash_file(made / "county_gdp.csv")},
        "浙江统计年鉴.xlsx", "0" * 64, "表3-2", "", "2026-11-09",
    )  # fmt: skip
    (folder / "own" / "imports.json").write_text(json.dumps({"imports": [entry.as_json()]}), encoding="utf-8")
    english, chinese = captions(folder, "GDP per head", "2021年人均GDP")
    assert english.endswith(f"{GDP[0]} from “浙江统计年鉴.xlsx”, sheet “表3-2”, imported on 9 November 2026.")
    assert chinese.endswith(f"{GDP[1]}取自文件“浙江统计年鉴.xlsx”工作表“表3-2”（2026年11月9日导入）。")
    assert str(folder) not in english + chinese


def test_settings_may_say_where_a_file_comes_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named(folder, monkeypatch)
    said = '\n[named.county_gdp]\nfile = "yearbook.xlsx"\nday = "2026-01-31"\n'
    (folder / "settings.toml").write_text((folder / "settings.toml").read_text("utf-8") + said, encoding="utf-8")
    assert captions(folder, "GDP per head")[0].endswith(
        "of counties from “yearbook.xlsx”, imported on 31 January 2026."
    )


def test_a_figure_grows_by_the_line_and_stays_as_it_is_above_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib.image as image

    before = publish_figure(drawn(), "plain", "GDP per head", data=pd.DataFrame({"value": [1.0]}))
    named(folder, monkeypatch)
    figure = drawn()
    after = publish_figure(figure, "own", "GDP per head", data=pd.DataFrame({"value": [1.0]}))
    old, new = (image.imread(str(shown.files[0])) for shown in (before, after))
    added = new.shape[0] - old.shape[0]
    assert new.shape[1] == old.shape[1] and added > 20
    np.testing.assert_array_equal(new[: old.shape[0]], old)
    assert (new[old.shape[0] :, :, :3] < 0.5).any()
    assert figure.texts == []
    listed = (folder / "outputs" / "parts" / f"{paths.run_name()}.exhibits.json").read_text(encoding="utf-8")
    assert f"{GDP[0]} from “{FILE}”" in json.loads(listed)[-1]["caption"]


def test_a_figure_in_chinese_has_a_font_for_the_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named(folder, monkeypatch)
    shown = publish_figure(drawn(), "chinese", "2021年人均GDP", data=pd.DataFrame({"value": [1.0]}))
    assert all(path.stat().st_size > 1000 for path in shown.files[:2])


def test_a_table_has_it_as_its_last_note(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named(folder, monkeypatch)
    table = publish_table(pd.DataFrame({"a": [1]}), "own-table", "GDP per head", ["A note."])
    assert "of counties from “my " in table.files[1].read_text(encoding="utf-8").split("A note.")[1]
