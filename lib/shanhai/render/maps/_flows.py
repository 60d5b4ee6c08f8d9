"""Flow lines on a map: curved arrows between two places, and in the inset those that leave the map."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from pyproj import CRS, Proj

from shanhai.geo.crs import ALBERS_CHINA
from shanhai.render.maps._area import MapArea
from shanhai.render.maps.topics import WORDS

_INK = "#c1121f"
_BEND = 0.16
"""How far a line bows out, as a share of its length: lines between neighbours stay apart."""

_HEAD = 0.96
"""Place on a line, as a share of its length, at which its head is seen."""


@dataclass(frozen=True)
class Flow:
    """A line from one place to another.

    Attributes
    ----------
    start, end : (longitude, latitude)
        Degrees; the arrow points to the end.
    en, zh : str
        What the legend calls it if it leaves the map.
    codes : (str, str)
        Codes of the two places, for the data of the figure.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    en: str = ""
    zh: str = ""
    codes: tuple[str, str] = ("", "")


def split_flows(flows: Sequence[Flow], area: MapArea) -> tuple[list[Flow], list[Flow]]:
    """Flows with both ends in the window of a map, and those that leave it."""
    west, south, east, north = area.extent
    near: list[Flow] = []
    far: list[Flow] = []
    for flow in flows:
        ends = [_project(place, area.crs) for place in (flow.start, flow.end)]
        inside = all(west <= x <= east and south <= y <= north for x, y in ends)
        (near if inside else far).append(flow)
    return near, far


def add_flows(axes: Axes, flows: Sequence[Flow], crs: CRS | str, *, width: float = 1.1) -> list[FancyArrowPatch]:
    """Draw flows as curved arrows with a dot at the start, in the projection of the axes; return the arrows."""
    arrows = []
    for flow in flows:
        start, end = (_project(place, crs) for place in (flow.start, flow.end))
        arrow = FancyArrowPatch(
            start, end, connectionstyle=f"arc3,rad={_BEND}", arrowstyle="-|>,head_width=1.6,head_length=3.4",
            mutation_scale=width, shrinkA=0, shrinkB=0, linewidth=width, color=_INK, zorder=8, gid="flow",
        )  # fmt: skip
        axes.add_patch(arrow)
        axes.plot(*start, marker="o", markersize=2 * width, color=_INK, zorder=8)
        arrows.append(arrow)
    return arrows


def flow_ends(flows: Sequence[Flow], crs: CRS | str) -> list[tuple[float, float]]:
    """Where flows begin and end, in a projection, with a point of the curve on which the head lies."""
    found = []
    for flow in flows:
        start, end = (np.array(_project(place, crs)) for place in (flow.start, flow.end))
        across, up = end - start
        middle = (start + end) / 2 + _BEND * np.array([up, -across])  # of the quadratic curve that arc3 draws
        along = ((1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end for t in (0, _HEAD, 1))
        found += [(float(x), float(y)) for x, y in along]
    return found


def flow_handles(near: Sequence[Flow], far: Sequence[Flow], language: str) -> list[Line2D]:
    """Legend lines: one for the flows on the map, one for each in the inset."""
    handles = []
    if near:
        named = WORDS("legend.flow", language)
        handles.append(Line2D([], [], color=_INK, linewidth=1.1, marker="o", markersize=2.2, label=named))
    for flow in far:
        text = WORDS("legend.far_flow", language, joint="\n", flow=(flow.en, flow.zh))
        handles.append(Line2D([], [], color=_INK, linewidth=0.8, label=text))
    return handles


def _project(place: tuple[float, float], crs: CRS | str) -> tuple[float, float]:
    x, y = Proj(crs)(*place)
    return float(x), float(y)


def add_far_flows(axes: Axes, flows: Sequence[Flow]) -> list[FancyArrowPatch]:
    """Draw flows into the small map of the country that stands beside a map."""
    return add_flows(axes, flows, ALBERS_CHINA, width=0.8)
