"""Tables of the ranking of the 26: what it declares, what it finds, what moves the ranks, and the change of scores."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from shanhai.data.vintage import PRE_SPECIFIED, Vintage
from shanhai.render.citations import cite
from shanhai.render.numbers import format_number, format_percent, format_range, with_count
from shanhai.render.style import label
from shanhai.render.tables import Column, Source, TableSpec, build_table, labelled
from shanhai.render.words import Pair, listed
from shanhai.studies.ranking.analysis import Change, Ranking
from shanhai.studies.ranking.design import INDICATORS, LACKING, SURE, UNUSED, Indicator
from shanhai.studies.ranking.words import WORDS, both_dates, county_name, indicator_names, middle


def _table(
    rows: pd.DataFrame,
    columns: Sequence[Column],
    language: str,
    caption: Pair,
    *,
    rules: Sequence[int] = (),
    notes: Sequence[str] = (),
) -> TableSpec:
    """A three-line table with thin rules above some rows."""
    return replace(build_table(rows, columns, language, caption, notes), rules_before=frozenset(map(int, rules)))


def _blocks(parts: Sequence[pd.DataFrame]) -> tuple[pd.DataFrame, list[int]]:
    """The rows of all types below each other, and the rows with which a further type begins."""
    return pd.concat(parts, ignore_index=True), list(np.cumsum([len(part) for part in parts])[:-1])


def _places(key: str = "code") -> Source:
    return lambda rows, language: [county_name(str(code), language) for code in rows[key]]


def _percent(column: str) -> Source:
    return lambda rows, _: [format_percent(100 * share, 0) for share in rows[column]]


def _span(low: str, high: str, sign: str = "") -> Source:
    """Ranges in whole numbers, as in 2–7."""
    return lambda rows, language: [
        f"{format_range(a, b, 0, language)}{sign}" for a, b in rows[[low, high]].itertuples(index=False)
    ]


def _words(column: str) -> Source:
    """Words under the keys in a column; nothing where there is none."""
    return lambda rows, language: [WORDS(key, language) if key else "" for key in rows[column]]


def _pairs(column: str) -> Source:
    return lambda rows, language: [label(language, *pair) for pair in rows[column]]


_TYPE = Column("type", ("type", "类型"), source=labelled("kind", WORDS.labels("type")))
_COUNTY = Column("county", ("county", "县（市、区）"), source=_places())

_INDICATORS = (
    Column("group", ("group", "组"), source=labelled("group", WORDS.labels("group"))),
    Column("indicator", ("indicator", "指标"), source=_pairs("name")),
    Column("direction", ("better", "方向")),
    Column("unit", ("unit", "单位"), source=_pairs("unit")),
    Column("formula", ("formula", "计算"), source=_pairs("formula")),
    Column("types", ("judges", "适用类型"), source=labelled("kind", WORDS.labels("type"))),
)


def indicators_table(vintage: Vintage = PRE_SPECIFIED, language: str = "en") -> TableSpec:
    """Every indicator as declared: group, direction, formula, whom it judges, whether repeated, its weakness."""
    names = indicator_names(vintage)
    rows = pd.DataFrame([_declared(each, vintage) | {"name": names[each.key]} for each in INDICATORS])
    dates = both_dates(vintage)[0]
    columns = (
        *_INDICATORS,
        Column("repeated", WORDS.pair("head.repeated", dates=dates)),
        Column("caveat", ("caveat", "注意"), source=_pairs("caveat")),
        Column("data", ("sources", "数据来源"), source=_pairs("data")),
    )
    return _table(rows, columns, language, WORDS.pair("caption.indicators"), notes=[WORDS("note.indicators", language)])


def _declared(each: Indicator, vintage: Vintage) -> dict[str, object]:
    before = vintage.gdp == vintage.census + 1
    residents = WORDS.pair("residents.year_before" if before else "residents.census", census=str(vintage.census))
    text = f"indicator.{each.key}"
    return {
        "group": each.group,
        "direction": {1: "+", -1: "−"}[each.direction],
        "unit": WORDS.pair(f"{text}.unit"),
        "formula": WORDS.pair(f"{text}.formula", gdp=str(vintage.gdp), residents=residents),
        "kind": "both" if len(each.types) > 1 else each.types[0],
        "repeated": each.repeated,
        "caveat": WORDS.pair(f"{text}.caveat"),
        "data": listed([WORDS.pair(f"source.{table}") for table in each.data.split("; ")]),
    }


_GAPS = (
    Column("status", ("status", "状态"), source=_words("status")),
    Column("group", ("group", "组"), source=_words("group")),
    Column("what", ("indicator", "指标"), source=_words("what")),
    Column(
        "where",
        ("source that would have it, or why it is left out", "可能的来源，或未采用的原因"),
        source=_words("where"),
    ),
)


def gaps_table(language: str = "en") -> TableSpec:
    """What the plan's goals would need and the tables lack, then what they hold and the ranking leaves out."""
    rows = [("lacking", f"group.{group}", key) for key, group in LACKING.items()]
    rows += [("unused", "", key) for key in UNUSED]
    frame = pd.DataFrame(
        [(f"status.{kind}", group, f"{kind}.{key}.what", f"{kind}.{key}.where") for kind, group, key in rows],
        columns=["status", "group", "what", "where"],
    )
    return _table(
        frame, _GAPS, language, WORDS.pair("caption.gaps"), rules=[len(LACKING)], notes=[WORDS("note.gaps", language)]
    )


