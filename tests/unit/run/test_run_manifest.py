"""A manifest from elsewhere: nobody reads or removes a file that it names outside the folder of the results."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shanhai.core.errors import ReportError
from shanhai.core.manifest import is_inside, read_records
from shanhai.core.sources import hash_file
from shanhai.run import manifest
from shanhai.run.batch import reproduce
from shanhai.run.project import Project

FILE = "of the user.txt"


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A folder of results that a batch without notebooks has written."""
    folder = tmp_path / "results"
    folder.mkdir()
    (tmp_path / FILE).write_text("years of work", encoding="utf-8")
    (folder / "link").symlink_to(tmp_path, target_is_directory=True)
    (folder / "linked.csv").symlink_to(tmp_path / FILE)
    return folder


def name_in_manifest(output: Path, name: str, **fields: Any) -> None:
    """Write a manifest that claims to have made the file, with its right hash if it is there."""
    path = output / name
    digest = hash_file(path) if path.is_file() else "0" * 64
    record = {"fingerprint": "", "ok": True, "seconds": 1.0, "outputs": {name: digest}} | fields
    (output / "manifest.json").write_text(json.dumps({"runs": {"gone": record}}), encoding="utf-8")


OUTSIDE = [
    f"../{FILE}", f"tables/../../{FILE}", f"link/{FILE}", "linked.csv", f"./../{FILE}", f"..\\{FILE}",
    f"C:/{FILE}", f"C:{FILE}", f"//server/{FILE}", f"tables//../../{FILE}", f".. /{FILE}", f"tables/.../{FILE}",
    f"tables/\0/{FILE}", "", ".", "..", "manifest.json", "Manifest.JSON", "manifest.json.",
]  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_names_that_lead_out_of_the_folder_are_not_of_it(name: str, output: Path) -> None:
    assert not is_inside(name, output)
    name_in_manifest(output, name) if "\0" not in name else None
    assert read_records(output) == {}


def test_an_absolute_name_is_not_of_the_folder(output: Path, tmp_path: Path) -> None:
    assert not is_inside(str(tmp_path / FILE), output)


@pytest.mark.parametrize("name", ["county_frame.csv", "tables/01-a--多层 t.csv", "notebooks/01-a=-8.2%20,b.ipynb"])
def test_names_of_results_are(name: str, output: Path) -> None:
    assert is_inside(name, output)


@pytest.mark.parametrize("name", [f"../{FILE}", f"link/{FILE}", "linked.csv", "/absolute"])
def test_a_batch_removes_no_file_of_the_user(name: str, output: Path, project: Project, tmp_path: Path) -> None:
    name_in_manifest(output, name if name != "/absolute" else str(tmp_path / FILE))
    assert reproduce(output, project, derived=())
    assert (tmp_path / FILE).read_text(encoding="utf-8") == "years of work"


def test_a_result_that_is_gone_is_removed_but_not_what_somebody_wrote_in_its_place(
    output: Path, project: Project
) -> None:
    (output / "tables").mkdir()
    for name in ("tables/a.csv", "tables/b.csv"):
        (output / name).write_text("result", encoding="utf-8")
    name_in_manifest(output, "tables/a.csv")
    assert reproduce(output, project, derived=())
    name_in_manifest(output, "tables/b.csv")
    (output / "tables" / "b.csv").write_text("notes on the result", encoding="utf-8")
    assert reproduce(output, project, derived=())
    assert sorted(path.name for path in (output / "tables").iterdir()) == ["b.csv"]


def test_a_result_under_a_name_of_other_case_is_the_result(
    output: Path, project: Project, write_notebook: Callable[..., Path]
) -> None:
    write_notebook(project.notebooks / "01-a.ipynb", "1")
    assert reproduce(output, project, derived=())
    copy = output / "notebooks" / "01-a.ipynb"
    other = output / "Notebooks" / "01-A.ipynb"
    if not other.exists():  # as it does where the case of names does not count
        other.parent.mkdir()
        other.hardlink_to(copy)
    record = json.loads((output / "manifest.json").read_text(encoding="utf-8"))
    record["runs"]["gone"] = record["runs"]["01-a"] | {"outputs": {"Notebooks/01-A.ipynb": hash_file(copy)}}
    (output / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    assert reproduce(output, project, derived=())
    assert other.exists()


@pytest.mark.parametrize(
    "fields",
    [{"seconds": "long"}, {"seconds": float("nan")}, {"ok": "yes"}, {"outputs": []}, {"outputs": {"a": 1}},
     {"fingerprint": None}, {"unknown": 1}],
)  # fmt: skip
def test_a_record_of_another_shape_is_left_out(fields: dict[str, Any], output: Path) -> None:
    name_in_manifest(output, "tables/a.csv", **fields)
    assert read_records(output) == {}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"runs": []}', "\ud800", "[" * 100_000])
def test_a_manifest_of_another_shape_counts_as_none(text: str, output: Path) -> None:
    (output / "manifest.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    assert read_records(output) == {}


def test_results_do_not_go_through_a_link(
    output: Path, project: Project, tmp_path: Path, write_notebook: Callable[..., Path]
) -> None:
    write_notebook(project.notebooks / "01-a.ipynb", "1")
    (output / "notebooks").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(ReportError, match=r"notebooks is a link to .*remove it and run again"):
        reproduce(output, project, derived=())
    assert not (tmp_path / "01-a.ipynb").exists()


def test_a_draft_that_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    manifest.write_json(tmp_path / "a.json", {"a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        manifest.write_json(tmp_path / "a.json", {"a": float("nan")})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"a": 1}


def test_a_checkout_around_an_unpacked_package_is_not_taken_for_its_own(project: Project) -> None:
    for command in (
        ["init", "-q"],
        ["-c", "user.name=a", "-c", "user.email=b", "commit", "-q", "--allow-empty", "-m", "c"],
    ):
        subprocess.run(["git", "-C", project.root.parent, *command], check=True, capture_output=True)
    assert manifest.describe(project)["commit"] is None
    subprocess.run(["git", "-C", project.root, "init", "-q"], check=True)
    assert manifest.describe(project)["uncommitted_changes"] is True
