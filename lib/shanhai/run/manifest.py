"""What a batch did: versions, commit, hashes of inputs and outputs, parameters, durations, errors."""

import json
import os
import platform
import re
import subprocess
import sys
import traceback
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import shanhai
from shanhai.core.manifest import JOURNAL, MANIFEST, Record, write_json
from shanhai.run.project import Project

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
"""What a terminal takes for colours."""

_TRACEBACK_LINES = 40


def describe(project: Project) -> dict[str, Any]:
    """Versions of program, Python and packages, and the commit: what is the same for all runs of a batch."""
    metadata = [package.metadata for package in distributions()]  # each time it is asked for, it is read anew
    return {
        "shanhai": shanhai.__version__,
        "commit": _git(project.root, "rev-parse", "HEAD"),
        "uncommitted_changes": bool(_git(project.root, "status", "--porcelain")),
        "python": platform.python_version(),
        "python_build": sys.version,
        "platform": platform.platform(),
        "packages": {said["Name"]: said["Version"] for said in metadata if said["Name"]},
    }


def write_manifest(
    output: Path,
    head: Mapping[str, Any],
    records: Mapping[str, Record],
    merged: Mapping[str, str],
    staging: Path,
) -> None:
    """Write manifest.json in one step; `merged` are hashes of files of no single run, `head` is the rest."""
    outputs = {name: digest for record in records.values() for name, digest in record.outputs.items()}
    manifest = {
        **head,
        "outputs": outputs | dict(merged),
        "runs": {name: asdict(record) for name, record in records.items()},
        "errors": {name: record.error for name, record in records.items() if record.error},
    }
    write_json(output / MANIFEST, manifest, staging)


class Journal:
    """What a batch has finished so far, a line a run on the disk: a batch that is killed goes on from there.

    Parameters
    ----------
    output : Path
    head : mapping
        Versions and hashes of inputs: what all the runs of the batch are made from.
    """

    def __init__(self, output: Path, head: Mapping[str, Any]) -> None:
        self._path = output / JOURNAL
        self._head = head
        self._file: int | None = None
        self._size = 0

    def note(self, name: str, record: Record) -> None:
        """Add a run; when this returns the line is on the disk."""
        self.open()
        self._write({"name": name, "record": asdict(record)})

    def open(self) -> None:
        """Begin the file with its head, unless that was done."""
        if self._file is None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0))
            self._write({"batch": self._head})

    def _write(self, entry: Mapping[str, Any]) -> None:
        assert self._file is not None
        line = json.dumps(entry, ensure_ascii=False, sort_keys=True).encode() + b"\n"
        rest = memoryview(line)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError:  # such as a full disk: no half line stays
            os.ftruncate(self._file, self._size)
            self.close(remove=self._size == 0)
            raise
        self._size += len(line)

    def close(self, *, remove: bool) -> None:
        """End the journal; it is removed once what it says stands in the manifest."""
        if self._file is not None:
            os.close(self._file)
            self._file, self._size = None, 0
        if remove:
            self._path.unlink(missing_ok=True)


def failure_of(error: BaseException) -> dict[str, Any]:
    """What the manifest says of a task that failed: cell, exception, and traceback as plain text."""
    details = getattr(error, "failure", None)
    if details:
        return dict(details)
    told = "".join(traceback.format_exception(error))
    return {"cell": None, "exception": f"{type(error).__name__}: {error}", "traceback": shortened(told)}


def shortened(text: str) -> str:
    """A traceback as plain text, of a long one its last lines."""
    lines = _COLOURS.sub("", text).splitlines()
    return "\n".join(lines if len(lines) <= _TRACEBACK_LINES else ["[...]", *lines[-_TRACEBACK_LINES:]])


def _git(root: Path, *arguments: str) -> str | None:
    """Answer of git about the checkout; None without git or outside a checkout."""
    # an unpacked package may lie inside of a checkout of something else
    own = os.environ | {"GIT_CEILING_DIRECTORIES": str(root.parent)}
    command = ["git", "-C", str(root), *arguments]
    try:
        answer = subprocess.run(command, env=own, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()
