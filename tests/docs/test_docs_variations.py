"""The examples of the pages on specification curves and multiple testing run as they stand, on data of others."""

import re

import pytest

from shanhai.core.paths import ROOT


@pytest.mark.parametrize("page", ["specification-curve", "multiple-testing"])
def test_example_runs(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "lib" / "docs" / f"{page}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(blocks) == 1
    exec(compile(blocks[0], page, "exec"), {"__name__": page})
    printed = capsys.readouterr().out
    assert {"specification-curve": "share_significant", "multiple-testing": "p_romano_wolf"}[page] in printed
