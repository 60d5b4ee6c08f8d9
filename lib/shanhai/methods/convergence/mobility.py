"""Who moves up and who falls back: transitions between classes, their long run, and rank mobility.

Matrices, the long-run (ergodic) distribution and Kendall's tau are those of ``giddy`` (PySAL), which is imported where
it is used only. The test of homogeneity is
written out: giddy 2.3 works in the type of the counts, so that whole numbers lose their fractions, and gives a class
that nobody leaves a degree of freedom.

References
----------
Quah, D. (1993a), Empirical cross-section dynamics in economic growth, European Economic Review 37, 426-434.
Bickenbach, F. & Bode, E. (2003), Evaluating the Markov property in studies of economic convergence, International
Regional Science Review 26, 363-392.
Rey, S., Knaap, E. et al., giddy: geospatial distribution dynamics, https://pysal.org/giddy.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.core.without import without
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.checks import as_codes, as_count, as_numbers, as_weights, of_units
from shanhai.methods.convergence.sigma import two_years
from shanhai.methods.estimate import interval
from shanhai.methods.panels import as_panel

_CLASSES = 5
"""Classes of relative positions."""


@dataclass(frozen=True, repr=False)
class Transitions(Shown):
    """Moves between classes from one year to the next, years pooled."""

    counts: Array
    """k x k moves, from row to column, lowest class first."""
    shares: Array
    """k x k shares of each row: chances of a move."""
    ergodic: Array
    """k shares that the classes would have in the long run if the chances never changed."""
    first: Array
    """k shares in the first year."""
    last: Array
    """k shares in the last year."""

    @property
    def mobility(self) -> float:
        """Index of Prais and Shorrocks: 0 where nobody moves, 1 where the next class owes nothing to the present."""
        k = len(self.shares)
        return float((k - np.trace(self.shares)) / (k - 1))


@dataclass(frozen=True)
class Homogeneity:
    """Test that several groups, or periods, share one matrix of chances."""

    statistic: float
    """Likelihood ratio."""
    degrees: int
    """Degrees of freedom."""
    p: float
    """p-value from chi-squared; it takes moves as independent of each other, which neighbours and years are not."""
    statistic_pearson: float
    """Pearson's statistic Q."""
    p_pearson: float
    """Its p-value."""


def relative_logs(values: pd.DataFrame, weights: pd.Series | None = None) -> pd.DataFrame:
    """Logarithm of each unit's value over the mean of its year, on units complete in all years.

    Parameters
    ----------
    values : DataFrame
        Units by years, positive.
    weights : Series, optional
        By unit, positive, for the mean; units count once each otherwise.

    Returns
    -------
    DataFrame
        Complete units by years, in log points.

    Raises
    ------
    SpecificationError
        If no unit is complete, a value is not positive, a unit has no positive weight, or a label is there twice.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.convergence import relative_logs
    >>> income = pd.DataFrame({2000: [1.0, 2.0, 8.0], 2010: [2.0, 3.0, 9.0], 2020: [4.0, 5.0, 10.0]}, index=list("abc"))
    >>> relative_logs(income).round(2)
       2000  2010  2020
    a -1.30 -0.85 -0.46
    b -0.61 -0.44 -0.24
    c  0.78  0.66  0.46
    """
    known = as_panel(values, "values", missing=True).dropna()
    if known.empty or (known <= 0).any(axis=None):
        raise SpecificationError(
            f"{len(known)} units are complete, and {int((known <= 0).sum().sum())} of their values are not positive; "
            "needed: a unit or more, all above zero. Take fewer years, or drop units with zeros."
        )
    own = np.ones(len(known)) if weights is None else as_weights(of_units(weights, known.index, "weights"))
    share = pd.Series(own, index=known.index)
    return pd.DataFrame(np.log(known / (known.mul(share, axis=0).sum() / share.sum())))


