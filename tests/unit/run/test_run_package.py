"""The commands ``package`` and ``verify``: results of other files are not packed, what differs is said and counted."""

import ast
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from shanhai.core.errors import PackageError
from shanhai.core.paths import LIBRARY
from shanhai.core.sources import hash_file
from shanhai.report.package.archive import write_archive
from shanhai.report.package.sums import SUMS, sums_text
from shanhai.run.batch import reproduce
from shanhai.run.cli import main
from shanhai.run.package import make_package, verification
from shanhai.run.progress import MESSAGES
from shanhai.run.project import Project

Write = Callable[..., Path]

HAN = re.compile(r"[\u4e00-\u9fff]")

BOOTSTRAP = """\
import json, pathlib, sys
command, force, option, folder = sys.argv[1:]
assert (command, force, option) == ("reproduce", "--force", "--output")
folder = pathlib.Path(folder)
for name, text in json.loads(pathlib.Path("made.json").read_text(encoding="utf-8")).items():
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
sys.exit(int(pathlib.Path("status").read_text()))
"""
"""Stands for bootstrap.py of a package: it writes the results that the package says it would make."""


def files_of(
    made: dict[str, str],
    stored: dict[str, str],
    status: int = 0,
    inputs: tuple[str, ...] = (),
    outputs: tuple[str, ...] = (),
) -> dict[str, bytes]:
    manifest = {"inputs": dict.fromkeys(inputs, "0"), "outputs": dict.fromkeys(outputs, "0")}
    results = stored | {"manifest.json": json.dumps(manifest)}
    files = {"bootstrap.py": BOOTSTRAP, "made.json": json.dumps(made), "status": str(status)}
    files |= {f"outputs/reproduce/{name}": text for name, text in results.items()}
    return {name: text.encode() for name, text in files.items()}


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., Path]:
    """Write an archive whose code makes some results and stores others; with ``folder=True`` unpacked."""

    def write(made: dict[str, str], stored: dict[str, str], *, folder: bool = False, **options: object) -> Path:
        members = files_of(made, stored, **options)  # type: ignore[arg-type]
        written = tmp_path / "files"
        shutil.rmtree(written, ignore_errors=True)
        for name, content in members.items():
            (written / name).parent.mkdir(parents=True, exist_ok=True)
            (written / name).write_bytes(content)
        members[SUMS] = sums_text({name: hash_file(written / name) for name in members}).encode()
        (written / SUMS).write_bytes(members[SUMS])
        write_archive(tmp_path / "a.zip", "top", dict(members))
        return written if folder else tmp_path / "a.zip"

    return write


@pytest.mark.parametrize("folder", [False, True])
def test_results_that_are_made_again_are_compared_file_by_file(pack: Callable[..., Path], folder: bool) -> None:
    made = {"same.csv": "1.0", "digits.csv": "a,0.1", "numbers.csv": "a,2", "new.csv": "", "manifest.json": "{}"}
    stored = {"same.csv": "1.0", "digits.csv": "a,0.10000000000000002", "numbers.csv": "a,1", "gone.csv": ""}
    package = pack(made | {"figures/a.png": "x"}, stored, folder=folder, outputs=("figures/a.png",))
    lines, is_same = verification(package, rerun=True)
    assert lines == [
        "8 files in the list, 0 not as it has them.",
        "last digits digits.csv (largest relative difference 1.4e-16, as another processor or Python makes)",
        "differs     figures/a.png (only its checksum is in the package)",
        "missing     gone.csv (not made again)",
        "added       new.csv (not in the package)",
        "differs     numbers.csv (numbers, largest relative difference 5.0e-01)",
        "Executed again: 4 results differ, 1 are other bytes with the same contents or last digits.",
        "What another processor or another version of Python may change:",
        "  csv, json, html, md, tex, txt, ipynb, xlsx, docx, pptx: each number by 1e-08 of its size; 1 files do, "
        "the largest relative difference is 1.4e-16.",
        "  pdf, svg: each coordinate by 0.001 points; 0 files do.",
        "  png: each colour of a pixel by 2 of 255 levels; 0 files do.",
        "  All else is to be the same: words, marks, counts, and every file that was not computed.",
    ]
    assert not is_same


