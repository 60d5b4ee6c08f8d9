"""What a layer of counties cannot show: borders that run where a neighbour may be absent from it."""

import numpy as np
import shapely
from pyproj import CRS

from shanhai.geo.beyond import KnownBorders, Lines, projected
from shanhai.geo.edges import Coverage, lengths_km

_ALONG_KM = 10.0
"""An edge without a neighbour may be a border if a known border of its province runs within this distance, and no coast
or frontier is nearer. Layers of different makers lie a few kilometres apart at most."""

_MATCH_KM = 0.05
"""A known border is present in a layer if one of the layer runs within this distance, or within the largest distance
between the two where they are drawn differently."""

_STEP_KM = 0.5
"""Known borders are looked at in points no farther apart than this."""


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
        Borders that the layer shows, as of :func:`shanhai.geo.beyond.lines_by_province`.
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
    lines = projected(shapely.linestrings(outer.ends), crs)
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
    points = shapely.points(shapely.get_coordinates(shapely.segmentize(known, _STEP_KM * 1000)))
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
