"""The page on border discontinuities: its examples run as they stand."""

import re

import pytest

from shanhai.core.paths import ROOT


def test_examples_of_the_page_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "lib" / "docs" / "border-discontinuity.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert len(examples) == 2
    monkeypatch.chdir(ROOT)
    for example in examples:
        exec(compile(example, "border-discontinuity.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "7.4141" in printed
    assert "coordinates" in printed
