"""Ranks with their uncertainty: how they are spread over methods, weights and ways to scale.

A score of many indicators is a decision of its author. Here every combination of scaling, weighting scheme and method
is computed with the same random weights around each scheme, and what is missing is drawn from other places; the ranks
of all of these are kept (Saisana, Saltelli & Tarantola 2005; rank acceptability after Lahdelma, Hokkanen & Salminen
1998). Shares of the variance of ranks, and single changes, say which decision moves them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_array, as_codes, as_count, as_numbers, as_share, of_units, require_once
from shanhai.methods.composite._normalise import normalise
from shanhai.methods.composite._scores import score
from shanhai.methods.composite._weights import draw_weights
from shanhai.methods.panels import as_table

_TIE = 1e-9
"""Scores nearer than this share a rank, so that no rank hangs on the last digit of a machine."""


@dataclass(frozen=True)
class Choices:
    """Decisions over which ranks are spread.

    Examples
    --------
    >>> from shanhai.methods.composite import Choices
    >>> Choices(("range",), ("mean", "topsis"), concentration=20.0, draws=100, seed=1).methods
    ('mean', 'topsis')
    """

    normalisations: tuple[str, ...]
    """Ways of :func:`normalise`."""
    methods: tuple[str, ...]
    """``mean`` or ``topsis``."""
    concentration: float
    """How closely weights are drawn around each scheme: see ``draw_weights``."""
    draws: int
    """Random weights in each combination of scaling, scheme and method."""
    seed: int
    """Of the random weights."""


@dataclass(frozen=True, repr=False)
class Spread(Shown):
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
        If there are fewer than three places, no scheme, an indicator is missing everywhere or has no group, direction
        or weight, or weights do not add up to one.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import Choices, entropy_weights, group_weights, normalise, spread_scores
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> schemes = {"equal": group_weights(groups), "entropy": entropy_weights(normalise(values, directions))}
    >>> choices = Choices(("range", "rank"), ("mean",), concentration=20.0, draws=20, seed=1)
    >>> spread = spread_scores(values, directions, groups, schemes, choices)
    >>> spread.scores.shape
    (2, 2, 1, 20, 3)
    """
    values = as_table(values, "values", missing=True)
    if len(values) < 3 or not schemes:
        raise SpecificationError(
            f"{len(values)} places and {len(schemes)} schemes; needed: three places and one scheme or more. Add some."
        )
    groups = of_units(groups, values.columns, "groups")
    groups = pd.Series(as_codes(groups, "the group"), index=groups.index)
    weights = {name: _in_order(own, values.columns, name) for name, own in schemes.items()}
    draws = as_count(choices.draws, "draws", least=1)
    rng = np.random.default_rng(as_count(choices.seed, "the seed"))
    donors = _draw_donors(values, draws, rng)
    drawn = {name: draw_weights(own, groups, choices.concentration, draws, rng) for name, own in weights.items()}
    scored, fixed = [], []
    for way in choices.normalisations:
        scaled = normalise(values, directions, way)
        middle = scaled.fillna(scaled.median()).to_numpy()
        filled = _fill(scaled, donors)
        for name, method in product(schemes, choices.methods):
            own = weights[name].to_numpy()
            scored.append(score(filled, drawn[name], groups, method))
            fixed.append(score(middle, own, groups, method))
    levels = {"normalisation": choices.normalisations, "weights": tuple(schemes), "method": choices.methods}
    shape = tuple(len(options) for options in levels.values())
    return Spread(
        values.index,
        np.array(scored).reshape(*shape, choices.draws, len(values)),
        np.array(fixed).reshape(*shape, len(values)),
        levels,
    )


