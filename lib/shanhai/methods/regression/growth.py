"""Barro regressions on pairs of places: does a border between two of them keep their income gap open?

For two places with incomes a and b at the start, richer first, the gap is ``g = log(a / b) >= 0``. The regression is

    (g at the end - g at the start) / years = constant + slope * g at the start + effect * border + ...

Convergence is a negative slope (Barro & Sala-i-Martin 1992); a positive effect says that a gap across the border closes
more slowly, or opens faster, than a gap of the same size without one (the pairwise form of the border effect of Li & Xu
2006). Pairs that share a place are not independent: standard errors are dyadic, or an exact permutation of the labels
of the places replaces them when places are few.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.checks import as_codes, as_count, as_links, as_numbers, require_once
from shanhai.methods.estimate import Estimate
from shanhai.methods.regression.absorb import FixedEffects, within
from shanhai.methods.regression.projection import independent_columns, less_projection, rounding


def income_pairs(
    start: pd.Series,
    end: pd.Series,
    years: int,
    pairs: pd.DataFrame | None = None,
    *,
    pair: tuple[str, str] = ("code_a", "code_b"),
) -> pd.DataFrame:
    """Pairs of places with the change of their gap.

    Parameters
    ----------
    start, end : Series
        Income of each place (positive; index: place) at the start and at the end.
    years : int
        Years between the two.
    pairs : DataFrame, optional
        Pairs to look at; all pairs by default.
    pair : tuple of str
        Columns of the two places of these.

    Returns
    -------
    DataFrame
        richer, poorer (at the start; a tie goes by name), gap_start (log points), change (percentage points of the gap
        a year), in the order of the pairs.

    Raises
    ------
    MissingDataError
        If a place has no income in one of the two years.
    SpecificationError
        If years are not positive or an income is not, a place occurs twice, or there are no pairs.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.regression.growth import income_pairs
    >>> start = pd.Series({"a": 100.0, "b": 200.0})
    >>> income_pairs(start, start + 100, 10).round(2)
      richer poorer  gap_start  change
    0      b      a       0.69   -2.88
    """
    years = as_count(years, "years between start and end", least=1)
    start, end = _incomes(start, "start"), _incomes(end, "end")
    if pairs is None:
        pairs = pd.DataFrame(list(combinations(sorted(start.index), 2)), columns=list(pair))
    wanted = as_links(pairs, "pairs", pair).set_axis(["one", "other"], axis="columns")
    places = sorted({*wanted["one"], *wanted["other"]})
    both = pd.DataFrame({"start": start.reindex(places), "end": end.reindex(places)})
    holes = both.index[both.isna().any(axis=1)]
    if len(holes):
        raise MissingDataError(
            f"{len(holes)} of {len(places)} places lack income at the start or the end: "
            f"{', '.join(map(str, holes[:8]))}; allowed: places with both. Drop their pairs, or choose other years."
        )
    if not (both > 0).all().all():
        raise SpecificationError(
            f"the lowest income is {both.to_numpy().min():g}; allowed: above 0, for logarithms. Drop places without "
            "income."
        )
    logs = pd.DataFrame(np.log(both.to_numpy()), index=both.index, columns=both.columns)
    swap = logs.loc[wanted["one"], "start"].to_numpy() < logs.loc[wanted["other"], "start"].to_numpy()
    richer = wanted["one"].where(~swap, wanted["other"])
    poorer = wanted["other"].where(~swap, wanted["one"])
    gaps = logs.loc[richer].to_numpy() - logs.loc[poorer].to_numpy()
    change = 100 * (gaps[:, 1] - gaps[:, 0]) / years
    return pd.DataFrame({"richer": richer, "poorer": poorer, "gap_start": gaps[:, 0], "change": change})


def _incomes(values: pd.Series, what: str) -> pd.Series:
    """Incomes as floats by place, missing ones allowed."""
    require_once(values.index, f"places at the {what}")
    return pd.Series(as_numbers(values, f"income at the {what}", missing=True), index=values.index)


@dataclass(frozen=True)
class _PairFit:
    """A Barro regression on pairs."""

    terms: tuple[str, ...]
    """Names of the coefficients."""
    coefficients: np.ndarray
    """Percentage points a year, one a term."""
    covariance: np.ndarray
    """Dyadic covariance, shape (terms, terms)."""
    pairs: int
    """Rows."""
    places: int
    """Clusters: places, or the groups of places that errors are shared within."""

    def estimate(self, term: str) -> Estimate:
        """Coefficient of a term; t with as many degrees of freedom as clusters less one.

        Raises
        ------
        SpecificationError
            If there is no such term, or its dyadic variance is none.
        """
        if term not in self.terms:
            raise SpecificationError(f"no term {term!r}; allowed: {', '.join(self.terms)}. Name one of these.")
        place = self.terms.index(term)
        if not self.covariance[place, place] > 0:
            raise SpecificationError(
                f"The dyadic variance of {term!r} over {self.places} clusters is {self.covariance[place, place]:.2g}, "
                "which is none; allowed: many clusters. Use a permutation of the labels instead."
            )
        se = float(np.sqrt(self.covariance[place, place]))
        return Estimate(float(self.coefficients[place]), se, float(self.places - 1), "dyadic")


def fit_pairs(pairs: pd.DataFrame, terms: tuple[str, ...], first: pd.Series, second: pd.Series) -> _PairFit:
    """Least squares of ``change`` on a constant and the terms, with dyadic standard errors.

    Parameters
    ----------
    pairs : DataFrame
        Columns ``change`` and the terms.
    terms : tuple of str
        Columns of the frame of pairs.
    first, second : Series
        Cluster of each member of the pair, such as its state: errors of pairs that share a cluster on either side
        may be correlated (Fafchamps & Gubert 2007; Aronow, Samii & Assenova 2015). Times G / (G - 1), G clusters.

    Returns
    -------
    fit
        Coefficients, the constant first, with dyadic standard errors.

    Raises
    ------
    SpecificationError
        If terms are collinear, there are too few pairs, a value is missing or no number, or a cluster is missing.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.regression.growth import fit_pairs, income_pairs
    >>> rng = np.random.default_rng(1)
    >>> start = pd.Series(np.exp(rng.normal(size=12)), index=list("abcdefghijkl"))
    >>> pairs = income_pairs(start, start ** 0.9, 10)
    >>> round(float(fit_pairs(pairs, ("gap_start",), pairs["richer"], pairs["poorer"]).coefficients[1]), 2)
    -1.0
    """
    if not len(pairs):
        raise SpecificationError("there is no pair; allowed: more pairs than terms. Check the filter of the pairs.")
    ones = np.ones(len(pairs))
    raw = np.column_stack([as_numbers(pairs[term], term) for term in terms])
    change = as_numbers(pairs["change"], "change")
    members = as_codes(pd.concat([pd.Series(first), pd.Series(second)], ignore_index=True), "the cluster")
    both = within(np.column_stack([change, raw]), FixedEffects((), ones))
    found = independent_columns(both[:, 1:], rounding(raw, ones))
    if len(pairs) <= len(terms) + 1 or len(found.kept) < len(terms):
        raise SpecificationError(
            f"{len(pairs)} pairs cannot tell {', '.join(terms)} apart; allowed: terms that vary and are no sum of "
            "others. Leave one out."
        )
    slopes = found.root @ (found.basis.T @ both[:, 0])
    coefficients = np.append(change.mean() - raw.mean(axis=0) @ slopes, slopes)
    left = less_projection(both[:, :1], found.basis)
    own = found.basis * left @ found.root.T
    influence = np.column_stack([left[:, 0] / len(pairs) - own @ raw.mean(axis=0), own])
    products, clusters = _dyadic_meat(influence, members[: len(pairs)], members[len(pairs) :])
    covariance = products * clusters / (clusters - 1)
    return _PairFit(("constant", *terms), coefficients, covariance, len(pairs), clusters)


def _dyadic_meat(scores: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, int]:
    """Sum of ``s_i s_j'`` over all pairs of rows that share a cluster on either side, and the number of clusters.

    Each row counts with itself. Rows that share both clusters are counted twice by a sum over clusters; the sum over
    pairs of clusters takes one of the two away.
    """
    codes, numbers = np.unique(np.concatenate([first, second]), return_inverse=True)
    low, high = np.sort(numbers.reshape(2, -1), axis=0)
    across = low != high
    by_cluster = np.zeros((len(codes), scores.shape[1]))
    np.add.at(by_cluster, low, scores)
    np.add.at(by_cluster, high[across], scores[across])
    both = np.unique(low[across] * len(codes) + high[across], return_inverse=True)[1]
    by_both = np.zeros((both.max() + 1 if len(both) else 0, scores.shape[1]))
    np.add.at(by_both, both, scores[across])
    return by_cluster.T @ by_cluster - by_both.T @ by_both, len(codes)


def assignments(sizes: tuple[int, ...]) -> np.ndarray:
    """Every assignment of places to groups of these sizes: shape (ways, places), values the number of the group.

    Parameters
    ----------
    sizes : tuple of int
        Places in each group.

    Returns
    -------
    array of int, ways x places

    Raises
    ------
    SpecificationError
        For more than a million ways.

    Examples
    --------
    >>> from shanhai.methods.regression.growth import assignments
    >>> assignments((1, 2)).tolist()
    [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    """
    sizes = tuple(as_count(size, "the size of a group", least=0) for size in sizes)
    places = sum(sizes)
    ways = 1
    left = places
    for size in sizes:
        ways *= int(np.prod([(left - step) / (step + 1) for step in range(size)]).round())
        left -= size
    if ways > 1_000_000:
        raise SpecificationError(f"{ways} assignments of {places} places; allowed: up to a million. Draw a sample.")
    return np.array(list(_deal(places, sizes)), dtype=np.intp)


def _deal(places: int, sizes: tuple[int, ...]) -> list[list[int]]:
    """Assignments in the order of the choices for the first group, then the second, and so on."""
    dealt = [[-1] * places]
    for group, size in enumerate(sizes):
        grown = []
        for partial in dealt:
            free = [place for place in range(places) if partial[place] < 0]
            for chosen in combinations(free, size):
                full = list(partial)
                for place in chosen:
                    full[place] = group
                grown.append(full)
        dealt = grown
    return dealt
