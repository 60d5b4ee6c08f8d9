"""What a coefficient goes through: its change when channels enter, shared out among them, and sequential g-estimation.

*Change of a coefficient.* Let b be the coefficient of the tested term without channels and c with all of them. Entered
one after another, channels get shares that depend on the order. Gelbach (2016) uses that of omitted variables instead:
b - c is the sum over channels of (slope of the channel on the term, without channels) times (coefficient of the
channel in the full regression), an identity of least squares. Errors count both factors as estimated: influence
functions of all of them, summed by cluster.

*Sequential g.* The share of a channel is what the term does through it only if the channel's slope is the same at every
value of the term, and if nothing that lies between term and channel moves the outcome too. Acharya, Blackwell & Sen
(2016) hold such intermediate variables fixed in a first regression, which may let the slopes of the channels differ by
the term, take the channels' part out of the outcome (all rows at the channels' means), and regress what is left on the
term without intermediate variables. What is left is the controlled direct effect. Without products of term and channel
it is b less the channels' shares to the last digit, which the tests hold.

Neither turns a difference into an effect: channels must be as good as given, once the other columns are held fixed.

References
----------
Gelbach, J. B. (2016), When do covariates matter? And which ones, and how much?, Journal of Labor Economics 34(2),
509-543.
Acharya, A., Blackwell, M. & Sen, M. (2016), Explaining causal findings without bias: detecting and assessing direct
effects, American Political Science Review 110(3), 512-529.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_count
from shanhai.methods.decomposition._design import Moments, cluster_moments
from shanhai.methods.estimate import Estimate
from shanhai.methods.regression.absorb import within
from shanhai.methods.regression.covariance import cluster_factor, counted_coefficients
from shanhai.methods.regression.design import Design
from shanhai.methods.regression.fit import solve
from shanhai.methods.spec import RegressionSpec


@dataclass(frozen=True)
class Channel:
    """What of a coefficient goes through a group of columns.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.decomposition import decompose_change
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"x": rng.normal(size=60), "town": np.arange(60) % 12, "region": np.arange(60) % 2})
    >>> frame["z"] = frame["x"] + rng.normal(size=60)
    >>> frame["y"] = 2 * frame["x"] + frame["z"] + rng.normal(0, 0.1, 60)
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("x"), Variable("z")),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1"),
    ...     fixed_effects=("region",),
    ... )
    >>> channel = decompose_change(spec, frame, "x", {"z": ("z",)}).channels[0]
    >>> channel.name, round(channel.part.value, 1)
    ('z', 0.9)
    """

    name: str
    """Name of the group."""
    part: Estimate
    """Its part of the change of the coefficient, in units of the outcome; negative if it makes the term look worse."""
    share: Estimate
    """Part over the whole coefficient, with the error of both (delta method). Means little where the whole coefficient
    cannot be told from zero."""


@dataclass(frozen=True, repr=False)
class CoefficientChange(Shown):
    """A coefficient without channels, with all of them, and the change shared out; parts add up to the change."""

    spec: RegressionSpec
    """The full regression."""
    term: str
    """The coefficient."""
    groups: tuple[str, ...]
    """Names of the channels, in order."""
    values: Array
    """The coefficient without channels, then the part of each."""
    covariance: Array
    """Covariance of these values, (1 + groups) x (1 + groups); one correction for few clusters, with the number of
    coefficients of the full regression, for all of them."""
    n: int
    """Rows, the same with and without channels."""
    clusters: int
    """Clusters behind all errors."""
    outcome_mean: float
    """Mean of the transformed outcome over the rows, weighted as the regression is."""

    @property
    def whole(self) -> Estimate:
        """The coefficient without channels."""
        return self._sum(np.eye(len(self.values))[0])

    @property
    def left(self) -> Estimate:
        """The coefficient with all channels."""
        return self._sum(np.array([1.0, *(-1.0 for _ in self.groups)]))

    @property
    def channels(self) -> tuple[Channel, ...]:
        """What goes through each group."""
        return tuple(self.through((name,)) for name in self.groups)

    def through(self, names: Sequence[str]) -> Channel:
        """What goes through several groups, given by ``names``, together.

        Raises
        ------
        SpecificationError
            If a name is no group, or none is named.
        """
        absent = sorted(set(names) - set(self.groups))
        if absent or not names:
            raise SpecificationError(
                f"no channel {', '.join(absent) or '(none named)'}; allowed: {', '.join(self.groups)}. Name these."
            )
        part = np.array([0.0, *(float(name in names) for name in self.groups)])
        number = self._sum(part)
        whole = float(self.values[0])
        ratio = number.value / whole
        of_ratio = (part - ratio * np.eye(len(part))[0]) / whole
        return Channel(" + ".join(names), number, replace(self._sum(of_ratio), value=ratio))

    def _sum(self, weights: Array) -> Estimate:
        se = float(np.sqrt(weights @ self.covariance @ weights))
        return Estimate(float(weights @ self.values), se, self.clusters - 1, self.spec.covariance.label)


def decompose_change(
    spec: RegressionSpec, frame: pd.DataFrame, term: str, groups: Mapping[str, tuple[str, ...]]
) -> CoefficientChange:
    """Share out, among groups of columns, how a coefficient changes when all of them enter (Gelbach 2016).

    Parameters
    ----------
    spec : RegressionSpec
        The full regression, with one cluster column (CR1 or CR1S), or one like it.
    frame : DataFrame
        With the columns of the regression.
    term : str
        Coefficient whose change is looked at.
    groups : mapping of name to coefficients
        Columns that enter; what no group names is in both regressions.

    Returns
    -------
    CoefficientChange

    Raises
    ------
    SpecificationError
        If the term or a column of a group is unknown, named twice or determined by the others, no group is given,
        errors are not clustered by one column, or as ``fit`` says.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"far": rng.integers(0, 2, 400), "firm": np.arange(400) // 8})
    >>> frame["road"] = -1.0 * frame["far"] + rng.normal(size=400)
    >>> frame["wage"] = 0.5 * frame["road"] - 0.2 * frame["far"] + rng.normal(size=400) / 10
    >>> spec = RegressionSpec(
    ...     Variable("wage"), (Variable("far"),), SampleSpec("firms", "firms"), controls=(Variable("road"),),
    ...     covariance=CovarianceSpec("cluster", ("firm",), "CR1S"),
    ... )
    >>> change = decompose_change(spec, frame, "far", {"road": ("road",)})
    >>> round(change.whole.value - change.left.value - change.channels[0].part.value, 12)
    0.0
    """
    correction = spec.covariance.factor
    if spec.covariance.kind != "cluster" or len(spec.covariance.by) != 1 or correction is None:
        raise SpecificationError(
            f"errors {spec.covariance.label!r}; allowed: clusters by one column, which every part is summed by. Take "
            "CovarianceSpec('cluster', (column,), 'CR1S')."
        )
    solved = solve(spec, frame)
    design = solved.design
    entered = _entered(solved.names, design.names, term, groups)
    weights = design.effects.weights
    columns = solved.demeaned * np.sqrt(weights)[:, None]
    place = {name: 1 + number for number, name in enumerate(design.names)}
    base = [place[name] for name in design.names if name in solved.names and name not in entered]
    tested = base.index(place[term])
    short, more, outcome = columns[:, base], columns[:, [place[name] for name in entered]], columns[:, 0]
    of_short = np.linalg.inv(short.T @ short)
    toward = short @ of_short[tested]  # a column times it is its slope on the term, the others of the base held fixed
    slopes = toward @ more
    unexplained = more - short @ (of_short @ (short.T @ more))
    gram = np.linalg.inv(unexplained.T @ unexplained)
    effects = gram @ (unexplained.T @ outcome)
    of_effects = unexplained @ gram * (solved.residuals * np.sqrt(weights))[:, None]
    moves = effects * toward[:, None] * unexplained + slopes * of_effects  # of slope times effect, column by column
    members = np.array([[float(name in names) for names in groups.values()] for name in entered])
    influences = np.column_stack([toward * (outcome - short @ (of_short @ (short.T @ outcome))), moves @ members])
    codes = design.clusters[0]
    count = int(codes.max()) + 1
    summed = np.column_stack([np.bincount(codes, column) for column in influences.T])
    solution = solved.solution
    counted = counted_coefficients(correction, solution.coefficients_counted, solution.effects, design.clusters)
    factor = cluster_factor(correction, count, len(outcome), counted)
    values = np.array([toward @ outcome, *(slopes * effects @ members)])
    covariance = np.asarray(factor * (summed.T @ summed), dtype=np.float64)
    for array in (values, covariance):
        array.setflags(write=False)
    mean = float(np.average(design.outcome, weights=weights))
    return CoefficientChange(spec, term, tuple(groups), values, covariance, len(outcome), count, mean)


def _entered(
    estimated: Sequence[str], columns: Sequence[str], term: str, groups: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """Columns of all groups, each once, all of them estimated and none of them the term."""
    entered = [name for names in groups.values() for name in names]
    named = (term, *entered)
    known = set(estimated) & set(columns)  # the intercept is estimated, and no column
    wrong = sorted({name for name in named if name not in known or named.count(name) > 1})
    if wrong or not entered:
        raise SpecificationError(
            f"term {term!r} and groups of {', '.join(entered) or 'nothing'} invent, repeat or take a column determined "
            f"by the others: {', '.join(wrong) or 'no column entered'}; allowed: {', '.join(columns)}, each once, the "
            "term apart. Correct the groups."
        )
    return entered


@dataclass(frozen=True, repr=False)
class DirectEffect(Shown):
    """A coefficient taken apart by sequential g-estimation."""

    spec: RegressionSpec
    """The full regression."""
    term: str
    """The coefficient."""
    mediators: tuple[str, ...]
    """Columns whose part is taken out of the outcome."""
    intermediate: tuple[str, ...]
    """Columns between term and mediators, in the first regression only."""
    products: bool
    """Whether the mediators' slopes may differ by the term."""
    whole: Estimate
    """The coefficient without mediators and intermediate columns."""
    direct: Estimate
    """The controlled direct effect: what is left when all rows have the mediators' means."""
    through: Estimate
    """The difference of both."""
    n: int
    """Rows."""
    draws: int
    """Draws of clusters behind the errors."""


