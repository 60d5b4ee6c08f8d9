"""Estimates of the treatment in all specifications of a grid at once, with the numbers that ``fit`` gives one by one.

Specifications are grouped by rows, weights and fixed effects (``catalogue``); each group demeans its columns once and
solves all normal equations of one size side by side (``block``), which joint tests use too; variances are read from
sums of products of columns or, under HC2 and HC3, from the rows (``forms``). What is near-collinear or would lose
digits goes through ``fit``, one specification by itself.

Source of the curve: Simonsohn, Simmons & Nelson (2020).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.core.shared import shared
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes, Flags
from shanhai.methods.checks import as_codes
from shanhai.methods.curve._block import Block, Solutions, make_block, solve
from shanhai.methods.curve._catalogue import Catalogue, Group, catalogue, row_groups
from shanhai.methods.curve._forms import (
    Influence,
    Moments,
    Products,
    influence,
    leverage_variance,
    moments,
    needed_products,
    quadratic,
    small_sample_factor,
)
from shanhai.methods.curve._grid import Grid
from shanhai.methods.estimate import critical_value, two_sided_p
from shanhai.methods.regression.covariance import counted_coefficients
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import CovarianceSpec, RegressionSpec

_BATCH = 512
"""Regressions solved side by side: enough to spread the cost of a call, few enough to stay in the processor's cache."""


@dataclass(frozen=True)
class _Batch:
    """Regressions of one group and size, solved."""

    regressions: Codes
    """m numbers of regressions of the catalogue."""
    solutions: Solutions


@dataclass(frozen=True)
class Ready:
    """One group of specifications with the same rows, weights and fixed effects."""

    group: Group
    block: Block | None
    """Its columns; none without rows."""
    batches: tuple[_Batch, ...]
    """Its regressions."""
    products: Products | None
    """Products of columns that variances are read from; none without rows."""


@dataclass(frozen=True, repr=False)
class Prepared(Shown):
    """Every group of a source on one frame: some megabytes a group, made once for several uses."""

    source: Grid | tuple[RegressionSpec, ...]
    """The specifications."""
    frame: pd.DataFrame
    """The data."""
    listed: Catalogue
    """The specifications taken apart."""
    groups: tuple[Ready, ...]
    """Specifications with the same rows, weights and fixed effects."""

    def required(self, source: Grid | Sequence[RegressionSpec], frame: pd.DataFrame) -> "Prepared":
        """Itself, if made from this source and this very frame.

        Raises
        ------
        SpecificationError
            If it was made from others.
        """
        same = self.source == (source if isinstance(source, Grid) else tuple(source))
        if not same or self.frame is not frame:
            raise SpecificationError(
                f"prepared from {'another frame' if same else 'other specifications'}; allowed: the same source and "
                "the same frame object. Call prepare_variations on these, or leave it out."
            )
        return self


def prepare_variations(source: Grid | Sequence[RegressionSpec], frame: pd.DataFrame) -> Prepared:
    """Make a source ready for :func:`estimate_variations` and :func:`joint_null_test`.

    Parameters
    ----------
    source : Grid or sequence of RegressionSpec
    frame : DataFrame

    Raises
    ------
    SpecificationError
        If the frame is empty or has a column twice, a column is absent or of the wrong type, or a specification
        contradicts itself.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.curve import estimate_variations, prepare_variations
    >>> frame = pd.DataFrame({"pay": [1.0, 3, 2, 5, 4, 8], "union": [0.0, 1, 0, 1, 0, 1], "age": [1, 2, 2, 1, 3, 4]})
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> both = [spec, replace(spec, controls=(Variable("age"),))]
    >>> ready = prepare_variations(both, frame)  # made once, for estimates and a joint test
    >>> len(estimate_variations(both, frame, ready).table)
    2
    """
    if not len(frame) or not frame.columns.is_unique:
        raise SpecificationError(
            f"the frame has {len(frame)} rows and {int(frame.columns.duplicated().sum())} columns a second time; "
            "allowed: rows, and each column once. Check the filter, or rename the columns."
        )
    if not isinstance(source, Grid) and not all(spec.terms for spec in source):
        raise SpecificationError(
            "a specification has no terms; allowed: the treatment as the first term of each. Leave it out."
        )
    listed = catalogue(source)
    if not isinstance(source, Grid) and any(spec.intercept is False for spec in source):
        raise SpecificationError(
            "a specification has no intercept; allowed: intercepts or fixed effects in all of them. Leave out -1."
        )
    groups = tuple(_ready(listed, group, frame) for group in row_groups(listed, frame))
    return Prepared(listed.source, frame, listed, groups)


