"""A regression in one line: a formula and the name of its errors, read into a specification of the methods."""

import ast
import re
from collections.abc import Callable, Iterator
from typing import Final, TypeVar, cast, get_args

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods import fit as fit_spec
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import (
    ClusterFactor,
    CovarianceKind,
    CovarianceSpec,
    Interaction,
    Kernel,
    RegressionSpec,
    SampleSpec,
    Term,
    Transform,
    Variable,
)

_Part = TypeVar("_Part", bound=Term)

_FORMS: Final[dict[str, Transform]] = {
    "log": "log",
    "centred": "centred",
    "standardised": "standardised",
    "z": "standardised",
}
"""What may stand around a column of a formula."""

_WRITE = (
    "Write outcome ~ term + term | fixed effects, as in log(gdp_per_capita_2021) ~ on_border * z(ruggedness) |"
    " province_code, with log(), centred() or z() (standardised) around a column, a * b for both and their product,"
    " a:b for the product alone."
)

_NAME_ERRORS = (
    'Name them: "conley(200 km)", "conley(uniform, 200 km)", "cluster(prefecture_code)", "cluster(prefecture_code) CV3"'
    ' or "HC3".'
)

_CONLEY = re.compile(r"conley\((?:(?P<kernel>\w+),)?(?P<km>\d+(?:\.\d+)?)(?:km)?(?P<repair>,repaired)?\)")
_CLUSTER = re.compile(r"cluster\((?P<by>\w+(?:,\w+)?)\)(?P<factor>\w*)")


def fit(
    formula: str | RegressionSpec,
    frame: pd.DataFrame,
    *,
    errors: str | CovarianceSpec = "",
    weights: str | None = None,
    sample: str = "rows of the frame",
) -> FitResult:
    """Estimate a regression by least squares.

    Parameters
    ----------
    formula : str or RegressionSpec
        ``outcome ~ term + term | fixed effects``: columns of the frame, with ``log()``, ``centred()`` or ``z()``
        (standard deviations from the mean) around them; ``a * b`` for both and their product, ``a:b`` for it alone.
    frame : DataFrame
        One row a unit, as :func:`shanhai.counties` gives them. Rows with a missing value are left out and counted.
    errors : str or CovarianceSpec
        ``"conley(200 km)"`` (shared by near rows; Bartlett kernel, from ``longitude`` and ``latitude``),
        ``"cluster(prefecture_code)"`` (CR1S unless another factor stands behind it), ``"HC3"``. There is no default:
        neighbouring counties share shocks, and who estimates says how far. Only a ``RegressionSpec`` has its own.
    weights : str, optional
        Column of positive weights.
    sample : str
        What the rows are, for tables.

    Raises
    ------
    SpecificationError
        If formula or errors cannot be read, a column is unknown, or the regression cannot be estimated.

    Examples
    --------
    >>> import pandas as pd
    >>> import shanhai as sh
    >>> schools = pd.DataFrame({"score": [3.0, 5.0, 4.0, 8.0], "hours": [1.0, 2.0, 3.0, 4.0]})
    >>> result = sh.fit("score ~ hours", schools, errors="HC1")
    >>> [round(float(value), 3) for value in result.params]  # 1.4 = 7 / 5
    [1.5, 1.4]
    """
    if isinstance(formula, RegressionSpec):
        return fit_spec(formula, frame)
    outcome, terms, effects = _read(formula)
    return fit_spec(
        RegressionSpec(outcome, terms, SampleSpec(sample), _covariance(errors), fixed_effects=effects, weights=weights),
        frame,
    )


def _read(formula: str) -> tuple[Variable, tuple[Term, ...], tuple[str, ...]]:
    """Outcome, terms and fixed effects of a formula."""
    left, tilde, right = str(formula).partition("~")
    terms, _, effects = right.partition("|")
    if not (tilde and left.strip() and terms.strip()) or "|" in effects:
        raise _unreadable(formula)
    outcome, *more = _parsed(left, formula, _variables)
    fixed = _parsed(effects, formula, _variables) if effects.strip() else []
    if more or any(variable.transform != "level" for variable in fixed):
        raise _unreadable(formula)
    return outcome, tuple(dict.fromkeys(_parsed(terms, formula, _terms))), tuple(part.column for part in fixed)


def _parsed(text: str, formula: str, read: Callable[[ast.expr], Iterator[_Part]]) -> list[_Part]:
    try:
        # a colon binds two columns of R's formulas; in Python @ stands in the same place
        return list(read(ast.parse(text.replace(":", "@").strip(), mode="eval").body))
    except (SyntaxError, _UnreadableError) as error:
        raise _unreadable(formula) from error


class _UnreadableError(Exception):
    """A part of a formula that is no term."""


def _unreadable(formula: str) -> SpecificationError:
    return SpecificationError(f"formula {formula!r} cannot be read; allowed: columns joined by +. {_WRITE}")


def _variables(node: ast.expr) -> Iterator[Variable]:
    """Columns, each alone or in a function, joined by +."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _variables(left)
            yield from _variables(right)
        case ast.Name(id=column):
            yield Variable(column)
        case ast.Call(func=ast.Name(id=form), args=[ast.Name(id=column)], keywords=[]) if form in _FORMS:
            yield Variable(column, _FORMS[form])
        case _:
            raise _UnreadableError


def _terms(node: ast.expr) -> Iterator[Term]:
    """Columns and products of two."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _terms(left)
            yield from _terms(right)
        case ast.BinOp(left=left, op=ast.Mult() | ast.MatMult() as joined, right=right):
            if isinstance(left, ast.BinOp) or isinstance(right, ast.BinOp):
                raise _UnreadableError
            (first,), (second,) = _variables(left), _variables(right)
            if isinstance(joined, ast.Mult):
                yield from (first, second)
            yield Interaction(first, second)
        case _:
            yield from _variables(node)


def _covariance(errors: str | CovarianceSpec) -> CovarianceSpec:
    """The covariance that a text names."""
    if isinstance(errors, CovarianceSpec):
        return errors
    text = str(errors).replace(" ", "")
    if found := _CONLEY.fullmatch(text):
        kernel = cast(Kernel, found["kernel"] or "bartlett")
        return CovarianceSpec.conley(kernel, float(found["km"]), repair=bool(found["repair"]))
    if found := _CLUSTER.fullmatch(text):
        factor = cast(ClusterFactor, found["factor"] or "CR1S")
        return CovarianceSpec("cluster", tuple(found["by"].split(",")), factor)
    if text in get_args(CovarianceKind) and text not in ("cluster", "conley"):
        return CovarianceSpec(cast(CovarianceKind, text))
    raise SpecificationError(f"errors are {errors!r}; allowed: clustered, spatial or robust ones. {_NAME_ERRORS}")
