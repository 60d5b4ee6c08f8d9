"""What a batch of place reports costs a run, from one to all counties, and what its engine alone costs.

    python tests/benchmarks/batch_cost.py 1 10 100 333 2569      runs of notebook 04 in English, results thrown away
    python tests/benchmarks/batch_cost.py --engine 10 100 1000   tasks that do nothing: the cost of the engine alone
    python tests/benchmarks/batch_cost.py 1 4 --engine 10 210 --simulate    64 workers, by what this call has measured

Up to 333 runs are of prefectures, more are of counties. Seconds are those of the clock, and of all processors that all
processes of the batch used: the second do not grow when others use the machine too. What a simulation takes from a
measurement of two sizes is the slope between them, a cost in the long run. A Dask worker starts each kernel from
nothing, and so does a batch of no more runs than processes, whose sizes a simulation therefore asks for.
"""

import argparse
import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat
import psutil

from shanhai.core.paths import NOTEBOOKS
from shanhai.run.asked import Asked, asked_runs
from shanhai.run.batch import batch
from shanhai.run.jobs import Job, Options, default_workers
from shanhai.run.pool import Outcome, Task, run_tasks
from shanhai.run.project import Project
from shanhai.run.runs import Run

PREFECTURES = 333
FILES = 800
"""Inputs of the small project whose engine is timed: about as many as the real one has."""

SENT = 2_000_000
"""Bytes of the files that a place report leaves, and that a worker sends back."""

SENDINGS = 20
"""Tasks that are sent to a worker to see what it takes to bring their files back."""

WORKERS = (1, 2, 4, 8, 16, 32, 64)

_SUBREAPER = 36
"""Number of ``PR_SET_CHILD_SUBREAPER`` in Linux: what outlives its parent becomes a child of this process."""


@dataclass(frozen=True)
class Cost:
    """Seconds of the clock and of processors that a number of runs took."""

    runs: int
    seconds: float
    cpu: float


