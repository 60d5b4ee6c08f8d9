"""Each year by itself: the spread of log levels, whether its change is more than chance, and how alike neighbours are.

Moran's I and its moments under randomisation are those of ``esda`` (PySAL); permutations are drawn by this library
(:func:`shanhai.methods.spatial.tests.moran_test`) from a generator that is handed in, since esda takes them
from a generator of the whole process.

References
----------
Pitman, E. (1939), A note on normal correlation, Biometrika 31, 9-12.
Morgan, W. (1939), A test for the significance of the difference between two variances, Biometrika 31, 13-19.
Carree, M. & Klomp, L. (1997), Testing the convergence hypothesis: a comment, Review of Economics and Statistics 79.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_array, as_codes, as_count, as_links, as_weights, of_units
from shanhai.methods.estimate import Estimate, two_sided_p
from shanhai.methods.panels import as_panel
from shanhai.methods.spatial.tests import moran_test
from shanhai.methods.spatial.weights import contiguity_weights


@dataclass(frozen=True)
class SpreadChange:
    """Change of the standard deviation of log levels between two years, on the same units."""

    first_sd: float
    """Standard deviation of the first year."""
    last_sd: float
    """Standard deviation of the last year."""
    change: float
    """Log of the ratio; times 100 about percent."""
    se: float
    """Jackknife over clusters."""
    low: float
    """Lower bound of the 95 % interval (t with clusters - 1)."""
    high: float
    """Upper bound."""
    p: float
    """Two-sided p-value of the jackknife."""
    p_pitman: float
    """p-value of Pitman and Morgan's test of equal variances in pairs, which takes units as independent and normal."""
    n: int
    """Units."""
    clusters: int
    """Clusters."""


def spread(values: pd.DataFrame, weights: pd.Series | None = None) -> pd.DataFrame:
    """Spread of a measure by year, on the units that have it in every year given.

    Parameters
    ----------
    values : DataFrame
        Units by years, positive levels.
    weights : Series, optional
        Positive weights by unit, such as residents; units count once each otherwise.

    Returns
    -------
    DataFrame
        year, sd_log (of logarithms), cv (standard deviation over mean of the levels), p90_p10 (ratio), n. Squares are
        divided by n, as the weighted ones have to be; R's ``sd`` and Stata's ``summarize`` divide by n - 1.

    Raises
    ------
    SpecificationError
        If fewer than three units are complete, a level is not positive, or a unit has no positive weight.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.convergence import spread
    >>> income = pd.DataFrame({2000: [1.0, 2.0, 8.0], 2010: [2.0, 3.0, 9.0], 2020: [4.0, 5.0, 10.0]}, index=list("abc"))
    >>> spread(income).round(2)
       year  sd_log    cv  p90_p10  n
    0  2000    0.86  0.84      8.0  3
    1  2010    0.64  0.66      4.5  3
    2  2020    0.39  0.41      2.5  3
    """
    known = _complete(values)
    share = np.ones(len(known)) if weights is None else as_weights(of_units(weights, known.index, "weights"))
    share = share / share.sum()
    numbers = known.to_numpy()
    logs = np.log(numbers)
    mean, log_mean = share @ numbers, share @ logs
    deciles = np.array([_weighted_quantile(column, share, (0.1, 0.9)) for column in numbers.T])
    return pd.DataFrame(
        {
            "year": [int(year) for year in known.columns],
            "sd_log": np.sqrt(share @ (logs - log_mean) ** 2),
            "cv": np.sqrt(share @ (numbers - mean) ** 2) / mean,
            "p90_p10": deciles[:, 1] / deciles[:, 0],
            "n": len(known),
        }
    )


