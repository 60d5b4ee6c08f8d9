"""Regressions as values: which sample, outcome, terms, fixed effects and covariance.

A specification holds names and choices only, never data. Tables, specification curves and tests take the same
object, and its ``spec_id`` follows from its content. Every column is a plain name: no formula is ever evaluated.
"""

import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass
from typing import Literal, get_args

from shanhai.errors import SpecificationError

CovarianceKind = Literal["iid", "HC1", "HC2", "HC3", "cluster"]
ClusterFactor = Literal["CR0", "CR1", "CR1S"]
Transform = Literal["level", "log", "centred", "standardised"]
Relation = Literal["==", "!=", "<", "<=", ">", ">=", "in"]


def _require(value: object, options: object, what: str, advice: str) -> None:
    """Refuse a value outside the options of a Literal."""
    allowed = get_args(options)
    if value not in allowed:
        raise SpecificationError(f"{what} is {value!r}; allowed: {', '.join(map(str, allowed))}. {advice}")


def _require_column(name: object, what: str) -> None:
    """Refuse anything that is not the plain name of a column, formulas above all."""
    if not (isinstance(name, str) and name.isidentifier()):
        raise SpecificationError(
            f"{what} is {name!r}; allowed: the plain name of one column (letters, digits, underscore). "
            "Formulas are not evaluated: make the column in the frame, or use Variable, Interaction or Bands."
        )


@dataclass(frozen=True)
class CovarianceSpec:
    """How the covariance of the estimates is computed."""

    kind: CovarianceKind
    """``iid``; heteroskedasticity-robust ``HC1``, ``HC2``, ``HC3`` (MacKinnon & White 1985); or ``cluster``."""
    by: tuple[str, ...] = ()
    """Cluster columns, one or two (two: Cameron, Gelbach & Miller 2011). Empty for all other kinds."""
    factor: ClusterFactor | None = None
    """Small-sample factor of ``cluster``, G clusters, N rows, K coefficients with the absorbed effects counted:
    ``CR0`` none; ``CR1`` G/(G-1); ``CR1S`` G/(G-1) x (N-1)/(N-K), the default of Stata and statsmodels.
    With two cluster columns G is the smaller number for all three parts, as in Stata's ivreg2 and R's fixest;
    statsmodels gives each part the factor of its own G."""

    def __post_init__(self) -> None:
        _require(self.kind, CovarianceKind, "the kind of covariance", "Use 'cluster' when neighbours share shocks.")
        if self.kind != "cluster":
            if self.by or self.factor:
                raise SpecificationError(
                    f"covariance {self.kind!r} takes neither clusters ({self.by}) nor a cluster factor "
                    f"({self.factor!r}). Set kind='cluster', or leave both out."
                )
            return
        if not isinstance(self.by, tuple) or len(self.by) not in (1, 2) or len(set(self.by)) != len(self.by):
            raise SpecificationError(
                f"cluster columns are {self.by!r}; allowed: a tuple of one or two different columns. "
                "Errors that move together in a prefecture are clustered by=('prefecture_code',)."
            )
        for column in self.by:
            _require_column(column, "a cluster column")
        _require(self.factor, ClusterFactor, "the small-sample factor", "Name it: conventions differ between packages.")

    @property
    def label(self) -> str:
        """Short name for tables and estimates, such as ``cluster(prefecture_code) CR1S``."""
        return f"cluster({', '.join(self.by)}) {self.factor}" if self.kind == "cluster" else self.kind


@dataclass(frozen=True)
class Filter:
    """One condition that rows of a sample meet."""

    column: str
    """Column that is compared."""
    relation: Relation
    """Comparison; ``in`` takes a tuple of values. A missing value never meets a condition."""
    value: str | float | bool | tuple[str | float, ...]
    """Value on the right-hand side."""

    def __post_init__(self) -> None:
        _require_column(self.column, "the column of a filter")
        _require(self.relation, Relation, "the relation of a filter", "Negate with '!=' or write two filters.")
        if (self.relation == "in") != isinstance(self.value, tuple):
            raise SpecificationError(
                f"filter on {self.column!r} compares {self.relation!r} with {self.value!r}; allowed: a tuple with "
                "'in', one value with every other relation."
            )


@dataclass(frozen=True)
class SampleSpec:
    """Which rows a regression speaks about."""

    name: str
    """English name, used in tables and estimates."""
    label_zh: str
    """Chinese name."""
    provinces: tuple[str, ...] = ()
    """Six-digit province codes (column ``province_code``); empty for all rows."""
    filters: tuple[Filter, ...] = ()
    """Further conditions, all of them met."""

    def __post_init__(self) -> None:
        if not self.name:
            raise SpecificationError("the sample has no name; give a short English one, such as 'Zhejiang'.")
        for code in self.provinces:
            if not (isinstance(code, str) and len(code) == 6 and code.isdigit() and code.endswith("0000")):
                raise SpecificationError(
                    f"province code {code!r} of sample {self.name!r}; allowed: text of six digits ending in 0000, "
                    "such as '330000' for Zhejiang."
                )


@dataclass(frozen=True)
class Variable:
    """One column, with the transformation under which it enters."""

    column: str
    """Column of the frame."""
    transform: Transform = "level"
    """``level``; ``log`` (natural; rows of zero or less are dropped and counted); ``centred`` (minus the mean of the
    rows estimated on); ``standardised`` (centred, over the standard deviation of those rows, so the coefficient
    is per standard deviation of the sample)."""
    is_outcome: bool = False
    """True for a control that borders or terrain may themselves have changed (schooling, age structure,
    urbanisation): holding it fixed removes part of the effect, so results name it."""

    def __post_init__(self) -> None:
        _require_column(self.column, "a variable")
        _require(self.transform, Transform, f"the transform of {self.column!r}", "Other transforms: make a column.")

    @property
    def name(self) -> str:
        """Name of the term in results: ``log_``, ``centred_`` or ``z_`` before the column."""
        prefix = {"level": "", "log": "log_", "centred": "centred_", "standardised": "z_"}
        return prefix[self.transform] + self.column


@dataclass(frozen=True)
class Interaction:
    """Product of two variables, each transformed first."""

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
    """Dummies for bands of a column; everything from the last edge on is the reference."""

    column: str
    """Column that is cut, such as a distance in km."""
    edges: tuple[float, ...]
    """Rising edges; band j holds ``edges[j] <= value < edges[j + 1]``."""

    def __post_init__(self) -> None:
        _require_column(self.column, "the column of bands")
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
            _require_column(column, "a fixed effect or the weight")
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
        text = json.dumps(_content(self), ensure_ascii=True, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


LABELS = frozenset({"model", "name", "label_zh"})
"""Fields that only name a specification; two that differ in nothing else are the same regression."""


def _content(value: object) -> object:
    """The content of a specification as plain lists and dictionaries, class names kept and labels left out."""
    if is_dataclass(value):
        parts = {f.name: _content(getattr(value, f.name)) for f in fields(value) if f.name not in LABELS}
        return {"class": type(value).__name__, **parts}
    if isinstance(value, tuple):
        return [_content(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
