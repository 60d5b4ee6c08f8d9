"""The scoreboard counts every distinct claim once; corrected p-values say which verdicts would change."""

from typing import Any
from unicodedata import east_asian_width

import pytest

from shanhai.claims.verdicts import Verdict, agrees, multiple_testing, scoreboard

LONG = "Kecheng-Yuhang-Linping; Changshan-Cixi; Sanmen-Wenling; Longquan-Xiuzhou"


def row(place: str, seed: str, verdict: str, same_as: str = "", **tested: Any) -> dict[str, Any]:
    tests = {"one_sided": False, "p": None, "p_holm": None, "p_bh": None} | tested
    return {
        "id": place,
        "indicator": "x",
        "place": place,
        "seed": seed,
        "verdict": verdict,
        "same_as": same_as,
        **tests,
    }


FINDINGS = [
    row("衢州", "quzhou", "reproduced"),
    row("衢州", "quzhou", "coherent"),
    row("Zhejiang", "quzhou", "contradicted"),
    row("Zhejiang", "plan", "contradicted", same_as="Q1"),
    row(LONG, "bazhong", "no data"),
]


def test_counts_by_paper_place_and_verdict() -> None:
    lines = [line.split() for line in scoreboard(FINDINGS).splitlines()]
    assert lines[1] == [*("paper,", "place", "duced", "tent", "dicted", "herent", "clusive", "data", "target"),
                        "specified", "claims"]  # fmt: skip
    assert lines[3] == ["bazhong", *".....1..", "1"]
    assert lines[5:8] == [
        ["quzhou", *"1.11....", "3"],
        ["Zhejiang", *"..1.....", "1"],
        ["衢州", *"1..1....", "2"],
    ]
    assert lines[-1] == ["all", "papers", *"1.11.1..", "4"]


def test_heads_are_the_verdicts_in_their_order() -> None:
    first, second = (line for line in scoreboard(FINDINGS).splitlines()[:2])
    ends = second.split()[2:-1]
    starts = ["repro-", "consis-", "contra-", "co-", "incon-", "no", "", "under-"]
    assert [
        f"{start}{' ' if start == 'no' else ''}{end}".replace("-", "") for start, end in zip(starts, ends, strict=True)
    ] == [*Verdict]
    assert all(start in first for start in starts)


def test_columns_stand_below_each_other_in_a_terminal() -> None:
    widths = {sum(1 + (east_asian_width(char) in "WF") for char in line) for line in scoreboard(FINDINGS).splitlines()}
    assert len(widths) == 1
    assert max(widths) < 120


def test_long_place_is_cut_visibly() -> None:
    assert "  Kecheng-Yuhang-Linping; Changshan…" in scoreboard(FINDINGS)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (Verdict.CONSISTENT, Verdict.REPRODUCED, True),
        (Verdict.COHERENT, Verdict.CONSISTENT, True),
        (Verdict.CONTRADICTED, Verdict.CONTRADICTED, True),
        (Verdict.CONTRADICTED, Verdict.CONSISTENT, False),
        (Verdict.INCONCLUSIVE, Verdict.CONTRADICTED, False),
    ],
)
def test_bases_agree_if_the_claim_holds_on_both_or_on_neither_for_one_reason(
    left: Verdict, right: Verdict, same: bool
) -> None:
    assert agrees(left, right) == agrees(right, left) == same


def test_a_verdict_that_a_corrected_p_value_does_not_bear_would_be_inconclusive() -> None:
    findings = [
        row("a", "x", "consistent", p=0.04, p_holm=0.08, p_bh=0.04),
        row("b", "x", "contradicted", p=0.001, p_holm=0.002, p_bh=0.002),
        row("c", "x", "inconclusive", p=0.5, p_holm=0.5, p_bh=0.5),
        row("d", "x", "reproduced"),
    ]
    table = multiple_testing(findings).set_index("id")
    assert table.index.tolist() == ["b", "a", "c"]
    assert table["verdict_holm"].tolist() == ["contradicted", "inconclusive", "inconclusive"]
    assert table["changes"].tolist() == ["", "holm", ""]
    assert table["verdict_bh"].tolist() == ["contradicted", "consistent", "inconclusive"]
