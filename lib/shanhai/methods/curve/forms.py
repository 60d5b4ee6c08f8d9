"""Sandwich variances of one coefficient for many regressions, as quadratic forms in products of columns.

What row i adds to the coefficient of the treatment is ``s_i = z_i e_i``: the treatment freed of the other regressors,
times the residual. Both are sums of columns, so ``s`` is a sum of *products of two columns*, ``s = Q w``, with the same
products ``Q`` for a whole group and a short vector ``w`` for each regression. Every covariance whose middle is a fixed
form in scores, ``s'Ks``, then becomes ``w'(Q'KQ)w``: the matrix ``Q'KQ`` is made once, by clusters, by distance or row
by row, and thousands of variances follow without touching a row again. That is why Conley's errors cost hardly more
than clusters here.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shanhai.methods.arrays import Array, Codes
from shanhai.methods.curve.block import Block, Solutions

LOST_DIGITS = 1e5
"""A form whose terms cancel to less than one part in this many is left to ``fit``."""


@dataclass(frozen=True)
class Products:
    """Products of two columns that some regression of a group needs."""

    left: Codes
    """P columns."""
    right: Codes
    """P columns."""
    number: Codes
    """p x p, number of each product, -1 where no regression needs it."""

    def of(self, columns: Array) -> Array:
        """The products, n x P, of columns n x p."""
        return columns[:, self.left] * columns[:, self.right]


def needed_products(block: Block, parts: list[tuple[Codes, Codes]]) -> Products:
    """Products for regressions given as (regressors k x m, outcome m), one entry a size."""
    p = block.columns.shape[1]
    needed = np.zeros((p, p), dtype=bool)
    for regressors, outcome in parts:
        for column in regressors:
            needed[column[None, :], regressors] = True
            needed[column, outcome] = True
    left, right = np.nonzero(np.triu(needed | needed.T))
    number = np.full((p, p), -1, dtype=np.int64)
    number[left, right] = number[right, left] = np.arange(len(left))
    return Products(left, right, number)


@dataclass(frozen=True)
class Influence:
    """Vectors ``w`` of m regressions: how products of columns sum to what a row adds to the coefficient."""

    numbers: Codes
    """t x m numbers of products."""
    weights: Array
    """t x m."""


def influence(products: Products, solutions: Solutions, *, null: bool = False) -> Influence:
    """What a row adds to the treatment's coefficient, as a sum of products.

    Parameters
    ----------
    products : Products
    solutions : Solutions
    null : bool
        Take the residuals of the regression without the treatment instead of those of the regression itself.
    """
    params, direction, regressors = solutions.params, solutions.direction, solutions.regressors
    if null:  # by Frisch, Waugh and Lovell: add the treatment freed of the others, which is direction over its last
        params = params - params[-1] * direction / direction[-1]
    k = len(regressors)
    upper, lower = np.triu_indices(k)
    weights = -(direction[upper] * params[lower] + direction[lower] * params[upper])
    weights[upper == lower] /= 2.0
    numbers = np.concatenate(
        [products.number[regressors[upper], regressors[lower]], products.number[regressors, solutions.outcome]]
    )
    return Influence(numbers, np.concatenate([weights, direction]))


def quadratic(form: Array, scale: float, one: Influence) -> tuple[Array, NDArray[np.bool_]]:
    """``w'Mw`` for m vectors, and whether each kept enough digits.

    Parameters
    ----------
    form : array, P x P
        The symmetric matrix M.
    scale : float
        Times the square root of the product of two diagonal entries, a bound on the terms of an entry (1 where M is
        positive semidefinite, the number of neighbours for sums over neighbours).
    one : Influence
    """
    flat, p = form.ravel(), len(form)
    total = np.zeros(one.weights.shape[1])
    for i, (numbers, weights) in enumerate(zip(one.numbers, one.weights, strict=True)):
        entries = flat[numbers * p + one.numbers[i:]]
        entries *= one.weights[i:]
        entries[0] *= 0.5
        total += 2.0 * weights * entries.sum(axis=0)
    size = (np.abs(one.weights) * np.sqrt(np.abs(np.diag(form)))[one.numbers]).sum(axis=0)
    return total, total * LOST_DIGITS > scale * size**2
