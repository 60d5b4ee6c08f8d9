"""The folders a batch reads, and the content hashes that say whether anything in them changed."""

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shanhai import paths, sources
from shanhai.run.registered import Run

IGNORED = ("__pycache__", ".ipynb_checkpoints")


@dataclass(frozen=True)
class Project:
    """Root of a checkout; the tests hand in small ones."""

    root: Path = paths.ROOT

    @property
    def notebooks(self) -> Path:
        return self.root / paths.NOTEBOOKS.name

    def inputs(self) -> dict[str, str]:
        """SHA-256 of every file that a result depends on, but notebooks: data, shapefiles, library, lock, settings."""
        folders = [
            self.root / folder.relative_to(paths.ROOT) for folder in (paths.DATA, paths.SHAPEFILES, paths.LIBRARY)
        ]
        files = [path for folder in folders for path in sorted(folder.rglob("*")) if _is_content(path)]
        files.append(self.root / paths.LOCK.relative_to(paths.ROOT))
        hashes = {path.relative_to(self.root).as_posix(): hash_file(path) for path in files if path.is_file()}
        return hashes | _hash_settings()


def _is_content(path: Path) -> bool:
    return path.is_file() and not any(part in IGNORED for part in path.parts)


def _hash_settings() -> dict[str, str]:
    """Settings and the user's own files, by their role: where they lie does not matter."""
    settings = sources.settings_file()
    hashes = {"settings": hash_file(settings)} if settings else {}
    for (kind, name), path in sorted(sources.replacements().items()):
        # A shapefile is several files of one stem.
        for part in sorted(path.parent.glob(f"{path.stem}.*")) if path.suffix == ".shp" else [path]:
            hashes[f"replace/{kind}/{name}{part.suffix}"] = hash_file(part)
    return hashes


def hash_file(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_value(value: Any) -> str:
    """SHA-256 of a value made of texts, numbers, lists and mappings."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def hash_notebook(path: Path) -> str:
    """SHA-256 of what a notebook says and does: its cells and tags, not its saved outputs."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return hash_value(
        [[cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", [])] for cell in cells]
    )


def count_cells(path: Path) -> int:
    """Number of code cells of a notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return sum(cell["cell_type"] == "code" for cell in cells)


def fingerprint(inputs: Mapping[str, str], run: Run | None = None) -> str:
    """Hash of everything that can change a result: the inputs, the Python, and the run's notebook and parameters."""
    own = [run.name, hash_notebook(run.notebook), dict(run.parameters)] if run else []
    return hash_value([dict(inputs), platform.python_version(), own])
