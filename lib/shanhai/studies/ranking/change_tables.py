"""Tables of how the 26 changed between two dates."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shanhai.render.numbers import format_number, format_range
from shanhai.render.style import check_language, label
from shanhai.render.tables import TableSpec
from shanhai.studies.ranking.change import Change
from shanhai.studies.ranking.declared import TYPES, Names, county_name, three_line
from shanhai.studies.ranking.indicators import GROUPS
from shanhai.studies.ranking.tables import rank_intervals


def change_table(changes: Sequence[tuple[Change, Change]], language: str = "en") -> TableSpec:
    """Change since 2010/11: of levels and of gaps to the province, with ranges over rankings, and ranks at both dates.

    Parameters
    ----------
    changes : sequence of (levels, gaps to the province), one pair a type
    language : str
    """
    check_language(language)
    parts, rules, total = [], set(), 0
    for levels, gaps in changes:
        rows = levels.table.sort_values(["rank_late", "rank_early"], kind="stable")
        against = gaps.table.reindex(rows.index)
        early, late = (
            rank_intervals(rows[f"rank_{wave}_low"], rows[f"rank_{wave}_high"]) for wave in ("early", "late")
        )
        parts.append(
            pd.DataFrame(
                {
                    "type": label(language, *TYPES[levels.kind]),
                    "county": [county_name(str(code), language) for code in rows.index],
                    "change": rows["change"].to_numpy(),
                    "range": _ranges(rows),
                    "against": against["change"].to_numpy(),
                    "against_range": _ranges(against),
                    "early": _joined(rows["rank_early"], early),
                    "late": _joined(rows["rank_late"], late),
                }
            )
        )
        total += len(rows)
        rules.add(total)
    share = format_number(100 * changes[0][0].spec.level)
    middle = (f"middle {share}% of rankings", f"排序中间{share}%")
    heads: Names = {
        "type": ("type", "类型"),
        "county": ("county", "县（市、区）"),
        "change": ("change of levels", "水平变化"),
        "range": middle,
        "against": ("change of gaps to the province", "与全省差距的变化"),
        "against_range": middle,
        "early": ("rank 2010/11", "2010/11年位次"),
        "late": ("rank 2020/21", "2020/21年位次"),
    }
    notes = (
        label(
            language,
            "Change in standard deviations of the scores of all counties at both dates, which share one scale; of the "
            "reference, which is one ranking of many and may lie at an end of the range. Ranks are of levels, "
            "within the type, with their ranges.",
            "变化以两期全部县得分的标准差计，两期共用同一尺度；为参照方案的变化，可能位于范围一端。"
            "位次按水平计，为类型内位次，附范围。",
        ),
    )
    frame = pd.concat(parts, ignore_index=True)
    caption = ("Change from 2010/11 to 2020/21", "2010/11年至2020/21年的变化")
    return three_line(frame, caption, notes, 2, heads, language, rules - {total})


def points_table(changes: Sequence[Change], language: str = "en") -> TableSpec:
    """Points of the reference score that each group brought between the two dates; they add up to the change."""
    check_language(language)
    groups = list(dict.fromkeys(group for one in changes for group in one.points.columns))
    parts, rules, total = [], set(), 0
    for one in changes:
        rows = one.points.assign(all=one.points.sum(axis=1)).sort_values("all", ascending=False, kind="stable")
        part = rows.reindex(columns=[*groups, "all"]).reset_index(drop=True)
        part.insert(0, "type", label(language, *TYPES[one.kind]))
        part.insert(1, "county", [county_name(str(code), language) for code in rows.index])
        parts.append(part)
        total += len(rows)
        rules.add(total)
    heads: Names = {
        "type": ("type", "类型"),
        "county": ("county", "县（市、区）"),
        **{group: GROUPS[group] for group in groups},
        "all": ("change", "变化"),
    }
    frame = pd.concat(parts, ignore_index=True)
    caption = ("Where the change against the province comes from, points", "与全省差距变化的来源（分）")
    return three_line(frame, caption, (), 1, heads, language, rules - {total})


def _ranges(rows: pd.DataFrame) -> list[str]:
    return [format_range(low, high, 2) for low, high in np.asarray(rows[["low", "high"]])]


def _joined(ranks: pd.Series, intervals: list[str]) -> list[str]:
    return [f"{format_number(rank)} ({interval})" for rank, interval in zip(ranks, intervals, strict=True)]
