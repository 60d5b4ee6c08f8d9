"""One regression of a formula on the rows that have everything: its specification, its frame, and what was left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.checks import as_codes, require_columns
from shanhai.methods.door._columns import (
    Recipe,
    computed_outcome,
    is_relative,
    learned,
    outcome_of,
    plain_terms,
    spec_terms,
)
from shanhai.methods.door._text import WRITE, Model, places_in
from shanhai.methods.regression.design import DroppedRows
from shanhai.methods.regression.fit import solve
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

_MOST_ROUNDS = 20
"""Times that columns are made anew because rows were left out."""


@dataclass(frozen=True)
class Wanted:
    """What a formula does not say of a regression."""

    covariance: CovarianceSpec
    """Of the estimates."""
    weights: str | None
    """Column of weights."""
    sample: str
    """Name of the rows."""
    written: bool
    """Name transformed columns as the formula writes them."""
    intercept: bool | None = None
    """False through the origin."""


@dataclass(frozen=True, repr=False)
class Fitted(Shown):
    """A regression with what it was made of."""

    result: FitResult
    """The estimates; rows are places in the frame."""
    frame: pd.DataFrame
    """The user's frame, and beside its columns those that the formula makes (missing in rows left out)."""
    recipe: Recipe
    """How these are made."""


@dataclass(frozen=True)
class _Kept:
    """Rows of a frame that are still in, and the reasons for the others."""

    rows: Codes
    dropped: tuple[DroppedRows, ...] = ()

    def less(self, lost: NDArray[np.bool_], reason: str) -> "_Kept":
        return _Kept(self.rows[~lost], (*self.dropped, DroppedRows(reason, int(lost.sum()))))


def fit_model(model: Model, frame: pd.DataFrame, wanted: Wanted) -> Fitted:
    """Estimate one regression of a formula.

    Raises
    ------
    SpecificationError
        If the formula cannot be read, a column is absent or of the wrong kind, or the regression cannot be estimated.
    """
    require_columns(frame, _named(model, wanted))
    terms, intercept = plain_terms(model, frame, wanted.written)
    if not (terms or intercept or model.effects):
        raise SpecificationError(f"formula {model.text!r} has neither terms nor an intercept; allowed: one. {WRITE}")
    outcome = outcome_of(model, frame, wanted.written)
    wanted = replace(wanted, intercept=None if intercept or model.effects else False)
    plain = outcome is not None and all(whole is not None for _, whole in terms)
    if plain and all(len(columns) == 1 for columns in model.effects):
        recipe = learned(model, terms, frame, ())
        spec = _spec(model, outcome, recipe, wanted, tuple(columns[0] for columns in model.effects))
        return Fitted(solve(spec, frame, drops=True).result(), frame, recipe)
    return _computed(model, frame, wanted, terms)


def _named(model: Model, wanted: Wanted) -> tuple[str, ...]:
    """Every column that a regression reads, in the order in which missing values are counted."""
    sides = (model.columns[place] for place in places_in(f"{model.outcome} {model.terms}"))
    covariance = wanted.covariance
    others = (*((wanted.weights,) if wanted.weights else ()), *(covariance.coordinates or ()))
    effects = (column for columns in model.effects for column in columns)
    panel = (column for column in (covariance.time, covariance.unit) if column is not None)
    return tuple(dict.fromkeys((*sides, *others, *effects, *covariance.by, *panel)))


