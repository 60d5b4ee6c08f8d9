"""From a formula to a specification: plain terms stay terms, everything else becomes columns that formulaic makes.

A column, its log, its deviation from the mean and the product of two of these are what a specification can say by
itself. Dummies, polynomials, splines, powers and products of three are computed on the rows of the regression and put
beside the columns of the frame, where every estimator finds them by name.
"""

import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_numbers, require_columns
from shanhai.methods.door._functions import context, short
from shanhai.methods.door._labels import categories, is_number, is_text
from shanhai.methods.door._text import WRITE, Model, places_in, stand_in
from shanhai.methods.number_text import require_no_numbers_as_text
from shanhai.methods.spec import Interaction, Term, Transform, Variable

_PLAIN: Final = re.compile(r"(?:([a-z]+)\()?\s*ǁ(\d+)ǁ\s*\)?")
_ITEM: Final = re.compile(r"((?:[a-z]+\()?ǁ\d+ǁ\)?)(?:(?: (\*) |:)((?:[a-z]+\()?ǁ\d+ǁ\)?))?")
"""A summand that needs no formulaic."""

_TRANSFORMS: Final[dict[str | None, Transform]] = {
    None: "level",
    "log": "log",
    "center": "centred",
    "centred": "centred",
    "scale": "standardised",
    "standardised": "standardised",
    "z": "standardised",
}
"""Functions that a variable of a specification has itself."""

_LABELLED: Final = re.compile(r"ǁ(\d+)ǁ|C\(ǁ(\d+)ǁ(?:,.*)?\)")
"""A factor whose categories are the labels of a column."""

_OURS: Final = re.compile(r"\[ValueError: (i\(\): .*)\]")
"""What a function of ours refuses, inside the words of formulaic."""

_RELATIVE: Final = re.compile(r"\b(?:center|centred|scale|standardised|z|poly|bs|cs|cc|cr|C|i)\(")
"""Functions whose values depend on all rows, so that they are made again when rows are left out."""

_CATEGORIES: Final = re.compile(r"((?:C|i)\()?ǁ(\d+)ǁ")
"""Columns of a term, with the function that makes dummies of their values."""

