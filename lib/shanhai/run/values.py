"""Which values each parameter of each notebook may take, in one table, checked before a kernel starts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shanhai.core.errors import ParameterError
from shanhai.core.nearest import nearest
from shanhai.core.places import as_code


@dataclass(frozen=True)
class Rule:
    """What a parameter may be: its type as the notebook declares it, and a check that says what is allowed."""

    type: str
    check: Callable[[str, Any], None]
    """Takes the name and a value of that type; raises a ShanhaiError that names the value and what is allowed."""


def numbers(type: str, low: float, high: float, why: str, *, open: bool = False) -> Rule:
    """A number from `low` to `high`, without the ends themselves if `open`."""

    def check(name: str, value: float) -> None:
        inside = low < value < high if open else low <= value <= high
        if not inside:
            words = ("above", "and below") if open else ("from", "to")
            raise ParameterError(f"{name} is {value!r}; allowed: {words[0]} {low:,} {words[1]} {high:,} ({why}).")

    return Rule(type, check)


def _one_of(allowed: Callable[[], Sequence[str]]) -> Rule:
    """A text of a closed list, which is read from the library when it is needed."""

    def check(name: str, value: str) -> None:
        if value not in allowed():
            choices = ", ".join(allowed())
            raise ParameterError(f"{name} is {value!r}; choose one of {choices}.{nearest(value, allowed())}")

    return Rule("str", check)


def _some_of(allowed: Callable[[], Sequence[str]]) -> Rule:
    """One or more different texts of a closed list."""

    def check(name: str, value: list[str]) -> None:
        if not value or len(set(value)) < len(value) or set(value) - set(allowed()):
            raise ParameterError(
                f"{name} is {value!r}; give one or more of {', '.join(allowed())}, none of them twice."
            )

    return Rule("list[str]", check)


def _as_the_library(type: str, check: Callable[[Any], object]) -> Rule:
    """What a function of the library accepts, which says itself what is allowed."""

    def of_the_library(name: str, value: Any) -> None:
        check(value)

    return Rule(type, of_the_library)


def check_values(parameters: Mapping[str, Any], notebook: str = "") -> None:
    """Refuse a place that does not exist or has no data, and any other value outside its allowed set.

    Parameters
    ----------
    parameters : mapping of name to value
        Values of the types that the notebook declares.
    notebook : str, optional
        Its stem; for one that :data:`DECLARED` does not list, a parameter is what it is in most of them.

    Raises
    ------
    ShanhaiError
        Of the kind that the library itself raises for such a value.
    """
    for name, value in parameters.items():
        check_value(name, value, notebook)
    check_together(parameters)


def check_value(name: str, value: Any, notebook: str = "") -> None:
    """Refuse the value of one parameter, whatever the others are: see :func:`check_values`."""
    rule = DECLARED.get(notebook, {}).get(name) or _EVERYWHERE.get(name)
    if rule is not None:
        _require_no_truth(name, value, rule)
        rule.check(name, value)


def check_together(parameters: Mapping[str, Any]) -> None:
    """Refuse values that do not go together: see :func:`check_values`."""
    for names, check in _TOGETHER.items():
        if set(names) & set(parameters):
            check(*(parameters.get(name) for name in names))


def _require_no_truth(name: str, value: Any, rule: Rule) -> None:
    """Refuse true and false for a number, though Python counts with them."""
    if isinstance(value, bool) and rule.type in ("int", "float"):
        raise ParameterError(f"{name} is {value!r}; allowed: a number of type {rule.type}. Write 1 or 0 for a number.")


def check_all(runs: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Check the values of several runs, each with the stem of its notebook: see :func:`check_values`."""
    for notebook, parameters in runs:
        check_values(parameters, notebook)


def _check_prefecture(value: str) -> None:
    from shanhai.studies.place.analysis import check_prefecture

    check_prefecture(value)


def _check_county(value: str) -> None:
    from shanhai.studies.place.analysis import check_county

    if value:  # empty: no county is asked for
        check_county(value)


def _check_province(value: str) -> None:
    from shanhai.data.load import load_places

    load_places().province(value)


def _check_sample(value: str) -> None:
    from shanhai.studies.border.design import sample

    sample(value)


def _check_weights(value: list[str]) -> None:
    from shanhai.studies.ranking.analysis import check_weights

    check_weights(value)


def _check_pair(value: str) -> None:
    from shanhai.studies.collaboration.analysis import check_pair

    check_pair(value)


def _check_collaboration(value: str) -> None:
    from shanhai.studies.collaboration.analysis import check_table

    check_table(value)


