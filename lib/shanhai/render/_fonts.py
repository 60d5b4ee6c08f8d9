"""Fonts cut down to the characters that figures usually show, kept on disk.

A PDF holds the characters of its figure, which matplotlib cuts out of the font each time. Of a font with 30,000
characters that takes a third of a second, longer than to draw the figure; of one cut down to the usual ones it takes a
tenth of that. Outlines, widths and kerning stay as they are, so that a figure looks the same to the pixel. What goes
beside characters are rules of layout that figures do not use (ligatures, vertical text, marks put onto letters) and
instructions for coarse screens (hinting), which the theme switches off. The whole font comes after the cut one, for
characters that are rarely seen.
"""

import atexit
import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import fontTools

from shanhai.core.paths import OUTPUTS

_STORE = OUTPUTS / "cache" / "fonts"

_LATIN = (
    (0x20, 0x7E),
    (0xA0, 0x17F),  # letters of European languages
    (0x300, 0x36F),  # accents that stand alone
    (0x370, 0x3FF),  # Greek
    (0x2010, 0x205E),  # punctuation
    (0x2070, 0x20BF),  # raised and lowered figures, currencies
    (0x2100, 0x22FF),  # letter-like signs, arrows, operators
    (0x25A0, 0x26FF),  # shapes
    (0x2713, 0x2718),
    (0xFB00, 0xFB04),
    (0xFFFD, 0xFFFD),
)
"""First and last of ranges of characters of a Latin font."""

_SIGNS = ((0x20, 0x7E), (0xA0, 0xFF), (0x2010, 0x2044), (0x3000, 0x303F), (0xFF01, 0xFF5E))
"""The same of a Chinese font, beside the characters of the standard."""

_STANDARD = "gb2312"
"""Encoding with the 6,763 characters of common texts and names."""

_NAMES = "垟埇巿沚浉漈瀍猇硚縣鄠"
"""Characters of names of places that the standard lacks."""

_UNUSED = ("FFTM", "GSUB", "GPOS", "GDEF", "BASE", "JSTF", "MATH", "vhea", "vmtx", "VORG")
"""Tables of a font that no figure uses: pairs of letters are spaced by `kern`."""


def _usual_latin() -> str:
    """Characters of the Latin font that figures usually show."""
    return _spelt(_LATIN)


def usual_chinese() -> str:
    """Characters of the Chinese font that figures usually show."""
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return "".join(sorted({*_spelt(_SIGNS), *_NAMES, *"".join(pair.decode(_STANDARD, "ignore") for pair in pairs)}))


def _spelt(ranges: tuple[tuple[int, int], ...]) -> str:
    return "".join(chr(code) for first, last in ranges for code in range(first, last + 1))


def cut_latin(font: Path, folder: Path = _STORE) -> Path:
    """The Latin font with the usual characters alone.

    Parameters
    ----------
    font : Path
        TrueType font.
    folder : Path
        Where cut fonts are kept; where nobody may write, they are made for this process.
    """
    return _cut(font, _usual_latin(), folder)


def cut_chinese(font: Path, folder: Path = _STORE) -> Path:
    """The Chinese font with the usual characters alone; parameters as :func:`cut_latin`."""
    return _cut(font, usual_chinese(), folder)


def _cut(font: Path, characters: str, folder: Path) -> Path:
    """The font with some characters alone, from the disk if it was cut before from the same font and is undamaged."""
    parts = [font.read_bytes(), Path(__file__).read_bytes(), characters.encode(), fontTools.version.encode()]
    key = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:24]
    target = folder / f"{font.stem}-{key}.ttf"
    with suppress(OSError):
        if _digest(target.read_bytes()) == _digest_file(target).read_text(encoding="ascii"):
            return target
    content = _subset(font, characters)
    try:
        _keep(content, target)
    except OSError:
        target = Path(_folder_of_this_process()) / target.name
        target.write_bytes(content)
    return target


def _keep(content: bytes, target: Path) -> None:
    """Write a font and its digest, each in one step: what is read in between does not fit and is cut again."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for path, data in ((target, content), (_digest_file(target), _digest(content).encode())):
        draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
        try:
            draft.write_bytes(data)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest_file(font: Path) -> Path:
    return font.with_suffix(".sha256")


def _folder_of_this_process() -> str:
    folder = tempfile.TemporaryDirectory(prefix="shanhai-fonts-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    return folder.name


def _subset(font: Path, characters: str) -> bytes:
    from io import BytesIO

    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(
        glyph_names=True, notdef_outline=True, recommended_glyphs=True, legacy_kern=True, hinting=False,
        layout_features=[],
    )  # fmt: skip
    options.drop_tables = [*_UNUSED]
    with TTFont(font, recalcTimestamp=False, recalcBBoxes=False) as whole:
        subsetter = Subsetter(options)
        subsetter.populate(text=characters)
        subsetter.subset(whole)
        post = whole["post"]
        post.formatType, post.extraNames, post.mapping = 2.0, [], {}  # with the names written down nobody makes them up
        stream = BytesIO()
        whole.save(stream)
    return stream.getvalue()
