"""The ranking of the 26 in sentences, and the names of what it is made of; every number is computed."""

from collections.abc import Sequence
from functools import lru_cache

import pandas as pd

from shanhai.core.fields import label_of
from shanhai.data.load import load_places
from shanhai.data.vintage import PRE_SPECIFIED, Vintage
from shanhai.render.numbers import format_number, format_percent
from shanhai.render.style import label
from shanhai.render.words import Pair, Words
from shanhai.studies.border.words import year_sentences
from shanhai.studies.ranking.analysis import MOSTLY, Change, Ranking
from shanhai.studies.ranking.design import INDICATORS, SURE
from shanhai.studies.ranking.values import county_types

WORDS = Words.beside(__file__)
"""Words of this study."""

_IN_THE_FRAME = ("urban_share", "share_60_plus", "mean_schooling", "illiteracy")
"""Indicators that are columns of the county frame and named as these are."""


def county_name(code: str, language: str) -> str:
    """Name of one of the 26 on one line."""
    return label(language, *_names()[code])


@lru_cache(maxsize=1)
def _names() -> dict[str, Pair]:
    places = load_places()
    found = [places.county(code) for code in county_types().index]
    return {place.code: (place.name_en, place.name_zh) for place in found}


def indicator_names(vintage: Vintage = PRE_SPECIFIED) -> dict[str, Pair]:
    """English and Chinese name of each indicator, with its year."""
    return {
        each.key: label_of(vintage.column(each.key), unit=False)
        if each.key in _IN_THE_FRAME
        else WORDS.pair(f"indicator.{each.key}.name", gdp=str(vintage.gdp))
        for each in INDICATORS
    }


def data_text(rankings: Sequence[Ranking], language: str = "en") -> str:
    """How many indicators judge each type, and which values are missing."""
    return "\n".join(label(language, *_data_line(each), joint="\n") for each in rankings)


def _data_line(each: Ranking) -> Pair:
    places, names = each.spread.places, indicator_names(each.vintage)
    parts = [
        WORDS.pair(
            "text.count",
            type=_type(each.kind),
            places=str(len(places)),
            indicators=str(len(each.weights)),
            groups=str(len(each.groups.columns)),
        )
    ]
    missing = each.indicators.loc[places].isna()
    parts += [
        WORDS.pair("text.missing", indicator=names[key], places=_listed(places[missing[key]]))
        for key in missing.columns[missing.any()]
    ]
    if each.without:
        left = [names[key] for key in each.without]
        listed = ("; ".join(en for en, _ in left), "；".join(zh for _, zh in left))
        parts.append(WORDS.pair("text.without", indicators=listed))
    return "".join(en for en, _ in parts), "".join(zh for _, zh in parts)


def answer(rankings: Sequence[Ranking], language: str = "en") -> str:
    """What the ranks bear: how far apart two counties must lie, how many pairs keep their order, how wide ranks are."""
    lines = [_ranks_line(each, language) for each in rankings]
    return "\n".join([*lines, *year_sentences(rankings[0].vintage, language)])


def thirds_text(rankings: Sequence[Ranking], language: str = "en") -> str:
    """Who is surely in the best or the last third."""
    lines = []
    for each in rankings:
        top, bottom = (_listed(each.ranks.index[each.ranks[side] >= SURE]) for side in ("top", "bottom"))
        kind, sure = _type(each.kind), format_percent(100 * SURE, 0)
        lines.append(WORDS("text.thirds", language, joint="\n", type=kind, sure=sure, top=top, bottom=bottom))
    return "\n".join(lines)


def _ranks_line(each: Ranking, language: str) -> str:
    kept = int((each.pairs >= SURE).sum())
    return WORDS(
        "text.ranks",
        language,
        joint="\n",
        type=_type(each.kind),
        apart=format_number(each.apart[0]),
        points=format_number(100 * each.apart[1], 1),
        mostly=format_percent(100 * MOSTLY, 0),
        kept=str(kept),
        pairs=str(len(each.pairs)),
        share=format_percent(100 * kept / len(each.pairs), 0),
        sure=format_percent(100 * SURE, 0),
        middle=format_percent(100 * each.spec.level, 0),
        width=format_number(each.width),
        places=str(len(each.spread.places)),
    )


