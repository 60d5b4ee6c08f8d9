"""The command line: errors are one message on standard error and a status, never a traceback."""

import errno
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fsspec.registry import _registry

from shanhai.core import paths
from shanhai.core.errors import FolderInUseError, NotebookError
from shanhai.run import cli
from shanhai.run.kernel import kernel_manager_class
from shanhai.run.notebook import execute_run
from shanhai.run.ownership import folder_held
from shanhai.run.runs import Run

Write = Callable[..., Path]


@pytest.fixture
def notebooks(tmp_path: Path, write_notebook: Write, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "notebooks"
    monkeypatch.setattr(paths, "NOTEBOOKS", folder)
    cell = 'prefecture: str = "330800"  # code of a prefecture\ndraws: int = 9  # random draws'
    write_notebook(folder / "04-report.ipynb", "print(prefecture, draws * 2)", parameters=cell)
    return folder


def test_list_shows_parameters_with_their_help(notebooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (notebooks / "runs.toml").write_text('["04-report"]\nruns = [{draws = 3}]\n', encoding="utf-8")
    assert cli.main(["list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "04-report",
        "    prefecture: str = '330800'  code of a prefecture",
        "    draws: int = 9  random draws",
        "    listed runs: 04-report-3",
    ]


def test_run_executes_with_the_values_given(
    notebooks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", "04", "-p", "draws=21", "--output", str(tmp_path / "out")]) == 0
    copy = tmp_path / "out" / "notebooks" / "04-report-draws=21.ipynb"
    assert capsys.readouterr().out.strip() == str(copy)
    assert "330800 42" in copy.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "09"], "There is no notebook '09'"),
        (["run", "04", "-p", "prefcture=330800"], "no parameter 'prefcture'"),
        (["run", "04", "-p", "draws=many"], "must be of type int"),
        (["run", "04", "-p", "draws"], "NAME=VALUE"),
        (["run", "04", "-p", "prefecture=990000"], "990000"),
        (["run", "04", "-p", "draws=3", "-p", "draws=4"], "-p gives draws more than once"),
    ],
)
def test_error_is_one_message_and_a_status(
    arguments: list[str], message: str, notebooks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*arguments, "--output", str(tmp_path / "out")]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("shanhai: ")
    assert message in shown.err
    assert not (tmp_path / "out").exists()


PUBLISH = """\
import os, pathlib
tables = pathlib.Path(os.environ["SHANHAI_OUTPUT"], "tables")
tables.mkdir()
for name in {names}:
    _ = (tables / (os.environ["SHANHAI_RUN"] + f"--{{name}}.csv")).write_text(name)
{end}
"""


def test_a_run_stores_all_it_made_or_nothing_and_removes_what_it_made_before(
    notebooks: Path, tmp_path: Path, write_notebook: Write
) -> None:
    output = tmp_path / "out"
    (output / "tables").mkdir(parents=True)
    of_another = output / "tables" / "06-publishes-x=1--a.csv"
    of_another.touch()

    def results() -> list[str]:
        return sorted(path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file())

    for names, end, status in ((["a", "b"], "", 0), (["b"], "", 0), (["c"], "1 / 0", cli.FAILED)):
        write_notebook(notebooks / "06-publishes.ipynb", PUBLISH.format(names=names, end=end))
        assert cli.main(["run", "06", "--output", str(output)]) == status
        kept = [] if status else [f"tables/06-publishes--{name}.csv" for name in names]
        assert results() == ["notebooks/06-publishes.ipynb", *kept, "tables/06-publishes-x=1--a.csv"]


@pytest.mark.parametrize(
    ("arguments", "place", "is_offered"),
    [
        (["run", "04", "--output", "{folder}/out"], "{folder}/out/.lock", True),
        (["run", "04", "--output", "{folder}/out"], None, True),
        (["run", "04", "--output", "{folder}/out"], "{folder}/outside", False),
        (["verify", "{folder}"], "{folder}/manifest.json", False),
    ],
)
def test_another_folder_is_offered_where_results_go_and_nowhere_else(
    arguments: list[str],
    place: str | None,
    is_offered: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EACCES, "Permission denied", place and place.format(folder=tmp_path))

    monkeypatch.setattr("shanhai.run.runs.find_notebook", fail)
    monkeypatch.setattr("shanhai.run.package.verification", fail)
    assert cli.main([argument.format(folder=tmp_path) for argument in arguments]) == 3
    said = capsys.readouterr().err
    assert ". Give yourself the right to it" in said and ("--output" in said) == is_offered


