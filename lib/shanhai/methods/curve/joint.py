"""One test of a whole curve: could specifications like these agree so much if the treatment had no effect?

Simonsohn, Simmons & Nelson (2020) compare three statistics of the curve with curves from data in which the null holds.
Here such data come from a wild cluster bootstrap with the null imposed, in its score form (Kline & Santos 2012): in
every specification the residuals of the regression *without* the treatment are multiplied by one random sign for each
cluster, the same sign in all specifications, so the dependence between them is kept. What a cluster adds to each
estimate is computed once; thousands of curves are then one matrix product.

Estimates are compared over their own standard deviation in the draws, so the p-values do not depend on the covariance
that a specification reports, and a regression counts once however many covariances the grid asks of it.

References
----------
Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020), Specification curve analysis, Nature Human Behaviour 4, 1208-1214.
Kline, P. & Santos, A. (2012), A score based approach to wild bootstrap inference, Journal of Econometric Methods 1(1).
Phipson, B. & Smyth, G. K. (2010), Permutation p-values should never be zero, Stat. Appl. Genet. Mol. Biol. 9(1).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shared import shared
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.checks import as_codes, as_generator, require_columns
from shanhai.methods.curve._engine import Prepared, Ready, Variations, estimate_variations, prepare_variations
from shanhai.methods.curve._forms import influence
from shanhai.methods.curve._grid import Grid
from shanhai.methods.estimate import ENDS, SIGNIFICANCE, critical_value
from shanhai.methods.regression.families import adjust_family, romano_wolf
from shanhai.methods.spec import Interaction, RegressionSpec, Variable

_FEWEST_DRAWS = 99
"""Below this many draws no p-value under 0.01 can be found."""

_STATISTICS = ("median", "share_significant", "average_z")
"""Statistics of a curve: median estimate; share significant in the direction that more specifications take; mean z."""

_BLOCK = 8_000_000
"""Most numbers of a batch of draws."""


@dataclass(frozen=True, repr=False)
class JointNullTest(Shown):
    """Test that the treatment has no effect in any specification."""

    table: pd.DataFrame
    """One row a statistic: statistic, observed, null_median, null_low, null_high (2.5 and 97.5 % of the draws), p."""
    draws: int
    """Curves drawn under the null."""
    clusters: int
    """Clusters whose signs were drawn; 0 where the draws are curves of other data."""
    regressions: int
    """Different regressions compared."""
    method: str
    """How data under the null were made."""


@dataclass(frozen=True)
class _Influences:
    """What each cluster adds to the treatment's coefficient in each regression."""

    sums: Array
    """G x R, under the null (residuals of the regression without the treatment)."""
    estimate: Array
    """R coefficients; NaN for regressions that cannot be estimated soundly."""
    regression: Codes
    """S, the regression of each specification."""


def cluster_influences(
    source: Grid | Sequence[RegressionSpec], frame: pd.DataFrame, by: str, prepared: Prepared | None = None
) -> _Influences:
    """Sum over each cluster of what its rows add to every coefficient, with the null imposed.

    Parameters
    ----------
    source : Grid or sequence of RegressionSpec
    frame : DataFrame
    by : str
        Cluster column.
    prepared : Prepared, optional
        Of the same source and frame.

    Returns
    -------
    influences
        sums (clusters x regressions), estimate (the coefficient of each regression; NaN where it cannot be estimated),
        regression (that of each specification).

    Raises
    ------
    SpecificationError
        If the column is absent, or missing in a row that a regression uses.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.curve.joint import cluster_influences
    >>> rng = np.random.default_rng(3)
    >>> frame = pd.DataFrame({"union": rng.normal(size=60), "age": rng.normal(size=60), "town": np.arange(60) // 3})
    >>> frame["pay"] = frame["union"] + rng.normal(size=60)
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> cluster_influences([spec], frame, "town").sums.shape
    (20, 1)
    """
    require_columns(frame, (by,))
    made = prepare_variations(source, frame) if prepared is None else prepared.required(source, frame)
    listed = made.listed
    codes = as_codes(frame[by], by, missing=True)
    sums = np.zeros((int(codes.max()) + 1, len(listed.outcome)))
    estimate = np.full(len(listed.outcome), np.nan)
    for ready in made.groups:
        _add_group(ready, codes, (sums, estimate))
    return _Influences(sums, estimate, listed.regression)


