"""The folders a batch reads, and the content hashes that say whether anything in them changed."""

import hashlib
import json
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from shanhai.core import imported, paths, sources
from shanhai.core.installed import read_packages
from shanhai.core.modules import content_of, files_behind, imports_of
from shanhai.core.notebooks import read_cells
from shanhai.run.runs import Run

PACKAGES = "packages"
"""Name of the packages among the inputs."""

_RUNNER = "run"
"""Folder of the library that executes notebooks: all of it stands behind every result."""


_LIBRARY = paths.LIBRARY.relative_to(paths.ROOT).as_posix()
"""Folder of the library in a project."""

_OF_THE_REPORT = ("CITATION.cff", "pyproject.toml")
"""Files that the report alone reads, beside the pages of the documentation."""

_PAGE = "shanhai.report.batch.page"
"""What makes the page of a run of a batch."""


@dataclass(frozen=True)
class Project:
    """Root of a checkout; the tests hand in small ones."""

    root: Path = paths.ROOT

    @property
    def notebooks(self) -> Path:
        return self.root / paths.NOTEBOOKS.name

    def inputs(self) -> "Inputs":
        """All that a result depends on, but notebooks: data, shapefiles, library, lock, settings, packages."""
        folders = {path: sources.state(path) for path in self._folders()}  # before the files are listed
        files = self._files()
        states = {name: sources.state(path) for name, path in files.items()}  # before they are read
        packages = read_packages()
        hashes = {name: sources.hash_file(path) for name, path in files.items()} | {PACKAGES: packages}
        return Inputs(hashes, states, packages, folders, files)

    def changed(self, before: "Inputs") -> list[str]:
        """Inputs that were written, made or removed since, also if they are as before again."""
        now = {name: sources.state(path) for name, path in self._files_now(before).items()}
        return sorted(name for name in {*now, *before.states} if now.get(name) != before.states.get(name))

    def used(self, inputs: "Inputs", modules: Collection[str] | None) -> dict[str, str]:
        """Hashes of the inputs that a result can depend on: of the Python of the library what some modules stand on.

        Parameters
        ----------
        inputs : Inputs
        modules : collection of str, optional
            What the result's code imports; if not given, it may import anything.
        """
        if modules is None:
            return dict(inputs.hashes)
        library, content = self._library(inputs)
        kept = {*files_behind(modules, library, content), *(library / _RUNNER).glob("*.py")}
        return {
            name: value
            for name, value in inputs.hashes.items()
            if not (name.startswith(f"{_LIBRARY}/") and name.endswith(".py")) or inputs.files[name] in kept
        }

    def used_by(self, inputs: "Inputs", run: Run) -> dict[str, str]:
        """Hashes of the inputs that a run can depend on."""
        modules = imports_of(_source_of(run.notebook), *self._library(inputs))
        return self.used(inputs, {*modules, _PAGE} if modules is not None and run.page else modules)

    def of_the_report(self) -> dict[str, str]:
        """Hashes of what no run reads and the report does: pages of the documentation, citation, address."""
        files = [
            *content_of(self.root / paths.DOCS.relative_to(paths.ROOT)),
            *(self.root / name for name in _OF_THE_REPORT),
        ]
        return {path.relative_to(self.root).as_posix(): sources.hash_file(path) for path in files if path.is_file()}

    def _library(self, inputs: "Inputs") -> tuple[Path, list[Path]]:
        """Folder of the library, and its files among the inputs."""
        return self.root / _LIBRARY, [path for name, path in inputs.files.items() if name.startswith(f"{_LIBRARY}/")]

    def _files_now(self, before: "Inputs") -> Mapping[str, Path]:
        """Files as they are now; they are listed again only if a folder has gained or lost something."""
        same = all(path.is_dir() and sources.state(path) == state for path, state in before.folders.items())
        if same and all(os.path.isfile(path) for path in before.files.values()):
            return {name: path for name, path in before.files.items() if _is_ours(name)} | _files_of_settings()
        return self._files()

    def _folders(self) -> list[Path]:
        """Folders that hold inputs, with all below them."""
        found = [Path(here) for folder in self._roots() for here, _, _ in os.walk(folder)]
        lock = self.root / paths.LOCK.relative_to(paths.ROOT)
        found += [lock.parent] if lock.parent.is_dir() else []
        return [path for path in found if not path.name.startswith("__")]

    def _roots(self) -> list[Path]:
        roots = (paths.DATA, paths.SHAPEFILES, paths.LIBRARY)
        return [self.root / folder.relative_to(paths.ROOT) for folder in roots]

    def _files(self) -> dict[str, Path]:
        files = [path for folder in self._roots() for path in content_of(folder)]
        lock = self.root / paths.LOCK.relative_to(paths.ROOT)
        files += [lock] if lock.is_file() else []
        return {path.relative_to(self.root).as_posix(): path for path in files} | _files_of_settings()


@dataclass(frozen=True)
class Inputs:
    """What a batch read, as it was at its beginning."""

    hashes: Mapping[str, str]
    """SHA-256 of each file by its path in the project or its role, and of the packages."""
    states: Mapping[str, sources.State]
    """State of each file before it was hashed."""
    packages: str
    """SHA-256 of the packages."""
    folders: Mapping[Path, sources.State] = field(default_factory=dict, repr=False)
    """State of each folder before its files were listed: it changes when a file is made or removed there."""
    files: Mapping[str, Path] = field(default_factory=dict, repr=False)
    """Where each of them lies."""


def _is_ours(name: str) -> bool:
    """Whether an input is a file of the project, not one that the settings name."""
    return name not in ("settings", "imports") and not name.startswith("replace/")


def _files_of_settings() -> dict[str, Path]:
    """Settings and the user's own files, by their role: where they lie does not matter."""
    settings = sources.settings_file()
    files = {"settings": settings} if settings else {}
    register = sources.own_folder() / imported.REGISTER
    files |= {"imports": register} if register.is_file() else {}  # figures name what was imported, and when
    for (kind, name), path in sorted(sources.replacements().items()):
        for part in [path] if kind == "table" else sources.parts(path):
            files[f"replace/{kind}/{name}{part.name[len(path.stem) :]}"] = part
    return files


def _hash_value(value: Any) -> str:
    """SHA-256 of a value made of texts, numbers, lists and mappings."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def hash_notebook(path: Path) -> str:
    """SHA-256 of what a notebook says and does: its cells and tags, not its saved outputs."""
    return _hash_cells(path, sources.state(path))


@lru_cache(maxsize=64)
def _hash_cells(path: Path, state: sources.State) -> str:
    return _hash_value(
        [[cell["cell_type"], cell["source"], cell["metadata"].get("tags", [])] for cell in read_cells(path)]
    )


def digest(inputs: Mapping[str, str]) -> str:
    """One hash of inputs: made once for all runs of a notebook."""
    return _hash_value(dict(inputs))


def fingerprint(inputs: str, run: Run | None = None) -> str:
    """Hash of everything that can change a result: its inputs, the Python, and the run's notebook and parameters.

    Parameters
    ----------
    inputs : str
        Their :func:`digest`.
    run : Run, optional
        None for a file that no notebook makes.
    """
    own = [run.name, hash_notebook(run.notebook), dict(run.parameters)] if run else []
    return _hash_value([inputs, sys.version, own])


def _source_of(notebook: Path) -> str:
    """Code of a notebook, cell after cell."""
    return "\n".join(cell["source"] for cell in read_cells(notebook) if cell["cell_type"] == "code")
