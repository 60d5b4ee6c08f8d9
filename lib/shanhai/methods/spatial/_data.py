"""The arrays of a spatial regression: outcome, regressors with one dummy a level of each fixed effect, and weights.

Fixed effects enter as dummies. In the lag and Durbin model that is the same as demeaning outcome, regressors *and the
spatial lag of the outcome*; demeaning the outcome first and lagging it then is not, because neighbours lie across the
borders of the groups. In the error model there is no such shortcut. Each level costs one parameter, estimated from its
own units alone: with few units a level the spatial parameter and the variance are too small (Neyman & Scott 1948; Lee &
Yu 2010 for panels). On simulated lattices lambda is too small by about two over the number of units a level, rho by a
half over it, the variance by one over it in shares. Nothing here corrects that; a note says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import sparse

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_numbers, require_columns, require_unique
from shanhai.methods.regression.design import Design, build_design
from shanhai.methods.regression.projection import independent_columns, inverse_triangle, less_projection, rounding
from shanhai.methods.spatial.weights import SpatialWeights, in_order_of
from shanhai.methods.spec import RegressionSpec

_FEW_UNITS = 20
"""Fewer units than this for each level of a fixed effect, and the bias from estimating the levels is worth a note."""


@dataclass(frozen=True, repr=False)
class SpatialData(Shown):
    """Arrays of one spatial regression, n units and k regressors."""

    outcome: Array
    """n values."""
    matrix: Array
    """n x k regressors; intercept or dummies first."""
    names: tuple[str, ...]
    """k names."""
    nuisance: int
    """How many of the first columns are intercept or dummies: estimated, but not shown, and never lagged."""
    weights: sparse.csr_array
    """n x n row-standardised weights in the order of the rows."""
    weights_label: str
    """Rule of neighbourhood and islands, for tables."""
    notes: tuple[str, ...]
    """What belongs beside the results: rows and columns dropped, islands, many fixed effects."""

    @cached_property
    def factors(self) -> tuple[Array, Array]:
        """Orthonormal basis of the regressors (n x k), and the root (k x k) that takes it back to their coefficients.

        Likelihoods and tests are the same on the basis, and no digit is lost to a far zero or an odd unit.
        """
        return _factors(self.matrix[:, : self.nuisance], self.matrix[:, self.nuisance :])

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of the regressors that are no intercept or dummy."""
        return self.names[self.nuisance :]


def _factors(dummies: Array, rest: Array) -> tuple[Array, Array]:
    """Basis and root of intercept or dummies and of the columns less what these explain."""
    first, k = dummies.shape[1], dummies.shape[1] + rest.shape[1]
    basis, triangle = np.linalg.qr(dummies)
    inverse = inverse_triangle(triangle)
    projected = np.zeros((first, rest.shape[1]))
    for _ in range(2):  # the second time for the rounding of the first
        share = basis.T @ rest
        projected, rest = projected + share, rest - basis @ share
    unit = np.linalg.norm(rest, axis=0)
    own, own_triangle = np.linalg.qr(rest / unit)
    root = np.zeros((k, k))
    root[:first, :first] = inverse
    root[first:, first:] = inverse_triangle(own_triangle) / unit[:, None]
    root[:first, first:] = -inverse @ projected @ root[first:, first:]
    return np.hstack([basis, own]), root


def spatial_codes(spec: RegressionSpec, frame: pd.DataFrame, code: str = "code") -> tuple[str, ...]:
    """Codes of the rows that a regression uses, to build weights on.

    Parameters
    ----------
    spec : RegressionSpec
    frame : DataFrame
    code : str
        Column of codes.

    Returns
    -------
    tuple of str
        In the order of the rows.

    Raises
    ------
    SpecificationError
        As in ``build_design``, or if the frame has no such column of codes.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.spatial import spatial_codes
    >>> rng = np.random.default_rng(0)
    >>> codes = [f"u{number:02d}" for number in range(40)]
    >>> frame = pd.DataFrame({"code": codes, "x": rng.normal(size=40)})
    >>> frame["y"] = 2 * frame["x"] + rng.normal(size=40)
    >>> spec = RegressionSpec(Variable("y"), (Variable("x"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> spatial_codes(spec, frame)[:2]
    ('u00', 'u01')
    """
    return _row_codes(build_design(spec, frame), frame, code)


