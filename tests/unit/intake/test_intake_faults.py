"""A disk that is full, or a process that is killed, at any write of an import: the old state or the new, no third."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from yearbooks import write_book

from shanhai.core import sources
from shanhai.core.paths import LIBRARY, ROOT
from shanhai.data import load_table
from shanhai.intake.keeping import folder_alone
from shanhai.run.cli import main

pytestmark = pytest.mark.slow

WRITES = 7
"""Times that an import flushes a file or a folder: table, mapping, both again with their folder, register, folder."""

KILLED = """
import os, sys
from shanhai.run.cli import main
flush, left = os.fsync, [int(sys.argv[1])]
def kill(descriptor):
    left[0] -= 1
    if not left[0]:
        os._exit(137)
    flush(descriptor)
os.fsync = kill
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """An import of one pair."""
    heads = ["mountain_code", "mountain_name_zh", "sea_code", "sea_name_zh", "kind", "year", "source", "note"]
    row = ["330824", "开化县", "330483", "桐乡市", "aid", 2021, "quzhou-2023", "made up"]
    return ["data", "import", str(write_book(tmp_path / "a.xlsx", {"表": [heads, row]})), "--as", "pairings"]


def kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "own").rglob("*")) if path.is_file()}


def test_an_import_flushes_what_it_writes(settings: Path, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    flushed, flush = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (flushed.append(descriptor), flush(descriptor))[1])
    assert main(command) == 0
    assert len(flushed) == WRITES


@pytest.mark.parametrize("fault", range(1, WRITES + 1))
def test_a_full_disk_leaves_one_state_or_the_other(
    fault: int, settings: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, left, flush = load_table("pairings"), [fault], os.fsync

    def full(descriptor: int) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(errno.ENOSPC, "No space left on device", "own")
        flush(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert main(command) == 3
    rows = len(load_table("pairings"))
    assert rows == len(before) + (fault == WRITES)  # at the last the register is already the new one
    if fault < WRITES:
        assert [entry.name for entry in settings.iterdir()] == ["settings.toml"] or not sources.is_replaced("pairings")
    assert main(command) == 0
    assert len(load_table("pairings")) == len(before) + 1


@pytest.mark.parametrize("fault", [1, 3, 5, 6, 7])
def test_a_killed_process_leaves_one_state_or_the_other_and_the_next_makes_the_same_bytes(
    fault: int, settings: Path, command: list[str]
) -> None:
    before = len(load_table("pairings"))
    environment = os.environ | {"PYTHONPATH": str(LIBRARY.parent)}
    arguments = [sys.executable, "-P", "-c", KILLED, str(fault), *command]
    done = subprocess.run(arguments, env=environment, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 137
    assert len(load_table("pairings")) == before + (fault == WRITES)
    if fault == WRITES:
        assert main(["data", "undo"]) == 0
    assert main(command) == 0
    again = kept(settings)
    assert main(["data", "undo"]) == 0 and main(command) == 0
    assert kept(settings) == again and len(load_table("pairings")) == before + 1


def test_two_imports_at_a_time_are_refused(
    settings: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with folder_alone():
        assert main(command) == 4
        assert main(["data", "undo"]) == 4
    assert "Another `shanhai data` command" in capsys.readouterr().err
    assert main(command) == 0
