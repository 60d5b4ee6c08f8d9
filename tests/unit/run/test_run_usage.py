"""What a batch needs is measured with all processes that it starts, and kept as long as it is that of all results."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from shanhai.run.batch import reproduce
from shanhai.run.project import Project
from shanhai.run.usage import kept_usage, metered

HOLD = "held = bytearray(b'x' * 300_000_000); print('held', flush=True); input()"


def test_the_memory_of_processes_that_were_started_counts() -> None:
    with (
        metered() as meter,
        subprocess.Popen(
            [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as child,
    ):
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        meter.look()
        child.communicate("\n")
    reading = meter.reading(workers=3)
    assert 300e6 < reading["peak_memory_bytes"] < reading["memory_bytes"]
    assert reading["packages_bytes"] > 100e6  # numpy, scipy and pandas alone
    assert (reading["workers"], reading["cores"] >= 1, reading["seconds"] > 0) == (3, True, True)


def test_the_manifest_keeps_what_a_whole_batch_needed(
    project: Project, tmp_path: Path, write_notebook: Callable[..., Path]
) -> None:
    output = tmp_path / "results"
    assert kept_usage(output) is None
    write_notebook(project.notebooks / "01-a.ipynb", "1 + 1")
    assert reproduce(output, project, jobs=2, derived=())
    first = kept_usage(output)
    assert first is not None
    assert first["workers"] == 2
    write_notebook(project.notebooks / "02-b.ipynb", "1 + 1")
    assert reproduce(output, project, jobs=1, derived=())
    assert kept_usage(output) == first
    (output / "manifest.json").write_text(json.dumps({"usage": "much"}), encoding="utf-8")
    assert kept_usage(output) is None
