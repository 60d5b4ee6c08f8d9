"""Columns of a formula that a drawn treatment changes: how each follows it, so that draws move them along."""

import re
from typing import TYPE_CHECKING

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_numbers
from shanhai.methods.door._predict import require_levels
from shanhai.methods.door._text import places_in
from shanhai.methods.placebo import RandomizationTest, permutation_test
from shanhai.methods.spec import Variable

if TYPE_CHECKING:
    from shanhai.methods.door.regression import Regression

_SAME = 1e-9
"""Share of its largest value by which a column may leave its straight line."""

_MADE = re.compile(r"\w\(|\[|:|\*")
"""What names of regressors have that formulas of other packages made: calls, levels and products."""


def exchanged(
    regression: "Regression", term: str, seed: int, draws: int, within: str | None, units: str | None
) -> RandomizationTest:
    """Randomization inference on the rows of a regression; see ``Regression.randomize``."""
    regression.position(term)
    variables = [part for part in regression.spec.variables if isinstance(part, Variable)]
    require_levels(part for part in variables if part.name == term)
    plain = [part.column for part in variables if part.name == term and part.transform == "level"]
    if term not in plain or _is_made(regression, term):
        raise SpecificationError(
            f"{term!r} is made by the formula; allowed: a term that is a column as it stands, as draws take its "
            "place. Put the transformed column into the frame and its name into the formula, or name the column that "
            "it is made of, which its terms follow."
        )
    made = {
        key: (slope[regression.rows], start[regression.rows])
        for key, (slope, start) in moved_along(regression, term).items()
    }
    used, rng = regression.frame.iloc[regression.rows], np.random.default_rng(seed)
    return permutation_test(regression.spec, used, term, draws, rng, within, units, made)


def _is_made(regression: "Regression", term: str) -> bool:
    """Whether a formula made the column of a term, such as one dummy of a category: alone it cannot be drawn."""
    if regression.recipe is not None:
        return term in regression.recipe.owners
    of_model = any(part.written for part in regression.spec.variables if isinstance(part, Variable))
    return of_model and bool(_MADE.search(term))


def moved_along(regression: "Regression", column: str) -> dict[str, tuple[Array, Array]]:
    """Slope and start of each computed column that contains the treatment: a straight line in it, row by row.

    Every function of two values is a straight line, and so are products with other columns and with dummies. What is
    none, such as the square of a dose, is refused: a draw could not replace it.
    """
    recipe, frame = regression.recipe, regression.frame
    if recipe is None:
        _require_not_made_elsewhere(regression, column)
        return {}
    names = recipe.model.columns
    _require_treatment_alone(regression, column)
    texts = {recipe.model.said(text) for text, _ in recipe.terms if column in {names[at] for at in places_in(text)}}
    keys = [key for key, text in recipe.owners.items() if text in texts]
    if not keys:
        return {}
    used = frame.iloc[regression.rows]
    treatment = as_numbers(used[column], f"column {column!r}")
    low, high = float(treatment.min()), float(treatment.max())
    if low == high:
        return {}  # its term is left out, and no draw differs
    values = (np.full(len(used), low), np.full(len(used), high), treatment, treatment[::-1])
    at_low, at_high, *others = (recipe.columns(used.assign(**{column: value})) for value in values)
    found = {}
    for key in keys:
        slope = (at_high[key] - at_low[key]) / (high - low)
        start = at_low[key] - low * slope
        largest = max(np.abs(at_low[key]).max(), np.abs(at_high[key]).max())
        for value, made in zip(values[2:], others, strict=True):
            if not (np.abs(made[key] - start - value * slope) <= _SAME * largest).all():
                raise SpecificationError(
                    f"{recipe.owners[key]!r} is no straight line in {column!r}, which is drawn; allowed: products of "
                    f"{column!r} with other columns, and any function of a treatment with two values. Take this term "
                    "out, or exchange the column yourself and fit each draw."
                )
        found[key] = (_on_all(slope, regression), _on_all(start, regression))
    return found


def _on_all(values: Array, regression: "Regression") -> Array:
    """Values of the rows of the regression on the whole frame, missing elsewhere."""
    whole = np.full(len(regression.frame), np.nan)
    whole[regression.rows] = values
    return whole


def _require_not_made_elsewhere(regression: "Regression", column: str) -> None:
    """Refuse regressors that another package made of the treatment by its formula, of which only the names are left."""
    spec = regression.spec
    names = [
        term.name for term in (*spec.terms, *spec.controls) if isinstance(term, Variable) and term.column != column
    ]
    within = re.compile(rf"(?<!\w){re.escape(column)}(?!\w)")
    made = [name for name in names if re.search(r"[:*(]", name) and within.search(name)]
    if made:
        raise SpecificationError(
            f"{', '.join(map(repr, made))} seems to be made of {column!r}, which is drawn, and the model does not say "
            "how; allowed: terms that can be made anew for each draw. Fit the formula by shanhai.methods.fit."
        )


def _require_treatment_alone(regression: "Regression", column: str) -> None:
    """Refuse a treatment in the outcome or in combined fixed effects, which draws would leave as they are."""
    assert regression.recipe is not None
    model = regression.recipe.model
    outcome = {model.columns[at] for at in places_in(model.outcome)}
    crossed = {name for columns in model.effects for name in columns}
    for where, held in (("outcome", outcome), ("fixed effects", crossed)):
        if column in held:
            raise SpecificationError(
                f"{column!r} is drawn and also stands in the {where} of {regression.formula!r}; allowed: a treatment "
                "among the terms alone. Take it out there."
            )