def weights_table(rankings: Sequence[Ranking], language: str = "en") -> TableSpec:
    """Weights of indicators in percent, by type and scheme."""
    used = [each for each in INDICATORS if any(each.key in ranking.weights.index for ranking in rankings)]
    names = indicator_names(rankings[0].vintage)
    rows = pd.DataFrame({"group": [each.group for each in used], "name": [names[each.key] for each in used]})
    columns = list(_INDICATORS[:2])
    for ranking in rankings:
        for scheme in ranking.weights.columns:
            column = f"{ranking.kind}_{scheme}"
            rows[column] = (ranking.weights[scheme].reindex([each.key for each in used]) * 100).to_numpy()
            kind, name = WORDS.pair(f"type.{ranking.kind}"), WORDS.pair(f"level.{scheme}")
            columns.append(Column(column, WORDS.pair("head.weights", type=kind, scheme=name), 1))
    starts = [row for row in range(1, len(used)) if used[row].group != used[row - 1].group]
    return _table(
        rows, columns, language, WORDS.pair("caption.weights"), rules=starts, notes=[WORDS("note.weights", language)]
    )


def ranks_table(rankings: Sequence[Ranking], language: str = "en") -> TableSpec:
    """Ranks within types with their ranges over rankings, best first."""
    parts = []
    for each in rankings:
        ranks = each.ranks.sort_values(["rank", "median"], kind="stable")
        parts.append(ranks.assign(kind=each.kind, code=ranks.index, score=ranks["score"] * 100))
    rows, rules = _blocks(parts)
    first = rankings[0]
    columns = (
        _TYPE,
        _COUNTY,
        Column("score", ("score", "得分"), 1),
        Column("rank", ("rank", "位次")),
        Column("range", _middle(first.spec.level), source=_span("low", "high")),
        Column("median", ("median", "中位数")),
        Column("top", ("in the best third", "位于前三分之一"), source=_percent("top")),
        Column("bottom", ("in the last third", "位于后三分之一"), source=_percent("bottom")),
    )
    note = WORDS(
        "note.ranks",
        language,
        scheme=WORDS.pair(f"level.{first.spec.schemes[0]}"),
        rankings=format_number(first.spread.scores[..., 0].size),
    )
    return _table(rows, columns, language, WORDS.pair("caption.ranks"), rules=rules, notes=[note])


def _middle(level: float) -> Pair:
    return WORDS.pair("head.middle", middle=middle(level))


def _grades(column: str) -> Source:
    return lambda rows, language: [label(language, *WORDS.pair(f"grade.{int(grade)}")) for grade in rows[column]]


_COORDINATION = (
    _TYPE,
    _COUNTY,
    Column("development", ("T", "T"), 3),
    Column("coupling", ("C", "C"), 3),
    Column("coordination", ("D", "D"), 3),
    Column("grade", ("grade", "等级"), source=_grades("grade")),
    Column("coupling_modified", ("C, modified", "C（修正式）"), 3),
    Column("coordination_modified", ("D, modified", "D（修正式）"), 3),
    Column("grade_modified", ("grade, modified", "等级（修正式）"), source=_grades("grade_modified")),
)


def coordination_table(rankings: Sequence[Ranking], language: str = "en") -> TableSpec:
    """Coupling C, development T and coordination D of the groups, in the standard and the modified version."""
    ordered = [each.coordination.sort_values("coordination", ascending=False, kind="stable") for each in rankings]
    parts = [part.assign(kind=each.kind, code=part.index) for part, each in zip(ordered, rankings, strict=True)]
    rows, rules = _blocks(parts)
    note = WORDS("note.coordination", language, source=(cite("wang2021"), cite("wang2021", language="zh")))
    return _table(rows, _COORDINATION, language, WORDS.pair("caption.coordination"), rules=rules, notes=[note])


_CHOICE = Column("choice", ("modelling choice", "设定"), source=labelled("choice", WORDS.labels("choice")))


