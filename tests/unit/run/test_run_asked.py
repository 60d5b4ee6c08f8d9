"""What a batch is asked for: every problem is named at once, with line and nearest spelling, and nothing is guessed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shanhai.core.errors import ParameterError
from shanhai.run.asked import Asked, asked_runs
from shanhai.run.cli import main

CELL = """\
prefecture: str = "330800"  # a prefecture
county: str = ""  # a county
note: str = ""  # words
draws: int = 9  # random draws
tail: float = 0.1  # a share
weights: list[str] = []  # weights
is_quick: bool = False  # whether to hurry
language: str = "en"  # en, zh or both"""


@pytest.fixture
def folder(tmp_path: Path, write_notebook: Callable[..., Path]) -> Path:
    folder = tmp_path / "notebooks"
    write_notebook(folder / "04-report-city.ipynb", "1", parameters=CELL)
    write_notebook(folder / "09-silent.ipynb", "1", parameters="draws: int = 9  # random draws")
    return folder


def write(folder: Path, text: str, ending: str = "yaml") -> Path:
    path = folder.parent / f"runs.{ending}"
    path.write_text(text, encoding="utf-8")
    return path


def names(folder: Path, **asked: object) -> list[str]:
    return [run.key for run in asked_runs(Asked(**{"language": "en", **asked}), folder)]  # type: ignore[arg-type]


def refusal(folder: Path, **asked: object) -> list[str]:
    with pytest.raises(ParameterError) as caught:
        names(folder, **asked)
    return str(caught.value).splitlines()


def test_scalars_stay_what_was_written_and_get_the_type_of_the_notebook(folder: Path) -> None:
    text = "04:\n" + "".join(
        f"  - {{note: {scalar}}}\n"
        for scalar in ("0331", "010", "1e5", "yes", "2021-01-01", "~", "12:30", "0x1F", '""')
    )
    runs = asked_runs(Asked(file=write(folder, text), language="en"), folder)
    assert [run.parameters["note"] for run in runs] == [
        "0331", "010", "1e5", "yes", "2021-01-01", "~", "12:30", "0x1F", "",
    ]  # fmt: skip
    typed = "04:\n  - draws: 12\n    tail: 1e-1\n    is_quick: yes\n    weights: [space=1, growth=010]\n"
    (run,) = asked_runs(Asked(file=write(folder, typed), language="en"), folder)
    assert dict(run.parameters) == {"draws": 12, "tail": 0.1, "weights": ["space=1", "growth=010"], "is_quick": True}
    assert type(run.parameters["draws"]) is int


def test_everything_wrong_is_named_at_once_with_its_line(folder: Path) -> None:
    text = """\
04-report-city:
  - prefcture: 330800
  - prefecture: 0331
  - county:
  - draws: many
    tail: x
  - prefecture: 330800
  - prefecture: 衢州
  - draws: [1, 2]
  - {note: a, note: b}
07-nothing:
  - {}
09:
  - language: zh
"""
    file = write(folder, text)
    lines = refusal(folder, file=file)
    assert lines[0] == "10 problems; nothing was run:"
    said = "\n".join(lines)
    for place, words in (
        (2, "has no parameter 'prefcture'. Did you mean 'prefecture'?"),
        (3, "It has 4 digits; codes have six"),
        (4, "county has no value"),
        (5, "draws is 'many', of type str; it must be of type int"),
        (5, "tail is 'x', of type str; it must be of type float"),
        (8, "04-report-city-prefecture=330800 is asked for by"),
        (9, "draws is [1, 2], of type list"),
        (10, "'note' stands in line 10 already"),
        (12, "There is no notebook '07-nothing'"),
        (14, "language is chosen for the whole batch"),
    ):
        assert any(f"{file}, line {place}: " in line and words in line for line in lines), (place, words, said)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x [1]\nb: *x", "line 1: anchors and aliases"),
        ("04: [*x]", "line 1: anchors and aliases"),
        ("04:\n  - note: !!python/object/apply:os.system ['true']", "line 2: the tag tag:yaml.org,2002:python"),
        ("04:\n  - draws: !!int 3", "line 2: the tag"),
        ("[[[[[[[1]]]]]]]", "nested too deeply"),
        ("04: [1\n", "this is not YAML"),
        ("a: 1\n---\nb: 2\n", "holds 2 documents"),
        ("", "asks for no run"),
        ("# nothing\n", "asks for no run"),
        ("{}", "asks for no run"),
        ("04: 3", "needs a list of runs"),
        ("- a", "the file is made of names and values"),
        ("04:\n - prefecture", "a run is made of names and values"),
        ("04: [{draws: {a: 1}}]", "is neither a text nor a list of texts"),
        ("04: [{}]\n04: [{}]", "line 2: '04' stands in line 1 already"),
    ],
)
def test_what_yaml_could_do_beside_is_refused(text: str, words: str, folder: Path) -> None:
    assert words in "\n".join(refusal(folder, file=write(folder, text)))


