"""What official figures say about a claim, in English and Chinese, as ``findings.json`` and tables have it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from shanhai.claims._labels import chinese_of
from shanhai.claims.digits import show
from shanhai.claims.verdicts import WORDS
from shanhai.render.numbers import to_stored


@dataclass(frozen=True)
class OtherBasis:
    """What a basis that does not decide says about a claim."""

    key: str
    basis: str
    basis_zh: str
    computed: Any
    verdict: str
    note: str
    note_zh: str


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
    statements: str
    """Ids of the statements of the documents that the claim stands for, ``;`` between them."""
    line: str
    """Line of the document."""
    place: str
    place_zh: str
    period: str
    """Year or years that the claim is about, as printed; empty if the document gives none."""
    gist: str
    """The claim in our words."""
    gist_zh: str
    indicator: str
    indicator_zh: str
    claimed: str
    """The claim in one line, with the printed figures."""
    claimed_zh: str
    reference: str
    """What it is compared with; of the literature, the paper."""
    reference_zh: str
    computed: Any
    """Our value: a number, a list, a mapping of names to numbers or conditions; None if nothing was computed."""
    unit: str
    unit_zh: str
    verdict: str
    rule: str
    """The rule of comparison in words; without data why none decides; empty if nothing was tested."""
    rule_zh: str
    basis_key: str
    """Key of the primary basis; empty if nothing was tested."""
    basis: str
    """Denominator, year, population (resident or registered) and boundaries of the primary basis."""
    basis_zh: str
    """The same in Chinese, as the other texts that end so; empty where a text of a user's own has none."""
    basis_reason: str
    basis_reason_zh: str
    robustness: str
    """On how many bases of the same quantity the claim holds, fails or stays open; empty if nothing was tested. Where
    only another quantity could be computed, that none can decide."""
    robustness_zh: str
    bases: int
    """How many bases of the same quantity were tried, the primary one among them."""
    agreeing: int
    """How many of them give the answer of the primary one, itself among them."""
    others: tuple[OtherBasis, ...]
    """The other bases with figures and verdicts."""
    refuted_by: str
    """For bounds and tolerances: the plausible wrong value that would have failed."""
    refuted_by_zh: str
    seen: str
    """What was known when basis, rule or margin was fixed."""
    seen_zh: str
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
    columns: str
    """Columns of these that the test names, such as ``census_2020.age_60_64``, ``;`` between them."""
    code: str
    """File and line of the test, such as ``lib/shanhai/claims/papers/bazhong.py:103``; empty if there is none."""
    needs: str
    """The source that would be needed, where nothing could be tested."""
    needs_zh: str
    note: str
    """How the words were read, and cautions."""
    note_zh: str


def findings_frame(findings: Sequence[Finding]) -> pd.DataFrame:
    """Findings as a table, one row a claim; ``computed`` and ``others`` as text, the former also as ``computed_zh``."""
    frame = pd.DataFrame([asdict(finding) for finding in findings], columns=list(Finding.__dataclass_fields__))
    return frame.assign(
        computed=[computed_text(finding.computed) for finding in findings],
        computed_zh=[computed_text(finding.computed, "zh") for finding in findings],
        others=[" ".join(map(_other_text, finding.others)) for finding in findings],
    )


def reason_of(finding: Mapping[str, Any], language: str = "en") -> str:
    """Why a claim is contradicted, in one sentence: the first of its note; empty under another verdict.

    Parameters
    ----------
    finding : mapping
        A row of findings.json.
    language : str
        en or zh; English where a note has no Chinese.

    Examples
    --------
    >>> reason_of({"verdict": "contradicted", "note": "Contradicted, since 7.94 is below 8.3. As printed."})
    'Contradicted, since 7.94 is below 8.3.'
    """
    if finding["verdict"] != "contradicted":
        return ""
    chinese = str(finding["note_zh"]) if language == "zh" else ""
    text, end, sign = (chinese, "。", "。") if chinese else (str(finding["note"]), ". ", ".")
    return text.partition(end)[0].removesuffix(sign) + sign


def findings_records(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as plain dictionaries for ``findings.json``."""
    return [
        to_stored({**asdict(finding), "others": [asdict(other) for other in finding.others]}) for finding in findings
    ]


def computed_text(computed: Any, language: str = "en") -> str:
    """A computed value as one line of text: numbers to two decimals, those below a tenth to four.

    Whole numbers, and those of a thousand and more, have no decimals.

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
        said = {name: ":" if isinstance(computed[name], bool) else "" for name, _ in named}
        return "; ".join(f"{name}{said[name]} {value}" for name, value in named)
    if isinstance(computed, list | tuple):
        return ("；" if chinese else "; ").join(computed_text(value, language) for value in computed)
    if isinstance(computed, bool):
        return WORDS("condition.yes" if computed else "condition.no", language)
    if isinstance(computed, float):
        if computed.is_integer() or abs(computed) >= _WHOLE:
            return show(computed, 0)
        return show(computed, 4 if abs(computed) < 0.1 else 2)
    if isinstance(computed, int):
        return show(computed, 0)
    return chinese_of(str(computed)) if chinese else str(computed)


_WHOLE = 1_000
"""From here on a computed number is printed without decimals."""


def _other_text(other: OtherBasis) -> str:
    return f"{other.basis}: {computed_text(other.computed)}, {other.verdict}." + (
        f" {other.note}" if other.note else ""
    )
