"""Spatial autocorrelation of values of which some are missing: Moran's I of the units that have one and a neighbour."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.errors import MissingDataError
from shanhai.model.spatial import contiguity_weights, moran_test


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
    edges = inside.rename(columns={"a": "code_a", "b": "code_b"})
    test = moran_test(linked, contiguity_weights(edges, [str(code) for code in linked.index]), generator, draws)
    return Moran(test.statistic, test.p_permutation, len(linked), len(known) - len(linked))
