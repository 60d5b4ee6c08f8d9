"""Frames that take long to build, kept on disk for the next process under a name that follows from their content.

The name of a stored frame is a hash of every file it was built from, of the modules that its builder stands on
(:mod:`shanhai.core.modules`), of the packages and the Python. Whatever changes of these, the name changes, so a stale
frame cannot be read; what changes elsewhere in the library leaves it. The file is of arrays and carries a
digest (:mod:`shanhai.data.frame_file`): on any doubt about it the frame is built again. The store is in ``outputs/``
and may be deleted at any time.
"""

import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import pandas as pd
import psutil

from shanhai.core import sources
from shanhai.core.errors import InputsChangedError
from shanhai.core.modules import files_behind
from shanhai.core.paths import LIBRARY, LOCK, OUTPUTS
from shanhai.data import frame_file, own_terrain
from shanhai.data.installed import packages_digest

Built = TypeVar("Built", pd.DataFrame, tuple[pd.DataFrame, pd.DataFrame])

FileStates = tuple[tuple[Path, sources.State], ...]
"""Files and their states: what a frame in memory depends on."""

_STORE = OUTPUTS / "cache" / "frames"

_DRAFT = re.compile(r"\.(?P<process>\d+)\.draft$")
"""How the name of an unfinished file ends: with the process that writes it."""

_ATTEMPTS = 3
"""How often a frame is built while somebody changes what it is built from."""


def stored(name: str, inputs: Iterable[Path], build: Callable[[], Built], folder: Path = _STORE) -> Built:
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

    Raises
    ------
    InputsChangedError
        If the files do not rest while the frame is built from them.
    """
    inputs, builder = sorted(inputs), str(getattr(build, "__module__", ""))
    for _ in range(_ATTEMPTS):
        before = file_states(inputs)
        label = f"{name}-{content_key(inputs, builder)}"
        target = folder / f"{label}.npz"
        with suppress(OSError, frame_file.DamagedFrameError):
            kept: Built = frame_file.from_bytes(target.read_bytes(), label)
            return kept
        content = frame_file.to_bytes(build(), label)
        if before == file_states(inputs):
            _keep(content, target, name)
            # as the next process reads it, so that the first result and all others come from the same frame
            built: Built = frame_file.from_bytes(content, label)
            return built
    raise InputsChangedError(
        f"{', '.join(path.name for path in inputs)}: one of them changes while {name} is built from them. "
        "Close the program that writes it, then run the command again."
    )


def _keep(content: bytes, target: Path, name: str) -> None:
    """Write a frame for the next process; one that cannot be written is built again there."""
    with suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        # two processes may build at the same time: each writes a file of its own, the last rename wins
        draft = target.with_name(f"{target.name}.{os.getpid()}.draft")
        try:
            draft.write_bytes(content)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        earlier = re.compile(rf"{re.escape(name)}-[0-9a-f]{{24}}\.(npz|pickle)")
        for other in target.parent.iterdir():
            if other != target and (earlier.fullmatch(other.name) or _is_left(other)):
                other.unlink(missing_ok=True)


def _is_left(path: Path) -> bool:
    """Whether a file is the draft of a process that was killed."""
    match = _DRAFT.search(path.name)
    if match is None:
        return False
    try:
        return bool(psutil.Process(int(match["process"])).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def remove_drafts(folder: Path = _STORE) -> None:
    """Remove what killed processes left unfinished."""
    with suppress(OSError):
        for path in folder.iterdir():
            if _is_left(path):
                path.unlink(missing_ok=True)


def file_states(paths: Iterable[Path]) -> FileStates:
    """State of files, the key under which a frame made of them is kept in memory."""
    return tuple((path, sources.state(path)) for path in paths)


def content_key(inputs: Iterable[Path], builder: str) -> str:
    """Hash of the given files, of what a module of the library stands on, of the packages and of this Python.

    Parameters
    ----------
    inputs : paths
        Data files.
    builder : str
        Module that builds from them; one outside the library may use anything of it.
    """
    code = _code_key(builder, file_states(sorted(LIBRARY.rglob("*.py"))))
    parts = [f"{path} {sources.sha256(path)}" for path in sorted([LOCK, *inputs])]
    return hashlib.sha256("\n".join([sys.version, packages_digest(), code, *parts]).encode()).hexdigest()[:24]


@lru_cache(maxsize=64)
def _code_key(builder: str, library: FileStates) -> str:
    """Hash of the files that a module stands on, read once per state of the library."""
    files = files_behind([builder]) or {path for path, _ in library}
    parts = (f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sorted(files))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def input_files(tables: Iterable[str], layers: Iterable[str]) -> list[Path]:
    """Files behind tables and layers, the user's own where the settings name some; all parts of a layer.

    Raises
    ------
    SettingsError
        As :func:`shanhai.data.own_terrain.require_own_terrain`: a frame kept on disk does not open the table.
    """
    tables = list(tables)
    if own_terrain.TABLE in tables:
        own_terrain.require_own_terrain()
    shapes = [sources.resolve(layer, "layer") for layer in layers]
    return [
        *(sources.resolve(table) for table in tables),
        *(part for shape in shapes for part in sources.parts(shape)),
    ]
