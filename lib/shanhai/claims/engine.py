"""Evaluate every claim: one finding a row of the claims table."""

import importlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from shanhai.claims.claims import CHECKS, Check, Claim, Measured, claims_from
from shanhai.claims.digits import show, significant
from shanhai.claims.evidence import Evidence, project_evidence
from shanhai.claims.undecided import UNDECIDED
from shanhai.claims.verdicts import PREFERENCE, Verdict
from shanhai.core.errors import ClaimError
from shanhai.core.modules import matching_modules

_OPEN_ANSWER = "The interval covers both answers: more data or a sharper design would be needed."
"""Note of a claim that is tested but not decided."""

_MISSING_FIGURE = "A figure that it compares is missing from the tables or the layer given."
"""Note of a claim whose test could not be carried out on a user's own data."""

_FUTURE_TARGET = "Figures of the target year would be needed."
"""Note of a target whose year the tables do not reach; the way to go is computed."""

for _module in matching_modules("claims/papers/*", "studies/*/claims"):  # each registers its checks
    importlib.import_module(_module)


@dataclass(frozen=True)
class Finding:
    """What official figures say about one claim; fields as in ``findings.json``."""

    id: str
    seed: str
    place: str
    indicator: str
    claimed: str
    """The claim in one line, with the printed figures."""
    computed: Any
    """Our value: a number, a list, a mapping of names to numbers or conditions; None if nothing was computed."""
    unit: str
    verdict: str
    basis: str
    """Denominator, year, population (resident or registered) and boundaries."""
    data: str
    """Tables that the value was computed from, ``;`` between them."""
    note: str
    """Other bases with their verdicts, cautions, and for untestable claims what would be needed."""


def evaluate(evidence: Evidence | None = None) -> tuple[Finding, ...]:
    """Findings on all claims, in the order of the claims table.

    Parameters
    ----------
    evidence : Evidence, optional
        Tables, county frame and estimates; by default those of the project.

    Raises
    ------
    ClaimError
        If a claim has neither a test nor an entry that says what would be needed, or has both, or if
        a test exists for a claim that the table does not hold.
    """
    given = evidence or project_evidence()
    claims = claims_from(given.table("claims"))
    _require_complete([claim.id for claim in claims])
    return tuple(find(claim, given) for claim in claims)


def find(claim: Claim, evidence: Evidence) -> Finding:
    """Finding on one claim."""
    if claim.id in UNDECIDED:
        undecided = UNDECIDED[claim.id]
        return _finding(claim, None, undecided.verdict, "", "", undecided.note)
    tested = CHECKS[claim.id]
    measured = tested.test(claim, evidence)
    bases = measured if isinstance(measured, tuple) else (measured,)
    return _decide(claim, tested, bases)


def _require_complete(claim_ids: Sequence[str]) -> None:
    """Refuse a claims table in which a claim is forgotten, repeated, or unknown to the table.

    Raises
    ------
    ClaimError
    """
    known, decided = set(claim_ids), set(CHECKS) | set(UNDECIDED)
    problems = {
        "repeated in the table": sorted({name for name in claim_ids if claim_ids.count(name) > 1}),
        "without test and without a declared need": sorted(known - decided),
        "tested or declared but not in the table": sorted(decided - known),
        "both tested and declared untestable": sorted(set(CHECKS) & set(UNDECIDED)),
    }
    found = {problem: ids for problem, ids in problems.items() if ids}
    if found:
        raise ClaimError(
            f"Claims do not match their tests: {found}. Add a check, an entry in undecided.py, or the row."
        )


def findings_frame(findings: Sequence[Finding]) -> pd.DataFrame:
    """Findings as a table, one row a claim; ``computed`` as text."""
    frame = pd.DataFrame([asdict(finding) for finding in findings], columns=list(Finding.__dataclass_fields__))
    return frame.assign(computed=[computed_text(finding.computed) for finding in findings])


def findings_records(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as plain dictionaries for ``findings.json``."""
    return [asdict(finding) for finding in findings]


def computed_text(computed: Any) -> str:
    """A computed value as one line of text: numbers to two decimals, those below a tenth to four."""
    if computed is None:
        return ""
    if isinstance(computed, Mapping):
        return "; ".join(f"{name} {computed_text(value)}" for name, value in computed.items())
    if isinstance(computed, list | tuple):
        return "; ".join(map(computed_text, computed))
    if isinstance(computed, bool):
        return "yes" if computed else "no"
    if isinstance(computed, float):
        return show(computed, 4 if 0 < abs(computed) < 0.1 else 2)
    return show(computed, 0) if isinstance(computed, int) else str(computed)


def _decide(claim: Claim, tested: Check, bases: Sequence[Measured]) -> Finding:
    judged = [(_verdict(claim, tested, measured), measured) for measured in bases]
    chosen, best = min(judged, key=lambda pair: PREFERENCE.index(pair[0]))
    others = [
        f"On another basis ({measured.basis}): {computed_text(measured.value)}, {verdict}."
        + (f" {measured.note}" if measured.note else "")
        for verdict, measured in judged
        if measured is not best
    ]
    open_reason = _MISSING_FIGURE if _lacks_figure(best.value) else _OPEN_ANSWER
    reason = _FUTURE_TARGET if claim.relation == "target" else open_reason
    open_answer = reason if chosen == Verdict.UNTESTABLE else ""
    note = " ".join(part for part in (open_answer, best.note, *others) if part)
    return _finding(claim, _plain(best.value), chosen, best.basis, "; ".join(tested.data), note)


def _verdict(claim: Claim, tested: Check, measured: Measured) -> Verdict:
    """What the rule says; a figure that is missing neither supports nor contradicts."""
    return Verdict.UNTESTABLE if _lacks_figure(measured.value) else Verdict(tested.rule(claim, measured))


def _lacks_figure(value: Any) -> bool:
    return any(map(_is_missing, value.values() if isinstance(value, Mapping) else [value]))


def _is_missing(figure: Any) -> bool:
    return isinstance(figure, float) and math.isnan(figure)


def _finding(claim: Claim, computed: Any, verdict: Verdict, basis: str, data: str, note: str) -> Finding:
    return Finding(
        claim.id,
        claim.seed,
        claim.place,
        claim.indicator,
        claim.stated,
        computed,
        claim.unit,
        str(verdict),
        basis,
        data,
        note,
    )


def _plain(value: Any) -> Any:
    """Value for JSON: floats to ten significant digits, so that machines agree; a missing one is null."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        return _plain(value.item())
    if _is_missing(value):
        return None
    return significant(value) if isinstance(value, float) else value
