"""One notebook, executed headless through papermill, stored without anything that changes from run to run."""

import logging
import os
from contextlib import closing
from pathlib import Path
from typing import Any

from shanhai.core.errors import NotebookError
from shanhai.core.paths import LIMIT_VARIABLE, OUTPUT_VARIABLE, RUN_VARIABLE
from shanhai.core.without import without
from shanhai.run.kernel import KERNEL_NAME, kernel_manager_class
from shanhai.run.manifest import shortened
from shanhai.run.runs import CHINESE, Run

with without("rfc3987_syntax"):  # checks international URLs, which notebooks have none of; takes seconds to import
    import nbformat
    from nbformat import NotebookNode

_KERNEL_METADATA = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": KERNEL_NAME}
_LANGUAGE_METADATA = {
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "pygments_lexer": "ipython3",
}
CELL_LIMIT = 3600
"""Seconds that a cell may take unless somebody says otherwise: the longest of ours takes half a minute."""

_WIDGET = "application/vnd.jupyter.widget-view+json"
"""A control of a page that lives: named by a random number, and nothing where no kernel runs."""

_STABLE_CELL_METADATA = ("tags", "jupyter", "editable", "slideshow")


def execute_run(run: Run, output: Path, *, forked: bool = False) -> Path:
    """Execute a run and return its copy in ``notebooks/`` of the output folder.

    Parameters
    ----------
    run : Run
    output : Path
        Folder that the kernel publishes figures, tables and estimates to.
    forked : bool
        Fork the kernel from a process that has imported everything: see :mod:`shanhai.run.forked`.

    Raises
    ------
    NotebookError
        If a cell fails or the kernel dies; the copy up to there is kept and the message names the cell.
    """
    variables = {OUTPUT_VARIABLE: str(output), RUN_VARIABLE: run.name}
    target = output / "notebooks" / f"{run.name}.ipynb"
    _execute(run, target, variables, forked)
    if run.page:
        from shanhai.report.batch.page import write_page  # other runs need none

        write_page(run.name, output, CHINESE if run.edition else "en", up=bool(run.edition))
    return target


def execute_in_place(notebook: Path, output: Path) -> None:
    """Execute a notebook with its defaults and save the outputs in the notebook itself, in one step.

    Parameters
    ----------
    notebook : Path
    output : Path
        Folder of the same file system for the copy in the making.

    Raises
    ------
    NotebookError
        If a cell fails; the notebook stays as it was and the partial copy is in `output`.
    """
    target = output / notebook.name
    _execute(Run(notebook.stem, notebook), target, {OUTPUT_VARIABLE: str(output)})
    target.chmod(notebook.stat().st_mode)
    target.replace(notebook)


def _execute(run: Run, target: Path, variables: dict[str, str], forked: bool = False) -> None:
    from jupyter_core.utils import ensure_event_loop
    from papermill import execute_notebook
    from papermill.exceptions import PapermillExecutionError

    from shanhai.run.engine import ENGINE

    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # what goes wrong is said by the error below
    target.parent.mkdir(parents=True, exist_ok=True)
    failure: Exception | None = None
    try:
        with closing(ensure_event_loop()):  # each thread has a loop of its own, which nobody else closes
            execute_notebook(
                _for_papermill(run.notebook),
                _for_papermill(target),
                dict(run.parameters),
                engine_name=ENGINE,
                kernel_name=KERNEL_NAME,
                language="python",
                progress_bar=False,
                kernel_manager_class=kernel_manager_class(variables, forked),
                resources={"metadata": {"path": str(run.notebook.parent)}},
                record_timing=False,
                execution_timeout=_cell_limit(),
                shutdown_kernel="immediate",  # results are on disk; a polite goodbye takes seconds on a busy machine
                coalesce_streams=True,
            )
    except (PapermillExecutionError, RuntimeError, TimeoutError) as error:  # RuntimeError: the kernel died
        failure = error
    if not target.is_file():
        raise NotebookError(f"{run.name}: no cell was run. {failure}") from failure
    notebook = nbformat.read(target, as_version=4)
    said = _failure(run, notebook, failure) if failure else ("", None)
    _strip_volatile(notebook)
    nbformat.write(notebook, target)
    if failure:
        raise NotebookError(*said) from failure


def _cell_limit() -> int:
    return int(os.environ.get(LIMIT_VARIABLE, CELL_LIMIT))


def _for_papermill(path: Path) -> str:
    """papermill fills {name} in paths; a folder may really be called so."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _failure(run: Run, notebook: NotebookNode, failure: Exception) -> tuple[str, dict[str, Any]]:
    """A sentence on what stopped a run, and what the manifest says of it."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    states = [cell.metadata.get("papermill", {}) for cell in code]
    failed = [i for i, state in enumerate(states) if state.get("exception")]
    begun = [i for i, state in enumerate(states) if state.get("start_time")]
    stopped = failed[:1] or begun[-1:]  # a kernel that died raised nothing: the last cell begun is the one
    place = "before its first cell"
    if stopped:
        first_line = next((line for line in code[stopped[0]].source.splitlines() if line.strip()), "")
        place = f"in code cell {stopped[0] + 1} of {len(code)} (`{first_line}`)"
    kind, words = getattr(failure, "ename", type(failure).__name__), getattr(failure, "evalue", str(failure))
    if isinstance(failure, TimeoutError):
        kind, words = "TimeoutError", f"the cell took more than {_cell_limit()} s; --cell-limit SECONDS gives it more"
    details = {
        "cell": place,
        "exception": f"{kind}: {words}",
        "traceback": shortened("\n".join(getattr(failure, "traceback", ()))),
    }
    return f"{run.name} stopped {place}: {kind}: {words}", details


def _strip_volatile(notebook: NotebookNode) -> None:
    """Remove times, versions, paths and random identifiers, so that two runs give the same bytes."""
    parameters = notebook.metadata.get("papermill", {}).get("parameters")
    notebook.metadata = NotebookNode(
        kernelspec=NotebookNode(_KERNEL_METADATA), language_info=NotebookNode(_LANGUAGE_METADATA)
    )
    if parameters:
        notebook.metadata["papermill"] = NotebookNode(parameters=parameters)
    for number, cell in enumerate(notebook.cells):
        kept = {key: cell.metadata[key] for key in _STABLE_CELL_METADATA if cell.metadata.get(key)}
        cell.metadata = NotebookNode(kept)
        if _is_added(cell):
            cell["id"] = f"added-{number}"
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(_WIDGET, None)


def _is_added(cell: NotebookNode) -> bool:
    """Whether papermill put this cell in, with an identifier drawn at random."""
    return any(tag in ("injected-parameters", "papermill-error-cell-tag") for tag in cell.metadata.get("tags", []))
