"""From a specification and a frame to the arrays of a regression, with every dropped row counted and its reason.

All columns are cut to the same rows before anything is centred or multiplied, so outcome, regressors, fixed effects,
clusters and weights stay aligned whatever is missing where.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.checks import as_codes, as_numbers, factorized, require_columns
from shanhai.methods.regression.absorb import FixedEffects
from shanhai.methods.regression.conley import Panel
from shanhai.methods.spec import Bands, CovarianceSpec, Filter, Interaction, RegressionSpec, SampleSpec, Term, Variable

_LARGEST = 1e100
"""Largest number of a column at most, and the inverse of the least that it may be."""

_WIDEST = 1e12
"""Times the smallest weight that the largest may be."""


@dataclass(frozen=True)
class DroppedRows:
    """Rows of the sample that the regression could not use."""

    reason: str
    """Why, with the column."""
    count: int
    """How many; a row with several reasons counts under the first in the order of the specification."""

    @property
    def note(self) -> str:
        """The sentence that stands among the notes of a result."""
        return f"{self.count} row{'' if self.count == 1 else 's'} dropped: {self.reason}."


@dataclass(frozen=True)
class Scale:
    """What one unit of a centred or standardised variable means."""

    term: str
    """Name of the variable in results."""
    mean: float
    """Mean of the column over the rows estimated on, in its own unit."""
    deviation: float
    """One unit of the variable, in the unit of the column: the standard deviation, or 1 when only centred."""


@dataclass(frozen=True, repr=False)
class Design(Shown):
    """Arrays of a regression, n rows and k columns, before fixed effects are absorbed."""

    outcome: Array
    """n values of the transformed outcome."""
    matrix: Array
    """n x k regressors, without an intercept."""
    names: tuple[str, ...]
    """k names of the columns."""
    effects: FixedEffects
    """Levels of the fixed effects and weights."""
    clusters: tuple[Codes, ...]
    """Cluster of each row, one array for each cluster column."""
    rows: Codes
    """Positions of the n rows in the frame."""
    dropped: tuple[DroppedRows, ...]
    """Rows of the sample left out, by reason."""
    scales: tuple[Scale, ...]
    """Units of centred and standardised variables."""
    empty_bands: tuple[str, ...]
    """Bands without a row."""
    coordinates: tuple[Array, Array] | None = None
    """Longitude and latitude of the n rows in degrees, where the covariance asks for them."""
    panel: Panel | None = None
    """Period and unit of the n rows, where the covariance asks for them."""


def build_design(spec: RegressionSpec, frame: pd.DataFrame, *, through_origin: bool = False) -> Design:
    """Arrays of a regression.

    Parameters
    ----------
    spec : RegressionSpec
    frame : DataFrame
        One row a unit, with every column that the specification names.
    through_origin : bool
        Whether the caller can do without an intercept; most tests cannot.

    Returns
    -------
    Design

    Raises
    ------
    SpecificationError
        If a column is absent, text or infinite, weights are not positive, no row is left, or all rows are in the
        reference band.
    """
    if spec.intercept is False and not through_origin:
        raise SpecificationError(
            "the regression has no intercept, which this test takes out of every column; allowed: one with an "
            "intercept or fixed effects. Fit it without -1."
        )
    require_columns(frame, _all_columns(spec))
    positions = np.flatnonzero(sample_mask(frame, spec.sample))
    sample = frame[list(dict.fromkeys(_all_columns(spec)))].iloc[positions]
    values = {column: numbers(sample, column) for column in dict.fromkeys(_numeric_columns(spec))}
    keep, dropped = _complete_rows(spec, sample, values)
    values = {column: array[keep] for column, array in values.items()}
    for column, array in values.items():
        _require_size(f"column {column!r}", array)
    used = sample[keep]
    scales: dict[str, Scale] = {}
    columns = regressors(spec, values, scales)
    for name, product in columns.items():  # which may be out of range where its parts are not
        _require_size(f"term {name!r}", product)
    place = spec.covariance.coordinates
    empty = tuple(name for name, column in columns.items() if _is_band(name, spec) and not column.any())
    names = tuple(name for name in columns if name not in empty)
    if empty and not names:
        raise SpecificationError(
            f"every row of sample {spec.sample.name!r} is in the reference band; allowed: edges with rows inside. "
            "Widen the bands or the sample."
        )
    _require_above_edges(spec, values)
    labels = dict.fromkeys((*spec.fixed_effects, *spec.covariance.by))  # often the same column: read once
    codes = {name: as_codes(used[name], name) for name in labels}
    return Design(
        outcome=transformed(spec.outcome, values, scales),
        matrix=np.column_stack([columns[name] for name in names]) if names else np.empty((len(used), 0)),
        names=names,
        effects=FixedEffects(tuple(codes[name] for name in spec.fixed_effects), _weights(spec, values, len(used))),
        clusters=tuple(codes[name] for name in spec.covariance.by),
        rows=positions[keep],
        dropped=dropped,
        scales=tuple(scales.values()),
        empty_bands=empty,
        coordinates=None if place is None else (values[place[0]], values[place[1]]),
        panel=panel_of(spec.covariance, used),
    )


def panel_of(covariance: CovarianceSpec, rows: pd.DataFrame) -> Panel | None:
    """Period and unit of rows, where a covariance asks for them.

    Raises
    ------
    SpecificationError
        If a period is missing or no whole number.
    """
    if covariance.time is None:
        return None
    return Panel.of(
        rows[covariance.time],
        covariance.lags or 0,
        None if covariance.unit is None else rows[covariance.unit],
        cross_periods=bool(covariance.cross_periods),
        kernel=covariance.time_kernel or "bartlett",
    )


def regressors(spec: RegressionSpec, values: Mapping[str, Array], scales: dict[str, Scale]) -> dict[str, Array]:
    """Every regressor of a specification, transformed and multiplied, by name.

    Parameters
    ----------
    spec : RegressionSpec
    values : mapping of column to array
        Numbers of each column, one a row.
    scales : dict of name to Scale
        Means and deviations that hold already, as those of a fit do for new rows; those of other variables are taken
        from the values, and entered.
    """
    columns: dict[str, Array] = {}
    for term in (*spec.terms, *spec.controls):
        columns.update(_term_columns(term, values, scales))
    return columns


def _all_columns(spec: RegressionSpec) -> tuple[str, ...]:
    """Every column that the regression reads, those of the filters of its sample apart."""
    return (*_numeric_columns(spec), *spec.fixed_effects, *spec.covariance.label_columns)


def _numeric_columns(spec: RegressionSpec) -> Iterator[str]:
    """Columns that must hold numbers, in the order of the specification."""
    yield spec.outcome.column
    for variable in spec.variables:
        yield variable.column
    if spec.weights is not None:
        yield spec.weights
    yield from spec.covariance.numeric_columns


def numbers(frame: pd.DataFrame, column: str) -> Array:
    """A column as floats, true and false as one and zero, missing as NaN.

    Raises
    ------
    SpecificationError
        If the column is absent or there several times, or holds text or an infinite value.
    """
    require_columns(frame, (column,))
    return as_numbers(frame[column], f"column {column!r}", missing=True)


def _complete_rows(
    spec: RegressionSpec, sample: pd.DataFrame, values: Mapping[str, Array]
) -> tuple[NDArray[np.bool_], tuple[DroppedRows, ...]]:
    """Rows of the sample with everything present, and the count of the others by first reason."""
    keep = np.ones(len(sample), dtype=bool)
    dropped: list[DroppedRows] = []
    for reason, bad in _reasons(spec, sample, values):
        count = int((keep & bad).sum())
        if count:
            dropped.append(DroppedRows(reason, count))
        keep &= ~bad
    dropped.extend(_drop_singletons(spec, sample, keep))
    if not keep.any():
        said = "; ".join(f"{drop.reason}: {drop.count}" for drop in dropped) or "no row meets its conditions"
        raise SpecificationError(
            f"sample {spec.sample.name!r} leaves no row ({said}); allowed: at least one complete row. "
            "Look at the filters of the sample and at missing values."
        )
    return keep, tuple(dropped)


def _drop_singletons(spec: RegressionSpec, sample: pd.DataFrame, keep: NDArray[np.bool_]) -> list[DroppedRows]:
    """Take rows that are alone in a level of a fixed effect out of ``keep``, until none is left.

    Such a row fits exactly and tells nothing, but would count as a row and a cluster (Correia 2015).
    """
    alone: dict[str, int] = {}
    levels = {column: factorized(sample[column], f"fixed effect {column!r}") for column in spec.fixed_effects}
    while True:
        before = int(keep.sum())
        for column, codes in levels.items():
            single = keep & (np.bincount(codes[keep], minlength=len(codes) + 1)[codes] == 1)
            alone[column] = alone.get(column, 0) + int(single.sum())
            keep &= ~single
        if int(keep.sum()) == before:
            return [DroppedRows(f"alone in its {column}", count) for column, count in alone.items() if count]


def _reasons(
    spec: RegressionSpec, sample: pd.DataFrame, values: Mapping[str, Array]
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Each reason for which rows cannot be used, with those rows."""
    for column, array in values.items():
        yield f"{column} missing", np.isnan(array)
    for column in dict.fromkeys((*spec.fixed_effects, *spec.covariance.label_columns)):
        yield f"{column} missing", sample[column].isna().to_numpy(dtype=bool)
    logged = [part.column for part in (spec.outcome, *spec.variables) if getattr(part, "transform", "") == "log"]
    for column in dict.fromkeys(logged):
        yield f"log of {column} not defined (zero or less)", values[column] <= 0


