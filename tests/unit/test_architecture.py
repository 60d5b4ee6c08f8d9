"""Imports go one way, heavy packages have one home, and notebooks see public names only."""

import ast
import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from shanhai.core.paths import LIBRARY, NOTEBOOKS, ROOT

LAYERS = (
    ("errors", "paths"),
    ("spec", "sources", "fields", "places"),
    ("geo",),
    ("data",),
    ("model",),
    ("findings",),
    ("report",),
    ("run",),
    ("__main__",),
)
"""From the ground up: a module imports from its own part or from parts below, never from above."""

HOMES = {"statsmodels": "model", "matplotlib": "report", "seaborn": "report", "zhplot": "report", "papermill": "run"}
"""The one package of the library that may import each of these."""

FOR_NOTEBOOKS = {"data", "geo", "model", "findings", "report", "places", "spec", "errors"}
"""What notebooks may import of the library."""

MODULES = sorted(LIBRARY.rglob("*.py"))
PAPERS = sorted(NOTEBOOKS.glob("*.ipynb"))
LIMIT = 350
"""Lines of a module, at most."""


def name(path: Path) -> str:
    return path.relative_to(LIBRARY).as_posix()


def layer(part: str) -> int:
    return next(i for i, parts in enumerate(LAYERS) if part in parts)


def imports(source: str) -> Iterator[tuple[str, str]]:
    """Module and name of every import, wherever it stands; the name is empty for ``import module``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            yield from ((node.module or "", alias.name) for alias in node.names)


def parts_imported(source: str) -> set[str]:
    """Parts of the library (``geo``, ``errors``, ...) that a source imports."""
    found = set()
    for module, imported in imports(source):
        steps = [*module.split("."), imported]
        if steps[0] == "shanhai" and steps[1]:
            found.add(steps[1])
    return found - {"__version__"}


def code_of(notebook: Path) -> str:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_module_imports_nothing_from_above(path: Path) -> None:
    own = path.relative_to(LIBRARY).parts[0].removesuffix(".py")
    if own == "__init__":
        assert not parts_imported(path.read_text(encoding="utf-8"))
        return
    above = {part for part in parts_imported(path.read_text(encoding="utf-8")) if layer(part) > layer(own)}
    assert not above, f"{name(path)} imports {sorted(above)}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_heavy_packages_have_one_home(path: Path) -> None:
    own = path.relative_to(LIBRARY).parts[0]
    foreign = {module.split(".")[0] for module, _ in imports(path.read_text(encoding="utf-8"))}
    strays = {package for package, home in HOMES.items() if package in foreign and home != own}
    assert not strays, f"{name(path)} imports {sorted(strays)}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_module_is_small_and_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LIMIT
    assert ast.get_docstring(ast.parse(text))


def test_bootstrap_needs_the_standard_library_only() -> None:
    modules = {module.split(".")[0] for module, _ in imports((ROOT / "bootstrap.py").read_text(encoding="utf-8"))}
    assert modules <= sys.stdlib_module_names


def test_declared_dependencies_are_those_that_are_imported() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {line.split(">=")[0].replace("-", "_") for line in declared["dependencies"]}
    not_imported = {"jupyterlab", "jinja2", "zhplot"}  # a command, an engine of pandas, a font file
    built_with = {line.split(">=")[0] for line in declared["optional-dependencies"]["build"]}
    imported = {
        module.split(".")[0] for path in MODULES for module, _ in imports(path.read_text(encoding="utf-8"))
    } - sys.stdlib_module_names
    comes_with_papermill = {"jupyter_client", "jupyter_core"}
    assert imported - built_with - comes_with_papermill - {"shanhai"} == names - not_imported


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_notebook_imports_public_names_of_allowed_parts(path: Path) -> None:
    code = code_of(path)
    assert parts_imported(code) <= FOR_NOTEBOOKS
    private = [f"{module}.{imported}" for module, imported in imports(code) if "._" in f".{module}.{imported}"]
    assert not private
    attributes = [node.attr for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute)]
    assert not [attribute for attribute in attributes if attribute.startswith("_")]
