"""What each notebook answers, in the words that its own saved outputs print, so that the README repeats nothing.

A question has a key in ``words.toml``; the cell that answers it has the tag ``answer:KEY`` and prints the answer alone.
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from shanhai.core.errors import ReportError
from shanhai.core.paths import NOTEBOOKS
from shanhai.render.words import Pair, Words
from shanhai.run.parameters import read_cells

_TAG = "answer:"
_WORDS = Words.beside(__file__)
_HEAD = ("| the question | the notebook answers | in |", "|---|---|---|")


def answers_table(folder: Path = NOTEBOOKS, questions: Mapping[str, Pair] | None = None) -> str:
    """Markdown table of questions and answers, read from the saved outputs of the notebooks.

    Parameters
    ----------
    folder : Path
        Where the notebooks are.
    questions : mapping of key to question, optional
        English and Chinese; those beyond single claims, from ``words.toml``, unless given.

    Raises
    ------
    ReportError
        If a question has no answer or several, if an answer has no question, or if nothing was printed.
    """
    asked = _WORDS.labels("questions") if questions is None else questions
    answers: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for notebook in sorted(folder.glob("*.ipynb")):
        for key, answer in _printed_answers(notebook):
            answers[key].append((notebook.stem, answer))
    for key in answers:
        if key not in asked:
            raise ReportError(
                f"{answers[key][0][0]} has a cell tagged {_TAG + key!r}, but there is no question {key!r}; allowed: "
                f"{', '.join(asked)}. Correct the tag, or add the question to run/words.toml."
            )
    rows = []
    for key, (question, _) in asked.items():
        if len(answers[key]) != 1:
            where = ", ".join(stem for stem, _ in answers[key]) or f"none of the notebooks in {folder}"
            raise ReportError(
                f"{len(answers[key])} cells are tagged {_TAG + key!r}, not one ({where}). Tag the one cell that prints "
                "the answer, or take the question out of run/words.toml."
            )
        stem, answer = answers[key][0]
        rows.append(f"| {question} | {answer.replace('|', '/')} | {stem[:2]} |")
    return "\n".join([*_HEAD, *rows])


def _printed_answers(notebook: Path) -> list[tuple[str, str]]:
    """Key and text of each answer of a saved notebook, in the order of its cells; lines are joined by spaces.

    Raises
    ------
    ReportError
        If a cell that is tagged as an answer printed nothing.
    NotebookError
        If the file is no notebook.
    """
    answers = []
    for cell in read_cells(notebook):
        for tag in cell["metadata"].get("tags", []):
            if tag.startswith(_TAG):
                printed = "".join("".join(output.get("text", "")) for output in cell.get("outputs", []))
                if not printed.strip():
                    raise ReportError(
                        f"The cell tagged {tag!r} in {notebook.stem} printed nothing; print the answer there, and run "
                        "`shanhai save-notebooks`."
                    )
                answers.append((tag.removeprefix(_TAG), " ".join(printed.split())))
    return answers