def _cpu() -> float:
    """Seconds of processors that this process and all its children that have ended used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _run(command: Sequence[str]) -> tuple[float, float]:
    """Run a command to its end: seconds of the clock, and of processors with all that it has started."""
    start, before = time.perf_counter(), _cpu()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        lines = (done.stdout + done.stderr).splitlines()
        said = [line for line in lines if "FAILED" in line or not line.startswith("[")]
        raise SystemExit(f"status {done.returncode}:\n" + "\n".join(said)[-4000:])
    for orphan in psutil.Process().children():  # the fork server, which ends with its parent
        orphan.wait()
    return seconds, _cpu() - before


def measure(size: int, jobs: int | None) -> Cost:
    """Print a row: runs, seconds, seconds a run, seconds of processors a run, memory (GB), results (MB), second call.

    Returns
    -------
    Cost
        Of the first call.
    """
    level = {"prefectures": "all"} if size <= PREFECTURES else {"counties": "all"}
    runs = asked_runs(Asked(language="en", **level), NOTEBOOKS)[:size]
    with tempfile.TemporaryDirectory(prefix="shanhai-cost-") as folder:
        key, values = "prefecture" if size <= PREFECTURES else "county", [run.parameters for run in runs]
        asked = Path(folder) / "runs.yaml"
        lines = [f"  - {key}: {value[key]}" for value in values]
        asked.write_text("04-report-city:\n" + "\n".join(lines) + "\n", encoding="utf-8")
        output = Path(folder) / "results"
        command = [sys.executable, "-P", "-m", "shanhai", "batch", str(asked), "--language", "en"]
        command += ["--output", str(output), *(["--jobs", str(jobs)] if jobs else [])]
        (first, cpu), (second, _) = _run(command), _run(command)
        usage = json.loads((output / "manifest.json").read_text(encoding="utf-8"))["usage"]
        room = sum(path.stat().st_size for path in output.rglob("*") if path.is_file())
    memory = usage["peak_memory_bytes"] / 1e9
    each = f"{first / len(runs):.2f} | {cpu / len(runs):.2f}"
    print(f"| {len(runs):,} | {first:.1f} | {each} | {memory:.1f} | {room / 1e6:.0f} | {second:.1f} |", flush=True)
    return Cost(len(runs), first, cpu)


def fake(job: Job, folder: Path) -> None:
    """Leave the files of a run, without a kernel."""
    assert job.run is not None
    for kind in ("notebooks", "tables", "parts"):
        (folder / kind).mkdir()
    (folder / "notebooks" / f"{job.run.name}.ipynb").write_bytes(bytes(SENT // 2))
    for number in range(5):
        (folder / "tables" / f"{job.run.name}--{number}.csv").write_bytes(bytes(SENT // 10))
    (folder / "parts" / f"{job.run.name}.estimates.json").write_text("[]", encoding="utf-8")
    said = {"question": "", "answer": [], "values": [], "gap": None}
    (folder / "parts" / f"{job.run.name}.page.json").write_text(json.dumps(said), encoding="utf-8")


def elsewhere(jobs: Sequence[Job], staging: Path) -> Generator[Outcome, None, None]:
    """Tasks that do nothing, two at a time."""
    yield from run_tasks([Task(job.name, partial(fake, job)) for job in jobs], staging, 2)


def measure_engine(size: int) -> Cost:
    """Print a row: runs, seconds, and milliseconds a run of clock and processors; the same where nothing changed.

    Returns
    -------
    Cost
        Of the first call.
    """
    with tempfile.TemporaryDirectory(prefix="shanhai-cost-") as folder:
        root = Path(folder)
        for name in ("notebooks", "data"):
            (root / name).mkdir()
        for number in range(FILES):
            (root / "data" / f"{number}.csv").write_text("a", encoding="utf-8")
        cell = nbformat.v4.new_code_cell("n: int = 1  # number", id="a", metadata={"tags": ["parameters"]})
        notebook = root / "notebooks" / "01-a.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), notebook)
        runs = [Run(f"01-a-n={n}", notebook, {"n": n}, page=True) for n in range(size)]
        costs = []
        for _ in range(2):
            start, before = time.perf_counter(), _cpu()
            options = Options(2, is_checked=True, elsewhere=elsewhere)
            assert batch(runs, str(root / "out"), Project(root), options=options)
            costs.append(Cost(size, time.perf_counter() - start, _cpu() - before))
        shutil.rmtree(root / "out")
    cells = (f"{cost.seconds:.2f} | {cost.seconds / size * 1e3:.1f} | {cost.cpu / size * 1e3:.1f}" for cost in costs)
    print(f"| {size:,} | {' | '.join(cells)} |", flush=True)
    return costs[0]


@contextmanager
def _dask(kind: str, file: Path, *options: str) -> Iterator[None]:
    """A scheduler, or a worker of it, that meet by a file."""
    command = [sys.executable, "-P", "-m", f"distributed.cli.dask_{kind}", *options]
    command += ["--no-dashboard", "--scheduler-file", str(file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def measure_cluster() -> tuple[float, float]:
    """Seconds until a Dask worker of this machine has started, and that the files of a run take from it."""
    from distributed import Client, wait

    with tempfile.TemporaryDirectory(prefix="shanhai-cost-") as folder:
        file = Path(folder) / "scheduler.json"
        with _dask("scheduler", file, "--host", "127.0.0.1", "--port", "0"):
            while not file.is_file() or not file.read_text(encoding="utf-8").strip():
                time.sleep(0.01)
            started = time.perf_counter()
            with (
                _dask("worker", file, "--nthreads", "1", "--no-nanny"),
                Client(scheduler_file=str(file)) as client,
            ):
                client.wait_for_workers(1)
                start = time.perf_counter() - started
                futures = [client.submit(os.urandom, SENT, pure=False) for _ in range(SENDINGS)]
                wait(futures)
                began = time.perf_counter()
                assert all(len(future.result()) == SENT for future in futures)
                return start, (time.perf_counter() - began) / SENDINGS


def _slope(costs: Sequence[Cost]) -> Cost:
    """What one run more takes, from the smallest and the largest number of runs; of one number, the mean."""
    least, most = (choose(costs, key=lambda cost: cost.runs) for choose in (min, max))
    if least.runs == most.runs:
        return Cost(1, most.seconds / most.runs, most.cpu / most.runs)
    more = most.runs - least.runs
    return Cost(1, (most.seconds - least.seconds) / more, (most.cpu - least.cpu) / more)


def simulate(run: float, sender: float, start: float, runs: int = PREFECTURES) -> list[str]:
    """Rows: workers, seconds of all prefectures, seconds a run. The sender takes results one at a time.

    Parameters
    ----------
    run : float
        Seconds that a run takes a worker of one core.
    sender : float
        Seconds that its result takes the sender: to fetch, to hash, to store, to note.
    start : float
        Seconds until a worker is there.
    runs : int
    """
    rows = []
    for workers in WORKERS:
        free, taken = [start] * workers, 0.0
        for _ in range(runs):
            free.sort()
            free[0] += run
            taken = max(taken, free[0]) + sender
        rows.append(f"| {workers} | {taken:.1f} | {taken / runs:.3f} |")
    return rows


def main() -> None:
    """Print the rows that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, metavar="RUNS")
    parser.add_argument("--engine", nargs="+", type=int, default=[], metavar="TASKS")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--simulate", action="store_true", help="needs RUNS and --engine")
    options = parser.parse_args()
    most = options.jobs or default_workers()
    if options.simulate and not (options.sizes and options.engine and max(options.sizes) <= most):
        parser.error(
            f"--simulate computes from measurements of kernels that start from nothing: give RUNS up to {most}, the"
            f" number of processes, and --engine TASKS too, such as 1 {most} --engine 10 210"
        )
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    runs = [measure(size, options.jobs) for size in options.sizes]
    tasks = [measure_engine(size) for size in options.engine]
    if options.simulate:
        run, sender, (start, transport) = _slope(runs).cpu, _slope(tasks).seconds, measure_cluster()
        print(f"a run {run:.2f} s of a core, sender {sender:.3f} s, transport {transport:.3f} s, start {start:.1f} s")
        print(*simulate(run, sender + transport, start), sep="\n")


if __name__ == "__main__":
    main()
