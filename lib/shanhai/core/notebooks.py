"""Notebooks as documents: cells as the file has them, without running any."""

import json
from pathlib import Path
from typing import Any

from shanhai.core.errors import NotebookError


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
