"""Sums over all pairs of places within a distance of each other, on a sphere of any radius.

Neighbouring places are gathered into small balls, the leaves of a KD-tree, and only balls that reach each other are
looked at: memory is linear in places, time in pairs near the distance. No matrix of all places by all places exists at
any moment. Distances are great circles, found from chords (straight lines through the sphere).

Source of the kernels: Conley (1999).
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.checks import as_numbers, require_same_rows
from shanhai.methods.regression._pair_weights import SAME, pair_weights
from shanhai.methods.spec import Distance, Kernel  # kernels are part of the specification

EARTH_RADIUS_KM = 6371.01
"""Mean radius of the Earth, as R's conleyreg takes it; fixest takes 6376, others 6378, so it can be chosen."""

FLAT_RADIUS_KM = 111 * 180 / np.pi
"""Radius at which a degree has 111 km, as on the flat maps of fixest and of the code after Hsiang (2010)."""

_BALL_SIZE = 64
"""Most rows of one ball; small enough that few far pairs are looked at, large enough for array arithmetic."""

_OPEN_SEA_KM = 500.0
"""No land lies nearer to 0° N 0° E: the coast of Ghana is some 570 km away."""

_ROUNDING = 1e-12
"""Slack in comparisons of distances on the unit sphere (6 micrometres on the Earth)."""


@dataclass(frozen=True, repr=False)
class Places(Shown):
    """Places of rows, and from what distance on they are independent."""

    points: Array
    """n x 3 points on the unit sphere; on a plane with this unit where distances are ``planar``."""
    reach: float
    """The cutoff as an angle; as a length of that plane."""
    kernel: Kernel
    """Weight by distance: ``uniform`` or ``bartlett``."""
    cutoff_km: float
    """Distance from which on two rows are independent."""
    radius_km: float
    """Radius of the Earth; NaN on a plane."""
    distance: Distance
    """How distances are measured."""


def places_of(
    longitude: ArrayLike,
    latitude: ArrayLike,
    *,
    kernel: Kernel,
    cutoff_km: float,
    radius_km: float | None = None,
    distance: Distance = "great_circle",
) -> Places:
    """Checked places.

    Parameters
    ----------
    longitude, latitude : n degrees, longitudes to 180 or to 360; n metres east and north where distance is ``planar``.
    kernel : ``"uniform"`` or ``"bartlett"``.
    cutoff_km : distance in km from which on two rows are independent.
    radius_km : radius of the Earth in km; None is 6371.01 for great circles and 111 km a degree for flat maps.
    distance : how distances are measured: see :data:`shanhai.methods.spec.Distance`.

    Raises
    ------
    SpecificationError
        If a coordinate is missing or out of range, the cutoff, radius, kernel or distance is not allowed, or metres
        look like degrees.

    Examples
    --------
    >>> from shanhai.methods.regression.pairs import places_of
    >>> places_of([120.0, 121.0], [28.0, 29.0], kernel="bartlett", cutoff_km=200.0).radius_km
    6371.01
    """
    if distance not in get_args(Distance):
        raise SpecificationError(f"distance {distance!r}; allowed: {', '.join(get_args(Distance))}. Name one of these.")
    if distance == "planar":
        return Places(*_on_a_plane(longitude, latitude, kernel, cutoff_km), kernel, float(cutoff_km), np.nan, distance)
    default = EARTH_RADIUS_KM if distance == "great_circle" else FLAT_RADIUS_KM
    radius = float(default if radius_km is None else radius_km)
    points, reach = on_unit_sphere(longitude, latitude, kernel, cutoff_km, radius)
    return Places(points, reach, kernel, float(cutoff_km), radius, distance)


def _on_a_plane(east: ArrayLike, north: ArrayLike, kernel: Kernel, cutoff_km: float) -> tuple[Array, float]:
    """Points of a map in metres (n x 3, the last zero) and the cutoff, both over the radius of the Earth."""
    if kernel not in get_args(Kernel):
        raise SpecificationError(f"kernel {kernel!r}; allowed: {', '.join(get_args(Kernel))}. Name one of these.")
    require_same_rows({"east": east, "north": north})
    metres = np.column_stack([as_numbers(east, "the coordinate to the east"), as_numbers(north, "that to the north")])
    if not (0 < cutoff_km < np.inf and len(metres)):
        raise SpecificationError(
            f"cutoff of {cutoff_km} km for {len(metres)} rows; allowed: more than 0, one row or more. Take km, as "
            "coordinates are metres."
        )
    if (np.abs(metres) <= 360).all() and np.ptp(metres, axis=0).max() < 1000 * cutoff_km:
        raise SpecificationError(
            f"coordinates lie between {metres.min():g} and {metres.max():g}, all within the cutoff of {cutoff_km:g} km "
            "if these are metres; allowed with distance 'planar': metres of a map. Degrees take 'great_circle': leave "
            "the distance out, or project them."
        )
    metres = metres / (1000 * EARTH_RADIUS_KM)
    return np.column_stack([metres, np.zeros(len(metres))]), cutoff_km / EARTH_RADIUS_KM


