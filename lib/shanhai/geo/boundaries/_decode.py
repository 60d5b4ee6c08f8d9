"""Rings of the package: plain GeoJSON, or the compressed text form of echarts."""

from typing import Any

import numpy as np

GRID = 1024
"""All coordinates of the package are multiples of 1/1024 degree (about 100 m), the step of the compressed form."""

Polygon = tuple[np.ndarray, ...]
"""Rings of one polygon, outer ring first; each an array of (longitude, latitude)."""


def decode_ring(text: str, offset: tuple[int, int]) -> np.ndarray:
    """Decode one compressed ring.

    Each character pair is one step in longitude and latitude: the code point less 64 is the step in zigzag
    form (0, -1, 1, -2, ...), counted in 1/1024 degree from ``offset``. This is the form that echarts calls
    ``UTF8Encoding``.
    """
    zigzag = np.array([ord(character) for character in text], dtype=np.int64).reshape(-1, 2) - 64
    steps = (zigzag >> 1) ^ -(zigzag & 1)
    return (np.cumsum(steps, axis=0) + np.array(offset)) / GRID


def polygons_of(geometry: dict[str, Any] | None, compressed: bool) -> tuple[Polygon, ...]:
    """Polygons of one GeoJSON geometry, decoded where needed; none for an empty geometry."""
    if not geometry or not geometry["coordinates"]:
        return ()
    single = geometry["type"] == "Polygon"
    polygons = [geometry["coordinates"]] if single else geometry["coordinates"]
    if not compressed:
        return tuple(tuple(np.array(ring, dtype=float)[:, :2] for ring in polygon) for polygon in polygons)
    offsets = [geometry["encodeOffsets"]] if single else geometry["encodeOffsets"]
    pairs = zip(polygons, offsets, strict=True)
    return tuple(tuple(decode_ring(r, o) for r, o in zip(rings, starts, strict=True)) for rings, starts in pairs)
