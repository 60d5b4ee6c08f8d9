"""Kernel weights of pairs of places, by each way to measure their distance."""

import numpy as np

from shanhai.methods.arrays import Array
from shanhai.methods.spec import Distance, Kernel

SAME = 1e-9
"""Share of the cutoff within which a distance on a map is the cutoff itself, as those on a grid are."""

_SERIES_REACH = 0.15
"""Angle up to which the series below is exact to 1e-15 (956 km on the Earth)."""

_ARCSINE_SERIES = (1.0, 1 / 24, 3 / 640, 5 / 7168, 35 / 294912, 63 / 2883584)
"""Coefficients of ``2 arcsin(c / 2) / c`` in powers of the squared chord c."""


def pair_weights(left: Array, right: Array, kernel: Kernel, reach: float, distance: Distance = "great_circle") -> Array:
    """Kernel weights between two sets of points; 1 at distance zero, 0 beyond the reach."""
    from scipy.spatial.distance import cdist  # here, because the import takes longer than that of the library

    if distance == "planar":
        apart = cdist(left, right) / reach
        return (apart <= 1 + SAME).astype(np.float64) if kernel == "uniform" else np.maximum(1 - apart, 0.0)
    if distance != "great_circle":
        return _flat_weights(left, right, kernel, reach, distance)
    squared_chord = cdist(left, right, "sqeuclidean")
    if kernel == "uniform":
        return (squared_chord <= 4 * np.sin(reach / 2) ** 2).astype(np.float64)
    chord = np.sqrt(squared_chord)
    if reach > _SERIES_REACH:
        weights = 1 - 2 * np.arcsin(np.minimum(chord / 2, 1.0)) / reach
    else:
        weights = _series(squared_chord, reach)
        weights *= chord
        weights += 1
    return np.maximum(weights, 0.0, out=weights)


def _flat_weights(left: Array, right: Array, kernel: Kernel, reach: float, distance: Distance) -> Array:
    """Kernel weights by distances on a flat map: degrees of longitude of the mean latitude, or of either end's."""
    (east, north), (other_east, other_north) = (
        (np.arctan2(points[:, 1], points[:, 0]), np.arcsin(np.clip(points[:, 2], -1, 1))) for points in (left, right)
    )
    up = (north[:, None] - other_north) ** 2
    across = np.abs(east[:, None] - other_east)
    across = np.minimum(across, 2 * np.pi - across)

    def weights(width: Array) -> Array:
        apart = np.sqrt(up + (width * across) ** 2) / reach
        return (apart <= 1).astype(np.float64) if kernel == "uniform" else np.maximum(1 - apart, 0.0)

    if distance == "triangular":
        return weights(np.cos((north[:, None] + other_north) / 2))
    return (weights(np.cos(north)[:, None]) + weights(np.cos(other_north)[None, :])) / 2


def _series(squared_chord: Array, reach: float) -> Array:
    """Minus the angle over chord and reach, by the series of the arcsine; several times as fast as the function.

    Terms too small to count within reach are left out. All terms have one sign and rise, so beyond the reach the angle
    is not exact, but certain to stay beyond it.
    """
    terms = [-term / reach for power, term in enumerate(_ARCSINE_SERIES) if term * reach ** (2 * power) > 1e-17]
    series = np.full_like(squared_chord, terms[-1])
    for term in terms[-2::-1]:
        series *= squared_chord
        series += term
    return series
