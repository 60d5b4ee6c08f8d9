"""What a batch needs of a machine: time, the memory of all its processes together, room for the packages."""

import json
import os
import sysconfig
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from shanhai.core.manifest import MANIFEST

USAGE = "usage"
"""Entry of the manifest: what the last batch needed that executed everything."""

_INTERVAL = 0.5
"""Seconds between two looks at the memory; notebooks hold their frames for longer."""

_REST = 50
"""How many times as long as a look takes passes before the next: the system counts pages one by one."""


class _Meter:
    """Time and largest memory of this process and all that it has started, since the meter was made."""

    def __init__(self) -> None:
        self.peak = 0
        self._started = time.perf_counter()
        self._process = psutil.Process()

    def look(self) -> None:
        """Take the memory of now into account; memory that processes share counts once where the system can tell."""
        processes = [self._process]
        with suppress(psutil.Error):
            processes += self._process.children(recursive=True)
        self.peak = max(self.peak, sum(map(_memory, processes)))

    def reading(self, workers: int) -> dict[str, Any]:
        """What the manifest says: seconds, bytes, processes side by side, cores and memory of the machine."""
        return {
            "seconds": round(time.perf_counter() - self._started, 1),
            "peak_memory_bytes": self.peak,
            "workers": workers,
            "cores": os.cpu_count() or 1,
            "memory_bytes": psutil.virtual_memory().total,
            "packages_bytes": _packages_bytes(),
        }


@contextmanager
def metered() -> Iterator[_Meter]:
    """Within the context a thread looks at the memory, twice a second if that takes no time."""
    meter, ended = _Meter(), threading.Event()

    def watch() -> None:
        pause = _INTERVAL
        while not ended.wait(pause):
            began = time.thread_time()
            meter.look()
            pause = max(_INTERVAL, _REST * (time.thread_time() - began))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield meter
    finally:
        ended.set()
        thread.join()


def kept_usage(output: Path) -> Mapping[str, Any] | None:
    """What the manifest of an earlier batch in the folder says; None if it says nothing."""
    with suppress(OSError, ValueError, AttributeError, RecursionError):
        usage = json.loads((output / MANIFEST).read_text(encoding="utf-8")).get(USAGE)
        return usage if isinstance(usage, dict) else None
    return None


def _memory(process: psutil.Process) -> int:
    try:
        used = process.memory_full_info()
    except (psutil.Error, OSError):  # it ended, or it is another user's
        return 0
    return int(getattr(used, "pss", used.uss))


def _packages_bytes() -> int:
    """Size of the packages of this Python on the disk."""
    return sum(map(_bytes, {sysconfig.get_path(name) for name in ("purelib", "platlib")}))


def _bytes(folder: str) -> int:
    with os.scandir(folder) as entries:
        return sum(
            _bytes(entry.path) if entry.is_dir(follow_symlinks=False) else entry.stat().st_size
            for entry in entries
            if entry.is_dir(follow_symlinks=False) or entry.is_file()
        )
