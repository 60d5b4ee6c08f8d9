"""Kernels and other work forked from one process that has imported everything, instead of started from nothing.

A kernel of this project spends three to four seconds of a core on imports before its first result; a batch starts some
forty of them. On Linux they are forked from the fork server of :mod:`multiprocessing`, which has imported what the
notebooks import (:mod:`shanhai.run.preload`). Elsewhere, where a fork after such imports is not safe, and for a single
run, kernels are started as usual. Results are the same bytes either way.
"""

import ast
import json
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from shanhai.core.beside import error_of
from shanhai.core.errors import NotebookError
from shanhai.core.notebooks import read_cells
from shanhai.run.preload import MODULES_VARIABLE, SERVER, end_with_parent
from shanhai.run.strictness import make_warnings_errors

if TYPE_CHECKING:  # other systems have no such context
    from multiprocessing.context import ForkServerContext, ForkServerProcess

FORK_IS_SAFE = sys.platform == "linux"
"""Where a process may be forked after numpy, matplotlib and their like are imported."""


def start_kernel(arguments: list[str], environment: Mapping[str, str], folder: str) -> "ForkServerProcess":
    """Fork a kernel with the arguments that follow ``python -m ipykernel_launcher`` in a command."""
    process = _context().Process(target=_serve_kernel, args=(arguments, dict(environment), folder))
    process.start()
    return process


def _serve_kernel(arguments: list[str], environment: Mapping[str, str], folder: str) -> None:
    """Be a kernel: runs in the forked process until the kernel is shut down."""
    from ipykernel.kernelapp import launch_new_instance

    _end_with_server()
    os.setsid()  # Ctrl-C in a terminal is for the batch, which ends its kernels itself
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path[:] = [entry for entry in sys.path if entry]
    launcher = find_spec("ipykernel_launcher")
    sys.argv = [str(launcher.origin) if launcher else "", *arguments]
    # as in a fresh kernel: the locks that libraries make are the kernel's own, and the batch need not clear them away
    multiprocessing.set_start_method(None, force=True)
    # the kernel looks for its parent in a variable that it reads when it is imported
    launch_new_instance(argv=[*arguments, f"--IPKernelApp.parent_handle={SERVER}"])


def _end_with_server() -> None:
    """End when the fork server ends, or now if it has ended already."""
    end_with_parent()
    if os.getppid() != SERVER:
        os._exit(1)


def call(function: Callable[..., object], *arguments: object) -> None:
    """Call a function of a module in a fork of its own, warnings being errors, and wait until it has ended.

    Raises
    ------
    ShanhaiError
        The one that the function raised.
    NotebookError
        If it raised another error or the process ended without a word.
    """
    context = _context()
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(sender, function, arguments))
    process.start()
    sender.close()
    with receiver:
        try:
            error = receiver.recv()
        except EOFError:
            process.join()
            error = NotebookError(f"the process ended with status {process.exitcode}")
    process.join()
    if error is not None:
        raise error


def _answer(sender: Connection, function: Callable[..., object], arguments: tuple[object, ...]) -> None:
    _end_with_server()
    make_warnings_errors()
    sender.send(error_of(function, arguments, NotebookError))


@contextmanager
def fork_server(notebooks: Iterable[Path]) -> Iterator[None]:
    """Start a fork server that imports what these notebooks import; it does so while the caller goes on.

    One server serves a process; within the context and after it, until the process ends.
    """
    from multiprocessing.forkserver import ensure_running  # other systems have none

    before = os.environ.get(MODULES_VARIABLE)
    modules = sorted({name for path in notebooks for name in _imported(path)})
    os.environ[MODULES_VARIABLE] = json.dumps([os.getpid(), modules])
    _context()
    try:
        ensure_running()
        yield
    finally:
        os.environ.pop(MODULES_VARIABLE)
        if before is not None:
            os.environ[MODULES_VARIABLE] = before


def _imported(notebook: Path) -> set[str]:
    """Modules that the cells of a notebook import; a cell that is no plain Python has none."""
    found: set[str] = set()
    for cell in read_cells(notebook):
        if cell["cell_type"] == "code":
            found |= _imports(cell["source"])
    return found


def _imports(source: str) -> set[str]:
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:  # a magic command of IPython, or an error that the run will show
        return set()
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def _context() -> "ForkServerContext":
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["shanhai.run.preload"])
    return context
