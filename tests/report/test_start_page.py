"""The start pages are made of the results: none can go stale."""

from pathlib import Path

import pytest

from shanhai.lab import start
from shanhai.lab.start import build_start, start_file
from shanhai.report.results import LANGUAGES, Language


def test_the_committed_start_pages_are_what_results_give(
    results_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed = [start_file(language) for language in LANGUAGES]
    monkeypatch.setattr(start, "NOTEBOOKS", tmp_path)
    made = build_start(results_folder)
    assert [path.name for path in made] == [path.name for path in committed]
    stale = [new.name for new, old in zip(made, committed, strict=True) if new.read_bytes() != old.read_bytes()]
    assert stale == [], "run `shanhai reproduce`, then `shanhai build start`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_addresses_of_the_report_are_those_of_its_files(language: Language, report_folder: Path) -> None:
    text = start_file(language).read_text(encoding="utf-8")
    targets = [part.partition(")")[0] for part in text.split("](/report/")[1:]]
    assert len(targets) == 5
    assert [target for target in targets if not (report_folder / target).is_file()] == []
