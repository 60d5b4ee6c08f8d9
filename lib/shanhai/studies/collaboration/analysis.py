"""A collaboration, assessed: targets beside results, what each group lacks, and the GDP per head of both sides."""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from shanhai.core.errors import ParameterError
from shanhai.core.places import Places, as_code
from shanhai.core.shared import shared
from shanhai.data.collaboration import PROGRAMME, indicators_of, load_collaboration
from shanhai.data.load import load_places, load_table
from shanhai.methods.records import Quantity
from shanhai.studies.collaboration.design import BASE_CHANGE, FIRMEST, GROUPS, STAGES

Codes = tuple[str, str]
"""Codes of the place that is helped and of its partner."""

_SEEN_AS = ("assessed", "open", "result", "bound", "target", "expected", "nothing")
"""States of an indicator, the most telling first: a target and a result that decide; that leave it open; a result
without a target; a bound alone; a target without a result of its years; an expectation; nothing printed."""


@dataclass(frozen=True)
class Assessment:
    """What is printed of one pair, and what it decides."""

    pair: Codes
    names: tuple[tuple[str, str], tuple[str, str]] = field(repr=False)
    """English and Chinese of the place that is helped and of its partner."""
    figures: pd.DataFrame = field(repr=False)
    """Figures of the pair, as :func:`shanhai.data.collaboration.check_collaboration` gives them, with the columns of
    their indicator."""
    progress: pd.DataFrame = field(repr=False)
    """Each target beside each result of its years: see :func:`compare_targets`."""
    states: pd.DataFrame = field(repr=False)
    """Each indicator with its group, stage and state."""

    def count(self, *states: str) -> int:
        """Indicators in one of these states."""
        return int(self.states["state"].isin(states).sum())

    @property
    def printed(self) -> int:
        """Indicators of which anything is printed."""
        return len(self.states) - self.count("nothing")


def check_pair(pair: str) -> None:
    """Refuse a pair that the table of pairings does not name.

    Raises
    ------
    ParameterError
    """
    find_pair(pair, load_table("pairings"), load_places())


def check_table(path: str) -> None:
    """Refuse a user's file that does not pass; an empty path is the table in force.

    Raises
    ------
    SettingsError, UnknownPlaceError, ValidationError
    """
    load_collaboration(path)


def find_pair(pair: str, pairings: pd.DataFrame, places: Places) -> Codes:
    """Codes of a pair by its codes or names, joined by a hyphen, in either order.

    Parameters
    ----------
    pair : ``Jinhua-Bazhong``, ``巴中-金华``, ``511900-330700``; ``Zhejiang`` is the programme as a whole.
    pairings : table ``pairings``.
    places : Places

    Raises
    ------
    ParameterError
        Naming the pairs that there are.
    """
    known = sorted({PROGRAMME, *pairings[["mountain_code", "sea_code"]].itertuples(index=False, name=None)})
    parts = re.split(r"\s*[-–—]\s*", as_code(pair))
    sides = [("-".join(parts[:cut]), "-".join(parts[cut:])) for cut in range(1, len(parts))]
    sides += [(second, first) for first, second in sides]
    if places.means(pair, PROGRAMME[0]):
        return PROGRAMME
    for codes in known:
        if any(places.means(first, codes[0]) and places.means(second, codes[1]) for first, second in sides):
            return codes
    names = ["-".join(_english(code, places) for code in codes) for codes in known if codes != PROGRAMME]
    near = get_close_matches(str(pair).strip(), names, n=3, cutoff=0.4)
    raise ParameterError(
        f"pair is {pair!r}; allowed: Zhejiang (the programme as a whole), {', '.join(names)}; names in either language "
        f"or codes, in either order. Near: {near}. Choose one, or add the pair to a table pairings of your own."
    )


def _english(code: str, places: Places) -> str:
    return next(place.short_en for place in places.all if place.code == code)


def assess(figures: pd.DataFrame, indicators: pd.DataFrame, pair: Codes, places: Places) -> Assessment:
    """Assess one pair.

    Parameters
    ----------
    figures : of :func:`shanhai.data.collaboration.check_collaboration`; of any pairs.
    indicators : table ``collaboration_indicators``.
    pair : codes, as :func:`find_pair` gives them.
    places : Places
    """
    asked = indicators_of(indicators, pair)
    asked = asked.assign(rank=[GROUPS.index(group) for group in asked["group"]], later=asked["stage"].eq(STAGES[1]))
    asked = asked.sort_values(["rank", "later", "indicator"], ignore_index=True).drop(columns=["rank", "later"])
    own = figures[figures["mountain_code"].eq(pair[0]) & figures["sea_code"].eq(pair[1])]
    progress = compare_targets(own)
    states = [
        _state(own[own["indicator"].eq(name)], progress[progress["indicator"].eq(name)]) for name in asked["indicator"]
    ]
    by_code = {place.code: place for place in places.all}
    both = [by_code[code] for code in pair]
    whole = any(place.level == "county" for place in both)  # 三门县与台州市, but 巴中与金华
    names = tuple((place.short_en, place.name_zh if whole else place.short_zh) for place in both)
    described = asked[["indicator", "group", "stage", "unit", "english", "chinese"]].rename(columns={"unit": "base"})
    own = described.merge(own, on="indicator", how="inner", sort=False)
    return Assessment(pair, (names[0], names[1]), own, progress, asked.assign(state=states))


