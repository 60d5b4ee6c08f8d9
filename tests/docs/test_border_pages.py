"""The pages on synthetic control and on pairs: their examples run as they stand and print what was put in."""

import re

import pytest

from shanhai.core.paths import ROOT

PAGES = {
    "synthetic-control.md": r"effect 0\.[45]\d, .*\np 0\.033",
    "border-growth.md": r"border (0\.[89]|1\.[01])\d \(",
}


@pytest.mark.parametrize("page", PAGES)
def test_example_of_the_page_runs(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "lib" / "docs" / page).read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(examples) == 1
    exec(compile(examples[0], page, "exec"), {})
    assert re.search(PAGES[page], capsys.readouterr().out)
