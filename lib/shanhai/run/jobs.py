"""What `reproduce` and `batch` share: jobs, which of them are up to date, and how the others are done and noted."""

import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, closing, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from shanhai.core import sources
from shanhai.core.errors import InputsChangedError
from shanhai.core.installed import read_packages
from shanhai.core.manifest import Earlier, Record
from shanhai.core.notebooks import read_cells
from shanhai.run.derive import MODULES, derive
from shanhai.run.explain import reasons
from shanhai.run.folder import Folder
from shanhai.run.forked import FORK_IS_SAFE, call, fork_server
from shanhai.run.manifest import describe, failure_of
from shanhai.run.meeting import meeting
from shanhai.run.pool import Outcome, Task, run_tasks
from shanhai.run.project import Inputs, Project, digest, fingerprint, hash_notebook
from shanhai.run.runs import Run
from shanhai.run.usage import metered
from shanhai.run.values import check_all


@dataclass(frozen=True)
class Job:
    """A run or a derived file with the hash of all it depends on."""

    name: str
    fingerprint: str
    used: Mapping[str, str] = field(repr=False)
    """Hashes of the inputs it can depend on."""
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

    def is_told_by(self, record: Record) -> bool:
        """Whether a record says of its run what the run is: a bit of a manifest may have turned."""
        if self.run is None:
            return record.notebook is None and not record.parameters
        parameters = json.loads(json.dumps(dict(self.run.parameters)))
        return record.notebook == self.run.notebook.name and dict(record.parameters) == parameters

    def record(self, outcome: Outcome, outputs: Mapping[str, str], stored: Mapping[str, str] | None = None) -> Record:
        """What the manifest says about this job."""
        return Record(
            self.fingerprint,
            outcome.error is None,
            outcome.seconds,
            dict(outputs),
            None if outcome.error is None else str(outcome.error),
            self.run.notebook.name if self.run else None,
            dict(self.run.parameters) if self.run else {},
            None if outcome.error is None else failure_of(outcome.error),
            stored or {},
        )


@dataclass(frozen=True)
class Options:
    """How a batch is done.

    Attributes
    ----------
    workers : int
        Processes side by side on this machine.
    force : bool
        Execute everything, whatever the hashes say.
    explain : bool
        Say of each run that is executed what changed since the last one.
    is_checked : bool
        The values of all parameters have been looked at already.
    elsewhere : callable, optional
        Does the jobs instead of this machine and yields their outcomes as they end; takes jobs and a folder for files.
    say : callable
        Puts a message into the user's language; messages are English otherwise.
    """

    workers: int
    force: bool = False
    explain: bool = False
    is_checked: bool = False
    elsewhere: Callable[[Sequence[Job], Path], Generator[Outcome, None, None]] | None = None
    say: Callable[[str], str] = str


@dataclass(frozen=True)
class _Done:
    """What a batch has brought up to date."""

    records: Mapping[str, Record]
    """In the order of the jobs."""
    executed: int
    earlier: Earlier
    usage: Mapping[str, Any] | None
    """What the machine was used for, if all was executed."""


def default_workers() -> int:
    """Two more than cores: of its two or three seconds a short run waits half a second for its kernel and the disk."""
    return (os.cpu_count() or 1) + 2


def jobs_of(project: Project, inputs: Inputs, runs: Sequence[Run], derived: Sequence[str] = ()) -> list[Job]:
    """The jobs of runs and of derived files, each with the hash of all it depends on."""
    used = {notebook: project.used_by(inputs, run) for notebook, run in {run.notebook: run for run in runs}.items()}
    digests = {notebook: digest(hashes) for notebook, hashes in used.items()}
    states = {notebook: sources.state(notebook) for notebook in used}
    jobs = [
        Job(run.key, fingerprint(digests[run.notebook], run), used[run.notebook], run, states[run.notebook])
        for run in runs
    ]
    for name in derived:
        hashes = project.used(inputs, MODULES[name])
        jobs.append(Job(name, fingerprint(digest(hashes)), hashes))
    return jobs


def is_current(job: Job, earlier: Earlier, folder: Folder) -> bool:
    """Whether the result of a job is there, intact, and made from what is there now."""
    record = earlier.records.get(job.name)
    if record is None or not record.ok or record.fingerprint != job.fingerprint:
        return False
    return job.is_told_by(record) and not folder.damaged(record)


def head_of(project: Project, inputs: Inputs, jobs: Sequence[Job]) -> dict[str, Any]:
    """What all results of a batch are made from, as its manifest says it."""
    notebooks = {job.run.notebook for job in jobs if job.run}
    hashes = {path.name: hash_notebook(path) for path in sorted(notebooks)}
    return {**describe(project), "inputs": dict(inputs.hashes), "notebooks": hashes}


