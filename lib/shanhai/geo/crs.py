"""Reference systems: which ones the project uses, and guards that stop a frame in the wrong one."""

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Geod

from shanhai.core.errors import BoundaryError

WGS84 = CRS.from_epsg(4326)
"""Longitude and latitude of every layer that is stored or loaded."""

ALBERS_CHINA = CRS.from_proj4("+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +x_0=0 +y_0=0 +datum=WGS84 +units=m")
"""Equal-area projection of China in metres: areas are true, distances are off by up to a few per cent."""

CONFORMAL_CHINA = CRS.from_proj4("+proj=lcc +lat_1=25 +lat_2=47 +lat_0=35 +lon_0=105 +datum=WGS84 +units=m")
"""Conformal projection in which nearest points are looked for; distances are then measured on the ellipsoid."""

_AROUND_CHINA = (73.0, 0.0, 136.0, 55.0)
"""Degrees west, south, east, north within which the two projections of China serve; elsewhere one is derived."""

ELLIPSOID = Geod(ellps="WGS84")
"""Ellipsoid on which lengths are measured."""


def require_degrees(frame: gpd.GeoDataFrame, what: str = "the boundary layer") -> gpd.GeoDataFrame:
    """Return ``frame`` in WGS 84 degrees, or refuse it.

    Parameters
    ----------
    frame : GeoDataFrame
        Any layer in a geographic reference system (degrees).
    what : str
        Name of the layer in the error message.

    Returns
    -------
    GeoDataFrame
        The same frame when it is in WGS 84 already, else a transformed copy.

    Raises
    ------
    BoundaryError
        The reference system is missing or projected (metres), or a coordinate is no longitude or latitude: what lies
        at or beyond a pole becomes infinite in a projection, and the geometry library ends the process on it.
    """
    if frame.crs is None:
        raise BoundaryError(
            f"{what} has no reference system (found: none; allowed: a geographic one such as EPSG:4326 or EPSG:4490). "
            "Add the .prj file, or set it with GeoDataFrame.set_crs."
        )
    if not frame.crs.is_geographic:
        raise BoundaryError(
            f"{what} is projected (found: {frame.crs.name}; allowed: degrees, such as EPSG:4326 or EPSG:4490). "
            "Transform it with GeoDataFrame.to_crs(4326) and save it again."
        )
    longitude, latitude = np.abs(shapely.get_coordinates(np.array(frame.geometry.values))).T
    if not ((longitude <= 180) & (latitude < 90)).all():  # what is no number is neither
        raise BoundaryError(
            f"{what} has coordinates that are no longitude and latitude (allowed: -180 to 180 and between the poles)."
            " If the two are exchanged, put them right:"
            " shapely.transform(frame.geometry.values, lambda points: points[:, ::-1])."
        )
    return frame if frame.crs == WGS84 else frame.to_crs(WGS84)


def conformal(layer: gpd.GeoDataFrame | gpd.GeoSeries) -> CRS:
    """Conformal projection for a layer in degrees of any country, in metres.

    That of China for layers around it, else the stereographic one about the middle of the layer, whose scale is 4 % too
    large 2,500 km away, in all directions alike: nearest points can be looked for in it.
    """
    return CONFORMAL_CHINA if _around_china(layer) else _about("stere", layer)


def _equal_area(layer: gpd.GeoDataFrame | gpd.GeoSeries) -> CRS:
    """Equal-area projection for a layer in degrees of any country, in metres: Albers for China, else Lambert's."""
    return ALBERS_CHINA if _around_china(layer) else _about("laea", layer)


def _around_china(layer: gpd.GeoDataFrame | gpd.GeoSeries) -> bool:
    """Whether a layer lies around China; one without any place counts as such."""
    west, south, east, north = layer.total_bounds
    if not np.isfinite([west, south, east, north]).all():
        return True
    low_x, low_y, high_x, high_y = _AROUND_CHINA
    return bool(low_x <= west and east <= high_x and low_y <= south and north <= high_y)


def _about(kind: str, layer: gpd.GeoDataFrame | gpd.GeoSeries) -> CRS:
    """Azimuthal projection about the middle of a layer, on whichever side of the 180th meridian its parts lie."""
    east, north = np.radians(shapely.get_coordinates(layer.geometry.values)).T
    middle = np.column_stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]).mean(axis=0)
    longitude, latitude = np.degrees([np.arctan2(middle[1], middle[0]), np.arctan2(middle[2], np.hypot(*middle[:2]))])
    # whole degrees, so that a layer and a part of it mostly share their projection
    return CRS.from_proj4(f"+proj={kind} +lat_0={latitude:.0f} +lon_0={longitude:.0f} +datum=WGS84 +units=m")


def to_equal_area(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Project a layer in degrees to the equal-area projection of its country (:func:`_equal_area`), in metres."""
    frame = require_degrees(frame)
    return frame.to_crs(_equal_area(frame))
