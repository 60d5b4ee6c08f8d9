"""Every file that is not as it was packed is named, in a folder and in an archive; hostile lists are refused."""

import json
import zipfile
from pathlib import Path

import pytest

from shanhai.core.errors import PackageError
from shanhai.core.manifest import MANIFEST
from shanhai.core.sources import hash_file
from shanhai.report.package.archive import open_archive, write_archive
from shanhai.report.package.sums import SUMS
from shanhai.report.package.verify import verify


def said(path: Path) -> list[str]:
    return [str(deviation) for deviation in verify(path).deviations]


def test_an_unpacked_package_is_as_it_was_packed(unpacked: Path, archive: Path) -> None:
    assert said(unpacked) == said(archive) == []
    assert verify(unpacked).checked == verify(archive).checked > 20


def test_each_file_that_differs_is_named_in_one_line(unpacked: Path) -> None:
    (unpacked / "data" / "counties.csv").write_text("code\n330803\n", encoding="utf-8")
    (unpacked / "LICENSE").unlink()
    (unpacked / "data" / "new.csv").touch()
    (unpacked / "run.sh").unlink()
    (unpacked / "run.sh").symlink_to(unpacked / "README.md")
    (unpacked / "README.md").unlink()
    (unpacked / "README.md").mkdir()
    assert said(unpacked) == [
        "missing  LICENSE",
        "differs  README.md (no file)",
        "differs  data/counties.csv",
        "added    data/new.csv",
        "differs  run.sh (a link, not followed)",
    ]


def test_what_running_makes_is_passed_over_and_said(unpacked: Path) -> None:
    for name in (".venv/bin/python", "outputs/cache/a", "lib/shanhai/data/__pycache__/load.pyc", "outputs/own/a"):
        (unpacked / name).parent.mkdir(parents=True)
        (unpacked / name).touch()
    assert said(unpacked) == ["added    outputs/own/a"]
    assert verify(unpacked).passed_over == (".venv", "lib/shanhai/data/__pycache__", "outputs/cache")


def test_a_folder_behind_a_link_is_not_followed(unpacked: Path, tmp_path: Path) -> None:
    (unpacked / "data").rename(tmp_path / "elsewhere")
    (unpacked / "data").symlink_to(tmp_path / "elsewhere")
    lines = said(unpacked)
    assert "differs  data/counties.csv (a link, not followed)" in lines
    assert "added    data" in lines


def test_an_archive_is_compared_without_being_unpacked(archive: Path, tmp_path: Path) -> None:
    with open_archive(archive) as opened:
        members: dict[str, bytes | Path] = {name: opened.read(name) for name in opened.names}
    del members["LICENSE"]
    members |= {"README.md": b"edited", "more.txt": b""}
    (tmp_path / "new").mkdir()
    write_archive(tmp_path / "new" / "b.zip", "top", members)
    assert said(tmp_path / "new" / "b.zip") == ["missing  LICENSE", "differs  README.md", "added    more.txt"]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["b.zip"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{digest}  ../../secret", "no path inside"),
        ("{digest}  /etc/passwd", "no path inside"),
        ("{digest}  data/counties.csv", "one file twice"),
        ("{digest}  DATA/counties.csv", "two spellings"),
        ("{digest} LICENSE", "is no checksum"),
        ("{digest}  SHA256SUMS", "one file twice"),
    ],
)
def test_a_list_that_leads_elsewhere_or_has_another_form_is_refused(line: str, words: str, unpacked: Path) -> None:
    path = unpacked / SUMS
    path.write_text(path.read_text(encoding="utf-8") + line.format(digest="0" * 64) + "\n", encoding="utf-8")
    with pytest.raises(PackageError, match=words):
        verify(unpacked)


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="holds no SHA256SUMS"):
        verify(tmp_path)
    with pytest.raises(PackageError, match="no folder and no file"):
        verify(tmp_path / "nothing")


@pytest.mark.parametrize("left", [b'{"runs": {"01', b"", bytes(40), b"\xff{}", b"[" * 100_000])
def test_a_manifest_that_is_half_written_is_told_from_none(left: bytes, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(left)
    (tmp_path / "manifest.journal").write_text('{"batch": {}}\n', encoding="utf-8")
    with pytest.raises(PackageError, match=r"is there but cannot be read.*Run the command that made the results again"):
        verify(tmp_path)


def test_a_manifest_of_another_program_is_none_of_results(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text('{"name": "an app"}', encoding="utf-8")
    with pytest.raises(PackageError, match=r"no manifest\.json of results"):
        verify(tmp_path)


def test_the_list_is_the_one_that_sha256sum_reads(unpacked: Path) -> None:
    """GNU coreutils: 64 hexadecimal digits, two spaces, the name; sorted, and each file but the list itself."""
    lines = (unpacked / SUMS).read_text(encoding="utf-8").splitlines()
    names = [line[66:] for line in lines]
    present = [path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()]
    assert all(line[64:66] == "  " for line in lines)
    assert names == sorted(names) == sorted(set(present) - {SUMS})


def test_members_are_those_of_one_folder(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        assert {name.partition("/")[0] for name in opened.namelist()} == {"shanhai-0.3.0"}


def test_a_folder_of_results_is_compared_with_its_manifest(tmp_path: Path) -> None:
    for name in ("tables/a.csv", "zh/tables/a.csv", "estimates.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    digests = {name: hash_file(tmp_path / name) for name in ("tables/a.csv", "zh/tables/a.csv", "estimates.json")}
    run = {"fingerprint": "f", "ok": True, "seconds": 1.0, "outputs": {"tables/a.csv": digests["tables/a.csv"]}}
    (tmp_path / MANIFEST).write_text(json.dumps({"runs": {"01": run}, "outputs": digests}), encoding="utf-8")
    assert said(tmp_path) == []
    (tmp_path / "estimates.json").write_text("other", encoding="utf-8")
    (tmp_path / "zh" / "tables" / "a.csv").unlink()
    (tmp_path / "line\nbreak").touch()
    assert said(tmp_path) == ["differs  estimates.json", "added    'line\\nbreak'", "missing  zh/tables/a.csv"]
