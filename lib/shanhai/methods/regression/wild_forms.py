"""What a wild cluster bootstrap needs of a regression: arrays the size of the number of clusters.

Let ``z`` be the tested regressor, less what the others and the fixed effects explain, over its sum of squares, so that
the coefficient is ``z'y``. With residuals ``u`` under the null and one weight ``v`` a cluster, the bootstrap estimate
less the null is ``s'v``, where ``s`` holds the cluster sums of ``z u``. The cluster sums of ``z`` times residuals of
the bootstrap regression are ``J v`` with ``J = diag(s) - Z'Q Q'U``; Q is an orthonormal basis of regressors and fixed
effects, Z and U hold z and u by cluster. The standard error is the length of ``J v``. As u is linear in the null value,
so are s and J.

The bootstraps of MacKinnon, Nielsen & Webb (2023b) change u, z or both, cluster by cluster. A first 3 takes the
residuals that each cluster has about the estimates without it, ``(I - H(g))^(-1) u(g)`` (H of the regression that u
comes from). A second 3 takes the jackknife's standard error: ``(I - H(g))^(-1) z(g)`` instead of z in J. Without the
null imposed (WCU) u are the residuals of the regression itself, whatever the null value.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.checks import as_codes, as_matrix, as_numbers, as_weights, require, require_same_rows
from shanhai.methods.regression._cluster_leverage import ClusterLeverage
from shanhai.methods.regression.absorb import FixedEffects, largest_effect, other_basis, within
from shanhai.methods.regression.projection import independent_columns, less_projection, rounding

Bootstrap = Literal["WCR11", "WCR13", "WCR31", "WCR33", "WCU11", "WCU13", "WCU31", "WCU33"]
"""Wild cluster bootstrap: null imposed (WCR) or not (WCU); residuals as they are (1) or about the estimates without
their cluster (3); standard error of the sandwich (1) or of the jackknife (3). ``WCR11`` is the classic one, MacKinnon,
Nielsen & Webb (2023b) call 31 "S", 13 "V" and 33 "B"."""

_MOST_SUMS = 1_000_000
"""Clusters times levels of a fixed effect up to which their sums are one table, full of zeros or not."""


@dataclass(frozen=True, repr=False)
class ClusterForms(Shown):
    """Numerators and score matrices of one coefficient, as linear functions of its null value."""

    estimate: float
    """Least-squares coefficient."""
    clusters: int
    """G."""
    numerator: Array
    """G cluster sums for a null of zero."""
    numerator_change: Array
    """G; what a null value of one takes off."""
    matrix: Array
    """G x G for a null of zero."""
    matrix_change: Array
    """G x G; what a null value of one takes off."""
    standard_error: float
    """Standard error of the coefficient in the data, without small-sample factor: of the sandwich (CR0), or of the
    jackknife about the estimate (CR3) where the second digit of the bootstrap is 3."""
    bootstrap: Bootstrap = "WCR11"
    """Kind of bootstrap."""

    def at(self, null_value: float) -> tuple[Array, Array]:
        """Numerator (G) and matrix (G x G) for ``null_value``."""
        return (
            self.numerator - null_value * self.numerator_change,
            self.matrix - null_value * self.matrix_change,
        )


def cluster_forms(
    outcome: ArrayLike,
    regressors: ArrayLike,
    clusters: ArrayLike,
    coefficient: int = 0,
    *,
    fixed_effects: tuple[ArrayLike, ...] = (),
    row_weights: ArrayLike | None = None,
    bootstrap: Bootstrap = "WCR11",
) -> ClusterForms:
    """Reduce a least-squares regression to forms in cluster weights.

    Parameters
    ----------
    outcome : n numbers.
    regressors : n x k without intercept, which is always there (one of the fixed effects, or absorbed).
    clusters : n labels of any kind.
    coefficient : column of ``regressors`` that is tested.
    fixed_effects : labels of the n rows for each fixed effect, nested in the clusters or not.
    row_weights : n positive weights of least squares; ones if None.
    bootstrap : kind, such as ``"WCR11"`` or ``"WCU33"``: see :data:`Bootstrap`.

    Returns
    -------
    ClusterForms

    Raises
    ------
    SpecificationError
        If lengths differ, a value is missing, there is one cluster only, the tested column is determined by the
        others and the fixed effects, the bootstrap is unknown, or a cluster alone determines a coefficient and the
        bootstrap leaves clusters out.

    References
    ----------
    MacKinnon, J. G., Nielsen, M. O. & Webb, M. D. (2023b), Fast and reliable jackknife and bootstrap methods for
    cluster-robust inference, Journal of Applied Econometrics 38, 671-694.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods import cluster_forms
    >>> rng = np.random.default_rng(1)
    >>> firm, wage, tenure = np.arange(60) // 6, rng.normal(size=60), rng.normal(size=60)
    >>> forms = cluster_forms(wage, tenure, firm, bootstrap="WCR33")
    >>> forms.clusters, forms.matrix.shape
    (10, (10, 10))
    """
    require(bootstrap, Bootstrap, "the bootstrap", "WCR11 is the classic one.")
    require_same_rows({"outcome": outcome, "regressors": regressors, "clusters": clusters, "weights": row_weights})
    table = as_matrix(regressors, "a value of outcome or regressors")
    left, groups = as_numbers(outcome, "a value of outcome or regressors"), as_codes(clusters, "the cluster")
    weights = np.ones(len(left)) if row_weights is None else as_weights(row_weights, "a row weight")
    codes = tuple(as_codes(labels, "a fixed effect") for labels in fixed_effects)
    _check(len(left), (len(table), table.shape[1]), groups, codes, weights, coefficient)
    columns = np.column_stack([left, table])
    effects = FixedEffects(codes, weights)
    root = np.sqrt(weights)[:, None]
    demeaned = within(columns, effects) * root
    tested = 1 + coefficient
    order = [*(place for place in range(1, columns.shape[1]) if place != tested), tested]
    found = independent_columns(demeaned[:, order], rounding(columns[:, order], weights))
    if len(order) - 1 not in found.kept:
        raise SpecificationError(
            f"column {coefficient} of the regressors does not vary once the others and the fixed effects are held; "
            "allowed: a column with variation of its own. Test another, or take out what determines it."
        )
    spanned = found.basis
    null_residuals = less_projection(demeaned[:, [0, tested]], spanned[:, :-1])
    left = null_residuals[:, 1]
    direction = left / (left @ left)
    own_residuals = less_projection(demeaned[:, :1], spanned)
    if bootstrap.startswith("WCR"):
        residuals, of = null_residuals, spanned[:, :-1]
    else:
        residuals, of = np.column_stack([own_residuals, np.zeros(len(left))]), spanned
    if bootstrap[3] == "3":
        residuals = ClusterLeverage(of, groups, effects).spread(residuals, -1.0)
    spread = direction
    if bootstrap[4] == "3":
        spread = ClusterLeverage(spanned, groups, effects).spread(direction[:, None], -1.0)[:, 0]
    size = int(groups.max()) + 1
    explaining = np.column_stack([spanned, other_basis(effects)])
    numerators, matrices = [], []
    for column in residuals.T:
        explained = _by_cluster(spread, explaining, groups, size) @ _by_cluster(column, explaining, groups, size).T
        absorbed = _absorbed(spread * root[:, 0], column * root[:, 0], groups, largest_effect(effects))
        numerators.append(_cluster_sums(direction * column, groups, size))
        matrices.append(np.diag(_cluster_sums(spread * column, groups, size)) - explained - absorbed)
    return ClusterForms(
        float(direction @ demeaned[:, 0]),
        size,
        numerators[0],
        numerators[1],
        matrices[0],
        matrices[1],
        float(np.linalg.norm(_cluster_sums(spread * own_residuals[:, 0], groups, size))),
        bootstrap,
    )


def _cluster_sums(values: Array, groups: Codes, size: int) -> Array:
    """G sums of values by cluster."""
    return np.bincount(groups, weights=values, minlength=size).astype(np.float64)


def _absorbed(direction: Array, residuals: Array, groups: Codes, effect: FixedEffects) -> Array:
    """G x G part of the projection on the dummies of one fixed effect; zero where it is nested in the clusters."""
    size, codes = int(groups.max()) + 1, effect.groupings[0]
    totals = np.bincount(codes, weights=effect.weights)
    shape = (size, len(totals))
    if size * len(totals) <= _MOST_SUMS:
        cells = groups * len(totals) + codes
        sums = [
            np.bincount(cells, part, minlength=size * len(totals)).reshape(shape) for part in (direction, residuals)
        ]
        return np.asarray(sums[0] / totals @ sums[1].T)
    left, right = (sparse.coo_array((part, (groups, codes)), shape=shape).tocsr() for part in (direction, residuals))
    return np.asarray((left @ sparse.diags_array(1 / totals) @ right.T).toarray())


def _by_cluster(values: Array, columns: Array, groups: Codes, size: int) -> Array:
    """G x k cluster sums of values times columns."""
    products = values[:, None] * columns
    return np.column_stack([np.bincount(groups, weights=column, minlength=size) for column in products.T])


def _check(
    n: int, regressors: tuple[int, int], groups: Codes, effects: tuple[Codes, ...], weights: Array, coefficient: int
) -> None:
    rows, k = regressors
    lengths = {"regressors": rows, "clusters": len(groups), "row weights": len(weights)}
    lengths |= {f"fixed effect {place}": len(codes) for place, codes in enumerate(effects)}
    for name, length in lengths.items():
        if length != n:
            raise SpecificationError(f"{name} have {length} rows, the outcome {n}; allowed: the same rows. Align them.")
    if not 0 <= coefficient < k:
        raise SpecificationError(f"coefficient {coefficient}; allowed: 0 to {k - 1}, the columns of the regressors.")
    if groups.max(initial=0) == 0:
        raise SpecificationError("not more than one cluster; allowed: two or more. Cluster by something finer.")
