"""Details of an Oaxaca-Blinder account that do not depend on which category of a factor is left out.

What coefficients contribute, term by term, changes with the base category: the effect of the base moves into the
constant. Gardeazabal & Ugidos (2004, Review of Economics and Statistics 86) and Yun (2005, Economic Inquiry 43) write
each regression with all categories, their coefficients summing to zero; the regression fits as before, and its details
are the mean of those under every base. The origin of a scale keeps its part: the contribution of the coefficient of
years of schooling is that of schooling counted from zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array

BASE = "base"
"""What the category that has no dummy is called, behind the name of its factor."""

CONSTANT = "constant"


@dataclass(frozen=True, repr=False)
class Terms(Shown):
    """Coefficients and means of two kinds of unit, with a column for the constant and one for each base category."""

    names: tuple[str, ...]
    """Constant, regressors, base categories."""
    totals: Mapping[str, tuple[int, ...]]
    """Columns of each factor, its base category among them."""
    means: Mapping[str, Array]
    """Means of each kind, B x columns."""
    params: Mapping[str, Array]
    """Coefficients of each kind and reference, B x columns."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the parts: columns, then the factors as a whole."""
        return (*self.names, *self.totals)

    def summed(self, parts: Array) -> Array:
        """Parts of the columns, B x columns, and sums of the factors, as rows: labels x B."""
        sums = [parts[:, list(columns)].sum(axis=1) for columns in self.totals.values()]
        return np.vstack([parts.T, *sums])


def normalised_terms(
    names: tuple[str, ...],
    centre: Array,
    means: Mapping[str, Array],
    params: Mapping[str, Array],
    factors: Mapping[str, tuple[str, ...]],
) -> Terms:
    """Terms with the coefficients of each factor summing to zero over all its categories.

    Parameters
    ----------
    names : k names of regressors.
    centre : k values that were taken off the regressors.
    means, params : B x (1 + k) each, the constant first, of centred regressors.
    factors : dummies of each factor, by its name.

    Raises
    ------
    SpecificationError
        If a dummy is no regressor, stands in two factors, or the base category is empty in a kind.
    """
    _require_dummies(names, factors)
    means = {kind: np.column_stack([rows[:, :1], rows[:, 1:] + centre]) for kind, rows in means.items()}
    params = {
        name: np.column_stack([rows[:, :1] - rows[:, 1:] @ centre[:, None], rows[:, 1:]])
        for name, rows in params.items()
    }
    labels, totals = [CONSTANT, *names], {}
    for factor, dummies in factors.items():
        columns = [1 + names.index(dummy) for dummy in dummies]
        bases = {kind: 1.0 - rows[:, columns].sum(axis=1) for kind, rows in means.items()}
        _require_base(factor, dummies, bases)
        means = {kind: np.column_stack([rows, bases[kind]]) for kind, rows in means.items()}
        params = {name: _summing_to_zero(rows, columns) for name, rows in params.items()}
        totals[factor] = (*columns, len(labels))
        labels.append(f"{factor}: {BASE}")
    return Terms(tuple(labels), totals, means, params)


def _summing_to_zero(rows: Array, columns: list[int]) -> Array:
    """Coefficients less their mean over all categories, which goes to the constant; the base category comes last."""
    middle = rows[:, columns].sum(axis=1) / (len(columns) + 1)
    moved = rows.copy()
    moved[:, columns] -= middle[:, None]
    moved[:, 0] += middle
    return np.column_stack([moved, -middle])


def _require_dummies(names: tuple[str, ...], factors: Mapping[str, tuple[str, ...]]) -> None:
    named = [dummy for dummies in factors.values() for dummy in dummies]
    wrong = sorted({dummy for dummy in named if dummy not in names or named.count(dummy) > 1})
    if wrong or not all(factors.values()) or set(factors) & {CONSTANT, *names}:
        raise SpecificationError(
            f"factors {dict(factors)} invent or repeat {', '.join(wrong) or 'no dummy'}; allowed: dummies among "
            f"{', '.join(names)}, one or more a factor, each once, under names that no term has. Leave the base "
            "category out, as in the regression."
        )


def _require_base(factor: str, dummies: tuple[str, ...], bases: Mapping[str, Array]) -> None:
    """Refuse dummies that overlap or leave nobody to the base category."""
    for kind, shares in bases.items():
        if not 1e-12 < shares[0] < 1.0:
            raise SpecificationError(
                f"the base category of {factor!r} holds {shares[0]:.3g} of the {kind} kind; allowed: more than none "
                f"and fewer than all. Are {', '.join(dummies)} dummies of one factor, with one category left out?"
            )
