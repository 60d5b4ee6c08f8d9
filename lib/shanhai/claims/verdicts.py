"""The eight verdicts on a claim, what each of them asserts, and how many claims have which."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import pandas as pd

from shanhai.methods.estimate import SIGNIFICANCE
from shanhai.render.tables import display_width
from shanhai.render.words import Words

WORDS = Words.beside(__file__)
"""Names of verdicts and of computed values, and the forms of a claim in one line."""

VERDICT_NAMES = WORDS.labels("verdict")
"""English and Chinese name of each verdict."""

_LONGEST_PLACE = 34

_HEADS = (
    ["", "repro-", "consis-", "contra-", "co-", "incon-", "no", "", "under-", ""],
    ["paper, place", "duced", "tent", "dicted", "herent", "clusive", "data", "target", "specified", "claims"],
)
"""The verdicts in their order, on two lines, so that a row fits a terminal."""

_TESTED = ("id", "indicator", "one_sided", "p", "p_holm", "p_bh", "verdict")


class Verdict(StrEnum):
    """Outcome of testing one claim; each means one thing, and is given by the primary basis of the claim alone.

    ``reproduced``
        The same quantity, of the same year, gives every digit that the document prints (of a list, a count or a rank:
        exactly the members or the number).
    ``consistent``
        An official figure could have refuted the claim and does not: its ordering, sign or size holds on the nearest
        vintage there is. A bound or a tolerance counts only if the claims table names a plausible wrong value that the
        same test contradicts (``refuted_by``).
    ``contradicted``
        The primary basis disagrees. Other bases may not: the finding says which.
    ``coherent``
        Only figures and names of the documents stand against each other, or a bound that hardly anything could fail
        holds. Nothing official has been able to refute the claim.
    ``inconclusive``
        Tested, and the rule leaves both answers open: the interval of the estimate holds both, or necessary items of a
        battery are not met; ``computed`` shows it, the note says which.
    ``no data``
        The tables lack the quantity, or hold only a neighbouring one, whose value is shown for information and decides
        nothing; ``needs`` or the note names the source that would.
    ``target``
        The year that the claim is about is not reached; the way to go is computed.
    ``underspecified``
        The document does not say which quantity it means, so that no figure could confirm or refute it; or measures
        that it may mean, all tested, give different answers.
    """

    REPRODUCED = "reproduced"
    CONSISTENT = "consistent"
    CONTRADICTED = "contradicted"
    COHERENT = "coherent"
    INCONCLUSIVE = "inconclusive"
    NO_DATA = "no data"
    TARGET = "target"
    UNDERSPECIFIED = "underspecified"


HOLDING = frozenset({Verdict.REPRODUCED, Verdict.CONSISTENT, Verdict.COHERENT})
"""Verdicts under which a claim holds on a basis."""


def agrees(verdict: Verdict, primary: Verdict) -> bool:
    """Whether a basis gives the answer of the primary one: both hold, or both have the same verdict."""
    return verdict == primary or {verdict, primary} <= HOLDING


def counted(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Findings on distinct claims: those that do not repeat another one."""
    return [finding for finding in findings if not finding["same_as"]]


def scoreboard(findings: Sequence[Mapping[str, Any]]) -> str:
    """Table of counts: a row for each paper, below it one for each of its places, and the totals.

    Claims that repeat another one count with the paper that comes first.

    Parameters
    ----------
    findings : sequence of mappings
        Rows of findings.json.
    """
    distinct = counted(findings)
    papers = sorted({finding["seed"] for finding in distinct})
    rows = [row for paper in papers for row in _rows(paper, [item for item in distinct if item["seed"] == paper])]
    table = [*_HEADS, *rows, _counts("all papers", distinct)]
    widths = [max(map(display_width, column)) for column in zip(*table, strict=True)]
    lines = [_line(row, widths) for row in table]
    rule = "-" * display_width(lines[0])
    return "\n".join([*lines[:2], rule, *lines[2:-1], rule, lines[-1]])


def multiple_testing(findings: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Findings that rest on a p-value, with the verdict that would follow after correction over the whole ledger.

    Parameters
    ----------
    findings : sequence of mappings
        Rows of findings.json.

    Returns
    -------
    DataFrame
        id, indicator, one_sided, p, p_holm, p_bh, verdict, verdict_holm, verdict_bh, changes; in the order of the
        p-values. ``changes`` names the methods under which the verdict would be another: a claim that is decided at 5 %
        by its own p-value and not by the adjusted one would be inconclusive.
    """
    rows = [
        {
            **{name: finding[name] for name in _TESTED},
            **{f"verdict_{method}": _after(finding, method) for method in ("holm", "bh")},
        }
        for finding in findings
        if finding["p_holm"] is not None
    ]
    for row in rows:
        row["changes"] = ", ".join(each for each in ("holm", "bh") if row[f"verdict_{each}"] != row["verdict"])
    names = [*_TESTED, "verdict_holm", "verdict_bh", "changes"]
    return pd.DataFrame(rows, columns=names).sort_values(["p", "id"], ignore_index=True)


def _after(finding: Mapping[str, Any], method: str) -> str:
    """Verdict if the adjusted p-value decided."""
    decided = Verdict(finding["verdict"]) in HOLDING | {Verdict.CONTRADICTED}
    lost = decided and finding[f"p_{method}"] >= SIGNIFICANCE
    return str(Verdict.INCONCLUSIVE if lost else finding["verdict"])


def _rows(paper: str, findings: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    places = sorted({finding["place"] for finding in findings})
    inside = [_counts(f"  {_shorten(name)}", [item for item in findings if item["place"] == name]) for name in places]
    return [_counts(paper, findings), *inside]


def _counts(label: str, findings: Sequence[Mapping[str, Any]]) -> list[str]:
    counts = Counter(finding["verdict"] for finding in findings)
    return [label, *(str(counts[verdict] or ".") for verdict in Verdict), str(len(findings))]


def _shorten(text: str) -> str:
    kept = text
    while display_width(kept) > _LONGEST_PLACE:
        kept = kept[:-1]
    return kept if kept == text else f"{kept[:-1].rstrip()}…"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    gaps = [" " * (width - display_width(cell)) for cell, width in zip(cells, widths, strict=True)]
    figures = "".join(f"  {gap}{cell}" for gap, cell in zip(gaps[1:], cells[1:], strict=True))
    return f"{cells[0]}{gaps[0]}{figures}"