def _computed(model: Model, frame: pd.DataFrame, wanted: Wanted, terms: Sequence[tuple[str, Any]]) -> Fitted:
    """A regression of which formulaic makes columns, on rows that have all of them."""
    named = _named(model, wanted)
    needed, kept = frame[list(named)], _complete(frame, named)
    for _ in range(_MOST_ROUNDS):
        if not len(kept.rows):
            said = "; ".join(f"{drop.reason}: {drop.count}" for drop in kept.dropped)
            raise SpecificationError(
                f"formula {model.text!r} leaves no row ({said or 'the frame has none'}); allowed: one complete row or "
                "more. Look at the missing values of these columns."
            )
        part = needed.iloc[kept.rows]
        recipe = learned(model, terms, part, tuple(frame.columns))
        outcome, made = _made(model, part, frame, wanted, recipe)
        undefined = next(((name, ~np.isfinite(array)) for name, array in made.items() if not _finite(array)), None)
        if undefined:
            kept = kept.less(undefined[1], f"{undefined[0]} not defined")
            continue
        crossed = {_free(columns, frame): _crossed(part, columns) for columns in model.effects if len(columns) > 1}
        effects = tuple(columns[0] if len(columns) == 1 else _free(columns, frame) for columns in model.effects)
        beside = pd.concat([part, pd.DataFrame({**made, **crossed}, index=part.index)], axis=1)
        solved = solve(_spec(model, outcome, recipe, wanted, effects), beside, drops=True)
        used = solved.design.rows
        if len(used) == len(kept.rows) or not is_relative(model, frame):
            whole = _whole(solved.result(), kept)
            return Fitted(whole, _beside(frame, kept.rows, {**made, **crossed}), recipe)
        kept = _Kept(kept.rows[used], (*kept.dropped, *solved.design.dropped))
    raise SpecificationError(
        f"formula {model.text!r} loses rows each of {_MOST_ROUNDS} times that its columns are made anew; allowed: "
        "columns that settle. Take rows with zero or missing values out of the frame first."
    )


def _complete(frame: pd.DataFrame, named: Sequence[str]) -> _Kept:
    """Rows without a missing value in the columns named."""
    kept = _Kept(np.arange(len(frame)))
    for column in named:
        lost = frame[column].iloc[kept.rows].isna().to_numpy(dtype=bool)
        if lost.any():
            kept = kept.less(lost, f"{column} missing")
    return kept


def _made(
    model: Model, part: pd.DataFrame, frame: pd.DataFrame, wanted: Wanted, recipe: Recipe
) -> tuple[Variable, dict[str, Array]]:
    """The outcome, and the columns that formulaic makes for both sides."""
    outcome, made = outcome_of(model, frame, wanted.written), {}
    if outcome is None:
        name = model.said(model.outcome)
        outcome = Variable(_free((name,), frame), written=name)
        made[outcome.column] = computed_outcome(model, part)
    return outcome, {**made, **recipe.columns(part)}


def _finite(values: Array) -> bool:
    return bool(np.isfinite(values).all())


def _free(columns: Sequence[str], frame: pd.DataFrame) -> str:
    """A name for a column that is made of others, which the frame does not have."""
    name = "^".join(columns)
    while name in frame.columns:
        name += " (computed)"
    return name


def _crossed(part: pd.DataFrame, columns: Sequence[str]) -> Array:
    """Number of the combination of levels of each row, in sorted order."""
    codes = pd.DataFrame({column: as_codes(part[column], f"fixed effect {column!r}") for column in columns})
    return np.asarray(codes.groupby(list(codes), sort=True).ngroup(), dtype=np.float64)


def _spec(
    model: Model, outcome: Variable | None, recipe: Recipe, wanted: Wanted, effects: tuple[str, ...]
) -> RegressionSpec:
    assert outcome is not None
    terms = tuple(spec_terms(recipe))
    if recipe.terms and not terms:
        raise SpecificationError(
            f"terms of formula {model.text!r} make no column on its rows, as categories with one level do; allowed: "
            "terms that vary. Leave them out, or look at the rows that are left."
        )
    return RegressionSpec(
        outcome,
        terms,
        SampleSpec(wanted.sample),
        wanted.covariance,
        fixed_effects=effects,
        weights=wanted.weights,
        intercept=wanted.intercept,
    )


def _whole(result: FitResult, kept: _Kept) -> FitResult:
    """The result with rows of the whole frame and every reason for which rows were left out."""
    notes = tuple(drop.note for drop in kept.dropped)
    rows = kept.rows[result.rows]
    rows.setflags(write=False)
    return replace(result, rows=rows, dropped_rows=(*kept.dropped, *result.dropped_rows), notes=(*result.notes, *notes))


def _beside(frame: pd.DataFrame, rows: Codes, made: dict[str, Array]) -> pd.DataFrame:
    """The frame with further columns, missing in the rows left out."""
    full = {name: np.full(len(frame), np.nan) for name in made}
    for name, values in made.items():
        full[name][rows] = values
    return pd.concat([frame, pd.DataFrame(full, index=frame.index)], axis=1)
