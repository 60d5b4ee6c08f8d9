"""Values of parameters are checked against the real data, before a kernel starts."""

import pytest

from shanhai.errors import MissingDataError, ParameterError, ShanhaiError, SpecificationError, UnknownPlaceError
from shanhai.run.values import check_values


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
        ({"county": "330800"}, UnknownPlaceError, "330800"),
        ({"county": "江山市"}, UnknownPlaceError, "330881"),
        ({"province": "999999"}, UnknownPlaceError, "999999"),
        ({"sample": "moon"}, SpecificationError, "zhejiang"),
        ({"outcome": "happiness"}, ParameterError, "gdp"),
        ({"language": "fr"}, ParameterError, "en, zh, both"),
        ({"tail": 0.5}, ParameterError, "below 0.5"),
        ({"announced_growth": -100.0}, ParameterError, "percent a year"),
        ({"random_pairs": 50}, ParameterError, "99 or more"),
        ({"place": "990000"}, ParameterError, "a province or the country"),
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