def classes_of(relative: pd.DataFrame, classes: int = _CLASSES) -> pd.DataFrame:
    """Class of each unit and year, from 0: bounds are quantiles of all years together, so that they do not move.

    Parameters
    ----------
    relative : DataFrame
        Units by years, such as :func:`relative_logs` gives.
    classes : int
        Two or more.

    Returns
    -------
    DataFrame of int
        Units by years.

    Raises
    ------
    SpecificationError
        If classes are fewer than two, or so many that a class would be empty.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.convergence import classes_of, relative_logs
    >>> income = pd.DataFrame({2000: [1.0, 2.0, 8.0], 2010: [2.0, 3.0, 9.0], 2020: [4.0, 5.0, 10.0]}, index=list("abc"))
    >>> classes_of(relative_logs(income), 2)
       2000  2010  2020
    a     0     0     0
    b     0     0     1
    c     1     1     1
    """
    if as_count(classes, "classes") < 2:
        raise SpecificationError(f"{classes} classes; allowed: two or more. Five are usual.")
    relative = as_panel(relative, "relative positions")
    numbers = relative.to_numpy()
    bounds = np.quantile(numbers, np.arange(1, classes) / classes)
    found = np.searchsorted(bounds, numbers, side="left")
    if len(np.unique(bounds)) < classes - 1 or len(np.unique(found)) < classes:
        raise SpecificationError(
            f"{len(relative)} units over {relative.shape[1]} years do not fill {classes} classes; needed: a value in "
            "each. Take fewer classes."
        )
    return pd.DataFrame(found, index=relative.index, columns=relative.columns)


def transitions(states: pd.DataFrame) -> Transitions:
    """Matrix of moves between classes.

    Parameters
    ----------
    states : DataFrame
        Units by years, classes 0, 1, ... as :func:`classes_of` gives them.

    Raises
    ------
    SpecificationError
        If there are fewer than two years, or a class is never left from (its chances are unknown).

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.convergence import transitions
    >>> transitions(pd.DataFrame([[0, 0, 1], [1, 0, 0]], columns=[2000, 2010, 2020])).shares
    array([[0.66666667, 0.33333333],
           [1.        , 0.        ]])
    """
    _import_classifiers()
    from giddy.markov import Markov  # type: ignore[import-untyped]  # here, because the import takes a second

    numbers = _whole(states)
    classes = int(numbers.max()) + 1
    if numbers.shape[1] < 2 or len(np.unique(numbers[:, :-1])) < classes:
        raise SpecificationError(
            f"{numbers.shape[1]} years and {classes} classes, one of which has no move; needed: two or more years and "
            "moves from every class. Take fewer classes or more years."
        )
    chain = Markov(numbers, classes=np.arange(classes), summary=False)
    ends = [np.bincount(numbers[:, at], minlength=classes) / len(numbers) for at in (0, -1)]
    return Transitions(
        np.asarray(chain.transitions, dtype=float), np.asarray(chain.p, dtype=float), _long_run(chain.steady_state),
        ends[0], ends[1],
    )  # fmt: skip


def _import_classifiers() -> None:
    """Import the package of classifiers that giddy brings, not used here, as it is where there is no compiler.

    With one it compiles all that it has when it is imported, four seconds of a processor.
    """
    with without("numba"):
        import mapclassify  # type: ignore[import-untyped]  # noqa: F401


def _whole(states: pd.DataFrame) -> Codes:
    """Classes of units by year, years without a gap."""
    numbers = as_panel(states, "states", evenly=True).to_numpy()
    if (numbers < 0).any() or (numbers % 1 != 0).any():
        raise SpecificationError(
            f"classes run from {numbers.min():g} to {numbers.max():g}; allowed: whole numbers from 0 on. Make them "
            "with classes_of."
        )
    return numbers.astype(np.int64)


def _long_run(steady: object) -> Array:
    """The one ergodic distribution; a chain that falls apart into several has none."""
    found = np.atleast_2d(np.asarray(steady, dtype=float))
    if len(found) != 1:
        raise SpecificationError(
            f"the classes fall apart into {len(found)} groups that are never left; needed: moves between all classes. "
            "Take fewer classes."
        )
    return np.asarray(found[0])


