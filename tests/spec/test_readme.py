"""README and page of findings say what the results say, and the map is the one that they draw."""

import re
from pathlib import Path

import pytest

from shanhai.claims import engine
from shanhai.claims import findings as claimed
from shanhai.core.errors import ReportError
from shanhai.run import readme
from shanhai.run.answers import Answer
from shanhai.run.readme import HEADLINES, MAP, PAGE, README, build_readme


def finding(name, computed=1.0, verdict="reproduced", basis="a | b"):
    return {
        "id": name,
        "indicator": name,
        "computed": computed,
        "verdict": verdict,
        "basis": basis,
        "same_as": "",
        "bases": 3,
        "robustness": "2 of 3 bases agree",
        "p": None,
        "p_holm": None,
        "p_bh": None,
        "one_sided": False,
    }


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The README as it is committed, where a test may write it anew; the map goes beside it."""
    path = tmp_path / "README.md"
    path.write_bytes(README.read_bytes())
    monkeypatch.setattr(readme, "README", path)
    monkeypatch.setattr(readme, "MAP", tmp_path / "map.png")
    monkeypatch.setattr(readme, "PAGE", tmp_path / "findings.md")
    return path


def decided(monkeypatch: pytest.MonkeyPatch, findings: list[dict[str, object]]) -> None:
    """Let these be what the engine finds, and each notebook answer in two sentences."""
    monkeypatch.setattr(engine, "evaluate", tuple)
    monkeypatch.setattr(claimed, "findings_records", lambda _: findings)
    asked = [Answer(f"{n:02d}-ask-all", f"Is it {n}?", (f"It is {n}.", "Or not.")) for n in range(1, 15)]
    monkeypatch.setattr(readme, "notebook_answers", lambda: tuple(asked))


def test_the_committed_findings_and_the_map_are_those_of_ledger_and_notebooks(copy: Path) -> None:
    assert [path.parent for path in build_readme()] == [copy.parent] * 3
    assert copy.read_text(encoding="utf-8") == README.read_text(encoding="utf-8"), "run `shanhai build readme`"
    assert readme.PAGE.read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8"), "run `shanhai build readme`"
    assert readme.MAP.read_bytes() == MAP.read_bytes(), "run `shanhai build readme`"
    assert f'src="{MAP.relative_to(README.parent).as_posix()}"' in README.read_text(encoding="utf-8")


def test_the_readme_fits_a_screen_before_its_commands_and_its_links_lead_somewhere() -> None:
    text = README.read_text(encoding="utf-8")
    first, _, rest = text.partition("## Run it")
    assert len(first.split()) <= 420
    assert first.count("\n- ") == 5
    assert "python3 bootstrap.py reproduce" in rest[:900]
    headings = {re.sub(r"[^\w一-鿿 -]", "", line.lstrip("# ")).lower().replace(" ", "-") for line in text.splitlines()}
    for page in (README, PAGE, PAGE.with_name("README.md")):
        for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert target[1:] in headings if target.startswith("#") else (page.parent / target).exists(), target


def test_each_headline_is_a_row_and_each_verdict_is_counted(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repeated = finding("X2") | {"same_as": "X1"}
    tested = {"p": 0.03, "p_holm": 0.06, "p_bh": 0.03}
    others = [finding("X1", None, "contradicted") | tested, repeated]
    decided(monkeypatch, [*map(finding, HEADLINES), *others])
    build_readme()
    text = readme.PAGE.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.endswith(" **reproduced** (2 of 3 bases agree) |")]
    assert len(rows) == len(HEADLINES)
    assert "| 1 | a / b | **reproduced** (2 of 3 bases agree) |" in rows[0]
    counts = f"Of {len(HEADLINES) + 1} distinct claims: {len(HEADLINES)} reproduced, 1 contradicted."
    assert f"has {len(HEADLINES)} of them. {counts}" in text
    assert "1 claims rest on a p-value" in text and "X1 more would be inconclusive by Holm" in text
    assert "**Is it 7?** It is 7. Or not. ([notebook 07](../../notebooks/07-ask-all.ipynb))" in text
    listed = copy.read_text(encoding="utf-8").partition("<!-- findings -->\n")[2].partition("<!--")[0].splitlines()
    assert listed[0] == "- It is 13. ([notebook 13](notebooks/13-ask-all.ipynb))"
    assert [counts in line for line in listed] == [False] * 4 + [True]


def test_a_headline_without_finding_is_refused(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decided(monkeypatch, [finding(name) for name in HEADLINES if name != "M01"])
    with pytest.raises(ReportError, match="M01"):
        build_readme()


def test_a_readme_without_markers_is_refused(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decided(monkeypatch, [finding(name) for name in HEADLINES])
    copy.write_text("# Title\n", encoding="utf-8")
    with pytest.raises(ReportError, match="both lines back"):
        build_readme()
