"""Coefficients that one cluster, or one row, alone determines: their sandwich errors are near zero, whatever is true.

A dummy for the one treated cluster makes its scores sum to zero, so that the variance of the effect, which is mostly
that cluster's, is missing from the sandwich. More clusters do not help. The covariances that allow for leverage (HC2,
HC3, CR2, CR3, CV3) are not defined there; CR1 and HC1 are, and so need a word beside them.

References
----------
Conley, T. G. & Taber, C. R. (2011), Inference with "difference in differences" with a small number of policy changes,
Review of Economics and Statistics 93(1), 113-125.
"""

import numpy as np
from numpy.typing import NDArray

from shanhai.methods.arrays import Codes
from shanhai.methods.regression.absorb import FixedEffects, within
from shanhai.methods.regression.covariance import Solution

_CANDIDATE = 0.45
"""Share of the variation of a regressor, given the others, above which its cluster is looked at."""

_MOST_CHECKED = 20
"""Clusters that are looked at, those of the largest shares first: each takes the regression without it."""

_NOTHING = 1e-9
"""Share of a direction of the regressors that is nothing."""


def on_one_group(solution: Solution, codes: Codes | None) -> tuple[int, ...]:
    """Places of coefficients that cannot be estimated without one of the clusters.

    Parameters
    ----------
    solution : Solution
    codes : n integers 0..G-1, the cluster of each row; None where each row is its own.
    """
    parts = (solution.basis @ solution.root.T) ** 2
    shares = parts / parts.sum(axis=0)
    if codes is None:
        codes = np.arange(solution.n)
    else:
        shares = np.column_stack([np.bincount(codes, weights=column) for column in shares.T])
    largest = {
        int(group): max(shares[group, place] for place in np.flatnonzero(shares.argmax(axis=0) == group))
        for group in np.unique(shares.argmax(axis=0))
    }
    groups = sorted((group for group in largest if largest[group] > _CANDIDATE), key=lambda group: -largest[group])
    lost = np.zeros(len(solution.root), dtype=bool)
    for group in groups[:_MOST_CHECKED]:
        lost |= _lost_without(codes == group, solution)
    return tuple(map(int, np.flatnonzero(lost)))


def _lost_without(inside: NDArray[np.bool_], solution: Solution) -> NDArray[np.bool_]:
    """Which of k coefficients the rows outside do not determine: those that move along what is zero there."""
    basis, effects = solution.basis, solution.effects
    if effects is None:
        products = np.eye(basis.shape[1]) - basis[inside].T @ basis[inside]
    else:
        root = np.sqrt(effects.weights[~inside])[:, None]
        levels = tuple(np.unique(codes[~inside], return_inverse=True)[1] for codes in effects.codes)
        left = root * within(basis[~inside] / root, FixedEffects(levels, effects.weights[~inside]))
        products = left.T @ left
    lengths, directions = np.linalg.eigh(products)
    moved = np.abs(solution.root @ directions[:, lengths < _NOTHING])
    return np.asarray((moved > 1e-6 * np.linalg.norm(solution.root, axis=1)[:, None]).any(axis=1))
