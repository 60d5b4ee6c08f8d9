"""A regression in which one column is drawn again and again, reduced once to what every draw shares.

Estimates and t-ratios of a block of draws then are matrix products over all of them at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes, Flags
from shanhai.methods.regression.absorb import FixedEffects, within
from shanhai.methods.regression.covariance import cluster_factor, counted_coefficients, intersection
from shanhai.methods.regression.design import build_design, numbers
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.projection import RANK_TOLERANCE, independent_columns, less_projection, rounding
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import Bands, CovarianceSpec, Interaction, RegressionSpec, Term, Variable

Made = Mapping[str, tuple[Array, Array]]
"""Columns made of the treatment: slope and start of each row of the frame, whose value is start + slope x treatment."""


@dataclass(frozen=True, repr=False)
class DrawnDesign(Shown):
    """Arrays of a regression whose treatment column is open; n rows, q columns depend on the treatment."""

    names: tuple[str, ...]
    """q names of the coefficients that depend on the treatment."""
    factors: Array
    """n x q: a column is the treatment times its factor (ones, or the other side of an interaction), plus its start."""
    starts: Array
    """n x q: values of these columns at a treatment of zero; zeros but for columns that a formula made."""
    outcome: Array
    """n values of the transformed outcome."""
    fixed: Array
    """n x k regressors that stay the same."""
    effects: FixedEffects
    """Levels of the fixed effects, and weights."""
    clusters: tuple[Codes, ...]
    """Cluster of each row, one array a cluster column."""
    counted: int
    """K: all coefficients and absorbed effects; under CR1N without those nested in clusters."""
    observed: Array
    """n values of the treatment in the data."""
    result: FitResult
    """The regression on the data."""

    @property
    def rows(self) -> Codes:
        """Positions of the n rows in the frame."""
        return self.result.rows


@dataclass(frozen=True)
class _Reduced:
    """Outcome and fixed regressors less the fixed effects, times the root of the weights."""

    outcome: Array
    """n, less the fixed regressors too."""
    basis: Array
    """n x k, orthonormal, spanning the fixed regressors."""


def drawn_design(spec: RegressionSpec, frame: pd.DataFrame, column: str, made: Made | None = None) -> DrawnDesign:
    """Open the treatment column of a regression.

    Parameters
    ----------
    spec : RegressionSpec
    frame : DataFrame
    column : str
        The treatment: enters as it is (``level``) and in interactions with other columns.
    made : mapping of column to two arrays, optional
        Columns of the frame that were made of the treatment: slope and start of each row, whose value is start + slope
        x treatment. They follow the draws. Nothing tells such a column from others if it is not named here.

    Raises
    ------
    SpecificationError
        If the column is no term of that kind, also has another part in the specification, or the regression cannot be
        estimated on the data.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.placebo import drawn_design
    >>> frame = pd.DataFrame({"pay": [1.0, 3.0, 2.0, 5.0, 4.0, 8.0, 2.0, 6.0], "union": [0.0, 1, 0, 1, 0, 1, 0, 1]})
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> drawn_design(spec, frame, "union").observed.tolist()
    [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]
    """
    _require_treatment(spec, column)
    result = fit(spec, frame)
    present = frame[column].notna()
    lines = made or {}
    slopes = {key: slope for key, (slope, _) in lines.items()}
    design = build_design(spec, frame.assign(**{column: np.where(present, 1.0, np.nan)}, **slopes))
    open_columns = {column, *lines}
    keys = {_name(term): term.column for term in (*spec.terms, *spec.controls) if isinstance(term, Variable)}
    depend = [_name(term) for term in (*spec.terms, *spec.controls) if _depends(term, open_columns)]
    kept = [name for name in result.names if name not in (*depend, "intercept")]
    where = {name: place for place, name in enumerate(design.names)}
    depend = [name for name in depend if name in result.names]
    starts = np.zeros((len(result.rows), len(depend)))
    for place, name in enumerate(depend):
        if keys.get(name) in lines:
            starts[:, place] = lines[keys[name]][1][result.rows]
    return DrawnDesign(
        names=tuple(depend),
        factors=design.matrix[:, [where[name] for name in depend]],
        starts=starts,
        outcome=design.outcome,
        fixed=design.matrix[:, [where[name] for name in kept]],
        effects=design.effects,
        clusters=design.clusters,
        counted=counted_coefficients(
            spec.covariance.factor,
            len(result.names) + (result.absorbed if spec.fixed_effects else 0),
            design.effects,
            design.clusters,
        ),
        observed=numbers(frame.iloc[result.rows], column),
        result=result,
    )


def reduce(design: DrawnDesign, effects: FixedEffects) -> _Reduced:
    """Take fixed effects and fixed regressors out of the outcome, once for all draws (Frisch, Waugh and Lovell)."""
    root = np.sqrt(effects.weights)[:, None]
    both = within(np.column_stack([design.outcome, design.fixed]), effects) * root
    basis = independent_columns(both[:, 1:], rounding(design.fixed, effects.weights)).basis
    return _Reduced(less_projection(both[:, :1], basis)[:, 0], basis)


def _depends(term: Term, open_columns: set[str]) -> bool:
    """Whether a term contains the treatment or a column made of it."""
    if isinstance(term, Interaction):
        return not open_columns.isdisjoint((term.left.column, term.right.column))
    return term.column in open_columns


def _name(term: Term) -> str:
    """Name of a term with one coefficient."""
    assert not isinstance(term, Bands)  # refused before
    return term.name


def _require_treatment(spec: RegressionSpec, column: str) -> None:
    """Refuse a treatment that draws could not simply replace."""
    parts = [variable for variable in spec.variables if variable.column == column]
    if not any(isinstance(term, Variable) and term.column == column for term in spec.terms):
        raise SpecificationError(
            f"{column!r} is no term of the regression; allowed: {', '.join(spec.term_names)}. Name the column drawn."
        )
    if any(isinstance(part, Bands) or part.transform != "level" for part in parts):
        raise SpecificationError(
            f"{column!r} enters as bands or transformed; allowed for a drawn column: as it is. Make the transformed "
            "column in the frame and draw that."
        )
    squared = [term for term in (*spec.terms, *spec.controls) if isinstance(term, Interaction)]
    if any(term.left.column == term.right.column == column for term in squared):
        raise SpecificationError(f"{column!r} is multiplied by itself; allowed: by other columns. Take the square out.")
    filters = {rule.column for rule in spec.sample.conditions}
    elsewhere = {spec.outcome.column, *spec.fixed_effects, *spec.covariance.by, spec.weights, *filters}
    if column in elsewhere:
        raise SpecificationError(
            f"{column!r} is also the outcome, a fixed effect, cluster, weight or filter; allowed: a treatment that "
            "enters as a regressor alone. Take it out there."
        )


_LEAST_DETERMINED = 1e-10
"""Smallest eigenvalue of the correlations of drawn columns below which one determines the other."""


def block_t(
    design: DrawnDesign,
    reduced: _Reduced,
    effects: FixedEffects,
    members: list[tuple[float, sparse.csr_array]],
    block: Array,
    term: str,
) -> tuple[Array, Array]:
    """Estimates and t-ratios for some draws (n x b)."""
    columns, lengths = [], []
    root = np.sqrt(effects.weights)[:, None]
    for factor, start in zip(design.factors.T, design.starts.T, strict=True):
        raw = block * factor[:, None]
        if start.any():
            raw += start[:, None]
        lengths.append(np.einsum("ib,ib->b", raw, raw))
        column = demeaned(raw, effects)
        if design.result.spec.weights is not None:
            column *= root
        column -= reduced.basis @ (reduced.basis.T @ column)
        columns.append(column)
    inverse, params, sound = _solved(columns, np.array(lengths), reduced.outcome)
    place = design.names.index(term)
    residuals = reduced.outcome[:, None] - sum(column * b for column, b in zip(columns, params, strict=True))
    influence = sum(column * weight for column, weight in zip(columns, inverse[place], strict=True))
    variance = _variance(design, influence, residuals, members, inverse[place, place])
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = params[place] / np.sqrt(np.where(sound & (variance > 0), variance, np.nan))
    return np.where(np.isfinite(ratios), params[place], np.nan), ratios


def demeaned(values: Array, effects: FixedEffects) -> Array:
    """Deviations from the means of fixed effects; one effect by a sparse product, several by sweeps."""
    groupings = effects.groupings
    if len(groupings) > 1:
        return within(values, effects)
    codes = groupings[0]
    sums = sparse.csr_array((effects.weights, (codes, np.arange(len(codes))))) @ values
    sums /= np.bincount(codes, weights=effects.weights)[:, None]
    return np.asarray(values - sums[codes])


def cluster_members(clusters: tuple[Codes, ...]) -> list[tuple[float, sparse.csr_array]]:
    """Sign and membership (G x n) of each part of a one- or two-way cluster covariance."""
    parts = [(1.0, codes) for codes in clusters]
    if len(clusters) == 2:
        parts.append((-1.0, intersection(*clusters)))
    return [(sign, sparse.csr_array((np.ones(len(codes)), (codes, np.arange(len(codes)))))) for sign, codes in parts]


def _solved(columns: list[Array], lengths: Array, outcome: Array) -> tuple[Array, Array, Flags]:
    """Inverse crossproducts (q x q x b), coefficients (q x b), and which draws determine them."""
    q = len(columns)
    gram = np.array([[np.einsum("ib,ib->b", left, right) for right in columns] for left in columns])
    own = gram[np.arange(q), np.arange(q)]
    sound = np.all(own > RANK_TOLERANCE**2 * np.maximum(lengths, np.finfo(float).tiny), axis=0)
    scale = 1.0 / np.sqrt(np.where(sound, own, 1.0))
    correlation = np.where(sound, gram * scale[:, None] * scale[None, :], np.eye(q)[:, :, None]).transpose(2, 0, 1)
    sound &= np.linalg.eigvalsh(correlation)[:, 0] > _LEAST_DETERMINED
    correlation = np.where(sound[:, None, None], correlation, np.eye(q))
    inverse = np.linalg.inv(correlation).transpose(1, 2, 0) * scale[:, None] * scale[None, :]
    right = np.array([outcome @ column for column in columns])
    return inverse, np.einsum("jkb,kb->jb", inverse, right), sound


def _variance(
    design: DrawnDesign,
    influence: Array,
    residuals: Array,
    members: list[tuple[float, sparse.csr_array]],
    own: Array,
) -> Array:
    """Variance of the tested coefficient in each draw, with the small-sample factor of ``cluster_factor``."""
    spec: CovarianceSpec = design.result.spec.covariance
    n = len(design.outcome)
    if spec.kind == "iid":
        return np.asarray(own * np.einsum("ib,ib->b", residuals, residuals) / (n - design.counted))
    scores = influence * residuals
    if spec.kind == "HC1":
        return np.einsum("ib,ib->b", scores, scores) * n / (n - design.counted)
    total = np.zeros(scores.shape[1])
    for sign, member in members:
        sums = member @ scores
        total += sign * np.einsum("gb,gb->b", sums, sums)
    groups = min(int(codes.max()) + 1 for codes in design.clusters)
    assert spec.factor is not None  # the specification refuses clusters without a named factor
    return np.asarray(total * cluster_factor(spec.factor, groups, n, design.counted))
