"""Reference systems: which ones the project uses, and guards that stop a frame in the wrong one."""

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Geod

from shanhai.errors import BoundaryError

WGS84 = CRS.from_epsg(4326)
"""Longitude and latitude of every layer that is stored or loaded."""

ALBERS_CHINA = CRS.from_proj4("+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +x_0=0 +y_0=0 +datum=WGS84 +units=m")
"""Equal-area projection of China in metres: areas are true, distances are off by up to a few per cent."""

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


def to_equal_area(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Project a layer in degrees to the Albers equal-area projection of China (metres)."""
    return require_degrees(frame).to_crs(ALBERS_CHINA)
