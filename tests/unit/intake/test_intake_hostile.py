"""Files that mean harm, or are not what they say: each gives one message and leaves nothing behind."""

import os
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from yearbooks import write_book

from shanhai.core.paths import ROOT
from shanhai.intake import guard
from shanhai.intake.problems import Problem, listed
from shanhai.run.cli import main

GOOD = [["县名", "GDP（亿元）"], ["淳安县", 270.5]]


def zipped(path: Path, members: dict[str, bytes], **kinds: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = kinds.get("mode", 0o100644) << 16
            archive.writestr(info, content)
    return path


def with_member(folder: Path, name: str, content: bytes) -> Path:
    """A good workbook with one member more, or another one."""
    path = write_book(folder / "a.xlsx", {"2022年": GOOD})
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    return zipped(path, members | {name: content})


def changed(folder: Path, change: Callable[[bytes], bytes]) -> Path:
    path = write_book(folder / "a.xlsx", {"2022年": GOOD})
    path.write_bytes(change(path.read_bytes()))
    return path


def encrypted(folder: Path) -> Path:
    """A zip whose members are marked as encrypted."""
    path = zipped(folder / "a.zip", {"counties.shp": b"x" * 100})
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark) + offset
        content[at : at + 2] = struct.pack("<H", 1)
    path.write_bytes(bytes(content))
    return path


def sparse(folder: Path) -> Path:
    path = folder / "a.csv"
    with path.open("wb") as stream:
        stream.truncate(10 * 1024**3)
    return path


def link(folder: Path) -> Path:
    (folder / "a.csv").symlink_to(write_book(folder / "b.xlsx", {"表": GOOD}))
    return folder / "a.csv"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "a.csv")
    return folder / "a.csv"


