"""The scoreboard counts every finding once."""

from unicodedata import east_asian_width

from shanhai.claims.verdicts import scoreboard

LONG = "Kecheng-Yuhang-Linping; Changshan-Cixi; Sanmen-Wenling; Longquan-Xiuzhou"
FINDINGS = [
    {"place": "衢州", "seed": "quzhou", "verdict": "reproduced"},
    {"place": "衢州", "seed": "quzhou", "verdict": "reproduced"},
    {"place": "Zhejiang", "seed": "quzhou", "verdict": "contradicted"},
    {"place": LONG, "seed": "bazhong", "verdict": "untestable"},
]


def test_counts_by_paper_place_and_verdict() -> None:
    lines = [line.split() for line in scoreboard(FINDINGS).splitlines()]
    head = ["paper,", "place", "reproduced", "consistent", "contradicted", "untestable", "underspecified", "claims"]
    assert lines[0] == head
    assert lines[2] == ["bazhong", ".", ".", ".", "1", ".", "1"]
    assert lines[4:7] == [
        ["quzhou", "2", ".", "1", ".", ".", "3"],
        ["Zhejiang", ".", ".", "1", ".", ".", "1"],
        ["衢州", "2", ".", ".", ".", ".", "2"],
    ]
    assert lines[-1] == ["all", "papers", "2", ".", "1", "1", ".", "4"]


def test_columns_stand_below_each_other_in_a_terminal() -> None:
    widths = {sum(1 + (east_asian_width(each) in "WF") for each in line) for line in scoreboard(FINDINGS).splitlines()}
    assert len(widths) == 1
    assert max(widths) < 112


def test_long_place_is_cut_visibly() -> None:
    assert "  Kecheng-Yuhang-Linping; Changshan…" in scoreboard(FINDINGS)
