"""Parameters of a notebook, read from its tagged cell without running it.

papermill only warns of an unknown parameter and injects it; here an unknown name or a value of another type is an
error before a kernel starts.
"""

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from shanhai.core.errors import ParameterError
from shanhai.core.nearest import nearest
from shanhai.core.notebooks import read_cells
from shanhai.core.sources import State, state
from shanhai.run.codes import with_codes

TAG = "parameters"
_SCALARS: Mapping[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class _Parameter:
    """One line of the parameters cell: ``prefecture: str = "330800"  # code of a prefecture``."""

    name: str
    annotation: str
    """One of str, int, float, bool, or ``list[...]`` of one of these."""
    default: Any
    help: str

    @property
    def is_list(self) -> bool:
        return self.annotation.startswith("list[")

    @property
    def item(self) -> type:
        """Type of the value, or of each item of a list."""
        return _SCALARS[self.annotation.removeprefix("list[").removesuffix("]")]


def read_parameters(notebook: Path) -> Mapping[str, _Parameter]:
    """Parameters of a notebook by name, in the order of the cell; empty if it has none. Read once a state of the file.

    Raises
    ------
    ParameterError
        If a line of the cell is anything but a typed literal with a help comment, or two cells carry the tag.
    """
    return _read_parameters(notebook, state(notebook))


@lru_cache(maxsize=64)
def _read_parameters(notebook: Path, state: State) -> Mapping[str, _Parameter]:
    tagged = [cell["source"] for cell in read_cells(notebook) if TAG in cell["metadata"].get("tags", [])]
    if len(tagged) > 1:
        raise ParameterError(f"{notebook.name} has {len(tagged)} cells tagged {TAG!r}; keep one.")
    found = [_parameter(notebook, line) for line in "".join(tagged).splitlines() if line.strip()]
    return {parameter.name: parameter for parameter in found}


def _parameter(notebook: Path, line: str) -> _Parameter:
    wrong = ParameterError(
        f"{notebook.name}: the parameters cell has the line {line!r}. "
        'Each line is one typed literal with a help comment: prefecture: str = "330800"  # code of a prefecture'
    )
    try:
        statement = ast.parse(line).body[0]
    except (SyntaxError, IndexError) as error:
        raise wrong from error
    if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value):
        raise wrong
    comment = line.encode()[statement.end_col_offset :].decode().strip()
    try:
        default = ast.literal_eval(statement.value)
    except ValueError as error:
        raise wrong from error
    if not comment.startswith("#") or not comment.strip("# "):
        raise wrong
    annotation = ast.unparse(statement.annotation)
    if annotation.removeprefix("list[").removesuffix("]") not in _SCALARS:
        allowed = ", ".join(_SCALARS)
        raise ParameterError(
            f"{notebook.name}: {statement.target.id} has the type {annotation}; use {allowed}, or list[...] of one."
        )
    parameter = _Parameter(statement.target.id, annotation, default, comment.lstrip("# ").strip())
    _require_type(notebook.stem, parameter, default)
    return parameter


def check_parameters(notebook: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values given, each known to the notebook and of the declared type, in the order of the cell; places by code.

    Raises
    ------
    ParameterError
        For an unknown name or a value of another type.
    UnknownPlaceError
        For a place that does not exist, or a name that several bear.
    """
    known = read_parameters(notebook)
    for name in given:
        _require_known(notebook.stem, name, known)
    given = with_codes(given)
    for name, value in given.items():
        _require_type(notebook.stem, known[name], value)
    return {name: _as(parameter, given[name]) for name, parameter in known.items() if name in given}


def parse_parameters(notebook: Path, texts: Mapping[str, str | list[str]]) -> dict[str, Any]:
    """Values typed on a command line (``prefecture=330800``) turned into the declared types.

    A code such as 330800 stays text where the notebook says ``str``; items of a list are separated by commas, or come
    as a list of texts.

    Raises
    ------
    ParameterError
        For an unknown name or a text that is no value of the declared type.
    """
    known = read_parameters(notebook)
    for name in texts:
        _require_known(notebook.stem, name, known)
    return check_parameters(notebook, {name: _parse(notebook.stem, known[name], text) for name, text in texts.items()})


def _parse(notebook: str, parameter: _Parameter, text: str | list[str]) -> Any:
    if isinstance(text, list):  # as YAML has it; a single value then fails as one of the wrong type
        return [_parse_scalar(notebook, parameter, item) for item in text]
    if parameter.is_list:
        return [_parse_scalar(notebook, parameter, item.strip()) for item in text.split(",") if item.strip()]
    return _parse_scalar(notebook, parameter, text)


def _parse_scalar(notebook: str, parameter: _Parameter, text: str) -> Any:
    if parameter.item in (int, float) and "_" in text:  # Python reads 1_0 as 10; nobody else does
        raise _type_error(notebook, parameter, text)
    try:
        return TRUTH[text.lower()] if parameter.item is bool else parameter.item(text)
    except (ValueError, KeyError) as error:
        if parameter.item is float and "," in text:
            raise ParameterError(
                f"{notebook}: {parameter.name} is {text!r}; write a decimal point, as in 8.2, not a comma:"
                f" {parameter.help}."
            ) from error
        raise _type_error(notebook, parameter, text) from error


def _as(parameter: _Parameter, value: Any) -> Any:
    """A whole number for a float as a float: 24 and 24.0 are one value and give one name."""
    if parameter.item is not float:
        return value
    return [float(item) + 0.0 for item in value] if parameter.is_list else float(value) + 0.0  # 0 and -0 are one


def _require_known(notebook: str, name: str, known: Mapping[str, _Parameter]) -> None:
    if name not in known:
        allowed = "; ".join(f"{p.name}: {p.annotation} ({p.help})" for p in known.values()) or "none"
        raise ParameterError(f"{notebook} has no parameter {name!r}.{nearest(name, known)} Its parameters: {allowed}.")


def _require_type(notebook: str, parameter: _Parameter, value: Any) -> None:
    items = value if parameter.is_list and isinstance(value, list) else [value]
    if unending := [item for item in items if isinstance(item, float) and not math.isfinite(item)]:
        raise ParameterError(
            f"{notebook}: {parameter.name} is {unending[0]!r}, which is no finite number; give one: {parameter.help}."
        )
    if parameter.is_list != isinstance(value, list) or not all(_is_a(parameter.item, item) for item in items):
        raise _type_error(notebook, parameter, value)


def _is_a(wanted: type, value: Any) -> bool:
    if wanted is float:
        return type(value) in (float, int) and math.isfinite(value)
    return type(value) is wanted  # True is no int here


def _type_error(notebook: str, parameter: _Parameter, value: Any) -> ParameterError:
    return ParameterError(
        f"{notebook}: {parameter.name} is {value!r}, of type {type(value).__name__}; "
        f"it must be of type {parameter.annotation}: {parameter.help}."
    )
