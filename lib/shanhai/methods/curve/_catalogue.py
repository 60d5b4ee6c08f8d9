"""Specifications as arrays of numbers, sorted into groups that share rows, weights and fixed effects.

Thousands of specifications share a few dozen terms. Written as numbers of terms they can be sorted into groups that
are solved together, each column demeaned once. A regression is counted once however many covariances are asked of it.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes, Flags
from shanhai.methods.checks import as_codes, require_columns
from shanhai.methods.curve._grid import Grid, Moderator, Role, moderator_terms
from shanhai.methods.regression.design import numbers, sample_mask
from shanhai.methods.spec import Bands, CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Term, Variable


@dataclass(frozen=True, repr=False)
class Catalogue(Shown):
    """S specifications that are R different regressions, each with a covariance."""

    terms: tuple[Term, ...]
    """Every term of any specification, outcomes among them."""
    outcome: Codes
    """R numbers of terms."""
    regressors: Codes
    """R x k numbers of terms, the treatment first, -1 where a regression has fewer."""
    samples: tuple[SampleSpec, ...]
    sample: Codes
    """R numbers of samples."""
    weight_columns: tuple[str | None, ...]
    weights: Codes
    """R numbers of weight columns."""
    effect_columns: tuple[tuple[str, ...], ...]
    effects: Codes
    """R numbers of sets of fixed effects."""
    covariances: tuple[CovarianceSpec, ...]
    regression: Codes
    """S numbers of regressions."""
    covariance: Codes
    """S numbers of covariances."""
    source: Grid | tuple[RegressionSpec, ...]
    """Where the specifications come from."""

    @property
    def size(self) -> int:
        """Number of specifications, S."""
        return len(self.regression)

    def spec(self, index: int) -> RegressionSpec:
        """A specification as a regression."""
        return self.source.spec(index) if isinstance(self.source, Grid) else self.source[index]


class _Numbered:
    """Gives equal values equal numbers, counting from zero."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}

    def __call__(self, value: Hashable) -> int:
        return self.numbers.setdefault(value, len(self.numbers))

    @property
    def in_order(self) -> tuple[Any, ...]:
        return tuple(self.numbers)


def catalogue(source: Grid | Sequence[RegressionSpec]) -> Catalogue:
    """Specifications as arrays.

    Parameters
    ----------
    source : Grid or sequence of RegressionSpec
        In a sequence the first term of each specification is its treatment.

    Returns
    -------
    Catalogue

    Raises
    ------
    SpecificationError
        If there is no specification, one contradicts itself, or one contains bands.
    """
    made = _from_grid(source) if isinstance(source, Grid) else _from_specs(tuple(source))
    _refuse_contradictions(made)
    return made


def _from_specs(specs: tuple[RegressionSpec, ...]) -> Catalogue:
    """Specifications given one by one."""
    if not specs:
        raise SpecificationError("no specification at all; allowed: one or more. Pass a Grid or a list.")
    terms, samples, weights, effects = _Numbered(), _Numbered(), _Numbered(), _Numbered()
    covariances, regressions = _Numbered(), _Numbered()
    pairs = []
    for spec in specs:
        if any(isinstance(term, Bands) for term in (*spec.terms, *spec.controls)):
            raise SpecificationError(
                f"specification {spec.spec_id} has the terms {', '.join(spec.names)}; allowed: variables "
                "and interactions, the treatment first; no bands. Make dummies in the frame, or use fit."
            )
        columns = (terms(spec.terms[0]), *sorted(terms(term) for term in (*spec.terms[1:], *spec.controls)))
        key = (terms(spec.outcome), columns, samples(spec.sample), weights(spec.weights), effects(spec.fixed_effects))
        pairs.append((regressions(key), covariances(spec.covariance)))
    widest = max(len(key[1]) for key in regressions.in_order)
    parts = [[key[i] for key in regressions.in_order] for i in (0, 2, 3, 4)]
    outcome, sample, weight, effect = (np.array(part, dtype=np.int64) for part in parts)
    padded = np.array([key[1] + (-1,) * (widest - len(key[1])) for key in regressions.in_order], dtype=np.int64)
    both = np.array(pairs, dtype=np.int64)
    return Catalogue(
        terms.in_order,
        outcome,
        padded,
        samples.in_order,
        sample,
        weights.in_order,
        weight,
        effects.in_order,
        effect,
        covariances.in_order,
        both[:, 0],
        both[:, 1],
        specs,
    )


