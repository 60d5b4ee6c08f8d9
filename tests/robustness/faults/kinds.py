"""The faults: each disturbs one batch at a moment that its seed says."""

import ctypes
import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
from bench import NOBODY, SECONDS_TO_END, Bench, Round, immutable, remount
from warm import Command

SIGNALS = {"Ctrl-C": signal.SIGINT, "terminated": signal.SIGTERM, "terminal lost": signal.SIGHUP}


def signalled(bench: Bench, now: Round, number: signal.Signals) -> None:
    _, jobs = bench.take_away(now)
    command = bench.start(jobs, is_cold=now.is_cold)
    bench.pause(now, command)
    family = command.family()
    sent = time.monotonic()
    command.send(number)
    now.target, now.allowed = f"command, {number.name}", (0, -number, 128 + number)
    bench.finish(now, command)
    now.expect(time.monotonic() - sent < SECONDS_TO_END, "slow", f"{time.monotonic() - sent:.1f} s")
    bench.alive(now, family)
    if now.status and now.status > 0:  # it had begun, and could clear away
        for path in (*bench.output.rglob(".*"), *bench.temporary.iterdir()):
            now.note("left", str(path))


def killed(bench: Bench, now: Round) -> None:
    """kill -9 of the command, at a moment or at the n-th thing that it does to a file."""
    _, jobs = bench.take_away(now)
    now.target, now.allowed = "command", (0, -signal.SIGKILL)
    if not now.is_cold and now.random.random() < 0.5:
        command = _at_event(bench, now, of_kernels=False, jobs=jobs)
        family = [process for _ in [time.sleep(0.5)] for process in command.family()]
    else:
        command = bench.start(jobs, is_cold=now.is_cold)
        bench.pause(now, command)
        family = command.family()
        command.send(signal.SIGKILL)
    bench.finish(now, command)
    bench.alive(now, family)


