"""The controls of notebook 00, driven as a user drives them, and the code that they write."""

import ast
import json
import re
from typing import Any

import pandas as pd
import pytest

import shanhai as sh
from shanhai.core.paths import NOTEBOOKS
from shanhai.core.shown import describe
from shanhai.desk.explore import Explorer, explore
from shanhai.methods.regression.fit import fit
from shanhai.studies.border.analysis import analysis_frame
from shanhai.studies.border.design import border_spec


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    return explore("衢州", "en")


def run(code: str) -> list[Any]:
    """What each statement of the code gives."""
    names: dict[str, Any] = {}
    found = []
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.Expr):
            found.append(eval(ast.unparse(statement), names))
        else:
            exec(ast.unparse(statement), names)
    return found


def cells(html: str) -> list[str]:
    return re.findall(r"<t[dh][^>]*>([^<]*)</t", html)


def test_the_code_gives_what_is_seen(explorer: Explorer) -> None:
    explorer.place.value = "Bazhong"
    explorer.indicator.value, explorer.sample.value, explorer.model.value = "lights_per_km2", "own", "border"
    explorer.year.value = 2013
    drawn, place, result = run(explorer.code.value)
    assert drawn.caption.startswith("Night lights, 2013")
    assert place.code == "511900"
    assert result.spec.outcome.name == "log_lights_per_km2_2013"
    said = describe(place, "en")
    assert said is not None
    assert explorer.portrait.value == said.html
    table = sh.table(result, heads=["x"])
    printed = [cell for row in table.cells() for cell in row[1:]]
    assert printed == cells(explorer.estimates.value)[3::2]
    assert 'alt="Night lights, 2013' in explorer.map.value


def test_years_follow_the_indicator(explorer: Explorer) -> None:
    explorer.indicator.value = "gdp_per_capita"
    assert [year for _, year in explorer.year.options] == [2011, 2021]
    assert explorer.year.value == 2021
    explorer.indicator.value = "relief_m"
    assert [text for text, _ in explorer.year.options] == ["no year"]
    assert 'sh.map_of(sh.counties("510000"), "relief_m", outline="511900")' in explorer.code.value


def test_every_model_and_every_indicator_gives_a_table_and_its_code(explorer: Explorer) -> None:
    explorer.place.value, explorer.sample.value = "330800 衢州市 Quzhou City", "own"
    indicators, models = ([key for _, key in control.options] for control in (explorer.indicator, explorer.model))
    choices = [*((indicator, "border") for indicator in indicators), *(("urban_share", model) for model in models)]
    for indicator, model in choices:
        explorer.indicator.value, explorer.model.value = indicator, model
        assert 'role="alert"' not in explorer.estimates.value + explorer.map.value, (indicator, model)
        assert explorer.code.value.count("sh.") == 5


def test_what_is_not_possible_is_said_where_it_would_stand_and_escaped(explorer: Explorer) -> None:
    explorer.place.value = "朝阳区"
    assert "110105 北京市朝阳区" in explorer.map.value
    assert "220104" in explorer.portrait.value
    assert "sh.place" not in explorer.code.value
    explorer.place.value = "<b>nowhere</b>"
    assert "<b>" not in explorer.map.value
    explorer.place.value = "330824"
    assert 'role="alert"' not in explorer.map.value


def test_a_suggestion_is_a_place_and_there_is_one_for_each(explorer: Explorer) -> None:
    assert len(explorer.place.options) == 2852 + 342 - 4 + 31
    explorer.place.value = next(option for option in explorer.place.options if option.startswith("350102 "))
    assert 'sh.place("350102")' in explorer.code.value


@pytest.mark.parametrize("model", ["main", "border", "total", "geography", "outcomes", "mountain", "distance"])
def test_the_formulas_are_the_models_of_notebook_03(explorer: Explorer, model: str) -> None:
    explorer.indicator.value, explorer.sample.value, explorer.model.value = "gdp_per_capita", "china", model
    formula = re.findall(r'"(log.+ ~ .+)"', explorer.code.value)[0]
    ours = sh.fit(formula, sh.counties(), errors="HC3")
    theirs = fit(border_spec(model), analysis_frame())
    assert dict(zip(ours.names, ours.params, strict=True)) == pytest.approx(
        dict(zip(theirs.names, theirs.params, strict=True))
    )


def test_each_control_has_a_name_in_either_language() -> None:
    chinese = explore("巴中", "zh")
    controls = (chinese.place, chinese.indicator, chinese.year, chinese.sample, chinese.model, chinese.code)
    assert [control.description for control in controls] == ["地区", "指标", "年份", "样本", "模型", "代码"]
    texts = [text for control in controls[1:5] for text, _ in control.options]
    assert not [text for text in texts if re.search("[a-z]{3}", text)]
    assert chinese.code.value.splitlines()[:2] == ["import shanhai as sh", 'sh.speak("zh")']
    assert "人均GDP" in [text for text, _ in chinese.indicator.options]


def test_the_saved_notebook_shows_the_first_state_and_no_control() -> None:
    cells = json.loads((NOTEBOOKS / "00-explore.ipynb").read_text(encoding="utf-8"))["cells"]
    (output,) = cells[-1]["outputs"]
    assert set(output["data"]) == {"text/html", "text/plain"}
    assert "".join(output["data"]["text/plain"]) == explore("330800", "en").code.value


def test_what_is_shown_where_no_control_lives_holds_all_of_it(explorer: Explorer) -> None:
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    html = bundle["text/html"]
    assert html.index("<h3>Map") < html.index("<h3>The place") < html.index("<h3>Border and interior")
    assert pd.Series(re.findall("<img[^>]*alt=", html)).size == 1


def test_an_unknown_place_is_said_below_its_box_with_what_may_be_meant(explorer: Explorer) -> None:
    explorer.place.value = "Quzou"
    assert "is unknown" in explorer.feedback.value
    assert "330800 衢州市 Quzhou City" in explorer.feedback.value
    explorer.place.value = "鼓楼区"
    assert all(code in explorer.feedback.value for code in ("320106", "320302", "350102", "410204"))
    for query in ("<b>" * 50_000, "巴\u200b中", "990000"):
        explorer.place.value = query
        assert 'role="alert"' in explorer.feedback.value
        assert "<b>" not in explorer.feedback.value
        assert len(explorer.feedback.value) < 1500
    explorer.place.value = "330824"
    assert explorer.feedback.value == ""
