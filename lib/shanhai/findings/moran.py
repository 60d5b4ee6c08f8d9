"""Spatial autocorrelation of values on polygons (Moran 1950; Cliff & Ord 1981)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.errors import MissingDataError


@dataclass(frozen=True)
class Moran:
    """Moran's I with its permutation test."""

    statistic: float
    """I, about 0 without autocorrelation and 1 with perfect likeness of neighbours."""
    p_value: float
    """Share of permutations, with the observed one, whose I is at least as large (one-sided, upper tail)."""
    units: int
    """Units with a value and at least one neighbour with a value."""
    islands: int
    """Units with a value but no neighbour with a value; left out."""


def moran(values: pd.Series, pairs: pd.DataFrame, generator: np.random.Generator, draws: int = 9_999) -> Moran:
    """Moran's I with row-standardised contiguity weights.

    Parameters
    ----------
    values : Series
        One value a unit, indexed by code; missing values are dropped.
    pairs : DataFrame
        Neighbouring codes in the columns ``a`` and ``b``, each pair once.
    generator : numpy.random.Generator
        For the permutations.
    draws : int
        Number of permutations.

    Raises
    ------
    MissingDataError
        If fewer than three units have a value and a neighbour.
    """
    known = values.dropna()
    inside = pairs[pairs["a"].isin(known.index) & pairs["b"].isin(known.index)]
    linked = known[known.index.isin(set(inside["a"]) | set(inside["b"]))].sort_index()
    if len(linked) < 3:
        raise MissingDataError(f"Moran's I needs three units with a value and a neighbour, not {len(linked)}.")
    position = {code: row for row, code in enumerate(linked.index)}
    weights = np.zeros((len(linked), len(linked)))
    rows, columns = inside["a"].map(position), inside["b"].map(position)
    weights[rows, columns] = weights[columns, rows] = 1.0
    weights /= weights.sum(axis=1, keepdims=True)
    deviations = linked.to_numpy(dtype=float) - linked.mean()
    observed = _statistic(deviations, weights)
    permuted = np.array([_statistic(generator.permutation(deviations), weights) for _ in range(draws)])
    p_value = (1 + int((permuted >= observed).sum())) / (draws + 1)
    return Moran(float(observed), p_value, len(linked), len(known) - len(linked))


def _statistic(deviations: np.ndarray, weights: np.ndarray) -> float:
    """Moran's I of deviations from the mean; rows of the weights sum to one."""
    return float(deviations @ weights @ deviations / (deviations @ deviations))
