"""The two jobs of many runs: `reproduce`, of all that are listed, and `batch`, of those that are asked for."""

import json
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from shanhai.core.manifest import Record
from shanhai.core.paths import OUTPUTS
from shanhai.core.sources import hash_file
from shanhai.report.batch import SITE
from shanhai.run.bucket import Bucket
from shanhai.run.codes import with_places
from shanhai.run.derive import FINDINGS, REPORT, WRITERS, make_report
from shanhai.run.explain import reasons
from shanhai.run.folder import Folder, publish
from shanhai.run.jobs import Job, Options, bring_up_to_date, default_workers, head_of, is_current, jobs_of
from shanhai.run.merged import DIFFERING, KINDS, disagreements, merge_parts, merged_before, print_summary
from shanhai.run.output import is_url
from shanhai.run.ownership import folder_held, private_folder, staging_in
from shanhai.run.pool import Task, run_tasks
from shanhai.run.project import Project, digest, fingerprint
from shanhai.run.runs import Run, listed_runs, with_editions
from shanhai.run.signals import signals_interrupt
from shanhai.run.usage import USAGE, kept_usage

SCOREBOARD = "scoreboard.txt"
"""Counts of verdicts, as `reproduce` prints them."""


def reproduce(
    output: Path,
    project: Project | None = None,
    *,
    jobs: int | None = None,
    force: bool = False,
    explain: bool = False,
    derived: Collection[str] = (*WRITERS, REPORT),
) -> bool:
    """Execute what is not up to date, merge the estimates, write manifest and report, print the scoreboard.

    Parameters
    ----------
    output : Path
        Folder of the results; those of runs that no longer exist are removed from it.
    project : Project, optional
    jobs : int, optional
        How many processes work side by side; if not given two more than cores, since some wait for their
        kernel to start or its results to be written.
    force : bool
        Execute everything, whatever the hashes say.
    explain : bool
        Say of each run that is executed what changed since its last result.
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
    options = Options(jobs or default_workers(), force=force, explain=explain)
    with signals_interrupt(), folder_held(output), staging_in(output) as staging:
        return _reproduce(Folder(output, staging), project or Project(), options, derived)


def batch(runs: Sequence[Run], output: str, project: Project | None = None, *, options: Options | None = None) -> bool:
    """Execute those of some runs that are not up to date, merge what they found, write manifest and site.

    Results of runs that are not asked for this time stay in the folder and in its manifest, and those of them that are
    up to date count among what was found.

    Parameters
    ----------
    runs : sequence of Run
        Checked, as :func:`shanhai.run.asked.asked_runs` gives them.
    output : str
        Folder, or URL of a store.
    project : Project, optional
    options : Options, optional

    Returns
    -------
    bool
        Whether every run ended well.

    Raises
    ------
    FolderInUseError
        If another command works in the folder.
    InputsChangedError
        If a file that results depend on is written while they are made.
    """
    with signals_interrupt(), ExitStack() as stack:
        return _batch(runs, _place(output, stack), project or Project(), options or Options(default_workers()))


def planned(runs: Sequence[Run], output: str, project: Project | None = None, *, force: bool = False) -> list[str]:
    """Of each run whether a batch would execute it, and why, in a line; nothing is executed, and no folder made."""
    project = project or Project()
    inputs = project.inputs()
    jobs = jobs_of(project, inputs, runs)
    head = head_of(project, inputs, jobs)
    with ExitStack() as stack:
        path = Path(output.removeprefix("file://")).resolve()
        folder = _place(output, stack) if is_url(output) else Folder(path, path)
        earlier = folder.earlier()
        return [
            f"{with_places(job.name, job.run.parameters if job.run else {})}: "
            + (
                "up to date, would not be executed"
                if not force and is_current(job, earlier, folder)
                else f"would be executed: {'; '.join(reasons(job, earlier, folder, head, force=force))}"
            )
            for job in jobs
        ]


def _place(output: str, stack: ExitStack) -> Folder:
    """Where results go, held until the stack is closed."""
    if is_url(output):
        path = stack.enter_context(private_folder(OUTPUTS, ".batch-"))
        return Bucket(output, path, stack.enter_context(staging_in(path)))
    path = Path(output.removeprefix("file://")).resolve()
    stack.enter_context(folder_held(path))
    return Folder(path, stack.enter_context(staging_in(path)))


def _batch(runs: Sequence[Run], folder: Folder, project: Project, options: Options) -> bool:
    folder.require_own([*SITE, *(f"{kind}.json" for kind in KINDS)])
    folder.require_free(runs)
    inputs = project.inputs()
    todo = jobs_of(project, inputs, runs)
    head = head_of(project, inputs, todo)
    done = bring_up_to_date(todo, project, inputs, folder, head, options)
    head[USAGE] = done.usage or kept_usage(folder.path)
    others = {name: record for name, record in done.earlier.records.items() if name not in done.records and record.ok}
    jobs = jobs_of(
        project,
        inputs,
        [run for run in (_run_of(project, *other) for other in others.items()) if run.notebook.is_file()],
    )
    current = {job.name: others[job.name] for job in jobs if is_current(job, done.earlier, folder)}
    found = dict(sorted({**current, **done.records}.items()))
    records = {**others, **done.records}
    merged, differing = merged_before(folder.path, records, done.earlier.records, head, SITE), []
    if done.executed or not merged or len(current) < len(others):  # what is not current is in no file of all runs
        folder.open_journal()
        merged = merge_parts(folder, found)
        merged |= _site(folder.path, found)
        differing = disagreements(folder.path, found, across=False)
    folder.settle(records, merged, head | {DIFFERING: differing})
    print_summary(folder, done.records, done.executed, differing, options.say)
    return not differing and all(record.ok for record in done.records.values())


def _site(folder: Path, records: Mapping[str, Record]) -> dict[str, str]:
    """Write index, map and tables; hashes of the files."""
    from shanhai.report.batch.site import write_site  # with what draws maps; a batch without work needs none

    return {name: hash_file(folder / name) for name in write_site(folder, _by_language(records))}


def _by_language(records: Mapping[str, Record]) -> dict[str, list[tuple[str, Mapping[str, Any]]]]:
    """Names and parameters of runs that ended well, by language."""
    found: dict[str, list[tuple[str, Mapping[str, Any]]]] = {"en": [], "zh": []}
    for key, record in records.items():
        if record.ok:
            edition, _, name = key.rpartition("/")
            found[edition or "en"].append((name, record.parameters))
    return found


def _run_of(project: Project, name: str, record: Record) -> Run:
    """The run that a record is of."""
    edition, _, run = name.rpartition("/")
    return Run(run, project.notebooks / f"{record.notebook}", record.parameters, edition, page=True)


def _reproduce(folder: Folder, project: Project, options: Options, derived: Collection[str]) -> bool:
    inputs = project.inputs()
    runs = with_editions(listed_runs(project.notebooks))
    folder.require_free(runs, [*derived, SCOREBOARD, *(f"{kind}.json" for kind in KINDS)])
    todo = jobs_of(project, inputs, runs, [name for name in derived if name != REPORT])
    head = head_of(project, inputs, todo) | {USAGE: kept_usage(folder.path)}
    done = bring_up_to_date(todo, project, inputs, folder, head, options)
    head |= {USAGE: done.usage} if done.usage else {}
    records, executed = dict(done.records), done.executed
    merged, differing = merged_before(folder.path, records, done.earlier.records, head, [SCOREBOARD]), []
    if done.executed or not merged:
        merged = merge_parts(folder, records) | _scoreboard(folder, records)
        differing = disagreements(folder.path, records)
    head |= {DIFFERING: differing}
    report = None
    in_both = any(run.edition for run in runs)  # without a run in both languages there is nothing to make a report of
    if REPORT in derived and in_both and not differing and all(record.ok for record in records.values()):
        hashes = {**inputs.hashes, **project.of_the_report(), **merged, **_outputs(records)}
        report = Job(REPORT, fingerprint(digest(hashes)), hashes)
        if not options.force and is_current(report, done.earlier, folder):
            records[REPORT] = done.earlier.records[REPORT]
    folder.settle(records, merged, head)
    if report and REPORT not in records:
        records[REPORT] = _make_report(report, folder)
        executed += 1
        folder.settle(records, merged, head)
    folder.discard(done.earlier.records, records)
    if SCOREBOARD in merged:
        print((folder.path / SCOREBOARD).read_text(encoding="utf-8"), end="")
    print_summary(folder, records, executed, differing)
    return not differing and all(record.ok for record in records.values())


def _outputs(records: Mapping[str, Record]) -> dict[str, str]:
    return {name: digest for record in records.values() for name, digest in record.outputs.items()}


def _make_report(job: Job, folder: Folder) -> Record:
    """Make the report of finished results, all of it or nothing, in a process of its own."""
    print("making the report ...", file=sys.stderr, flush=True)
    (outcome,) = run_tasks([Task(job.name, partial(make_report, folder.path))], folder.staging / REPORT, 1)
    return job.record(outcome, publish(outcome, folder.path))


def _scoreboard(folder: Folder, records: Mapping[str, Record]) -> dict[str, str]:
    """Write how many claims have which verdict, and what a correction for all tests would change; hash of the file."""
    findings = records.get(FINDINGS)
    if not (findings and findings.ok):
        return {}
    from shanhai.claims.verdicts import multiple_testing, scoreboard  # with what reads tables, which takes a second

    entries = json.loads((folder.path / FINDINGS).read_text(encoding="utf-8"))
    told = f"{scoreboard(entries)}\n\n{multiple_testing(entries).to_string(index=False)}\n"
    draft = folder.staging / SCOREBOARD
    draft.write_text(told, encoding="utf-8", newline="\n")
    draft.replace(folder.path / SCOREBOARD)
    return {SCOREBOARD: hash_file(folder.path / SCOREBOARD)}
