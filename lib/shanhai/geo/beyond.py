"""Borders, coasts and frontiers of a whole country: what a layer of a part of it is read beside.

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
from shanhai.geo.edges import Coverage, SharedSegments, open_coverage

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
        return cls(units.to_dict(), lines, projected(shapely.linestrings(coverage.outer.ends), crs), crs)


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
    return dict(zip(ends, projected([_multiline(piece) for piece in ends.values()], crs), strict=True))


def _multiline(ends: np.ndarray) -> shapely.Geometry:
    return shapely.multilinestrings(shapely.linestrings(ends))


def projected(shapes: Sequence[shapely.Geometry] | np.ndarray, crs: CRS) -> np.ndarray:
    """Shapes in degrees, in a projection."""
    return np.array(gpd.GeoSeries(shapes, crs=WGS84).to_crs(crs).values, dtype=object)
