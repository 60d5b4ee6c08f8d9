"""Covariances of least-squares estimates, each a function of the same small set of arrays.

statsmodels computes them too, but only with one dummy for each fixed effect in the design. Here the effects are
absorbed, so leverage and degrees of freedom of the whole regression are handed in; tests hold every kind against
statsmodels with dummies.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from shanhai.errors import SpecificationError
from shanhai.spec import ClusterFactor, CovarianceSpec

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Solution:
    """What a covariance needs of a least-squares solution; rows are multiplied by the root of their weights."""

    regressors: Array
    """n x k, demeaned within the fixed effects, of full column rank."""
    residuals: Array
    """n residuals."""
    bread: Array
    """k x k, inverse of the crossproduct of the regressors."""
    absorbed_leverage: Array
    """n leverages of the absorbed effects."""
    coefficients_counted: int
    """K: regressors plus absorbed effects."""

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.residuals)

    @property
    def scores(self) -> Array:
        """n x k, regressors times residual."""
        return self.regressors * self.residuals[:, None]

    @property
    def leverage(self) -> Array:
        """n leverages of the whole regression, absorbed effects included."""
        own: Array = np.einsum("ij,jk,ik->i", self.regressors, self.bread, self.regressors)
        return own + self.absorbed_leverage


def covariance(solution: Solution, spec: CovarianceSpec, clusters: tuple[Codes, ...]) -> Array:
    """Covariance matrix of the coefficients.

    Parameters
    ----------
    solution : Solution
    spec : CovarianceSpec
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
        return solution.bread * float(solution.residuals @ solution.residuals) / rest
    if spec.kind == "cluster":
        return _clustered(solution, cast(ClusterFactor, spec.factor), clusters)  # never None for clusters
    return solution.bread @ _heteroskedastic_meat(solution, spec.kind) @ solution.bread


def _heteroskedastic_meat(solution: Solution, kind: str) -> Array:
    """Middle of the sandwich for HC1, HC2 and HC3 (MacKinnon & White 1985)."""
    scores = solution.scores
    if kind == "HC1":
        return scores.T @ scores * (solution.n / (solution.n - solution.coefficients_counted))
    rest = 1.0 - solution.leverage
    if rest.min() < 1e-10:
        raise SpecificationError(
            f"{int((rest < 1e-10).sum())} rows have leverage one (alone in their fixed effect, or with a dummy of "
            f"their own), where {kind} is not defined; allowed: HC1, iid or cluster. Change the covariance, or take "
            "these rows out by a filter."
        )
    power = {"HC2": 1.0, "HC3": 2.0}[kind]
    return (scores / (rest**power)[:, None]).T @ scores


def _clustered(solution: Solution, factor: ClusterFactor, clusters: tuple[Codes, ...]) -> Array:
    """One-way (Liang & Zeger 1986) or two-way (Cameron, Gelbach & Miller 2011) cluster covariance."""
    meat = sum(_cluster_meat(solution, codes) for codes in clusters)
    if len(clusters) == 2:
        meat = meat - _cluster_meat(solution, intersection(*clusters))
    groups = min(int(codes.max()) + 1 for codes in clusters)
    small_sample = cluster_factor(factor, groups, solution.n, solution.coefficients_counted)
    matrix = small_sample * solution.bread @ meat @ solution.bread
    if np.diag(matrix).min() < 0:
        raise SpecificationError(
            "the two-way cluster covariance gives a negative variance, which happens with few clusters; "
            "allowed: one cluster column. Cluster by the coarser of the two."
        )
    return np.asarray(matrix)


def _cluster_meat(solution: Solution, codes: Codes) -> Array:
    """Sum over clusters of the outer products of their summed scores."""
    sums = np.column_stack([np.bincount(codes, weights=column) for column in solution.scores.T])
    return np.asarray(sums.T @ sums, dtype=np.float64)


def cluster_factor(factor: ClusterFactor, groups: int, n: int, k: int) -> float:
    """Small-sample factor by name, for G groups, n rows and k coefficients (absorbed effects counted)."""
    if factor == "CR0":
        return 1.0
    return groups / (groups - 1) * ((n - 1) / (n - k) if factor == "CR1S" else 1.0)


def intersection(left: Codes, right: Codes) -> Codes:
    """Codes of the pairs of levels that occur, 0..P-1."""
    pairs = np.unique(left * (int(right.max()) + 1) + right, return_inverse=True)[1]
    return np.asarray(pairs, dtype=np.int64)
