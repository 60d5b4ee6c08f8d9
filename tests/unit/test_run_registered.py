"""Registered runs: notebooks by glob, parameters by runs.toml."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shanhai.errors import ParameterError
from shanhai.run.registered import find_notebook, registered_runs

CELL = 'prefecture: str = "330800"  # code of a prefecture'


@pytest.fixture
def folder(tmp_path: Path, write_notebook: Callable[..., Path]) -> Path:
    write_notebook(tmp_path / "01-audit.ipynb", "1")
    write_notebook(tmp_path / "04-report.ipynb", "prefecture", parameters=CELL)
    return tmp_path


def test_notebook_without_entry_runs_once_with_defaults(folder: Path) -> None:
    assert [(run.name, run.parameters) for run in registered_runs(folder)] == [("01-audit", {}), ("04-report", {})]


def test_each_entry_is_a_run_named_by_its_values(folder: Path) -> None:
    (folder / "runs.toml").write_text(
        '["04-report"]\nruns = [{prefecture = "330800"}, {prefecture = "511900"}]\n', encoding="utf-8"
    )
    assert [run.name for run in registered_runs(folder)] == ["01-audit", "04-report-330800", "04-report-511900"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('["05-nothing"]\nruns = [{}]', "is no notebook"),
        ('["04-report"]\nruns = [{county = "330802"}]', "has no parameter 'county'"),
        ('["04-report"]\nruns = [{prefecture = 330800}]', "must be of type str"),
        ('["04-report"]\nruns = [{prefecture = "330800"}, {prefecture = "330800"}]', "twice"),
        ('["04-report"]\nrun = []', "needs exactly one line"),
        ("[[", "not valid TOML"),
    ],
)
def test_register_that_cannot_be_run_is_refused(text: str, message: str, folder: Path) -> None:
    (folder / "runs.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match=message):
        registered_runs(folder)


@pytest.mark.parametrize("query", ["04-report", "04", "notebooks/04-report.ipynb"])
def test_notebook_by_name_number_or_path(query: str, folder: Path) -> None:
    assert find_notebook(folder, query) == folder / "04-report.ipynb"


def test_unknown_notebook_names_the_choices(folder: Path) -> None:
    with pytest.raises(ParameterError, match="01-audit, 04-report"):
        find_notebook(folder, "07")
