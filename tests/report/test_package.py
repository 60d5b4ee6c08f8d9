"""The package of the real results: what its README claims is in it, and its size is one that repositories take."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shanhai.core.errors import PackageError
from shanhai.report.package.archive import open_archive
from shanhai.report.package.contents import gather
from shanhai.report.package.facts import Facts
from shanhai.report.package.standard import points
from shanhai.report.package.verify import verify
from shanhai.report.package.write import GENERATED, write_package
from shanhai.report.results import Results
from shanhai.run.package import make_package
from shanhai.run.project import Project

ROOM = 150e6
"""Bytes that the package is allowed, so that mail and repositories take it."""


@pytest.fixture(scope="module")
def archive(results_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_package(results_folder, tmp_path_factory.mktemp("package") / "a.zip", Project()).path


@pytest.fixture(scope="module")
def texts(archive: Path) -> dict[str, str]:
    """Descriptions by their name."""
    with open_archive(archive) as opened:
        return {name: opened.read(name).decode() for name in GENERATED}


@pytest.fixture(scope="module")
def names(archive: Path) -> set[str]:
    """Files of the package, and the folders that hold them."""
    with open_archive(archive) as opened:
        files = set(opened.names)
    return files | {parent.as_posix() for name in files for parent in Path(name).parents}


def test_it_is_small_enough_as_it_was_packed_and_the_same_bytes_again(archive: Path, results_folder: Path) -> None:
    assert archive.stat().st_size < ROOM
    assert verify(archive).deviations == ()
    again = write_package(Results.read(results_folder), archive.with_name("b.zip"))
    assert again.path.read_bytes() == archive.read_bytes()


def test_each_point_of_the_standard_rests_on_files_that_are_there(results_folder: Path, names: set[str]) -> None:
    results, root = Results.read(results_folder), Project().root
    facts = Facts(results, gather(results, root, GENERATED, include_own=False, full=False), root)
    found = points(facts, "en")
    assert {(point.number, file) for point in found for file in point.files if file not in names} == set()
    assert [point.number for point in found if point.status == "fulfilled" and not point.files] == []


def spans(text: str) -> Iterator[str]:
    """Paths in the letters of a typewriter; those with several endings in braces one by one."""
    for span in re.findall(r"`([^`\s]*/[^`\s]*)`", text):
        stem, brace, endings = span.partition("{")
        yield from (stem + ending for ending in endings.rstrip("}").split(",")) if brace else (span,)


@pytest.mark.parametrize("name", ["README-REPLICATION.md", "README-REPLICATION.zh.md"])
def test_each_path_that_the_readme_names_is_in_the_package(name: str, texts: dict[str, str], names: set[str]) -> None:
    inside = {"zh", "report"}  # named beside the folder that they are in
    paths = {path.rstrip("/") for path in spans(texts[name])} - inside
    assert len(paths) > 100
    assert paths - names == set()


def test_each_exhibit_is_listed_with_a_cell_and_a_checksum(texts: dict[str, str], names: set[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(texts["EXHIBITS.csv"])))
    assert {row["edition"] for row in rows} == {"en", "zh"}
    assert [row["file"] for row in rows if int(row["code_cell"]) < 1 or len(row["sha256"]) != 64] == []
    assert {row["file"] for row in rows if not row["file"].endswith(".png")} <= names


def test_no_description_names_a_folder_of_this_machine(texts: dict[str, str]) -> None:
    own = re.compile(r"/(?:home|root|Users|tmp|work)/[\w.-]+/")
    assert {name: own.findall(text) for name, text in texts.items() if own.search(text)} == {}


def test_time_and_memory_of_the_whole_are_stated(texts: dict[str, str]) -> None:
    assert "Measured when the results were made" in texts["README-REPLICATION.md"]


def test_results_that_somebody_edited_are_not_packed(results_folder: Path, tmp_path: Path) -> None:
    results = Results.read(results_folder)
    changed = Results(results.folder, results.editions, {**results.manifest, "outputs": {"findings.json": "0" * 64}})
    with pytest.raises(PackageError, match=r"findings\.json is gone or not as it was written"):
        write_package(changed, tmp_path / "a.zip")