def test_last_digits_alone_are_no_difference(pack: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    package = pack({"a.csv": "0.1"}, {"a.csv": "0.10000000000000002"})
    assert main(["verify", str(package), "--rerun"]) == 0
    assert "last digits a.csv" in capsys.readouterr().out


def test_a_package_that_cannot_be_run_is_refused(pack: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="ended with status 1"):
        verification(pack({}, {}, status=1), rerun=True)
    with pytest.raises(PackageError, match=r"files of somebody's own that are not in it: replace/table/county_gdp.csv"):
        verification(pack({}, {}, inputs=("replace/table/county_gdp.csv",)), rerun=True)


def test_the_status_says_whether_files_differ_or_nothing_could_be_compared(
    pack: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = pack({}, {"a.csv": "1"}, folder=True)
    assert main(["verify", str(package)]) == 0
    (package / "outputs" / "reproduce" / "a.csv").write_text("2", encoding="utf-8")
    assert main(["verify", str(package)]) == 1
    assert capsys.readouterr().out.splitlines()[-2] == "differs  outputs/reproduce/a.csv"
    (package / SUMS).unlink()
    assert main(["verify", str(package)]) == 5
    assert "holds no SHA256SUMS" in capsys.readouterr().err


def test_code_of_a_changed_archive_is_not_run(pack: Callable[..., Path], tmp_path: Path) -> None:
    members = files_of({}, {}) | {SUMS: sums_text({"bootstrap.py": "0" * 64}).encode()}
    write_archive(tmp_path / "b.zip", "top", dict(members))
    with pytest.raises(PackageError, match="its code is not run"):
        verification(tmp_path / "b.zip", rerun=True)


def test_inputs_that_changed_since_the_results_were_made_are_named(
    project: Project, tmp_path: Path, write_notebook: Write
) -> None:
    cell = 'language: str = "en"  # en, zh or both'
    path = write_notebook(project.notebooks / "01-audit.ipynb", "1 + 1", parameters=cell)
    assert reproduce(tmp_path / "results", project, jobs=2, derived=())

    def refused() -> str:
        with pytest.raises(PackageError) as caught:
            make_package(tmp_path / "results", tmp_path / "a.zip", project)
        return str(caught.value)

    assert "no checkout of git" in refused()  # nothing has changed: the next thing that is missing is said
    document = nbformat.read(path, as_version=4)
    document.cells[1].source = "1 + 2"
    nbformat.write(document, path)
    (project.root / "data" / "counties.csv").write_text("code\n330803\n", encoding="utf-8")
    assert "other files than those here: data/counties.csv, notebooks/01-audit.ipynb. Run" in refused()
    write_notebook(project.notebooks / "02-new.ipynb", "1 + 1")
    assert ".ipynb, 02-new. Run" in refused()


def test_results_of_other_files_are_not_packed(
    project: Project, tmp_path: Path, write_notebook: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = 'language: str = "en"  # en, zh or both'
    write_notebook(project.notebooks / "01-audit.ipynb", "1 + 1", parameters=cell)
    assert reproduce(tmp_path / "results", project, jobs=2, derived=())
    assert main(["package", "--from", str(tmp_path / "results"), "--to", str(tmp_path / "a.zip")]) == 5
    assert "made from other files than those here" in capsys.readouterr().err
    assert not (tmp_path / "a.zip").exists()
    assert main(["package", "--from", str(tmp_path / "nowhere")]) == 1
    assert "holds no manifest.json" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("text", [None, "{", "[]", '{"inputs": 1}'])
def test_a_package_without_a_sound_manifest_is_not_run(
    text: str | None, pack: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    package = pack({}, {}, folder=True)
    manifest = package / "outputs" / "reproduce" / "manifest.json"
    manifest.unlink() if text is None else manifest.write_text(text, encoding="utf-8")
    assert main(["verify", str(package), "--rerun"]) == 5
    assert "manifest" in capsys.readouterr().err


@pytest.mark.parametrize(
    "module", ["report/package/verify", "report/package/sums", "report/package/names", "report/package/archive"]
)
def test_each_refusal_of_verify_has_its_chinese(module: str) -> None:
    raised = list(refusals(LIBRARY / f"{module}.py"))
    english = [text for text in raised if not HAN.search(MESSAGES(text, "zh"))]
    assert raised and english == []


def refusals(path: Path) -> Iterator[str]:
    """Texts of the errors that a module raises, with a sample in each hole."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "PackageError":
            parts = node.args[0].values if isinstance(node.args[0], ast.JoinedStr) else node.args
            samples = ("'x'" if "!r" in ast.unparse(part) else "7" for part in parts)
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else sample
                for part, sample in zip(parts, samples, strict=True)
            )


def test_verify_speaks_chinese(pack: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    made = {"same.csv": "1.0", "digits.csv": "a,0.1", "numbers.csv": "a,2", "words.txt": "b", "new.csv": ""}
    stored = {"same.csv": "1.0", "digits.csv": "a,0.10000000000000002", "numbers.csv": "a,1", "words.txt": "a"}
    stored |= {"gone.csv": ""}
    package = pack(made | {"figures/a.png": "x"}, stored, folder=True, outputs=("figures/a.png",))
    (package / "status").write_text("0 ", encoding="utf-8")
    (package / "more.txt").touch()
    assert main(["verify", str(package), "--rerun", "--language", "zh"]) == 1
    told = capsys.readouterr().out
    assert "多出    more.txt\n不一致  status\n清单共列9个文件，其中2个不一致。\n" in told
    assert "末位不同  digits.csv（最大相对差异为1.4e-16，由处理器或Python不同所致）" in told
    assert not re.search(r"\b[a-z]{2,} [a-z]{2,}\b", told), told


def test_verify_refuses_in_the_language_of_the_locale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "manifest.json").write_text('{"inputs": {"data', encoding="utf-8")
    assert main(["verify", str(tmp_path)]) == 5
    assert "manifest.json is there but cannot be read" in capsys.readouterr().err
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main(["verify", str(tmp_path)]) == 5
    assert "manifest.json存在但无法读取" in capsys.readouterr().err
    assert main(["verify", str(tmp_path / "gone"), "--language", "en"]) == 5
    assert "no folder and no file" in capsys.readouterr().err
