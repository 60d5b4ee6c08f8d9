"""Parameters of notebooks: read without running, refused when unknown or of another type."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shanhai.core.errors import ParameterError
from shanhai.core.paths import NOTEBOOKS
from shanhai.run.parameters import check_parameters, parse_parameters, read_parameters

CELL = """\
prefecture: str = "330800"  # code of a prefecture
bands: list[float] = [25.0, 50.0]  # distances in km
draws: int = 99  # random draws
detail: bool = False  # whether counties are listed
"""


@pytest.fixture
def notebook(tmp_path: Path, write_notebook: Callable[..., Path]) -> Path:
    return write_notebook(tmp_path / "04-report.ipynb", "print(prefecture)", parameters=CELL)


def test_names_types_defaults_help(notebook: Path) -> None:
    found = read_parameters(notebook)
    assert list(found) == ["prefecture", "bands", "draws", "detail"]
    assert found["prefecture"].default == "330800"
    assert found["prefecture"].help == "code of a prefecture"
    assert found["bands"].annotation == "list[float]"


def test_notebook_without_parameters(tmp_path: Path, write_notebook: Callable[..., Path]) -> None:
    assert read_parameters(write_notebook(tmp_path / "a.ipynb", "1 + 1")) == {}


def test_hash_sign_inside_a_value_is_no_comment(tmp_path: Path, write_notebook: Callable[..., Path]) -> None:
    path = write_notebook(tmp_path / "a.ipynb", parameters='colour: str = "#山海"  # a colour')
    assert read_parameters(path)["colour"].default == "#山海"


@pytest.mark.parametrize(
    "line",
    [
        'prefecture = "330800"  # no type',
        'prefecture: str = "330800"',
        "draws: int = 9 * 11  # computed",
        "import os",
        "draws: int  # no value",
        "draws: complex = 1j  # no type of ours",
        'draws: int = "99"  # another type',
        "draws: int = True  # a truth value is no number",
    ],
)
def test_cell_holds_typed_literals_with_help_only(
    line: str, tmp_path: Path, write_notebook: Callable[..., Path]
) -> None:
    with pytest.raises(ParameterError):
        read_parameters(write_notebook(tmp_path / "a.ipynb", parameters=line))


def test_unknown_name_is_refused_and_the_known_ones_are_named(notebook: Path) -> None:
    with pytest.raises(ParameterError, match=r"no parameter 'prefcture'.*prefecture: str \(code of a prefecture\)"):
        check_parameters(notebook, {"prefcture": "330800"})


@pytest.mark.parametrize(
    "values",
    [
        {"prefecture": ["330800"]},
        {"prefecture": True},
        {"draws": 9.5},
        {"draws": True},
        {"bands": 25.0},
        {"bands": ["25"]},
        {"detail": "yes"},
    ],
)
def test_value_of_another_type_is_refused(values: dict[str, object], notebook: Path) -> None:
    with pytest.raises(ParameterError, match="must be of type"):
        check_parameters(notebook, values)


def test_command_line_texts_take_the_declared_type(notebook: Path) -> None:
    texts = {"detail": "true", "prefecture": "330800", "bands": "10, 20.5", "draws": "7"}
    parsed = parse_parameters(notebook, texts)
    assert parsed == {"prefecture": "330800", "bands": [10.0, 20.5], "draws": 7, "detail": True}
    assert list(parsed) == ["prefecture", "bands", "draws", "detail"]


@pytest.mark.parametrize("texts", [{"draws": "many"}, {"detail": "perhaps"}, {"bands": "10;20"}])
def test_command_line_text_of_another_type_is_refused(texts: dict[str, str], notebook: Path) -> None:
    with pytest.raises(ParameterError, match="must be of type"):
        parse_parameters(notebook, texts)


@pytest.mark.parametrize("text", ["nan", "10, inf", "-1e999"])
def test_no_finite_number_is_refused_as_such_and_zero_has_one_sign(text: str, notebook: Path) -> None:
    with pytest.raises(ParameterError, match=r"bands is -?(nan|inf), which is no finite number; give one"):
        parse_parameters(notebook, {"bands": text})
    assert f"{parse_parameters(notebook, {'bands': '-0'})['bands']}" == "[0.0]"


def test_a_decimal_comma_is_told_to_be_a_point() -> None:
    with pytest.raises(ParameterError, match="announced_growth is '8,2'; write a decimal point"):
        parse_parameters(NOTEBOOKS / "09-follow-targets.ipynb", {"announced_growth": "8,2"})
