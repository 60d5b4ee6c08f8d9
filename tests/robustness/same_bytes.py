"""One small real batch, made in many ways: are the bytes the same?

    .venv/bin/python -P tests/robustness/same_bytes.py                       all ways of this Python
    .venv/bin/python -P tests/robustness/same_bytes.py --python PATH ...     other Pythons, with the packages installed

The ways: one kernel after the other and several side by side, forked and started anew; on a Dask cluster; into a folder
and from a checkout whose names have blanks and 中文; in another locale, time zone, with another hash seed and umask.
Each file that differs is named, with the kind and the size of the difference, as `shanhai verify` tells them.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from shanhai.core.paths import ROOT
from shanhai.report.package.compare import difference

RUNS = """\
03-estimate-border-and-mountain:
  - sample: zhejiang
04-report-city:
  - prefecture: 330800
  - county: 331102
  - county: 330881
08-explain-gap:
  - place: 511900
    reference: 510000
15-write-your-own:
  - neighbour: Anhui
"""
COUNT = 6
_OF_A_CHECKOUT = ("data", "lib", "notebooks", "shapefiles")


@dataclass(frozen=True)
class Way:
    """How a batch is made."""

    name: str
    jobs: int = 2
    environment: dict[str, str] = field(default_factory=dict)
    umask: int = 0o022
    folder: str = ""
    python: str = sys.executable
    is_copied: bool = False
    """From another checkout."""
    is_remote: bool = False
    """On a Dask cluster of two workers."""


WAYS = (
    Way("side by side, forked"),
    Way("one after the other, forked", jobs=1),
    Way("started anew", jobs=COUNT),
    Way("Dask", is_remote=True),
    Way("folder with a blank and 中文", folder="结果 a/数据 b"),
    Way("checkout with a blank and 中文", is_copied=True, folder="结果 a/数据 b"),
    Way("locale C", environment={"LC_ALL": "C", "LANG": "C"}),
    Way("locale C.UTF-8, Chinese", environment={"LC_ALL": "C.UTF-8", "LANGUAGE": "zh_CN"}),
    Way("locale zh_CN", environment={"LC_ALL": "zh_CN.UTF-8", "LANG": "zh_CN.UTF-8"}),
    Way("hash seed 12345", environment={"PYTHONHASHSEED": "12345"}),
    Way("umask 077", umask=0o077),
    Way("time zone of Shanghai", environment={"TZ": "Asia/Shanghai"}),
)
"""The first is what the others are compared with."""


def made(way: Way, work: Path) -> dict[str, bytes]:
    """The files of the batch, but the manifest, which has times."""
    output = work / (way.folder or "results")
    shutil.rmtree(output, ignore_errors=True)
    runs = work / "runs.yaml"
    runs.write_text(RUNS, encoding="utf-8")
    root = ROOT
    if way.is_copied:
        root = work / "仓库 c"
        shutil.rmtree(root, ignore_errors=True)
        for name in _OF_A_CHECKOUT:
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    environment = os.environ | {"PYTHONPATH": str(root / "lib")} | way.environment
    arguments = ["batch", str(runs), "--language", "both", "--jobs", str(way.jobs), "--output", str(output)]
    with ExitStack() as stack:
        if way.is_remote:
            arguments += ["--scheduler", stack.enter_context(_cluster(work))]
        command = [way.python, "-P", "-m", "shanhai", *arguments]
        done = subprocess.run(command, env=environment, umask=way.umask, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{way.name}: status {done.returncode}\n{done.stdout}{done.stderr}")
    files = (path for path in output.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in files}


@contextmanager
def _cluster(work: Path) -> Iterator[str]:
    """The address of a scheduler with two workers."""
    file = work / "scheduler.json"
    file.unlink(missing_ok=True)
    dask = [sys.executable, "-P", "-m", "dask"]
    start = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = os.environ | {"PYTHONPATH": str(ROOT / "lib")}
    options = ["--scheduler-file", str(file), "--nthreads", "1", "--nworkers", "2", "--no-dashboard"]
    started = [subprocess.Popen([*dask, "scheduler", *start], **quiet)]  # type: ignore[call-overload]
    try:
        end = time.monotonic() + 120
        while not file.exists():
            if time.monotonic() > end:
                raise SystemExit("no scheduler")
            time.sleep(0.1)
        started.append(subprocess.Popen([*dask, "worker", *options], env=environment, **quiet))  # type: ignore[call-overload]
        yield str(_address(file))
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(60)


def _address(file: Path) -> str:
    import json

    return str(json.loads(file.read_text(encoding="utf-8"))["address"])


def told(way: Way, right: dict[str, bytes], found: dict[str, bytes]) -> Iterator[str]:
    """A line for each file that differs, and one for the way."""
    differing = sorted(name for name in {*right, *found} if right.get(name) != found.get(name))
    for name in differing:
        if name not in right or name not in found:
            yield f"    {name}: {'added' if name in found else 'missing'}"
            continue
        differs = difference(name, right[name], found[name])
        assert differs is not None
        size = f", largest relative difference {differs.relative:.1e}" if differs.relative else ""
        yield f"    {name}: {differs.kind}{size}"
    yield f"{way.name}: {len(found):,} files, {len(differing):,} differ"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", action="append", default=[], metavar="PATH", help="another interpreter")
    parser.add_argument("--ways", nargs="+", metavar="TEXT", help="only ways whose name has one of these in it")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write files that differ into this folder")
    options = parser.parse_args(arguments)
    ways = [*WAYS[1:], *(Way(f"Python of {path}", python=path) for path in options.python)]
    if options.ways:
        ways = [way for way in ways if any(text in way.name for text in options.ways)]
    is_same = True
    with tempfile.TemporaryDirectory(prefix="same-") as folder:
        right = made(WAYS[0], Path(folder))
        print(f"{WAYS[0].name}: {len(right):,} files", flush=True)
        for way in ways:
            found = made(way, Path(folder))
            print(*told(way, right, found), sep="\n", flush=True)
            is_same &= found == right
            for name in sorted(right) if options.keep else ():
                if found.get(name, right[name]) != right[name]:
                    for kind, content in (("right", right[name]), ("found", found[name])):
                        target = options.keep / kind / name
                        target.parent.mkdir(parents=True, exist_ok=True)
                        target.write_bytes(content)
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
