"""Which files of the library a module stands on, read from its source: what a kept result depends on.

The closure of a module holds itself, every module that it imports anywhere in its text, the packages around each of
these, and so on. It is found in the text, not in the running interpreter: an import inside a function counts, and a
name in a docstring that looks like an import counts too, so that the closure may be too large and is never too small.
A module that imports by a name it computes stands on the whole library, unless it says which by
:func:`matching_modules`. Files of words lie in a folder and belong to every module in it.
"""

import re
from collections import deque
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from shanhai.core.paths import LIBRARY

PACKAGE = "shanhai"

_FROM = re.compile(rf"\bfrom\s+({PACKAGE}[\w.]*)\s+import\s+(\([^)]*\)|[^\n(]+)")
_IMPORT = re.compile(rf"\bimport\s+({PACKAGE}[\w.]*)")
_DYNAMIC = re.compile(r"\bimport_module\(|\b__import__\(|\bexec\(|\brun_module\(")
_MATCHING = re.compile(r"\bmatching_modules\(([^()]*)\)")
_PATTERN = re.compile(r"""["']([\w/*]+)["']""")

WORDS = "*.toml"
"""Files beside the modules of a folder that hold their words."""


def matching_modules(*patterns: str, library: Path = LIBRARY) -> tuple[str, ...]:
    """Modules whose file matches a pattern, sorted: how a module says which others it imports by name.

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


def files_behind(modules: Iterable[str], library: Path = LIBRARY) -> frozenset[Path]:
    """Files of the library that some modules stand on.

    Parameters
    ----------
    modules : iterable of str
        Names as they are imported; what is no module of the library stands on no file of it.
    library : Path
        Folder of the library.

    Examples
    --------
    >>> sorted(path.name for path in files_behind(["shanhai.core.errors"]))
    ['__init__.py', '__init__.py', 'errors.py']
    """
    waiting, seen, files = deque(sorted(set(modules))), set[str](), set[Path]()
    while waiting:
        name = waiting.popleft()
        if name in seen:
            continue
        seen.add(name)
        if parent := name.rpartition(".")[0]:
            waiting.append(parent)
        path = _file(name, library)
        if path is None:
            continue
        files |= {path, *path.parent.glob(WORDS)}
        imported = imports_of(path.read_text(encoding="utf-8"), library)
        if imported is None:
            return frozenset(path for path in library.rglob("*") if path.suffix in (".py", ".toml"))
        waiting.extend(sorted(imported - seen))
    return frozenset(files)


@lru_cache(maxsize=2048)
def imports_of(source: str, library: Path = LIBRARY) -> frozenset[str] | None:
    """Names of modules that a source imports, among them some that are none; missing if it imports by computed names.

    Parameters
    ----------
    source : str
        Python, or the code cells of a notebook.
    library : Path
        Folder of the library.
    """
    names = {match[1] for match in _IMPORT.finditer(source)}
    for match in _FROM.finditer(source):
        names.add(match[1])
        names |= {f"{match[1]}.{name}" for name in re.findall(r"\w+", match[2])}
    if _DYNAMIC.search(source):
        patterns = [pattern for call in _MATCHING.finditer(source) for pattern in _PATTERN.findall(call[1])]
        if not patterns:
            return None
        names |= set(matching_modules(*patterns, library=library))
    return frozenset(names)


def _file(name: str, library: Path) -> Path | None:
    package, _, rest = name.partition(".")
    if package != PACKAGE:
        return None
    place = library.joinpath(*rest.split(".")) if rest else library
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def _name(path: Path, library: Path) -> str:
    return ".".join((PACKAGE, *path.relative_to(library).with_suffix("").parts))
