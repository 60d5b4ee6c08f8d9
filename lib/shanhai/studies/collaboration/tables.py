"""Tables of the assessment of a collaboration."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from shanhai.core.bibliography import documents
from shanhai.render.citations import cite
from shanhai.render.numbers import MISSING, format_number, format_percent, is_missing
from shanhai.render.style import label
from shanhai.render.tables import Column, Source, TableSpec, build_table, labelled
from shanhai.render.words import Pair, listed
from shanhai.studies.collaboration.analysis import Assessment
from shanhai.studies.collaboration.comparison import Basis, PairIndex
from shanhai.studies.collaboration.design import FIRMEST, GROUPS
from shanhai.studies.collaboration.words import WORDS, amount, figure_text, pair_name, year_text

_GROUP = Column("group", ("group", "组"), source=labelled("group", WORDS.labels("group")))
_STAGE = Column("stage", ("stage", "环节"), source=labelled("stage", WORDS.labels("stage")))


def _each(text: Any) -> Source:
    """A column whose cells are made of their row: ``text`` gives English and Chinese."""
    return lambda rows, language: [label(language, *text(row)) for row in rows.to_dict("records")]


def _name(row: Mapping[Hashable, Any]) -> Pair:
    return row["english"], row["chinese"]


_INDICATOR = Column("indicator", ("indicator", "指标"), source=_each(_name))

_COVERAGE = (
    _GROUP,
    _STAGE,
    Column("asked", ("indicators", "指标数")),
    Column("results", ("with a result", "有结果")),
    Column("targets", ("with a target", "有目标")),
    Column("assessed", ("decided", "可判定")),
    Column("state", ("state at best", "最充分的状态"), source=labelled("state", WORDS.labels("state"))),
)


def coverage_table(assessment: Assessment, rows: pd.DataFrame, language: str = "en") -> TableSpec:
    """What is printed of each group, process and outcome apart.

    Parameters
    ----------
    assessment : Assessment
    rows : of :func:`shanhai.studies.collaboration.analysis.coverage`.
    language : str
    """
    caption = WORDS.pair("caption.coverage", pair=pair_name(assessment))
    return build_table(rows, _COVERAGE, language, caption, [WORDS("note.coverage", language, joint="\n")])


def _source(row: Mapping[Hashable, Any]) -> Pair:
    if is_missing(row["line"]):
        return _document(row["document"])
    return _at_line(row["document"], format_number(row["line"], grouped=False))


def _document(code: str) -> Pair:
    """A document by its author and year; one of the user's own by its name."""
    key = documents().get(code)
    return (cite(key), cite(key, language="zh")) if key else (code, code)


def _at_line(code: str, line: str) -> Pair:
    return WORDS.pair("document.line", document=_document(code), line=line)


def _named_in(row: Mapping[Hashable, Any]) -> Pair:
    return listed([_at_line(*place.split(" ")) for place in row["named_in"].split("; ")])


def _years(row: Mapping[Hashable, Any]) -> Pair:
    return year_text(row["first_year"], row["year"])


_FIGURES = (
    _GROUP,
    _INDICATOR,
    _STAGE,
    Column("kind", ("kind", "性质"), source=labelled("kind", WORDS.labels("kind"))),
    Column("years", ("years", "年份"), source=_each(_years)),
    Column("figure", ("figure", "数值"), source=_each(figure_text)),
    Column("source", ("source", "出处"), source=_each(_source)),
)


def figures_tables(assessment: Assessment, language: str = "en") -> list[TableSpec]:
    """Every figure printed of the pair, with its document and line; no table without any."""
    if assessment.figures.empty:
        return []
    caption = WORDS.pair("caption.figures", pair=pair_name(assessment))
    note = WORDS("note.figures", language, joint="\n")
    return [build_table(assessment.figures, _FIGURES, language, caption, [note])]


def _in_unit(row: Mapping[Hashable, Any], value: float) -> Pair:
    return amount(value / row["factor"], row["unit"])


def _between(low: Pair, high: Pair, endless: bool) -> Pair:
    if endless:
        return WORDS.pair("share.over", low=low)
    return low if low == high else WORDS.pair("share.between", low=low, high=high)


def _span(row: Mapping[Hashable, Any], low: str, high: str) -> Pair:
    if is_missing(row[low]):
        return MISSING, MISSING
    endless = row[high] == float("inf")
    return _between(_in_unit(row, row[low]), ("", "") if endless else _in_unit(row, row[high]), endless)


def _share(row: Mapping[Hashable, Any]) -> Pair:
    if is_missing(row["share_low"]):
        return MISSING, MISSING
    endless = row["share_high"] == float("inf")
    low, high = (format_percent(row["share_low"]), "" if endless else format_percent(row["share_high"]))
    return _between((low, low), (high, high), endless)


_PROGRESS = (
    _INDICATOR,
    Column("target", ("target", "目标"), source=_each(lambda row: figure_text(row | {"bound": "exact"}))),
    Column(
        "target_years", ("for", "目标年份"), source=_each(lambda row: year_text(row["first_year"], row["target_year"]))
    ),
    Column("result", ("result", "结果"), source=_each(lambda row: _span(row, "low", "high"))),
    Column("of", ("result of", "结果年份"), source=_each(lambda row: _year_or_gap(row["year"]))),
    Column("share", ("share of target", "完成率"), source=_each(_share)),
    Column("to_go", ("remaining", "尚差"), source=_each(lambda row: _span(row, "to_go_low", "to_go_high"))),
    Column("state", ("state", "状态"), source=labelled("state", WORDS.labels("progress"))),
)


def _year_or_gap(year: float) -> Pair:
    return (MISSING, MISSING) if is_missing(year) else year_text(float("nan"), year)


