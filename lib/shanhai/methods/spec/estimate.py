"""An estimate with its uncertainty, a test, and a number that has none, as the files of results hold them.

``estimates.json`` is made of the first, ``tests.json`` of the second, ``quantities.json`` of the third. A test is a
statistic whose size says nothing without its p-value, such as F or a likelihood ratio. An estimate measures something
and has a standard error, an interval or a p-value; a rank, a count, a share of a total or a projection has none.

``spec_id`` names the regression that was fitted, or the design. A wild bootstrap and SCPC start from a fitted
regression and carry its ``spec_id``; ``vcov`` and ``method`` tell them apart, and so does ``id``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.spec.hypothesis import HypothesisTest
from shanhai.methods.spec.identity import content_id
from shanhai.methods.spec.uncertain import (
    COUNTIES,
    ENDS,
    LEVEL,
    Design,
    NumberKey,
    field_rows,
    is_known,
    is_uncertain,
    json_count,
    json_number,
    json_numbers,
)

__all__ = ["ENDS", "LEVEL", "Estimate", "Quantity", "Result", "estimates_of"]


@dataclass(frozen=True)
class Estimate:
    """One estimated number with its uncertainty.

    Raises
    ------
    SpecificationError
        If it has neither a standard error, nor an interval, nor a p-value; or neither covariance nor method.

    Examples
    --------
    >>> Estimate("China", "log_gdp", "main", "on_border", -0.11, 2570, "HC3", se=0.02).record()["se"]
    0.02
    """

    sample: str
    """Whose rows were used."""
    outcome: str
    """What is explained or measured."""
    model: str
    """How."""
    term: str
    """Coefficient, statistic or part that the number belongs to."""
    estimate: float
    """The number, in the unit in which it is shown."""
    n: int
    """Units used, never draws or regressions; ``unit`` says what they are."""
    vcov: str = ""
    """Estimator of the covariance behind error, interval and p-value; empty where there is none."""
    estimand: str = "coefficient"
    """What kind of number it is: a coefficient, a difference, a share."""
    se: float | None = None
    """Standard error."""
    low: float | None = None
    """Lower bound of the interval at ``level``."""
    high: float | None = None
    """Upper bound."""
    p: float | None = None
    """Two-sided p-value of no effect, or of the test that the number is the statistic of."""
    df: float | None = None
    """Degrees of freedom behind p-value and interval; missing where no t, F or chi-squared is used."""
    clusters: int | None = None
    """Clusters behind the errors (the smaller number of two ways)."""
    p_other: Mapping[str, float] = field(default_factory=dict)
    """Further p-values of the same number by name: Holm, Romano-Wolf, another permutation."""
    null_mean: float | None = None
    """Mean or median of the number among draws without effect."""
    null_low: float | None = None
    """Lower bound of the middle ``level`` of those draws."""
    null_high: float | None = None
    """Upper bound."""
    level: float = LEVEL
    """Coverage of the interval."""
    design_id: str = ""
    """Id of the specification or design; by default one that follows from sample, outcome, model and errors."""
    unit: str = COUNTIES
    """What ``n`` counts: counties, pairs of counties, prefectures."""
    method: str = ""
    """How error, interval or p-value are obtained beyond the covariance: bootstrap, permutation, with draws."""
    p_error: float | None = None
    """Standard error of a simulated p-value."""

    KIND: ClassVar[str] = "estimates"
    """File of results that it belongs to."""

    def __post_init__(self) -> None:
        if not (self.vcov or self.method):
            raise SpecificationError(
                f"{self.term!r} of {self.model!r} says neither by which covariance nor by which method it is "
                "uncertain. Give it vcov, as 'HC3', or method, as 'permutation (999)'."
            )
        if not is_uncertain(vars(self)):
            raise SpecificationError(
                f"{self.term!r} of {self.model!r} has the value {self.estimate!r} without standard error, interval or "
                "p-value; allowed: an estimate with one of them. Publish it as a Quantity."
            )

    @property
    def spec_id(self) -> str:
        """Id of the regression or design behind it; not of the method that was applied to it."""
        return self.design_id or content_id(Design(self.sample, self.outcome, self.model, self.vcov, self.method))

    @property
    def id(self) -> str:
        """Id of this number: the same in every notebook and table that shows it."""
        names = self.sample, self.outcome, self.model, self.term, self.estimand, self.vcov, self.method
        return content_id(NumberKey(self.spec_id, *names))

    def record(self) -> dict[str, Any]:
        """Fields as JSON holds them: a missing or infinite number is null."""
        interval = any(is_known(bound) for bound in (self.low, self.high, self.null_low, self.null_high))
        return {
            "id": self.id,
            "sample": self.sample,
            "outcome": self.outcome,
            "model": self.model,
            "term": self.term,
            "estimand": self.estimand,
            **{name: json_number(getattr(self, name)) for name in ("estimate", "se", "low", "high")},
            "level": self.level if interval else None,
            "p": json_number(self.p),
            "p_error": json_number(self.p_error),
            "p_other": json_numbers(self.p_other),
            "df": json_number(self.df),
            "n": int(self.n),
            "unit": self.unit,
            "clusters": json_count(self.clusters),
            **{name: json_number(getattr(self, name)) for name in ("null_mean", "null_low", "null_high")},
            "vcov": self.vcov or None,
            "method": self.method or None,
            "spec_id": self.spec_id,
        }


@dataclass(frozen=True)
class Quantity:
    """One number without uncertainty: a rank, a count, a share, a difference of records, a projection."""

    sample: str
    """Of whom."""
    quantity: str
    """What is measured."""
    model: str
    """How it is obtained."""
    term: str
    """Unit, year or part that the number belongs to."""
    value: float
    """The number."""
    n: int
    """Units behind it."""
    design_id: str = ""
    """Id of the design; by default one that follows from sample, quantity and model."""
    unit: str = COUNTIES
    """What ``n`` counts."""

    KIND: ClassVar[str] = "quantities"
    """File of results that it belongs to."""

    @property
    def spec_id(self) -> str:
        """Id of the design behind it."""
        return self.design_id or content_id(Design(self.sample, self.quantity, self.model, ""))

    @property
    def id(self) -> str:
        """Id of this number."""
        return content_id(NumberKey(self.spec_id, self.sample, self.quantity, self.model, self.term, "", ""))

    def record(self) -> dict[str, Any]:
        """Fields as JSON holds them."""
        named = {name: getattr(self, name) for name in ("id", "sample", "quantity", "model", "term")}
        counted = {"n": int(self.n), "unit": self.unit}
        return {**named, "value": json_number(self.value), **counted, "spec_id": self.spec_id}


Result = Estimate | HypothesisTest | Quantity
"""What a file of results holds."""


def estimates_of(rows: pd.DataFrame, **given: object) -> tuple[Estimate, ...]:
    """One estimate a row of a table, its fields from the columns of their names.

    Parameters
    ----------
    rows : DataFrame
        Columns that are no field are not used; ``spec_id`` is the id of the design.
    **given : value, or one value a row
        Fields that stand in for columns. A string is one value.

    Returns
    -------
    tuple of Estimate
        Rows without any uncertainty, such as a reference class at zero, are left out.

    Raises
    ------
    SpecificationError
        If a given name is no field.

    Examples
    --------
    >>> table = pd.DataFrame({"term": ["a", "b"], "estimate": [1.0, 0.0], "se": [0.5, float("nan")]})
    >>> [each.term for each in estimates_of(table, sample="s", outcome="y", model="m", n=9, vcov="HC3")]
    ['a']
    """
    return tuple(Estimate(**row) for row in field_rows(Estimate, rows, given))
