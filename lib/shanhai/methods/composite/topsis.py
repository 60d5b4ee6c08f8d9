"""TOPSIS: how near a place is to the best and how far from the worst that occurs (Hwang & Yoon 1981)."""

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.composite.normalise import signs_of
from shanhai.methods.door import as_numbers
from shanhai.methods.door_shapes import as_array, as_table, of_units


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

    Raises
    ------
    SpecificationError
        If a value is missing, or a weight is missing or negative.
    """
    scaled, weights = as_array(scaled, "the scaled indicators"), as_array(weights, "the weights")
    if scaled.ndim < 2 or weights.shape[-1] != scaled.shape[-1] or (weights < 0).any():
        raise SpecificationError(
            f"indicators of shape {scaled.shape} and weights of shape {weights.shape}, the smallest {weights.min():g}; "
            "allowed: places by indicators, and a weight of zero or more for each indicator. Pass one a column."
        )
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
        If a value or a weight is missing, a column is zero, a weight is negative, the weights sum to zero, or a
        direction is other than 1 and -1.
    """
    table = as_table(values, "values")
    matrix, names = table.to_numpy(), list(table.columns)
    given = as_numbers(of_units(weights, names, "weights"), "the weight")
    length = np.sqrt((matrix**2).sum(axis=0))
    if not (length > 0).all():
        zero = [str(name) for name, size in zip(names, length, strict=True) if not size > 0]
        raise SpecificationError(
            f"indicators {', '.join(zero)} are zero everywhere; allowed: columns with another value. Leave them out."
        )
    if (given < 0).any() or not given.sum() > 0:
        raise SpecificationError(
            f"weights of {names} are {given.tolist()}; allowed: zero or more, not all zero. Leave out what is negative."
        )
    turned = matrix / length * signs_of(table, directions)
    return pd.Series(closeness(turned, given / given.sum()), index=values.index, name="closeness")
