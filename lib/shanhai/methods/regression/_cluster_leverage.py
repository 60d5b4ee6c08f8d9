"""Cluster covariances that allow for the leverage of whole clusters: CR2, and the three that are called CRV3.

With H the projection of the regression (absorbed effects included) and H(g) its block of cluster g, the residuals u(g)
are spread out again: CR2 takes ``(I - H(g))^(-1/2) u(g)``, CR3 ``(I - H(g))^(-1) u(g)``. CR3 is the jackknife:
``-A X(g)' (I - H(g))^(-1) u(g)`` is the estimate without cluster g less the estimate. Where fixed effects are nested in
clusters, ``I - H(g)`` is singular along their dummies, of which nothing is left in u(g): the Moore-Penrose inverse is
taken. Since H(g) is F F' with a column of F for each coefficient and dummy, only matrices of the smaller side of F are
decomposed: time and memory grow with rows times the square of coefficients, and no cluster is too large.

References
----------
Bell, R. M. & McCaffrey, D. F. (2002), Bias reduction in standard errors for linear regression with multi-stage samples,
Survey Methodology 28(2), 169-181.
Imbens, G. W. & Kolesar, M. (2016), Robust standard errors in small samples, Review of Economics and Statistics 98(4).
Pustejovsky, J. E. & Tipton, E. (2018), Small-sample methods for cluster-robust variance estimation and hypothesis
testing in fixed effects models, Journal of Business & Economic Statistics 36(4), 672-683.
MacKinnon, J. G., Nielsen, M. O. & Webb, M. D. (2023a), Cluster-robust inference: a guide to empirical practice, Journal
of Econometrics 232(2), 272-299.
"""

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
from scipy import sparse

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.regression.absorb import FixedEffects, largest_effect, other_basis
from shanhai.methods.spec import ClusterFactor

_NESTED = 1e-9
"""An eigenvalue of ``I - H(g)`` below this is zero: the cluster alone determines that direction."""


def leverage_adjusted(
    basis: Array,
    residuals: Array,
    root: Array,
    codes: Codes,
    factor: ClusterFactor,
    effects: FixedEffects | None = None,
) -> tuple[Array, Array | None]:
    """Covariance under ``CR2``, ``CR3``, ``CV3`` or ``CV3J``, and the degrees of freedom that belong to CR2.

    Parameters
    ----------
    basis : n x k, orthonormal, spanning the regressors within the effects, times the root of the weights.
    residuals : n, times the root of the weights.
    root : k x k, which takes the basis back to the regressors; times its transpose the inverse of their crossproduct.
    codes : n integers 0..G-1, the cluster of each row.
    factor : the convention by name, as in :class:`shanhai.methods.spec.CovarianceSpec`.
    effects : the absorbed effects; None if there are none.

    Returns
    -------
    k x k covariance, and k degrees of freedom (Satterthwaite, for independent errors of one variance) under CR2.

    Raises
    ------
    SpecificationError
        If a cluster alone determines a coefficient, so that nothing is left to estimate without it.
    """
    groups = int(codes.max()) + 1
    power = -0.5 if factor == "CR2" else -1.0
    leverage = ClusterLeverage(basis, codes, effects)
    spread_out = leverage.spread(basis, power)
    products = spread_out * residuals[:, None]
    sums = np.column_stack([np.bincount(codes, weights=column) for column in products.T])
    changes = sums @ root.T
    if factor == "CV3J":
        changes = changes - changes.mean(axis=0)
    share = 1.0 if factor in ("CR2", "CR3") else (groups - 1) / groups
    matrix = share * changes.T @ changes
    return matrix, leverage.satterthwaite(spread_out @ root.T) if factor == "CR2" else None