def _ready(listed: Catalogue, group: Group, frame: pd.DataFrame) -> Ready:
    """Columns, solved regressions and products of a group."""
    if not len(group.rows):
        return Ready(group, None, (), None)
    regressions = np.unique(listed.regression[group.specs])
    regressors = listed.regressors[regressions]
    outcome = listed.outcome[regressions]
    used = np.unique(np.concatenate([regressors[regressors >= 0], outcome]))
    block = make_block(group, listed.terms, used, frame)
    batches = tuple(_solved(block, regressions, regressors, outcome))
    parts = [(batch.solutions.regressors, batch.solutions.outcome) for batch in batches]
    return Ready(group, block, batches, needed_products(block, parts))


def _solved(block: Block, regressions: Codes, regressors: Codes, outcome: Codes) -> Iterator[_Batch]:
    """Regressions solved in batches of one size."""
    sizes = (regressors >= 0).sum(axis=1)
    for size in np.unique(sizes):
        same = np.flatnonzero(sizes == size)
        for start in range(0, len(same), _BATCH):
            chosen = same[start : start + _BATCH]
            columns = block.place[regressors[chosen][:, [*range(1, size), 0]].T]
            yield _Batch(regressions[chosen], solve(block, columns, block.place[outcome[chosen]]))


@dataclass(frozen=True)
class _Alone:
    """Estimate of the treatment in one specification, or the reason why there is none."""

    estimate: float = np.nan
    se: float = np.nan
    n: int = 0
    df: float = np.nan
    clusters: int = 0
    problem: str = ""


def fit_alone(spec: RegressionSpec, frame: pd.DataFrame) -> _Alone:
    """Estimate one specification with ``fit``; a specification that it refuses keeps its reason.

    Parameters
    ----------
    spec : RegressionSpec
        Its first term is the treatment.
    frame : DataFrame
    """
    try:
        return _of(fit(spec, frame))
    except SpecificationError as error:
        return _Alone(problem=str(error))


def _of(result: FitResult) -> _Alone:
    """The treatment's line of a result."""
    treatment = result.spec.term_names[0]
    place = result.position(treatment)
    variance = float(result.covariance[place, place])
    if not variance > 0:
        raise SpecificationError(
            f"the variance of {treatment!r} under {result.error} is {variance:.3g}, which a covariance that is not "
            "positive semidefinite can give; allowed: above 0. Take the Bartlett kernel or another cutoff, one cluster "
            "column instead of two, or a repaired covariance."
        )
    groups = min((level.count for level in result.clusters), default=0)
    return _Alone(float(result.params[place]), variance**0.5, result.n, float(result.degrees[place]), groups)


@dataclass(frozen=True, repr=False)
class Variations(Shown):
    """Estimates of the treatment in S specifications."""

    source: Grid | tuple[RegressionSpec, ...]
    """The specifications."""
    table: pd.DataFrame
    """S rows in the order of the source: one categorical column a choice (of a grid), then estimate, se, t, p, low,
    high (of the 95 % interval), n, df, clusters (the smaller number; 0 without), problem (why there is no estimate;
    empty otherwise), is_main (the registered main specification)."""
    alone: int
    """How many specifications went through ``fit`` because normal equations would lose digits."""
    notes: tuple[str, ...] = ()
    """What a reader must know, such as that one cluster alone determines the treatment."""

    def to_frame(self) -> pd.DataFrame:
        """The table, choices before estimates."""
        return self.table

    @property
    def estimated(self) -> pd.DataFrame:
        """The rows with an estimate and a standard error."""
        return self.table[self.table["problem"].eq("")]

    @property
    def problems(self) -> pd.DataFrame:
        """Reasons for which specifications have no estimate, with their count: problem, count."""
        found = self.table.loc[self.table["problem"].ne(""), "problem"].value_counts()
        return found.rename_axis("problem").rename("count").reset_index()

    def spec(self, index: int) -> RegressionSpec:
        """The specification with number ``index``, from 0, as a regression."""
        return self.source.spec(index) if isinstance(self.source, Grid) else self.source[index]