def transformed(variable: Variable, raw: Mapping[str, Array], scales: dict[str, Scale]) -> Array:
    """Values of a variable under its transformation; units of centred ones are noted in ``scales``, or found there."""
    values = raw[variable.column]
    if variable.transform == "log":
        return np.log(values)
    if variable.transform == "level":
        return values
    if known := scales.get(variable.name):
        return (values - known.mean) / known.deviation
    mean, deviation = float(values.mean()), 1.0
    if variable.transform == "standardised":
        deviation = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        if deviation <= 1e-12 * max(1.0, abs(mean)):
            raise SpecificationError(
                f"{variable.column!r} is the same in all {len(values)} rows and cannot be standardised; allowed: a "
                "column that varies. Leave it out, or widen the sample."
            )
    scales[variable.name] = Scale(variable.name, mean, deviation)
    return (values - mean) / deviation


def _term_columns(term: Term, raw: Mapping[str, Array], scales: dict[str, Scale]) -> dict[str, Array]:
    """Column or columns of a term by name."""
    if isinstance(term, Variable):
        return {term.name: transformed(term, raw, scales)}
    if isinstance(term, Interaction):
        return {term.name: transformed(term.left, raw, scales) * transformed(term.right, raw, scales)}
    values = raw[term.column]
    pairs = zip(term.names, term.edges, term.edges[1:], strict=False)
    return {name: ((values >= low) & (values < high)).astype(float) for name, low, high in pairs}