def sequential_g(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    term: str,
    mediators: Sequence[str],
    intermediate: Sequence[str] = (),
    *,
    products: bool = True,
    draws: int = 999,
    generator: np.random.Generator,
) -> DirectEffect:
    """Controlled direct effect of a term by sequential g-estimation (Acharya, Blackwell & Sen 2016).

    Parameters
    ----------
    spec : RegressionSpec
        The regression with term, mediators, intermediate columns and what is held fixed throughout; one fixed
        effect, and one cluster column with two clusters or more, by which draws are made.
    frame : DataFrame
    term : str
    mediators : sequence of str
        Coefficients whose part is taken out of the outcome, all rows at their means.
    intermediate : sequence of str
        Coefficients of columns that the term may move and that move mediators and outcome.
    products : bool
        Let the slopes of the mediators differ by the term.
    draws : int
        Draws of clusters (fractional random weights) behind the standard errors; at least 2.
    generator : Generator

    Returns
    -------
    DirectEffect

    Raises
    ------
    SpecificationError
        If a column is unknown, repeated or determined by the others (the product of a mediator and the term too),
        there is not one fixed effect and one cluster column, or there are fewer than two clusters or draws.

    Examples
    --------
    The effect of x on y that does not run through z is 2:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.decomposition import sequential_g
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"x": rng.normal(size=60), "town": np.arange(60) % 12, "region": np.arange(60) % 2})
    >>> frame["z"] = frame["x"] + rng.normal(size=60)
    >>> frame["y"] = 2 * frame["x"] + frame["z"] + rng.normal(0, 0.1, 60)
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("x"), Variable("z")),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1"),
    ...     fixed_effects=("region",),
    ... )
    >>> found = sequential_g(spec, frame, "x", ["z"], draws=20, generator=rng)
    >>> round(found.direct.value, 1)
    2.0
    """
    draws = as_count(draws, "draws")
    if len(spec.fixed_effects) != 1 or len(spec.covariance.by) != 1 or draws < 2:
        raise SpecificationError(
            f"fixed effects {spec.fixed_effects}, clusters {spec.covariance.by}, {draws} draws; allowed: one fixed "
            "effect, one cluster column, two draws or more. Join several into one column first."
        )
    solved = solve(spec, frame)
    design = solved.design
    count = len(np.unique(design.clusters[0]))
    if count < 2:
        raise SpecificationError(
            f"{count} cluster of {spec.covariance.by[0]!r}, so that all draws are alike; allowed: two or more. Cluster "
            "by a finer column."
        )
    outer = [*mediators, *intermediate]
    _entered(solved.names, design.names, term, {"mediators": tuple(mediators), "intermediate": tuple(intermediate)})
    place = {name: number for number, name in enumerate(design.names)}
    chosen = [place[name] for name in mediators]
    base = [place[name] for name in design.names if name in solved.names and name not in outer]
    held = [place[name] for name in intermediate]
    matrix, weights = design.matrix, design.effects.weights
    added: list[int] = []
    if products:
        centred = matrix[:, chosen] - np.average(matrix[:, chosen], axis=0, weights=weights)
        added = list(range(matrix.shape[1], matrix.shape[1] + len(chosen)))
        matrix = np.column_stack([matrix, matrix[:, [place[term]]] * centred])
    _require_products(matrix, design, [*base, *held, *chosen, *added], mediators, term)
    names = (*design.names, *(f"{term}:{name}" for name in mediators if products))
    moments = cluster_moments(replace(design, matrix=matrix, names=names), draws, generator)
    tested = base.index(place[term])
    slopes = moments.coefficients([*base, *held, *chosen, *added])[:, len(base) + len(held) :]
    on_term = _slopes_on(moments, base, [*chosen, *added], tested)
    whole, through = moments.coefficients(base)[:, tested], (slopes * on_term).sum(axis=1)
    return DirectEffect(
        spec,
        term,
        tuple(mediators),
        tuple(intermediate),
        products,
        _drawn(whole, draws),
        _drawn(whole - through, draws),
        _drawn(through, draws),
        len(design.outcome),
        draws,
    )


