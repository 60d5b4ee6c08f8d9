"""Commands forked from a process that has imported everything, so that a round of faults costs a second, not ten.

What is forked is the command itself, from its first line on; its fork server, kernels, schedulers and workers are forks
too. Nothing of what they do is replaced but the start of an interpreter and its imports. A share of the rounds starts
everything anew all the same, as a user does: see ``Round.is_cold``.
"""

import asyncio
import ctypes
import json
import mmap
import multiprocessing.util
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil

MARK = "multiprocessing.forkserver"
"""Stands in the command line of this process, and so of its forks: by it the library knows a fork server."""

_BEFOREHAND = (
    *("shanhai.run.cli", "shanhai.run.asked", "shanhai.run.batch", "shanhai.run.notebook", "shanhai.run.engine"),
    *("shanhai.run.cluster", "shanhai.run.single", "shanhai.report.batch.page", "shanhai.report.batch.site"),
    *("papermill", "papermill.execute", "jupyter_client.manager", "jupyter_client.provisioning", "s3fs"),
    *("distributed", "distributed.scheduler", "distributed.worker", "aiobotocore.session"),
    # a command that gives up the rights of root may not read the Python of root's home any more
    *("multiprocessing.forkserver", "multiprocessing.popen_forkserver", "multiprocessing.synchronize"),
    "encodings.utf_16_le",  # of workbooks
)


def prepare(notebooks: Sequence[str]) -> None:
    """Import what commands, fork servers, kernels and workers import, and read what they read."""
    from shanhai.core.notebooks import read_cells
    from shanhai.core.paths import NOTEBOOKS
    from shanhai.run.forked import _imports
    from shanhai.run.kernel import isolated_environment
    from shanhai.run.project import Project

    sources = (cell["source"] for name in notebooks for cell in read_cells(NOTEBOOKS / f"{name}.ipynb"))
    modules = sorted({module for source in sources for module in _imports(source)})
    with isolated_environment():
        os.environ["SHANHAI_PRELOAD"] = json.dumps([os.getppid(), modules])
        import_module("shanhai.run.preload")
        ctypes.CDLL(None).prctl(1, 0)  # this process does not end with the one that started it
        for name in _BEFOREHAND:
            import_module(name)
        Project().inputs()
    _look_once_at_packages()


def _look_once_at_packages() -> None:
    """List packages and their forty thousand files once: no fault is done to them."""
    from shanhai.core import installed
    from shanhai.run import manifest

    packages = [SimpleNamespace(name=package.name, version=package.version) for package in manifest.distributions()]
    manifest.distributions = lambda: packages
    once = cache(lambda folder, read=installed._files: tuple(read(folder)))
    installed._files = lambda folder: iter(once(folder))


def learn(arguments: Sequence[str]) -> None:
    """Do here once what a command does that finds nothing to execute, so that its forks have all of that at hand."""
    from shanhai.run import cli
    from shanhai.run.kernel import isolated_environment

    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said), isolated_environment():
        status = cli.main(arguments)
    if status != 0 or threading.active_count() > 1:
        raise SystemExit(f"status {status}, and {threading.active_count()} threads, of which forks keep one")


