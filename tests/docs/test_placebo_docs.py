"""The example of the page on placebo borders runs as printed."""

import re

import pytest

from shanhai.core.paths import LIBRARY

PAGE = LIBRARY.parent / "docs" / "placebo-borders.md"


@pytest.mark.slow
def test_example_runs_and_prints_p_values(capsys) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    exec(compile(code, str(PAGE), "exec"), {})
    shown = capsys.readouterr().out
    assert "on_border" in shown
    assert "rejected" in shown
    p = float(re.findall(r"^(\d\.\d+)$", shown, flags=re.MULTILINE)[0])
    assert 1 / 65 < p <= 1
