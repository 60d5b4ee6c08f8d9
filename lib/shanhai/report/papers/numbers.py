"""Numbers that the words of a paper name: read from the results, printed, none computed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from shanhai.claims.verdicts import VERDICT_NAMES, Verdict
from shanhai.core.errors import ReportError
from shanhai.core.places import Place
from shanhai.data.load import load_places
from shanhai.data.vintage import PRE_SPECIFIED
from shanhai.data.years import CENSUSES, GDP_YEARS
from shanhai.render.numbers import format_number
from shanhai.render.words import Pair, listed
from shanhai.report.papers.plan import BATTERY, BORDERS, REPORT, Plan
from shanhai.report.results import Results

_Values = dict[str, str | Pair]

_Row = TypeVar("_Row")

_BORDER_CLAIMS = ("Q22", "Q23", "L01", "L02", "L03", "L04")
"""Claims on borders in general, and the beginnings of their parts."""

_ITEMS = {
    "main": "main difference, errors clustered by province",
    "far": "area and distance to the capital held fixed",
    "edge": "against counties at the edge of a prefecture only",
}
"""Items of the battery by the name that the conclusion gives their difference."""

_MAIN = ("China", "border x terrain", "log_gdp_per_capita_2021", "on_border", "cluster(province_code) CR1S")
"""Sample, model, outcome, term and errors of the main difference."""

_POINTS = 3
"""Decimals of log points."""


def values_of(plan: Plan, results: Results, claims: Sequence[tuple[str, Verdict]]) -> _Values:
    """Values by the names that the words of a plan use.

    Parameters
    ----------
    plan : Plan
    results : Results
    claims : sequence of id and verdict
        Claims on the place; empty for a paper on no place.

    Raises
    ------
    ReportError
        If an estimate that the words name is not in the results.
    """
    values: _Values = {
        "gdp": str(PRE_SPECIFIED.gdp),
        "census": str(CENSUSES[-1]),
        "census_before": str(CENSUSES[0]),
        "gdp_years": listed([(str(year), f"{year}年") for year in GDP_YEARS], (", ", "、")),
    }
    verdicts = {finding["id"]: Verdict(finding["verdict"]) for finding in results.findings}
    for id_ in plan.ids:
        values[f"verdict_{id_.lower()}"] = VERDICT_NAMES[_required(verdicts, id_, "findings")]
    return values | (_place_values(plan, results, claims) if plan.place else _border_values(results, verdicts))


def _place_values(plan: Plan, results: Results, claims: Sequence[tuple[str, Verdict]]) -> _Values:
    places = load_places()
    place = places.prefecture(plan.place)
    counts = Counter(verdict for _, verdict in claims)
    counties = results.run(f"{REPORT}-{plan.place}").exhibit("table", "counties").rows
    runs = [results.run(name) for name in plan.gaps]
    references = [places.place(str(run.parameters["reference"])) for run in runs]
    values: _Values = {
        "place": _name(place),
        "province": _name(places.province(place.province_code)),
        "claims": format_number(len(claims)),
        "units": format_number(len(counties)),
        **{verdict.value.replace(" ", "_"): _count(counts[verdict]) for verdict in Verdict},
        **{f"reference_{number}": _name(reference) for number, reference in enumerate(references)},
    }
    parts = {
        row["term"]: row
        for row in results.estimates
        if row["notebook"] == runs[0].name and row["model"].endswith(", Shapley") and row["model"].startswith("gap ")
    }
    values["gap_points"] = runs[0].exhibit("table", "shares").rows[-1][1]
    for name, term in (("natural", "nature and maps"), ("rest", "remainder")):
        values |= _interval(name, _required(parts, term, f"parts of the gap of {runs[0].name}"))
    return values


def _border_values(results: Results, verdicts: Mapping[str, Verdict]) -> _Values:
    """Estimates of the battery that the conclusion names, and how the claims on borders fared."""
    counts = Counter(verdict for id_, verdict in verdicts.items() if id_.startswith(_BORDER_CLAIMS))
    values: _Values = {f"border_{verdict.value.replace(' ', '_')}": _count(counts[verdict]) for verdict in Verdict}
    models = {
        row["model"]: row for row in results.estimates if row["notebook"] == BATTERY and row["term"] == "on_border"
    }
    for name, item in _ITEMS.items():
        values |= _interval(
            name, _required(models, f"battery, at equal district status: {item}", f"items of {BATTERY}")
        )
    by_province = {
        (row["sample"], row["model"], row["outcome"], row["term"], row["vcov"]): row
        for row in results.estimates
        if row["notebook"] == BORDERS
    }
    row = _required(by_province, _MAIN, f"estimates of {BORDERS}")
    return values | {"counties": format_number(row["n"]), "provinces": format_number(row["clusters"])}


def _interval(name: str, row: Mapping[str, Any]) -> _Values:
    """An estimate and the ends of its interval, in log points."""
    return {
        name: format_number(row["estimate"], _POINTS),
        f"{name}_low": format_number(row["low"], _POINTS),
        f"{name}_high": format_number(row["high"], _POINTS),
    }


def _count(number: int) -> Pair:
    """A number of claims, in words where there is none."""
    return (format_number(number), format_number(number)) if number else ("none", "0")


def _name(place: Place) -> Pair:
    return place.short_en, place.short_zh


def _required(rows: Mapping[Any, _Row], key: Any, what: str) -> _Row:
    if key not in rows:
        raise ReportError(f"The {what} have no {key!r}; they have {', '.join(sorted(map(str, rows)))[:400]}.")
    return rows[key]
