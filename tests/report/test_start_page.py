"""The start pages are made of the results: none can go stale."""

import json
from pathlib import Path

import pytest

from shanhai.lab.start import start_file, start_page
from shanhai.report.results import LANGUAGES, Language, Results


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_committed_start_page_is_what_results_give(language: Language, results_folder: Path) -> None:
    made = start_page(Results.read(results_folder), language)
    assert json.loads(start_file(language).read_text(encoding="utf-8")) == made, "run `shanhai build start`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_addresses_of_the_report_are_those_of_its_files(language: Language, report_folder: Path) -> None:
    text = start_file(language).read_text(encoding="utf-8")
    targets = [part.partition(")")[0] for part in text.split("](/report/")[1:]]
    assert len(targets) == 5
    assert [target for target in targets if not (report_folder / target).is_file()] == []
