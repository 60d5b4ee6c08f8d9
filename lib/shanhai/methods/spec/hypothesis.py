"""A test: a statistic whose size says nothing without its p-value, as ``tests.json`` holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.spec.identity import content_id
from shanhai.methods.spec.uncertain import (
    COUNTIES,
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


@dataclass(frozen=True)
class HypothesisTest:
    """One test: a statistic that is judged by its p-value or by draws without effect.

    Raises
    ------
    SpecificationError
        If it has neither a p-value nor an interval of draws without effect.

    Examples
    --------
    >>> HypothesisTest("China", "log_gdp", "main", "no valley", "F", 5.2, 2570, "HC3", p=0.001).record()["statistic"]
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
    unit: str = COUNTIES
    """What ``n`` counts."""
    method: str = ""
    """How the p-value is obtained: a distribution, permutation, placebo, with draws."""

    KIND: ClassVar[str] = "tests"
    """File of results that it belongs to."""

    def __post_init__(self) -> None:
        if not is_uncertain(vars(self)):
            raise SpecificationError(
                f"the test of {self.term!r} in {self.model!r} has the statistic {self.value!r} without p-value or "
                "draws without effect; allowed: a test with one of them. Publish the number as a Quantity."
            )

    @property
    def spec_id(self) -> str:
        """Id of the regression or design behind it."""
        return self.design_id or content_id(Design(self.sample, self.outcome, self.model, self.vcov, self.method))

    @property
    def id(self) -> str:
        """Id of this test: the same in every notebook and table that shows it."""
        names = self.sample, self.outcome, self.model, self.term, f"test: {self.statistic}", self.vcov, self.method
        return content_id(NumberKey(self.spec_id, *names))

    def record(self) -> dict[str, Any]:
        """Fields as JSON holds them: a missing or infinite number is null."""
        drawn = any(is_known(bound) for bound in (self.null_low, self.null_high))
        numbers = ("value", "p", "df", "df_denominator", "null_mean", "null_low", "null_high", "rejected")
        return {
            **{name: getattr(self, name) for name in ("id", "sample", "outcome", "model", "term", "statistic")},
            **{name: json_number(getattr(self, name)) for name in (*numbers, "rejected_error")},
            "level": self.level if drawn else None,
            "p_other": json_numbers(self.p_other),
            "n": int(self.n),
            "unit": self.unit,
            "clusters": json_count(self.clusters),
            "vcov": self.vcov or None,
            "method": self.method or None,
            "spec_id": self.spec_id,
        }


def hypothesis_tests(rows: pd.DataFrame, **given: object) -> tuple[HypothesisTest, ...]:
    """One test a row of a table, as :func:`estimates_of` makes estimates; rows without p-value are left out.

    Raises
    ------
    SpecificationError
        If a given name is no field.
    """
    return tuple(HypothesisTest(**row) for row in field_rows(HypothesisTest, rows, given))
