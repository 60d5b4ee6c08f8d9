"""Which files of the library a module stands on, read from its source: what a kept result depends on.

The closure of a module holds itself, every module that it imports anywhere in its text, the packages around each of
these, and so on. It is found in the text, not in the running interpreter: an import inside a function counts, and so
does a name of a module in a text, so that the closure may be too large and is never too small. A module that imports by
a name it computes stands on the whole library, unless the name runs over :func:`matching_modules`; so does one that
unpickles, but for those that ``PASSED`` of ``core/_imports.py`` names with the reason. Files that are not
Python (words, figures) say nowhere who reads them: they belong to every module.

The package itself imports what it offers when it is asked for by name: who says ``import shanhai`` stands on all of
that, who names one of its modules on the text of ``__init__.py`` alone.
"""

import hashlib
import json
import os
import sys
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

from shanhai.core import _imports
from shanhai.core._imports import PACKAGE, PASSED, Imported, read_imports
from shanhai.core.paths import LIBRARY, OUTPUTS

_MEMORY = OUTPUTS / "cache" / "imports.json"
"""What sources were found to import, by their content: reading all of them anew takes a second."""

_KEPT = 2000
"""Sources that are remembered, the latest."""

_IGNORED = ("__pycache__", ".ipynb_checkpoints")
"""Folders that Python and Jupyter fill as they run."""


def matching_modules(*patterns: str, library: Path = LIBRARY) -> tuple[str, ...]:
    """Modules whose file matches a pattern, sorted: how a module says which others it imports by name.

    It says so by a loop over this call that imports each, ``for name in matching_modules("studies/*/claims")``.

    Parameters
    ----------
    *patterns : str
        Paths below the library without ``.py``, with ``*`` for any name, as literals in the source.
    library : Path
        Folder of the library.

    Examples
    --------
    >>> matching_modules("core/err*")
    ('shanhai.core.errors',)
    """
    files = {path for pattern in patterns for path in library.glob(f"{pattern}.py") if path.stem != "__init__"}
    return tuple(sorted(_name(path, library) for path in files))


def content_of(folder: Path) -> list[Path]:
    """Files below a folder, sorted, without those that Python and Jupyter keep there as they run."""
    found = []
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _IGNORED]
        found += [path for path in (Path(here, name) for name in names) if path.is_file()]
    return sorted(found)


def files_behind(
    modules: Iterable[str], library: Path = LIBRARY, content: Iterable[Path] | None = None
) -> frozenset[Path]:
    """Files of the library that some modules stand on, with every file of it that is not Python.

    Parameters
    ----------
    modules : iterable of str
        Names as they are imported; what is no module of the library stands on no file of it.
    library : Path
        Folder of the library.
    content : iterable of Path, optional
        Its files, as :func:`content_of` lists them, where they are known.

    Examples
    --------
    >>> sorted(path.name for path in files_behind(["shanhai.core.errors"]) if path.suffix == ".py")
    ['__init__.py', '__init__.py', 'errors.py']
    """
    content = tuple(content_of(library) if content is None else content)
    known = _known(content, library)
    memory = _Memory(_MEMORY if library == LIBRARY else None)
    waiting, seen, files = deque(sorted(set(modules))), set[str](), set[Path]()
    while waiting:
        name = waiting.popleft()
        if name in seen:
            continue
        seen.add(name)
        if (parent := name.rpartition(".")[0]) and (parent != PACKAGE or name not in known):
            waiting.append(parent)
        files.update([known[PACKAGE]] if parent == PACKAGE and PACKAGE in known else [])
        if name not in known:
            continue
        path = known[name]
        files.add(path)
        source, package = path.read_text(encoding="utf-8"), name if path.stem == "__init__" else parent
        found = memory.read(source, package, PASSED.get(name, frozenset()))
        if found is None:
            return frozenset(content)
        waiting.extend(sorted(_modules(found, known, library) - seen))
    memory.keep()
    return frozenset(files | {path for path in content if path.suffix != ".py"} if files else ())


def imports_of(source: str, library: Path = LIBRARY, content: Iterable[Path] | None = None) -> frozenset[str] | None:
    """Names of modules that a source imports, among them some that are none; missing if it imports by computed names.

    Parameters
    ----------
    source : str
        Python outside the library, or the code cells of a notebook.
    library, content
        As in :func:`files_behind`.
    """
    found = _read(source, "")
    if found is None:
        return None
    return _modules(found, _known(tuple(content_of(library) if content is None else content), library), library)


@lru_cache(maxsize=8)
def _known(content: tuple[Path, ...], library: Path) -> Mapping[str, Path]:
    """Modules among the files of the library, by name."""
    return {_name(path, library): path for path in content if path.suffix == ".py"}


_read = lru_cache(maxsize=2048)(read_imports)


def _modules(found: Imported, known: Mapping[str, Path], library: Path) -> frozenset[str]:
    """Names of modules, those in whole packages and those of patterns among them."""
    packages = tuple(f"{name}." for name in found.whole if name in known and known[name].stem == "__init__")
    inside = {name for name in known if name.startswith(packages)} if packages else set()
    return frozenset({*found.names, *inside, *matching_modules(*found.patterns, library=library)})


class _Memory:
    """What sources import, by their content, kept for the next process; one that cannot be kept is read again."""

    def __init__(self, file: Path | None) -> None:
        self._file, self._new = file, dict[str, Imported | None]()
        self._known = _remembered(file, _reader()) if file else {}

    def read(self, source: str, package: str, passed: frozenset[str]) -> Imported | None:
        key = hashlib.sha256(f"{package} {sorted(passed)}\n{source}".encode()).hexdigest()
        if key not in self._known:
            self._known[key] = self._new[key] = _read(source, package, passed)
        return self._known[key]

    def keep(self) -> None:
        if not self._file or not self._new:
            return
        latest = dict(list(self._known.items())[-_KEPT:])
        body = json.dumps({key: asdict(imported) if imported else None for key, imported in latest.items()})
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._file.with_suffix(f".{os.getpid()}")
            draft.write_text(f"{_digest(body, _reader())}\n{body}", encoding="ascii")
            draft.replace(self._file)
        self._new.clear()


@lru_cache(maxsize=1)
def _remembered(file: Path, reader: str) -> dict[str, Imported | None]:
    """What a reader kept in a file; nothing of a file that another one wrote, or that is damaged."""
    try:
        digest, _, body = file.read_text(encoding="ascii").partition("\n")
    except (OSError, ValueError):
        return {}
    if digest != _digest(body, reader):
        return {}
    kept = json.loads(body)
    return {
        key: imported and Imported(**{part: tuple(imported[part]) for part in imported})
        for key, imported in kept.items()
    }


@lru_cache(maxsize=1)
def _reader() -> str:
    """The reading code and the Python whose syntax it reads."""
    return sys.version + Path(_imports.__file__).read_text(encoding="utf-8")


def _digest(body: str, reader: str) -> str:
    return hashlib.sha256(f"{reader}\n{body}".encode()).hexdigest()


def _name(path: Path, library: Path) -> str:
    parts = path.relative_to(library).with_suffix("").parts
    return ".".join((PACKAGE, *(parts[:-1] if parts[-1] == "__init__" else parts)))
