"""Three ways to make one score of many scaled indicators: weighted mean, TOPSIS, coupling coordination."""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.errors import SpecificationError
from shanhai.model.composite.coupling import coordination, lift
from shanhai.model.composite.topsis import closeness

Array = NDArray[np.float64]
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
        For an unknown method, or coordination of fewer than two groups.
    """
    if method == "mean":
        return np.asarray((scaled * weights[..., None, :]).sum(axis=-1))
    if method == "topsis":
        return closeness(scaled, weights)
    if method != "coordination":
        raise SpecificationError(f"method is {method!r}; choose one of {', '.join(METHODS)}.")
    systems, shares = group_scores(scaled, weights, groups)
    return coordination(lift(systems), shares[..., None, :])


def group_scores(scaled: Array, weights: Array, groups: pd.Series) -> tuple[Array, Array]:
    """Weighted mean of each group, and the group's own weight.

    Returns
    -------
    (ndarray (draws x) places x groups, ndarray (draws x) groups), groups in the order of their first indicator.
    """
    labels = groups.to_numpy()
    kept = [name for name in dict.fromkeys(groups) if np.any(weights[..., labels == name] > 0)]
    means, shares = [], []
    for name in kept:
        own = weights[..., labels == name]
        share = own.sum(axis=-1)
        sums = (scaled[..., labels == name] * own[..., None, :]).sum(axis=-1)
        means.append(sums / np.maximum(share, np.finfo(float).tiny)[..., None])
        shares.append(share)
    return np.stack(means, axis=-1), np.stack(shares, axis=-1)
