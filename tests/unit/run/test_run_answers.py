"""Answers of the README are taken from the saved outputs of notebooks, word for word."""

import json

import pytest

from shanhai.core.errors import ReportError
from shanhai.run.readme import _Answer, _answer_of, _answers_table


@pytest.fixture
def folder(tmp_path):
    def code(source, text):
        outputs = [{"output_type": "stream", "name": "stdout", "text": text}] if text else []
        return {"cell_type": "code", "source": [source], "outputs": outputs}

    cells = [
        {"cell_type": "markdown", "source": ["say.effect_text("]},
        code("print(say.effect_text(main))", ["It fell (p 0.70). None of 4 tests | rejects.\n", "more words. Last."]),
        code("say.silent(main)", []),
        code("twice(1)", ["A."]),
        code("twice(2)", ["B."]),
    ]
    (tmp_path / "05-try-this.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return tmp_path


def test_sentences_are_taken_line_by_line(folder):
    def said(**place):
        return _answer_of(_Answer("05-try-this", "Did it fall?", "say.effect_text(", **place), folder)

    assert said() == "It fell (p 0.70)."
    assert said(sentences=(0, 2)) == "It fell (p 0.70). None of 4 tests | rejects."
    assert said(lines=(0, 1)) == "It fell (p 0.70). more words."


def test_table_has_a_row_a_question_and_no_stray_bar(folder):
    table = _answers_table((_Answer("05-try-this", "What else?", "say.effect_text(", sentences=(1, 2)),), folder)
    assert table.splitlines()[2:] == ["| What else? | None of 4 tests / rejects. | 05 |"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (_Answer("06-not-there", "?", "x("), "no notebook 06-not-there"),
        (_Answer("05-try-this", "?", "unknown("), "0 cells"),
        (_Answer("05-try-this", "?", "twice("), "2 cells"),
        (_Answer("05-try-this", "?", "say.silent("), "prints 0 lines"),
        (_Answer("05-try-this", "?", "say.effect_text(", (0, 2)), "prints 2 lines"),
        (_Answer("05-try-this", "?", "say.effect_text(", sentences=(5, 6)), "not the sentences 5 to 6"),
    ],
)
def test_what_cannot_be_answered_is_refused(folder, answer, message):
    with pytest.raises(ReportError, match=message):
        _answer_of(answer, folder)
