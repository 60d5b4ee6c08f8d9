"""Why a run is executed again: what differs from what its last result was made from."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shanhai.core.manifest import Earlier, Record
from shanhai.run.project import PACKAGES

if TYPE_CHECKING:
    from shanhai.run.folder import Folder
    from shanhai.run.jobs import Job

_SHOWN = 5
"""Names of one kind that are listed."""


def reasons(job: "Job", earlier: Earlier, folder: "Folder", head: Mapping[str, Any], *, force: bool) -> list[str]:
    """What changed since the last result of a job, one phrase each.

    Parameters
    ----------
    job : Job
    earlier : Earlier
        What batches before left, and what each was made from.
    folder : Folder
    head : mapping
        What this batch makes its results from, as its manifest says it.
    force : bool
        Whether the user asked for everything.
    """
    record = earlier.records.get(job.name)
    if record is None:
        return ["no result yet"]
    found = _changed(job, record, earlier.made_from[job.name], head)
    if not found and record.fingerprint != job.fingerprint:
        found = ["made by another version of the runner"]
    if not record.ok:
        found.append(f"failed last time ({record.error})")
    if record.fingerprint == job.fingerprint and not job.is_told_by(record):
        found.append("its entry in the manifest is damaged")
    damaged = folder.damaged(record) if record.ok else []
    if damaged:
        found.append(f"missing or damaged: {_list(damaged)}")
    return found or ["asked for by --force" if force else "no longer as it was when the batch began"]


def _changed(job: "Job", record: Record, before: Mapping[str, Any], head: Mapping[str, Any]) -> list[str]:
    if record.fingerprint == job.fingerprint:
        return []
    found = []
    if job.run:
        found += _parameters(dict(record.parameters), dict(job.run.parameters))
        name = job.run.notebook.name
        if _entries(before, "notebooks").get(name) != head["notebooks"][name]:
            found.append(f"notebook {name} changed")
    if before.get("python_build") != sys.version:
        found.append(f"Python was {before.get('python')}, is {head['python']}")
    found += _files(_entries(before, "inputs"), job.used, head["inputs"])
    if _entries(before, "inputs").get(PACKAGES) != job.used.get(PACKAGES):
        found.append(_packages(_entries(before, "packages"), head["packages"]))
    return found


def _parameters(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    names = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    return [f"parameter {name} was {before.get(name)!r}, is {now.get(name)!r}" for name in names]


def _files(before: Mapping[str, Any], used: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Files that differ among those that the result can depend on; and those that are gone."""
    changed = sorted(name for name in used if name in before and before[name] != used[name] and name != PACKAGES)
    added = sorted(name for name in used if name not in before and name != PACKAGES)
    removed = sorted(name for name in before if name not in now)
    words = {"file changed": changed, "file added": added, "file removed": removed}
    return [f"{word}: {_list(names)}" for word, names in words.items() if names]


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """In which files, and whether in packages, two sets of inputs differ, one phrase each."""
    found = _files(before, now, now)
    return found + (["other packages"] if before.get(PACKAGES) != now.get(PACKAGES) else [])


def _packages(before: Mapping[str, Any], now: Mapping[str, str]) -> str:
    names = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    versions = [f"{name} {before.get(name, 'none')} -> {now.get(name, 'none')}" for name in names]
    return f"package changed: {_list(versions)}" if versions else "files of packages changed, no version did"


def _entries(head: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A table of a manifest, which may have been written by anybody."""
    found = head.get(name)
    return found if isinstance(found, dict) else {}


def _list(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"
