"""The engine of all batches: what is noted when, what a killed batch leaves, and why a run is executed again."""

import json
import os
import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from shanhai.core.errors import ParameterError, ReportError
from shanhai.core.manifest import JOURNAL, MANIFEST, read_records
from shanhai.run.batch import batch, planned, reproduce
from shanhai.run.jobs import Job, Options
from shanhai.run.manifest import Journal
from shanhai.run.ownership import LOCK
from shanhai.run.pool import Outcome
from shanhai.run.progress import MESSAGES, Progress
from shanhai.run.project import Project
from shanhai.run.runs import Run

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def _packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages that are as they are: looking at each of their files takes seconds."""
    for module in ("project", "jobs"):
        monkeypatch.setattr(f"shanhai.run.{module}.read_packages", lambda: "as they are")


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "results"


def fake(jobs: Sequence[Job], staging: Path) -> Generator[Outcome, None, None]:
    """Leave a file for each run, without any kernel."""
    for job in jobs:
        assert job.run is not None
        folder = staging / job.name
        for kind in ("notebooks", "parts"):
            (folder / kind).mkdir(parents=True)
        said = {"question": "", "answer": [], "values": [], "gap": None}
        (folder / "parts" / f"{job.name}.page.json").write_text(json.dumps(said), encoding="utf-8")
        (folder / "notebooks" / f"{job.name}.ipynb").write_text(json.dumps(dict(job.run.parameters)), encoding="utf-8")
        yield Outcome(job.name, folder, 0.1, None)


FAKE = Options(2, is_checked=True, explain=True, elsewhere=fake)


@pytest.fixture
def runs(project: Project, write_notebook: Write) -> list[Run]:
    notebook = write_notebook(project.notebooks / "01-a.ipynb", "1", parameters="n: int = 1  # number")
    return [Run(f"01-a-n={n}", notebook, {"n": n}) for n in range(4)]


def done(runs: Sequence[Run], output: Path, project: Project) -> bool:
    return batch(runs, str(output), project, options=FAKE)


def explained(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    lines = capsys.readouterr().err.splitlines()
    return dict(line.split(": ", 1) for line in lines if line.startswith("01-a") and ": " in line)


def test_each_run_is_explained_by_what_changed(
    runs: list[Run], project: Project, output: Path, write_notebook: Write, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def reasons() -> set[str]:
        assert done(runs, output, project)
        return set(explained(capsys).values())

    assert reasons() == {"no result yet"}
    assert reasons() == set()
    (project.root / "data" / "counties.csv").write_text("code\n330803\n", encoding="utf-8")
    (project.root / "data" / "new.csv").write_text("code\n", encoding="utf-8")
    assert reasons() == {"file changed: data/counties.csv; file added: data/new.csv"}
    (project.root / "data" / "new.csv").unlink()
    assert reasons() == {"file removed: data/new.csv"}
    write_notebook(project.notebooks / "01-a.ipynb", "2", parameters="n: int = 1  # number")
    assert reasons() == {"notebook 01-a.ipynb changed"}
    monkeypatch.setattr("shanhai.run.project.read_packages", lambda: "other")
    monkeypatch.setattr("shanhai.run.jobs.read_packages", lambda: "other")
    assert reasons() == {"files of packages changed, no version did"}
    monkeypatch.setattr("sys.version", "4.0.1 (main, Jan  1 2030, 00:00:00) [later]")
    assert [reason[:12] for reason in reasons()] == ["Python was 3"]
    (output / "notebooks" / "01-a-n=2.ipynb").write_text("{}", encoding="utf-8")
    assert reasons() == {"missing or damaged: notebooks/01-a-n=2.ipynb"}
    runs[0] = Run("01-a-n=0", runs[0].notebook, {"n": 10})
    assert reasons() == {"parameter n was 0, is 10"}


def test_reproduce_explains_too_and_a_failure_stands_in_the_manifest(
    project: Project, output: Path, write_notebook: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write_notebook(project.notebooks / "01-a.ipynb", "1 / 0")
    assert not reproduce(output, project, jobs=1, explain=True, derived=())
    failure = read_records(output)["01-a"].failure
    assert failure is not None
    assert failure["cell"] == "in code cell 1 of 1 (`1 / 0`)"
    assert failure["exception"] == "ZeroDivisionError: division by zero"
    assert "1 / 0" in failure["traceback"]
    assert "\x1b" not in failure["traceback"]
    write_notebook(project.notebooks / "01-a.ipynb", "1")
    capsys.readouterr()
    assert reproduce(output, project, jobs=1, explain=True, derived=())
    assert "01-a: notebook 01-a.ipynb changed; failed last time (01-a stopped" in capsys.readouterr().err


def killed(runs: list[Run], output: Path, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that ends without a word after three of four runs."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("shanhai.run.folder.Folder.settle", die)
        with pytest.raises(KeyboardInterrupt):
            done(runs[:3], output, project)
    assert not (output / MANIFEST).exists()


def test_what_a_killed_batch_finished_is_taken_up(
    runs: list[Run], project: Project, output: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    killed(runs, output, project, monkeypatch)
    assert sorted(read_records(output)) == ["01-a-n=0", "01-a-n=1", "01-a-n=2"]
    capsys.readouterr()
    assert done(runs, output, project)
    assert explained(capsys) == {"01-a-n=3": "no result yet"}
    assert not (output / JOURNAL).exists()
    assert sorted(read_records(output)) == [run.name for run in runs]


@pytest.mark.parametrize("left", ["half a line", "no head", "zeros", "nothing"])
def test_of_a_torn_journal_the_whole_lines_count(
    left: str, runs: list[Run], project: Project, output: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    killed(runs, output, project, monkeypatch)
    journal = output / JOURNAL
    lines = journal.read_bytes().splitlines(keepends=True)
    torn = {
        "half a line": b"".join(lines[:3]) + lines[3][:20],
        "no head": b"".join(lines[1:]),
        "zeros": b"".join(lines[:2]) + bytes(512),
        "nothing": b"",
    }
    journal.write_bytes(torn[left])
    again = {"half a line": 2, "no head": 4, "zeros": 3, "nothing": 4}
    capsys.readouterr()
    assert done(runs, output, project)
    assert len(explained(capsys)) == again[left]
    assert sorted(read_records(output)) == [run.name for run in runs]


def test_a_line_that_the_disk_refuses_leaves_the_lines_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: list[Run], project: Project
) -> None:
    journal = Journal(tmp_path, {"inputs": {}})
    record = read_records_of_a_run(tmp_path, runs, project)
    journal.note("a", record)
    whole = (tmp_path / JOURNAL).read_bytes()
    write = os.write

    def refuse(file: int, data: Any) -> int:
        write(file, bytes(data)[:7])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shanhai.run.manifest.os.write", refuse)
    with pytest.raises(OSError, match="No space"):
        journal.note("b", record)
    assert (tmp_path / JOURNAL).read_bytes() == whole


def read_records_of_a_run(folder: Path, runs: list[Run], project: Project) -> Any:
    assert done(runs[:1], folder / "out", project)
    return read_records(folder / "out")["01-a-n=0"]


def test_noting_a_run_writes_its_line_alone(runs: list[Run], project: Project, output: Path) -> None:
    """What is written for the hundredth run is no longer than for the first: the cost of a run does not grow."""
    many = [Run(f"01-a-n={n}", runs[0].notebook, {"n": n}) for n in range(100, 200)]
    sizes: list[int] = []

    def watched(jobs: Sequence[Job], staging: Path) -> Generator[Outcome, None, None]:
        for outcome in fake(jobs, staging):
            sizes.append((output / JOURNAL).stat().st_size if (output / JOURNAL).exists() else 0)
            assert not list(staging.glob("*/notebooks/*")) or len(list(staging.glob("[!.]*"))) == 1
            yield outcome

    assert batch(many, str(output), project, options=Options(2, is_checked=True, elsewhere=watched))
    steps = [later - before for before, later in pairwise(sizes[1:])]
    assert len(set(steps)) == 1


def test_results_of_other_runs_stay_and_stale_ones_do_not_count(
    runs: list[Run], project: Project, output: Path, write_notebook: Write
) -> None:
    other = Run("02-b", write_notebook(project.notebooks / "02-b.ipynb", "1"))
    assert done([*runs[:1], other], output, project)
    assert done(runs[1:2], output, project)
    assert sorted(read_records(output)) == ["01-a-n=0", "01-a-n=1", "02-b"]
    assert (output / "notebooks" / "02-b.ipynb").exists()


def test_an_interrupted_batch_keeps_the_runs_that_it_was_not_asked_for(
    runs: list[Run], project: Project, output: Path
) -> None:
    assert done(runs[:2], output, project)

    def interrupted(jobs: Sequence[Job], staging: Path) -> Generator[Outcome, None, None]:
        yield next(fake(jobs, staging))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch(runs[2:], str(output), project, options=Options(2, is_checked=True, elsewhere=interrupted))
    assert sorted(read_records(output)) == ["01-a-n=0", "01-a-n=1", "01-a-n=2"]


def test_a_large_batch_says_now_and_then_where_it_is_and_each_failure(capsys: pytest.CaptureFixture[str]) -> None:
    from shanhai.core.manifest import Record

    good, bad = Record("", True, 1.0), Record("", False, 1.0, error="stopped")
    with Progress(300, 2) as progress:
        for number in range(300):
            progress.show(f"run-{number}", bad if number == 7 else good)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["[1/300]", "[8/300]", "[300/300]"]
    assert "run-7 FAILED" in lines[1]
    assert "1 failed, 2 running, 290 waiting, about" in lines[1]
    with Progress(2, 2) as progress:
        progress.show("run-0", good)
    assert capsys.readouterr().err == "[1/2] run-0 (1.0 s)\n"


@pytest.mark.parametrize("name", ["index.html", "places.csv", "zh/index.html", "batch.css", "estimates.json"])
def test_a_file_that_no_batch_wrote_is_not_written_over(
    name: str, runs: list[Run], project: Project, output: Path
) -> None:
    (output / name).parent.mkdir(parents=True)
    (output / name).write_text("mine", encoding="utf-8")
    with pytest.raises(ParameterError, match=re.escape(f"has {name}, which no batch wrote")):
        done(runs, output, project)
    assert [path.name for path in output.rglob("*") if path.is_file()] == [Path(name).name]
    (output / name).unlink()
    assert done(runs, output, project)
    assert done(runs[:1], output, project)


def test_a_page_that_somebody_changed_and_a_manifest_of_another_program_stay(
    runs: list[Run], project: Project, output: Path
) -> None:
    assert done(runs, output, project)
    (output / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(ParameterError, match=r"has index\.html, which"):
        done(runs, output, project)
    (output / "index.html").unlink()
    (output / MANIFEST).write_text('{"name": "an app"}', encoding="utf-8")
    with pytest.raises(ParameterError, match=r"manifest\.json"):
        done(runs, output, project)
    assert (output / MANIFEST).read_text(encoding="utf-8") == '{"name": "an app"}'


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
@pytest.mark.parametrize("make", [os.mkdir, getattr(os, "mkfifo", os.mkdir)])
@pytest.mark.parametrize("name", [MANIFEST, "index.html"])
def test_what_is_no_file_where_one_belongs_is_refused_before_any_run(
    make: Callable[[Path], None], name: str, runs: list[Run], project: Project, output: Path
) -> None:
    output.mkdir()
    make(output / name)
    (output / JOURNAL).touch()
    with pytest.raises(ParameterError, match=rf"has {re.escape(name)}, which no batch wrote"):
        done(runs, output, project)
    assert sorted(path.name for path in output.iterdir()) == sorted((name, JOURNAL))


@pytest.mark.parametrize("left", ["half", "nothing", "zeros"])
def test_a_torn_manifest_is_made_anew_and_what_lies_beside_it_counts_as_the_batchs(
    left: str, runs: list[Run], project: Project, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert done(runs, output, project)
    content = (output / MANIFEST).read_bytes()
    torn = {"half": content[: len(content) // 2], "nothing": b"", "zeros": bytes(len(content))}
    (output / MANIFEST).write_bytes(torn[left])
    capsys.readouterr()
    assert done(runs, output, project)
    assert "4 executed, 0 unchanged" in capsys.readouterr().out
    assert json.loads((output / MANIFEST).read_text(encoding="utf-8"))["outputs"] == json.loads(content)["outputs"]


def test_a_manifest_that_is_torn_and_not_of_a_batch_saves_the_files_beside_it(
    runs: list[Run], project: Project, output: Path
) -> None:
    output.mkdir()
    (output / MANIFEST).write_text('{"name": "my web site"', encoding="utf-8")
    (output / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(ParameterError, match=r"has index\.html, which no batch wrote"):
        done(runs, output, project)


def test_an_entry_of_the_manifest_that_names_another_run_is_not_believed(
    runs: list[Run], project: Project, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert done(runs, output, project)
    manifest = json.loads((output / MANIFEST).read_text(encoding="utf-8"))
    manifest["runs"]["01-a-n=2"]["parameters"]["n"] = 3
    manifest["runs"]["01-a-n=1"]["notebook"] = "01-b.ipynb"
    (output / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    capsys.readouterr()
    assert done(runs, output, project)
    damaged = "its entry in the manifest is damaged"
    assert explained(capsys) == {"01-a-n=1": damaged, "01-a-n=2": damaged}
    assert read_records(output)["01-a-n=2"].parameters == {"n": 2}


@pytest.mark.parametrize("place", ["merge_parts", "_site", "_run_jobs"])
def test_a_batch_that_was_stopped_knows_its_own_files_again(
    place: str, runs: list[Run], project: Project, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    assert done(runs[:2], output, project)
    with monkeypatch.context() as patch:
        patch.setattr(f"shanhai.run.{'jobs' if place == '_run_jobs' else 'batch'}.{place}", stop)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                done(runs, output, project)
    assert done(runs, output, project)


def test_files_of_all_runs_are_made_again_only_if_something_changed(
    runs: list[Run], project: Project, output: Path
) -> None:
    files = [output / name for name in ("estimates.json", "places.csv", "zh/index.html", "index.html")]
    assert done(runs, output, project)
    files = [path for path in files if path.exists()]
    right = [path.read_bytes() for path in files]
    assert len(files) >= 2

    def made() -> bool:
        before = files[1].stat().st_mtime_ns
        assert done(runs, output, project)
        assert [path.read_bytes() for path in files] == right
        return files[1].stat().st_mtime_ns != before

    assert not made()
    files[0].unlink()
    assert made()
    manifest = json.loads((output / MANIFEST).read_text(encoding="utf-8"))
    (output / MANIFEST).write_text(json.dumps(manifest | {"differing": ["a number"]}), encoding="utf-8")
    assert made()
    (project.root / "data" / "counties.csv").write_text("code\n1\n", encoding="utf-8")
    assert made()
    assert not made()


def test_a_dry_run_says_of_each_run_whether_and_why(
    runs: list[Run], project: Project, output: Path, write_notebook: Write
) -> None:
    assert planned(runs[:1], str(output), project) == ["01-a-n=0: would be executed: no result yet"]
    assert not output.exists()
    assert done(runs[:1], output, project)
    before = {path: path.read_bytes() for path in output.rglob("*") if path.is_file()}
    assert planned(runs[:2], str(output), project) == [
        "01-a-n=0: up to date, would not be executed", "01-a-n=1: would be executed: no result yet",
    ]  # fmt: skip
    (project.root / "data" / "counties.csv").write_text("code\n1\n", encoding="utf-8")
    assert planned(runs[:1], str(output), project) == ["01-a-n=0: would be executed: file changed: data/counties.csv"]
    assert {path: path.read_bytes() for path in output.rglob("*") if path.is_file()} == before


def with_numbers(jobs: Sequence[Job], staging: Path) -> Generator[Outcome, None, None]:
    """A number under one id in each run, its parameter; 5 is another one in Chinese."""
    for job in jobs:
        assert job.run is not None
        run, folder = job.run, staging / job.name.replace("/", "-")
        parts = folder / run.edition / "parts"
        parts.mkdir(parents=True)
        said = {"question": "", "answer": [], "values": [], "gap": None}
        (parts / f"{run.name}.page.json").write_text(json.dumps(said), encoding="utf-8")
        number = run.parameters["n"] + (run.parameters["n"] == 5 and run.edition == "zh")
        row = {"id": "x", "notebook": run.name, "term": "t", "model": "m", "estimate": number}
        (parts / f"{run.name}.estimates.json").write_text(json.dumps([row]), encoding="utf-8")
        yield Outcome(job.name, folder, 0.1, None)


def test_runs_with_other_parameters_may_give_one_number_differently_but_editions_of_a_run_may_not(
    runs: list[Run], project: Project, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = Options(2, is_checked=True, elsewhere=with_numbers)
    chinese = [replace(run, edition="zh") for run in runs]
    assert batch(chinese, str(output), project, options=options)
    merged = json.loads((output / "estimates.json").read_text(encoding="utf-8"))
    assert [row["estimate"] for row in merged] == [0, 1, 2, 3]  # also where no run is English
    assert batch(runs[:2], str(output), project, options=options)
    merged = json.loads((output / "estimates.json").read_text(encoding="utf-8"))
    assert [row["estimate"] for row in merged] == [0, 1, 2, 3]  # nor where some are
    differing = Run("01-a-n=5", runs[0].notebook, {"n": 5})
    assert not batch([differing, replace(differing, edition="zh")], str(output), project, options=options)
    assert "estimate of 't' in 'm' differs between 01-a-n=5 (5) and zh/01-a-n=5 (6)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("foreign", "error", "said"),
    [
        ("notebooks", NotADirectoryError, "notebooks"),
        ("figures/", ReportError, "figures is a link"),
        ("notebooks/01-a-n=2.ipynb", ParameterError, r"has notebooks/01-a-n=2.ipynb, which no batch wrote"),
        ("tables/01-a-n=3--gap.csv", ParameterError, r"has tables/01-a-n=3--gap.csv, which no batch wrote"),
        (".staging/p", FileExistsError, ".staging"),
        (LOCK, FileExistsError, LOCK),
    ],
)
def test_what_is_in_the_way_is_said_before_any_run_and_stays_as_it_is(
    foreign: str, error: type[Exception], said: str, runs: list[Run], project: Project, output: Path, tmp_path: Path
) -> None:
    def never(jobs: Sequence[Job], staging: Path) -> Generator[Outcome, None, None]:
        raise AssertionError("a run was begun")
        yield

    if foreign.endswith("/"):
        (tmp_path / "elsewhere").mkdir()
        output.mkdir()
        (output / foreign[:-1]).symlink_to(tmp_path / "elsewhere")
    else:
        (output / foreign).parent.mkdir(parents=True)
        (output / foreign).write_text("precious", encoding="utf-8")
    before = {path: path.is_file() and path.read_bytes() for path in output.rglob("*")}
    with pytest.raises(error, match=re.escape(said) if said == LOCK else said):
        batch(runs, str(output), project, options=Options(2, is_checked=True, elsewhere=never))
    assert {path: path.is_file() and path.read_bytes() for path in output.rglob("*")} == before


def test_files_beside_those_of_a_batch_and_of_a_batch_that_was_killed_are_no_hindrance(
    runs: list[Run], project: Project, output: Path
) -> None:
    (output / "notebooks").mkdir(parents=True)
    (output / "notebooks" / "01-a-n=22.ipynb").write_text("mine", encoding="utf-8")
    (output / "thesis.docx").touch()
    assert done(runs, output, project)
    assert (output / "notebooks" / "01-a-n=22.ipynb").read_text(encoding="utf-8") == "mine"

    other = output.with_name("other")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shanhai.run.folder.Journal.note", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            done(runs, other, project)
    assert (other / JOURNAL).exists() and list((other / "notebooks").iterdir())
    assert done(runs, other, project)


def test_of_many_files_in_the_way_the_first_are_named_and_all_counted(
    runs: list[Run], project: Project, output: Path
) -> None:
    (output / "tables").mkdir(parents=True)
    for number in range(20):
        (output / "tables" / f"01-a-n=1--{number:02}.csv").touch()
    with pytest.raises(ParameterError, match=r"has tables/01-a-n=1--00\.csv, .*--11\.csv and 8 more files") as refused:
        done(runs, output, project)
    assert "以及另外8个同类文件不是批处理所写" in MESSAGES(str(refused.value), "zh")
