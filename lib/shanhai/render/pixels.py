"""Pictures as pixels: made smaller by whole factors and written as PNG, the same bytes on every run."""

from contextlib import closing
from io import BytesIO
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from shanhai.render.style import INLINE_DPI

_POINTS_PER_INCH = 72

_LOST = 0.01
"""Dots."""

_EFFORT = 3
"""Of nine: half the time of the usual six, and files of charts and maps that are no larger."""


def rasterise(vector: bytes, dpi: int) -> Image.Image:
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
        return page.render(scale=scale).to_pil()


def shrink(picture: Image.Image, factor: int) -> Image.Image:
    """Mean of squares of ``factor`` x ``factor`` pixels; what is left over at the right and lower edge is dropped."""
    width, height = (side // factor * factor for side in picture.size)
    return picture.reduce(factor, (0, 0, width, height))


def to_png(picture: Image.Image, dpi: int, title: str | None = None) -> bytes:
    """PNG file of a picture, with the title if there is one and without the name of the program."""
    stream, told = BytesIO(), PngInfo()
    if title is not None:
        told.add_text("Title", title)
    picture.save(stream, "png", dpi=(dpi, dpi), pnginfo=told, compress_level=_EFFORT)
    return stream.getvalue()


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
    with Image.open(picture) as whole:
        return to_png(shrink(whole, max(1, whole.width // width)), INLINE_DPI)