class Events:
    """Counts what a command does to files, in memory that its forks share, and ends a process at one of these."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 16)

    def __getitem__(self, place: int) -> int:
        return int.from_bytes(self._memory[8 * place : 8 * place + 8], "little")

    def __setitem__(self, place: int, value: int) -> None:
        self._memory[8 * place : 8 * place + 8] = value.to_bytes(8, "little")

    def watch(self, number: int, role: int, of_kernels: bool) -> None:
        """Kill the process that does the n-th thing to a file; counts alone if the number is zero."""

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if not _is_writing(event, arguments):
                return
            place = int(os.getpid() != role)
            self[place] = count = self[place] + 1
            if number and count == number and of_kernels == bool(place):
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)


_WRITES = frozenset(("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree", "os.link"))


def _is_writing(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "open":
        flags = arguments[2]
        return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return event in _WRITES


@dataclass
class Command:
    """A command that was started, and what it says."""

    pid: int
    said: Path
    started: float
    process: subprocess.Popen[bytes] | None = None
    status: int | None = None

    def poll(self) -> int | None:
        """Exit status, negative after a signal; None while it runs."""
        if self.status is None:
            if self.process:
                self.status = self.process.poll()
            else:
                done, code = os.waitpid(self.pid, os.WNOHANG)
                self.status = os.waitstatus_to_exitcode(code) if done else None
        return self.status

    def wait(self, seconds: float) -> int | None:
        """Exit status; None if it has not ended by then."""
        end = time.monotonic() + seconds
        while self.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        return self.status

    def send(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def family(self) -> list[psutil.Process]:
        """Processes that it started, at any distance."""
        try:
            return psutil.Process(self.pid).children(recursive=True) if self.poll() is None else []
        except psutil.NoSuchProcess:
            return []

    def text(self) -> str:
        return self.said.read_text(encoding="utf-8", errors="replace")


def start(
    arguments: Sequence[str], said: Path, environment: dict[str, str], before: Callable[[], object] | None = None
) -> Command:
    """Fork the command ``shanhai`` with arguments."""

    def work() -> None:
        from shanhai.run import cli

        sys.argv = ["shanhai", *arguments]
        if before:
            before()
        cli.program()

    return start_process(work, said, environment)


def start_cold(arguments: Sequence[str], said: Path, environment: dict[str, str]) -> Command:
    """Start the command as a user does."""
    with said.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "shanhai", *arguments],
            env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream,
        )  # fmt: skip
    return Command(process.pid, said, time.monotonic(), process)


def start_scheduler(port: int, said: Path, environment: dict[str, str]) -> Command:
    """A scheduler of Dask on loopback."""

    async def serve() -> None:
        from distributed import Scheduler

        async with Scheduler(host="127.0.0.1", port=port, dashboard=False) as scheduler:
            await scheduler.finished()

    return start_process(lambda: asyncio.run(serve()), said, environment)


def start_worker(port: int, folder: Path, said: Path, environment: dict[str, str]) -> Command:
    """A worker of one thread."""

    async def serve() -> None:
        from distributed import Worker

        address = f"tcp://127.0.0.1:{port}"
        async with Worker(address, nthreads=1, local_directory=str(folder), dashboard=False) as worker:
            await worker.finished()

    return start_process(lambda: asyncio.run(serve()), said, environment)


def start_process(work: Callable[[], object], said: Path, environment: dict[str, str]) -> Command:
    """Fork any work of ours."""
    sys.stdout.flush()
    sys.stderr.flush()
    said.write_bytes(b"")
    pid = os.fork()
    if pid:
        return Command(pid, said, time.monotonic())
    status = 70
    try:
        _redirect(said)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.environ.update(environment)
        tempfile.tempdir = None
        multiprocessing.util.spawnv_passfds = _spawn  # type: ignore[attr-defined]
        sys.modules["__main__"] = import_module("shanhai.__main__")
        work()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 - a fork may not go on with what its parent does
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _redirect(said: Path) -> None:
    nothing, file = os.open(os.devnull, os.O_RDONLY), os.open(said, os.O_WRONLY | os.O_APPEND)
    os.dup2(nothing, 0)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.closerange(3, 256)


_spawn_anew = multiprocessing.util.spawnv_passfds  # type: ignore[attr-defined]


def _spawn(path: bytes, arguments: Sequence[str], passed: Sequence[int]) -> int:
    """Start a helper of multiprocessing: the fork server as a fork of this process, others as ever."""
    code = arguments[-1]
    if MARK not in code:
        return int(_spawn_anew(path, arguments, passed))
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        _become_server(parent, set(passed))
        exec(code, {"__name__": "__main__"})  # what the interpreter would have been told to do
    finally:
        os._exit(1)


def _become_server(parent: int, passed: set[int]) -> None:
    from shanhai.run import forked, preload

    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in passed:
            _close(int(name))
    preload.end_with_parent()
    if os.getppid() != parent:
        os._exit(1)
    preload.SERVER = forked.SERVER = os.getpid()  # as if both had been imported here


def _close(number: int) -> None:
    try:
        os.close(number)
    except OSError:
        return