def count_moves(states: pd.DataFrame, classes: int) -> Array:
    """Moves from class (row) to class (column) from one year to the next, years pooled; k x k, rows may be empty.

    Parameters
    ----------
    states : DataFrame of int
        Units by years without gaps, such as :func:`classes_of` gives.
    classes : int

    Returns
    -------
    array, classes x classes
        Numbers of moves.

    Raises
    ------
    SpecificationError
        If a class is missing or no whole number from 0 to ``classes`` - 1, or years have gaps.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.convergence import count_moves
    >>> count_moves(pd.DataFrame([[0, 0, 1], [1, 0, 0]], columns=[2000, 2010, 2020]), 2)
    array([[2., 1.],
           [1., 0.]])
    """
    numbers = _whole(states)
    if numbers.max() >= as_count(classes, "classes", least=2):
        raise SpecificationError(
            f"class {numbers.max()} among {classes} classes; allowed: 0 to {classes - 1}. Count with as many classes "
            "as classes_of made."
        )
    before, after = numbers[:, :-1].ravel(), numbers[:, 1:].ravel()
    return np.asarray(np.bincount(before * classes + after, minlength=classes**2).reshape(classes, classes), float)


def homogeneity_test(groups: Mapping[str, ArrayLike]) -> Homogeneity:
    """Whether groups (or periods) share one matrix of chances (Bickenbach & Bode 2003, equations 6 to 9).

    Parameters
    ----------
    groups : mapping of name to k x k counts of moves, from row to column
        Classes that a group never leaves from say nothing about it and use up no degrees of freedom.

    Raises
    ------
    SpecificationError
        If there are fewer than two groups, matrices are not square and of one size, counts are missing, infinite or
        negative, or no class is left by two groups to different classes.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.convergence import count_moves, homogeneity_test
    >>> steady = pd.DataFrame([[0, 0, 0, 1, 1, 1]] * 20)
    >>> restless = pd.DataFrame([[0, 1, 0, 1, 0, 1]] * 20)
    >>> test = homogeneity_test({"steady": count_moves(steady, 2), "restless": count_moves(restless, 2)})
    >>> test.p < 0.01
    True
    """
    counts = _counts(groups)
    leaving = counts.sum(axis=2)  # group x class
    pooled = counts.sum(axis=0)
    chances = pooled / np.where(pooled.sum(axis=1) > 0, pooled.sum(axis=1), 1.0)[:, None]
    expected = leaving[:, :, None] * chances
    possible = expected > 0
    degrees = int(((leaving > 0).sum(axis=0) - 1).clip(0) @ ((pooled > 0).sum(axis=1) - 1).clip(0))
    if degrees == 0:
        raise SpecificationError(
            f"{len(counts)} matrices have no class that two of them leave to different classes; needed: moves to "
            "compare. Pool years, or take fewer classes."
        )
    pearson = float(((counts - expected)[possible] ** 2 / expected[possible]).sum())
    ratio = float(2.0 * special.xlogy(counts[possible], counts[possible] / expected[possible]).sum())
    return Homogeneity(
        ratio, degrees, float(stats.chi2.sf(ratio, degrees)), pearson, float(stats.chi2.sf(pearson, degrees))
    )


def _counts(groups: Mapping[str, ArrayLike]) -> Array:
    """Counts of moves as floats, groups x k x k."""
    if len(groups) < 2:
        raise SpecificationError(f"{len(groups)} group; needed: two or more matrices to compare.")
    groups = _in_one_order(groups)
    counts = {
        name: as_numbers(np.ravel(matrix), f"group {name!r}", missing=True).reshape(np.shape(matrix))
        for name, matrix in groups.items()
    }
    shapes = {matrix.shape for matrix in counts.values()}
    size = max(max(shape, default=0) for shape in shapes)
    if shapes != {(size, size)} or size < 2:
        raise SpecificationError(
            f"counts have the shapes {sorted(shapes)}; allowed: k x k for all groups, of two classes or more. Count "
            "every group with count_moves and the same number of classes."
        )
    for name, matrix in counts.items():
        if not (np.isfinite(matrix) & (matrix >= 0)).all():
            raise SpecificationError(
                f"group {name!r} has counts that are missing, infinite or negative; allowed: 0 or more. Count moves "
                "with count_moves."
            )
    return np.stack(list(counts.values()))


