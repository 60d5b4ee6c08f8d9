"""Values of parameters are checked against the real data, before a kernel starts."""

from pathlib import Path

import pytest

from shanhai.core.errors import MissingDataError, ParameterError, ShanhaiError, SpecificationError, UnknownPlaceError
from shanhai.core.notebooks import study_notebooks
from shanhai.data.load import load_places
from shanhai.run.codes import with_codes
from shanhai.run.parameters import read_parameters
from shanhai.run.values import DECLARED, SHARED, check_values


@pytest.mark.parametrize(
    "values",
    [
        {"prefecture": "330800"},
        {"prefecture": "511900", "language": "both"},
        {"county": "330802"},
        {"province": "330000"},
        {"sample": "zhejiang", "outcome": "gdp"},
        {"place": "330800", "reference": "330000"},
        {"place": "330824", "reference": "000000"},
        {"place": "511900", "reference": "330700"},
        {"a_parameter_of_its_own": "anything"},
        {},
    ],
)
def test_values_that_the_data_know_pass(values: dict[str, str]) -> None:
    check_values(values)


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"prefecture": "990000"}, UnknownPlaceError, "990000"),
        ({"prefecture": "330802"}, UnknownPlaceError, "330800"),
        ({"prefecture": "710100"}, (UnknownPlaceError, MissingDataError), "710100"),
        ({"prefecture": "710100"}, UnknownPlaceError, "Taiwan is not in the tables"),
        ({"county": "330101"}, UnknownPlaceError, "Near: 330102"),
        ({"county": "330800"}, UnknownPlaceError, "330800"),
        ({"county": "330810"}, UnknownPlaceError, "330802"),
        ({"county": "鼓楼区"}, UnknownPlaceError, "410204"),
        ({"province": "999999"}, UnknownPlaceError, "999999"),
        ({"sample": "moon"}, SpecificationError, "zhejiang"),
        ({"outcome": "happiness"}, ParameterError, "gdp"),
        ({"language": "fr"}, ParameterError, "en, zh, both. Set"),
        ({"language": "zh-CN"}, ParameterError, "Did you mean 'zh'"),
        ({"language": "cn"}, ParameterError, "Did you mean 'zh'"),
        ({"language": "English"}, ParameterError, "Did you mean 'en'"),
        ({"gdp_year": "2011"}, ParameterError, "allowed: newest, 2021. Choose one of these.$"),
        ({"gdp_year": "202l"}, ParameterError, "allowed: newest, 2021. Did you mean '2021'. Choose one of these.$"),
        ({"gdp_year": "2021.0"}, ParameterError, "Did you mean '2021'"),
        (
            {"gdp_year": "2023"},
            ParameterError,
            "Choose one of these, or add the year's figures by `shanhai data import",
        ),
        ({"sample": "zhejang"}, SpecificationError, "Did you mean 'zhejiang'"),
        ({"tail": 0.5}, ParameterError, "below 0.5"),
        ({"announced_growth": -100.0}, ParameterError, "percent a year"),
        ({"random_pairs": 50}, ParameterError, "99 or more"),
        ({"place": "990000"}, UnknownPlaceError, "990000"),
        ({"place": "浙江"}, ParameterError, "a province or the country"),
        ({"place": "China"}, ParameterError, "a province or the country"),
        ({"place": "330102"}, MissingDataError, "gdp_per_capita_2021"),
        ({"reference": "999999"}, UnknownPlaceError, "999999"),
        ({"reference": "330800"}, ParameterError, "the same counties"),
        ({"place": "330800", "reference": "330800"}, ParameterError, "the same counties"),
    ],
)
def test_other_values_are_refused_with_the_next_step(
    values: dict[str, str], error: type[ShanhaiError], message: str
) -> None:
    with pytest.raises(error, match=message):
        check_values(values)


PAPERS = study_notebooks().values()


@pytest.mark.parametrize("notebook", PAPERS, ids=lambda path: path.stem)
def test_every_parameter_is_declared_with_its_type_and_its_default_is_allowed(notebook: Path) -> None:
    parameters = read_parameters(notebook)
    types = {name: parameter.annotation for name, parameter in parameters.items()}
    rules = {**{name: SHARED[name] for name in types if name in SHARED}, **DECLARED[notebook.stem]}
    declared = {name: rule.type for name, rule in rules.items()}
    assert declared == types, "the parameters cell and DECLARED in lib/shanhai/run/values.py differ"
    check_values({name: parameter.default for name, parameter in parameters.items()}, notebook.stem)


