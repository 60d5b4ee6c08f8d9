"""What can be said of a collaboration, in sentences; every number computed."""

from collections.abc import Hashable, Mapping, Sequence
from math import isclose
from typing import Any

import pandas as pd

from shanhai.render.numbers import format_number, is_missing
from shanhai.render.style import label
from shanhai.render.words import Pair, Words, listed, paragraph
from shanhai.studies.collaboration.analysis import Assessment
from shanhai.studies.collaboration.comparison import Basis, PairIndex
from shanhai.studies.collaboration.design import FIRMEST, GROUPS, LEAST_GROUPS, LEAST_PAIRS, STAGES

WORDS = Words.beside(__file__)
"""Words of this study."""

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing prose of notebook 14."""

_COMMAS = WORDS.pair("list.comma")
_HOLDERS_NAMED = 2
_IN_ENGLISH = {"10k persons": 1e4, "10k yuan": 0.01, "100m yuan": 0.1}
"""Factors from what Chinese counts in ten thousands and hundred millions to people, million and billion yuan."""


def pair_name(assessment: Assessment) -> Pair:
    """Name of a pair, or of the programme."""
    return _named("pair", assessment)


def subject(assessment: Assessment) -> Pair:
    """The collaboration of a pair, or the programme, inside a sentence."""
    return _named("subject", assessment)


def _named(group: str, assessment: Assessment) -> Pair:
    helped, partner = assessment.names
    form = "programme" if assessment.pair[0] == assessment.pair[1] else "two"
    return WORDS.pair(f"{group}.{form}", helped=helped, partner=partner)


def pair_names(assessments: Sequence[Assessment], language: str = "en") -> dict[str, str]:
    """Name of each pair by ``mountain-sea``."""
    return {"-".join(each.pair): label(language, *pair_name(each)) for each in assessments}


def _unit_name(unit: str) -> Pair:
    """Printed name of a unit; one of the user's own as it stands."""
    return WORDS.labels("unit").get(unit, (unit, unit))


def figure_text(row: Mapping[Hashable, Any]) -> Pair:
    """A figure as it is printed: with its unit, and whether it is a bound."""
    return WORDS.pair(f"bound.{row['bound']}", **_amount(row["given"], row["unit"]))


def _amount(value: float, unit: str) -> dict[str, Pair]:
    return {"value": amount(value, unit), "unit": _unit_name(unit)}


def amount(value: float, unit: str) -> Pair:
    """A value in the unit that each language counts in."""
    return _plain_number(value * _IN_ENGLISH.get(unit, 1.0)), _plain_number(value)


def _plain_number(value: float) -> str:
    """A number with as many of two decimals as it needs."""
    return format_number(value, next((digits for digits in (0, 1) if isclose(value, round(value, digits))), 2))


def year_text(first: float, last: float) -> Pair:
    """A year, a span of years, or that none is printed."""
    if is_missing(last):
        return WORDS.pair("years.none")
    year = format_number(last, grouped=False)
    if is_missing(first):
        return year, year
    return WORDS.pair("years.span", first=format_number(first, grouped=False), last=year)


def answer(assessment: Assessment, language: str = "en") -> str:
    """Whether the collaboration can be assessed, which figures there are, and what they cannot show."""
    asked, assessed = str(len(assessment.states)), assessment.count("assessed")
    english, chinese = subject(assessment)
    name = english[0].upper() + english[1:], chinese
    if not assessment.printed:
        return paragraph([WORDS.pair("answer.empty", pair=name, asked=asked)], language)
    form = "decided" if assessed else "not"
    said: dict[str, str | Pair] = {"pair": name, "asked": asked, "assessed": str(assessed)}
    said["period"] = _period(assessment)
    return paragraph([WORDS.pair(f"answer.{form}", **said), _printed(assessment), WORDS.pair("answer.doubt")], language)


def _period(assessment: Assessment) -> Pair:
    """The years of the figures, where any names one."""
    years = pd.concat([assessment.figures["first_year"], assessment.figures["year"]]).dropna()
    if years.empty:
        return WORDS.pair("answer.no_period")
    first = years.min() if years.min() < years.max() else float("nan")
    return WORDS.pair("answer.period", years=year_text(first, years.max()))


def _printed(assessment: Assessment) -> Pair:
    figures = assessment.figures
    results = figures[figures["kind"].eq("result")]
    firm = results.loc[results["bound"].isin(FIRMEST), "indicator"].nunique()
    targets = figures.loc[figures["kind"].eq("target"), "indicator"].nunique()
    there = set(figures["group"])
    empty = [WORDS.pair(f"group.{group}") for group in GROUPS if group not in there]
    return WORDS.pair(
        f"answer.{'printed' if empty else 'printed_all'}",
        results=str(results["indicator"].nunique()),
        firm=str(firm),
        bounds=str(results["indicator"].nunique() - firm),
        targets=str(targets) if targets else WORDS.pair("answer.none"),
        empty=listed(empty, _COMMAS),
    )


