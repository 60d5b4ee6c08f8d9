"""The registry, the settings of the user, and what the errors say."""

import dataclasses
import os
import re
from pathlib import Path

import pytest

from shanhai.core import fields, sources
from shanhai.core.errors import ChecksumError, SettingsError, UnknownTableError
from shanhai.core.paths import DATA, ROOT, SHAPEFILES


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file that is in force; tests write into it."""
    path = tmp_path / "设置 mine.toml"
    path.write_text("", encoding="utf-8")
    monkeypatch.setenv(sources.SETTINGS_VARIABLE, str(path))
    return path


def replace(settings: Path, line: str) -> None:
    settings.write_text(f"[replace]\n{line}\n", encoding="utf-8")


def test_every_file_is_registered_with_its_checksum() -> None:
    rows = sources.read_registry()
    about_the_files = {"registry.csv", "datapackage.json"}
    there = {path for folder in (DATA, SHAPEFILES) for path in folder.rglob("[!.]*") if path.is_file()}
    listed = {ROOT / row.file for row in rows}
    assert there - listed == {DATA / name for name in about_the_files}
    assert listed <= there and len(rows) == len(listed)
    changed = [row.file for row in rows if sources.sha256(row.path) != row.sha256]
    assert changed == []


def test_every_source_says_where_it_comes_from() -> None:
    for row in sources.read_registry():
        assert row.title, row.file
        assert row.origin, row.file
        assert row.licence, row.file
        assert len(row.accessed) == len("2026-11-22"), row.file


def test_what_is_said_of_a_source_has_one_form_in_each_language() -> None:
    for name in ("title", "origin", "licence", "vintage"):
        pairs = {(getattr(row, name), getattr(row, f"{name}_zh")) for row in sources.read_registry()}
        english, chinese = ([pair[side] for pair in pairs] for side in (0, 1))
        assert len(set(english)) == len(set(chinese)) == len(pairs), name
        assert [text for text in chinese if not re.search("[㐀-鿿]", text)] == []
        assert [text for text in english if re.search("[㐀-鿿]", text)] == []
        numbers = {said: [re.findall(r"\d+(?![\d月])", text) for text in said] for said in pairs}
        assert [said for said, found in numbers.items() if sorted(found[0]) != sorted(found[1])] == []


def test_a_csv_replaces_a_table_but_not_the_layer_of_the_same_name(settings: Path) -> None:
    (settings.parent / "own.csv").write_text("code\n", encoding="utf-8")
    replace(settings, 'counties = "own.csv"')
    assert sources.is_replaced("counties", "table")
    assert not sources.is_replaced("counties", "layer")
    assert sources.resolve("counties", "table") == settings.parent / "own.csv"


def test_a_grid_is_only_the_user_s_own(settings: Path) -> None:
    with pytest.raises(UnknownTableError, match=r"\[replace\]"):
        sources.resolve("elevation", "grid")
    (settings.parent / "dem.tif").write_bytes(b"")
    replace(settings, 'elevation = "dem.tif"')
    assert sources.resolve("elevation", "grid").name == "dem.tif"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[replace]\ncounty_gpd = 'own.csv'", "no table of the project"),
        ("[replace]\ncounty_gdp = 'own.xlsx'", "its ending must be one of"),
        ("[replace]\ncounty_gdp = 'gone.csv'", "does not exist"),
        ("[replace]\ncounty_gdp = 3", "must be a path in quotes"),
        ("[replaced]\ncounty_gdp = 'own.csv'", r"only table allowed is \[replace\]"),
        ("replace = 'own.csv'", "must be a table"),
        ("[replace", "not valid TOML"),
        ("[named.county_gdp]\nfile = 'a.csv'", "for each name under"),
        ("[replace]\ncounty_gdp = 'own.csv'\n[named.county_gdp]\nday = '2026-01-31'", "file always"),
        ("[replace]\ncounty_gdp = 'own.csv'\n[named.county_gdp]\nfile = 'a'\nday = '31/1/2026'", "YYYY-MM-DD"),
    ],
)
def test_a_wrong_setting_says_what_is_wrong(settings: Path, text: str, message: str) -> None:
    (settings.parent / "own.csv").write_text("code\n", encoding="utf-8")
    settings.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        sources.replacements()


def test_a_settings_file_that_is_gone_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(sources.SETTINGS_VARIABLE, str(tmp_path / "gone.toml"))
    with pytest.raises(SettingsError, match="does not exist"):
        sources.replacements()


def test_an_unknown_table_is_refused_with_the_list() -> None:
    with pytest.raises(UnknownTableError, match="census_2020"):
        sources.bundled("census_2021")


def test_a_changed_file_says_expected_got_cause_and_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    row = sources.bundled("provinces")[0]
    monkeypatch.setattr(sources, "read_registry", lambda: (dataclasses.replace(row, sha256="0" * 64),))
    with pytest.raises(ChecksumError) as error:
        sources.verify("provinces")
    for part in ("expected: " + "0" * 64, "got:      " + row.sha256, "likely cause:", "next step:"):
        assert part in str(error.value)


def test_a_checksum_follows_the_state_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"abc")
    assert sources.sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    path.write_bytes(b"abcd")
    assert sources.sha256(path) != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("encoding", "looks_like"),
    [("utf-16", "UTF-16"), ("utf-16-be", "UTF-16"), ("utf-32", "UTF-32"), ("gbk", "GBK"), ("gb18030", "GB18030")],
)
def test_settings_in_another_encoding_say_which_and_to_save_as_utf_8(
    settings: Path, encoding: str, looks_like: str
) -> None:
    settings.write_bytes("[replace]\n# 我的表\n".encode(encoding))
    with pytest.raises(SettingsError, match=f"looks like .*{looks_like}.* Save it as UTF-8"):
        sources.replacements()


def test_settings_with_the_mark_of_utf_8_and_line_ends_of_windows_are_read(settings: Path) -> None:
    (settings.parent / "我的表.csv").write_text("code\n", encoding="utf-8")
    settings.write_bytes("\ufeff[replace]\r\ncounties = '我的表.csv'\r\n".encode())
    assert sources.resolve("counties") == settings.parent / "我的表.csv"


def test_a_relative_settings_path_means_the_same_wherever_the_process_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The command runs where the user stands, a kernel in the folder of notebooks."""
    relative = os.path.relpath(tmp_path / "mine.toml", ROOT)
    (tmp_path / "mine.toml").write_text("", encoding="utf-8")
    monkeypatch.setenv(sources.SETTINGS_VARIABLE, relative)
    for folder in (ROOT, ROOT / "notebooks", tmp_path):
        monkeypatch.chdir(folder)
        assert sources.settings_file() == (tmp_path / "mine.toml").resolve()
    monkeypatch.setenv(sources.SETTINGS_VARIABLE, "mine.toml")
    with pytest.raises(SettingsError, match="counts from the root of the project"):
        sources.settings_file()


