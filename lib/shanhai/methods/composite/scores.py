"""Three ways to make one score of many scaled indicators: weighted mean, TOPSIS, coupling coordination."""

from typing import Literal, get_args

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.composite.coupling import adding_to_one, coordination, lift
from shanhai.methods.composite.topsis import closeness
from shanhai.methods.door import as_codes
from shanhai.methods.door_shapes import as_array

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

    Returns
    -------
    (ndarray (draws x) places x groups, ndarray (draws x) groups), groups in the order of their first indicator.

    Raises
    ------
    SpecificationError
        If a value or a group is missing, or weights are negative or do not add up to one.
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
