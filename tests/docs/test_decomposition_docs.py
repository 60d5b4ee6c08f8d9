"""The example of the page on gaps runs as it stands, on data of others, and prints the published decomposition."""

import re

import pytest

from shanhai.core.paths import ROOT


def test_example_runs_and_prints_what_statsmodels_documents(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "lib" / "docs" / "explain-gap.md").read_text(encoding="utf-8")
    example = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)[-1]
    exec(compile(example, "explain-gap", "exec"), {"__name__": "example"})
    printed = capsys.readouterr().out
    assert re.search(r"gap +158\.75", printed)
    assert re.search(r"explained +130\.81", printed)
    assert re.search(r"Shapley +income", printed)