@shared
def estimate_variations(
    source: Grid | Sequence[RegressionSpec], frame: pd.DataFrame, prepared: Prepared | None = None
) -> Variations:
    """Estimate the treatment in every specification.

    Parameters
    ----------
    source : Grid or sequence of RegressionSpec
        In a sequence the first term of each specification is its treatment.
    frame : DataFrame
        One row a unit, with every column that the specifications name.
    prepared : Prepared, optional
        Of the same source and frame, from ``prepare_variations``, where a joint test uses it too.

    Returns
    -------
    Variations
        Numbers agree with ``fit`` to 1e-10 (relative) for every specification.

    Raises
    ------
    SpecificationError
        If a column is absent or of the wrong type, a specification contradicts itself, or something else was prepared.
        A specification that cannot be estimated on its rows stays in the table with the reason.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.curve import estimate_variations
    >>> frame = pd.DataFrame({"pay": [1.0, 3, 2, 5, 4, 8], "union": [0.0, 1, 0, 1, 0, 1], "age": [1, 2, 2, 1, 3, 4]})
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> both = [spec, replace(spec, controls=(Variable("age"),))]
    >>> [round(value, 2) for value in estimate_variations(both, frame).table["estimate"]]
    [3.0, 2.57]
    """
    made = prepare_variations(source, frame) if prepared is None else prepared.required(source, frame)
    listed = made.listed
    columns = {name: np.full(listed.size, np.nan) for name in ("estimate", "se", "df")}
    counts = {name: np.zeros(listed.size, dtype=np.int64) for name in ("n", "clusters")}
    problem = np.full(listed.size, "", dtype=object)
    alone = 0
    for ready in made.groups:
        refused = _estimate_group(listed, ready, frame, columns, counts)
        alone += _one_by_one(listed, refused, frame, (columns, counts, problem))
    table = _table(listed, columns, counts, problem)
    return Variations(listed.source, table, alone)


def _estimate_group(
    listed: Catalogue, ready: Ready, frame: pd.DataFrame, columns: dict[str, Array], counts: dict[str, Codes]
) -> Codes:
    """Fill in the estimates of a group; the specifications that it leaves to ``fit``."""
    group, block, batches, products = ready.group, ready.block, ready.batches, ready.products
    if block is None or products is None:
        return group.specs
    n = len(group.rows)
    left = []
    for number in np.unique(listed.covariance[group.specs]):
        chosen = group.specs[listed.covariance[group.specs] == number]
        covariance = listed.covariances[number]
        if not covariance.is_plain:  # leverage of clusters, periods, a repair: ``fit`` has them
            left.append(chosen)
            continue
        by = covariance.by
        rows = frame[[*by, *(covariance.coordinates or ())]].iloc[group.rows]
        clusters = tuple(as_codes(rows[name], name) for name in by)
        groups = min((int(codes.max()) + 1 for codes in clusters), default=0)
        made = _moments(products, block, covariance, rows, clusters)
        chosen = chosen[np.argsort(listed.regression[chosen])]
        for batch in batches:
            specs, members = _members(listed, chosen, batch)
            if not len(specs):
                continue
            solutions = _part(batch.solutions, members)
            counted = len(solutions.regressors) + block.absorbed
            if n <= counted or (by and groups <= max(len(solutions.regressors) + block.intercepts, 1)):
                left.append(specs)
                continue
            variance, sound = _variance(block, solutions, products, made, covariance)
            sound = sound & solutions.sound & (variance > 0)
            of_program = counted_coefficients(covariance.factor, counted, block.effects, clusters)
            variance *= small_sample_factor(covariance, n, groups, of_program)
            left.append(specs[~sound])
            unit = block.lengths[solutions.outcome] / block.lengths[solutions.regressors[-1]]
            good = specs[sound]
            columns["estimate"][good] = (solutions.params[-1] * unit)[sound]
            columns["se"][good] = unit[sound] * np.sqrt(variance[sound])
            columns["df"][good] = groups - 1 if by else n - counted
            counts["n"][good], counts["clusters"][good] = n, groups
    return np.concatenate(left)


