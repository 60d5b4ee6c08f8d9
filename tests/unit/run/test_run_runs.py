"""Registered runs: notebooks by glob, parameters by runs.toml."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shanhai.core.errors import NotebookError, ParameterError, UnknownPlaceError
from shanhai.core.notebooks import find_notebooks
from shanhai.run.project import fingerprint
from shanhai.run.runs import Run, find_notebook, listed_runs, named_run

CELL = 'prefecture: str = "330800"  # code of a prefecture'


@pytest.fixture
def folder(tmp_path: Path, write_notebook: Callable[..., Path]) -> Path:
    folder = tmp_path / "notebooks"
    write_notebook(folder / "01-audit.ipynb", "1")
    write_notebook(folder / "04-report.ipynb", "prefecture", parameters=CELL)
    return folder


def test_notebook_without_entry_runs_once_with_defaults(folder: Path) -> None:
    assert [(run.name, run.parameters) for run in listed_runs(folder)] == [("01-audit", {}), ("04-report", {})]


def test_each_entry_is_a_run_named_by_its_values(folder: Path) -> None:
    (folder / "runs.toml").write_text(
        '["04-report"]\nruns = [{prefecture = "330800"}, {prefecture = "511900"}]\n', encoding="utf-8"
    )
    assert [run.name for run in listed_runs(folder)] == ["01-audit", "04-report-330800", "04-report-511900"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('["05-nothing"]\nruns = [{}]', "is no notebook"),
        ('["04-report"]\nruns = [{county = "330802"}]', "has no parameter 'county'"),
        ('["04-report"]\nruns = [{prefecture = true}]', "must be of type str"),
        ('["04-report"]\nruns = [{prefecture = "330800"}, {prefecture = "330800"}]', "twice"),
        ('["04-report"]\nruns = [{prefecture = "330800"}, {prefecture = "衢州"}]', "lists 04-report-330800 twice"),
        ('["04-report"]\nrun = []', "needs exactly one line"),
        ("[[", "not valid TOML"),
    ],
)
def test_register_that_cannot_be_run_is_refused(text: str, message: str, folder: Path) -> None:
    (folder / "runs.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match=message):
        listed_runs(folder)


@pytest.mark.parametrize("query", ["04-report", "04", "4", "004", "4.ipynb", "notebooks/04-report.ipynb"])
def test_notebook_by_name_number_or_path(query: str, folder: Path) -> None:
    assert find_notebook(folder, query) == folder / "04-report.ipynb"


def test_a_notebook_of_the_users_own_is_named_by_its_path_and_runs_under_a_name_of_its_own(
    folder: Path, write_notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = write_notebook(folder / "mine" / "04-report.ipynb", "1")
    monkeypatch.chdir(folder)
    for query in ("notebooks/mine/04-report.ipynb", "mine/04-report.ipynb", str(own)):
        assert find_notebook(folder, query, own=True) == own
        with pytest.raises(ParameterError, match="is no notebook of this project"):
            find_notebook(folder, query)
    assert named_run(own, {}).name == "mine-04-report"
    with pytest.raises(ParameterError, match="is no notebook of this project"):
        find_notebook(folder, "mine/absent.ipynb", own=True)


def test_notebooks_that_open_the_project_are_no_runs(folder: Path, write_notebook: Callable[..., Path]) -> None:
    for name in ("00-start-here", "00-start-here-zh", "00-explore"):
        write_notebook(folder / f"{name}.ipynb", "1")
    assert [run.name for run in listed_runs(folder)] == ["01-audit", "04-report"]
    assert list(find_notebooks(folder)) == ["00-explore", "01-audit", "04-report"]


def test_unknown_notebook_names_the_choices(folder: Path) -> None:
    with pytest.raises(ParameterError, match="01-audit, 04-report"):
        find_notebook(folder, "07")


def test_a_file_elsewhere_is_refused_and_a_path_to_a_notebook_taken(
    folder: Path, tmp_path: Path, write_notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = write_notebook(tmp_path / "elsewhere" / "04-report.ipynb", "1")
    for query in (str(elsewhere), "elsewhere/04-report.ipynb", "elsewhere/04", "../04-report.ipynb", "gone/04"):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ParameterError, match=r"is no notebook of this project, .*01-audit, 04-report"):
            find_notebook(folder, query)
    assert find_notebook(folder, str(folder / "04-report.ipynb")) == folder / "04-report.ipynb"
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert find_notebook(folder, "../notebooks/04-report.ipynb") == folder / "04-report.ipynb"
    (tmp_path / "elsewhere" / "notebooks").mkdir()
    write_notebook(tmp_path / "elsewhere" / "notebooks" / "04-report.ipynb", "1")
    with pytest.raises(ParameterError, match="is no notebook of this project"):
        find_notebook(folder, "notebooks/04-report.ipynb")


def test_no_two_sets_of_parameters_have_one_name(tmp_path: Path, write_notebook: Callable[..., Path]) -> None:
    cell = """\
