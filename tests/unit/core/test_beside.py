"""A function in a process beside this one: it is waited for, its error arrives, and it does not outlive the context."""

import os
import time
import warnings
from pathlib import Path

import pytest

from shanhai.core.beside import beside
from shanhai.core.errors import ClaimError, ReportError


def _write(file: Path) -> None:
    print("not shown")
    warnings.warn("nor an error here", UserWarning, stacklevel=1)
    file.write_text(str(os.getpid()), encoding="utf-8")


def _fail(kind: type[Exception]) -> None:
    raise kind("as it was said")


def _end() -> None:
    os._exit(3)


def _stay(file: Path) -> None:
    file.write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(600)


def test_what_is_called_runs_in_a_process_of_its_own(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with beside(_write, tmp_path / "pid") as finish:
        finish()
    assert int((tmp_path / "pid").read_text(encoding="utf-8")) != os.getpid()
    assert capfd.readouterr() == ("", "")


def test_the_error_of_the_process_arrives_here() -> None:
    with beside(_fail, ClaimError) as finish, pytest.raises(ClaimError, match=r"^as it was said$"):
        finish()
    with beside(_fail, KeyError) as finish, pytest.raises(ReportError, match=r"^KeyError: 'as it was said'$"):
        finish()
    with beside(_end) as finish, pytest.raises(ReportError, match="_end: the process ended with status 3"):
        finish()


def test_the_process_ends_with_the_context(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), beside(_stay, tmp_path / "pid"):
        while not (tmp_path / "pid").is_file() or not (tmp_path / "pid").read_text(encoding="utf-8"):
            time.sleep(0.01)
        raise ZeroDivisionError
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text(encoding="utf-8")), 0)