def two_years(values: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """Two years of a panel, the first one first.

    Parameters
    ----------
    values : DataFrame
        Units by years.
    first, last : int
        Two different years.

    Returns
    -------
    DataFrame
        Units by the two years.

    Raises
    ------
    SpecificationError
        If one is absent or both are the same.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.convergence.sigma import two_years
    >>> panel = pd.DataFrame([[1.0, 2.0, 3.0]], index=["a"], columns=[2000, 2010, 2020])
    >>> list(two_years(panel, 2000, 2020).columns)
    [2000, 2020]
    """
    table = as_panel(values, "values", missing=True)
    absent = [year for year in (first, last) if year not in table.columns]
    if absent or first == last:
        raise SpecificationError(
            f"no column {absent or 'for a second year'}; the values have {list(table.columns)}, and {first} and {last} "
            "are asked for; allowed: two of these. Change one."
        )
    return table[[first, last]]


def _complete(values: pd.DataFrame) -> pd.DataFrame:
    known = as_panel(values, "values", missing=True).dropna()
    if len(known) < 3 or (known.to_numpy() <= 0).any():
        raise SpecificationError(
            f"{len(known)} units have positive levels in all of {len(values.columns)} years; needed: three or more, "
            "all above zero. Take fewer years, or a measure with more figures."
        )
    return known


def _weighted_quantile(values: Array, share: Array, at: tuple[float, ...]) -> Array:
    """Smallest values up to which at least these shares of the weight lie."""
    order = np.argsort(values, kind="stable")
    # a hair below, so that a share met exactly in theory is not missed by its last digit
    positions = np.searchsorted(np.cumsum(share[order]), np.array(at) - 1e-12)
    return np.asarray(values[order][np.minimum(positions, len(values) - 1)])


def spread_change(values: pd.DataFrame, first: int, last: int, clusters: pd.Series) -> SpreadChange:
    """Change of the spread of log levels between two years with its uncertainty.

    Parameters
    ----------
    values : DataFrame
        Units by years, positive levels.
    first, last : int
        Columns compared.
    clusters : Series
        Cluster of each unit; whole clusters are left out in the jackknife.

    Raises
    ------
    SpecificationError
        If a year is absent, fewer than two clusters or three units remain, a unit has no cluster, levels do not
        differ, or all change alike.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.convergence import spread_change
    >>> rng = np.random.default_rng(0)
    >>> first = rng.normal(size=60)
    >>> income = pd.DataFrame({2000: np.exp(first), 2020: np.exp(0.5 * first + rng.normal(0, 0.1, 60))})
    >>> clusters = pd.Series(np.arange(60) % 12, index=income.index)
    >>> change = spread_change(income, 2000, 2020, clusters)
    >>> change.high < 0
    True
    """
    known = _complete(two_years(values, first, last))
    codes = as_codes(of_units(clusters, known.index, "clusters"), "the cluster")
    names = range(int(codes.max()) + 1)
    if len(names) < 2:
        raise SpecificationError(f"{len(names)} cluster; needed: two or more. Cluster by a finer unit.")
    numbers = np.log(known.to_numpy())
    numbers = numbers - numbers.mean(axis=0)
    if (numbers.std(axis=0) <= 1e-12).any():
        raise SpecificationError(
            f"all {len(known)} units have the same level in one of the years {first} and {last}; allowed: levels that "
            "differ. Take other years or units."
        )
    whole = _log_ratio(*(np.array([total]) for total in (len(numbers), numbers.sum(axis=0), (numbers**2).sum(axis=0))))
    counts = np.bincount(codes, minlength=len(names)).astype(float)
    sums = np.column_stack([np.bincount(codes, weights=column) for column in numbers.T])
    squares = np.column_stack([np.bincount(codes, weights=column**2) for column in numbers.T])
    without = _log_ratio(len(numbers) - counts, sums.sum(axis=0) - sums, squares.sum(axis=0) - squares)
    groups = len(names)
    se = float(np.sqrt((groups - 1) / groups * ((without - without.mean()) ** 2).sum()))
    if se <= 1e-14:
        raise SpecificationError(
            f"the spread changes alike without each of the {groups} clusters, so its change has no error; needed: "
            "units whose levels change by different factors. Take other years or units."
        )
    change = float(whole[0])
    estimate = Estimate(change, se, groups - 1)
    sd = numbers.std(axis=0)
    return SpreadChange(
        float(sd[0]), float(sd[1]), change, se, *estimate.interval(), estimate.p,
        pitman_morgan(numbers[:, 0], numbers[:, 1]),
        len(numbers), groups,
    )  # fmt: skip


def _log_ratio(count: Array, sums: Array, squares: Array) -> Array:
    """Log of the ratio of standard deviations, last over first, from counts, sums and sums of squares."""
    sums, squares = np.atleast_2d(sums), np.atleast_2d(squares)
    variance = squares - sums**2 / np.asarray(count, dtype=float).reshape(-1, 1)
    return np.asarray(0.5 * np.log(variance[:, 1] / variance[:, 0]))


def pitman_morgan(first: Array, last: Array) -> float:
    """p-value of equal variances in pairs: the correlation of sum and difference is zero (Pitman 1939; Morgan 1939).

    Parameters
    ----------
    first, last : array, m
        Both values of each pair.

    Raises
    ------
    SpecificationError
        If there are fewer than three pairs, a value is missing, or sums or differences do not vary.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.convergence import pitman_morgan
    >>> first = np.random.default_rng(0).normal(size=100)
    >>> pitman_morgan(first, 0.5 * first + np.random.default_rng(1).normal(0, 0.1, 100)) < 0.001
    True
    """
    first, last = as_array(first, "the first values", axes=1), as_array(last, "the last values", axes=1)
    if first.shape != last.shape or len(first) < 3 or min(np.ptp(first + last), np.ptp(last - first)) == 0:
        raise SpecificationError(
            f"{len(first)} first and {len(last)} last values; needed: three pairs or more whose sums and differences "
            "vary. Take other units."
        )
    r = float(np.corrcoef(first + last, last - first)[0, 1])
    if abs(r) >= 1:  # one of the two does not vary
        return 0.0
    t = r * np.sqrt((len(first) - 2) / (1 - r**2))
    return float(two_sided_p(t, len(first) - 2))


def moran_path(
    values: pd.DataFrame,
    edges: pd.DataFrame,
    seed: int,
    draws: int = 999,
    *,
    pair: tuple[str, str] = ("code_a", "code_b"),
) -> pd.DataFrame:
    """Moran's I of the columns, each on the same units.

    Parameters
    ----------
    values : DataFrame
        Units by years; units without a value in some year, and units without a neighbour among the rest, are left out.
    edges : DataFrame
        Pairs of neighbours.
    seed : int
        Start of the permutations; every year draws anew from it.
    draws : int
        Permutations a year.
    pair : tuple of str
        Columns of the two units of a pair.

    Returns
    -------
    DataFrame
        year, moran (I), expected, se (standard deviation under randomisation), z, p (upper tail, permutations), n.

    Raises
    ------
    SpecificationError
        If fewer than four units are complete and have a neighbour, a year does not vary, edges lack a column, or seed
        or draws are no whole numbers.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.convergence import moran_path
    >>> codes = [f"u{number:02d}" for number in range(12)]
    >>> values = pd.DataFrame({2000: np.arange(12.0), 2010: np.arange(12.0) % 3}, index=codes)
    >>> edges = pd.DataFrame({"code_a": codes[:-1], "code_b": codes[1:]})
    >>> moran_path(values, edges, seed=1, draws=99).round(2)
       year  moran  expected    se     z     p   n
    0  2000   0.92     -0.09  0.29  3.45  0.01  12
    1  2010  -0.38     -0.09  0.30 -0.95  0.78  12
    """
    from esda.moran import Moran  # type: ignore[import-untyped]  # here, because the import takes seconds

    seed, draws = as_count(seed, "the seed"), as_count(draws, "draws")
    known = as_panel(values, "values", missing=True).dropna()
    edges = as_links(edges, "edges", pair)
    inside = edges[edges[pair[0]].isin(known.index) & edges[pair[1]].isin(known.index)]
    linked = known[known.index.isin(set(inside[pair[0]]) | set(inside[pair[1]]))].sort_index()
    if len(linked) < 4:
        raise SpecificationError(
            f"{len(linked)} units have figures in all years and a neighbour; needed: four or more. Take fewer years."
        )
    weights = contiguity_weights(inside, list(linked.index), pair=pair)
    rows = []
    for year in linked.columns:
        numbers = linked[year].to_numpy()
        # first the test that refuses values that do not vary
        test = moran_test(numbers, weights, np.random.default_rng(seed), draws)
        found = Moran(numbers, weights.graph, permutations=0)
        rows.append(
            {
                "year": int(year),
                "moran": float(found.I),
                "expected": float(found.EI),
                "se": float(found.seI_rand),
                "z": float(found.z_rand),
                "p": test.p_permutation,
                "n": len(linked),
            }
        )
    return pd.DataFrame(rows)
