"""Evaluate every claim: one finding a claim, decided by its one primary basis.

The rule by which the primary basis of a claim is chosen, applied to all of them alike:

1. the quantity that the words name; where they say "development", GDP per head, by which the documents themselves
   compare (M16, P02, Q05, Q06); where they name nothing at all, the claim is underspecified;
2. the year of the claim, else the nearest vintage that exists, with all its terms in one year;
3. residents, unless the text says registered;
4. a published figure rather than one computed here, for the same quantity;
5. boundaries of the claim's year.

The table ``claims`` names the basis, the reason, and what was known when it was chosen. The verdict is that of the
primary basis alone. Other bases are counted (``robustness``) and listed (``others``); none of them can save or sink a
claim. A bound or a tolerance counts as a test only if the table names a wrong value that might well have been printed
and the same test contradicts it; otherwise a claim that holds is called coherent. A wrong value is plausible if it is
printed or published somewhere near the right one (the next year, the next place, the wider area, the other population);
a slip of the decimal point is not enough, since nearly any bound would fail then.

A sentence that states several things, of which one may hold without another, is split: its row in the table is the
heading of its parts (``part_of``), and only the parts have findings. A list of like items that stand or fall with one
source stays one claim. Of claims that repeat each other (``same_as``) one is counted.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from shanhai.claims._complete import require_complete
from shanhai.claims._labels import chinese_basis, chinese_note
from shanhai.claims._reasons import rule_fails
from shanhai.claims._tested import code_of, columns_of
from shanhai.claims.claims import CHECKS, Check, Claim, Measured
from shanhai.claims.digits import significant
from shanhai.claims.evidence import Evidence, project_evidence
from shanhai.claims.findings import Finding, OtherBasis
from shanhai.claims.verdicts import HOLDING, WORDS, Verdict, agrees
from shanhai.core.errors import ClaimError
from shanhai.core.modules import matching_modules
from shanhai.core.shared import shared
from shanhai.methods.regression.families import adjust_family
from shanhai.render.words import Pair

_NOTHING: Pair = ("", "")
"""Where nothing is said in either language."""

_UNNAMED = "unnamed"
"""Relation of a claim that does not say which quantity it means; what is computed stands beside it."""

_WITHOUT_ANSWER = frozenset({Verdict.NO_DATA, Verdict.UNDERSPECIFIED, Verdict.COHERENT})
"""Verdicts that are not the answer of the rule on the primary basis, which is counted in their stead."""

_LITERATURE = "literature"
"""Seed of claims of the literature, whose reference is the paper."""

_TWO_MEASURES = "The words fit two published measures equally, and these give different answers."
"""Note of a claim that is underspecified although each measure that it may mean was tested."""

_OTHER_QUANTITY = "The quantity itself is in no table; what is computed stands beside it and cannot decide."
"""Note of a claim beside which only another quantity could be computed."""

_MISSING_FIGURE = "A figure that it compares is missing from the tables or the layer given."
"""Note of a claim whose test could not be carried out on a user's own data."""

_FUTURE_TARGET = "Figures of the target year would be needed."
"""Note of a target whose year the tables do not reach; the way to go is computed."""

for _module in matching_modules("claims/papers/*", "studies/*/claims"):  # each registers its checks
    importlib.import_module(_module)


def evaluate(evidence: Evidence | None = None) -> tuple[Finding, ...]:
    """Findings on all claims, in the order of the claims table; compound claims by their parts.

    Parameters
    ----------
    evidence : Evidence, optional
        Tables, county frame and estimates; by default those of the project.

    Raises
    ------
    ClaimError
        If the claims table and the tests do not match, or a claim breaks a rule of the table: see
        :func:`shanhai.claims._complete.require_complete`; or if a claim that is said to repeat another has another
        finding.
    """
    given = evidence or project_evidence()
    require_complete(given.claims, given.table("statements"))
    found = _adjusted([find(claim, given) for claim in without_headings(given.claims)])
    _require_alike(found)
    return found