def _in_order(weights: pd.Series, names: pd.Index, scheme: str) -> pd.Series:
    """Weights of the indicators, which those of another set of indicators are not."""
    own = of_units(weights, names, f"scheme {scheme}")
    return pd.Series(as_numbers(own, f"the weight of scheme {scheme}"), index=names)


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
                raise SpecificationError(
                    f"indicator {values.columns[column]!r} is missing everywhere; needed: one value or more. Leave it "
                    "out."
                )
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
    """Ranks along the last axis: 1 for the highest; equal scores share the better rank.

    Parameters
    ----------
    scores : array, ... x places

    Returns
    -------
    array of int
        Of the same shape.

    Raises
    ------
    SpecificationError
        If a score is missing or infinite.

    Examples
    --------
    The highest score comes first:

    >>> import numpy as np
    >>> from shanhai.methods.composite import ranks_of
    >>> ranks_of(np.array([[0.2, 0.9, 0.5]]))
    array([[3, 1, 2]])
    """
    scores = as_array(scores, "the scores")
    ahead = scores[..., None, :] > scores[..., :, None] + _TIE
    return np.asarray(1 + ahead.sum(axis=-1))


def among(spread: Spread, places: pd.Index) -> Spread:
    """The same scores of some places only, ranked among themselves.

    Parameters
    ----------
    spread : Spread
        Of :func:`spread_scores`.
    places : Index
        Some of its places.

    Raises
    ------
    SpecificationError
        If there are no places, one is there twice, or one was not scored.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import Choices, among, entropy_weights, group_weights
    >>> from shanhai.methods.composite import normalise, spread_scores
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> schemes = {"equal": group_weights(groups), "entropy": entropy_weights(normalise(values, directions))}
    >>> choices = Choices(("range", "rank"), ("mean",), concentration=20.0, draws=20, seed=1)
    >>> spread = spread_scores(values, directions, groups, schemes, choices)
    >>> among(spread, pd.Index(["a", "c"])).scores.shape
    (2, 2, 1, 20, 2)
    """
    places = pd.Index(places)
    require_once(places, "places")
    chosen = spread.places.get_indexer(places)
    if (chosen < 0).any() or not len(chosen):
        raise SpecificationError(
            f"{len(chosen)} places, of which {list(places[chosen < 0])} were not scored; allowed: places of the "
            "spread. Score them together with the others."
        )
    return Spread(places, spread.scores[..., chosen], spread.fixed[..., chosen], spread.levels)


def rank_table(spread: Spread, level: float = 0.9) -> pd.DataFrame:
    """Ranks of the reference and of all draws.

    The reference is the first level of every choice, with the weights of the scheme itself.

    Parameters
    ----------
    spread : Spread
        Of :func:`spread_scores`.
    level : float
        Share of the draws between ``low`` and ``high``, between 0 and 1.

    Returns
    -------
    DataFrame by place: score (of the reference), rank, median, low, high (middle ``level`` of the draws; whole ranks),
    best, worst, top and bottom (share of the draws in the best and the worst third of ranks).

    Raises
    ------
    SpecificationError
        If ``level`` is no share.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import Choices, entropy_weights, group_weights, normalise
    >>> from shanhai.methods.composite import rank_table, spread_scores
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> schemes = {"equal": group_weights(groups), "entropy": entropy_weights(normalise(values, directions))}
    >>> choices = Choices(("range", "rank"), ("mean",), concentration=20.0, draws=20, seed=1)
    >>> spread = spread_scores(values, directions, groups, schemes, choices)
    >>> rank_table(spread)[["rank", "low", "high"]]
       rank  low  high
    a     3    3     3
    b     2    2     2
    c     1    1     1
    """
    count, level = len(spread.places), as_share(level, "level")
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
    """Every pair of places: ``first``, ``second``, and the share of the draws in which the first scores higher.

    Parameters
    ----------
    spread : Spread
        Of :func:`spread_scores`.

    Returns
    -------
    DataFrame
        first, second, ahead (share of the draws, 0 to 1, in which the first scores higher), behind (the second does).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import Choices, entropy_weights, group_weights, normalise
    >>> from shanhai.methods.composite import pair_table, spread_scores
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> schemes = {"equal": group_weights(groups), "entropy": entropy_weights(normalise(values, directions))}
    >>> choices = Choices(("range", "rank"), ("mean",), concentration=20.0, draws=20, seed=1)
    >>> spread = spread_scores(values, directions, groups, schemes, choices)
    >>> pair_table(spread).round(2)
      first second  ahead  behind
    0     a      b   0.02    0.98
    1     a      c   0.00    1.00
    2     b      c   0.00    1.00
    """
    flat = spread.scores.reshape(-1, len(spread.places))
    first, second = np.triu_indices(len(spread.places), 1)
    ahead = (flat[:, first] > flat[:, second] + _TIE).mean(axis=0)
    behind = (flat[:, second] > flat[:, first] + _TIE).mean(axis=0)
    return pd.DataFrame(
        {"first": spread.places[first], "second": spread.places[second], "ahead": ahead, "behind": behind}
    )


