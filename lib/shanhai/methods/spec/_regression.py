"""One regression as a value: its terms (a column, a product of two, bands of a distance), rows, effects and covariance.

Its id follows from its content.
"""

from dataclasses import Field, dataclass, field, fields, is_dataclass
from typing import Any, Literal

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.checks import require, require_column
from shanhai.methods.spec._covariance import CovarianceSpec
from shanhai.methods.spec.identity import digest

Relation = Literal["==", "!=", "<", "<=", ">", ">=", "in"]


@dataclass(frozen=True)
class Filter:
    """One condition that rows of a sample meet.

    Examples
    --------
    >>> from shanhai.methods import Filter
    >>> Filter("height", ">=", 500.0).relation
    '>='
    """

    column: str
    """Column that is compared."""
    relation: Relation
    """Comparison; ``in`` takes a tuple of values. A missing value never meets a condition."""
    value: str | float | bool | tuple[str | float, ...]
    """Value on the right-hand side."""

    def __post_init__(self) -> None:
        require_column(self.column, "the column of a filter")
        require(self.relation, Relation, "the relation of a filter", "Negate with '!=' or write two filters.")
        if (self.relation == "in") != isinstance(self.value, tuple):
            raise SpecificationError(
                f"filter on {self.column!r} compares {self.relation!r} with {self.value!r}; allowed: a tuple with "
                "'in', one value with every other relation."
            )


@dataclass(frozen=True, repr=False)
class SampleSpec(Shown):
    """Which rows a regression speaks about.

    Examples
    --------
    >>> from shanhai.methods import Filter, SampleSpec
    >>> SampleSpec("high places", filters=(Filter("height", ">=", 500.0),)).name
    'high places'
    """

    name: str
    """English name, used in tables and estimates."""
    translation: str = ""
    """The name in another language, for tables in two; empty for one."""
    filters: tuple[Filter, ...] = ()
    """Conditions, all of them met; with none, every row. Some groups alone are ``Filter(column, "in", groups)``."""

    def __post_init__(self) -> None:
        if not self.name:
            raise SpecificationError("the sample has no name; give a short English one.")

    @property
    def conditions(self) -> tuple[Filter, ...]:
        """What a row of the sample meets: the filters, and what a subclass says in fields of its own."""
        return self.filters

    def content(self) -> dict[str, object]:
        """What tells the sample from others, as ids hold it, without names.

        Samples of some groups had a list of their own here, which still stands in published ids, empty. A subclass
        whose ids hold more gives that.
        """
        return {"class": SampleSpec.__name__, "provinces": [], "filters": content_of(self.filters)}


Transform = Literal["level", "log", "centred", "standardised"]


@dataclass(frozen=True)
class Variable:
    """One column, with the transformation under which it enters.

    Examples
    --------
    >>> from shanhai.methods import Variable
    >>> Variable("gdp", "log").name
    'log_gdp'
    """

    column: str
    """Column of the frame."""
    transform: Transform = "level"
    """``level``; ``log`` (natural; rows of zero or less are dropped and counted); ``centred`` (minus the mean of the
    rows estimated on); ``standardised`` (centred, over the standard deviation of those rows, so the coefficient
    is per standard deviation of the sample)."""
    is_outcome: bool = False
    """True for a control that borders or terrain may themselves have changed (schooling, age structure,
    urbanisation): holding it fixed removes part of the effect, so results name it."""
    written: str = field(default="", compare=False)
    """How a formula wrote the variable, such as ``log(gdp)``, which then is its name in results; never part of the
    content, so that ids and equality follow from column and transform alone."""

    def __post_init__(self) -> None:
        require_column(self.column, "a variable")
        require(self.transform, Transform, f"the transform of {self.column!r}", "Other transforms: make a column.")

    @property
    def name(self) -> str:
        """Name of the term in results: as written, or ``log_``, ``centred_`` or ``z_`` before the column."""
        if self.written:
            return self.written
        prefix = {"level": "", "log": "log_", "centred": "centred_", "standardised": "z_"}
        return prefix[self.transform] + self.column


@dataclass(frozen=True)
class Interaction:
    """Product of two variables, each transformed first.

    Examples
    --------
    >>> from shanhai.methods import Interaction, Variable
    >>> Interaction(Variable("treated"), Variable("height", "centred")).name
    'treated:centred_height'
    """

    left: Variable
    """First factor."""
    right: Variable
    """Second factor; centre or standardise it so that the main effect of the first is read at its mean."""

    @property
    def name(self) -> str:
        """Name of the term in results: both names joined by a colon."""
        return f"{self.left.name}:{self.right.name}"


