"""An interrupted batch leaves no kernel behind and no half-written manifest."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from shanhai.run.project import Project

SCRIPT = """\
import signal, sys
from pathlib import Path
from shanhai.run.batch import reproduce
from shanhai.run.kernel import isolated_environment
from shanhai.run.project import Project

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell hands its background jobs an ignored Ctrl-C down
with isolated_environment():
    reproduce(Path(sys.argv[2]), Project(Path(sys.argv[1])), jobs=2, derived=())
"""

SLEEPER = """\
import os, pathlib, time
pathlib.Path(os.environ["SHANHAI_OUTPUT"], "started").touch()
time.sleep(600)
"""


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("sleepers", [1, 2], ids=["two runs", "three runs, forked where that is safe"])
def test_no_kernel_outlives_an_interruption(
    sleepers: int, number: signal.Signals, project: Project, tmp_path: Path, write_notebook: Callable[..., Path]
) -> None:
    output = tmp_path / "results"
    write_notebook(project.notebooks / "01-quick.ipynb", "1 + 1", "2 + 2")  # more cells: it comes first
    for sleeper in range(sleepers):
        write_notebook(project.notebooks / f"0{2 + sleeper}-sleeps.ipynb", SLEEPER)
    command = [sys.executable, "-c", SCRIPT, str(project.root), str(output)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_for(lambda: list(output.glob(".staging/*/started")) and (output / "manifest.json").exists())
            kernels = psutil.Process(process.pid).children(recursive=True)
            assert kernels
            process.send_signal(number)
            assert "KeyboardInterrupt" in process.communicate(timeout=60)[1]
        finally:
            process.kill()
    wait_for(lambda: not any(kernel.is_running() and kernel.status() != "zombie" for kernel in kernels))
    manifest = json.loads((output / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest["runs"]) == ["01-quick"]
    assert not (output / ".staging").exists()
