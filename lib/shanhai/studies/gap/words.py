"""Sentences on the gap between two places and on the 26 against the rest of Zhejiang, chosen by the numbers."""

from collections.abc import Iterable

import pandas as pd

from shanhai.methods.decomposition import OaxacaResult
from shanhai.methods.decomposition.gap import FIXED_EFFECTS, REMAINDER, GapPart, parts_that_differ
from shanhai.methods.estimate import SIGNIFICANCE, Estimate
from shanhai.render.gaps import gap_in_words, percent_apart, points
from shanhai.render.numbers import format_interval, format_number, state_p_value
from shanhai.render.words import Pair, Words, listed, paragraph
from shanhai.studies.border.words import year_note
from shanhai.studies.gap.analysis import GapAnswer
from shanhai.studies.gap.beside import NoOwnSlopes, OwnSlopes, Residual
from shanhai.studies.gap.design import DEVELOPMENT, EXTREME, MAIN_COEFFICIENTS, NATURE, NATURE_FIRST, UNUSUAL

WORDS = Words.beside(__file__)

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing text of notebook 08."""

_NOTHING: Pair = ("", "")
"""A sentence, or words, that the numbers do not ask for."""


def gap_answer(answer: GapAnswer, own: OwnSlopes | NoOwnSlopes, designs: pd.DataFrame, language: str = "en") -> str:
    """How large the gap is, what natural and locational conditions account for, and how far this moves with the design.

    Parameters
    ----------
    answer : GapAnswer
    own : OwnSlopes or NoOwnSlopes
        From ``own_slopes``.
    designs : DataFrame
        From ``design_table`` and ``own_rows``.
    language : str
    """
    least, most = _nature_ends(answer, designs)
    sentences = (
        _headline(answer, own),
        _own(answer, own),
        WORDS.pair(
            f"designs.doubt.{'own' if isinstance(own, OwnSlopes) else 'national'}",
            count=str(len(designs)),
            least=least,
            most=most,
        ),
    )
    return paragraph(sentences, language)


def _headline(answer: GapAnswer, own: OwnSlopes | NoOwnSlopes) -> Pair:
    """The sentence that is printed alone elsewhere: where there are two sets of slopes, the accounts of both."""
    nature, (place, reference) = answer.shares.part(NATURE), _names(answer)
    said: dict[str, str | Pair] = {
        "place": place,
        "size": gap_in_words(answer.shares.gap)[0],
        "reference": reference,
        "year": str(answer.vintage.gdp),
        "accounts": _accounts(answer, nature),
        "unsure": _unsure(nature),
        "rest": _amount(answer, answer.shares.part(REMAINDER)),
    }
    if isinstance(own, NoOwnSlopes):
        return WORDS.pair("gap.answer", **said)
    alone = own.shares.part(NATURE)
    return WORDS.pair(
        "gap.answer_both",
        **said,
        province=_province(own),
        accounts_own=_accounts(answer, alone),
        unsure_own=_unsure(alone),
        rest_own=_amount(answer, own.shares.part(REMAINDER)),
        whole=WORDS.pair("gap.whole") if answer.in_percent else _NOTHING,
    )


def slopes_paragraph(own: OwnSlopes | NoOwnSlopes, language: str = "en") -> str:
    """How far apart national and own slopes of ruggedness are, which of them is the main column, and why."""
    sentences: list[Pair] = []
    if isinstance(own, OwnSlopes):
        country, province, apart = own.slopes
        sentences.append(
            WORDS.pair(
                "own.slopes",
                province=_province(own),
                country=_with_error(country),
                own=_with_error(province),
                apart=_with_error(apart),
                p=state_p_value(apart.p),
                df=format_number(apart.df),
                clusters=format_number(own.shares.clusters),
            )
        )
        sentences.append(WORDS.pair(f"own.{'differ' if apart.p < SIGNIFICANCE else 'alike'}"))
    sentences.append(WORDS.pair("own.why"))
    return paragraph(sentences, language)


def forms_paragraph(answer: GapAnswer, forms: pd.DataFrame, language: str = "en") -> str:
    """How far the part of terrain moves with its form, in the gap of the place and in that of the 26.

    Parameters
    ----------
    answer : GapAnswer
    forms : DataFrame
        From ``form_table``.
    language : str
    """
    table = forms.set_index("key")
    share = 100 * table["mountain_terrain"] / table["mountain_gap"]
    low, high = (str(share.idxmin()), str(share.idxmax()))
    sentences = [
        WORDS.pair(
            "forms.mountain",
            main=format_number(share.iloc[0], 0),
            log=format_number(share["log"], 0),
            low=format_number(share[low], 0),
            low_form=WORDS.pair(f"form.{low}"),
            high=format_number(share[high], 0),
            high_form=WORDS.pair(f"form.{high}"),
        )
    ]
    if answer.in_percent:
        here = 100 * table["terrain"] / table["gap"]
        ends = {end: format_number(here.agg(how), 0) for end, how in (("low", "min"), ("high", "max"))}
        sentences.append(WORDS.pair("forms.place", place=_names(answer)[0], **ends))
    return paragraph(sentences, language)


def _own(answer: GapAnswer, own: OwnSlopes | NoOwnSlopes) -> Pair:
    """The interval that holds whichever slopes are right, or why there are none of the province's own."""
    if isinstance(own, NoOwnSlopes):
        if own.province is None:
            return WORDS.pair("own.across")
        return WORDS.pair("own.few", province=_province(own), clusters=str(own.clusters))
    return WORDS.pair(
        "own.beside",
        either=_ends_of(answer, own.either(NATURE)),
    )


