"""The gap between two kinds of unit, by what they have and by what goes with it (Oaxaca 1973, Blinder 1973).

Each kind gets a regression of its own, through its own means. *Twofold*: the part that differences of regressors
explain at reference coefficients, and the rest. *Threefold*, seen from the second kind: endowments (differences of
regressors at the second kind's coefficients), coefficients (differences of coefficients at the second kind's
regressors), and what both differences do together (Winsborough & Dickinson 1971; Jann 2008).

Only the explained part is given by group. Taken apart by regressor, the unexplained part changes with the base
category of a dummy and with the origin of a scale (Jones 1983; Oaxaca & Ransom 1999), and so says nothing; the
explained part and both totals do not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.errors import SpecificationError
from shanhai.model.decomposition.design import SharesDesign
from shanhai.model.decomposition.moments import draw_weights
from shanhai.model.decomposition.parts import parts_from
from shanhai.model.design import Design, build_design, numbers
from shanhai.model.gap import GapPart

Array = NDArray[np.float64]

REFERENCES = ("pooled with indicator", "pooled", "second", "first", "equal", "share")
"""Whose coefficients count as the reference: all units with a dummy for the kind (Fortin 2008, Jann 2008) or without
(Neumark 1988), the second or first kind, their mean (Reimers 1983), or their mean by weight (Cotton 1988)."""

THREEFOLD = ("endowments", "coefficients", "interaction")
TWOFOLD = ("explained", "unexplained")


@dataclass(frozen=True)
class OaxacaDesign:
    """Which two kinds of unit are compared, and by which regression."""

    shares: SharesDesign
    """Regression without fixed effects and its groups. Its weights also weigh the means; its cluster is drawn."""
    member: str
    """Column of true and false: true for the first kind."""

    def __post_init__(self) -> None:
        spec = self.shares.regression
        twice = [group.name for group in self.shares.groups for term in group.terms if self._groups_of(term) > 1]
        if spec.fixed_effects or spec.weights != self.shares.weight or twice:
            raise SpecificationError(
                f"fixed effects {spec.fixed_effects}, weights {spec.weights!r} of the regression and "
                f"{self.shares.weight!r} of the means, terms in several groups {twice}; allowed: no fixed effect, one "
                "weight for both, so that each regression runs through the means, and every term in one group."
            )

    def _groups_of(self, term: str) -> int:
        return sum(term in group.terms for group in self.shares.groups)


@dataclass(frozen=True)
class OaxacaResult:
    """A gap between two kinds of unit, taken apart; explained + unexplained, and the three parts, add up to it."""

    design: OaxacaDesign
    gap: GapPart
    """Weighted mean of the first kind minus that of the second."""
    threefold: tuple[GapPart, ...]
    """Parts named ``THREEFOLD``."""
    twofold: Mapping[str, tuple[GapPart, ...]]
    """Parts named ``TWOFOLD``, by reference coefficients (``REFERENCES``)."""
    explained: Mapping[str, tuple[GapPart, ...]]
    """Explained part by group, by reference coefficients; sums to the explained part."""
    n_first: int
    """Rows of the first kind."""
    n_second: int
    """Rows of the second kind."""
    drawn: str
    """Column whose values were drawn, or ``row``."""
    units: int
    """How many of them there are."""
    draws: int
    """Draws behind standard errors and intervals; units are drawn with their figures, so the gap has an interval."""


def oaxaca_blinder(
    design: OaxacaDesign, frame: pd.DataFrame, *, by_row: bool = False, draws: int = 999, generator: np.random.Generator
) -> OaxacaResult:
    """Decompose the gap between two kinds of unit.

    Parameters
    ----------
    design : OaxacaDesign
    frame : DataFrame
        One row a unit.
    by_row : bool
        Draw rows instead of the clusters of the regression's covariance.
    draws : int
        Draws behind the intervals; 0 for none.
    generator : Generator

    Returns
    -------
    OaxacaResult

    Raises
    ------
    SpecificationError
        If one of the kinds has too few rows, or a regressor that does not vary on its own within it.
    """
    arrays = build_design(design.shares.regression, frame)
    first = numbers(frame.iloc[arrays.rows], design.member) == 1.0
    units = np.arange(len(first)) if by_row else arrays.clusters[0]
    count = int(units.max()) + 1
    weights = draw_weights(count, draws, generator)[:, units] * arrays.effects.weights
    matrix = np.column_stack([np.ones(len(first)), arrays.matrix - arrays.matrix.mean(axis=0)])
    for side, what in ((first, "first"), (~first, "second")):
        _require_rank(matrix[side], arrays.names, what, design.member)
    means, params = {}, {}
    for side, what in ((first, "first"), (~first, "second")):
        means[what] = _means(np.column_stack([matrix, arrays.outcome])[side], weights[:, side])
        params[what] = _coefficients(matrix[side], arrays.outcome[side], weights[:, side])
    mass = weights[:, first].sum(axis=1) / weights.sum(axis=1)
    params |= _references(matrix, arrays.outcome, weights, first, params, mass)
    gap = means["first"][:, -1] - means["second"][:, -1]
    difference = means["first"][:, :-1] - means["second"][:, :-1]
    explained = {name: (difference * params[name]).T[1:] for name in REFERENCES}
    totals = {name: np.stack([parts.sum(axis=0), gap - parts.sum(axis=0)]) for name, parts in explained.items()}
    contrast = params["first"] - params["second"]
    three = [difference * params["second"], means["second"][:, :-1] * contrast, difference * contrast]
    return OaxacaResult(
        design=design,
        gap=parts_from(("gap",), gap[None, :])[0],
        threefold=parts_from(THREEFOLD, np.stack([part.sum(axis=1) for part in three])),
        twofold={name: parts_from(TWOFOLD, total) for name, total in totals.items()},
        explained={name: _by_group(design, arrays, parts) for name, parts in explained.items()},
        n_first=int(first.sum()),
        n_second=int((~first).sum()),
        drawn="row" if by_row else design.shares.regression.covariance.by[0],
        units=count,
        draws=draws,
    )


def _references(
    matrix: Array, outcome: Array, weights: Array, first: NDArray[np.bool_], params: Mapping[str, Array], mass: Array
) -> dict[str, Array]:
    """Reference coefficients that are made from both kinds, B x k each."""
    marked = np.column_stack([matrix, first.astype(float)])
    return {
        "pooled with indicator": _coefficients(marked, outcome, weights)[:, :-1],
        "pooled": _coefficients(matrix, outcome, weights),
        "equal": (params["first"] + params["second"]) / 2.0,
        "share": mass[:, None] * params["first"] + (1.0 - mass)[:, None] * params["second"],
    }


def _means(values: Array, weights: Array) -> Array:
    """Weighted means of the columns under each row of weights, B x columns."""
    return np.asarray(weights @ values / weights.sum(axis=1, keepdims=True))


def _coefficients(matrix: Array, outcome: Array, weights: Array) -> Array:
    """Weighted least squares under each row of weights, B x k."""
    columns = matrix.shape[1]
    products = (matrix[:, :, None] * matrix[:, None, :]).reshape(len(matrix), -1)
    gram = (weights @ products).reshape(len(weights), columns, columns)
    cross = weights @ (matrix * outcome[:, None])
    return np.asarray(np.linalg.solve(gram, cross[:, :, None])[:, :, 0])


def _by_group(design: OaxacaDesign, arrays: Design, parts: Array) -> tuple[GapPart, ...]:
    """Sums of the parts of the regressors of each group."""
    groups = design.shares.groups
    rows = [[arrays.names.index(name) for name in group.terms] for group in groups]
    return parts_from(design.shares.names, np.stack([parts[chosen].sum(axis=0) for chosen in rows]))


def _require_rank(matrix: Array, names: tuple[str, ...], what: str, member: str) -> None:
    """Refuse a kind of unit that cannot carry a regression of its own."""
    rows, columns = matrix.shape
    still = [name for name, column in zip(names, matrix[:, 1:].T, strict=True) if rows == 0 or np.ptp(column) == 0]
    rank = int(np.linalg.matrix_rank(matrix / np.maximum(np.abs(matrix).max(axis=0), 1e-300))) if rows else 0
    if rows <= columns or rank < columns:
        said = f"the same {', '.join(still)} in all of them" if still and rows else "too little variation"
        raise SpecificationError(
            f"the {what} kind by {member!r} has {rows} rows for {columns} coefficients, and {said}; allowed: more rows "
            "than coefficients, and regressors that vary on their own in both kinds. Take terms out."
        )
