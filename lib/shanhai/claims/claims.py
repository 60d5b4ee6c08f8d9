"""Claims of the papers, and the registry of the functions that test them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

import pandas as pd

from shanhai.claims.verdicts import WORDS, Verdict
from shanhai.core.errors import ClaimError
from shanhai.render.words import Pair

if TYPE_CHECKING:
    from shanhai.claims.evidence import Evidence

_Value = float | int | str | Sequence[str] | Mapping[str, float | bool]

_NUMBER, _DATE = r"-?\d{1,15}(\.\d{1,10})?", r"\d{4}-\d\d(-\d\d)?"
"""A printed figure, of no more digits than a number holds, and a printed month or day."""

_PLAUSIBLE = 3.0
"""How many times a wrong value may at most be the printed one, or the printed one it: what is printed or published
near the right figure lies closer, and nearly any bound would fail a value farther off."""

_SIGNS = {"+": 1, "-": -1}

_FORMS = {
    "statements": (r"(N\d{4}(;N\d{4})*)?", "ids of the table statements such as N0012, with ; between them"),
    "line": (r"([1-9]\d*)?", "a whole number from 1, or nothing"),
    "basis": (r"[a-z0-9_]*", "the one key of a basis that its test measures, or nothing"),
    "refuted_by": (
        rf"({_NUMBER}: \S.*)?",
        "a number, a colon, a space and why it is plausible (2661: ...), or nothing",
    ),
}
"""What the cells of a claim may hold, by column: a pattern, and the same in words."""

_PAIRED = ("place", "indicator", "unit", "reference", "reference_value", "gist")
"""Columns with a Chinese one beside them."""

_EXPLAINED = ("reading", "basis_reason", "refuted_by", "seen", "needs")
"""Columns whose Chinese may be left out in a table of a user's own: the Chinese ledger then has the English."""

