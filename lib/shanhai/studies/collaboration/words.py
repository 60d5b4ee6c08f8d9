"""What can be said of a collaboration, in sentences; every number computed."""

from collections.abc import Hashable, Mapping, Sequence
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

_COMMAS = WORDS.pair("list.comma")
_HOLDERS_NAMED = 2
_TENS_OF_THOUSANDS = {"10k persons"}


def pair_name(assessment: Assessment) -> Pair:
    """Name of a pair, or of the programme."""
    (helped, partner) = assessment.names
    if assessment.pair[0] == assessment.pair[1]:
        return WORDS.pair("pair.programme")
    return WORDS.pair("pair.two", helped=helped, partner=partner)


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
    """A value in a unit, and the unit; people are counted in tens of thousands in Chinese only."""
    chinese = plain_number(value)
    if unit in _TENS_OF_THOUSANDS:
        return {"value": (plain_number(value * 1e4), chinese), "unit": _unit_name(unit)}
    return {"value": (chinese, chinese), "unit": _unit_name(unit)}


def plain_number(value: float) -> str:
    """A number with one decimal, none if it is whole."""
    return format_number(value, 0 if float(value).is_integer() else 1)


def year_text(first: float, last: float) -> Pair:
    """A year, a span of years, or that none is printed."""
    if is_missing(last):
        return WORDS.pair("years.none")
    year = format_number(last, grouped=False)
    if is_missing(first):
        return year, year
    return WORDS.pair("years.span", first=format_number(first, grouped=False), last=year)


def answer(assessment: Assessment, language: str = "en") -> str:
    """Whether the collaboration can be assessed, what is printed of it, and what would be needed from whom."""
    asked, assessed = str(len(assessment.states)), assessment.count("assessed")
    name = pair_name(assessment)
    if not assessment.printed:
        return paragraph([WORDS.pair("answer.empty", pair=name, asked=asked), _needs(assessment)], language)
    form = "decided" if assessed else "not"
    first = WORDS.pair(f"answer.{form}", pair=name, asked=asked, assessed=str(assessed))
    return paragraph([first, _printed(assessment), _needs(assessment)], language)


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


def _needs(assessment: Assessment) -> Pair:
    lacking = assessment.states[assessment.states["state"].ne("assessed")]
    if lacking.empty:
        return WORDS.pair("answer.complete")
    holders = (
        lacking.groupby(["holder_english", "holder_chinese"], sort=True)
        .size()
        .sort_values(ascending=False, kind="stable")
    )
    named = listed([(str(en), str(zh)) for en, zh in holders.index[:_HOLDERS_NAMED]], WORDS.pair("list.and"))
    return WORDS.pair("answer.needs", lacking=str(len(lacking)), holders=named)


def stages_text(assessment: Assessment, language: str = "en") -> str:
    """How much is printed of what was done, and of what came of it."""
    states = assessment.states
    counted: dict[str, str] = {}
    for stage in STAGES:
        own = states[states["stage"].eq(stage)]
        counted[f"{stage}_asked"] = str(len(own))
        counted[f"{stage}_printed"] = str(own["state"].ne("nothing").sum())
    firm = states["stage"].eq(STAGES[1]) & states["state"].isin(["assessed", "result"])
    return WORDS("stages.text", language, joint="\n", outcome_firm=str(firm.sum()), **counted)


def targets_text(assessment: Assessment, language: str = "en") -> str:
    """How the targets stand, and which results are of years before them."""
    progress = assessment.progress
    if progress.empty:
        return WORDS("targets.none", language, joint="\n")
    states = progress["state"]
    counted = {
        "targets": str(len(progress[["indicator", "target_year", "target", "period"]].drop_duplicates())),
        "reached": str(states.eq("reached").sum()),
        "short": str(states.eq("short").sum()),
        "way": str(states.eq("on the way").sum()),
        "open": str(states.eq("open").sum()),
        "none": str(states.eq("no result").sum()),
    }
    lines = [WORDS("targets.some", language, joint="\n", **counted)]
    return "\n".join([*lines, *_before(assessment, language)])


def _before(assessment: Assessment, language: str) -> list[str]:
    """Results of years before those of a yearly target, which are no progress."""
    figures = assessment.figures
    lines = []
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
            lines.append(WORDS(key, language, joint="\n", below=format_number(below), **said))
    return lines


def outcome_text(assessment: Assessment, ratios: pd.DataFrame, start: float, language: str = "en") -> str:
    """GDP per resident of both sides, and what of its change the pair could have to do with."""
    helped, partner = assessment.names
    if ratios.empty:
        return WORDS("outcome.none", language, joint="\n")
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
    return WORDS(
        "index.given",
        language,
        joint="\n",
        pairs=str(len(index.table)),
        indicators=str(len(basis.groups)),
        groups=str(basis.groups.nunique()),
        draws=format_number(index.draws),
        settled=str(index.settled),
        comparisons=str(len(index.reversals)),
        low=format_number(first["low"], 2),
        high=format_number(first["high"], 2),
    )
