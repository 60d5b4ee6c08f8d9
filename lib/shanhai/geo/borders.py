"""Provincial borders: the lines themselves, and how near each county lies to them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shanhai.core.errors import BoundaryError
from shanhai.geo._unseen import unseen_borders
from shanhai.geo.beyond import KnownBorders, between_provinces, lines_by_province
from shanhai.geo.crs import ELLIPSOID, WGS84, conformal, to_equal_area
from shanhai.geo.edges import LEAST_EDGE_KM, Coverage, lengths_km, open_coverage

_CENTROID = "centroid"
_INSIDE_POINT = "inside point"

_SLIGHT_KM = 3.0
"""Common edges below this length are listed as slight: three times the least edge."""

BORDER_FLAGS = {
    "border_unknown": "a neighbour may be absent from the layer: border, distance or neighbours cannot all be told",
    "border_contact": "meets another province in a point, over water, or along less than the least edge: not on it",
    "border_exclave": "its part of the province lies enclosed by others",
}
"""Flags on the border of a county, and what each says."""


def border_lines(counties: gpd.GeoDataFrame, province: str = "prov_code") -> gpd.GeoDataFrame:
    """Lines along which counties of two provinces meet.

    Parameters
    ----------
    counties : GeoDataFrame
        ``code``, the province column, polygons of a valid coverage in degrees.
    province : str
        Column of province codes.

    Returns
    -------
    GeoDataFrame
        ``prov_a``, ``prov_b`` (text, ``prov_a < prov_b``), one merged line a pair, WGS 84, sorted. Coasts and national
        frontiers are no provincial borders, nor are corridors over water; provinces that meet
        in a point only have none.

    Raises
    ------
    BoundaryError
        The layer does not pass :func:`shanhai.geo.edges.open_coverage`, or lacks the province column.
    """
    coverage = _opened(counties, province)
    codes = coverage.frame[province].to_numpy()
    found = between_provinces(coverage, codes)
    pairs = np.sort(np.stack([codes[found.first], codes[found.second]], axis=1).astype(str), axis=1)
    table = pd.DataFrame({"prov_a": pairs[:, 0], "prov_b": pairs[:, 1], "position": np.arange(len(pairs))})
    groups = table.groupby(["prov_a", "prov_b"], sort=True)["position"].agg(np.array)
    lines = [_merged(found.ends[positions]) for positions in groups]
    names = groups.index.to_frame(index=False)
    return gpd.GeoDataFrame(names, geometry=gpd.GeoSeries(lines, crs=WGS84), crs=WGS84)


def measure_borders(
    counties: gpd.GeoDataFrame,
    province: str = "prov_code",
    *,
    known: KnownBorders | None = None,
    least_km: float = LEAST_EDGE_KM,
) -> pd.DataFrame:
    """How each county lies towards the borders of its own province with other provinces.

    Parameters
    ----------
    counties : GeoDataFrame
        ``code``, the province column, polygons of a valid coverage in degrees: a country or a part of it.
    province : str
        Column of province codes.
    known : KnownBorders, optional
        Borders of the whole country. Without it a neighbour may be absent wherever a polygon has an edge alone.
    least_km : float
        Least edge on land that two neighbours share: see :data:`shanhai.geo.edges.LEAST_EDGE_KM` for the reason.

    Returns
    -------
    DataFrame, one row a county in the order given
        ``code``;
        ``on_border`` (nullable): shares at least ``least_km`` of edge on land with a county of another province;
        ``gap_to_border_km``: geodesic distance from the nearest point of the polygon to the border, 0 if on it;
        ``distance_to_border_km``: the same from the centre;
        ``centre``: which centre, ``centroid`` (of the equal-area projection), or ``inside point`` where the centroid
        falls outside the polygon (then shapely's point on surface);
        ``neighbour_provinces``: codes of the provinces across its own edges, joined by ``;``, empty if none;
        ``border_flags``: names of :data:`BORDER_FLAGS`, joined by ``;``.
        Distances are missing in a province that has no land border (Hainan). Where a neighbour may be absent,
        ``on_border`` and ``neighbour_provinces`` are missing unless the layer itself shows a border, a distance is
        missing if a border that the layer does not show can be nearer, and the county is flagged.

    Raises
    ------
    BoundaryError
        As :func:`border_lines`, or ``least_km`` is negative.

    Notes
    -----
    The border of a province is the line on land that it shares with other provinces, however short; coasts and national
    frontiers do not count. A county that meets it along less than ``least_km`` is 0 km away and not on it. No border of
    other provinces can be nearer over land. The straight way may cross water: Cixi lies 19 km from the border of
    Zhejiang and Shanghai, across Hangzhou Bay. Nearest points are found in a conformal projection, their distance is
    measured on the WGS 84 ellipsoid.
    """
    coverage = _opened(counties, province)
    counties = coverage.frame
    provinces = counties[province].astype("str").to_numpy()
    pairs = coverage.neighbours(least_km)
    neighbours = _neighbour_provinces(pairs, provinces)
    crs = conformal(counties) if known is None else known.crs
    borders = lines_by_province(between_provinces(coverage, provinces), provinces, crs)
    open_km, unseen = unseen_borders(coverage, provinces, borders, known, crs)
    shapes, (centres, kinds) = np.array(counties.to_crs(crs).geometry.values), _centres(counties, crs)
    touches = np.array([bool(codes) for codes in neighbours], dtype=bool)
    doubtful = open_km >= max(least_km, np.finfo(float).tiny)
    gaps, gap_unknown = _known_distances(shapes, provinces, (borders, unseen), crs)
    distances, unknown = _known_distances(centres, provinces, (borders, unseen), crs)
    measured = pd.DataFrame(
        {
            "code": counties["code"].to_numpy(),
            "on_border": pd.array(touches, dtype="boolean"),
            "gap_to_border_km": np.where(touches, 0.0, gaps),
            "distance_to_border_km": distances,
            "centre": kinds,
            "neighbour_provinces": neighbours,
            "border_flags": _flags(
                border_unknown=doubtful | (gap_unknown & ~touches) | unknown,
                border_contact=~touches & (_meets(coverage, provinces) | (gaps == 0)),
                border_exclave=touches & _in_exclave(coverage, pairs, provinces),
            ),
        }
    )
    measured.loc[doubtful & ~touches, ["on_border", "neighbour_provinces"]] = pd.NA
    measured.loc[doubtful & ~touches, "gap_to_border_km"] = np.nan
    return measured


def slight_contacts(
    counties: gpd.GeoDataFrame,
    province: str = "prov_code",
    *,
    below_km: float = _SLIGHT_KM,
    least_km: float = LEAST_EDGE_KM,
) -> pd.DataFrame:
    """Pairs of counties of two provinces that meet along little edge, or over water: what a rule of length decides.

    Parameters
    ----------
    counties, province, least_km
        As of :func:`measure_borders`.
    below_km : float
        Pairs with less edge on land than this are listed.

    Returns
    -------
    DataFrame, shortest first
        ``code_a``, ``code_b``; ``land_km``, ``water_km`` (length of their common edge); ``counts``: whether it makes
        them neighbours; ``decides``: codes of those of the two that no other edge puts on a border, joined by ``;``.

    Raises
    ------
    BoundaryError
        As :func:`border_lines`.
    """
    coverage = _opened(counties, province)
    codes, provinces = (coverage.frame[name].astype("str").to_numpy() for name in ("code", province))
    found, land = coverage.segments, coverage.on_land
    lengths = [pd.Series(lengths_km(part.ends)).groupby([part.first, part.second]).sum() for part in (found, land)]
    pairs = (
        pd.DataFrame({"whole": lengths[0], "land_km": lengths[1]}).fillna(0.0).reset_index(names=["first", "second"])
    )
    pairs = pairs[provinces[pairs["first"]] != provinces[pairs["second"]]]
    pairs["counts"] = pairs["land_km"] >= least_km
    borders = np.bincount(pairs.loc[pairs["counts"], ["first", "second"]].to_numpy().ravel(), minlength=len(codes))
    slight = pairs[(pairs["land_km"] < below_km)].sort_values(["land_km", "first", "second"])
    table = {
        "code_a": codes[slight["first"]],
        "code_b": codes[slight["second"]],
        "land_km": slight["land_km"].to_numpy(),
        "water_km": (slight["whole"] - slight["land_km"]).to_numpy(),
        "counts": slight["counts"].to_numpy(),
        "decides": [
            ";".join(codes[unit] for unit in (first, second) if borders[unit] - counts == 0)
            for first, second, counts in slight[["first", "second", "counts"]].itertuples(index=False)
        ],
    }
    return pd.DataFrame(table)


def _opened(counties: gpd.GeoDataFrame, province: str) -> Coverage:
    if province not in counties.columns:
        raise BoundaryError(
            f"The boundary layer has no column {province!r} of province codes (found: {list(counties.columns)}). "
            "Rename the one that holds them, or pass its name."
        )
    if counties[province].isna().any():
        missing = counties.loc[counties[province].isna(), "code"].astype("str").head(8)
        raise BoundaryError(f"Counties without province code: {', '.join(missing)}. Fill the column {province!r} in.")
    return open_coverage(counties)


def _merged(ends: np.ndarray) -> shapely.Geometry:
    return shapely.normalize(shapely.line_merge(shapely.multilinestrings(shapely.linestrings(ends))))


def _neighbour_provinces(pairs: pd.DataFrame, provinces: np.ndarray) -> list[str]:
    across: list[set[str]] = [set() for _ in provinces]
    for first, second in zip(pairs["first"], pairs["second"], strict=True):
        if provinces[first] != provinces[second]:
            across[first].add(provinces[second])
            across[second].add(provinces[first])
    return [";".join(sorted(codes)) for codes in across]


def _meets(coverage: Coverage, provinces: np.ndarray) -> np.ndarray:
    """Which counties have any edge in common with one of another province, on land or not."""
    found = coverage.segments
    across = provinces[found.first] != provinces[found.second]
    met = np.zeros(len(provinces), dtype=bool)
    met[found.first[across]] = met[found.second[across]] = True
    return met


def _in_exclave(coverage: Coverage, pairs: pd.DataFrame, provinces: np.ndarray) -> np.ndarray:
    """Which counties belong to a piece of a province that counties of others enclose, and is not all of it."""
    n = len(provinces)
    own = pairs[provinces[pairs["first"]] == provinces[pairs["second"]]]
    links = coo_array((np.ones(len(own), dtype=np.int8), (own["first"], own["second"])), shape=(n, n))
    piece = connected_components(links, directed=False)[1]
    reaches_out = np.bincount(piece, weights=np.bincount(coverage.outer.owner, minlength=n)) > 0
    whole = pd.Series(piece).groupby(provinces).transform("nunique").to_numpy() == 1
    return np.asarray(~reaches_out[piece] & ~whole)


def _flags(**raised: np.ndarray) -> list[str]:
    rows = zip(*raised.values(), strict=True)
    return [";".join(name for name, up in zip(raised, row, strict=True) if up) for row in rows]


def _centres(counties: gpd.GeoDataFrame, crs: CRS) -> tuple[np.ndarray, np.ndarray]:
    """Centroids of the equal-area projection, an inside point where they fall outside; conformal positions, kinds."""
    flat = to_equal_area(counties)
    shapes = np.array(flat.geometry.values)
    centroids = shapely.centroid(shapes)
    inside = shapely.contains(shapes, centroids)
    chosen = np.where(inside, centroids, shapely.point_on_surface(shapes))
    placed = gpd.GeoSeries(chosen, crs=flat.crs).to_crs(crs)
    return np.array(placed.values), np.where(inside, _CENTROID, _INSIDE_POINT)


def _known_distances(
    shapes: np.ndarray,
    provinces: np.ndarray,
    lines: tuple[dict[str, shapely.Geometry], dict[str, shapely.Geometry]],
    crs: CRS,
) -> tuple[np.ndarray, np.ndarray]:
    """Distance to the border that the layer shows, and where one that it does not show may be nearer (then missing)."""
    distances, beyond = (_distances_km(shapes, provinces, part, crs) for part in lines)
    unknown = np.nan_to_num(distances, nan=np.inf) > np.nan_to_num(beyond, nan=np.inf)
    return np.where(unknown, np.nan, distances), unknown


def _distances_km(
    shapes: np.ndarray, provinces: np.ndarray, borders: dict[str, shapely.Geometry], crs: CRS
) -> np.ndarray:
    """Geodesic distance from each shape (conformal projection) to the border of its province, to the metre.

    No polygon is drawn finer, and what follows the metre differs from one processor or Python to the next.
    """
    links = np.full(len(shapes), None, dtype=object)
    for code, line in borders.items():
        shapely.prepare(line)
        own = provinces == code
        links[own] = shapely.shortest_line(line, shapes[own])
    reached = np.array([link is not None for link in links], dtype=bool)
    ends = gpd.GeoSeries(links[reached], crs=crs).to_crs(WGS84)
    points = shapely.get_coordinates(ends.values).reshape(-1, 4)
    distances = np.full(len(shapes), np.nan)
    distances[reached] = np.asarray(ELLIPSOID.inv(*points.T)[2]).round() / 1000
    return distances
