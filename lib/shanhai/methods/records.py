"""Records of results as their files hold them: an estimate, a test, and a number without uncertainty.

``estimates.json`` is made of the first, ``tests.json`` of the second, ``quantities.json`` of the third. A test is a
statistic whose size says nothing without its p-value, such as F or a likelihood ratio. An estimate measures something
and has a standard error, an interval or a p-value; a rank, a count, a share of a total or a projection has none.

``spec_id`` names the regression that was fitted, or the design. A wild bootstrap and SCPC start from a fitted
regression and carry its ``spec_id``; ``vcov`` and ``method`` tell them apart, and so does ``id``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from math import isfinite
from typing import Any, ClassVar, Self

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.estimate import LEVEL, Estimate
from shanhai.methods.spec.identity import digest

_ROWS = "observations"
"""What a file says is counted where no caller says it."""


@dataclass(frozen=True)
class EstimateRecord:
    """One estimated number with its uncertainty, and where it belongs.

    Raises
    ------
    SpecificationError
        If it has neither a standard error, nor an interval, nor a p-value; or neither covariance nor method.

    Examples
    --------
    >>> record = EstimateRecord("men", "log_wage", "main", "union", 0.18, 545, "HC3", se=0.02, unit="workers").record()
    >>> record["se"], record["n"], record["unit"]
    (0.02, 545, 'workers')
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
    unit: str = ""
    """What ``n`` counts, in the plural: firms, pairs of states; empty for the rows of the regression."""
    method: str = ""
    """How error, interval or p-value are obtained beyond the covariance: bootstrap, permutation, with draws."""
    p_error: float | None = None
    """Standard error of a simulated p-value."""

    KIND: ClassVar[str] = "estimates"
    """File of results that it belongs to."""

    @classmethod
    def of(cls, number: Estimate, sample: str, outcome: str, model: str, term: str, n: int, **more: Any) -> Self:
        """Record of an estimate with its t-based interval and p-value.

        Parameters
        ----------
        number : Estimate
            Its ``error`` becomes ``vcov``.
        sample, outcome, model, term, n, **more
            Further fields.

        Raises
        ------
        SpecificationError
            If the estimate has no standard error, or no name of it.
        """
        low, high = number.interval()
        return cls(
            sample, outcome, model, term, number.value, n, number.error,
            se=number.se, low=low, high=high, p=number.p, df=number.df, **more,
        )  # fmt: skip

    def __post_init__(self) -> None:
        if not (self.vcov or self.method):
            raise SpecificationError(
                f"{self.term!r} of {self.model!r} says neither by which covariance nor by which method it is "
                "uncertain. Give it vcov, as 'HC3', or method, as 'permutation (999)'."
            )
        if not _is_uncertain(vars(self)):
            raise SpecificationError(
                f"{self.term!r} of {self.model!r} has the value {self.estimate!r} without standard error, interval or "
                "p-value; allowed: an estimate with one of them. Publish it as a Quantity."
            )

    @property
    def spec_id(self) -> str:
        """Id of the regression or design behind it; not of the method that was applied to it."""
        return self.design_id or _design_id(self.sample, self.outcome, self.model, self.vcov, self.method)

    @property
    def id(self) -> str:
        """Id of this number: the same in every notebook and table that shows it."""
        names = self.sample, self.outcome, self.model, self.term, self.estimand, self.vcov, self.method
        return _number_id(self.spec_id, *names)

    def record(self) -> dict[str, Any]:
        """Fields as JSON holds them: a missing or infinite number is null."""
        interval = any(_is_known(bound) for bound in (self.low, self.high, self.null_low, self.null_high))
        return {
            "id": self.id,
            "sample": self.sample,
            "outcome": self.outcome,
            "model": self.model,
            "term": self.term,
            "estimand": self.estimand,
            **{name: _json_number(getattr(self, name)) for name in ("estimate", "se", "low", "high")},
            "level": self.level if interval else None,
            "p": _json_number(self.p),
            "p_error": _json_number(self.p_error),
            "p_other": _json_numbers(self.p_other),
            "df": _json_number(self.df),
            "n": int(self.n),
            "unit": self.unit or _ROWS,
            "clusters": _json_count(self.clusters),
            **{name: _json_number(getattr(self, name)) for name in ("null_mean", "null_low", "null_high")},
            "vcov": self.vcov or None,
            "method": self.method or None,
            "spec_id": self.spec_id,
        }