def bring_up_to_date(
    jobs: Sequence[Job], project: Project, inputs: Inputs, folder: Folder, head: Mapping[str, Any], options: Options
) -> _Done:
    """Do the jobs that are not up to date; each result is in the folder and noted as soon as it is finished.

    Raises
    ------
    InputsChangedError
        If a file that results depend on is written while they are made.
    """
    earlier = folder.earlier()
    kept: dict[str, Record] = {}
    if not options.force:
        kept = {job.name: earlier.records[job.name] for job in jobs if is_current(job, earlier, folder)}
    stale = _longest_first([job for job in jobs if job.name not in kept], earlier.records)
    if options.explain:
        for job in stale:
            told = reasons(job, earlier, folder, head, force=options.force)
            print(options.say(f"{job.name}: {'; '.join(told)}"), file=sys.stderr)
    names = {job.name for job in jobs}
    others = {name: record for name, record in earlier.records.items() if name not in names}
    folder.begin(head, {**others, **kept})
    done: dict[str, Record] = {}
    try:
        with metered() as meter, ExitStack() as stack:
            if stale:
                stack.callback(_remove_drafts)
                _run_jobs(stale, partial(_require_unchanged, project, inputs), folder, options, done)
        if stale and read_packages() != inputs.packages:
            done.clear()  # which of them were used is not known
            raise _changed(["packages of this Python"])
    except BaseException:
        if folder.is_noted:
            with suppress(OSError):  # what stopped the batch is said; what is finished stands in the journal
                folder.settle({**others, **kept, **done}, {})
        raise
    usage = meter.reading(options.workers) if jobs and not kept else None
    records = kept | done
    return _Done({job.name: records[job.name] for job in jobs}, len(stale), earlier, usage)


def _remove_drafts() -> None:
    from shanhai.data.store import remove_drafts  # with what reads tables; a batch without work needs none

    remove_drafts()


def _run_jobs(
    jobs: Sequence[Job], check: Callable[[Job], None], folder: Folder, options: Options, done: dict[str, Record]
) -> None:
    """Do jobs, each result being in the folder, noted, and added to those that are done as it is finished."""
    from shanhai.run.progress import Progress  # with what says messages in Chinese; a batch without work needs none

    by_name = {job.name: job for job in jobs}
    runs = [job.run for job in jobs if job.run]
    forked = FORK_IS_SAFE and len(runs) > options.workers and options.elsewhere is None
    with (
        meeting() if FORK_IS_SAFE and options.elsewhere is None else nullcontext(),
        fork_server({run.notebook for run in runs}) if forked else nullcontext(),
    ):
        if not options.is_checked:
            _check_values(runs, forked)
        tasks = [Task(job.name, partial(job.work, forked=forked)) for job in jobs]
        outcomes = (
            options.elsewhere(jobs, folder.staging)
            if options.elsewhere
            else run_tasks(tasks, folder.staging, options.workers)
        )
        # closed at once if a result cannot be stored: tasks must have ended before their folders are removed
        with Progress(len(jobs), options.workers, options.say) as progress, closing(outcomes):
            for outcome in outcomes:
                job = by_name[outcome.name]
                check(job)
                if outcome.error is not None:  # before its partial copy takes the place of what counts as finished
                    folder.note(job.name, job.record(outcome, {}))
                record = job.record(outcome, *folder.take(outcome))
                folder.note(job.name, record)
                done[job.name] = record
                shutil.rmtree(outcome.folder, ignore_errors=True)  # the staging folder stays small
                progress.show(job.name, record)


def _check_values(runs: Sequence[Run], forked: bool) -> None:
    """Refuse a run that is not possible, before any is started; what the checks read is at hand in a fork."""
    parameters = [(run.notebook.stem, run.parameters) for run in runs if run.parameters and not run.edition]
    if parameters:
        call(check_all, parameters) if forked else check_all(parameters)


def _longest_first(jobs: list[Job], previous: Mapping[str, Record]) -> list[Job]:
    """What took longest last time comes first, so that no long job is left alone at the end; second editions follow.

    By then what two editions share is there, and no worker waits for it. Before all that comes what never ran: derived
    files, then notebooks by their number of cells, and last the notebooks that are listed many times, because those
    are short pages of one place.
    """
    runs = Counter(job.run.notebook for job in jobs if job.run)
    cells = {notebook: sum(cell["cell_type"] == "code" for cell in read_cells(notebook)) for notebook in runs}

    def key(job: Job) -> tuple[float, ...]:
        is_second = bool(job.run and job.run.edition)
        if job.name in previous:
            return 1, is_second, -previous[job.name].seconds
        if job.run is None:
            return 0, 0
        return 0, 1, is_second, runs[job.run.notebook], -cells[job.run.notebook]

    return sorted(jobs, key=key)


def _require_unchanged(project: Project, inputs: Inputs, job: Job) -> None:
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
