"""A user's own notebooks are the user's: whatever lies among them, git, tests and commands go on as without it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shanhai.core.paths import MINE, NOTEBOOKS, ROOT
from shanhai.run import cli
from shanhai.run.answers import notebook_answers
from shanhai.run.runs import listed_runs

UNTIDY = "untidy-of-a-test"


@pytest.fixture
def untidy() -> Iterator[Path]:
    """A folder among the user's own notebooks with what should not be there."""
    there = MINE.is_dir()
    folder = MINE / UNTIDY
    folder.mkdir(parents=True)
    files = {name: folder / name for name in ("broken.ipynb", "huge.ipynb", "99 ?*#é衢.ipynb", "unread.ipynb", "x.py")}
    for file in files.values():
        file.write_bytes(b'{"cells": [\xff')
    with files["huge.ipynb"].open("wb") as sparse:
        sparse.truncate(2**30)
    files["unread.ipynb"].chmod(0)
    (folder / "gone.ipynb").symlink_to(folder / "nowhere.ipynb")
    (folder / "loop").symlink_to(folder)
    beside = MINE / f"{UNTIDY}.ipynb"
    beside.write_text("no JSON", encoding="utf-8")
    yield folder
    for path in [*folder.iterdir(), beside]:
        path.unlink()
    folder.rmdir()
    if not there:
        MINE.rmdir()


@pytest.mark.skipif(os.name == "nt", reason="links and permissions of POSIX")
def test_an_untidy_file_there_stops_no_command(untidy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list"]) == 0
    assert UNTIDY not in capsys.readouterr().out
    assert not [run for run in listed_runs(NOTEBOOKS) if MINE in run.notebook.parents]
    assert len(notebook_answers()) > 10
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", "notebooks"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert collected.returncode == 0, collected.stdout + collected.stderr
    assert "01-audit-data.ipynb" in collected.stdout
    assert "mine" not in collected.stdout
    checked = subprocess.run([sys.executable, "-m", "ruff", "check", "--no-cache", "notebooks"], cwd=ROOT)
    assert checked.returncode == 0


def test_git_ignores_them() -> None:
    assert "notebooks/mine/" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()
