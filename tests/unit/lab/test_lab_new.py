"""A new notebook of one's own runs as it is, and its name is one that every system takes."""

import json
from pathlib import Path

import numpy as np
import pytest
from cells import executed

from shanhai.core.errors import NotebookError, ParameterError
from shanhai.core.locales import language_of
from shanhai.core.notebooks import read_cells
from shanhai.core.paths import OUTPUT_VARIABLE, RUN_VARIABLE
from shanhai.lab import own
from shanhai.render import PublishedFigure, PublishedTable
from shanhai.studies.border.analysis import analysis_frame


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "notebooks" / "mine"
    folder.parent.mkdir()
    monkeypatch.setattr(own, "MINE", folder)
    monkeypatch.setattr(own, "ROOT", tmp_path)
    return folder


def border_difference() -> float:
    """Percent, by another route: least squares with NumPy on the counties of Zhejiang."""
    frame = analysis_frame()
    frame = frame[frame["province_code"].eq("330000")].dropna(subset=["gdp_per_capita_2021", "ruggedness", "on_border"])
    columns = [frame[name].astype(float) for name in ("on_border", "ruggedness", "is_district")]
    design = np.column_stack([np.ones(len(frame)), *columns])
    slopes, *_ = np.linalg.lstsq(design, np.log(frame["gdp_per_capita_2021"].astype(float)))
    return float(np.expm1(slopes[1]) * 100)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "of the other counties of Zhejiang"), ("zh", "2021年浙江省际边界县")]
)
def test_it_runs_and_answers_with_an_interval(
    language: str, said: str, mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path / "out"))
    monkeypatch.setenv(RUN_VARIABLE, "mine-省界-1")
    written = own.new_notebook("省界-1", "en" if language == "en" else "zh")
    assert written == ["notebooks/mine/省界-1.ipynb", "Next: python3 bootstrap.py lab notebooks/mine/省界-1.ipynb"]
    answer, figure, table = executed(mine / "省界-1.ipynb")
    assert said in answer.markdown
    assert f"{border_difference():.1f}%" in answer.markdown and "95%" in answer.markdown
    assert isinstance(figure, PublishedFigure) and isinstance(table, PublishedTable)
    assert (tmp_path / "out" / "tables" / "mine-省界-1--省界-1.docx").is_file()


def test_it_has_the_cells_that_an_answer_needs(mine: Path) -> None:
    own.new_notebook("mine.ipynb", "en")
    cells = json.loads((mine / "mine.ipynb").read_text(encoding="utf-8"))["cells"]
    tags = [tag for cell in cells for tag in cell["metadata"].get("tags", [])]
    assert tags == ["parameters", "question", "answer", "appendix"]
    assert "".join(cells[0]["source"]) == "# mine"
    assert "".join(cells[-1]["source"]).startswith("## References\n\n- Conley")


def test_a_notebook_that_is_there_is_never_written_over(mine: Path) -> None:
    own.new_notebook("a", "en")
    (mine / "b.ipynb").symlink_to(mine / "nowhere")
    before = (mine / "a.ipynb").read_bytes()
    for name in ("a", "a.ipynb", "b"):
        with pytest.raises(ParameterError, match="is there already"):
            own.new_notebook(name, "zh")
    assert (mine / "a.ipynb").read_bytes() == before
    assert not (mine / "nowhere").exists()


_DEVICES = ("COM1", "COM\u00b9", "lpt\u00b3.ipynb", "NUL", "浙" * 34, "\U00020000" * 80)
"""Names of devices, and names of more bytes than a file system takes twice."""


@pytest.mark.parametrize(
    ("there", "name"), [("Border", "border"), ("cafe\u0301", "caf\u00e9"), ("caf\u00e9", "CAFE\u0301")]
)
def test_a_name_that_only_some_systems_tell_from_another_is_refused(there: str, name: str, mine: Path) -> None:
    mine.mkdir()
    (mine / f"{there}.ipynb").touch()
    with pytest.raises(ParameterError, match="in other letters"):
        own.new_notebook(name, "en")
    assert len(list(mine.iterdir())) == 1


def test_an_accent_is_written_in_one_form(mine: Path) -> None:
    assert own.new_notebook("cafe\u0301", "en")[0] == "notebooks/mine/caf\u00e9.ipynb"


def test_a_broken_notebook_of_ones_own_is_not_sent_to_git(mine: Path) -> None:
    own.new_notebook("a", "en")
    (mine / "a.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(NotebookError, match=r"\.ipynb_checkpoints") as refused:
        read_cells(mine / "a.ipynb")
    assert "git checkout" not in str(refused.value)


@pytest.mark.parametrize(
    "name", ["", "../a", "a/b", ".hidden", "a b", "a" * 81, "CON", "lpt1", "-p", "a\n", "c:d", *_DEVICES]
)
def test_a_name_that_some_system_refuses_is_refused_with_an_example(name: str, mine: Path) -> None:
    with pytest.raises(ParameterError, match="as in border-of-anhui"):
        own.new_notebook(name, "en")
    assert not mine.exists()


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "de_DE.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "en_US"}, "zh"),
    ],
)
def test_language_is_that_of_the_first_variable_set(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language
