"""The five verdicts on a claim, what each of them asserts, and how many claims have which."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from shanhai.render.tables import display_width

_LONGEST_PLACE = 34


class Verdict(StrEnum):
    """Outcome of testing one claim on official figures.

    ``reproduced``
        The same quantity, of the same year, on a basis that can be named, gives every digit that
        the paper prints (or, for a list, a count or a rank, exactly the members or the number).
    ``consistent``
        The claim's ordering, sign or size holds on the nearest vintage there is, or the paper's
        own figures agree with each other and with ours, but the printed figure itself cannot be
        checked. A claim about a year for which the tables hold nothing is at best consistent.
    ``contradicted``
        The data disagree on every basis that was tried.
    ``untestable``
        The tables cannot decide: they hold nothing on the quantity (``computed`` is null), an
        interval covers both answers, or a target lies in a year they do not reach (``computed``
        shows the interval, or the way to go). The note says what is needed.
    ``underspecified``
        The paper does not say which quantity it means, so that no figure could confirm or refute it.

    When bases differ, the finding carries the best verdict in this order, names the basis that
    gave it, and its note lists the other bases with their figures and verdicts.
    """

    REPRODUCED = "reproduced"
    CONSISTENT = "consistent"
    CONTRADICTED = "contradicted"
    UNTESTABLE = "untestable"
    UNDERSPECIFIED = "underspecified"


PREFERENCE = (
    Verdict.REPRODUCED,
    Verdict.CONSISTENT,
    Verdict.UNTESTABLE,
    Verdict.CONTRADICTED,
    Verdict.UNDERSPECIFIED,
)
"""Order in which the engine chooses among the verdicts of several bases."""


def scoreboard(findings: Sequence[Mapping[str, Any]]) -> str:
    """Table of counts: a row for each paper, below it one for each of its places, and the totals.

    Parameters
    ----------
    findings : sequence of mappings
        Rows of findings.json.
    """
    papers = sorted({finding["seed"] for finding in findings})
    rows = [row for paper in papers for row in _rows(paper, [item for item in findings if item["seed"] == paper])]
    table = [["paper, place", *Verdict, "claims"], *rows, _counts("all papers", findings)]
    widths = [max(map(display_width, column)) for column in zip(*table, strict=True)]
    lines = [_line(row, widths) for row in table]
    rule = "-" * display_width(lines[0])
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


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
