"""The ledger on the project's own claims: whole in Chinese, each code line and statement there, counts as printed."""

import re
from collections import Counter
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from shanhai.claims.engine import evaluate
from shanhai.claims.findings import findings_records
from shanhai.claims.verdicts import scoreboard
from shanhai.core.paths import ROOT
from shanhai.data.load import load_table
from shanhai.report.ledger import ledger_html, ledger_rows
from shanhai.report.results import Results

KEPT = re.compile(
    r"data/\w+\.csv|county_frame\.csv|shapefiles/|lib/[\w/]+\.py:\d+"  # files
    r"|(?<![A-Za-z])km2?(?![A-Za-z])"
)
"""What a Chinese ledger prints in small Latin letters: files, units."""

ENGLISH = re.compile(r"(?<![A-Za-zÀ-ÿ])[a-z]{2,}(?![A-Za-zÀ-ÿ])")

NAMES = {"et", "al"}
"""Parts of citations."""


@pytest.fixture(scope="module")
def results() -> Results:
    made = Results(Path(), MappingProxyType({}), MappingProxyType({}))
    made.__dict__["findings"] = findings_records(evaluate())
    return made


@pytest.fixture(scope="module")
def rows(results: Results) -> list[dict[str, Any]]:
    return ledger_rows(results, "zh")


def texts(row: dict[str, Any]) -> list[str]:
    """Whatever a Chinese reader sees of a claim."""
    inside = [
        value for name, value in row.items() if isinstance(value, str) and name not in ("seed", "verdict", "basis_key")
    ]
    others = [other[name] for other in row["others"] for name in ("basis", "computed", "verdict_name", "note")]
    return [*inside, *row["tables"], *others]


def test_a_chinese_reader_reads_no_english(rows: list[dict[str, Any]]) -> None:
    assert len(rows) == 254
    assert [row["id"] for row in rows if row["english"] or any(other["english"] for other in row["others"])] == []
    found = {
        (row["id"], text[:60]): words
        for row in rows
        for text in texts(row)
        if (words := set(ENGLISH.findall(KEPT.sub(" ", text))) - NAMES)
    }
    assert found == {}


def test_whatever_a_claim_opens_is_there(rows: list[dict[str, Any]]) -> None:
    """A claim with a basis has a rule, a reason, a formula, tables and code; one without names what is needed."""
    behind = ("rule", "basis_reason", "formula", "tables", "robustness", "seen", "code", "computed")
    for row in rows:
        assert bool(row["basis"]) != bool(row["needs"]), row["id"]
        assert all(bool(row[name]) == bool(row["basis"]) for name in behind), row["id"]
        assert row["gist"] and row["document"] and row["place"], row["id"]


def test_each_code_line_and_each_statement_exists(rows: list[dict[str, Any]]) -> None:
    known = set(load_table("statements")["id"])
    for row in rows:
        if row["code"]:
            file, _, line = row["code"].rpartition(":")
            assert (ROOT / file).read_text(encoding="utf-8").splitlines()[int(line) - 1].startswith("@check("), row[
                "id"
            ]
        assert set(filter(None, row["statements"].split(";"))) <= known, row["id"]


def test_counts_by_verdict_are_those_of_the_scoreboard(results: Results) -> None:
    total = scoreboard(results.findings).splitlines()[-1].split()[2:]
    *printed, distinct = (0 if number == "." else int(number) for number in total)
    html = ledger_html(results, "en")
    shown = re.findall(r'<span class="ledger-number">(\d+)</span>', html)
    assert [int(number) for number in shown] == printed and sum(printed) == distinct
    counted = Counter(row["verdict"] for row in ledger_rows(results, "zh") if not row["same_as"])
    assert sorted(counted.values()) == sorted(printed)
