"""Which files of an unpacked package, or of its archive, are not as its list of checksums has them."""

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shanhai.core.errors import PackageError
from shanhai.core.manifest import MANIFEST, is_inside, read_outputs, read_records
from shanhai.core.paths import MINE, ROOT
from shanhai.core.sources import hash_file
from shanhai.report.package.archive import open_archive
from shanhai.report.package.sums import SUMS, read_sums

MADE_BY_RUNNING = (
    *(".git", ".venv", "outputs/cache", "outputs/interactive", "outputs/run", "outputs/tests"),
    MINE.relative_to(ROOT).as_posix(),
)
"""Folders of a checkout that commands and users fill: what is in them is no part of a package."""

_OF_THE_RUNNER = (".lock",)
"""What `reproduce` keeps beside its results."""

_CACHES = frozenset(("__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"))
"""Names of folders that tools fill, wherever they are."""


@dataclass(frozen=True)
class Deviation:
    """One file that is not as the list has it."""

    kind: Literal["differs", "missing", "added"]
    name: str
    note: str = ""

    def __str__(self) -> str:
        name = self.name if self.name.isprintable() else ascii(self.name)  # no line of a report is made by a name
        return f"{self.kind:<8} {name}{f' ({self.note})' if self.note else ''}"


@dataclass(frozen=True)
class _Verification:
    """Outcome of a comparison with the list.

    Attributes
    ----------
    checked : int
        Files that the list has.
    deviations : tuple of Deviation
        Sorted by name.
    passed_over : tuple of str
        Folders that running fills, which were not looked at.
    """

    checked: int
    deviations: tuple[Deviation, ...]
    passed_over: tuple[str, ...] = ()


def verify(path: Path) -> _Verification:
    """Compare an unpacked package, its archive without unpacking it, or a folder of results with its list of checksums.

    Parameters
    ----------
    path : Path
        Folder of a package or of results, or ZIP archive.

    Raises
    ------
    PackageError
        If the path is neither, has no list, or the archive or the list could do harm.
    """
    if path.is_dir():
        return _verify_folder(path)
    if not path.is_file():
        raise PackageError(f"{path} is no folder and no file; name an unpacked package or its archive.")
    with open_archive(path) as archive:
        sums = read_sums(archive.read(SUMS), path.name)
        found = {name: archive.sha256(name) for name in archive.names if name != SUMS}
    missing = [Deviation("missing", name) for name in set(sums) - set(found)]
    added = [Deviation("added", name) for name in set(found) - set(sums)]
    differing = [Deviation("differs", name) for name in set(sums) & set(found) if sums[name] != found[name]]
    return _Verification(len(sums), _sorted(missing + added + differing))


def sums_of(folder: Path) -> dict[str, str]:
    """The list of an unpacked package, or of a folder of results, whose manifest has it.

    Raises
    ------
    PackageError
        If the folder has none, or one that could do harm.
    """
    path = folder / SUMS
    if path.is_file() and not path.is_symlink():
        return read_sums(path.read_bytes(), str(folder))
    _require_whole(folder / MANIFEST)
    records = read_records(folder)
    if not records:
        raise PackageError(
            f"{folder} holds no {SUMS} and no {MANIFEST} of results; name the folder of an unpacked package, its "
            "archive, or what `reproduce` wrote."
        )
    sums = {name: str(digest) for name, digest in read_outputs(folder).items() if is_inside(name, folder)}
    return {**sums, **{name: digest for record in records.values() for name, digest in record.outputs.items()}}


def _require_whole(manifest: Path) -> None:
    """Tell a manifest that a power cut or a full disk left half written from none."""
    if not manifest.is_file():
        return
    try:
        json.loads(manifest.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise PackageError(
            f"{manifest} is there but cannot be read: it is half written or damaged, so that nothing can be compared. "
            "Run the command that made the results again, into the same folder: it makes them and the manifest anew."
        ) from error


def _verify_folder(folder: Path) -> _Verification:
    sums = sums_of(folder)
    passed_over: list[str] = []
    present = set(_files(folder, passed_over)) - {SUMS}
    if not (folder / SUMS).is_file():
        present -= {MANIFEST, *_OF_THE_RUNNER}
    deviations = [Deviation("added", name) for name in present - set(sums)]
    for name, digest in sums.items():
        deviations += _deviation(folder, name, digest)
    return _Verification(len(sums), _sorted(deviations), tuple(sorted(passed_over)))


def _deviation(folder: Path, name: str, digest: str) -> list[Deviation]:
    path = folder / name
    steps = name.split("/")
    if any((folder / Path(*steps[:length])).is_symlink() for length in range(1, len(steps) + 1)):
        return [Deviation("differs", name, "a link, not followed")]
    if not path.exists():
        return [Deviation("missing", name)]
    if not stat.S_ISREG(path.stat().st_mode):
        return [Deviation("differs", name, "no file")]
    return [] if hash_file(path) == digest else [Deviation("differs", name)]


def _files(folder: Path, passed_over: list[str], start: str = "") -> Iterator[str]:
    """Files below a folder, without those of the folders that running fills; these are added to the list."""
    for entry in sorted(os.scandir(folder / start), key=lambda entry: entry.name):
        name = f"{start}{entry.name}"
        if not entry.is_dir(follow_symlinks=False):
            yield name
        elif name in MADE_BY_RUNNING or entry.name in _CACHES:
            passed_over.append(name)
        else:
            yield from _files(folder, passed_over, f"{name}/")


def _sorted(deviations: list[Deviation]) -> tuple[Deviation, ...]:
    return tuple(sorted(deviations, key=lambda deviation: deviation.name))
