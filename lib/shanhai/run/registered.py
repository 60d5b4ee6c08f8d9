"""Registered runs: every notebook that the folder holds, with the parameters that runs.toml lists for it."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shanhai.errors import ParameterError
from shanhai.run.parameters import check_parameters

REGISTER = "runs.toml"


@dataclass(frozen=True)
class Run:
    """One execution of one notebook."""

    name: str
    """Stem of the notebook, followed by the values of its parameters where they are registered."""
    notebook: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)


def find_notebooks(folder: Path) -> dict[str, Path]:
    """Notebooks of a folder by stem, sorted."""
    return {path.stem: path for path in sorted(folder.glob("*.ipynb"))}


def find_notebook(folder: Path, query: str) -> Path:
    """The notebook of this stem, number (``04``) or file name.

    Raises
    ------
    ParameterError
        If no notebook or more than one answers to the query.
    """
    known = find_notebooks(folder)
    stem = Path(query).name.removesuffix(".ipynb")
    found = [known[stem]] if stem in known else [path for name, path in known.items() if name.startswith(f"{stem}-")]
    if len(found) != 1:
        raise ParameterError(f"There is no notebook {query!r}; choose one of {', '.join(known) or 'none'}.")
    return found[0]


def registered_runs(folder: Path) -> list[Run]:
    """All runs: those of ``runs.toml`` for the notebooks it lists, one with defaults for each other notebook.

    Raises
    ------
    ParameterError
        If ``runs.toml`` names a notebook that is not there, a parameter that the notebook lacks, or one run twice.
    """
    notebooks = find_notebooks(folder)
    listed = _read_register(folder / REGISTER, notebooks)
    runs = [named_run(path, values) for stem, path in notebooks.items() for values in listed.get(stem, [{}])]
    names = [run.name for run in runs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ParameterError(f"{REGISTER} lists {', '.join(twice)} twice; remove one.")
    return runs


def named_run(notebook: Path, values: Mapping[str, Any]) -> Run:
    """A run of a notebook with checked parameters, named by their values."""
    parameters = check_parameters(notebook, values)
    return Run("-".join([notebook.stem, *map(_slug, parameters.values())]), notebook, parameters)


def _slug(value: Any) -> str:
    text = "-".join(map(str, value)) if isinstance(value, list) else str(value)
    return re.sub(r"[\W_]+", "-", text).strip("-") or "empty"


def _read_register(register: Path, notebooks: Mapping[str, Path]) -> dict[str, list[dict[str, Any]]]:
    if not register.is_file():
        return {}
    try:
        tables = tomllib.loads(register.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(f"{register} is not valid TOML: {error}. Correct the line it names.") from error
    for stem, table in tables.items():
        if stem not in notebooks:
            raise ParameterError(
                f"{register.name} lists {stem!r}, which is no notebook; choose one of {', '.join(notebooks)}."
            )
        if not isinstance(table, dict) or set(table) != {"runs"} or not _is_list_of_tables(table["runs"]):
            raise ParameterError(
                f'{register.name}: ["{stem}"] needs exactly one line: runs = [{{name = "value"}}, ...].'
            )
    return {stem: table["runs"] for stem, table in tables.items()}


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