def needs_text(assessment: Assessment, language: str = "en") -> str:
    """How many indicators lack a figure, and who would hold most of them."""
    lacking = assessment.states[assessment.states["state"].ne("assessed")]
    if lacking.empty:
        return paragraph([WORDS.pair("needs.complete")], language)
    holders = (
        lacking.groupby(["holder_english", "holder_chinese"], sort=True)
        .size()
        .sort_values(ascending=False, kind="stable")
    )
    named = listed([(str(en), str(zh)) for en, zh in holders.index[:_HOLDERS_NAMED]], WORDS.pair("list.and"))
    return paragraph([WORDS.pair("needs.lacking", lacking=str(len(lacking)), holders=named)], language)


def stages_text(assessment: Assessment, language: str = "en") -> str:
    """How many figures there are of what was done, and of what came of it."""
    states = assessment.states
    counted: dict[str, str] = {}
    for stage in STAGES:
        own = states[states["stage"].eq(stage)]
        counted[f"{stage}_asked"] = str(len(own))
        counted[f"{stage}_printed"] = str(own["state"].ne("nothing").sum())
    firm = states["stage"].eq(STAGES[1]) & states["state"].isin(["assessed", "result"])
    return paragraph([WORDS.pair("stages.text", outcome_firm=str(firm.sum()), **counted)], language)


def targets_text(assessment: Assessment, language: str = "en") -> str:
    """How the targets stand, and which results are of years before them."""
    progress = assessment.progress
    if progress.empty:
        return paragraph([WORDS.pair("targets.none")], language)
    states = progress["state"]
    counted = {
        "targets": str(len(progress[["indicator", "target_year", "target", "period"]].drop_duplicates())),
        "reached": str(states.eq("reached").sum()),
        "short": str(states.eq("short").sum()),
        "way": str(states.eq("on the way").sum()),
        "open": str(states.eq("open").sum()),
        "none": str(states.eq("no result").sum()),
    }
    return paragraph([WORDS.pair("targets.some", **counted), *_before(assessment)], language)


def _before(assessment: Assessment) -> list[Pair]:
    """Results of years before those of a yearly target, which are no progress."""
    figures = assessment.figures
    sentences = []
    for target in figures[figures["kind"].eq("target") & figures["period"].eq("per_year")].to_dict("records"):
        first = target["year"] if is_missing(target["first_year"]) else target["first_year"]
        same = figures["indicator"].eq(target["indicator"]) & figures["period"].eq("per_year")
        for result in figures[same & figures["kind"].eq("result") & figures["year"].lt(first)].to_dict("records"):
            below = 100 * (1 - target["value"] / result["value"]) if result["value"] else 0.0
            said: dict[str, str | Pair] = {
                "indicator": (target["english"].capitalize(), target["chinese"]),
                "result": figure_text(result),
                "year": format_number(result["year"], grouped=False),
                "target": figure_text(target),
                "years": year_text(target["first_year"], target["year"]),
            }
            key = "targets.before" if below > 0 else "targets.before_above"
            sentences.append(WORDS.pair(key, below=format_number(below), **said))
    return sentences


def outcome_text(assessment: Assessment, ratios: pd.DataFrame, start: float, language: str = "en") -> str:
    """GDP per resident of both sides, and what of its change the pair could have to do with."""
    helped, partner = assessment.names
    if ratios.empty:
        return paragraph([WORDS.pair("outcome.none")], language)
    first, last = ratios.iloc[0], ratios.iloc[-1]
    said = WORDS.pair(
        f"outcome.{'ratio' if len(ratios) > 1 else 'one'}",
        helped=helped,
        partner=partner,
        first=format_number(first["ratio"], 1),
        first_year=format_number(first["year"], grouped=False),
        last=format_number(last["ratio"], 1),
        last_year=format_number(last["year"], grouped=False),
    )
    if is_missing(start):
        return paragraph([said, WORDS.pair("outcome.unnamed")], language)
    return paragraph([said, WORDS.pair("outcome.started", start=format_number(start, grouped=False))], language)


def index_text(basis: Basis, index: PairIndex | None, language: str = "en") -> str:
    """Whether there is an index, and how far it can be trusted."""
    if index is None:
        refused = WORDS.pair(
            f"index.{'refused' if len(basis.groups) else 'refused_all'}",
            given=str(basis.given),
            pairs=str(len(basis.table)),
            indicators=str(len(basis.groups)),
            groups=str(basis.groups.nunique()),
            least_pairs=str(LEAST_PAIRS),
            least_groups=str(LEAST_GROUPS),
        )
        return paragraph([WORDS.pair("index.one"), refused], language)
    first = index.table.iloc[0]
    given = WORDS.pair(
        "index.given",
        pairs=str(len(index.table)),
        indicators=str(len(basis.groups)),
        groups=str(basis.groups.nunique()),
        draws=format_number(index.draws),
        settled=str(index.settled),
        comparisons=str(len(index.reversals)),
        low=format_number(first["low"], 2),
        high=format_number(first["high"], 2),
    )
    return paragraph([given], language)