def _require_products(
    matrix: Array, design: Design, columns: Sequence[int], mediators: Sequence[str], term: str
) -> None:
    """Refuse products of mediators and the term that the other columns determine within the fixed effect."""
    root = np.sqrt(design.effects.weights)[:, None]
    inside = within(matrix[:, list(columns)], design.effects) * root
    unit = np.sqrt((inside**2).sum(axis=0))
    if not (unit > 0).all() or np.linalg.matrix_rank(inside / unit) < len(columns):
        raise SpecificationError(
            f"products of {', '.join(mediators)} with {term!r} are determined by the other columns, as where a "
            "mediator is constant in one arm; allowed: mediators that vary at each value of the term. Leave such a "
            "mediator out, or take products=False."
        )


def _slopes_on(moments: Moments, base: Sequence[int], others: Sequence[int], tested: int) -> Array:
    """Slope of each other column on the tested one, the base held fixed: B x number of others."""
    gram = moments.gram[:, base][:, :, base]
    cross = moments.gram[:, base][:, :, others]
    return np.asarray(np.linalg.solve(gram, cross)[:, tested])


def _drawn(values: Array, draws: int) -> Estimate:
    """First value with the spread of the draws that follow."""
    return Estimate(float(values[0]), float(values[1:].std(ddof=1)), error=f"bootstrap of clusters ({draws})")
