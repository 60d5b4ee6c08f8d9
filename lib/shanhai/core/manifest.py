"""The manifest of a folder of results: which run left which file, and the hash of each."""

import json
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shanhai.core.sources import hash_file

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Record:
    """Outcome of one task of a batch."""

    fingerprint: str
    """Hash of everything the outcome depends on."""
    ok: bool
    seconds: float
    outputs: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each file by its path in the output folder."""
    error: str | None = None
    notebook: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def is_intact(self, output: Path) -> bool:
        """Whether every file is still there as it was written."""
        return all(
            (output / name).is_file() and hash_file(output / name) == digest for name, digest in self.outputs.items()
        )


def read_records(output: Path) -> dict[str, Record]:
    """Records of the last batch in this folder; empty if there was none or its manifest is of another shape.

    A manifest may have been brought here from anywhere. A record that names a file outside the folder, or is of
    another shape, is left out, so that nobody reads or removes what it names: the run is executed again.
    """
    path = output / MANIFEST
    if not path.is_file():
        return {}
    try:
        runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
        records = {name: Record(**fields) for name, fields in runs.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}  # an older version wrote it: everything is run again
    return {name: record for name, record in records.items() if _is_sound(record, output)}


def _is_sound(record: Record, output: Path) -> bool:
    return (
        isinstance(record.fingerprint, str)
        and isinstance(record.ok, bool)
        and isinstance(record.seconds, int | float)
        and math.isfinite(record.seconds)
        and isinstance(record.outputs, dict)
        and all(isinstance(digest, str) and is_inside(name, output) for name, digest in record.outputs.items())
    )


def is_inside(name: str, output: Path) -> bool:
    """Whether a name that a manifest gives is that of a result in the output folder, on every operating system.

    It is not if it leads out of the folder (``..``, an absolute path, a drive, a link), or if it means one of the
    files that the runner itself keeps there.
    """
    steps = name.split("/")
    if any(not step or step.strip(" .") != step or set(step) & set('\\:*?"<>|\0') for step in steps):
        return False
    if folded(steps[0]) == MANIFEST:
        return False
    return not any((output / Path(*steps[:length])).is_symlink() for length in range(1, len(steps) + 1))


def folded(name: str) -> str:
    """A name as file systems compare it that know neither case nor the forms of Unicode."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def write_json(path: Path, value: Any, staging: Path | None = None) -> None:
    """Write JSON with sorted keys, in one step: a killed process leaves the old file or the new one.

    Parameters
    ----------
    path : Path
    value : lists, mappings, texts and finite numbers
    staging : Path, optional
        Folder of the same file system that an unfinished file may be left in; if not given, that of `path`.
    """
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = (staging or path.parent) / f"{path.name}.draft"
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)