def test_a_bomb_of_aliases_is_refused_before_it_grows(folder: Path) -> None:
    levels = [f"{chr(98 + i)}: &{chr(98 + i)} [{','.join([f'*{chr(97 + i)}'] * 9)}]" for i in range(9)]
    text = "\n".join(['a: &a ["lol"]', *levels])
    assert "anchors and aliases" in refusal(folder, file=write(folder, text))[0]


def test_a_file_in_toml_is_as_the_register_and_has_types(folder: Path) -> None:
    text = '["04-report-city"]\nruns = [{prefecture = "511900", draws = 3}, {draws = "3"}]\n'
    assert "run 2 of 04-report-city: 04-report-city: draws is '3', of type str" in "\n".join(
        refusal(folder, file=write(folder, text, "toml"))
    )
    good = write(folder, text.replace('"3"', "4"), "toml")
    assert names(folder, file=good) == ["04-report-city-prefecture=511900-draws=3", "04-report-city-draws=4"]


def test_a_grid_is_every_combination_and_fixed_values_are_in_all(folder: Path) -> None:
    found = names(folder, grid=["draws=1,2", "prefecture=衢州,511900"], parameters=["tail=0.2"])
    assert found == [
        "04-report-city-prefecture=330800-draws=1-tail=0.2", "04-report-city-prefecture=511900-draws=1-tail=0.2",
        "04-report-city-prefecture=330800-draws=2-tail=0.2", "04-report-city-prefecture=511900-draws=2-tail=0.2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"parameters": ["draws=1", "draws=2"]}, "-p gives draws more than once"),
        ({"parameters": ["draws"]}, "-p draws: write NAME=VALUE"),
        ({"grid": ["draws=1,1"]}, "1 stands there twice"),
        ({"grid": ["draws=1,"]}, "a value is missing"),
        ({"grid": ["draws=1"], "parameters": ["draws=2"]}, "--grid and -p both give draws"),
        ({"prefectures": "330800", "parameters": ["prefecture=511900"]}, "prefecture is given there, and by -p"),
        ({"prefectures": "衢洲"}, "330800 衢州市"),
        ({"prefectures": "al"}, "did you mean 'all'"),
        ({"counties": "mountain26"}, "did you mean 'mountain-26'"),
        ({"prefectures": "mountain-26"}, "'mountain-26' is no prefecture"),
        ({"province": "浙江市", "prefectures": "all"}, "--province: "),
        ({"notebook": "04-report-cty"}, "Did you mean '04-report-city'?"),
        ({"notebook": "09", "prefectures": "330800"}, "09-silent has no parameter 'prefecture'"),
        ({"counties": "山区26县"}, "did you mean 'mountain-26'"),
        ({"prefectures": "全部"}, "did you mean 'all'"),
        ({"counties": "all,开化"}, "all stands alone"),
        ({"counties": ","}, "--counties ,: a place is missing beside a comma; write codes or names"),
        ({"parameters": ["county="]}, "county is empty; give a code or a name, or leave county out"),
        ({"grid": ["draws=1_0,2"]}, "draws is '1_0', of type str; it must be of type int"),
        ({"parameters": ["tail=0_1.5"]}, "tail is '0_1.5'"),
        ({}, "Nothing is asked for. Say which places"),
        ({"notebook": "09", "language": "zh"}, "09-silent has no parameter 'language'"),
    ],
)
def test_what_the_command_line_cannot_mean_is_refused(asked: dict[str, object], words: str, folder: Path) -> None:
    assert words in "\n".join(refusal(folder, **asked))


