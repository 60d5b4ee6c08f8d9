"""How many claims hold, by place and paper, as fixed-width text for a terminal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

VERDICTS = ("reproduced", "consistent", "contradicted", "untestable", "underspecified")


def scoreboard(findings: Sequence[Mapping[str, Any]]) -> str:
    """Table of counts: one row a place and paper, one column a verdict, and the totals.

    Parameters
    ----------
    findings : sequence of mappings
        Rows of findings.json.
    """
    counts = Counter((finding["place"], finding["seed"], finding["verdict"]) for finding in findings)
    groups = sorted({(finding["place"], finding["seed"]) for finding in findings})
    rows = [[place, seed, *(counts[place, seed, verdict] for verdict in VERDICTS)] for place, seed in groups]
    totals = [sum(row[2 + i] for row in rows) for i in range(len(VERDICTS))]
    body = [[*map(str, row), str(sum(row[2:]))] for row in rows]
    last = ["all", "", *map(str, totals), str(sum(totals))]
    return _table(["place", "paper", *VERDICTS, "claims"], body, last)


def _table(header: list[str], body: list[list[str]], last: list[str]) -> str:
    columns = list(zip(header, *body, last, strict=True))
    widths = [max(map(display_width, column)) for column in columns]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    lines = [_line(row, widths) for row in (header, *body, last)]
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def _line(cells: list[str], widths: list[int]) -> str:
    padded = [
        cell + " " * gap if i < 2 else " " * gap + cell
        for i, (cell, gap) in enumerate(
            (cell, width - display_width(cell)) for cell, width in zip(cells, widths, strict=True)
        )
    ]
    return "  ".join(padded).rstrip()


def display_width(text: str) -> int:
    """Columns that a text takes in a terminal, where 中文 takes two a character."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
