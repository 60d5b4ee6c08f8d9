"""Runs the benchmarks and gathers their rows: what was timed, beside which peer, and whether both agree."""

import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from shanhai.core.errors import ParameterError
from shanhai.core.paths import ROOT

BENCHMARKS = ROOT / "tests" / "benchmarks"
"""Folder of the benchmarks; they come with the source, not with an installed package."""

PEERS = "SHANHAI_PEERS"
"""Environment variable with the interpreter that has the peers."""

KEYS = ("work", "ours_s", "peer", "peer_s", "ratio", "target", "agree")
"""Fields of a row; peer_s and ratio are missing where the peer is not installed, target where none was set."""


def benchmark(names: Sequence[str] = (), peers: Path | None = None, folder: Path = BENCHMARKS) -> list[dict[str, Any]]:
    """Run ``measure()`` of the files ``bench_*.py``.

    Parameters
    ----------
    names : sequence of str
        Benchmarks to run, as ``inference`` for ``bench_inference.py``; empty for all.
    peers : Path, optional
        Interpreter that has the peers; else that of the environment variable ``SHANHAI_PEERS``.
    folder : Path
        Where the benchmarks are.

    Returns
    -------
    list of dict
        Rows with the fields ``KEYS``, in the order of the files.

    Raises
    ------
    ParameterError
        If there is no such benchmark or interpreter, or a benchmark returns other fields.
    """
    chosen = _chosen(names, folder)
    if peers is not None and not peers.is_file():
        raise ParameterError(
            f"no interpreter {peers}; allowed: the path of a python that has the peers. Check the path."
        )
    with _environment(peers):
        return [row for path in chosen for row in _rows(path)]


def works(names: Sequence[str] = (), folder: Path = BENCHMARKS) -> dict[str, Callable[[], object]]:
    """What the benchmarks time of ours, without peers: works by name, from ``works()`` of the files.

    Parameters
    ----------
    names : sequence of str
        Benchmarks, as for :func:`benchmark`; empty for all.
    folder : Path
        Where the benchmarks are.

    Raises
    ------
    ParameterError
        If there is no such benchmark.
    """
    return {name: work for path in _chosen(names, folder) for name, work in _module(path).works().items()}


def _chosen(names: Sequence[str], folder: Path) -> list[Path]:
    """Files of benchmarks by name, in the order of the names."""
    found = {path.stem.removeprefix("bench_"): path for path in sorted(folder.glob("bench_*.py"))}
    unknown = [name for name in names if name not in found]
    if unknown or not found:
        raise ParameterError(
            f"no benchmark {', '.join(unknown) or 'at all'} in {folder.name}; allowed: {', '.join(found) or 'none'}. "
            "Run the command in a checkout of the source."
        )
    return [found[name] for name in names or found]


def as_table(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as plain text in columns."""
    cells = [["work", "ours s", "peer", "peer s", "ratio", "target", "agree"]]
    cells += [[_cell(row[key]) for key in KEYS] for row in rows]
    widths = [max(len(line[place]) for line in cells) for place in range(len(KEYS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = _module(path).measure()
    wrong = [row for row in rows if set(row) != set(KEYS)]
    if wrong:
        raise ParameterError(
            f"{path.name} returns the fields {sorted(wrong[0])}; allowed: {', '.join(KEYS)}. Correct its measure()."
        )
    return rows


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ParameterError(f"{path.name} cannot be imported; allowed: a Python file. Check the folder of benchmarks.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def _environment(peers: Path | None) -> Iterator[None]:
    """The interpreter of the peers in the environment, for the time of the run."""
    before = os.environ.get(PEERS)
    if peers is not None:
        os.environ[PEERS] = str(peers)
    try:
        yield
    finally:
        if peers is not None:
            os.environ.pop(PEERS)
            if before is not None:
                os.environ[PEERS] = before
