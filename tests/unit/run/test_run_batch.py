"""The main job on a small project: cached, deterministic, and honest about notebooks that fail."""

import errno
import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil
import pytest

from shanhai.core.errors import InputsChangedError, NotebookError, ParameterError
from shanhai.core.manifest import Record, read_records
from shanhai.core.paths import LIMIT_VARIABLE
from shanhai.run.batch import reproduce
from shanhai.run.derive import REPORT, derive
from shanhai.run.manifest import Journal
from shanhai.run.project import Project

PUBLISH = """\
import json, os, pathlib
folder, run = pathlib.Path(os.environ["SHANHAI_OUTPUT"]), os.environ["SHANHAI_RUN"]
row = dict.fromkeys(["sample", "outcome", "model", "term", "vcov"], "x") | {"n": 3, "se": 0.1, "p": None}
rows = [row | {"notebook": run, "estimate": 1 / 3, "spec_id": spec} for spec in ("b", "a")]
(folder / "parts").mkdir(); (folder / "tables").mkdir()
_ = (folder / "parts" / f"{run}.estimates.json").write_text(json.dumps(rows))
_ = (folder / "tables" / f"{run}--table.csv").write_text(run)
"""

Write = Callable[..., Path]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "结果 {run}"


def run(project: Project, output: Path, **options: object) -> bool:
    return reproduce(output, project, jobs=2, derived=(), **options)  # type: ignore[arg-type]


def manifest(output: Path) -> dict:
    return json.loads((output / "manifest.json").read_text(encoding="utf-8"))


def contents(output: Path) -> dict[str, bytes]:
    files = (path for path in output.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in files}


