"""Questions and answers are taken from the saved outputs of notebooks, word for word."""

import json

import pytest

from shanhai.core.errors import ReportError
from shanhai.run.answers import Answer, notebook_answers


def save(folder, stem, *cells):
    """A notebook whose cells are pairs of a tag and the Markdown they show."""
    cells = [
        {
            "cell_type": "code",
            "source": ["publish_text(text)"],
            "metadata": {"tags": [tag]} if tag else {},
            "outputs": [{"output_type": "display_data", "data": {"text/markdown": [text]}}] if text else [],
        }
        for tag, text in cells
    ]
    (folder / f"{stem}.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")


ASKED = ("question", "## Did it fall?")
ANSWERED = ("answer", "It fell (p 0.70; Dong et al. 2023). Nothing\nelse did.")


def test_a_finding_is_the_first_sentence_of_the_answer(tmp_path):
    save(tmp_path, "06-ask-first", ASKED, ("parameters", "a line"), ANSWERED, ("", "More."))
    save(tmp_path, "05-ask-last", ("question", "## Why?"), ("answer", "Nobody knows."))
    first, second = notebook_answers(tmp_path)
    assert first == Answer("05-ask-last", "Why?", ("Nobody knows.",))
    assert second == Answer(
        "06-ask-first", "Did it fall?", ("It fell (p 0.70; Dong et al. 2023).", "Nothing else did.")
    )
    assert second.finding == "It fell (p 0.70; Dong et al. 2023)."


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([ASKED], "05-ask-all has 0 cells tagged 'answer'; allowed: one"),
        ([ASKED, ANSWERED, ANSWERED], "05-ask-all has 2 cells tagged 'answer'; allowed: one"),
        ([ANSWERED], "05-ask-all has 0 cells tagged 'question'; allowed: one"),
        ([ASKED, ("answer", "")], "The cell tagged 'answer' in 05-ask-all shows no text"),
    ],
)
def test_a_tag_that_is_missing_repeated_or_silent_is_refused(tmp_path, cells, message):
    save(tmp_path, "05-ask-all", *cells)
    with pytest.raises(ReportError, match=message):
        notebook_answers(tmp_path)