@dataclass(frozen=True)
class Bands:
    """Dummies for bands of a column; everything from the last edge on is the reference.

    Examples
    --------
    >>> from shanhai.methods import Bands
    >>> Bands("km", (0, 20, 50)).names
    ('km[0,20)', 'km[20,50)')
    """

    column: str
    """Column that is cut, such as a distance in km."""
    edges: tuple[float, ...]
    """Rising edges; band j holds ``edges[j] <= value < edges[j + 1]``."""

    def __post_init__(self) -> None:
        require_column(self.column, "the column of bands")
        if len(self.edges) < 2 or any(low >= high for low, high in zip(self.edges, self.edges[1:], strict=False)):
            raise SpecificationError(
                f"edges of the bands of {self.column!r} are {self.edges}; allowed: two or more rising numbers. "
                "Values from the last edge on are the reference that every band is compared with."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the terms, nearest band first, such as ``distance_to_border_km[0,20)``."""
        pairs = zip(self.edges, self.edges[1:], strict=False)
        return tuple(f"{self.column}[{low:g},{high:g})" for low, high in pairs)

    @property
    def reference(self) -> str:
        """Name of the band left out."""
        return f"{self.column}[{self.edges[-1]:g},)"


Term = Variable | Interaction | Bands


def _names(terms: tuple[Term, ...]) -> tuple[str, ...]:
    """Names of the coefficients of some terms, in order."""
    return tuple(name for term in terms for name in (term.names if isinstance(term, Bands) else (term.name,)))


@dataclass(frozen=True, repr=False)
class RegressionSpec(Shown):
    """One regression: outcome on terms and controls, within fixed effects, on a sample, with a covariance.

    Examples
    --------
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> spec = RegressionSpec(
    ...     Variable("gdp", "log"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("HC1"),
    ...     controls=(Variable("height"),),
    ...     fixed_effects=("province",),
    ... )
    >>> spec.names
    ('treated', 'height')
    """

    outcome: Variable
    """Left-hand side."""
    terms: tuple[Term, ...]
    """What the regression is about; a term that the sample cannot identify is refused. Empty: the mean alone, or fixed
    effects alone, with which columns of a table begin."""
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
    intercept: bool | None = field(default=None, metadata={"only_if_set": True})
    """False for a regression through the origin, which has neither intercept nor fixed effects."""

    def __post_init__(self) -> None:
        if self.intercept not in (None, False) or (self.intercept is False and self.fixed_effects):
            raise SpecificationError(
                f"intercept is {self.intercept!r} with fixed effects {self.fixed_effects}; allowed: False without "
                "fixed effects, which hold an intercept each, and None. Leave it out."
            )
        if not self.terms and (self.controls or self.intercept is False):
            raise SpecificationError(
                "the regression has no terms; allowed: none beside an intercept or fixed effects alone, else one or "
                "more. Name one, such as Variable('x')."
            )
        for column in (*self.fixed_effects, *((self.weights,) if self.weights is not None else ())):
            require_column(column, "a fixed effect or the weight")
        names = self.names
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise SpecificationError(f"terms named twice: {', '.join(twice)}; allowed: each once. Take one out.")
        if "intercept" in names and not self.fixed_effects and self.intercept is None:
            raise SpecificationError(
                "a term is named 'intercept', as the intercept of the regression is; allowed: any other name. Rename "
                "the column, or leave it out where it is the constant."
            )
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
    def first_term(self) -> str:
        """Name of the first of these, which most regressions are about.

        Raises
        ------
        SpecificationError
            If there is none.
        """
        if not self.terms:
            raise SpecificationError("the regression has no terms; allowed: one or more here. Name its treatment.")
        return self.term_names[0]

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
        return digest(content_of(self))


_LABELS = frozenset({"model", "name", "translation", "written"})
"""Fields that only name a specification; two that differ in nothing else are the same regression."""


def content_of(value: object) -> object:
    """The content of a specification as plain lists and dictionaries, class names kept and labels left out."""
    if isinstance(value, SampleSpec):
        return value.content()
    if is_dataclass(value):
        parts = {f.name: content_of(getattr(value, f.name)) for f in fields(value) if _counts(f, value)}
        return {"class": type(value).__name__, **parts}
    if isinstance(value, tuple):
        return [content_of(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _counts(part: Field[Any], value: object) -> bool:
    """Whether a field belongs to the content: labels never, later fields once they are set."""
    if part.name in _LABELS:
        return False
    return not ("only_if_set" in part.metadata and getattr(value, part.name) is None)
