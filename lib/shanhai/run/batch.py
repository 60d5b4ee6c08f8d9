"""The main job: every listed run and every derived file, side by side, nothing done twice."""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from math import isclose
from pathlib import Path
from types import TracebackType
from typing import Any

from shanhai.claims.verdicts import multiple_testing, scoreboard
from shanhai.core import sources
from shanhai.core.errors import InputsChangedError, ReportError
from shanhai.core.manifest import MANIFEST, Record, folded, read_records, write_json
from shanhai.core.notebooks import read_cells
from shanhai.data.installed import read_packages
from shanhai.data.store import remove_drafts
from shanhai.run.derive import FINDINGS, MODULES, REPORT, WRITERS, derive, make_report
from shanhai.run.forked import FORK_IS_SAFE, call, fork_server
from shanhai.run.manifest import describe, write_manifest
from shanhai.run.meeting import meeting
from shanhai.run.ownership import folder_held, staging_in
from shanhai.run.pool import Outcome, Task, run_tasks
from shanhai.run.project import Inputs, Project, fingerprint
from shanhai.run.runs import CHINESE, Run, listed_runs, with_editions
from shanhai.run.signals import signals_interrupt
from shanhai.run.usage import USAGE, kept_usage, metered
from shanhai.run.values import check_all

KINDS = ("estimates", "tests", "quantities")
"""What runs leave in ``parts/``, merged into one file each."""

_ORDER = ("notebook", "spec_id", "sample", "outcome", "quantity", "model", "term", "statistic", "id")
"""Fields by which a file is sorted."""

NUMBERS = ("estimate", "value", "se", "low", "high", "p", "df", "n", "rejected")
"""Fields that are the same wherever a number is shown."""


_REST = 20
"""How many times as long as it took to write the manifest, which grows with the runs, passes before it is written
again; a batch that is killed in between executes again what was finished since."""