@dataclass(frozen=True)
class HypothesisTest:
    """One test: a statistic that is judged by its p-value or by draws without effect.

    Raises
    ------
    SpecificationError
        If it has neither a p-value nor an interval of draws without effect.

    Examples
    --------
    >>> HypothesisTest("men", "log_wage", "main", "no trend", "F", 5.2, 545, "HC3", p=0.001).record()["statistic"]
    'F'
    """

    sample: str
    """Whose rows were used."""
    outcome: str
    """What is explained or measured."""
    model: str
    """How."""
    term: str
    """What is tested."""
    statistic: str
    """Name of the statistic: F, chi-squared, t, likelihood ratio."""
    value: float
    """The statistic."""
    n: int
    """Units used, never draws or regressions; ``unit`` says what they are."""
    vcov: str = ""
    """Estimator of the covariance behind the statistic; empty where there is none."""
    p: float | None = None
    """p-value."""
    df: float | None = None
    """Degrees of freedom, of an F those of its numerator; missing where p is drawn."""
    df_denominator: float | None = None
    """Degrees of freedom of the denominator of an F."""
    clusters: int | None = None
    """Clusters behind the covariance or the draws."""
    p_other: Mapping[str, float] = field(default_factory=dict)
    """Further p-values of the same hypothesis by name."""
    null_mean: float | None = None
    """Mean or median of the statistic among draws without effect."""
    null_low: float | None = None
    """Lower bound of the middle ``level`` of those draws."""
    null_high: float | None = None
    """Upper bound."""
    rejected: float | None = None
    """Percent of draws without effect that the test at 5 % rejects."""
    rejected_error: float | None = None
    """Simulation error of that percentage."""
    level: float = LEVEL
    """Coverage of the interval of draws."""
    design_id: str = ""
    """Id of the specification or design; by default one that follows from sample, outcome, model and errors."""
    unit: str = ""
    """What ``n`` counts; empty for rows."""
    method: str = ""
    """How the p-value is obtained: a distribution, permutation, placebo, with draws."""

    KIND: ClassVar[str] = "tests"
    """File of results that it belongs to."""

    def __post_init__(self) -> None:
        if not _is_uncertain(vars(self)):
            raise SpecificationError(
                f"the test of {self.term!r} in {self.model!r} has the statistic {self.value!r} without p-value or "
                "draws without effect; allowed: a test with one of them. Publish the number as a Quantity."
            )

    @property
    def spec_id(self) -> str:
        """Id of the regression or design behind it."""
        return self.design_id or _design_id(self.sample, self.outcome, self.model, self.vcov, self.method)

    @property
    def id(self) -> str:
        """Id of this test: the same in every notebook and table that shows it."""
        names = self.sample, self.outcome, self.model, self.term, f"test: {self.statistic}", self.vcov, self.method
        return _number_id(self.spec_id, *names)

    def record(self) -> dict[str, Any]:
        """Fields as JSON holds them: a missing or infinite number is null."""
        drawn = any(_is_known(bound) for bound in (self.null_low, self.null_high))
        numbers = ("value", "p", "df", "df_denominator", "null_mean", "null_low", "null_high", "rejected")
        return {
            **{name: getattr(self, name) for name in ("id", "sample", "outcome", "model", "term", "statistic")},
            **{name: _json_number(getattr(self, name)) for name in (*numbers, "rejected_error")},
            "level": self.level if drawn else None,
            "p_other": _json_numbers(self.p_other),
            "n": int(self.n),
            "unit": self.unit or _ROWS,
            "clusters": _json_count(self.clusters),
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
    unit: str = ""
    """What ``n`` counts; empty for rows."""

    KIND: ClassVar[str] = "quantities"
    """File of results that it belongs to."""

    @property
    def spec_id(self) -> str:
        """Id of the design behind it."""
        return self.design_id or _design_id(self.sample, self.quantity, self.model)

    @property
    def id(self) -> str:
        """Id of this number."""
        return _number_id(self.spec_id, self.sample, self.quantity, self.model, self.term)

    def record(self) -> dict[str, Any]:
        """Fields as JSON holds them."""
        named = {name: getattr(self, name) for name in ("id", "sample", "quantity", "model", "term")}
        counted = {"n": int(self.n), "unit": self.unit or _ROWS}
        return {**named, "value": _json_number(self.value), **counted, "spec_id": self.spec_id}


Result = EstimateRecord | HypothesisTest | Quantity
"""What a file of results holds."""


def estimates_of(rows: pd.DataFrame, **given: object) -> tuple[EstimateRecord, ...]:
    """One estimate a row of a table, its fields from the columns of their names.

    Parameters
    ----------
    rows : DataFrame
        Columns that are no field are not used; ``spec_id`` is the id of the design.
    **given : value, or one value a row
        Fields that stand in for columns. A string is one value.

    Returns
    -------
    tuple of EstimateRecord
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
    return tuple(EstimateRecord(**row) for row in _field_rows(EstimateRecord, rows, given))


def hypothesis_tests(rows: pd.DataFrame, **given: object) -> tuple[HypothesisTest, ...]:
    """One test a row of a table, as :func:`estimates_of` makes estimates; rows without p-value are left out.

    Raises
    ------
    SpecificationError
        If a given name is no field.
    """
    return tuple(HypothesisTest(**row) for row in _field_rows(HypothesisTest, rows, given))


def _field_rows(kind: type, rows: pd.DataFrame, given: Mapping[str, object]) -> list[dict[str, Any]]:
    """Fields of each row that has any uncertainty."""
    allowed = {attribute.name for attribute in fields(kind)}
    if strangers := sorted(set(given) - allowed):
        raise SpecificationError(
            f"no field {', '.join(strangers)} of {kind.__name__}; allowed: {', '.join(sorted(allowed))}."
        )
    table = rows.rename(columns={"spec_id": "design_id"})
    columns = {name: list(table[name]) for name in table.columns if name in allowed}
    for name, value in given.items():
        if isinstance(value, Iterable) and not isinstance(value, str | Mapping):
            columns[name] = list(value)
        else:
            columns[name] = [value] * len(rows)
    made = (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    return [row for row in made if _is_uncertain(row)]


def _is_uncertain(row: Mapping[str, Any]) -> bool:
    """Whether a row has a standard error, a p-value, or a whole interval of its own or of draws without effect."""
    numbers = (row.get("se"), row.get("p"), *row.get("p_other", {}).values())
    intervals = (("low", "high"), ("null_low", "null_high"))
    return any(map(_is_finite, numbers)) or any(all(_is_known(row.get(name)) for name in pair) for pair in intervals)


def _is_known(value: Any) -> bool:
    """Whether a value is there at all; an infinite bound is."""
    return value is not None and not pd.isna(value)


def _is_finite(value: Any) -> bool:
    """Whether a value is a finite number."""
    return _is_known(value) and isfinite(value)


def _json_numbers(named: Mapping[str, float]) -> dict[str, float | None]:
    """Finite numbers by name, sorted."""
    return {name: _json_number(value) for name, value in sorted(named.items()) if _is_finite(value)}


def _json_count(value: Any) -> int | None:
    """A count, or null."""
    return int(value) if _is_finite(value) else None


def _json_number(value: Any) -> float | None:
    """A number, or null where it is missing or infinite."""
    return float(value) if _is_finite(value) else None


def _design_id(sample: str, outcome: str, model: str, vcov: str = "", method: str = "") -> str:
    """What tells a number apart where no specification with an id of its own stands behind it."""
    content = {"sample": sample, "outcome": outcome, "model": model, "vcov": vcov, "method": method}
    return digest({"class": "Design", **content})


def _number_id(
    spec_id: str, sample: str, outcome: str, model: str, term: str, estimand: str = "", vcov: str = "", method: str = ""
) -> str:
    """What tells a number apart from every other."""
    content = {"spec_id": spec_id, "sample": sample, "outcome": outcome, "model": model, "term": term}
    return digest({"class": "NumberKey", **content, "estimand": estimand, "vcov": vcov, "method": method})