def with_bytes(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><sst>&b;</sst>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst>&a;</sst>'

HARMFUL: dict[str, tuple[Callable[[Path], Path], str, str]] = {
    "zip bomb as a workbook": (lambda f: with_member(f, "xl/media/bomb", bytes(300_000_000)), "county_gdp", "bomb"),
    "zip bomb as a layer": (lambda f: zipped(f / "a.zip", {"counties.shp": bytes(300_000_000)}), "boundaries", "bomb"),
    "many members": (lambda f: zipped(f / "a.zip", {f"{n}": b"" for n in range(3000)}), "boundaries", "3,000 files"),
    "a way out of the archive": (lambda f: zipped(f / "a.zip", {"../counties.shp": b"x"}), "boundaries", "leads out"),
    "a way out by a stroke": (lambda f: zipped(f / "a.zip", {"..\\counties.shp": b"x"}), "boundaries", "leads out"),
    "an absolute member": (lambda f: zipped(f / "a.zip", {"/counties.shp": b"x"}), "boundaries", "leads out"),
    "a drive": (lambda f: zipped(f / "a.zip", {"C:counties.shp": b"x"}), "boundaries", "leads out"),
    "a link in an archive": (
        lambda f: zipped(f / "a.zip", {"counties.shp": b"/etc/passwd"}, mode=stat.S_IFLNK | 0o777),
        "boundaries",
        "the link",
    ),
    "an encrypted archive": (encrypted, "boundaries", "protected by a password"),
    "an archive without a layer": (lambda f: zipped(f / "a.zip", {"a.txt": b"x"}), "boundaries", "0 layers"),
    "two layers": (lambda f: zipped(f / "a.zip", {"a.shp": b"x", "b.gpkg": b"x"}), "boundaries", "2 layers"),
    "an XML bomb": (lambda f: with_member(f, "xl/sharedStrings.xml", ENTITIES), "county_gdp", "declares entities"),
    "an entity of a file": (
        lambda f: with_member(f, "xl/sharedStrings.xml", OUTSIDE),
        "county_gdp",
        "declares entities",
    ),
    "an XML bomb in UTF-16": (
        lambda f: with_member(f, "xl/sharedStrings.xml", ENTITIES.decode().encode("utf-16")),
        "county_gdp",
        "declares entities",
    ),
    "a workbook cut off": (lambda f: changed(f, lambda content: content[:-600]), "county_gdp", "cut off"),
    "a damaged workbook": (
        lambda f: changed(f, lambda content: content[:100] + bytes(2000) + content[2100:]),
        "county_gdp",
        "damaged|cut off",
    ),
    "a protected workbook": (
        with_bytes("a.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4000)),
        "county_gdp",
        "protected by a password",
    ),
    "an old workbook of noise": (
        with_bytes("a.xls", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4000)),
        "county_gdp",
        "no workbook",
    ),
    "a PDF renamed": (with_bytes("a.xlsx", b"%PDF-1.7\n"), "county_gdp", "is a PDF"),
    "a web page renamed": (with_bytes("a.xls", b"<html><table>"), "county_gdp", "is a web page"),
    "a workbook as text": (
        lambda f: write_book(f / "a.xlsx", {"2022年": GOOD}).rename(f / "a.csv"),
        "county_gdp",
        "zip archive",
    ),
    "ten gigabytes": (sparse, "county_gdp", "10,737,418,240 bytes; at most 209,715,200"),
    "a million rows": (with_bytes("a.csv", b"a,b\n" * 2_000_010), "county_gdp", "at most 1,000,000"),
    "three thousand columns": (with_bytes("a.csv", b"a," * 3000), "county_gdp", "at most 2,000"),
    "a link": (link, "county_gdp", "is a link"),
    "a pipe": (pipe, "county_gdp", "no regular file"),
    "a folder": (lambda f: f, "county_gdp", "no regular file"),
    "nothing": (lambda f: f / "none.csv", "county_gdp", "no file"),
    "an empty file": (with_bytes("a.csv", b""), "county_gdp", "is empty"),
    "another ending": (with_bytes("a.docx", b"PK\x03\x04"), "county_gdp", "allowed: .csv"),
    "a picture as a grid": (with_bytes("a.tif", b"\x89PNG\r\n\x1a\n"), "dem", "is a picture"),
    "a virtual layer": (with_bytes("a.geojson", b"<OGRVRTDataSource>"), "boundaries", "GeoJSON"),
    "a database of something else": (
        with_bytes("a.gpkg", b"SQLite format 3\x00" + bytes(100)),
        "boundaries",
        "GeoPackage",
    ),
    "a table as a layer": (with_bytes("a.csv", b"code,name\n"), "boundaries", "no layer"),
    "a layer as a table": (with_bytes("a.geojson", b"{}"), "county_gdp", "holds no table"),
}


@pytest.mark.parametrize("kind", HARMFUL)
def test_harm_is_refused_with_one_message_and_nothing_is_left(
    kind: str, tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, table, message = HARMFUL[kind]
    (tmp_path / "in").mkdir()
    path = make(tmp_path / "in")
    assert main(["data", "import", str(path), "--as", table]) == 1
    told = capsys.readouterr().err
    assert told.startswith("shanhai: ") and told.count("shanhai: ") == 1
    assert any(part in told for part in message.split("|")), told
    assert [entry.name for entry in settings.iterdir()] == ["settings.toml"]


def test_the_limits_are_those_of_the_message() -> None:
    assert guard.MOST_BYTES == 200 * 1024 * 1024


@pytest.mark.parametrize("value", ["\x1b[2Jgone", "a\nb", "\u202eevil", "x" * 10_000, "\x00"])
def test_values_of_a_file_cannot_speak_to_the_terminal(value: str) -> None:
    (line,) = listed([Problem("rule", 3, "head", value)], "a.csv", "")
    assert line.isprintable() and len(line) < 200


def test_the_page_counts_the_files_that_were_tried() -> None:
    for page, head in (("own-tables.md", "| files that mean harm"), ("zh/own-tables.md", "| 怀有恶意")):
        text = (ROOT / "lib" / "docs" / page).read_text(encoding="utf-8")
        table = text[text.index(head) :].partition("\n\n")[0].splitlines()[2:]
        assert sum(int(row.split("|")[2]) for row in table) == len(HARMFUL)
        assert {row.split("|")[3].strip() for row in table} == {"0"}
