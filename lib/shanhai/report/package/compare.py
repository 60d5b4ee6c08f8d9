"""How a file that was made again differs from the stored one: not in what it says, by last digits, or really.

Files are compared by what they hold: the pixels of a PNG, the streams of a PDF, the members of a workbook, since
libraries pack the same content into other bytes. Texts (CSV, JSON, HTML, LaTeX, notebooks) are compared number by
number between equal words.
"""

import base64
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from math import isclose
from pathlib import Path
from typing import Literal

from shanhai.core.sources import hash_file
from shanhai.render.numbers import LAST_DIGITS

_NOTHING = 1e-12
"""Difference of two numbers that is one of rounding, however small they are."""

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_PICTURE = re.compile(rb'"image/png": "([A-Za-z0-9+/=\\n]*)"')
_VOLATILE = re.compile(rb"/(?:Length|Size|Prev) \d+|startxref\s+\d+|\d{10} \d{5} [nf]|/ID ?\[[^\]]*\]")
"""Parts of a PDF that count bytes."""


@dataclass(frozen=True)
class Difference:
    """How two files differ.

    Attributes
    ----------
    kind : {"packing", "digits", "numbers", "content"}
        Same content in other bytes; numbers that agree to eight digits; numbers that do not; something else.
    relative : float
        Largest relative difference of two numbers; zero for the first and last kind.
    """

    kind: Literal["packing", "digits", "numbers", "content"]
    relative: float = 0.0

    @property
    def is_real(self) -> bool:
        """Whether it is more than what another processor or Python makes."""
        return self.kind in ("numbers", "content")


def difference(name: str, stored: bytes, fresh: bytes) -> Difference | None:
    """How two files of one name differ; None if their bytes are equal.

    Examples
    --------
    >>> difference("a.csv", b"x,0.30000000000000004", b"x,0.3")
    Difference(kind='digits', relative=1.85037170770859e-16)
    >>> difference("a.csv", b"x,0.3", b"x,0.4").is_real
    True
    """
    if stored == fresh:
        return None
    ending = name.rpartition(".")[2].lower()
    unpack = _UNPACKERS.get(ending, _as_it_is)
    pieces, others = unpack(stored), unpack(fresh)
    if len(pieces) != len(others):
        return Difference("content")
    differing = [(piece, other) for piece, other in zip(pieces, others, strict=True) if piece != other]
    found = [_numbers(piece, other) for piece, other in differing]
    if None in found:
        return Difference("content")
    gaps = list(chain.from_iterable(gap for gap in found if gap is not None))
    if not gaps:
        return Difference("packing")
    relative = max(abs(left - right) / max(abs(left), abs(right)) for left, right in gaps)
    is_rounding = all(isclose(left, right, rel_tol=LAST_DIGITS, abs_tol=_NOTHING) for left, right in gaps)
    return Difference("digits" if is_rounding else "numbers", relative)


@dataclass(frozen=True)
class Compared:
    """A result that is not the same bytes as the stored one."""

    name: str
    kind: Literal["packing", "digits", "numbers", "content", "unseen", "missing", "added"]
    """As of :class:`Difference`; or only the checksum is stored and differs; or one of the two is not there."""
    relative: float = 0.0

    @property
    def is_real(self) -> bool:
        """Whether it is more than what another processor or Python makes."""
        return self.kind not in ("packing", "digits")


def compare_results(
    stored: Mapping[str, Path], digests: Mapping[str, str], fresh: Mapping[str, Path]
) -> list[Compared]:
    """Results that were made again beside the stored ones, without those that are the same bytes.

    Parameters
    ----------
    stored, fresh : mapping of str to Path
        Files by their path in the folder of results.
    digests : mapping of str to str
        SHA-256 of stored results of which only this is at hand.
    """
    found = []
    for name in sorted({*stored, *digests, *fresh}):
        if name not in fresh:
            found.append(Compared(name, "missing"))
        elif name in stored:
            differs = difference(name, stored[name].read_bytes(), fresh[name].read_bytes())
            found += [Compared(name, differs.kind, differs.relative)] if differs else []
        elif name not in digests:
            found.append(Compared(name, "added"))
        elif hash_file(fresh[name]) != digests[name]:
            found.append(Compared(name, "unseen"))
    return found


def _numbers(stored: bytes, fresh: bytes) -> list[tuple[float, float]] | None:
    """Pairs of numbers that differ between equal words; None if the words differ or are no text."""
    try:
        left, right = stored.decode("utf-8"), fresh.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if _NUMBER.split(left) != _NUMBER.split(right):
        return None
    pairs = zip(map(float, _NUMBER.findall(left)), map(float, _NUMBER.findall(right)), strict=True)
    return [pair for pair in pairs if pair[0] != pair[1]]


def _as_it_is(content: bytes) -> list[bytes]:
    return [content]


def _pixels(content: bytes) -> list[bytes]:
    """Header and unpacked pixels of a PNG, without texts and times beside them."""
    chunks: dict[bytes, bytes] = {}
    place = 8
    while place + 12 <= len(content):
        size, kind = int.from_bytes(content[place : place + 4]), content[place + 4 : place + 8]
        chunks[kind] = chunks.get(kind, b"") + content[place + 8 : place + 8 + size]
        place += size + 12
    return [chunks.get(b"IHDR", b""), chunks.get(b"PLTE", b""), _inflated(chunks.get(b"IDAT", b""))]


def _cells(content: bytes) -> list[bytes]:
    """A notebook without its pictures, and the pixels of these."""
    pictures = (base64.b64decode(picture.replace(b"\\n", b"")) for picture in _PICTURE.findall(content))
    return [_PICTURE.sub(b"", content), *chain.from_iterable(map(_pixels, pictures))]


def _streams(content: bytes) -> list[bytes]:
    """What a PDF draws: its streams, unpacked, and the rest without counts of bytes."""
    rest = _VOLATILE.sub(b"", _STREAM.sub(b"", content))
    return [rest, *(_inflated(stream) for stream in _STREAM.findall(content))]


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:  # it was not packed
        return content


def _members(content: bytes) -> list[bytes]:
    """Names and contents of the members of a Word, Excel or PowerPoint file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = sorted(archive.namelist())
            return ["\n".join(names).encode(), *(archive.read(name) for name in names)]
    except zipfile.BadZipFile:
        return [content]


_UNPACKERS: Mapping[str, Callable[[bytes], list[bytes]]] = {
    "ipynb": _cells,
    "png": _pixels,
    "pdf": _streams,
    "docx": _members,
    "xlsx": _members,
    "pptx": _members,
}
