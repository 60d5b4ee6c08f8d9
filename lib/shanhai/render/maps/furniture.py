"""What a printed map needs beside the map: scale bar, north arrow, legend, inset."""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Any

import geopandas as gpd
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle
from matplotlib.transforms import Affine2D, blended_transform_factory
from pyproj import Transformer

from shanhai.geo.crs import ALBERS_CHINA
from shanhai.render.maps.area import MapArea
from shanhai.render.maps.classes import MapClass
from shanhai.render.maps.paths import add_polygons
from shanhai.render.maps.sheet import text_size, wrap
from shanhai.render.maps.topics import WORDS
from shanhai.render.numbers import format_number

INK = "#1a1a1a"
LAND = "#ececec"
LAND_EDGE = "#a6a6a6"
BORDER = "#4d4d4d"
BORDER_STYLE = (0, (7, 1.6, 1.6, 1.6))
"""Long dash and dot, the usual sign of a provincial border."""

OUTLINE = "#000000"
HATCH_INK = "#333333"

LEGEND_SIZE, LEGEND_TITLE_SIZE = 7.0, 7.5
"""Points, as in the theme."""

LINE, BETWEEN = 3.1, 1.0
"""Millimetres of one line of a legend, and of the gap between two entries."""

LOCATOR_DETAIL = 0.03
"""Degrees to which the country in the inset is simplified."""

HANDLE_ROOM = 9.0
"""Millimetres that the box of a legend entry and the gaps around it take."""


def nice_length(limit: float) -> float:
    """Largest of 1, 2 or 5 times a power of ten that does not exceed the limit."""
    power = 10.0 ** floor(log10(limit))
    return max(step * power for step in (1, 2, 5) if step * power <= limit)


def scale_bar(axes: Axes, area: MapArea, language: str, *, depth: float = 4.0) -> Rectangle:
    """Draw a scale bar of two halves below the left end of a map; return the whole bar's rectangle.

    The bar has the length that its true distance has on the map, east to west through the map's middle.

    Parameters
    ----------
    depth : float
        Millimetres from the frame of the map to the bar.
    """
    west, _, east, _ = area.extent
    kilometres = nice_length((east - west) / 1000 / 4)
    length = area.projected_length(kilometres)
    millimetre = axes.figure.dpi / 25.4 / axes.bbox.height
    place = blended_transform_factory(axes.transData, axes.transAxes)
    low, thick = -depth * millimetre, 1.2 * millimetre
    common: dict[str, Any] = {"transform": place, "clip_on": False, "linewidth": 0.5, "edgecolor": INK}
    whole = Rectangle((west, low - thick), length, thick, facecolor="white", gid="scale-bar", **common)
    axes.add_patch(whole)
    axes.add_patch(Rectangle((west, low - thick), length / 2, thick, facecolor=INK, **common))
    half, full, unit = _whole_or_half(kilometres / 2), _whole_or_half(kilometres), WORDS("legend.kilometres", language)
    # The last number, not number and unit, stands under the end: a long unit would run into the one before.
    metres = (east - west) / (axes.bbox.width / axes.figure.dpi * 25.4)
    last = west + length - text_size(full, 6)[0] / 2 * metres
    for x, text, anchor in (
        (west, "0", "left"), (west + length / 2, half, "center"), (last, f"{full} {unit}", "left"),
    ):  # fmt: skip
        axes.text(
            x, low - 1.8 * thick, text,
            transform=place, ha=anchor, va="top", size=6, clip_on=False, gid="scale-bar-text",
        )  # fmt: skip
    return whole


def _whole_or_half(kilometres: float) -> str:
    return format_number(kilometres, 0 if kilometres == int(kilometres) else 1)


def north_arrow(axes: Axes, area: MapArea, language: str) -> FancyArrowPatch:
    """Draw an arrow to true north at the map's middle into small axes of their own."""
    axes.set(xlim=(-1, 1), ylim=(-1, 1), aspect="equal")
    axes.set_axis_off()
    turn = Affine2D().rotate_deg(-area.north_angle()) + axes.transData
    arrow = FancyArrowPatch(
        (0, -0.9), (0, 0.5), arrowstyle="-|>,head_width=2.4,head_length=5",
        mutation_scale=1, shrinkA=0, shrinkB=0, linewidth=1.0, color=INK, transform=turn,
    )  # fmt: skip
    axes.add_patch(arrow).set_gid("north-arrow")
    axes.text(0, 0.55, WORDS("legend.north", language), transform=turn, ha="center", va="bottom", size=7)
    return arrow


