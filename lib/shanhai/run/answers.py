"""What each notebook asks and answers, in the words that its own saved outputs show, so that no page repeats them.

A notebook has one cell with the tag ``question`` and one with the tag ``answer``; both show Markdown.
"""

from dataclasses import dataclass
from pathlib import Path

from shanhai.core.errors import ReportError
from shanhai.core.notebooks import read_cells, sentences, study_notebooks, tagged_text
from shanhai.core.paths import NOTEBOOKS


@dataclass(frozen=True)
class Answer:
    """Question and answer of a notebook."""

    notebook: str
    """Name of the file without its ending, such as ``09-follow-targets``."""
    question: str
    sentences: tuple[str, ...]

    @property
    def finding(self) -> str:
        """The first sentence: the finding, which stands alone."""
        return self.sentences[0]


def notebook_answers(folder: Path = NOTEBOOKS) -> tuple[Answer, ...]:
    """Question and answer of each notebook in a folder that has any, in the order of their names.

    Parameters
    ----------
    folder : Path
        Where the notebooks are.

    Raises
    ------
    ReportError
        If a notebook has no cell tagged ``question`` or ``answer``, or several, or if one of these shows nothing.
    NotebookError
        If a file is no notebook.
    """
    answers = []
    for notebook in study_notebooks(folder).values():
        question, answer = (_shown(notebook, tag) for tag in ("question", "answer"))
        answers.append(Answer(notebook.stem, question.lstrip("# "), sentences(answer)))
    return tuple(answers)


def _shown(notebook: Path, tag: str) -> str:
    """Markdown that the one cell with a tag shows, on one line."""
    count, text = tagged_text(read_cells(notebook), tag)
    if count != 1:
        raise ReportError(
            f"{notebook.stem} has {count} cells tagged {tag!r}; allowed: one. Tag the cell that shows its {tag}."
        )
    if not text:
        raise ReportError(
            f"The cell tagged {tag!r} in {notebook.stem} shows no text; show it with publish_text, and run "
            "`shanhai save-notebooks`."
        )
    return text
