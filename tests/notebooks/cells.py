"""The code cells of a notebook executed in this process, with what each of them shows."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shanhai.run.parameters import TAG

FEWER = {"draws": 99, "random_pairs": 99, "placebo_draws": 100, "family_draws": 99}
"""Draws in place of the defaults, in every notebook that has such a parameter."""


def executed(notebook: Path, **parameters: object) -> Iterator[Any]:
    """Run the code cells in one namespace, with fewer draws and these parameters; yields what the cells show."""
    shown: list[Any] = []
    space: dict[str, Any] = {"display": lambda *items: shown.extend(items)}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        *statements, last = ast.parse("".join(cell["source"])).body
        ends_in_value = isinstance(last, ast.Expr)
        body = ast.Module(statements if ends_in_value else [*statements, last], type_ignores=[])
        exec(compile(body, notebook.name, "exec"), space)
        value = eval(compile(ast.Expression(last.value), notebook.name, "eval"), space) if ends_in_value else None
        yield from (item for item in (*shown, value) if item is not None)
        shown.clear()
        if TAG in cell["metadata"].get("tags", []):
            space |= {name: value for name, value in (FEWER | parameters).items() if name in space}
