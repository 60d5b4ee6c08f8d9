"""Covariances of least-squares estimates, each a function of the same small set of arrays.

statsmodels computes them too, but only with one dummy for each fixed effect in the design. Here the effects are
absorbed, so leverage and degrees of freedom of the whole regression are handed in; tests hold every kind against
statsmodels with dummies.
"""

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.regression._cluster_leverage import leverage_adjusted
from shanhai.methods.regression.absorb import FixedEffects, absorbed_degrees
from shanhai.methods.regression.conley import VANISHED, ConleyCovariance, orthonormal_conley, without_rounding
from shanhai.methods.spec import TWO_WAY_FACTORS, ClusterFactor, CovarianceSpec


@dataclass(frozen=True, repr=False)
class Solution(Shown):
    """What a covariance needs of a least-squares solution; rows are multiplied by the root of their weights."""

    basis: Array
    """n x k orthonormal Q, spanning the regressors within the fixed effects."""
    residuals: Array
    """n residuals."""
    root: Array
    """k x k: times its transpose it is the inverse of the crossproduct of the regressors, as R^-1 of Q R is."""
    absorbed_leverage: Array
    """n leverages of the absorbed effects."""
    coefficients_counted: int
    """K: regressors plus absorbed effects."""
    effects: FixedEffects | None = None
    """The absorbed effects, which CR2, CR3, CV3 and CV3J need; None without fixed effects."""

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.residuals)

    @property
    def scores(self) -> Array:
        """n x k, columns of the basis times residual."""
        return self.basis * self.residuals[:, None]

    @property
    def influence(self) -> Array:
        """n x k, what each row adds to each coefficient.

        Sandwiches are sums of its products: no crossproduct of regressors is formed, which would square their
        condition and lose all digits where zeros lie far away (year, year squared).
        """
        return np.asarray(self.scores @ self.root.T)

    @property
    def leverage(self) -> Array:
        """n leverages of the whole regression, absorbed effects included."""
        return np.asarray((self.basis**2).sum(axis=1) + self.absorbed_leverage)


@dataclass(frozen=True, repr=False)
class Estimated(Shown):
    """A covariance with what belongs beside it."""

    matrix: Array
    """k x k."""
    degrees: Array | None = None
    """k degrees of freedom of the coefficients where each has its own (CR2)."""
    note: str = ""
    """State of a covariance that is not positive semidefinite; empty if there is nothing to say."""


def estimate_covariance(
    solution: Solution,
    spec: CovarianceSpec,
    clusters: tuple[Codes, ...] = (),
    coordinates: tuple[Array, Array] | None = None,
) -> Estimated:
    """Covariance matrix of the coefficients.

    Parameters
    ----------
    solution : Solution
    spec : CovarianceSpec
    clusters : tuple of arrays
        Integer codes 0..G-1 of the n rows, one array for each column of ``spec.by``.
    coordinates : tuple of two arrays
        n longitudes and n latitudes in degrees, for ``conley``.

    Returns
    -------
    Estimated

    Raises
    ------
    SpecificationError
        If a two-way cluster covariance gives a negative variance, a row has leverage one under HC2 or HC3, scores
        cancel within clusters or cutoff to no variance at all, or ``conley`` comes without coordinates.
    """
    estimated = _estimated(solution, spec, clusters, coordinates)
    if spec.kind == "conley":
        return estimated
    return replace(estimated, matrix=without_rounding(estimated.matrix, solution.influence, spec.label))


def _estimated(
    solution: Solution,
    spec: CovarianceSpec,
    clusters: tuple[Codes, ...],
    coordinates: tuple[Array, Array] | None,
) -> Estimated:
    if spec.kind == "conley":
        spatial = _spatial(solution, spec, coordinates)
        return Estimated(spatial.matrix, note=spatial.note)
    if spec.kind == "cluster" and spec.factor in ("CR2", "CR3", "CV3", "CV3J"):
        parts = (solution.basis, solution.residuals, solution.root)
        return Estimated(*leverage_adjusted(*parts, clusters[0], spec.factor, solution.effects))
    return Estimated(covariance(solution, spec, clusters))


def _spatial(solution: Solution, spec: CovarianceSpec, coordinates: tuple[Array, Array] | None) -> ConleyCovariance:
    """Conley's covariance, all absorbed effects being in the scores already."""
    if coordinates is None or spec.kernel is None or spec.cutoff_km is None:
        raise SpecificationError(
            f"covariance {spec.label!r} without coordinates; allowed: longitude and latitude of every row. Pass them."
        )
    return orthonormal_conley(
        solution.scores,
        solution.root,
        *coordinates,
        kernel=spec.kernel,
        cutoff_km=spec.cutoff_km,
        repair=bool(spec.repair),
    )


