"""Answers of the README are taken from the saved outputs of notebooks by their key, word for word."""

import json

import pytest

from shanhai.core.errors import ReportError
from shanhai.run.answers import answers_table

QUESTIONS = {"fall": ("Did it fall?", "下降了吗？"), "rest": ("What else?", "还有什么？")}


def save(folder, stem, *cells):
    """A notebook whose cells are pairs of a tag and the printed lines."""
    cells = [
        {
            "cell_type": "code",
            "source": ["print(text)"],
            "metadata": {"tags": [tag]} if tag else {},
            "outputs": [{"output_type": "stream", "name": "stdout", "text": text}] if text else [],
        }
        for tag, text in cells
    ]
    (folder / f"{stem}.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")


FALL = ("answer:fall", ["It fell (p 0.70). None of 4 tests | rejects.\n", "More words.\n"])
REST = ("answer:rest", ["Nothing.\n"])


def test_each_question_has_a_row_with_the_whole_answer_and_no_stray_bar(tmp_path):
    save(tmp_path, "05-ask-last", REST)
    save(tmp_path, "06-ask-first", ("parameters", ["a line"]), ("", ["no answer"]), FALL)
    assert answers_table(tmp_path, QUESTIONS).splitlines()[2:] == [
        "| Did it fall? | It fell (p 0.70). None of 4 tests / rejects. More words. | 06 |",
        "| What else? | Nothing. | 05 |",
    ]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([FALL], "0 cells are tagged 'answer:rest', not one .none of the notebooks in"),
        ([FALL, REST, FALL], "2 cells are tagged 'answer:fall', not one .05-ask-all, 05-ask-all."),
        (
            [FALL, REST, ("answer:why", ["So."])],
            "05-ask-all .* 'answer:why', but there is no question 'why'; .* fall, rest",
        ),
        ([FALL, ("answer:rest", [])], "The cell tagged 'answer:rest' in 05-ask-all printed nothing"),
    ],
)
def test_a_tag_that_is_missing_repeated_unknown_or_silent_is_refused(tmp_path, cells, message):
    save(tmp_path, "05-ask-all", *cells)
    with pytest.raises(ReportError, match=message):
        answers_table(tmp_path, QUESTIONS)
