"""Ranks with their uncertainty: how they are spread over methods, weights and ways to scale.

A score of many indicators is a decision of its author. Here every combination of scaling, weighting scheme and method
is computed with the same random weights around each scheme, and what is missing is drawn from other places; the ranks
of all of these are kept (Saisana, Saltelli & Tarantola 2005; rank acceptability after Lahdelma, Hokkanen & Salminen
1998).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.errors import SpecificationError
from shanhai.model.composite.normalise import normalise
from shanhai.model.composite.scores import score
from shanhai.model.composite.weights import draw_weights

Array = NDArray[np.float64]

TIE = 1e-9
"""Scores nearer than this share a rank, so that no rank hangs on the last digit of a machine."""


@dataclass(frozen=True)
class Choices:
    """Decisions over which ranks are spread."""

    normalisations: tuple[str, ...]
    methods: tuple[str, ...]
    concentration: float
    """How closely weights are drawn around each scheme: see :func:`~shanhai.model.composite.weights.draw_weights`."""
    draws: int
    """Random weights in each combination of scaling, scheme and method."""
    seed: int


@dataclass(frozen=True)
class Spread:
    """Scores of all combinations.

    Attributes
    ----------
    places : Index
        Places that are scored.
    scores : ndarray, normalisations x schemes x methods x draws x places
    fixed : ndarray, normalisations x schemes x methods x places
        Scores with the weights of the schemes themselves, what is missing at the median.
    levels : mapping of choice to its levels, in the order of the axes
    """

    places: pd.Index
    scores: Array = field(repr=False)
    fixed: Array = field(repr=False)
    levels: Mapping[str, tuple[str, ...]]


def spread_scores(
    values: pd.DataFrame,
    directions: pd.Series,
    groups: pd.Series,
    schemes: Mapping[str, pd.Series],
    choices: Choices,
) -> Spread:
    """Score all places under every combination of choices.

    Parameters
    ----------
    values : DataFrame
        Places (all that fix the limits of the scales) by indicators, own units, missing allowed.
    directions, groups : Series by indicator
    schemes : mapping of name to weights by indicator
        Adding up to one each.
    choices : Choices

    Raises
    ------
    SpecificationError
        If there are fewer than three places, no scheme, or an indicator is missing everywhere.
    """
    if len(values) < 3 or not schemes:
        raise SpecificationError(
            f"{len(values)} places and {len(schemes)} schemes; three places and one scheme are needed."
        )
    rng = np.random.default_rng(choices.seed)
    donors = _draw_donors(values, choices.draws, rng)
    drawn = {
        name: draw_weights(weights.reindex(values.columns), groups, choices.concentration, choices.draws, rng)
        for name, weights in schemes.items()
    }
    scored, fixed = [], []
    for way in choices.normalisations:
        scaled = normalise(values, directions, way)
        middle = scaled.fillna(scaled.median()).to_numpy()
        filled = _fill(scaled, donors)
        for name, method in product(schemes, choices.methods):
            own = schemes[name].reindex(values.columns).to_numpy(dtype=float)
            scored.append(score(filled, drawn[name], groups, method))
            fixed.append(score(middle, own, groups, method))
    levels = {"normalisation": choices.normalisations, "weights": tuple(schemes), "method": choices.methods}
    shape = tuple(len(one) for one in levels.values())
    return Spread(
        values.index,
        np.array(scored).reshape(*shape, choices.draws, len(values)),
        np.array(fixed).reshape(*shape, len(values)),
        levels,
    )


def _draw_donors(
    values: pd.DataFrame, draws: int, rng: np.random.Generator
) -> dict[tuple[int, int], NDArray[np.int64]]:
    """For each missing value, by row and column, which row lends its value in each draw."""
    donors = {}
    known = values.notna().to_numpy()
    for column in range(values.shape[1]):
        lenders = np.flatnonzero(known[:, column])
        for row in np.flatnonzero(~known[:, column]):
            if not len(lenders):
                raise SpecificationError(f"indicator {values.columns[column]!r} is missing everywhere; leave it out.")
            donors[(int(row), column)] = rng.choice(lenders, draws)
    return donors


def _fill(scaled: pd.DataFrame, donors: Mapping[tuple[int, int], NDArray[np.int64]]) -> Array:
    matrix = scaled.to_numpy(dtype=float)
    if not donors:
        return matrix[None]
    draws = len(next(iter(donors.values())))
    filled = np.repeat(matrix[None], draws, axis=0)
    for (row, column), lenders in donors.items():
        filled[:, row, column] = matrix[lenders, column]
    return filled


def ranks_of(scores: Array) -> NDArray[np.int64]:
    """Ranks along the last axis: 1 for the highest; equal scores share the better rank."""
    ahead = scores[..., None, :] > scores[..., :, None] + TIE
    return np.asarray(1 + ahead.sum(axis=-1))


def among(spread: Spread, places: pd.Index) -> Spread:
    """The same scores of some places only, ranked among themselves."""
    chosen = spread.places.get_indexer(places)
    if (chosen < 0).any():
        raise SpecificationError(
            f"places {list(places[chosen < 0])} were not scored; score them together with the others."
        )
    return Spread(places, spread.scores[..., chosen], spread.fixed[..., chosen], spread.levels)


def rank_table(spread: Spread, level: float = 0.9) -> pd.DataFrame:
    """Ranks of the reference and of all draws.

    The reference is the first level of every choice, with the weights of the scheme itself.

    Returns
    -------
    DataFrame by place: score (of the reference), rank, median, low, high (middle ``level`` of the draws; whole ranks),
    best, worst, top and bottom (share of the draws in the best and the worst third of ranks).
    """
    count = len(spread.places)
    ranks = ranks_of(spread.scores).reshape(-1, count)
    reference = spread.fixed[0, 0, 0]
    low, middle, high = np.quantile(ranks, [0.5 - level / 2, 0.5, 0.5 + level / 2], axis=0, method="inverted_cdf")
    third = count / 3
    return pd.DataFrame(
        {
            "score": reference,
            "rank": ranks_of(reference),
            "median": middle.astype(int),
            "low": low.astype(int),
            "high": high.astype(int),
            "best": ranks.min(axis=0),
            "worst": ranks.max(axis=0),
            "top": (ranks <= third).mean(axis=0),
            "bottom": (ranks > count - third).mean(axis=0),
        },
        index=spread.places,
    )


def pair_table(spread: Spread) -> pd.DataFrame:
    """Every pair of places: ``first``, ``second``, and the share of the draws in which the first scores higher."""
    flat = spread.scores.reshape(-1, len(spread.places))
    first, second = np.triu_indices(len(spread.places), 1)
    ahead = (flat[:, first] > flat[:, second] + TIE).mean(axis=0)
    behind = (flat[:, second] > flat[:, first] + TIE).mean(axis=0)
    return pd.DataFrame(
        {"first": spread.places[first], "second": spread.places[second], "ahead": ahead, "behind": behind}
    )