def _from_grid(grid: Grid) -> Catalogue:
    """All specifications of a grid, without making any of them."""
    codes = grid.codes
    place = {choice.role: number for number, choice in enumerate(grid.choices) if choice.role != "controls"}
    last = place["covariance"]
    key = np.zeros(len(codes), dtype=np.int64)
    for number, choice in enumerate(grid.choices):
        if number != last:
            key = key * len(choice.options) + codes[:, number]
    _, first, regression = np.unique(key, return_index=True, return_inverse=True)
    rows = codes[first]

    def values(role: Role, default: Any) -> tuple[tuple[Any, ...], Codes]:
        if role not in place:
            return (default,), np.zeros(len(rows), dtype=np.int64)
        return tuple(option.value for option in grid.choices[place[role]].options), rows[:, place[role]]

    terms = _Numbered()
    outcomes, outcome = values("outcome", None)
    samples, sample = values("sample", None)
    weight_columns, weights = values("weights", None)
    effect_columns, effects = values("fixed_effects", ())
    return Catalogue(
        outcome=np.array([terms(value) for value in outcomes])[outcome],
        regressors=_grid_regressors(grid, rows, values("treatment", None), values("moderator", None), terms),
        terms=terms.in_order,
        samples=samples,
        sample=sample,
        weight_columns=weight_columns,
        weights=weights,
        effect_columns=effect_columns,
        effects=effects,
        covariances=cast(tuple[CovarianceSpec, ...], tuple(option.value for option in grid.choices[last].options)),
        regression=np.asarray(regression, dtype=np.int64).ravel(),
        covariance=codes[:, last],
        source=grid,
    )


def _grid_regressors(
    grid: Grid,
    rows: Codes,
    treatments: tuple[tuple[Variable, ...], Codes],
    moderators: tuple[tuple[Moderator | None, ...], Codes],
    terms: _Numbered,
) -> Codes:
    """R x k numbers of terms, the treatment first, the others in rising order, -1 at the end."""
    both = [
        [[terms(term) for term in moderator_terms(treatment, moderator)] for moderator in moderators[0]]
        for treatment in treatments[0]
    ]
    width = max(len(cell) for line in both for cell in line)
    table = np.array([[cell + [-1] * (width - len(cell)) for cell in line] for line in both], dtype=np.int64)
    blocks = [table.reshape(len(treatments[0]), len(moderators[0]), width)[treatments[1], moderators[1]]]
    for place, choice in enumerate(grid.choices):
        if choice.role == "controls":
            lists = [[terms(term) for term in cast(tuple[Term, ...], option.value)] for option in choice.options]
            longest = max(map(len, lists))
            padded = np.array([listed + [-1] * (longest - len(listed)) for listed in lists], dtype=np.int64)
            blocks.append(padded.reshape(len(lists), longest)[rows[:, place]])
    first = np.array([terms(treatment) for treatment in treatments[0]], dtype=np.int64)[treatments[1]]
    rest = np.concatenate(blocks, axis=1)
    rest = np.sort(np.where(rest < 0, len(terms.in_order), rest), axis=1)
    rest[rest == len(terms.in_order)] = -1
    used = (rest >= 0).any(axis=0)
    return np.column_stack([first, rest[:, used]])


