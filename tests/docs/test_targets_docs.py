"""The examples of the pages on targets and on pairs run as printed."""

import re

import pytest

from shanhai.core.paths import LIBRARY

DOCS = LIBRARY.parent / "docs"


def shown_by(page: str, capsys: pytest.CaptureFixture[str]) -> str:
    (code,) = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    exec(compile(code, page, "exec"), {})
    return capsys.readouterr().out


def test_the_example_of_targets_gives_the_growth_needed(capsys: pytest.CaptureFixture[str]) -> None:
    shown = shown_by("follow-targets.md", capsys)
    assert re.search(r"Coast\s+78\.0\s+0\.00\s+0\.25\s+78\.00\s+too slow", shown)  # (80 / 78) ** 0.1 is 1.0025
    assert re.search(r"Island\s+79\.0\s+0\.39\s+0\.13\s+82\.12\s+on course", shown)  # 79 * 79 / 76


def test_the_example_of_pairs_deals_all_ways(capsys: pytest.CaptureFixture[str]) -> None:
    shown = shown_by("pairs.md", capsys)
    dealt, drawn = re.findall(r"(\d+) km, expected (\d+), p = ([\d.]+)", shown)
    assert "of 120 ways" in shown
    assert int(dealt[0]) < int(dealt[1])
    assert 1 / 120 <= float(dealt[2]) <= 1 and 1 / 1000 <= float(drawn[2]) <= 1
