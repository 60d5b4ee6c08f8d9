"""An estimated number with its uncertainty, and a number that has none, as the files of results hold them.

``estimates.json`` is made of the first, ``quantities.json`` of the second. What counts is whether a standard error, an
interval or a p-value belongs to the number: a rank, a count, a share of a total or a projection has none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from math import isfinite
from typing import Any

import pandas as pd

from shanhai.errors import SpecificationError
from shanhai.spec.identity import content_id

LEVEL = 0.95
"""Coverage of every confidence interval."""

ENDS = (round(0.5 - LEVEL / 2, 12), round(0.5 + LEVEL / 2, 12))
"""Quantiles between which the middle of draws or of a distribution lies."""


@dataclass(frozen=True)
class Design:
    """What tells an estimate apart where no specification with an id of its own stands behind it."""

    sample: str
    outcome: str
    model: str
    vcov: str


@dataclass(frozen=True)
class _Key:
    """What tells an estimate apart from every other."""

    spec_id: str
    sample: str
    outcome: str
    model: str
    term: str
    estimand: str
    vcov: str


@dataclass(frozen=True)
class Estimate:
    """One estimated number with its uncertainty.

    Raises
    ------
    SpecificationError
        If it has neither a standard error, nor an interval, nor a p-value.

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
    """Units used: counties, pairs, prefectures, as the sample says."""
    vcov: str
    """How error, interval and p-value are obtained: covariance, bootstrap, permutation, placebo, with draws."""
    estimand: str = "coefficient"
    """What kind of number it is: a coefficient, a difference, a test statistic, a share."""
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

    def __post_init__(self) -> None:
        if not _is_uncertain(vars(self)):
            raise SpecificationError(
                f"{self.term!r} of {self.model!r} has the value {self.estimate!r} without standard error, interval or "
                "p-value; allowed: an estimate with one of them. Publish it as a Quantity."
            )

    @property
    def spec_id(self) -> str:
        """Id of the specification or design behind it."""
        return self.design_id or content_id(Design(self.sample, self.outcome, self.model, self.vcov))

    @property
    def id(self) -> str:
        """Id of this number: the same in every notebook and table that shows it."""
        return content_id(
            _Key(self.spec_id, self.sample, self.outcome, self.model, self.term, self.estimand, self.vcov)
        )

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
            **{name: _number(getattr(self, name)) for name in ("estimate", "se", "low", "high")},
            "level": self.level if interval else None,
            "p": _number(self.p),
            "p_other": {name: _number(p) for name, p in sorted(self.p_other.items()) if _is_finite(p)},
            "df": _number(self.df),
            "n": int(self.n),
            "clusters": None if _number(self.clusters) is None else int(self.clusters or 0),
            **{name: _number(getattr(self, name)) for name in ("null_mean", "null_low", "null_high")},
            "vcov": self.vcov,
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

    @property
    def spec_id(self) -> str:
        """Id of the design behind it."""
        return self.design_id or content_id(Design(self.sample, self.quantity, self.model, ""))

    @property
    def id(self) -> str:
        """Id of this number."""
        return content_id(_Key(self.spec_id, self.sample, self.quantity, self.model, self.term, "", ""))

    def record(self) -> dict[str, Any]:
        """Fields as JSON holds them."""
        named = {name: getattr(self, name) for name in ("id", "sample", "quantity", "model", "term")}
        return {**named, "value": _number(self.value), "n": int(self.n), "spec_id": self.spec_id}


FIELDS = frozenset(each.name for each in fields(Estimate))


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
    if strangers := sorted(set(given) - FIELDS):
        raise SpecificationError(
            f"no field {', '.join(strangers)} of an estimate; allowed: {', '.join(sorted(FIELDS))}."
        )
    table = rows.rename(columns={"spec_id": "design_id"})
    columns = {name: list(table[name]) for name in table.columns if name in FIELDS}
    for name, value in given.items():
        if isinstance(value, Iterable) and not isinstance(value, str | Mapping):
            columns[name] = list(value)
        else:
            columns[name] = [value] * len(rows)
    made = (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    return tuple(Estimate(**row) for row in made if _is_uncertain(row))


def _is_uncertain(row: Mapping[str, Any]) -> bool:
    """Whether a row has a standard error, a p-value, or a whole interval of its own or of draws without effect."""
    numbers = (row.get("se"), row.get("p"), *row.get("p_other", {}).values())
    intervals = (("low", "high"), ("null_low", "null_high"))
    return any(map(_is_finite, numbers)) or any(all(_is_known(row.get(name)) for name in pair) for pair in intervals)


def _is_known(value: Any) -> bool:
    return value is not None and not pd.isna(value)


def _is_finite(value: Any) -> bool:
    return _is_known(value) and isfinite(value)


def _number(value: Any) -> float | None:
    return float(value) if _is_finite(value) else None
