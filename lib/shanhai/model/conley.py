"""Spatial covariance of Conley (1999): rows closer than a cutoff are correlated, in any country, at any scale.

The middle of the sandwich is the sum over all pairs of rows within the cutoff of ``K(distance) s_i s_j'``, with scores
``s`` (regressor times residual). Distances are great circles. Neighbouring rows are gathered into small balls of a
KD-tree, and only pairs of balls that reach each other are looked at: memory is linear in rows, time in pairs near the
cutoff. No matrix of all rows by all rows exists at any moment.

Neither kernel makes the covariance positive semidefinite on a sphere (the cone that Bartlett's kernel turns into in two
dimensions does not either), so its state is part of the result, and it is repaired only when asked.

References
----------
Conley, T. G. (1999), GMM estimation with cross sectional dependence, Journal of Econometrics 92, 1-45.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from shanhai.errors import SpecificationError

Array = NDArray[np.float64]

Kernel = Literal["uniform", "bartlett"]
"""``uniform``: 1 up to the cutoff; ``bartlett``: 1 - distance / cutoff."""

EARTH_RADIUS_KM = 6371.01
"""Mean radius of the Earth, as R's fixest takes it; other programs take 6376 or 6378, so it can be chosen."""

BALL_SIZE = 64
"""Most rows of one ball; small enough that few far pairs are looked at, large enough for array arithmetic."""

PSD_TOLERANCE = 1e-12
"""An eigenvalue above minus this share of the largest counts as zero."""


@dataclass(frozen=True)
class ConleyCovariance:
    """A spatial covariance with what must be known to trust it."""

    matrix: Array
    """k x k covariance of the coefficients; repaired if ``repaired``."""
    kernel: Kernel
    cutoff_km: float
    radius_km: float
    pairs: int
    """Pairs of different rows within the cutoff."""
    smallest_eigenvalue: float
    """Of the covariance before any repair."""
    is_psd: bool
    """Whether the covariance was positive semidefinite before any repair."""
    repaired: bool
    """Whether negative eigenvalues were set to zero."""

    @property
    def se(self) -> Array:
        """k standard errors; NaN where the covariance, not repaired, gives a negative variance."""
        variances = np.diag(self.matrix)
        return np.sqrt(np.where(variances < 0, np.nan, variances))

    @property
    def note(self) -> str:
        """One sentence on the state of the matrix for the foot of a table; empty if there is nothing to say."""
        if self.is_psd:
            return ""
        state = "negative eigenvalues were set to zero" if self.repaired else "it was left as it is"
        return (
            f"The Conley covariance ({self.kernel}, {self.cutoff_km:g} km) is not positive semidefinite "
            f"(smallest eigenvalue {self.smallest_eigenvalue:.3g}); {state}."
        )


def conley_covariance(
    scores: Array,
    bread: Array,
    longitude: ArrayLike,
    latitude: ArrayLike,
    *,
    kernel: Kernel,
    cutoff_km: float,
    radius_km: float = EARTH_RADIUS_KM,
    repair: bool = False,
) -> ConleyCovariance:
    """Conley's covariance of least-squares coefficients, without a small-sample factor.

    Parameters
    ----------
    scores : n x k, each row's regressors times its residual (weights and demeaning already in both).
    bread : k x k, inverse of the crossproduct of the regressors.
    longitude, latitude : n degrees; longitudes may run to 180 or to 360.
    kernel : ``"uniform"`` or ``"bartlett"``.
    cutoff_km : distance from which on two rows are independent; a pair at exactly this distance counts under uniform.
    radius_km : radius of the sphere.
    repair : set negative eigenvalues of the covariance to zero (the nearest positive semidefinite matrix).

    Returns
    -------
    ConleyCovariance

    Raises
    ------
    SpecificationError
        If shapes differ, a value is missing, a coordinate or the cutoff is out of range, or the kernel is unknown.
    """
    points, reach = _checked(longitude, latitude, kernel, cutoff_km, radius_km)
    _check_scores(scores, bread, len(points))
    meat, pairs = _meat(np.ascontiguousarray(scores, dtype=np.float64), points, kernel, reach)
    matrix = bread @ meat @ bread
    matrix = (matrix + matrix.T) / 2
    values, vectors = np.linalg.eigh(matrix)
    is_psd = bool(values[0] >= -PSD_TOLERANCE * max(values[-1], 0.0))
    repaired = repair and not is_psd
    if repaired:
        matrix = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return ConleyCovariance(
        matrix, kernel, float(cutoff_km), float(radius_km), pairs, float(values[0]), is_psd, repaired
    )


def kernel_matrix(
    longitude: ArrayLike,
    latitude: ArrayLike,
    *,
    kernel: Kernel,
    cutoff_km: float,
    radius_km: float = EARTH_RADIUS_KM,
) -> sparse.csr_array:
    """Kernel weights of all pairs within the cutoff, to be used for many regressions on the same rows.

    The middle of each sandwich is then ``scores.T @ (matrix @ scores)``. Memory is linear in pairs; parameters and
    errors are those of :func:`conley_covariance`.

    Returns
    -------
    scipy.sparse.csr_array, n x n, symmetric with ones on the diagonal.
    """
    points, reach = _checked(longitude, latitude, kernel, cutoff_km, radius_km)
    n = len(points)
    pairs = cKDTree(points).query_pairs(2 * np.sin(reach / 2), output_type="ndarray")
    left, right = pairs[:, 0], pairs[:, 1]
    chord = np.sqrt(((points[left] - points[right]) ** 2).sum(axis=1))
    weights = np.ones(len(pairs)) if kernel == "uniform" else np.maximum(1 - 2 * np.arcsin(chord / 2) / reach, 0.0)
    half = sparse.coo_array((weights, (left, right)), shape=(n, n)).tocsr()
    return (half + half.T + sparse.eye_array(n)).tocsr()