def _refuse_contradictions(made: Catalogue) -> None:
    """Refuse bands, terms named twice and outcomes that explain themselves; the specification says it itself."""
    if any(isinstance(term, Bands) for term in made.terms):
        raise SpecificationError(
            "a choice of the grid adds bands; allowed: variables and interactions, which have one coefficient each. "
            "Make dummies in the frame."
        )
    ordered = np.sort(made.regressors, axis=1)
    wrong = ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any(axis=1)
    outcomes = {made.terms[number].column for number in np.unique(made.outcome)}
    for column in sorted(outcomes):
        reads = np.array([column in columns_of(term) for term in made.terms])
        own = np.array([isinstance(term, Variable) and term.column == column for term in made.terms])
        wrong |= own[made.outcome] & (reads[made.regressors] & (made.regressors >= 0)).any(axis=1)
    if wrong.any():
        made.spec(int(np.flatnonzero(np.isin(made.regression, np.flatnonzero(wrong)))[0]))  # raises, naming it
        raise SpecificationError(
            f"{int(wrong.sum())} regressions have a term twice under different transformations, or explain the outcome "
            "by itself; allowed: each column once. Exclude these combinations from the grid."
        )


def columns_of(term: Term) -> tuple[str, ...]:
    """Columns that a term reads."""
    if isinstance(term, Interaction):
        return term.left.column, term.right.column
    return (term.column,)


@dataclass(frozen=True, repr=False)
class Group(Shown):
    """Regressions that are estimated on the same rows with the same weights and fixed effects."""

    rows: Codes
    """Positions of the n rows in the frame; none if the conditions leave none."""
    weights: str | None
    effects: tuple[str, ...]
    specs: Codes
    """Specifications of the group."""


def row_groups(catalogue: Catalogue, frame: pd.DataFrame) -> list[Group]:
    """Groups of specifications by the rows they can use.

    Rows are left out for the same reasons as in ``fit``: outside the sample, a value missing, a logarithm not
    defined, alone in a level of a fixed effect.

    Raises
    ------
    SpecificationError
        If a column is absent, text or infinite, or a sample has no column of its own in the frame, or names values
        without a row.
    """
    masks = _Masks(frame)
    of_terms = np.array([masks.number(masks.of_term(term)) for term in catalogue.terms])
    of_samples = np.array([masks.number(sample_mask(frame, sample)) for sample in catalogue.samples])
    of_weights = np.array([masks.number(masks.of_column(name)) for name in catalogue.weight_columns])
    of_effects = np.array([masks.number(masks.of_levels(names)) for names in catalogue.effect_columns])
    of_covariances = np.array([masks.number(masks.of_covariance(covariance)) for covariance in catalogue.covariances])
    regressors = np.where(catalogue.regressors < 0, 0, of_terms[catalogue.regressors])
    per_regression = np.column_stack(
        [
            of_samples[catalogue.sample],
            of_terms[catalogue.outcome],
            of_weights[catalogue.weights],
            of_effects[catalogue.effects],
            regressors,
        ]
    )
    sets, of_regression = _same_sets(per_regression, len(masks.all))
    key = np.column_stack(
        [
            of_regression[catalogue.regression],
            of_covariances[catalogue.covariance],
            catalogue.weights[catalogue.regression],
            catalogue.effects[catalogue.regression],
        ]
    )
    different, of_spec = _same_rows(key)
    return list(_merged(catalogue, masks, sets, different, of_spec, frame))


def _merged(
    catalogue: Catalogue, masks: "_Masks", sets: Flags, different: Codes, of_spec: Codes, frame: pd.DataFrame
) -> Iterator[Group]:
    """Groups by the rows that are really left; different conditions often leave the same rows."""
    order = np.argsort(of_spec, kind="stable")
    ends = np.searchsorted(of_spec[order], np.arange(len(different) + 1))
    found: dict[tuple[bytes, int, int], tuple[Codes, list[Codes]]] = {}
    for number, (conditions, covariance, weights, effects) in enumerate(different):
        used = [*np.flatnonzero(sets[conditions]), covariance]
        keep = np.logical_and.reduce([masks.all[condition] for condition in used])
        rows = np.flatnonzero(masks.without_singletons(keep, catalogue.effect_columns[effects]))
        _, members = found.setdefault((rows.tobytes(), int(weights), int(effects)), (rows, []))
        members.append(order[ends[number] : ends[number + 1]])
    for (_, weights, effects), (rows, members) in found.items():
        specs = np.sort(np.concatenate(members))
        yield Group(rows, catalogue.weight_columns[weights], catalogue.effect_columns[effects], specs)


