"""A batch that is interrupted, or that the system refuses a file, ends at once and leaves nothing half done."""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from shanhai.run.project import Project

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

COMMAND = """\
import signal, sys
from pathlib import Path
from shanhai.run import derive, project
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell hands its background jobs an ignored Ctrl-C down
derive.WRITERS.clear()
root = Path(sys.argv.pop(1))
project.paths.NOTEBOOKS = root / "notebooks"
from shanhai.run import batch, cli
batch.Project = lambda: project.Project(root)
cli.program()
"""
"""The command on a small project."""

SLEEPER = """\
import os, pathlib, tempfile, time
folder = tempfile.mkdtemp()
pathlib.Path(os.environ["SHANHAI_OUTPUT"], "started").touch()
time.sleep(600)
"""

QUICK = "print(1 + 1)"

SECONDS_TO_END = 2
"""What an interrupted command may take; the tests allow as much again, because the machine is shared."""


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def temporary() -> Iterator[Path]:
    """The system's temporary folder, as the command sees it; its path is short, as sockets need it."""
    with tempfile.TemporaryDirectory(prefix="t-") as folder:
        yield Path(folder)


@pytest.fixture
def start(project: Project, temporary: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command on the small project."""
    processes: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, **options: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", COMMAND, str(project.root), *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        environment = os.environ | {"TMPDIR": str(temporary)}
        processes.append(subprocess.Popen(command, env=environment, **pipes, **options))  # type: ignore[call-overload]
        return processes[-1]

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def runs_of(output: Path) -> list[str]:
    return list(json.loads((output / "manifest.json").read_text(encoding="utf-8"))["runs"])


def noted(output: Path) -> list[bytes]:
    """Lines of the journal: its head, then one for each finished run."""
    journal = output / "manifest.journal"
    return journal.read_bytes().splitlines(keepends=True) if journal.exists() else []


def files_in(output: Path) -> set[str]:
    return {path.relative_to(output).as_posix() for path in output.rglob("*") if not path.is_dir()}


@contextmanager
def ended(kernels: list[psutil.Process]) -> Iterator[None]:
    yield
    wait_for(lambda: not any(kernel.is_running() and kernel.status() != "zombie" for kernel in kernels))


@pytest.mark.parametrize(
    ("sleepers", "number"),
    [(1, signal.SIGTERM), (5, signal.SIGINT), (5, signal.SIGTERM), (5, signal.SIGHUP)],
    ids=["all at work", "Ctrl-C, with a queue", "terminated, with a queue", "terminal lost, with a queue"],
)
def test_an_interrupted_batch_ends_in_two_seconds_and_leaves_nothing(
    sleepers: int,
    number: signal.Signals,
    project: Project,
    tmp_path: Path,
    temporary: Path,
    write_notebook: Callable[..., Path],
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    output = tmp_path / "results"
    write_notebook(project.notebooks / "01-quick.ipynb", QUICK, "2 + 2")  # more cells: it comes first
    for sleeper in range(sleepers):
        write_notebook(project.notebooks / f"0{2 + sleeper}-sleeps.ipynb", SLEEPER)
    process = start("reproduce", "--jobs", "2", "--output", str(output))
    at_work = min(sleepers, 2)
    wait_for(lambda: len(list(output.glob(".staging/*/started"))) == at_work and len(noted(output)) == 2)
    with ended(psutil.Process(process.pid).children(recursive=True)):
        sent = time.monotonic()
        process.send_signal(number)
        time.sleep(0.02)
        process.send_signal(signal.SIGTERM)  # an impatient second one does not disturb the end of the first
        _, said = process.communicate(timeout=60)
        taken = time.monotonic() - sent
    assert (process.returncode, taken < 2 * SECONDS_TO_END) == (128 + number, True), (said, taken)
    assert "interrupted; what was finished is kept" in said
    assert "Traceback" not in said
    assert runs_of(output) == ["01-quick"]
    assert files_in(output) == {"manifest.json", "notebooks/01-quick.ipynb"}
    assert not list(temporary.iterdir())


def test_what_a_killed_batch_left_goes_with_the_next_call(
    project: Project, tmp_path: Path, temporary: Path, write_notebook: Callable[..., Path],
    start: Callable[..., subprocess.Popen[str]],
) -> None:  # fmt: skip
    output = tmp_path / "results"
    notebook = write_notebook(project.notebooks / "01-sleeps.ipynb", SLEEPER)
    process = start("reproduce", "--output", str(output))
    wait_for(lambda: list(output.glob(".staging/*/started")))
    with ended(psutil.Process(process.pid).children(recursive=True)):
        process.kill()
        process.communicate()
    assert list(output.iterdir())
    assert list(temporary.iterdir())
    write_notebook(notebook, QUICK)
    process = start("reproduce", "--output", str(output))
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert files_in(output) == {
        "manifest.json",
        "estimates.json",
        "quantities.json",
        "tests.json",
        "notebooks/01-sleeps.ipynb",
    }
    assert not list(temporary.iterdir())


def limit_files() -> None:
    """Let no file grow beyond a kilobyte: what a full disk does, without filling one."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))


@pytest.mark.parametrize("obstacle", ["disk", "notebooks", ".staging", ""])
def test_a_file_that_the_system_refuses_ends_the_batch_in_a_sentence(
    obstacle: str, project: Project, tmp_path: Path, temporary: Path, write_notebook: Callable[..., Path],
    start: Callable[..., subprocess.Popen[str]],
) -> None:  # fmt: skip
    output = tmp_path / "results"
    if obstacle == "":
        output.write_text("a file where the folder belongs", encoding="utf-8")
    elif obstacle != "disk":
        output.mkdir()
        (output / obstacle).write_text("a file where a folder belongs", encoding="utf-8")
    for number in range(1, 5):
        write_notebook(project.notebooks / f"0{number}-a.ipynb", QUICK)
    limits = {"preexec_fn": limit_files} if obstacle == "disk" else {}
    process = start("reproduce", "--jobs", "1", "--output", str(output), **limits)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3, said
    assert "shanhai: the system says: " in said
    assert "Traceback" not in said
    left = files_in(output) - {obstacle, "notebooks/01-a.ipynb"} if output.is_dir() else set()
    assert left <= {"manifest.json"}
    assert not list(temporary.iterdir())
