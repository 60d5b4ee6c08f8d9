"""Pairs of treated and untreated units that are alike.

As many pairs within the caliper as can be are made, and of these the closest in total.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array, Codes


def covariate_scale(covariates: Array, treated: NDArray[np.bool_]) -> Array:
    """Matrix (k x k) that turns covariates so that Euclid's distance is Mahalanobis' over the root of k.

    The covariance is that within both groups, so a distance of one is one standard deviation a covariate.

    Raises
    ------
    SpecificationError
        If there are no treated or no untreated units, or a covariate does not vary on its own within them.
    """
    count = int(treated.sum())
    if min(count, len(treated) - count) < 1 or len(treated) < 3:
        raise SpecificationError(
            f"{count} treated of {len(treated)} units with figures; needed: treated and untreated ones, three in all. "
            "See that the codes of units and values are the same."
        )
    inside = covariates.copy()
    for side in (treated, ~treated):
        inside[side] -= covariates[side].mean(axis=0)
    covariance = inside.T @ inside / (len(inside) - 2)
    if np.linalg.matrix_rank(covariance, hermitian=True) < len(covariance):
        raise SpecificationError(
            f"covariates with variances {', '.join(f'{value:g}' for value in np.diag(covariance))} within the groups "
            "do not vary on their own; needed: level and terrain that differ. Take other units."
        )
    return np.asarray(np.linalg.cholesky(np.linalg.inv(covariance)) / np.sqrt(covariates.shape[1]))


def pair_up(treated: Array, untreated: Array, scale: Array, caliper: float) -> tuple[Codes, Codes]:
    """Positions of treated and untreated units of each pair, by optimal assignment without replacement.

    Rosenbaum, P. R. (1989), Optimal matching for observational studies, JASA 84(408).
    """
    gaps = cdist(treated @ scale, untreated @ scale)
    # a pair beyond the caliper costs more than all pairs within it together, so it is never bought with one
    cost = np.where(gaps <= caliper, gaps, caliper * (len(treated) + 1.0))
    left, right = linear_sum_assignment(cost)
    close = gaps[left, right] <= caliper
    return left[close].astype(np.int64), right[close].astype(np.int64)
