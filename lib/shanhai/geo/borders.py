"""Provincial borders: the lines themselves, and how near each county lies to them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from shanhai.errors import BoundaryError
from shanhai.geo.crs import ELLIPSOID, WGS84, to_equal_area
from shanhai.geo.edges import Coverage, SharedSegments, open_coverage

CONFORMAL_CHINA = CRS.from_proj4("+proj=lcc +lat_1=25 +lat_2=47 +lat_0=35 +lon_0=105 +datum=WGS84 +units=m")
"""Conformal projection in which nearest points are looked for; distances are then measured on the ellipsoid."""

CENTROID = "centroid"
INSIDE_POINT = "inside point"


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
        frontiers are no provincial borders, and provinces that meet in a point only have none.

    Raises
    ------
    BoundaryError
        The layer does not pass :func:`shanhai.geo.edges.open_coverage`, or lacks the province column.
    """
    coverage = _opened(counties, province)
    found = _between_provinces(coverage, province)
    codes = coverage.frame[province].to_numpy()
    pairs = np.sort(np.stack([codes[found.first], codes[found.second]], axis=1).astype(str), axis=1)
    table = pd.DataFrame({"prov_a": pairs[:, 0], "prov_b": pairs[:, 1], "position": np.arange(len(pairs))})
    groups = table.groupby(["prov_a", "prov_b"], sort=True)["position"].agg(np.array)
    lines = [_merged(found.ends[positions]) for positions in groups]
    names = groups.index.to_frame(index=False)
    return gpd.GeoDataFrame(names, geometry=gpd.GeoSeries(lines, crs=WGS84), crs=WGS84)


def measure_borders(counties: gpd.GeoDataFrame, province: str = "prov_code") -> pd.DataFrame:
    """How each county lies towards the borders of its own province with other provinces.

    Parameters
    ----------
    counties : GeoDataFrame
        ``code``, the province column, polygons of a valid coverage in degrees.
    province : str
        Column of province codes.

    Returns
    -------
    DataFrame, one row a county in the order given
        ``code``;
        ``on_border``: shares an edge with a county of another province (a common point is not enough);
        ``gap_to_border_km``: geodesic distance from the nearest point of the polygon to the border, 0 if on it;
        ``distance_to_border_km``: the same from the centre;
        ``centre``: which centre, ``centroid`` (of the equal-area projection), or ``inside point`` where the centroid
        falls outside the polygon (then shapely's point on surface);
        ``neighbour_provinces``: codes of the provinces across its own edges, joined by ``;``, empty if none.
        Distances are missing in a province that has no land border (Hainan).

    Raises
    ------
    BoundaryError
        As :func:`border_lines`.

    Notes
    -----
    The border of a province is the line it shares with other provinces of the layer; coasts and national frontiers do
    not count. No border of other provinces can be nearer over land. The straight way may cross water: Cixi lies 19 km
    from the border of Zhejiang and Shanghai, across Hangzhou Bay. Nearest points are found in a conformal projection,
    their distance is measured on the WGS 84 ellipsoid.
    """
    coverage = _opened(counties, province)
    found, counties = _between_provinces(coverage, province), coverage.frame
    provinces = counties[province].astype("str").to_numpy()
    neighbours = _neighbour_provinces(found, provinces)
    centres, kinds = _centres(counties)
    borders = _borders_by_province(found, provinces)
    shapes = np.array(counties.to_crs(CONFORMAL_CHINA).geometry.values)
    gaps = _distances_km(shapes, provinces, borders)
    on_border = np.array([bool(codes) for codes in neighbours], dtype=bool)
    return pd.DataFrame(
        {
            "code": counties["code"].to_numpy(),
            "on_border": on_border,
            "gap_to_border_km": np.where(on_border, 0.0, gaps),
            "distance_to_border_km": _distances_km(centres, provinces, borders),
            "centre": kinds,
            "neighbour_provinces": neighbours,
        }
    )


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


def _between_provinces(coverage: Coverage, province: str) -> SharedSegments:
    found, codes = coverage.segments, coverage.frame[province].to_numpy()
    return found.subset(codes[found.first] != codes[found.second])


def _merged(ends: np.ndarray) -> shapely.Geometry:
    return shapely.normalize(shapely.line_merge(shapely.multilinestrings(shapely.linestrings(ends))))


def _neighbour_provinces(found: SharedSegments, provinces: np.ndarray) -> list[str]:
    across: list[set[str]] = [set() for _ in provinces]
    for first, second in np.unique(np.stack([found.first, found.second], axis=1), axis=0):
        across[first].add(provinces[second])
        across[second].add(provinces[first])
    return [";".join(sorted(codes)) for codes in across]


def _borders_by_province(found: SharedSegments, provinces: np.ndarray) -> dict[str, shapely.Geometry]:
    lines = {}
    for code in np.unique(provinces):
        own = (provinces[found.first] == code) | (provinces[found.second] == code)
        if own.any():
            lines[code] = shapely.multilinestrings(shapely.linestrings(found.ends[own]))
    codes = list(lines)
    return dict(zip(codes, gpd.GeoSeries(list(lines.values()), crs=WGS84).to_crs(CONFORMAL_CHINA), strict=True))


def _centres(counties: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Centroids of the equal-area projection, an inside point where they fall outside; conformal positions, kinds."""
    shapes = np.array(to_equal_area(counties).geometry.values)
    centroids = shapely.centroid(shapes)
    inside = shapely.contains(shapes, centroids)
    chosen = np.where(inside, centroids, shapely.point_on_surface(shapes))
    placed = gpd.GeoSeries(chosen, crs=to_equal_area(counties.iloc[:0]).crs).to_crs(CONFORMAL_CHINA)
    return np.array(placed.values), np.where(inside, CENTROID, INSIDE_POINT)


def _distances_km(shapes: np.ndarray, provinces: np.ndarray, borders: dict[str, shapely.Geometry]) -> np.ndarray:
    """Geodesic distance from each shape (conformal projection) to the border of its province."""
    links = np.full(len(shapes), None, dtype=object)
    for code, line in borders.items():
        shapely.prepare(line)
        own = provinces == code
        links[own] = shapely.shortest_line(line, shapes[own])
    reached = np.array([link is not None for link in links], dtype=bool)
    ends = gpd.GeoSeries(links[reached], crs=CONFORMAL_CHINA).to_crs(WGS84)
    points = shapely.get_coordinates(ends.values).reshape(-1, 4)
    distances = np.full(len(shapes), np.nan)
    distances[reached] = np.asarray(ELLIPSOID.inv(*points.T)[2]) / 1000
    return distances
