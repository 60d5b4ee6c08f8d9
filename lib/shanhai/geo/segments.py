"""Pieces of each border between two provinces, and where places lie towards them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from shanhai.core.errors import BoundaryError
from shanhai.geo.crs import ELLIPSOID, WGS84, conformal, require_degrees

_SEGMENT_KM = 100.0
"""Length that a segment is near to: long enough for some counties on each side, short enough to share a climate."""


def border_segments(
    lines: gpd.GeoDataFrame, length_km: float = _SEGMENT_KM, crs: CRS | None = None
) -> gpd.GeoDataFrame:
    """Cut the border of each pair of provinces into pieces of about equal length.

    Parameters
    ----------
    lines : GeoDataFrame
        ``prov_a``, ``prov_b`` and one line a pair, in degrees, as of :func:`shanhai.geo.borders.border_lines`.
    length_km : float
        Length wanted. A line of length L gets the whole number of pieces nearest to L / length_km, at least one.
    crs : CRS
        Conformal projection that nearest points are looked for in; none: the one that suits the lines.

    Returns
    -------
    GeoDataFrame
        ``pair`` (``330000-360000``), ``segment`` (``330000-360000-02``, counted along the line), ``prov_a``,
        ``prov_b``, ``length_km`` (on the ellipsoid), geometry in WGS 84.

    Raises
    ------
    BoundaryError
        Lines without the two columns or in metres, or a length that is not positive.

    Notes
    -----
    A border that an enclave or another province breaks has several parts. Parts shorter than half the length wanted
    join the nearest piece of the same pair.
    """
    lines = require_degrees(lines, "the border lines")
    absent = sorted({"prov_a", "prov_b"} - set(lines.columns))
    if absent:
        raise BoundaryError(f"The border lines have no column {', '.join(absent)}. Make them by border_lines.")
    if not 0 < length_km < np.inf:
        raise BoundaryError(f"Segments of {length_km} km; allowed: above 0. About 100 km suits counties.")
    crs = crs or conformal(lines)
    rows = []
    for line in lines.itertuples():
        pair = f"{line.prov_a}-{line.prov_b}"
        for number, piece in enumerate(_pieces(line.geometry, length_km, crs), start=1):
            rows.append(
                {
                    "pair": pair,
                    "segment": f"{pair}-{number:02d}",
                    "prov_a": line.prov_a,
                    "prov_b": line.prov_b,
                    "length_km": ELLIPSOID.geometry_length(piece) / 1000,
                    "geometry": piece,
                }
            )
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=WGS84)


def _pieces(line: shapely.Geometry, length_km: float, crs: CRS) -> list[shapely.Geometry]:
    """Pieces of one border, each a line or several."""
    parts = shapely.get_parts(line)
    lengths = np.array([ELLIPSOID.geometry_length(part) / 1000 for part in parts])
    whole = lengths >= length_km / 2
    if not whole.any():
        return [line]
    pieces = [
        piece
        for part, length in zip(parts[whole], lengths[whole], strict=True)
        for piece in _equal_pieces(part, max(1, int(np.floor(length / length_km + 0.5))))
    ]
    groups: list[list[shapely.Geometry]] = [[piece] for piece in pieces]
    flat = np.array(gpd.GeoSeries(pieces, crs=WGS84).to_crs(crs).values)
    for part, placed in zip(parts[~whole], gpd.GeoSeries(parts[~whole], crs=WGS84).to_crs(crs), strict=True):
        groups[int(np.argmin(shapely.distance(flat, placed)))].append(part)
    return [group[0] if len(group) == 1 else shapely.multilinestrings(group) for group in groups]


def _equal_pieces(line: shapely.LineString, count: int) -> list[shapely.LineString]:
    """A line cut at vertices and between them, so that pieces have equal length on the ellipsoid."""
    points = shapely.get_coordinates(line)
    steps = np.asarray(ELLIPSOID.inv(*points[:-1].T, *points[1:].T)[2])
    along = np.concatenate([[0.0], np.cumsum(steps)])
    cuts = np.linspace(0, along[-1], count + 1)
    places = np.column_stack([np.interp(cuts, along, column) for column in points.T])
    pieces = []
    for number in range(count):
        between = (along > cuts[number]) & (along < cuts[number + 1])
        pieces.append(shapely.linestrings(np.vstack([places[number], points[between], places[number + 1]])))
    return pieces


def locate_places(places: pd.DataFrame, segments: gpd.GeoDataFrame, crs: CRS | None = None) -> pd.DataFrame:
    """Where each place lies towards every border of its own province.

    Parameters
    ----------
    places : DataFrame
        ``code``, ``province_code``, ``longitude``, ``latitude`` (degrees): county centres, or seats of government.
    segments : GeoDataFrame
        Of :func:`border_segments`.
    crs : CRS
        As there, by the segments; coordinates of the result are taken in it.

    Returns
    -------
    DataFrame, one row a place and border of its province, sorted by code and pair
        ``code``, ``province_code``, ``across`` (the other province), ``pair``, ``segment`` (nearest one of the pair),
        ``distance_km`` (geodesic, to the nearest point of that pair's line), ``is_nearest`` (no other border of its
        province is nearer), ``x_km``, ``y_km``. Places of a province without land border have no row.

    Raises
    ------
    BoundaryError
        A column is absent, a coordinate missing, or no place lies in a province of the segments.
    """
    _require_places(places)
    crs = crs or conformal(segments)
    position = gpd.GeoSeries(gpd.points_from_xy(places["longitude"], places["latitude"]), crs=WGS84).to_crs(crs)
    points, provinces = np.array(position.values), places["province_code"].astype("str").to_numpy()
    flat = np.array(segments.to_crs(crs).geometry.values)
    tables = []
    for pair, rows in segments.groupby("pair", sort=True).indices.items():
        first, second = str(segments["prov_a"].iloc[rows[0]]), str(segments["prov_b"].iloc[rows[0]])
        own = np.flatnonzero((provinces == first) | (provinces == second))
        if not len(own):
            continue
        apart = np.column_stack([shapely.distance(points[own], flat[row]) for row in rows])
        nearest = rows[apart.argmin(axis=1)]
        links = gpd.GeoSeries(shapely.shortest_line(points[own], flat[nearest]), crs=crs).to_crs(WGS84)
        ends = shapely.get_coordinates(links.values).reshape(-1, 4)
        tables.append(
            pd.DataFrame(
                {
                    "code": places["code"].to_numpy()[own],
                    "province_code": provinces[own],
                    "across": np.where(provinces[own] == first, second, first),
                    "pair": pair,
                    "segment": segments["segment"].to_numpy()[nearest],
                    "distance_km": np.asarray(ELLIPSOID.inv(*ends.T)[2]) / 1000,
                    "x_km": shapely.get_x(points[own]) / 1000,
                    "y_km": shapely.get_y(points[own]) / 1000,
                }
            )
        )
    if not tables:
        raise BoundaryError("No place lies in a province of the segments. Compare the codes of both.")
    table = pd.concat(tables, ignore_index=True).sort_values(["code", "pair"], ignore_index=True)
    table.insert(6, "is_nearest", table.index.isin(table.groupby("code")["distance_km"].idxmin()))
    return table


def _require_places(places: pd.DataFrame) -> None:
    absent = [name for name in ("code", "province_code", "longitude", "latitude") if name not in places.columns]
    if absent:
        raise BoundaryError(f"The places have no column {', '.join(absent)} (found: {list(places.columns)}). Add it.")
    wrong = places.loc[places[["longitude", "latitude", "province_code"]].isna().any(axis=1), "code"]
    if len(wrong):
        named = ", ".join(wrong.astype("str").head(8))
        raise BoundaryError(f"{len(wrong)} places lack coordinates or province: {named}. Leave them out or fill in.")
