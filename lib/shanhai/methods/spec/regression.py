"""One regression as a value, with an id that follows from its content."""

from dataclasses import Field, dataclass, fields, is_dataclass
from typing import Any

from shanhai.core.errors import SpecificationError
from shanhai.methods.spec.checks import require_column
from shanhai.methods.spec.covariance import CovarianceSpec
from shanhai.methods.spec.identity import digest
from shanhai.methods.spec.samples import SampleSpec
from shanhai.methods.spec.terms import Bands, Interaction, Term, Variable


def _names(terms: tuple[Term, ...]) -> tuple[str, ...]:
    """Names of the coefficients of some terms, in order."""
    return tuple(name for term in terms for name in (term.names if isinstance(term, Bands) else (term.name,)))


@dataclass(frozen=True)
class RegressionSpec:
    """One regression: outcome on terms and controls, within fixed effects, on a sample, with a covariance."""

    outcome: Variable
    """Left-hand side."""
    terms: tuple[Term, ...]
    """What the regression is about; a term that the sample cannot identify is refused."""
    sample: SampleSpec
    """Rows."""
    covariance: CovarianceSpec
    """Covariance of the estimates."""
    controls: tuple[Term, ...] = ()
    """What is held fixed; a control that the others already determine is dropped and reported."""
    fixed_effects: tuple[str, ...] = ()
    """Columns whose levels each get an intercept, absorbed by the within transformation. Empty: one intercept."""
    weights: str | None = None
    """Column of positive weights (weighted least squares), or none."""
    model: str = ""
    """Name of the model in tables; not part of ``spec_id``."""

    def __post_init__(self) -> None:
        if not self.terms:
            raise SpecificationError("the regression has no terms; name at least one, such as Variable('on_border').")
        for column in (*self.fixed_effects, *((self.weights,) if self.weights is not None else ())):
            require_column(column, "a fixed effect or the weight")
        names = self.names
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise SpecificationError(f"terms named twice: {', '.join(twice)}; allowed: each once. Take one out.")
        if self.outcome.column in {variable.column for variable in self.variables}:
            raise SpecificationError(
                f"{self.outcome.column!r} is outcome and regressor at once, which explains it by itself. "
                "Take it out of the terms and controls."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all coefficients in order, terms before controls."""
        return self.term_names + _names(self.controls)

    @property
    def term_names(self) -> tuple[str, ...]:
        """Names of the coefficients that the regression is about."""
        return _names(self.terms)

    @property
    def variables(self) -> tuple[Variable | Bands, ...]:
        """Every column with its transformation on the right-hand side, interactions taken apart."""
        both = (*self.terms, *self.controls)
        return tuple(
            part for term in both for part in ((term.left, term.right) if isinstance(term, Interaction) else (term,))
        )

    @property
    def outcome_controls(self) -> tuple[str, ...]:
        """Names of the controls that are themselves outcomes of borders or terrain."""
        return tuple(term.name for term in self.controls if isinstance(term, Variable) and term.is_outcome)

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from the content (names of model and sample left out)."""
        return digest(_content(self))


LABELS = frozenset({"model", "name", "label_zh"})
"""Fields that only name a specification; two that differ in nothing else are the same regression."""


def _content(value: object) -> object:
    """The content of a specification as plain lists and dictionaries, class names kept and labels left out."""
    if is_dataclass(value):
        parts = {f.name: _content(getattr(value, f.name)) for f in fields(value) if _counts(f, value)}
        return {"class": type(value).__name__, **parts}
    if isinstance(value, tuple):
        return [_content(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _counts(part: Field[Any], value: object) -> bool:
    """Whether a field belongs to the content: labels never, later fields once they are set."""
    if part.name in LABELS:
        return False
    return not ("only_if_set" in part.metadata and getattr(value, part.name) is None)
