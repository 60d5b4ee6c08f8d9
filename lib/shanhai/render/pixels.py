"""Pictures as pixels: made smaller by whole factors and written as PNG, the same bytes on every run."""

import zlib
from contextlib import closing
from pathlib import Path
from struct import pack

import numpy as np
import pypdfium2  # type: ignore[import-untyped]
from numpy.typing import NDArray
from PIL import Image

from shanhai.render.style import INLINE_DPI

_POINTS_PER_INCH = 72

_LOST = 0.01
"""Dots."""

_METRE = 1000 / 25.4
"""Dots a metre for each dot an inch."""


Pixels = NDArray[np.uint8]
"""Rows of pixels from the top, each of red, green and blue."""


def rasterise(vector: bytes, dpi: int) -> Pixels:
    """First page of a PDF file as pixels on white paper.

    A figure is drawn once, as PDF, and PDFium turns that into pixels: sooner than a second drawing, whose text would be
    set anew, and with the same edges in both files.
    """
    scale = dpi / _POINTS_PER_INCH
    with closing(pypdfium2.PdfDocument(vector)) as document:
        page = document[0]
        left, _, _, top = page.get_mediabox()
        # PDFium stretches a page to whole dots: it gets a paper of that size, less what may be lost in its short floats
        across, down = ((round(side * scale) - _LOST) / scale for side in page.get_size())
        page.set_mediabox(left, top - down, left + across, top)
        drawn: Pixels = page.render(scale=scale, rev_byteorder=True).to_numpy()
    return drawn


def shrink(picture: Pixels, factor: int) -> Pixels:
    """Mean of squares of ``factor`` x ``factor`` pixels; what is left over at the right and lower edge is dropped."""
    height, width = (side // factor * factor for side in picture.shape[:2])
    return np.asarray(Image.fromarray(picture).reduce(factor, (0, 0, width, height)))


def to_png(picture: Pixels, dpi: int, title: str | None = None) -> bytes:
    """PNG file of a picture in true colours, with the title if there is one.

    Its rows are compressed as they are: Pillow tries five filters on each, which takes twice as long and makes files of
    charts and maps a fifth larger.
    """
    height, width, _ = picture.shape
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)  # 0 before each: not filtered
    rows[:, 1:] = picture.reshape(height, -1)
    dots = round(dpi * _METRE)
    chunks = [(b"IHDR", pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"pHYs", pack(">IIB", dots, dots, 1))]
    if title is not None:
        chunks.append((b"iTXt", b"Title\0\0\0\0\0" + title.encode("utf-8")))
    chunks += [(b"IDAT", zlib.compress(rows.data, 3)), (b"IEND", b"")]
    parts = (pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data)) for kind, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def thumbnail(picture: Path, width: int) -> bytes:
    """A stored figure made small.

    Parameters
    ----------
    picture : Path
        PNG file.
    width : int
        Pixels that the small one is wide at least, unless the picture itself is smaller.

    Returns
    -------
    bytes
        PNG file.
    """
    with Image.open(picture) as file:
        whole = np.asarray(file.convert("RGB"))
    return to_png(shrink(whole, max(1, whole.shape[1] // width)), INLINE_DPI)
