"""Pictures as pixels: made smaller by whole factors and written as PNG, the same bytes on every run."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.image import imread, imsave
from numpy.typing import NDArray

from shanhai.render.style import INLINE_DPI

Pixels = NDArray[np.uint8]
"""Red, green, blue and opacity of each pixel: height x width x 4."""


def shrink(pixels: Pixels, factor: int) -> Pixels:
    """Mean of squares of ``factor`` x ``factor`` pixels; what is left over at the right and lower edge is dropped."""
    height, width = (side // factor for side in pixels.shape[:2])
    squares = pixels[: height * factor, : width * factor].reshape(height, factor, width, factor, 4)
    # summed slice by slice in whole numbers: exact, and several times faster than the mean over two axes
    total = np.zeros((height, width, 4), dtype=np.uint32)
    for row in range(factor):
        for column in range(factor):
            total += squares[:, row, :, column]
    return ((total + factor**2 // 2) // factor**2).astype(np.uint8)


def to_png(pixels: Pixels, dpi: int, title: str | None = None) -> bytes:
    """PNG file of the pixels, with the title if there is one and without the name of the program."""
    stream = BytesIO()
    metadata: dict[str, Any] = {"Software": None} if title is None else {"Software": None, "Title": title}
    imsave(stream, pixels, format="png", dpi=dpi, metadata=metadata)
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
    pixels = (imread(picture) * 255).round().astype(np.uint8)
    small = shrink(pixels, max(1, pixels.shape[1] // width))
    return to_png(small, INLINE_DPI)