def on_unit_sphere(
    longitude: ArrayLike, latitude: ArrayLike, kernel: Kernel, cutoff_km: float, radius_km: float
) -> tuple[Array, float]:
    """Points on the unit sphere (n x 3) and the cutoff as an angle.

    Parameters
    ----------
    longitude, latitude : n degrees
    kernel : ``"uniform"`` or ``"bartlett"``
    cutoff_km, radius_km : float
        Distance from which on two rows are independent, and radius of the Earth, in km.

    Returns
    -------
    array, n x 3, and float
        Points, and the cutoff in radians.

    Raises
    ------
    SpecificationError
        If a coordinate is missing or out of range, or the cutoff, radius or kernel is not allowed.

    Examples
    --------
    >>> from shanhai.methods.regression.pairs import on_unit_sphere
    >>> points, reach = on_unit_sphere([0.0, 90.0], [10.0, 0.0], "uniform", 100.0, 6371.01)
    >>> points.round(2).tolist(), round(reach, 4)
    ([[0.98, 0.0, 0.17], [0.0, 1.0, 0.0]], 0.0157)
    """
    if kernel not in get_args(Kernel):
        raise SpecificationError(f"kernel {kernel!r}; allowed: {', '.join(get_args(Kernel))}. Name one of these.")
    east, north = as_degrees(longitude, latitude)
    if not 0 < radius_km < np.inf:
        raise SpecificationError(f"radius of {radius_km:g} km; allowed: more than 0, such as {EARTH_RADIUS_KM}.")
    if not 0 < cutoff_km < np.pi * radius_km:
        raise SpecificationError(
            f"cutoff of {cutoff_km} km; allowed: more than 0 and less than half the circumference "
            f"({np.pi * radius_km:.0f} km). Take the distance beyond which shocks are not shared."
        )
    return _points(east, north), cutoff_km / radius_km


def as_degrees(
    longitude: ArrayLike | pd.Series, latitude: ArrayLike | pd.Series, *, missing: bool = False
) -> tuple[Array, Array]:
    """Longitude and latitude of places as floats, missing ones as NaN where that is allowed.

    Parameters
    ----------
    longitude, latitude : n degrees
        Longitudes may run to 180 or to 360.
    missing : bool
        Let missing coordinates pass, as NaN.

    Returns
    -------
    tuple of two arrays, n
        Degrees.

    Raises
    ------
    SpecificationError
        If they have different rows, a coordinate is no number, missing or out of range, or a place lies at 0° N 0° E,
        in the ocean, with no other place near: zeros there stand for a place that is not known.

    Examples
    --------
    >>> from shanhai.methods.regression.pairs import as_degrees
    >>> [values.tolist() for values in as_degrees([120, 121], [28, 29])]
    [[120.0, 121.0], [28.0, 29.0]]
    """
    require_same_rows({"longitude": longitude, "latitude": latitude})
    east, north = (
        as_numbers(values, name, missing=True) for values, name in ((longitude, "longitude"), (latitude, "latitude"))
    )
    if len(east) != len(north) or not len(east):
        raise SpecificationError(
            f"longitude has {len(east)} rows, latitude {len(north)}; allowed: one of each a row, one row or more. Pass "
            "two columns of one frame."
        )
    for name, values, low, high in (("longitude", east, -180, 360), ("latitude", north, -90, 90)):
        wrong = ~((values >= low) & (values <= high) | (missing & np.isnan(values)))
        if wrong.any():
            raise SpecificationError(
                f"{name} is {values[wrong][0]:g} in row {int(np.argmax(wrong))} ({int(wrong.sum())} rows); allowed: "
                f"{low} to {high} degrees. Drop rows without place, and pass degrees, longitude first; "
                "metres of a map go into fit() with their crs='EPSG:...', or with distance='planar' of conley."
            )
    _refuse_zeros(east, north)
    return east, north


