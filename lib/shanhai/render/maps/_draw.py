"""The map itself, without anything around it: land, counties by class, borders, outlines, names.

Names are placed so that they do not meet, are not cut, and stay with their polygon. Every one has candidate positions
inside its polygon and around it. They are set one after the other, the hardest first, each at its cheapest candidate,
and then moved in turn until nobody gains. There is no random element: the same map gives the same places.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from shanhai.core.errors import ReportError
from shanhai.render.maps._area import MapArea
from shanhai.render.maps._furniture import (
    BORDER,
    BORDER_STYLE,
    HATCH_INK,
    INK,
    JOINT_HATCH,
    LAND,
    LAND_EDGE,
    OUTLINE,
    Geometries,
    add_lines,
    add_polygons,
    strokes_of,
)
from shanhai.render.maps.topics import MapClass
from shanhai.render.style import label

_NEIGHBOUR_SHARE = 0.01
"""Share of the map window from which a neighbour is named."""

_MANY_COUNTIES = 250
"""Counties from which lines grow thinner."""

_NEIGHBOUR_COLOUR = "#6b6b6b"
_COUNTY_EDGE, _PREFECTURE_EDGE = "#757575", "#404040"
_LUMINANCE, _DARK = (0.299, 0.587, 0.114), 0.5
"""Weights of red, green and blue in the lightness of a fill, and the lightness below which dots on it are white."""

_LONG_NAME = 5
"""Chinese characters that fit on one line."""

_SWEEPS = 12
_PADDING = 0.6
"""Points kept free around a label."""

_OUTSIDE_WEIGHT, _DISTANCE_WEIGHT, _HIDING_WEIGHT, _MEETING_WEIGHT, _CUT_WEIGHT = 3.0, 0.6, 4.0, 60.0, 1000.0


@dataclass(frozen=True)
class _MapLines:
    """Lines of a map, made once for all maps of one sheet.

    Attributes
    ----------
    counties, prefectures, borders : array of LineString
        Outlines of counties, lines between prefectures, provincial borders.
    outline : array of LineString
        Outer boundary of the group drawn heavier; empty for none.
    unions : mapping of frozenset of str to Polygon
        Counties that show one joint figure, joined and dotted; no line parts them.
    """

    counties: Geometries
    prefectures: Geometries
    borders: Geometries
    outline: Geometries
    unions: Mapping[frozenset[str], shapely.Geometry]


def map_lines(area: MapArea, outlined: Collection[str] = (), unions: Sequence[Collection[str]] = ()) -> _MapLines:
    """Lines of an area, with an outline around the counties of the codes given, and none inside unions of counties."""
    codes, polygons = area.counties["code"], area.counties.geometry
    group = polygons[codes.isin(set(outlined))].to_numpy()
    united = {frozenset(union): _union(polygons[codes.isin(set(union))].to_numpy()) for union in unions}
    alone = polygons[~codes.isin(frozenset().union(*united))].to_numpy()
    return _MapLines(
        strokes_of(shapely.boundary(np.array([*alone, *united.values()], dtype=object))),
        _inner_lines(area.prefectures.geometry.to_numpy()),
        strokes_of(area.borders.geometry.to_numpy()),
        _outer_line(group, (area.extent[2] - area.extent[0]) / 120),
        united,
    )


def draw_area(axes: Axes, area: MapArea, classes: Sequence[MapClass], lines: _MapLines) -> None:
    """Fill axes with one map.

    Parameters
    ----------
    axes : Axes
    area : MapArea
    classes : sequence of MapClass
        Together they hold every county of the area.
    lines : _MapLines

    Raises
    ------
    ReportError
        If a county of the area is in no class, which would hide it.
    """
    west, south, east, north = area.extent
    axes.set(xlim=(west, east), ylim=(south, north), aspect="equal", xticks=[], yticks=[])
    axes.set_autoscale_on(False)
    neighbours = area.neighbours.geometry.to_numpy()
    add_polygons(axes, neighbours, facecolor=LAND, edgecolor=LAND_EDGE, linewidth=0.4, zorder=1)
    _fill_counties(axes, area, classes)
    _dot_unions(axes, lines.unions, classes)
    # Lines of a country's counties would cover their fills at the width that suits a province.
    weight = min(1.0, (_MANY_COUNTIES / len(area.counties)) ** 0.5)
    add_lines(axes, lines.counties, edgecolor=_COUNTY_EDGE, linewidth=0.35 * weight, zorder=3)
    add_lines(axes, lines.prefectures, edgecolor=_PREFECTURE_EDGE, linewidth=0.6 * weight, zorder=4)
    add_lines(axes, lines.outline, edgecolor=OUTLINE, linewidth=1.1, zorder=5, gid="outline")
    style = {"edgecolor": BORDER, "linewidth": max(0.7, 1.3 * weight), "linestyle": BORDER_STYLE, "capstyle": "butt"}
    add_lines(axes, lines.borders, zorder=6, gid="provincial-border", **style)


def _inner_lines(polygons: Geometries) -> Geometries:
    """Lines that polygons share with each other: their boundaries without coast and outer border."""
    return strokes_of(shapely.difference(shapely.boundary(polygons), _union(polygons).boundary))


def _outer_line(polygons: Geometries, smallest: float) -> Geometries:
    """Outer boundary of a group of polygons, without islets narrower than ``smallest`` metres.

    A heavy line around an islet would hide its fill.
    """
    parts = shapely.get_parts(_union(polygons))
    return strokes_of(shapely.boundary(parts[shapely.area(parts) >= smallest**2]))


def _union(polygons: Geometries) -> shapely.Geometry:
    """Union of polygons; boundaries that a user brings may not share their edges exactly."""
    exact = shapely.coverage_is_valid(polygons)
    return shapely.coverage_union_all(polygons) if exact else shapely.union_all(polygons)


def _fill_counties(axes: Axes, area: MapArea, classes: Sequence[MapClass]) -> None:
    members = _class_of_each(classes)
    hidden = sorted(set(area.counties["code"]) - set(members))
    if hidden:
        raise ReportError(
            f"Counties {hidden} are on the map but in no class; pass a frame with a row for each of them."
        )
    for position, category in enumerate(classes):
        polygons = area.counties.geometry[area.counties["code"].isin(category.codes)].to_numpy()
        add_polygons(
            axes, polygons, facecolor=category.colour, edgecolor=HATCH_INK, linewidth=0, hatch=category.hatch or None,
            zorder=2, gid=f"class-{position}",
        )  # fmt: skip


def _dot_unions(axes: Axes, unions: Mapping[frozenset[str], shapely.Geometry], classes: Sequence[MapClass]) -> None:
    """Dots over counties with a joint figure, white on a dark fill."""
    members = _class_of_each(classes)
    for codes, polygon in unions.items():
        luminance = float(np.dot(to_rgb(members[min(codes)].colour), _LUMINANCE))
        ink = "white" if luminance < _DARK else HATCH_INK
        shape = np.array([polygon], dtype=object)
        add_polygons(
            axes, shape, facecolor="none", edgecolor=ink, linewidth=0, hatch=JOINT_HATCH, zorder=2.5, gid="joint"
        )


def write_names(
    axes: Axes,
    area: MapArea,
    rows: pd.DataFrame,
    language: str,
    named: Collection[str],
    kept_free: Sequence[tuple[float, float]] = (),
) -> list[Text]:
    """Name counties and, in grey, the neighbours that show enough land; return the texts.

    Names stand beside the points to be kept free (of the map, in metres), such as heads of arrows, where there is room.
    """
    by_code = rows.set_index("code")
    names = [
        _MapLabel(_place_name(by_code.loc[code], language), polygon)
        for code, polygon in zip(area.counties["code"], area.counties.geometry, strict=True)
        if code in set(named)
    ]
    west, south, east, north = area.extent
    enough = _NEIGHBOUR_SHARE * (east - west) * (north - south)
    around = [
        _MapLabel(_place_name(row, language), row.geometry, 7.0, _NEIGHBOUR_COLOUR)
        for _, row in area.neighbours.iterrows()
        if row.geometry.area >= enough and not area.is_country
    ]
    return _place_labels(axes, [*names, *around], kept_free)


def _place_name(row: pd.Series, language: str) -> str:
    """Name of a place for a map; long Chinese names take two lines, as does a name in both languages."""
    chinese = str(row["name_zh"])
    if len(chinese) > _LONG_NAME:
        chinese = f"{chinese[: len(chinese) - 3]}\n{chinese[-3:]}"
    return label(language, str(row["name_en"]), chinese, joint="\n")


@dataclass(frozen=True)
class _MapLabel:
    """A name and the polygon it belongs to (map coordinates)."""

    text: str
    polygon: shapely.Geometry
    size: float = 6.0
    colour: str = INK
    style: str = "normal"


@dataclass(frozen=True)
class _Box:
    """Size of a label and its candidate centres, all in pixels, with the cost that no other label changes."""

    width: float
    height: float
    anchor: np.ndarray
    centres: np.ndarray
    own_cost: np.ndarray


def _place_labels(axes: Axes, labels: Sequence[_MapLabel], kept_free: Sequence[tuple[float, float]] = ()) -> list[Text]:
    """Write the labels onto a map whose limits are final; return the texts in the order of the labels.

    A label that had to leave its polygon is tied to it by a thin line.
    """
    texts = [_write(axes, caption) for caption in labels]
    frame = axes.get_window_extent()
    free = axes.transData.transform(np.reshape(kept_free, (-1, 2)))
    boxes = [_measure(axes, caption, text, frame.extents, free) for caption, text in zip(labels, texts, strict=True)]
    chosen = _choose(boxes)
    inverse = axes.transData.inverted()
    for caption, text, box, index in zip(labels, texts, boxes, chosen, strict=True):
        centre = box.centres[index]
        x, y = inverse.transform(centre)
        text.set_position((float(x), float(y)))
        if not shapely.covers(caption.polygon, shapely.Point(inverse.transform(centre))):
            _tie(axes, inverse.transform(box.anchor), inverse.transform(_edge_point(box, centre)))
    return texts


def _renderer(axes: Axes) -> RendererAgg:
    return cast(FigureCanvasAgg, axes.figure.canvas).get_renderer()


def _write(axes: Axes, caption: _MapLabel) -> Text:
    point = caption.polygon.representative_point()
    text = axes.text(
        point.x, point.y, caption.text, size=caption.size, color=caption.colour, style=caption.style,
        ha="center", va="center", linespacing=1.05, zorder=9, gid="map-label",
    )  # fmt: skip
    text.set_path_effects([patheffects.withStroke(linewidth=1.4, foreground="white", alpha=0.9)])
    return text


def _measure(axes: Axes, caption: _MapLabel, text: Text, frame: Sequence[float], free: np.ndarray) -> _Box:
    extent = text.get_window_extent(_renderer(axes))
    pad = 2 * _PADDING * axes.figure.dpi / 72
    width, height = extent.width + pad, extent.height + pad
    # A tenth of a millimetre is enough to place a word.
    polygon = shapely.simplify(shapely.transform(caption.polygon, axes.transData.transform), axes.figure.dpi / 254)
    anchor = _deepest_point(polygon)
    centres = _candidates(polygon, anchor, width, height)
    outside = 1 - _share_inside(polygon, centres, width, height)
    cut = 1 - _share_inside(shapely.box(*frame), centres, width, height)
    distance = np.hypot(*(centres - anchor).T) / np.hypot(width, height)
    hidden = (np.abs(centres[:, None] - free) < np.array([width, height]) / 2).all(axis=2).sum(axis=1)
    cost = _OUTSIDE_WEIGHT * outside + _DISTANCE_WEIGHT * distance + _HIDING_WEIGHT * hidden + _CUT_WEIGHT * cut
    return _Box(width, height, anchor, centres, cost)


def _deepest_point(polygon: shapely.Geometry) -> np.ndarray:
    """Centre of the largest circle inside the largest part: the place with most room."""
    largest = max(shapely.get_parts(polygon), key=shapely.area)
    return shapely.get_coordinates(shapely.maximum_inscribed_circle(largest, tolerance=1.0))[0]


def _candidates(polygon: shapely.Geometry, anchor: np.ndarray, width: float, height: float) -> np.ndarray:
    west, south, east, north = polygon.bounds
    grid = np.stack(np.meshgrid(np.linspace(west, east, 15), np.linspace(south, north, 15)), -1).reshape(-1, 2)
    inside = grid[shapely.contains_xy(polygon, grid)]
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    ring = np.column_stack([np.cos(turns) * width, np.sin(turns) * height])
    around = [anchor + ring * reach for reach in (0.55, 0.8, 1.1, 1.5, 2.0)]
    return np.vstack([anchor, inside, *around])


def _share_inside(polygon: shapely.Geometry, centres: np.ndarray, width: float, height: float) -> np.ndarray:
    """Share of a label's box inside a polygon, at each centre, counted on a lattice of points."""
    across, up = np.meshgrid(np.linspace(-0.5, 0.5, 9), np.linspace(-0.5, 0.5, 5))
    lattice = np.column_stack([across.ravel() * width, up.ravel() * height])
    points = centres[:, None, :] + lattice[None, :, :]
    shapely.prepare(polygon)
    return shapely.intersects_xy(polygon, points[..., 0], points[..., 1]).mean(axis=1)


