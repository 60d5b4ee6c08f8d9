"""How a file that was made again differs from the stored one: not in what it says, by last digits, or really.

Files are compared by what they hold: the pixels of a PNG, the streams of a PDF, the members of a workbook, since
libraries pack the same content into other bytes. Texts (CSV, JSON, HTML, LaTeX, notebooks) are compared number by
number between equal words. :data:`RULES` says by how much each kind of file may differ when another processor or
another Python makes it again.
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

import numpy as np

from shanhai.core.sources import hash_file
from shanhai.render.numbers import LAST_DIGITS


@dataclass(frozen=True)
class Rule:
    """What another processor or another version of Python may change in files of some kinds.

    Attributes
    ----------
    endings : tuple of str
    of : {"number", "coordinate", "colour"}
        What is compared.
    relative, absolute : float
        Two values agree if they differ by one of these at most: a share of the larger one, or this much.
    """

    endings: tuple[str, ...]
    of: Literal["number", "coordinate", "colour"]
    relative: float
    absolute: float

    def agree(self, left: float, right: float) -> bool:
        """Whether two values are one, but for what makes it."""
        return isclose(left, right, rel_tol=self.relative, abs_tol=self.absolute)


RULES = (
    Rule(("csv", "json", "html", "md", "tex", "txt", "ipynb", "xlsx", "docx", "pptx"), "number", LAST_DIGITS, 1e-12),
    Rule(("pdf", "svg"), "coordinate", LAST_DIGITS, 1e-3),
    Rule(("png",), "colour", 0.0, 2.0),
)
"""Stored numbers keep nine digits, so that a rounding may turn the ninth. Coordinates are in points: a thousandth of
one is a third of a micrometre. Colours have levels from 0 to 255, of which nobody sees two. In a file of another kind
numbers are compared as in the first; words, marks and the number of anything never differ."""


def rule_of(name: str) -> Rule:
    """The rule for a file by its name.

    Examples
    --------
    >>> rule_of("figures/a.PDF").of
    'coordinate'
    """
    ending = name.rpartition(".")[2].lower()
    return next((rule for rule in RULES if ending in rule.endings), RULES[0])


_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_PICTURE = re.compile(rb'"image/png": "([A-Za-z0-9+/=\\n]*)"')
_VOLATILE = re.compile(
    rb"/(?:Length|Size|Prev) \d+|startxref\s+\d+|\d{10} \d{5} [nf]|/ID ?\[[^\]]*\]|\d+ 0 obj\s+\d+\s+endobj"
)
"""Parts of a PDF that count bytes."""


@dataclass(frozen=True)
class Difference:
    """How two files differ.

    Attributes
    ----------
    kind : {"packing", "digits", "numbers", "content"}
        Same content in other bytes; values that agree by the rule of the file; values that do not; something else.
    relative : float
        Largest relative difference of two values (of colours: of 255); zero for the first and last kind.
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
    unpack = _UNPACKERS.get(name.rpartition(".")[2].lower(), _as_it_is)
    pieces, others = unpack(stored), unpack(fresh)
    if len(pieces) != len(others):
        return Difference("content")
    gaps: list[tuple[Rule, float, float]] = []
    for piece, other in zip(pieces, others, strict=True):
        if piece != other:
            rule = RULES[-1] if isinstance(piece, _Picture) else rule_of(name)
            found = _colours(piece, other) if isinstance(piece, _Picture) else _numbers(piece, other, rule)
            if found is None:
                return Difference("content")
            gaps += [(rule, left, right) for left, right in found]
    if not gaps:
        return Difference("packing")
    relative = max(abs(left - right) / _size(rule, left, right) for rule, left, right in gaps)
    is_rounding = all(rule.agree(left, right) for rule, left, right in gaps)
    return Difference("digits" if is_rounding else "numbers", relative)


def _size(rule: Rule, left: float, right: float) -> float:
    return 255.0 if rule.of == "colour" else max(abs(left), abs(right))


@dataclass(frozen=True)
class Compared:
    """A result that is not the same bytes as the stored one."""

    name: str
    kind: Literal["packing", "digits", "numbers", "content", "vouched", "unseen", "missing", "added"]
    """As of :class:`Difference`; or only the checksum is stored and differs, and the PDF of the same figure agrees or
    there is none; or one of the two is not there."""
    relative: float = 0.0

    @property
    def is_real(self) -> bool:
        """Whether it is more than what another processor or Python makes."""
        return self.kind not in ("packing", "digits", "vouched")


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
    real = {each.name for each in found if each.is_real}
    agreeing = {name.removesuffix(".pdf") for name in stored if name.endswith(".pdf") and name not in real}
    return [
        Compared(each.name, "vouched") if each.kind == "unseen" and each.name.removesuffix(".png") in agreeing else each
        for each in found
    ]


class _Picture(bytes):
    """Width, height and mode of a picture, then the levels of its pixels."""


def _colours(stored: _Picture, fresh: bytes) -> list[tuple[float, float]] | None:
    """The two levels that differ most; None if the pictures have another size."""
    if len(stored) != len(fresh) or stored.partition(b"\n")[0] != fresh.partition(b"\n")[0]:
        return None
    left, right = np.frombuffer(stored, np.uint8).astype(int), np.frombuffer(fresh, np.uint8).astype(int)
    place = int(np.argmax(np.abs(left - right)))
    return [(float(left[place]), float(right[place]))]


def _numbers(stored: bytes, fresh: bytes, rule: Rule) -> list[tuple[float, float]] | None:
    """Pairs of numbers that differ between equal words; None if the words differ or are no text."""
    coding = "latin-1" if rule.of == "coordinate" else "utf-8"  # pictures stand between what a PDF draws
    try:
        left, right = stored.decode(coding), fresh.decode(coding)
    except UnicodeDecodeError:
        return None
    if _NUMBER.split(left) != _NUMBER.split(right):
        return None
    pairs = zip(map(float, _NUMBER.findall(left)), map(float, _NUMBER.findall(right)), strict=True)
    return [pair for pair in pairs if pair[0] != pair[1]]


def _as_it_is(content: bytes) -> list[bytes]:
    return [content]


def _pixels(content: bytes) -> list[bytes]:
    """The pixels of a PNG, without texts and times beside them."""
    from PIL import Image, UnidentifiedImageError  # packing and verifying need none

    try:
        with Image.open(io.BytesIO(content)) as picture:
            head = f"{picture.width} {picture.height} {picture.mode}\n".encode()
            return [_Picture(head + picture.convert("RGBA").tobytes())]
    except (UnidentifiedImageError, OSError):  # it is none, or half of one
        return [content]


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