_HAN = re.compile(r"[㐀-鿿]")


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
    place_zh: str = ""
    indicator_zh: str = ""
    unit_zh: str = ""
    reference_zh: str = ""
    reference_value_zh: str = ""
    """Names or words of ``reference_value`` in Chinese; empty where it is figures alone."""
    gist_zh: str = ""
    """The claim as the document itself says it, shortened."""
    whole_zh: str = ""
    """As ``whole``, in Chinese."""
    reading_zh: str = ""
    basis_reason_zh: str = ""
    refuted_by_zh: str = ""
    seen_zh: str = ""
    needs_zh: str = ""

    def __post_init__(self) -> None:
        """Refuse a row of which a cell cannot be read; every table of claims, bundled or not, passes here."""
        for column, (pattern, allowed) in _FORMS.items():
            if re.fullmatch(pattern, getattr(self, column), re.ASCII) is None:
                raise self.error(column, f"allowed is {allowed}")
        self._require_figures()
        ids = self.statements.split(";")
        if len(set(ids)) < len(ids):
            raise self.error("statements", "allowed is each id once")
        for column in ("part_of", "same_as"):
            if getattr(self, column) == self.id:
                raise self.error(column, "allowed is the id of another claim, or nothing")
        if self.refuted_by:
            wrong, right = abs(float(self.wrong_value)), abs(self.number)
            if wrong == right or max(wrong, right) > _PLAUSIBLE * min(wrong, right):
                raise self.error(
                    "refuted_by",
                    f"allowed is another value than the printed {self.value!r}, at most {_PLAUSIBLE:g} times it or as "
                    "many times smaller",
                )

    def _require_figures(self) -> None:
        """Refuse printed figures that are none; what the claim is compared with may also be names."""
        signs = ("", "0", *_SIGNS)
        if self.relation == "sign":
            if self.value not in signs:
                raise self.error("value", f"allowed for a sign are {signs}")
            return
        figures = "digits with an optional point such as 25.44, or a date such as 2002-04"
        for text in self.printed:
            if re.fullmatch(f"{_NUMBER}|{_DATE}", text, re.ASCII) is None:
                raise self.error("value", f"allowed are {figures}, with ; between several")
        for text in self.printed_references:
            if _is_float(text) and re.fullmatch(_NUMBER, text, re.ASCII) is None:
                raise self.error("reference_value", f"allowed are names, or {figures}")

    def error(self, column: str, allowed: str) -> ClaimError:
        """Error on one cell of the row: what it holds, what is allowed, and what to do.

        Parameters
        ----------
        column : str
            Column of the claims table.
        allowed : str
            What the cell may hold, as a clause without a full stop.
        """
        return ClaimError(
            f"Claim {self.id}, column {column}: {getattr(self, column)!r}; {allowed}. Correct the cell in the claims "
            "table, as the document prints it, or write another test for the claim."
        )

    def require_chinese(self) -> None:
        """Refuse a row in which what is printed for readers has no Chinese, or Chinese has nothing to translate.

        Beside each text of ``place``, ``indicator``, ``unit``, ``reference`` and ``gist`` stands its Chinese, and
        beside a ``reference_value`` that holds names or words; with nothing to say in English there is none in
        Chinese. That of reasons and cautions (``reading``, ``basis_reason``, ``refuted_by``, ``seen``, ``needs``) may
        be left out.

        Raises
        ------
        ClaimError
        """
        for column in _PAIRED:
            english, chinese = getattr(self, column), getattr(self, f"{column}_zh")
            needed = re.search("[A-Za-z]", english) if column == "reference_value" else english
            if needed and not chinese:
                raise self.error(f"{column}_zh", f"allowed is the Chinese of {english!r}")
            if chinese and not needed:
                raise self.error(f"{column}_zh", f"allowed is nothing, since {column} is {english!r}")
            if chinese and column in ("place", "indicator", "gist") and not _HAN.search(chinese):
                raise self.error(f"{column}_zh", f"allowed is a text in Chinese, the same as {english!r}")
        for column in _EXPLAINED:
            english, chinese = getattr(self, column), getattr(self, f"{column}_zh")
            if chinese and not english:
                raise self.error(f"{column}_zh", f"allowed is nothing, since {column} is empty")
            if chinese and not _HAN.search(chinese):
                raise self.error(f"{column}_zh", f"allowed is a text in Chinese, the same as {english!r}, or nothing")

    @property
    def printed(self) -> tuple[str, ...]:
        """Printed figures of the subject, one text each."""
        return _figures(self.value)

    @property
    def printed_references(self) -> tuple[str, ...]:
        """Printed figures of what the subject is compared with."""
        return _figures(self.reference_value)

    @property
    def numbers(self) -> tuple[float, ...]:
        """Printed figures of the subject, then those of what it is compared with."""
        return (*self._numbers("value"), *self._numbers("reference_value"))

    @property
    def number(self) -> float:
        """The one printed figure as a number."""
        found = self._numbers("value")
        if len(found) != 1:
            raise self.error("value", "its test needs exactly one number")
        return found[0]

    @property
    def sign(self) -> int:
        """The sign that the claim asserts: 1 or -1."""
        if self.value not in _SIGNS:
            raise self.error("value", "its test needs + or -")
        return _SIGNS[self.value]

    def named(self, column: str, allowed: Mapping[str, str]) -> dict[str, str]:
        """What each name in a column stands for, names as keys.

        Parameters
        ----------
        column : str
            Column that holds names, ``;`` between them.
        allowed : mapping
            All names that there are, such as those of provinces, and their codes.

        Raises
        ------
        ClaimError
            If there is no name, one that is not allowed, or one twice.
        """
        names = _figures(getattr(self, column))
        if len(set(names)) < len(names):
            raise self.error(column, "allowed is each name once")
        if not names or not set(names) <= set(allowed):
            near = [each for name in names for each in get_close_matches(name, list(allowed), n=2)]
            raise self.error(
                column, f"its test knows {len(allowed)} names such as {', '.join(near or sorted(allowed)[:3])}"
            )
        return {name: allowed[name] for name in names}

    def _numbers(self, column: str) -> tuple[float, ...]:
        texts = _figures(getattr(self, column))
        if not all(re.fullmatch(_NUMBER, text, re.ASCII) for text in texts):
            raise self.error(column, "its test needs digits with an optional point, such as 25.44")
        return tuple(map(float, texts))

    @property
    def wrong_value(self) -> str:
        """The printed value by which ``refuted_by`` says that the test would fail; empty if it names none."""
        return self.refuted_by.partition(":")[0].strip()

    @property
    def stated(self) -> Pair:
        """The claim in one line, English and Chinese: its gist, or the printed figures where there are any.

        These stand with their unit and with what they are compared with; in Chinese each of several references stands
        beside its figure.
        """
        if self.relation == "sign" or not any(text[0].isdigit() for text in self.printed):
            return self.gist, self.gist_zh
        own = f"{self.value} {self.unit}".strip(), self._own_in_chinese()
        other = " ".join(part for part in (self.reference, self.reference_value) if part), self._other_in_chinese()
        compared = self.relation if self.relation in ("lt", "gt") else "eq"
        if self.relation == "rank":
            own = WORDS.pair("stated.rank", own=own)
        return WORDS.pair(f"stated.{compared}{'_other' if other[0] else ''}", own=own, other=other)

    def _own_in_chinese(self) -> str:
        if re.fullmatch(_DATE, self.value, re.ASCII):
            return "".join(f"{int(part)}{unit}" for part, unit in zip(self.value.split("-"), "年月日", strict=False))
        return "；".join(self.printed) + self.unit_zh

    def _other_in_chinese(self) -> str:
        names, figures = self.reference_zh.split("；"), self.printed_references
        if self.reference_value_zh:
            return self.reference_zh + self.reference_value_zh
        if len(names) == len(figures):
            return "；".join(f"{name}{figure}" for name, figure in zip(names, figures, strict=True))
        return self.reference_zh + "；".join(figures)


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
    says: Pair = ("", "")
    """How it compares, in one sentence, English and Chinese."""
    bound: bool = False
    """Whether it is a bound or a tolerance, which tests only if a plausible wrong value fails it."""
    undecided: Callable[[Measured], str] | None = None
    """What the finding says of a basis that the rule leaves inconclusive; None if the rule always decides."""
    against: Callable[[Claim, Measured], str] | None = None
    """What it says of a basis that contradicts: the figure, and what speaks against the claim; None if the rule itself
    says it."""

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
    """Claims of the table ``claims``, in its order, empty cells as empty texts.

    Raises
    ------
    ClaimError
        If a column is missing, or a row breaks a rule of the table, that of the Chinese among them: see
        :meth:`Claim.require_chinese`.
    """
    columns = [name for name in Claim.__dataclass_fields__ if name not in ("whole", "whole_zh")]
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise ClaimError(
            f"The claims table lacks the columns {missing}; all of {columns} are needed. Add them; data/dictionary.csv "
            "describes each."
        )
    texts = table[columns].astype(object).where(table[columns].notna(), "").astype(str)
    gists = {row["id"]: (row["gist"], row["gist_zh"]) for row in texts.to_dict("records")}
    rows = [dict(zip(columns, row, strict=True)) for row in texts.itertuples(index=False, name=None)]
    claims = []
    for row in rows:
        whole, whole_zh = gists.get(row["part_of"], ("", ""))
        claims.append(Claim(**row, whole=whole, whole_zh=whole_zh))
        claims[-1].require_chinese()
    return tuple(claims)


def printed_number(table: pd.DataFrame, claim: str, column: str = "value") -> float:
    """The one number that a column of another claim prints.

    Raises
    ------
    ClaimError
        If the table does not hold the claim exactly once, or the column no single number.
    """
    rows = claims_from(table[table["id"].eq(claim)])
    if len(rows) != 1:
        raise ClaimError(f"The claims table has {len(rows)} rows {claim!r}; one is needed. Put the row back.")
    return replace(rows[0], value=getattr(rows[0], column), refuted_by="").number


def _figures(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _is_float(text: str) -> bool:
    """Whether Python reads a text as a number, ``nan`` and ``inf`` among them."""
    try:
        float(text)
    except ValueError:
        return False
    return True
