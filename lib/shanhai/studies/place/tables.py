"""Tables of the pages of places, and the estimates behind them."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd

from shanhai.claims.findings import Finding, findings_frame
from shanhai.claims.statements import OpenStatement, register_frame
from shanhai.claims.verdicts import VERDICT_NAMES
from shanhai.core.fields import label_of
from shanhai.core.places import ZHEJIANG
from shanhai.data.load import load_places
from shanhai.methods.decomposition.gap import GapAccount, GapPart, parts_that_differ
from shanhai.methods.records import EstimateRecord
from shanhai.render.errors import error_words
from shanhai.render.gaps import parts_table
from shanhai.render.numbers import MISSING, format_number
from shanhai.render.style import label
from shanhai.render.tables import Column, TableSpec, build_table, labelled
from shanhai.render.words import Pair
from shanhai.studies.place.analysis import County, PlaceGap, Prefecture
from shanhai.studies.place.design import SMALL_GAP, standing_indicators
from shanhai.studies.place.measures import Measure
from shanhai.studies.place.standing import Standing
from shanhai.studies.place.words import WORDS, full, indicator_words, name_of, peers_of, reference_of, short

_MULTIPLES = {"10k": "\u00d7 10,000", "100m": "\u00d7 100 million"}
"""Multiples in which Chinese units count, as a reader of English reads them."""

_MULTIPLE = re.compile(r"(?<=\d )(10k|100m)(?= )")

_HAN = re.compile(r"[㐀-鿿]+")

_INDICATOR = (Column("indicator", ("indicator", "指标")), Column("unit", ("unit", "单位")))

_CLAIM_COLUMNS = (
    Column("id", ("claim", "编号")),
    Column("indicator", ("indicator", "指标"), source=lambda rows, language: _either(rows, language, "indicator")),
    Column("claimed", ("claimed", "文献表述"), source=lambda rows, language: _in_words(rows, language, "claimed")),
    Column("computed", ("computed", "测算值"), source=lambda rows, language: _in_words(rows, language, "computed")),
    Column("verdict", ("verdict", "判定"), source=labelled("verdict", {**VERDICT_NAMES, "": ("", "")})),
    Column("bases", ("bases that agree", "一致口径"), source=lambda rows, _: _agreement(rows)),
)

_STATEMENT_COLUMNS = (
    Column("id", ("statement", "编号")),
    Column("line", ("line", "行号"), source=lambda rows, _: list(map(str, rows["line"]))),
    Column("topic", ("topic", "主题"), source=labelled("topic", WORDS.labels("topic"))),
    Column("place", ("place", "地点"), source=lambda rows, language: _either(rows, language, "place")),
    Column("gist", ("what is said", "陈述"), source=lambda rows, language: _either(rows, language, "gist")),
    Column(
        "needs",
        ("what would decide it", "判定所需资料"),
        source=lambda rows, language: _either(rows, language, "needs"),
    ),
    Column("status", ("status", "状态"), source=labelled("status", WORDS.labels("status"))),
)


def _agreement(rows: pd.DataFrame) -> list[str]:
    """How many of the bases of each claim give the answer of the primary one, such as 2/5; empty for one basis."""
    pairs = zip(rows["agreeing"], rows["bases"], strict=True)
    return [f"{agreeing}/{bases}" if bases > 1 else "" for agreeing, bases in pairs]


def counties_table(subject: Prefecture, counties: pd.DataFrame, language: str = "en") -> TableSpec:
    """Counties of a prefecture, the richest first; missing figures are shown as such.

    Parameters
    ----------
    subject : Prefecture
    counties : DataFrame
        From :meth:`Prefecture.county_table`.
    language : str
    """
    column, year, census = subject.vintage.column, subject.vintage.gdp, subject.vintage.census
    columns = (
        Column("code", ("code", "代码")),
        Column("name", ("county-level unit", "县级行政区"), source=_county_names),
        *((_type_column(),) if counties["type"].ne("").any() else ()),
        Column("on_border", ("on border", "省际边界县")),
        Column("relief_m", label_of("relief_m"), 0),
        Column(column("gdp_per_capita"), (f"GDP per head {year}, yuan", f"{year}年人均GDP（元）"), 0),
        Column(column("population"), (f"residents {census}", f"{census}年常住人口"), 0),
        Column(column("urban_share"), (f"urban {census}, %", f"{census}年常住人口城镇化率（%）"), 1),
        Column(column("share_60_plus"), (f"aged 60+ {census}, %", f"{census}年60岁及以上人口比重（%）"), 1),
    )
    caption = WORDS.pair("table.caption.counties", place=name_of(subject))
    note = WORDS("table.note.counties", language, year=str(year), census=str(census))
    return build_table(counties, columns, language, caption, (note,))


def measures_table(subject: Prefecture, measures: Sequence[Measure], language: str = "en") -> TableSpec:
    """GDP per head of a prefecture by each measure: which GDP, over which people, from which source.

    Parameters
    ----------
    subject : Prefecture
    measures : sequence of Measure
        From :func:`shanhai.studies.place.measures.measures_of`.
    language : str
    """
    names = WORDS.labels("measure.people", census=str(subject.vintage.census))
    sources = WORDS.labels("measure.source", census=str(subject.vintage.census))
    rows = pd.DataFrame(
        {
            "people": [label(language, *_with_year(names[each.key], each)) for each in measures],
            "gdp": [each.gdp / 1e8 for each in measures],
            "count": [each.people / 1e4 for each in measures],
            "per_head": [each.per_head for each in measures],
            "source": [label(language, *sources[each.key]) for each in measures],
        }
    )
    columns = (
        Column("people", ("over whom", "人口口径")),
        Column("gdp", ("GDP, 100 million yuan", "GDP（亿元）"), 1),
        Column("count", ("people, 10,000", "人口（万人）"), 1),
        Column("per_head", ("GDP per head, yuan", "人均GDP（元）"), 0),
        Column("source", ("source", "出处")),
    )
    caption = WORDS.pair("table.caption.measures", place=name_of(subject), year=str(subject.vintage.gdp))
    return build_table(rows, columns, language, caption, (WORDS("table.note.measures", language),))


def _with_year(name: Pair, measure: Measure) -> Pair:
    """The people of a measure with their year, where it is not that of the census, which the name has."""
    if measure.key != "registered" or measure.year is None:
        return name
    return f"{name[0]}, {measure.year}", f"{measure.year}年{name[1]}"


def _county_names(rows: pd.DataFrame, language: str) -> list[str]:
    return [label(language, *pair) for pair in rows[["name_en", "name_zh"]].to_numpy()]


def _type_column() -> Column:
    """Class of the 26; empty for other counties."""
    types = WORDS.labels("type")
    return Column(
        "type",
        ("type of the 26", "26县类型"),
        source=lambda rows, language: [label(language, *types[str(kind) or "none"]) for kind in rows["type"]],
    )


def standing_table(subject: County, standings: Sequence[Standing], language: str = "en") -> TableSpec:
    """Each indicator of a county: value, median of its class, province, rank and distance from the median."""
    heads = {"value": full(subject.place), "median": WORDS.pair("chart.median"), "province": short(subject.province)}
    frame = _values(standings, tuple(heads), language).rename(columns={"value": "county"})
    frame["rank"] = [_rank(each, language) for each in standings]
    frame["distance"] = [format_number(each.distance, 1, signed=True) for each in standings]
    columns = (
        *_INDICATOR,
        *(Column(key.replace("value", "county"), head) for key, head in heads.items()),
        Column("rank", ("rank in class", "类内位次")),
        Column("distance", ("from median, interquartile ranges", "距中位数（以类内四分位距计）")),
    )
    caption = WORDS.pair("table.caption.standing", place=full(subject.place))
    return build_table(frame, columns, language, caption, _standing_notes(subject, language))


def gap_table(subject: Prefecture | County, gap: PlaceGap, language: str = "en") -> TableSpec:
    """Parts of the gap of a place in log points with intervals and as shares of a gap that is not small."""
    account = gap.account
    rows = [(WORDS(f"part.{part.name}", language), part) for part in parts_that_differ(account.parts)]
    names: dict[str, str | Pair] = {
        "place": name_of(subject),
        "reference": reference_of(subject),
        "year": str(subject.vintage.gdp),
    }
    note = WORDS("table.note.gap", language, error=error_words(account.spec.covariance.label))
    return parts_table(
        rows,
        account.gap,
        language,
        in_percent=abs(account.gap) >= SMALL_GAP,
        caption=WORDS.pair("table.caption.gap", **names),
        notes=(note,),
        estimates=gap_estimates(subject, account, account.parts),
    )


def gap_estimates(
    subject: Prefecture | County, account: GapAccount, parts: Sequence[GapPart]
) -> tuple[EstimateRecord, ...]:
    """Parts of the gap of a place under the regression of an account; parts without any difference are left out.

    Parameters
    ----------
    subject : Prefecture or County
    account : GapAccount
    parts : sequence of GapPart
        Of the account, or sums of its parts.
    """
    return tuple(
        EstimateRecord(
            account.spec.sample.name, account.spec.outcome.name,
            f"gap {subject.place.code} against {subject.reference}, {account.spec.model}", part.name,
            part.contribution, account.n, account.spec.covariance.label, "part of a gap",
            part.se, part.low, part.high, df=account.df,
            clusters=account.clusters, design_id=account.spec.spec_id,
        )
        for part in parts
        if part.se > 0
    )  # fmt: skip


def claims_table(findings: Sequence[Finding], place: Pair, language: str = "en") -> TableSpec:
    """Claims with what was computed, the verdict and how many bases agree; the rest stays in ``findings.json``.

    Parts of a compound claim stand below a row that holds the claim itself, without a verdict.
    """
    frame = findings_frame(findings)
    rows: list[dict[str, Any]] = []
    for row in frame.to_dict("records"):
        if row["part_of"] and row["part_of"] not in {shown["id"] for shown in rows}:
            heading = {"id": row["part_of"], "claimed": row["whole"], "claimed_zh": row["whole_zh"], "bases": 0}
            rows.append({**dict.fromkeys(frame.columns, ""), **heading})
        rows.append({str(name): value for name, value in row.items()})
    caption = WORDS.pair("table.caption.claims", place=place)
    note = WORDS("table.note.claims", language)
    return build_table(pd.DataFrame(rows, columns=frame.columns), _CLAIM_COLUMNS, language, caption, (note,))


def statements_table(statements: Sequence[OpenStatement], place: Pair, language: str = "en") -> TableSpec:
    """Statements of the register, each with the source that would decide it."""
    note = WORDS("table.statements_note", language)
    caption = WORDS.pair("table.caption.statements", place=place)
    return build_table(register_frame(statements), _STATEMENT_COLUMNS, language, caption, (note,))


def _either(rows: pd.DataFrame, language: str, column: str) -> list[str]:
    """Texts that a table holds in both languages."""
    return [label(language, *pair) for pair in rows[[column, f"{column}_zh"]].to_numpy()]


def _in_words(rows: pd.DataFrame, language: str, column: str) -> list[str]:
    """Claimed and computed values; in English units are spelt out, as in 930 × 10,000 yuan, and places named."""
    plain = [re.sub(r"(?<=\d)( (?=%)| date$)", "", _whole(text)) for text in rows[column]]
    english = [_MULTIPLE.sub(lambda found: _MULTIPLES[found[1]], text) for text in plain]
    named = [_HAN.sub(lambda found: _english_names().get(found[0], found[0]), text) for text in english]
    return [label(language, *pair) for pair in zip(named, map(_whole, rows[f"{column}_zh"]), strict=True)]


def _whole(text: str) -> str:
    """A text with whole numbers printed without decimals."""
    return re.sub(r"(?<=\d)\.00(?!\d)", "", text)


@cache
def _english_names() -> dict[str, str]:
    """English name by Chinese name; of places that share one, that in Zhejiang, of which the documents speak."""
    places = sorted(load_places().all, key=lambda place: place.province_code == ZHEJIANG)
    return {place.name_zh: place.name_en for place in places}


def _values(lines: Sequence[Standing], names: tuple[str, ...], language: str) -> pd.DataFrame:
    """Printed values of indicators, each with its own decimals."""
    rows = [
        [
            *(label(language, *pair) for pair in indicator_words(line.indicator)),
            *(format_number(getattr(line, name), line.indicator.digits) for name in names),
        ]
        for line in lines
    ]
    return pd.DataFrame(rows, columns=["indicator", "unit", *names])


def _rank(standing: Standing, language: str) -> str:
    if not standing.rank:
        return MISSING
    rank = WORDS("table.rank", language, rank=str(standing.rank), count=str(standing.count))
    return rank + (WORDS("table.doubtful", language) if standing.is_doubtful else "")


def _standing_notes(subject: County, language: str) -> tuple[str, ...]:
    spans = {indicator.column: indicator.span or (0, 0) for indicator in standing_indicators(subject.vintage)}
    (gdp_first, gdp_last), (lights_first, lights_last) = spans["gdp_growth"], spans["light_growth"]
    years = {"gdp_first": gdp_first, "gdp_last": gdp_last, "lights_first": lights_first, "lights_last": lights_last}
    texts = {name: str(year) for name, year in years.items()}
    keys = ("class", "rank", "unit", "growth")
    return tuple(WORDS(f"table.standing.{key}", language, peers=peers_of(subject), **texts) for key in keys)