def _check_pair_weights(value: list[str]) -> None:
    from shanhai.studies.collaboration.comparison import check_collaboration_weights

    check_collaboration_weights(value)


def _check_language(value: str) -> None:
    from shanhai.render.style import check_language

    check_language(value)


def _check_gdp_year(value: str) -> None:
    from shanhai.data.vintage import vintage_of

    vintage_of(value)


def _covered(province: str = "") -> Rule:
    """A year of GDP with figures of nearly every county of China, or of the one province that a notebook looks at."""

    def check(value: str) -> None:
        from shanhai.data.vintage import require_coverage

        require_coverage(value, province)

    return _as_the_library("str", check)


def _outcomes() -> Sequence[str]:
    from shanhai.studies.border.design import OUTCOMES

    return tuple(OUTCOMES)


def _terms() -> Sequence[str]:
    from shanhai.studies.border.design import border_spec

    return [term.name for term in border_spec().terms if hasattr(term, "name")]


def _errors() -> Sequence[str]:
    from shanhai.studies.robustness.design import border_grid

    return [option.key for option in border_grid().choice("covariance").options]


def _check_county_inside(prefecture: str | None, county: str | None) -> None:
    from shanhai.data.load import load_places

    if not prefecture or not county:
        return
    place = load_places().county(county)
    if place.prefecture_code != load_places().prefecture(prefecture).code:
        raise ParameterError(
            f"county {county} ({place.name_zh}) lies in {place.prefecture_code}, not in prefecture {prefecture}. "
            "Give the county alone, or the prefecture alone."
        )


def _check_gap(place: str | None, reference: str | None) -> None:
    from shanhai.studies.gap.analysis import check_gap

    check_gap(place, reference)


def _check_gap_year(value: str) -> None:
    from shanhai.studies.gap.analysis import check_gap_year

    check_gap_year(value)


def _check_earlier(earlier: int | None, later: int | None) -> None:
    if earlier and later and earlier >= later:
        raise ParameterError(f"earlier is {earlier} and later {later}; allowed: an earlier and a later year. Mend one.")


def _check_neighbours(home: str | None, neighbour: str | None) -> None:
    from shanhai.desk.frames import along_border, counties

    if home and neighbour:
        along_border(counties([home, neighbour]), home, neighbour)


def _check_lights(year: int | None, base_year: int | None) -> None:
    from shanhai.studies.mountain.analysis import check_light_years

    check_light_years(_or(year, 2021), _or(base_year, 2013))


def _check_policy(policy_year: int | None, first_year: int | None, last_year: int | None) -> None:
    from shanhai.studies.policy.design import MAIN, check_window

    # what is not given keeps the notebook's default, which is the pre-specified design
    check_window(_or(policy_year, MAIN.policy_year), _or(first_year, MAIN.first_year), _or(last_year, MAIN.last_year))


def _check_border_years(first: int | None, last: int | None) -> None:
    from shanhai.studies.new_border.analysis import border_units
    from shanhai.studies.new_border.design import MAIN, BorderDesign

    border_units(BorderDesign(first=_or(first, MAIN.first), last=_or(last, MAIN.last)))


def _check_pair_years(first: int | None, last: int | None) -> None:
    from shanhai.studies.new_border.nine_prefectures import prefecture_pairs
    from shanhai.studies.new_border.pair_design import MAIN, PairDesign

    prefecture_pairs(PairDesign(start=_or(first, MAIN.start), end=_or(last, MAIN.end)))


def _or(value: int | None, default: int) -> int:
    """The value if one was given; 0 is one."""
    return default if value is None else value


_ZHEJIANG = "330000"
"""Province of the counties that notebooks 02 and 11 draw and rank."""

_SAMPLE = _as_the_library("str", _check_sample)
OUTCOME = _one_of(_outcomes)
PLACE = _as_the_library("str", as_code)
"""A place and its reference are looked up together, below."""

YEAR = numbers("int", 1949, 2100, "a year")
"""The years that there are figures of are checked together, below."""

_BORDER_END = numbers("int", 2002, 2016, "two windows or more from 1997 on; many prefectures have no growth of 2017")

SEED = numbers("int", 0, 2**32 - 1, "where the random draws start")
_WEIGHTS_DRAWN = numbers("int", 40, 100_000, "random weights: one in each tail of a 95 % range; 200 are usual")
_P_VALUE_DRAWS = numbers("int", 99, 1_000_000, "99 or more, since p cannot be below 1/(draws + 1)")

SHARED: Mapping[str, Rule] = {
    "language": _as_the_library("str", _check_language),
    "gdp_year": _as_the_library("str", _check_gdp_year),
}
"""Parameters that mean the same wherever they are: a notebook that has one needs no entry below."""

