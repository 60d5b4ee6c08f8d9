"""What a batch did: versions, commit, hashes of inputs and outputs, parameters, durations, errors."""

import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import shanhai
from shanhai.core.manifest import MANIFEST, Record, write_json
from shanhai.run.project import Project


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
    staging: Path,
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
    write_json(output / MANIFEST, manifest, staging)


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