def covariance(solution: Solution, spec: CovarianceSpec, clusters: tuple[Codes, ...]) -> Array:
    """Covariance matrix of the coefficients for the kinds that need scores and leverage of rows only.

    Parameters
    ----------
    solution : Solution
    spec : CovarianceSpec
        ``iid``, ``HC1``, ``HC2``, ``HC3``, or ``cluster`` with CR0, CR1, CR1S or CR1N.
    clusters : tuple of arrays
        Integer codes 0..G-1 of the n rows, one array for each column of ``spec.by``.

    Returns
    -------
    array, k x k

    Raises
    ------
    SpecificationError
        If a two-way cluster covariance gives a negative variance, or a row has leverage one under HC2 or HC3.
    """
    if spec.kind == "iid":
        rest = solution.n - solution.coefficients_counted
        return solution.root @ solution.root.T * (float(solution.residuals @ solution.residuals) / rest)
    if spec.kind == "cluster":
        return _clustered(solution, cast(ClusterFactor, spec.factor), clusters)  # never None for clusters
    return _heteroskedastic(solution, spec.kind)


def _heteroskedastic(solution: Solution, kind: str) -> Array:
    """HC1, HC2 and HC3 (MacKinnon & White 1985)."""
    influence = solution.influence
    if kind == "HC1":
        return influence.T @ influence * (solution.n / (solution.n - solution.coefficients_counted))
    rest = 1.0 - solution.leverage
    if rest.min() < 1e-10:
        raise SpecificationError(
            f"{int((rest < 1e-10).sum())} rows have leverage one (alone in their fixed effect, or with a dummy of "
            f"their own), where {kind} is not defined; allowed: HC1, iid or cluster. Change the covariance, or take "
            "these rows out by a filter."
        )
    power = {"HC2": 1.0, "HC3": 2.0}[kind]
    return (influence / (rest**power)[:, None]).T @ influence


def _clustered(solution: Solution, factor: ClusterFactor, clusters: tuple[Codes, ...]) -> Array:
    """One-way (Liang & Zeger 1986) or two-way (Cameron, Gelbach & Miller 2011) cluster covariance."""
    influence = solution.influence
    total = sum(_cluster_products(influence, codes) for codes in clusters)
    if len(clusters) == 2:
        total = total - _cluster_products(influence, intersection(*clusters))
    groups = min(int(codes.max()) + 1 for codes in clusters)
    counted = counted_coefficients(factor, solution.coefficients_counted, solution.effects, clusters)
    small_sample = cluster_factor(factor, groups, solution.n, counted)
    matrix = small_sample * total
    if (np.diag(matrix) < -VANISHED * (influence**2).sum(axis=0)).any():
        raise SpecificationError(
            "the two-way cluster covariance gives a negative variance, which happens with few clusters; "
            "allowed: one cluster column. Cluster by the coarser of the two."
        )
    return np.asarray(matrix)


def _cluster_products(influence: Array, codes: Codes) -> Array:
    """Sum over clusters of the outer products of their summed influence."""
    sums = np.column_stack([np.bincount(codes, weights=column) for column in influence.T])
    return np.asarray(sums.T @ sums, dtype=np.float64)


def counted_coefficients(
    factor: ClusterFactor | None, counted: int, effects: FixedEffects | None, clusters: tuple[Codes, ...]
) -> int:
    """K of the small-sample factor: under CR1N without the fixed effects that are nested in clusters.

    Parameters
    ----------
    factor : the convention by name, or none.
    counted : regressors plus absorbed effects.
    effects : the absorbed effects; None if there are none.
    clusters : integer codes of the n rows, one array a cluster column; an effect nested in any of them is nested.

    Returns
    -------
    int
        At least one more than the regressors, for the intercept, as in fixest.
    """
    if factor != "CR1N" or effects is None or not effects.codes:
        return counted
    outside = tuple(
        codes
        for codes in effects.codes
        if all(intersection(codes, groups).max() > codes.max() for groups in clusters)  # some level lies in several
    )
    return counted - absorbed_degrees(effects) + absorbed_degrees(FixedEffects(outside, effects.weights))


def cluster_factor(factor: ClusterFactor, groups: int, n: int, k: int) -> float:
    """Small-sample factor by name, for G groups, n rows and k coefficients (see :func:`counted_coefficients`).

    Raises
    ------
    SpecificationError
        If the name is not CR0, CR1, CR1S or CR1N (the other conventions are no factors), or clusters are below two.
    """
    if factor not in TWO_WAY_FACTORS:
        raise SpecificationError(
            f"{factor!r} is no factor; allowed: {', '.join(TWO_WAY_FACTORS)}. Use estimate_covariance for the others."
        )
    if factor == "CR0":
        return 1.0
    if groups < 2:
        raise SpecificationError(f"{groups} clusters; allowed: two or more. Cluster by something finer.")
    return groups / (groups - 1) * ((n - 1) / (n - k) if factor in ("CR1S", "CR1N") else 1.0)


def intersection(left: Codes, right: Codes) -> Codes:
    """Codes of the pairs of levels that occur, 0..P-1."""
    pairs = np.unique(left * (int(right.max()) + 1) + right, return_inverse=True)[1]
    return np.asarray(pairs, dtype=np.int64)
