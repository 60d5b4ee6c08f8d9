"""Specifications as arrays of numbers: which columns, rows and covariance each one takes.

Thousands of specifications share a few dozen terms. Written as numbers of terms they can be sorted into groups that
are solved together. A regression is counted once however many covariances are asked of it.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Codes
from shanhai.methods.curve.grid import Grid, Moderator, Role, moderator_terms
from shanhai.methods.spec import Bands, CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Term, Variable


@dataclass(frozen=True)
class Catalogue:
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
    def values(self) -> tuple[Any, ...]:
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
    widest = max(len(key[1]) for key in regressions.values)
    parts = [[key[i] for key in regressions.values] for i in (0, 2, 3, 4)]
    outcome, sample, weight, effect = (np.array(part, dtype=np.int64) for part in parts)
    padded = np.array([key[1] + (-1,) * (widest - len(key[1])) for key in regressions.values], dtype=np.int64)
    both = np.array(pairs, dtype=np.int64)
    return Catalogue(
        terms.values,
        outcome,
        padded,
        samples.values,
        sample,
        weights.values,
        weight,
        effects.values,
        effect,
        covariances.values,
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
        return tuple(one.value for one in grid.choices[place[role]].options), rows[:, place[role]]

    terms = _Numbered()
    outcomes, outcome = values("outcome", None)
    samples, sample = values("sample", None)
    weight_columns, weights = values("weights", None)
    effect_columns, effects = values("fixed_effects", ())
    return Catalogue(
        outcome=np.array([terms(value) for value in outcomes])[outcome],
        regressors=_grid_regressors(grid, rows, values("treatment", None), values("moderator", None), terms),
        terms=terms.values,
        samples=samples,
        sample=sample,
        weight_columns=weight_columns,
        weights=weights,
        effect_columns=effect_columns,
        effects=effects,
        covariances=cast(tuple[CovarianceSpec, ...], tuple(one.value for one in grid.choices[last].options)),
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
    both = [[[terms(term) for term in moderator_terms(one, other)] for other in moderators[0]] for one in treatments[0]]
    width = max(len(cell) for line in both for cell in line)
    table = np.array([[cell + [-1] * (width - len(cell)) for cell in line] for line in both], dtype=np.int64)
    blocks = [table.reshape(len(treatments[0]), len(moderators[0]), width)[treatments[1], moderators[1]]]
    for place, choice in enumerate(grid.choices):
        if choice.role == "controls":
            lists = [[terms(term) for term in cast(tuple[Term, ...], one.value)] for one in choice.options]
            longest = max(map(len, lists))
            padded = np.array([one + [-1] * (longest - len(one)) for one in lists], dtype=np.int64)
            blocks.append(padded.reshape(len(lists), longest)[rows[:, place]])
    first = np.array([terms(one) for one in treatments[0]], dtype=np.int64)[treatments[1]]
    rest = np.concatenate(blocks, axis=1)
    rest = np.sort(np.where(rest < 0, len(terms.values), rest), axis=1)
    rest[rest == len(terms.values)] = -1
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
