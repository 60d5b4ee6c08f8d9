"""Wild cluster bootstrap of one coefficient, for any number of fixed effects.

With few clusters (a dozen states) the t-ratio of a cluster covariance has no t-distribution.
The bootstrap estimates the regression with the coefficient held at its null (or not, as WCU), turns the residuals of
whole clusters by random weights, and compares the t-ratio with those of the data so made. Nothing is re-estimated: by
the theorem of Frisch, Waugh and Lovell every bootstrap t-ratio is a linear form in the weights over the root of a
quadratic one, with two arrays the size of the number of clusters (the algorithm of Roodman et al. 2019).

References
----------
Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2008), Review of Economics and Statistics 90(3), 414-427.
MacKinnon, J. G., Nielsen, M. O. & Webb, M. D. (2023b), Fast and reliable jackknife and bootstrap methods for
cluster-robust inference, Journal of Applied Econometrics 38(5), 671-694.
Roodman, D., MacKinnon, J. G., Nielsen, M. O. & Webb, M. D. (2019), Fast and wild, Stata Journal 19(1), 4-60.
Webb, M. D. (2023), Reworking wild bootstrap-based inference for clustered errors, Canadian Journal of Economics 56(3).
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_count, as_generator
from shanhai.methods.estimate import LEVEL, critical_value
from shanhai.methods.regression.design import build_design
from shanhai.methods.regression.wild_forms import Bootstrap, ClusterForms, cluster_forms
from shanhai.methods.spec import RegressionSpec

Weights = Literal["rademacher", "webb"]
"""``rademacher``: -1 or 1; ``webb``: six points, for about ten clusters or fewer."""

POINTS: dict[Weights, tuple[float, ...]] = {
    "rademacher": (-1.0, 1.0),
    "webb": (-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)),
}
"""Equally likely weights; mean 0, variance 1."""

_TIE = 1e-9
"""Difference (relative above 1) below which t-ratios are the same: rounding must not decide which of two is larger."""

_LEAST = 1e-24
"""Share of the sum of squares of the numerators that rounding leaves of a variance of zero."""

_BLOCK = 4_000_000
"""Most numbers held at a time while draws are evaluated."""

_CACHED = 1 << 16
"""Numbers evaluated at a time: they stay in the processor's cache."""

_WIDEST = 1e4
"""Standard errors from the estimate at which the search for a bound of the interval gives up."""


@dataclass(frozen=True, repr=False)
class WildTest(Shown):
    """Test of one coefficient by the wild cluster bootstrap."""

    estimate: float
    """The coefficient, in the unit of the outcome."""
    null_value: float
    """Value tested."""
    t: float
    """(estimate - null) over the cluster-robust standard error without small-sample factor (which cancels); that of the
    jackknife, CR3, under the bootstraps that end in 3."""
    p: float
    """Share of draws whose t-ratio is larger in absolute value: symmetric, ties not counted, as boottest defines it.
    Where no draw is larger, the share of one distinct draw instead of zero: with five clusters and two signs 16 draws
    differ, and p is 1/16, so that test and interval agree."""
    p_with_ties: float
    """The same with ties counted. With few clusters the p-value is only known to lie between both (Webb)."""
    draws: int
    """Draws with a t-ratio; all combinations of weights if ``enumerated``."""
    ties: int
    """Draws with the t-ratio of the data, such as the two that turn all clusters alike."""
    undefined: int
    """Draws left out because their standard error is zero."""
    clusters: int
    """Clusters whose signs were drawn."""
    weights: Weights
    """Distribution of the signs."""
    enumerated: bool
    """Whether every combination of weights was taken once, so that no chance is left."""
    bootstrap: Bootstrap = "WCR11"
    """Kind of bootstrap."""


