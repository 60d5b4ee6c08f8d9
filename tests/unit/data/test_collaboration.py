"""Figures on collaborations: intervals of what is printed, refusals at the door, and the empty form."""

from pathlib import Path

import pandas as pd
import pytest

from shanhai.core import sources
from shanhai.core.errors import SettingsError, ShanhaiError, UnknownPlaceError, ValidationError
from shanhai.data.collaboration import PROGRAMME, empty_form, load_collaboration
from shanhai.data.load import load_table
from shanhai.run import cli

HEADER = "mountain_code,sea_code,indicator,kind,period,first_year,year,bound,value,unit,document,line,note\n"
INDICATORS = load_table("collaboration_indicators")


@pytest.fixture
def own(tmp_path: Path):
    """Read rows as a user's own table, by the path of its file."""

    def read(*rows: str) -> pd.DataFrame:
        file = tmp_path / "自己的 table.csv"
        file.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        return load_collaboration(str(file))

    return read


def test_a_printed_figure_is_an_interval_in_the_unit_of_its_indicator(own) -> None:
    found = own(
        "511900,330700,aid_funds,result,per_year,,2023,exact,1.5,100m yuan,report,,",
        "511900,330700,workers_at_partner,result,standing,,2023,round,1.2,10k persons,report,,",
        "511900,330700,park_jobs,result,standing,,2023,over,5000,jobs,report,,",
        "511900,330700,goods_sold,result,per_year,,2023,under,930,10k yuan,report,,",
        "511900,330700,joint_funds,result,in_all,,2023,round,9300,10k yuan,report,,",
    ).set_index("indicator")
    assert found.loc["aid_funds", ["value", "low", "high"]].tolist() == pytest.approx([1.5e8] * 3)
    assert found.loc["workers_at_partner", ["low", "high"]].tolist() == pytest.approx([11_500, 12_500])
    assert found.loc["park_jobs", ["low", "high"]].tolist() == [5000, float("inf")]
    assert found.loc["goods_sold", ["low", "high"]].tolist() == [0, 9.3e6]
    assert found.loc["joint_funds", ["low", "high"]].tolist() == pytest.approx([9250e4, 9350e4])


@pytest.mark.parametrize(
    ("row", "error", "message"),
    [
        (
            "511900,330800,aid_funds,result,per_year,,2023,exact,1,yuan,r,,",
            ValidationError,
            "no such pair.*pairings",
        ),
        ("511999,330700,aid_funds,result,per_year,,2023,exact,1,yuan,r,,", UnknownPlaceError, "511999"),
        ("511900,330700,aid,result,per_year,,2023,exact,1,yuan,r,,", ValidationError, "'aid' is unknown.*aid_funds"),
        ("511900,330700,aid_funds,result,per_year,,2023,exact,1,persons,r,,", ValidationError, "yuan, 10k yuan, 100m"),
        ("511900,330700,parks,result,standing,,2023,exact,1,jobs,r,,", ValidationError, "'jobs'; allowed: parks"),
        ("511900,330700,aid_funds,result,per_year,,2023,exact,-1,yuan,r,,", ValidationError, "-1; allowed: 0 or more"),
        (
            "511900,330700,trained_in_post,result,standing,,2023,exact,101,%,r,,",
            ValidationError,
            "101 %; allowed: 0",
        ),
        ("511900,330700,aid_funds,result,per_year,,1990,exact,1,yuan,r,,", ValidationError, "1990; allowed: 1996 to"),
        ("511900,330700,joint_funds,result,in_all,2024,2023,exact,1,yuan,r,,", ValidationError, "2024; allowed: up to"),
        ("511900,330700,parks,result,standing,2021,2023,exact,1,parks,r,,", ValidationError, "allowed: none"),
        ("511900,330700,aid_funds,target,per_year,,,exact,1,yuan,r,,", ValidationError, "target 1 without a year"),
        ("511900,330700,aid_funds,result,per_year,,2023,exact,1,yuan,,,", ValidationError, "without a document"),
        ("511900,330700,aid_funds,goal,per_year,,2023,exact,1,yuan,r,,", ValidationError, "goal"),
        (
            "511900,330700,aid_funds,result,per_year,,2023,exact,a few,yuan,r,,",
            ValidationError,
            "value = 'a few'",
        ),
    ],
)
def test_the_door_refuses_by_value_allowed_set_and_next_step(
    own, row: str, error: type[ShanhaiError], message: str
) -> None:
    with pytest.raises(error, match=message):
        own(row)