@pytest.mark.parametrize("name", ["my[2021].shp", "UP.SHP", "a*b?.shp", "层 x.shp", "up.Shp"])
def test_every_part_of_a_layer_is_found_whatever_its_name(name: str, tmp_path: Path) -> None:
    stem = name.rpartition(".")[0]
    beside = [name, *(f"{stem}{ending}" for ending in (".DBF", ".shx", ".cpg", ".PRJ", ".qix", ".shp.xml"))]
    for file in (*beside, "other.dbf", f"{stem}2.dbf", "myx.dbf"):
        (tmp_path / file).touch()
    assert {path.name for path in sources.parts(tmp_path / name)} == set(beside)


def test_changes_that_a_geopackage_has_not_taken_over_are_parts_of_it(tmp_path: Path) -> None:
    for file in ("own.gpkg", "own.gpkg-wal", "own.gpkg-shm", "own.GPKG-journal"):
        (tmp_path / file).write_bytes(b"x")
    names = ["own.GPKG-journal", "own.gpkg", "own.gpkg-wal"]
    assert [path.name for path in sources.parts(tmp_path / "own.gpkg")] == names
    (tmp_path / "own.gpkg-wal").write_bytes(b"")  # which a reader makes and removes
    assert [path.name for path in sources.parts(tmp_path / "own.gpkg")] == ["own.GPKG-journal", "own.gpkg"]


def test_a_change_that_was_taken_back_is_another_state(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"abc")
    before, status = sources.state(path), path.stat()
    path.write_bytes(b"abd")
    path.write_bytes(b"abc")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert sources.state(path) != before


def test_the_dictionary_is_verified_like_every_other_file(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = [
        dataclasses.replace(row, sha256="0" * 64) if row.name == "dictionary" else row
        for row in sources.read_registry()
    ]
    monkeypatch.setattr(sources, "read_registry", lambda: tuple(changed))
    with pytest.raises(ChecksumError, match=r"data/dictionary\.csv is not the file of the registry"):
        fields.table_names()
