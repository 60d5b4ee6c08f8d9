"""Files that ``shanhai data import`` took in: where they lie, which are in force, and that nobody changed them since.

They lie in the folder ``own`` beside the settings file, each import in a folder of its own that is never written again.
The register ``imports.json`` lists the imports in their order; of several for one table the last is in force, and
taking one back is leaving it out of the list. So the state changes by one rename of one small file.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from shanhai.core.errors import SettingsError

FOLDER: Final = "own"
"""Folder beside the settings file."""

REGISTER: Final = "imports.json"

_PART: Final = re.compile(r"[0-9]{4}-[a-z_]+/[^/\\:*?\"<>|\x00-\x1f]+")
"""Path of an imported file from the folder."""

_SUM: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Import:
    """One import."""

    number: int
    kind: str
    """As the command calls it: ``county_gdp``, ``boundaries``."""
    files: Mapping[str, str]
    """Path from the folder of the file that stands for each ``table/name``, ``layer/name`` or ``grid/name``."""
    sums: Mapping[str, str]
    """SHA-256 of every file of the import, by its path from the folder."""
    source: str
    """Name of the user's file."""
    source_sum: str
    """SHA-256 of it."""
    sheet: str
    did: str
    """What was done, in a sentence."""
    day: str = ""
    """Day of the import, ``YYYY-MM-DD``."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read_register(folder: Path) -> tuple[Import, ...]:
    """Imports in their order; none if there is no register.

    Raises
    ------
    SettingsError
        If the register is damaged, or names a file outside of its folder.
    """
    path = folder / REGISTER
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return ()
    return _read(path, (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))


@lru_cache(maxsize=8)
def _read(path: Path, state: tuple[int, int, int, int]) -> tuple[Import, ...]:
    try:
        return parse_register(path.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SettingsError(
            f"{path} is damaged: it is no list of imports. Put it back from a backup, or move the folder"
            f" {path.parent} away and import your files again."
        ) from None


def parse_register(text: str) -> tuple[Import, ...]:
    """Imports that the text of a register lists.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError, RecursionError
        If it is no sound register; :func:`read_register` says so in a sentence.
    """
    imports = tuple(Import(**row) for row in json.loads(text)["imports"])
    if not all(_is_sound(entry) for entry in imports):
        raise ValueError("an entry of the register is not sound")
    return imports


def _is_sound(entry: Import) -> bool:
    return (
        isinstance(entry.number, int)
        and all(isinstance(text, str) for text in _texts(entry))
        and is_day(entry.day)
        and all(
            _PART.fullmatch(name) and ".." not in name and _SUM.fullmatch(value) for name, value in entry.sums.items()
        )
        and all(name.count("/") == 1 and path in entry.sums for name, path in entry.files.items())
    )


def is_day(text: str) -> bool:
    """Whether a text is empty or a day as ``YYYY-MM-DD``."""
    try:
        return not text or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _texts(entry: Import) -> tuple[object, ...]:
    return entry.kind, entry.source, entry.source_sum, entry.sheet, entry.did, entry.day


def in_force(imports: tuple[Import, ...]) -> dict[str, tuple[Import, str]]:
    """The last import of each ``kind/name``, with the path of its file."""
    return {name: (entry, path) for entry in imports for name, path in entry.files.items()}