def sensitivity_text(rankings: Sequence[Ranking], language: str = "en") -> str:
    """Which decision moves the ranks most, and which least."""
    lines = []
    for each in rankings:
        shares = each.variance.drop("interactions").sort_values(ascending=False, kind="stable")
        first, last = shares.index[0], shares.index[-1]
        most, least = (format_percent(100 * shares[name], 0) for name in (first, last))
        decisions = {"first": WORDS.pair(f"choice.{first}"), "last": WORDS.pair(f"choice.{last}")}
        kind = _type(each.kind)
        lines.append(WORDS("text.sensitivity", language, joint="\n", type=kind, most=most, least=least, **decisions))
    return "\n".join(lines)


def coordination_text(rankings: Sequence[Ranking], language: str = "en") -> str:
    """How far the grades of coordination hang on the version of the formula."""
    table = pd.concat([each.coordination for each in rankings])
    standard, modified = table["coordination"], table["coordination_modified"]
    return WORDS(
        "text.coordination",
        language,
        joint="\n",
        moved=str(int(table["grade"].ne(table["grade_modified"]).sum())),
        places=str(len(table)),
        drop=format_number((standard - modified).mean(), 2),
        both=format_number(standard.corr(modified), 2),
    )


def change_power_text(changes: Sequence[tuple[Change, Change]], language: str = "en") -> str:
    """How large a change must be to differ significantly from none, and what was redefined after a first run."""
    lines = [
        WORDS(
            "text.reach",
            language,
            joint="\n",
            type=_type(levels.kind),
            own=format_number(levels.reach, 2),
            against=format_number(gaps.reach, 2),
        )
        for levels, gaps in changes
    ]
    return "\n".join([*lines, WORDS("text.redefined", language, joint="\n")])


def change_text(changes: Sequence[tuple[Change, Change]], language: str = "en") -> str:
    """How many counties rose, on levels and against the province, and who is left out."""
    lines = []
    for levels, gaps in changes:
        (up, down, open_), (near, far, unclear) = (_change_counts(each.table) for each in (levels, gaps))
        counts = {"up": up, "down": down, "open": open_, "near": near, "far": far, "unclear": unclear}
        english, chinese = WORDS.pair("text.change", type=_type(levels.kind), places=str(len(levels.table)), **counts)
        if levels.left_out:
            also = WORDS.pair("text.left_out", places=_listed(levels.left_out))
            english, chinese = english + also[0], chinese + also[1]
        lines.append(label(language, english, chinese, joint="\n"))
    return "\n".join(lines)


def _change_counts(table: pd.DataFrame) -> tuple[str, str, str]:
    up, down = int((table["low"] > 0).sum()), int((table["high"] < 0).sum())
    return str(up), str(down), str(len(table) - up - down)


def group_text(rankings: Sequence[Ranking], language: str = "en") -> str:
    """In which group each type stands lowest on average, on the scale of all 26."""
    lines = []
    for each in rankings:
        means = each.groups.mean().sort_values(kind="stable")
        lines.append(
            WORDS(
                "text.groups",
                language,
                joint="\n",
                type=_type(each.kind),
                low=WORDS.pair(f"short.{means.index[0]}"),
                least=format_number(means.iloc[0]),
                high=WORDS.pair(f"short.{means.index[-1]}"),
                most=format_number(means.iloc[-1]),
            )
        )
    return "\n".join(lines)


def _type(kind: str) -> Pair:
    """Name of a type at the start of a sentence."""
    english, chinese = WORDS.pair(f"type.{kind}")
    return english.capitalize(), chinese


def _listed(codes: Sequence[str] | pd.Index) -> Pair:
    if not len(codes):
        return WORDS.pair("list.none")
    names = [_names()[str(code)] for code in codes]
    return ", ".join(en for en, _ in names), "、".join(zh for _, zh in names)