def compare_targets(figures: pd.DataFrame) -> pd.DataFrame:
    """Each target beside each result that it can be held against.

    A yearly target is for each year from its first to its last; a sum needs the same first year; a state or sum of an
    earlier year is on the way. A figure of another pair, indicator or period, or of a year before a yearly target's
    first or after its last, is not compared.

    Parameters
    ----------
    figures : of one pair, with ``value``, ``low`` and ``high`` in the unit of the indicator.

    Returns
    -------
    DataFrame
        indicator, first_year, target_year, target, year (of the result; missing without one), low, high, share_low,
        share_high (percent of the target), to_go_low, to_go_high (never negative), pace (needed a year until the year
        of the target, for a state or sum on the way), state: reached, short (its year is over), on the way, open (the
        bounds of the result hold both answers), no result.
    """
    rows = []
    results = figures[figures["kind"].eq("result")]
    for target in figures[figures["kind"].eq("target")].to_dict("records"):
        held = results[results["indicator"].eq(target["indicator"]) & results["period"].eq(target["period"])]
        held = held[_of_its_years(held, target)].sort_values("year")
        rows += [_beside(target, result) for result in held.to_dict("records")] or [_alone(target)]
    columns = [
        *(
            "indicator",
            "period",
            "first_year",
            "target_year",
            "target",
            "given",
            "factor",
            "unit",
            "year",
            "low",
            "high",
        ),
        *("share_low", "share_high", "to_go_low", "to_go_high", "pace", "state"),
    ]
    return pd.DataFrame(rows, columns=columns)


def _of_its_years(results: pd.DataFrame, target: Mapping[Hashable, Any]) -> pd.Series:
    inside = results["year"].le(target["year"])
    if target["period"] == "per_year":
        first = target["year"] if pd.isna(target["first_year"]) else target["first_year"]
        return inside & results["year"].ge(first)
    if target["period"] == "in_all":
        return inside & (
            results["first_year"].eq(target["first_year"])
            | (results["first_year"].isna() & pd.isna(target["first_year"]))
        )
    return inside