def _ends_of(answer: GapAnswer, part: GapPart) -> Pair:
    """The ends of an interval in percent of the gap, or in log points where it is small."""
    if not answer.in_percent:
        return WORDS.pair("own.interval_points", interval=format_interval(part.low, part.high))
    low, high = sorted(100 * end / answer.shares.gap for end in (part.low, part.high))
    return WORDS.pair("own.interval", interval=format_interval(low, high, 0))


def _usual(answer: GapAnswer, left: Residual) -> Pair:
    """The percentile of the residual, and whether it is ordinary, unusual or extreme."""
    side = min(left.percentile, 100 - left.percentile)
    kind = "extreme" if side < EXTREME else "unusual" if side < UNUSUAL else "ordinary"
    return WORDS.pair(
        "own.usual",
        place=_names(answer)[0],
        side=WORDS.pair(
            f"own.side.{'below' if left.value < 0 else 'above'}",
            percent=format_number(abs(percent_apart(left.value)), 0),
        ),
        places=format_number(left.places),
        level=WORDS.pair(f"own.level.{left.level}"),
        lower=format_number(left.percentile, 0),
        kind=WORDS.pair(f"own.kind.{kind}"),
    )


def _province(own: OwnSlopes | NoOwnSlopes) -> Pair:
    return ("", "") if own.province is None else (own.province.short_en, own.province.short_zh)


def _with_error(number: Estimate) -> Pair:
    value, error = format_number(number.value, 3), format_number(number.se, 3)
    return f"{value} ({error})", f"{value}（{error}）"


def parts_paragraph(answer: GapAnswer, left: Residual, language: str = "en") -> str:
    """How the gap was measured, what each block accounts for, how usual the rest is, and how to read the shares.

    Parameters
    ----------
    answer : GapAnswer
    left : Residual
        From ``residual_of``.
    language : str
    """
    shares = answer.shares
    first = shares.part(NATURE, NATURE_FIRST)
    sentences = (
        WORDS.pair("gap.measured", measured=gap_in_words(shares.gap, shares.aggregate_gap)[1]),
        _coverage(answer),
        _block(answer, NATURE),
        _block(answer, DEVELOPMENT),
        _ends(answer),
        WORDS.pair("gap.nature_first", accounts=_accounts(answer, first), unsure=_unsure(first)),
        *(_other_way(answer, part) for part in answer.unexpected()),
        _narrowing(answer),
        _usual(answer, left),
        year_note(answer.vintage),
    )
    return paragraph(sentences, language)