def _in_one_order(groups: Mapping[str, ArrayLike]) -> dict[str, ArrayLike]:
    """Frames with their classes in the order of the first, rows and columns alike; arrays as they are."""
    frames = [matrix for matrix in groups.values() if isinstance(matrix, pd.DataFrame)]
    if not frames:
        return dict(groups)
    classes = list(frames[0].index)
    if any(set(frame.index) != set(classes) or set(frame.columns) != set(classes) for frame in frames):
        raise SpecificationError(
            f"the groups have other classes than the first, {', '.join(map(str, classes))}, in rows or columns; "
            "needed: the same classes in all. Count every group with the same classes."
        )
    return {
        name: matrix.loc[classes, classes] if isinstance(matrix, pd.DataFrame) else matrix
        for name, matrix in groups.items()
    }


@dataclass(frozen=True)
class _RankMobility:
    """How much the order of units changed between two years."""

    tau: float
    """Kendall's tau of the two orders: 1 where nothing changed, 0 where the old order says nothing about the new."""
    low: float
    """Lower bound of the 95 % interval (jackknife over clusters)."""
    high: float
    """Upper bound."""
    swapped: float
    """Percent of pairs of units that changed their order."""
    n: int
    """Units."""


def rank_mobility(values: pd.DataFrame, first: int, last: int, clusters: pd.Series) -> _RankMobility:
    """Kendall's tau between two years, with a jackknife over clusters.

    Parameters
    ----------
    values : DataFrame
        Units by years.
    first, last : int
        Columns compared.
    clusters : Series
        Cluster of each unit.

    Returns
    -------
    mobility
        tau, low and high (95 %), swapped (percent of pairs), n (units).

    Raises
    ------
    SpecificationError
        If a year is absent, fewer than ten units have both years, all have the same value in one of them, or there is
        one cluster only.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.convergence import rank_mobility
    >>> rng = np.random.default_rng(0)
    >>> first = rng.normal(size=60)
    >>> income = pd.DataFrame({2000: np.exp(first), 2020: np.exp(0.5 * first + rng.normal(0, 0.1, 60))})
    >>> clusters = pd.Series(np.arange(60) % 12, index=income.index)
    >>> round(rank_mobility(income, 2000, 2020, clusters).tau, 2)
    0.87
    """
    _import_classifiers()
    from giddy.rank import Tau  # type: ignore[import-untyped]

    known = two_years(values, first, last).dropna()
    codes = as_codes(of_units(clusters, known.index, "clusters"), "the cluster")
    names = np.unique(codes)
    if len(known) < 10 or len(names) < 2:
        raise SpecificationError(
            f"{len(known)} units in {len(names)} clusters have both years; needed: ten units and two clusters or more. "
            "Take other years, or finer clusters."
        )
    before, after = known.to_numpy().T
    if np.ptp(before) == 0 or np.ptp(after) == 0:
        raise SpecificationError(
            f"all {len(known)} units have the same value in {first} or {last}; needed: values that order them. Take "
            "other years."
        )
    tau, groups = float(Tau(before, after).tau), len(names)
    without = _tau_without(before, after, codes)
    se = float(np.sqrt((groups - 1) / groups * ((without - without.mean()) ** 2).sum()))
    low, high = interval(tau, se, groups - 1)
    return _RankMobility(tau, max(-1.0, low), min(1.0, high), 50 * (1 - tau), len(known))


def _tau_without(before: Array, after: Array, codes: NDArray[np.intp]) -> Array:
    """Kendall's tau without each cluster in turn; ties, which measured values hardly have, count as swapped."""
    agree = (before[:, None] > before) == (after[:, None] > after)
    np.fill_diagonal(agree, False)
    members = (codes[:, None] == np.arange(codes.max() + 1)).astype(float)
    # pairs in agreement from both sides, of all units and of the units of a cluster with all and with each other
    with_all = members.T @ agree.sum(axis=1)
    among = np.array([agree[np.ix_(codes == cluster, codes == cluster)].sum() for cluster in range(members.shape[1])])
    left = len(before) - members.sum(axis=0)
    return np.asarray(2 * (agree.sum() - 2 * with_all + among) / (left * (left - 1)) - 1)