def test_what_the_system_refuses_is_said_in_the_language_of_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/x/y")

    monkeypatch.setattr("shanhai.run.asked.asked_runs", fail)
    assert cli.main(["batch", "--prefectures", "all", "--language", "zh", "--output", "/x"]) == 3
    assert capsys.readouterr().err == (
        "shanhai: 系统提示：No space left on device（/x/y）。请腾出该磁盘空间，或用--output另指文件夹。\n"
    )


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "Free some space"), (errno.EACCES, "Give yourself the right"), (errno.EIO, "Correct that")],
)
def test_what_the_system_refuses_is_a_sentence_and_status_3(
    number: int, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: object) -> int:
        raise OSError(number, os.strerror(number), "results/表.csv")

    monkeypatch.setattr(cli, "_list", refuse)
    assert cli.main(["list"]) == 3
    said = capsys.readouterr().err
    assert said.startswith(f"shanhai: the system says: {os.strerror(number)} at results/表.csv. {words}")


def _ends(command: list[str]) -> int:
    try:
        return cli.main(command)
    except SystemExit as ended:  # of the parser of the command line
        return int(str(ended.code))


def _raising(error: BaseException) -> Callable[[object], int]:
    def command(_: object) -> int:
        raise error

    return command


STATUSES: dict[int, tuple[list[str], BaseException | None]] = {
    0: (["list"], None),
    1: (["run", "09"], None),
    2: (["nonsense"], None),
    3: (["list"], OSError(errno.ENOSPC, "full")),
    4: (["list"], FolderInUseError("in use")),
    5: (["verify", "nowhere"], None),
    6: (["run", "05"], None),
    129: (["list"], KeyboardInterrupt(signal.Signals(1))),
    130: (["list"], KeyboardInterrupt()),
    143: (["list"], KeyboardInterrupt(signal.Signals(15))),
}


