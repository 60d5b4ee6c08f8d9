"""Examples in the docstrings of curves, placebo tests and SCPC run and print what they say."""

import ast
import doctest
from importlib import import_module
from pathlib import Path

import pytest

from shanhai import methods

ROOM = Path(methods.__path__[0])
MODULES = sorted([*ROOM.glob("curve/*.py"), *ROOM.glob("placebo/*.py"), ROOM / "regression" / "scpc.py"])
WITH_EXAMPLE = {
    "curve": {"Grid", "estimate_variations", "prepare_variations", "summarise_curve", "summarise_options"}
    | {"what_moves", "joint_null_test", "permute_within"},
    "placebo": {"permutations", "permutation_test", "randomization_test", "drawn_design", "draw_borders"}
    | {"border_chance", "placebo_border", "compare_borders"},
    "regression": {"scpc", "ScpcSum"},
}
"""Names that a reader looks up first."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_examples_print_what_they_say(path: Path) -> None:
    name = ".".join(("shanhai.methods", *path.relative_to(ROOM).with_suffix("").parts)).removesuffix(".__init__")
    assert doctest.testmod(import_module(name)).failed == 0


@pytest.mark.parametrize("room", WITH_EXAMPLE)
def test_what_is_looked_up_first_has_an_example(room: str) -> None:
    shown = {
        node.name
        for path in MODULES
        if path.parent.name == room
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ">>>" in (ast.get_docstring(node) or "")
    }
    assert shown >= WITH_EXAMPLE[room]
