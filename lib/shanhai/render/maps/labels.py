"""Names on a map: placed so that they do not meet, are not cut, and stay with their polygon.

Every label has candidate positions inside its polygon and around it. Labels are set one after the other, the
hardest first, each at its cheapest candidate, and then moved in turn until nobody gains. There is no random
element: the same map gives the same places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.text import Text

from shanhai.render.maps.furniture import INK

SWEEPS = 12
PADDING = 0.6
"""Points kept free around a label."""

OUTSIDE_WEIGHT, DISTANCE_WEIGHT, MEETING_WEIGHT, CUT_WEIGHT = 3.0, 0.6, 60.0, 1000.0


@dataclass(frozen=True)
class MapLabel:
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


def place_labels(axes: Axes, labels: Sequence[MapLabel]) -> list[Text]:
    """Write the labels onto a map whose limits are final; return the texts in the order of the labels.

    A label that had to leave its polygon is tied to it by a thin line.
    """
    texts = [_write(axes, one) for one in labels]
    frame = axes.get_window_extent()
    boxes = [_measure(axes, one, text, frame.extents) for one, text in zip(labels, texts, strict=True)]
    chosen = _choose(boxes)
    inverse = axes.transData.inverted()
    for one, text, box, index in zip(labels, texts, boxes, chosen, strict=True):
        centre = box.centres[index]
        x, y = inverse.transform(centre)
        text.set_position((float(x), float(y)))
        if not shapely.covers(one.polygon, shapely.Point(inverse.transform(centre))):
            _tie(axes, inverse.transform(box.anchor), inverse.transform(_edge_point(box, centre)))
    return texts


def boxes_overlap(texts: Sequence[Text], axes: Axes) -> float:
    """Largest shared area of two labels, as a share of the smaller one."""
    renderer = _renderer(axes)
    extents = [shapely.box(*text.get_window_extent(renderer).extents) for text in texts]
    pairs = ((a, b) for position, a in enumerate(extents) for b in extents[position + 1 :])
    return max((a.intersection(b).area / min(a.area, b.area) for a, b in pairs), default=0.0)


def _renderer(axes: Axes) -> RendererAgg:
    return cast(FigureCanvasAgg, axes.figure.canvas).get_renderer()


def _write(axes: Axes, one: MapLabel) -> Text:
    point = one.polygon.representative_point()
    text = axes.text(
        point.x, point.y, one.text, size=one.size, color=one.colour, style=one.style, ha="center", va="center",
        linespacing=1.05, zorder=9, gid="map-label",
    )  # fmt: skip
    text.set_path_effects([patheffects.withStroke(linewidth=1.4, foreground="white", alpha=0.9)])
    return text


def _measure(axes: Axes, one: MapLabel, text: Text, frame: Sequence[float]) -> _Box:
    extent = text.get_window_extent(_renderer(axes))
    pad = 2 * PADDING * axes.figure.dpi / 72
    width, height = extent.width + pad, extent.height + pad
    # A tenth of a millimetre is enough to place a word.
    polygon = shapely.simplify(shapely.transform(one.polygon, axes.transData.transform), axes.figure.dpi / 254)
    anchor = _deepest_point(polygon)
    centres = _candidates(polygon, anchor, width, height)
    outside = 1 - _share_inside(polygon, centres, width, height)
    cut = 1 - _share_inside(shapely.box(*frame), centres, width, height)
    distance = np.hypot(*(centres - anchor).T) / np.hypot(width, height)
    cost = OUTSIDE_WEIGHT * outside + DISTANCE_WEIGHT * distance + CUT_WEIGHT * cut
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
    for sweep in range(SWEEPS):
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
        cost += MEETING_WEIGHT * shared_width * shared_height / smaller
    return cost


def _edge_point(box: _Box, centre: np.ndarray) -> np.ndarray:
    half = np.array([box.width, box.height]) / 2
    return centre + np.clip(box.anchor - centre, -half, half)


def _tie(axes: Axes, anchor: np.ndarray, end: np.ndarray) -> None:
    axes.plot([anchor[0], end[0]], [anchor[1], end[1]], color=INK, linewidth=0.5, zorder=8)
    axes.plot(*anchor, marker="o", markersize=1.6, color=INK, zorder=8)
