"""Archives give the same bytes from the same files, and hostile ones are refused before anything is written."""

import hashlib
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from shanhai.core.errors import PackageError
from shanhai.report.package.archive import open_archive, write_archive
from shanhai.report.package.sums import SUMS, sums_text
from shanhai.report.package.verify import verify

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of nothing (FIPS 180-4)."""


def test_the_same_files_give_the_same_bytes_sorted_without_times_and_rights(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("text", encoding="utf-8")
    members = {"b.txt": tmp_path / "b.txt", "a/run": b"#!/bin/sh\n", "中.txt": b""}
    write_archive(tmp_path / "1.zip", "top", members)
    (tmp_path / "b.txt").chmod(0o600)
    (tmp_path / "b.txt").touch()
    write_archive(tmp_path / "2.zip", "top", dict(reversed(members.items())))
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "1.zip") as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == ["top/a/run", "top/b.txt", "top/中.txt"]
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert [oct(info.external_attr >> 16) for info in infos] == ["0o100755", "0o100644", "0o100644"]


def test_an_archive_is_unpacked_with_its_programs(tmp_path: Path) -> None:
    write_archive(tmp_path / "1.zip", "top", {SUMS: sums_text({"run": EMPTY}).encode(), "run": b"#!/bin/sh\n"})
    with open_archive(tmp_path / "1.zip") as archive:
        archive.extract(tmp_path / "new")
        with pytest.raises(PackageError, match="not empty"):
            archive.extract(tmp_path / "new")
    assert (tmp_path / "new" / "run").read_bytes() == b"#!/bin/sh\n"
    assert (tmp_path / "new" / "run").stat().st_mode & stat.S_IXUSR


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


Fill = Callable[[zipfile.ZipFile], None]


def named(*names: str) -> Fill:
    def fill(archive: zipfile.ZipFile) -> None:
        for name in names:
            archive.writestr(entry(name), b"")

    return fill


def link(archive: zipfile.ZipFile) -> None:
    archive.writestr(entry("top/link", stat.S_IFLNK | 0o777), b"/etc/passwd")


def device(archive: zipfile.ZipFile) -> None:
    archive.writestr(entry("top/pipe", stat.S_IFIFO | 0o644), b"")


def bomb(archive: zipfile.ZipFile) -> None:
    archive.writestr(entry("top/zeros"), bytes(70 << 20), zipfile.ZIP_DEFLATED)


def unusual(archive: zipfile.ZipFile) -> None:
    archive.writestr(entry("top/a"), b"x", zipfile.ZIP_BZIP2)


def overlapping(archive: zipfile.ZipFile) -> None:
    archive.writestr(entry("top/a"), b"x" * 100)
    archive.writestr(entry("top/b"), b"x" * 100)
    archive.infolist()[-1].header_offset = archive.infolist()[-2].header_offset


HOSTILE: dict[str, tuple[Fill, str]] = {
    "parent": (named("top/../../evil"), "no path inside"),
    "absolute": (named("/etc/evil"), "no path inside"),
    "drive": (named("top/C:evil"), "character"),
    "backslash": (named("top\\..\\evil"), "character"),
    "same folder": (named("top/./evil"), "no path inside"),
    "device of Windows": (named("top/nul.txt"), "device"),
    "dropped stop": (named("top/a. "), "space or a full stop"),
    "too long": (named(f"top/{'a' * 300}"), "too long"),
    "twice": (named("top/a", "top/a"), "one file twice"),
    "case": (named("top/a", "top/A"), "two spellings"),
    "forms of Unicode": (named("top/\u00e9", "top/e\u0301"), "two spellings"),
    "file and folder": (named("top/a", "top/a/b"), "as a file and as a folder"),
    "beside": (named("beside"), "beside its folder"),
    "link": (link, "link or a device"),
    "pipe": (device, "link or a device"),
    "bomb": (bomb, "unpacks to"),
    "unusual": (unusual, "unusual method"),
    "overlapping": (overlapping, "overlaps"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused_before_anything_is_written(kind: str, tmp_path: Path) -> None:
    fill, words = HOSTILE[kind]
    path = tmp_path / "hostile.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore", UserWarning)  # of a name that is there twice
        archive.writestr(entry(f"top/{SUMS}"), sums_text({"a": EMPTY}))
        fill(archive)
    with pytest.raises(PackageError, match=words):
        verify(path)
    with pytest.raises(PackageError, match=words), open_archive(path) as opened:
        opened.extract(tmp_path / "new")
    assert sorted(tmp_path.iterdir()) == [path]


def patched(path: Path, signature: bytes, offset: int, value: int) -> None:
    """Write two bytes at an offset of the last record that begins with the signature."""
    content = bytearray(path.read_bytes())
    struct.pack_into("<H", content, content.rindex(signature) + offset, value)
    path.write_bytes(content)


def test_encrypted_and_damaged_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    members = {SUMS: sums_text({"z": EMPTY}).encode(), "z": b"contents"}
    write_archive(path, "top", members)
    patched(path, b"PK\x01\x02", 8, 0x1)
    with pytest.raises(PackageError, match="encrypted"):
        verify(path)

    write_archive(path, "top", members)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"PK\x03\x04", b"PK\x03\x05"))
    with pytest.raises(PackageError, match="no sound ZIP"):
        verify(path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PackageError, match="no sound ZIP"):
        verify(path)
    path.write_bytes(b"no archive")
    with pytest.raises(PackageError, match="no sound ZIP"):
        verify(path)


def test_an_archive_without_a_list_is_no_package(tmp_path: Path) -> None:
    write_archive(tmp_path / "a.zip", "top", {"a": b""})
    with pytest.raises(PackageError, match=f"0 files {SUMS}"):
        verify(tmp_path / "a.zip")


def test_an_archive_of_any_damage_is_read_or_refused_in_a_sentence(tmp_path: Path) -> None:
    path, members = tmp_path / "a.zip", {"f": b"1" * 500, "g": b"2" * 500}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in members.items()}
    write_archive(path, "top", members | {SUMS: sums_text(digests).encode()})
    whole, refused = path.read_bytes(), 0
    directory = whole.index(b"PK\x01\x02")
    for position in range(len(whole)):  # every byte of the archive, then its end after every byte
        for value in (0, 255, whole[position] ^ 128) if position >= directory else (whole[position] ^ 255,):
            refused += is_refused(path, whole[:position] + bytes([value]) + whole[position + 1 :])
        refused += is_refused(path, whole[:position])
    assert refused > len(whole)


def is_refused(path: Path, content: bytes) -> bool:
    path.write_bytes(content)
    try:
        verify(path)
    except PackageError:
        return True
    return False
