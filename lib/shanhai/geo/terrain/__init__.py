"""Elevation grids, slope and ruggedness, and what they say of counties."""

from shanhai.geo.terrain._elevation import ElevationGrid, read_altitude_h5, read_geotiff
from shanhai.geo.terrain._slope import ruggedness_riley
from shanhai.geo.terrain._statistics import OUTSIDE, build_terrain

__all__ = [
    "OUTSIDE",
    "ElevationGrid",
    "build_terrain",
    "read_altitude_h5",
    "read_geotiff",
    "ruggedness_riley",
]