def _choose(boxes: Sequence[_Box]) -> list[int]:
    order = sorted(range(len(boxes)), key=lambda position: -float(boxes[position].own_cost.min()))
    chosen: dict[int, int] = {}
    for sweep in range(_SWEEPS):
        before = dict(chosen)
        for position in order:
            others = [(boxes[other], index) for other, index in chosen.items() if other != position]
            chosen[position] = int(np.argmin(boxes[position].own_cost + _meeting_cost(boxes[position], others)))
        if sweep and chosen == before:
            break
    return [chosen[position] for position in range(len(boxes))]


def _meeting_cost(box: _Box, others: Sequence[tuple[_Box, int]]) -> np.ndarray:
    cost = np.zeros(len(box.centres))
    for other, index in others:
        gap = np.abs(box.centres - other.centres[index])
        shared_width = np.clip((box.width + other.width) / 2 - gap[:, 0], 0, min(box.width, other.width))
        shared_height = np.clip((box.height + other.height) / 2 - gap[:, 1], 0, min(box.height, other.height))
        smaller = min(box.width * box.height, other.width * other.height)
        cost += _MEETING_WEIGHT * shared_width * shared_height / smaller
    return cost


def _edge_point(box: _Box, centre: np.ndarray) -> np.ndarray:
    half = np.array([box.width, box.height]) / 2
    return centre + np.clip(box.anchor - centre, -half, half)


def _tie(axes: Axes, anchor: np.ndarray, end: np.ndarray) -> None:
    axes.plot([anchor[0], end[0]], [anchor[1], end[1]], color=INK, linewidth=0.5, zorder=8)
    axes.plot(*anchor, marker="o", markersize=1.6, color=INK, zorder=8)


def _class_of_each(classes: Sequence[MapClass]) -> Mapping[str, MapClass]:
    """Class of each county code."""
    return {code: category for category in classes for code in category.codes}
