"""Worlds in which the tests at the level of cells are tried: borders made-up and real, shared noise, known truths.

In every world the mean of the light is the same function of the distance to the line and of the side; with the truth
``NOTHING`` it is the same everywhere, and each rejection is a false one. Cells differ by noise of which half the
variance is shared with cells around, its correlation falling as exp(-distance / range).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import patch

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree
from simulated_lights import RANK, WAVY, LightsTruth, country

from shanhai.data.frames.panel import build_county_frame, county_geometry
from shanhai.data.load import load_layer
from shanhai.geo import strips
from shanhai.geo.crs import conformal
from shanhai.geo.raster import raster_from_array
from shanhai.geo.segments import border_segments
from shanhai.methods.discontinuity.sample import rank_units
from shanhai.studies.robustness import cells
from shanhai.studies.robustness.cells import CellEvidence, cell_evidence

STEP = 0.02
"""Width of a cell in degrees, some 2 km."""

NOTHING = LightsTruth(valley=0.0)
KNOWN = LightsTruth(valley=6.0, valley_km=8.0, jump=2.0)
"""A valley of six tenths at the line and a jump of a fifth, of a level of 10."""


@dataclass(frozen=True)
class Noise:
    """How cells differ around the mean."""

    range_km: float
    """Distance by which the correlation has fallen to a share of 1 / e; zero: cells are independent."""
    skewed: bool = False
    """Whether light is log-normal, as towns are (its standard deviation is 1.3 times its mean); otherwise normal, with
    a tenth of the level."""


@dataclass(frozen=True)
class Ground:
    """Borders, a grid over them, and where its cells lie."""

    segments: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    rank: Mapping[str, float]
    west: float
    north: float
    distance_km: np.ndarray
    """To the nearest border, by the nearest of its points every 250 m."""
    right: np.ndarray
    """Whether the cell lies on the richer side of its nearest border."""
    segment: np.ndarray
    """Number of the nearest segment."""
    between: np.ndarray
    """Whether the cell lies in one of the two provinces that its nearest border divides."""


@dataclass(frozen=True)
class World:
    """What is drawn: a ground, a noise, a truth."""

    ground: str
    noise: Noise
    truth: LightsTruth = NOTHING


WORLDS: dict[str, World] = {
    "wavy line, independent cells": World("wavy", Noise(0)),
    "wavy line, 10 km": World("wavy", Noise(10)),
    "wavy line, 30 km": World("wavy", Noise(30)),
    "wavy line, 76 km": World("wavy", Noise(76)),
    "wavy line, 30 km, skewed": World("wavy", Noise(30, skewed=True)),
    "wavy line, eight segments, 30 km, skewed": World("short", Noise(30, skewed=True)),
    "Zhejiang and neighbours, 30 km, skewed": World("zhejiang", Noise(30, skewed=True)),
    "Zhejiang and neighbours, 76 km": World("zhejiang", Noise(76)),
    "Jiangsu and Anhui, 30 km, skewed": World("jiangsu-anhui", Noise(30, skewed=True)),
    "Zhejiang and neighbours, valley and jump": World("zhejiang", Noise(30, skewed=True), KNOWN),
    "Jiangsu and Anhui, valley and jump": World("jiangsu-anhui", Noise(30, skewed=True), KNOWN),
}
"""Without valley and jump, where the last two do not say otherwise. 76 km is what notebook 13 finds in residuals of
counties."""


@cache
def ground(name: str) -> Ground:
    """A ground by its name: borders made up, of one province, of one pair, or all of them on a grid around one."""
    if name in ("wavy", "short"):
        segments, units = country(WAVY)
        if name == "short":  # the fewest that are allowed, in the middle of the line
            segments = segments.iloc[3:11].reset_index(drop=True)
        return _laid(segments, units, RANK)
    pairs = border_segments(load_layer("provincial_borders"))
    frame = build_county_frame()
    units = county_geometry().merge(frame[["code", "province_code"]], on="code")
    rank = rank_units(frame, "province_code", "gdp_2021", "population_2020").to_dict()
    own = pairs["pair"].str.contains("330000")
    if name == "around zhejiang":
        return _laid(pairs, units, rank, pairs[own].total_bounds)
    of = {"zhejiang": own, "jiangsu-anhui": pairs["pair"].eq("320000-340000")}[name]
    return _laid(pairs[of].reset_index(drop=True), units, rank)


def _laid(
    segments: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    rank: Mapping[str, float],
    bounds: np.ndarray | None = None,
) -> Ground:
    """A grid 1.2 degrees beyond the borders, or some bounds, and its cells."""
    west, south, east, north = np.round(
        (segments.total_bounds if bounds is None else bounds) + np.array([-1.2, -1.2, 1.2, 1.2]), 1
    )
    longitude = np.arange(west + STEP / 2, east, STEP)
    latitude = np.arange(north - STEP / 2, south, -STEP)
    cells = np.stack(np.meshgrid(longitude, latitude), axis=-1).reshape(-1, 2)
    crs = conformal(segments)
    flat = gpd.GeoSeries(gpd.points_from_xy(*cells.T), crs=4326).to_crs(crs)
    lines = segments.to_crs(crs).geometry
    points = [shapely.get_coordinates(shapely.segmentize(line, 250.0)) for line in lines]
    owner = np.repeat(np.arange(len(points)), [len(each) for each in points])
    distance, nearest = cKDTree(np.vstack(points)).query(shapely.get_coordinates(flat.to_numpy()))
    sides = segments[["prov_a", "prov_b"]].astype(str).to_numpy()
    first_richer = np.array([rank[a] > rank[b] for a, b in sides])
    richer = np.where(first_richer, sides[:, 0], sides[:, 1])
    poorer = np.where(first_richer, sides[:, 1], sides[:, 0])
    tree = shapely.STRtree(units.geometry.to_numpy())
    cell, unit = tree.query(shapely.points(cells), predicate="intersects")
    own = np.full(len(cells), "", dtype=object)
    own[cell] = units["province_code"].astype(str).to_numpy()[unit]
    shape = len(latitude), len(longitude)
    segment = owner[nearest]
    right, left = own == richer[segment], own == poorer[segment]
    arrays = (each.reshape(shape) for each in (distance / 1000, right, segment, right | left))
    return Ground(segments, units, rank, float(west), float(north), *arrays)


def shared_noise(rng: np.random.Generator, shape: tuple[int, int], latitude: float, range_km: float) -> np.ndarray:
    """Standard normal noise of cells, half of whose variance is shared; by circulant embedding on twice the grid."""
    own = rng.normal(size=shape)
    if not range_km:
        return own
    size = (2 * shape[0], 2 * shape[1])
    root = _root(size, latitude, range_km)
    waves = rng.normal(size=size) + 1j * rng.normal(size=size)
    field = np.fft.fft2(root * waves).real[: shape[0], : shape[1]]
    return np.sqrt(0.5) * (own + field)


@cache
def _root(size: tuple[int, int], latitude: float, range_km: float) -> np.ndarray:
    """Root of the spectrum of an exponential correlation on a torus, for a transform without factor."""
    steps = [np.minimum(np.arange(count), count - np.arange(count)) * STEP * 111.2 for count in size]
    apart = np.hypot(steps[0][:, None], steps[1][None, :] * np.cos(np.radians(latitude)))
    spectrum = np.maximum(np.fft.fft2(np.exp(-apart / range_km)).real, 0.0)
    return np.sqrt(spectrum / spectrum.sum())


def draw(world: World, rng: np.random.Generator) -> np.ndarray:
    """Light of the cells in one draw of the world."""
    on, truth = ground(world.ground), world.truth
    mean = truth.at(on.distance_km, on.right)
    latitude = on.north - on.distance_km.shape[0] * STEP / 2
    noise = shared_noise(rng, on.distance_km.shape, latitude, world.noise.range_km)
    light = mean * np.exp(noise - 0.5) if world.noise.skewed else mean + 0.1 * truth.level * noise
    return np.maximum(light, 0.0)


def evidence(world: World, rng: np.random.Generator) -> CellEvidence:
    """What the library finds in a draw, from the raster on."""
    on = ground(world.ground)
    raster = raster_from_array(draw(world, rng), on.west, on.north, STEP, source="lights.tif")
    return cell_evidence(raster, on.segments, on.units, on.rank)


@dataclass(frozen=True)
class Laid:
    """The strips of a ground, into which any light on its cells is summed."""

    sample: pd.DataFrame
    """One row a strip, as the library makes it of a raster."""
    cell: np.ndarray
    """Numbers of the cells that count."""
    strip: np.ndarray
    """Row of ``sample`` that each of them belongs to."""
    least_km: float
    """Least bandwidth of the jump."""
    donut_km: float

    def relative(self, light: np.ndarray) -> np.ndarray:
        """Mean light of each strip over that of its segment."""
        size = len(self.sample)
        total = np.bincount(self.strip, light.ravel()[self.cell], size)
        count = np.bincount(self.strip, minlength=size)
        segment = pd.factorize(self.sample["segment"])[0]
        return total / count / (np.bincount(segment, total) / np.bincount(segment, count))[segment]


@cache
def laid(name: str) -> Laid:
    """Strips of a ground; where its cells lie is found once, by the library, and serves all rasters on it."""
    on, seen = ground(name), {}
    place, sample_of = strips._place, cells.border_sample

    def watched_place(points: np.ndarray, *others: Any) -> Any:
        seen["points"], seen["placed"] = points, place(points, *others)
        return seen["placed"]

    def watched_sample(frame: pd.DataFrame, *others: Any, **columns: Any) -> pd.DataFrame:
        seen["sample"] = sample_of(frame, *others, **columns)
        return seen["sample"]

    light = raster_from_array(1 + on.distance_km, on.west, on.north, STEP)
    with (
        patch("shanhai.geo.strips._place", watched_place),
        patch("shanhai.studies.robustness.cells.border_sample", watched_sample),
    ):
        found = cell_evidence(light, on.segments, on.units, on.rank)
    own = strips.border_strips(light, on.segments, on.units)
    found_at, segment, distance, unit = seen["placed"]
    column, row = (np.floor((seen["points"][found_at] - [on.west, on.north]) / [STEP, -STEP])).astype(int).T
    number = row * on.distance_km.shape[1] + column
    strip = np.floor((distance - own.donut_km) / own.strip_km).astype(int)
    names = on.segments["segment"].astype(str).to_numpy()[segment]
    provinces = on.units["province_code"].astype(str).to_numpy()[unit]
    codes = pd.Series(names) + " " + provinces + " " + strip.astype(str)
    rows = pd.Index(seen["sample"]["code"].astype(str)).get_indexer(codes)
    return Laid(seen["sample"], number[rows >= 0], rows[rows >= 0], found.donut_km + 5 * own.strip_km, found.donut_km)


def expected(world: World, donut_km: float) -> dict[str, float]:
    """Jump and step of the last 20 km that the world holds, over the mean light of a segment; means of all segments."""
    on = ground(world.ground)
    light, rows = world.truth.at(on.distance_km, on.right), []
    whole = on.between & (on.distance_km < 100) & (on.distance_km > donut_km)
    for segment in np.unique(on.segment[whole]):
        own = whole & (on.segment == segment)
        mean, valley = light[own].mean(), light - world.truth.jump * on.right
        near, next_band = own & (on.distance_km < 20), own & (on.distance_km >= 20) & (on.distance_km < 40)
        rows.append([world.truth.jump / mean, (valley[near].mean() - valley[next_band].mean()) / mean])
    jump, step = np.mean(rows, axis=0)
    return {"jump": float(jump), "last_20km": float(step)}