def variance_shares(spread: Spread) -> pd.Series:
    """Shares of the variance of ranks, summed over places, that add up to one.

    All combinations are computed with the same number of draws, so the variance divides exactly: between the levels of
    each choice, their interactions, and the draws inside a combination (random weights, and values drawn for missing
    ones).

    Parameters
    ----------
    spread : Spread
        Of :func:`spread_scores`.

    Returns
    -------
    Series with the choices, ``interactions`` and ``draws``. All zero if no rank ever changes.

    Raises
    ------
    SpecificationError
        If a score is missing.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import Choices, entropy_weights, group_weights, normalise
    >>> from shanhai.methods.composite import spread_scores, variance_shares
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> schemes = {"equal": group_weights(groups), "entropy": entropy_weights(normalise(values, directions))}
    >>> choices = Choices(("range", "rank"), ("mean",), concentration=20.0, draws=20, seed=1)
    >>> spread = spread_scores(values, directions, groups, schemes, choices)
    >>> variance_shares(spread).round(2)
    normalisation    0.00
    weights          0.03
    method           0.00
    interactions     0.00
    draws            0.97
    Name: share, dtype: float64
    """
    ranks = ranks_of(spread.scores).astype(float)
    axes = tuple(range(len(spread.levels)))
    cells = ranks.mean(axis=len(axes))
    total = ranks.reshape(-1, ranks.shape[-1]).var(axis=0).sum()
    parts = {
        name: cells.mean(axis=tuple(other for other in axes if other != axis)).var(axis=0).sum()
        for axis, name in enumerate(spread.levels)
    }
    between = cells.reshape(-1, cells.shape[-1]).var(axis=0).sum()
    parts["interactions"] = between - sum(parts.values())
    parts["draws"] = total - between
    return pd.Series(parts, name="share") / (total if total > 0 else 1.0)


def single_changes(spread: Spread) -> pd.DataFrame:
    """What one decision other than that of the reference does to the ranks, the weights of the schemes held fixed.

    Parameters
    ----------
    spread : Spread
        Of :func:`spread_scores`.

    Returns
    -------
    DataFrame
        choice, level, mean_shift (mean absolute change of rank), largest_shift, place (that moves most; the first of
        several), correlation (of ranks with the reference's, Spearman).

    Raises
    ------
    SpecificationError
        If a score is missing.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import Choices, entropy_weights, group_weights, normalise
    >>> from shanhai.methods.composite import single_changes, spread_scores
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> schemes = {"equal": group_weights(groups), "entropy": entropy_weights(normalise(values, directions))}
    >>> choices = Choices(("range", "rank"), ("mean",), concentration=20.0, draws=20, seed=1)
    >>> spread = spread_scores(values, directions, groups, schemes, choices)
    >>> single_changes(spread).head(2)
              choice    level  mean_shift  largest_shift place  correlation
    0  normalisation     rank         0.0              0     a          1.0
    1        weights  entropy         0.0              0     a          1.0
    """
    reference = ranks_of(spread.fixed[0, 0, 0]).astype(float)
    rows = []
    for axis, (choice, levels) in enumerate(spread.levels.items()):
        for position, level in enumerate(levels[1:], start=1):
            cell = tuple(position if other == axis else 0 for other in range(len(spread.levels)))
            ranks = ranks_of(spread.fixed[cell]).astype(float)
            shift = np.abs(ranks - reference)
            most = int(np.argmax(shift))
            rows.append(
                {
                    "choice": choice,
                    "level": level,
                    "mean_shift": shift.mean(),
                    "largest_shift": int(shift[most]),
                    "place": spread.places[most],
                    "correlation": float(np.corrcoef(ranks, reference)[0, 1]),
                }
            )
    return pd.DataFrame(rows)