@pytest.mark.parametrize("status", STATUSES)
def test_each_way_to_end_has_its_status(
    status: int, notebooks: Path, tmp_path: Path, write_notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, error = STATUSES[status]
    if status == cli.FAILED:
        write_notebook(notebooks / "05-bad.ipynb", "1 / 0")
    if error is not None:
        monkeypatch.setattr(cli, "_list", _raising(error))
    assert _ends([*command, *(["--output", str(tmp_path / "out")] if command[0] == "run" else [])]) == status


@pytest.mark.parametrize(
    ("options", "missing", "said"),
    [
        (["--scheduler", "tcp://127.0.0.1:9"], "", "No scheduler answers at tcp://127.0.0.1:9"),
        (["--scheduler", "tcp://127.0.0.1:9"], "distributed", "pip install"),
        (["--output", "s3://bucket/prefix"], "s3fs", "pip install"),
        (["--output", "nowhere://bucket/prefix"], "", "s3://bucket/prefix"),
    ],
)
def test_a_batch_whose_surroundings_are_not_there_ends_with_status_3_and_the_next_step(
    options: list[str], missing: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr("shanhai.run.cluster._PATIENCE", 1)
    if missing:
        monkeypatch.setitem(sys.modules, missing, None)
        monkeypatch.delitem(_registry, "s3", raising=False)  # a test before may have loaded it
    where = [] if "--output" in options else ["--output", str(tmp_path)]
    assert cli.main(["batch", "--counties", "331102", "--language", "en", *where, *options]) == 3
    assert said in capsys.readouterr().err


def test_help_and_both_pages_name_every_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    shown, docs = capsys.readouterr().out, paths.ROOT / "lib" / "docs"
    pages = [(docs / name).read_text(encoding="utf-8") for name in ("running.md", "zh/running.md")]
    single = [status for status in STATUSES if status < 128]
    for page in pages:
        assert re.findall(r"^\| (\d) \| ", page, flags=re.MULTILINE) == [str(status) for status in single]
        assert re.search(r"^\| 129[,、] ?130[,、] ?143 \|", page, flags=re.MULTILINE)
    assert re.findall(r"^  (\d) +\w", shown, flags=re.MULTILINE) == [str(status) for status in single]
    assert "129, 130, 143" in shown


def test_failing_notebook_names_its_partial_copy(
    notebooks: Path, tmp_path: Path, write_notebook: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write_notebook(notebooks / "05-bad.ipynb", "1 / 0")
    assert cli.main(["run", "05", "--output", str(tmp_path)]) == 6
    shown = capsys.readouterr().err
    assert "05-bad stopped in code cell 1 of 1 (`1 / 0`): ZeroDivisionError: division by zero" in shown
    assert f"partial copy: {tmp_path / 'notebooks' / '05-bad.ipynb'}" in shown


def test_saved_notebooks_hold_outputs_and_nothing_volatile(notebooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = notebooks / "04-report.ipynb"
    assert cli.main(["save-notebooks"]) == 0
    first = path.read_bytes()
    assert b"330800 18" in first
    assert not [word for word in (b"papermill", b"start_time", b"duration", b"iopub", b"injected") if word in first]
    assert cli.main(["save-notebooks", "04"]) == 0
    assert path.read_bytes() == first


@pytest.mark.parametrize("closed", ["", ">&-", "2>&-", ">&- 2>&-"])
def test_a_terminal_without_our_letters_or_none_at_all_stops_nothing(closed: str) -> None:
    script = "from shanhai.run import cli; cli.main = lambda: print('衢州') or 0; cli.program()"
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-P", "-c", script]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ("" if closed.startswith(">") else "\\u8862\\u5dde\n")


@pytest.mark.parametrize("arguments", [["report", "--from"], ["report", "--to"], ["verify"], ["package", "--to"]])
def test_a_loop_of_links_is_a_sentence(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(SystemExit) as ended:
        cli.main([*arguments, str(loop)])
    assert ended.value.code == 2
    assert "leads nowhere" in capsys.readouterr().err


@pytest.mark.parametrize("held", ["results", "."])
def test_two_reports_do_not_come_into_one_folder(held: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "manifest.json").write_text("{}", encoding="utf-8")
    with folder_held(tmp_path / held):
        arguments = ["report", "--from", str(tmp_path / "results"), "--to", str(tmp_path / "report")]
        assert cli.main(arguments) == 4
    assert "in use" in capsys.readouterr().err
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["report", "--from", "nowhere"], ["package", "--from", "nowhere"], ["verify", "nowhere"]],
)
def test_a_command_is_refused_before_anything_large_is_imported(arguments: list[str], tmp_path: Path) -> None:
    code = (
        "import sys\nfrom shanhai.run.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print(*sorted({'pandas', 'matplotlib', 'scipy', 'sphinx', 'statsmodels'} & set(sys.modules)))"
    )
    command = [sys.executable, "-P", "-c", code, *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
    assert "nowhere" in done.stderr or "nonsense" in done.stderr


def test_a_place_is_refused_before_what_draws_and_runs_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom shanhai.run.cli import main\nmain(['run', '04', '-p', 'prefecture=xx'])\n"
        "print(*sorted({'matplotlib', 'scipy.stats', 'statsmodels', 'papermill'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
    assert "'xx' is no prefecture" in done.stderr


@pytest.mark.parametrize("taken", [1, 3])
def test_a_kernel_whose_port_another_program_took_is_started_again(
    taken: int, tmp_path: Path, write_notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_notebook(tmp_path / "05-a.ipynb", "40 + 2")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port, started = other.getsockname()[1], []

        def class_of(*arguments: object) -> type:
            class Manager(kernel_manager_class(*arguments)):  # type: ignore[misc]
                def __init__(self, **options: object) -> None:
                    super().__init__(**options)
                    started.append(self)
                    if len(started) <= taken:
                        self.cache_ports, self.shell_port = False, port

            return Manager

        monkeypatch.setattr("shanhai.run.notebook.kernel_manager_class", class_of)
        run = Run("05-a", path)
        if taken < 3:
            assert '"42"' in execute_run(run, tmp_path / "out").read_text(encoding="utf-8")
        else:
            with pytest.raises(NotebookError, match="stopped before its first cell") as raised:
                execute_run(run, tmp_path / "out")
            told = raised.value.failure
            assert "Kernel died" in told["exception"]
            assert "RuntimeError" in told["traceback"]
    assert len(started) == min(taken + 1, 3)
