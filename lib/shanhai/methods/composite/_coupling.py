"""Coupling coordination degree: do several systems stand high together?

Three numbers between 0 and 1, for n systems with scores U between 0 and 1: the coupling C says how equal they are, the
development T is their weighted mean, and the coordination is D = sqrt(C T). Versions of C in print differ, and some are
wrong (Wang, Kong, Ren, Zhi & Dai 2021): without the n-th root, or with n left out of it, C has a maximum far below one,
so that grades made for 0 to 1 call everything uncoordinated. Two versions are offered here:

- ``standard``: geometric over arithmetic mean of the U, with the n-th root. It crowds near 1. With equal weights
  D squared is the geometric mean of the U: nothing but a mean that dislikes imbalance.
- ``modified``: Wang et al. (2021), spread more evenly over 0 to 1.

Neither measures that one system acts upon another.
"""

from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_array, as_weights, of_units
from shanhai.methods.panels import as_table

_Version = Literal["standard", "modified"]
_VERSIONS: tuple[str, ...] = get_args(_Version)

_FLOOR = 0.01
"""Scores are moved into 0.01 to 0.99 before C is taken: a zero in one system would make D zero whatever the others are.
The figure is that of the literature's usual software; a lower one punishes the last place of a system harder."""

GRADES: tuple[tuple[float, str], ...] = (
    (0.0, "extreme imbalance"),
    (0.1, "severe imbalance"),
    (0.2, "moderate imbalance"),
    (0.3, "mild imbalance"),
    (0.4, "near imbalance"),
    (0.5, "bare coordination"),
    (0.6, "primary coordination"),
    (0.7, "intermediate coordination"),
    (0.8, "good coordination"),
    (0.9, "quality coordination"),
)
"""Lower bound of each grade of D, open below except for the first, as the literature uses them."""


def coupling(scores: Array, version: str = "standard") -> Array:
    """C of systems.

    Parameters
    ----------
    scores : ndarray, ... x systems
        U between 0 and 1; two systems or more.
    version : str

    Returns
    -------
    array, ...
        C between 0 and 1; 1 where all systems score the same.

    Raises
    ------
    SpecificationError
        For an unknown version, fewer than two systems, or a score that is missing or outside 0 to 1.

    Examples
    --------
    Equal scores are fully coupled:

    >>> import numpy as np
    >>> from shanhai.methods.composite import coupling
    >>> coupling(np.array([[0.5, 0.5], [0.9, 0.1]])).round(2)
    array([1. , 0.6])
    """
    scores = _scores(scores)
    count = scores.shape[-1]
    if version not in _VERSIONS or count < 2:
        raise SpecificationError(
            f"version {version!r} of {count} systems; allowed: {' or '.join(_VERSIONS)}, and two systems or more. "
            "Name one, or add a system."
        )
    if version == "standard":
        mean = scores.mean(axis=-1)
        geometric = np.prod(scores, axis=-1) ** (1 / count)
        return np.asarray(np.divide(geometric, mean, out=np.zeros_like(mean), where=mean > 0))
    return _modified(scores)


def _scores(scores: Array) -> Array:
    """Scores of systems, refused outside 0 to 1."""
    numbers = as_array(scores, "the scores of systems")
    if numbers.min() < 0 or numbers.max() > 1:
        raise SpecificationError(
            f"systems score {numbers.min():g} to {numbers.max():g}; allowed: 0 to 1. Scale the scores by their range "
            "first."
        )
    return numbers


def _modified(scores: Array) -> Array:
    """Root of (1 - mean distance of the pairs) times the (n-1)-th root of the product of U over the largest U."""
    count = scores.shape[-1]
    first, second = np.triu_indices(count, 1)
    apart = np.abs(scores[..., first] - scores[..., second]).mean(axis=-1)
    largest = scores.max(axis=-1, keepdims=True)
    relative = np.divide(scores, largest, out=np.zeros_like(scores), where=largest > 0)
    return np.asarray(np.sqrt((1 - apart) * np.prod(relative, axis=-1) ** (1 / (count - 1))))