def _meat(scores: Array, points: Array, kernel: Kernel, reach: float) -> tuple[Array, int]:
    """Sum of kernel-weighted products of scores over all ordered pairs, and the number of unordered ones."""
    order, starts = _balls(points)
    points, scores = points[order], scores[order]
    meat = np.zeros((scores.shape[1], scores.shape[1]))
    pairs = 0
    for ball, others in _reachable(points, starts, 2 * np.sin(reach / 2)):
        own = slice(starts[ball], starts[ball + 1])
        rows = np.concatenate([np.arange(starts[other], starts[other + 1]) for other in others])
        weights = _weights(points[own], points[rows], kernel, reach)
        pairs += int(np.count_nonzero(weights))
        meat += scores[own].T @ (weights @ scores[rows])
    within = 0.0
    for first, last in zip(starts[:-1], starts[1:], strict=True):
        weights = _weights(points[first:last], points[first:last], kernel, reach)
        pairs += (int(np.count_nonzero(weights)) - (last - first)) // 2
        within = within + scores[first:last].T @ (weights @ scores[first:last])
    return meat + meat.T + within, pairs


def _weights(left: Array, right: Array, kernel: Kernel, reach: float) -> Array:
    """Kernel weights between two sets of points on the unit sphere; 1 at distance zero."""
    squared_chord = cdist(left, right, "sqeuclidean")
    if kernel == "uniform":
        return (squared_chord <= 4 * np.sin(reach / 2) ** 2).astype(np.float64)
    np.sqrt(squared_chord, out=squared_chord)
    angle = 2 * np.arcsin(np.minimum(squared_chord / 2, 1.0))
    return np.maximum(1 - angle / reach, 0.0)


def _balls(points: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Order of the rows in which the leaves of a KD-tree follow each other, and where each leaf starts (and the end)."""
    tree = cKDTree(points, leafsize=BALL_SIZE)
    starts = []
    nodes = [tree.tree]
    while nodes:
        node = nodes.pop()
        if node.split_dim == -1:
            starts.append(node.start_idx)
        else:
            nodes += [node.lesser, node.greater]
    return tree.indices.astype(np.int64), np.array([*sorted(starts), len(points)], dtype=np.int64)


def _reachable(points: Array, starts: NDArray[np.int64], chord: float) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Each ball with the later balls of which some point may be within the chord."""
    sizes = np.diff(starts)
    centres = np.add.reduceat(points, starts[:-1]) / sizes[:, None]
    radii = np.sqrt(np.maximum.reduceat(((points - np.repeat(centres, sizes, axis=0)) ** 2).sum(axis=1), starts[:-1]))
    near = cKDTree(centres).query_pairs(chord + 2 * radii.max() + 1e-12, output_type="ndarray")
    apart = np.sqrt(((centres[near[:, 0]] - centres[near[:, 1]]) ** 2).sum(axis=1))
    near = near[apart <= chord + radii[near].sum(axis=1) + 1e-12]
    near = near[np.argsort(near[:, 0], kind="stable")]
    for group in np.split(near, np.flatnonzero(np.diff(near[:, 0])) + 1):
        if len(group):
            yield int(group[0, 0]), group[:, 1]


def _checked(
    longitude: ArrayLike, latitude: ArrayLike, kernel: Kernel, cutoff_km: float, radius_km: float
) -> tuple[Array, float]:
    """Points on the unit sphere (n x 3) and the cutoff as an angle."""
    if kernel not in get_args(Kernel):
        raise SpecificationError(f"kernel {kernel!r}; allowed: {', '.join(get_args(Kernel))}. Name one of these.")
    east, north = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
    if east.ndim != 1 or east.shape != north.shape or not len(east):
        raise SpecificationError(
            f"longitude has the shape {east.shape}, latitude {north.shape}; allowed: one of each a row. Pass two columns."
        )
    for name, values, low, high in (("longitude", east, -180, 360), ("latitude", north, -90, 90)):
        wrong = ~((values >= low) & (values <= high))
        if wrong.any():
            raise SpecificationError(
                f"{name} is {values[wrong][0]:g} in row {int(np.argmax(wrong))} ({int(wrong.sum())} rows); allowed: "
                f"{low} to {high} degrees. Drop rows without place, and pass degrees, longitude first."
            )
    if not 0 < radius_km < np.inf:
        raise SpecificationError(f"radius of {radius_km} km; allowed: more than 0, such as {EARTH_RADIUS_KM}.")
    if not 0 < cutoff_km < np.pi * radius_km:
        raise SpecificationError(
            f"cutoff of {cutoff_km} km; allowed: more than 0 and less than half the circumference "
            f"({np.pi * radius_km:.0f} km). Take the distance beyond which shocks are not shared."
        )
    phi, theta = np.radians(north), np.radians(east)
    points = np.column_stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])
    return points, cutoff_km / radius_km


def _check_scores(scores: Array, bread: Array, n: int) -> None:
    if np.ndim(scores) != 2 or len(scores) != n:
        raise SpecificationError(
            f"scores have the shape {np.shape(scores)}, coordinates {n} rows; allowed: the same rows in the same order. "
            "Take both from the rows that the regression used."
        )
    k = np.shape(scores)[1]
    if np.shape(bread) != (k, k):
        raise SpecificationError(f"bread has the shape {np.shape(bread)}; allowed: ({k}, {k}), as scores have {k} columns.")
    if not (np.isfinite(scores).all() and np.isfinite(bread).all()):
        raise SpecificationError("scores or bread hold a missing or infinite value; allowed: finite numbers. Drop those rows.")
