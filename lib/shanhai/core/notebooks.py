"""Notebooks as documents: cells as the file has them, without running any."""

import json
from pathlib import Path
from typing import Any

from shanhai.core.errors import NotebookError
from shanhai.core.paths import NOTEBOOKS

START = "00-start-here"
"""Start page; in Chinese ``00-start-here-zh``."""

_ENTRANCE = "00-"


def find_notebooks(folder: Path = NOTEBOOKS) -> dict[str, Path]:
    """Notebooks of a folder that have code to run, by stem, sorted: all but the start pages."""
    return {path.stem: path for path in sorted(folder.glob("*.ipynb")) if not path.stem.startswith(START)}


def study_notebooks(folder: Path = NOTEBOOKS) -> dict[str, Path]:
    """Those that answer a question and have results: notebooks of number 00 open the project and answer none."""
    return {stem: path for stem, path in find_notebooks(folder).items() if not stem.startswith(_ENTRANCE)}


def read_cells(notebook: Path) -> list[dict[str, Any]]:
    """Cells of a notebook as its file has them, the source of each as one text.

    Raises
    ------
    NotebookError
        If the file is no notebook.
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return [
            {
                **cell,
                "cell_type": cell["cell_type"],
                "source": "".join(cell["source"]),
                "metadata": dict(cell.get("metadata", {})),
            }
            for cell in cells
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotebookError(
            f"{notebook} cannot be read as a notebook: {type(error).__name__}: {error}. "
            "Restore it with `git checkout`, or save it again in JupyterLab."
        ) from error
