"""Timings of one machine kept in a file, and what became slower since: `shanhai benchmark --store` and `--compare`.

Each work of the benchmarks is timed in rounds, ours alone, all works in turn; what counts is the best of the rounds,
which other programs disturb least. How far the middle of the rounds lies above the best is the noise, said beside every
comparison. A table is that of one machine, Python and set of packages; others are refused, not compared.
"""

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from shanhai.core.errors import ParameterError
from shanhai.core.paths import OUTPUTS

TABLE = OUTPUTS / "benchmarks" / "timings.json"
"""Where timings are kept unless a file is named; git ignores the folder."""

ROUNDS = 5
"""Times each work is done, unless asked otherwise."""

_SLOWER = 1.25
"""Ratio of best times above which a work is named."""

_PACKAGES = ("formulaic", "narwhals", "numpy", "pandas", "scipy", "statsmodels")
_Timings = Mapping[str, tuple[float, float]]
"""Seconds and noise of works, by name."""

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def _this_machine() -> dict[str, str]:
    """What seconds depend on beside the library: processor, cores, system, Python, packages, threads of BLAS."""
    found = {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "none"
    return found | {"threads": next((os.environ[name] for name in _THREADS if os.environ.get(name)), "all")}


def time_works(works: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, tuple[float, float]]:
    """Time each work, all in turn in every round, after one that is not counted.

    Parameters
    ----------
    works : mapping of str to callable
        Works by name.
    rounds : int
        Two or more.

    Returns
    -------
    dict of str to two numbers
        Shortest of the rounds in seconds, and the noise: the middle of the rounds over the shortest, less one.

    Raises
    ------
    ParameterError
        If rounds are fewer than two.
    """
    if rounds < 2:
        raise ParameterError(f"{rounds} rounds; allowed: 2 or more, so that their noise is known. Take {ROUNDS}.")
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds + 1):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - start)
    return {name: _timing(found[1:]) for name, found in seconds.items()}


def store_timings(timings: _Timings, file: Path = TABLE, machine: Mapping[str, str] | None = None) -> str:
    """Keep the timings of a machine in a file, which may hold those of others; what was done, as a sentence.

    Parameters
    ----------
    timings : mapping of str to seconds and noise
        They take the place of those of the same works; other works of the machine stay.
    file : Path
    machine : mapping, optional
        That of this machine by default.

    Raises
    ------
    ParameterError
        If the file is there and holds no timings.
    """
    machine = dict(_this_machine() if machine is None else machine)
    kept, key = _read(file) if file.exists() else {}, _key(machine)
    before = kept[key]["works"] if key in kept else {}
    kept[key] = {
        "machine": machine,
        "works": before | {name: {"best_s": best, "noise": noise} for name, (best, noise) in timings.items()},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return f"The best times of these works are kept in {file}: {', '.join(timings)}."


def compare_timings(
    timings: _Timings, file: Path = TABLE, machine: Mapping[str, str] | None = None
) -> tuple[list[str], bool]:
    """Lines that compare timings with those kept of the same machine, and whether a work became slower.

    Parameters
    ----------
    timings : mapping of str to seconds and noise
    file : Path
    machine : mapping, optional
        That of this machine by default.

    Raises
    ------
    ParameterError
        If the file is not there, holds no timings, or none of this machine with this Python and these packages.
    """
    require_timings(file, machine)
    kept = _read(file)[_key(_this_machine() if machine is None else machine)]["works"]
    before = {name: (found["best_s"], found["noise"]) for name, found in kept.items()}
    slower = [name for name in timings if name in before and timings[name][0] > _SLOWER * before[name][0]]
    lines = [_line(name, found, before.get(name), name in slower) for name, found in timings.items()]
    lines += [f"{name}: not timed in this run" for name in sorted(set(before) - set(timings))]
    said = f"{len(slower)} of {len(timings)} works took more than {_SLOWER - 1:.0%} longer than before"
    return [*lines, f"{said}{': ' + '; '.join(slower) if slower else ''}."], bool(slower)


def require_timings(file: Path = TABLE, machine: Mapping[str, str] | None = None) -> None:
    """Refuse a file without timings of this machine, before anything is timed.

    Raises
    ------
    ParameterError
        As :func:`compare_timings` says.
    """
    if not file.is_file():
        raise ParameterError(f"no timings in {file}; allowed: a file that --store wrote. Run with --store first.")
    machine = dict(_this_machine() if machine is None else machine)
    kept = _read(file)
    if _key(machine) in kept:
        return
    nearest = min((held["machine"] for held in kept.values()), key=lambda held: len(_differences(held, machine)))
    raise ParameterError(
        f"{file} has no timings of this machine: {'; '.join(_differences(nearest, machine))}; allowed: the same "
        "processor, Python, packages and threads, as seconds of others compare nothing. Run with --store first."
    )


def load_note() -> str:
    """A sentence where other programs keep the machine busy; empty otherwise."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load < 0.5 * cores:
        return ""
    return f"The machine is busy (load {load:.1f} on {cores} cores): these are not the seconds of a quiet one."


def _line(name: str, now: tuple[float, float], before: tuple[float, float] | None, is_slower: bool) -> str:
    if before is None:
        return f"{name}: {now[0]:.4g} s, noise {now[1]:.0%}; not timed before"
    change = now[0] / before[0] - 1
    noise = max(now[1], before[1])
    line = f"{name}: {now[0]:.4g} s, before {before[0]:.4g} s ({change:+.0%}, noise {noise:.0%})"
    if not is_slower:
        return line
    return f"{line}: SLOWER" if noise <= _SLOWER - 1 else f"{line}: SLOWER, but the noise is as large; run it again"


def _timing(seconds: Sequence[float]) -> tuple[float, float]:
    best = min(seconds)
    return best, median(seconds) / best - 1


def _processor() -> str:
    """Name of the processor."""
    listed = Path("/proc/cpuinfo")
    if listed.is_file():
        for line in listed.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _key(machine: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(machine), sort_keys=True).encode()).hexdigest()[:12]


def _differences(kept: Mapping[str, str], machine: Mapping[str, str]) -> list[str]:
    names = sorted({*kept, *machine})
    return [
        f"{name} was {kept.get(name, 'none')}, is {machine.get(name, 'none')}"
        for name in names
        if kept.get(name) != machine.get(name)
    ]


def _read(file: Path) -> dict[str, dict[str, dict]]:
    """Timings by the key of their machine."""
    try:
        kept: dict[str, dict[str, dict]] = json.loads(file.read_text(encoding="utf-8"))
        for held in kept.values():
            dict[str, str](held["machine"])
            [(float(found["best_s"]), float(found["noise"])) for found in held["works"].values()]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ParameterError(
            f"{file} holds no timings ({error}); allowed: a file that --store wrote. Name another file, or remove it."
        ) from error
    if not kept:
        raise ParameterError(f"{file} holds no timings; allowed: a file that --store wrote. Run with --store first.")
    return kept