@shared
def project_findings() -> tuple[Finding, ...]:
    """:func:`evaluate` on the evidence of the project, which takes half a minute; once in a batch.

    Raises
    ------
    ClaimError
    """
    return evaluate()


def without_headings(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """Claims that get a finding: all but the compound ones, which are the headings of their parts."""
    wholes = {claim.part_of for claim in claims}
    return tuple(claim for claim in claims if claim.id not in wholes)


def find(claim: Claim, evidence: Evidence) -> Finding:
    """Finding on one claim.

    Raises
    ------
    ClaimError
        If the claim declares no primary basis or no reason for it, if no basis measured has its key, or if two have
        the same one.
    """
    ours = project_evidence()
    return _find_here(claim.id) if evidence is ours and claim in ours.claims else _find(claim, evidence)


@shared
def _find_here(claim: str) -> Finding:
    """Finding on a claim of the project, by its id: editions of two dozen places and the list of all ask for it."""
    evidence = project_evidence()
    return _find(next(known for known in evidence.claims if known.id == claim), evidence)


def _find(claim: Claim, evidence: Evidence) -> Finding:
    if claim.id not in CHECKS:
        unnamed = claim.relation == _UNNAMED
        return _finding(claim, Verdict.UNDERSPECIFIED if unnamed else Verdict.NO_DATA, note=claim.reading)
    tested = CHECKS[claim.id]
    measured = tested.test(claim, evidence)
    bases = measured if isinstance(measured, tuple) else (measured,)
    return _decide(claim, tested, bases, evidence)


def _require_alike(findings: Sequence[Finding]) -> None:
    """Refuse findings of which one is said to repeat another and has another verdict or value."""
    by_id = {finding.id: finding for finding in findings}
    unlike = [
        finding.id
        for finding in findings
        if finding.same_as
        and (finding.verdict, finding.computed) != (by_id[finding.same_as].verdict, by_id[finding.same_as].computed)
    ]
    if unlike:
        raise ClaimError(
            f"Claims {unlike} are said to repeat others (same_as) and have other findings; empty the cell, or correct "
            "the row."
        )


def _decide(claim: Claim, tested: Check, bases: Sequence[Measured], evidence: Evidence) -> Finding:
    primary = _primary(claim, bases)
    _require_compared(claim, primary)
    verdict = _verdict(claim, tested, primary)
    notes = [claim.reading, primary.note]
    if not primary.same_quantity:
        verdict = Verdict.NO_DATA
    if claim.relation == _UNNAMED and verdict != Verdict.NO_DATA:
        verdict = Verdict.UNDERSPECIFIED
    if verdict in HOLDING and tested.rule.bound and not primary.documents_only:
        failing = _contradicts(claim, tested, evidence)
        if not failing:
            verdict = Verdict.COHERENT
        if claim.refuted_by and not failing:
            notes.insert(0, f"On these figures {claim.wrong_value}, which should fail, would pass too.")
    judged = [(_verdict(claim, tested, measured), measured) for measured in bases if measured is not primary]
    if not primary.same_quantity:  # nor can any other basis decide
        judged = [(Verdict.NO_DATA, measured) for _, measured in judged]
    others = tuple(_beside(measured, other) for other, measured in judged)
    also_meant = [other for other, measured in judged if measured.also_meant and other != Verdict.NO_DATA]
    if verdict != Verdict.NO_DATA and not all(agrees(other, verdict) for other in also_meant):
        verdict = Verdict.UNDERSPECIFIED
        notes.insert(0, _TWO_MEASURES)
    same = [(other, measured) for other, measured in judged if measured.same_quantity and primary.same_quantity]
    answers = [
        _verdict(claim, tested, primary) if verdict in _WITHOUT_ANSWER else verdict,
        *(other for other, _ in same),
    ]
    agreeing = sum(agrees(other, answers[0]) for other in answers)
    return _finding(
        claim,
        verdict,
        computed=_plain(primary.value),
        basis_key=primary.key,
        basis=primary.basis,
        robustness=_robustness(answers) if primary.same_quantity else _undecidable(bases),
        bases=len(answers) if primary.same_quantity else 0,
        agreeing=agreeing if primary.same_quantity else 0,
        others=others,
        p=None if primary.p is None else significant(primary.p),
        one_sided=primary.one_sided,
        rule=_rule_of(verdict, tested, primary),
        data="; ".join(tested.data),
        columns="; ".join(columns_of(tested)),
        code=code_of(tested),
        note=" ".join(part for part in (_reason(verdict, claim, tested, primary), *notes) if part),
    )


def _rule_of(verdict: Verdict, tested: Check, primary: Measured) -> Pair:
    """The rule in words; of a claim without data why none decides, since a rule on a neighbouring quantity does not."""
    if verdict is not Verdict.NO_DATA:
        return tested.rule.says
    return WORDS.pair("no_rule.figure" if primary.same_quantity else "no_rule.quantity")


def _reason(verdict: Verdict, claim: Claim, tested: Check, primary: Measured) -> str:
    """Why a claim is contradicted or without an answer; empty where it holds or the words name no quantity."""
    match verdict:
        case Verdict.NO_DATA:
            return _MISSING_FIGURE if primary.same_quantity else _OTHER_QUANTITY
        case Verdict.TARGET:
            return _target_note(claim, primary)
        case Verdict.INCONCLUSIVE:
            return _why_open(claim, tested, primary)
        case Verdict.CONTRADICTED:
            return (tested.rule.against or rule_fails)(claim, primary)
    return ""


def _why_open(claim: Claim, tested: Check, measured: Measured) -> str:
    """Why the rule leaves a claim open, in the words of the rule."""
    if tested.rule.undecided is None:
        raise ClaimError(f"The rule of claim {claim.id} leaves it open and does not say why; give it `undecided`.")
    return tested.rule.undecided(measured)


def _primary(claim: Claim, bases: Sequence[Measured]) -> Measured:
    """The basis that the claims table names."""
    keys = [measured.key for measured in bases]
    if not claim.basis or not claim.basis_reason:
        missing = "primary basis" if not claim.basis else "reason for its primary basis"
        raise ClaimError(f"Claim {claim.id} declares no {missing}; give one in the claims table. Bases: {keys}.")
    if len(set(keys)) != len(keys):
        raise ClaimError(f"Claim {claim.id} is measured twice under one key: {keys}; give each basis its own.")
    if claim.basis not in keys:
        raise ClaimError(f"Claim {claim.id} names the basis {claim.basis!r}; measured: {keys}. Name one of them.")
    return bases[keys.index(claim.basis)]


def _require_compared(claim: Claim, primary: Measured) -> None:
    """Refuse a row that names what its figure is compared with, if the test compares it with something else.

    A document's own figures carry the names of the row, and a paper of the literature is a source, no comparison.
    """
    if primary.documents_only or claim.seed == _LITERATURE:
        return
    names = list(primary.value) if isinstance(primary.value, Mapping) else []
    said = " ".join([primary.basis, *names])
    strange = [name for name in map(str.strip, claim.reference.split(";")) if name not in said]
    if strange:
        raise claim.error("reference", f"its test compares {names or primary.basis!r} and nothing by {strange}")


def _contradicts(claim: Claim, tested: Check, evidence: Evidence) -> bool:
    """Whether the same test contradicts the claim with the plausible wrong value that it names."""
    if not claim.wrong_value:
        return False
    wrong = replace(claim, value=claim.wrong_value, refuted_by="")
    measured = tested.test(wrong, evidence)
    return tested.rule(wrong, _primary(wrong, measured if isinstance(measured, tuple) else (measured,))) == (
        Verdict.CONTRADICTED
    )


def _beside(measured: Measured, verdict: Verdict) -> OtherBasis:
    """What a basis that does not decide says."""
    return OtherBasis(
        measured.key,
        measured.basis,
        chinese_basis(measured.basis),
        _plain(measured.value),
        str(verdict),
        measured.note,
        chinese_note(measured.note, {}),
    )


def _robustness(answers: Sequence[Verdict]) -> Pair:
    """On how many bases of the same quantity, the primary one among them, the claim holds, fails or stays open."""
    if len(answers) == 1:
        return WORDS.pair("robustness.one")
    hold, fail = (sum(answer in group for answer in answers) for group in (HOLDING, {Verdict.CONTRADICTED}))
    return WORDS.pair("robustness.of", hold=str(hold), fail=str(fail), open=str(len(answers) - hold - fail))


def _undecidable(bases: Sequence[Measured]) -> Pair:
    """On how many bases another quantity stands beside a claim that has no data."""
    return WORDS.pair("robustness.none", count=str(len(bases)))


def _target_note(claim: Claim, measured: Measured) -> str:
    """What a target waits for, and whether it is reached before its year."""
    value = measured.value
    level = next(iter(value.values())) if isinstance(value, Mapping) else value
    if len(claim.printed) == 1 and isinstance(level, int | float) and level >= claim.number:
        return f"Already reached. {_FUTURE_TARGET}"
    return _FUTURE_TARGET


def _verdict(claim: Claim, tested: Check, measured: Measured) -> Verdict:
    """What the rule says; a figure that is missing neither supports nor contradicts."""
    if _lacks_figure(measured.value):
        return Verdict.NO_DATA
    verdict = Verdict(tested.rule(claim, measured))
    return Verdict.COHERENT if measured.documents_only and verdict in HOLDING else verdict


def _lacks_figure(value: Any) -> bool:
    """Whether a value is missing or holds one that is, at any depth."""
    if isinstance(value, Mapping):
        return any(map(_lacks_figure, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_lacks_figure, value))
    return _is_missing(value)


def _is_missing(figure: Any) -> bool:
    return bool(pd.api.types.is_scalar(figure) and pd.isna(figure))


def _finding(
    claim: Claim, verdict: Verdict, rule: Pair = _NOTHING, robustness: Pair = _NOTHING, **measured: Any
) -> Finding:
    """A finding with the fields of its claim; without ``measured`` one that nothing was computed for."""
    nothing: dict[str, Any] = dict.fromkeys(("basis_key", "basis", "data", "columns", "code", "note"), "")
    nothing |= dict.fromkeys(("computed", "p", "p_holm", "p_bh"))
    nothing |= {"bases": 0, "agreeing": 0, "others": (), "one_sided": False}
    shared = {name: getattr(claim, name) for name in Finding.__dataclass_fields__ if hasattr(claim, name)}
    found = {**shared, **nothing, **measured, "verdict": str(verdict)}
    found["claimed"], found["claimed_zh"] = claim.stated
    found["rule"], found["rule_zh"] = rule
    found["robustness"], found["robustness_zh"] = robustness
    found["basis_zh"] = chinese_basis(found["basis"])
    found["note_zh"] = chinese_note(found["note"], {claim.reading: claim.reading_zh} if claim.reading_zh else {})
    return Finding(**found)


def _adjusted(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings with p-values adjusted over all claims that have one, each claim once."""
    family = [finding for finding in findings if finding.p is not None and not finding.same_as]
    if not family:
        return tuple(findings)
    table = adjust_family(pd.DataFrame({"p": [finding.p for finding in family]}), ("holm", "bh"))
    pairs = table[["p_holm", "p_bh"]].itertuples(index=False, name=None)
    adjusted = {finding.id: tuple(map(significant, pair)) for finding, pair in zip(family, pairs, strict=True)}
    return tuple(
        replace(finding, p_holm=adjusted[finding.id][0], p_bh=adjusted[finding.id][1])
        if finding.id in adjusted
        else finding
        for finding in findings
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
