"""What a printed map is made of: polygons and lines, scale bar, north arrow, legend, inset.

Polygons and lines are matplotlib collections, drawn once and in one piece: the plotting of geopandas redraws the whole
figure after each layer, which makes a map of ten layers slow.
"""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, blended_transform_factory
from pyproj import Proj

from shanhai.geo.crs import ALBERS_CHINA
from shanhai.render.maps._area import MapArea
from shanhai.render.maps.topics import WORDS, MapClass
from shanhai.render.numbers import format_number, with_count
from shanhai.render.sheet import text_size, wrap

INK = "#1a1a1a"
LAND = "#ececec"
LAND_EDGE = "#a6a6a6"
BORDER = "#4d4d4d"
BORDER_STYLE = (0, (7, 1.6, 1.6, 1.6))
"""Long dash and dot, the usual sign of a provincial border."""

OUTLINE = "#000000"
HATCH_INK = "#333333"
JOINT_HATCH = "...."

_LEGEND_SIZE, LEGEND_TITLE_SIZE = 7.0, 7.5
"""Points, as in the theme."""

_LINE, _BETWEEN = 3.1, 1.0
"""Millimetres of one line of a legend, and of the gap between two entries."""

_LOCATOR_DETAIL, _LOCATOR_METRES = 0.05, 5000
"""Degrees to which the country in the inset is simplified, and metres of what is marked: 0.05 mm of its 40 mm."""

_HANDLE_ROOM = 9.0
"""Millimetres that the box of a legend entry and the gaps around it take."""

Geometries = np.ndarray
"""An array of shapely geometries."""


def _polygon_path(polygon: shapely.Geometry) -> Path:
    """One path of all rings of a polygon or multipolygon; holes stay open."""
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(polygon)))
    lengths = shapely.get_num_coordinates(rings)
    ends = lengths.cumsum()
    codes = np.full(ends[-1], Path.LINETO, dtype=np.uint8)
    codes[ends - lengths], codes[ends - 1] = Path.MOVETO, Path.CLOSEPOLY
    return Path(shapely.get_coordinates(rings), codes)


def _stroke_codes(length: int) -> np.ndarray:
    """Path codes of one open line."""
    codes = np.full(length, Path.LINETO, dtype=np.uint8)
    codes[0] = Path.MOVETO
    return codes


def add_polygons(axes: Axes, polygons: Geometries, **style: Any) -> PathCollection | None:
    """Draw polygons; nothing is added for none."""
    filled = polygons[shapely.area(polygons) > 0]
    if not len(filled):
        return None
    drawn = PathCollection([_polygon_path(polygon) for polygon in filled], **style)
    axes.add_collection(drawn, autolim=False)
    return drawn


def add_lines(axes: Axes, strokes: Geometries, **style: Any) -> PathPatch | None:
    """Draw lines as one path; nothing is added for none."""
    coordinates = [shapely.get_coordinates(stroke) for stroke in strokes]
    if not coordinates:
        return None
    codes = [_stroke_codes(len(stroke)) for stroke in coordinates]
    drawn = PathPatch(Path(np.concatenate(coordinates), np.concatenate(codes)), fill=False, **style)
    # The limits of a map are set, and a patch would ask for them again.
    drawn.set_transform(axes.transData)
    axes.add_artist(drawn)
    return drawn


def strokes_of(geometries: Geometries) -> Geometries:
    """Lines of geometries, each run of joined pieces as one, so that dashes go on across the joints.

    Points that a difference or an intersection leaves are dropped.
    """
    parts = shapely.get_parts(shapely.get_parts(geometries))
    lines = parts[np.isin(shapely.get_type_id(parts), [1, 2])]
    joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
    return joined[~shapely.is_empty(joined)]


def _nice_length(limit: float) -> float:
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
    kilometres = _nice_length((east - west) / 1000 / 4)
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
        Patch(facecolor=entry.colour, hatch=entry.hatch or None, edgecolor=HATCH_INK, linewidth=0.4, label=entry.label)
        for entry in classes
    ]


def joint_handles(unions: Sequence[pd.DataFrame], language: str) -> list[Patch]:
    """Legend box of counties that show the joint figure of their union, if there are any."""
    count = sum(map(len, unions))
    text = with_count(WORDS("legend.joint", language, joint="\n"), str(count), language)
    box = Patch(facecolor="white", hatch=JOINT_HATCH, edgecolor=HATCH_INK, linewidth=0.4, label=text)
    return [box] if count else []


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
    _wrap_entries(handles, width / columns)
    title = wrap(title, LEGEND_TITLE_SIZE, width - 2)
    axes.set_axis_off()
    legend = axes.legend(
        handles=list(handles), title=title, loc="upper left", bbox_to_anchor=(0, 1), borderaxespad=0, borderpad=0,
        frameon=False, ncols=columns, alignment="left", handlelength=1.8, handleheight=1.0, labelspacing=0.35,
        columnspacing=1.2, handletextpad=0.5,
    )  # fmt: skip
    legend.get_title().set_multialignment("left")
    return legend


def _wrap_entries(handles: Sequence[Patch | Line2D], width: float) -> None:
    """Wrap the words of legend entries so that box and words take at most ``width`` millimetres."""
    for handle in handles:
        handle.set_label(wrap(str(handle.get_label()), _LEGEND_SIZE, width - _HANDLE_ROOM))


def legend_height(handles: Sequence[Patch | Line2D], width: float, columns: int) -> float:
    """Millimetres that a legend without title takes, its entries dealt to the columns in order."""
    _wrap_entries(handles, width / columns)
    rows = ceil(len(handles) / columns)
    lines = [str(handle.get_label()).count("\n") + 1 for handle in handles]
    tallest = max(sum(lines[start : start + rows]) for start in range(0, len(lines), rows))
    return tallest * _LINE + rows * _BETWEEN


def locator(axes: Axes, provinces: gpd.GeoDataFrame, area: MapArea) -> Rectangle:
    """Draw a small map of the country with the map's window as a box."""
    axes.set_axis_off()
    axes.set_aspect("equal")
    rough = silhouette(provinces)
    add_polygons(axes, rough.to_numpy(), facecolor=LAND, edgecolor=LAND_EDGE, linewidth=0.25)
    to_locator = Proj(ALBERS_CHINA)

    def there(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.array(to_locator(*area.projection(x, y, inverse=True)))

    marked = shapely.simplify(area.prefectures.geometry.to_numpy(), _LOCATOR_METRES)
    add_polygons(axes, shapely.transform(marked, there, interleaved=False), facecolor=BORDER, edgecolor="none")
    whole = rough.total_bounds
    axes.set(xlim=whole[[0, 2]], ylim=whole[[1, 3]])
    window = shapely.transform(shapely.segmentize(shapely.box(*area.extent), 50_000), there, interleaved=False)
    west, south, east, north = window.bounds
    box = Rectangle((west, south), east - west, north - south, fill=False, edgecolor=INK, linewidth=0.7)
    axes.add_patch(box).set_gid("locator-box")
    return box


_last_silhouette: list[tuple[gpd.GeoDataFrame, gpd.GeoSeries]] = []


def silhouette(provinces: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Provinces as a locator shows them; kept for the layer seen last, which is that of all maps of a process."""
    if not _last_silhouette or _last_silhouette[0][0] is not provinces:
        # What an inset of five centimetres cannot show is left out before it is projected.
        rough = provinces.geometry.simplify(_LOCATOR_DETAIL).set_crs(provinces.crs).to_crs(ALBERS_CHINA)
        _last_silhouette[:] = [(provinces, rough)]
    return _last_silhouette[0][1]
