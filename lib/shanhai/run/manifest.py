"""What a batch did: versions, commit, hashes of inputs and outputs, parameters, durations, errors."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import shanhai
from shanhai.run.project import Project, hash_file

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
    """Records of the last batch in this folder; empty if there was none or its manifest is of another shape."""
    path = output / MANIFEST
    if not path.is_file():
        return {}
    try:
        return {name: Record(**record) for name, record in json.loads(path.read_text(encoding="utf-8"))["runs"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}  # an older version wrote it: everything is run again


def describe(project: Project) -> dict[str, Any]:
    """Versions of program, Python and packages, and the commit: what is the same for all runs of a batch."""
    return {
        "shanhai": shanhai.__version__,
        "commit": _git(project.root, "rev-parse", "HEAD"),
        "uncommitted_changes": bool(_git(project.root, "status", "--porcelain")),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {package.name: package.version for package in distributions() if package.name},
    }


def write_manifest(
    output: Path,
    circumstances: Mapping[str, Any],
    inputs: Mapping[str, str],
    records: Mapping[str, Record],
    merged: Mapping[str, str],
) -> None:
    """Write manifest.json in one step; `merged` are the hashes of files that belong to no single run."""
    outputs = {name: digest for record in records.values() for name, digest in record.outputs.items()}
    manifest = {
        **circumstances,
        "inputs": dict(inputs),
        "outputs": outputs | dict(merged),
        "runs": {name: asdict(record) for name, record in records.items()},
        "errors": {name: record.error for name, record in records.items() if record.error},
    }
    write_json(output / MANIFEST, manifest)


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted keys, in one step: a killed process leaves the old file or the new one."""
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)


def _git(root: Path, *arguments: str) -> str | None:
    """Answer of git about the checkout; None without git or outside a checkout."""
    try:
        answer = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()