def _alone(target: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {
        "indicator": target["indicator"],
        "period": target["period"],
        "first_year": target["first_year"],
        "target_year": target["year"],
        "target": target["value"],
        "given": target["given"],
        "factor": target["value"] / target["given"] if target["given"] else 1.0,
        "unit": target["unit"],
        "state": "no result",
    }


def _beside(target: Mapping[Hashable, Any], result: Mapping[Hashable, Any]) -> dict[str, Any]:
    goal, low, high = target["value"], result["low"], result["high"]
    ahead = target["year"] - result["year"] if target["period"] != "per_year" else 0
    if low >= goal:
        state = "reached"
    elif high < goal or (high == goal and result["bound"] == "under"):
        state = "on the way" if ahead > 0 else "short"
    else:
        state = "open"
    to_go = max(goal - high, 0.0), max(goal - low, 0.0)
    return _alone(target) | {
        "year": result["year"],
        "low": low,
        "high": high,
        "share_low": 100 * low / goal if goal else np.nan,
        "share_high": 100 * high / goal if goal else np.nan,
        "to_go_low": to_go[0],
        "to_go_high": to_go[1],
        "pace": to_go[1] / ahead if state == "on the way" else np.nan,
        "state": state,
    }


def _state(figures: pd.DataFrame, progress: pd.DataFrame) -> str:
    """The first state of ``_SEEN_AS`` that holds for an indicator."""
    results = figures[figures["kind"].eq("result")]
    holds = {
        "assessed": progress["state"].isin(["reached", "short", "on the way"]).any(),
        "open": progress["state"].eq("open").any(),
        "result": results["bound"].isin(FIRMEST).any(),
        "bound": len(results) > 0,
        "target": len(progress) > 0,
        "expected": figures["kind"].eq("expected").any(),
        "nothing": True,
    }
    return next(state for state in _SEEN_AS if holds[state])


def coverage(assessment: Assessment) -> pd.DataFrame:
    """Indicators of each group and stage by what is printed: group, stage, asked, results, targets, assessed, state.

    ``state`` is that of the indicator of which most is printed.
    """
    rows = []
    kinds = assessment.figures.groupby("indicator")["kind"].agg(set)
    for (group, stage), part in assessment.states.groupby(["group", "stage"], sort=False):
        having = [kinds.get(name, set()) for name in part["indicator"]]
        best = min(part["state"], key=_SEEN_AS.index)
        counted = {
            "group": group,
            "stage": stage,
            "asked": len(part),
            "results": sum("result" in kind for kind in having),
            "targets": sum("target" in kind for kind in having),
            "assessed": int(part["state"].eq("assessed").sum()),
            "state": best,
        }
        rows.append(counted)
    return pd.DataFrame(rows)


@shared
def assess_all(
    figures: pd.DataFrame, indicators: pd.DataFrame, pairs: Sequence[Codes], places: Places
) -> list[Assessment]:
    """The assessments of several pairs, in their order."""
    return [assess(figures, indicators, pair, places) for pair in pairs]


def pairs_of(pairings: pd.DataFrame) -> list[Codes]:
    """The pairs of the table of pairings, the programme first, sorted by codes."""
    return [PROGRAMME, *sorted(set(pairings[["mountain_code", "sea_code"]].itertuples(index=False, name=None)))]


def start_year(pairings: pd.DataFrame, pair: Codes) -> float:
    """First year that the table of pairings names for a pair; missing if it names none, or for the programme."""
    own = pairings[pairings["mountain_code"].eq(pair[0]) & pairings["sea_code"].eq(pair[1])]
    return float(own["year"].min()) if own["year"].notna().any() else np.nan


def two_levels(prefectures: pd.DataFrame, counties: pd.DataFrame) -> pd.DataFrame:
    """GDP of 2011 and 2021 (yuan) and residents of 2010 and 2020 of prefectures and counties, one row a code."""
    columns = ["code", "gdp_2011", "gdp_2021", "population_2010", "population_2020"]
    units = pd.concat([prefectures[columns], counties[columns]], ignore_index=True)
    return units.drop_duplicates("code", ignore_index=True)  # a prefecture without counties is in both


def official_outcomes(pair: Codes, units: pd.DataFrame, economy: pd.DataFrame) -> pd.DataFrame:
    """GDP per head of both sides by year, over residents, and as published for prefectures.

    Parameters
    ----------
    pair : codes; the programme has no two sides and gives no rows.
    units : code, gdp_2011, gdp_2021 (yuan), population_2010, population_2020, of counties and prefectures.
    economy : table ``prefecture_economy``.

    Returns
    -------
    DataFrame
        side (helped, partner), basis (residents: GDP over residents of the census a year before; published), year,
        gdp_per_head (yuan, current prices), run (number of a stretch of published years over the same people: a new one
        begins where GDP over GDP per head moves by more than ``BASE_CHANGE``).
    """
    columns = ["side", "basis", "year", "gdp_per_head", "run"]
    if pair == PROGRAMME:
        return pd.DataFrame(columns=columns)
    rows = []
    for side, code in zip(("helped", "partner"), pair, strict=True):
        for year, census in ((2011, 2010), (2021, 2020)):
            here = units[units["code"].eq(code)]
            heads = (here[f"gdp_{year}"] / here[f"population_{census}"]).dropna()
            rows += [(side, "residents", year, float(head), 0) for head in heads]
        published = economy[economy["code"].eq(code)].dropna(subset=["gdp_100m_yuan", "gdp_per_capita_yuan"])
        published = published[published["year"].ge(2008)].sort_values("year")
        people = published["gdp_100m_yuan"] / published["gdp_per_capita_yuan"]
        runs = (people / people.shift() - 1).abs().gt(BASE_CHANGE).cumsum()
        heads_by_year = zip(published["year"], published["gdp_per_capita_yuan"], runs, strict=True)
        rows += [(side, "published", int(year), float(head), int(run)) for year, head, run in heads_by_year]
    return pd.DataFrame(rows, columns=columns)


def outcome_ratios(outcomes: pd.DataFrame) -> pd.DataFrame:
    """GDP per resident of the partner over that of the place helped, in years that both have: year, ratio."""
    wide = outcomes[outcomes["basis"].eq("residents")].pivot(index="year", columns="side", values="gdp_per_head")
    wide = wide.reindex(columns=["helped", "partner"]).dropna()
    return (wide["partner"] / wide["helped"]).rename("ratio").reset_index()


def assessment_quantities(assessment: Assessment) -> list[Quantity]:
    """Indicators by state, and shares of targets, as numbers of the notebook."""
    sample = "-".join(assessment.pair)
    asked = len(assessment.states)
    counted = [
        Quantity(sample, "indicators", "assessment", state, assessment.count(state), asked, unit="indicators")
        for state in _SEEN_AS
    ]
    shares = [
        Quantity(
            sample,
            f"{row['indicator']} share of target",
            "assessment",
            f"{row['year']:.0f}",
            row["share_low"],
            1,
            unit="results",
        )
        for row in assessment.progress.dropna(subset=["year"]).to_dict("records")
    ]
    return [*counted, *shares]
