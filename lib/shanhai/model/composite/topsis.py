"""TOPSIS: how near a place is to the best and how far from the worst that occurs (Hwang & Yoon 1981)."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.errors import SpecificationError

Array = NDArray[np.float64]


def closeness(scaled: Array, weights: Array) -> Array:
    """Relative closeness to the ideal of rows that are scaled already.

    With v = w x, the distances d+ and d- to the best and the worst v of each indicator are Euclidean, and the closeness
    is d- / (d+ + d-), between 0 and 1.

    Parameters
    ----------
    scaled : ndarray, (draws x) places x indicators
        More is better. Best and worst are those of the rows given.
    weights : ndarray, (draws x) indicators
        Adding up to one.

    Returns
    -------
    ndarray, (draws x) places.
    """
    weighted = scaled * weights[..., None, :]
    best, worst = (edge(weighted, axis=-2, keepdims=True) for edge in (np.max, np.min))
    far, near = (np.sqrt(((weighted - point) ** 2).sum(axis=-1)) for point in (worst, best))
    total = far + near
    return np.asarray(np.divide(far, total, out=np.full_like(total, 0.5), where=total > 0))


def topsis(values: pd.DataFrame, weights: pd.Series, directions: pd.Series) -> pd.Series:
    """TOPSIS as published: columns divided by their Euclidean length, then :func:`closeness`.

    Parameters
    ----------
    values : DataFrame
        Places by indicators, complete. This scaling keeps the zero of the unit, so that a change from Celsius to
        Fahrenheit changes the result, and one from metres to kilometres does not.
    weights : Series by indicator
        Divided by their sum.
    directions : Series of 1 or -1 by indicator

    Raises
    ------
    SpecificationError
        If a value is missing, a column is zero, a weight is negative, or the weights sum to zero.
    """
    names = list(values.columns)
    matrix, given = values.to_numpy(dtype=float), weights.reindex(names).to_numpy(dtype=float)
    length = np.sqrt((matrix**2).sum(axis=0))
    if not (np.isfinite(matrix).all() and (length > 0).all()):
        raise SpecificationError("TOPSIS needs complete values and no indicator that is zero everywhere; leave it out.")
    if not (np.isfinite(given).all() and (given >= 0).all() and given.sum() > 0):
        raise SpecificationError(f"weights of {names} must be zero or more and not all zero; got {given.tolist()}.")
    turned = matrix / length * directions.reindex(names).to_numpy(dtype=float)
    return pd.Series(closeness(turned, given / given.sum()), index=values.index, name="closeness")