def _at_event(bench: Bench, now: Round, *, of_kernels: bool, jobs: int) -> Command:
    number = now.random.randint(1, max(2, bench.file_events[of_kernels] * 3 // 4))
    now.moment = f"file event {number}"
    bench.events[0] = bench.events[1] = 0

    def watch() -> None:
        bench.events.watch(number, os.getpid(), of_kernels)

    return bench.start(jobs, before=watch)


def server_killed(bench: Bench, now: Round) -> None:
    _, jobs = bench.take_away(now)
    command = bench.start(jobs, is_cold=now.is_cold)
    bench.pause(now, command)
    family = command.family()
    servers = [process for process in family if _is_server(process, command.pid)]
    for server in servers:
        server.kill()
    now.target, now.allowed = f"fork server ({len(servers)} there)", (0, 3, 6)
    bench.finish(now, command)
    bench.alive(now, family)


def _is_server(process: psutil.Process, parent: int) -> bool:
    with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        return process.ppid() == parent and "resource_tracker" not in " ".join(process.cmdline())
    return False


def kernel_killed(bench: Bench, now: Round) -> None:
    _, jobs = bench.take_away(now)
    now.target, now.allowed = "kernel", (0, 6)
    if not now.is_cold and now.random.random() < 0.5:
        command = _at_event(bench, now, of_kernels=True, jobs=jobs)
        family: list[psutil.Process] = []
    else:
        command = bench.start(jobs, is_cold=now.is_cold)
        bench.pause(now, command)
        family = command.family()
        kernels = [p for p in family if not _is_server(p, command.pid) and _is_kernel(p, command.pid)]
        number = now.random.choice([signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
        now.target = f"kernel, {number.name} ({len(kernels)} there)"
        for kernel in kernels[:1]:
            with suppress(psutil.NoSuchProcess):
                kernel.send_signal(number)
    bench.finish(now, command)
    bench.alive(now, family)


def _is_kernel(process: psutil.Process, command: int) -> bool:
    with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        return process.ppid() != command and process.ppid() != os.getpid()
    return False


def cell_past_limit(bench: Bench, now: Round) -> None:
    """A kernel stands still, so that its cell does not end."""
    _, jobs = bench.take_away(now, 2)
    command = bench.start(jobs, "--cell-limit", "2")
    bench.pause(now, command, longest=0.8)
    kernels = [p for p in command.family() if _is_kernel(p, command.pid)]
    for kernel in kernels:
        with suppress(psutil.NoSuchProcess):
            kernel.suspend()
    now.target, now.allowed = f"kernel, SIGSTOP ({len(kernels)} there)", (0, 6)
    bench.finish(now, command)
    bench.alive(now, kernels)


def full_disk(bench: Bench, now: Round) -> None:
    _, jobs = bench.take_away(now)
    now.target, now.allowed = "disk of results", (0, 3, 6)
    command = bench.start(jobs) if now.random.random() < 0.5 else None
    if command:
        bench.pause(now, command)
    free = 4096 * now.random.choice([0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256])
    now.target += f", {free} bytes free"
    remount(bench.disk, f"size={shutil.disk_usage(bench.disk).used + free}", check=False)
    try:
        bench.finish(now, command or bench.start(jobs))
    finally:
        remount(bench.disk, f"size={1 << 30}")


def read_only(bench: Bench, now: Round) -> None:
    _, jobs = bench.take_away(now)
    now.target = "disk of results, remounted read-only"
    command = bench.start(jobs) if now.random.random() < 0.5 else None
    if command:
        bench.pause(now, command)
    is_refused = not remount(bench.disk, "ro", check=False)  # Linux refuses while a file is open for writing
    now.allowed = (0, 3, 6) if command else (3,)
    now.target += " (refused by the system)" if is_refused else ""
    bench.finish(now, command or bench.start(jobs))
    remount(bench.disk, "rw")


def immutable_file(bench: Bench, now: Round) -> None:
    """chattr +i on a result that is to be replaced, or on the manifest."""
    gone, _ = bench.take_away(now, 2)
    there = [bench.output / name for run in gone for name in bench.records[run]["outputs"]]
    path = now.random.choice([*(path for path in there if path.exists()), bench.output / "manifest.json"])
    now.target, now.allowed = f"chattr +i {path.relative_to(bench.output)}", (3,)
    _with_immutable(bench, now, path, 1)


def immutable_folder(bench: Bench, now: Round) -> None:
    _, jobs = bench.take_away(now, 2)
    names = ["", "tables", "notebooks", "parts", "figures", "pages"]
    path = bench.output / now.random.choice([name for name in names if (bench.output / name).is_dir()])
    now.target, now.allowed = f"chattr +i {path.relative_to(bench.output)}/", (0, 3, 6)
    _with_immutable(bench, now, path, jobs)


def _with_immutable(bench: Bench, now: Round, path: Path, jobs: int) -> None:
    command = bench.start(jobs) if now.random.random() < 0.5 else None
    if command:
        bench.pause(now, command)
        now.allowed = (0, 3, 6)
    if not path.exists():  # a file of a run that is being replaced
        now.target += " (gone just then)"
        bench.finish(now, command or bench.start(jobs))
        return
    immutable(path, on=True)
    try:
        bench.finish(now, command or bench.start(jobs))
    finally:
        immutable(path, on=False)


def rights_lost(bench: Bench, now: Round) -> None:
    """The command is a user's who may not write to a folder any more, from some moment on."""
    _, jobs = bench.take_away(now, 2)
    _give(bench.output, NOBODY)
    names = [name for name in ("", "tables", "notebooks", "parts", "figures") if (bench.output / name).is_dir()]
    path = bench.output / now.random.choice(names)
    now.target, now.allowed = f"rights of the user to {path.relative_to(bench.output)}/", (0, 3, 6)

    def become() -> None:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        ctypes.CDLL(None).prctl(4, 1)  # PR_SET_DUMPABLE, so that its own /proc stays readable to it

    is_later = now.random.random() < 0.5
    command = bench.start(jobs, before=become) if is_later else None
    if command:
        bench.pause(now, command)
    os.chown(path, 0, 0)
    path.chmod(now.random.choice([0o755, 0o700, 0o555]))
    try:
        bench.finish(now, command or bench.start(jobs, before=become))
    finally:
        path.chmod(0o755)
        _give(bench.output, 0)


def _give(folder: Path, user: int) -> None:
    for path in (folder, *folder.rglob("*")):
        with suppress(FileNotFoundError):
            os.chown(path, user, user, follow_symlinks=False)


def _bad(now: Round, content: bytes, other: bytes) -> bytes:
    flipped = bytearray(content or b"\0")
    flipped[now.random.randrange(len(flipped))] ^= 1 << now.random.randrange(8)
    ways = {
        "bit": bytes(flipped), "half": content[: len(content) // 2], "empty": b"", "zeros": b"\0" * len(content),
        "foreign": other, "longer": content + b"\n",
    }  # fmt: skip
    way = now.random.choice(sorted(ways))
    now.moment = way
    return ways[way] if ways[way] != content else content + b" "


def result_damaged(bench: Bench, now: Round) -> None:
    """A result is cut, flipped, emptied, foreign or somebody else's."""
    names = now.random.sample(sorted(bench.right), 2)
    path = bench.output / names[0]
    path.write_bytes(_bad(now, path.read_bytes(), (bench.output / names[1]).read_bytes()))
    now.target, now.touched = names[0], {names[0]}
    is_of_a_run = any(names[0] in record["outputs"] for record in bench.records.values())
    now.refused = "" if is_of_a_run else "must"


def results_swapped(bench: Bench, now: Round) -> None:
    owned = sorted(name for record in bench.records.values() for name in record["outputs"])
    one, other = now.random.sample(owned, 2)
    (bench.output / one).write_bytes(bench.right[other])
    (bench.output / other).write_bytes(bench.right[one])
    now.target, now.touched = f"{one} and {other}", {one, other}


def manifest_damaged(bench: Bench, now: Round) -> None:
    path = bench.output / "manifest.json"
    path.write_bytes(_bad(now, path.read_bytes(), b'{"name": "a web site", "icons": []}'))
    now.target = "manifest.json"
    now.touched = {"manifest.json", *(name for name in bench.right if "/" not in name)}
    now.refused = {"foreign": "must", "bit": "may"}.get(now.moment, "")


def journal_damaged(bench: Bench, now: Round) -> None:
    """A batch is killed, and what it noted is not as it was written."""
    killed(bench, now)
    path = bench.output / "manifest.journal"
    now.target = "manifest.journal" if path.exists() else "command (no journal was there)"
    if path.exists():
        moment = now.moment
        path.write_bytes(_bad(now, path.read_bytes(), (bench.output / "manifest.json").read_bytes()))
        now.moment += f", killed at {moment}"


def obstructed(bench: Bench, now: Round) -> None:
    """A folder stands where a file belongs."""
    owned = sorted(name for record in bench.records.values() for name in record["outputs"])
    path = bench.output / now.random.choice(owned)
    path.unlink()
    (path / "in the way").mkdir(parents=True)
    _, jobs = bench.take_away(now, 1)
    now.target, now.allowed = f"folder at {path.relative_to(bench.output)}", (3,)
    bench.finish(now, bench.start(jobs))
    shutil.rmtree(path)


def linked(bench: Bench, now: Round) -> None:
    """A link to a file of the user stands where a result belongs."""
    owned = sorted(name for record in bench.records.values() for name in record["outputs"])
    path = bench.output / now.random.choice(owned)
    path.unlink()
    path.symlink_to(bench.user)
    now.target, now.touched = f"link at {path.relative_to(bench.output)}", {path.relative_to(bench.output).as_posix()}


def two_at_once(bench: Bench, now: Round) -> None:
    _, jobs = bench.take_away(now, 2)
    first = bench.start(jobs)
    bench.pause(now, first)
    now.target, now.allowed = "a second batch in the folder", (0, 4)
    bench.finish(now, bench.start(jobs))
    bench.finish(now, first)


def clock_back(bench: Bench, now: Round) -> None:
    """The clock was ahead when results were written, or is behind in the middle of a batch."""
    _, jobs = bench.take_away(now, 2)
    for path in (*bench.output.rglob("*"), bench.runs):
        if path.is_file():
            stamp = now.random.choice([0, 978_307_200, 4_102_444_800])
            os.utime(path, (stamp, stamp))
    back = now.random.choice([3600.0, 86400.0 * 400, 1e9])
    now.target, now.allowed = f"clock, {back:.0f} s back", (0,)
    clock, start = time.time, time.monotonic()
    after = now.random.uniform(0.0, bench.seconds)
    now.moment = f"{after:.2f} s after the start"

    def turn() -> None:
        time.time = lambda: clock() - (back if time.monotonic() - start > after else 0.0)

    bench.finish(now, bench.start(jobs, before=turn))


KINDS: dict[str, Callable[[Bench, Round], None]] = {
    "command killed": killed,
    "fork server killed": server_killed,
    "kernel killed": kernel_killed,
    "kernel stands still": cell_past_limit,
    **{name: partial(signalled, number=number) for name, number in SIGNALS.items()},
    "disk full": full_disk,
    "disk read-only": read_only,
    "file immutable": immutable_file,
    "folder immutable": immutable_folder,
    "rights of a user lost": rights_lost,
    "result damaged": result_damaged,
    "results swapped": results_swapped,
    "manifest damaged": manifest_damaged,
    "journal damaged": journal_damaged,
    "folder in the way": obstructed,
    "link in the way": linked,
    "two batches": two_at_once,
    "clock gone back": clock_back,
}
