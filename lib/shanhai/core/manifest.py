"""The manifest of a folder of results: which run left which file, and the hash of each.

While a batch works, what it finishes stands in a journal beside the manifest, a line a run, so that noting a run costs
the same however many there are. The journal becomes part of the manifest when the batch ends, or when the next one
begins, if the batch was killed.
"""

import itertools
import json
import math
import os
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shanhai.core.sources import hash_file

MANIFEST = "manifest.json"

JOURNAL = "manifest.journal"
"""What the batch that works in the folder, or was killed there, has finished: a head, then a line of JSON a run."""


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
    failure: Mapping[str, Any] | None = None
    """Of a failed run: ``cell`` (number and first line), ``exception`` and ``traceback``, shortened, as plain text."""
    stored: Mapping[str, str] = field(default_factory=dict)
    """What a store said of each file when it had taken it: its size and, where the store tells, its tag."""

    def is_intact(self, output: Path) -> bool:
        """Whether every file is still there as it was written."""
        return all(
            (output / name).is_file() and hash_file(output / name) == digest for name, digest in self.outputs.items()
        )


@dataclass(frozen=True)
class Earlier:
    """What batches before left in a folder."""

    records: Mapping[str, Record] = field(default_factory=dict)
    made_from: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By run: versions and hashes of inputs, as the manifest or the journal gives them, that its record goes with."""


def read_records(output: Path) -> dict[str, Record]:
    """Records of the last batch in this folder; empty if there was none or its manifest is of another shape.

    A manifest may have been brought here from anywhere. A record that names a file outside the folder, or is of
    another shape, is left out, so that nobody reads or removes what it names: the run is executed again.
    """
    return dict(read_earlier(output).records)


def read_earlier(output: Path) -> Earlier:
    """Records of the last batch in this folder, finished or not, each with what it was made from."""
    records: dict[str, Record] = {}
    made_from: dict[str, Mapping[str, Any]] = {}
    for head, runs in (_manifest_of(output / MANIFEST), _journal_of(_lines(output / JOURNAL))):
        sound = {name: record for name, fields in runs.items() if (record := _record(fields, output)) is not None}
        records |= sound
        made_from |= dict.fromkeys(sound, head)
    return Earlier(records, made_from)


def read_manifest(output: Path) -> Mapping[str, Any]:
    """The manifest of a folder as it stands there; empty without one, or with one of another shape."""
    return _manifest_of(output / MANIFEST)[0]


def read_outputs(output: Path) -> dict[str, str]:
    """Hash of each file that the manifest of a folder lists, of single runs and of none; empty without a manifest."""
    outputs = read_manifest(output).get("outputs")
    return dict(outputs) if isinstance(outputs, dict) else {}


def _manifest_of(path: Path) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Everything but the runs, and the runs."""
    if not path.is_file():
        return {}, {}
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        return manifest, dict(manifest["runs"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}, {}  # an older version wrote it: everything is run again


def _lines(path: Path) -> Iterator[bytes]:
    if path.is_file():
        with path.open("rb") as stream:
            yield from stream


def _journal_of(lines: Iterator[bytes]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Head and runs of a journal; a line that is not whole, as a power cut leaves it, ends it."""
    head: Mapping[str, Any] = {}
    runs: dict[str, Any] = {}
    try:
        for number, line in enumerate(lines):
            entry = json.loads(line)
            if number == 0:
                head = dict(entry["batch"])
            else:
                runs[str(entry["name"])] = entry["record"]
    except (ValueError, KeyError, TypeError, RecursionError):
        pass  # what comes after a broken line was never confirmed: it is run again
    return head, runs


def _record(fields: Any, output: Path) -> Record | None:
    try:
        record = Record(**fields)
    except TypeError:
        return None
    return record if _is_sound(record, output) else None


def _is_sound(record: Record, output: Path) -> bool:
    return (
        isinstance(record.fingerprint, str)
        and isinstance(record.ok, bool)
        and isinstance(record.seconds, int | float)
        and math.isfinite(record.seconds)
        and isinstance(record.outputs, dict)
        and isinstance(record.stored, dict)
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
    if folded(steps[0]) in (MANIFEST, JOURNAL):
        return False
    places = itertools.accumulate(steps, os.path.join, initial=os.fspath(output))
    return not any(map(os.path.islink, itertools.islice(places, 1, None)))


def folded(name: str) -> str:
    """A name as file systems compare it that know neither case nor the forms of Unicode."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def write_json(path: Path, value: Any, staging: Path | None = None) -> None:
    """Write JSON with sorted keys, in one step: a killed process or a power cut leaves the old file or the new one.

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
    with draft.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())  # else a power cut could leave the new name with nothing in it
    draft.replace(path)
