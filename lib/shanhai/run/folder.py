"""The folder that results of a batch go to: what is there already, and how a finished run comes into it."""

import errno
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from shanhai.core import sources
from shanhai.core.errors import ReportError
from shanhai.core.manifest import JOURNAL, MANIFEST, Earlier, Record, folded, read_earlier, read_outputs
from shanhai.run.manifest import Journal, write_manifest
from shanhai.run.output import is_manifest, is_torn, require_own
from shanhai.run.pool import Outcome
from shanhai.run.runs import Run

_PARTS = ("notebooks", "figures", "tables", "parts", "pages")
"""Folders of the results of runs."""


class Folder:
    """Results in a folder of this machine, which the caller holds.

    Parameters
    ----------
    path : Path
    staging : Path
        Folder of the same file system for what is not finished.
    """

    def __init__(self, path: Path, staging: Path) -> None:
        self.path, self.staging = path, staging
        self._journal: Journal | None = None
        self._head: Mapping[str, Any] = {}
        self._shared: Mapping[str, str] = {}
        self.is_noted = False
        """Whether this batch has finished anything."""

    @property
    def shown(self) -> str:
        """Where results are, for messages."""
        return str(self.path)

    def earlier(self) -> Earlier:
        """What batches before left."""
        return read_earlier(self.path)

    def require_own(self, names: Collection[str]) -> None:
        """Refuse to write over files of no single run that no batch left here; see :func:`output.require_own`.

        What is there stays in the manifest until other files take its place, also if this batch is stopped before.
        """
        paths = {name: self.path / name for name in (*names, MANIFEST)}
        no_files = [name for name, path in paths.items() if path.exists() and not path.is_file()]
        require_own(self.shown, dict.fromkeys(no_files, ""), {}, no_files)  # else refused when all is done
        there = {name: sources.hash_file(self.path / name) for name in names if (self.path / name).is_file()}
        if not is_manifest(self.path):
            there[MANIFEST] = ""
        # else a batch was killed here, perhaps while it wrote them, or what it wrote was damaged later
        if not (self.path / JOURNAL).is_file() and not is_torn(self.path):
            require_own(self.shown, there, read_outputs(self.path), [*names, MANIFEST])
        self._shared = {name: digest for name, digest in there.items() if name != MANIFEST}

    def require_free(self, runs: Sequence[Run], names: Iterable[str] = ()) -> None:
        """Refuse, before anything is executed, a folder where results of runs cannot go, or are somebody else's.

        Parameters
        ----------
        runs : sequence of Run
        names : iterable of str
            Of files of no single run.

        Raises
        ------
        NotADirectoryError
            If a file stands where a folder of results belongs.
        ReportError
            If a link does.
        ParameterError
            If no batch has worked here yet, and files bear the names of results.
        """
        parts = [self.path / edition / part for edition in {run.edition for run in runs} for part in ("", *_PARTS)]
        for path in sorted(parts):
            _require_folder(path)
        if (self.path / MANIFEST).exists() or (self.path / JOURNAL).exists():
            return  # what is there is a batch's, or was left by one that was killed
        inside = [file.relative_to(self.path).as_posix() for path in parts if path.is_dir() for file in path.iterdir()]
        there = [name for name in names if (self.path / name).is_file()]
        self.refuse_foreign([*there, *of_runs(inside, runs)])

    def refuse_foreign(self, there: Sequence[str]) -> None:
        """Refuse a place with files of somebody else."""
        require_own(self.shown, dict.fromkeys(there, ""), {}, set(there))

    def open_journal(self) -> None:
        """Say on the disk that files of no single run are being written."""
        assert self._journal is not None
        self._journal.open()

    def damaged(self, record: Record) -> list[str]:
        """Files of a record that are gone or not as they were written."""
        return [name for name, digest in record.outputs.items() if not _is(self.path / name, digest)]

    def begin(self, head: Mapping[str, Any], kept: Mapping[str, Record]) -> None:
        """Note what all runs of this batch are made from; what a killed batch finished goes into the manifest."""
        self._head = head
        self._journal = Journal(self.path, head)
        if (self.path / JOURNAL).exists():
            self.settle(kept, {})

    def take(self, outcome: Outcome) -> tuple[dict[str, str], dict[str, str]]:
        """Move the files of a task to their places: their hashes, and what a store said of them."""
        self.open_journal()  # whose files these are is known, also if this batch is killed among them
        return publish(outcome, self.path), {}

    def note(self, name: str, record: Record) -> None:
        """Keep the record of a finished run; when this returns, it is on the disk."""
        assert self._journal is not None
        self._journal.note(name, record)
        self.is_noted = True

    def bring(self, names: Collection[str]) -> None:
        """See to it that these files lie in the folder."""

    def settle(
        self, records: Mapping[str, Record], merged: Mapping[str, str], head: Mapping[str, Any] | None = None
    ) -> None:
        """Write the manifest of all records and of files that belong to no single run; it takes up the journal."""
        write_manifest(self.path, head or self._head, records, merged or self._shared, self.staging)
        assert self._journal is not None
        self._journal.close(remove=True)

    def discard(self, records: Mapping[str, Record], current: Mapping[str, Record]) -> None:
        """Remove files that an earlier batch wrote and this one did not; not those that somebody changed since."""
        wanted = {folded(name) for record in current.values() for name in record.outputs}
        for record in records.values():
            for name, digest in record.outputs.items():
                path = self.path / name
                if folded(name) not in wanted and path.is_file() and sources.hash_file(path) == digest:
                    path.unlink()


def _require_folder(path: Path) -> None:
    """Refuse a file or a link where a folder of results belongs; nothing need be there.

    Raises
    ------
    NotADirectoryError, ReportError
    """
    if path.resolve() != path:
        raise ReportError(f"{path} is a link to {path.resolve()}; remove it and run again.")
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))


def of_runs(names: Iterable[str], runs: Iterable[Run]) -> Iterator[str]:
    """Those of some files, by their paths in a folder of results, that bear the name of a result of one of some runs.

    It is that of the run, and behind it ``--`` or an ending.
    """
    wanted = {(run.edition, run.name) for run in runs}
    for name in names:
        folder, _, file = name.rpartition("/")
        edition, _, part = folder.rpartition("/")
        ends = (match.start() for match in re.finditer(r"--|\.", file))
        if part in _PARTS and any((edition, file[:end]) in wanted for end in ends):
            yield name


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and sources.hash_file(path) == digest


def publish(outcome: Outcome, output: Path) -> dict[str, str]:
    """Move the files of a task to their places; of a failed run only the partial copy of its notebook.

    The task has seen to it that each file is on the disk before it gets its name here. The names reach the disk with
    the journal at the latest; what a power cut should have taken all the same, the next call sees by its hash.
    """
    hashes: dict[str, str] = {}
    files = (path for path in outcome.folder.rglob("*") if path.is_file())
    for path in sorted(files, key=lambda path: (path.suffix == ".ipynb", path)):  # the notebook says: all is there
        name = path.relative_to(outcome.folder).as_posix()
        if outcome.error is None or path.suffix == ".ipynb":
            target = output / name
            target.parent.mkdir(parents=True, exist_ok=True)
            _require_folder(target.parent)
            hashes[name] = sources.hash_file(path)
            try:
                path.replace(target)
            except OSError:  # such as a full disk: no empty folder stays
                with suppress(OSError):
                    target.parent.rmdir()
                raise
    return hashes