_CALLED_CATEGORIES: Final = re.compile(r"\b[Ci]\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
"""Calls that make categories, with their arguments."""

_MOST_NUMBERS = 500_000_000
"""Numbers in the columns that a formula makes, at most: four gigabytes."""

_WARNINGS: Final = Lock()
"""Held while warnings are errors, which they are for all threads of a program at once."""

_MOST_EXACT = 2**53
"""Whole number up to which each has a float of its own."""


@dataclass(frozen=True)
class Computed:
    """A column that the formula makes."""

    key: str
    """Name in the frame of the regression."""
    name: str
    """Name in results."""
    place: int
    """Column of the matrix that formulaic makes."""


@dataclass(frozen=True)
class Recipe:
    """How the columns of one regression are made of a frame, for new rows as for the old."""

    model: Model
    """The regression as text, with the columns behind its stand-ins."""
    terms: tuple[tuple[str, Variable | Interaction | None], ...]
    """Each term as formulaic writes it, and as a specification says it; None where it is computed."""
    matrix: Any
    """formulaic's ModelSpec with what it learned of the rows; None if nothing is computed."""
    computed: tuple[Computed, ...]
    """The columns made, in order."""
    labels: Mapping[str, bool] = field(default_factory=dict)
    """Columns of the frame that were read as labels, and whether these are text."""

    def columns(self, frame: pd.DataFrame) -> dict[str, Array]:
        """Columns of the right-hand side that the recipe makes, by key, for rows without missing values."""
        if self.matrix is None:
            return {}
        data = _data(self, frame)
        self._require_seen(frame)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            made = _called(self.model, lambda: self.matrix.get_model_matrix(data, context=context()))
        values = np.asarray(made, dtype=np.float64)
        return {column.key: values[:, column.place] for column in self.computed}

    def _require_seen(self, frame: pd.DataFrame) -> None:
        """Refuse labels that the regression has not seen: formulaic warns and takes them for the one left out."""
        for factor, (_, state) in self.matrix.encoder_state.items():
            found = _LABELLED.fullmatch(factor)
            if found and "categories" in state:
                column, known = self.model.columns[int(found[1] or found[2])], list(state["categories"])
                unseen = [label for label in frame[column].unique() if label not in set(known)]
                if unseen:
                    raise SpecificationError(
                        f"column {column!r} holds {', '.join(map(str, unseen[:20]))}, which the regression has not "
                        f"seen; allowed: {', '.join(map(str, known[:20]))}. Leave these rows out, or fit it anew with "
                        "them."
                    )

    @property
    def owners(self) -> dict[str, str]:
        """The term, as the formula writes it, of each column made."""
        if self.matrix is None:
            return {}
        terms = {place: str(term) for term, found in self.matrix.term_indices.items() for place in found}
        return {column.key: self.model.said(terms[column.place]) for column in self.computed}

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns of the frame that the right-hand side is made of."""
        return tuple(self.model.columns[place] for place in places_in(self.model.terms))


def plain_terms(model: Model, frame: pd.DataFrame, written: bool) -> tuple[tuple[tuple[str, Any], ...], bool]:
    """Terms of a formula, each with what a specification says for it or None, and whether there is an intercept.

    Parameters
    ----------
    model : Model
    frame : DataFrame
    written : bool
        Name transformed columns as the formula writes them.

    Raises
    ------
    SpecificationError
        If the right-hand side cannot be read.
    """
    _require_no_numbers_as_text(model, frame)
    _require_exact_labels(model, frame)
    simple = _simple_terms(model, frame, written)
    if simple is not None:
        return simple, True
    terms, intercept = [], False
    for term in _called(model, lambda: _formula(model.terms)):
        if str(term) == "1":
            intercept = True
            continue
        _require_no_number(term, model)
        whole = _whole([factor.expr for factor in term.factors], model, frame, written)
        terms.append((str(term), whole))
    return tuple(dict(terms).items()), intercept


def _require_no_numbers_as_text(model: Model, frame: pd.DataFrame) -> None:
    """Refuse text that holds numbers where it would become a dummy a number, which C() and i() say by themselves."""
    bare = _CALLED_CATEGORIES.sub("", f"{model.outcome} + {model.terms}")
    for column in (frame[model.columns[place]] for place in places_in(bare)):
        if isinstance(column.dtype, pd.CategoricalDtype) or is_number(column):
            continue
        require_no_numbers_as_text(column)


def _require_exact_labels(model: Model, frame: pd.DataFrame) -> None:
    """Refuse categories of whole numbers with more digits than floats hold: neighbours would become one category."""
    for column in (frame[model.columns[int(place)]] for called, place in _CATEGORIES.findall(model.terms) if called):
        if column.dtype.kind in "iu" and len(column) and max(abs(column.min()), abs(column.max())) > _MOST_EXACT:
            raise SpecificationError(
                f"column {column.name!r} holds categories that are numbers of {len(str(column.max()))} digits, some of "
                f"which would fall together; allowed: whole numbers up to {_MOST_EXACT:,}, or text. Convert it by "
                f"frame[{column.name!r}] = frame[{column.name!r}].astype(str)."
            )


def _require_no_number(term: Any, model: Model) -> None:
    """Refuse a number as a factor: formulaic multiplies by it and leaves it out of the name of the coefficient."""
    numbers = [factor.expr for factor in term.factors if factor.eval_method.value == "literal"]
    if numbers:
        name = model.said(str(term))
        raise SpecificationError(
            f"term {name!r} of formula {model.text!r} is multiplied by {', '.join(numbers)}; allowed: products of "
            "columns. Leave the number out, or write it into the column, as in I(2 * x)."
        )


def _simple_terms(model: Model, frame: pd.DataFrame, written: bool) -> tuple[tuple[str, Any], ...] | None:
    """Terms of a sum of columns and products of two, which needs no formulaic and no time; None of any other."""
    found: dict[frozenset[str], tuple[str, Any]] = {}
    for item in model.terms.split(" + "):
        parts = _ITEM.fullmatch(item)
        if not parts or parts[1] == parts[3]:
            return None
        pair = [part for part in (parts[1], parts[3]) if part]
        sets = [[part] for part in pair] if parts[2] == "*" else []
        for each in (*sets, pair):
            whole = _whole(each, model, frame, written)
            if whole is None:
                return None
            found.setdefault(frozenset(each), (":".join(each), whole))
    return tuple(found.values())


def _whole(factors: Sequence[str], model: Model, frame: pd.DataFrame, written: bool) -> Variable | Interaction | None:
    """A term if a specification can say it: a variable or the product of two."""
    variables = [variable for factor in factors if (variable := _variable(factor, model, frame, written))]
    if len(variables) < len(factors) or len(factors) > 2:
        return None
    return variables[0] if len(factors) == 1 else Interaction(variables[0], variables[1])


def outcome_of(model: Model, frame: pd.DataFrame, written: bool) -> Variable | None:
    """The outcome if a specification can say it, else None."""
    return _variable(model.outcome.replace(" ", ""), model, frame, written)


def computed_outcome(model: Model, frame: pd.DataFrame) -> Array:
    """An outcome that is arithmetic of columns."""
    text = model.outcome if re.fullmatch(r"[a-z0-9]+\s*\([^()]*\)", model.outcome) else f"I({model.outcome})"
    recipe = Recipe(model, (), None, ())
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        made = _called(model, lambda: _formula(f"0 + {text}").get_model_matrix(
            _data(recipe, frame, model.outcome), context=context(), output="numpy", na_action="ignore"
        ))  # fmt: skip
    values = np.asarray(made, dtype=np.float64)
    if values.shape[1] != 1:
        raise SpecificationError(
            f"outcome {model.said(model.outcome)!r} makes {values.shape[1]} columns; allowed: one. {WRITE}"
        )
    return values[:, 0]


def learned(model: Model, terms: Sequence[tuple[str, Any]], frame: pd.DataFrame, taken: Sequence[str]) -> Recipe:
    """The recipe that computes what terms cannot say, learned on the complete rows of a frame.

    Parameters
    ----------
    model : Model
    terms : from :func:`plain_terms`.
    frame : DataFrame
        Rows without a missing value in what the formula reads.
    taken : sequence of str
        Columns whose names computed ones may not have.
    """
    empty = Recipe(model, tuple(terms), None, ())
    if all(whole is not None for _, whole in terms):
        return empty
    _require_room(model, terms, frame)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        made = _called(model, lambda: _ranked(model).get_model_matrix(
            _data(empty, frame), context=context(), output="numpy", na_action="ignore"
        ))  # fmt: skip
    spec = made.model_spec
    read = [frame[model.columns[place]] for place in places_in(model.terms)]
    labels = {str(column.name): is_text(column) for column in read if not is_number(column)}
    places = {str(term): list(found) for term, found in spec.term_indices.items()}
    used, columns = set(taken), []
    for text, whole in terms:
        for place in () if whole is not None else places[text]:
            name = key = model.said(str(spec.column_names[place]))
            while key in used:
                key += " (computed)"
            used.add(key)
            columns.append(Computed(key, name, place))
    return Recipe(model, tuple(terms), spec, tuple(columns), labels)


def _require_room(model: Model, terms: Sequence[tuple[str, Any]], frame: pd.DataFrame) -> None:
    """Refuse products of categories that no memory holds, before they are made."""
    columns = 0
    for text, whole in terms:
        sizes = [
            _levels(frame[model.columns[int(place)]])
            if called or not is_number(frame[model.columns[int(place)]])
            else 1
            for called, place in _CATEGORIES.findall(text)
        ]
        columns += 0 if whole is not None else math.prod(sizes)
    if columns * len(frame) > _MOST_NUMBERS:
        raise SpecificationError(
            f"formula {model.text!r} makes some {columns:,} columns of {len(frame):,} rows; allowed: {_MOST_NUMBERS:,} "
            "numbers in all. Put categories behind | as fixed effects, a^b for pairs of their levels."
        )


def _levels(column: pd.Series) -> int:
    """How many labels a column holds."""
    try:
        return int(column.nunique())
    except TypeError as error:
        raise SpecificationError(
            f"column {column.name!r} holds values that are no labels, such as {short(column.dropna().iloc[0])}; "
            "allowed: text, numbers or categories. Convert them with astype(str)."
        ) from error


def is_relative(model: Model, frame: pd.DataFrame) -> bool:
    """Whether what the formula makes depends on which rows there are."""
    labels = any(not is_number(frame[model.columns[place]]) for place in places_in(model.terms))
    return labels or bool(_RELATIVE.search(f"{model.outcome} {model.terms}".replace(" (", "(")))


def spec_terms(recipe: Recipe) -> Iterator[Term]:
    """Terms of the specification in the order of the formula."""
    owners = recipe.owners
    for text, whole in recipe.terms:
        if whole is not None:
            yield whole
        else:
            mine = (column for column in recipe.computed if owners[column.key] == recipe.model.said(text))
            yield from (Variable(column.key, written=column.name) for column in mine)


def _ranked(model: Model) -> Any:
    """The right-hand side with an intercept where fixed effects hold one, so that a category is left out for each."""
    formula = _formula(model.terms)
    return type(formula)([*_formula("1"), *formula], _ordering="none") if model.effects else formula


def _formula(text: str) -> Any:
    from formulaic import Formula

    return Formula(text, _ordering="none")


def _called(model: Model, call: Callable[[], Any]) -> Any:
    """What formulaic gives; what it refuses is refused with its reason."""
    from formulaic.errors import DataMismatchWarning, FormulaicError

    try:
        with _WARNINGS, warnings.catch_warnings():
            warnings.simplefilter("error", DataMismatchWarning)  # categories that the fit did not see
            return call()
    except (
        FormulaicError,
        DataMismatchWarning,
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
        SyntaxError,
    ) as error:
        if "extrapolation" in str(error):
            raise SpecificationError(
                f"formula {model.text!r} has a spline bs() of values beyond those of the regression, where it is not "
                "defined; allowed: values in their range. Leave the other rows out, or fit cr() or poly() instead."
            ) from error
        lines = [line for line in str(error).splitlines() if line.strip()]
        said = model.said(re.sub("\x1b\\[[0-9;]*m|[⧛⧚]", "", lines[0] if lines else type(error).__name__))
        if ours := _OURS.search(said):
            raise SpecificationError(f"formula {model.text!r} cannot be read: {ours[1]}.") from error
        raise SpecificationError(
            f"formula {model.text!r} cannot be read: {said.rstrip('.')}; allowed: functions of numbers, and "
            f"C() of labels. {WRITE}"
        ) from error


def _variable(text: str, model: Model, frame: pd.DataFrame, written: bool) -> Variable | None:
    """A column with its transformation, if that is all that a text says."""
    found = _PLAIN.fullmatch(text)
    if not found or found[1] not in _TRANSFORMS or bool(found[1]) != text.endswith(")"):
        return None
    column = model.columns[int(found[2])]
    require_columns(frame, (column,))
    if found[1] is None:
        return Variable(column) if is_number(frame[column]) else None
    return Variable(column, _TRANSFORMS[found[1]], written=model.said(text) if written else "")


def _data(recipe: Recipe, frame: pd.DataFrame, text: str | None = None) -> pd.DataFrame:
    """Columns that a text names under their stand-ins: floats, or labels without categories that do not occur.

    New rows are read as those of the regression were: formulaic would make dummies of text in the place of a number,
    and keep them for later rows.
    """
    model, data = recipe.model, {}
    for place in places_in(model.terms if text is None else text):
        column = frame[model.columns[place]]
        if recipe.matrix is None:
            number = is_number(column)
        else:
            number = column.name not in recipe.labels
            column = _as_fitted(column, recipe)
        data[stand_in(place)] = (
            as_numbers(column, f"column {column.name!r}", missing=True) if number else categories(column)
        )
    return pd.DataFrame(data, index=pd.RangeIndex(len(frame)))


def _as_fitted(column: pd.Series, recipe: Recipe) -> pd.Series:
    """A column of new rows as that of the regression was: categories that are numbers as such, never text for them."""
    if column.name not in recipe.labels:
        if isinstance(column.dtype, pd.CategoricalDtype) and pd.api.types.is_numeric_dtype(column.cat.categories):
            return column.astype(column.cat.categories.dtype)
        return column
    if len(column) and recipe.labels[str(column.name)] != is_text(column):
        held, known = ("numbers", "text") if recipe.labels[str(column.name)] else ("text", "numbers")
        step = "astype(str)" if held == "numbers" else "astype(int)"
        raise SpecificationError(
            f"column {column.name!r} holds {held} where the regression has {known}; allowed: labels of the same type. "
            f"Convert it with {step}."
        )
    return column
