"""A gap in log GDP per head and its parts, as every notebook writes them: in words, and as a table."""

from collections.abc import Sequence
from dataclasses import replace
from math import exp

import pandas as pd

from shanhai.methods.decomposition.gap import GapPart
from shanhai.methods.records import Result
from shanhai.render.numbers import format_interval, format_number
from shanhai.render.style import label
from shanhai.render.tables import Column, TableSpec, build_table, printed
from shanhai.render.words import Pair, Words

_WORDS = Words.beside(__file__, "gaps.toml")

_COLUMNS = (
    Column("part", ("component", "构成因素")),
    Column("points", ("log points", "对数点"), source=printed("points", 3)),
    Column("interval", ("95% interval", "95%置信区间")),
    Column("share", ("% of gap", "占差距（%）"), source=printed("share", 0)),
)


def percent_apart(log_points: float) -> float:
    """A difference of logarithms in percent."""
    return 100 * (exp(log_points) - 1)


def gap_in_words(gap: float, totals: float | None = None) -> tuple[Pair, Pair]:
    """Size and side of a gap in log GDP per head, and what was measured.

    Parameters
    ----------
    gap : float
        Difference of population-weighted means of logs.
    totals : float, optional
        Difference of the logs of the totals per head of the same counties; the two differ where counties are unequal.

    Returns
    -------
    pair of pairs
        English and Chinese of both.

    Examples
    --------
    >>> [english for english, _ in gap_in_words(-0.239, -0.288)]
    ['21% below', 'population-weighted mean of logs, -0.239 log points; by totals 25% below']
    """
    logs = format_number(gap, 3)
    if totals is None:
        return _side(gap), _WORDS.pair("measured", logs=logs)
    return _side(gap), _WORDS.pair("measured_with_totals", logs=logs, totals=_side(totals))


def points(part: GapPart) -> str:
    """A part in log points with its interval, as in ``-0.101 [-0.140, -0.062]``."""
    return f"{format_number(part.contribution, 3)} {format_interval(part.low, part.high)}"


def parts_table(
    rows: Sequence[tuple[str, GapPart]],
    gap: float,
    language: str,
    *,
    in_percent: bool = True,
    rules: Sequence[int] = (),
    caption: Pair = ("", ""),
    notes: Sequence[str] = (),
    estimates: Sequence[Result] = (),
) -> TableSpec:
    """Parts of a gap in log points, with intervals and as shares of the gap, and their sum.

    Parameters
    ----------
    rows : pairs of a printed name and a part
        Parts and, where they are shown, sums of some of them.
    gap : float
    language : str
    in_percent : bool
        Whether shares of the gap are given; else dashes stand for them.
    rules : sequence of int
        Rows before which a line stands, beside the sum.
    caption, notes, estimates
        As in :func:`shanhai.render.tables.build_table`.
    """
    values = [(name, part.contribution, format_interval(part.low, part.high)) for name, part in rows]
    frame = pd.DataFrame(
        [*values, (label(language, *_WORDS.pair("sum")), gap, "")], columns=["part", "points", "interval"]
    )
    share = 100 * frame["points"] / gap if in_percent else float("nan")
    table = build_table(frame.assign(share=share), _COLUMNS, language, caption, notes, estimates)
    return replace(table, rules_before=frozenset({*rules, len(rows)}))


def _side(log_points: float) -> Pair:
    percent = format_number(abs(percent_apart(log_points)), 0)
    return _WORDS.pair("side.below" if log_points < 0 else "side.above", percent=percent)
