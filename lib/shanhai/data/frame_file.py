"""One file for frames: arrays that NumPy reads, a description in JSON, and a digest at the end.

The file is an ``.npz`` archive, so ``numpy.load(path)`` opens it anywhere, and no reader of it ever runs code from it.
Numbers are kept bit by bit, one block a type; texts as numbers of a list of distinct texts. The archive's comment,
its last 64 bytes, is the SHA-256 of all bytes before: a file that lost or changed a bit is not read.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

_SCHEMA = "schema"
"""Member with the description: label, and of each frame index and columns with their types."""

_DIGEST = 64
"""Hexadecimal digits of a SHA-256."""

BLOCKS: Mapping[str, str] = {"float64": "<f8", "int64": "<i8", "bool": "|b1", "str": "<i4"}
"""Types of columns and of the arrays that hold them; a text is a number into the list of texts, -1 if missing."""

_DAMAGE = (
    *(ValueError, KeyError, TypeError, IndexError, AttributeError, EOFError, MemoryError, RecursionError),
    *(OSError, NotImplementedError, zipfile.BadZipFile),
)
"""What reading an archive of another shape raises."""


class DamagedFrameError(Exception):
    """The bytes are not those of a frame file of this label."""


def to_bytes(frames: pd.DataFrame | tuple[pd.DataFrame, ...], label: str) -> bytes:
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


def from_bytes(content: bytes, label: str) -> Any:
    """The frame, or tuple of frames, that :func:`to_bytes` was given.

    Raises
    ------
    DamagedFrameError
        If a byte is not as it was written, or the file is another one.
    """
    body = content[:-_DIGEST]
    if hashlib.sha256(body).hexdigest().encode() != content[-_DIGEST:]:
        raise DamagedFrameError("the digest is not that of the content")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            schema = json.loads(arrays[_SCHEMA].tobytes())
            if schema["label"] != label:
                raise DamagedFrameError(f"it is {schema['label']!r}, not {label!r}")
            frames = tuple(_frame(entry, str(number), arrays) for number, entry in enumerate(schema["frames"]))
            return frames[0] if schema["single"] else frames
    except _DAMAGE as error:
        raise DamagedFrameError(f"it has another shape: {error}") from error


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
        blocks.setdefault(kind, []).append(numbers.astype(BLOCKS[kind]))
        return {"type": kind, "texts": list(texts)}
    if kind not in BLOCKS:
        raise TypeError(f"{values.name!r} is of type {kind}; a stored frame holds {', '.join(BLOCKS)} and boolean.")
    blocks.setdefault(kind, []).append(values.to_numpy(BLOCKS[kind]))
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
    if kind not in BLOCKS:
        raise ValueError(f"unknown type {kind!r}")
    return next(rows[kind])
