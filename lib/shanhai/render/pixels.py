"""Pictures as pixels: made smaller by whole factors and written as PNG, the same bytes on every run."""

from io import BytesIO
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from shanhai.render.style import INLINE_DPI

_EFFORT = 3
"""Of nine: half the time of the usual six, and files of charts and maps that are no larger."""


def picture_of(pixels: bytes, width: int) -> Image.Image:
    """A picture from red, green, blue and opacity of each pixel; without the opacity if nothing shines through.

    Parameters
    ----------
    pixels : bytes
        Four for each pixel, row after row.
    width : int
        Pixels of a row.
    """
    picture = Image.frombuffer("RGBA", (width, len(pixels) // (4 * width)), pixels, "raw", "RGBA", 0, 1)
    return picture.convert("RGB") if picture.getchannel("A").getextrema() == (255, 255) else picture


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
