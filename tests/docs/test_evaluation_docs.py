"""The example of the page on composite evaluation runs as printed."""

import re

from shanhai.core.paths import LIBRARY

PAGE = LIBRARY.parent / "docs" / "composite-evaluation.md"


def test_example_runs_and_prints_ranks_and_shares(capsys) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    exec(compile(code, str(PAGE), "exec"), {})
    shown = capsys.readouterr().out
    assert re.search(r"^New Hampshire\s+1\s+1\s+[1-4]$", shown, flags=re.MULTILINE), shown
    assert "interactions" in shown
    share = float(re.findall(r"^(\d\.\d+)$", shown, flags=re.MULTILINE)[0])
    assert 0.3 < share < 1
