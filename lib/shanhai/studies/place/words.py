"""Sentences on a prefecture or a county, chosen by the numbers."""

from collections.abc import Sequence

import pandas as pd

from shanhai.claims.findings import Finding
from shanhai.claims.statements import OpenStatement
from shanhai.claims.verdicts import VERDICT_NAMES, Verdict
from shanhai.core.fields import field_of, terrain_grid, title_of
from shanhai.core.places import NATION, Place
from shanhai.data.years import CENSUSES
from shanhai.methods.decomposition.gap import REMAINDER, GapAccount, parts_that_differ
from shanhai.render.gaps import gap_in_words, points
from shanhai.render.numbers import format_number, is_missing
from shanhai.render.words import Pair, Words, listed, paragraph
from shanhai.studies.border.words import year_note
from shanhai.studies.place.analysis import County, Level, PlaceGap, Prefecture, ProfileLine
from shanhai.studies.place.design import BORDER_AND_TERRAIN, NAMED, SMALL_GAP, Indicator
from shanhai.studies.place.measures import Measure
from shanhai.studies.place.standing import Standing, Union, strengths, weaknesses

WORDS = Words.beside(__file__)

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing prose of notebook 04."""

_NOTHING: Pair = ("", "")
"""Words that the numbers do not ask for."""


def indicator_words(indicator: Indicator) -> tuple[Pair, Pair]:
    """Name of an indicator with its years, and its unit."""
    if indicator.span is None:
        return title_of(indicator.column), field_of(indicator.column).printed_unit
    first, last = map(str, indicator.span)
    return WORDS.pair(f"indicator.{indicator.column}", first=first, last=last), WORDS.pair(f"unit.{indicator.column}")


def short(place: Place) -> Pair:
    """Name of a place without the kind of unit."""
    return place.short_en, place.short_zh


def full(place: Place) -> Pair:
    """Name of a place as tables and maps write it."""
    return place.name_en, place.name_zh


def name_of(subject: Prefecture | County) -> Pair:
    """Name of a place in a sentence."""
    return full(subject.place) if isinstance(subject, County) else _of_prefecture(subject)


def reference_of(subject: Prefecture | County) -> Pair:
    """Short name of what the gap of a place is measured against: its province, or the country if it fills one."""
    return WORDS.pair("country") if subject.reference == NATION else short(subject.province)


def peers_of(subject: County, *, count: bool = True) -> Pair:
    """The class of a county, with the number of its counties: 11 ecological counties of the 26."""
    number = str(len(subject.peers.rows))
    counted = WORDS.pair("counted", number=number) if count else _NOTHING
    english, chinese = WORDS.pair(f"peers.{subject.peers.group}", count=counted, province=short(subject.province))
    return english.strip(), chinese


def answer(subject: Prefecture | County, level: Level, gap: PlaceGap, doubtful: int, language: str = "en") -> str:
    """Level, gap and doubt in three sentences.

    Parameters
    ----------
    subject : Prefecture or County
    level : Level
    gap : PlaceGap
    doubtful : int
        Counties of the place whose GDP is flagged, from ``doubtful_gdp``.
    language : str
    """
    year, place, reference = str(subject.vintage.gdp), name_of(subject), reference_of(subject)
    account = gap.account
    rest = next(part for part in account.parts if part.name == REMAINDER)
    others = [
        WORDS.pair("answer.part", name=WORDS.pair(f"part.{part.name}"), value=format_number(part.contribution, 3))
        for part in parts_that_differ(account.parts)
        if part is not rest and part.name not in BORDER_AND_TERRAIN
    ]
    if isinstance(subject, County):
        doubt = WORDS.pair(f"answer.doubt_county.{'flagged' if doubtful else 'clear'}", year=year)
    else:
        doubt = WORDS.pair(
            f"answer.doubt_prefecture.{'flagged' if doubtful else 'clear'}",
            covered=str(account.n_place),
            units=str(len(subject.counties)),
            doubtful=str(doubtful),
        )
    sentences = [
        _level_sentence(subject, level, place, year),
        WORDS.pair(
            "answer.gap",
            size=gap_in_words(account.gap)[0],
            reference=reference,
            gap=format_number(account.gap, 3),
            points=points(gap.border_and_terrain),
            others=("".join(english for english, _ in others), "".join(chinese for _, chinese in others)),
            rest=points(rest),
        ),
        doubt,
    ]
    return paragraph(sentences, language)


def _level_sentence(subject: Prefecture | County, level: Level, place: Pair, year: str) -> Pair:
    """GDP per head of a place beside that of its province, unless it fills it, and of the country."""
    if is_missing(level.place):
        return WORDS.pair("answer.no_level", place=place, year=year)
    references = [(WORDS.pair("country"), level.country)]
    if subject.reference != NATION:
        references.insert(0, (short(subject.province), level.province))
    parts = [
        WORDS.pair("answer.of_reference", percent=format_number(100 * level.place / value), reference=name)
        for name, value in references
    ]
    return WORDS.pair(
        "answer.level", year=year, place=place, own=format_number(level.place), parts=listed(parts, (" and ", "、"))
    )


def position_text(subject: Prefecture, language: str = "en") -> str:
    """Where a prefecture lies: borders, neighbouring provinces, relief, and counties among the 26."""
    rows = subject.counties
    border, unknown = int(rows["on_border"].fillna(False).sum()), int(rows["on_border"].isna().sum())
    names = listed(map(short, subject.neighbours), (", ", "、"))
    start = "own_province" if subject.fills_province else "in_province"
    mountain, relief = int(rows["is_mountain_26"].sum()), rows["relief_m"].median()
    sentences = [
        WORDS.pair(f"position.{start}", place=_of_prefecture(subject), province=short(subject.province)),
        WORDS.pair(
            f"position.border.{_number(border)}",
            border=str(border),
            units=str(len(rows)),
            neighbours=WORDS.pair("position.neighbours", names=names) if border else _NOTHING,
            unknown=WORDS.pair("position.unknown", unknown=str(unknown)) if unknown else _NOTHING,
        ),
    ]
    if pd.notna(relief):
        sentences.append(WORDS.pair("position.relief", grid=terrain_grid(), relief=format_number(relief)))
    if mountain:
        share = "all" if 1 < mountain == len(rows) else _number(mountain)
        sentences.append(WORDS.pair(f"position.listed.{share}", listed=str(mountain)))
    return paragraph(sentences, language)


def county_position_text(subject: County, language: str = "en") -> str:
    """What a county is, which class it belongs to, which provinces it touches, how rugged it is."""
    row, province = subject.row, short(subject.province)
    if subject.is_direct:
        within = WORDS.pair("position.within_province", province=province)
    else:
        parent = subject.prefecture
        above = "" if parent.short_zh == province[1] else province[1]
        prefecture = (f"{parent.short_en}, {province[0]}", f"{above}{parent.name_zh}")
        within = WORDS.pair("position.within_prefecture", prefecture=prefecture)
    one_of = WORDS.pair("position.county_class", peers=peers_of(subject)) if row["is_mountain_26"] else _NOTHING
    kind = WORDS.pair(f"kind.{subject.place.kind}")
    sentences = [
        WORDS.pair("position.county", place=full(subject.place), kind=kind, within=within, one_of=one_of),
        _border_sentence(subject),
    ]
    if pd.notna(row["relief_m"]):
        sentences.append(
            WORDS.pair("position.county_relief", grid=terrain_grid(), relief=format_number(row["relief_m"]))
        )
    return paragraph(sentences, language)


def _border_sentence(subject: County) -> Pair:
    """Which provinces a county touches, or how far it is from a border; empty if unknown."""
    row, away = subject.row, subject.row["gap_to_border_km"]
    if subject.neighbours:
        return WORDS.pair("position.touches", names=_all_of([short(place) for place in subject.neighbours]))
    if away == 0:
        return WORDS.pair("position.meets_in_a_point")
    if pd.notna(away):
        return WORDS.pair("position.away_from_border", km=format_number(away))
    if "border_unknown" in row["flags"].split(";") and pd.isna(row["on_border"]):
        return WORDS.pair("position.border_unknown")
    return _NOTHING


def measures_text(subject: Prefecture, measures: Sequence[Measure], language: str) -> str:
    """How far the measures of GDP per head of a prefecture lie apart."""
    known = sorted((each for each in measures if each.per_head > 0), key=lambda each: (each.per_head, each.key))
    people = WORDS.labels("measure.short")
    return WORDS(
        "measure.spread",
        language,
        joint="\n\n",
        place=name_of(subject),
        year=str(subject.vintage.gdp),
        low=format_number(known[0].per_head),
        low_people=people[known[0].key],
        high=format_number(known[-1].per_head),
        high_people=people[known[-1].key],
    )


def profile_text(profile: Sequence[ProfileLine], language: str = "en") -> str:
    """How the residents of a prefecture changed between the censuses."""
    people = next(line.place for line in profile if line.indicator.column == "population_change")
    (first, last), moved = map(str, CENSUSES), "grew" if people >= 0 else "fell"
    percent = format_number(abs(people), 1)
    return paragraph([WORDS.pair(f"profile.residents.{moved}", percent=percent, first=first, last=last)], language)


def standing_text(
    subject: County, standings: Sequence[Standing], union: Union | None = None, language: str = "en"
) -> str:
    """In what a county is ahead of its class and behind it, and what cannot be compared."""
    best, last = strengths(standings), weaknesses(standings)
    unknown = [each for each in standings if not each.rank]
    doubtful = [each for each in standings if each.rank and each.is_doubtful]
    sentences = [
        WORDS.pair("standing.peers", peers=peers_of(subject)),
        WORDS.pair("standing.best", ranks=_ranks(best)) if best else WORDS.pair("standing.no_best"),
        WORDS.pair("standing.last", ranks=_ranks(last)) if last else WORDS.pair("standing.no_last"),
    ]
    for key, group in (("unknown", unknown), ("doubtful", doubtful)):
        if group:
            sentences.append(WORDS.pair(f"standing.{key}", indicators=listed(map(_inside, group))))
    if union:
        sentences.append(_union_sentence(subject, union))
    return paragraph(sentences, language)


def _union_sentence(subject: County, union: Union) -> Pair:
    names = zip(union.names_en, union.names_zh, strict=True)
    others = [pair for pair in names if pair[0] != subject.place.name_en]
    first, last = map(str, CENSUSES)
    if pd.isna(union.change):
        change = WORDS.pair("standing.change_unknown")
    else:
        change = WORDS.pair("standing.change", change=format_number(union.change, 1, signed=True))
    if not others:  # several units of the first census became this county
        return WORDS.pair("standing.union_alone", first=first, last=last, change=change)
    return WORDS.pair("standing.union", first=first, last=last, others=_all_of(others), change=change)


def _ranks(standings: Sequence[Standing]) -> Pair:
    items = [
        WORDS.pair("standing.rank", indicator=_inside(each), rank=str(each.rank), count=str(each.count))
        for each in standings[:NAMED]
    ]
    if len(standings) > NAMED:
        items.append(WORDS.pair("standing.more", more=str(len(standings) - NAMED)))
    return listed(items)


def _inside(standing: Standing) -> Pair:
    """Name of an indicator inside a sentence: a lower-case start, but GDP stays."""
    english, chinese = indicator_words(standing.indicator)[0]
    return english if english[1:2].isupper() else english[:1].lower() + english[1:], chinese


def gap_text(subject: Prefecture, account: GapAccount, language: str = "en") -> str:
    """The gap of a prefecture in log GDP per head: of which counties and residents, and measured how."""
    size, measured = gap_in_words(account.gap, account.aggregate_gap)
    sentence = WORDS.pair(
        "gap.prefecture",
        covered=str(account.n_place),
        units=str(len(subject.counties)),
        size=size,
        reference=reference_of(subject),
        measured=measured,
        residents=format_number(account.covered_place),
        reference_residents=format_number(account.covered_reference),
    )
    return paragraph([sentence, year_note(subject.vintage)], language)


def county_gap_text(subject: County, gap: PlaceGap, language: str = "en") -> str:
    """The gap of a county to its province, what border and mountain account for, and what stays unexplained."""
    account, joint = gap.account, gap.border_and_terrain
    rest = next(part for part in account.parts if part.name == REMAINDER)
    if abs(account.gap) < SMALL_GAP:
        share = WORDS.pair("gap.share.too_small")
    elif joint.contribution * account.gap > 0:
        share = WORDS.pair("gap.share.of_gap", share=format_number(100 * joint.contribution / account.gap))
    else:
        share = WORDS.pair("gap.share.against")
    sentences = (
        WORDS.pair(
            "gap.county",
            year=str(subject.vintage.gdp),
            size=gap_in_words(account.gap)[0],
            province=short(subject.province),
            gap=format_number(account.gap, 3),
            residents=format_number(account.covered_reference),
        ),
        WORDS.pair("gap.border_and_terrain", points=points(joint), share=share),
        WORDS.pair("gap.rest", rest=format_number(rest.contribution, 3)),
        year_note(subject.vintage),
    )
    return paragraph(sentences, language)


def claims_text(subject: Prefecture | County, findings: Sequence[Finding], language: str = "en") -> str:
    """How many claims name the place, by verdict; or that no paper names it."""
    kind = "county" if isinstance(subject, County) else "prefecture"
    place = name_of(subject)
    if not findings:
        return paragraph([WORDS.pair(f"claims.{kind}.none", place=place)], language)
    counts = {verdict: sum(finding.verdict == verdict for finding in findings) for verdict in Verdict}
    verdicts = listed(
        (
            WORDS.pair("claims.count", count=str(count), verdict=VERDICT_NAMES[verdict])
            for verdict, count in counts.items()
            if count
        ),
        (", ", "、"),
    )
    key = f"claims.{kind}.{_number(len(findings))}"
    return paragraph([WORDS.pair(key, count=str(len(findings)), place=place, verdicts=verdicts)], language)


def statements_text(
    subject: Prefecture | County, table: pd.DataFrame, statements: Sequence[OpenStatement], language: str = "en"
) -> str:
    """Where the statements of the documents are handled, what the register lacks, and how many name the place.

    Parameters
    ----------
    subject : Prefecture or County
    table : DataFrame
        The table ``statements``.
    statements : sequence of OpenStatement
        Those of the register that name the place.
    language : str
    """
    kind = "county" if isinstance(subject, County) else "prefecture"
    place = name_of(subject)
    counted = {**table["handling"].value_counts(), **table["status"].value_counts(), "all": len(table)}
    counts = {str(key): str(count) for key, count in counted.items()}
    key = f"statements.{kind}.{_number(len(statements)) if statements else 'none'}"
    return paragraph(
        [
            WORDS.pair("statements.all", **{name: counts[name] for name in ("all", *_HANDLING)}),
            WORDS.pair("statements.status", **{name: counts[name] for name in ("register", *WORDS.labels("status"))}),
            WORDS.pair(key, place=place, **({"count": str(len(statements))} if statements else {})),
        ],
        language,
    )


_HANDLING = ("claim", "register", "left_out")


def _of_prefecture(subject: Prefecture) -> Pair:
    """Name of a prefecture in a sentence."""
    return subject.place.short_en, subject.place.name_zh


def _number(count: int) -> str:
    return "one" if count == 1 else "many"


def _all_of(names: Sequence[Pair]) -> Pair:
    """Names as a list that ends in ``and``."""
    english = [name for name, _ in names]
    last = f"{', '.join(english[:-1])} and {english[-1]}" if len(english) > 1 else english[0]
    return last, listed(names, (", ", "、"))[1]
