"""The line that names files of the user's own below every figure and table, since sources printed there are ours."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from shanhai.core import sources
from shanhai.render.sheet import text_size, wrap
from shanhai.render.style import PRINT_DPI, theme
from shanhai.render.words import Words

_WORDS = Words(
    "render/_own_files.py",
    {
        "line": (
            "Files of the user's own in the place of the project's: {files}.",
            "以下项目数据由用户自备文件替代：{files}。",
        )
    },
)

_SMALL, _MARGIN = 6.0, 1.0
"""Points of the text, and millimetres around it."""

_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_DIGITS = 8
"""Digits of a checksum that are printed; the manifest has all. The name of a file would change from desk to desk."""


def own_line(caption: str) -> str:
    """The sentence that names the user's files in force, in the language of a caption; empty if there are none.

    Raises
    ------
    SettingsError
        As :func:`shanhai.core.sources.replacements`.
    """
    files = sources.replacements()
    if not files:
        return ""
    is_chinese = 2 * len(_HAN.findall(caption)) > len(_LATIN.findall(caption))
    opening, closing, between = ("（", "）", "；") if is_chinese else (" (", ")", "; ")
    sums = sorted((name, sources.sha256(path)[:_DIGITS]) for (_, name), path in files.items())
    told = between.join(f"{name}{opening}SHA-256 {digest}{closing}" for name, digest in sums)
    return _WORDS("line", "zh" if is_chinese else "en", files=told)


def caption_with(caption: str, line: str) -> str:
    """A caption and that sentence behind it, as two sentences."""
    if not (caption and line):
        return caption or line
    return caption.rstrip(".。") + ("。" if line.endswith("。") else ". ") + line


@contextmanager
def written_below(figure: Figure, line: str) -> Iterator[Bbox | None]:
    """Write a line below a figure; the paper grows by what it takes, and what is drawn stays where it is.

    Parameters
    ----------
    figure : matplotlib Figure
        The line is taken off again at the end.
    line : str
        Empty for none.

    Yields
    ------
    The paper in inches, to be saved as ``bbox_inches``; None if nothing is written.
    """
    if not line:
        yield None
        return
    width, height = figure.get_size_inches()
    margin = _MARGIN / 25.4
    with theme():
        text = wrap(line, _SMALL, width * 25.4 - 2 * _MARGIN)
        below = ceil((text_size(text, _SMALL)[1] + 2 * _MARGIN) / 25.4 * PRINT_DPI) / PRINT_DPI  # whole dots
        written = figure.text(
            *(margin / width, -margin / height, text), size=_SMALL, va="top", ha="left", parse_math=False
        )
    written.set_in_layout(False)
    try:
        yield Bbox.from_extents(0, -below, width, height)
    finally:
        written.remove()
