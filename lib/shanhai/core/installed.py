"""What is installed beside Python: one digest of every file of every package, since any of them can change a result."""

import hashlib
import json
import os
import sysconfig
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from shanhai.core.paths import OUTPUTS

VARIABLE = "SHANHAI_PACKAGES"
"""Environment variable by which a batch hands the digest to its kernels, which then need not look at every file."""

_CACHE = OUTPUTS / "cache" / "packages.json"
"""State of the files when they were last read, and their digest."""

_WITHOUT = "__pycache__"
"""Folders that Python itself fills as it runs."""


def read_packages(folders: tuple[str, ...] = (), memory: Path = _CACHE) -> str:
    """SHA-256 of names and contents of all files in the folders of packages.

    Reading a gigabyte takes seconds, so the digest is kept together with the state of the files (size, times, number
    on the disk). A kept digest that is damaged makes work, never a wrong result: it is compared and not shown.

    Parameters
    ----------
    folders : tuple of str
        If not given, those of this interpreter.
    memory : Path
        File that keeps state and digest.
    """
    folders = folders or tuple(sorted({sysconfig.get_path(name) for name in ("purelib", "platlib")}))
    files = sorted(entry for folder in folders for entry in _files(folder))
    state = hashlib.sha256(repr(files).encode("utf-8", "surrogateescape")).hexdigest()
    with suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(memory.read_text(encoding="ascii"))
        if known["state"] == state:
            return str(known["digest"])
    digest = _digest(state, tuple(name for name, *_ in files))
    with suppress(OSError):  # it is read again next time
        memory.parent.mkdir(parents=True, exist_ok=True)
        draft = memory.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({"state": state, "digest": digest}), encoding="ascii")
        draft.replace(memory)
    return digest


@lru_cache(maxsize=1)
def _digest(state: str, names: tuple[str, ...]) -> str:
    """Digest of these files in this state, in which they are read once a process."""
    common = os.path.commonpath(names) if names else ""
    total = hashlib.sha256()
    with ThreadPoolExecutor() as pool:  # hashing lets other threads work
        for name, content in zip(names, pool.map(_hash, names, chunksize=64), strict=True):
            total.update(os.path.relpath(name, common).encode("utf-8", "surrogateescape") + b"\0" + content)
    return total.hexdigest()


def _hash(name: str) -> bytes:
    with open(name, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def _files(folder: str) -> Iterator[tuple[str, int, int, int, int]]:
    """Path and state of every file below a folder."""
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    if entry.name != _WITHOUT:
                        waiting.append(entry.path)
                elif entry.is_file():
                    state = entry.stat()
                    # an installer may link one file into several environments, and each new link changes the state
                    changed = state.st_ctime_ns if state.st_nlink == 1 else 0
                    yield entry.path, state.st_size, state.st_mtime_ns, changed, state.st_ino
