"""A sheet of paper: figures laid out in millimetres, and text wrapped to a width."""

import re
from functools import cache

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

_TOKENS = re.compile(r"（[^（）\s]{1,6}）|[⺀-鿿＀-￯　-〿]|[^\s⺀-鿿＀-￯　-〿]+\s*|\s+")
"""A Chinese character, which may end a line, or a Latin word with the blanks after it."""

_MEASURING_DPI = 150
_NOT_AT_LINE_START = set("，。；：、）》”！？％")


class Sheet:
    """A figure whose parts are placed in millimetres from the top left corner.

    Parameters
    ----------
    width, height : float
        Millimetres.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width / 25.4, height / 25.4))
        self.canvas = FigureCanvasAgg(self.figure)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes with the upper left corner ``left``, ``top``."""
        box = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        return self.figure.add_axes(box)

    def text(self, left: float, top: float, text: str, size: float) -> Text:
        """Text whose upper left corner is at ``left``, ``top``."""
        return self.figure.text(left / self.width, 1 - top / self.height, text, size=size, va="top", ha="left")


def text_size(text: str, size: float) -> tuple[float, float]:
    """Width and height in millimetres that a text takes at a size in points; call it inside the theme."""
    figure, renderer = _measuring_figure()
    probe = figure.text(0, 0, text, size=size)
    extent = probe.get_window_extent(renderer)
    probe.remove()
    return extent.width / _MEASURING_DPI * 25.4, extent.height / _MEASURING_DPI * 25.4


@cache
def _measuring_figure() -> tuple[Figure, RendererAgg]:
    figure = Figure(dpi=_MEASURING_DPI)
    return figure, FigureCanvasAgg(figure).get_renderer()


def wrap(text: str, size: float, width: float) -> str:
    """Break a text into lines no wider than ``width`` millimetres, Chinese between any two characters."""
    return "\n".join(_wrap_line(line, size, width) for line in text.split("\n"))


def _wrap_line(text: str, size: float, width: float) -> str:
    lines, current, used = [], "", 0.0
    for token in _TOKENS.findall(text):
        fits = used + _advance(token.rstrip(), size) <= width
        if fits or not current or token in _NOT_AT_LINE_START:
            current, used = current + token, used + _advance(token, size)
        else:
            lines.append(current.rstrip())
            current, used = token.lstrip(), _advance(token.lstrip(), size)
    return "\n".join([*lines, current.rstrip()])


@cache
def _advance(token: str, size: float) -> float:
    """Millimetres by which a token moves the line on, blanks after it counted."""
    return _line_width(f"{token}|", size) - _line_width("|", size)


@cache
def _line_width(text: str, size: float) -> float:
    """Millimetres that a text of one line takes, as :func:`text_size`, without laying it out."""
    _, renderer = _measuring_figure()
    width, _, _ = renderer.get_text_width_height_descent(text, FontProperties(size=size), False)
    return width / _MEASURING_DPI * 25.4
