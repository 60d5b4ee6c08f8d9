"""The page on what was fixed beforehand is what designs, claims and decisions give; later models are announced."""

import re
from pathlib import Path

import pytest

from shanhai.core.paths import ROOT
from shanhai.run import pre_specification
from shanhai.run.decisions import DECISIONS
from shanhai.run.pre_specification import PAGE, build_pre_specification
from shanhai.studies.border.design import ADDED, MODELS

FIRST = {
    "raw", "border", "terrain", "main", "geography", "outcomes", "mountain", "distance", "centre_bands", "edge_bands",
    "weighted", "undoubted",
}  # fmt: skip
"""Models of commits b1b5c0e and 6fb1cb6, before any result."""

CHANGES = " ".join((ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split())


def test_the_committed_page_is_what_the_code_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pre_specification, "PAGE", tmp_path / "page.md")
    (made,) = build_pre_specification()
    assert PAGE.read_bytes() == made.read_bytes(), "run `shanhai build pre-specification`"


def test_each_later_model_has_its_date_and_reason() -> None:
    assert set(MODELS) - FIRST == set(ADDED)
    assert all(re.match(r"2026-\d\d-\d\d: .+ Seen before: .+", text) for text in ADDED.values())


@pytest.mark.parametrize("model", ADDED)
def test_each_later_model_is_in_the_changelog_with_its_date_and_a_reason(model: str) -> None:
    year, month, day = ADDED[model].partition(":")[0].split("-")
    months = {"11": "November", "12": "December"}
    entry = CHANGES.partition(f"New models of {int(day)} {months[month]} {year}: ")[2]
    assert re.match(rf"[^.]*`{model}` \w+ \w+ [^.;]+[.;]", entry), (
        f"CHANGELOG.md does not say when and why {model} came"
    )


def test_decisions_stand_in_the_order_of_time_and_say_what_had_been_seen() -> None:
    times = [row.time for row in DECISIONS]
    assert times == sorted(times)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", time) for time in times)
    assert all(re.fullmatch("[0-9a-f]{7}", row.commit) and row.what and row.seen for row in DECISIONS)


def test_what_was_fixed_last_is_on_the_page_with_its_reason() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for row in DECISIONS:
        assert f"| {row.time} | {row.commit} | {row.notebook} | {row.what} | {row.seen} |" in page
    for model, text in ADDED.items():
        assert f"| `{model}` |" in page and text.partition(": ")[2] in page