def _members(listed: Catalogue, chosen: Codes, batch: _Batch) -> tuple[Codes, Codes]:
    """Specifications (in order of their regression) that belong to a batch, and their places in it."""
    numbers = listed.regression[chosen]
    inside = np.searchsorted(batch.regressions, numbers)
    inside[inside == len(batch.regressions)] = 0
    hit = batch.regressions[inside] == numbers
    return chosen[hit], inside[hit]


def _part(solutions: Solutions, members: Codes) -> Solutions:
    """Some of the regressions of a batch."""
    if np.array_equal(members, np.arange(len(solutions.outcome))):
        return solutions
    return Solutions(
        solutions.regressors[:, members],
        solutions.outcome[members],
        solutions.params[:, members],
        solutions.direction[:, members],
        solutions.unexplained[members],
        solutions.sound[members],
    )


def _moments(
    products: Products, block: Block, covariance: CovarianceSpec, rows: pd.DataFrame, clusters: tuple[Codes, ...]
) -> Moments | None:
    """Moments for covariances that are forms in scores; none for the others."""
    if covariance.kind in ("iid", "HC2", "HC3"):
        return None
    return moments(products, block.columns, covariance, rows, clusters)


def _variance(
    block: Block,
    solutions: Solutions,
    products: Products,
    made: Moments | None,
    covariance: CovarianceSpec,
) -> tuple[Array, Flags]:
    """Variance of the treatment's coefficient before the small-sample factor, and where it can be trusted."""
    if made is not None:
        influences: Influence = influence(products, solutions)
        return quadratic(made.form, made.scale, influences)
    if covariance.kind == "iid":
        rest = len(block.columns) - len(solutions.regressors) - block.absorbed
        return solutions.unexplained * solutions.direction[-1] / rest, solutions.sound
    return leverage_variance(block, solutions, {"HC2": 1.0, "HC3": 2.0}[covariance.kind])


def _one_by_one(
    listed: Catalogue,
    specs: Codes,
    frame: pd.DataFrame,
    target: tuple[dict[str, Array], dict[str, Codes], NDArray[np.object_]],
) -> int:
    """Estimate some specifications through ``fit``; how many."""
    columns, counts, problem = target
    for index in specs:
        alone: _Alone = fit_alone(listed.spec(int(index)), frame)
        columns["estimate"][index], columns["se"][index], columns["df"][index] = alone.estimate, alone.se, alone.df
        counts["n"][index], counts["clusters"][index] = alone.n, alone.clusters
        problem[index] = alone.problem
    return len(specs)


def _table(
    listed: Catalogue, columns: dict[str, Array], counts: dict[str, Codes], problem: NDArray[np.object_]
) -> pd.DataFrame:
    """One row a specification."""
    estimate, se, df = columns["estimate"], columns["se"], columns["df"]
    with np.errstate(invalid="ignore", divide="ignore"):
        t = estimate / se
    reach, known = np.full(len(se), np.nan), ~np.isnan(df)  # the others could not be estimated
    levels, of_level = np.unique(df[known], return_inverse=True)
    reach[known] = critical_value(levels)[of_level] * se[known]
    table: dict[str, object] = {}
    if isinstance(listed.source, Grid):
        for place, choice in enumerate(listed.source.choices):
            table[choice.key] = pd.Categorical.from_codes(
                listed.source.codes[:, place], categories=pd.Index(choice.keys)
            )
    table |= {"estimate": estimate, "se": se, "t": t, "p": two_sided_p(t, df)}
    table |= {"low": estimate - reach, "high": estimate + reach, "n": counts["n"], "df": df}
    main = np.zeros(listed.size, dtype=bool)
    if isinstance(listed.source, Grid) and listed.source.main_index is not None:
        main[listed.source.main_index] = True
    return pd.DataFrame(table | {"clusters": counts["clusters"], "problem": problem, "is_main": main})
