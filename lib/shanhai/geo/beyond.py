"""What a layer of counties cannot show: borders that run where a neighbour may be absent from it.

An edge that one polygon has alone is a coast, a national frontier, or the edge of the map. Only knowledge from outside
the layer tells which: the borders and the outline of the whole country.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from shanhai.geo.crs import WGS84, conformal
from shanhai.geo.edges import Coverage, SharedSegments, lengths_km, open_coverage

_ALONG_KM = 10.0
"""An edge without a neighbour may be a border if a known border of its province runs within this distance, and no coast
or frontier is nearer. Layers of different makers lie a few kilometres apart at most."""

_MATCH_KM = 0.05
"""A known border is present in a layer if one of the layer runs within this distance, or within the largest distance
between the two where they are drawn differently."""

STEP_KM = 0.5
"""Known borders are looked at in points no farther apart than this."""

Lines = Mapping[str, shapely.Geometry]
"""Lines by the code of a province, in a conformal projection."""


@dataclass(frozen=True)
class KnownBorders:
    """Borders and outline of a whole country, beside which a layer that may hold a part of it is read."""

    units: Mapping[str, frozenset[str]]
    """Codes of the units of each province that is known; an island province has units and no border."""
    lines: Lines
    """Borders on land of each province with others."""
    outline: np.ndarray
    """Segments of coasts and national frontiers."""
    crs: CRS
    """Conformal projection of lines and outline."""

    @classmethod
    def of(cls, whole: gpd.GeoDataFrame, province: str = "prov_code") -> "KnownBorders":
        """Read them from a layer of units that nothing is absent from.

        Parameters
        ----------
        whole : GeoDataFrame
            ``code``, the province column, polygons of a valid coverage in degrees.
        province : str
            Column of province codes.

        Raises
        ------
        BoundaryError
            As :func:`shanhai.geo.edges.open_coverage`.

        Examples
        --------
        A layer that is complete in itself, such as an invented country, is its own knowledge:

        >>> from shanhai.geo.borders import measure_borders
        >>> import geopandas as gpd, shapely
        >>> squares = [shapely.box(x, 0, x + 1, 1) for x in (105, 106, 107)]
        >>> country = gpd.GeoDataFrame({"code": list("abc"), "prov_code": list("ABB")}, geometry=squares, crs=4326)
        >>> measure_borders(country)["on_border"].tolist()
        [True, True, <NA>]
        >>> measure_borders(country, known=KnownBorders.of(country))["on_border"].tolist()
        [True, True, False]
        """
        coverage = open_coverage(whole)
        codes = coverage.frame[province].astype("str").to_numpy()
        crs = conformal(coverage.frame)
        lines = lines_by_province(between_provinces(coverage, codes), codes, crs)
        units = coverage.frame["code"].astype("str").groupby(codes).agg(frozenset)
        return cls(units.to_dict(), lines, _projected(shapely.linestrings(coverage.outer.ends), crs), crs)


def between_provinces(coverage: Coverage, provinces: np.ndarray) -> SharedSegments:
    """Shared segments on land of units in two provinces."""
    land = coverage.on_land
    return land.subset(provinces[land.first] != provinces[land.second])


def lines_by_province(segments: SharedSegments, provinces: np.ndarray, crs: CRS) -> dict[str, shapely.Geometry]:
    """Borders of each province that has one, in a conformal projection."""
    ends = {}
    for code in np.unique(provinces):
        own = (provinces[segments.first] == code) | (provinces[segments.second] == code)
        if own.any():
            ends[code] = segments.ends[own]
    return dict(zip(ends, _projected([_multiline(piece) for piece in ends.values()], crs), strict=True))


def unseen_borders(
    coverage: Coverage, provinces: np.ndarray, borders: Lines, known: KnownBorders | None, crs: CRS
) -> tuple[np.ndarray, dict[str, shapely.Geometry]]:
    """Where borders may run that a layer does not show.

    Parameters
    ----------
    coverage : Coverage
    provinces : str, shape (n,)
        Province of each unit.
    borders : mapping
        Borders that the layer shows, as of :func:`lines_by_province`.
    known : KnownBorders or None
        Without it every edge of one unit only may be a border.
    crs : CRS
        Conformal projection of ``borders``: that of ``known`` where it is given.

    Returns
    -------
    open_km : float, shape (n,)
        Length of the edges of each unit across which a neighbour of another province may be absent.
    unseen : dict
        For each province where there are such edges, or known borders that the layer does not show: these lines, in
        this projection. No border that the layer does not show can be nearer than they are.

    Notes
    -----
    Where nothing is known, the straight way to a border outside the layer leaves it across an edge of one unit only.
    Where no known unit of a province is absent, its border is shown or runs along an edge of one unit only.
    """
    outer = coverage.outer
    lines = _projected(shapely.linestrings(outer.ends), crs)
    is_open = np.ones(len(lines), dtype=bool)
    of_province = provinces[outer.owner]
    present = coverage.frame["code"].astype("str")
    unseen: dict[str, list[shapely.Geometry]] = {}
    for code in np.unique(provinces):
        own = np.flatnonzero(of_province == code)
        if known is not None and code in known.units:
            is_open[own] = _may_be_border(lines[own], known.lines.get(code), known.outline)
            complete = known.units[code] <= set(present[provinces == code])
            hidden = [] if complete else _hidden(known.lines.get(code), borders.get(code))
            unseen[code] = [*hidden, *lines[own][is_open[own]]]
        else:
            unseen[code] = list(lines[own])
    lengths = np.where(is_open, lengths_km(outer.ends), 0.0)
    open_km = np.bincount(outer.owner, weights=lengths, minlength=len(provinces))
    return open_km, {code: shapely.GeometryCollection(pieces) for code, pieces in unseen.items() if pieces}


def _may_be_border(lines: np.ndarray, border: shapely.Geometry | None, outline: np.ndarray) -> np.ndarray:
    """Which edges run along a known border rather than along a coast or frontier, by their midpoints."""
    if border is None:
        return np.zeros(len(lines), dtype=bool)
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    to_border = _nearest(middles, shapely.get_parts(border), _ALONG_KM * 1000)
    near = np.isfinite(to_border)
    near[near] = to_border[near] <= _nearest(middles[near], outline)
    return near


def _hidden(known: shapely.Geometry | None, shown: shapely.Geometry | None) -> list[shapely.Geometry]:
    """Points of a known border, at most a step apart, that a layer does not show."""
    if known is None:
        return []
    points = shapely.points(shapely.get_coordinates(shapely.segmentize(known, STEP_KM * 1000)))
    if shown is None:
        return list(points)
    apart = _nearest(shapely.points(shapely.get_coordinates(shown)), shapely.get_parts(known)).max()
    reach = np.clip(apart, _MATCH_KM * 1000, _ALONG_KM * 1000)
    return list(points[_nearest(points, shapely.get_parts(shown)) > reach])


def _nearest(points: np.ndarray, lines: np.ndarray, within: float | None = None) -> np.ndarray:
    """Distance from each point to the nearest of many lines, infinite if it is not ``within`` reach."""
    distances = np.full(len(points), np.inf)
    if len(points) and len(lines):
        tree = shapely.STRtree(lines)
        index, apart = tree.query_nearest(points, max_distance=within, all_matches=False, return_distance=True)
        distances[index[0]] = apart
    return distances


def _multiline(ends: np.ndarray) -> shapely.Geometry:
    return shapely.multilinestrings(shapely.linestrings(ends))


def _projected(shapes: Sequence[shapely.Geometry] | np.ndarray, crs: CRS) -> np.ndarray:
    return np.array(gpd.GeoSeries(shapes, crs=WGS84).to_crs(crs).values, dtype=object)
