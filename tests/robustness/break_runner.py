"""Interrupt, kill, starve and damage batches at random, and count what hung, was lost, came out wrong or stayed behind.

    .venv/bin/python tests/robustness/break_runner.py --rounds 100            a small project of quick notebooks
    .venv/bin/python tests/robustness/break_runner.py --rounds 20 --real      the notebooks of this checkout
    .venv/bin/python tests/robustness/break_runner.py --batch --rounds 1000 --log LOG     `shanhai batch`, real runs
    .venv/bin/python tests/robustness/break_runner.py --table LOG... [--write]   a table of these and of those kept

An undisturbed batch gives the right bytes. Each round takes some results away, starts the command, disturbs it at a
random moment, looks at how it ended, and lets a second, undisturbed call finish. Then every result must be there with
the right bytes, and nothing else. Disturbances come in turn and all moments from one seed. Full disks are real ones, of
a small tmpfs, where this user may mount one; elsewhere a limit on the size of files stands for them.
"""

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import nbformat
import psutil

SMALL = """\
import signal, sys
from pathlib import Path
from shanhai.run import derive, project
derive.WRITERS.clear()
root = Path(sys.argv.pop(1))
project.paths.NOTEBOOKS = root / "notebooks"
from shanhai.run import batch, cli
batch.Project = lambda: project.Project(root)
cli.program()
"""
"""The command on a small project."""

NOTEBOOK = """\
import json, os, pathlib, tempfile, time
folder, run = pathlib.Path(os.environ["SHANHAI_OUTPUT"]), os.environ["SHANHAI_RUN"]
row = dict.fromkeys(["sample", "outcome", "model", "term", "vcov"], "x") | {"n": 3, "se": 0.1, "p": None}
rows = [row | {"notebook": run, "estimate": 1 / 3, "spec_id": spec} for spec in ("b", "a")]
(folder / "parts").mkdir(); (folder / "tables").mkdir()
with tempfile.NamedTemporaryFile(delete=False) as left:
    time.sleep(0.2)
_ = (folder / "parts" / f"{run}.estimates.json").write_text(json.dumps(rows))
_ = (folder / "tables" / f"{run}--table.csv").write_text(run * 2000)
print(run)
"""

SIGNALS = {"Ctrl-C": signal.SIGINT, "terminated": signal.SIGTERM, "terminal lost": signal.SIGHUP}
SECONDS_TO_END = 2.0
HANGS_AFTER = 60.0
OF_THE_USER = "years of work"


@dataclass
class Tally:
    """What became of the rounds of one kind."""

    rounds: int = 0
    hung: int = 0
    slow: int = 0
    """Ended, but not in two seconds after the signal."""
    lost: int = 0
    """Results that were not there after the second call."""
    wrong: int = 0
    """Results with other bytes, or that do not belong there."""
    left: int = 0
    """Files, folders or processes that stayed behind."""
    unsaid: int = 0
    """Ended with a traceback or another status than the documented ones."""
    longest: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)

    def is_clean(self) -> bool:
        return not (self.hung or self.slow or self.lost or self.wrong or self.left or self.unsaid)


COUNTS = ("rounds", "hung", "slow", "lost", "wrong", "left", "unsaid")


