"""GCJ-02, the offset datum of Chinese web maps, to WGS 84."""

import numpy as np
import shapely

from shanhai.errors import BoundaryError


def degrees_from_gcj02(points: np.ndarray) -> np.ndarray:
    """Turn GCJ-02 positions into WGS 84.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Longitude and latitude in GCJ-02 degrees.

    Returns
    -------
    ndarray of shape (n, 2)
        Longitude and latitude in WGS 84 degrees, within 0.2 m of the inverse of the published offset.

    Raises
    ------
    BoundaryError
        The library ``eviltransform`` (an extra of the build) is not installed.

    Notes
    -----
    The offset is a smooth function of the position, about 500 m over the mainland. It has no closed inverse;
    ``eviltransform.gcj2wgs_exact`` finds it by bisection. Each distinct position is converted once, so that
    vertices shared by neighbours stay shared to the last bit.
    """
    try:
        import eviltransform  # an extra of the build: users of the committed shapefiles never need it
    except ImportError as missing:
        raise BoundaryError(
            "GCJ-02 positions need the library eviltransform (found: not installed). "
            "Install the build extras: pip install -e '.[build]'."
        ) from missing
    distinct, index = np.unique(points, axis=0, return_inverse=True)
    converted = [eviltransform.gcj2wgs_exact(latitude, longitude)[::-1] for longitude, latitude in distinct.tolist()]
    return np.array(converted, dtype=float).reshape(-1, 2)[index.ravel()]


def geometry_from_gcj02(geometry: np.ndarray) -> np.ndarray:
    """Turn an array of GCJ-02 geometries (degrees) into WGS 84, vertex by vertex."""
    return shapely.transform(geometry, degrees_from_gcj02)