def _refuse_zeros(east: Array, north: Array) -> None:
    """Refuse zeros that stand for a place not known; a simulated map around them has other places near."""
    zero = (east == 0) & (north == 0)
    elsewhere = _points(east, north)[~zero & np.isfinite(east + north)]
    if zero.any() and len(elsewhere) and (2 - 2 * elsewhere[:, 0]).min() > (_OPEN_SEA_KM / EARTH_RADIUS_KM) ** 2:
        raise SpecificationError(
            f"longitude and latitude are zero in row {int(np.argmax(zero))} ({int(zero.sum())} rows), a place in the "
            f"ocean more than {_OPEN_SEA_KM:g} km from every other; allowed: coordinates of the place itself. Look "
            "them up, or drop these rows."
        )


def _points(east: Array, north: Array) -> Array:
    """Places in degrees as points on the unit sphere, n x 3."""
    phi, theta = np.radians(north), np.radians(east)
    return np.column_stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])


def kernel_sum(
    scores: Array, points: Array, kernel: Kernel, reach: float, distance: Distance = "great_circle"
) -> tuple[Array, int]:
    """Sum of kernel-weighted products of scores over all ordered pairs, a row with itself included.

    Rows at exactly the same place are added up first, which changes nothing and keeps memory small however many there
    are at one place.

    Parameters
    ----------
    scores : n x k.
    points, reach : from :func:`on_unit_sphere`.
    kernel : ``"uniform"`` or ``"bartlett"``.
    distance : how distances are measured.

    Returns
    -------
    The k x k sum, and the number of pairs of different rows within reach.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.regression.pairs import kernel_sum, on_unit_sphere
    >>> points, reach = on_unit_sphere([120.0, 120.5], [0.0, 0.0], "uniform", 100.0, 6371.01)
    >>> kernel_sum(np.array([[1.0], [2.0]]), points, "uniform", reach)  # 1 + 4, and 2 times 1 x 2
    (array([[9.]]), 1)
    """
    scores, points, rows = _by_place(scores, points)
    order, starts = _balls(points)
    points, scores = points[order], scores[order]
    rows = None if rows is None else rows[order]
    sums = np.add.reduceat(scores, starts[:-1])
    sizes = np.diff(starts) if rows is None else np.add.reduceat(rows, starts[:-1])
    across = np.zeros((scores.shape[1], scores.shape[1]))
    within = np.zeros_like(across)
    doubled = 0.0
    # on a flat map a pair within reach is at most the root of two times as far on the sphere: one leg along a meridian,
    # one along a parallel
    flat = distance in ("triangular", "local")
    angle = min(reach * np.sqrt(2), np.pi) if flat else reach
    chord = reach * (1 + SAME) if distance == "planar" else 2 * np.sin(angle / 2)
    for ball, reached, inside in _reachable(points, starts, chord):
        own = slice(starts[ball], starts[ball + 1])
        if kernel == "uniform" and not flat:  # balls wholly inside the cutoff count by their sums
            across += np.outer(sums[ball], sums[reached[inside]].sum(axis=0))
            doubled += 2 * int(sizes[ball] * sizes[reached[inside]].sum())
            reached = reached[~inside]
        if len(reached):
            others = np.concatenate([np.arange(starts[other], starts[other + 1]) for other in reached])
            weights = pair_weights(points[own], points[others], kernel, reach, distance)
            doubled += 2 * _counted(weights, rows, own, others)
            across += scores[own].T @ (weights @ scores[others])
        weights = pair_weights(points[own], points[own], kernel, reach, distance)
        doubled += _counted(weights, rows, own, own) - int(sizes[ball])
        within += scores[own].T @ (weights @ scores[own])
    return across + across.T + within, int(doubled) // 2


def _by_place(scores: Array, points: Array) -> tuple[Array, Array, Codes | None]:
    """Sums of scores by place, the places, and the rows at each; all as they are where no two rows share a place."""
    first = np.sort(points[:, 0])
    if not (first[1:] == first[:-1]).any():  # a quick look that settles most cases
        return scores, points, None
    order = np.lexsort(points.T)
    sorted_points = points[order]
    new = np.concatenate([[True], (sorted_points[1:] != sorted_points[:-1]).any(axis=1)])
    if new.all():
        return scores, points, None
    starts = np.flatnonzero(new)
    return (
        np.add.reduceat(scores[order], starts),
        sorted_points[starts],
        np.diff([*starts, len(points)]).astype(np.int64),
    )


