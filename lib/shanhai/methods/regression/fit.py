"""Least squares within fixed effects: one specification and one frame in, one frozen result out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shanhai.core.errors import BORDERS_UNKNOWN, SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_codes, require_columns
from shanhai.methods.regression._notes import notes_of, one_group_note, rank_note, variance_note
from shanhai.methods.regression._one_group import on_one_group
from shanhai.methods.regression.absorb import within
from shanhai.methods.regression.covariance import Estimated, Solution, estimate_covariance
from shanhai.methods.regression.design import Design, build_design, numbers, panel_of
from shanhai.methods.regression.projection import Independent, independent_columns, less_projection, rounding
from shanhai.methods.regression.results import Clusters, FitResult
from shanhai.methods.spec import Bands, CovarianceSpec, RegressionSpec

_SAME = 1e-6
"""Share of the outcome within the fixed effects by which residuals of the same rows may differ from rounding."""

_CONSTANT = 1e-9
"""Share of a column of ones that regressors may leave where their sums still are the constant."""

_EXACT = "the regressors determine the outcome to the last digit, so there are no standard errors."
"""Note of a regression without residuals."""


@dataclass(frozen=True)
class _Solved:
    """A regression whose design is built, freed of its fixed effects and solved; any covariance can follow."""

    spec: RegressionSpec
    """The regression, with the covariance whose columns chose the rows."""
    design: Design
    """Its arrays."""
    demeaned: Array
    """n x (1 + k): outcome and regressors within the fixed effects (or less their means)."""
    names: tuple[str, ...]
    """Names of the coefficients that can be estimated."""
    params: Array
    """The coefficients."""
    residuals: Array
    """n residuals, in the unit of the outcome."""
    solution: Solution
    """What a covariance needs."""
    collinear: tuple[str, ...]
    """Controls that the others determine."""
    absorbed: int
    """Degrees of freedom that fixed effects use up; 0 without any."""
    drops: bool = False
    """Whether clusters may be no more than coefficients, which is noted then, as regressions by formula have it."""

    def result(self) -> FitResult:
        """Coefficients with their covariance.

        Raises
        ------
        SpecificationError
            If clusters are fewer than two or, in a specification, no more than coefficients, or the covariance is not
            defined.
        """
        spec, design = self.spec, self.design
        _require_clusters(design, spec, 1 if self.drops else len(self.names))
        if _exact(self.solution.residuals, design):
            estimated = Estimated(np.full((len(self.names), len(self.names)), np.nan), notes=(_EXACT,))
        elif not self.names:  # fixed effects alone
            estimated = Estimated(np.empty((0, 0)))
        else:
            where = (design.clusters, design.coordinates, design.panel)
            estimated = estimate_covariance(self.solution, spec.covariance, *where)
        return _result(self, estimated)


def fit(spec: RegressionSpec, frame: pd.DataFrame) -> FitResult:
    """Estimate a regression.

    Parameters
    ----------
    spec : RegressionSpec
    frame : DataFrame
        One row a unit, with every column that the specification names.

    Returns
    -------
    FitResult
        Coefficients without those of fixed effects; an ``intercept`` only where there are none.

    Raises
    ------
    SpecificationError
        If columns are unknown, the outcome or a term does not vary within the fixed effects, a term is determined by
        the others, rows are no more than coefficients, or clusters are fewer than two or no more than coefficients.
    """
    return solve(spec, frame).result()


def fit_many(spec: RegressionSpec, frame: pd.DataFrame, covariances: Iterable[CovarianceSpec]) -> list[FitResult]:
    """Estimate a regression once and give it several covariances.

    Parameters
    ----------
    spec : RegressionSpec
        Its own covariance is not used.
    frame : DataFrame
        One row a unit, with every column that the specification and the covariances name. Rows without cluster or
        coordinates are left out under the covariances that need them only.
    covariances : iterable of CovarianceSpec

    Returns
    -------
    list of FitResult
        One a covariance, in their order: what ``fit`` gives for each.

    Raises
    ------
    SpecificationError
        As ``fit``.

    References
    ----------
    Within transformation: Guimarães & Portugal 2010 (Stata Journal 10); Gaure 2013 (Computational Statistics & Data
    Analysis 66).

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable, fit_many
    >>> rng = np.random.default_rng(2)
    >>> frame = pd.DataFrame({"union": rng.normal(size=60), "town": np.arange(60) // 5})
    >>> frame["pay"] = frame["union"] + rng.normal(size=60)
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> found = fit_many(spec, frame, [CovarianceSpec("HC1"), CovarianceSpec("cluster", ("town",), "CR1S")])
    >>> [result.df for result in found]
    [58.0, 11.0]
    """
    solved: dict[tuple[str, ...], _Solved] = {}
    results = []
    for variant in (replace(spec, covariance=covariance) for covariance in covariances):
        missing = _columns_with_gaps(variant, frame)
        if missing not in solved:
            solved[missing] = solve(variant, frame)
        same = solved[missing]
        if same.spec.covariance != variant.covariance:
            same = replace(same, spec=variant, design=_with_covariance(same.design, variant, frame))
        results.append(same.result())
    return results


def _columns_with_gaps(spec: RegressionSpec, frame: pd.DataFrame) -> tuple[str, ...]:
    """Columns of the covariance that choose the rows: those with a missing value in the frame."""
    columns = (*spec.covariance.label_columns, *spec.covariance.numeric_columns)
    require_columns(frame, columns)
    return tuple(column for column in columns if frame[column].isna().any())


def solve(spec: RegressionSpec, frame: pd.DataFrame, *, drops: bool = False) -> _Solved:
    """Build the design of a regression and estimate its coefficients, without a covariance yet.

    Parameters
    ----------
    spec : RegressionSpec
    frame : DataFrame
    drops : bool
        Take a term that the others or the fixed effects determine for a control, which is left out and reported, as
        regressions by formula do; without it such a term is refused.

    Raises
    ------
    SpecificationError
        As :func:`fit`, clusters apart.
    """
    design = build_design(spec, frame, through_origin=True)
    absorbed = design.effects.degrees if spec.fixed_effects else 0
    demeaned = _demeaned(spec, design)
    found, collinear = _independent(demeaned[:, 1:], design)
    if drops and len(collinear) < len(design.names):
        spec = _less_terms(spec, collinear)
    _require_identified(spec, design, demeaned[:, 1:], collinear)
    names = tuple(design.names[place] for place in found.kept)
    has_intercept = not spec.fixed_effects and spec.intercept is not False
    counted = len(names) + absorbed + has_intercept
    _require_rows(design, spec, counted)

    root = np.sqrt(design.effects.weights)
    outcome = demeaned[:, 0] * root
    basis, spread = regression_basis(spec, design, found)
    left = less_projection(outcome[:, None], basis)[:, 0]
    params = spread @ (basis.T @ outcome)
    if has_intercept:
        names = ("intercept", *names)
        params[0] += np.average(design.outcome, weights=design.effects.weights)
    effects = design.effects if spec.fixed_effects else None
    solution = Solution(basis, left, spread, counted, effects)
    residuals = left / root
    for array in (params, residuals, design.rows):
        array.setflags(write=False)
    return _Solved(spec, design, demeaned, names, params, residuals, solution, collinear, absorbed, drops)


def regression_basis(spec: RegressionSpec, design: Design, found: Independent) -> tuple[Array, Array]:
    """Orthonormal basis of the regressors of a regression, and the root that takes it back to their coefficients.

    Where there are no fixed effects both begin with the intercept. The regressors were centred, which frees them of it;
    only the root brings their zeros back in, so that a far zero costs the intercept its digits, but no other
    coefficient.

    Parameters
    ----------
    spec : RegressionSpec
    design : Design
    found : Independent
        Of the columns of the design within the fixed effects, times the root of the weights.

    Returns
    -------
    n x k orthonormal columns, and k x k whose product with its transpose is the inverse crossproduct of the regressors.
    """
    if spec.fixed_effects or spec.intercept is False:
        return found.basis, found.root
    weights, inverse, k = design.effects.weights, found.root, len(found.kept)
    means = np.average(design.matrix[:, found.kept], axis=0, weights=weights)
    length = np.sqrt(weights.sum())
    spread = np.zeros((k + 1, k + 1))
    spread[0, 0], spread[0, 1:], spread[1:, 1:] = 1.0 / length, -means @ inverse, inverse
    return np.column_stack([np.sqrt(weights) / length, found.basis]), spread


def _demeaned(spec: RegressionSpec, design: Design) -> Array:
    """Outcome and regressors within the fixed effects; an outcome that does not vary there is refused."""
    both = np.column_stack([design.outcome, design.matrix])
    if spec.intercept is not False:
        both = within(both, design.effects)
    weights = design.effects.weights
    if np.sqrt(weights @ both[:, 0] ** 2) <= rounding(design.outcome[:, None], weights)[0]:
        raise SpecificationError(
            f"outcome {spec.outcome.name!r} does not vary{_inside(spec)} in sample {spec.sample.name!r}; allowed: an "
            "outcome with variation. Widen the sample, or take a coarser fixed effect."
        )
    return both


def _inside(spec: RegressionSpec) -> str:
    """Words for the fixed effects of a specification."""
    return f" within {', '.join(spec.fixed_effects)}" if spec.fixed_effects else ""


def _independent(demeaned: Array, design: Design) -> tuple[Independent, tuple[str, ...]]:
    """Columns that those before them do not determine, and the names of the others."""
    weights = design.effects.weights
    found = independent_columns(demeaned * np.sqrt(weights)[:, None], rounding(design.matrix, weights))
    return found, tuple(name for place, name in enumerate(design.names) if place not in found.kept)


def _less_terms(spec: RegressionSpec, collinear: tuple[str, ...]) -> RegressionSpec:
    """The specification with terms that cannot be told apart as the last of its controls."""
    dropped = tuple(term for term in spec.terms if not isinstance(term, Bands) and term.name in collinear)
    kept = tuple(term for term in spec.terms if term not in dropped)
    return replace(spec, terms=kept, controls=(*spec.controls, *dropped)) if kept and dropped else spec


def _require_identified(spec: RegressionSpec, design: Design, demeaned: Array, collinear: tuple[str, ...]) -> None:
    """Refuse terms that the others determine."""
    for name in collinear:
        if name in spec.term_names:
            place = design.names.index(name)
            length = np.linalg.norm(demeaned[:, place] * np.sqrt(design.effects.weights))
            still = length <= rounding(design.matrix, design.effects.weights)[place]
            raise _unidentified(design, name, bool(still), spec)


def _unidentified(design: Design, name: str, still: bool, spec: RegressionSpec) -> SpecificationError:
    """The reason for which a term cannot be estimated."""
    unknown = any(row.reason == "on_border missing" for row in design.dropped)
    borders = f" {BORDERS_UNKNOWN}" if name == "on_border" and unknown else ""
    cause = f"does not vary{_inside(spec)}" if still else "is determined by the others"
    return SpecificationError(
        f"term {name!r} {cause} in sample {spec.sample.name!r}; allowed: a term with variation of its own. Widen the "
        f"sample, take a coarser fixed effect, or leave one of the terms out.{borders}"
    )


def _require_rows(design: Design, spec: RegressionSpec, counted: int) -> None:
    """Refuse a regression without degrees of freedom."""
    if len(design.outcome) <= counted:
        raise SpecificationError(
            f"{len(design.outcome)} rows for {counted} coefficients (absorbed effects counted) in sample "
            f"{spec.sample.name!r}; allowed: more rows than coefficients. Widen the sample, or take terms out."
        )


def fitted_columns(result: FitResult, frame: pd.DataFrame) -> dict[str, Array]:
    """Outcome and regressors of a regression within its fixed effects (or less their means), by name.

    Raises
    ------
    SpecificationError
        If the frame is not the one that was fitted: rows or residuals are others.
    """
    design = build_design(result.spec, frame)
    values = within(np.column_stack([design.outcome, design.matrix]), design.effects)
    columns = dict(zip(("outcome", *design.names), values.T, strict=True))
    if np.array_equal(design.rows, result.rows):
        slopes = {name: value for name, value in zip(result.names, result.params, strict=True) if name in columns}
        left = columns["outcome"] - sum(value * columns[name] for name, value in slopes.items())
        largest = float(np.abs(columns["outcome"]).max())
        if np.abs(left - result.residuals).max() <= _SAME * largest:
            return columns
    raise SpecificationError(
        f"the frame is not the one that was fitted ({len(design.rows)} rows of {len(frame)} are used now, {result.n} "
        "were); allowed: the frame of the regression, its rows in the same order. Pass that frame, or fit this one."
    )


def require_fitted(result: FitResult, frame: pd.DataFrame) -> None:
    """Refuse a frame that is not the one that was fitted.

    Raises
    ------
    SpecificationError
    """
    fitted_columns(result, frame)


def _exact(left: Array, design: Design) -> bool:
    """Whether a regression leaves rounding only, of which no standard errors can be made."""
    return bool(np.linalg.norm(left) <= rounding(design.outcome[:, None], design.effects.weights)[0])


def _require_clusters(design: Design, spec: RegressionSpec, coefficients: int) -> None:
    """Refuse a single cluster, and no more clusters than ``coefficients``: the covariance would lack full rank."""
    for by, codes in zip(spec.covariance.by, design.clusters, strict=True):
        count = int(codes.max()) + 1
        if count < 2:
            raise SpecificationError(
                f"all rows of sample {spec.sample.name!r} are in one cluster by {by!r}; allowed: two clusters or more. "
                "Cluster by a finer unit."
            )
        if count <= coefficients:
            raise SpecificationError(
                f"{count} clusters by {by!r} for {coefficients} coefficients in sample {spec.sample.name!r}; allowed "
                "for a specification: more clusters than coefficients. Cluster by a finer unit, take terms out, or "
                "test one coefficient by wild_bootstrap; a formula is estimated, with a note."
            )


def _result(solved: _Solved, estimated: Estimated) -> FitResult:
    """The frozen result, with its notes."""
    spec, design, names, residuals = solved.spec, solved.design, solved.names, solved.residuals
    matrix = estimated.matrix
    matrix.setflags(write=False)
    clusters = tuple(
        Clusters(by, int(codes.max()) + 1) for by, codes in zip(spec.covariance.by, design.clusters, strict=True)
    )
    rest = len(residuals) - len(names) - solved.absorbed
    alone = _alone(solved, matrix)
    r2, r2_within = _shares_explained(solved)
    return FitResult(
        spec=spec,
        names=names,
        params=solved.params,
        covariance=matrix,
        n=len(residuals),
        df=float(min((level.count for level in clusters), default=rest + 1) - 1),
        absorbed=solved.absorbed or int(spec.intercept is not False),
        r2=r2,
        r2_within=r2_within,
        outcome_mean=float(np.average(design.outcome, weights=design.effects.weights)),
        clusters=clusters,
        rows=design.rows,
        residuals=residuals,
        dropped_rows=design.dropped,
        dropped_columns=(*solved.collinear, *design.empty_bands),
        scales=design.scales,
        notes=(
            *notes_of(spec, design, clusters, solved.collinear),
            *rank_note(clusters, names),
            *(note for where, terms in alone.items() for note in one_group_note(terms, where)),
            *variance_note(estimated, names),
        ),
        df_by_term=() if estimated.degrees is None else tuple(map(float, estimated.degrees)),
        on_one_group=tuple(dict.fromkeys(name for terms in alone.values() for name in terms)),
    )


def _alone(solved: _Solved, matrix: Array) -> dict[str, tuple[str, ...]]:
    """Coefficients with an error that one row or one cluster alone determines, by what that is called."""
    covariance = solved.spec.covariance
    groups = dict(zip((f"cluster by {by}" for by in covariance.by), solved.design.clusters, strict=True))
    found = {}
    for where, codes in ({"row": None} if covariance.kind == "HC1" else groups).items():
        places = on_one_group(solved.solution, codes) if (np.diag(matrix) > 0).any() else ()
        found[where] = tuple(solved.names[place] for place in places if matrix[place, place] > 0)
    return found


def _shares_explained(solved: _Solved) -> tuple[float, float]:
    """R squared overall and within the fixed effects, weighted as the regression is.

    About the mean, unless the regression has no constant, not even as the sum of its dummies: about zero then, as
    statsmodels and Stata's ``regress, hascons`` have it.
    """
    outcome, weights = solved.design.outcome, solved.design.effects.weights
    left = float(weights @ solved.residuals**2)
    if solved.spec.intercept is False:
        ones = np.sqrt(weights)
        rest = less_projection(ones[:, None], solved.solution.basis)
        has_constant = np.linalg.norm(rest) <= _CONSTANT * np.linalg.norm(ones)
        mean = np.average(outcome, weights=weights) if has_constant else 0.0
        overall = 1.0 - left / float(weights @ (outcome - mean) ** 2)
        return overall, overall
    overall = 1.0 - left / float(weights @ (outcome - np.average(outcome, weights=weights)) ** 2)
    return overall, 1.0 - left / float(weights @ solved.demeaned[:, 0] ** 2)


def _with_covariance(design: Design, spec: RegressionSpec, frame: pd.DataFrame) -> Design:
    """The design with the clusters, coordinates and periods of another covariance that leaves the same rows.

    Parameters
    ----------
    design : Design
        Of the same regression under another covariance.
    spec : RegressionSpec
    frame : DataFrame
        The frame of the design.

    Raises
    ------
    SpecificationError
        If a column of the covariance is absent, missing in a row of the design, or no coordinate.
    """
    by, place = spec.covariance.by, spec.covariance.coordinates
    columns = (*spec.covariance.label_columns, *spec.covariance.numeric_columns)
    require_columns(frame, columns)
    used = frame[list(dict.fromkeys(columns))].iloc[design.rows]
    clusters = tuple(as_codes(used[name], name) for name in by)
    coordinates = None if place is None else (numbers(used, place[0]), numbers(used, place[1]))
    return replace(design, clusters=clusters, coordinates=coordinates, panel=panel_of(spec.covariance, used))
