"""Frames that take long to build, kept on disk for the next process under a name that follows from their content.

The name of a stored frame is a hash of every file it was built from, of the modules that its builder stands on
(:mod:`shanhai.core.modules`), of the packages and the Python. Whatever changes of these, the name changes, so a stale
frame cannot be read; what changes elsewhere in the library leaves it. The store is in ``outputs/`` and may
be deleted at any time.

The file is an ``.npz`` archive, so ``numpy.load(path)`` opens it anywhere, and no reader of it ever runs code from it.
Numbers are kept bit by bit, one block a type; texts as numbers of a list of distinct texts. The archive's comment,
its last 64 bytes, is the SHA-256 of all bytes before: a file that lost or changed a bit is not read, and the frame is
built again.
"""

import hashlib
import io
import json
import os
import re
import sys
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import psutil

from shanhai.core import own_terrain, sources
from shanhai.core.errors import InputsChangedError
from shanhai.core.installed import VARIABLE, read_packages
from shanhai.core.modules import content_of, files_behind
from shanhai.core.paths import LIBRARY, LOCK, OUTPUTS

_SCHEMA = "schema"
"""Member with the description: label, and of each frame index and columns with their types."""

_DIGEST = 64
"""Hexadecimal digits of a SHA-256."""

_BLOCKS: Mapping[str, str] = {"float64": "<f8", "int64": "<i8", "bool": "|b1", "str": "<i4"}
"""Types of columns and of the arrays that hold them; a text is a number into the list of texts, -1 if missing."""

_DAMAGE = (
    *(ValueError, KeyError, TypeError, IndexError, AttributeError, EOFError, MemoryError, RecursionError),
    *(OSError, NotImplementedError, zipfile.BadZipFile),
)
"""What reading an archive of another shape raises."""


class _DamagedFrameError(Exception):
    """The bytes are not those of a frame file of this label."""


_Built = TypeVar("_Built", pd.DataFrame, tuple[pd.DataFrame, pd.DataFrame])

FileStates = tuple[tuple[Path, sources.State], ...]
"""Files and their states: what a frame in memory depends on."""

_STORE = OUTPUTS / "cache" / "frames"

_DRAFT = re.compile(r"\.(?P<process>\d+)\.draft$")
"""How the name of an unfinished file ends: with the process that writes it."""

_PATIENCE = 3.0
"""Seconds after which it is said what is being built."""

_LAB = "JPY_SESSION_NAME"
"""Variable of a kernel that JupyterLab has started; one that runs a notebook to its end has none, and says nothing."""

_told: set[str] = set()
_waiting: list[threading.Timer] = []

_ATTEMPTS = 3
"""How often a frame is built while somebody changes what it is built from."""


def stored(name: str, inputs: Iterable[Path], build: Callable[[], _Built], folder: Path = _STORE) -> _Built:
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
        label = f"{name}-{_content_key(inputs, builder)}"
        target = folder / f"{label}.npz"
        with suppress(OSError, _DamagedFrameError):
            kept: _Built = _from_bytes(target.read_bytes(), label)
            return kept
        with _said_if_long(name):
            content = _to_bytes(build(), label)
        if before == file_states(inputs):
            _keep(content, target, name)
            # as the next process reads it, so that the first result and all others come from the same frame
            built: _Built = _from_bytes(content, label)
            return built
    raise InputsChangedError(
        f"{', '.join(path.name for path in inputs)}: one of them changes while {name} is built from them. "
        "Close the program that writes it, then run the command again."
    )


@contextmanager
def _said_if_long(name: str) -> Iterator[None]:
    """Say once what is being built, to somebody who waits for it: in a terminal, or in JupyterLab."""
    waits = sys.stderr is not None and (sys.stderr.isatty() or _LAB in os.environ)
    if not waits or name in _told or _waiting:
        yield
        return

    def say() -> None:
        _told.add(name)
        print(
            f"shanhai: building the table {name} from the data; that takes up to a minute, and only the first time.",
            file=sys.stderr,
        )

    timer = threading.Timer(_PATIENCE, say)
    timer.daemon = True
    _waiting.append(timer)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        _waiting.remove(timer)


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


def _content_key(inputs: Iterable[Path], builder: str) -> str:
    """Hash of the given files, of what a module of the library stands on, of the packages and of this Python.

    Parameters
    ----------
    inputs : paths
        Data files.
    builder : str
        Module that builds from them; one outside the library may use anything of it.
    """
    packages = os.environ.get(VARIABLE) or _packages_of_this_process()  # a batch hands its own to its kernels
    code = _code_key(builder, file_states(content_of(LIBRARY)))
    parts = [f"{path} {sources.sha256(path)}" for path in sorted([LOCK, *inputs])]
    return hashlib.sha256("\n".join([sys.version, packages, code, *parts]).encode()).hexdigest()[:24]


