"""GCJ-02 and BD-09, the offset datums of Chinese web maps, and WGS 84."""

from collections.abc import Callable, Mapping

import numpy as np
import shapely

from shanhai.core.errors import BoundaryError
from shanhai.core.paths import INSTALL_BUILD


def _degrees_from_gcj02(points: np.ndarray) -> np.ndarray:
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
            f"Install what building needs: `{INSTALL_BUILD}`."
        ) from missing
    distinct, index = np.unique(points, axis=0, return_inverse=True)
    converted = [eviltransform.gcj2wgs_exact(latitude, longitude)[::-1] for longitude, latitude in distinct.tolist()]
    return np.array(converted, dtype=float).reshape(-1, 2)[index.ravel()]


def geometry_from_gcj02(geometry: np.ndarray) -> np.ndarray:
    """Turn an array of GCJ-02 geometries (degrees) into WGS 84, vertex by vertex."""
    return shapely.transform(geometry, _degrees_from_gcj02)


_AXIS = 6378245.0
_ECCENTRICITY2 = 0.00669342162296594323
"""Krasovsky 1940, on which the offset of GCJ-02 is defined."""


def _degrees_to_gcj02(points: np.ndarray) -> np.ndarray:
    """Turn WGS 84 positions into GCJ-02, by the formula that web maps of China share.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Longitude and latitude in WGS 84 degrees, in China.

    Returns
    -------
    ndarray of shape (n, 2)
        Longitude and latitude in GCJ-02 degrees.
    """
    x, y = points[:, 0] - 105.0, points[:, 1] - 35.0
    common = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    root = np.sqrt(np.abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root + common * 2 / 3
    north += (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    north += (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root + common * 2 / 3
    east += (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    east += (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    latitude = np.radians(points[:, 1])
    magic = 1 - _ECCENTRICITY2 * np.sin(latitude) ** 2
    north = np.degrees(north * magic**1.5 / (_AXIS * (1 - _ECCENTRICITY2)))
    east = np.degrees(east * np.sqrt(magic) / (_AXIS * np.cos(latitude)))
    return points + np.column_stack([east, north])


def _degrees_to_bd09(points: np.ndarray) -> np.ndarray:
    """Turn WGS 84 positions into BD-09, Baidu's second offset on top of GCJ-02 (shapes as there)."""
    x, y = _degrees_to_gcj02(points).T
    turn = np.pi * 3000 / 180
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * turn)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * turn)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


OFFSETS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {"GCJ-02": _degrees_to_gcj02, "BD-09": _degrees_to_bd09}
"""Offset datums of Chinese web maps: the way from WGS 84 to each."""


def without_offset(points: np.ndarray, datum: str) -> np.ndarray:
    """Turn positions in an offset datum into WGS 84, to a millimetre and for a whole layer at once.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Longitude and latitude, degrees.
    datum : str
        A key of :data:`OFFSETS`.

    Notes
    -----
    Between two places the offset changes by less than a hundredth of the way, so that taking it where the last guess
    stands brings the guess a hundred times nearer each time: five times are enough.
    """
    guess = points
    for _ in range(5):
        guess = guess - (OFFSETS[datum](guess) - points)
    return guess
