"""The example of the documentation runs as printed, on data that are not ours."""

import re

import pytest

from shanhai.core.paths import LIBRARY

PAGE = LIBRARY.parent / "docs" / "spatial-models.md"


@pytest.mark.slow
def test_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    _, example = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    (printed,) = re.findall(r"```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    exec(compile(example, str(PAGE), "exec"), {})
    assert capsys.readouterr().out == printed
