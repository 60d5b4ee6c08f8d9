"""A batch on a Dask cluster of two workers on loopback: the same bytes, nothing lost when one of them is killed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from shanhai.core.errors import EnvironmentMissingError, InputsChangedError
from shanhai.core.manifest import read_records
from shanhai.run.asked import Asked, asked_runs
from shanhai.run.batch import batch
from shanhai.run.cluster import cluster_at
from shanhai.run.jobs import Job, Options
from shanhai.run.ownership import TEMPORARY, private_folder
from shanhai.run.pool import Outcome
from shanhai.run.project import Project

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="signals of POSIX"),
    pytest.mark.filterwarnings("default::DeprecationWarning:distributed"),
]

CELLS = """\
import os, pathlib, time
folder, run = pathlib.Path(os.environ["SHANHAI_OUTPUT"]), os.environ["SHANHAI_RUN"]
time.sleep(0.5)
(folder / "tables").mkdir()
_ = (folder / "tables" / f"{run}--square.csv").write_text(f"{draws},{draws ** 2}")
print(draws ** 2)
"""

DASK = [sys.executable, "-P", "-m", "dask"]


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen([*DASK, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(timeout=20)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Path]:
    """The file in which a scheduler on loopback says its address."""
    file = tmp_path / "scheduler.json"
    with process("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)):
        end = time.monotonic() + 60
        while not file.exists():
            assert time.monotonic() < end, "no scheduler"
            time.sleep(0.1)
        yield file


def worker(file: Path, *options: str) -> "contextmanager[subprocess.Popen[bytes]]":  # type: ignore[valid-type]
    return process("worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard", *options)


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The system's temporary folder, as workers see it; its path is short, as sockets need it."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


def left_in(temporary: Path) -> list[str]:
    """What is in the temporary folder of workers that have ended, beside the spill folders of Dask."""
    return sorted(path.name for path in temporary.iterdir() if not path.name.startswith("dask-scratch-space"))


def address(file: Path) -> str:

    return str(json.loads(file.read_text(encoding="utf-8"))["address"])


@pytest.fixture
def write(project: Project, write_notebook: Callable[..., Path]) -> Callable[[str], None]:
    return lambda cell: (
        write_notebook(project.notebooks / "04-report-city.ipynb", cell, parameters="draws: int = 1  # draws") and None
    )


def results(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def runs(project: Project, count: int) -> list:
    grid = [f"draws={','.join(map(str, range(1, count + 1)))}"]
    return asked_runs(Asked(grid=grid, language="en"), project.notebooks)


def test_a_worker_killed_in_mid_run_loses_nothing_and_bytes_are_those_of_a_local_run(
    project: Project, tmp_path: Path, write: Callable[[str], None], temporary: Path, scheduler: Path
) -> None:
    write(CELLS)
    asked = runs(project, 8)
    local, remote = tmp_path / "local", tmp_path / "remote"
    assert batch(asked, str(local), project, options=Options(2, is_checked=True))
    with (
        worker(scheduler, "--no-nanny") as first,
        worker(scheduler, "--no-nanny"),
        cluster_at(address(scheduler), project.root) as cluster,
    ):
        end = time.monotonic() + 60
        while cluster.threads < 2:
            assert time.monotonic() < end, "one worker only"
            time.sleep(0.1)

        def outcomes(jobs: Sequence[Job], folder: Path) -> Generator[Outcome, None, None]:
            for number, outcome in enumerate(cluster.outcomes(jobs, folder)):
                if number == 1:  # the other runs are at work or wait
                    first.send_signal(signal.SIGKILL)
                yield outcome

        options = Options(cluster.threads, is_checked=True, elsewhere=outcomes)
        assert batch(asked, str(remote), project, options=options)
        assert first.wait(timeout=20) == -signal.SIGKILL
    assert results(remote) == results(local)
    assert len([name for name in results(remote) if name.startswith("tables/")]) == 8
    (of_the_dead,) = left_in(temporary)
    assert of_the_dead.startswith(TEMPORARY)
    with private_folder(temporary, TEMPORARY) as mine:  # as the next command or worker has it
        assert left_in(temporary) == [mine.name]


POISON = f"""\
import os, signal
if draws == 2:
    os.kill(os.getppid(), signal.SIGKILL)
    import time
    time.sleep(60)
{CELLS}"""
"""The second run kills the worker that started its kernel."""


def test_a_run_that_kills_its_workers_fails_after_four_and_those_that_waited_behind_it_are_done(
    project: Project, tmp_path: Path, write: Callable[[str], None], temporary: Path, scheduler: Path
) -> None:
    write(POISON)
    out = tmp_path / "out"
    with worker(scheduler), cluster_at(address(scheduler), project.root) as cluster:
        options = Options(1, is_checked=True, elsewhere=cluster.outcomes)
        assert not batch(runs(project, 4), str(out), project, options=options)
        assert cluster.threads == 1  # the nanny has started it again
    records = read_records(out)
    assert {name.partition("=")[2]: record.ok for name, record in records.items()} == {
        "1": True, "2": False, "3": True, "4": True,
    }  # fmt: skip
    failure = records["04-report-city-draws=2"].failure
    assert failure is not None
    assert failure["exception"].startswith("KilledWorker: ")
    assert "on 4 different workers" in failure["exception"]
    assert sorted(path.name for path in (out / "tables").iterdir()) == [
        f"04-report-city-draws={draws}--square.csv" for draws in (1, 3, 4)
    ]
    assert len(left_in(temporary)) <= 1  # each worker has cleared away after the one before it


def test_a_failed_cell_stands_in_the_manifest_and_workers_that_are_daemons_start_kernels_anew(
    project: Project, tmp_path: Path, write: Callable[[str], None], scheduler: Path
) -> None:
    write("draws, 1 / (draws - 2)")
    with worker(scheduler), cluster_at(address(scheduler), project.root) as cluster:
        options = Options(1, is_checked=True, elsewhere=cluster.outcomes)
        assert not batch(runs(project, 3), str(tmp_path / "out"), project, options=options)
    records = read_records(tmp_path / "out")
    assert {name: record.ok for name, record in records.items()} == {
        "04-report-city-draws=1": True, "04-report-city-draws=2": False, "04-report-city-draws=3": True,
    }  # fmt: skip
    failure = records["04-report-city-draws=2"].failure
    assert failure is not None
    assert failure["cell"] == "in code cell 3 of 3 (`draws, 1 / (draws - 2)`)"
    assert failure["exception"] == "ZeroDivisionError: division by zero"
    assert "\x1b" not in failure["traceback"]
    assert "draws - 2" in failure["traceback"]


def test_a_worker_with_other_data_is_refused_before_any_run(
    project: Project, tmp_path: Path, write: Callable[[str], None], scheduler: Path
) -> None:
    write(CELLS)
    other = Project(tmp_path / "other")
    for path in project.root.rglob("*.*"):
        target = other.root / path.relative_to(project.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (other.root / "data" / "counties.csv").write_text("code\n330803\n", encoding="utf-8")
    with worker(scheduler, "--no-nanny"), cluster_at(address(scheduler), other.root) as cluster:
        options = Options(1, is_checked=True, elsewhere=cluster.outcomes)
        with pytest.raises(
            EnvironmentMissingError, match=r"is not like this machine: file changed: data/counties\.csv"
        ):
            batch(runs(project, 2), str(tmp_path / "out"), project, options=options)
    assert results(tmp_path / "out") == {}


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_worker_that_dies_while_it_is_asked_gets_no_run_and_one_that_cannot_answer_ends_the_batch(
    project: Project, tmp_path: Path, write: Callable[[str], None], scheduler: Path, is_gone: bool
) -> None:
    from distributed.comm.core import CommClosedError

    write("draws")
    trouble = CommClosedError("Stream is closed") if is_gone else PermissionError(13, "Permission denied")
    with worker(scheduler, "--no-nanny"), cluster_at(address(scheduler), project.root) as cluster:
        asked = cluster._client.run

        def answers(*arguments: object, **options: object) -> dict[str, object]:
            return asked(*arguments, **options) | {"tcp://127.0.0.1:1": trouble}

        cluster._client.run = answers
        options = Options(1, is_checked=True, elsewhere=cluster.outcomes)
        if is_gone:
            assert batch(runs(project, 2), str(tmp_path / "out"), project, options=options)
        else:
            with pytest.raises(PermissionError):
                batch(runs(project, 2), str(tmp_path / "out"), project, options=options)
    assert bool(results(tmp_path / "out")) == is_gone


def test_no_scheduler_and_no_worker_are_said_with_the_command(scheduler: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shanhai.run.cluster._PATIENCE", 1)
    nobody = cluster_at("tcp://127.0.0.1:9")
    with pytest.raises(EnvironmentMissingError, match=r"No scheduler answers at .*dask scheduler"), nobody:
        pass
    with pytest.raises(EnvironmentMissingError, match=r"has no worker\. Start"), cluster_at(address(scheduler)):
        pass


@pytest.mark.parametrize("trouble", [TimeoutError("timed out after 20 s."), RuntimeError("IOLoop is closed")])
def test_the_end_of_a_connection_that_hangs_or_is_no_more_undoes_nothing(
    scheduler: Path, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    """As after a worker or the scheduler was killed: 19 of 72 such rounds ended with a traceback or status 3."""
    from distributed import Client

    close, ended = Client.close, []

    def failing(client: Client, *arguments: object, **options: object) -> None:
        close(client)
        if options:  # a finalizer, of this or an earlier client, gives none, and what it raises is a warning
            ended.append(trouble)
            raise trouble

    with worker(scheduler, "--no-nanny"), monkeypatch.context() as patched:
        patched.setattr(Client, "close", failing)
        with cluster_at(address(scheduler)):
            pass
        with pytest.raises(InputsChangedError, match="of the batch itself"), cluster_at(address(scheduler)):
            raise InputsChangedError("of the batch itself")
    assert ended == [trouble] * 2


def test_without_the_package_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EnvironmentMissingError, match=r'pip install "distributed'), cluster_at("tcp://127.0.0.1:9"):
        pass