def _add_group(ready: Ready, codes: Codes, target: tuple[Array, Array]) -> None:
    """Fill in the regressions of one group."""
    sums, estimate = target
    block, products = ready.block, ready.products
    if block is None or products is None:
        return
    own = codes[ready.group.rows]
    if own.min() < 0:
        raise SpecificationError(
            f"{int((own < 0).sum())} rows of a regression have no cluster; allowed: a cluster in every row. Fill the "
            "column, or take these rows out of the frame."
        )
    present, recoded = np.unique(own, return_inverse=True)
    of_clusters = np.ascontiguousarray(products.cluster_sums(block.columns, recoded).T)
    for batch in ready.batches:
        solutions = batch.solutions
        influences = influence(products, solutions, null=True)
        unit = block.lengths[solutions.outcome] / block.lengths[solutions.regressors[-1]]
        for place in np.flatnonzero(solutions.sound):
            column = (influences.weights[:, place] @ of_clusters[influences.numbers[:, place]]) * unit[place]
            sums[present, batch.regressions[place]] = column
        found = batch.regressions[solutions.sound]
        estimate[found] = (solutions.params[-1] * unit)[solutions.sound]


@shared
def joint_null_test(
    source: Grid | Sequence[RegressionSpec],
    frame: pd.DataFrame,
    rng: np.random.Generator,
    *,
    by: str | None = None,
    draws: int = 999,
    prepared: Prepared | None = None,
) -> JointNullTest:
    """Test the whole curve against curves in which the null holds.

    Parameters
    ----------
    source : Grid or sequence of RegressionSpec
    frame : DataFrame
    rng : Generator
        Source of the signs.
    by : str, optional
        Column of the clusters within which errors may be correlated in any way; by default that of the covariance of
        the first (of a grid, the main) specification.
    draws : int
        Curves under the null, at least 99.
    prepared : Prepared, optional
        Of the same source and frame, from ``prepare_variations``.

    Returns
    -------
    JointNullTest
        Two-sided p-values counted as (r + 1) / (n + 1), r draws at least as extreme as the data.

    Raises
    ------
    SpecificationError
        If draws are too few, or fewer than two clusters or no regression is left.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.curve import joint_null_test
    >>> frame = pd.DataFrame({"pay": [1.0, 3, 2, 5, 4, 8], "union": [0.0, 1, 0, 1, 0, 1], "age": [1, 2, 2, 1, 3, 4]})
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> both = [spec, replace(spec, controls=(Variable("age"),))]
    >>> import numpy as np
    >>> test = joint_null_test(both, frame.assign(firm=list("aabbcc")), np.random.default_rng(1), by="firm", draws=199)
    >>> test.regressions, test.clusters, list(test.table["statistic"])
    (2, 3, ['median', 'share_significant', 'average_z'])
    """
    rng = as_generator(rng)
    _require_draws(draws)
    first = source.spec(source.main_index or 0) if isinstance(source, Grid) else source[0]
    by = by or _cluster_of(first)
    made = cluster_influences(source, frame, by, prepared)
    sound = np.isfinite(made.estimate)
    sums = made.sums[:, sound]
    sums = sums[np.abs(sums).max(axis=1, initial=0.0) > 0]
    if not sound.any() or len(sums) < 2:
        raise SpecificationError(
            f"{int(sound.sum())} regressions and {len(sums)} clusters by {by!r}; allowed: one or more and two or more. "
            "Cluster by a finer unit, or widen the grid."
        )
    deviation = np.sqrt((sums**2).sum(axis=0))
    critical = critical_value()
    observed = _statistics(made.estimate[None, sound], deviation, critical)
    null = []
    size = max(1, _BLOCK // sums.shape[1])
    for start in range(0, draws, size):
        signs = rng.choice((-1.0, 1.0), size=(min(size, draws - start), len(sums)))
        null.append(_statistics(signs @ sums, deviation, critical))
    table = _compare(observed, np.concatenate(null))
    return JointNullTest(table, draws, len(sums), int(sound.sum()), f"wild cluster bootstrap of scores, by {by}")


def joint_test_from_draws(observed: Variations, null: Iterable[Variations]) -> JointNullTest:
    """Test the whole curve against curves of other data in which the null holds, such as placebo borders.

    Parameters
    ----------
    observed : Variations
    null : iterable of Variations
        The same specifications on frames whose treatment was drawn anew, at least 99.

    Returns
    -------
    JointNullTest
        With z the t-ratio of each specification under its own covariance.

    Raises
    ------
    SpecificationError
        If draws are too few or have other specifications.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.curve import estimate_variations, permute_within
    >>> from shanhai.methods.curve.joint import joint_test_from_draws
    >>> rng = np.random.default_rng(3)
    >>> frame = pd.DataFrame({"union": rng.normal(size=60), "age": rng.normal(size=60), "town": np.arange(60) // 3})
    >>> frame["pay"] = frame["union"] + rng.normal(size=60)
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> drawn = (frame.assign(union=rng.permutation(frame["union"])) for _ in range(99))
    >>> null = (estimate_variations([spec], data) for data in drawn)
    >>> joint_test_from_draws(estimate_variations([spec], frame), null).table[["statistic", "p"]].round(2)
               statistic     p
    0             median  0.01
    1  share_significant  0.07
    2          average_z  0.01
    """

    def values(variations: Variations) -> Array:
        rows = variations.table
        if len(rows) != len(observed.table):
            raise SpecificationError(
                f"a draw has {len(rows)} specifications, the data {len(observed.table)}; allowed: the same ones. "
                "Estimate the same grid on every draw."
            )
        if rows["estimate"].isna().all():
            raise SpecificationError(
                f"none of {len(rows)} specifications has an estimate; allowed: one or more. Check the frame: problems "
                "of the estimates say why."
            )
        estimate, t, p = (rows[name].to_numpy(dtype=np.float64) for name in ("estimate", "t", "p"))
        significant = np.array([np.nanmean((p < SIGNIFICANCE) & (np.sign(t) == sign)) for sign in (-1, 1)]).max()
        return np.array([np.nanmedian(estimate), significant, np.nanmean(t)])

    drawn = np.array([values(variations) for variations in null])
    _require_draws(len(drawn))
    table = _compare(values(observed)[None], drawn)
    return JointNullTest(table, len(drawn), 0, len(observed.table), "the same specifications on drawn data")


def permute_within(frame: pd.DataFrame, columns: Sequence[str], within: str, rng: np.random.Generator) -> pd.DataFrame:
    """Exchange some columns, together, between the rows of each group: a border without place.

    Parameters
    ----------
    frame : DataFrame
    columns : sequence of str
        Columns that move together, such as all definitions of the border.
    within : str
        Column of the groups.
    rng : Generator

    Returns
    -------
    DataFrame
        A copy. Such a border has no neighbours and does not follow the terrain: prefer drawn borders where errors are
        correlated in space.

    Raises
    ------
    SpecificationError
        If a column is absent, or a row has no group.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.curve import permute_within
    >>> frame = pd.DataFrame({"union": [0, 1, 0, 1], "region": ["a", "a", "b", "b"]})
    >>> moved = permute_within(frame, ["union"], "region", np.random.default_rng(1))
    >>> moved.groupby("region")["union"].sum().to_list()  # as many in each region
    [1, 1]
    """
    rng = as_generator(rng)
    require_columns(frame, (*columns, within))
    groups = as_codes(frame[within], within)
    order = np.arange(len(frame))
    for group in range(int(groups.max(initial=-1)) + 1):
        places = np.flatnonzero(groups == group)
        order[places] = rng.permutation(places)
    moved = {name: frame[name].array.take(order) for name in columns}
    return frame.assign(**moved)


def _statistics(estimates: Array, deviation: Array, critical: float) -> Array:
    """Three statistics of each curve: D x R estimates in, D x 3 out."""
    z = estimates / deviation
    significant = np.maximum((z > critical).mean(axis=1), (z < -critical).mean(axis=1))
    return np.column_stack([np.median(estimates, axis=1), significant, z.mean(axis=1)])


def _compare(observed: Array, null: Array) -> pd.DataFrame:
    """Two-sided counted p-values; the share is large or small in one direction only."""
    sizes: tuple[Callable[[Array], Array], ...] = (np.abs, np.asarray, np.abs)
    rows = []
    for place, (name, size) in enumerate(zip(_STATISTICS, sizes, strict=True)):
        own, drawn = float(observed[0, place]), null[:, place]
        slack = 1e-12 * abs(own)
        low, middle, high = np.quantile(drawn, [ENDS[0], 0.5, ENDS[1]])
        extreme = int((size(drawn) >= size(np.array(own)) - slack).sum())
        p = (extreme + 1) / (len(drawn) + 1)
        rows.append([name, own, float(middle), float(low), float(high), p])
    return pd.DataFrame(rows, columns=["statistic", "observed", "null_median", "null_low", "null_high", "p"])


def _cluster_of(spec: RegressionSpec) -> str:
    """The one cluster column of a specification."""
    if len(spec.covariance.by) != 1:
        raise SpecificationError(
            f"covariance {spec.covariance.label!r} of the first specification, and no clusters are named; allowed: one "
            "column of clusters. Name it, as in by='firm'."
        )
    return spec.covariance.by[0]


def _require_draws(draws: int) -> None:
    if draws < _FEWEST_DRAWS:
        raise SpecificationError(
            f"{draws} draws under the null; allowed: {_FEWEST_DRAWS} or more. Raise the number of draws."
        )


def adjusted_tests(
    tests: Sequence[tuple[Variable | Interaction, RegressionSpec]],
    frame: pd.DataFrame,
    rng: np.random.Generator,
    *,
    by: str | None = None,
    draws: int = 9999,
) -> pd.DataFrame:
    """Coefficients of several regressions as one family of tests, with raw and adjusted p-values.

    Romano and Wolf's p-values come from the wild cluster bootstrap of scores that ``joint_null_test`` describes, the
    same signs in all tests.

    Parameters
    ----------
    tests : sequence of (Term, RegressionSpec)
        The coefficient tested, one of the terms of its regression, and the regression.
    frame : DataFrame
        One row a unit.
    rng : Generator
        Source of the signs.
    by : str, optional
        Cluster column of the bootstrap; by default that of the covariance of the first regression.
    draws : int

    Returns
    -------
    DataFrame
        One row a test: outcome, sample, sample_translation, term, model, vcov, estimate, se, n, clusters, p, p_holm,
        p_bh, p_romano_wolf, family_size, spec_id.

    Raises
    ------
    SpecificationError
        If a test has no estimate, or near-collinear regressors.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.curve import adjusted_tests
    >>> rng = np.random.default_rng(3)
    >>> frame = pd.DataFrame({"union": rng.normal(size=60), "age": rng.normal(size=60), "town": np.arange(60) // 3})
    >>> frame["pay"] = frame["union"] + rng.normal(size=60)
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> other = RegressionSpec(Variable("age"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> tests = [(Variable("union"), spec), (Variable("union"), other)]
    >>> found = adjusted_tests(tests, frame, np.random.default_rng(1), by="town", draws=199)
    >>> found[["outcome", "p_holm", "p_romano_wolf"]].round(2)
      outcome  p_holm  p_romano_wolf
    0     pay    0.00           0.01
    1     age    0.15           0.20
    """
    rng = as_generator(rng)
    specs = [replace(spec, terms=(term, *(other for other in spec.terms if other != term))) for term, spec in tests]
    prepared = prepare_variations(specs, frame)
    estimated = estimate_variations(specs, frame, prepared)
    if len(estimated.problems):
        raise SpecificationError(
            f"a test has no estimate: {estimated.problems['problem'].iloc[0]} Allowed: families that can be estimated "
            "whole. Check the frame."
        )
    influences = cluster_influences(specs, frame, by or _cluster_of(specs[0]), prepared)
    if not np.isfinite(influences.estimate).all():
        raise SpecificationError(
            f"{int(np.isnan(influences.estimate).sum())} tests have near-collinear regressors, for which there is no "
            "bootstrap here; allowed: families without. Check the frame."
        )
    sums = influences.sums[:, influences.regression]
    deviation = np.sqrt((sums**2).sum(axis=0))
    signs = rng.choice((-1.0, 1.0), size=(draws, len(sums)))
    shown = pd.DataFrame(
        {
            "outcome": [spec.outcome.name for spec in specs],
            "sample": [spec.sample.name for spec in specs],
            "sample_translation": [spec.sample.translation for spec in specs],
            "term": [term.name for term, _ in tests],
            "model": [spec.model for spec in specs],
            "vcov": [spec.covariance.label for spec in specs],
        }
    ).join(estimated.table[["estimate", "se", "n", "clusters", "p"]])
    adjusted = adjust_family(shown, ("holm", "bh"))
    p_romano_wolf = romano_wolf(sums.sum(axis=0) / deviation, signs @ sums / deviation)
    size = adjusted.pop("family_size")
    return adjusted.assign(p_romano_wolf=p_romano_wolf, family_size=size, spec_id=[spec.spec_id for _, spec in tests])
