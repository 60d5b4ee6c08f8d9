"""Single notebooks: one run with a user's parameters, or the committed copies with their defaults."""

import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from shanhai.errors import NotebookError
from shanhai.run.kernel import isolated_environment
from shanhai.run.notebook import execute_in_place, execute_run
from shanhai.run.pool import Task, run_tasks
from shanhai.run.registered import Run
from shanhai.run.values import check_values


def run_notebook(run: Run, output: Path) -> Path:
    """Execute a run after checking its values, and return the executed copy.

    Raises
    ------
    ParameterError, UnknownPlaceError, MissingDataError
        If a value is refused; no kernel is started then.
    NotebookError
        If a cell fails; the partial copy is kept.
    """
    check_values(run.parameters)
    task = Task(run.name, lambda _: execute_run(run, output))
    with isolated_environment(), tempfile.TemporaryDirectory(prefix="shanhai-") as folder:
        (outcome,) = run_tasks([task], Path(folder), 1)
    copy = output / "notebooks" / f"{run.name}.ipynb"
    if isinstance(outcome.error, NotebookError):
        raise NotebookError(f"{outcome.error}\n  partial copy: {copy}") from outcome.error
    if outcome.error is not None:
        raise outcome.error
    return copy


def save_notebooks(notebooks: Sequence[Path], jobs: int) -> bool:
    """Execute notebooks with their defaults and save the outputs in place, as nbval compares them.

    Returns
    -------
    bool
        Whether all of them ran; one that failed is left as it was.
    """
    tasks = [Task(notebook.stem, partial(execute_in_place, notebook)) for notebook in notebooks]
    ok = True
    with isolated_environment(), tempfile.TemporaryDirectory(prefix="shanhai-") as folder:
        for outcome in run_tasks(tasks, Path(folder) / "saved", jobs):
            print(f"{outcome.name}: {outcome.error or 'saved'} ({outcome.seconds:.1f} s)", file=sys.stderr, flush=True)
            ok = ok and outcome.error is None
    return ok