def test_places_are_those_of_the_census_that_have_data(folder: Path) -> None:
    zhejiang = names(folder, province="浙江")
    assert zhejiang == [f"04-report-city-prefecture=33{number:02d}00" for number in range(1, 12)]
    assert len(names(folder, counties="mountain-26")) == 26
    assert len(names(folder, prefectures="all")) == 333
    assert names(folder, counties="开化,Longyou County", prefectures="Quzhou") == [
        "04-report-city-prefecture=330800", "04-report-city-county=330824", "04-report-city-county=330825",
    ]  # fmt: skip


def test_each_language_is_an_edition(folder: Path) -> None:
    run = "04-report-city-prefecture=330800"
    assert names(folder, prefectures="衢州", language="both") == [run, f"zh/{run}"]
    assert names(folder, prefectures="衢州", language="zh") == [f"zh/{run}"]


@pytest.mark.parametrize("name", ["runs.json", "absent.yaml"])
def test_a_file_that_cannot_be_meant_is_refused_with_an_example(name: str, folder: Path) -> None:
    assert "prefecture: 330800" in "\n".join(refusal(folder, file=folder / name))


def test_commas_of_either_width_separate_and_a_place_given_twice_is_one(folder: Path) -> None:
    both = ["04-report-city-prefecture=330800", "04-report-city-prefecture=511900"]
    assert names(folder, prefectures="衢州，巴中、330800,Quzhou") == both
    assert names(folder, grid=["prefecture=衢州，巴中"]) == both
    assert len(names(folder, counties=" Mountain-26")) == 26


def test_a_grid_is_counted_before_it_is_built_and_many_problems_are_counted(folder: Path) -> None:
    digits = ",".join(map(str, range(1000)))
    said = refusal(folder, grid=[f"draws={digits}", f"note={digits}", f"tail={digits}"])
    assert "1,000,000,000 runs are asked for; a batch has at most 20,000" in "\n".join(said)
    wrong = refusal(folder, grid=["draws=" + ",".join(f"x{n}" for n in range(30)), "note=a,b"])
    assert wrong[0] == "30 problems; nothing was run:"
    assert (len(wrong), wrong[-1]) == (22, "  ... and 10 others")


def test_what_is_no_file_is_not_called_absent(folder: Path) -> None:
    (folder / "runs.yaml").mkdir()
    assert "is no file that can be read" in refusal(folder, file=folder / "runs.yaml")[0]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "未指明要执行什么。"),
        (
            ["--prefectures", "衢洲"],
            "有1个问题，未执行任何一项：\n  --prefectures：'衢洲'不是2020年人口普查中的地级行政区。相近名称：",
        ),
        (["--prefectures", "衢州,"], "--prefectures 衢州,：逗号旁缺地区；"),
        (["--notebook", "99"], "没有笔记本'99'；可选"),
        (["--notebook", "08", "--grid", "place=330800,330800"], "--grid place=330800,330800：330800出现两次。"),
        (["--prefectures", "衢州", "-p", "nothing=1"], "没有参数'nothing'"),
        (["--prefectures", "衢州", "-p", "language=en"], "语言须为整个批处理统一指定；"),
        (["--notebook", "04", "--grid", "gdp_year=2021,202l"], "可选newest, 2021。是否指'2021'？请择一填写。"),
        (
            ["--prefectures", "衢州", "-p", "gdp_year=2023"],
            "请择一填写，或用`shanhai data import FILE --as county_gdp`",
        ),
        (["--prefectures", "衢州", "-p", "gdp_year=2011"], "可选newest, 2021。请择一填写。"),
        (["/nowhere/runs.yaml"], "没有文件/nowhere/runs.yaml。请写一个，例如runs.yaml："),
    ],
)
def test_a_batch_in_chinese_is_refused_in_chinese(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["batch", *arguments, "--language", "zh", "--dry-run"]) == 1
    assert told in capsys.readouterr().err


def test_runs_that_would_be_done_are_counted_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", "--prefectures", "衢州", "--language", "zh", "--dry-run"]) == 0
    assert capsys.readouterr().out.endswith("\n共1项\n")


def test_places_of_a_province_that_has_none_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", "--counties", "mountain-26", "--province", "安徽", "--dry-run"]) == 1
    assert "--counties mountain-26 in 安徽: no such place has the figures" in capsys.readouterr().err
