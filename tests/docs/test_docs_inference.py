"""The examples of the pages on inference run, on data of another country, and print what the pages say."""

import re

import pytest

from shanhai.core.paths import ROOT

PAGES = ("conley", "cluster-covariances", "wild-bootstrap", "scpc")
HEADS = ("**What.**", "**Formula.**", "**Source", "**When not to use it.**", "## Example")


def page(name: str) -> str:
    return (ROOT / "lib" / "docs" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_example_runs(name, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    [example] = re.findall(r"```python\n(.*?)```", page(name), flags=re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(example, f"{name}.md", "exec"), names)
    printed = capsys.readouterr().out
    promised = re.search(r"# ([\d.]+), as two other programs", example)
    assert printed.strip()
    assert not promised or float(printed.split()[-1]) == pytest.approx(float(promised[1]), abs=1e-8)


@pytest.mark.parametrize("name", PAGES)
def test_page_says_what_how_from_where_and_when_not(name):
    text = page(name)
    missing = [head for head in HEADS if head not in text]
    assert missing in ([], ["**Formula.**"]), "a table of definitions may stand for the formula"
    assert "When not to use it" in text
