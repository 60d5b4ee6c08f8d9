"""Borders, distances and neighbours of all counties, beside a loop over provinces with shapely alone.

Not collected by the ordinary test run. ``measure()`` gives the rows of ``shanhai benchmark --json``. The loop is what a
user would write first: dissolve each province and the rest of the country, intersect, and ask each county for its
neighbours and distances. It runs on the committed, simplified polygons, which favours it, and on a few provinces only;
its time is scaled by the number of counties.
"""

import json
import time
from collections.abc import Callable
from statistics import median

import geopandas as gpd
import numpy as np
import shapely

from shanhai.data.load import load_layer
from shanhai.geo.beyond import KnownBorders
from shanhai.geo.borders import measure_borders
from shanhai.geo.crs import CONFORMAL_CHINA

PROVINCES = ("340000", "360000")
"""Anhui and Jiangxi, inland: the loop knows no sea and would count edges in water as border."""
REPEATS = 3
TARGET = 20.0
KILOMETRES = 0.02
"""Agreement of distances, relative: the loop measures in the projection, ours on the ellipsoid."""


def loop_over_provinces(counties: gpd.GeoDataFrame, provinces: tuple[str, ...]) -> dict[str, tuple[bool, float]]:
    """Whether each county is on a provincial border, and the distance of its centroid to it in km."""
    flat = counties.to_crs(CONFORMAL_CHINA)
    found: dict[str, tuple[bool, float]] = {}
    for province in provinces:
        own = flat[flat["prov_code"] == province]
        border = own.union_all().boundary.intersection(flat[flat["prov_code"] != province].union_all().boundary)
        for code, shape in zip(own["code"], own.geometry, strict=True):
            shared = shape.boundary.intersection(border).length
            found[code] = (shared > 0, shape.centroid.distance(border) / 1000)
    return found


def works() -> dict[str, Callable[[], object]]:
    """Works of this file, ours alone."""
    counties = load_layer("counties")
    known = KnownBorders.of(counties)
    name = "borders, distances, neighbours of all counties"
    return {name: lambda: measure_borders(counties, known=known, least_km=0)}


def measure() -> list[dict[str, object]]:
    """Rows of {work, ours_s, peer, peer_s, ratio, target, agree}; a ratio is the peer's time over ours."""
    counties = load_layer("counties")
    known = KnownBorders.of(counties)
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        measured = measure_borders(counties, known=known, least_km=0)
        seconds.append(time.perf_counter() - start)
    ours_s = median(seconds)
    start = time.perf_counter()
    looped = loop_over_provinces(counties, PROVINCES)
    peer_s = (time.perf_counter() - start) * len(counties) / len(looped)
    ours = measured.set_index("code").loc[list(looped)]
    touching = np.array([on_border for on_border, _ in looped.values()])
    same = bool((ours["on_border"].to_numpy(dtype=bool) == touching).all())
    inside = ours["centre"].eq("centroid").to_numpy()
    distances = np.array([distance for _, distance in looped.values()])
    near = np.isclose(ours["distance_to_border_km"].to_numpy()[inside], distances[inside], rtol=KILOMETRES, atol=0.5)
    vertices = int(shapely.get_num_coordinates(np.array(counties.geometry.values)).sum())
    return [
        {
            "work": f"borders, distances, neighbours: {len(counties):,} counties, {vertices:,} vertices",
            "ours_s": ours_s,
            "peer": f"loop over provinces (shapely), {len(looped)} counties, scaled",
            "peer_s": peer_s,
            "ratio": peer_s / ours_s,
            "target": TARGET,
            "agree": same and bool(near.mean() > 0.99),
        }
    ]


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
