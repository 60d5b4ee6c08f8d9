"""Numbers that the words of a paper name: read from the results and printed; one is turned into percent."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import expm1
from typing import Any, TypeVar

from shanhai.claims.verdicts import VERDICT_NAMES, Verdict
from shanhai.core.errors import ReportError
from shanhai.core.places import Place
from shanhai.data.load import load_places
from shanhai.data.vintage import PRE_SPECIFIED
from shanhai.data.years import CENSUSES, GDP_YEARS
from shanhai.render.numbers import MISSING, format_number
from shanhai.render.words import Pair, listed
from shanhai.report.papers.document import typeset
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

_BY_PREFECTURE = "cluster(prefecture_code) CR1S"

_SIZES = {
    "mapped": ("China", "border x terrain", "mean_schooling_2020", "on_border", _BY_PREFECTURE),
    "inside": ("China", "bands of the edge", "log_gdp_per_capita_2021", "gap_to_border_km[0,1)", _BY_PREFECTURE),
}
"""Estimates on all counties with a polygon, and on those of provinces with a border, by the name of their number."""

_LEFT_OUT = "left out for missing figures"
"""Row of the steps that counts the units without a figure of the main specification."""

_ERRORS = {"prefecture": "clustered by prefecture", "hc": "robust to heteroskedasticity", "conley": "Conley"}
"""Beginnings of the rows on spatial noise, by the name that the words give their share of rejections."""

_SLOPES = {"": ", Shapley", "_own": ", Shapley, own slopes"}
"""How the account of a gap ends its model, with national slopes and with those of the province alone."""

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
    return values | (_place_values(plan, results, claims) if plan.place else _border_values(results))


def _place_values(plan: Plan, results: Results, claims: Sequence[tuple[str, Verdict]]) -> _Values:
    places = load_places()
    place = places.prefecture(plan.place)
    no_data = sum(verdict is Verdict.NO_DATA for _, verdict in claims)
    counties = results.run(f"{REPORT}-{plan.place}").exhibit("table", "counties").rows
    runs = [results.run(name) for name in plan.gaps]
    references = [places.place(str(run.parameters["reference"])) for run in runs]
    values: _Values = {
        "place": _name(place),
        "province": _name(places.province(place.province_code)),
        "claims": format_number(len(claims)),
        "units": format_number(len(counties)),
        "no_data": format_number(no_data),
        **{f"reference_{number}": _name(reference) for number, reference in enumerate(references)},
    }
    values["gap_points"] = runs[0].exhibit("table", "shares").rows[-1][1]
    for slopes, ending in _SLOPES.items():
        parts = {
            row["term"]: row
            for row in results.estimates
            if row["notebook"] == runs[0].name and row["model"].endswith(ending) and row["model"].startswith("gap ")
        }
        for name, term in (("natural", "nature and maps"), ("rest", "remainder")):
            values |= _interval(f"{name}{slopes}", _required(parts, term, f"parts of the gap of {runs[0].name}"))
    return values


def verdicts_of(plan: Plan, results: Results, claims: Sequence[tuple[str, Verdict]]) -> dict[str, dict[Verdict, int]]:
    """Numbers of claims by verdict, in the order of verdicts, under the names that the words use.

    Parameters
    ----------
    plan : Plan
    results : Results
    claims : sequence of id and verdict
        Claims on the place; empty for a paper on no place.
    """
    if plan.place:
        counts = Counter(verdict for _, verdict in claims)
        return {name: {verdict: counts[verdict] for verdict in kinds} for name, kinds in _COUNTED.items()}
    found = (Verdict(row["verdict"]) for row in results.findings if row["id"].startswith(_BORDER_CLAIMS))
    counts = Counter(found)
    return {"border_verdicts": {verdict: counts[verdict] for verdict in Verdict}}


_COUNTED = {
    "verdicts": tuple(Verdict),
    "decided": (Verdict.REPRODUCED, Verdict.CONSISTENT, Verdict.CONTRADICTED, Verdict.COHERENT),
}
"""Verdicts that a list counts by the name that the words give it."""


def _border_values(results: Results) -> _Values:
    """Estimates of the battery that the conclusion names."""
    values: _Values = {}
    models = {
        row["model"]: row for row in results.estimates if row["notebook"] == BATTERY and row["term"] == "on_border"
    }
    for name, item in _ITEMS.items():
        values |= _interval(
            name, _required(models, f"battery, at equal district status: {item}", f"items of {BATTERY}")
        )
    by_province = _of_borders(results)
    row, pre_specified = (
        _required(by_province, (*_MAIN[:-1], errors), f"estimates of {BORDERS}")
        for errors in (_MAIN[-1], _BY_PREFECTURE)
    )
    return {
        **values,
        **_interval("by_prefecture", pre_specified),
        **_from_tables(results),
        **_sizes(results, by_province, row["n"]),
        "counties": format_number(row["n"]),
        "provinces": format_number(row["clusters"]),
    }


def main_difference(results: Results) -> float:
    """The main difference of border counties in percent, below zero if they are lower.

    Raises
    ------
    ReportError
        If the results do not have its estimate.
    """
    return 100 * expm1(_required(_of_borders(results), _MAIN, f"estimates of {BORDERS}")["estimate"])


def _of_borders(results: Results) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    """Estimates of the notebook on borders by sample, model, outcome, term and errors."""
    return {
        (row["sample"], row["model"], row["outcome"], row["term"], row["vcov"]): row
        for row in results.estimates
        if row["notebook"] == BORDERS
    }


def _sizes(results: Results, estimates: Mapping[Any, Any], counties: int) -> _Values:
    """How many units there are, how many are left out and why; none where the steps were not printed."""
    runs = results.editions["en"]
    if BORDERS not in runs or "table steps" not in runs[BORDERS].exhibits:
        return {}
    steps = {row[0]: row[-1] for row in runs[BORDERS].exhibit("table", "steps").rows}
    missing = int(_required(steps, _LEFT_OUT, "rows of the table steps").replace(",", ""))
    mapped, inside = (_required(estimates, key, f"estimates of {BORDERS}")["n"] for key in _SIZES.values())
    counted = {
        "units": counties + missing,
        "unmapped": counties + missing - mapped,
        "mapped": mapped,
        "no_gdp": mapped - counties,
        "missing": missing,
        "borderless": counties - inside,
        "inside": inside,
    }
    return {name: format_number(number) for name, number in counted.items()}


def _interval(name: str, row: Mapping[str, Any]) -> _Values:
    """An estimate and the ends of its interval, in log points."""
    return {
        name: format_number(row["estimate"], _POINTS),
        f"{name}_low": format_number(row["low"], _POINTS),
        f"{name}_high": format_number(row["high"], _POINTS),
    }


def _from_tables(results: Results) -> _Values:
    """Numbers that the battery prints in tables: stability of the coefficient, tests on noise; none without them."""
    exhibits = results.run(BATTERY).exhibits
    if not {"table stability", "table placebo-noise"} <= set(exhibits):
        return {}
    stability, noise = exhibits["table stability"].rows, exhibits["table placebo-noise"].rows
    full = _required({row[0]: row for row in stability}, MISSING, "rows of the table stability")
    values = {"delta_first": stability[0][2], "r2_full": f"{float(full[1]):g}", "delta_full": full[2]}
    values["beta_full"] = typeset(full[3])
    rejected = {name: row[1] for row in noise for name, start in _ERRORS.items() if row[0].startswith(start)}
    for name in _ERRORS:
        values[f"noise_{name}"] = _required(rejected, name, "rows of the table placebo-noise")
    return {**values}


def _name(place: Place) -> Pair:
    return place.short_en, place.short_zh


def _required(rows: Mapping[Any, _Row], key: Any, what: str) -> _Row:
    if key not in rows:
        raise ReportError(f"The {what} have no {key!r}; they have {', '.join(sorted(map(str, rows)))[:400]}.")
    return rows[key]


_CLAIMED = re.compile(r"^[\d.,]+([^\d(（;；<>=][^(（;；<>=]*?)\s*(?:$|[(（;；<>=])", re.ASCII)
"""A claimed value and what stands between its number and what follows."""

_PIECE = re.compile(r"^(.*?)([−-]?[\d,]+(?:\.\d+)?)$", re.ASCII)
"""A computed value with the name before its number."""

_OTHER_UNIT = re.compile(r"percent|百分比|比重|, km|千米|over |之比|low|high|contribution")
"""Names of values that have a unit of their own, or none."""

_EXACT = 1_000
"""From here on a value computed from shares is printed without decimals."""


def unit_of(claimed: str) -> str:
    """Unit of a claimed value with the space before it; empty where the claim begins with no number.

    Examples
    --------
    >>> unit_of("59.3% < Zhejiang 73.4"), unit_of("930 × 10,000 yuan (of the stake)"), unit_of("6个县（共6个县）")
    ('%', ' × 10,000 yuan', '个县')
    """
    found = _CLAIMED.match(claimed)
    return found[1] if found else ""


def with_unit(text: str, computed: Any, unit: str) -> str:
    """Computed values as a table prints them, large ones without decimals, each in its unit.

    Parameters
    ----------
    text : str
        As the notebook prints them, with names.
    computed : number, condition, list or mapping
        The same values unrounded.
    unit : str
        With the space before it.

    Examples
    --------
    >>> with_unit("Quzhou 82,174; China 77,883.57", {"Quzhou": 82174.0, "China": 77883.56996}, " yuan")
    'Quzhou 82,174 yuan; China 77,884 yuan'
    """
    for value in computed.values() if isinstance(computed, Mapping) else (computed,):
        if isinstance(value, float) and abs(value) >= _EXACT:
            text = text.replace(format_number(value, 2), format_number(value))
    between = "；" if "；" in text else "; "
    pieces = text.split(between)
    return between.join(
        piece + unit if _PIECE.match(piece) and not _OTHER_UNIT.search(piece) else piece for piece in pieces
    )