def designs_paragraph(answer: GapAnswer, designs: pd.DataFrame, language: str = "en") -> str:
    """How far the unexplained part, the sector and distance move with the design.

    Parameters
    ----------
    answer : GapAnswer
    designs : DataFrame
        From ``design_table``.
    language : str
    """
    table = designs.set_index("key")
    low, high = _range(answer, table, table[REMAINDER])
    sizes = {
        name: _size(answer, table, table[group], key)
        for name, group, key in (
            ("in_gdp", "sector", "main"),
            ("by_jobs", "sector", "jobs"),
            ("in_km", "distance", "main"),
            ("as_potential", "distance", "potential"),
        )
    }
    sentences = (
        WORDS.pair("designs.range", low=low, high=high),
        WORDS.pair("designs.sector", in_gdp=sizes["in_gdp"], by_jobs=sizes["by_jobs"]),
        WORDS.pair("designs.distance", in_km=sizes["in_km"], as_potential=sizes["as_potential"]),
    )
    return paragraph(sentences, language)


def _nature_ends(answer: GapAnswer, designs: pd.DataFrame) -> tuple[Pair, Pair]:
    """Least and most that natural and locational conditions account for over designs."""
    table, design = designs.set_index("key"), answer.shares.design
    members = [design.names[number] for number in design.blocks[NATURE]]
    return _range(answer, table, table[members].sum(axis=1))


def _range(answer: GapAnswer, table: pd.DataFrame, values: pd.Series) -> tuple[Pair, Pair]:
    """Least and most of a part over designs; to six decimals, so that machines agree on which."""
    scaled = (values / table["gap"] if answer.in_percent else values).map(lambda value: float(f"{value:.6f}"))
    return _size(answer, table, values, str(scaled.idxmin())), _size(answer, table, values, str(scaled.idxmax()))


def _size(answer: GapAnswer, table: pd.DataFrame, values: pd.Series, key: str) -> Pair:
    """A part under a design, in percent of the gap or, where the gap is small, in log points."""
    if not answer.in_percent:
        return WORDS.pair("designs.points", value=format_number(values[key], 3))
    return WORDS.pair("designs.percent", value=format_number(100 * values[key] / table.loc[key, "gap"], 0))


def mountain_paragraph(
    result: OaxacaResult, rugged: tuple[int, int], language: str = "en", coefficients: str = MAIN_COEFFICIENTS
) -> str:
    """The gap of the 26 to the other counties of the province, what it leaves unexplained, and what it rests on.

    Parameters
    ----------
    result : OaxacaResult
        From ``explain_mountain_counties``.
    rugged : pair of int
        How many other counties are as rugged as the median of the 26, and how many there are, from ``rugged_counties``.
    language : str
    coefficients : str
        Reference coefficients.
    """
    gap, (explained, rest) = result.gap, result.twofold[coefficients]
    clear = [part for part in sorted(result.explained[coefficients], key=_by_size) if not part.low <= 0 <= part.high]
    named = (WORDS.pair("mountain.group", name=_name(part), amount=_of_gap(result, part)) for part in clear)
    groups = listed(named, (", ", "、"))
    alike, others = rugged
    sentences = (
        WORDS.pair(
            f"mountain.size.{'below' if gap.contribution < 0 else 'above'}",
            listed=str(result.n_first),
            others=str(result.n_second),
            percent=format_number(abs(percent_apart(gap.contribution)), 0),
            points=points(gap),
        ),
        WORDS.pair(
            "mountain.explained",
            explained=_of_gap(result, explained),
            rest=_of_gap(result, rest),
            unsure=WORDS.pair("mountain.unsure") if rest.low <= 0 <= rest.high else _NOTHING,
        ),
        WORDS.pair("mountain.clear_groups", groups=groups) if clear else WORDS.pair("mountain.no_clear_group"),
        WORDS.pair(f"mountain.overlap.{'few' if 4 * alike < others else 'some'}", alike=str(alike), others=str(others)),
        WORDS.pair("mountain.no_effect"),
        WORDS.pair("mountain.elsewhere"),
    )
    return paragraph(sentences, language)


