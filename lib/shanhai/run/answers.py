"""What each notebook answers, in the words that its own saved outputs print, so that the README repeats nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shanhai.core.errors import ReportError
from shanhai.core.paths import NOTEBOOKS
from shanhai.run.parameters import read_cells

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


@dataclass(frozen=True)
class Answer:
    """A question of the README and the place in a notebook that answers it."""

    notebook: str
    """Stem of the notebook."""
    question: str
    """What a reader wants to know."""
    call: str
    """Text that the source of the answering cell holds, and that of no other cell."""
    lines: tuple[int, ...] = (0,)
    """Which of the printed lines, counted from 0."""
    sentences: tuple[int, int] = (0, 1)
    """From and to which sentence of each of these lines, as in a slice."""


_ANSWERS: tuple[Answer, ...] = (
    Answer("05-track-convergence", "Have the 26 come closer?", "text.position_sentences(", lines=(1, 3)),
    Answer("06-evaluate-policy", "Did the policy make them brighter?", "policy.effect_text(", sentences=(0, 2)),
    Answer("07-test-new-border", "Did the border of 1997 slow both sides?", "say.agreement_text(", sentences=(0, 2)),
    Answer("07-test-new-border", "Do borders keep gaps open?", "show_zone.barro_text(", (0, 1), (0, 2)),
    Answer("08-explain-gap", "What goes with the gap of Quzhou?", "gap_paragraph(", sentences=(0, 3)),
    Answer("08-explain-gap", "And with that of the 26?", "mountain_paragraph(", sentences=(0, 2)),
    Answer("09-follow-targets", "70 % of the province by 2025?", "say.summary_text(", sentences=(0, 3)),
    Answer("10-pair-mountain-and-sea", "Are partners richer or nearer?", "say.pairs_text(", (0, 1)),
    Answer("11-evaluate-counties", "Can the 26 be ranked?", "say.ranks_text(", (0, 1)),
)
"""Questions that no single claim asks, in the order of the notebooks."""

HEAD = ("| the question | the notebook answers | in |", "|---|---|---|")


def answers_table(answers: tuple[Answer, ...] = _ANSWERS, folder: Path = NOTEBOOKS) -> str:
    """Markdown table of questions and answers, read from the saved outputs of the notebooks.

    Raises
    ------
    ReportError
        If a notebook, the cell or its printed answer is missing, or if several cells hold the call.
    """
    rows = [
        f"| {answer.question} | {answer_of(answer, folder).replace('|', '/')} | {answer.notebook[:2]} |"
        for answer in answers
    ]
    return "\n".join([*HEAD, *rows])


def answer_of(answer: Answer, folder: Path = NOTEBOOKS) -> str:
    """The sentences that a saved notebook prints where it answers the question.

    Raises
    ------
    ReportError
    """
    file = folder / f"{answer.notebook}.ipynb"
    if not file.is_file():
        raise ReportError(f"There is no notebook {answer.notebook} in {folder}; correct _ANSWERS.")
    cells = [cell for cell in _code_cells(file) if answer.call in cell["source"]]
    if len(cells) != 1:
        raise ReportError(
            f"{len(cells)} cells of {answer.notebook} hold {answer.call!r}, not one; correct _ANSWERS or the notebook."
        )
    printed = "".join("".join(output.get("text", "")) for output in cells[0]["outputs"]).splitlines()
    first, last = answer.sentences
    found = [_SENTENCE_END.split(line)[first:last] for i, line in enumerate(printed) if i in answer.lines and line]
    if len(found) < len(answer.lines) or not all(found):
        raise ReportError(
            f"The cell with {answer.call!r} in {answer.notebook} prints {len(printed)} lines, and not the sentences "
            f"{first} to {last} of lines {answer.lines}; run `shanhai save-notebooks`, or correct _ANSWERS."
        )
    return " ".join(sentence.strip() for sentences in found for sentence in sentences)


def _code_cells(file: Path) -> list[Mapping[str, Any]]:
    return [cell for cell in read_cells(file) if cell["cell_type"] == "code"]
