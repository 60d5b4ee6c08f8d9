"""Least squares within fixed effects: one specification and one frame in, one frozen result out."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.errors import SpecificationError
from shanhai.model.absorb import absorbed_degrees, absorbed_leverage, within
from shanhai.model.covariance import Estimated, Solution, estimate_covariance
from shanhai.model.design import Design, build_design
from shanhai.model.results import Clusters, FitResult
from shanhai.spec import RegressionSpec

Array = NDArray[np.float64]

COLLINEAR = 1e-9
"""A column counts as determined by those before it when less than this share of its length is left."""

FEW_CLUSTERS = 40
"""Below this many clusters, cluster-robust tests reject too often (Cameron & Miller 2015, section VI)."""

VERY_FEW_CLUSTERS = 20
"""Below this many clusters the size of the tests is not to be trusted."""


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
    design = build_design(spec, frame)
    regressors, names = _with_intercept(spec, design)
    absorbed = absorbed_degrees(design.effects) if spec.fixed_effects else 0
    outcome, demeaned = _demeaned(spec, design, regressors)
    kept, collinear = _independent_columns(demeaned, regressors, names, spec)
    counted = len(kept) + absorbed
    _require_rows(design, spec, counted)
    _require_clusters(design, spec, len(kept))

    root = np.sqrt(design.effects.weights)
    weighted, target = demeaned[:, kept] * root[:, None], outcome * root
    factor_q, factor_r = np.linalg.qr(weighted)
    params = np.linalg.solve(factor_r, factor_q.T @ target)
    inverse = np.linalg.inv(factor_r)
    residuals = outcome - demeaned[:, kept] @ params
    leverage = absorbed_leverage(design.effects) if spec.fixed_effects else np.zeros(len(target))
    effects = design.effects if spec.fixed_effects else None
    solution = Solution(weighted, residuals * root, inverse @ inverse.T, leverage, counted, effects)
    estimated = estimate_covariance(solution, spec.covariance, design.clusters, design.coordinates)
    return _result(spec, design, (tuple(names[i] for i in kept), collinear), (params, estimated, residuals), absorbed)


def _with_intercept(spec: RegressionSpec, design: Design) -> tuple[Array, tuple[str, ...]]:
    """Regressors and names, with a column of ones where no fixed effect stands for it."""
    if spec.fixed_effects:
        return design.matrix, design.names
    return np.column_stack([np.ones(len(design.outcome)), design.matrix]), ("intercept", *design.names)


def _demeaned(spec: RegressionSpec, design: Design, regressors: Array) -> tuple[Array, Array]:
    """Outcome and regressors within the fixed effects; an outcome that does not vary there is refused."""
    both = np.column_stack([design.outcome, regressors])
    if spec.fixed_effects:
        both = within(both, design.effects)
    spread = both[:, 0] if spec.fixed_effects else both[:, 0] - both[:, 0].mean()
    if np.linalg.norm(spread) <= COLLINEAR * max(float(np.linalg.norm(design.outcome)), np.finfo(float).tiny):
        raise SpecificationError(
            f"outcome {spec.outcome.name!r} does not vary{_inside(spec)} in sample {spec.sample.name!r}; allowed: an "
            "outcome with variation. Widen the sample, or take a coarser fixed effect."
        )
    return both[:, 0], both[:, 1:]


def _inside(spec: RegressionSpec) -> str:
    """Words for the fixed effects of a specification."""
    return f" within {', '.join(spec.fixed_effects)}" if spec.fixed_effects else ""


def _independent_columns(
    demeaned: Array, regressors: Array, names: tuple[str, ...], spec: RegressionSpec
) -> tuple[list[int], tuple[str, ...]]:
    """Columns that those before them do not determine, and the names of the controls dropped; terms are refused."""
    lengths = np.linalg.norm(regressors, axis=0)
    basis = np.empty((len(demeaned), 0))
    kept: list[int] = []
    dropped: list[str] = []
    for place, name in enumerate(names):
        column = demeaned[:, place]
        # twice, because one projection leaves rounding error of its own (Giraud et al. 2005)
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        left = float(np.linalg.norm(rest))
        if left > COLLINEAR * lengths[place]:
            basis = np.column_stack([basis, rest / left])
            kept.append(place)
        elif name in spec.term_names:
            still = np.ptp(regressors[:, place]) == 0 or np.linalg.norm(column) <= COLLINEAR * lengths[place]
            raise _unidentified(name, bool(still), spec)
        else:
            dropped.append(name)
    return kept, tuple(dropped)


def _unidentified(name: str, still: bool, spec: RegressionSpec) -> SpecificationError:
    """The reason for which a term cannot be estimated."""
    cause = f"does not vary{_inside(spec)}" if still else "is determined by the others"
    return SpecificationError(
        f"term {name!r} {cause} in sample {spec.sample.name!r}; allowed: a term with variation of its own. Widen the "
        "sample, take a coarser fixed effect, or leave one of the terms out."
    )


def _require_rows(design: Design, spec: RegressionSpec, counted: int) -> None:
    """Refuse a regression without degrees of freedom."""
    if len(design.outcome) <= counted:
        raise SpecificationError(
            f"{len(design.outcome)} rows for {counted} coefficients (absorbed effects counted) in sample "
            f"{spec.sample.name!r}; allowed: more rows than coefficients. Widen the sample, or take terms out."
        )


def _require_clusters(design: Design, spec: RegressionSpec, coefficients: int) -> None:
    """Refuse clusters too few for a covariance of full rank."""
    for by, codes in zip(spec.covariance.by, design.clusters, strict=True):
        count = int(codes.max()) + 1
        if count < 2 or count <= coefficients:
            raise SpecificationError(
                f"{count} clusters by {by!r} for {coefficients} coefficients in sample {spec.sample.name!r}; allowed: "
                "at least two, and more clusters than coefficients. Cluster by a finer unit, or use HC3."
            )


def _result(
    spec: RegressionSpec,
    design: Design,
    columns: tuple[tuple[str, ...], tuple[str, ...]],
    numbers: tuple[Array, Estimated, Array],
    absorbed: int,
) -> FitResult:
    """The frozen result, with its notes."""
    (names, collinear), (params, estimated, residuals) = columns, numbers
    matrix = estimated.matrix
    clusters = tuple(
        Clusters(by, int(codes.max()) + 1) for by, codes in zip(spec.covariance.by, design.clusters, strict=True)
    )
    rest = len(residuals) - len(names) - absorbed
    for array in (params, matrix, residuals, design.rows):
        array.setflags(write=False)
    r2, r2_within = _shares_explained(design, residuals)
    return FitResult(
        spec=spec,
        names=names,
        params=params,
        covariance=matrix,
        n=len(residuals),
        df=float(min((one.count for one in clusters), default=rest + 1) - 1),
        absorbed=absorbed or 1,
        r2=r2,
        r2_within=r2_within,
        clusters=clusters,
        rows=design.rows,
        residuals=residuals,
        dropped_rows=design.dropped,
        dropped_columns=(*collinear, *design.empty_bands),
        scales=design.scales,
        notes=(*_notes(spec, design, clusters, collinear), *_indefinite_note(estimated, names)),
        df_by_term=() if estimated.degrees is None else tuple(map(float, estimated.degrees)),
    )


def _shares_explained(design: Design, residuals: Array) -> tuple[float, float]:
    """R squared overall and within the fixed effects, weighted as the regression is."""
    weights = design.effects.weights
    outcome = design.outcome[:, None]
    overall = (outcome - np.average(design.outcome, weights=weights))[:, 0]
    inside = within(outcome, design.effects)[:, 0]
    left = float(weights @ residuals**2)
    return 1.0 - left / float(weights @ overall**2), 1.0 - left / float(weights @ inside**2)


def _indefinite_note(estimated: Estimated, names: tuple[str, ...]) -> tuple[str, ...]:
    """Say so when a covariance has a negative eigenvalue: some combination has no standard error."""
    negative = [name for name, variance in zip(names, np.diag(estimated.matrix), strict=True) if variance < 0]
    without = f" No standard error: {', '.join(negative)}." if negative else ""
    if estimated.note:
        return (estimated.note + without,)
    values = np.linalg.eigvalsh(estimated.matrix)
    if values[0] >= -1e-10 * values[-1]:
        return ()
    return ("the two-way covariance is not positive semi-definite: joint tests and combinations may have no value.",)


def _notes(
    spec: RegressionSpec, design: Design, clusters: tuple[Clusters, ...], collinear: tuple[str, ...]
) -> tuple[str, ...]:
    """Sentences that belong beside the numbers."""
    notes = []
    for one in clusters:
        if one.count < VERY_FEW_CLUSTERS:
            notes.append(
                f"{one.count} clusters by {one.by}: too few for cluster-robust tests to hold their size; "
                "read them beside HC3."
            )
        elif one.count < FEW_CLUSTERS:
            notes.append(f"{one.count} clusters by {one.by}: few, so tests reject somewhat too often.")
    if spec.outcome_controls:
        notes.append(f"controls that are outcomes of borders or terrain: {', '.join(spec.outcome_controls)}.")
    if collinear:
        notes.append(f"dropped because the others determine them: {', '.join(collinear)}.")
    if design.empty_bands:
        notes.append(f"bands without a row: {', '.join(design.empty_bands)}.")
    notes.extend(f"{one.count} rows dropped: {one.reason}." for one in design.dropped)
    return tuple(notes)
