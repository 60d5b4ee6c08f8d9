"""Which values a parameter may take, by its name, checked against the data before a kernel starts."""

from collections.abc import Callable, Mapping, Sequence
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
    if {"place", "reference"} & set(parameters):
        _check_gap(*(parameters.get(name) for name in ("place", "reference")))
    if {"policy_year", "window_from", "window_to"} & set(parameters):
        _check_policy(*(parameters.get(name) for name in ("policy_year", "window_from", "window_to")))
    if {"border_first_year", "border_last_year"} & set(parameters):
        _check_border_years(*(parameters.get(name) for name in ("border_first_year", "border_last_year")))
    if {"zone_first_year", "zone_last_year"} & set(parameters):
        _check_zone_years(*(parameters.get(name) for name in ("zone_first_year", "zone_last_year")))


def check_all(runs: Sequence[Mapping[str, Any]]) -> None:
    """Check the values of several runs: see :func:`check_values`."""
    for parameters in runs:
        check_values(parameters)


def _check_prefecture(value: str) -> None:
    from shanhai.findings.place.city import check_prefecture

    check_prefecture(value)


def _check_county(value: str) -> None:
    from shanhai.findings.place.county import check_county

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


def _check_gap(place: str | None, reference: str | None) -> None:
    from shanhai.findings.gap.places import check_gap

    check_gap(place, reference)


def _check_weights(value: list[str]) -> None:
    from shanhai.model.evaluation import check_weights

    check_weights(value)


def _check_concentration(value: float) -> None:
    if not value > 0:
        raise ParameterError(
            f"concentration is {value!r}; it must be positive: 6 draws weights widely, 24 nearly as set."
        )


def _check_classes(value: int) -> None:
    if not 2 <= value <= 9:
        raise ParameterError(
            f"classes is {value!r}; allowed are 2 to 9, so that every class holds counties. Five is usual."
        )


def _check_tail(value: float) -> None:
    if not 0 < value < 0.5:
        raise ParameterError(f"tail is {value!r}; allowed: above 0 and below 0.5, the share cut off at either end.")


def _check_announced_growth(value: float) -> None:
    if not -100 < value < 100:
        raise ParameterError(f"announced_growth is {value!r}; allowed: percent a year, above -100 and below 100.")


def _check_random_pairs(value: int) -> None:
    if value < 99:
        raise ParameterError(f"random_pairs is {value!r}; allowed: 99 or more, since p cannot be below 1/(draws + 1).")


def _check_language(value: str) -> None:
    from shanhai.report.style import check_language

    check_language(value)


def _check_comparison(value: str) -> None:
    _require_one_of("comparison", value, "matched", "home", "neighbours", "all")


def _check_scale(value: str) -> None:
    _require_one_of("scale", value, "log", "rank", "level")


def _require_one_of(parameter: str, value: str, *allowed: str) -> None:
    if value not in allowed:
        raise ParameterError(f"{parameter} is {value!r}; choose one of {', '.join(allowed)}.")


def _check_policy(policy_year: int | None, first_year: int | None, last_year: int | None) -> None:
    from shanhai.model.policy.registered import MAIN, check_window

    # what is not given keeps the notebook's default, which is the registered design
    check_window(policy_year or MAIN.policy_year, first_year or MAIN.first_year, last_year or MAIN.last_year)


def _check_border_years(first: int | None, last: int | None) -> None:
    from shanhai.model.new_border import MAIN, BorderDesign, border_units

    border_units(BorderDesign(first=first or MAIN.first, last=last or MAIN.last))


def _check_zone_years(first: int | None, last: int | None) -> None:
    from shanhai.model.zone.prefectures import MAIN, ZoneDesign, zone_pairs

    zone_pairs(ZoneDesign(start=first or MAIN.start, end=last or MAIN.end))


CHECKS: Mapping[str, Callable[[Any], None]] = {
    "prefecture": _check_prefecture,
    "county": _check_county,
    "province": _check_province,
    "sample": _check_sample,
    "outcome": _check_outcome,
    "comparison": _check_comparison,
    "scale": _check_scale,
    "weights": _check_weights,
    "concentration": _check_concentration,
    "classes": _check_classes,
    "language": _check_language,
    "tail": _check_tail,
    "announced_growth": _check_announced_growth,
    "random_pairs": _check_random_pairs,
}
"""Check of each parameter that stands for something in the data."""