def spatial_data(spec: RegressionSpec, frame: pd.DataFrame, weights: SpatialWeights, code: str = "code") -> SpatialData:
    """Arrays of a spatial regression from a specification; its covariance is not used.

    Parameters
    ----------
    spec : RegressionSpec
        Without weights of rows (``spec.weights``): the likelihood here is that of equal variances.
    frame : DataFrame
        One row a unit.
    weights : SpatialWeights
        On exactly the units that the regression uses, in any order.
    code : str
        Column of unique codes.

    Raises
    ------
    SpecificationError
        As in ``build_design``; if the regression is weighted; if weights and rows are of different units; if a term is
        determined by the others; or if there are no more units than regressors.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.spatial import contiguity_weights, spatial_codes, spatial_data
    >>> rng = np.random.default_rng(0)
    >>> codes = [f"u{number:02d}" for number in range(40)]
    >>> frame = pd.DataFrame({"code": codes, "x": rng.normal(size=40)})
    >>> frame["y"] = 2 * frame["x"] + rng.normal(size=40)
    >>> spec = RegressionSpec(Variable("y"), (Variable("x"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> edges = pd.DataFrame({"code_a": codes[:-1], "code_b": codes[1:]})
    >>> spatial_data(spec, frame, contiguity_weights(edges, spatial_codes(spec, frame))).names
    ('intercept', 'x')
    """
    if spec.weights is not None:
        raise SpecificationError(
            f"the regression is weighted by {spec.weights!r}; allowed for spatial models: no weights, as they suppose "
            "one variance. Use the specification without weights."
        )
    design = build_design(spec, frame)
    matrix = weights.aligned(_row_codes(design, frame, code))
    dummies, dummy_names = _dummies(spec, design, frame)
    notes = [*(drop.note for drop in design.dropped), *_level_notes(spec, design)]
    data = _checked(
        design.outcome, np.column_stack([dummies, design.matrix]), (*dummy_names, *design.names), spec.term_names
    )
    if weights.islands:
        notes.append(f"units without a neighbour ({weights.label}): {', '.join(weights.islands)}.")
    nuisance = sum(name in dummy_names for name in data[1])
    return SpatialData(
        design.outcome, data[0], data[1], nuisance, matrix, weights.label, (*notes, *_collinear_note(data[2]))
    )


def spatial_arrays(
    outcome: ArrayLike | pd.Series,
    regressors: ArrayLike | pd.DataFrame,
    names: Sequence[str],
    weights: SpatialWeights,
    codes: Sequence[str],
) -> SpatialData:
    """Arrays of a spatial regression from plain arrays; an intercept is added.

    Parameters
    ----------
    outcome : n values, in the order of ``codes`` or a Series with them as index.
    regressors : n x k, without an intercept; a frame in the same order or with the codes as index.
    names : k names.
    weights : SpatialWeights
    codes : n codes of the rows.

    Raises
    ------
    SpecificationError
        If shapes differ, values are missing or no numbers, an index names other units, weights are of other units, or
        a regressor is determined by the others.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spatial import contiguity_weights, spatial_arrays
    >>> rng = np.random.default_rng(0)
    >>> codes = [f"u{number:02d}" for number in range(40)]
    >>> edges = pd.DataFrame({"code_a": codes[:-1], "code_b": codes[1:]})
    >>> weights = contiguity_weights(edges, codes)
    >>> x = rng.normal(size=40)
    >>> y = 1 + 2 * x + rng.normal(0, 0.5, 40)
    >>> data = spatial_arrays(y, x[:, None], ["x"], weights, codes)
    >>> len(data.outcome), data.names
    (40, ('intercept', 'x'))
    """
    shape = np.shape(regressors)
    if np.ndim(outcome) != 1 or shape != (np.size(outcome), len(names)) or len(codes) != np.size(outcome):
        raise SpecificationError(
            f"outcome has the shape {np.shape(outcome)}, regressors {shape}, {len(names)} names, {len(codes)} codes; "
            "allowed: n, n x k, k, n. Pass the same rows in each."
        )
    table = regressors if isinstance(regressors, pd.DataFrame) else pd.DataFrame(np.asarray(regressors))
    columns = {"outcome": outcome, **{name: table.iloc[:, place] for place, name in enumerate(names)}}
    left, *others = (as_numbers(in_order_of(column, codes, name), name) for name, column in columns.items())
    right = np.column_stack(others)
    every = ("intercept", *names)
    matrix, kept, _ = _checked(left, np.column_stack([np.ones(len(left)), right]), every, every)
    return SpatialData(left, matrix, kept, 1, weights.aligned(codes), weights.label, ())


