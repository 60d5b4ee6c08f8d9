"""What a batch of place reports costs a run, from one to all counties, and what its engine alone costs.

    python tests/benchmarks/batch_cost.py 1 10 100 333 2569      runs of notebook 04 in English, results thrown away
    python tests/benchmarks/batch_cost.py --engine 10 100 1000   tasks that do nothing: the cost of the engine alone
    python tests/benchmarks/batch_cost.py --simulate 0.8 0.02    64 workers: seconds a run on a core, and of the sender

Up to 333 runs are of prefectures, more are of counties. Rows are those of the table in ``lib/docs/batch.md``; measure
on a machine that does nothing else.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path

import nbformat

from shanhai.core.paths import NOTEBOOKS
from shanhai.run.asked import Asked, asked_runs
from shanhai.run.batch import batch
from shanhai.run.jobs import Job, Options
from shanhai.run.pool import Outcome, Task, run_tasks
from shanhai.run.project import Project
from shanhai.run.runs import Run

PREFECTURES = 333
FILES = 800
"""Inputs of the small project whose engine is timed: about as many as the real one has."""

WORKERS = (1, 2, 4, 8, 16, 32, 64)


def measure(size: int, jobs: int | None) -> str:
    """A row: runs, seconds, seconds a run, largest memory (GB), size of results (MB), seconds of a second call."""
    level = {"prefectures": "all"} if size <= PREFECTURES else {"counties": "all"}
    runs = asked_runs(Asked(language="en", **level), NOTEBOOKS)[:size]
    with tempfile.TemporaryDirectory(prefix="shanhai-cost-") as folder:
        key, values = "prefecture" if size <= PREFECTURES else "county", [run.parameters for run in runs]
        asked = Path(folder) / "runs.yaml"
        lines = [f"  - {key}: {value[key]}" for value in values]
        asked.write_text("04-report-city:\n" + "\n".join(lines) + "\n", encoding="utf-8")
        output = Path(folder) / "results"
        command = [
            sys.executable,
            "-P",
            "-m",
            "shanhai",
            "batch",
            str(asked),
            "--language",
            "en",
            "--output",
            str(output),
        ]
        command += ["--jobs", str(jobs)] if jobs else []
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - start)
        usage = json.loads((output / "manifest.json").read_text(encoding="utf-8"))["usage"]
        room = sum(path.stat().st_size for path in output.rglob("*") if path.is_file())
    first, second = seconds
    memory = usage["peak_memory_bytes"] / 1e9
    return f"| {len(runs):,} | {first:.1f} | {first / len(runs):.2f} | {memory:.1f} | {room / 1e6:.0f} | {second:.1f} |"


def fake(job: Job, folder: Path) -> None:
    """Leave the files of a run, without a kernel."""
    assert job.run is not None
    for kind in ("notebooks", "tables", "parts"):
        (folder / kind).mkdir()
    (folder / "notebooks" / f"{job.run.name}.ipynb").write_text("x" * 1000, encoding="utf-8")
    for number in range(5):
        (folder / "tables" / f"{job.run.name}--{number}.csv").write_text("y" * 1000, encoding="utf-8")
    (folder / "parts" / f"{job.run.name}.estimates.json").write_text("[]", encoding="utf-8")
    said = {"question": "", "answer": [], "values": [], "gap": None}
    (folder / "parts" / f"{job.run.name}.page.json").write_text(json.dumps(said), encoding="utf-8")


def elsewhere(jobs: Sequence[Job], staging: Path) -> Generator[Outcome, None, None]:
    """Tasks that do nothing, two at a time."""
    yield from run_tasks([Task(job.name, partial(fake, job)) for job in jobs], staging, 2)


def measure_engine(size: int) -> str:
    """A row: runs, seconds of a batch, milliseconds a run, and the same where nothing changed."""
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
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            options = Options(2, is_checked=True, elsewhere=elsewhere)
            assert batch(runs, str(root / "out"), Project(root), options=options)
            seconds.append(time.perf_counter() - start)
        shutil.rmtree(root / "out")
    first, second = seconds
    return f"| {size:,} | {first:.2f} | {first / size * 1e3:.1f} | {second:.2f} | {second / size * 1e3:.1f} |"


def simulate(run: float, sender: float, runs: int = PREFECTURES) -> list[str]:
    """Rows: workers, seconds of all prefectures, seconds a run. The sender takes results one at a time."""
    rows = []
    for workers in WORKERS:
        free, taken = [0.0] * workers, 0.0
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
    parser.add_argument("--engine", action="store_true")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--simulate", nargs=2, type=float, metavar=("RUN", "SENDER"))
    options = parser.parse_args()
    if options.simulate:
        print(*simulate(*options.simulate), sep="\n")
    for size in options.sizes:
        print(measure_engine(size) if options.engine else measure(size, options.jobs), flush=True)


if __name__ == "__main__":
    main()
