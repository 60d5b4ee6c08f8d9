"""Claims of the papers, and the registry of the functions that test them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from shanhai.claims.verdicts import Verdict
from shanhai.core.errors import ClaimError

if TYPE_CHECKING:
    from shanhai.claims.evidence import Evidence

_Value = float | int | str | Sequence[str] | Mapping[str, float | bool]


@dataclass(frozen=True)
class Claim:
    """One row of the claims table: what a paper asserts about a place."""

    id: str
    """Letter of the paper (Q, S, M, B, P, L) and running number."""
    seed: str
    """Name of the paper."""
    place: str
    indicator: str
    period: str
    """Year that the claim is about, as printed; empty when the paper gives none."""
    relation: str
    """How the paper relates the figure: eq, lt, gt, rank, share, sign, list, target, ..."""
    value: str
    """Printed figure or figures (``;`` between them), empty when the paper prints none."""
    unit: str
    reference: str
    """What the figure is compared with."""
    reference_value: str
    gist: str
    part_of: str = ""
    """Id of the compound claim of which this is a part; a compound claim itself has no verdict."""
    whole: str = ""
    """The compound claim in our words, taken from its row; no column of the table."""
    statements: str = ""
    """Ids of the statements of the documents that the claim stands for, ``;`` between them."""
    line: str = ""
    """Line of the document."""
    reading: str = ""
    """How the words are read, where another reading is possible or an earlier one was wrong, and why."""
    basis: str = ""
    """Key of the one primary basis, which alone decides; empty where nothing is tested."""
    basis_reason: str = ""
    """Why that basis, by the rule of :mod:`shanhai.claims.engine`."""
    refuted_by: str = ""
    """For a bound or a tolerance: a wrong value that might well have been printed, a colon, and why (``2661: ...``)."""
    seen: str = ""
    """What was known when basis, rule or margin was fixed."""
    needs: str = ""
    """The source that would be needed, where the tables hold nothing or the document names no quantity."""
    same_as: str = ""
    """Id of the claim that this one repeats; counted once."""

    @property
    def printed(self) -> tuple[str, ...]:
        """Printed figures of the subject, one text each."""
        return _figures(self.value)

    @property
    def printed_references(self) -> tuple[str, ...]:
        """Printed figures of what the subject is compared with."""
        return _figures(self.reference_value)

    @property
    def number(self) -> float:
        """The one printed figure as a number."""
        if len(self.printed) != 1:
            raise ClaimError(f"Claim {self.id} prints {self.value!r}; a rule for one number needs exactly one.")
        return float(self.printed[0])

    @property
    def wrong_value(self) -> str:
        """The printed value by which ``refuted_by`` says that the test would fail; empty if it names none."""
        return self.refuted_by.partition(":")[0].strip()

    @property
    def stated(self) -> str:
        """The claim in one line: figure, unit and what it is compared with; its gist when no figure is printed."""
        if self.relation == "sign" or not any(text[0].isdigit() for text in self.printed):
            return self.gist
        own = f"{self.value} {self.unit}".strip()
        other = " ".join(part for part in (self.reference, self.reference_value) if part)
        if self.relation in ("lt", "gt") and not other:
            return f"{'less' if self.relation == 'lt' else 'more'} than {own}"
        if self.relation in ("lt", "gt"):
            return f"{own} {'<' if self.relation == 'lt' else '>'} {other}"
        return f"{own} ({other})" if other else own


@dataclass(frozen=True)
class Measured:
    """What the data say about a claim on one basis."""

    key: str
    """Short name of the basis, by which the claims table picks the primary one: ``residents_2020``."""
    value: _Value
    """The quantity of the claim, in its unit; otherwise a mapping that names each quantity, the deciding one first."""
    basis: str
    """Denominator, year, population (resident or registered) and boundaries that the value stands on."""
    same_basis: bool = False
    """Whether year and quantity are those of the claim, so that the digits may be compared."""
    note: str = ""
    documents_only: bool = False
    """Whether only figures and names of the documents are compared, so that no official figure could refute."""
    same_quantity: bool = True
    """Whether it is the quantity of the claim. Another one stands beside it and is not counted; a claim whose primary
    basis is another quantity has no data."""
    also_meant: bool = False
    """Whether the words fit this quantity as well as the primary one (residents and registered people for 人口 alone):
    if it gives another answer, the claim is underspecified."""
    one_sided: bool = False
    """Whether ``p`` is one-sided."""
    p: float | None = None
    """p-value of the estimate that decides, for the correction over the ledger; None where nothing is estimated."""


@dataclass(frozen=True)
class Rule:
    """How a measured value is compared with a claim; made by the functions of :mod:`shanhai.claims.rules`."""

    judge: Callable[[Claim, Measured], Verdict]
    bound: bool = False
    """Whether it is a bound or a tolerance, which tests only if a plausible wrong value fails it."""
    undecided: Callable[[Measured], str] | None = None
    """What the finding says of a basis that the rule leaves inconclusive; None if the rule always decides."""

    def __call__(self, claim: Claim, measured: Measured) -> Verdict:
        """Verdict on one basis."""
        return self.judge(claim, measured)


_Test = Callable[[Claim, "Evidence"], Measured | tuple[Measured, ...]]


@dataclass(frozen=True)
class Check:
    """A test of one claim: the function that computes, the rule that compares, the data it reads."""

    test: _Test
    rule: Rule
    data: tuple[str, ...]


CHECKS: dict[str, Check] = {}
"""Checks by claim id, filled by the modules of the papers."""


def check(*ids: str, rule: Rule, data: tuple[str, ...]) -> Callable[[_Test], _Test]:
    """Register a function as the test of the claims ``ids``, with the rule that compares its value.

    Raises
    ------
    ClaimError
        If a claim already has a test.
    """

    def register(test: _Test) -> _Test:
        for claim_id in ids:
            if claim_id in CHECKS:
                raise ClaimError(f"Claim {claim_id} already has the test {CHECKS[claim_id].test.__name__}; keep one.")
            CHECKS[claim_id] = Check(test, rule, data)
        return test

    return register


def claims_from(table: pd.DataFrame) -> tuple[Claim, ...]:
    """Claims of the table ``claims``, in its order, empty cells as empty texts."""
    columns = [name for name in Claim.__dataclass_fields__ if name != "whole"]
    texts = table[columns].astype(object).where(table[columns].notna(), "").astype(str)
    gists = dict(zip(texts["id"], texts["gist"], strict=True))
    rows = [dict(zip(columns, row, strict=True)) for row in texts.itertuples(index=False, name=None)]
    return tuple(Claim(**row, whole=gists.get(row["part_of"], "")) for row in rows)


def leading_number(text: str) -> float:
    """First number of a printed text such as ``37.42 (100m yuan)``.

    Raises
    ------
    ClaimError
        If the text does not begin with a number.
    """
    found = re.match(r"-?\d+(\.\d+)?", text.strip())
    if found is None:
        raise ClaimError(f"The text {text!r} does not begin with a number; correct the claims table.")
    return float(found.group())


def _figures(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())