class _Progress:
    """Context that shows finished tasks on standard error."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self._bar = None
        if total and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=total, unit="run", leave=False, dynamic_ncols=True)

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, name: str, record: Record) -> None:
        """Count a finished task; a failure is said at once."""
        self.done += 1
        word = "" if record.ok else " FAILED"
        line = f"[{self.done}/{self.total}] {name}{word} ({record.seconds:.1f} s)"
        if self._bar is None:
            print(line, file=sys.stderr, flush=True)
            return
        self._bar.set_description(name)
        self._bar.update()
        if not record.ok:
            self._bar.write(line, file=sys.stderr)


@dataclass(frozen=True)
class _Job:
    """A run or a derived file with the hash of all it depends on."""

    name: str
    fingerprint: str
    run: Run | None = None
    state: sources.State | None = None
    """State of the notebook when the batch began."""

    def work(self, folder: Path, forked: bool) -> None:
        """Do it, leaving the files in the folder."""
        if self.run is None:
            derive(self.name, folder / self.name, forked=forked)
            return
        from shanhai.run.notebook import execute_run  # papermill takes long to import; a batch without work needs none

        execute_run(self.run, folder / self.run.edition, forked=forked)

    def record(self, outcome: Outcome, outputs: Mapping[str, str]) -> Record:
        """What the manifest says about this job."""
        error = None if outcome.error is None else f"{outcome.error}"
        details = (self.run.notebook.name, dict(self.run.parameters)) if self.run else (None, {})
        return Record(self.fingerprint, error is None, outcome.seconds, dict(outputs), error, *details)


def reproduce(
    output: Path,
    project: Project | None = None,
    *,
    jobs: int | None = None,
    force: bool = False,
    derived: Collection[str] = (*WRITERS, REPORT),
) -> bool:
    """Execute what is not up to date, merge the estimates, write manifest and report, print the scoreboard.

    Parameters
    ----------
    output : Path
        Folder of the results; those of runs that no longer exist are removed from it.
    project : Project, optional
    jobs : int, optional
        How many processes work side by side; if not given one more than cores, since one or the other waits for its
        kernel to start or its results to be written.
    force : bool
        Execute everything, whatever the hashes say.
    derived : collection of str
        Derived files to write, and whether to make the report.

    Returns
    -------
    bool
        Whether every notebook ran, every file was written, and no two notebooks give one number differently.

    Raises
    ------
    ParameterError
        If a listed run is not possible; nothing is executed then.
    FolderInUseError
        If another command works in the folder.
    InputsChangedError
        If a file that results depend on is written while they are made.
    """
    output = output.resolve()
    with signals_interrupt(), folder_held(output), staging_in(output) as staging:
        try:
            return _reproduce(output, staging, project or Project(), jobs or (os.cpu_count() or 1) + 1, force, derived)
        finally:
            remove_drafts()


def _reproduce(
    output: Path, staging: Path, project: Project, workers: int, force: bool, derived: Collection[str]
) -> bool:
    inputs = project.inputs()
    hashes = inputs.hashes
    runs = with_editions(listed_runs(project.notebooks))
    states = {run.notebook: sources.state(run.notebook) for run in runs}
    used = {notebook: project.used_by(inputs, notebook) for notebook in states}
    todo = [_Job(run.key, fingerprint(used[run.notebook], run), run, states[run.notebook]) for run in runs]
    todo += [_Job(name, fingerprint(project.used(inputs, MODULES[name]))) for name in derived if name != REPORT]
    previous = read_records(output)
    kept = {} if force else {job.name: previous[job.name] for job in todo if _is_current(job, previous, output)}
    stale = _longest_first([job for job in todo if job.name not in kept], previous)
    circumstances = describe(project) | {USAGE: kept_usage(output)}
    save = partial(_save, output, staging, circumstances, hashes, kept)
    check = partial(_require_unchanged, project, inputs)
    with metered() as meter:
        records = kept | _run_jobs(stale, output, staging, workers, check, save)
    if todo and not kept:
        circumstances[USAGE] = meter.reading(workers)
    if stale and read_packages() != inputs.packages:
        save({})  # which of them were used is not known
        raise _changed(["packages of this Python"])
    ordered = {job.name: records[job.name] for job in todo}
    merged = _merge_parts(output, staging, ordered)
    write_manifest(output, circumstances, hashes, ordered, merged, staging)
    differing = _disagreements(output, ordered)
    in_both = any(run.edition for run in runs)  # without a run in both languages there is nothing to make a report of
    if REPORT in derived and in_both and not differing and all(record.ok for record in ordered.values()):
        report = _Job(REPORT, fingerprint({**hashes, **merged, **_outputs(ordered)}))
        is_current = not force and _is_current(report, previous, output)
        stale += [] if is_current else [report]
        ordered[REPORT] = previous[REPORT] if is_current else _make_report(report, output, staging)
        write_manifest(output, circumstances, hashes, ordered, merged, staging)
    _remove_stale(output, previous, ordered)
    _print_summary(output, ordered, len(stale))
    print(*(f"FAILED {line}" for line in differing), sep="\n", end="\n" if differing else "", file=sys.stderr)
    return not differing and all(record.ok for record in ordered.values())


def _outputs(records: Mapping[str, Record]) -> dict[str, str]:
    return {name: digest for record in records.values() for name, digest in record.outputs.items()}


def _make_report(job: _Job, output: Path, staging: Path) -> Record:
    """Make the report of finished results, all of it or nothing, in a process of its own."""
    print("making the report ...", file=sys.stderr, flush=True)
    (outcome,) = run_tasks([Task(job.name, partial(make_report, output))], staging / REPORT, 1)
    return job.record(outcome, publish(outcome, output))


def _is_current(job: _Job, previous: Mapping[str, Record], output: Path) -> bool:
    record = previous.get(job.name)
    return record is not None and record.ok and record.fingerprint == job.fingerprint and record.is_intact(output)


def _longest_first(jobs: list[_Job], previous: Mapping[str, Record]) -> list[_Job]:
    """What took longest last time comes first, so that no long job is left alone at the end.

    Before that comes what never ran: derived files, then notebooks by their number of cells, and last the notebooks
    that are listed many times, because those are short pages of one place.
    """
    runs = Counter(job.run.notebook for job in jobs if job.run)

    def key(job: _Job) -> tuple[float, ...]:
        if job.name in previous:
            return 1, -previous[job.name].seconds
        if job.run is None:
            return 0, 0
        return 0, 1, runs[job.run.notebook], -_count_cells(job.run.notebook)

    return sorted(jobs, key=key)


def _require_unchanged(project: Project, inputs: Inputs, job: _Job) -> None:
    """Refuse a result if anything that it may have read is not as it was when the batch began.

    Raises
    ------
    InputsChangedError
    """
    changed = project.changed(inputs)
    if job.run and sources.state(job.run.notebook) != job.state:
        changed.append(job.run.notebook.name)
    if changed:
        raise _changed(changed)


def _changed(names: list[str]) -> InputsChangedError:
    return InputsChangedError(
        f"{', '.join(names[:5])} changed while the batch ran. What was finished before is kept; run the command again."
    )


def _save(
    output: Path,
    staging: Path,
    circumstances: Mapping[str, Any],
    inputs: Mapping[str, str],
    kept: Mapping[str, Record],
    done: Mapping[str, Record],
) -> None:
    """Write the manifest of what is done so far: an interrupted batch goes on from there."""
    write_manifest(output, circumstances, inputs, {**kept, **done}, {}, staging)


def _run_jobs(
    jobs: list[_Job],
    output: Path,
    staging: Path,
    workers: int,
    check: Callable[[_Job], None],
    save: Callable[[Mapping[str, Record]], None],
) -> dict[str, Record]:
    by_name = {job.name: job for job in jobs}
    done: dict[str, Record] = {}
    runs = [job.run for job in jobs if job.run]
    forked = FORK_IS_SAFE and len(runs) > workers
    tasks = [Task(job.name, partial(job.work, forked=forked)) for job in jobs]
    with (
        meeting() if FORK_IS_SAFE else nullcontext(),
        fork_server({run.notebook for run in runs}) if forked else nullcontext(),
    ):
        _check_values(
            [(run.notebook.stem, run.parameters) for run in runs if run.parameters and not run.edition], forked
        )
        # closed at once if a result cannot be stored: tasks must have ended before their folders are removed
        with _Progress(len(jobs)) as progress, closing(run_tasks(tasks, staging, workers)) as outcomes:
            saved = took = 0.0
            try:
                for outcome in outcomes:
                    job = by_name[outcome.name]
                    check(job)
                    done[job.name] = job.record(outcome, publish(outcome, output))
                    if (began := time.monotonic()) - saved >= _REST * took:
                        save(done)
                        saved, took = time.monotonic(), time.monotonic() - began
                    progress.show(job.name, done[job.name])
            finally:
                if jobs:
                    save(done)
    return done


def _check_values(parameters: list[tuple[str, Mapping[str, Any]]], forked: bool) -> None:
    """Refuse a run that is not possible, before any is started; what the checks read is at hand in a fork."""
    if parameters:
        call(check_all, parameters) if forked else check_all(parameters)


def publish(outcome: Outcome, output: Path) -> dict[str, str]:
    """Move the files of a task to their places; of a failed run only the partial copy of its notebook."""
    hashes: dict[str, str] = {}
    files = (path for path in outcome.folder.rglob("*") if path.is_file())
    for path in sorted(files, key=lambda path: (path.suffix == ".ipynb", path)):  # the notebook says: all is there
        name = path.relative_to(outcome.folder).as_posix()
        if outcome.error is None or path.suffix == ".ipynb":
            target = output / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.parent.resolve() != target.parent:
                raise ReportError(f"{target.parent} is a link to {target.parent.resolve()}; remove it and run again.")
            hashes[name] = sources.hash_file(path)
            path.replace(target)
    return hashes


def _remove_stale(output: Path, previous: Mapping[str, Record], records: Mapping[str, Record]) -> None:
    """Remove files that an earlier batch wrote and this one did not; not those that somebody changed since."""
    current = set(map(folded, _outputs(records)))
    for record in previous.values():
        for name, digest in record.outputs.items():
            path = output / name
            if folded(name) not in current and path.is_file() and sources.hash_file(path) == digest:
                path.unlink()


def _print_summary(output: Path, records: Mapping[str, Record], executed: int) -> None:
    findings = records.get(FINDINGS)
    if findings and findings.ok:
        entries = json.loads((output / FINDINGS).read_text(encoding="utf-8"))
        print(scoreboard(entries), multiple_testing(entries).to_string(index=False), sep="\n\n")
    failed = {name: record for name, record in records.items() if not record.ok}
    print(end="", flush=True)
    for name, record in failed.items():
        print(f"FAILED {name}: {record.error}", file=sys.stderr)
        for copy in record.outputs:
            print(f"  partial copy: {output / copy}", file=sys.stderr)
    unchanged = len(records) - executed
    print(f"{executed} executed, {unchanged} unchanged, {len(failed)} failed. Results: {output} ({MANIFEST} says how)")


def _merge_parts(output: Path, staging: Path, records: Mapping[str, Record]) -> dict[str, str]:
    """Write all estimates into one list, all tests and all quantities into two more; return their hashes by name.

    Unfinished files lie in ``staging``, a folder of the same file system.
    """
    hashes = {}
    for kind in KINDS:
        ordered = sorted(
            _rows(output, records, kind, "parts/"), key=lambda row: [str(row.get(key, "")) for key in _ORDER]
        )
        write_json(output / f"{kind}.json", ordered, staging)
        hashes[f"{kind}.json"] = sources.hash_file(output / f"{kind}.json")
    return hashes


def _rows(output: Path, records: Mapping[str, Record], kind: str, folder: str) -> list[dict[str, Any]]:
    """Rows of one kind that runs left in a folder of the results."""
    written = [name for record in records.values() if record.ok for name in record.outputs]
    parts = [name for name in written if name.startswith(folder) and name.endswith(f".{kind}.json")]
    return [row for name in parts for row in json.loads((output / name).read_text(encoding="utf-8"))]


def _disagreements(output: Path, records: Mapping[str, Record]) -> list[str]:
    """Numbers of one id that two runs, or two editions of a run, give differently, one line each.

    Numbers agree if they are equal to nine digits; what only one of two runs knows is no disagreement.
    """
    lines = []
    for kind in KINDS:
        first: dict[str, dict[str, Any]] = {}
        merged = json.loads((output / f"{kind}.json").read_text(encoding="utf-8"))
        translated = [
            {**row, "notebook": f"{CHINESE}/{row['notebook']}"}
            for row in _rows(output, records, kind, f"{CHINESE}/parts/")
        ]
        for row in (*merged, *translated):
            other = first.setdefault(row.get("id", ""), row)
            for name in (name for name in NUMBERS if "id" in row and _differ(other.get(name), row.get(name))):
                places = f"{other['notebook']} ({other[name]}) and {row['notebook']} ({row[name]})"
                lines.append(f"{kind}.json: {name} of {row['term']!r} in {row['model']!r} differs between {places}")
    return lines


def _differ(left: float | None, right: float | None) -> bool:
    return left is not None and right is not None and not isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)


def _count_cells(path: Path) -> int:
    """Number of code cells of a notebook."""
    return sum(cell["cell_type"] == "code" for cell in read_cells(path))
