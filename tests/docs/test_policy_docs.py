"""The example of the page on policy evaluation runs as printed."""

import re

import pytest

from shanhai.core.paths import LIBRARY

PAGE = LIBRARY.parent / "docs" / "policy-evaluation.md"


def test_example_recovers_the_effect_of_the_made_up_policy(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    shown = capsys.readouterr().out
    assert "placebo_mean" in shown
    assert "ci_low" in shown
    found = names["found"]
    assert found.estimate == pytest.approx(0.2, abs=0.06)  # type: ignore[attr-defined]
    assert found.permuted.test.p < 0.05  # type: ignore[attr-defined]
