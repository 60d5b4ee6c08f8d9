"""Tasks side by side in threads, each driving a process of its own (a kernel or a derivation)."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psutil

WAKE = 0.5
"""Seconds after which a waiting batch looks whether it was interrupted."""


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


def run_tasks(tasks: Sequence[Task], folder: Path, jobs: int) -> Iterator[Outcome]:
    """Run tasks in their order, `jobs` at a time, each in a subfolder of its own; yield them as they end.

    A task that raises does not stop the others. When the caller is interrupted, the processes of the tasks are ended
    before the interruption goes on, so that no kernel outlives the batch.
    """
    with _termination_interrupts(), ThreadPoolExecutor(max_workers=jobs) as pool:
        futures: list[Future[Outcome]] = [pool.submit(_attempt, task, folder / str(i)) for i, task in enumerate(tasks)]
        try:
            pending = set(futures)
            while pending:
                # A signal that comes just before a wait is seen after it only, so no wait is without end.
                ended, pending = wait(pending, timeout=WAKE, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in futures if future in ended)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            _end_processes(futures)


def _attempt(task: Task, folder: Path) -> Outcome:
    folder.mkdir(parents=True)
    started = time.perf_counter()
    failure: Exception | None = None
    try:
        task.work(folder)
    except Exception as error:  # noqa: BLE001 - not swallowed: the outcome carries it, so that the others go on
        failure = error
    return Outcome(task.name, folder, round(time.perf_counter() - started, 3), failure)


def _end_processes(futures: Sequence[Future[Outcome]]) -> None:
    """End the processes of all tasks that still run; a task about to start one is caught on the next round."""
    while wait(futures, timeout=0).not_done:
        for child in psutil.Process().children(recursive=True):
            try:
                child.kill()
            except psutil.NoSuchProcess:
                continue  # it ended by itself
        wait(futures, timeout=0.2)


@contextmanager
def _termination_interrupts() -> Iterator[None]:
    """Let a termination signal end the batch as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
