"""Which values a parameter may take, by its name, checked against the data before a kernel starts."""

from collections.abc import Callable, Mapping
from typing import Any

from shanhai.errors import ParameterError


def check_values(parameters: Mapping[str, Any]) -> None:
    """Refuse a place that does not exist or has no data, and any other value outside its allowed set.

    Raises
    ------
    ShanhaiError
        Of the kind that the library itself raises for such a value.
    """
    for name, value in parameters.items():
        if name in CHECKS:
            CHECKS[name](value)
    if parameters.get("prefecture") and parameters.get("county"):
        _check_county_inside(parameters["prefecture"], parameters["county"])


def _check_prefecture(value: str) -> None:
    from shanhai.findings.city import check_prefecture

    check_prefecture(value)


def _check_county(value: str) -> None:
    from shanhai.findings.county import check_county

    if value:  # empty: no county is asked for
        check_county(value)


def _check_county_inside(prefecture: str, county: str) -> None:
    from shanhai.data.load import load_places

    place = load_places().county(county)
    if place.prefecture_code != prefecture:
        raise ParameterError(
            f"county {county} ({place.name_zh}) lies in {place.prefecture_code}, not in prefecture {prefecture}. "
            "Give the county alone, or the prefecture alone."
        )


def _check_province(value: str) -> None:
    from shanhai.data.load import load_places

    _require_code("province", value, load_places().province(value).code)


def _require_code(parameter: str, value: str, code: str) -> None:
    if value != code:
        raise ParameterError(f"{parameter} is {value!r}, a name; give the code: {code}.")


def _check_sample(value: str) -> None:
    from shanhai.model.samples import sample

    sample(value)


def _check_outcome(value: str) -> None:
    from shanhai.model.registered import OUTCOMES

    if value not in OUTCOMES:
        raise ParameterError(f"outcome is {value!r}; choose one of {', '.join(OUTCOMES)}.")


def _check_language(value: str) -> None:
    from shanhai.report.style import check_language

    check_language(value)


CHECKS: Mapping[str, Callable[[Any], None]] = {
    "prefecture": _check_prefecture,
    "county": _check_county,
    "province": _check_province,
    "sample": _check_sample,
    "outcome": _check_outcome,
    "language": _check_language,
}
"""Check of each parameter that stands for something in the data."""
