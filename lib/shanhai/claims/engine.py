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
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from shanhai.claims._complete import require_complete
from shanhai.claims._labels import chinese_of
from shanhai.claims.claims import CHECKS, Check, Claim, Measured, claims_from
from shanhai.claims.digits import show, significant
from shanhai.claims.evidence import Evidence, project_evidence
from shanhai.claims.verdicts import HOLDING, WORDS, Verdict, agrees
from shanhai.core.errors import ClaimError
from shanhai.core.modules import matching_modules
from shanhai.methods.regression.families import adjust_family

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


@dataclass(frozen=True)
class _OtherBasis:
    """What a basis that does not decide says about a claim."""

    key: str
    basis: str
    computed: Any
    verdict: str
    note: str


@dataclass(frozen=True)
class Finding:
    """What official figures say about one claim; fields as in ``findings.json``."""

    id: str
    part_of: str
    """Compound claim of which this is a part; empty if none."""
    whole: str
    """That compound claim in our words, the heading of its parts."""
    whole_zh: str
    """The same in Chinese, as the document says it; likewise below."""
    same_as: str
    """Claim that this one repeats, which is the one to count; empty if none."""
    seed: str
    line: str
    """Line of the document."""
    place: str
    indicator: str
    indicator_zh: str
    claimed: str
    """The claim in one line, with the printed figures."""
    claimed_zh: str
    computed: Any
    """Our value: a number, a list, a mapping of names to numbers or conditions; None if nothing was computed."""
    unit: str
    verdict: str
    basis_key: str
    """Key of the primary basis; empty if nothing was tested."""
    basis: str
    """Denominator, year, population (resident or registered) and boundaries of the primary basis."""
    basis_reason: str
    robustness: str
    """On how many bases of the same quantity the claim holds, fails or stays open; empty if nothing was tested. Where
    only another quantity could be computed, that none can decide."""
    bases: int
    """How many bases of the same quantity were tried, the primary one among them."""
    agreeing: int
    """How many of them give the answer of the primary one, itself among them."""
    others: tuple[_OtherBasis, ...]
    """The other bases with figures and verdicts."""
    refuted_by: str
    """For bounds and tolerances: the plausible wrong value that would have failed."""
    seen: str
    """What was known when basis, rule or margin was fixed."""
    p: float | None
    """p-value of the estimate that decides; None where nothing is estimated."""
    p_holm: float | None
    """The same, adjusted over all claims of the ledger by Holm; None for a single finding."""
    p_bh: float | None
    """The same by Benjamini and Hochberg."""
    one_sided: bool
    """Whether the p-value is one-sided."""
    data: str
    """Tables that the value was computed from, ``;`` between them."""
    needs: str
    """The source that would be needed, where nothing could be tested."""
    note: str
    """How the words were read, and cautions."""


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
    claims = claims_from(given.table("claims"))
    require_complete(claims, given.table("statements"))
    found = _adjusted([find(claim, given) for claim in without_headings(claims)])
    _require_alike(found)
    return found


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


def findings_frame(findings: Sequence[Finding]) -> pd.DataFrame:
    """Findings as a table, one row a claim; ``computed`` and ``others`` as text, the former also as ``computed_zh``."""
    frame = pd.DataFrame([asdict(finding) for finding in findings], columns=list(Finding.__dataclass_fields__))
    return frame.assign(
        computed=[computed_text(finding.computed) for finding in findings],
        computed_zh=[computed_text(finding.computed, "zh") for finding in findings],
        others=[" ".join(map(_other_text, finding.others)) for finding in findings],
    )


