"""The page on data of other countries runs without the project's data; every trap has the test that its page names."""

import re

import pytest

from shanhai.core.paths import ROOT
from shanhai.data import load

DOCS = ROOT / "lib" / "docs"


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("the inference library read the project's data")


@pytest.mark.slow
def test_inference_runs_on_other_data_and_reads_none_of_ours(monkeypatch, capsys) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(load, "load_table", refuse)
    monkeypatch.setattr(load, "load_layer", refuse)
    text = (DOCS / "inference-on-other-data.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(examples) == 2
    printed = []
    for example in examples:
        names: dict[str, object] = {}
        exec(compile(example, "inference-on-other-data.md", "exec"), names)
        printed.append(capsys.readouterr().out)
    assert all(name in printed[0] for name in ("HC1", "CV3", "conley(bartlett, 200 km)", "conley(uniform, 200 km)"))
    overview = names["overview"]
    rho = overview.fit.set_index("parameter").loc["rho", "estimate"].iloc[0]  # type: ignore[attr-defined]
    assert rho == pytest.approx(float(re.findall(r"rho of the lag model is ([\d.]+),", text)[0]), abs=2e-8)


def test_pages_that_it_points_to_are_there() -> None:
    text = (DOCS / "inference-on-other-data.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\(([\w-]+\.md)\)", text)
    assert len(linked) >= 10
    assert [name for name in linked if not (DOCS / name).is_file()] == []


def test_every_trap_has_the_test_that_is_named() -> None:
    rows = re.findall(r"\| `(test_\w+)` \|$", (DOCS / "traps.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(rows) == 12
    written = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name in rows if f"def {name}(" not in written] == []
