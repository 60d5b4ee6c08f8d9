"""Tasks side by side in threads, each driving a process of its own (a kernel or a derivation)."""

import os
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

import psutil

from shanhai.run.signals import signals_interrupt

WAKE = 0.5
"""Seconds after which a waiting batch looks whether it was interrupted."""

_PATIENCE = 1.2
"""Seconds that the threads of an interrupted batch have to notice that their processes are gone."""


@dataclass(frozen=True)
class Task:
    """Something to do that leaves files in the folder it is given."""

    name: str
    work: Callable[[Path], object]


@dataclass(frozen=True)
class Outcome:
    """What became of a task."""

    name: str
    folder: Path
    seconds: float
    error: Exception | None


def run_tasks(tasks: Sequence[Task], folder: Path, jobs: int) -> Generator[Outcome, None, None]:
    """Run tasks in their order, `jobs` at a time, each in a subfolder of its own; yield them as they end.

    A task that raises does not stop the others. When the caller is interrupted or closes the iterator, tasks that wait
    are given up and the processes of the others are ended, so that no kernel outlives the batch.
    """
    pool = ThreadPoolExecutor(max_workers=jobs)
    futures: list[Future[Outcome]] = []
    ended: SimpleQueue[Future[Outcome]] = SimpleQueue()
    with signals_interrupt():
        try:
            # named by the process too: a kernel that outlives a killed batch by a second may still write into its own
            folders = [folder / f"{os.getpid()}-{i}" for i in range(len(tasks))]
            futures += (pool.submit(_attempt, *pair) for pair in zip(tasks, folders, strict=True))
            for future in futures:
                future.add_done_callback(ended.put)
            for _ in futures:
                yield _next(ended).result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            _end_processes(futures)


def _next(ended: "SimpleQueue[Future[Outcome]]") -> "Future[Outcome]":
    """The next that ended; a signal that comes just before a wait is seen after it only, so no wait is without end."""
    while True:
        with suppress(Empty):
            return ended.get(timeout=WAKE)


def _attempt(task: Task, folder: Path) -> Outcome:
    started = time.perf_counter()
    failure: Exception | None = None
    try:
        folder.mkdir(parents=True)
        task.work(folder)
        to_disk(folder)
    except Exception as error:  # noqa: BLE001 - not swallowed: the outcome carries it, so that the others go on
        failure = error
    return Outcome(task.name, folder, round(time.perf_counter() - started, 3), failure)


def to_disk(folder: Path) -> None:
    """Have the system write all files of a folder to the disk now; side by side, since a disk takes several at once."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(_to_disk, files))


def _to_disk(path: Path) -> None:
    number = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _end_processes(futures: Sequence[Future[Outcome]]) -> None:
    """End the processes of all tasks that still run; a task about to start one is caught on the next round."""
    end = time.monotonic() + _PATIENCE
    # a future that was given up in the queue is done, but `wait` would wait for a worker to take note of it
    while (running := [future for future in futures if not future.done()]) and time.monotonic() < end:
        children = psutil.Process().children(recursive=True)
        for child in children:
            _end(child)
        wait(running, timeout=0.1)


def _end(process: psutil.Process) -> None:
    try:
        if not _ends_with_us(process):
            process.kill()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        pass  # it ended by itself


def _ends_with_us(process: psutil.Process) -> bool:
    """Whether a process is a helper of multiprocessing that ends when this process does.

    The tracker clears away what killed processes held. The fork server, if it were killed, would be started again by
    a thread that is about to fork a kernel; what is forked from it is killed.
    """
    command = " ".join(process.cmdline())
    is_server = "multiprocessing.forkserver" in command and process.ppid() == os.getpid()
    return is_server or "multiprocessing.resource_tracker" in command
