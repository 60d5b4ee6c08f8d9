"""Spatial covariance of Conley (1999): rows closer than a cutoff are correlated, in any country, at any scale.

The middle of the sandwich is the sum over all pairs of rows within the cutoff of ``K(distance) s_i s_j'``, with scores
``s`` (regressor times residual) and great-circle distances.

Neither kernel makes the covariance positive semidefinite on a sphere (the cone that Bartlett's kernel turns into in two
dimensions does not either), so its state is part of the result, and it is repaired only when asked.

References
----------
Conley, T. G. (1999), GMM estimation with cross sectional dependence, Journal of Econometrics 92, 1-45.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_matrix, require_same_rows
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM, kernel_sum, on_unit_sphere
from shanhai.methods.spec import Kernel

_PSD_TOLERANCE = 1e-12
"""An eigenvalue above minus this share of the largest counts as zero."""

VANISHED = 1e-11
"""A variance of less than this share of what independent rows would give is rounding: scores have cancelled."""


@dataclass(frozen=True, repr=False)
class ConleyCovariance(Shown):
    """A spatial covariance with what must be known to trust it."""

    matrix: Array
    """k x k covariance of the coefficients; repaired if ``repaired``."""
    kernel: Kernel
    cutoff_km: float
    radius_km: float
    pairs: int
    """Pairs of different rows within the cutoff."""
    smallest_eigenvalue: float
    """Of the covariance before any repair, with regressors made orthonormal: the same in whatever units."""
    is_psd: bool
    """Whether the covariance was positive semidefinite before any repair."""
    repaired: bool
    """Whether negative eigenvalues were set to zero."""

    @property
    def se(self) -> Array:
        """k standard errors; NaN where the covariance gives no variance, or a negative one."""
        variances = np.diag(self.matrix)
        return np.sqrt(np.where(variances > 0, variances, np.nan))

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
        If shapes differ, a value is missing, a coordinate or the cutoff is out of range, the kernel is unknown, bread
        is not positive definite, or scores cancel within the cutoff, as all do that lie within one.
    """
    points, _ = on_unit_sphere(longitude, latitude, kernel, cutoff_km, radius_km)
    require_same_rows({"scores": scores, "longitude": longitude})
    scores, bread = as_matrix(scores, "a score"), as_matrix(bread, "bread")
    _check_scores(scores, bread, len(points))
    try:
        root: Array = np.asarray(np.linalg.cholesky(bread))
    except np.linalg.LinAlgError as error:
        raise SpecificationError(
            "bread is not positive definite; allowed: the inverse of the crossproduct of regressors of full rank. Take "
            "out the regressors that the others determine."
        ) from error
    return orthonormal_conley(
        scores @ root,
        root,
        longitude,
        latitude,
        kernel=kernel,
        cutoff_km=cutoff_km,
        radius_km=radius_km,
        repair=repair,
    )


def orthonormal_conley(
    scores: Array,
    root: Array,
    longitude: ArrayLike,
    latitude: ArrayLike,
    *,
    kernel: Kernel,
    cutoff_km: float,
    radius_km: float = EARTH_RADIUS_KM,
    repair: bool = False,
) -> ConleyCovariance:
    """Conley's covariance from scores of orthonormal regressors, so that units and zeros of regressors do not count.

    Parameters as in :func:`conley_covariance`, but ``scores`` of an orthonormal basis of the regressors, and ``root``,
    k x k, which takes it back to them (R^-1 of Q R).

    Raises
    ------
    SpecificationError
        If a coordinate or the cutoff is out of range, the kernel unknown, or scores cancel within the cutoff.
    """
    points, reach = on_unit_sphere(longitude, latitude, kernel, cutoff_km, radius_km)
    middle, pairs = kernel_sum(np.ascontiguousarray(scores, dtype=np.float64), points, kernel, reach)
    middle = (middle + middle.T) / 2
    values, vectors = np.linalg.eigh(middle)
    is_psd = bool(values[0] >= -_PSD_TOLERANCE * max(values[-1], 0.0))
    repaired = repair and not is_psd
    if repaired:
        middle = (vectors * np.maximum(values, 0.0)) @ vectors.T
    matrix = root @ middle @ root.T
    matrix = (matrix + matrix.T) / 2
    if not repaired:  # a repair may leave nothing, which the note and missing errors say
        matrix = without_rounding(matrix, scores @ root.T, f"conley({kernel}, {cutoff_km:g} km)")
    return ConleyCovariance(
        matrix, kernel, float(cutoff_km), float(radius_km), pairs, float(values[0]), is_psd, repaired
    )


def without_rounding(matrix: Array, influence: Array, label: str) -> Array:
    """Covariance with zero for coefficients whose variance is rounding: what rows add to them cancels where correlated.

    All do when every row lies within the cutoff, as residuals sum to zero; some do when clusters have dummies or
    coefficients to themselves.

    Raises
    ------
    SpecificationError
        If no coefficient has a variance of more than ``VANISHED`` of the sum of squares of the influence of rows.
    """
    gone = np.abs(np.diag(matrix)) <= VANISHED * (influence**2).sum(axis=0)
    if gone.all():
        raise SpecificationError(
            f"covariance {label} has no variance left: residuals cancel within the cutoff or the clusters; allowed: "
            "rows beyond the cutoff, or clusters that share coefficients. Take a shorter cutoff, other clusters, or "
            "HC1."
        )
    return np.where(gone[:, None] | gone, 0.0, matrix)


def _check_scores(scores: Array, bread: Array, n: int) -> None:
    if len(scores) != n:
        raise SpecificationError(
            f"scores have the shape {np.shape(scores)}, coordinates {n} rows; allowed: the same rows in the same "
            "order. Take both from the rows that the regression used."
        )
    k = np.shape(scores)[1]
    if np.shape(bread) != (k, k):
        raise SpecificationError(
            f"bread has the shape {np.shape(bread)}; allowed: ({k}, {k}), as scores have {k} columns. Pass the inverse "
            "of the crossproduct of the same regressors."
        )