def lagged(data: SpatialData) -> SpatialData:
    """The data with the spatial lag of every shown regressor beside it, as the Durbin model has them.

    A lag that the other columns determine is left out, with a note. Dummies and intercept are not lagged.
    """
    lags = data.weights @ data.matrix[:, data.nuisance :]
    names = (*data.names, *(f"W {name}" for name in data.shown))
    matrix, kept, dropped = _checked(data.outcome, np.column_stack([data.matrix, lags]), names, data.shown)
    return replace(data, matrix=matrix, names=kept, notes=(*data.notes, *_collinear_note(dropped)))


def _row_codes(design: Design, frame: pd.DataFrame, code: str) -> tuple[str, ...]:
    require_columns(frame, (code,))
    codes = tuple(frame[code].iloc[design.rows])
    require_unique(codes)
    return codes


def _dummies(spec: RegressionSpec, design: Design, frame: pd.DataFrame) -> tuple[Array, tuple[str, ...]]:
    """One column a level of each fixed effect (all of the first, all but one of the others), or an intercept."""
    n = len(design.outcome)
    if not spec.fixed_effects:
        return np.ones((n, 1)), ("intercept",)
    blocks: list[Array] = []
    names: list[str] = []
    for order, (column, codes) in enumerate(zip(spec.fixed_effects, design.effects.codes, strict=True)):
        first = min(order, 1)
        levels = sorted(frame[column].iloc[design.rows].unique())
        blocks.append(np.eye(len(levels))[codes][:, first:])
        names.extend(f"{column}={level}" for level in levels[first:])
    return np.hstack(blocks), tuple(names)


def _level_notes(spec: RegressionSpec, design: Design) -> list[str]:
    notes = []
    for column, codes in zip(spec.fixed_effects, design.effects.codes, strict=True):
        levels = int(codes.max()) + 1
        if len(codes) < _FEW_UNITS * levels:
            notes.append(
                f"{levels} levels of {column} with {len(codes) / levels:.1f} units each: the variance is biased "
                "downwards by about one over that number in shares, lambda by two over it, rho by less."
            )
    return notes


def _collinear_note(dropped: tuple[str, ...]) -> tuple[str, ...]:
    return (f"dropped because the others determine them: {', '.join(dropped)}.",) if dropped else ()


def _checked(
    outcome: Array, matrix: Array, names: Sequence[str], wanted: Sequence[str]
) -> tuple[Array, tuple[str, ...], tuple[str, ...]]:
    """Columns that those before them do not determine, their names, and the names of those left out."""
    floor = rounding(matrix, np.ones(len(matrix)))
    found = independent_columns(matrix, floor)
    dropped = tuple(name for place, name in enumerate(names) if place not in found.kept)
    refused = [name for name in dropped if name in wanted]
    if refused:
        raise SpecificationError(
            f"term {refused[0]!r} does not vary or is determined by the others; allowed: a term with variation of its "
            "own. Widen the sample, take a coarser fixed effect, or leave it out."
        )
    if len(outcome) <= len(found.kept) + 2:
        raise SpecificationError(
            f"{len(outcome)} units for {len(found.kept) + 2} parameters; allowed: more units. Widen the sample."
        )
    left = less_projection(outcome[:, None], found.basis)[:, 0]
    if np.linalg.norm(left) <= rounding(outcome[:, None], np.ones(len(outcome)))[0]:
        raise SpecificationError(
            "the outcome does not vary, or the regressors determine it to the last digit; allowed: an outcome with "
            "noise. Take another outcome, or leave out what is the outcome itself."
        )
    return matrix[:, found.kept], tuple(names[i] for i in found.kept), dropped