class ClusterLeverage:
    """Blocks of the projection, without its n x n matrix."""

    def __init__(self, basis: Array, codes: Codes, effects: FixedEffects | None) -> None:
        self.basis, self.codes = basis, codes
        self.groups = int(codes.max()) + 1
        self.others = other_basis(effects) if effects else np.empty((len(codes), 0))
        self.levels = largest_effect(effects).codes[0] if effects else None
        self.root = np.sqrt(effects.weights) if effects else np.ones(len(codes))

    def spread(self, values: Array, power: float) -> Array:
        """Columns (n x m) times the power of ``I - H(g)`` of each row's cluster.

        Directions that a cluster alone determines are taken out.

        Raises
        ------
        SpecificationError
            If a cluster alone determines a coefficient.
        """
        spread = np.empty_like(values)
        for rows, scaling in self._powers(power):
            spread[rows] = scaling(values[rows])
        return spread

    def _powers(self, power: float) -> Iterator[tuple[Codes, Callable[[Array], Array]]]:
        """Rows of each cluster with what multiplies by the power of ``I - H(g)``."""
        order = np.argsort(self.codes, kind="stable").astype(np.int64)
        ends = np.cumsum(np.bincount(self.codes))
        for group, rows in enumerate(np.split(order, ends[:-1])):
            factor = np.column_stack([self.basis[rows], self.others[rows], self._dummies(rows)])
            if len(rows) <= factor.shape[1]:
                shares, vectors = np.linalg.eigh(factor @ factor.T)
            else:
                shares, inner = np.linalg.eigh(factor.T @ factor)
                shares = np.maximum(shares, 0.0)
                vectors = factor @ inner / np.sqrt(np.where(shares > 1e-14, shares, np.inf))
            free = 1.0 - shares > _NESTED
            own = self.basis[rows]
            lost = vectors[:, ~free].T @ own
            if lost.size and np.abs(lost).max() > 1e-6 * np.sqrt((own**2).sum(axis=0).max()):
                raise SpecificationError(
                    f"without cluster {group} (in sorted order) a coefficient cannot be estimated, so CR2, CR3, CV3, "
                    "CV3J and the bootstraps with a 3 are not defined; allowed: CR0, CR1, CR1S, WCR11. Take one of "
                    "these, or coarser terms."
                )
            change = np.full_like(shares, -1.0)
            change[free] = np.expm1(power * np.log1p(-shares[free]))

            def scaling(part: Array, vectors: Array = vectors, change: Array = change) -> Array:
                return np.asarray(part + (vectors * change) @ (vectors.T @ part))

            yield rows, scaling

    def _dummies(self, rows: Codes) -> Array:
        """Columns whose product with their transpose is the block of the projection on the largest fixed effect."""
        if self.levels is None:
            return np.zeros((len(rows), 0))
        levels, place = np.unique(self.levels[rows], return_inverse=True)  # no others occur in the cluster
        block = np.zeros((len(rows), len(levels)))
        block[np.arange(len(rows)), place] = self.root[rows] / np.sqrt(self.totals[levels[place]])
        return block

    @cached_property
    def totals(self) -> Array:
        """Weight of each level of the largest fixed effect."""
        levels = np.empty(0, dtype=np.int64) if self.levels is None else self.levels
        return np.bincount(levels, weights=self.root[: len(levels)] ** 2).astype(np.float64)

    def satterthwaite(self, directions: Array) -> Array:
        """Degrees of freedom of each coefficient's variance, the errors independent with one variance.

        The variance is a quadratic form in the errors; its G x G matrix of products is ``D - S S' - T B T'``, with D
        the squared lengths of the directions by cluster, S cluster sums of directions times basis (of regressors and
        of the smaller fixed effects) and T those of directions times dummies of the largest fixed effect.
        """
        degrees = np.empty(directions.shape[1])
        for place, direction in enumerate(directions.T):
            sums = np.column_stack([self._sum(direction * column) for column in (*self.basis.T, *self.others.T)])
            products = np.diag(self._sum(direction**2)) - sums @ sums.T
            if self.levels is not None:
                parts = (direction * self.root / np.sqrt(self.totals)[self.levels], (self.codes, self.levels))
                absorbed = sparse.coo_array(parts, shape=(self.groups, len(self.totals))).tocsr()
                products -= (absorbed @ absorbed.T).toarray()
            degrees[place] = np.trace(products) ** 2 / (products**2).sum()
        return degrees

    def _sum(self, values: Array) -> Array:
        return np.bincount(self.codes, weights=values, minlength=self.groups).astype(np.float64)
