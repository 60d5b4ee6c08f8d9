"""A small real batch on a disk of its own, the right bytes, and what is looked at before and after a fault."""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import warm

RUNS = """\
15-write-your-own:
  - neighbour: Anhui
  - neighbour: Fujian
04-report-city:
  - county: 331102
08-explain-gap:
  - place: 511900
    reference: 510000
    draws: 99
"""
"""Four real runs: a regression of a user's own, maps and tables of a place, a gap with its draws."""

NOTEBOOKS = ("15-write-your-own", "04-report-city", "08-explain-gap")
HANGS_AFTER = 900.0
SECONDS_TO_END = 5.0
"""After a signal; two are promised on a machine at rest, and this one has other work."""

NOBODY = 65534
_VOLATILE = ("seconds", "stored")


@dataclass
class Round:
    """One fault and what became of it."""

    number: int
    kind: str
    random: random.Random
    is_cold: bool = False
    moment: str = ""
    target: str = ""
    status: int | None = None
    allowed: tuple[int, ...] = (0,)
    touched: set[str] = field(default_factory=set)
    """Results that the fault itself damaged."""
    refused: str = ""
    """Whether what was done ``must`` or ``may`` be refused by name; the next step of the message is then followed."""
    trouble: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str, detail: str) -> None:
        self.trouble.setdefault(what, []).append(detail)

    def expect(self, is_so: bool, what: str, detail: str) -> None:
        if not is_so:
            self.note(what, detail)


