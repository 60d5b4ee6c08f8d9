"""Notebooks as documents: cells as the file has them, without running any."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from shanhai.core.errors import NotebookError
from shanhai.core.paths import NOTEBOOKS

START = "00-start-here"
"""Start page; in Chinese ``00-start-here-zh``."""

_ENTRANCE = "00-"

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“(])|(?<=[。！？])\s*(?=\S)")


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
        is_ours = notebook.resolve().parent == NOTEBOOKS
        step = (
            "Restore it with `git checkout`, or save it again in JupyterLab."
            if is_ours
            else "If it is your own, put an earlier copy in its place (JupyterLab keeps one in .ipynb_checkpoints "
            "beside it), or begin anew with `shanhai new NAME`; if a command wrote it, run that command again."
        )
        raise NotebookError(
            f"{notebook} cannot be read as a notebook: {type(error).__name__}: {error}. {step}"
        ) from error


def tagged_text(cells: Iterable[Mapping[str, Any]], tag: str) -> tuple[int, str]:
    """How many cells have a tag, and the Markdown that they show, on one line.

    Parameters
    ----------
    cells : as :func:`read_cells` gives them
    tag : str
        Such as ``question`` or ``answer``.
    """
    tagged = [cell for cell in cells if tag in cell["metadata"].get("tags", [])]
    shown = [output for cell in tagged for output in cell.get("outputs", ())]
    parts = ["".join(output.get("data", {}).get("text/markdown", "")) for output in shown]
    return len(tagged), " ".join(" ".join(parts).split())


def sentences(text: str) -> tuple[str, ...]:
    """Sentences of a paragraph in English or Chinese.

    Examples
    --------
    >>> sentences("GDP fell by 1.5%. It rose later.")
    ('GDP fell by 1.5%.', 'It rose later.')
    >>> sentences("下降1.5%。随后上升。")
    ('下降1.5%。', '随后上升。')
    """
    return tuple(filter(None, _SENTENCE_END.split(text)))