def class_handles(classes: Sequence[MapClass]) -> list[Patch]:
    """Legend boxes of the classes of a map."""
    return [
        Patch(facecolor=one.colour, hatch=one.hatch or None, edgecolor=HATCH_INK, linewidth=0.4, label=one.label)
        for one in classes
    ]


def line_handles(language: str, *, borders: bool = True, outlined: str = "") -> list[Line2D]:
    """Legend lines: provincial border, and the outlined group if it has a name."""
    handles = []
    if outlined:
        handles.append(Line2D([], [], color=OUTLINE, linewidth=1.0, label=outlined))
    if borders:
        text = WORDS("legend.border", language)
        handles.append(Line2D([], [], color=BORDER, linewidth=1.3, linestyle=BORDER_STYLE, label=text))
    return handles


def add_legend(axes: Axes, handles: Sequence[Patch | Line2D], title: str, width: float, *, columns: int = 1) -> Legend:
    """Fill empty axes with a legend from their upper left corner, its words wrapped to ``width`` millimetres."""
    wrap_entries(handles, width / columns)
    title = wrap(title, LEGEND_TITLE_SIZE, width - 2)
    axes.set_axis_off()
    legend = axes.legend(
        handles=list(handles), title=title, loc="upper left", bbox_to_anchor=(0, 1), borderaxespad=0, borderpad=0,
        frameon=False, ncols=columns, alignment="left", handlelength=1.8, handleheight=1.0, labelspacing=0.35,
        columnspacing=1.2, handletextpad=0.5,
    )  # fmt: skip
    legend.get_title().set_multialignment("left")
    return legend


def wrap_entries(handles: Sequence[Patch | Line2D], width: float) -> None:
    """Wrap the words of legend entries so that box and words take at most ``width`` millimetres."""
    for handle in handles:
        handle.set_label(wrap(str(handle.get_label()), LEGEND_SIZE, width - HANDLE_ROOM))


def legend_height(handles: Sequence[Patch | Line2D], width: float, columns: int) -> float:
    """Millimetres that a legend without title takes, its entries dealt to the columns in order."""
    wrap_entries(handles, width / columns)
    rows = ceil(len(handles) / columns)
    lines = [str(handle.get_label()).count("\n") + 1 for handle in handles]
    tallest = max(sum(lines[start : start + rows]) for start in range(0, len(lines), rows))
    return tallest * LINE + rows * BETWEEN


def locator(axes: Axes, provinces: gpd.GeoDataFrame, area: MapArea) -> Rectangle:
    """Draw a small map of the country with the map's window as a box."""
    axes.set_axis_off()
    axes.set_aspect("equal")
    rough = silhouette(provinces)
    add_polygons(axes, rough.to_numpy(), facecolor=LAND, edgecolor=LAND_EDGE, linewidth=0.25)
    add_polygons(axes, area.counties.to_crs(ALBERS_CHINA).geometry.to_numpy(), facecolor=BORDER, edgecolor="none")
    whole = rough.total_bounds
    axes.set(xlim=whole[[0, 2]], ylim=whole[[1, 3]])
    corners = Transformer.from_crs(area.crs, ALBERS_CHINA, always_xy=True)
    west, south, east, north = corners.transform_bounds(*area.extent)
    box = Rectangle((west, south), east - west, north - south, fill=False, edgecolor=INK, linewidth=0.7)
    axes.add_patch(box).set_gid("locator-box")
    return box


_last_silhouette: list[tuple[gpd.GeoDataFrame, gpd.GeoSeries]] = []


def silhouette(provinces: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Provinces as a locator shows them; kept for the layer seen last, which is that of all maps of a process."""
    if not _last_silhouette or _last_silhouette[0][0] is not provinces:
        # What an inset of five centimetres cannot show is left out before it is projected.
        rough = provinces.geometry.simplify(LOCATOR_DETAIL).set_crs(provinces.crs).to_crs(ALBERS_CHINA)
        _last_silhouette[:] = [(provinces, rough)]
    return _last_silhouette[0][1]
