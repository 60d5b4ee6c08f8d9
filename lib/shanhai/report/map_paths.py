"""Polygons and lines as matplotlib collections, drawn once and in one piece.

The plotting of geopandas redraws the whole figure after each layer, which makes a map of ten layers slow.
"""

from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path

Geometries = np.ndarray
"""An array of shapely geometries."""


def polygon_path(polygon: shapely.Geometry) -> Path:
    """One path of all rings of a polygon or multipolygon; holes stay open."""
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(polygon)))
    coordinates = [shapely.get_coordinates(ring) for ring in rings]
    codes = [ring_codes(len(ring)) for ring in coordinates]
    return Path(np.concatenate(coordinates), np.concatenate(codes))


def ring_codes(length: int) -> np.ndarray:
    """Path codes of one closed ring: move, lines, close."""
    codes = np.full(length, Path.LINETO, dtype=np.uint8)
    codes[0], codes[-1] = Path.MOVETO, Path.CLOSEPOLY
    return codes


def add_polygons(axes: Axes, polygons: Geometries, **style: Any) -> PathCollection | None:
    """Draw polygons; nothing is added for none."""
    filled = polygons[shapely.area(polygons) > 0]
    if not len(filled):
        return None
    drawn = PathCollection([polygon_path(polygon) for polygon in filled], **style)
    axes.add_collection(drawn, autolim=False)
    return drawn


def add_lines(axes: Axes, lines: Geometries, **style: Any) -> LineCollection | None:
    """Draw lines, each run of joined pieces in one stroke so that dashes go on across the joints."""
    joined = shapely.get_parts(shapely.line_merge(shapely.get_parts(lines)))
    strokes = [shapely.get_coordinates(line) for line in joined if not line.is_empty]
    if not strokes:
        return None
    drawn = LineCollection(strokes, **style)
    axes.add_collection(drawn, autolim=False)
    return drawn


def lines_of(geometries: Geometries) -> Geometries:
    """The line parts of geometries; points that an intersection leaves are dropped."""
    parts = shapely.get_parts(shapely.get_parts(geometries))
    return parts[np.isin(shapely.get_type_id(parts), [1, 2])]