def findings_records(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as plain dictionaries for ``findings.json``."""
    return [{**asdict(finding), "others": [asdict(other) for other in finding.others]} for finding in findings]


def computed_text(computed: Any, language: str = "en") -> str:
    """A computed value as one line of text: numbers to two decimals, those below a tenth to four.

    Parameters
    ----------
    computed : number, condition, list or mapping
        As in :class:`Finding`.
    language : str
        en or zh.

    Raises
    ------
    ClaimError
        If a name in it has no Chinese: see :func:`shanhai.claims._labels.chinese_of`.

    Examples
    --------
    >>> computed_text({"Quzhou": 57.5743, "China": 63.8392}, "zh")
    '衢州市：57.57；全国：63.84'
    """
    chinese = language == "zh"
    if computed is None:
        return ""
    if isinstance(computed, Mapping):
        named = [(name, computed_text(value, language)) for name, value in computed.items()]
        if chinese:
            return "；".join(f"{chinese_of(name)}：{value}" for name, value in named)
        return "; ".join(f"{name} {value}" for name, value in named)
    if isinstance(computed, list | tuple):
        return ("；" if chinese else "; ").join(computed_text(value, language) for value in computed)
    if isinstance(computed, bool):
        return WORDS("condition.yes" if computed else "condition.no", language)
    if isinstance(computed, float):
        return show(computed, 4 if 0 < abs(computed) < 0.1 else 2)
    if isinstance(computed, int):
        return show(computed, 0)
    return chinese_of(str(computed)) if chinese else str(computed)


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
    others = tuple(
        _OtherBasis(measured.key, measured.basis, _plain(measured.value), str(other), measured.note)
        for other, measured in judged
    )
    also_meant = [other for other, measured in judged if measured.also_meant and other != Verdict.NO_DATA]
    if verdict != Verdict.NO_DATA and not all(agrees(other, verdict) for other in also_meant):
        verdict = Verdict.UNDERSPECIFIED
        notes.insert(0, _TWO_MEASURES)
    missing = _MISSING_FIGURE if primary.same_quantity else _OTHER_QUANTITY
    open_answer = missing if verdict == Verdict.NO_DATA else ""
    if verdict == Verdict.TARGET:
        open_answer = _target_note(claim, primary)
    if verdict == Verdict.INCONCLUSIVE:
        open_answer = _why_open(claim, tested, primary)
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
        robustness=_robustness(answers) if primary.same_quantity else _beside(bases),
        bases=len(answers) if primary.same_quantity else 0,
        agreeing=agreeing if primary.same_quantity else 0,
        others=others,
        p=None if primary.p is None else significant(primary.p),
        one_sided=primary.one_sided,
        data="; ".join(tested.data),
        note=" ".join(part for part in (open_answer, *notes) if part),
    )


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


def _robustness(answers: Sequence[Verdict]) -> str:
    """On how many bases of the same quantity, the primary one among them, the claim holds, fails or stays open."""
    if len(answers) == 1:
        return "one basis"
    hold, fail = (sum(answer in group for answer in answers) for group in (HOLDING, {Verdict.CONTRADICTED}))
    return f"{hold} hold, {fail} fail, {len(answers) - hold - fail} undecided"


def _beside(bases: Sequence[Measured]) -> str:
    """Which bases of another quantity stand beside a claim that has no data."""
    return f"no basis can decide; another quantity stands beside it ({', '.join(basis.key for basis in bases)})"


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


def _finding(claim: Claim, verdict: Verdict, **measured: Any) -> Finding:
    """A finding with the fields of its claim; without ``measured`` one that nothing was computed for."""
    nothing: dict[str, Any] = dict.fromkeys(("basis_key", "basis", "robustness", "data", "note"), "")
    nothing |= dict.fromkeys(("computed", "p", "p_holm", "p_bh"))
    nothing |= {"bases": 0, "agreeing": 0, "others": (), "one_sided": False}
    shared = {name: getattr(claim, name) for name in Finding.__dataclass_fields__ if hasattr(claim, name)}
    claimed, claimed_zh = claim.stated
    stated = {"claimed": claimed, "claimed_zh": claimed_zh, "verdict": str(verdict)}
    return Finding(**{**shared, **nothing, **measured, **stated})


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


def _other_text(other: _OtherBasis) -> str:
    return f"{other.basis}: {computed_text(other.computed)}, {other.verdict}." + (
        f" {other.note}" if other.note else ""
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