def _require_above_edges(spec: RegressionSpec, values: Mapping[str, Array]) -> None:
    """Refuse values below the first edge of bands, which would join the reference, far on the other side."""
    for term in (*spec.terms, *spec.controls):
        if isinstance(term, Bands) and values[term.column].min() < term.edges[0]:
            raise SpecificationError(
                f"{term.column!r} is {values[term.column].min():g} in a row, below the first edge of its bands; "
                f"allowed: {term.edges[0]:g} or more. Lower the first edge, or take these rows out of the frame."
            )


def _require_size(what: str, values: Array) -> None:
    """Refuse numbers whose squares a computer cannot hold: they would become infinite or zero on the way."""
    largest = float(np.abs(values).max())
    if largest and not 1 / _LARGEST <= largest <= _LARGEST:
        raise SpecificationError(
            f"{what} reaches {largest:g}; allowed: a largest number of {1 / _LARGEST:g} to {_LARGEST:g}, so that "
            "squares can be added up. Rescale it, as in thousands instead of units."
        )


def _is_band(name: str, spec: RegressionSpec) -> bool:
    """Whether a name belongs to a band, which may be empty without being an error."""
    return any(isinstance(term, Bands) and name in term.names for term in (*spec.terms, *spec.controls))


def _weights(spec: RegressionSpec, raw: Mapping[str, Array], n: int) -> Array:
    """Weights of the rows, ones without a weight column."""
    if spec.weights is None:
        return np.ones(n)
    values = raw[spec.weights]
    if (values <= 0).any():
        raise SpecificationError(
            f"weight {spec.weights!r} is zero or negative in {int((values <= 0).sum())} rows; allowed: positive "
            "numbers. Take these rows out of the frame."
        )
    if values.max() > _WIDEST * values.min():
        raise SpecificationError(
            f"weight {spec.weights!r} reaches from {values.min():g} to {values.max():g}; allowed: the largest at most "
            f"{_WIDEST:g} times the smallest, or rounding takes the other rows out. Correct the weights."
        )
    return values


_SHOWN = 40
"""Values of a column that an error lists."""

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def sample_mask(frame: pd.DataFrame, spec: SampleSpec) -> NDArray[np.bool_]:
    """Which rows of the frame belong to a sample.

    Parameters
    ----------
    frame : DataFrame
        With the columns that the conditions of the sample compare.
    spec : SampleSpec

    Returns
    -------
    array of bool, n

    Raises
    ------
    SpecificationError
        If a column is absent, or no row has a value that the sample asks for by ``in``.
    """
    keep = np.ones(len(frame), dtype=bool)
    for condition in spec.conditions:
        keep &= _meets(_column(frame, condition.column, spec.name), condition, spec.name)
    return keep


def _column(frame: pd.DataFrame, column: str, name: str) -> pd.Series:
    """A column that a sample needs."""
    require_columns(frame, (column,), f"the frame for sample {name!r}")
    return frame[column]


def _meets(series: pd.Series, condition: Filter, name: str) -> NDArray[np.bool_]:
    """Rows that meet a condition; missing values never do."""
    if isinstance(condition.value, tuple):
        known = set(series.dropna().unique())
        absent = [str(value) for value in condition.value if value not in known]
        if absent:
            shown = sorted(map(str, known))
            raise SpecificationError(
                f"sample {name!r} names values of {condition.column!r} without a row: {', '.join(absent)}; the frame "
                f"has: {', '.join(shown[:_SHOWN])}{' ...' if len(shown) > _SHOWN else ''}. Name some of these."
            )
        return series.isin(condition.value).to_numpy(dtype=bool)
    try:
        met = _COMPARE[condition.relation](series, condition.value)
    except TypeError as error:
        raise SpecificationError(
            f"column {condition.column!r} holds {series.dtype} values, which cannot be {condition.relation} "
            f"{condition.value!r}; allowed: values of that type. Convert it, with pd.to_numeric for numbers."
        ) from error
    return np.asarray(met.astype("boolean").fillna(False) & series.notna(), dtype=bool)
