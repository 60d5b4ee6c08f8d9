"""The examples of the pages on convergence run as printed, on data of other countries."""

import re

import pytest

from shanhai.core.paths import LIBRARY

PAGES = ("convergence", "convergence-clubs", "inequality")


def page(name: str) -> str:
    return (LIBRARY.parent / "docs" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_example_prints_what_the_page_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    [example] = re.findall(r"```python\n(.*?)```", page(name), flags=re.DOTALL)
    [printed] = re.findall(r"```text\n(.*?)```", page(name), flags=re.DOTALL)
    exec(compile(example, f"{name}.md", "exec"), {})
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize("name", PAGES)
def test_page_says_what_how_from_where_and_when_not(name: str) -> None:
    assert not [
        head
        for head in ("**What.**", "**Formula.**", "**Source.**", "**When not to use it.**")
        if head not in page(name)
    ]
