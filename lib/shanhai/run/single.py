"""Single notebooks: one run with a user's parameters, or the committed copies with their defaults."""

import sys
from collections.abc import Collection, Sequence
from contextlib import closing
from functools import partial
from glob import escape
from pathlib import Path

from shanhai.core.errors import NotebookError
from shanhai.core.manifest import is_inside
from shanhai.run.folder import publish
from shanhai.run.kernel import isolated_environment
from shanhai.run.merged import KINDS
from shanhai.run.notebook import execute_in_place, execute_run
from shanhai.run.ownership import RUN, folder_held, private_folder, staging_in
from shanhai.run.pool import Task, run_tasks
from shanhai.run.runs import Run
from shanhai.run.signals import signals_interrupt
from shanhai.run.values import check_values

SHORT, LONG = 5, 600
"""Seconds that a run waits for its folder: before it starts, where other runs are storing results, and after."""


def run_notebook(run: Run, output: Path) -> Path:
    """Execute a run after checking its values, and return the executed copy.

    Results come into the folder when the run has ended, all or none; what an earlier run of this name left is removed.

    Raises
    ------
    ParameterError, UnknownPlaceError, MissingDataError
        If a value is refused; no kernel is started then.
    NotebookError
        If a cell fails; the partial copy is kept.
    FolderInUseError
        If another command works in the folder.
    """
    check_values(run.parameters, run.notebook.stem)
    task = Task(run.name, lambda folder: execute_run(run, folder))
    with isolated_environment(), signals_interrupt(), private_folder(output, RUN) as staging:
        with folder_held(output, patience=SHORT):  # a batch that works here is named now, not after the work
            pass
        (outcome,) = run_tasks([task], staging, 1)
        with folder_held(output, patience=LONG):
            _remove_others(run.name, output, publish(outcome, output))
    copy = output / "notebooks" / f"{run.name}.ipynb"
    if isinstance(outcome.error, NotebookError):
        raise NotebookError(f"{outcome.error}\n  partial copy: {copy}") from outcome.error
    if outcome.error is not None:
        raise outcome.error
    return copy


def _remove_others(run: str, output: Path, published: Collection[str]) -> None:
    """Remove what an earlier run of the same name left and this one did not make."""
    parts = (f"parts/{escape(run)}.{kind}.json" for kind in (*KINDS, "exhibits"))
    for pattern in (f"figures/{escape(run)}--*", f"tables/{escape(run)}--*", *parts):
        for path in output.glob(pattern):
            name = path.relative_to(output).as_posix()
            if name not in published and is_inside(name, output):
                path.unlink()


def save_notebooks(notebooks: Sequence[Path], jobs: int) -> bool:
    """Execute notebooks with their defaults and save the outputs in place, as nbval compares them.

    Returns
    -------
    bool
        Whether all of them ran; one that failed is left as it was.
    """
    tasks = [Task(notebook.stem, partial(execute_in_place, notebook)) for notebook in notebooks]
    ok = True
    folder = notebooks[0].parent
    with (
        isolated_environment(),
        signals_interrupt(),
        folder_held(folder),
        staging_in(folder) as staging,
        closing(run_tasks(tasks, staging, jobs)) as outcomes,
    ):
        for outcome in outcomes:
            print(f"{outcome.name}: {outcome.error or 'saved'} ({outcome.seconds:.1f} s)", file=sys.stderr, flush=True)
            ok = ok and outcome.error is None
    return ok