def coordination(scores: Array, weights: Array, version: str = "standard") -> Array:
    """D of systems: root of coupling times the weighted mean.

    Parameters
    ----------
    scores : ndarray, ... x systems
    weights : ndarray, systems (or broadcastable)
        Adding up to one; they enter the mean only, since C treats the systems alike.
    version : str

    Returns
    -------
    array, ...
        D between 0 and 1.

    Raises
    ------
    SpecificationError
        As in :func:`coupling`, or for weights that are negative or do not add up to one.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.composite import coordination
    >>> coordination(np.array([[0.5, 0.5], [0.9, 0.1]]), np.array([0.5, 0.5])).round(2)
    array([0.71, 0.55])
    """
    scores = _scores(scores)
    shares = adding_to_one(weights, scores.shape[-1])
    return np.asarray(np.sqrt(coupling(scores, version) * (scores * shares).sum(axis=-1)))


def adding_to_one(weights: Array, count: int) -> Array:
    """Weights along the last axis, refused if negative or if they do not add up to one.

    Raises
    ------
    SpecificationError
    """
    shares = as_array(weights, "the weights")
    if shares.shape[-1] != count or (shares < 0).any() or (np.abs(shares.sum(axis=-1) - 1) > 1e-8).any():
        sums = shares.sum(axis=-1)
        raise SpecificationError(
            f"{shares.shape[-1]} weights for {count} columns, the smallest {shares.min():g}, with a sum of "
            f"{sums.min():g} to {sums.max():g}; allowed: one a column, none negative, adding up to 1. Divide them by "
            "their sum."
        )
    return shares


def lift(scores: Array) -> Array:
    """Scores moved linearly from 0..1 into :data:`_FLOOR` .. 1 - :data:`_FLOOR`."""
    return _FLOOR + (1 - 2 * _FLOOR) * scores


def coordination_table(scores: pd.DataFrame, weights: pd.Series) -> pd.DataFrame:
    """C, T and D of each place in both versions.

    Parameters
    ----------
    scores : DataFrame
        Places by systems, from 0 to 1; lifted here.
    weights : Series by system

    Returns
    -------
    DataFrame with the index of ``scores``: development, coupling, coordination, grade, coupling_modified,
    coordination_modified, grade_modified (grades as positions in :data:`GRADES`).

    Raises
    ------
    SpecificationError
        For scores outside 0 to 1 or missing, and for a system without a positive weight.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.composite import coordination_table
    >>> scores = pd.DataFrame({"work": [0.5, 0.9], "air": [0.5, 0.1]}, index=["a", "b"])
    >>> coordination_table(scores, pd.Series({"work": 0.5, "air": 0.5})).iloc[:, :3].round(2)
       development  coupling  coordination
    a          0.5      1.00          0.71
    b          0.5      0.62          0.56
    """
    table = as_table(scores, "scores")
    shares = as_weights(of_units(weights, table.columns, "weights"))
    lifted, shares = lift(_scores(table.to_numpy())), shares / shares.sum()
    columns: dict[str, NDArray[Any]] = {"development": (lifted * shares).sum(axis=1)}
    for version, ending in zip(_VERSIONS, ("", "_modified"), strict=True):
        columns[f"coupling{ending}"] = coupling(lifted, version)
        columns[f"coordination{ending}"] = coordination(lifted, shares, version)
        columns[f"grade{ending}"] = grade(columns[f"coordination{ending}"])
    return pd.DataFrame(columns, index=scores.index)


def grade(degrees: Array) -> NDArray[np.int64]:
    """Position in :data:`GRADES` of each D: the bound itself belongs to the lower grade.

    Parameters
    ----------
    degrees : array
        Any shape, between 0 and 1.

    Returns
    -------
    array of int
        Of the same shape, 0 for the lowest grade.

    Raises
    ------
    SpecificationError
        If a degree is missing or outside 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.composite import grade
    >>> grade(np.array([0.05, 0.55, 0.95]))
    array([0, 5, 9])
    """
    bounds = np.array([bound for bound, _ in GRADES[1:]])
    return np.asarray(np.searchsorted(bounds, _scores(degrees), side="left"))
