"""Frames that take long to build, kept on disk for the next process under a name that follows from their content.

The name of a stored frame is a hash of every file it was built from, of the library, the lock and the Python that
built it. Whatever changes, the name changes, so a stale frame cannot be read. The store is in ``outputs/`` and may be
deleted at any time.
"""

import hashlib
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from shanhai import sources
from shanhai.paths import LIBRARY, LOCK, OUTPUTS

Built = TypeVar("Built")

FileStates = tuple[tuple[Path, int], ...]
"""Files and the times of their last change: what a frame in memory depends on."""

STORE = OUTPUTS / "cache" / "frames"


def stored(name: str, inputs: Iterable[Path], build: Callable[[], Built], folder: Path = STORE) -> Built:
    """The frame, or tuple of frames, that ``build`` makes, from disk if it was made before from the same content.

    Parameters
    ----------
    name : str
        What the frame is, as a file name.
    inputs : paths
        Every data file that ``build`` reads.
    build : callable
        Builds the frame from these files and nothing else.
    folder : Path
        Where frames are kept; frames of the same name and other content are removed from it.
    """
    target = folder / f"{name}-{content_key(inputs)}.pickle"
    if target.is_file():
        kept: Built = pickle.loads(target.read_bytes())
        return kept
    frame = build()
    folder.mkdir(parents=True, exist_ok=True)
    # two processes may build at the same time: each writes a file of its own, the last rename wins
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as stream:
        stream.write(pickle.dumps(frame, protocol=pickle.HIGHEST_PROTOCOL))
    os.replace(stream.name, target)
    for other in folder.glob(f"{name}-*.pickle"):
        if other != target:
            other.unlink(missing_ok=True)
    return frame


def file_states(paths: Iterable[Path]) -> FileStates:
    """State of files, the key under which a frame made of them is kept in memory."""
    return tuple((path, path.stat().st_mtime_ns) for path in paths)


def content_key(inputs: Iterable[Path]) -> str:
    """Hash of the given files, of the library's source, of the lock and of this Python."""
    code = _code_key(file_states(sorted([LOCK, *LIBRARY.rglob("*.py")])))
    parts = [f"{path} {sources.sha256(path)}" for path in sorted(inputs)]
    return hashlib.sha256("\n".join([sys.version, code, *parts]).encode()).hexdigest()[:24]


@lru_cache(maxsize=1)
def _code_key(files: FileStates) -> str:
    """Hash of the contents of these files, read once per state of them."""
    parts = (f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path, _ in files)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def input_files(tables: Iterable[str], layers: Iterable[str]) -> list[Path]:
    """Files behind tables and layers, the user's own where the settings name some; all parts of a shapefile."""
    shapes = [sources.resolve(layer, "layer") for layer in layers]
    return [
        *(sources.resolve(table) for table in tables),
        *(part for shape in shapes for part in sorted(shape.parent.glob(f"{shape.stem}.*"))),
    ]
