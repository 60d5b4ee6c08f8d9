"""Tables on the targets of 2025, every number computed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from shanhai.render.numbers import MISSING, format_number
from shanhai.render.style import label
from shanhai.render.tables import Column, TableSpec, build_table, labelled
from shanhai.studies.targets.analysis import Followed
from shanhai.studies.targets.design import GROUP
from shanhai.studies.targets.words import WORDS


def unit_names(counties: pd.DataFrame, units: Sequence[str], language: str) -> dict[str, str]:
    """Names of units for tables and figures: ``26`` together first, then counties by code."""
    names = counties.set_index("code")[["name_en", "name_zh"]]
    # 景宁 for 景宁畲族自治县, so that it fits a small panel
    short = names["name_zh"].str.replace(r"^(..).*自治县$", r"\1县", regex=True)
    own = {unit: label(language, names["name_en"][unit], short[unit]) for unit in units if unit != GROUP}
    return {GROUP: WORDS("group.together", language)} | own


def joint_grounds(followed: Followed, counties: pd.DataFrame) -> tuple[str, str]:
    """English and Chinese names of grounds that are more than one county, such as Cangnan + Longgang."""
    joint = [list(ground.codes) for ground in followed.grounds if len(ground.codes) > 1]
    english, chinese = (
        [" + ".join(counties.set_index("code")[f"name_{side}"].reindex(codes)) for codes in joint]
        for side in ("en", "zh")
    )
    return "; ".join(english), "；".join(chinese)


_OVERVIEW = (
    Column("claims", ("claims", "论断"), source=lambda rows, _: [text.replace(";", ", ") for text in rows["claims"]]),
    Column("target", ("target for 2025", "2025年目标"), source=lambda rows, language: _targets(rows, language, "\n")),
    Column("for", ("for whom", "适用对象"), source=labelled("applies_to", WORDS.labels("applies"))),
    Column("needs", ("what is missing", "尚缺数据"), source=lambda rows, language: _needs(rows, language)),
)


def _targets(rows: pd.DataFrame, language: str, joint: str = " ") -> list[str]:
    return [label(language, en, zh, joint=joint) for en, zh in rows[["english", "chinese"]].to_numpy()]


def _needs(rows: pd.DataFrame, language: str) -> list[str]:
    return [
        WORDS("overview.followed", language) if pd.isna(en) else label(language, en, zh)
        for en, zh in rows[["needs_english", "needs_chinese"]].to_numpy()
    ]


def overview_table(targets: pd.DataFrame, language: str = "en") -> TableSpec:
    """Every target with a number: for whom, since when, and what is missing to follow it."""
    order = targets.assign(open=targets["needs_english"].notna()).sort_values(["open", "target"], ignore_index=True)
    table = build_table(order, _OVERVIEW, language, WORDS.pair("overview.caption"))
    return replace(table, rules_before=frozenset({int((~order["open"]).sum())}))


def target_table(followed: Followed, counties: pd.DataFrame, types: pd.Series, language: str = "en") -> TableSpec:
    """Path, need and projection of one target for the 26 together and for each of them.

    Parameters
    ----------
    followed : Followed
    counties : table with code, name_en, name_zh.
    types : type of each mountain county by code (leapfrog | ecological).
    language : str
    """
    names = unit_names(counties, list(followed.table["unit"]), language)
    rows = followed.table.set_index("unit").loc[list(names)].reset_index()
    kinds = WORDS.labels("type")
    rows["county"] = list(names.values())
    rows["type"] = [label(language, *kinds[types[unit]]) if types.get(unit) in kinds else "" for unit in names]
    rows["needed"] = rows["needed"].where(rows["needed"] > 0, np.nan)
    earlier = _earlier(followed)
    for column, (basis, year) in earlier.items():
        rows[column] = [followed.earlier_level(unit, basis, year) for unit in names]
    notes = WORDS(
        "target.note",
        language,
        joint="\n",
        relative=WORDS.pair(f"{followed.spec.kind}.relative"),
        count=str(len(followed.comparable)),
        grounds=joint_grounds(followed, counties),
    )
    columns = _target_columns(followed, list(earlier), sorted(set(rows["last_year"])))
    table = build_table(rows, columns, language, WORDS.pair(f"{followed.spec.kind}.caption"), [notes])
    return replace(table, rules_before=frozenset({1}))


def _earlier(followed: Followed) -> dict[str, tuple[str, int]]:
    """Columns of earlier levels: people they are over, and year."""
    bases = {key: (key.rpartition("_")[0], int(key.rpartition("_")[2])) for key in WORDS.labels("basis")}
    there = set(followed.paths[["basis", "year"]].itertuples(index=False, name=None))
    return {key: of for key, of in bases.items() if of in there and of[1] <= followed.spec.pace_from}


def _target_columns(followed: Followed, earlier: Sequence[str], years: Sequence[int]) -> list[Column]:
    goal, (unit_en, unit_zh) = followed.spec.year, WORDS.pair(f"{followed.spec.kind}.unit")
    # Later figures of some only: each level, pace and need is from its own year.
    several = len(years) > 1
    level = WORDS.pair("target.last_level") if several else WORDS.pair("target.level", year=str(years[0]))
    last_year = Column("last_year", ("last year", "最近年份"), source=lambda rows, _: list(map(str, rows["last_year"])))
    return [
        Column("county", ("county", "县（市、区）")),
        Column("type", ("type", "类型")),
        *(Column(key, WORDS.pair(f"basis.{key}"), 1) for key in earlier),
        *([last_year] if several else []),
        Column("last", level, 1),
        Column("pace", (f"pace so far, {unit_en}", f"以往速度（{unit_zh}）"), 2),
        Column("needed", (f"needed, {unit_en}", f"所需（{unit_zh}）"), 2),
        Column("projected", (f"{goal} at this pace", f"{goal}（按此速度）"), 1),
        Column("range", ("range", "区间"), source=_ranges),
        Column("state", ("state", "状态"), source=labelled("state", WORDS.labels("state"))),
    ]


def _ranges(rows: pd.DataFrame, language: str) -> list[str]:
    return [
        MISSING
        if np.isnan(low)
        else {"en": " to "}.get(language, "～").join((format_number(low, 1), format_number(high, 1)))
        for low, high in rows[["projected_low", "projected_high"]].to_numpy()
    ]


_PROGRESS = (
    Column("target", ("target", "目标"), source=_targets),
    Column("county", ("county", "县（市、区）")),
    Column("span", ("years", "年份")),
    Column("value", ("figure", "数值")),
    Column("goal", ("goal", "目标值")),
    Column("reached", ("reached", "是否达到"), source=labelled("reached", WORDS.labels("reached"))),
)


def progress_tables(
    progress: pd.DataFrame, targets: pd.DataFrame, names: Mapping[str, str], language: str
) -> list[TableSpec]:
    """Further targets that later figures allow to be followed, one row a target and county; no table without any.

    Parameters
    ----------
    progress : of :func:`shanhai.studies.targets.analysis.later_progress`.
    targets : table ``targets``.
    names : name by code, of :func:`unit_names`.
    language : str
    """
    if progress.empty:
        return []
    rows = progress.merge(targets[["target", "english", "chinese"]], on="target", how="left")
    rows = rows.assign(
        county=[names.get(code, code) for code in rows["code"]],
        span=[f"{first}-{last}" for first, last in rows[["first_year", "last_year"]].to_numpy()],
        reached=rows["reached"].astype(str),
        value=rows["value"].astype(float),
        goal=rows["goal"].astype(float),
    )
    return [build_table(rows, _PROGRESS, language, WORDS.pair("later.caption"))]
