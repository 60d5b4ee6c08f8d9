"""The form of the committed notebooks; nbval executes them and compares what they show."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from shanhai.core.notebooks import study_notebooks
from shanhai.run.parameters import TAG, read_parameters

PAPERS = study_notebooks().values()
LONGEST_CELL = 12
EXHIBITS, SENTENCES, WORDS = 3, 3, 120
"""What the opening of a notebook holds at most: figures and tables, sentences of the answer, and their words."""

each_notebook = pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)


def code_cells(path: Path) -> list[dict[str, Any]]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_there_are_notebooks_numbered_and_named_by_verb_and_object() -> None:
    assert PAPERS
    assert not [path.name for path in PAPERS if not re.fullmatch(r"\d\d(-[a-z0-9]+){2,}\.ipynb", path.name)]


@each_notebook
def test_notebook_opens_with_a_title_in_both_languages_and_shows_all_other_prose(path: Path) -> None:
    """A Markdown cell cannot know the language of a run, so the title is the only one, and gives both."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert [cell["cell_type"] for cell in cells] == ["markdown"] + ["code"] * (len(cells) - 1)
    assert re.fullmatch(r"# [A-Z][^\u4e00-\u9fff\n]+ [\u4e00-\u9fff][^\n]*", source(cells[0])), source(cells[0])


@each_notebook
def test_notebook_has_one_cell_of_typed_parameters(path: Path) -> None:
    assert [TAG in cell["metadata"].get("tags", []) for cell in code_cells(path)].count(True) == 1
    assert read_parameters(path)


@each_notebook
def test_cells_are_short_and_define_nothing(path: Path) -> None:
    for cell in code_cells(path):
        tree = ast.parse(source(cell))
        assert len(source(cell).splitlines()) <= LONGEST_CELL, source(cell)
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)]
        assert not source(cell).rstrip().endswith(";"), "nbval fails on a trailing ;"


@each_notebook
def test_cells_neither_round_nor_name_paths(path: Path) -> None:
    for cell in code_cells(path):
        names = {node.id for node in ast.walk(ast.parse(source(cell))) if isinstance(node, ast.Name)}
        methods = {node.attr for node in ast.walk(ast.parse(source(cell))) if isinstance(node, ast.Attribute)}
        assert not (names | methods) & {"round", "open", "Path", "read_csv", "to_csv", "read_file"}, source(cell)


@each_notebook
def test_outputs_are_saved_and_free_of_errors(path: Path) -> None:
    cells = code_cells(path)
    assert all(cell["execution_count"] for cell in cells), "run `shanhai save-notebooks`"
    kinds = [output["output_type"] for cell in cells for output in cell["outputs"]]
    assert kinds
    assert "error" not in kinds
    assert not [1 for cell in cells for output in cell["outputs"] if output.get("name") == "stderr"]


def shown(cell: dict[str, Any]) -> str:
    """Markdown that a cell shows."""
    return "".join("".join(output.get("data", {}).get("text/markdown", "")) for output in cell["outputs"])


def has_tag(cell: dict[str, Any], tag: str) -> bool:
    return tag in cell["metadata"].get("tags", [])


@each_notebook
def test_prose_is_typeset_and_not_printed(path: Path) -> None:
    for cell in code_cells(path):
        assert not re.search(r"\bprint\(", source(cell)), source(cell)
        assert not [output for output in cell["outputs"] if output["output_type"] == "stream"], source(cell)
        # what says only words hides its code: a reader sees the passage, an author opens the cell
        if re.match(r"(say|publish_text)\(", source(cell)):
            assert cell["metadata"].get("jupyter", {}).get("source_hidden") is True, source(cell)


@each_notebook
def test_notebook_opens_with_question_answer_and_at_most_three_exhibits(path: Path) -> None:
    """One question; an answer of at most three sentences, said once; exhibits; everything else is the appendix."""
    cells = code_cells(path)
    tags = ("question", "answer", "appendix")
    assert [sum(has_tag(cell, tag) for cell in cells) for tag in tags] == [1, 1, 1]
    asked, answered, appended = (next(i for i, cell in enumerate(cells) if has_tag(cell, tag)) for tag in tags)
    assert asked < answered < appended
    assert not [1 for cell in cells[:asked] if cell["outputs"]]
    opening = "\n".join(source(cell) for cell in cells[:appended])
    assert 1 <= len(re.findall(r"\bpublish_(?:table|figure)\(", opening)) <= EXHIBITS
    assert re.fullmatch(r"## [^\n]+[?？]", shown(cells[asked]).strip()), shown(cells[asked])
    assert shown(cells[appended]).startswith("## Appendix")
    answer = shown(cells[answered]).strip()
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z])", answer)
    assert len(sentences) <= SENTENCES, answer
    assert len(answer.split()) <= WORDS, answer
    whole = "\n".join(map(shown, cells))
    assert [whole.count(sentence) for sentence in sentences] == [1] * len(sentences)
    inside = re.findall(r"^#{1,2} .*", "\n".join(shown(cell) for cell in cells[appended + 1 :]), flags=re.MULTILINE)
    assert not inside, "sections of the appendix have headings of the third level"
