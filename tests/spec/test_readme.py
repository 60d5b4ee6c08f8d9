"""The README says what the results say."""

import pytest

from shanhai.claims.engine import evaluate, findings_records
from shanhai.core.errors import ReportError
from shanhai.run.readme import HEADLINES, MAP, README, _findings_table, _made_parts, _with_parts


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
    }


def test_the_committed_tables_are_those_of_findings_and_notebooks():
    text = README.read_text(encoding="utf-8")
    assert _with_parts(text, _made_parts(findings_records(evaluate()))) == text, "run `shanhai build readme`"


def test_the_map_is_there():
    assert f"]({MAP.relative_to(README.parent).as_posix()})" in README.read_text(encoding="utf-8")
    assert MAP.read_bytes().startswith(b"\x89PNG")


def test_each_headline_is_a_row_and_each_verdict_is_counted():
    repeated = finding("X2") | {"same_as": "X1"}
    tested = {"p": 0.03, "p_holm": 0.06, "p_bh": 0.03}
    others = [finding("X1", None, "contradicted") | tested, repeated]
    table = _findings_table([*map(finding, HEADLINES), *others])
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    assert len(rows) == 1 + len(HEADLINES)
    assert "| 1.00 | a / b | **reproduced** (2 of 3 bases agree) |" in rows[1]
    assert (
        f"Of {len(HEADLINES) + 1} distinct claims: {len(HEADLINES)} reproduced, 0 consistent, 1 contradicted" in table
    )
    assert "1 of them rest on a p-value" in table and "X1 would be inconclusive by Holm" in table


def test_a_headline_without_finding_is_refused():
    with pytest.raises(ReportError, match="M01"):
        _findings_table([finding(name) for name in HEADLINES if name != "M01"])


def test_a_readme_without_markers_is_refused():
    with pytest.raises(ReportError, match="both lines back"):
        _with_parts("# Title\n", {"findings": "| a |"})