def _same_sets(members: Codes, count: int) -> tuple[Flags, Codes]:
    """Different sets among the rows of ``members`` (T x count, true where a set holds the number), and each row's."""
    holds = np.zeros((len(members), count), dtype=bool)
    holds[np.arange(len(members))[:, None], members] = True
    different, of_row = _same_rows(np.packbits(holds, axis=1))
    return np.unpackbits(different, axis=1, count=count).astype(bool), of_row


def _same_rows(values: NDArray[Any]) -> tuple[NDArray[Any], Codes]:
    """Different rows of an array and the number of each row's, found by their bytes."""
    packed = np.ascontiguousarray(values)
    keys = packed.view(np.dtype((np.void, packed.dtype.itemsize * packed.shape[1]))).ravel()
    _, first, of_row = np.unique(keys, return_index=True, return_inverse=True)
    return packed[first], np.asarray(of_row, dtype=np.int64).ravel()


class _Masks:
    """Rows of a frame that meet each condition, equal masks numbered alike; number 0 is all rows."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.everything = np.ones(len(frame), dtype=bool)
        self.all = [self.everything]
        self._numbers = {self.everything.tobytes(): 0}
        self._columns: dict[str, Array] = {}
        self._levels: dict[str, Codes] = {}

    def number(self, mask: Flags) -> int:
        key = mask.tobytes()
        if key not in self._numbers:
            self._numbers[key] = len(self.all)
            self.all.append(mask)
        return self._numbers[key]

    def of_term(self, term: Term) -> Flags:
        if isinstance(term, Interaction):
            return self.of_term(term.left) & self.of_term(term.right)
        assert not isinstance(term, Bands)  # refused by the catalogue
        return self._of_variable(term)

    def _of_variable(self, variable: Variable) -> Flags:
        values = self._values(variable.column)
        return np.asarray(values > 0 if variable.transform == "log" else ~np.isnan(values))

    def of_column(self, name: str | None) -> Flags:
        return self.everything if name is None else ~np.isnan(self._values(name))

    def of_levels(self, names: tuple[str, ...]) -> Flags:
        return np.logical_and.reduce([self.everything, *(self.codes(name) >= 0 for name in names)])

    def of_covariance(self, covariance: CovarianceSpec) -> Flags:
        places = [self.of_column(name) for name in covariance.coordinates or ()]
        return np.logical_and.reduce([self.of_levels(covariance.by), *places])

    def without_singletons(self, keep: Flags, effects: tuple[str, ...]) -> Flags:
        """Take rows that are alone in a level out, until none is left."""
        while True:
            before = int(keep.sum())
            for name in effects:
                codes = self.codes(name)
                counts = np.bincount(codes[keep], minlength=int(codes.max()) + 1)
                keep = keep & (counts[codes] != 1)
            if int(keep.sum()) == before:
                return keep

    def codes(self, name: str) -> Codes:
        """Levels of a column as integers, -1 where missing."""
        if name not in self._levels:
            self._levels[name] = as_codes(self._column(name), name, missing=True)
        return self._levels[name]

    def _values(self, name: str) -> Array:
        if name not in self._columns:
            self._column(name)
            self._columns[name] = numbers(self.frame, name)
        return self._columns[name]

    def _column(self, name: str) -> pd.Series:
        require_columns(self.frame, (name,))
        return self.frame[name]