def _counted(weights: Array, rows: Codes | None, left: slice | Codes, right: slice | Codes) -> int:
    """Pairs of rows with a weight, where a place may stand for several rows."""
    if rows is None:
        return int(np.count_nonzero(weights > 0))
    return int(rows[left] @ ((weights > 0) @ rows[right]))


def _balls(points: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Order of rows in which the leaves of a KD-tree follow each other, and where each leaf starts (and the end)."""
    from scipy.spatial import cKDTree

    tree = cKDTree(points, leafsize=_BALL_SIZE)
    starts = []
    nodes = [tree.tree]
    while nodes:
        node = nodes.pop()
        if node.split_dim == -1:
            starts.append(node.start_idx)
        else:
            nodes += [node.lesser, node.greater]
    return tree.indices.astype(np.int64), np.array([*sorted(starts), len(points)], dtype=np.int64)


def _reachable(
    points: Array, starts: NDArray[np.int64], chord: float
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.bool_]]]:
    """Every ball with the later balls of which some point may be within a chord, and whether all points surely are."""
    from scipy.spatial import cKDTree

    sizes = np.diff(starts)
    centres = np.add.reduceat(points, starts[:-1]) / sizes[:, None]
    radii = np.sqrt(np.maximum.reduceat(((points - np.repeat(centres, sizes, axis=0)) ** 2).sum(axis=1), starts[:-1]))
    near = cKDTree(centres).query_pairs(chord + 2 * radii.max() + _ROUNDING, output_type="ndarray")
    apart = np.sqrt(((centres[near[:, 0]] - centres[near[:, 1]]) ** 2).sum(axis=1))
    slack = radii[near].sum(axis=1) + _ROUNDING
    reached = np.flatnonzero(apart <= chord + slack)
    reached = reached[np.lexsort((near[reached, 1], near[reached, 0]))]
    near, inside = near[reached], (apart + slack <= chord)[reached]
    ends = np.searchsorted(near[:, 0], np.arange(len(sizes) + 1))
    for ball, (first, last) in enumerate(itertools.pairwise(ends)):
        yield ball, near[first:last, 1], inside[first:last]


def kernel_matrix(
    longitude: ArrayLike,
    latitude: ArrayLike,
    *,
    kernel: Kernel,
    cutoff_km: float,
    radius_km: float = EARTH_RADIUS_KM,
) -> sparse.csr_array:
    """Kernel weights of all pairs within the cutoff, to be used for many regressions on the same rows.

    The middle of each sandwich is then ``scores.T @ (matrix @ scores)``. Memory is linear in pairs: where many rows lie
    at one place, :func:`shanhai.methods.conley_covariance` takes none for them, this every pair.

    Parameters
    ----------
    longitude, latitude : n degrees; longitudes may run to 180 or to 360.
    kernel : ``"uniform"`` or ``"bartlett"``.
    cutoff_km : distance in km from which on two rows are independent.
    radius_km : radius of the sphere in km.

    Returns
    -------
    scipy.sparse.csr_array, n x n, symmetric with ones on the diagonal.

    Raises
    ------
    SpecificationError
        If a coordinate is missing or out of range, or the cutoff, radius or kernel is not allowed.

    References
    ----------
    Conley, T. G. (1999), Journal of Econometrics 92, 1-45.

    Examples
    --------
    >>> from shanhai.methods import kernel_matrix
    >>> weights = kernel_matrix([120.0, 121.0, 130.0], [30.0, 30.0, 30.0], kernel="bartlett", cutoff_km=200)
    >>> weights.toarray().round(2).tolist()  # the first two lie 96 km apart
    [[1.0, 0.52, 0.0], [0.52, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    from scipy.spatial import cKDTree

    points, reach = on_unit_sphere(longitude, latitude, kernel, cutoff_km, radius_km)
    n = len(points)
    pairs = cKDTree(points).query_pairs(2 * np.sin(reach / 2), output_type="ndarray")
    left, right = pairs[:, 0], pairs[:, 1]
    chord = np.sqrt(((points[left] - points[right]) ** 2).sum(axis=1))
    weights = np.ones(len(pairs)) if kernel == "uniform" else np.maximum(1 - 2 * np.arcsin(chord / 2) / reach, 0.0)
    half = sparse.coo_array((weights, (left, right)), shape=(n, n)).tocsr()
    return (half + half.T + sparse.eye_array(n)).tocsr()