def test_a_key_that_stands_twice_is_refused_by_its_lines(own) -> None:
    row = "511900,330700,aid_funds,result,per_year,,2023,exact,{},yuan,r,,"
    with pytest.raises(ValidationError, match="line 3 repeats the key"):
        own(row.format(1), row.format(2))


def test_a_result_in_another_unit_than_its_target_is_refused(own) -> None:
    with pytest.raises(ValidationError, match=r"5 100m yuan is 1e\+06 times its target"):
        own(
            "511900,330700,aid_funds,target,per_year,,2024,exact,500,yuan,r,,",
            "511900,330700,aid_funds,result,per_year,,2024,exact,5,100m yuan,r,,",
        )


def test_all_refused_rows_are_named_at_once(own) -> None:
    with pytest.raises(ValidationError, match=r"refused for 2 reasons:\n.*aid_funds.*\n.*goods_sold"):
        own(
            "511900,330700,aid_funds,result,per_year,,2023,exact,-1,yuan,r,,",
            "511900,330700,goods_sold,result,per_year,,2023,exact,-1,yuan,r,,",
        )


def test_a_result_without_a_target_passes_and_a_file_that_is_not_there_does_not(own) -> None:
    assert len(own("511900,330700,parks,result,standing,,2023,exact,5,parks,r,,")) == 1
    with pytest.raises(SettingsError, match=r"no file nowhere.csv; allowed"):
        load_collaboration("nowhere.csv")


def test_the_form_that_the_command_writes_is_accepted_empty_and_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "form.csv"
    command = ["form", "collaboration", "--pair", "Changshan-Cixi", "--years", "2024", "2025", "--to", str(file)]
    assert cli.main(command) == 0
    settings = tmp_path / "settings.toml"
    settings.write_text(f'[replace]\ncollaboration = "{file.as_posix()}"\n', encoding="utf-8")
    assert capsys.readouterr().out.splitlines()[2:] == ["[replace]", f'collaboration = "{file.as_posix()}"']
    monkeypatch.setenv(sources.SETTINGS_VARIABLE, str(settings))
    assert load_collaboration().empty
    form = load_table("collaboration")
    asked = INDICATORS["scope"].eq("any").sum()
    assert len(form) == 4 * asked  # target and result, two years
    form.loc[form.index[0], ["value", "document"]] = [7.0, "report"]
    form.to_csv(file, index=False)
    assert load_collaboration()["given"].tolist() == [7.0]
    assert cli.main(command) == 1
    assert "is there already" in capsys.readouterr().err


def test_the_programme_is_asked_for_its_counties_too_and_years_are_checked() -> None:
    form = empty_form(INDICATORS, PROGRAMME, [2025])
    assert set(form["indicator"]) == set(INDICATORS["indicator"])
    with pytest.raises(ValidationError, match=r"years are \[2025, 2025\]; allowed"):
        empty_form(INDICATORS, PROGRAMME, [2025, 2025])


def test_the_form_of_later_figures_is_the_bundled_one(tmp_path: Path) -> None:
    assert cli.main(["form", "later_figures", "--to", str(tmp_path / "later.csv")]) == 0
    assert (tmp_path / "later.csv").read_text(encoding="utf-8") == "code,year,indicator,value,unit,source\n"
