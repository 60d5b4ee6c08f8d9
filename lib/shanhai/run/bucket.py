"""Results in a store that fsspec knows (S3 and others): each finished run is uploaded, the manifest comes last.

A run counts as there if the store still has every file of it with the size and the tag that it told when it took the
file. A store without tags is asked for the bytes, which are hashed. Nothing but what the next steps read stays here.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shanhai.core.errors import EnvironmentMissingError
from shanhai.core.manifest import JOURNAL, MANIFEST, Earlier, Record, folded, is_inside, read_earlier, read_outputs
from shanhai.run.folder import Folder, of_runs, publish
from shanhai.run.manifest import write_manifest
from shanhai.run.output import is_manifest, is_torn, require_own
from shanhai.run.pool import Outcome
from shanhai.run.runs import Run

INSTALL = 'python -m pip install "s3fs>=2024.9"'

_NOTES = "journal"
"""Folder of the store with a small file for each run that a batch has finished, until the manifest has it."""

_HEAD = f"{_NOTES}/0.json"

_CONNECTIONS = 16

_STAY = "parts/"
"""Files that the merged lists and the site are made from; others are removed here once the store has them."""


class Bucket(Folder):
    """Results in a store, with a private folder of this machine for what is at work.

    Parameters
    ----------
    url : str
        Such as ``s3://bucket/prefix``; how to reach the store and with which rights is said by its own settings, for
        S3 the variables ``AWS_...`` or the files in ``~/.aws``.
    path : Path
        The private folder.
    staging : Path

    Raises
    ------
    EnvironmentMissingError
        If the package for the store is not installed, or the store does not answer.
    """

    def __init__(self, url: str, path: Path, staging: Path) -> None:
        super().__init__(path, staging)
        self.url = url.rstrip("/")
        with self._reached():
            self._store, root = _file_system(self.url)
            self._root = root.rstrip("/")
            found = self._store.find(self._root, detail=True) if self._store.exists(self._root) else {}
        self._listed = {name[len(self._root) :].lstrip("/"): _told(told) for name, told in found.items()}

    @property
    def shown(self) -> str:
        """Where results are, for messages."""
        return self.url

    def earlier(self) -> Earlier:
        """What batches before left in the store."""
        for name in (MANIFEST, JOURNAL):
            (self.path / name).unlink(missing_ok=True)
        if MANIFEST in self._listed:
            self._fetch(MANIFEST)
        notes = sorted(name for name in self._listed if name.startswith(f"{_NOTES}/"))
        if _HEAD in notes:
            with self._reached():
                lines = self._store.cat([self._at(name) for name in notes])
            (self.path / JOURNAL).write_bytes(b"\n".join(lines[self._key(name)].strip() for name in notes) + b"\n")
        return read_earlier(self.path)

    def require_own(self, names: Collection[str]) -> None:
        """Refuse to write over files of no single run that the manifest of the store does not list."""
        if MANIFEST in self._listed:
            self._fetch(MANIFEST)
        listed = read_outputs(self.path)
        there = {name: listed.get(name, "") for name in names if name in self._listed}
        if MANIFEST in self._listed and not is_manifest(self.path):
            there[MANIFEST] = ""
        # else a batch was killed here, perhaps while it wrote them, or what it wrote was damaged later
        if _HEAD not in self._listed and not is_torn(self.path):
            require_own(self.url, there, listed, [*names, MANIFEST])
        self._shared = {name: digest for name, digest in there.items() if digest}

    def require_free(self, runs: Sequence[Run], names: Iterable[str] = ()) -> None:
        """Refuse a store where no batch has worked yet, and files bear the names of results."""
        if MANIFEST not in self._listed and _HEAD not in self._listed:
            self.refuse_foreign([*(name for name in names if name in self._listed), *of_runs(self._listed, runs)])

    def open_journal(self) -> None:
        """Say in the store that files of no single run are being written."""
        if not self.is_noted:
            self._write(_HEAD, {"batch": self._head})

    def damaged(self, record: Record) -> list[str]:
        """Files of a record that the store lacks, or has with another size or tag than it told when it took them."""
        return [name for name in record.outputs if not self._is_there(name, record)]

    def _is_there(self, name: str, record: Record) -> bool:
        told = record.stored.get(name)
        if told is None or self._listed.get(name) != told:
            return False
        return " " in told or self._hash(name) == record.outputs[name]

    def begin(self, head: Mapping[str, Any], kept: Mapping[str, Record]) -> None:
        """Note what all runs of this batch are made from; what a killed batch finished goes into the manifest."""
        self._head = head
        if _HEAD in self._listed:
            self.settle(kept, {})

    def take(self, outcome: Outcome) -> tuple[dict[str, str], dict[str, str]]:
        """Upload the files of a task: their hashes, and what the store says of them."""
        self.open_journal()  # whose files these are is known, also if this batch is killed among them
        hashes = publish(outcome, self.path)
        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            stored = dict(zip(hashes, pool.map(self._put, hashes), strict=True))
        for name in hashes:
            if _STAY not in name:
                (self.path / name).unlink()
        return hashes, stored

    def note(self, name: str, record: Record) -> None:
        """Keep the record of a finished run in the store."""
        if not self.is_noted:
            self._write(_HEAD, {"batch": self._head})
        key = hashlib.sha256(name.encode()).hexdigest()[:32]
        self._write(f"{_NOTES}/{key}.json", {"name": name, "record": asdict(record)})
        self.is_noted = True

    def bring(self, names: Collection[str]) -> None:
        """See to it that these files lie in the folder here."""
        missing = [name for name in names if not (self.path / name).exists() and is_inside(name, self.path)]
        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            list(pool.map(self._fetch, missing))

    def settle(
        self, records: Mapping[str, Record], merged: Mapping[str, str], head: Mapping[str, Any] | None = None
    ) -> None:
        """Upload the files of no single run, then the manifest; then the notes of single runs are removed."""
        write_manifest(self.path, head or self._head, records, merged or self._shared, self.staging)
        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            list(pool.map(self._put, merged))
        self._put(MANIFEST)
        notes = [name for name in self._listed if name.startswith(f"{_NOTES}/")]
        if notes:
            with self._reached():
                self._store.rm([self._at(name) for name in notes])
        for name in notes:
            del self._listed[name]

    def discard(self, records: Mapping[str, Record], current: Mapping[str, Record]) -> None:
        """Remove files that an earlier batch wrote and this one did not; not those that somebody changed since."""
        wanted = {folded(name) for record in current.values() for name in record.outputs}
        for record in records.values():
            for name in record.outputs:
                if folded(name) not in wanted and self._is_there(name, record):
                    with self._reached():
                        self._store.rm_file(self._at(name))
                    del self._listed[name]

    def _put(self, name: str) -> str:
        """Upload a file and return what the store says of it, after a look whether it has all of it."""
        path = self.path / name
        with self._reached():
            self._store.put_file(str(path), self._at(name))
            told = _told(self._store.info(self._at(name)))
        if told.split(" ")[0] != f"{path.stat().st_size}":
            size = path.stat().st_size
            raise EnvironmentMissingError(f"{self.url}/{name} came as {told}, not {size} bytes; call this again.")
        self._listed[name] = told
        return told

    def _write(self, name: str, entry: Mapping[str, Any]) -> None:
        content = json.dumps(entry, ensure_ascii=False, sort_keys=True).encode()
        with self._reached():
            self._store.pipe_file(self._at(name), content)
        self._listed[name] = f"{len(content)}"

    def _fetch(self, name: str) -> None:
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._reached():
            self._store.get_file(self._at(name), str(target))

    def _hash(self, name: str) -> str:
        with self._reached(), self._store.open(self._at(name), "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _key(self, name: str) -> str:
        """The name under which the store gives a file back."""
        return str(self._store._strip_protocol(self._at(name)))

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Turn what a store says that cannot be reached, or refuses, into a sentence with a next step."""
        try:
            yield
        except _refusals() as error:
            raise EnvironmentMissingError(
                f"{self.url} refuses or does not answer: {type(error).__name__}: {error}. What was finished is kept."
                " Look at its name, your rights (for S3: the AWS_... variables) and the network, and call this again."
            ) from error


def _file_system(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs

        store, root = url_to_fs(url, skip_instance_cache=True, use_listings_cache=False)
    except ImportError as error:
        raise EnvironmentMissingError(f"--output {url} needs a package: {error}. For S3: {INSTALL}") from error
    except ValueError as error:
        raise EnvironmentMissingError(f"--output {url}: {error}. Give a folder, or s3://bucket/prefix.") from error
    return store, root


def _refusals() -> tuple[type[Exception], ...]:
    """Errors by which stores refuse."""
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        return (OSError,)
    return OSError, BotoCoreError, ClientError


def _told(info: Mapping[str, Any]) -> str:
    """Size and, where the store has one, tag of a file."""
    tag = info.get("ETag") or info.get("etag") or info.get("md5Hash") or info.get("content_md5") or ""
    return f"{info['size']} {tag}".strip().replace('"', "")
