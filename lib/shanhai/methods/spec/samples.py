"""Samples as values: which rows a regression speaks about."""

from dataclasses import dataclass
from typing import Literal

from shanhai.core.errors import SpecificationError
from shanhai.methods.spec.checks import require, require_column

Relation = Literal["==", "!=", "<", "<=", ">", ">=", "in"]


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
        require_column(self.column, "the column of a filter")
        require(self.relation, Relation, "the relation of a filter", "Negate with '!=' or write two filters.")
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
