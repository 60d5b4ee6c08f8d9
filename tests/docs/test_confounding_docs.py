"""The example of the page on border or mountain runs as it stands, on data of others, and says what the page says."""

import re

import pytest

from shanhai.core.errors import SpecificationError
from shanhai.core.paths import ROOT


def test_example_runs_and_refuses_what_has_no_overlap(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "lib" / "docs" / "border-or-mountain.md").read_text(encoding="utf-8")
    example = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)[-1]
    found: dict[str, object] = {"__name__": "example"}
    exec(compile(example, "border-or-mountain", "exec"), found)
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("entropy balancing", "matched pairs", "Robustness", "r_max"))
    longer = example.replace('controls=(Variable("age")', 'controls=(Variable("yrs_married"), Variable("age")')
    with pytest.raises(SpecificationError, match=r"no overlap.*yrs_married"):
        exec(compile(longer, "border-or-mountain", "exec"), {"__name__": "example"})