@lru_cache(maxsize=1)
def _packages_of_this_process() -> str:
    return read_packages()


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
        As :func:`shanhai.core.own_terrain.require_own_terrain`: a frame kept on disk does not open the table.
    """
    tables = list(tables)
    if own_terrain.TABLE in tables:
        own_terrain.require_own_terrain()
    shapes = [sources.resolve(layer, "layer") for layer in layers]
    return [
        *(sources.resolve(table) for table in tables),
        *(part for shape in shapes for part in sources.parts(shape)),
    ]


def _to_bytes(frames: pd.DataFrame | tuple[pd.DataFrame, ...], label: str) -> bytes:
    """A frame or several as the bytes of a file.

    Parameters
    ----------
    frames : DataFrame or tuple of them
        Columns of text, float64, int64, bool and boolean with any flat index of one of these types.
    label : str
        What the file is; it is read under this label only.

    Raises
    ------
    TypeError
        If a column or index is of another type.
    """
    several = frames if isinstance(frames, tuple) else (frames,)
    arrays: dict[str, np.ndarray] = {}
    schema = {
        "label": label,
        "single": not isinstance(frames, tuple),
        "frames": [_describe(frame, str(number), arrays) for number, frame in enumerate(several)],
    }
    arrays[_SCHEMA] = np.frombuffer(json.dumps(schema, ensure_ascii=False, indent=1).encode(), np.uint8)
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]  # pandas-stubs read the names as options
    with zipfile.ZipFile(stream, "a") as archive:
        archive.comment = b"0" * _DIGEST
    body = stream.getvalue()[:-_DIGEST]
    return body + hashlib.sha256(body).hexdigest().encode()


def _from_bytes(content: bytes, label: str) -> Any:
    """The frame, or tuple of frames, that :func:`to_bytes` was given.

    Raises
    ------
    DamagedFrameError
        If a byte is not as it was written, or the file is another one.
    """
    body = content[:-_DIGEST]
    if hashlib.sha256(body).hexdigest().encode() != content[-_DIGEST:]:
        raise _DamagedFrameError("the digest is not that of the content")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            schema = json.loads(arrays[_SCHEMA].tobytes())
            if schema["label"] != label:
                raise _DamagedFrameError(f"it is {schema['label']!r}, not {label!r}")
            frames = tuple(_frame(entry, str(number), arrays) for number, entry in enumerate(schema["frames"]))
            return frames[0] if schema["single"] else frames
    except _DAMAGE as error:
        raise _DamagedFrameError(f"it has another shape: {error}") from error


def _describe(frame: pd.DataFrame, number: str, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Description of a frame; its values are added to the arrays."""
    columns = {str(name): frame[name] for name in frame.columns}
    is_plain = isinstance(frame.index, pd.RangeIndex) and frame.index.equals(pd.RangeIndex(len(frame)))
    listed = [*columns.values(), *([] if is_plain else [frame.index.to_series()])]
    blocks: dict[str, list[np.ndarray]] = {}
    described = [_column(values, blocks) for values in listed]
    for kind, rows in blocks.items():
        arrays[f"{number}.{kind}"] = np.array(rows)
    return {
        "rows": len(frame),
        "index": None if is_plain else {"name": frame.index.name, **described.pop()},
        "columns": [{"name": name, **entry} for name, entry in zip(columns, described, strict=True)],
    }


def _column(values: pd.Series, blocks: dict[str, list[np.ndarray]]) -> dict[str, Any]:
    """Description of a column; its values are added to the block of its type."""
    kind = str(values.dtype)
    if kind == "boolean":
        mask = values.isna().to_numpy()
        blocks.setdefault("bool", []).extend([values.fillna(False).to_numpy(bool), mask])
        return {"type": kind}
    if kind == "str":
        numbers, texts = pd.factorize(values)
        blocks.setdefault(kind, []).append(numbers.astype(_BLOCKS[kind]))
        return {"type": kind, "texts": list(texts)}
    if kind not in _BLOCKS:
        raise TypeError(f"{values.name!r} is of type {kind}; a stored frame holds {', '.join(_BLOCKS)} and boolean.")
    blocks.setdefault(kind, []).append(values.to_numpy(_BLOCKS[kind]))
    return {"type": kind}


def _frame(entry: Mapping[str, Any], number: str, arrays: Mapping[str, np.ndarray]) -> pd.DataFrame:
    listed = [*entry["columns"], *([entry["index"]] if entry["index"] else [])]
    kinds = {"bool" if column["type"] == "boolean" else column["type"] for column in listed}
    rows = {kind: iter(arrays[f"{number}.{kind}"]) for kind in sorted(kinds)}
    values = [_values(column, rows) for column in listed]
    if any(len(column) != entry["rows"] for column in values):
        raise ValueError("columns of unequal length")
    index = pd.Index(values.pop(), name=entry["index"]["name"]) if entry["index"] else pd.RangeIndex(entry["rows"])
    names = [column["name"] for column in entry["columns"]]
    return pd.DataFrame(dict(zip(names, values, strict=True)), index=index, columns=pd.Index(names, dtype="str"))


def _values(column: Mapping[str, Any], rows: Mapping[str, Any]) -> Any:
    kind = column["type"]
    if kind == "boolean":
        return pd.arrays.BooleanArray(next(rows["bool"]).copy(), next(rows["bool"]).copy())
    if kind == "str":
        return pd.array([*column["texts"], None], dtype="str").take(next(rows[kind]))
    if kind not in _BLOCKS:
        raise ValueError(f"unknown type {kind!r}")
    return next(rows[kind])
