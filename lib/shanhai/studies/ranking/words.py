"""The ranking of the 26 in sentences, and the names of what it is made of; every number is computed."""

from collections.abc import Sequence
from functools import lru_cache

import pandas as pd

from shanhai.core.fields import label_of
from shanhai.data.load import load_places
from shanhai.data.vintage import PRE_SPECIFIED, Vintage
from shanhai.render.numbers import format_number, format_percent
from shanhai.render.style import label
from shanhai.render.words import Pair, Words, listed, paragraph
from shanhai.studies.border.words import year_note
from shanhai.studies.ranking.analysis import MOSTLY, Change, Ranking
from shanhai.studies.ranking.design import INDICATORS, SURE
from shanhai.studies.ranking.values import EARLY, county_types

WORDS = Words.beside(__file__)
"""Words of this study."""

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing prose of notebook 11."""

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


def middle(level: float) -> Pair:
    """The middle of the rankings that ranges cover: by its share in English, by its quantiles in Chinese."""
    low, high = (format_percent(50 + side * 50 * level, 0) for side in (-1, 1))
    return WORDS.pair("middle", span=(format_percent(100 * level, 0), f"{low}～{high}"))


def both_dates(vintage: Vintage) -> tuple[str, str]:
    """The two dates that are compared, as in 2010/11 and 2020/21."""
    early, late = (f"{years.census}/{years.gdp % 100:02d}" for years in (EARLY, vintage))
    return early, late


def answer(rankings: Sequence[Ranking], language: str = "en") -> str:
    """How many pairs of counties keep their order, how wide ranks are, what moves them, and what the data lack."""
    first = rankings[0]
    kept = [
        WORDS.pair("answer.kept", kept=str(_safe(each)), pairs=str(len(each.pairs)), type=_type(each.kind, inside=True))
        for each in rankings
    ]
    widths = [
        WORDS.pair("answer.width", width=format_number(each.width), places=str(len(each.spread.places)))
        for each in rankings
    ]
    order = WORDS.pair(
        "answer.ranks",
        dates=both_dates(first.vintage)[1],
        kept=listed(kept, WORDS.pair("list.both")),
        sure=format_percent(100 * SURE, 0),
        rankings=format_number(first.spread.scores[..., 0].size),
    )
    variance = WORDS.pair(
        "answer.variance",
        middle=middle(first.spec.level),
        width=listed(widths, WORDS.pair("list.and")),
        draws=_shares(rankings, ["draws"]),
        weights=_shares(rankings, ["weights"]),
    )
    return paragraph([order, variance, WORDS.pair("answer.doubt")], language)


def _safe(each: Ranking) -> int:
    return int((each.pairs >= SURE).sum())


def _shares(rankings: Sequence[Ranking], choices: Sequence[str]) -> Pair:
    shares = [format_percent(100 * each.variance[list(choices)].sum(), 0) for each in rankings]
    return listed([(share, share) for share in shares], WORDS.pair("list.and"))


def data_text(rankings: Sequence[Ranking], language: str = "en") -> str:
    """How many indicators judge each type, which values are missing, and whether the year was fixed beforehand."""
    sentences = [sentence for each in rankings for sentence in _data_sentences(each)]
    return paragraph([*sentences, year_note(rankings[0].vintage)], language)


def _data_sentences(each: Ranking) -> list[Pair]:
    places, names = each.spread.places, indicator_names(each.vintage)
    count = WORDS.pair(
        "text.count",
        type=_type(each.kind),
        places=str(len(places)),
        indicators=str(len(each.weights)),
        groups=str(len(each.groups.columns)),
    )
    missing = each.indicators.loc[places].isna()
    lacking = [
        WORDS.pair("text.missing", indicator=names[key], places=_listed(places[missing[key]]))
        for key in missing.columns[missing.any()]
    ]
    if each.without:
        lacking.append(WORDS.pair("text.without", indicators=listed([names[key] for key in each.without])))
    return [count, *lacking]


def ranks_text(rankings: Sequence[Ranking], language: str = "en") -> str:
    """How far apart two counties must lie to keep their order, and who is surely in the best or the last third."""
    sentences = []
    for each in rankings:
        top, bottom = (_listed(each.ranks.index[each.ranks[side] >= SURE]) for side in ("top", "bottom"))
        sure = format_percent(100 * SURE, 0)
        apart = WORDS.pair(
            "text.apart",
            type=_type(each.kind),
            apart=format_number(each.apart[0]),
            places=str(len(each.spread.places)),
            points=format_number(100 * each.apart[1], 1),
            mostly=format_percent(100 * MOSTLY, 0),
            sure=sure,
        )
        thirds = WORDS.pair("text.thirds", type=_type(each.kind, inside=True), sure=sure, top=top, bottom=bottom)
        sentences += [apart, thirds]
    return paragraph(sentences, language)


def coordination_text(rankings: Sequence[Ranking], language: str = "en") -> str:
    """How far the grades of coordination depend on the version of the formula."""
    table = pd.concat([each.coordination for each in rankings])
    standard, modified = table["coordination"], table["coordination_modified"]
    sentence = WORDS.pair(
        "text.coordination",
        moved=str(int(table["grade"].ne(table["grade_modified"]).sum())),
        places=str(len(table)),
        drop=format_number((standard - modified).mean(), 2),
        both=format_number(standard.corr(modified), 2),
    )
    return paragraph([sentence], language)


def change_text(changes: Sequence[tuple[Change, Change]], language: str = "en") -> str:
    """How large a change must be to exceed what choices make of it, how many counties rose or fell, who is left out."""
    sentences = []
    for levels, gaps in changes:
        kind = _type(levels.kind)
        reach = WORDS.pair(
            "text.reach", type=kind, own=format_number(levels.reach, 2), against=format_number(gaps.reach, 2)
        )
        (up, down, open_), (near, far, unclear) = (_change_counts(each.table) for each in (levels, gaps))
        counts = {"up": up, "down": down, "open": open_, "near": near, "far": far, "unclear": unclear}
        places, span = str(len(levels.table)), middle(levels.spec.level)
        sentences += [reach, WORDS.pair("text.change", type=kind, places=places, middle=span, **counts)]
        if levels.left_out:
            sentences.append(WORDS.pair("text.left_out", places=_listed(levels.left_out)))
    return paragraph(sentences, language)


def _change_counts(table: pd.DataFrame) -> tuple[str, str, str]:
    up, down = int((table["low"] > 0).sum()), int((table["high"] < 0).sum())
    return str(up), str(down), str(len(table) - up - down)


def group_text(rankings: Sequence[Ranking], language: str = "en") -> str:
    """In which group each type stands lowest and highest on average, on the scale of all 26."""
    sentences = []
    for each in rankings:
        means = each.groups.mean().sort_values(kind="stable")
        low, high = (WORDS.pair(f"short.{means.index[place]}") for place in (0, -1))
        least, most = (format_number(means.iloc[place]) for place in (0, -1))
        sentences.append(WORDS.pair("text.groups", type=_type(each.kind), low=low, least=least, high=high, most=most))
    return paragraph(sentences, language)


def _type(kind: str, *, inside: bool = False) -> Pair:
    """Name of a type, at the start of a sentence or inside one."""
    english, chinese = WORDS.pair(f"type.{kind}")
    return (english if inside else english.capitalize()), chinese


def _listed(codes: Sequence[str] | pd.Index) -> Pair:
    if not len(codes):
        return WORDS.pair("list.none")
    return listed([_names()[str(code)] for code in codes], (", ", "、"))
