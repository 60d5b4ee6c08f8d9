"""Kernels that are forks: the same bytes as fresh ones, errors as theirs, nothing left behind."""

import importlib
import os
import sys
import warnings
from collections.abc import Callable
from io import BytesIO
from operator import truediv
from pathlib import Path

import pytest

from shanhai.core.errors import MissingDataError, NotebookError, UnknownPlaceError
from shanhai.core.manifest import Record
from shanhai.core.places import as_code
from shanhai.core.without import without
from shanhai.run import jobs as jobs_of
from shanhai.run import strictness
from shanhai.run.batch import reproduce
from shanhai.run.forked import FORK_IS_SAFE, _imported, call, fork_server
from shanhai.run.notebook import execute_run
from shanhai.run.preload import _read_common_tables
from shanhai.run.project import Project
from shanhai.run.runs import Run
from shanhai.run.strictness import make_warnings_errors, strict_imports

only_where_forked = pytest.mark.skipif(not FORK_IS_SAFE, reason="kernels are forked on Linux only")

Write = Callable[..., Path]

FACTS = """\
import sys, os, warnings, pandas
print(os.getcwd() == os.environ["HERE"], os.environ["SHANHAI_RUN"], sys.argv[0][-18:], "" in sys.path)
print([entry[2:4] for entry in warnings.filters if entry[0] == "error"], sys.flags.hash_randomization)
"""


