"""A raster of lights of known shape over a made-up country: two provinces and the border between them."""

from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

from shanhai.geo.raster import Raster, raster_from_array
from shanhai.geo.segments import border_segments

LINE = 112.0
"""Longitude of the border, from 24 to 36 degrees north: some 1,330 km, 13 segments."""

WAVY = 0.04
"""Degrees by which a wavy border swings; it then also lies off the edges of the cells."""

_WEST, _EAST, _SOUTH, _NORTH = 110.0, 114.0, 24.0, 36.0
_STEP = 0.02
"""Width of a cell in degrees, some 2 km."""

_PARTS = 4
"""Points a side of a cell whose mean is the cell's value."""

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


def _border(swing: float, count: int) -> np.ndarray:
    """Longitude and latitude of points on the border, a meridian where it does not swing."""
    lat = np.linspace(_SOUTH, _NORTH, count)
    waves = np.sin(2 * np.pi * lat / 0.37) + 0.5 * np.sin(2 * np.pi * lat / 0.113 + 1)
    return np.column_stack([LINE + swing * waves, lat])


def country(swing: float = 0.0) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Segments of the border, and the polygons of the two provinces."""
    points = _border(swing, 1201).tolist()
    lines = gpd.GeoDataFrame(
        {"prov_a": ["100000"], "prov_b": ["200000"]}, geometry=[shapely.LineString(points)], crs=4326
    )
    halves = [shapely.Polygon([(edge, _SOUTH), *points, (edge, _NORTH)]) for edge in (_WEST, _EAST)]
    return border_segments(lines), gpd.GeoDataFrame({"province_code": list(RANK)}, geometry=halves, crs=4326)


@cache
def _light(truth: LightsTruth, swing: float) -> np.ndarray:
    """Means of the cells, without noise."""
    columns, rows = (round((high - low) / _STEP) for low, high in ((_WEST, _EAST), (_SOUTH, _NORTH)))
    longitude = _WEST + (np.arange(columns * _PARTS) + 0.5) * _STEP / _PARTS
    latitude = _NORTH - (np.arange(rows * _PARTS) + 0.5) * _STEP / _PARTS
    border = _border(swing, 12001)
    east = longitude > np.interp(latitude, border[:, 1], border[:, 0])[:, None]
    if swing:
        distance = np.vstack([_distance(longitude, part, border) for part in np.split(latitude, 24)])
    else:  # the nearest point of a meridian lies on the parallel but for metres
        distance = np.abs(longitude - LINE) * 111.32 * np.cos(np.radians(latitude))[:, None]
    return truth.at(distance, east).reshape(rows, _PARTS, columns, _PARTS).mean(axis=(1, 3))


def _distance(longitude: np.ndarray, latitude: np.ndarray, border: np.ndarray) -> np.ndarray:
    """Kilometres to the border, in a plane that fits half a degree of latitude."""
    scale = np.array([111.32 * np.cos(np.radians(latitude.mean())), 111.0])
    near = border[np.abs(border[:, 1] - latitude.mean()) < 1.5]
    points = np.stack(np.meshgrid(longitude, latitude), axis=-1)
    return cKDTree(near * scale).query(points * scale)[0]


def simulate_lights(rng: np.random.Generator, truth: LightsTruth, noise: float = 1.0, swing: float = 0.0) -> Raster:
    """Raster of lights: means of the truth, a level of each stretch of 1.2 degrees, and noise of each cell."""
    light = _light(truth, swing)
    latitude = _NORTH - (np.arange(len(light)) + 0.5) * _STEP
    stretch = ((_NORTH - latitude) / 1.2).astype(int)
    shared = rng.normal(0, noise / 4, (stretch.max() + 1, 1))[stretch]
    noisy = light + shared + rng.normal(0, noise, light.shape)
    return raster_from_array(np.maximum(noisy, 0.0), _WEST, _NORTH, _STEP, source="lights.tif")