def wild_test(
    forms: ClusterForms,
    *,
    null_value: float = 0.0,
    weights: Weights = "rademacher",
    draws: int = 9999,
    generator: np.random.Generator | None = None,
) -> WildTest:
    """Test that a coefficient equals a value.

    Parameters
    ----------
    forms : what the regression leaves of rows and regressors, and the kind of bootstrap, from
        :func:`~.wild_forms.cluster_forms`.
    null_value : value of the coefficient under the null.
    weights : ``"rademacher"`` or ``"webb"``.
    draws : number of draws; if all combinations of weights are no more than this, each is taken once instead.
    generator : source of the draws; may be None only where all combinations are taken.

    Returns
    -------
    WildTest

    Raises
    ------
    SpecificationError
        If draws or weights are not allowed, a generator is missing, or the coefficient has no standard error.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods import cluster_forms, wild_test
    >>> rng = np.random.default_rng(1)
    >>> firm, wage, tenure = np.arange(60) // 6, rng.normal(size=60), rng.normal(size=60)
    >>> test = wild_test(cluster_forms(wage, tenure, firm, bootstrap="WCR31"))
    >>> test.draws, test.enumerated, 0 < test.p < 1  # all 2^10 combinations
    (1024, True, True)
    """
    signs = _Signs(forms.clusters, weights, draws, generator)
    numerator, matrix = forms.at(null_value)
    estimate = forms.estimate
    if forms.standard_error**2 <= _LEAST * float(numerator @ numerator):
        raise SpecificationError(
            "the coefficient has a standard error of zero: the residuals of every cluster cancel, as with a regressor "
            "that only tells two clusters apart; allowed: variation within clusters, or several clusters on each side. "
            "Use smaller clusters."
        )
    observed = (estimate - null_value) / forms.standard_error
    larger, ties, undefined = _count(numerator, matrix, abs(observed), signs)
    defined = signs.total - undefined
    least = max(1.0 / defined, 1.0 / signs.distinct)
    return WildTest(
        estimate,
        float(null_value),
        float(observed),
        max(larger / defined, least),
        max((larger + ties) / defined, least),
        defined,
        ties,
        undefined,
        forms.clusters,
        weights,
        signs.enumerated,
        forms.bootstrap,
    )


def wild_interval(
    forms: ClusterForms,
    *,
    level: float = LEVEL,
    weights: Weights = "rademacher",
    draws: int = 9999,
    generator: np.random.Generator | None = None,
) -> tuple[float, float]:
    """Confidence interval: the values that the test, with one set of draws for all and ties counted, does not reject.

    Counting ties makes no difference with many clusters. With five or fewer under Rademacher weights it makes the 95 %
    interval the whole line, which is what so few clusters tell; not counting them would give a false narrow one.

    Parameters
    ----------
    level : coverage, between 0 and 1.
    forms, weights, draws, generator : as for :func:`wild_test`.

    Returns
    -------
    Lower and upper bound, to a thousandth of a standard error; infinite where no value is rejected.

    Raises
    ------
    SpecificationError
        As :func:`wild_test`, or if the level is not between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods import cluster_forms, wild_interval
    >>> rng = np.random.default_rng(1)
    >>> firm, wage, tenure = np.arange(60) // 6, rng.normal(size=60), rng.normal(size=60)
    >>> forms = cluster_forms(wage, tenure, firm)
    >>> low, high = wild_interval(forms)
    >>> low < forms.estimate < high
    True
    """
    if not 0 < level < 1:
        raise SpecificationError(f"level {level}; allowed: between 0 and 1. Use 0.95 for the usual interval.")
    signs = _Signs(forms.clusters, weights, draws, generator, keep=True)

    def rejected(value: float) -> bool:
        numerator, matrix = forms.at(value)
        observed = abs(value - forms.estimate) / forms.standard_error
        larger, ties, undefined = _count(numerator, matrix, observed, signs)
        return larger + ties <= (1 - level) * (signs.total - undefined)

    se = forms.standard_error
    start = critical_value(level=level) * se
    return _bound(rejected, forms.estimate, -start, se), _bound(rejected, forms.estimate, start, se)