growth: float = 8.2  # percent
draws: int = 999  # draws
seed: int = 1  # seed
note: str = ""  # words
weights: list[str] = []  # weights"""
    notebook = write_notebook(tmp_path / "09-x.ipynb", parameters=cell)
    given = [
        *({"growth": value} for value in (8.2, -8.2, 82.0, 0.0)),
        *({name: value} for name in ("draws", "seed") for value in (999, -999, 1)),
        {"draws": 9, "seed": 99}, {"draws": 99, "seed": 9}, {"draws": 999, "seed": 1}, {},
        *({"note": value} for value in ("", "a", "A", "a b", "a-b", "a/b", "a%2Fb", "-a", "衢州", "衢 州")),
        {"note": "x" * 300}, {"note": "x" * 301}, {"note": "a-seed=1"}, {"note": "a", "seed": 1},
        *({"weights": value} for value in ([], ["a=2"], ["a", "2"], ["a,2"], ["[]"])),
    ]  # fmt: skip
    names = [named_run(notebook, values).name for values in given]
    assert len({name.casefold() for name in names}) == len(given)
    assert all(len(name.encode()) < 140 and not set(name) & set('/\\:*?"<>| ') for name in names)
    assert named_run(notebook, {"growth": 8}).name == named_run(notebook, {"growth": 8.0}).name == "09-x-growth=8.0"
    assert names[1] == "09-x-growth=-8.2"


def test_a_register_with_the_mark_of_an_editor_is_read_and_one_in_another_encoding_named(folder: Path) -> None:
    text = '["04-report"]  # 衢州\nruns = [{prefecture = "330800"}]\n'
    (folder / "runs.toml").write_bytes(text.encode("utf-8-sig"))
    assert [run.name for run in listed_runs(folder)] == ["01-audit", "04-report-330800"]
    for encoding in ("utf-16", "gbk"):
        (folder / "runs.toml").write_bytes(text.encode(encoding))
        with pytest.raises(ParameterError, match="is not text in UTF-8"):
            listed_runs(folder)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"cells": [1]}', b'{"cells": 3}', "衢州".encode("gbk"), b"[" * 99_999]
)
def test_a_damaged_notebook_is_named(content: bytes, folder: Path) -> None:
    (folder / "04-report.ipynb").write_bytes(content)
    with pytest.raises(
        NotebookError, match=r"04-report\.ipynb cannot be read as a notebook: .*begin anew with `shanhai new NAME`"
    ):
        listed_runs(folder)
    with pytest.raises(NotebookError, match=r"04-report\.ipynb cannot be read"):
        fingerprint("", Run("04-report", folder / "04-report.ipynb"))


@pytest.mark.parametrize(
    "place", ["巴中", "巴中市", "Bazhong", "bazhong", "511900", 511900, 511900.0, "511900 ", "５１１９００"]
)
def test_a_place_gives_one_run_however_it_is_written(place: str | int, folder: Path) -> None:
    run = named_run(folder / "04-report.ipynb", {"prefecture": place})
    assert (run.name, dict(run.parameters)) == ("04-report-prefecture=511900", {"prefecture": "511900"})


def test_a_listed_place_is_named_by_its_code(folder: Path) -> None:
    text = '["04-report"]\nruns = [{prefecture = "衢州"}, {prefecture = 511900}]\n'
    (folder / "runs.toml").write_text(text, encoding="utf-8")
    assert [run.name for run in listed_runs(folder)] == ["01-audit", "04-report-330800", "04-report-511900"]


@pytest.mark.parametrize("pair", ["巴中-金华", "Jinhua-Bazhong", "511900-330700", "金华市 - 巴中市"])
def test_a_pair_gives_one_run_however_it_is_written(
    pair: str, tmp_path: Path, write_notebook: Callable[..., Path]
) -> None:
    notebook = write_notebook(tmp_path / "14-x.ipynb", parameters='pair: str = "Zhejiang"  # a pair')
    assert named_run(notebook, {"pair": pair}).name == "14-x-pair=511900-330700"


def test_a_name_that_several_bear_is_refused_before_anything_runs(folder: Path) -> None:
    with pytest.raises(UnknownPlaceError, match=r"names 2 units of level prefecture: 320500 .*; 341300 "):
        named_run(folder / "04-report.ipynb", {"prefecture": "Suzhou"})
