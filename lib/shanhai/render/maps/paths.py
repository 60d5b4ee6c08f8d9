"""Polygons and lines as matplotlib collections, drawn once and in one piece.

The plotting of geopandas redraws the whole figure after each layer, which makes a map of ten layers slow.
"""

from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import PathPatch
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


def stroke_codes(length: int) -> np.ndarray:
    """Path codes of one open line."""
    codes = np.full(length, Path.LINETO, dtype=np.uint8)
    codes[0] = Path.MOVETO
    return codes


def add_polygons(axes: Axes, polygons: Geometries, **style: Any) -> PathCollection | None:
    """Draw polygons; nothing is added for none."""
    filled = polygons[shapely.area(polygons) > 0]
    if not len(filled):
        return None
    drawn = PathCollection([polygon_path(polygon) for polygon in filled], **style)
    axes.add_collection(drawn, autolim=False)
    return drawn


def add_lines(axes: Axes, strokes: Geometries, **style: Any) -> PathPatch | None:
    """Draw lines as one path; nothing is added for none."""
    coordinates = [shapely.get_coordinates(stroke) for stroke in strokes]
    if not coordinates:
        return None
    codes = [stroke_codes(len(stroke)) for stroke in coordinates]
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
