"""What is left of columns once others are held: the part of a regression that bootstraps and placebos share."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

RANK_TOLERANCE = 1e-9
"""A column of which less than this share is left after the others counts as determined by them."""


def orthonormal_basis(columns: Array) -> Array:
    """Orthonormal basis of columns given in units of their spread before demeaning.

    A column of which demeaning or the other columns leave rounding only is left out.

    Parameters
    ----------
    columns : n x k.

    Returns
    -------
    n x r, r the number of columns that are not determined by the others.
    """
    size = np.sqrt((columns**2).sum(axis=0))
    columns = columns[:, size > RANK_TOLERANCE] / size[size > RANK_TOLERANCE]
    if columns.shape[1] == 0:
        return columns
    left, values, _ = np.linalg.svd(columns, full_matrices=False)
    return np.asarray(left[:, values > RANK_TOLERANCE])


def less_projection(columns: Array, basis: Array) -> Array:
    """Columns less their projection on an orthonormal basis; twice, as rounding leaves a trace the first time."""
    once = columns - basis @ (basis.T @ columns)
    return np.asarray(once - basis @ (basis.T @ once))


def spread(columns: Array, weights: Array) -> Array:
    """Root of the weighted sum of squares of each column, never zero: the unit in which rank is judged."""
    return np.sqrt(np.maximum(weights @ columns**2, np.finfo(float).tiny))


def codes_of(labels: ArrayLike) -> Codes:
    """Integers 0..L-1 for labels of any kind, in sorted order of the labels."""
    return np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.int64).reshape(-1)