WRONG = {
    "str": ["", "nowhere", "999999", "衢州市"],
    "int": [-1, 0, 10**9, -(10**12)],
    "float": [-1e9, 1e9],
    "list[str]": [["nowhere"], ["nowhere", "nowhere"]],
}
"""Values that no parameter of this type may take, but for those below."""

ALLOWED = {
    "seed": [0, 10**9],
    "county": [""],
    "table": [""],
    "prefecture": ["衢州市"],
    "place": ["衢州市"],
}


@pytest.mark.parametrize("notebook", DECLARED)
def test_every_parameter_refuses_what_it_cannot_be_by_name_and_value(notebook: str) -> None:
    for name, rule in DECLARED[notebook].items():
        for value in WRONG[rule.type]:
            if value in ALLOWED.get(name, []):
                check_values({name: value}, notebook)
                continue
            with pytest.raises(ShanhaiError) as error:
                check_values({name: value}, notebook)
            item = value[0] if isinstance(value, list) else value
            assert str(item) in str(error.value).replace(",", ""), (name, value)


@pytest.mark.parametrize(
    ("notebook", "values"),
    [
        ("02-map-mountain-counties", {"light_year": 2012}),  # before the default base year
        ("02-map-mountain-counties", {"light_base_year": 2012}),  # another sensor
        ("02-map-mountain-counties", {"light_year": 2023}),
        ("06-evaluate-policy", {"policy_year": 0}),
        ("06-evaluate-policy", {"window_from": 0}),
        ("07-test-new-border", {"border_first_year": 0}),
        ("07-test-new-border", {"border_first_year": 1996}),
        ("07-test-new-border", {"border_last_year": 1997}),  # one window only
        ("07-test-new-border", {"border_last_year": 2001}),
        ("07-test-new-border", {"border_last_year": 2017}),
        ("07-test-new-border", {"pairs_first_year": 2017}),
        ("05-track-convergence", {"draws": 98}),
        ("08-explain-gap", {"draws": 98}),
        ("11-evaluate-counties", {"draws": 0}),
        ("11-evaluate-counties", {"draws": 39}),
        ("14-assess-collaboration", {"draws": 39}),
        ("11-evaluate-counties", {"concentration": 0.9}),
        ("12-check-spatial", {"neighbours": 61}),
        ("12-check-spatial", {"term": "is_district"}),  # a control is not tested
        ("13-check-robustness", {"errors": []}),
        ("13-check-robustness", {"errors": ["hc3", "hc3"]}),
        ("13-check-robustness", {"draws": -9999999999}),
    ],
)
def test_values_at_the_edge_are_refused(notebook: str, values: dict[str, object]) -> None:
    with pytest.raises(ShanhaiError):
        check_values(values, notebook)


@pytest.mark.parametrize(
    ("notebook", "values"),
    [
        ("02-map-mountain-counties", {"light_year": 2012, "light_base_year": 2001}),
        ("07-test-new-border", {"border_last_year": 2002}),
        ("07-test-new-border", {"border_last_year": 2016}),
        ("11-evaluate-counties", {"draws": 40, "concentration": 1.0}),
        ("12-check-spatial", {"term": "on_border:z_ruggedness", "neighbours": 60}),
        ("13-check-robustness", {"errors": ["conley_200km"], "draws": 99}),
    ],
)
def test_values_at_the_edge_pass(notebook: str, values: dict[str, object]) -> None:
    check_values(values, notebook)


@pytest.mark.parametrize("name", ["seed", "tail"])
def test_true_is_no_number(name: str) -> None:
    with pytest.raises(ParameterError, match=f"{name} is True; allowed: a number"):
        check_values({name: True})


def test_years_beyond_published_growth_are_refused_with_a_step_that_the_notebook_has() -> None:
    with pytest.raises(MissingDataError, match="End in 2016, or begin and end between such years"):
        check_values({"pairs_last_year": 2025}, "07-test-new-border")


def test_a_place_among_the_parameters_is_one_run_however_it_is_written() -> None:
    given = {"home": "浙江", "neighbour": "Jiangxi", "province": 330000, "reference": "中国", "prefecture": "511900.0"}
    codes = {"home": "330000", "neighbour": "360000", "province": "330000", "reference": "000000"}
    assert with_codes(given) == codes | {"prefecture": "511900"}
    names = {place.short_en for place in load_places().all if place.level == "province"}
    for notebook in study_notebooks().values():
        for parameter in read_parameters(notebook).values():
            if isinstance(parameter.default, str) and parameter.default in names:
                assert with_codes({parameter.name: parameter.default})[parameter.name].isdigit(), parameter.name