DECLARED: Mapping[str, Mapping[str, Rule]] = {
    "01-audit-data": {"province": _as_the_library("str", _check_province)},
    "02-map-mountain-counties": {"gdp_year": _covered(_ZHEJIANG), "light_year": YEAR, "light_base_year": YEAR},
    "03-estimate-border-and-mountain": {
        "gdp_year": _covered(),
        "sample": _SAMPLE,
        "outcome": OUTCOME,
        "seed": SEED,
    },
    "04-report-city": {
        "gdp_year": _covered(),  # a place is set against its province and the country
        "prefecture": _as_the_library("str", _check_prefecture),
        "county": _as_the_library("str", _check_county),
    },
    "05-track-convergence": {
        "classes": numbers("int", 2, 9, "so that every class holds counties; five is usual"),
        "draws": _P_VALUE_DRAWS,
        "seed": SEED,
    },
    "06-evaluate-policy": {
        "policy_year": YEAR,
        "window_from": YEAR,
        "window_to": YEAR,
        "comparison": _one_of(lambda: ("matched", "home", "neighbours", "all")),
        "scale": _one_of(lambda: ("log", "rank", "level")),
        "draws": _P_VALUE_DRAWS,
        "placebo_draws": _P_VALUE_DRAWS,
        "seed": SEED,
    },
    "07-test-new-border": {
        "border_first_year": YEAR,
        "border_last_year": _BORDER_END,
        "pairs_first_year": YEAR,
        "pairs_last_year": YEAR,
    },
    "08-explain-gap": {
        "place": PLACE,
        "reference": PLACE,
        "gdp_year": _as_the_library("str", _check_gap_year),
        "draws": _P_VALUE_DRAWS,
    },
    "09-follow-targets": {
        "tail": numbers("float", 0, 0.5, "the share cut off at either end", open=True),
        "announced_growth": numbers("float", -100, 100, "percent a year", open=True),
    },
    "10-pair-mountain-and-sea": {"random_pairs": _P_VALUE_DRAWS, "seed": SEED},
    "11-evaluate-counties": {
        "gdp_year": _covered(_ZHEJIANG),
        "weights": _as_the_library("list[str]", _check_weights),
        "concentration": numbers(
            "float", 1, 1e6, "6 draws weights widely, 24 nearly as set; below 1 one weight takes all"
        ),
        "draws": _WEIGHTS_DRAWN,
        "seed": SEED,
    },
    "12-check-spatial": {
        "sample": _SAMPLE,
        "outcome": OUTCOME,
        "term": _one_of(_terms),
        "draws": _P_VALUE_DRAWS,
        "neighbours": numbers("int", 1, 60, "fewer than the counties of any sample; six are usual"),
        "seed": SEED,
    },
    "13-check-robustness": {
        "draws": _P_VALUE_DRAWS,
        "seed": SEED,
        "errors": _some_of(_errors),
        "family_draws": _P_VALUE_DRAWS,
    },
    "14-assess-collaboration": {
        "pair": _as_the_library("str", _check_pair),
        "table": _as_the_library("str", _check_collaboration),
        "weights": _as_the_library("list[str]", _check_pair_weights),
        "draws": _WEIGHTS_DRAWN,
        "seed": SEED,
    },
    "15-write-your-own": {
        "home": _as_the_library("str", _check_province),
        "neighbour": _as_the_library("str", _check_province),
        "earlier": numbers("int", 2013, 2021, "the sensor of today began in 2013, and a later year follows"),
        "later": numbers("int", 2014, 2022, "lights end in 2022"),
    },
}
"""The other parameters of each notebook; what stands in its cell of parameters and nowhere here fails a test."""

_EVERYWHERE: Mapping[str, Rule] = {
    name: rule
    for rules in (*reversed(list(DECLARED.values())), SHARED)
    for name, rule in rules.items()
    if name not in ("draws", "table")
} | {"draws": numbers("int", 1, 1_000_000, "random draws")}
"""Rules by name alone, for a notebook of the user's own that asks for the same things; of two the first notebook's."""

_TOGETHER: Mapping[tuple[str, ...], Callable[..., None]] = {
    ("prefecture", "county"): _check_county_inside,
    ("place", "reference"): _check_gap,
    ("light_year", "light_base_year"): _check_lights,
    ("policy_year", "window_from", "window_to"): _check_policy,
    ("border_first_year", "border_last_year"): _check_border_years,
    ("pairs_first_year", "pairs_last_year"): _check_pair_years,
    ("earlier", "later"): _check_earlier,
    ("home", "neighbour"): _check_neighbours,
}
"""Parameters that one check reads together; None stands for one that is not given and keeps its default."""