def _bootstrap_t(numerator: Array, matrix: Array, signs: Array) -> Array:
    """t-ratio of each column of weights (clusters x draws); NaN where its standard error is zero."""
    scores = matrix @ signs
    variance = np.einsum("ij,ij->j", scores, scores)
    least = _LEAST * float(numerator @ numerator)
    root = np.sqrt(np.where(variance > least, variance, np.nan))
    return np.asarray(numerator @ signs / root)


class _Signs:
    """Weights of all draws, in blocks: random, or every combination up to a common sign."""

    def __init__(
        self, clusters: int, weights: Weights, draws: int, generator: np.random.Generator | None, keep: bool = False
    ) -> None:
        if weights not in get_args(Weights):
            raise SpecificationError(
                f"weights {weights!r}; allowed: {', '.join(get_args(Weights))}. Name one of these."
            )
        draws = as_count(draws, "draws", least=1)
        self.points = np.array(POINTS[weights])
        self.clusters = clusters
        self.enumerated = len(self.points) ** clusters <= draws
        self.total = len(self.points) ** clusters if self.enumerated else draws
        self.distinct = len(self.points) ** clusters / 2  # opposite weights give the opposite t-ratio
        if generator is not None:
            generator = as_generator(generator)
        if not self.enumerated and generator is None:
            raise SpecificationError(
                f"{len(self.points)}^{clusters} combinations of weights are more than {draws} draws, so chance "
                "decides; allowed: a generator. Pass generator=numpy.random.default_rng(seed)."
            )
        self.generator = generator
        self.multiplicity = 2 if self.enumerated else 1
        self.kept = list(self._draw()) if keep else None

    def blocks(self) -> Iterator[Array]:
        """Arrays of clusters x draws; each column counts ``multiplicity`` times."""
        return iter(self.kept) if self.kept is not None else self._draw()

    def _draw(self) -> Iterator[Array]:
        size = max(1, _BLOCK // self.clusters)
        if self.enumerated:
            # the opposite weights give the opposite t-ratio, so the first cluster keeps positive weights
            positive = self.points[self.points > 0]
            combinations = itertools.product(positive, *[self.points] * (self.clusters - 1))
            while block := list(itertools.islice(combinations, size)):
                yield np.array(block).T
            return
        assert self.generator is not None  # refused above
        step = max(1, _CACHED // self.clusters)
        for first in range(0, self.total, size):
            shape = (min(size, self.total - first), self.clusters)
            drawn = self.generator.integers(len(self.points), size=shape, dtype=np.int8)
            for start in range(0, len(drawn), step):
                yield self.points[drawn[start : start + step]].T


def _count(numerator: Array, matrix: Array, observed: float, signs: _Signs) -> tuple[int, int, int]:
    """Draws with a larger t-ratio, with the same, and with none."""
    larger = ties = undefined = 0
    slack = _TIE * max(1.0, observed)
    for block in signs.blocks():
        ratios = np.abs(_bootstrap_t(numerator, matrix, block))
        missing = int(np.isnan(ratios).sum())
        above = int((ratios > observed + slack).sum())
        below = int((ratios < observed - slack).sum())
        larger += above * signs.multiplicity
        ties += (ratios.size - missing - above - below) * signs.multiplicity
        undefined += missing * signs.multiplicity
    return larger, ties, undefined


def _bound(rejected: Callable[[float], bool], estimate: float, step: float, se: float) -> float:
    """Where rejection begins on one side: doubled until rejected, then halved in between."""
    outside = step
    while not rejected(estimate + outside):
        outside *= 2
        if abs(outside) > _WIDEST * se:
            return float(np.copysign(np.inf, step))
    inside = 0.0 if outside == step else outside / 2
    while abs(outside - inside) > 1e-3 * se:
        middle = (inside + outside) / 2
        if rejected(estimate + middle):
            outside = middle
        else:
            inside = middle
    return estimate + (inside + outside) / 2


@dataclass(frozen=True, repr=False)
class WildResult(Shown):
    """Test and interval of one term by the wild cluster bootstrap."""

    spec: RegressionSpec
    """What was estimated; its covariance names the clusters."""
    term: str
    """Coefficient tested."""
    test: WildTest
    """Test of zero, with its draws, ties and clusters."""
    low: float
    """Lower bound of the interval; minus infinity where no value is rejected."""
    high: float
    """Upper bound of the interval."""
    seed: int
    """Seed of the draws, for the test and again for the interval; without effect where all were enumerated."""
    notes: tuple[str, ...] = ()
    """What a reader must know, such as that one cluster alone determines the term."""

    @property
    def p(self) -> float:
        """p-value of the test, ties not counted and never zero."""
        return self.test.p

    @property
    def label(self) -> str:
        """Short name for tables, such as ``wild(state, webb, 9999)``, with the kind if it is not WCR11."""
        kind = "" if self.test.bootstrap == "WCR11" else f"{self.test.bootstrap}, "
        return f"wild({self.spec.covariance.by[0]}, {kind}{self.test.weights}, {self.test.draws})"


def wild_bootstrap(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    term: str,
    *,
    draws: int = 9999,
    weights: Weights = "rademacher",
    seed: int,
    level: float = LEVEL,
    bootstrap: Bootstrap = "WCR11",
) -> WildResult:
    """Test one term of a regression by the wild cluster bootstrap, and invert the test.

    Parameters
    ----------
    spec : RegressionSpec
        Its covariance must be ``cluster`` with one column; the small-sample factor cancels and has no effect.
    frame : DataFrame
        One row a unit, with every column that the specification names.
    term : str
        Name of a coefficient, one of ``spec.names``.
    draws : int
        Number of draws; all combinations of weights are taken once where they are no more.
    weights : ``"rademacher"`` or ``"webb"``.
    seed : int
        Seed of the draws.
    level : float
        Coverage of the interval.
    bootstrap : str
        ``"WCR11"`` imposes the null on residuals as they are; ``"WCR13"``, ``"WCR31"`` and ``"WCR33"`` use the
        jackknife for the standard error, the residuals, or both; ``"WCU11"`` to ``"WCU33"`` do not impose the null.

    Returns
    -------
    WildResult

    Raises
    ------
    SpecificationError
        If the covariance has no single cluster column, the term is unknown, or as ``fit``, ``cluster_forms`` and
        ``wild_test`` say.

    References
    ----------
    Cameron, Gelbach & Miller (2008); Roodman, MacKinnon, Nielsen & Webb (2019); MacKinnon, Nielsen & Webb (2023b).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable, wild_bootstrap
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"firm": np.arange(60) // 6, "tenure": rng.normal(size=60)})
    >>> frame["wage"] = frame["tenure"] + rng.normal(size=60)
    >>> spec = RegressionSpec(
    ...     Variable("wage"), (Variable("tenure"),), SampleSpec("firms", "firms"),
    ...     CovarianceSpec("cluster", ("firm",), "CR1S"),
    ... )
    >>> result = wild_bootstrap(spec, frame, "tenure", bootstrap="WCR33", seed=1)
    >>> result.label, result.low < result.test.estimate < result.high
    ('wild(firm, WCR33, rademacher, 1024)', True)
    """
    if len(spec.covariance.by) != 1:
        raise SpecificationError(
            f"covariance {spec.covariance.label!r} for a wild cluster bootstrap; allowed: 'cluster' with one column. "
            "Set covariance=CovarianceSpec('cluster', ('firm',), 'CR1S') or another column."
        )
    as_count(seed, "seed")
    design = build_design(spec, frame)
    if term not in design.names:
        raise SpecificationError(
            f"no coefficient {term!r} to test; allowed: {', '.join(design.names)}. Name one of these."
        )
    forms = cluster_forms(
        design.outcome,
        design.matrix,
        design.clusters[0],
        design.names.index(term),
        fixed_effects=design.effects.codes,
        row_weights=design.effects.weights,
        bootstrap=bootstrap,
    )
    test = wild_test(forms, weights=weights, draws=draws, generator=np.random.default_rng(seed))
    low, high = wild_interval(forms, level=level, weights=weights, draws=draws, generator=np.random.default_rng(seed))
    return WildResult(spec, term, test, low, high, seed)
