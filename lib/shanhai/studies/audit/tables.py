"""Tables of the audit: what the tables hold, what was corrected, what stays in doubt."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from shanhai.core.fields import fields_of
from shanhai.core.places import NATION, Place, Places
from shanhai.data.load import load_places
from shanhai.data.years import NEWEST
from shanhai.methods.records import Result
from shanhai.render.errors import error_words
from shanhai.render.numbers import MISSING
from shanhai.render.style import label
from shanhai.render.tables import Column, Source, TableSpec, build_table, interval, labelled
from shanhai.render.words import Pair, listed
from shanhai.studies.audit.words import WORDS

_TABLES = WORDS.labels("table")

_TABLE = Column("table", ("table", "数据表"), source=labelled("table", _TABLES))
_CELLS = Column("cells", ("cells", "单元格数"), 0)


def _rule(rows: pd.DataFrame, language: str) -> list[str]:
    return [label(language, *WORDS.pair(f"rule.{rule}")) for rule in rows["rule"]]


def _in_two_languages(column: str) -> Source:
    """Names that a table gives in English and then in Chinese, as in ``Hebei 河北``."""

    def texts(rows: pd.DataFrame, language: str) -> list[str]:
        pairs = [name.rpartition(" ") for name in rows[column]]
        return [label(language, english, chinese) for english, _, chinese in pairs]

    return texts


def _named(english: str, chinese: str) -> Source:
    """Names of units: English with the Chinese behind it, as in ``Jingning (景宁畲族自治县)``, where there is one."""

    def texts(rows: pd.DataFrame, language: str) -> list[str]:
        pairs = rows[[english, chinese]].to_numpy()
        return [zh if not en else f"{en} ({zh})" if language == "en" else label(language, en, zh) for en, zh in pairs]

    return texts


def _decided(rows: pd.DataFrame, language: str) -> list[str]:
    """Names of the counties of a pair whose status as border counties depends on it."""
    first, second = (_named(f"english_{side}", f"county_{side}")(rows, language) for side in "ab")
    pairs = zip(rows["code_a"], first, rows["code_b"], second, strict=True)
    names = [{code_a: name_a, code_b: name_b} for code_a, name_a, code_b, name_b in pairs]
    joint = "、" if language == "zh" else ", "
    found = zip(names, rows["decides"].str.split(";"), strict=True)
    return [joint.join(named[code] for code in codes if code) for named, codes in found]


def _file(rows: pd.DataFrame, language: str) -> list[str]:
    own = WORDS.pair("own")
    return [file.replace(own[0], label(language, *own)) for file in rows["file"]]


def _table(rows: pd.DataFrame, columns: Sequence[Column], language: str, key: str, **values: str | Pair) -> TableSpec:
    """A table with its caption and its note, whose values are filled in; a caption names a province at most."""
    notes = (label(language, *WORDS.pair(f"note.{key}", **values)),)
    named = {name: value for name, value in values.items() if name == "province"}
    return build_table(rows, columns, language, WORDS.pair(f"caption.{key}", **named), notes)


def kinds_table(kinds: pd.DataFrame, overview: pd.DataFrame, language: str = "en") -> TableSpec:
    """Corrections by kind (``summarise_kinds``), beside the tables that hold figures (``table_overview``)."""
    columns = (
        Column("kind", ("kind of correction", "更正类别"), source=labelled("kind", WORDS.labels("kind"))),
        Column("rules", ("rules", "规则数"), 0),
        Column("tables", ("number of tables", "数据表数"), 0),
        _CELLS,
        Column("share", ("% of published figures", "占公布数值（%）"), 3),
    )
    return _table(kinds, columns, language, "kinds", tables=str(int((overview["published"] > 0).sum())))


def effects_table(
    overall: pd.DataFrame, effects: pd.DataFrame, estimates: Sequence[Result], language: str = "en"
) -> TableSpec:
    """The main estimate, without all corrections, without each group of them, and without doubtful counties.

    Parameters
    ----------
    overall, effects : DataFrame
        From ``overall_effects`` and ``correction_effects``.
    estimates : sequence of EstimateRecord and Quantity
        Of both, as the files of results hold them.
    language : str
    """
    reaching = effects[effects["counties"] > 0]
    main = float(overall.loc[overall["without"].eq("main"), "estimate"].iloc[0])
    names = WORDS.labels("without")
    of_all = overall.assign(name=[label(language, *names[key]) for key in overall["without"]])
    of_rules = reaching.assign(name=_rule(reaching, language), n=reaching["n_without"], estimate=reaching["without"])
    rows = pd.concat([of_all, of_rules[["name", "counties", "n", "estimate"]]], ignore_index=True)
    columns = (
        Column("name", ("left out", "剔除内容")),
        Column("counties", ("counties", "县数"), 0),
        Column("n", ("observations", "观测数"), 0),
        Column("estimate", ("estimate", "估计值"), 3),
        Column("interval", ("95% interval", "95%置信区间"), source=interval()),
        Column("change", ("change", "变化"), 3),
    )
    error = error_words(str(overall["error"].iloc[0]))
    table = _table(
        rows.assign(change=rows["estimate"] - main), columns, language, "effects",
        year=str(NEWEST), error=error,
    )  # fmt: skip
    return replace(table, estimates=tuple(estimates), rules_before=frozenset({len(overall)}))


def figures_table(overview: pd.DataFrame, language: str = "en") -> TableSpec:
    """Tables that hold figures, and how many of these are published (``table_overview``)."""
    columns = (
        _TABLE,
        Column("file", ("file", "文件"), source=_file),
        Column("rows", ("rows", "行数"), 0),
        Column("years", ("years", "年份"), source=_years),
        Column("figures", ("figures", "数值个数"), 0),
        Column("present_pct", ("not missing, %", "非缺失（%）"), 1),
    )
    return _table(overview[overview["figures"] > 0].reset_index(drop=True), columns, language, "tables")


def _years(rows: pd.DataFrame, language: str) -> list[str]:
    """Years of a table: first and last, or the last that the registry names for one of measured ground."""
    texts = [re.search(r"\d{4}(-\d{4})?$", str(years)) for years in rows["years"]]
    return [label(language, *_joined(found[0])) if found else MISSING for found in texts]


def _joined(years: str) -> Pair:
    """Years as each language joins them."""
    return years.replace("-", "–"), years.replace("-", "—").replace(", ", "、")


def totals_table(summary: pd.DataFrame, language: str = "en") -> TableSpec:
    """Totals by census and level (``summarise_totals``)."""
    columns = (
        _TABLE,
        Column("level", ("level", "层级"), source=labelled("level", WORDS.labels("level"))),
        Column("totals", ("totals", "合计单位数"), 0),
        Column("figures", ("figures compared", "核对数值个数"), 0),
        Column("equal", ("equal", "相等"), 0),
        Column("declared", ("declared", "已说明"), 0),
        Column("undeclared", ("undeclared", "未说明"), 0),
    )
    return _table(summary, columns, language, "totals")


def declared_table(differences: pd.DataFrame, language: str = "en") -> TableSpec:
    """Differences that remain (``declared_differences``)."""
    columns = (
        _TABLE,
        Column("totals", ("total of", "合计数所属"), source=_totals_named),
        Column("column", ("quantity", "指标"), source=_field),
        Column("difference", ("difference", "差额"), 0),
    )
    return _table(differences, columns, language, "declared")


def _totals_named(rows: pd.DataFrame, language: str) -> list[str]:
    """Names of the units whose totals differ, such as China, Hainan."""
    places = load_places()
    named = [[_short(places, code) for code in codes] for codes in rows["codes"]]
    return [label(language, *listed(pairs, (", ", "、"))) for pairs in named]


def _short(places: Places, code: str) -> Pair:
    if code == NATION:
        return WORDS.pair("coverage.country")
    place = places.province(code) if code.endswith("0000") else places.prefecture(code)
    return place.short_en, place.short_zh


def _field(rows: pd.DataFrame, language: str) -> list[str]:
    """What a column of a table holds, as its dictionary says."""
    names = {
        (table, field.column): (field.english, field.chinese)
        for table in rows["table"].unique()
        for field in fields_of(table)
    }
    return [label(language, *names[key]) for key in zip(rows["table"], rows["column"], strict=True)]


def rules_table(summary: pd.DataFrame, language: str = "en") -> TableSpec:
    """Rules that correct, with the cells that each changed (``summarise_corrections``)."""
    columns = (_TABLE, Column("rule", ("correction", "更正内容"), source=_rule), _CELLS)
    return _table(summary, columns, language, "corrections")


def log_table(cells: pd.DataFrame, language: str = "en") -> TableSpec:
    """Corrected cells (``corrected_cells``)."""
    columns = (
        _TABLE,
        Column("code", ("code", "代码")),
        Column("name_zh", ("name of unit", "单位名称"), source=_named("name_en", "name_zh")),
        Column("year", ("year", "年份")),
        Column("rule", ("correction", "更正内容"), source=_rule),
        Column("column", ("quantity", "指标"), source=_field),
        Column("before", ("in print", "原值")),
        Column("after", ("corrected", "更正值")),
    )
    return _table(cells, columns, language, "log")


def moved_table(moved: pd.DataFrame, language: str = "en") -> TableSpec:
    """Displaced and repeated figures by province and rule, the years together (``moved_figures``)."""
    rows = moved.groupby(["province", "rule"], sort=False).agg(
        years=("year", _spans), moved=("moved", "sum"), missing=("missing", "sum")
    )
    columns = (
        Column("province", ("province", "省份"), source=_in_two_languages("province")),
        Column("rule", ("correction", "更正内容"), source=_rule),
        Column("years", ("years", "年份"), source=_spans_of),
        Column("moved", ("moved", "移动"), 0),
        Column("missing", ("set to missing", "记为缺失"), 0),
    )
    return _table(rows.reset_index(), columns, language, "moved")


def _spans(years: pd.Series) -> str:
    """Years with runs joined, as in ``2006-2014, 2016``."""
    runs: list[list[int]] = []
    for year in sorted(map(int, years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join("-".join(dict.fromkeys((str(run[0]), str(run[-1])))) for run in runs)


def _spans_of(rows: pd.DataFrame, language: str) -> list[str]:
    return [label(language, *_joined(spans)) for spans in rows["years"]]


def contacts_table(contacts: pd.DataFrame, language: str = "en") -> TableSpec:
    """Slight contacts of counties of two provinces (``slight_borders``)."""
    columns = (
        Column("code_a", ("code", "代码")),
        Column("county_a", ("county-level unit", "县级行政区"), source=_named("english_a", "county_a")),
        Column("code_b", ("its code", "对方代码")),
        Column("county_b", ("neighbour", "相邻县级行政区"), source=_named("english_b", "county_b")),
        Column("land_km", ("on land, km", "陆上（千米）"), 2),
        Column("water_km", ("over water, km", "隔水（千米）"), 2),
        Column("counts", ("counts as border", "计为省界")),
        Column("decides", ("decides the status of", "决定其归类"), source=_decided),
    )
    return _table(contacts, columns, language, "contacts")


def contact_effects_table(effects: pd.DataFrame, language: str = "en") -> TableSpec:
    """The main estimate with contacts that do not count (``contact_effects``)."""
    columns = (
        Column("contacts", ("contacts counted", "计入的接触"), source=labelled("contacts", WORDS.labels("contact"))),
        Column("counties", ("counties", "县数"), 0),
        Column("estimate", ("main estimate", "主要估计值"), 3),
        Column("without", ("with these contacts", "计入后"), 3),
        Column("change", ("change", "变化"), 4),
    )
    return _table(effects.assign(change=-effects["effect"]), columns, language, "contact-effects")


def crosswalk_table(relations: pd.DataFrame, language: str = "en") -> TableSpec:
    """Units of each vintage by their relation to 2020 (``count_relations``)."""
    columns = (
        Column("vintage_year", ("year", "年份"), 0),
        Column("same", ("same", "一致"), 0),
        Column("renamed", ("renamed", "更名"), 0),
        Column("recoded", ("recoded", "变更代码"), 0),
        Column("merged", ("merged", "合并"), 0),
        Column("split", ("split", "拆分"), 0),
        Column("zone", ("zone", "开发区"), 0),
        Column("outside", ("outside", "普查范围以外"), 0),
        Column("units", ("all units", "单位数"), 0),
        Column("counties of 2020", ("counties of 2020", "2020年县级行政区数"), 0),
    )
    return _table(relations.reset_index(names="vintage_year"), columns, language, "crosswalk")


_RELATIONS = {
    "renamed": ("renamed", "更名"),
    "recoded": ("recoded", "变更代码"),
    "merged": ("merged", "合并"),
    "split": ("split", "拆分"),
    "zone": ("zone", "开发区"),
    "outside": ("outside", "普查范围以外"),
}


def changed_table(changed: pd.DataFrame, place: Place, language: str = "en") -> TableSpec:
    """Units of a province that are not the same in 2020 (``changed_units``)."""
    columns = (
        Column("code", ("code", "代码")),
        Column("name_zh", ("name of unit", "单位名称"), source=_named("name_en", "name_zh")),
        Column("code_2020", ("code in 2020", "2020年代码")),
        Column("name_2020", ("county in 2020", "2020年县级行政区"), source=_named("english_2020", "name_2020")),
        Column("relation", ("relation", "关系"), source=labelled("relation", _RELATIONS)),
    )
    return _table(changed, columns, language, "changed", province=(place.short_en, place.short_zh))


def flags_table(flags: pd.DataFrame, place: Place, language: str = "en") -> TableSpec:
    """Flagged values by table and flag, and how many lie in a province (``summarise_flags``)."""
    columns = (
        _TABLE,
        Column("flag", ("doubt", "存疑原因"), source=_flag),
        Column("values", ("values", "数值个数"), 0),
        Column("units", ("units concerned", "涉及单位数"), 0),
        Column("inside", (f"in {place.short_en}", f"{place.short_zh}"), 0),
    )
    return _table(flags, columns, language, "flags", province=(place.short_en, place.short_zh))


def _flag(rows: pd.DataFrame, language: str) -> list[str]:
    """Why values are doubtful; a year in the name of a flag is filled in."""
    texts = []
    for flag in rows["flag"]:
        year = None if f"flag.{flag}" in WORDS.entries else re.search(r"_(\d{4})(?=_)", flag)
        key = flag.replace(year[0], "") if year else flag
        texts.append(label(language, *WORDS.pair(f"flag.{key}", **({"year": year[1]} if year else {}))))
    return texts