def targets_tables(assessment: Assessment, language: str = "en") -> list[TableSpec]:
    """Targets beside results of their years; no table without a target."""
    if assessment.progress.empty:
        return []
    names = assessment.states[["indicator", "english", "chinese"]]
    rows = assessment.progress.merge(names, on="indicator", how="left")
    caption = WORDS.pair("caption.progress", pair=pair_name(assessment))
    return [build_table(rows, _PROGRESS, language, caption, [WORDS("note.progress", language, joint="\n")])]


def _needed(row: Mapping[Hashable, Any]) -> Pair:
    needs = {"result": "target", "bound": "number", "open": "bound", "target": "result"}
    return WORDS.pair(f"needs.{needs.get(row['state'], 'both')}")


_NEEDS = (
    _GROUP,
    _STAGE,
    _INDICATOR,
    Column("needed", ("needed", "尚需"), source=_each(_needed)),
    Column("holder", ("from", "提供部门"), source=_each(lambda row: (row["holder_english"], row["holder_chinese"]))),
    Column("named_in", ("source of the indicator", "指标出处"), source=_each(_named_in)),
)


def needs_tables(assessment: Assessment, language: str = "en") -> list[TableSpec]:
    """What is missing of each indicator, and who would have it; no table if nothing is."""
    rows = assessment.states[assessment.states["state"].ne("assessed")]
    if rows.empty:
        return []
    caption = WORDS.pair("caption.needs", pair=pair_name(assessment))
    return [build_table(rows, _NEEDS, language, caption, [WORDS("note.needs", language, joint="\n")])]


def pairs_table(assessments: Sequence[Assessment], language: str = "en") -> TableSpec:
    """Indicators with any figure, by pair and group, and how many are decided; pairs without any in a note.

    Where no pair has a figure, all are rows.
    """
    kept = [each for each in assessments if each.printed] or list(assessments)
    without = [pair_name(each) for each in assessments if not each.printed and len(kept) < len(assessments)]
    rows = []
    for each in kept:
        printed = each.states[each.states["state"].ne("nothing")]
        counts = printed["group"].value_counts()
        firm = each.figures.loc[each.figures["kind"].eq("result") & each.figures["bound"].isin(FIRMEST), "indicator"]
        targets = each.figures.loc[each.figures["kind"].eq("target"), "indicator"]
        rows.append(
            {
                "pair": label(language, *pair_name(each)),
                **{group: int(counts.get(group, 0)) for group in GROUPS},
                "firm": firm.nunique(),
                "targets": targets.nunique(),
                "assessed": each.count("assessed"),
            }
        )
    columns = (
        Column("pair", ("pair", "结对")),
        *(Column(group, WORDS.pair(f"group.{group}")) for group in GROUPS),
        Column("firm", ("results that are numbers", "结果为数值")),
        Column("targets", ("with a target", "有目标")),
        Column("assessed", ("decided", "可判定")),
    )
    asked = str(min(len(each.states) for each in assessments))
    notes = [WORDS("note.pairs", language, joint="\n", asked=asked)]
    if without:
        notes.append(WORDS("note.without", language, joint="\n", pairs=listed(without, ("; ", "；"))))
    frame = pd.DataFrame(rows)
    return replace(
        build_table(frame, columns, language, WORDS.pair("caption.pairs"), notes), rules_before=frozenset({1})
    )


def index_tables(
    basis: Basis, index: PairIndex | None, names: Mapping[str, str], seed: int, language: str = "en"
) -> list[TableSpec]:
    """The index with its ranks over draws of weights, and the order of each two pairs; none without an index.

    Parameters
    ----------
    basis : Basis
    index : PairIndex or None
    names : name of each pair by ``mountain-sea``.
    seed : int
    language : str
    """
    if index is None:
        return []
    missing = [WORDS.pair(f"group.{group}") for group in GROUPS if group not in set(basis.groups)]
    note = WORDS(
        "index.note",
        language,
        joint="\n",
        draws=format_number(index.draws),
        seed=str(seed),
        missing=listed(missing, WORDS.pair("list.comma")) if missing else WORDS.pair("index.nothing"),
    )
    columns = (
        Column("pair", ("pair", "结对"), source=lambda rows, _: [names[pair] for pair in rows.index]),
        Column("score", ("index", "指数"), 2),
        Column("process", WORDS.pair("stage.process"), 2),
        Column("outcome", WORDS.pair("stage.outcome"), 2),
        Column("weights", ("over all weights", "任意权重下的范围"), source=_range("low", "high", 2)),
        Column("rank", ("rank", "位次")),
        Column("ranks", ("middle 90% of ranks", "位次的5%～95%分位区间"), source=_range("rank_low", "rank_high", 0)),
        Column("extremes", ("best to worst", "最好至最差"), source=_range("best", "worst", 0)),
    )
    orders = (
        Column("first", ("pair", "结对"), source=lambda rows, _: [names[pair] for pair in rows["first"]]),
        Column("second", ("against", "对照结对"), source=lambda rows, _: [names[pair] for pair in rows["second"]]),
        Column("ahead", ("ahead in", "领先比例"), source=_percent("ahead")),
        Column("behind", ("behind in", "落后比例"), source=_percent("behind")),
    )
    return [
        build_table(index.table, columns, language, WORDS.pair("caption.index"), [note]),
        build_table(index.reversals, orders, language, WORDS.pair("caption.reversals")),
    ]


def _range(low: str, high: str, digits: int) -> Source:
    return lambda rows, language: [
        label(language, *WORDS.pair("share.between", low=format_number(a, digits), high=format_number(b, digits)))
        for a, b in rows[[low, high]].to_numpy()
    ]


def _percent(column: str) -> Source:
    return lambda rows, _: [format_percent(100 * value) for value in rows[column]]
