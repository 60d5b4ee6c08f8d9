"""The scoreboard counts every finding once."""

from shanhai.run.scoreboard import display_width, scoreboard

FINDINGS = [
    {"place": "衢州", "seed": "quzhou", "verdict": "reproduced"},
    {"place": "衢州", "seed": "quzhou", "verdict": "reproduced"},
    {"place": "衢州", "seed": "quzhou", "verdict": "contradicted"},
    {"place": "Bazhong", "seed": "bazhong", "verdict": "untestable"},
]


def test_counts_by_place_paper_and_verdict() -> None:
    lines = scoreboard(FINDINGS).splitlines()
    head = ["place", "paper", "reproduced", "consistent", "contradicted", "untestable", "underspecified", "claims"]
    assert lines[0].split() == head
    assert lines[2].split() == ["Bazhong", "bazhong", "0", "0", "0", "1", "0", "1"]
    assert lines[3].split() == ["衢州", "quzhou", "2", "0", "1", "0", "0", "3"]
    assert lines[-1].split() == ["all", "2", "0", "1", "1", "0", "4"]


def test_columns_stand_below_each_other_in_a_terminal() -> None:
    lines = scoreboard(FINDINGS).splitlines()
    assert len({display_width(line) for line in lines}) == 1
    assert display_width("衢州") == 4