def variance_table(rankings: Sequence[Ranking], language: str = "en") -> TableSpec:
    """Shares of the variance of ranks by decision, in percent, one column a type."""
    choices = list(WORDS.labels("choice"))
    shares = {each.kind: (each.variance[choices] * 100).to_numpy() for each in rankings}
    columns = [_CHOICE, *(Column(kind, WORDS.pair(f"type.{kind}"), 1) for kind in shares)]
    rows = pd.DataFrame({"choice": choices, **shares})
    note = WORDS(
        "note.variance",
        language,
        rankings=format_number(rankings[0].spread.scores[..., 0].size),
        **{each.kind: str(len(each.spread.places)) for each in rankings},
    )
    return _table(rows, columns, language, WORDS.pair("caption.variance"), notes=[note])


_SINGLE = (
    _TYPE,
    _CHOICE,
    Column("level", ("instead", "改为"), source=labelled("level", WORDS.labels("level"))),
    Column("mean_shift", ("mean shift, places", "平均变动（位）"), 1),
    Column("largest_shift", ("largest shift", "最大变动（位）")),
    Column("place", ("county with the largest shift", "变动最大的县"), source=_places("place")),
    Column("correlation", ("rank correlation", "秩相关系数"), 2),
)


def single_table(rankings: Sequence[Ranking], language: str = "en") -> TableSpec:
    """What one decision other than the reference's does to the ranks."""
    rows, rules = _blocks([each.single.assign(kind=each.kind) for each in rankings])
    note = WORDS("note.single", language, scheme=WORDS.pair(f"level.{rankings[0].spec.schemes[0]}"))
    return _table(rows, _SINGLE, language, WORDS.pair("caption.single"), rules=rules, notes=[note])


_CONCENTRATION = (
    _TYPE,
    Column("concentration", ("concentration", "集中度参数"), 0),
    Column("group", ("weight of a group of 1/6", "权重为1/6的组的取值"), source=_span("group_low", "group_high", "%")),
    Column("kept", WORDS.pair("head.safe", share=format_number(100 * SURE)), source=_percent("kept")),
    Column("width", ("places in a range", "分位区间的位次数"), 0),
    Column("places", ("of places", "总位次数")),
)


def concentration_table(spreads: Sequence[pd.DataFrame], language: str = "en") -> TableSpec:
    """Print what ``spread_by_concentration`` returns, one block a type."""
    rows, rules = _blocks(spreads)
    return _table(
        rows,
        _CONCENTRATION,
        language,
        WORDS.pair("caption.concentration"),
        rules=rules,
        notes=[WORDS("note.concentration", language)],
    )


def change_table(changes: Sequence[tuple[Change, Change]], language: str = "en") -> TableSpec:
    """Change since 2010/11: of levels and of gaps to the province, with ranges over rankings, and ranks at both dates.

    Parameters
    ----------
    changes : sequence of (levels, gaps to the province), one pair a type
    language : str
    """
    parts = []
    for levels, gaps in changes:
        own = levels.table.sort_values(["rank_late", "rank_early"], kind="stable")
        against = gaps.table.reindex(own.index).add_prefix("gap_")
        parts.append(own.join(against).assign(kind=levels.kind, code=own.index, against=against["gap_change"]))
    rows, rules = _blocks(parts)
    first = changes[0][0]
    early, late = both_dates(first.vintage)
    columns = (
        _TYPE,
        _COUNTY,
        Column("change", ("change of levels", "水平变化")),
        Column("range", _middle(first.spec.level), source=_range("low", "high")),
        Column("against", ("change of gaps to the province", "与全省差距的变化")),
        Column("against_range", _middle(first.spec.level), source=_range("gap_low", "gap_high")),
        Column("early", WORDS.pair("head.rank", dates=early), source=_rank_and_range("early")),
        Column("late", WORDS.pair("head.rank", dates=late), source=_rank_and_range("late")),
    )
    caption, note = WORDS.pair("caption.change", early=early, late=late), WORDS("note.change", language)
    return _table(rows, columns, language, caption, rules=rules, notes=[note])


def _range(low: str, high: str) -> Source:
    return lambda rows, language: [
        ("～" if language == "zh" else " to ").join((format_number(a, 2), format_number(b, 2)))
        for a, b in rows[[low, high]].itertuples(index=False)
    ]


def _rank_and_range(wave: str) -> Source:
    columns = [f"rank_{wave}", f"rank_{wave}_low", f"rank_{wave}_high"]
    return lambda rows, language: [
        with_count(format_number(rank), format_range(low, high, 0, language), language)
        for rank, low, high in rows[columns].itertuples(index=False)
    ]
