"""A file of runs, in YAML or TOML, as it is written: every scalar of YAML stays text, and each entry knows its line.

YAML turns 0331 into 217, 010 into 8, ``no`` into false and 2021-01-01 into a day. Here none of that happens: what a
scalar is, says the notebook that declares the parameter.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from shanhai.core.errors import ParameterError
from shanhai.core.sources import read_text

_LARGEST = 20_000_000
"""Bytes of a file of runs; the 2,850 counties in two languages need a tenth of a megabyte."""

_DEEPEST = 6
"""Levels of nesting: a file of runs has five, from the file to an item of a list."""

_FORM = """\
04-report-city:
  - prefecture: 330800
  - county: 330127"""


@dataclass(frozen=True)
class _Entry:
    """One run as a file asks for it."""

    where: str
    """File and line, for messages."""
    notebook: str
    values: dict[str, Any]
    """From YAML texts and lists of texts; from TOML what its types are."""
    is_text: bool


@dataclass(frozen=True)
class _Node:
    """A part of a YAML file: a text, a list of parts, or pairs of parts."""

    line: int
    value: "str | list[_Node] | list[tuple[_Node, _Node]] | None"
    is_mapping: bool = False


def read_runs(path: Path) -> tuple[list[_Entry], list[str]]:
    """Entries of a file of runs and, one sentence each, what is wrong with it.

    Parameters
    ----------
    path : Path
        ``.yaml`` or ``.yml``: notebooks with a list of runs each; ``.toml``: as ``notebooks/runs.toml``.

    Raises
    ------
    ParameterError
        If the file is not there, too large, of another kind, not in UTF-8, or no YAML or TOML at all.
    """
    if path.suffix.casefold() not in (".yaml", ".yml", ".toml"):
        raise ParameterError(f"{path}: a file of runs ends in .yaml, .yml or .toml. For example runs.yaml:\n{_FORM}")
    if path.exists() and not path.is_file():
        raise ParameterError(f"{path} is no file that can be read. Name one, for example runs.yaml:\n{_FORM}")
    if not path.is_file():
        raise ParameterError(f"There is no file {path}. Write one, for example runs.yaml:\n{_FORM}")
    if path.stat().st_size > _LARGEST:
        raise ParameterError(f"{path} has {path.stat().st_size:,} bytes; a file of runs has at most {_LARGEST:,}.")
    text = read_text(path, ParameterError)
    entries, problems = _read_toml(path, text) if path.suffix.casefold() == ".toml" else _read_yaml(path, text)
    if not entries and not problems:
        raise ParameterError(f"{path} asks for no run. Write one, for example runs.yaml:\n{_FORM}")
    return entries, problems


def _read_toml(path: Path, text: str) -> tuple[list[_Entry], list[str]]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(f"{path} is not valid TOML: {error}. Correct the line it names.") from error
    entries, problems = [], []
    for notebook, table in tables.items():
        runs = table.get("runs") if isinstance(table, dict) and set(table) == {"runs"} else None
        if not isinstance(runs, list) or not runs or not all(isinstance(run, dict) for run in runs):
            problems.append(f'{path}: ["{notebook}"] needs exactly one line: runs = [{{name = "value"}}, ...].')
            continue
        entries += [
            _Entry(f"{path}, run {number} of {notebook}", notebook, run, is_text=False)
            for number, run in enumerate(runs, start=1)
        ]
    return entries, problems


def _read_yaml(path: Path, text: str) -> tuple[list[_Entry], list[str]]:
    try:
        root = _compose(path, text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        what = getattr(error, "problem", None) or str(error)
        raise ParameterError(f"{path}{line}: this is not YAML: {what}. Correct that line.") from error
    problems: list[str] = []
    entries: list[_Entry] = []
    for notebook, runs in _pairs(path, root, problems, "the file") if root else ():
        if runs.is_mapping or not isinstance(runs.value, list) or not runs.value:
            problems.append(f"{path}, line {runs.line}: {notebook} needs a list of runs, as\n{_FORM}")
            continue
        for run in runs.value:
            assert isinstance(run, _Node)
            values = {name: _values(path, name, node, problems) for name, node in _pairs(path, run, problems, "a run")}
            entries.append(_Entry(f"{path}, line {run.line}", notebook, values, is_text=True))
    return entries, problems


def _pairs(path: Path, node: _Node, problems: list[str], what: str) -> Iterator[tuple[str, _Node]]:
    """Names and values of a mapping; a name that stands twice is a problem."""
    if not node.is_mapping or not isinstance(node.value, list):
        problems.append(f"{path}, line {node.line}: {what} is made of names and values (name: value), as\n{_FORM}")
        return
    lines: dict[str, int] = {}
    for key, value in node.value:  # type: ignore[misc]
        if not isinstance(key.value, str) or not key.value:
            problems.append(f"{path}, line {key.line}: a name is text, and not empty.")
        elif key.value in lines:
            problems.append(f"{path}, line {key.line}: {key.value!r} stands in line {lines[key.value]} already.")
        else:
            lines[key.value] = key.line
            yield key.value, value


def _values(path: Path, name: str, node: _Node, problems: list[str]) -> Any:
    """The text of a value, or the texts of a list; None, with a problem, where there is neither."""
    if isinstance(node.value, str):
        return node.value
    if not node.is_mapping and isinstance(node.value, list):
        texts = [part.value for part in node.value if isinstance(part, _Node) and isinstance(part.value, str)]
        if len(texts) == len(node.value):
            return texts
    missing = node.value is None
    said = 'has no value; write one, or "" for an empty text' if missing else "is neither a text nor a list of texts"
    problems.append(f"{path}, line {node.line}: {name} {said}.")
    return None


def _compose(path: Path, text: str) -> _Node | None:
    """The tree of a YAML file, of its events: anchors, aliases and tags have no effect but a refusal; None if empty."""
    events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    roots = [_node(path, event, events, 1) for event in events if isinstance(event, yaml.NodeEvent)]
    if len(roots) > 1:
        raise ParameterError(f"{path} holds {len(roots)} documents; a file of runs is one, as\n{_FORM}")
    return roots[0] if roots else None


def _node(path: Path, event: Any, events: Iterator[Any], depth: int) -> _Node:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise ParameterError(f"{path}, line {line}: anchors and aliases (& and *) are not read; write the values out.")
    if event.tag is not None:
        raise ParameterError(f"{path}, line {line}: the tag {event.tag} is not read; every value is text. Remove it.")
    if depth > _DEEPEST:
        raise ParameterError(f"{path}, line {line}: nested too deeply; a file of runs is like\n{_FORM}")
    if isinstance(event, yaml.ScalarEvent):
        return _Node(line, None if event.value == "" and event.implicit[0] else event.value)
    parts = []
    while not isinstance(inner := next(events), yaml.CollectionEndEvent):
        parts.append(_node(path, inner, events, depth + 1))
    if isinstance(event, yaml.SequenceStartEvent):
        return _Node(line, parts)
    return _Node(line, list(zip(parts[::2], parts[1::2], strict=True)), is_mapping=True)
