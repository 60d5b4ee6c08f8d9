"""Ways to make one score of scaled indicators: weighted mean, TOPSIS (Hwang & Yoon 1981), coupling coordination."""

from typing import Literal, get_args

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_array, as_codes, as_numbers, of_units
from shanhai.methods.composite._coupling import adding_to_one, coordination, lift
from shanhai.methods.composite._normalise import signs_of
from shanhai.methods.panels import as_table

Method = Literal["mean", "topsis", "coordination"]
"""Ways to put indicators together."""

METHODS: tuple[str, ...] = get_args(Method)


def score(scaled: Array, weights: Array, groups: pd.Series, method: str) -> Array:
    """Scores between 0 and 1.

    Parameters
    ----------
    scaled : ndarray, (draws x) places x indicators
        From 0 to 1, more is better, complete.
    weights : ndarray, (draws x) indicators
        Adding up to one in each draw.
    groups : Series of group by indicator
        Systems of ``coordination``; groups without weight in every draw are left out of it.
    method : str

    Returns
    -------
    ndarray, (draws x) places.

    Raises
    ------
    SpecificationError
        For an unknown method, coordination of fewer than two groups, values that are missing, or weights that are
        negative or do not add up to one.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import group_weights, normalise, score
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> scaled, weights = normalise(values, directions).to_numpy(), group_weights(groups).to_numpy()
    >>> score(scaled, weights[None, :], groups, "mean").round(2)
    array([[0.08, 0.4 , 1.  ]])
    """
    scaled = as_array(scaled, "the scaled indicators")
    weights = adding_to_one(weights, scaled.shape[-1])
    if method == "mean":
        return np.asarray((scaled * weights[..., None, :]).sum(axis=-1))
    if method == "topsis":
        return closeness(scaled, weights)
    if method != "coordination":
        raise SpecificationError(f"method is {method!r}; allowed: {', '.join(METHODS)}. Name one of these.")
    systems, shares = group_scores(scaled, weights, groups)
    return coordination(lift(systems), shares[..., None, :])


def group_scores(scaled: Array, weights: Array, groups: pd.Series) -> tuple[Array, Array]:
    """Weighted mean of each group, and the group's own weight.

    Parameters
    ----------
    scaled : DataFrame
        Places by indicators, between 0 and 1.
    weights : array, (draws x) indicators
        Adding up to one.
    groups : Series of group by indicator

    Returns
    -------
    (ndarray (draws x) places x groups, ndarray (draws x) groups), groups in the order of their first indicator.

    Raises
    ------
    SpecificationError
        If a value or a group is missing, or weights are negative or do not add up to one.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import group_scores, group_weights, normalise
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> scaled, weights = normalise(values, directions).to_numpy(), group_weights(groups).to_numpy()
    >>> group_scores(scaled, weights[None, :], groups)[0].round(2)
    array([[[0.17, 0.  ],
            [0.17, 0.62],
            [1.  , 1.  ]]])
    """
    scaled = as_array(scaled, "the scaled indicators")
    weights = adding_to_one(weights, scaled.shape[-1])
    labels = as_codes(groups, "the group")
    if len(labels) != scaled.shape[-1]:
        raise SpecificationError(
            f"{len(labels)} groups for {scaled.shape[-1]} indicators; allowed: one for each. Take groups.reindex(keys)."
        )
    kept = [name for name in dict.fromkeys(labels) if np.any(weights[..., labels == name] > 0)]
    means, shares = [], []
    for name in kept:
        own = weights[..., labels == name]
        share = own.sum(axis=-1)
        sums = (scaled[..., labels == name] * own[..., None, :]).sum(axis=-1)
        means.append(sums / np.maximum(share, np.finfo(float).tiny)[..., None])
        shares.append(share)
    return np.stack(means, axis=-1), np.stack(shares, axis=-1)


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

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.composite import closeness
    >>> closeness(np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[0.5, 0.5]])).round(2)
    array([[0.5, 0.5, 1. ]])
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

    Returns
    -------
    Series
        Closeness to the ideal by place, between 0 and 1.

    Raises
    ------
    SpecificationError
        If a value or a weight is missing, a column is zero, a weight is negative, the weights sum to zero, or a
        direction is other than 1 and -1.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import group_weights, topsis
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> topsis(values, group_weights(groups), directions).round(2).to_dict()
    {'a': 0.08, 'b': 0.54, 'c': 1.0}
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
