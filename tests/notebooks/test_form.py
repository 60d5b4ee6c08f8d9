"""The form of the committed notebooks; nbval executes them and compares what they show."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from shanhai.core.paths import NOTEBOOKS
from shanhai.run.parameters import TAG, read_parameters

PAPERS = sorted(NOTEBOOKS.glob("*.ipynb"))
LONGEST_CELL = 12

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
def test_notebook_opens_with_a_title(path: Path) -> None:
    first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
    assert first["cell_type"] == "markdown"
    assert source(first).startswith("# ")


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


@pytest.mark.parametrize("number", [*range(5, 12), 14])
def test_notebook_says_its_answer_once_and_in_few_sentences(number: int) -> None:
    """A cell tagged ``answer:KEY`` prints the answer and nothing else; the README takes it from there."""
    (path,) = NOTEBOOKS.glob(f"{number:02d}-*.ipynb")
    printed = [
        "".join("".join(output.get("text", "")) for output in cell["outputs"] if output["output_type"] == "stream")
        for cell in code_cells(path)
    ]
    whole = " ".join(" ".join(printed).split())
    tagged = [cell for cell in code_cells(path) if str(cell["metadata"].get("tags", "")).count("answer:")]
    assert tagged
    for cell in tagged:
        assert [output["output_type"] for output in cell["outputs"]] == ["stream"]
        answer = " ".join("".join(cell["outputs"][0]["text"]).split())
        assert answer
        sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z])", answer)
        assert len(sentences) <= 4, answer
        assert [whole.count(sentence) for sentence in sentences] == [1] * len(sentences)