class Bench:
    """A project, the folder of its results, and the right bytes."""

    def __init__(self, work: Path, seed: int, real: bool, notebooks: int) -> None:
        self.random = random.Random(seed)
        self.real = real
        self.root, self.disk, self.temporary = work / "project", work / "disk", work / "t"
        for folder in (self.disk, self.temporary, self.root / "data", self.root / "notebooks"):
            folder.mkdir(parents=True)
        self.output = self.disk / "results"
        self.user = self.disk / "of the user.txt"
        mount = ["mount", "-t", "tmpfs", "tmpfs", str(self.disk)]
        self.is_mounted = subprocess.run(mount, capture_output=True).returncode == 0
        self.user.write_text(OF_THE_USER, encoding="utf-8")
        self.data = self.root / "data" / "counties.csv"
        self.data.write_text("code\n330802\n", encoding="utf-8")
        if not real:
            for number in range(notebooks):
                document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(NOTEBOOK, id="a")])
                nbformat.write(document, self.root / "notebooks" / f"0{number}-a.ipynb")
        if self.end(self.start()) != 0:
            raise SystemExit("the undisturbed batch failed")
        self.right = self.contents()

    def close(self) -> None:
        if self.is_mounted:
            subprocess.run(["umount", "-l", self.disk], check=True)

    def start(self, *options: str, limit: Callable[[], None] | None = None) -> subprocess.Popen[str]:
        def prepare() -> None:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell hands its background jobs an ignored Ctrl-C down
            if limit:
                limit()

        command = ["-m", "shanhai"] if self.real else ["-c", SMALL, str(self.root)]
        environment = os.environ | {"TMPDIR": str(self.temporary), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        return subprocess.Popen(
            [sys.executable, "-P", *command, "reproduce", "--output", str(self.output), *options],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=prepare,
        )  # fmt: skip

    def end(self, process: subprocess.Popen[str], seconds: float = 3600) -> int:
        self.said = process.communicate(timeout=seconds)[0]
        return process.returncode

    def contents(self) -> dict[str, bytes]:
        files = (path for path in self.output.rglob("*") if path.is_file() and path.name != "manifest.json")
        return {path.relative_to(self.output).as_posix(): path.read_bytes() for path in files}

    def left(self) -> list[str]:
        """What does not belong in the folders once no command runs."""
        unfinished = (*self.output.rglob(".*"), *self.output.rglob("*.draft"))
        return [str(path) for path in (*unfinished, *self.temporary.iterdir())]

    def take_away(self) -> None:
        """Make work: some results are gone."""
        for name in self.random.sample(sorted(self.right), 3):
            (self.output / name).unlink(missing_ok=True)

    def some_result(self) -> Path:
        return self.output / self.random.choice(sorted(self.right))

    def wait_a_while(self, process: subprocess.Popen[str]) -> None:
        end = time.monotonic() + self.random.uniform(0.0, 30.0 if self.real else 6.0)
        while time.monotonic() < end and process.poll() is None:
            time.sleep(0.02)


def interrupted(bench: Bench, tally: Tally, number: signal.Signals) -> None:
    bench.take_away()
    process = bench.start("--jobs", "2")
    bench.wait_a_while(process)
    kernels = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    sent = time.monotonic()
    process.send_signal(number)
    status = finish(bench, tally, process, (0, -number, 128 + number))
    taken = time.monotonic() - sent
    tally.longest = max(tally.longest, taken)
    tally.slow += taken > SECONDS_TO_END
    tally.left += len(bench.left()) if status else 0
    alive(kernels, tally)


def killed(bench: Bench, tally: Tally) -> None:
    bench.take_away()
    process = bench.start("--jobs", "2")
    bench.wait_a_while(process)
    kernels = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    finish(bench, tally, process, (0, -signal.SIGKILL))
    alive(kernels, tally)


def kernel_killed(bench: Bench, tally: Tally) -> None:
    bench.take_away()
    process = bench.start("--jobs", "2")
    bench.wait_a_while(process)
    kernels = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    if kernels:
        with suppress(psutil.NoSuchProcess):
            bench.random.choice(kernels).kill()
    finish(bench, tally, process, (0, 6))


def server_killed(bench: Bench, tally: Tally) -> None:
    """The process that kernels are forked from ends."""
    bench.take_away()
    process = bench.start("--jobs", "2", "--force")  # with few runs there is no server
    bench.wait_a_while(process)
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    for child in children:
        with suppress(psutil.NoSuchProcess):
            if "multiprocessing.forkserver" in " ".join(child.cmdline()):
                child.kill()
                break
    finish(bench, tally, process, (0, 3, 6))
    alive(children, tally)


def read_only(bench: Bench, tally: Tally) -> None:
    """Nobody may write to the disk of the results any more, from some moment on."""
    bench.take_away()
    if not bench.is_mounted:
        bench.output.chmod(0o500)
        finish(bench, tally, bench.start("--jobs", "2"), (0, 3) if os.geteuid() == 0 else (3,))
        bench.output.chmod(0o700)
        return
    process = bench.start("--jobs", "2") if bench.random.random() < 0.5 else None
    if process:
        bench.wait_a_while(process)
    # Linux refuses while a file is open for writing, as the lock is in the middle of a batch
    subprocess.run(["mount", "-o", "remount,ro", bench.disk], capture_output=True, check=process is None)
    finish(bench, tally, process or bench.start("--jobs", "2"), (0, 3, 6) if process else (3,))
    subprocess.run(["mount", "-o", "remount,rw", bench.disk], check=True)


def clock_back(bench: Bench, tally: Tally) -> None:
    """The clock was ahead when results were written, and inputs are older than they were."""
    bench.take_away()
    for path in (*bench.output.rglob("*"), bench.data, *(bench.root / "notebooks").iterdir()):
        stamp = bench.random.choice([0, 978_307_200, 4_102_444_800])
        if path.is_file():
            os.utime(path, (stamp, stamp))


def full_disk(bench: Bench, tally: Tally) -> None:
    bench.take_away()
    if not bench.is_mounted:
        limit = bench.random.choice([200, 2_000, 8_000])
        finish(bench, tally, bench.start("--jobs", "2", limit=lambda: limit_files(limit)), (3, 6))
        return
    used = shutil.disk_usage(bench.disk).used
    resize(bench.disk, used + 4096 * bench.random.randint(0, 12))
    try:
        finish(bench, tally, bench.start("--jobs", "2"), (0, 3, 6))
    finally:
        resize(bench.disk, 1 << 30)


def resize(disk: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


def limit_files(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def damaged(bench: Bench, tally: Tally) -> None:
    """A result, or the manifest, is not as it was written."""
    path = bench.random.choice([bench.some_result(), bench.some_result(), bench.output / "manifest.json"])
    content = bytearray(path.read_bytes())
    content[bench.random.randrange(len(content))] ^= 1 << bench.random.randrange(8)
    path.write_bytes(bench.random.choice([bytes(content), content[: len(content) // 2], b"", b"\0" * len(content)]))


def damaged_frame(bench: Bench, tally: Tally) -> None:
    """A stored frame is not as it was written, and there is work that reads it."""
    frames = sorted((Path(__file__).resolve().parents[2] / "outputs" / "cache" / "frames").glob("*.npz"))
    bench.take_away()
    for path in bench.random.sample(frames, min(len(frames), 6)) if bench.real else []:
        content = bytearray(path.read_bytes())
        content[bench.random.randrange(len(content))] ^= 1
        path.write_bytes(bench.random.choice([bytes(content), content[:-1], b""]))


def obstructed(bench: Bench, tally: Tally) -> None:
    """A folder stands where a file belongs."""
    path = bench.some_result()
    path.unlink()
    (path / "in the way").mkdir(parents=True)
    finish(bench, tally, bench.start("--jobs", "2"), (3,))
    shutil.rmtree(path)


def linked(bench: Bench, tally: Tally) -> None:
    """A link to a file of the user stands where a result belongs."""
    path = bench.some_result()
    path.unlink()
    path.symlink_to(bench.user)


def foreign_manifest(bench: Bench, tally: Tally) -> None:
    """The manifest names files of the user as results of a run that is gone."""
    path = bench.output / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    run = next(iter(manifest["runs"].values()))
    names = [f"../{bench.user.name}", f"tables/../../{bench.user.name}", str(bench.user)]
    manifest["runs"] |= {f"gone-{i}": run | {"outputs": {name: "0" * 64}} for i, name in enumerate(names)}
    path.write_text(json.dumps(manifest), encoding="utf-8")


def changed_and_put_back(bench: Bench, tally: Tally) -> None:
    """An input changes while the batch runs, and is as before when it ends."""
    bench.take_away()
    process = bench.start("--jobs", "2")
    bench.wait_a_while(process)
    content, status = bench.data.read_bytes(), bench.data.stat()
    bench.data.write_bytes(b"code\n000000\n")
    bench.data.write_bytes(content)
    os.utime(bench.data, ns=(status.st_atime_ns, status.st_mtime_ns))
    finish(bench, tally, process, (0, 6))


def two_at_once(bench: Bench, tally: Tally) -> None:
    bench.take_away()
    first = bench.start("--jobs", "2")
    bench.wait_a_while(first)
    finish(bench, tally, bench.start("--jobs", "2"), (0, 4))
    finish(bench, tally, first, (0, 4))


KINDS: dict[str, Callable[[Bench, Tally], None]] = {
    **{name: partial(interrupted, number=number) for name, number in SIGNALS.items()},
    "killed": killed,
    "kernel killed": kernel_killed,
    "server killed": server_killed,
    "full disk": full_disk,
    "disk read-only": read_only,
    "clock gone back": clock_back,
    "result damaged": damaged,
    "stored frame damaged": damaged_frame,
    "folder in the way": obstructed,
    "link in the way": linked,
    "foreign manifest": foreign_manifest,
    "input put back": changed_and_put_back,
    "two commands": two_at_once,
}

NOT_SMALL, NOT_REAL = "stored frame damaged", "input put back"
"""The quick notebooks read no frame, and the data of a checkout are not to be written."""


def finish(bench: Bench, tally: Tally, process: subprocess.Popen[str], statuses: tuple[int, ...]) -> int:
    """Wait for a disturbed command and look at how it ended."""
    try:
        status = bench.end(process, HANGS_AFTER * (10 if bench.real else 1))
    except subprocess.TimeoutExpired:
        tally.hung += 1
        process.kill()
        return bench.end(process)
    tally.statuses[status] += 1
    # killed by a signal itself: it came before the first line of the program
    tally.unsaid += status not in statuses or (status >= 0 and "Traceback" in bench.said)
    return status


def alive(kernels: list[psutil.Process], tally: Tally) -> None:
    """Count the kernels that outlive their batch by more than a moment."""
    end = time.monotonic() + 5
    while (living := [kernel for kernel in kernels if lives(kernel)]) and time.monotonic() < end:
        time.sleep(0.05)
    tally.left += len(living)


def lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def judge(bench: Bench, tally: Tally) -> None:
    """Let an undisturbed call finish, then compare everything."""
    try:
        tally.unsaid += bench.end(bench.start("--jobs", "2"), 3600 if bench.real else HANGS_AFTER) != 0
    except subprocess.TimeoutExpired:
        tally.hung += 1
    now = bench.contents()
    tally.lost += len(set(bench.right) - set(now))
    tally.wrong += sum(now[name] != bench.right.get(name) for name in now)
    tally.wrong += bench.user.read_text(encoding="utf-8") != OF_THE_USER
    tally.left += len(bench.left())


def break_runner(
    rounds: int, seed: int, real: bool = False, kinds: Sequence[str] = (), notebooks: int = 8
) -> dict[str, Tally]:
    """Disturb as many batches as asked for and tally what became of them, by kind."""
    kinds = kinds or [kind for kind in KINDS if kind != (NOT_REAL if real else NOT_SMALL)]
    tallies = {kind: Tally() for kind in kinds}
    with tempfile.TemporaryDirectory(prefix="b-", ignore_cleanup_errors=True) as work:
        bench = Bench(Path(work), seed, real, notebooks)
        try:
            for number in range(rounds):
                kind = kinds[number % len(kinds)]
                tallies[kind].rounds += 1
                KINDS[kind](bench, tallies[kind])
                judge(bench, tallies[kind])
                print(f"{number + 1}/{rounds} {kind}", file=sys.stderr, flush=True)
                if not tallies[kind].is_clean():
                    print(f"round {number}, {kind}: {tallies[kind]}\n{bench.left()}\n{bench.said}", file=sys.stderr)
        finally:
            bench.close()
    return tallies


def batches() -> int | None:
    """Faults over `shanhai batch` (folder ``faults``), and the table of their log; None if neither is asked for."""
    asked = [text for text in sys.argv[1:] if text in ("--batch", "--table")]
    if not asked:
        return None
    sys.path.insert(0, str(Path(__file__).with_name("faults")))
    import series

    if asked[0] == "--batch":
        return series.main([text for text in sys.argv[1:] if text not in ("--batch", series.warm.MARK)])
    rounds = series.read_rounds([Path(text) for text in sys.argv[1:] if not text.startswith("--")])
    if "--write" in sys.argv:
        series.write_tables(rounds, Path(__file__).resolve().parents[2])
    print(series.table(rounds))
    return 0


def main() -> int:
    if (status := batches()) is not None:
        return status
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", action="store_true", help="the notebooks of this checkout")
    options = parser.parse_args()
    tallies = break_runner(options.rounds, options.seed, options.real)
    print(f"{'disturbance':<22}" + "".join(f"{name:>8}" for name in COUNTS) + "  longest s, statuses")
    for kind, tally in tallies.items():
        counts = "".join(f"{getattr(tally, name):>8}" for name in COUNTS)
        print(f"{kind:<22}{counts}  {tally.longest:.1f}, {dict(tally.statuses)}")
    return 0 if all(tally.is_clean() for tally in tallies.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
