"""Files of a batch that no notebook makes: the county frame and the findings, each written by a process of its own."""

import inspect
import subprocess
import sys
from pathlib import Path

from shanhai.core.errors import NotebookError, ShanhaiError
from shanhai.core.manifest import write_json
from shanhai.core.modules import imports_of

_COUNTY_FRAME = "county_frame.csv"
FINDINGS = "findings.json"

REPORT = "report"
"""Folder of the results that the report is in."""


def _write_county_frame(target: Path) -> None:
    """One row a county of 2020, as text that gives every number back exactly."""
    from shanhai.data.frames.panel import build_county_frame
    from shanhai.render import frame_to_csv

    target.write_text(frame_to_csv(build_county_frame()), encoding="utf-8-sig", newline="\n")


def _write_findings(target: Path) -> None:
    """One entry for each claim of the papers, in the order of the claims."""
    from shanhai.claims.engine import project_findings
    from shanhai.claims.findings import findings_records

    write_json(target, findings_records(project_findings()))


WRITERS = {_COUNTY_FRAME: _write_county_frame, FINDINGS: _write_findings}

MODULES = {name: imports_of(inspect.getsource(writer)) for name, writer in WRITERS.items()}
"""What each of them imports."""


def derive(name: str, target: Path, *, forked: bool = False) -> None:
    """Write one of the files in a process of its own, beside the kernels.

    Parameters
    ----------
    name : str
    target : Path
    forked : bool
        Fork that process from one that has imported everything: see :mod:`shanhai.run.forked`.

    Raises
    ------
    NotebookError
        If the process fails; the message is its last words.
    """
    if forked:
        from shanhai.run.forked import call

        try:
            call(WRITERS[name], target)
        except ShanhaiError as error:
            raise NotebookError(f"{name} was not written: {error}") from error
        return
    _call_python("shanhai.run.derive", name, str(target), what=name)


def make_report(results: Path, folder: Path) -> None:
    """Make the report of results in a subfolder of another, in a process of its own.

    Parameters
    ----------
    results : Path
        What `reproduce` left.
    folder : Path

    Raises
    ------
    NotebookError
        If the process fails; the message is its last words.
    """
    # not by the command, which would wait for the folder of the results: the batch holds it
    _call_python("shanhai.run.derive", REPORT, str(results), str(folder / REPORT), what=f"the {REPORT}")


def _call_python(module: str, *arguments: str, what: str) -> None:
    command = [sys.executable, "-P", "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")
    if done.returncode != 0:
        words = done.stderr.strip().splitlines() or [f"the process ended with status {done.returncode}"]
        raise NotebookError(f"{what} was not written: {words[-1]}")


def main(arguments: list[str]) -> int:
    """``python -m shanhai.run.derive NAME TARGET``, and of the report ``report RESULTS TARGET``."""
    from shanhai.run.preload import end_with_parent
    from shanhai.run.strictness import make_warnings_errors

    if sys.platform == "linux":
        end_with_parent()  # also if the batch is killed
    name, *places = arguments
    try:
        if name == REPORT:
            from shanhai.report.build import build_report

            build_report(*map(Path, places))
        else:
            make_warnings_errors()
            WRITERS[name](*map(Path, places))
    except ShanhaiError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
