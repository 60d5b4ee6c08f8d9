"""Two commands in one folder: the second is told who works there, and neither removes what the other makes."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from shanhai.core.errors import FolderInUseError
from shanhai.run.batch import reproduce
from shanhai.run.meeting import meeting
from shanhai.run.ownership import LOCK, OWNER, RUN, folder_held, private_folder, staging_in, temporary_folder
from shanhai.run.project import Project
from shanhai.run.runs import Run
from shanhai.run.single import run_notebook

Write = Callable[..., Path]

HOLDER = """\
import sys, time
from pathlib import Path
from shanhai.run.ownership import folder_held
sys.argv[1:] = ["reproduce", "--jobs", "3"]
with folder_held(Path(sys.stdin.readline().strip())):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path: Path) -> subprocess.Popen[str]:
    """Another process that has the folder ``held``."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-c", HOLDER], **pipes)  # type: ignore[call-overload]
    process.stdin.write(f"{tmp_path / 'held'}\n")
    process.stdin.flush()
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_is_told_process_command_host_and_start(
    holder: subprocess.Popen[str], tmp_path: Path, project: Project, write_notebook: Write
) -> None:
    notebook = write_notebook(project.notebooks / "01-a.ipynb", "1")
    with holder:
        said = rf"process {holder.pid} on \S+ \(`shanhai reproduce --jobs 3`, since \d{{4}}-\d\d-\d\d .*--output"
        with pytest.raises(FolderInUseError, match=said):
            reproduce(tmp_path / "held", project, derived=())
        with pytest.raises(FolderInUseError, match=said), pytest.MonkeyPatch.context() as patch:
            patch.setattr("shanhai.run.single.SHORT", 0)
            run_notebook(Run("01-a", notebook), tmp_path / "held")
        assert [path.name for path in (tmp_path / "held").iterdir()] == [LOCK]
        holder.kill()
    with folder_held(tmp_path / "held"):  # the lock of a process that was killed holds nobody off
        pass
    assert not list((tmp_path / "held").iterdir())


def test_a_run_that_waits_gets_the_folder_when_it_is_free(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with holder:
        with pytest.raises(FolderInUseError), folder_held(tmp_path / "held", patience=0.2):
            pass
        holder.communicate("\n")
    with folder_held(tmp_path / "held", patience=0.2):
        assert (tmp_path / "held" / LOCK).exists()


def test_runs_side_by_side_keep_off_each_other_and_clear_away_after_the_dead(tmp_path: Path) -> None:
    with private_folder(tmp_path / "out", RUN) as first:
        (first / "work").touch()
        dead = tmp_path / "out" / f"{RUN}dead"
        dead.mkdir()
        (dead / OWNER).write_text("{}", encoding="utf-8")
        (dead / "work").touch()
        of_the_user = tmp_path / "out" / f"{RUN}of-the-user"
        of_the_user.mkdir()
        (of_the_user / "notes.txt").touch()
        with private_folder(tmp_path / "out", RUN) as second:
            assert first != second
            assert (first / "work").exists()
            assert not dead.exists()
        assert not second.exists()
        assert (of_the_user / "notes.txt").exists()
    assert not first.exists()


@pytest.mark.skipif(os.name == "nt", reason="owners of files of POSIX")
def test_what_others_put_there_is_left_alone_and_links_are_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / OWNER).touch()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f"{RUN}link").symlink_to(precious)
    dead = tmp_path / "out" / f"{RUN}dead"
    dead.mkdir()
    (dead / OWNER).touch()
    (dead / "link").symlink_to(precious)
    with private_folder(tmp_path / "out", RUN):
        assert not dead.exists()
    assert (precious / OWNER).exists() and (tmp_path / "out" / f"{RUN}link").is_symlink()
    trap = tmp_path / "out" / f"{RUN}trap"
    trap.mkdir()
    os.mkfifo(trap / OWNER)  # who opens it waits for ever
    monkeypatch.setattr(os, "geteuid", lambda: trap.stat().st_uid + 1)
    with private_folder(tmp_path / "out", RUN):
        assert trap.is_dir()


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_where_nothing_can_be_written_no_lock_and_no_folder_stay(tmp_path: Path) -> None:
    import resource  # other systems have none

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for held in (folder_held(tmp_path), private_folder(tmp_path, RUN)):
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))  # as a full disk: files can be made, not filled
        try:
            with pytest.raises(OSError, match="File too large"), held:
                pass
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_pipe_in_the_place_of_a_lock_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / LOCK)
    with pytest.raises(FileExistsError), folder_held(tmp_path):
        pass
    assert os.listdir(tmp_path) == [LOCK]


def test_a_folder_that_nothing_came_into_goes_and_another_stays(tmp_path: Path) -> None:
    with suppress(KeyboardInterrupt), folder_held(tmp_path / "new"):
        raise KeyboardInterrupt
    assert not (tmp_path / "new").exists()
    (tmp_path / "old").mkdir()
    with folder_held(tmp_path / "old"), private_folder(tmp_path / "old", RUN):
        pass
    assert (tmp_path / "old").exists()
    with folder_held(tmp_path / "used"):
        (tmp_path / "used" / "result").touch()
    assert os.listdir(tmp_path / "used") == ["result"]


@pytest.mark.parametrize("left", [b"", b"\0" * 40, b'{"proc', b'{"process": 12, "host": "a"}'])
def test_a_lock_of_a_killed_process_is_taken_over_and_no_other_file(left: bytes, tmp_path: Path) -> None:
    (tmp_path / LOCK).write_bytes(left)
    with folder_held(tmp_path):
        pass
    for foreign in (b"poetry", b'{"packages": []}'):
        (tmp_path / LOCK).write_bytes(foreign)
        with pytest.raises(FileExistsError), folder_held(tmp_path):
            pass
        assert (tmp_path / LOCK).read_bytes() == foreign


def test_unfinished_work_of_a_killed_batch_goes_and_a_folder_of_that_name_stays(tmp_path: Path) -> None:
    with staging_in(tmp_path) as staging:
        (staging / "7-0").mkdir()
        (staging / "7-0" / "half").touch()
        shutil.copytree(staging, tmp_path / "left")
    assert not staging.exists()
    (tmp_path / "left").rename(staging)  # as the killed one left it
    with staging_in(tmp_path):
        assert [entry.name for entry in staging.iterdir()] == [OWNER]
    staging.mkdir()  # killed before it could put its mark there
    with staging_in(tmp_path):
        pass
    staging.mkdir()
    (staging / "mine").touch()
    with pytest.raises(FileExistsError), staging_in(tmp_path):
        pass
    assert [entry.name for entry in staging.iterdir()] == ["mine"]


@pytest.mark.skipif(sys.platform != "linux", reason="processes of a batch talk through sockets on Linux alone")
def test_sockets_find_room_where_the_temporary_folder_lies_deep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("deep" * 25)
    deep.mkdir()
    monkeypatch.setenv("TMPDIR", str(deep))
    monkeypatch.setattr("tempfile.tempdir", None)
    with temporary_folder() as folder:
        assert folder.parent == deep and os.environ["TMPDIR"] == str(folder)
        short = Path(tempfile.gettempdir())
        with meeting():  # listens below it
            pass
        assert short != folder and short.is_dir()
    assert not short.exists() and not list(deep.iterdir())
    assert os.environ["TMPDIR"] == str(deep)
    monkeypatch.setattr("shanhai.run.ownership._SHORT_FOLDERS", (str(deep),))
    with pytest.raises(OSError, match="too long"), temporary_folder():
        pass
