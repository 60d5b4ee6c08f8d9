"""A raster of lights of known shape over a made-up country: two provinces and the straight border between them."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from shanhai.geo.raster import Raster, raster_from_array
from shanhai.geo.segments import border_segments

LINE = 112.0
"""Longitude of the border, from 24 to 36 degrees north: some 1,330 km, 13 segments."""

_WEST, _EAST, _SOUTH, _NORTH = 110.0, 114.0, 24.0, 36.0
_STEP = 0.02
"""Width of a cell in degrees, some 2 km."""

RANK = {"100000": 1.0, "200000": 2.0}
"""The eastern province is the right side."""


@dataclass(frozen=True)
class LightsTruth:
    """Shape of the lights, in the unit of the raster."""

    valley: float = 6.0
    """How much darker it is at the line than far away."""
    valley_km: float = 8.0
    """Distance by which the valley has shrunk to a share of 1 / e."""
    jump: float = 0.0
    """How much brighter the eastern side is, everywhere."""
    level: float = 10.0
    """Light far away, on the western side."""

    def at(self, distance_km: np.ndarray, east: np.ndarray) -> np.ndarray:
        """Light without noise."""
        return self.level + self.jump * east - self.valley * np.exp(-distance_km / self.valley_km)


def country() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Segments of the border, and the polygons of the two provinces."""
    lines = gpd.GeoDataFrame(
        {"prov_a": ["100000"], "prov_b": ["200000"]},
        geometry=[shapely.LineString([(LINE, lat) for lat in np.linspace(_SOUTH, _NORTH, 61)])],
        crs=4326,
    )
    # vertices along the parallels too, so that a straight edge in degrees is no matter
    units = gpd.GeoDataFrame(
        {"province_code": ["100000", "200000"]},
        geometry=[shapely.box(_WEST, _SOUTH, LINE, _NORTH), shapely.box(LINE, _SOUTH, _EAST, _NORTH)],
        crs=4326,
    )
    return border_segments(lines), units


def simulate_lights(rng: np.random.Generator, truth: LightsTruth, noise: float = 1.0) -> Raster:
    """Raster of lights: the truth, a level of each stretch of 1.2 degrees and side, and noise of each cell."""
    columns, rows = (round((high - low) / _STEP) for low, high in ((_WEST, _EAST), (_SOUTH, _NORTH)))
    longitude = _WEST + (np.arange(columns) + 0.5) * _STEP
    latitude = _NORTH - (np.arange(rows) + 0.5) * _STEP
    # the border is a meridian, so the nearest point of it lies on the parallel but for metres
    per_degree = 111.32 * np.cos(np.radians(latitude))[:, None]
    distance = np.abs(longitude - LINE) * per_degree
    east = np.broadcast_to(longitude > LINE, distance.shape)
    stretch = ((_NORTH - latitude) / 1.2).astype(int)
    shared = rng.normal(0, noise / 4, (stretch.max() + 1, 1))[stretch]
    light = truth.at(distance, east) + shared + rng.normal(0, noise, distance.shape)
    return raster_from_array(np.maximum(light, 0.0), _WEST, _NORTH, _STEP, source="lights.tif")