@pytest.fixture
def here(project: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HERE", str(project.notebooks))
    return project.notebooks


@only_where_forked
def test_a_fork_gives_the_bytes_of_a_fresh_kernel(here: Path, tmp_path: Path, write_notebook: Write) -> None:
    path = write_notebook(here / "01-facts.ipynb", FACTS, "import matplotlib\nmatplotlib.get_backend()", "{3: 4}")
    run = Run("01-facts", path)
    with fork_server([path]):
        forked = execute_run(run, tmp_path / "forked", forked=True).read_bytes()
    fresh = execute_run(run, tmp_path / "fresh").read_bytes()
    assert b"True 01-facts" in forked
    assert forked == fresh


@only_where_forked
def test_the_fork_server_can_read_what_it_reads_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on without what it cannot read, so that a name that has moved would only make each run slower."""
    files = [BytesIO(), BytesIO()]
    monkeypatch.setattr("shanhai.run.preload.BytesIO", iter(files).__next__)
    _read_common_tables()
    assert [file.getvalue()[:5] for file in files] == [b"%PDF-"] * 2


@only_where_forked
def test_warnings_are_errors_in_a_fork_too(here: Path, tmp_path: Path, write_notebook: Write) -> None:
    path = write_notebook(here / "01-warns.ipynb", "import warnings", "warnings.warn('too few clusters')")
    with fork_server([path]), pytest.raises(NotebookError, match=r"in code cell 2 of 2 .*UserWarning: too few"):
        execute_run(Run("01-warns", path), tmp_path, forked=True)


@only_where_forked
def test_a_fork_that_dies_is_named_with_its_cell(here: Path, tmp_path: Path, write_notebook: Write) -> None:
    path = write_notebook(here / "01-dies.ipynb", "1", "import os; os._exit(3)")
    with fork_server([path]), pytest.raises(NotebookError, match="01-dies stopped in code cell 2 of 2"):
        execute_run(Run("01-dies", path), tmp_path, forked=True)


@only_where_forked
def test_a_batch_of_more_runs_than_workers_is_forked(
    project: Project, tmp_path: Path, write_notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[bool] = []
    monkeypatch.setattr(
        "shanhai.run.notebook.execute_run", lambda run, folder, *, forked: used.append(forked), raising=True
    )
    for number in (1, 2, 3):
        write_notebook(project.notebooks / f"0{number}-adds.ipynb", f"{number} + 1")
    assert reproduce(tmp_path / "out", project, jobs=3, derived=())
    assert reproduce(tmp_path / "out", project, jobs=2, derived=(), force=True)
    assert used == [False] * 3 + [True] * 3


@only_where_forked
def test_a_forked_batch_leaves_the_results_of_any_other(
    project: Project, tmp_path: Path, write_notebook: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = 'county: str = ""  # code of a county'
    write_notebook(project.notebooks / "04-report.ipynb", "print(county)", parameters=cell)
    runs = ", ".join(f'{{county = "{code}"}}' for code in ("330127", "330324", "330327"))
    (project.notebooks / "runs.toml").write_text(f'["04-report"]\nruns = [{runs}]\n', encoding="utf-8")
    assert reproduce(tmp_path / "out", project, jobs=2, derived=())
    assert "3 executed" in capsys.readouterr().out
    notebook = (tmp_path / "out" / "notebooks" / "04-report-330327.ipynb").read_text(encoding="utf-8")
    assert "330327" in notebook

    (project.notebooks / "runs.toml").write_text(
        f'["04-report"]\nruns = [{runs}, {{county = "330383"}}]\n', encoding="utf-8"
    )
    with pytest.raises(MissingDataError, match="no polygon"):
        reproduce(tmp_path / "out", project, jobs=1, derived=(), force=True)


def test_what_never_ran_starts_with_the_most_cells_and_pages_of_places_come_last(
    project: Project, write_notebook: Write
) -> None:
    cell = 'county: str = ""  # code of a county'
    page = write_notebook(project.notebooks / "01-page.ipynb", *"abcdef", parameters=cell)
    small = write_notebook(project.notebooks / "02-s.ipynb", *"ab")
    large = write_notebook(project.notebooks / "03-l.ipynb", *"abc")
    runs = [Run("01-page-1", page, {"county": "1"}), Run("01-page-2", page, {"county": "2"})]
    jobs = [jobs_of.Job(run.name, "", {}, run) for run in (*runs, Run("02-s", small), Run("03-l", large))]
    jobs.append(jobs_of.Job("findings.json", "", {}))
    names = [job.name for job in jobs_of._longest_first(jobs, {})]
    assert names == ["findings.json", "03-l", "02-s", "01-page-1", "01-page-2"]
    known = {"02-s": Record("", True, 3.0), "03-l": Record("", True, 9.0)}
    assert [job.name for job in jobs_of._longest_first(jobs, known)][-2:] == ["03-l", "02-s"]


@only_where_forked
def test_errors_of_a_call_come_back(tmp_path: Path) -> None:
    with fork_server([]):
        call(print, "")
        # functions of modules that the fork finds too: a safe path has no folder of tests
        with pytest.raises(UnknownPlaceError, match="True is no place"):
            call(as_code, True)
        with pytest.raises(NotebookError, match="ZeroDivisionError"):
            call(truediv, 1, 0)
        with pytest.raises(NotebookError, match="ended with status 4"):
            call(os._exit, 4)


def test_imports_of_all_cells_are_found_and_other_cells_ignored(tmp_path: Path, write_notebook: Write) -> None:
    path = write_notebook(
        tmp_path / "01-x.ipynb", "import os, json as j\nfrom shanhai.render import city", "%matplotlib inline", "x ="
    )
    assert _imported(path) == {"os", "json", "shanhai.render"}


def test_filters_of_imported_modules_go_before_the_rules_as_in_a_fresh_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strictness, "_of_imports", [])
    with warnings.catch_warnings():
        make_warnings_errors()
        warnings.filterwarnings("always", message="it did not converge", category=UserWarning)  # as a module would
        fresh = list(warnings.filters)
    with strict_imports():
        warnings.filterwarnings("always", message="it did not converge", category=UserWarning)
    with warnings.catch_warnings():
        make_warnings_errors()
        assert list(warnings.filters)[:7] == fresh[:7]
        assert fresh[0][0] == "always"


def test_a_module_left_out_is_not_found_and_found_again_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with without("colorsys"), pytest.raises(ImportError):
        importlib.import_module("colorsys")
    found = importlib.import_module("colorsys")
    with without("colorsys"):  # what is imported stays
        assert importlib.import_module("colorsys") is found