def _accounts(answer: GapAnswer, part: GapPart) -> Pair:
    """What some groups account for, as a predicate."""
    key = "percent" if answer.in_percent else "points"
    return WORDS.pair(f"gap.accounts.{key}", amount=_amount(answer, part))


def _amount(answer: GapAnswer, part: GapPart) -> Pair:
    """A part with its interval, in percent of the gap or, where the gap is small, in log points."""
    if not answer.in_percent:
        return WORDS.pair("gap.in_points", points=points(part))
    value, *ends = (100 * number / answer.shares.gap for number in (part.contribution, part.low, part.high))
    low, high = sorted(ends)
    return WORDS.pair("gap.in_percent", value=format_number(value, 0), interval=format_interval(low, high, 0))


def amounts(answer: GapAnswer, parts: Iterable[GapPart]) -> Pair:
    """Parts by name, each with its amount."""
    return listed(WORDS.pair("gap.part", name=_name(part), amount=_amount(answer, part)) for part in parts)


def _of_gap(result: OaxacaResult, part: GapPart) -> Pair:
    """A part in log points and in percent of the gap of the 26."""
    share = format_number(100 * part.contribution / result.gap.contribution, 0)
    return WORDS.pair("mountain.part", points=points(part), share=share)


def _names(answer: GapAnswer) -> tuple[Pair, Pair]:
    return answer.names["place"], answer.names["reference"]


def _name(part: GapPart) -> Pair:
    return WORDS.pair(f"part.{part.name}")


def _by_size(part: GapPart) -> tuple[float, str]:
    """Sort key, largest first; to six decimals, so that machines agree, and then by name."""
    return float(f"{-abs(part.contribution):.6f}"), part.name


def _unsure(part: GapPart) -> Pair:
    """Words for an interval that covers zero."""
    return WORDS.pair("gap.unsure") if part.low <= 0 <= part.high else _NOTHING


def _coverage(answer: GapAnswer) -> Pair:
    """Said only where counties are missing."""
    shares = answer.shares
    place, reference = (format_number(value, 0) for value in (shares.covered_place, shares.covered_reference))
    if (place, reference) == ("100", "100"):
        return _NOTHING
    return WORDS.pair("gap.coverage", place=place, reference=reference)


def _block(answer: GapAnswer, block: str) -> Pair:
    """A block and its groups, the largest part first."""
    whole, design = answer.shares.part(block), answer.shares.design
    members = sorted((answer.shares.part(design.names[number]) for number in design.blocks[block]), key=_by_size)
    return WORDS.pair(
        "gap.block",
        block=WORDS.pair(f"gap.block_opening.{block}"),
        accounts=_accounts(answer, whole),
        unsure=_unsure(whole),
        parts=amounts(answer, members),
    )


def _ends(answer: GapAnswer) -> Pair:
    """District status, differences between provinces where there are any, and what is left."""
    parts = (answer.shares.part(name) for name in ("district status", FIXED_EFFECTS, REMAINDER))
    english, chinese = amounts(answer, parts_that_differ(parts))
    return WORDS.pair("gap.ends", parts=(f"{english[:1].upper()}{english[1:]}", chinese))


def _other_way(answer: GapAnswer, part: GapPart) -> Pair:
    key = "better" if part.contribution > 0 else "worse"
    return WORDS.pair(f"gap.other_way.{key}", part=_name(part), place=_names(answer)[0])


def _narrowing(answer: GapAnswer) -> Pair:
    """Said only where a printed share is negative."""
    if answer.in_percent and any(part.contribution / answer.shares.gap <= -0.005 for part in answer.shares.parts):
        return WORDS.pair("gap.negative_shares")
    return _NOTHING