class Bench:
    """A folder of results on a small disk of memory, and the right bytes."""

    cluster: Any
    store: Any

    def __init__(self, work: Path) -> None:
        self.disk, self.temporary, self.said = work / "disk", work / "t", work / "said"
        for folder in (self.disk, self.temporary, self.said):
            folder.mkdir(parents=True)
        work.chmod(0o755)
        self.temporary.chmod(0o1777)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1G", "tmpfs", str(self.disk)], check=True)
        self.output = self.disk / "results"
        self.user = self.disk / "of the user.txt"
        self.user.write_text("years of work", encoding="utf-8")
        self.runs = work / "runs.yaml"
        self.runs.write_text(RUNS, encoding="utf-8")
        self.environment = {"TMPDIR": str(self.temporary)}
        self.count = 0
        self.events = warm.Events()
        command = self.start(2, before=lambda: self.events.watch(0, os.getpid(), of_kernels=False))
        if command.wait(3600) != 0:
            raise SystemExit(f"the undisturbed batch failed:\n{command.text()}")
        warm.learn(self.arguments(2))
        self.file_events = self.events[0], self.events[1]
        self.right = self.contents()
        self.records = self.manifest()["runs"]
        self.seconds = 6.0

    def close(self) -> None:
        subprocess.run(["umount", "-l", str(self.disk)], check=True)

    def arguments(self, jobs: int, *more: str, output: str = "") -> list[str]:
        where = ["--output", output or str(self.output)]
        return ["batch", str(self.runs), "--language", "en", "--jobs", str(jobs), *where, *more]

    def start(
        self, jobs: int = 2, *more: str, output: str = "", before: Callable[[], object] | None = None,
        is_cold: bool = False, environment: dict[str, str] | None = None,
    ) -> warm.Command:  # fmt: skip
        self.count += 1
        said = self.said / f"{self.count}.txt"
        arguments = self.arguments(jobs, *more, output=output)
        variables = self.environment | (environment or {})
        if is_cold:
            return warm.start_cold(arguments, said, variables)
        return warm.start(arguments, said, variables, before)

    def contents(self) -> dict[str, bytes]:
        files = (path for path in self.output.rglob("*") if path.is_file() and path.name != "manifest.json")
        return {path.relative_to(self.output).as_posix(): path.read_bytes() for path in files}

    def manifest(self) -> dict[str, Any]:
        return dict(json.loads((self.output / "manifest.json").read_text(encoding="utf-8")))

    def stale(self) -> list[str]:
        """Runs whose results are not there or not intact."""
        from shanhai.core.manifest import read_records

        records = read_records(self.output)
        return [
            n for n in self.records if n not in records or not records[n].ok or not records[n].is_intact(self.output)
        ]

    def take_away(self, now: Round, count: int = 0) -> tuple[list[str], int]:
        """Make work: of some runs a result is gone. Returns these, and how many kernels are to work side by side."""
        count = count or now.random.choice([2, 2, 3])
        gone = now.random.sample(sorted(self.records), count)
        for run in gone:
            for name in now.random.sample(sorted(self.records[run]["outputs"]), now.random.choice([1, 1, 3])):
                if not (self.output / name).is_dir():  # which a fault has put there
                    (self.output / name).unlink(missing_ok=True)
        return gone, max(1, count - 1)

    def pause(self, now: Round, command: warm.Command, *, longest: float = 1.1) -> None:
        """Wait for a random share of the time that such a batch takes."""
        share = now.random.uniform(0.0, longest)
        now.moment = f"{share:.3f} of a batch"
        factor = 4.0 if now.is_cold else 1.0
        command.wait(share * self.seconds * factor)

    def finish(self, now: Round, command: warm.Command) -> None:
        """Wait for a disturbed command, and look at how it ended and what it left."""
        if command.wait(HANGS_AFTER) is None:
            now.note("hung", f"after {HANGS_AFTER} s")
            command.send(9)
            command.wait(10)
        now.status = command.status
        now.expect(now.status in now.allowed, "unsaid", f"status {now.status}: {command.text()[-1500:]}")
        # a kernel that dies may say so; the command itself may not end with a traceback
        told = 'shanhai/run/cli.py", line' in command.text() or "Exception in thread" in command.text()
        now.expect(not told, "unsaid", f"a traceback: {command.text()[-1500:]}")

    def alive(self, now: Round, family: Iterable[psutil.Process], seconds: float = 5.0) -> None:
        """Note processes that outlive their batch by more than a moment."""
        end = time.monotonic() + seconds
        while (living := [process for process in family if _lives(process)]) and time.monotonic() < end:
            time.sleep(0.02)
        for process in living:
            now.note("left", f"process {process.pid}")
            process.kill()

    def inspect(self, now: Round) -> None:
        """No finished result is half, each failure is told in full, and nothing of the user is touched."""
        from shanhai.core.manifest import read_earlier

        for name, record in read_earlier(self.output).records.items():
            if record.ok:
                broken = [path for path in record.outputs if not self._is(path, record.outputs[path])]
                half = [path for path in broken if path not in now.touched and (self.output / path).exists()]
                half = [path for path in half if (self.output / path).read_bytes() != self.right.get(path)]
                now.expect(not half, "half", f"{name}: {half}")
            else:
                told = record.failure or {}
                is_told = "cell" in told and bool(told.get("exception") and told.get("traceback"))
                now.expect(is_told, "unsaid", f"{name} failed without cell, exception or traceback: {told}")
        now.expect(self.user.read_text(encoding="utf-8") == "years of work", "wrong", "a file of the user")

    def _is(self, name: str, digest: str) -> bool:
        from shanhai.core.sources import hash_file

        return (self.output / name).is_file() and hash_file(self.output / name) == digest

    def rerun(self, now: Round) -> None:
        """An undisturbed call, as the next step of any message says; then every byte is compared."""
        stale = self.stale()
        if len(stale) == 1:  # a single run starts a kernel anew, which takes long and shows nothing
            other = next(name for name in sorted(self.records) if name not in stale)
            (self.output / next(iter(self.records[other]["outputs"]))).unlink()
        jobs = max(1, min(2, max(len(stale), 2) - 1))
        command = self.start(jobs)
        if now.refused:
            command = self._follow(now, command, jobs)
        status = command.wait(HANGS_AFTER)
        now.expect(status is not None, "hung", "the next call")
        now.expect(status == 0, "lost", f"the next call ended with {status}: {command.text()[-1500:]}")
        if status is None:
            command.send(9)
        elif not now.is_cold and len(stale) > 1:
            self.seconds = 0.7 * self.seconds + 0.3 * (time.monotonic() - command.started)
        self.compare(now, self.contents())
        runs = self.manifest()["runs"] if status == 0 else self.records
        for name, told in _lasting(runs).items():
            right = _lasting(self.records).get(name, {})
            differing = {key: value for key, value in told.items() if value != right.get(key)}
            now.expect(not differing, "wrong", f"the manifest says of {name}: {str(differing)[:300]}")
        for path in (*self.output.rglob(".*"), *self.output.rglob("*.draft"), *self.output.rglob("*.journal")):
            now.note("left", str(path))
        for path in self.temporary.iterdir():
            now.note("left", str(path))
            shutil.rmtree(path, ignore_errors=True)

    def _follow(self, now: Round, command: warm.Command, jobs: int) -> warm.Command:
        """The call is refused and names the files in the way: move them away and call again."""
        status = command.wait(HANGS_AFTER)
        if status == 0 and now.refused == "may":
            return command
        named = [name for name in sorted(now.touched) if name in command.text()]
        now.expect(status == 1 and bool(named), "unsaid", f"not refused by name: {status} {command.text()[-800:]}")
        for name in named:
            (self.output / name).unlink(missing_ok=True)
        if "manifest.json" in named and (self.output / "notebooks").is_dir():  # nothing says any more whose results are
            command = self.start(jobs)
            status = command.wait(HANGS_AFTER)
            is_said = any(name in command.text() for name in self.right if "/" in name)
            now.expect(
                status == 1 and is_said, "unsaid", f"results without a manifest: {status} {command.text()[-800:]}"
            )
            for name in self.right:
                (self.output / name).unlink(missing_ok=True)
        return self.start(jobs)

    def compare(self, now: Round, found: dict[str, bytes]) -> None:
        for name in sorted(set(self.right) - set(found)):
            now.note("lost", name)
        for name in sorted(found):
            now.expect(found[name] == self.right.get(name), "wrong", name)

    def repair(self) -> None:
        """Begin anew with the right bytes after a round that went wrong."""
        shutil.rmtree(self.output, ignore_errors=True)
        command = self.start(2)
        if command.wait(3600) != 0 or self.contents() != self.right:
            raise SystemExit(f"an undisturbed batch gives other bytes:\n{command.text()}")


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _lasting(runs: dict[str, Any]) -> dict[str, Any]:
    return {name: {key: value for key, value in run.items() if key not in _VOLATILE} for name, run in runs.items()}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def remount(disk: Path, option: str, *, check: bool = True) -> bool:
    command = ["mount", "-o", f"remount,{option}", str(disk)]
    return subprocess.run(command, capture_output=True, check=check).returncode == 0


def immutable(path: Path, *, on: bool) -> None:
    """Let nobody change a file or a folder, not even root."""
    subprocess.run(["chattr", "+i" if on else "-i", str(path)], check=True, stderr=sys.stderr)
