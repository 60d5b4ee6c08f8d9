"""Papermill's engine, with the copy of a notebook written at the beginning and at the end of a run."""

from typing import Any

from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines

ENGINE = "shanhai"
"""Name under which papermill knows the engine."""


class _TwiceWritten(NBClientEngine):
    """Writes nothing between two cells.

    Papermill writes the whole copy, with every figure so far, before and after each cell; for a long notebook that
    takes more time than to run it. What a failed run has shown is written when it stops, also if its kernel died.
    """

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any) -> None:
        target, nb_man.output_path = nb_man.output_path, None
        try:
            super().execute_managed_notebook(nb_man, kernel_name, **options)
        finally:
            nb_man.output_path = target


papermill_engines.register(ENGINE, _TwiceWritten)