def test_results_are_the_same_bytes_and_a_second_call_executes_nothing(
    project: Project, output: Path, write_notebook: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = 'prefecture: str = "330800"  # code of a prefecture'
    write_notebook(project.notebooks / "01-audit.ipynb", PUBLISH, 'print("衢州")', "{3: 4}")
    write_notebook(
        project.notebooks / "04-report.ipynb", "print(prefecture, __import__('os').getcwd() == '')", parameters=cell
    )
    (project.notebooks / "runs.toml").write_text('["04-report"]\nruns = [{prefecture = "511900"}]\n', encoding="utf-8")

    assert run(project, output)
    first, record = contents(output), manifest(output)
    assert set(first) == {
        "notebooks/01-audit.ipynb", "notebooks/04-report-511900.ipynb", "tables/01-audit--table.csv",
        "parts/01-audit.estimates.json", "estimates.json", "quantities.json", "tests.json",
    }  # fmt: skip
    assert [row["spec_id"] for row in json.loads(first["estimates.json"])] == ["a", "b"]
    assert b"511900" in first["notebooks/04-report-511900.ipynb"]
    assert str(output).encode() not in first["notebooks/01-audit.ipynb"]
    assert record["runs"]["04-report-511900"]["parameters"] == {"prefecture": "511900"}
    assert set(record["outputs"]) == set(first)
    assert record["inputs"]["data/counties.csv"]
    assert "2 executed, 0 unchanged" in capsys.readouterr().out

    assert run(project, output)
    assert "0 executed, 2 unchanged" in capsys.readouterr().out
    assert manifest(output) == record

    assert run(project, output, force=True)
    assert "2 executed" in capsys.readouterr().out
    assert contents(output) == first


def test_only_what_changed_is_executed_again(
    project: Project, output: Path, write_notebook: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write_notebook(project.notebooks / "01-a.ipynb", PUBLISH)
    path = write_notebook(project.notebooks / "02-b.ipynb", PUBLISH)
    assert run(project, output)

    write_notebook(path, PUBLISH, "1 + 1")
    assert run(project, output)
    assert "1 executed, 1 unchanged" in capsys.readouterr().out.splitlines()[-1]

    document = nbformat.read(path, as_version=4)
    document.cells[0].outputs = [nbformat.v4.new_output("stream", text="saved output")]
    nbformat.write(document, path)
    assert run(project, output)
    assert "0 executed, 2 unchanged" in capsys.readouterr().out

    (output / "tables" / "01-a--table.csv").write_text("edited", encoding="utf-8")
    assert run(project, output)
    assert "1 executed, 1 unchanged" in capsys.readouterr().out
    assert (output / "tables" / "01-a--table.csv").read_text(encoding="utf-8") == "01-a"

    path.unlink()
    assert run(project, output)
    assert "0 executed, 1 unchanged" in capsys.readouterr().out
    assert {row["notebook"] for row in json.loads(contents(output)["estimates.json"])} == {"01-a"}

    (project.root / "data" / "counties.csv").write_text("code\n330803\n", encoding="utf-8")
    assert run(project, output)
    assert "1 executed, 0 unchanged" in capsys.readouterr().out
    assert not [name for name in contents(output) if "02-b" in name]
    assert {row["notebook"] for row in json.loads(contents(output)["estimates.json"])} == {"01-a"}


def test_a_notebook_runs_again_only_for_modules_that_it_stands_on(
    project: Project, output: Path, write_notebook: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    library = project.root / "lib" / "shanhai"
    for name, text in {"a": "from shanhai import far", "far": "", "chart": "", "run/kernel": ""}.items():
        (library / name).parent.mkdir(parents=True, exist_ok=True)
        (library / f"{name}.py").write_text(text, encoding="utf-8")
    use = "try:\n    import shanhai.{}\nexcept ImportError:\n    pass"
    write_notebook(project.notebooks / "01-a.ipynb", use.format("a"))
    write_notebook(project.notebooks / "02-b.ipynb", use.format("chart"))
    write_notebook(project.notebooks / "03-c.ipynb", "name = 'x'\nif False:\n    __import__(name)")

    def executed(changed: str) -> str:
        (library / f"{changed}.py").write_text(f"changed = {changed!r}", encoding="utf-8")
        assert run(project, output)
        return capsys.readouterr().out.splitlines()[-1].partition(",")[0]

    assert [executed(name) for name in ("run/kernel", "far", "chart", "run/kernel")][1:] == [
        "2 executed", "2 executed", "0 executed",
    ]  # fmt: skip


def test_failing_notebook_leaves_partial_copy_and_the_others_run(
    project: Project, output: Path, write_notebook: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write_notebook(
        project.notebooks / "01-bad.ipynb", PUBLISH, "print('before')", "# why\nfrom math import nothing", "1"
    )
    write_notebook(project.notebooks / "02-good.ipynb", PUBLISH)
    write_notebook(project.notebooks / "03-dies.ipynb", "2", "__import__('os')._exit(3)")

    assert not run(project, output)
    shown, partial = capsys.readouterr(), (output / "notebooks" / "01-bad.ipynb").read_text(encoding="utf-8")
    assert "FAILED 01-bad: 01-bad stopped in code cell 3 of 4 (`# why`): ImportError" in shown.err
    assert "FAILED 03-dies: 03-dies stopped in code cell 2 of 2 (`__import__('os')._exit(3)`)" in shown.err
    assert str(output / "notebooks" / "01-bad.ipynb") in shown.err
    assert "before" in partial
    assert "ImportError" in partial
    assert "tables/02-good--table.csv" in contents(output)
    assert "tables/01-bad--table.csv" not in contents(output)
    assert {row["notebook"] for row in json.loads(contents(output)["estimates.json"])} == {"02-good"}
    assert set(manifest(output)["errors"]) == {"01-bad", "03-dies"}
    assert "3 executed, 0 unchanged, 2 failed" in shown.out


def test_a_failure_that_cannot_be_noted_leaves_the_earlier_result(
    project: Project, output: Path, write_notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebook(project.notebooks / "01-a.ipynb", "1")
    assert run(project, output)
    before = contents(output)
    write_notebook(project.notebooks / "01-a.ipynb", "from math import nothing")

    def full(self: Journal, name: str, record: Record) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(Journal, "note", full)
        with pytest.raises(OSError, match="No space"):
            run(project, output)
    assert contents(output) == before
    assert not run(project, output)
    assert "ImportError" in (output / "notebooks" / "01-a.ipynb").read_text(encoding="utf-8")


def test_a_cell_past_its_limit_fails_its_run_and_leaves_no_kernel(
    project: Project, output: Path, write_notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebook(project.notebooks / "01-a.ipynb", "import time\ntime.sleep(600)")
    monkeypatch.setenv(LIMIT_VARIABLE, "2")
    assert not run(project, output)
    failed = read_records(output)["01-a"]
    assert not failed.ok and failed.failure is not None
    assert failed.failure["cell"] == "in code cell 1 of 1 (`import time`)"
    assert "the cell took more than 2 s; --cell-limit SECONDS gives it more" in (failed.error or "")
    assert not [
        child for child in psutil.Process().children(recursive=True) if "ipykernel" in " ".join(child.cmdline())
    ]


def test_warning_of_pandas_fails_a_notebook(project: Project, output: Path, write_notebook: Write) -> None:
    write_notebook(
        project.notebooks / "01-warns.ipynb",
        "import warnings, pandas",
        "warnings.warn('slow', pandas.errors.PerformanceWarning)",
    )
    assert not run(project, output)
    assert "PerformanceWarning: slow" in manifest(output)["errors"]["01-warns"]


def test_kernel_sees_no_settings_of_the_user(
    project: Project, output: Path, write_notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHANHAI_RUN", "of-the-user")
    write_notebook(
        project.notebooks / "01-who.ipynb",
        "import os, sys, pathlib",
        f"assert sys.executable == {__import__('sys').executable!r}",
        "assert pathlib.Path.cwd().name == 'notebooks'",
        "assert os.environ['SHANHAI_RUN'] == '01-who' and os.environ['PYTHONHASHSEED'] == '0'",
        "assert 'of-the-user' not in os.environ['PYTHONPATH']",
        "import matplotlib; assert 'inline' in matplotlib.get_backend()",
    )
    assert run(project, output), manifest(output)["errors"]


@pytest.mark.parametrize("runs", [1, 4], ids=["fresh kernels", "forked where that is safe"])
def test_modules_beside_the_notebooks_or_in_the_current_folder_are_not_run(
    runs: int, project: Project, output: Path, tmp_path: Path, write_notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for folder in (here, project.notebooks):
        for name in ("random", "shanhai", "sitecustomize", "numpy", "ipykernel", "decimal"):
            (folder / f"{name}.py").write_text(f"raise SystemExit('{name}.py was run')", encoding="utf-8")
    for number in range(runs):
        write_notebook(
            project.notebooks / f"0{number}-a.ipynb",
            "import sys, random, decimal, numpy, shanhai",
            "assert not {'', '.', __import__('os').getcwd()} & set(sys.path), sys.path",
        )
    assert reproduce(output, project, jobs=1, derived=()), manifest(output)["errors"]
    with pytest.raises(NotebookError, match=r"no\.csv was not written: KeyError: 'no\.csv'"):
        derive("no.csv", here / "no.csv")  # it comes to its own first lines


PUT_BACK = """\
import os, pathlib
data = pathlib.Path.cwd().parent / "data" / "counties.csv"
text, status = data.read_bytes(), data.stat()
_ = data.write_text("code\\n000000\\n")
print(data.read_text())
_ = data.write_bytes(text)
os.utime(data, ns=(status.st_atime_ns, status.st_mtime_ns))
"""


def test_a_result_of_data_that_changed_and_were_put_back_is_not_kept(
    project: Project, output: Path, write_notebook: Write
) -> None:
    write_notebook(project.notebooks / "01-before.ipynb", "1", "2", "3")
    path = write_notebook(project.notebooks / "02-during.ipynb", PUT_BACK)
    with pytest.raises(InputsChangedError, match=r"data/counties\.csv changed while .*run the command again"):
        reproduce(output, project, jobs=1, derived=())
    assert list(manifest(output)["runs"]) == ["01-before"]
    assert set(contents(output)) == {"notebooks/01-before.ipynb"}
    write_notebook(path, "open('../notebooks/02-during.ipynb', 'a').close()", "import os; os.utime('02-during.ipynb')")
    with pytest.raises(InputsChangedError, match=r"02-during\.ipynb changed"):
        reproduce(output, project, jobs=1, derived=())


def test_results_of_packages_that_changed_are_not_kept_and_changed_packages_run_all_again(
    project: Project, output: Path, write_notebook: Write, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    write_notebook(project.notebooks / "01-a.ipynb", "1")
    now = iter("abbbbcc")
    monkeypatch.setattr("shanhai.run.project.read_packages", lambda: next(now))
    monkeypatch.setattr("shanhai.run.jobs.read_packages", lambda: next(now))
    with pytest.raises(InputsChangedError, match="packages of this Python changed"):
        run(project, output)
    assert manifest(output)["runs"] == {}
    for words in ("1 executed, 0 unchanged", "0 executed, 1 unchanged", "1 executed, 0 unchanged"):
        assert run(project, output)
        assert words in capsys.readouterr().out


def test_impossible_run_is_refused_before_anything_is_executed(
    project: Project, output: Path, write_notebook: Write
) -> None:
    write_notebook(project.notebooks / "01-a.ipynb", parameters='language: str = "en"  # of labels')
    (project.notebooks / "runs.toml").write_text('["01-a"]\nruns = [{language = "fr"}]\n', encoding="utf-8")
    with pytest.raises(ParameterError, match="allowed are en, zh, both"):
        run(project, output)
    assert not output.exists()


def test_two_notebooks_that_give_one_number_differently_fail_the_batch(
    project: Project, output: Path, write_notebook: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("01-a", "0.25"), ("02-b", "0.25 + 1e-13"), ("03-c", "0.26")):
        cell = PUBLISH.replace('"estimate": 1 / 3', f'"id": "x" + spec, "estimate": {value}')
        write_notebook(project.notebooks / f"{name}.ipynb", cell)
    assert not run(project, output)
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith("FAILED")] == [
        "FAILED estimates.json: estimate of 'x' in 'x' differs between 01-a (0.25) and 03-c (0.26)"
    ] * 2
    (project.notebooks / "03-c.ipynb").unlink()
    assert run(project, output)


SPOKEN = """\
import json, os, pathlib
folder, run = pathlib.Path(os.environ["SHANHAI_OUTPUT"]), os.environ["SHANHAI_RUN"]
(folder / "parts").mkdir()
row = {"notebook": run, "id": "a", "term": "t", "model": "m", "estimate": value, "language": language}
_ = (folder / "parts" / f"{run}.estimates.json").write_text(json.dumps([row]))
print(language)
"""


@pytest.mark.parametrize(("value", "agree"), [("1.5", True), ('1.5 + (language == "zh")', False)])
def test_a_notebook_with_a_language_runs_in_chinese_too_and_both_give_the_same_numbers(
    project: Project, output: Path, write_notebook: Write, value: str, agree: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = 'language: str = "en"  # en, zh or both'
    write_notebook(project.notebooks / "01-spoken.ipynb", f"value = {value}", SPOKEN, parameters=cell)
    write_notebook(project.notebooks / "02-silent.ipynb", "print(1)")

    assert run(project, output) is agree
    assert set(manifest(output)["runs"]) == {"01-spoken", "zh/01-spoken", "02-silent"}
    chinese = nbformat.read(output / "zh" / "notebooks" / "01-spoken.ipynb", as_version=4)
    assert chinese.cells[-1].outputs[0].text == "zh\n"
    merged = json.loads((output / "estimates.json").read_text(encoding="utf-8"))
    assert [row["language"] for row in merged] == ["en"]
    assert ("differs between 01-spoken (1.5) and zh/01-spoken (2.5)" in capsys.readouterr().err) is not agree


def test_the_report_is_made_again_when_a_page_that_it_alone_reads_has_changed(
    project: Project, output: Path, write_notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    def report(results: Path, folder: Path) -> None:
        made.append(results)
        (folder / "report").mkdir()
        (folder / "report" / "index.html").write_text(f"{len(made)}", encoding="utf-8")

    monkeypatch.setattr("shanhai.run.batch.make_report", report)
    write_notebook(project.notebooks / "01-audit.ipynb", "language", parameters='language: str = "en"  # en or zh')
    page, citation = project.root / "lib" / "docs" / "zh" / "conley.md", project.root / "CITATION.cff"
    page.parent.mkdir(parents=True)
    for written, calls in ((page, 1), (None, 1), (page, 2), (citation, 3), (None, 3)):
        if written:
            written.write_text(f"{calls}", encoding="utf-8")
        assert reproduce(output, project, jobs=1, derived=(REPORT,))
        assert len(made) == calls
        assert (output / "report" / "index.html").read_text(encoding="utf-8") == f"{calls}"
